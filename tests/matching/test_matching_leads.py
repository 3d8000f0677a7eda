"""Tests of the first sentences of a statement on a page without its title, where all but a name is a template."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import match_support as s
import pytest

from scraper.matching import thresholds as t
from scraper.matching.matcher import Matcher
from scraper.matching.model import PageToMatch
from scraper.model import Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.matching.model import Match

ATTRIBUTION = "The below is attributable to Spokesperson Quill Tarn:"
MINISTERS = [
    f"{country} Foreign Minister {name}"
    for country in ("Tarvenian", "Selish", "Norvic", "Lunmouth", "Ostrian", "Belgard", "Corvan", "Darrish")
    for name in ("Brandeis", "Ivorsen", "Castellan", "Dumont", "Ekwueme", "Fairchild", "Grimaldi", "Hollis")
]
TWICE = MINISTERS[7]
BARE = f"{s.CHROME_TOP}{{}}{s.CHROME_BOTTOM}"
ARTICLE = "Ferry tickets cost more from Monday on, the harbour office of Eel Bay says.\n{}\nThe office opens at nine."


def lead(minister: str) -> str:
    return (
        f"Secretary of State Rosalind Marlow spoke today with {minister}. "
        f"The Secretary and the Foreign Minister discussed the strong ties between both countries."
    )


def call(number: int, minister: str) -> s.Stored:
    thanks = f"The Secretary thanked {minister} for the hospitality of the valley and of all keepers of the harbour."
    own = f"They agreed that convoy {number} sails from pier {number * 7} with {number * 13} tents for the valley."
    return s.Stored(
        f"Secretary Marlow’s Call with {minister}",
        ("\n\n".join((ATTRIBUTION, lead(minister), thanks, own)),),
        s.FIRST_DAY + timedelta(days=number),
    )


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matcher]:
    calls = [call(number, minister) for number, minister in enumerate([*MINISTERS, TWICE], start=1)]
    index = s.indexed(tmp_path_factory.mktemp("calls"), tuple(calls))
    yield Matcher(index)
    s.close(index)


def copies(matcher: Matcher, body: str, title: str | None = None) -> list[Match]:
    return [match for match in matcher.trace(PageToMatch(BARE.format(body), title)) if match.relation.is_copy]


@pytest.mark.parametrize("number", [1, 12, 30, 64])
def test_a_whole_lead_with_the_name_of_one_statement_is_an_excerpt(matcher: Matcher, number: int) -> None:
    for body in (lead(MINISTERS[number - 1]), f"{ATTRIBUTION}\n{lead(MINISTERS[number - 1])}"):
        (match,) = copies(matcher, body)
        assert (match.key.statement_id, match.relation) == (number, Relation.EXCERPT)


def test_its_words_are_no_quotation_as_well(matcher: Matcher) -> None:
    _, quotations = matcher.trace_all(PageToMatch(BARE.format(lead(MINISTERS[3]))))
    assert quotations == ()


def test_each_lead_of_a_list_is_a_quotation(matcher: Matcher) -> None:
    matches, quotations = matcher.trace_all(PageToMatch(BARE.format("\n".join(map(lead, MINISTERS[20:25])))))
    assert not any(match.relation.is_copy for match in matches)
    assert [each.key.statement_id for each in quotations] == [21, 22, 23, 24, 25]


def test_there_are_no_more_copies_than_the_limit(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(t, "MAX_MATCHES", 0)
    assert copies(matcher, lead(MINISTERS[3])) == []


def test_a_lead_of_an_unknown_statement_is_none(matcher: Matcher) -> None:
    assert copies(matcher, lead("Zephyrian Foreign Minister Quennell")) == []


def test_a_lead_that_two_statements_have_is_neithers(matcher: Matcher) -> None:
    assert copies(matcher, lead(TWICE)) == []


def test_a_lead_that_ends_before_the_name_is_none(matcher: Matcher) -> None:
    assert copies(matcher, re.sub("Tarvenian.*", "…", lead(MINISTERS[0]))) == []


def test_a_lead_with_a_sentence_joined_to_it_is_none(matcher: Matcher) -> None:
    assert copies(matcher, f"Nobody in the town believes that {lead(MINISTERS[3])}") == []
    assert copies(matcher, f"{lead(MINISTERS[3])} That call was short, and nobody in the town has heard of it.") == []


def test_a_lead_among_the_sentences_of_another_text_is_a_quotation(matcher: Matcher) -> None:
    matches, quotations = matcher.trace_all(PageToMatch(BARE.format(ARTICLE.format(lead(MINISTERS[3])))))
    assert not any(match.relation.is_copy for match in matches)
    assert [each.key.statement_id for each in quotations] == [4]


def test_a_paragraph_after_the_first_one_is_no_lead(matcher: Matcher) -> None:
    said = f"The Secretary thanked {MINISTERS[3]} for the hospitality of the valley and of all keepers of the harbour."
    matches, quotations = matcher.trace_all(PageToMatch(BARE.format(said)))
    assert not any(match.relation.is_copy for match in matches)
    assert [each.key.statement_id for each in quotations] == [4]


def test_a_sentence_from_the_middle_is_a_quotation_and_no_copy(matcher: Matcher) -> None:
    said = "They agreed that convoy 9 sails from pier 63 with 117 tents for the valley."
    matches, quotations = matcher.trace_all(PageToMatch(BARE.format(ARTICLE.format(said))))
    assert not any(match.relation.is_copy for match in matches)
    assert [each.key.statement_id for each in quotations] == [9]
