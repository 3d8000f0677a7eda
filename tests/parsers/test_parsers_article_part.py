"""Tests of the part of a page that is its article: what belongs to it, and what follows or interrupts it."""

from __future__ import annotations

from typing import Any

import pytest
from bounded import assert_linear, bounded
from lxml import html as lxml_html  # type: ignore[import-untyped]

from scraper.parsers import article_part, text_blocks

TITLE = "Lamps for Valdovia"
HEADING = f"<h1>{TITLE}</h1>"
LINES = (
    "The ferry between Karsk and Oren sails again from Monday, with a boat each hour until the autumn.",
    "The two ministers agreed that eighty lamps will be lit along the coast by the end of next winter.",
    "Keepers of the harbour will be trained in Port Ember, and each of them will have a lamp of his own.",
)
TEXT = "".join(f"<p>{line}</p>" for line in LINES)
OTHER = "A bakery in Norland has burned down, and its owner says that he will build it up again in spring."
CARD = f"<div><h3><a href='/b'>Bakery in Norland burns down</a></h3><p>{OTHER}</p></div>"
MENU = "".join(f"<li><a href='/{n}'>Section {n} of this paper</a></li>" for n in range(9))


def tree_of(body: str) -> Any:
    return lxml_html.document_fromstring(f"<html><body>{body}</body></html>")


def found_in(body: str, title: str = TITLE) -> list[str]:
    """Return the paragraphs of prose in the article of a page."""
    part = article_part.find(tree_of(body), title)
    return [line for element in part.elements for line in text_blocks.prose(element)]


@pytest.mark.parametrize(
    "body",
    [
        HEADING + TEXT,
        f"<div>{HEADING}</div>{TEXT}",
        f"<header>{HEADING}<p>June 4</p></header><div>{TEXT}</div>",
        f"<h2>{TITLE}</h2>{TEXT}",
        f"<span>{TITLE}</span>{TEXT}",
        f"<p><b>{TITLE}</b></p>{TEXT}",
        f"<table><tr><td><font>{TITLE}</font></td></tr><tr><td>{TEXT}</td></tr></table>",
        f"<form action='/page.aspx'><ul>{MENU}</ul><div>{HEADING}{TEXT}</div></form>",
        f"{HEADING}{'<br><br>'.join(LINES)}",
        f"<div>{HEADING}<br>{'<br><br>'.join(LINES)}</div>",
        f"<h1>LAMPS FOR VALDOVIA</h1>{TEXT}",
        f"{HEADING}<div>{TEXT}</div><h1>{TITLE}</h1><ul>{MENU}</ul>",
        f"<ul><li><h2>{TITLE}</h2></li></ul><h2>{TITLE}</h2>{TEXT}",
        f"<p>{OTHER}</p>{HEADING}{TEXT}",
        f"<nav><span>{TITLE}</span><p>{OTHER}</p></nav><div><span>{TITLE}</span></div>{TEXT}",
    ],
)
def test_the_article_follows_its_title(body: str) -> None:
    assert found_in(body) == list(LINES)


def test_the_standfirst_in_the_header_belongs_to_the_article() -> None:
    body = f"<article><header>{HEADING}<p>{LINES[0]}</p></header><div>{TEXT.replace(LINES[0], '')}</div></article>"
    assert found_in(body) == list(LINES)


def test_all_columns_of_a_text_belong_to_the_article() -> None:
    columns = "".join(f"<div class=column><p>{line}</p></div>" for line in LINES)
    assert found_in(f"{HEADING}<div class=columns>{columns}</div>") == list(LINES)


@pytest.mark.parametrize("title", ["", "…", "Ropes for Valdovia"])
def test_without_its_title_no_part_is_found(title: str) -> None:
    assert article_part.find(tree_of(HEADING + TEXT), title) == article_part.ArticlePart()


def test_a_title_without_text_below_it_is_none() -> None:
    assert article_part.find(tree_of(f"<p>{OTHER}</p>{HEADING}"), TITLE).elements == ()


@pytest.mark.parametrize(
    "below",
    [
        CARD * 4,
        f"<div>{CARD * 4}</div>",
        f"<ul>{MENU}</ul>",
        f"<div class=related><p>{OTHER}</p></div>",
        f"<div id=sidebar><p>{OTHER}</p></div>",
        f"<aside><p>{OTHER}</p></aside>",
        f"<footer><p>{OTHER}</p></footer>",
        f"<nav><p>{OTHER}</p></nav>",
        f"<div itemscope itemtype='https://schema.org/Person'><p>{OTHER}</p></div>",
        f"<div><h3>About the Herald</h3><p>{OTHER}</p></div>",
        f"<div><h3>Über den Herold</h3><p>{OTHER}</p></div>",
        f"<div><b>Media contacts:</b><p>{OTHER}</p></div>",
        f"<div><b>Important information</b><p>{OTHER}</p></div>",
        f"<div><h3>Haftungsausschluss</h3><p>{OTHER}</p></div>",
        f"<h3>Contact</h3><p>{OTHER}</p>",
    ],
)
def test_blocks_below_the_text_are_not_the_article(below: str) -> None:
    assert found_in(f"<div>{HEADING}{TEXT}</div>{below}") == list(LINES)
    assert found_in(f"<div>{HEADING}{TEXT}{below}</div>") == list(LINES)


