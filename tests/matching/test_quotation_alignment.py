"""Ground of an alteration, and where a reporter's words begin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import match_support as s
import pytest
from match_support import REEF_OLD

from scraper.matching import Matcher, PageToMatch, fingerprints
from scraper.matching.quotation_alignment import QuotedUnit, is_grounded
from scraper.matching.quotation_units import Unit
from scraper.matching.quotations import Quotation, QuotationFinder
from scraper.model import Grade, Reason
from scraper.pages import QuotationVerdict
from scraper.text.diff import Difference
from scraper.text.tokens import Words

if TYPE_CHECKING:
    from scraper.matching.model import Index

LOSSES = "the losses of the last decade were twice as large as reported"


def altered(*labels: str, sizes: tuple[tuple[int, int], ...] = ((1, 1),), words: int = 15, **fields: Any) -> QuotedUnit:
    unit = Unit(tuple(range(words)), frozenset(), fields.pop("is_marked", True), fields.pop("is_explained", False))
    difference = Difference(Grade.MATERIAL, tuple(Reason(label, "a", "b", Grade.MATERIAL) for label in labels))
    text = dict(s.revisions())[REEF_OLD]
    weight, verdict = fields.pop("weight", 5.0), QuotationVerdict.ALTERED
    return QuotedUnit(unit, REEF_OLD, text, 0, words, difference, verdict, sizes=sizes, weight=weight)


@pytest.mark.parametrize(
    ("found", "is_supported", "expected"),
    [
        (altered("number"), False, True),
        (altered("number", "quotation", weight=0.3), False, True),
        (altered("words changed", sizes=((1, 1), (1, 1))), False, False),
        (altered("words changed", sizes=((1, 1), (1, 1))), True, True),
        (altered("name"), False, True),
        (altered("name", words=9), False, False),
        (altered("name", "quotation", weight=1.0), False, False),
        (altered("words changed", sizes=((2, 3),)), False, True),
        (altered("words changed", sizes=((2, 3),), words=9), False, False),
        (altered("words changed", sizes=((2, 6),)), False, False),
        (altered("words added", sizes=((0, 1),)), False, False),
        (altered("negation added", sizes=((0, 1),)), False, True),
        # A part of the sentence is a copy, which a site may have cut and gone on from.
        (altered("words changed", is_explained=True, is_marked=False), True, False),
        (altered("number", is_explained=True, is_marked=False), False, True),
        (altered("words changed", is_explained=True), False, True),
    ],
)
def test_ground_of_an_alteration(found: QuotedUnit, is_supported: bool, expected: bool) -> None:
    assert is_grounded(found, is_supported=is_supported) is expected


def found(index: Index, line: str) -> list[Quotation]:
    words = Words(f"Fishermen met on Monday.\n{line}\nNobody in the port knew more.")
    return list(QuotationFinder(index).find(words, bytearray(b"\1" * len(words)), None))


@pytest.mark.parametrize(
    ("line", "quoted"),
    [
        (f"Fishers in the harbour now shout {LOSSES} in every street.", LOSSES),  # a part of State's sentence
        (f"We found that {LOSSES}.", f"We found that {LOSSES}"),  # another person
        (f"“They found that {LOSSES}” it said.", f"They found that {LOSSES}"),
        (f"Fishers shout loud {LOSSES}.", None),  # too few words of a reporter's to be sure
        (f"Nobody believes it when told {LOSSES} by us.", None),
        ("They found that losses were large in the last decade, twice over, as far as was reported.", None),
    ],
)
def test_a_reporters_words_are_no_part_of_the_quotation(index: Index, line: str, quoted: str | None) -> None:
    text = f"Fishermen met on Monday.\n{line}\nNobody in the port knew more."
    assert [text[slice(*each.page)] for each in found(index, line)] == ([quoted] if quoted else [])


def test_a_quotation_of_several_sentences_is_searched_sentence_by_sentence(index: Index) -> None:
    line = (
        "“Nobody knows this. Nor that one here. The next meeting takes place in Port Isling in the autumn of 2032. So.”"
    )
    (quotation,) = found(index, line)
    assert quotation.words == 13


def test_quotations_of_a_damaged_page_have_its_own_places(index: Index) -> None:
    text = f'The guests of the cafÃ© and of the crÃ¨merie read it:\n"They found that {LOSSES}" said one.'
    _, (quotation,) = Matcher(index).trace_all(PageToMatch(text))
    assert LOSSES in text[slice(*quotation.page)]


def test_a_run_of_words_is_found_at_words_only() -> None:
    packed = fingerprints.pack([1, 256, 1, 7])
    assert fingerprints.find(packed, fingerprints.pack([1, 7])) == 2
    assert fingerprints.find(packed, fingerprints.pack([9])) == -1
    assert fingerprints.find(fingerprints.pack([256, 0, 1]), fingerprints.pack([1])) == 2


def test_a_text_of_template_words_goes_to_its_own_twin(tmp_path: Any) -> None:
    def memo(amount: int) -> str:
        return s.GRANT.replace("$250,000", f"${amount},000")

    many = tuple(s.Stored("Memorandum", (memo(amount),), s.FIRST_DAY) for amount in range(101, 171))
    folder = tmp_path / "many"
    folder.mkdir()
    index = s.indexed(folder, many)
    try:
        (match, *_) = Matcher(index).trace(PageToMatch(f"Home\nNews\n{memo(137)}\nShare on Facebook", "Memorandum"))
    finally:
        s.close(index)
    assert (match.key.statement_id, match.relation) == (37, "verbatim")


def test_words_that_are_only_joined_are_no_alteration(index: Index) -> None:
    line = "“Experts of eleven governments met in Lunmouth this week to compare what they know about the bleaching of"
    (quotation,) = found(index, f"{line} coldwater reefs.”")
    assert (quotation.is_altered, quotation.key) == (False, REEF_OLD)
