"""Page of a phrase: its form, its chart and lists, hostile phrases, and the file that explains it."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from outlets_support import add_statements
from samples import NOON, Piece

from scraper.store.phrases import Phrases
from scraper.web import phrase, statement

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.store import Store
    from scraper.web.page import Response


def body_of(response: Response, status: int = 200) -> str:
    assert response.status == status
    assert isinstance(response.body, str)
    assert "<script" not in response.body
    assert "style=" not in response.body
    return response.body


def test_page_has_the_words_in_context_and_what_dropped_them(page: Callable[..., Response]) -> None:
    body = body_of(page("phrase/", q="80 million"))
    assert "<h1>“80 million”</h1>" in body
    assert "provide $<mark>80 million</mark> over three years" in body
    assert 'dropped in <a href="../statements/4/revisions/2/">revision 2</a>' in body
    assert "12 May 2026, 18:00 UTC" in body
    assert "1 without it now" in body
    assert ">withdrawn<" in body
    assert 'value="80 million"' in body


def test_context_is_that_of_the_wording_that_stands(page: Callable[..., Response], edited: Callable[..., Path]) -> None:
    db = edited("UPDATE statements SET revision = 1 WHERE id = 4")
    assert "$80 <mark>million over three years</mark>" in body_of(page("phrase/", db=db, q="million over three years"))


def test_chart_has_a_bar_for_each_month_and_its_numbers(store: Store, db: Path, page: Callable[..., Response]) -> None:
    times = [datetime(2025, 3, 9, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC)]
    add_statements(store, *(Piece(number, published_at=at) for number, at in enumerate(times, 1)))
    body = body_of(page("phrase/", db=db, q="lamps for harbour"))
    assert 'd="M2.1 40v-20h.8V40zM12.1 40v-40h.8V40z"' in body
    assert 'viewBox="0 0 24 40"' in body
    assert re.search(r'<th scope="row">2026</th><td class="number">2</td><td class="number"></td>', body)
    assert "January 2025" in body
    said = re.sub("<[^>]*>", " ", body)
    assert re.search(r"first +9 March 2025.*\s+last +6 January 2026", said)
    assert 'role="img" aria-label="Statements per month, 2025 to 2026' in body


def test_chart_of_centuries_is_bounded(store: Store, db: Path, page: Callable[..., Response]) -> None:
    years = (1, 1900, 2026)
    add_statements(store, *(Piece(year, published_at=datetime(year, 1, 1, tzinfo=UTC)) for year in years))
    body = body_of(page("phrase/", db=db, q="harbour"))
    assert "2 statements before 2026" in body
    assert len(body.encode()) < 10_000


def test_long_lists_have_pages_and_are_small(store: Store, db: Path, page: Callable[..., Response]) -> None:
    pieces = [
        Piece(n, title="T" * 300, byline=f"Speaker {n}", body=(f"{'Word ' * 80} lamp {n}. {'word ' * 80}",))
        for n in range(1, 121)
    ]
    add_statements(store, *pieces)
    first = body_of(page("phrase/", db=db, q="lamp"))
    assert first.count('class="item') == 50
    assert len(first.encode()) < 50_000
    assert "108 statements of 108 others" in first
    assert 'rel="next" href="?q=lamp&amp;page=2"' in first
    last = body_of(page("phrase/", db=db, q="lamp", page="3"))
    assert last.count('class="item') == 20
    assert "By speaker" not in last
    for wrong in ("0", "4", "9" * 5000):
        response = page("phrase/", db=db, q="lamp", page=wrong)
        assert response.status == (200 if len(wrong) > 9 else 404)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("", "Enter a phrase"),
        ("…?!“”", "A phrase needs a letter or a digit"),
        ("\x00\u202e ", "Enter a phrase"),
        ("lamp " * 2000, "A phrase has at most 300 characters; this one has 9,999."),
        ('"><script>alert(1)</script>', "No wording of any statement"),
        ('" OR title:x NEAR(a b) *', "No wording of any statement"),
        ("湄公河", "No wording of any statement has “湄公河”. Only whole words are found"),
        ("two words", "No wording of any statement has “two words” in a row. Only whole words are found"),
        ("رسالة\u202e", "No wording of any statement"),
        ("\udcff zebra", "No wording of any statement"),
    ],
)
def test_hostile_phrases_have_an_answer(page: Callable[..., Response], wanted: str, words: str) -> None:
    body = body_of(page("phrase/", q=wanted))
    assert words in body
    assert "\u202e" not in body
    body.encode()


def test_hostile_statements_are_escaped(store: Store, db: Path, page: Callable[..., Response]) -> None:
    hostile = "<script>alert('x')</script>\u202e lamp </mark><b onmouseover=x>" + "x" * 10_000
    add_statements(store, Piece(1, title=hostile, body=(hostile,), byline=hostile))
    body = body_of(page("phrase/", db=db, q="lamp"))
    assert "<mark>lamp</mark>" in body
    assert "<b " not in body
    assert "\u202e" not in body
    assert len(body) < 10_000


def test_reposts_are_named_with_their_original(store: Store, db: Path, page: Callable[..., Response]) -> None:
    first = Piece(1, published_at=NOON)
    again = Piece(2, title=first.title, body=first.body, slug="again")
    add_statements(store, first, again)
    body = body_of(page("phrase/", db=db, q="the keepers of harbour"))
    assert "<span>1 statement</span>" in body
    assert re.search(r'published again as <a href="../statements/[12]/">', body)


def test_file_explains_the_command(page: Callable[..., Response], store: Store) -> None:
    body = body_of(page("phrase/", is_live=False, q="80 million"))
    assert "statewire phrase" in body
    assert "<form" not in body
    assert "<mark>" not in body
    assert [path for path, version in phrase.addresses(store) if version] == ["phrase/"]


def test_many_phrases_at_once_do_not_delay_other_pages(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, waited = threading.Event(), []
    find_phrase, find_statement = Phrases.find, statement.find

    def slow(phrases: Phrases, wanted: str) -> Any:
        waited.append(shown.wait(5))
        return find_phrase(phrases, wanted)

    def show(*arguments: Any) -> Any:
        shown.set()
        return find_statement(*arguments)

    monkeypatch.setattr(Phrases, "find", slow)
    monkeypatch.setattr(statement, "find", show)
    requests = [*(("GET", f"phrase/?q=rivers+{number}", {}) for number in range(6)), ("GET", "statements/4/", {})]
    responses = serve().send_all(*requests)
    assert [response.status_code for response in responses] == [200] * 7
    assert waited == [True] * 6
