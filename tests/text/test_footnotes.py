"""Tests of footnote marks and powers: a mark is never a number of the text."""

from __future__ import annotations

import pytest
from bounded import bounded

from scraper.model import Grade
from scraper.text import footnotes
from scraper.text.diff import compare


@pytest.mark.parametrize(
    ("before", "written", "linked", "expected"),
    [
        ("since 2019", "1", False, " ¹"),
        ("people", " [12] ", False, " ¹²"),
        ("people", "(3)", False, " ³"),
        ("people", "4–6", False, " ⁴–⁶"),
        ("10", "6", True, " ⁶"),
        ("10", "a", True, " a"),
        ("people", "†", True, " †"),
        ("people", "", True, None),
        ("people", ",", True, None),
        ("people", "a", False, None),
        ("1", "st", False, None),
        ("5 m", "2", False, None),
        ("5 km", "2", False, None),
        ("5 km", "7", False, " ⁷"),
        ("2 x 10", "9", False, None),
        ("On May 10", "9", False, " ⁹"),
        ("nearly 10", "9", False, None),
        (", 10", "9", False, None),
        ("1,110", "9", False, " ⁹"),
    ],
)
def test_mark(before: str, written: str, linked: bool, expected: str | None) -> None:
    assert footnotes.mark(before, written, is_linked=linked) == expected


def test_marks_that_are_superscript_digits_are_set_apart_and_powers_are_not() -> None:
    assert footnotes.set_apart("2019¹ and 5 km² of x⁴, word² ³") == "2019 ¹ and 5 km² of x⁴, word ² ³"
    assert footnotes.set_apart("2019 and 5") == "2019 and 5"


@pytest.mark.parametrize("mark", ["¹", "¹²", "⁷"])
def test_a_mark_that_comes_goes_or_changes_is_no_change_of_a_number(mark: str) -> None:
    plain, marked = "It has been closed since 2019 for trade.", f"It has been closed since 2019 {mark} for trade."
    for difference in (compare(plain, marked), compare(marked, plain), compare(marked, marked.replace(mark, "⁹"))):
        assert (difference.grade, len(difference.reasons)) == (Grade.MINOR, 1)
        assert str(difference.reasons[0]).startswith("words ")


def test_a_number_beside_a_mark_is_a_number() -> None:
    difference = compare("We gave 58 ¹ lamps.", "We gave 85 ¹ lamps.")
    assert [str(reason) for reason in difference.reasons] == ["number: 58 → 85"]


def test_long_texts_cost_little() -> None:
    with bounded():
        footnotes.set_apart("1¹" * 200_000)
        footnotes.mark("x" * 200_000, "1," * 100_000, is_linked=False)
        footnotes.mark("10" * 200_000, "1", is_linked=False)
