"""Tests of article pages of sites without a parser of their own: text, title, date and claims."""

from __future__ import annotations

import gc
import logging
import socket
import weakref
from datetime import UTC, datetime
from logging.handlers import BufferingHandler
from pathlib import Path

import pytest
from bounded import bounded
from parsers_support import capture
from test_parsers_fixtures import FIXTURES, NAMES
from trafilatura.utils import trim

from scraper import parsers
from scraper.errors import DriftError, HostileMarkupError
from scraper.model import Capture, Item, Precision
from scraper.parsers import generic_article, page_title
from scraper.parsers.document import Document
from scraper.parsers.elements import MAX_DEPTH
from scraper.pipeline.fixtures import load
from scraper.text import normalize

URL = "https://gazette.example/lamps"
STATEMENT = (
    "The United States congratulates the people of Valdovia on the relighting of the harbour of Port Ember, whose 58 "
    "lamps were dark for eleven winters.",
    "The two ministers agreed that $80 million will be spent on towers, cables and the training of keepers.",
    "“A coast that can be seen is a coast that can be shared,” the Secretary said on the quay.",
)
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in STATEMENT)
# All carry the same invented statement; a real capture carries another.
MIRRORS = [name for name in NAMES if name.startswith("mirror-page/synthetic-")]
ADDRESS = "https://www.state.gov/secretary-roes-meeting-with-valdovian-foreign-minister-arel/"


def capture_of(name: str) -> Capture:
    return load(FIXTURES / name)[0]


def document(html: str | bytes, url: str = URL, at: datetime = datetime(2026, 3, 12, tzinfo=UTC)) -> Document:
    return Document(capture(html, url, at))


def item(html: str) -> Item:
    return generic_article.read(document(html)).items[0]


def wording(inner: str) -> tuple[str, ...] | None:
    head = "<title>Lamps for Valdovia</title>"
    return item(f"<html><head>{head}</head><body><article><h1>Lamps for Valdovia</h1>{inner}</article>").paragraphs


@pytest.mark.parametrize("name", MIRRORS)
def test_the_wording_of_every_mirror_holds_the_statement_once_and_no_neighbour(name: str) -> None:
    [read] = parsers.read(capture_of(name)).items
    wording = "\n".join(read.paragraphs or ())
    for sentence in ("relighting of the harbour", "$80 million", "A coast that can be seen", "Ember Strait"):
        assert wording.count(sentence) == 1
    for other in ("Norland", "Hale", "Zuria", "Share", "Advertisement", "Bakery", "MORE NEWS", "©", "Menu"):
        assert other not in wording
    assert "class=" not in wording
    assert read.published_at is not None


# Sites change "today" and names; these sentences they all keep.
WHOLE = (
    "The United States congratulates the people of Valdovia on the relighting of the harbour of Port Ember, whose 58 "
    "lamps were dark for eleven winters.",
    "The two ministers agreed that $80 million will be spent on towers, cables and the training of keepers by the end "
    "of 2027.",
    "A coast that can be seen is a coast that can be shared,” the Secretary said. “We will not leave our friends in "
    "the dark.”",
    "The United States reiterates its support for the sovereignty of Valdovia",
    "calls on all neighbouring states to respect the freedom of navigation in the Ember Strait.",
)


@pytest.mark.parametrize("name", MIRRORS)
def test_nothing_of_the_statement_is_lost(name: str) -> None:
    [read] = parsers.read(capture_of(name)).items
    key = normalize.word_key(" ".join(read.paragraphs or ()))
    assert [sentence for sentence in WHOLE if normalize.word_key(sentence) not in key] == []


CLAIMS: dict[str, tuple[bool, tuple[str, ...], tuple[str, ...]]] = {
    "jisip-news": (True, (ADDRESS,), ()),
    "breaking-news": (True, (ADDRESS,), ("jisipnews.example",)),
    "like123": (False, (), ()),
    "stl-news": (True, (), ()),
    "mirage-news": (True, (ADDRESS,), ()),
    "federal-newswire": (True, (), ()),
    "ein-presswire": (False, (), ()),
    "embassy": (True, (), ()),
    "all-africa": (True, (), ("APO Group",)),
    "agenzia": (True, (ADDRESS,), ()),
    "djaya-news": (True, (), ("JISIP NEWS",)),
    "gazette-of-the-strait": (False, (), ()),
    "news-flash": (True, (), ()),
    "politiki-blog": (False, (), ()),
    "thanks-news": (False, (), ()),
    "valley-news": (True, (), ()),
    "watchdog": (True, (ADDRESS,), ()),
    "world-digest": (True, (ADDRESS,), ("jisipnews.example",)),
}


