"""Tests of the phrases by which search services find copies: rare, plain, spread, and the same each time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import match_support as support
import pytest
from hypothesis import given
from hypothesis import strategies as st
from match_support import Stored

from scraper.matching import search_phrases
from scraper.matching.model import RevisionKey
from scraper.text.tokens import Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from scraper.matching.model import Index

BODIES = [support.HARBOUR, support.YEAR_32, support.CALL_BRANDEIS, support.REEF, support.VISA, support.GRANT]
PLAIN = re.compile(r"[^\W\d_]+( [^\W\d_]+){5,7}")


class Nothing:
    """Index without any statement."""

    def postings(self, hashes: Sequence[int]) -> Mapping[int, Sequence[RevisionKey]]:
        return {}


def choose(text: str, index: object | None = None, title: str = "", own: Sequence[int] = ()) -> tuple[str, ...]:
    return search_phrases.choose(title, Words(text), index or Nothing(), own)  # type: ignore[arg-type]


@pytest.mark.parametrize("body", BODIES)
def test_two_or_three_phrases_stand_in_the_text_word_for_word(body: str) -> None:
    phrases = choose(body)
    assert 2 <= len(phrases) <= 3
    places = [body.index(phrase) for phrase in phrases]
    assert places == sorted(places)
    for phrase, place in zip(phrases, places, strict=True):
        assert PLAIN.fullmatch(phrase)
        assert not body[place - 1 : place].isalnum()
        assert not body[place + len(phrase) : place + len(phrase) + 1].isalnum()


@given(st.text(alphabet="abc ABC’'-.,;:$5é“”\n\u200b\u00ad", max_size=300), st.integers(0, 3))
def test_phrases_of_any_text_are_plain_and_do_not_overlap(noise: str, number: int) -> None:
    text = f"{noise} {BODIES[number]} {noise}"
    phrases = choose(text)
    assert phrases == choose(text)
    at = 0
    for phrase in phrases:
        assert PLAIN.fullmatch(phrase)
        at = text.index(phrase, at) + len(phrase)


@given(st.text(max_size=200))
def test_no_text_breaks_the_choice(text: str) -> None:
    for phrase in choose(text, title=text):
        assert phrase in text


def test_numbers_marks_and_compounds_are_in_no_phrase() -> None:
    text = (
        "The fishers' guild of Tern-on-Sea paid $5 million in the U.S. on June 9 for a ten-year plan, said “the keeper"
        " of the light”, who isn't here; and the S.S. Wren sailed at 5 p.m. with Mr. O'Hara, its owner, on board today."
    )
    assert choose(text) == ()


def test_phrases_are_spread_over_the_text() -> None:
    text = support.GRANT + "\n\n" + support.VISA + "\n\n" + support.REEF
    first, second, third = (text.index(phrase) / len(text) for phrase in choose(text))
    assert first < 0.4
    assert 0.2 < second < 0.75
    assert third > 0.6


def test_a_text_that_can_be_searched_for_in_one_place_only_gives_two_phrases_from_there() -> None:
    plain = "Experts of eleven governments met in Lunmouth this week to compare what they know about cold water reefs"
    numbers = " ".join(f"{number}," for number in range(60))
    first, second = choose(f"{plain}. {numbers}")
    assert plain.index(first) + len(first) < plain.index(second)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """Two yearly messages that share most of their words, and five notices of one template."""
    notices = [Stored(f"Notice {name}", (NOTICE.format(name),), published_at=support.FIRST_DAY) for name in NAMES]
    stored = [
        Stored(support.DAY_TITLE, (support.YEAR_31,), published_at=support.FIRST_DAY),
        Stored(support.DAY_TITLE, (support.YEAR_32,), published_at=support.FIRST_DAY),
        *notices,
    ]
    made = support.indexed(tmp_path, tuple(stored))
    yield made
    support.close(made)


NOTICE = (
    "The Department will hold a briefing for the press in the hall beside the library of the office of {} today. Those"
    " who want to attend should bring a card with a picture and be there before the doors are closed for the others."
)
NAMES = ("Wren", "Tern", "Lark", "Rook", "Dove")


def test_what_another_statement_shares_is_avoided(index: Index) -> None:
    for own, other in ((1, 2), (2, 1)):
        text, sibling = index.text(RevisionKey(own, 1)), index.text(RevisionKey(other, 1))
        phrases = search_phrases.choose(text.title, text.words, index, {own})
        assert phrases
        assert not any(phrase in sibling.words.text for phrase in phrases)


def test_text_that_many_share_has_no_phrase(index: Index) -> None:
    text = index.text(RevisionKey(3, 1))
    assert search_phrases.choose(text.title, text.words, index, {3}) == ()


def test_own_words_are_not_those_of_others(index: Index) -> None:
    text = index.text(RevisionKey(1, 1))
    assert search_phrases.choose(text.title, text.words, index, {1, 2}) != ()


class Shared:
    """Index in which so many other statements have each run of words. It has no keys of a run that too many have."""

    def __init__(self, others: int) -> None:
        self._keys = [RevisionKey(number, 1) for number in range(others)]

    def postings(self, hashes: Sequence[int]) -> Mapping[int, Sequence[RevisionKey]]:
        return dict.fromkeys(hashes, self._keys)


@pytest.mark.parametrize(
    ("others", "is_found"),
    [(1, True), (2, True), (3, False), (0, False)],  # 0: too many to list
)
def test_two_other_statements_may_share_a_phrase(others: int, is_found: bool) -> None:
    assert bool(choose(support.GRANT, Shared(others))) is is_found


def test_a_text_has_25_words_at_least() -> None:
    words = support.GRANT.split()
    ends = [at for at in range(len(words)) if len(Words(" ".join(words[:at]))) == 24]
    assert choose(" ".join(words[: ends[-1]])) == ()
    assert choose(" ".join(words[: ends[-1] + 1])) != ()


def test_words_in_plain_letters_are_preferred_to_long_ones() -> None:
    accented = "Überaus großzügige Geschäftsführer erklärten unverzüglich ausführlich verschiedene Verhältnisse"
    plain = ["the boats will leave the port at dawn", "a light will burn on each of them"]
    numbers = " ".join(f"{number}," for number in range(60))
    assert choose(f"{plain[0]}. {accented}. {plain[1]}. {numbers}") == tuple(plain)


def test_a_word_that_is_too_long_for_a_word_ends_a_phrase() -> None:
    few = "the boats will leave soon"
    for size, is_found in ((25, True), (26, False)):
        text = f" {'x' * size} ".join([few] * 5)
        assert bool(choose(text)) is is_found, size


TITLE = "Arrival of the Keepers of the Northern Light"


def test_a_short_text_gives_its_title_if_that_can_be_searched_for() -> None:
    assert choose(support.SHORT, title=TITLE) == (TITLE,)
    for title in (
        "National Day",
        "Signing of 5 Agreements with the Republic of Tern",
        f"{TITLE}: Remarks",
        "",
        "x" * 999,
    ):
        assert choose(support.SHORT, title=title) == ()


def test_a_title_that_another_statement_has_is_not_searched_for(tmp_path: Path) -> None:
    made = support.indexed(tmp_path, (Stored(TITLE, (support.SHORT,), published_at=support.FIRST_DAY),))
    assert choose("Another short text.", made, TITLE, own=(5,)) == ()
    assert choose("Another short text.", made, TITLE, own=(1,)) == (TITLE,)
    support.close(made)
