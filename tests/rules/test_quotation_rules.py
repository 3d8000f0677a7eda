"""Rules of quotations: two looks for an accusation, one event for a statement, nothing said of what is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from samples import NOON

from scraper.model import EventKind, Grade, PublicationState, Reason, Statement
from scraper.pages import QuotedPassage
from scraper.rules.copies import PageObservation
from scraper.rules.quotations import derive, is_outdated

HOUR = timedelta(hours=1)
STATEMENT = Statement(4, "guid", "https://www.state.gov/4/", "Rivers", PublicationState.CURRENT, 1, 1, 40, NOON, NOON)
SEEN = PageObservation(NOON, NOON, NOON, "herald", 1, "https://herald.example/1", "Boats")
WORDS = "We will publish the terms of every contract"


def passage(quote: str = WORDS, *, altered: bool = False, **fields: Any) -> QuotedPassage:
    changes = (Reason("number", "thirty", "nine", Grade.MATERIAL),) if altered else ()
    given = {
        "page_id": 1,
        "statement_id": 4,
        "revision": 1,
        "quote": quote,
        "wording": WORDS,
        "place": (0, 9),
        "is_altered": altered,
        "grade": Grade.MATERIAL if altered else None,
        "changes": changes,
        "first_seen_at": NOON,
        "last_seen_at": NOON,
    }
    return QuotedPassage(**(given | fields))


def later(hours: int, **fields: Any) -> PageObservation:
    at = NOON + hours * HOUR
    return replace(SEEN, at=at, first_seen_at=at, last_seen_at=at, **fields)


def test_verbatim_quotations_of_one_statement_are_one_event() -> None:
    found = [passage(f"{WORDS} {number}") for number in range(7)]
    decision = derive((), {4: STATEMENT}, found, SEEN)
    (event,) = decision.events
    assert (event.kind, event.statement_id, event.grade) == (EventKind.QUOTE_FOUND, 4, None)
    assert event.reason_texts[:2] == (f"“{WORDS} 0”", f"“{WORDS} 1”")
    assert event.reason_texts[-1] == "and 2 more"
    assert all(each.reported for each in decision.quotations)
    assert not decision.is_waiting
    assert derive(decision.quotations, {4: STATEMENT}, found, later(1)).events == ()


def test_a_fitted_quotation_is_reported_like_one_word_for_word() -> None:
    fitted = passage(grade=Grade.MATERIAL, changes=(Reason("modal", "will", "would", Grade.MATERIAL),))
    decision = derive((), {4: STATEMENT}, [fitted, passage(f"{WORDS} now")], SEEN)
    (event,) = decision.events
    assert (event.kind, event.grade, decision.is_waiting) == (EventKind.QUOTE_FOUND, None, False)
    assert [each.verdict for each in decision.quotations] == ["fitted", "verbatim"]


def test_an_alteration_waits_for_a_second_look() -> None:
    first = derive((), {4: STATEMENT}, [passage(altered=True)], SEEN)
    assert (first.events, first.is_waiting) == ((), True)
    again = passage(altered=True, last_seen_at=NOON + HOUR)
    (event,) = derive(first.quotations, {4: STATEMENT}, [again], later(1)).events
    assert (event.kind, event.grade, event.before) == (EventKind.QUOTE_ALTERED, Grade.MATERIAL, WORDS)
    assert event.reason_texts == ("number: thirty → nine",)


@pytest.mark.parametrize("observation", [SEEN, later(1, is_rematch=True)])
def test_the_same_capture_is_no_second_look(observation: PageObservation) -> None:
    first = derive((), {4: STATEMENT}, [passage(altered=True)], SEEN)
    second = derive(first.quotations, {4: STATEMENT}, [passage(altered=True)], observation)
    assert (second.events, second.is_waiting) == ((), True)


def test_what_was_there_when_monitoring_began_is_history_at_once() -> None:
    (event,) = derive((), {4: STATEMENT}, [passage(altered=True)], replace(SEEN, backfill=True)).events
    assert event.backfill


def test_what_was_reported_stays_so_at_every_later_look() -> None:
    known = derive((), {4: STATEMENT}, [passage()], SEEN).quotations
    for hours in (1, 2, 3):
        decision = derive(known, {4: STATEMENT}, [passage(last_seen_at=NOON + hours * HOUR)], later(hours))
        assert decision.events == ()
        known = decision.quotations
    assert [(it.reported, it.first_seen_at, it.last_seen_at) for it in known] == [(True, NOON, NOON + 3 * HOUR)]


def test_times_of_sight_only_widen() -> None:
    known = [passage(first_seen_at=NOON - HOUR, last_seen_at=NOON)]
    again = [passage(first_seen_at=NOON + HOUR, last_seen_at=NOON - HOUR)]
    (kept,) = derive(known, {4: STATEMENT}, again, later(1)).quotations
    assert (kept.first_seen_at, kept.last_seen_at) == (NOON - HOUR, NOON)


def test_words_that_become_an_alteration_are_reported_again() -> None:
    again = [passage(altered=True, last_seen_at=NOON + HOUR)]
    events = derive([passage(reported=True)], {4: STATEMENT}, again, later(1)).events
    assert [event.kind for event in events] == [EventKind.QUOTE_ALTERED]


def test_an_alteration_waits_beside_a_quotation_that_is_reported_at_once() -> None:
    decision = derive((), {4: STATEMENT}, [passage(altered=True), passage("x")], SEEN)
    assert [event.kind for event in decision.events] == [EventKind.QUOTE_FOUND]
    assert decision.is_waiting


def test_statements_that_take_turns_are_one_event_each() -> None:
    found = [passage("a b"), passage("c d", statement_id=5), passage("e f")]
    events = derive((), {4: STATEMENT, 5: replace(STATEMENT, id=5)}, found, SEEN).events
    assert [(event.statement_id, len(event.reason_texts)) for event in events] == [(4, 2), (5, 1)]


def test_an_event_has_the_gravest_of_several_alterations() -> None:
    light = (Reason("quotation", "a", "b", Grade.COSMETIC),)
    found = [
        passage("x y", altered=True, looks=2, grade=Grade.COSMETIC, changes=light),
        passage("z w", altered=True, looks=2),
    ]
    (event,) = derive((), {4: STATEMENT}, found, SEEN).events
    assert event.grade is Grade.MATERIAL
    assert "number: thirty → nine" in event.reason_texts


def test_an_event_has_the_beginning_of_a_long_quotation() -> None:
    found = [passage("w " * 400, altered=True, wording="v " * 400, looks=2)]
    (event,) = derive((), {4: STATEMENT}, found, SEEN).events
    assert max(len(event.before), len(event.after)) <= 401


def test_words_that_a_page_has_twice_are_one_quotation() -> None:
    body, pull_quote = passage(place=(0, 40)), passage(WORDS.upper(), place=(90, 130))
    first = derive((), {4: STATEMENT}, [body, pull_quote], SEEN)
    (kept,) = first.quotations
    assert (kept.quote, kept.place, len(first.events)) == (WORDS, (0, 40), 1)
    assert derive(first.quotations, {4: STATEMENT}, [body, pull_quote], later(1)).events == ()


def test_an_alteration_that_a_page_has_twice_is_reported_once() -> None:
    twice = [passage(altered=True, place=place, last_seen_at=NOON + HOUR) for place in ((0, 40), (90, 130))]
    first = derive((), {4: STATEMENT}, [replace(each, last_seen_at=NOON) for each in twice], SEEN)
    assert (first.events, first.is_waiting, len(first.quotations)) == ((), True, 1)
    second = derive(first.quotations, {4: STATEMENT}, twice, later(1))
    assert (len(second.events), second.is_waiting) == (1, False)
    third = derive(second.quotations, {4: STATEMENT}, twice, later(2))
    assert (third.events, third.is_waiting) == ((), False)


def test_other_signs_and_blanks_are_the_same_quotation() -> None:
    first = derive((), {4: STATEMENT}, [passage("Israel's friends “will” come")], SEEN)
    now = [passage("Israel’s friends\u00a0'will' come", place=(3, 31))]
    second = derive(first.quotations, {4: STATEMENT}, now, later(1))
    assert second.events == ()
    (kept,) = second.quotations
    assert (kept.quote, kept.place, kept.gone_at) == ("Israel's friends “will” come", (3, 31), None)


def test_a_text_that_claims_to_be_a_statement_quotes_nothing() -> None:
    decision = derive((), {4: STATEMENT}, [passage(), passage("x", altered=True)], SEEN, is_silent=True)
    assert (decision.events, decision.is_waiting, len(decision.quotations)) == ((), False, 2)


def test_what_is_no_longer_there_is_gone_once_without_an_event() -> None:
    decision = derive([passage()], {4: STATEMENT}, [], later(1))
    assert decision.events == ()
    (gone,) = decision.quotations
    assert gone.gone_at == NOON + HOUR
    assert derive([gone], {4: STATEMENT}, [], later(2)).quotations == ()


def test_a_statement_that_is_not_known_any_more_is_no_event() -> None:
    assert derive((), {}, [passage()], SEEN).events == ()


def test_words_that_state_has_replaced_are_outdated() -> None:
    assert not is_outdated(passage(), f"Today: “{WORDS.upper()}.” Tomorrow.")
    assert is_outdated(passage(), WORDS.replace("every", "most"))
    assert is_outdated(passage(), f"{WORDS}s are for others.")
    assert [passage(altered=each).verdict for each in (True, False)] == ["altered", "verbatim"]