@pytest.mark.parametrize("name", MIRRORS)
def test_claims_of_every_mirror_fixture(name: str) -> None:
    page = Document(capture_of(name))
    found = generic_article.attribution_of(page, generic_article.page_text(page))
    expected = CLAIMS[Path(name).stem.removeprefix("synthetic-")[len("2026-03-09-") :]]
    assert (found.claims_department, found.claimed_urls, found.via) == expected
    whole = generic_article.page_text(page)
    for one in found.evidence:
        if one.span:
            assert " ".join(whole[slice(*one.span)].split()) == one.quote


def test_every_mirror_fixture_has_expected_claims() -> None:
    assert len(MIRRORS) == len(CLAIMS)


def test_reading_touches_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a page was read over the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for name in MIRRORS:
        generic_article.read(Document(capture_of(name)))
    with pytest.raises(DriftError):
        generic_article.read(document("https://gazette.example/elsewhere"))


def test_the_whole_page_is_text_to_be_matched() -> None:
    page = document(f"<nav><p>Menu</p></nav><article>{BODY}</article><p>Other news</p><script>no</script>")
    assert generic_article.page_text(page) == "\n\n".join(("Menu", *STATEMENT, "Other news"))


@pytest.mark.parametrize(
    "inner",
    [
        BODY,
        BODY + BODY,
        f"<p>Lamps for Valdovia</p>{BODY}",
        f"<p>There were 1,204 press releases.</p><h1>Lamps for Valdovia</h1>{BODY}",
        f"<p>Lamps for Valdovia</p>{BODY}<p>Lamps for Valdovia</p>{BODY}",
        f"<p>Share on Facebook</p>{BODY}<p>Click to share on X (Opens in new window)</p><p>Advertisement</p>",
        f"{BODY}<p>Norland’s Day Previous post Norland’s Day</p><p>Envoy Hale’s Travel Next post Rope</p>",
        f"{BODY}<p>Previous post</p><p>Norland’s Independence Day</p>",
        f"{BODY}<h3>Related Articles</h3><p>Norland’s Independence Day is a day of joy and of rope.</p>",
        f'<p>class="article-meta doctype-meta"&gt;Readout</p>{BODY}',
        f'<p>class="entry"&gt;{STATEMENT[0]}</p>' + "".join(f"<p>{line}</p>" for line in STATEMENT[1:]),
        f"<nav><a rel=prev href=/a>Norland’s Day</a></nav>{BODY}<a rel='next' href='/b'>Envoy Hale’s Travel</a>",
    ],
)
def test_page_furniture_stays_out(inner: str) -> None:
    assert wording(inner) == STATEMENT


def test_a_short_line_that_begins_like_a_link_to_a_neighbour_is_taken_for_one() -> None:
    assert wording(f"{BODY}<p>Previous post offices of the kingdom were closed for eleven winters.</p>") == STATEMENT


@pytest.mark.parametrize(
    "line",
    [
        "In her next post the ambassador will keep lamps, and she will report of them to the two ministers.",
        "MODERATOR: Next question, please, and then we will go to the lamps of the harbour of Port Ember.",
        "Share in the joy of a friend, as we say on this coast of ours, and you will have many lamps.",
    ],
)
def test_text_that_resembles_page_furniture_stays_in(line: str) -> None:
    assert line in (wording(f"{BODY}<p>{line}</p>") or ())


def test_short_repeats_and_parted_ones_are_wording() -> None:
    thanks = "<p>Thank you.</p><p>Thank you.</p>"
    assert wording(BODY + thanks) == (*STATEMENT, "Thank you.", "Thank you.")
    assert wording(f"{BODY}<p>So it was said on the quay, and the people asked to hear it again.</p>{BODY}") == (
        *STATEMENT,
        "So it was said on the quay, and the people asked to hear it again.",
        *STATEMENT,
    )


