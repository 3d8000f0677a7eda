"""The revision that a quotation is assigned to: the current one, unless State has replaced the very words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import match_support as support
import pytest
from match_support import FIRST_DAY, Stored
from quotation_support import SHARED, TWO, asked, found

from scraper.matching.model import RevisionKey
from scraper.pages import QuotationVerdict

if TYPE_CHECKING:
    from pathlib import Path

KEPT = "The funds will rebuild eleven locks, deepen the harbor, and train river pilots of the valley."
BODY = "The guild of the river met in Sel. Both sides will give ${} million to it. {} All went home by boat."


def bodies(*amounts: int, kept: str = KEPT) -> tuple[str, ...]:
    return tuple(BODY.format(amount, kept) for amount in amounts)


@pytest.mark.parametrize("revisions", [2, 9])
@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        (KEPT, "verbatim"),
        (KEPT.replace("harbor", "harbour"), "fitted"),
        (KEPT.replace("will", "would"), "fitted"),
        (KEPT.replace("eleven", "twelve"), "altered"),
        (KEPT.replace("eleven locks, deepen", "eleven locks … deepen"), "verbatim"),
    ],
)
def test_words_that_state_has_not_replaced_are_those_of_the_current_revision(
    tmp_path: Path, revisions: int, said: str, verdict: str
) -> None:
    index = support.indexed(tmp_path, (Stored("River", bodies(*range(30, 30 + revisions)), FIRST_DAY),))
    try:
        (quotation,) = found(index, f"“{said}”")
        assert (quotation.key, quotation.outdated) == (RevisionKey(1, revisions), False)
        assert quotation.verdict == verdict
        assert BODY.format(29 + revisions, KEPT)[slice(*quotation.statement)] == KEPT.rstrip(".")
    finally:
        support.close(index)


@pytest.mark.parametrize("said", [KEPT, KEPT.replace("eleven", "twelve")])
def test_words_that_state_has_replaced_are_those_of_the_old_revision(tmp_path: Path, said: str) -> None:
    later = bodies(31, kept="The funds stay where they are.")
    index = support.indexed(tmp_path, (Stored("River", (*bodies(30), *later), FIRST_DAY),))
    try:
        (quotation,) = found(index, f"“{said}”")
        assert (quotation.key, quotation.outdated) == (RevisionKey(1, 1), True)
    finally:
        support.close(index)


def test_the_nearest_of_several_wordings_is_quoted(tmp_path: Path) -> None:
    texts = (*bodies(30), *bodies(30, kept=KEPT.replace("eleven", "twelve")), *bodies(30, kept="Nothing is funded."))
    index = support.indexed(tmp_path, (Stored("River", texts, FIRST_DAY),))
    try:
        (quotation,) = found(index, f"“{KEPT.replace('eleven', 'twelve').replace('train', 'trains')}”")
        assert (quotation.key, quotation.verdict) == (RevisionKey(1, 2), "fitted")
    finally:
        support.close(index)


@pytest.mark.parametrize("said", [KEPT, KEPT.replace("eleven", "twelve")])
@pytest.mark.parametrize("between", [(), (31,)])
def test_a_revision_with_the_words_of_an_earlier_one_is_the_current_one(
    tmp_path: Path, said: str, between: tuple[int, ...]
) -> None:
    """The index has the words of both once: State has changed the title only, or gone back to its first wording."""
    index = support.indexed(tmp_path, (Stored("River", bodies(30, *between, 30), FIRST_DAY),))
    try:
        (quotation,) = found(index, f"“{said}”")
        assert (quotation.key, quotation.outdated) == (RevisionKey(1, 2 + len(between)), False)
    finally:
        support.close(index)


@pytest.mark.parametrize(("days", "statement"), [(10, 1), (70, 2)])
def test_an_altered_sentence_of_two_statements_is_that_of_the_last_one_before_the_page(
    tmp_path: Path, days: int, statement: int
) -> None:
    index = support.indexed(tmp_path, TWO)
    try:
        (one,) = found(index, f"“{SHARED.replace('northern', 'southern')}”", FIRST_DAY + timedelta(days=days))
        assert (one.key.statement_id, one.others, one.verdict) == (statement, (3 - statement,), "altered")
    finally:
        support.close(index)


WALLS = "The towns of the valley will give the land and the stone for the new walls of the harbor."


@pytest.mark.parametrize(
    ("said", "is_spelling"),
    [
        ((KEPT.replace("harbor", "harbour"), WALLS.replace("harbor", "harbour")), True),
        ((KEPT.replace("harbor", "harbour"), WALLS), True),
        ((KEPT.replace("harbor", "harbour"), WALLS.replace("will", "would")), False),
        ((KEPT.replace("will", "would"), WALLS.replace("harbor", "harbour")), False),
    ],
)
def test_a_quotation_of_two_sentences_is_another_spelling_only_if_nothing_else_differs(
    tmp_path: Path, said: tuple[str, str], is_spelling: bool
) -> None:
    index = support.indexed(tmp_path, (Stored("River", bodies(30, kept=f"{KEPT} {WALLS}"), FIRST_DAY),))
    try:
        (quotation,) = found(index, f"“{' '.join(said)}”")
        assert (quotation.verdict, quotation.is_spelling) == ("fitted", is_spelling)
    finally:
        support.close(index)


def test_a_quotation_that_is_asked_about_is_settled_too(tmp_path: Path) -> None:
    index = support.indexed(tmp_path, (Stored("River", bodies(30, 31), FIRST_DAY),))
    try:
        (quotation,) = asked(index, KEPT.replace("river ", ""))
        assert (quotation.key, quotation.verdict) == (RevisionKey(1, 2), QuotationVerdict.SIMILAR)
    finally:
        support.close(index)
