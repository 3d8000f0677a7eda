"""Tests of the date of an article: from its own node, whatever other dates are on the page."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from bounded import bounded
from parsers_support import capture

from scraper.parsers import generic_article
from scraper.parsers.document import Document

OWN = "2026-03-01T20:00:00Z"
TIME = f"<time datetime='{OWN}'>March 1, 2026</time>"
TITLE = "Reopening of the Ostrava Crossing"
PROSE = "<p>The ferry between Karsk and Oren sails again from Monday, with a boat each hour until the autumn.</p>" * 3


def date_of(body: str, head: str = "") -> str | None:
    html = f"<html><head><title>{TITLE} - Herald</title>{head}</head><body>{body}</body></html>"
    document = Document(capture(html, "https://herald.example/p/", datetime(2026, 3, 12, tzinfo=UTC)))
    found = generic_article.publication_date(document, "", ())
    return f"{found.at:%Y-%m-%d}" if found else None


def script(*nodes: dict[str, object]) -> str:
    return f"<script type='application/ld+json'>{json.dumps({'@graph': nodes})}</script>"


def article(inner: str = "", after: str = "", time: str = TIME) -> str:
    return f"<main><article><h1>{TITLE}</h1>{time}{PROSE}{inner}</article>{after}</main>"


VIDEO = "itemscope itemtype='https://schema.org/VideoObject'"
OLD = "<time datetime='2025-11-05T09:00:00Z'>Nov 5, 2025</time>"


@pytest.mark.parametrize(
    "body",
    [
        f"<aside><article><a href=/x>Other</a> {OLD}</article></aside>{article()}",
        f"<article><a href=/x>Other</a> {OLD}</article>{article()}",
        article(after=f"<article><h2>Other</h2>{OLD}</article>"),
        article(f"<ol class=comment-list><li><article>{OLD}<p>I agree.</p></article></li></ol>"),
        article(after=f"<div id=comments><p>A reader {OLD}</p></div>"),
        article(f"<div class='related-posts'><a href=/x>Other</a> {OLD}</div>"),
        article(f"<div {VIDEO}><meta itemprop=datePublished content=2025-11-05>{OLD}</div>"),
        article(f"<figure class='video-player'>{OLD}</figure>"),
        article(f"<p>Mediators in Lisbon began on {OLD} and ended their work {'at last ' * 9}today.</p>"),
        f"<div class='widget'>{OLD}</div><div class='widget Blog'>{article()}</div>",
        f"<nav>{OLD}</nav>{article()}",
        article(time=f"<time class=updated datetime='2026-03-08T09:00:00Z'>x</time>{TIME}"),
    ],
)  # fmt: skip
def test_dates_of_other_things_are_not_the_articles(body: str) -> None:
    assert date_of(body) == "2026-03-01"


@pytest.mark.parametrize(
    "nodes",
    [
        ({"@type": "VideoObject", "datePublished": "2025-11-05"}, {"@type": "x/NewsArticle", "datePublished": OWN}),
        ({"@type": "Comment", "datePublished": "2025-11-05"}, {"@type": ["WebPage", "x"], "datePublished": OWN}),
        ({"@type": "WebPage", "datePublished": "2025-11-05"}, {"@type": "BlogPosting", "datePublished": OWN}),
        (
            {"@type": "Article", "headline": "Other lamps", "datePublished": "2025-11-05"},
            {"@type": "Article", "headline": TITLE, "datePublished": OWN},
        ),
        ({"datePublished": OWN},),
        ({"@type": "Article", "headline": "Karsk and Oren meet again", "datePublished": OWN},),
    ],
)  # fmt: skip
def test_of_structured_data_the_articles_own_node_counts(nodes: tuple[dict[str, object], ...]) -> None:
    assert date_of(article(time=""), script(*nodes)) == "2026-03-01"


@pytest.mark.parametrize(
    "nodes",
    [
        ({"@type": "VideoObject", "datePublished": "2025-11-05"},),
        tuple({"@type": "Article", "headline": f"Lamps {n}", "datePublished": "2025-11-05"} for n in "ab"),
    ],
)
def test_an_article_without_a_date_has_none_of_its_neighbours(nodes: tuple[dict[str, object], ...]) -> None:
    assert date_of(article(time=""), script(*nodes)) is None
    assert date_of(article(time="", after=f"<article><h2>Other</h2>{OLD}</article>")) is None


def test_a_page_without_article_or_heading_has_the_date_that_it_shows() -> None:
    assert date_of(f"<div class='widget Blog'><h3>{TITLE}</h3>{TIME}{PROSE}</div>") == "2026-03-01"
    assert date_of(f"<article><h2>{TITLE}</h2>{TIME}{PROSE}</article>") == "2026-03-01"
    assert date_of(f"<h1>{TITLE}</h1>{TIME}{PROSE}") == "2026-03-01"
    assert date_of(f"<h1>{TITLE}</h1><time class=updated datetime='{OWN}'>x</time>{PROSE}") == "2026-03-01"


def date_beside(*lines: str, title: str = TITLE) -> str | None:
    """Return the date of a page that has no other date than in its lines, which may be links."""
    links = " ".join(line for line in lines if "<a" in line)
    page = Document(capture(f"<p>Lamps</p>{links}", "https://herald.example/p/", datetime(2026, 3, 12, tzinfo=UTC)))
    found = generic_article.publication_date(page, title, [re.sub("<[^>]*>", "", line) for line in lines])
    return f"{found.at:%Y-%m-%d}" if found else None


SENTENCE = "The ferry between Karsk and Oren sails again from Monday."


def test_the_day_in_a_link_to_another_page_beside_the_title_is_not_that_of_the_article() -> None:
    teaser = "<a href='/n/2'>Lamp Council Meeting – Thursday, 5 March 2026</a>"
    assert date_beside(teaser, TITLE, SENTENCE) is None
    assert date_beside(teaser, TITLE, "<a href='/1'>Sunday, 1 March 2026</a>", SENTENCE) == "2026-03-01"
    assert date_beside("Lamp Council Meeting – Thursday, 5 March 2026", TITLE, SENTENCE) == "2026-03-05"


def test_many_titles_and_links_end_in_bounded_time() -> None:
    teaser = "Lamp council of the two harbours, 5 March 2026"
    lines = [f"<a href='/{n}'>{teaser} {n}</a>" if n % 5 else TITLE for n in range(1, 1_900)]
    inside = "".join(f"<a href='/x'>lamp {n} " for n in range(250)) + "lamp " * 100_000
    with bounded():
        assert date_beside(*lines, f"<div>{inside}") is None


def test_a_day_beside_the_title_dates_the_article() -> None:
    assert date_beside("Herald", TITLE, "By Ada Keeper, 1 March 2026", SENTENCE) == "2026-03-01"
    assert date_beside("1. März 2026", TITLE, SENTENCE) == "2026-03-01"
    assert date_beside("Karsk", TITLE.upper(), "World", "Ada Keeper", "Karsk", "01.03.2026", SENTENCE) == "2026-03-01"
    # The line below counts before the line above, the last title before those above it.
    assert date_beside("5 March 2026", TITLE, "1 March 2026", SENTENCE) == "2026-03-01"
    assert date_beside(TITLE, "5 March 2026", "Menu", "Menu", "Menu", TITLE, "1 March 2026", SENTENCE) == "2026-03-01"
    assert date_beside(TITLE, "1 March 2026", SENTENCE, "A", "B", "C", TITLE) == "2026-03-01"


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("1 March 2026", SENTENCE),
        (TITLE, SENTENCE),
        (TITLE, "They met on 1 March 2026."),
        (TITLE, f"{SENTENCE} {SENTENCE} {SENTENCE} 1 March 2026"),
        (TITLE, "1", "2", "3", "4", "1 March 2026"),
        ("1 March 2026", "1", "2", "3", TITLE),
        (TITLE, SENTENCE, SENTENCE, "1 March 2026", "I agree."),
        (TITLE, "03/04/2022"),
        (TITLE, "1 March 1926"),
        (TITLE, "1 March 2027"),
    ],
)
def test_a_day_elsewhere_or_in_a_sentence_does_not(lines: tuple[str, ...]) -> None:
    assert date_beside(*lines) is None


def test_without_a_title_no_line_is_beside_it() -> None:
    assert date_beside("", "1 March 2026", title="") is None


def test_the_date_of_the_page_itself_counts_before_its_lines() -> None:
    page = Document(capture(article(), "https://herald.example/p/", datetime(2026, 3, 12, tzinfo=UTC)))
    found = generic_article.publication_date(page, TITLE, (TITLE, "5 March 2026"))
    assert found is not None
    assert found.at.isoformat() == "2026-03-01T20:00:00+00:00"


def test_hostile_lines_end_in_bounded_time() -> None:
    with bounded(5.0):
        date_beside(*[TITLE] * 25_000)
        date_beside(*[TITLE, "June 1 " * 17] * 10_000)


def test_hostile_pages_end_in_bounded_time() -> None:
    with bounded():
        date_of("<div class=widget>" * 250 + "<time datetime=2025-11-05>x</time>" * 5_000)
        date_of("<article>" * 250 + "<article><h1>x</h1></article>" * 5_000)
