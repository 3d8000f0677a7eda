"""Tests of whole paragraphs in another order than the statement's."""

from __future__ import annotations

from itertools import permutations

import match_support as s
import pytest
from match_support import wrapped

from scraper.matching import Matcher, PageToMatch
from scraper.model import Grade, Relation

PARAGRAPHS = s.HARBOUR.split("\n\n")
FIRST, SECOND, THIRD, FOURTH = PARAGRAPHS
REPORT = "The mayor of Lunmouth was pleased with it and went to bed early that night."


def traced(matcher: Matcher, body: str, title: str = s.HARBOUR_TITLE):
    (match,) = matcher.trace(PageToMatch(wrapped(title, body), title))
    assert match.key == s.HARBOUR_KEY
    return match


@pytest.mark.parametrize("order", [order for order in permutations(PARAGRAPHS) if order != tuple(PARAGRAPHS)])
@pytest.mark.parametrize("title", [s.HARBOUR_TITLE, "Ships and what they bring"])
def test_whole_paragraphs_in_any_order_are_an_excerpt(matcher: Matcher, order: tuple[str, ...], title: str) -> None:
    match = traced(matcher, "\n\n".join(order), title)
    assert (match.relation, match.grade, match.differences) == (Relation.EXCERPT, None, ())
    assert match.coverage > 0.9


@pytest.mark.parametrize("quoted", [(SECOND, THIRD), (THIRD, SECOND), (FOURTH, THIRD, SECOND)])
@pytest.mark.parametrize("title", [s.HARBOUR_TITLE, "Ships and what they bring"])
def test_paragraphs_quoted_in_a_report_are_an_excerpt_in_any_order(matcher: Matcher, quoted, title: str) -> None:
    lines = [
        f"“{quoted[0]}” the Department said on Tuesday.",
        REPORT,
        *(f"It also said: “{one}”" for one in quoted[1:]),
    ]
    match = traced(matcher, "\n".join(lines), "Ships and what they bring")
    assert match.relation is Relation.EXCERPT
    assert match.differences == ()


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("$80 million", "$58 million", "amount: $80 million → $58 million"),
        ("will invest", "will not invest", "negation added: not"),
        ("first of four", "last of four", "ordinal"),
        ("The United States and the Republic", "The French and the Republic", "name"),
    ],
)
def test_a_change_in_a_moved_paragraph_is_found(matcher: Matcher, before: str, after: str, reason: str) -> None:
    assert before in SECOND
    match = traced(matcher, "\n\n".join([FOURTH, THIRD, SECOND.replace(before, after), FIRST]))
    assert (match.relation, match.grade) == (Relation.ALTERED, Grade.MATERIAL)
    assert any(reason in str(difference) for difference in match.differences)
    assert not any(difference.label == "sentence moved" for difference in match.differences)


def test_a_moved_paragraph_with_another_end_is_altered(matcher: Matcher) -> None:
    changed = SECOND.replace("opens in March 2031", "opens never")
    match = traced(matcher, "\n\n".join([THIRD, FOURTH, changed, FIRST]))
    assert (match.relation, match.grade) == (Relation.ALTERED, Grade.MATERIAL)


def test_sentences_in_another_order_are_an_alteration(matcher: Matcher) -> None:
    first, second = SECOND.split(". Under it, ")
    match = traced(matcher, s.HARBOUR.replace(SECOND, f"Under it, {second[:-1]}. {first}."))
    assert (match.relation, match.grade) == (Relation.ALTERED, Grade.MATERIAL)
