"""Tests of the main text of whole pages of other sites: layouts, and what stands around the text."""

from __future__ import annotations

import json

import pytest
from bounded import bounded
from lxml import html as lxml_html  # type: ignore[import-untyped]
from parsers_support import capture

from scraper.errors import ParseError
from scraper.parsers import generic_article, main_text
from scraper.parsers.document import Document

TITLE = "Lamps for Valdovia"
HEADING = f"<h1>{TITLE}</h1>"
LINES = (
    "The ferry between Karsk and Oren sails again from Monday, with a boat each hour until the autumn.",
    "The two ministers agreed that eighty lamps will be lit along the coast by the end of next winter.",
    "Keepers of the harbour will be trained in Port Ember, and each of them will have a lamp of his own.",
    "Oil for the lamps comes from the mills of Oren, which have pressed it for eleven winters without a pause.",
)
TEXT = "".join(f"<p>{line}</p>" for line in LINES)
OTHER = "A bakery in Norland has burned down, and its owner says that he will build it up again in spring."
CARD = f"<div class=card><h3><a href='/b'>Bakery in Norland burns down</a></h3><p>{OTHER}</p></div>"
MENU = "<ul>" + "".join(f"<li><a href='/{n}'>Section {n} of this paper</a></li>" for n in range(9)) + "</ul>"
FOOT = "<footer><p>Herald of Karsk, 1 Harbour Road, Karsk. All lamps are those of the Herald.</p></footer>"


def read(body: str, head: str = "", title: str = TITLE) -> generic_article.PageReading:
    html = f"<html><head><title>{title} - Herald</title>{head}</head><body>{body}</body></html>"
    return generic_article.read(Document(capture(html, "https://herald.example/lamps/")))


def text_of(body: str, head: str = "") -> tuple[str, ...]:
    return read(body, head).items[0].paragraphs or ()


@pytest.mark.parametrize(
    "body",
    [
        f"{HEADING}{TEXT}",
        f"<nav>{MENU}</nav><main><article>{HEADING}{TEXT}</article></main>{FOOT}",
        f"<div id=menu>{MENU}</div><div>{HEADING}</div><div>{TEXT}</div>{FOOT}",
        f"<form id=aspnetForm method=post action='/p.aspx'>{MENU}<div>{HEADING}<div>{TEXT}</div></div>{FOOT}</form>",
        f"<header>{HEADING}<p>{LINES[0]}</p></header><div>{TEXT.replace(f'<p>{LINES[0]}</p>', '')}</div>",
        f"{HEADING}<div>{''.join(f'<div class=column><p>{line}</p></div>' for line in LINES)}</div>{FOOT}",
        f"<p class=disclaimer>{OTHER}</p>{HEADING}{TEXT}",
        f"<h2>{TITLE}</h2><div><h1>{TITLE}</h1>{TEXT}</div>",
        f"{HEADING}{TEXT}<p>{TITLE}</p>",
        f"<article>{HEADING}{TEXT}</article><div class=cards>{CARD * 4}</div>",
        f"<article>{HEADING}{TEXT}</article><section><h3>4 Comments</h3><p>{OTHER}</p></section>",
        f"<article>{HEADING}{TEXT}</article><div class=author-box><p>{OTHER}</p></div>",
        f"<article>{HEADING}<p>By Ada Keeper</p><p>March 9, 2026</p>{TEXT}</article>",
        f"<article>{HEADING}{TEXT}<p>© 2026 Herald of Karsk</p></article>",
        f"<article>{HEADING}{TEXT}<h4>Media contact:</h4><p>Ada Keeper</p><p>ada@herald.example</p></article>",
        f"<article>{HEADING}{TEXT}<div><h4>About the Herald</h4><p>{OTHER}</p></div></article>",
        f"{HEADING}<p>{LINES[0]}</p><div id=rest style='display:none'>{TEXT.replace(f'<p>{LINES[0]}</p>', '')}</div>"
        "<button>Read more</button>",
    ],
)
def test_the_text_alone_is_read(body: str) -> None:
    assert text_of(body) == LINES


@pytest.mark.parametrize(
    "body",
    [
        f"<table><tr><td>{MENU}</td><td><b>{TITLE}</b><br>{TEXT}</td></tr></table>",
        f"<div>{MENU}</div><div><span class=headline>{TITLE}</span></div><div>{TEXT}</div>",
    ],
)
def test_a_title_without_a_heading_is_found_as_the_head_names_it(body: str) -> None:
    assert text_of(body, f"<meta property='og:title' content='{TITLE}'>") == LINES


def test_text_parted_by_line_breaks_alone_is_whole() -> None:
    for body in (f"{HEADING}{'<br><br>'.join(LINES)}{FOOT}", f"<td>{HEADING}<br>{'<br>'.join(LINES)}</td>"):
        assert " ".join(text_of(body)).split() == " ".join(LINES).split()


