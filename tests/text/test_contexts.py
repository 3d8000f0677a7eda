"""Places of a phrase in a text, and the words around them."""

from __future__ import annotations

import pytest
from bounded import bounded
from hypothesis import given
from hypothesis import strategies as st

from scraper.text.contexts import Context, around, find


@pytest.mark.parametrize(
    ("phrase", "text", "words"),
    [
        ("port merrow", "To Port Merrow.", "Port Merrow"),
        ("port merrow", "Port “Merrow”", "Port “Merrow"),
        ("U.S.", "The U.S. said", "U.S"),
        ("lamp", "Lamps, a lamp", "lamp"),
        ("lamp", "a streetlamp, lamp", "lamp"),
        ("a a", "ba a a", "a a"),
        ("naive", "The naïve one", "naïve"),
        ("naïve", "The naive one", "naive"),
        ("cafe", "cafe\u0301s and cafe\u0301", "cafe\u0301"),
        ("harbour", "the har\u00adbour", "har\u00adbour"),
        ("İstanbul", "in İSTANBUL today", "İSTANBUL"),
        ("istanbul talks", "İ İstanbul talks", "İstanbul talks"),
        ("公河", "湄公河沿岸", "公河"),
        ("رسالة", "نص الرسالة، رِسالة", "رِسالة"),
        ("merrow", "mer\nrow, merrow", "merrow"),
    ],
)
def test_phrase_is_found_as_it_is_written(phrase: str, text: str, words: str) -> None:
    found = find(phrase, text)
    assert found.words == words
    assert found.before + found.words + found.after == " ".join(text.split())


def test_a_part_of_a_word_is_no_place() -> None:
    assert find("lamp", "a streetlamp, lamps, lamp!").before == "a streetlamp, lamps, "
    assert find("a a", "ba a a").before == "ba "


def test_first_text_is_preferred_and_the_next_is_looked_at() -> None:
    assert find("lamp", "no light", "a lamp").words == "lamp"
    assert find("lamp", "lamp one", "a lamp").after == " one"


def test_without_a_place_the_first_text_begins() -> None:
    assert find("lamp", "no light", "none") == Context("", "", "no light")
    assert find("…", "no light") == Context("", "", "no light")


def test_cuts_are_at_blanks_and_marked() -> None:
    text = "word " * 100 + "lamp" + " word" * 100
    found = find("lamp", text)
    assert found.before.startswith("…word ")
    assert found.after.endswith(" word…")
    assert len(found.before + found.after) < 260
    unbroken = find("公河", "河岸" * 300 + "公河" + "河岸" * 300)
    assert len(unbroken.before + unbroken.after) < 260


def test_context_is_one_safe_line() -> None:
    found = around("a\n\n\u202eb lamp \x00c\u2066", (6, 10))
    assert found == Context("a b ", "lamp", " c")
    assert around("lamp", (0, 4)) == Context("", "lamp", "")
    assert around("(lamp )", (1, 5)) == Context("(", "lamp", " )")


@given(st.text(max_size=40), st.text(max_size=200))
def test_no_text_raises(phrase: str, text: str) -> None:
    assert isinstance(find(phrase, text, text), Context)


@pytest.mark.parametrize(("phrase", "text"), [("a " * 149 + "b", "a " * 100_000), ("a b", "a" + "." * 200_000)])
def test_time_is_linear(phrase: str, text: str) -> None:
    with bounded(5.0):
        find(phrase, text)