@pytest.mark.parametrize(
    "below",
    [
        f"<p>Contact between the two coasts was lost.</p><p>{OTHER}</p>",
        f"<div><h3>The lamps</h3><p>{OTHER}</p></div>",
        f"<blockquote><p>{OTHER}</p></blockquote>",
        f"<div class=relation><p>{OTHER}</p></div>",
    ],
)
def test_a_part_of_the_text_below_it_stays(below: str) -> None:
    assert OTHER in found_in(f"<div>{HEADING}{TEXT}{below}</div>")


def test_sections_of_an_explanation_are_no_cards() -> None:
    sections = "".join(f"<div><h3>Lamp {n}</h3><p>{line}</p></div>" for n, line in enumerate(LINES))
    assert found_in(f"{HEADING}<div>{sections}</div>") == list(LINES)


def test_cards_before_any_text_are_left_out() -> None:
    assert found_in(f"{HEADING}<div>{CARD * 4}</div><div>{TEXT}</div>") == list(LINES)


def test_a_linked_teaser_inside_the_text_is_left_out() -> None:
    teaser = "<div><a href='/b'>Bakery in Norland burns down</a><p>Smoke over the harbour.</p></div>"
    part = article_part.find(tree_of(f"{HEADING}<div><p>{LINES[0]}</p>{teaser}<p>{LINES[1]}</p></div>"), TITLE)
    text = " ".join("".join(each.itertext()) for each in part.elements)
    assert "Bakery" not in text
    assert LINES[0] in text
    assert LINES[1] in text


def test_a_box_with_a_title_of_its_own_or_with_links_in_its_text_stays() -> None:
    box = f"<div><h3>The lamps of <a href='/k'>Karsk</a></h3><p>{OTHER}</p></div>"
    linked = f"<div><p><a href='/k'>Karsk</a> has lamps. {OTHER}</p></div>"
    assert len(found_in(f"{HEADING}<div>{TEXT}{box}{linked}</div>")) == 5


@pytest.mark.parametrize(
    "label",
    [
        "Comments", "3 Comments", "Comments (12)", "Leave a comment", "Reader comments", "Replies", "Kommentare",
        "12 комментариев", "Комментарии", "Commentaires", "Comentarios", "Comentários", "Commenti", "Reacties",
        "Komentarze", "Yorumlar", "Σχόλια", "التعليقات", "评论", "コメント", "댓글", "Bình luận",
    ],
)  # fmt: skip
def test_comments_by_their_label(label: str) -> None:
    comments = f"<section><h3>{label}</h3><div><p>{OTHER}</p></div></section>"
    assert found_in(f"<div>{HEADING}{TEXT}</div>{comments}") == list(LINES)
    assert found_in(f"{HEADING}{TEXT}<h3>{label}</h3><p>{OTHER}</p>") == list(LINES)


@pytest.mark.parametrize("label", ["Reply", "Antworten", "Répondre", "Responder", "Ответить", "回复", "Trả lời"])
def test_comments_by_their_links_to_answer(label: str) -> None:
    comments = "<div>" + f"<div><b>A reader</b><p>{OTHER}</p><a href='#r'>{label}</a></div>" * 3 + "</div>"
    assert found_in(f"<div>{HEADING}{TEXT}</div>{comments}") == list(LINES)


@pytest.mark.parametrize(
    "more",
    [
        "Comments of the two ministers were read aloud on the quay, and the people of Karsk asked for a reply.",
        "Comments on the lamps reached the ministry from all parts of the coast, said the keeper of Port Ember.",
    ],
)
def test_a_text_that_mentions_comments_stays(more: str) -> None:
    assert found_in(f"<div>{HEADING}<p>{LINES[0]}</p><p>{more}</p><p>{LINES[1]}</p></div>") == [
        LINES[0],
        more,
        LINES[1],
    ]
    reply = f"<div><p>{more}</p><a href='#r'>Reply</a></div>"
    assert more in found_in(f"<div>{HEADING}{TEXT}{reply}</div>")


def test_a_note_between_title_and_text_or_above_the_title_is_no_article() -> None:
    author = f"<div class=author><p>{OTHER}</p></div>"
    assert found_in(f"<p>{OTHER}</p><div>{HEADING}{TEXT}</div>{author}") == list(LINES)


