"""Tests of what excuses an alteration: another statement that has the words which differ."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import match_support as s
import pytest

from scraper.matching.align import Alignment, Run
from scraper.matching.classify import MatchVerdict, Signals
from scraper.matching.fit import Fit
from scraper.matching.gaps import GapReading
from scraper.matching.model import RevisionKey, WordChange
from scraper.matching.titles import TitleRelation
from scraper.model import Relation

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def altered(tmp_path: Path) -> Fit:
    """Fit of a statement that has all but word 10 of the first 30 words of a page."""
    index = s.indexed(tmp_path, (s.Stored("Harbours", (s.HARBOUR,), s.FIRST_DAY),))
    text = index.text(RevisionKey(1, 1))
    s.close(index)
    reading = GapReading(changes=[WordChange(10, 11, 10, 11)], passages=[WordChange(0, 30, 0, 30)])
    verdict = MatchVerdict(Relation.ALTERED, 1.0, 0.9, ())
    signals = Signals(TitleRelation.SAME, "", True, True, True, True, 0.0, ())
    alignment = Alignment((Run(0, 0, 10), Run(11, 11, 19)))
    return Fit(RevisionKey(1, 1), text, alignment, reading, signals, verdict, None, ())


def rival(fit: Fit, words: int, *, first: int = 0, statement: int = 2, changes: int = 0) -> Fit:
    """Fit of a statement that has so many words of the page in a row, of which some differ."""
    change = [WordChange(1, 1 + changes, first + 1, first + 1 + changes)] if changes else []
    reading = GapReading(changes=change, passages=[WordChange(0, words, first, first + words)])
    alignment = Alignment((Run(0, first, words),))
    return replace(fit, key=RevisionKey(statement, 1), reading=reading, alignment=alignment)


def test_a_statement_that_has_all_words_excuses_an_alteration(altered: Fit) -> None:
    assert altered.is_of_another([altered, rival(altered, 30)])


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"words": 12}, id="it has fewer words of the page"),
        pytest.param({"words": 60, "first": 40}, id="it has other words of the page"),
        pytest.param({"words": 40, "changes": 2}, id="it is altered, too"),
        pytest.param({"words": 30, "statement": 1}, id="it is another revision"),
    ],
)
def test_no_other_statement_excuses_it(altered: Fit, given: dict[str, int]) -> None:
    assert not altered.is_of_another([altered, rival(altered, **given)])


def test_words_that_are_joined_to_a_passage_are_not_excused(altered: Fit) -> None:
    joined = replace(
        altered, reading=GapReading(passages=[WordChange(0, 30, 0, 30)], glued=[WordChange(30, 30, 30, 33)])
    )
    assert not joined.is_of_another([joined, rival(joined, 40)])


def test_only_an_alteration_is_excused(altered: Fit) -> None:
    excerpt = replace(altered, verdict=replace(altered.verdict, relation=Relation.EXCERPT))
    assert not excerpt.is_of_another([excerpt, rival(excerpt, 30)])
