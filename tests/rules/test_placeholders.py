"""Tests of placeholders of a title or a text, and of text that only resembles one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Item
from scraper.rules.placeholders import Absence, absence_of, is_label, is_locked, is_no_title, real_title
from scraper.text import normalize

TITLE = "Lamps for Harbour"
FORM = ("This content is password protected. To view it please enter your password below:", "Password:")


@pytest.mark.parametrize("title", ["", " — ", "Auto Draft", "(no title)", "[No title]", "Untitled"])
def test_placeholders_of_a_title(title: str) -> None:
    assert is_no_title(title)
    assert real_title(title, TITLE) == TITLE


@pytest.mark.parametrize("title", ["Draft Auto Rules", "No Title Needed", "Untitled Works of Harbour"])
def test_titles_with_such_words_are_titles(title: str) -> None:
    assert not is_no_title(title)
    assert real_title(title, TITLE) == title


@pytest.mark.parametrize("lock", ["Protected: ", "Private: ", "Protegido: ", "Protégé : ", "Geschützt: "])
def test_the_mark_of_a_locked_post_is_no_part_of_its_title(lock: str) -> None:
    assert real_title(f"{lock}{TITLE}", TITLE) == TITLE
    assert real_title(f"{lock}Sea Turtles", TITLE) == f"{lock}Sea Turtles"


def test_a_password_form_is_no_text() -> None:
    assert is_locked(f"Protected: {TITLE}", FORM)
    assert is_locked(TITLE, ("There is no excerpt because this is a protected post.",))
    assert is_locked(f"Protected: {TITLE}", ())
    assert not is_locked(TITLE, ())
    assert not is_locked(f"Protected: {TITLE}", ("The lamps of Harbour are lit.",))
    assert not is_locked(TITLE, (*FORM, "The lamps of Harbour are lit each night. " * 10))


@pytest.mark.parametrize(
    ("item", "known_words", "absence"),
    [
        (Item("u", TITLE, paragraphs=FORM), 90, Absence.LOCKED),
        (Item("u", f"Protected: {TITLE}", absence=Absence.BLANK), 90, Absence.LOCKED),
        (Item("u", f"Protected: {TITLE}"), 90, None),
        (Item("u", TITLE, absence=Absence.BLANK), 90, Absence.BLANK),
        (Item("u", TITLE, paragraphs=("Download",), absence=Absence.FILE), 90, Absence.FILE),
        (Item("u", TITLE, paragraphs=("Download",), absence=Absence.FILE), 1, None),
        (Item("u", TITLE), 90, None),
    ],
)
def test_placeholders_of_a_text(item: Item, known_words: int, absence: Absence | None) -> None:
    assert absence_of(item, known_words) == absence


@given(st.lists(st.text(max_size=40), max_size=8), st.integers(0, 80))
def test_a_label_has_few_words_in_all_its_paragraphs_together(texts: list[str], more: int) -> None:
    texts.append("lamp " * more)
    assert is_label(tuple(texts)) is (sum(len(normalize.words(text)) for text in texts) <= 60)


def test_twenty_thousand_characters_are_no_label_however_few_words() -> None:
    assert is_label(("x" * 10_000, "y" * 10_000))
    assert not is_label(("x" * 10_000, "y" * 10_001))
