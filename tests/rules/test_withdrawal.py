"""Tests of withdrawals: gone in three checks over a day, and named by no list in that time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Event, EventKind, Outcome, PublicationState, Statement
from scraper.rules.events import remarks
from scraper.rules.schedule import CONFIRM_CHECKS, CONFIRM_SPAN
from scraper.rules.withdrawal import (
    ARCHIVE_WAIT,
    Confirmation,
    ConfirmationSource,
    WithdrawalCheck,
    await_archives,
    confirm,
    confirmation_of,
    judge_check,
    moved,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
URL = "https://www.state.gov/lamps/"
MISSING = (Outcome.GONE, Outcome.SOFT_404)
SILENT = tuple(outcome for outcome in Outcome if outcome not in {*MISSING, Outcome.OK, Outcome.NOT_MODIFIED})


def statement(**given_: Any) -> Statement:
    known = {
        "id": 3,
        "guid": "g",
        "url": URL,
        "title": "Lamps",
        "state": PublicationState.CURRENT,
        "revision": 1,
        "revisions": 1,
    }
    seen = {"words": 40, "first_seen_at": NOON - 99 * HOUR, "last_seen_at": NOON - 48 * HOUR}
    return Statement(**known | seen | given_)


def judge_at(
    check: WithdrawalCheck, outcome: Outcome, hours: float = 0, **known: Any
) -> tuple[WithdrawalCheck, tuple[Event, ...]]:
    return judge_check(statement(**known), check, outcome, NOON + hours * HOUR, "press")


@pytest.mark.parametrize("outcome", MISSING)
def test_gone_on_three_checks_over_a_day_is_withdrawn_and_reported_once(outcome: Outcome) -> None:
    check, raised = judge_at(WithdrawalCheck(), outcome)
    assert (check, raised) == (WithdrawalCheck(1, NOON), ())
    check, raised = judge_at(check, outcome, 12)
    assert (check, raised) == (WithdrawalCheck(2, NOON), ())
    check, raised = judge_at(check, outcome, 24)
    assert check == WithdrawalCheck(3, NOON)
    assert raised == (
        Event(
            EventKind.WITHDRAWN,
            NOON + 24 * HOUR,
            "press",
            statement_id=3,
            guid="g",
            url=URL,
            title="Lamps",
            reasons=remarks("3 checks since 2026-03-02 12:00 UTC did not find it"),
            after=outcome.value,
        ),
    )
    assert judge_at(check, outcome, 36, state=PublicationState.WITHDRAWN) == (WithdrawalCheck(4, NOON), ())


def test_three_checks_within_the_day_are_not_enough_and_two_after_it_neither() -> None:
    assert judge_at(WithdrawalCheck(2, NOON), Outcome.GONE, 23.9)[1] == ()
    assert judge_at(WithdrawalCheck(9, NOON), Outcome.GONE, 23.9)[1] == ()
    assert judge_at(WithdrawalCheck(1, NOON), Outcome.GONE, 90)[1] == ()
    assert judge_at(WithdrawalCheck(2, NOON), Outcome.GONE, 24)[1] != ()


@pytest.mark.parametrize(("hours_ago", "is_withdrawn"), [(0, False), (23.9, False), (24, True)])
def test_a_statement_that_a_list_still_names_is_not_withdrawn(hours_ago: float, is_withdrawn: bool) -> None:
    seen = NOON + (24 - hours_ago) * HOUR
    check, raised = judge_at(WithdrawalCheck(2, NOON), Outcome.GONE, 24, last_seen_at=seen)
    assert check.misses == 3
    assert bool(raised) is is_withdrawn


@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.NOT_MODIFIED])
@pytest.mark.parametrize("state", PublicationState)
def test_a_page_that_answers_clears_the_count(outcome: Outcome, state: PublicationState) -> None:
    assert judge_at(WithdrawalCheck(2, NOON), outcome, 12, state=state) == (WithdrawalCheck(), ())


@pytest.mark.parametrize("outcome", SILENT)
def test_a_block_an_error_or_a_truncated_response_proves_nothing(outcome: Outcome) -> None:
    assert judge_at(WithdrawalCheck(2, NOON), outcome, 48) == (WithdrawalCheck(2, NOON), ())


@given(st.lists(st.tuples(st.sampled_from(Outcome), st.integers(0, 20)), max_size=20))
def test_no_sequence_of_checks_withdraws_too_early_or_twice(looks: list[tuple[Outcome, int]]) -> None:
    check, hours, misses, first, state = WithdrawalCheck(), 0, 0, NOON, PublicationState.CURRENT
    for outcome, wait in looks:
        hours += wait
        if outcome in MISSING:
            misses, first = misses + 1, first if misses else NOON + hours * HOUR
        elif outcome not in SILENT:
            misses = 0
        check, raised = judge_at(check, outcome, hours, state=state)
        assert check.misses == misses
        if raised:
            assert state is PublicationState.CURRENT
            assert misses >= CONFIRM_CHECKS
            assert NOON + hours * HOUR - first >= CONFIRM_SPAN
            state = PublicationState.WITHDRAWN


def test_a_statement_that_is_in_an_archive_has_moved() -> None:
    archived = "https://2021-2025.state.gov/lamps/"
    event = moved(statement(), archived, NOON, "press")
    assert (event.kind, event.url, event.before, event.after) == (EventKind.MOVED, archived, URL, archived)
    assert (event.statement_id, event.guid, event.title, event.source, event.at) == (3, "g", "Lamps", "press", NOON)


# The second path

ABOUT = judge_at(WithdrawalCheck(2, NOON), Outcome.GONE, 24)


@pytest.mark.parametrize(
    ("outcome", "carries", "is_empty", "word"),
    [
        (Outcome.OK, True, False, Confirmation.STANDS),
        (Outcome.OK, False, False, Confirmation.UNKNOWN),
        (Outcome.OK, False, True, Confirmation.ABSENT),
        (Outcome.GONE, False, False, Confirmation.ABSENT),
        (Outcome.SOFT_404, False, False, Confirmation.ABSENT),
        (Outcome.BLOCKED, False, False, Confirmation.UNKNOWN),
        (Outcome.TIMEOUT, False, True, Confirmation.UNKNOWN),
    ],
)
def test_a_response_is_classified_as_confirmation(
    outcome: Outcome, carries: bool, is_empty: bool, word: Confirmation
) -> None:
    assert confirmation_of(outcome, carries=carries, is_empty=is_empty) is word


def test_a_second_path_that_misses_it_confirms_and_is_named() -> None:
    sources = [
        ConfirmationSource("the REST API", Confirmation.UNKNOWN, "blocked"),
        ConfirmationSource("its page, fetched a second time,", Confirmation.ABSENT),
    ]
    check, (event,), is_open = confirm(*ABOUT, sources)
    assert (check, is_open) == (WithdrawalCheck(3, NOON), False)
    assert event.reason_texts == (
        "3 checks since 2026-03-02 12:00 UTC did not find it",
        "the REST API gave no answer (blocked)",
        "its page, fetched a second time, no longer lists it",
    )


def test_a_second_path_that_still_has_it_ends_the_suspicion() -> None:
    for other in Confirmation:
        sources = [ConfirmationSource("a", other), ConfirmationSource("b", Confirmation.STANDS)]
        assert confirm(*ABOUT, sources) == (WithdrawalCheck(), (), False)


def test_without_a_confirming_second_path_nothing_is_reported_and_it_stays_open() -> None:
    assert confirm(*ABOUT, [ConfirmationSource("a", Confirmation.UNKNOWN)]) == (WithdrawalCheck(3, NOON), (), True)
    assert confirm(*ABOUT, []) == (WithdrawalCheck(3, NOON), (), True)


# The archives


def test_an_archive_without_a_usable_answer_is_waited_for_and_then_named() -> None:
    check, raised = ABOUT
    silent, other = (
        ConfirmationSource("the archive", Confirmation.UNKNOWN, "blocked"),
        ConfirmationSource("another", Confirmation.ABSENT),
    )
    assert await_archives(check, raised, [other, silent], NOON + ARCHIVE_WAIT - timedelta(seconds=1)) == ((), True)
    (event,), is_open = await_archives(check, raised, [other, silent], NOON + ARCHIVE_WAIT)
    assert (event.reason_texts[-1], is_open) == ("the archive gave no answer (blocked)", False)
    assert await_archives(check, raised, [other], NOON + timedelta(hours=24)) == (raised, False)


def test_times_in_the_future_of_a_clock_that_was_set_back_do_not_hide_a_withdrawal() -> None:
    years = 7300 * 24 * HOUR
    check, raised = judge_at(WithdrawalCheck(1, NOON + years), Outcome.GONE, last_seen_at=NOON + years)
    assert (check, raised) == (WithdrawalCheck(2, NOON), ())
    _, (event,) = judge_at(check, Outcome.GONE, 24, last_seen_at=NOON + years)
    assert event.kind is EventKind.WITHDRAWN


@pytest.mark.parametrize(("is_listed", "withdrawn"), [(True, False), (False, True), (None, True)])
def test_a_list_of_pages_decides_itself_if_it_names_one(is_listed: bool | None, withdrawn: bool) -> None:
    check = WithdrawalCheck(CONFIRM_CHECKS, NOON - CONFIRM_SPAN)
    now, raised = judge_check(statement(), check, Outcome.GONE, NOON, "pages", is_listed=is_listed)
    assert (now.misses, bool(raised)) == (CONFIRM_CHECKS + 1, withdrawn)
