"""Tests of the first sentences of a statement on a page without its title, where all but a name is a template."""

from __future__ import annotations

import re
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import match_support as s
import pytest

from scraper.matching import thresholds as t
from scraper.matching.matcher import Matcher
from scraper.matching.model import PageToMatch
from scraper.model import Relation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scraper.matching.model import Match

ATTRIBUTION = "The below is attributable to Spokesperson Quill Tarn:"
MINISTERS = [
    f"{country} Foreign Minister {name}"
    for country in ("Tarvenian", "Selish", "Norvic", "Lunmouth", "Ostrian", "Belgard", "Corvan", "Darrish")
    for name in ("Brandeis", "Ivorsen", "Castellan", "Dumont", "Ekwueme", "Fairchild", "Grimaldi", "Hollis")
]
TWICE, AGAIN = MINISTERS[7], MINISTERS[8]
OTHER_ATTRIBUTION = "The following is attributable to Deputy Spokesperson Ansel Crane:"
BARE = f"{s.CHROME_TOP}{{}}{s.CHROME_BOTTOM}"
ARTICLE = "Ferry tickets cost more from Monday on, the harbour office of Eel Bay says.\n{}\nThe office opens at nine."


def lead(minister: str) -> str:
    return (
        f"Secretary of State Rosalind Marlow spoke today with {minister}. "
        f"The Secretary and the Foreign Minister discussed the strong ties between both countries."
    )


def call(number: int, minister: str, attribution: str = ATTRIBUTION) -> s.Stored:
    thanks = f"The Secretary thanked {minister} for the hospitality of the valley and of all keepers of the harbour."
    own = f"They agreed that convoy {number} sails from pier {number * 7} with {number * 13} tents for the valley."
    return s.Stored(
        f"Secretary Marlow’s Call with {minister}",
        ("\n\n".join((attribution, lead(minister), thanks, own)),),
        s.FIRST_DAY + timedelta(days=number),
    )


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matcher]:
    calls = [call(number, minister) for number, minister in enumerate([*MINISTERS, TWICE], start=1)]
    calls.append(call(len(calls) + 1, AGAIN, OTHER_ATTRIBUTION))
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


@pytest.mark.parametrize(("attribution", "number"), [(ATTRIBUTION, 9), (OTHER_ATTRIBUTION, 66)])
def test_of_two_statements_with_one_lead_the_one_with_the_line_before_it_is_named(
    matcher: Matcher, attribution: str, number: int
) -> None:
    (match,) = copies(matcher, f"{attribution}\n{lead(AGAIN)}")
    assert (match.key.statement_id, match.relation) == (number, Relation.EXCERPT)
    assert copies(matcher, lead(AGAIN)) == []


@pytest.mark.parametrize("words", [12, 13, 20])
@pytest.mark.parametrize("end", ["", "…", " Read More »", "… Read More »", " Continue reading"])
def test_a_lead_that_is_cut_behind_the_name_is_that_of_its_statement(matcher: Matcher, words: int, end: str) -> None:
    cut = " ".join(lead(MINISTERS[11]).split(" ")[:words]).rstrip(".") + end
    matches, quotations = matcher.trace_all(PageToMatch(BARE.format(f"{ATTRIBUTION}\n{cut}")))
    named = {each.key.statement_id for each in (*matches, *quotations)}
    assert named == {12}
    assert not any(each.relation is Relation.ALTERED for each in matches)


def test_a_line_without_an_end_that_nothing_introduces_is_a_headline(matcher: Matcher) -> None:
    entry = lead(MINISTERS[11]).partition(".")[0]
    assert matcher.trace_all(PageToMatch(f"Ferry news\n{entry}\nTickets and times"))[1] == ()


@pytest.mark.parametrize("titled", [10, 20, 40])
def test_a_lead_below_the_title_of_another_call_is_no_alteration_of_that(matcher: Matcher, titled: int) -> None:
    titles = f"Secretary Marlow’s Call with {MINISTERS[titled]}\nFerry tickets cost more from Monday on"
    for cut in (12, 14, 15, 18, 30):
        body = " ".join(lead(MINISTERS[3]).split(" ")[:cut])
        matches, quotations = matcher.trace_all(PageToMatch(BARE.format(f"{titles}\n{ATTRIBUTION}\n{body}...")))
        carried = [each for each in matches if each.relation.is_copy]
        assert {each.key.statement_id for each in (*carried, *quotations)} == {4}


RIVAL_WORDS = (
    "anchor basin cable deck ebb ferry gull hull islet jetty keel lamp mast net oar pier quay reef sail tide".split()
)


def nonsense(seed: int, sentences: int) -> list[str]:
    """Return sentences of words that no other statement has in this order."""
    chance = Random(seed)
    return [f"{' '.join(chance.choices(RIVAL_WORDS, k=14)).capitalize()} s{seed}x{at}." for at in range(sentences)]


def test_a_quotation_of_another_statement_excuses_no_alteration(tmp_path: Path) -> None:
    ours, theirs = " ".join(nonsense(1, 3)), nonsense(2, 120)
    briefing = "\n\n".join(" ".join(theirs[at : at + 6]) for at in range(0, 120, 6))
    index = s.indexed(
        tmp_path, (s.Stored("Fund for Keepers", (ours,), s.FIRST_DAY), s.Stored("Briefing", (briefing,), s.FIRST_DAY))
    )
    altered = ours.replace("s1x1", "never")
    quoted = " ".join(theirs[60:64])
    prose = f"The reporter wrote down much and heard it all. {quoted} Then they all went home, and the reporter slept."
    matches = Matcher(index).trace(PageToMatch(f"Fund for Keepers\n{altered}\n\n{prose}\n"))
    s.close(index)
    assert (1, Relation.ALTERED) in [(each.key.statement_id, each.relation) for each in matches]


def test_what_is_no_alteration_of_one_statement_is_an_excerpt_of_the_other(tmp_path: Path) -> None:
    shared, more = " ".join(nonsense(1, 12)), nonsense(2, 8)
    first = shared.replace("s1x5", "keepers")
    second = "\n\n".join((*more[:4], shared, *more[4:]))
    index = s.indexed(
        tmp_path, (s.Stored("Fund for Keepers", (first,), s.FIRST_DAY), s.Stored("Answers", (second,), s.FIRST_DAY))
    )
    (match,) = Matcher(index).trace(PageToMatch(f"Fund for Keepers\n{shared}\n"))
    s.close(index)
    assert (match.key.statement_id, match.relation) == (2, Relation.EXCERPT)


def test_a_lead_for_which_not_all_others_were_read_is_no_copy(
    matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert copies(matcher, f"{ATTRIBUTION}\n{lead(AGAIN)}")
    monkeypatch.setattr(t, "MAX_OTHER_TEXTS", 1)
    assert copies(matcher, f"{ATTRIBUTION}\n{lead(AGAIN)}") == []


def test_a_lead_of_more_statements_than_are_compared_is_no_copy(
    matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(t, "MAX_TWINS", 1)
    assert copies(matcher, f"{ATTRIBUTION}\n{lead(AGAIN)}") == []


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