def test_a_doubled_body_with_repeats_of_its_own() -> None:
    refrain = f"<p>{STATEMENT[0]}</p>"
    once = (STATEMENT[0], STATEMENT[1], STATEMENT[0], STATEMENT[2])
    twice = "".join(f"<p>{line}</p>" for line in once * 2)
    assert wording(twice) == once
    assert wording(f"<p>It is a day of joy.</p>{refrain}{refrain}") == ("It is a day of joy.", STATEMENT[0])


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<title>Lamps | Gazette</title><h1>Gazette</h1><h1>Lamps</h1>", "Gazette"),
        (
            "<meta property='og:site_name' content='Gazette'><title>Lamps | Gazette</title>"
            "<h1>Gazette</h1><h1>Lamps</h1>",
            "Lamps",
        ),
        ("<title>Lamps for all - Gazette</title><h1>Gazette</h1><h2>Lamps for all</h2>", "Lamps for all"),
        ("<h1><a href='/'>Gazette</a></h1><h1>Lamps</h1>", "Lamps"),
        ("<h1><a href='/lamps'>Lamps</a></h1><h1>Ropes</h1>", "Lamps"),
        ("<h1>Previous post</h1><nav><h1>News</h1></nav><aside><h1>Rope</h1></aside><h1>Lamps</h1>", "Lamps"),
        (
            "<title>Lamps for all of Vald…</title><h1>Gazette</h1><h1>Lamps for all of Valdovia</h1>",
            "Lamps for all of Valdovia",
        ),
        ("<title>Lamps for all of Valdovia, it seems</title><h1>Ropes</h1>", "Ropes"),
        ("<title>Lamps for all</title>", "Lamps for all"),
        ("<meta property='og:title' content='Lamps &amp; ropes'><title>x</title><h2>News</h2>", "Lamps & ropes"),
        ("<h1>Lamps – United States Department of State</h1>", "Lamps – United States Department of State"),
        ("<h1> </h1>", ""),
    ],
)  # fmt: skip
def test_the_title_is_the_page_s_own(head: str, expected: str) -> None:
    assert page_title.find(document(f"<html><body>{head}</body></html>")) == expected


@pytest.mark.parametrize(
    ("html", "expected", "precision"),
    [
        (
            "<meta property='article:published_time' content='2026-03-08T21:14:09Z'>",
            "2026-03-08T21:14:09", "second",
        ),
        ("<time datetime='2026-03-09'>9 March</time>", "2026-03-09T00:00:00", "day"),
        ("<div class='date'>March 9, 2026</div>", "2026-03-09T00:00:00", "day"),
        (
            "<meta name='date' content='2026-03-09'><time datetime='2026-03-01T10:00Z'>x</time>",
            "2026-03-09T00:00:00", "day",
        ),
        ("<div class='date'>March 9, 2027</div>", None, None),
        ("<p>Lamps</p>", None, None),
        ("<!-- nothing -->", None, None),
    ],
)  # fmt: skip
def test_dates(html: str, expected: str | None, precision: str | None) -> None:
    dated = generic_article.publication_date(document(html), "", ())
    if expected is None:
        assert dated is None
    else:
        assert dated is not None
        assert dated.at == datetime.fromisoformat(expected).replace(tzinfo=UTC)
        assert dated.precision is Precision(str(precision))


def test_structured_data_alone() -> None:
    # htmldate passes over what stands after the day of the capture, the item says that it cannot be right.
    html = f"<meta property='article:published_time' content='2030-03-08T21:14:09Z'><h1>Lamps</h1>{BODY}"
    dated = generic_article.publication_date(document(html), "", ())
    assert dated is not None
    assert dated.at == datetime(2030, 3, 8, 21, 14, 9, tzinfo=UTC)
    reading = generic_article.read(document(html))
    assert reading.items[0].published_at is None
    assert any("is not plausible" in problem for problem in reading.problems)


@pytest.mark.parametrize("html", ["<h1>Lamps</h1>", "<h1></h1>", f"<article>{BODY}</article>", "<!-- x -->"])
def test_a_page_without_title_or_text_is_drift(html: str) -> None:
    with pytest.raises(DriftError, match="without t"):
        generic_article.read(document(html))


def test_a_page_that_is_nothing_to_lxml_is_drift() -> None:
    with pytest.raises(DriftError, match="without content"):
        generic_article.read(document("<!-- never closed"))


