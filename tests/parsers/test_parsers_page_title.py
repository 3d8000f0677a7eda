"""Tests of the title of a page: a heading, or what stands out above the text of a page without headings."""

from __future__ import annotations

import pytest
from bounded import bounded
from parsers_support import capture

from scraper.parsers import page_title
from scraper.parsers.document import Document

SENTENCE = "The ferry between Karsk and Oren sails again from Monday, and the lamps of the sound are lit. "
PROSE = f"<p>{SENTENCE * 3}</p>"
SITE = "Presidency of the Republic of Karsk"
TITLE = "President receives four lamp keepers"


def title(html: str) -> str:
    return page_title.find(Document(capture(html, "https://herald.example/p/")))


def preview(text: str) -> str:
    return f'<meta property="og:title" content="{text}">'


def test_a_heading_that_is_the_site_s_name_gives_way_to_the_title_that_the_page_shows() -> None:
    head = f"<title>{SITE}</title>{preview(TITLE)}"
    assert title(f"{head}<h1>{SITE}</h1><div>{TITLE}</div>{PROSE}") == TITLE
    # A preview in other words than the page's own heading, or of a page whose title is the heading, is no title.
    assert title(f"{head}<h1>{SITE}</h1>{PROSE}") == SITE
    assert (
        title(f"<title>Karsk</title>{preview('Five lamp facts')}<h1>{TITLE}</h1><p>Five lamp facts</p>{PROSE}") == TITLE
    )
    assert title(f"<title>{TITLE}</title><h1>{TITLE}</h1>{PROSE}") == TITLE


@pytest.mark.parametrize(
    "shown",
    [
        f"<p align=center><font size=3><b>{TITLE}</b></font></p>",
        f"<font size='5'>{TITLE}</font><br>",
        f"<font size=+1>{TITLE}</font>",
        f"<div class='news-title'>{TITLE}</div>",
        "<b>President receives<br>four lamp keepers</b>",
        f"<h3>{TITLE}</h3>",
    ],
)
def test_a_page_without_headings_shows_its_title_in_bold_or_large_letters_above_the_text(shown: str) -> None:
    menu = "<b><a href='/'>All the lamp news</a></b><b>Karsk ministry of lamps</b>"
    below = "<b>5 March 2026, Karsk harbour</b><b>They came by the ferry.</b>"
    after = "<b>More news from Karsk today</b>"
    assert title(f"<title>Karsk</title><body>{menu}{shown}{below}{PROSE}{after}") == TITLE


@pytest.mark.parametrize("shown", ["<b>Karsk harbour</b>", f"<font size=2>{TITLE}</font>", f"<b>{TITLE * 9}</b>", ""])
def test_without_anything_that_stands_out_the_head_has_the_title(shown: str) -> None:
    assert title(f"<title>The lamps of Karsk</title><body>{shown}{PROSE}<b>{TITLE}</b>") == "The lamps of Karsk"


def test_a_title_of_the_head_that_the_page_shows_stays() -> None:
    assert title(f"<title>{TITLE}</title><body><b>Ministry of the lamps</b><i>{TITLE}</i>{PROSE}") == TITLE


@pytest.mark.parametrize(
    "body",
    [
        "<b>" + "<i>one two three four</i>" * 20_000 + "</b>",
        "<b>one two three" * 250 + "<i>lamp lamp lamp</i>" * 20_000,
        "<div class=title>" + "<i>one two three four</i><br>" * 14_000,
        "<b> <i>one two three</i></b>" * 14_000,
        f"{preview('x y z')}<h1>Karsk</h1>" + "<i>one two</i>" * 20_000,
    ],
    ids=["in one", "nested", "by class", "one each", "preview"],
)
def test_a_page_of_nothing_but_bold_text_ends_in_bounded_time(body: str) -> None:
    document = Document(capture(f"<title>Karsk</title><body>{body}", "https://herald.example/p/"))
    document.tree  # noqa: B018 - parsing is not measured here
    with bounded():
        assert page_title.find(document)
