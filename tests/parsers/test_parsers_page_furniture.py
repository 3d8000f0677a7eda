"""Tests of page furniture inside bodies: removed where certain, named where not, wordings unchanged."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.parsers import page_furniture
from scraper.parsers.elements import tree_of
from scraper.parsers.page_furniture import PROBLEM, PageMeta, strip_lines

TITLE = "Secretary Quill’s Call with Foreign Minister Brandt"
LEAD = ("Home", "Office of the Spokesperson", "Press Releases", "…", "hide")
TEXT = ("They spoke of lamps.", "Lamps matter to both.")
DAY = "May 2, 2024"
OFFICE, QUILL = "Office of the Spokesperson", "Rosa Quill, Secretary"


@pytest.mark.parametrize(
    ("body", "meta"),
    [
        ((*LEAD, TITLE, "Readout", DAY, *TEXT), PageMeta("Readout", None, DAY)),
        ((*LEAD, TITLE, "READOUT", TITLE, DAY, *TEXT), PageMeta("Readout", None, DAY)),
        ((*LEAD, "Readout", OFFICE, DAY, *TEXT), PageMeta("Readout", OFFICE, DAY)),
        ((*LEAD, "Remarks", QUILL, "Port Merrow", DAY, *TEXT), PageMeta("Remarks", QUILL, DAY, "Port Merrow")),
        ((*LEAD, "Harbour Notice", QUILL, DAY, *TEXT), PageMeta("Harbour Notice", QUILL, DAY)),
        (
            ("HomeOffice of the SpokespersonPress Releases", "hide", "Readout", DAY, *TEXT),
            PageMeta("Readout", None, DAY),
        ),
        (("Home", "Secretary Quill’s Call with…", "hide", TITLE, *TEXT), PageMeta()),
        ((*LEAD, *TEXT), PageMeta()),
        (
            (*LEAD, TITLE, DAY, *TEXT, "Tags", "Norway", "The Ocean"),
            PageMeta(None, None, DAY, None, (("Norway", ""), ("The Ocean", ""))),
        ),
    ],
)  # fmt: skip
def test_lead_is_taken_out_and_read(body: tuple[str, ...], meta: PageMeta) -> None:
    assert strip_lines(body, TITLE, None) == (TEXT, meta, None)


def test_byline_before_and_behind_the_lead_stays_in_the_body() -> None:
    byline = "Office of the Spokesperson"
    assert strip_lines((byline, *LEAD, TITLE, DAY, *TEXT), TITLE, byline).paragraphs == (byline, *TEXT)
    behind = strip_lines((*LEAD, TITLE, DAY, byline, *TEXT), TITLE, None)
    assert behind.paragraphs == (byline, *TEXT)
    assert behind.meta.byline == byline


def test_labels_without_a_date_behind_them_are_wording() -> None:
    body = ("Lamps", "Ropes", *TEXT)
    assert strip_lines((*LEAD, TITLE, *body), TITLE, None).paragraphs == body


def test_a_body_that_is_nothing_but_chrome() -> None:
    assert strip_lines(LEAD, TITLE, None).paragraphs == ()
    assert strip_lines((*LEAD, TITLE), TITLE, None).paragraphs == ()


@pytest.mark.parametrize(
    "body",
    [
        ("Home prices rose.", "Owners cannot hide.", *TEXT),
        ("Home", "The lamps are lit.", *TEXT),
        ("Nobody can hide", "hide", "Home", *TEXT),
        (*TEXT, "Tags", "Norway"),
        ("Home and hideaway: a message", *TEXT),
        (),
    ],
)
def test_wording_is_never_taken(body: tuple[str, ...]) -> None:
    assert strip_lines(body, TITLE, None) == (body, PageMeta(), None)


def test_a_sentence_behind_tags_keeps_them() -> None:
    body = (*LEAD, TITLE, DAY, *TEXT, "Tags", "are tied to every buoy.")
    assert strip_lines(body, TITLE, None).paragraphs == (*TEXT, "Tags", "are tied to every buoy.")
    long = (*LEAD, TITLE, DAY, "Tags", *(f"label {n}" for n in range(60)))
    assert len(strip_lines(long, TITLE, None).paragraphs) == 61


def test_a_breadcrumb_with_a_sentence_in_it_is_none_but_is_named() -> None:
    body = ("Home", "The lamps were lit.", "hide", *TEXT)
    assert strip_lines(body, TITLE, None) == (body, PageMeta(), PROBLEM)


GLUED = f"HomeOffice of the SpokespersonPress Releases{TITLE}hide"


@pytest.mark.parametrize(
    ("first", "meta"),
    [
        (f"{GLUED}{TITLE}Readout{DAY}{TEXT[0]}", PageMeta("Readout", None, DAY)),
        (f"{GLUED} {TITLE} {TITLE} Readout {TITLE} {DAY} {TEXT[0]}", PageMeta("Readout", None, DAY)),
        (f"{GLUED}{TITLE}{DAY}{TEXT[0]}", PageMeta(None, None, DAY)),
        (
            f"{GLUED}{TITLE}ReadoutOffice of the Spokesperson{DAY}{TEXT[0]}",
            PageMeta("Readout", "Office of the Spokesperson", DAY),
        ),
    ],
)
def test_glued_lead(first: str, meta: PageMeta) -> None:
    assert strip_lines((first, TEXT[1]), TITLE, None) == (TEXT, meta, None)


def test_glued_lead_may_be_all_there_is_of_its_paragraph() -> None:
    assert strip_lines((f"{GLUED}{TITLE}Readout{DAY}", *TEXT), TITLE, None).paragraphs == TEXT


@pytest.mark.parametrize(
    "first",
    [
        f"{GLUED}{TITLE}They met on {DAY} in Port Merrow.",
        f"{GLUED}{TITLE}ReadoutThey met.",
        f"{GLUED}{TITLE}ReadoutMay 99, 2024They met.",
        f"{GLUED}Another TitleReadout{DAY}They met.",
    ],
)
def test_glued_lead_that_is_not_certain_stays_and_is_named(first: str) -> None:
    assert strip_lines((first,), TITLE, None) == ((first,), PageMeta(), PROBLEM)


def test_glued_tags_are_named() -> None:
    body = (*LEAD, TITLE, DAY, "They spoke of lamps.TagsOffice of the SpokespersonNorway")
    assert strip_lines(body, TITLE, None).problem == PROBLEM


def test_untitled_glue() -> None:
    assert strip_lines(("Homehide lamps",), "", None).problem is None
    assert strip_lines(("HomeOffice…hideThe lamps",), "", None).problem == PROBLEM


def test_read_meta_takes_the_first_of_each() -> None:
    root = tree_of(
        '<p class="article-meta doctype-meta">Media<br>Note</p><p class="doctype-meta">Readout</p>'
        '<p class="article-meta__author-bureau"><!-- x --></p><p class="article-meta__location">Port Merrow</p>'
        '<div class="related-tags__pills"><a href="/countries-areas/norway/">Norway</a><a> </a></div>'
        '<div class="related-tags__pills"><a>Other</a></div>',
        "here",
    )
    assert page_furniture.read_meta(root) == PageMeta(
        "Media Note", None, None, "Port Merrow", (("Norway", "/countries-areas/norway/"),)
    )
    assert page_furniture.read_meta(tree_of("<p>x</p>", "here")) == PageMeta()


lines = st.sampled_from(
    ["Home", "hide", "Tags", TITLE, "Readout", DAY, "They met.", "Norway", "…", "Homehide", "Homeward"]
)


@settings(deadline=None)
@given(st.lists(lines, max_size=14))
def test_only_whole_paragraphs_go_and_only_from_the_ends(body: list[str]) -> None:
    kept = strip_lines(body, TITLE, None).paragraphs
    assert any(tuple(body[start : start + len(kept)]) == kept for start in range(len(body) + 1))
    if "hide" not in body or "Home" not in "".join(body[:12]):
        assert kept == tuple(body)