def test_links_with_their_texts() -> None:
    html = (
        "<a href='/a'>One <b>two</b><!-- no --></a><a href='javascript:x'>no</a><a>no</a>"
        f"<a href='https://www.state.gov/x/'>{'long ' * 100}</a>"
    )
    one, long = generic_article.links(document(html))
    assert one == ("https://gazette.example/a", "One two")
    assert long.url == "https://www.state.gov/x/"
    assert long.text == ("long " * 60).strip()


W = "The quick keeper lights his lamp and runs along the quay to sea. "
N = 4_000
DEEP = MAX_DEPTH - 10
HOSTILE = {
    "paragraphs": f"<p>{W}</p>" * 2_500,
    "short paragraphs": "<p>x y</p>" * N,
    "hidden paragraphs": "<p style='display:none'>x</p>" * N,
    "nested": "<div>x" * DEEP + "</div>y" * DEEP,
    "nested links": "<a href=/x>x<div>" * (DEEP // 2) + "x",
    "closed nested links": "<div><a href=/x>x" * (DEEP // 2) + "</a></div>" * (DEEP // 2),
    "zero width": "l\u200ba\u200dm\u202ep\u2066s " * 20_000,
    "titles": "<p>Lamps for Valdovia</p>" * N,
    "breaks": "text<br>" * 2 * N,
    "cells": "<table>" + "<tr><td>a</td><td>b</td></tr>" * (N // 3) + "</table>",
}
TOO_LARGE = {
    "one word": "word " * 1_000_000,
    "tags": "<p>x y</p>" * 29_000,
}


@pytest.mark.parametrize("name", [*HOSTILE, *TOO_LARGE])
def test_hostile_pages_end_in_bounded_time(name: str) -> None:
    html = f"<title>Lamps for Valdovia</title><h1>Lamps for Valdovia</h1>{(HOSTILE | TOO_LARGE)[name]}"
    page = document(html)
    page.tree  # noqa: B018 - parsing is not measured here
    with bounded(5.0):
        try:
            problems = generic_article.read(page).problems
        except DriftError:
            problems = ()
        generic_article.attribution_of(page, generic_article.page_text(page))
    assert [problem for problem in problems if "too large" in problem] == list(problems)
    assert bool(problems) == (name in TOO_LARGE)


def test_past_the_bounds_nothing_is_read() -> None:
    with pytest.raises(HostileMarkupError):
        generic_article.read(document("<p>" * 60_001))


def test_state_s_own_pages_are_not_taken() -> None:
    html = f"<title>Lamps</title><h1>Lamps</h1>{BODY}"
    assert parsers.read(capture(html, URL)).parser == generic_article.NAME
    assert parsers.read(capture(html, "https://travel.state.gov/lamps")).parser == "page"


def test_row_88_pages_that_were_read_leave_nothing_behind() -> None:
    def objects_after(rounds: int) -> int:
        for _ in range(rounds):
            for name in MIRRORS:
                parsers.read(capture_of(name))
        parsers.clear_caches()
        gc.collect()
        return sum(not isinstance(each, weakref.ReferenceType) for each in gc.get_objects())

    objects_after(2)
    assert trim.cache_info().currsize == 0
    before = objects_after(1)
    assert objects_after(3) - before < 3 * len(MIRRORS)  # less than one for each page


@pytest.mark.parametrize(
    "page",
    [
        "<!DOCTYPE html><html><title>Lamps for Valdovia</title><article>{}</article></html>",
        "<html><head><meta charset=utf-8><title>Lamps for Valdovia</title><main>{}</main></html>",
        "<html><title>Lamps for Valdovia</title><frameset><frame src=x></frameset><noframes>{}</noframes></html>",
    ],
)
def test_a_page_whose_head_has_no_end_is_read_like_any_other(page: str) -> None:
    text = "The Department of State welcomes the lamps that Valdovia has lit along its coast this week."
    html = page.format(f"<h1>Lamps for Valdovia</h1><p>{text}</p><p>{text.replace('lamps', 'ropes')}</p>")
    reading = generic_article.read(document(html))
    assert reading.items[0].paragraphs == (text, text.replace("lamps", "ropes"))
    assert reading.text == f"Lamps for Valdovia\n\n{text}\n\n{text.replace('lamps', 'ropes')}"


def test_messages_of_libraries_reach_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = BufferingHandler(1000)
    monkeypatch.setattr(logging.root, "handlers", [handler])
    for name in MIRRORS:
        parsers.read(capture_of(name))
    parsers.clear_caches()
    assert handler.buffer == []
