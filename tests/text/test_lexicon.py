"""Tests of the words and patterns that make a difference material, and of their cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bounded import bounded

from scraper.text import lexicon

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("key", ["7", "g7", "210th", "two", "first", "million", "percent", "٣"])
def test_numbers_in_digits_and_letters(key: str) -> None:
    assert lexicon.is_number(key)


@pytest.mark.parametrize("key", ["one", "no", "month", "ton", ""])
def test_words_that_are_no_number(key: str) -> None:
    assert not lexicon.is_number(key)


@pytest.mark.parametrize(
    ("key", "before", "expected"),
    [
        ("210th", "the", "ordinal"),
        ("1st", "", "ordinal"),
        ("third", "a", "ordinal"),
        ("2021", "in", "date"),
        ("1899", "", "date"),
        ("4", "july", "date"),
        ("4", "sept", "date"),
        ("4", "of", "number"),
        ("3000", "", "number"),
        ("seven", "", "number"),
    ],
)
def test_the_kind_of_a_number(key: str, before: str, expected: str) -> None:
    assert lexicon.number_kind(key, before) == expected


@pytest.mark.parametrize(
    ("key", "capital", "expected"),
    [
        ("may", True, "date"),
        ("may", False, None),
        ("march", False, None),
        ("friday", True, "date"),
        ("minister", False, "title of office"),
        ("justice", True, "title of office"),
        ("justice", False, None),
        ("general", False, None),
        ("acting", False, None),
        ("harbour", True, None),
    ],
)
def test_the_kind_of_a_word(key: str, capital: bool, expected: str | None) -> None:
    assert lexicon.word_kind(key, capital=capital) == expected


@pytest.mark.parametrize(
    ("key", "named", "beside_number", "expected"),
    [
        ("will", False, False, True),
        ("will", True, False, False),
        ("may", False, False, True),
        ("may", False, True, False),
        ("must", False, True, True),
        ("harbour", False, False, False),
    ],
)
def test_modals_are_distinguished_from_names_and_the_month(
    key: str, named: bool, beside_number: bool, expected: bool
) -> None:
    assert lexicon.is_modal(key, named=named, beside_number=beside_number) is expected


@pytest.mark.parametrize(("key", "expected"), [("not", True), ("cannot", True), ("without", True), ("note", False)])
def test_negations(key: str, expected: bool) -> None:
    assert lexicon.is_negation(key) is expected


@pytest.mark.parametrize(
    ("smalls", "expected"),
    [({"of", "the", "with", "s", "between"}, True), (set(), True), ({"of", "meets"}, False), ({"meet"}, False)],
)
def test_a_headline_has_capitals_wherever_it_can(smalls: set[str], expected: bool) -> None:
    assert lexicon.is_headline(smalls) is expected


@pytest.mark.parametrize(
    ("word", "gap", "expected"),
    [
        ("S", ". ", True),
        ("Mr", ". ", True),
        ("MR", ". ", True),
        ("Gen", ".", True),
        ("5", ". ", False),
        ("town", ". ", False),
        ("S", " ", False),
        ("S", "? ", False),
    ],
)
def test_whose_full_stop_it_is(word: str, gap: str, expected: bool) -> None:
    assert lexicon.is_abbreviation(word, gap) is expected


@pytest.mark.parametrize("gap", [". ", ".” ", "!) ", "? ", "… ", "”. ", ".\u00a0"])
def test_marks_that_end_a_sentence(gap: str) -> None:
    assert lexicon.ENDS_SENTENCE.match(gap)


@pytest.mark.parametrize("gap", [", ", " ", ".", "’", ": “", " . ", "—", "; "])
def test_marks_that_do_not(gap: str) -> None:
    assert not lexicon.ENDS_SENTENCE.match(gap)


N = 10**6


@pytest.mark.parametrize(
    ("apply", "prefixes"),
    [
        (lexicon.ENDS_SENTENCE.match, [".", ")", ".)", "!?…"]),
        (lambda text: lexicon.number_kind(text, ""), ["1", "1s", "20"]),
    ],
    ids=["sentence ends", "kinds of numbers"],
)
def test_a_million_characters_of_the_worst_prefix_cost_little(
    apply: Callable[[str], object], prefixes: list[str]
) -> None:
    for prefix in prefixes:
        worst = prefix * (N // len(prefix))
        with bounded():
            apply(worst)