def test_a_thread_of_several_articles_is_none() -> None:
    post = f"<article><p>{OTHER}</p></article>"
    assert article_part.find(tree_of(HEADING + post * 3), TITLE).elements == ()
    assert len(article_part.find(tree_of(HEADING + post), TITLE).elements) == 1


def test_what_is_left_out_is_counted() -> None:
    part = article_part.find(tree_of(f"<div>{HEADING}{TEXT}</div><div id=comments><p>{OTHER}</p></div>"), TITLE)
    assert part.prose == sum(map(len, LINES))
    assert part.is_certain
    ended = article_part.find(tree_of(f"{HEADING}{TEXT}<h3>Comments</h3><div><p>{OTHER}</p><i>x</i></div>"), TITLE)
    assert ended.other_prose == len(OTHER)
    cards = article_part.find(tree_of(f"{HEADING}{TEXT}<h3>Comments</h3><div>{CARD * 4}</div>"), TITLE)
    assert cards.other_prose == 0


def test_a_list_named_as_a_text_makes_the_part_uncertain() -> None:
    body = f"{HEADING}<p>{LINES[0]}</p><div class='article-body'>{CARD * 4}</div>"
    assert not article_part.find(tree_of(body), TITLE).is_certain
    assert article_part.find(tree_of(body.replace("article-body", "grid")), TITLE).is_certain


N = 12_000
SHORT = "<p>x y</p>"
HOSTILE = {
    "flat": HEADING + f"<div>{LINES[0]}</div>" * N,
    "siblings": HEADING + TEXT + "<b>x</b>" * 5_000 + CARD * 2_000,
    "titles": HEADING * 4 + "<div>" * 100 + f"<p>{LINES[0]}</p>" * N,
    "tables": HEADING + "<table>" * 200 + f"<tr><td>{LINES[0]}</td></tr>" * (N // 2),
    "comments": HEADING + TEXT + "<h3>Comments</h3>" + f"<div>{SHORT}" * 200 + f"<p>{LINES[0]}</p>" * N,
    "boxes": HEADING + ("<div>" * 40 + TEXT + "</div>" * 40) * 250,
    "links in links": HEADING + "<a href=/x><div>x" * 110 + f"<p>{LINES[0]}</p>" * N,
    "spans that may be titles": f"<span>{TITLE} x" * 220 + "<i>y</i>" * N,
    "flat spans that may be titles": f"<span>{TITLE} x</span>" * N,
    "headings that may be titles": f"<h2><div>{TITLE}" * 110 + "<i>y</i>" * N,
    "line breaks": HEADING + f"{LINES[0]}<br>" * N,
    "cards in one another": HEADING + TEXT + ("<div>" * 12 + CARD * 5 + "</div>" * 12) * 500,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_end_in_bounded_time(name: str) -> None:
    tree = tree_of(HOSTILE[name])
    with bounded():
        article_part.find(tree, TITLE)


@pytest.mark.parametrize("page", ["<h1>{title}</h1>{TEXT}", "<span>{title}</span>" * 100 + "{TEXT}"])
def test_long_titles_take_time_that_grows_with_their_length(page: str) -> None:
    def find(length: int) -> None:
        title = "lamp " * length
        assert found_in(page.format(title=title, TEXT=TEXT), title) == list(LINES)

    assert_linear(find, 2_500)


def test_a_section_about_something_is_text_and_a_note_about_the_publisher_is_not() -> None:
    prose = "".join(
        f"<p>The lamps of quay {number} were lit again after eleven dark winters.</p>" for number in range(9)
    )
    section = f"<div><h2>About the treaty</h2>{prose}</div>"
    note = "<div><h3>About the Gazette</h3><p>The Gazette of the Strait prints what is said on the quays.</p></div>"
    flat = "<h2>About the lamps</h2><p>Each of the lamps has a keeper who sleeps by day and reads by night.</p>"
    tree = lxml_html.document_fromstring(f"<body><div><h1>Lamps</h1>{prose}{flat}{section}{note}</div></body>")
    text = " ".join(each.text_content() for each in article_part.find(tree, "Lamps").elements)
    assert "About the treaty" in text
    assert "sleeps by day" in text
    assert "prints what is said" not in text


def test_no_length_of_a_text_is_cut() -> None:
    prose = "<p>The lamps of the quays were lit again after eleven dark winters.</p>" * 6000
    tree = lxml_html.document_fromstring(f"<body><div><h1>Lamps</h1>{prose}</div></body>")
    assert len(article_part.find(tree, "Lamps").elements) == 6000


def test_links_to_reports_are_no_comments() -> None:
    rows = "".join(
        f"<p>The lamps of quay {number} were lit again after eleven dark winters. <a href='/{number}'>Report</a></p>"
        for number in range(5)
    )
    tree = lxml_html.document_fromstring(f"<body><div><h1>Lamps</h1><div>{rows}</div></div></body>")
    assert "quay 4" in " ".join(each.text_content() for each in article_part.find(tree, "Lamps").elements)