@pytest.mark.parametrize(
    "more",
    [
        "<h3>The treaty of 1922</h3>",
        f"<blockquote><p>{OTHER}</p></blockquote>",
        f"<ul><li>{OTHER}</li><li>Ropes for the boats of Karsk, and for those of Oren.</li></ul>",
        "<p>The ministry asked all of the people on this coast to subscribe to the fund for lamps, to bring oil to the "
        "quay before the storms of the autumn, and to send word of each light that has gone out on the strait.</p>",
        "<p>Comments of the two ministers were read aloud on the quay, and all who heard them asked for more.</p>",
    ],
)
def test_a_part_of_the_text_stays(more: str) -> None:
    inner = "".join(f"<p>{line}</p>" for line in LINES[:2]) + more + "".join(f"<p>{line}</p>" for line in LINES[2:])
    found = "\n".join(text_of(f"<article>{HEADING}{inner}</article>{FOOT}"))
    expected = lxml_html.fromstring(f"<div>{more}</div>").text_content()
    assert " ".join(expected.split())[:90] in " ".join(found.split())
    assert all(line in found for line in LINES)


def test_an_explanation_in_sections_is_whole() -> None:
    sections = "".join(f"<section><h2>Lamp {n}</h2><p>{line}</p></section>" for n, line in enumerate(LINES))
    found = text_of(f"{HEADING}<div>{sections}</div><div class=cards>{CARD * 4}</div>")
    assert [line for line in found if not line.startswith("Lamp ")] == list(LINES)
    assert not any("Norland" in line for line in found)


def test_a_forum_thread_has_its_posts() -> None:
    posts = "".join(f"<article class=post><b>Reader {n}</b><p>{line}</p></article>" for n, line in enumerate(LINES))
    found = " ".join(text_of(f"{HEADING}<div class=thread>{posts}</div>{FOOT}"))
    assert all(line in found for line in LINES)


def test_a_page_whose_title_shows_nowhere_has_its_text() -> None:
    found = " ".join(text_of(f"<nav>{MENU}</nav><div class=story>{TEXT}</div>{FOOT}"))
    assert all(line in found for line in LINES)
    assert "Section 3" not in found


def test_a_page_without_any_sentence_has_no_text() -> None:
    with pytest.raises(ParseError):
        text_of(f"{MENU}<p>Loading</p>")
    tree = lxml_html.document_fromstring(f"<html><body>{MENU}<div>Lamps</div></body></html>")
    assert main_text.find(tree, TITLE, ()).markup.paragraphs == ()


def test_a_body_in_structured_data_alone_is_not_shown_text() -> None:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": TITLE, "articleBody": " ".join(LINES)}
    script = f"<script type='application/ld+json'>{json.dumps(node)}</script>"
    found = text_of(HEADING + MENU, script)
    assert " ".join(found) == " ".join(LINES)


def test_most_of_the_text_outside_the_part_makes_the_whole_page_count() -> None:
    long = "".join(f"<p>Lamp {n}: {line}</p>" for n in range(8) for line in LINES)
    body = f"<article>{HEADING}<p>{LINES[0]} {LINES[1]}</p><div><h3>About the lamps</h3>{long}</div></article>"
    assert "Lamp 7" in " ".join(text_of(body))


N = 12_000
HOSTILE = {
    "flat": HEADING + "<p>The lamps burn.</p>" * N,
    "paragraphs of prose": HEADING + f"<p>{LINES[0]}</p>" * 3_900,
    "nested": HEADING + "<div>" * 230 + TEXT + "<i>x</i>" * N,
    "nested boxes": HEADING + ("<div>" * 60 + f"<p>{LINES[0]}</p>" + "</div>" * 60) * 200,
    "siblings": HEADING + TEXT + "<b>x</b>" * 5_000,
    "cards": HEADING + TEXT + CARD * 2_000,
    "comments": HEADING + TEXT + "<h3>Comments</h3>" + "<div><p>x y</p>" * 200 + f"<p>{LINES[0]}</p>" * 3_000,
    "two texts": f"<article>{HEADING}{f'<p>{LINES[0]}</p>' * 1_900}</article><div>{f'<p>{OTHER}</p>' * 1_900}</div>",
    "no title": f"<div>{LINES[0]}</div>" * 3_900,
    "one word": f"{HEADING}<p>{'a' * 390_000}.</p><p>{'b' * 9_000}.</p>",
    "folded": HEADING + TEXT + "<p hidden>x</p><a>Read more</a>" * 6_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_end_in_bounded_time(name: str) -> None:
    with bounded(5.0):
        assert read(HOSTILE[name]).parser == generic_article.NAME


def test_a_title_of_100000_characters_ends_in_bounded_time() -> None:
    title = "lamp " * 20_000
    with bounded(5.0):
        assert read(f"<h1>{title}</h1>{TEXT}", title=title).items[0].paragraphs == LINES
