"""Search: every wording is found, the marks are where the words are, and no query breaks it."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from lists import tags, titles
from samples import NOON

from scraper.store import Audience, Store
from scraper.web import routes

if TYPE_CHECKING:
    from collections.abc import Callable

    from lists import Database

    from scraper.web.page import Response


@pytest.fixture
def library(lists: Database) -> Database:
    lists.add("Gift of Lamps", text="Eighty million ** lamps were promised to Valdovia in the spring.")
    changed = "Fifty-eight million ** lamps were promised to Valdovia in the spring."
    lists.add("Gift of Lamps", text=changed, seen_at=NOON + timedelta(hours=1))
    lists.add("Visit to <b>Merrow</b>", number=2, text="The naïve ambassador <script>alert(1)</script> re-entered.")
    lists.add("رسالة", number=3, text="湄公河的声明 and نص الرسالة")
    return lists


def test_phrase_that_state_removed_is_found_and_its_revision_named(page: Callable[..., Response]) -> None:
    body = page("search/", q='"terms of every contract"').body
    assert titles(body) == ["Lower Valley Rivers Initiative"]
    assert tags(body) == ["only in revision 1"]
    assert 'href="../statements/4/revisions/1/"' in body
    assert "<mark>terms of every contract</mark>" in body


def test_current_wording_is_preferred_and_each_statement_found_once(
    library: Database, page: Callable[..., Response]
) -> None:
    body = page("search/", db=library.path, q="promised lamps").body
    assert titles(body) == ["Gift of Lamps"]
    assert tags(body) == []
    assert "Fifty-eight" in body
    assert tags(page("search/", db=library.path, q="eighty").body) == ["only in revision 1"]


def test_marks_are_of_the_search_and_not_of_the_text(library: Database, page: Callable[..., Response]) -> None:
    body = page("search/", db=library.path, q="promised").body
    assert "million ** lamps were <mark>promised</mark> to" in body
    body = page("search/", db=library.path, q="naive").body
    assert "The <mark>naïve</mark> ambassador &lt;script&gt;" in body
    assert "<mark>河的</mark>" in page("search/", db=library.path, q="河的").body


HOSTILE = (
    '"',
    '"""',
    "AND OR NOT NEAR(",
    "title:x",
    "lamps*",
    "^lamps",
    "-lamps",
    "a" * 10_000,
    "the " * 5_000,
    '"a" ' * 2_000,
    "\x00",
    "\ud800",
    "\u202e",
    "<script>alert(1)</script>",
    "'; DROP TABLE revisions; --",
    "{title text}: x",
    "%",
    "()",
    "ﬁ\u200b",
)


@pytest.mark.parametrize("query", HOSTILE)
def test_no_query_is_an_operator_or_markup(library: Database, page: Callable[..., Response], query: str) -> None:
    response = page("search/", db=library.path, q=query)
    assert response.status == 200
    response.body.encode()
    assert "<script>" not in response.body
    assert "\u202e" not in response.body
    assert len(response.body) < 20_000


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        (" ".join(f"word{number}" for number in range(17)), "A search takes 16 words or phrases; this one has 17."),
        ("lamp" * 100, "A search has at most 300 characters; this one has 400."),
    ],
)
def test_a_query_that_would_take_long_is_refused(
    library: Database, page: Callable[..., Response], query: str, problem: str
) -> None:
    body = page("search/", db=library.path, q=query).body
    assert f'<p class="empty" role="alert">{problem}</p>' in body
    assert "No wording has these words." not in body


def test_a_word_counts_once(library: Database, page: Callable[..., Response]) -> None:
    assert titles(page("search/", db=library.path, q="lamps " * 40).body) == ["Gift of Lamps"]


def test_a_search_delays_no_other_page() -> None:
    route = routes.find("search/")
    assert route is not None
    assert route.is_long


def test_query_is_shown_again(library: Database, page: Callable[..., Response]) -> None:
    body = page("search/", db=library.path, q='no such "words').body
    value = re.search(r'name="q" type="search" maxlength="300" value="([^"]*)"', body)
    assert value is not None
    assert html.unescape(value[1]) == 'no such "words'
    assert "No wording has all of “no”, “such” and “words”." in body


@pytest.mark.parametrize("query", ['"lamps gift"', "“lamps gift”"])
def test_phrase_without_a_hit_is_named_with_the_next_step(
    library: Database, page: Callable[..., Response], query: str
) -> None:
    body = page("search/", db=library.path, q=query).body
    assert "No wording has the words “lamps gift” in a row." in body
    link = re.search(r'<a href="\?q=([^"]+)">Without quotation marks</a>', body)
    assert link is not None
    assert titles(page("search/", db=library.path, q=unquote(link[1])).body) == ["Gift of Lamps"]
    assert '<a href="../trace/">A sentence</a>' in body


def test_query_without_a_word_is_refused(library: Database, page: Callable[..., Response]) -> None:
    assert "A search needs a letter or a digit." in page("search/", db=library.path, q="…?!").body


def test_search_is_bounded_and_says_so(lists: Database, page: Callable[..., Response]) -> None:
    for number in range(1, 61):
        lists.add(f"Lamps {number}", number=number)
    body = page("search/", db=lists.path, q="lamps").body
    assert len(titles(body)) == 50
    assert "The best 50 statements of many" in body
    with Store(lists.path, audience=Audience.PAGES) as store:
        hits, is_cut = store.search.find("lamps", 50, 10)
        assert (len(hits), is_cut) == (10, True)
        assert min(hit.statement_id for hit in hits) == 51
        hits, is_cut = store.search.find("lamps", 60, 60)
        assert (len(hits), is_cut) == (60, False)


def test_static_page_has_the_form_and_ignores_the_query(library: Database, page: Callable[..., Response]) -> None:
    body = page("search/", db=library.path, is_live=False, q="lamps").body
    assert 'action="../search/"' in body
    assert titles(body) == []
    assert 'action="../search/"' in page("changed/", db=library.path).body


def test_the_spelling_of_state_is_linked(page: Callable[..., Response]) -> None:
    body = page("search/", q="harbour <b>").body
    assert 'State writes <a href="?q=' not in body  # the other word is in no statement
    assert 'State writes <a href="?q=harbor">harbor</a>.' in page("search/", q="harbour").body
    assert 'State writes <a href="?q=harbor">harbor</a>.' in page("phrase/", q="harbour").body
    assert "State writes" not in page("search/", q="labour").body
    assert "State writes" not in page("phrase/", q="labour").body
