"""Tests of suggestions for a name that is not known."""

from __future__ import annotations

import pytest

from scraper.text.nearest import nearest, question


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("Loas", ("Laos", "Lesotho"), ("Laos",)),
        ("Korea", ("South Korea", "North Korea", "Kenya"), ("South Korea", "North Korea")),
        ("korea south", ("South Korea",), ("South Korea",)),
        ("Xyz", ("Laos",), ()),
        ("...", ("Laos",), ()),
        ("show", ("show",), ()),
        (" show", ("show", "config show"), ("config show",)),
        ("Laos", (), ()),
    ],
)
def test_the_nearest_name(name: str, known: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert nearest(name, known) == found


def test_a_question_names_at_most_three_names() -> None:
    assert question("Korea", ("Korea A", "Korea B", "Korea C", "Korea D")) == (
        "; did you mean “Korea A”, “Korea B” or “Korea C”?"
    )
    assert question("Korea", ("Korea A", "Korea B")) == "; did you mean “Korea A” or “Korea B”?"
    assert question("Korea", ()) == ""


def test_a_name_that_only_adds_words_to_another_one_is_left_out() -> None:
    assert nearest("Jane Roe", ("Jane Q. Roe, Deputy", "Jane Q. Roe")) == ("Jane Q. Roe",)


def test_long_and_many_names_are_compared_in_no_time() -> None:
    assert nearest("a" * 1_000_000, ["b" * 10_000] * 3) == ()
