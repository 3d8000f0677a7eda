"""Tests of the rules of pages that the Internet Archive is asked to save."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scraper.model import Event, EventKind, Grade
from scraper.rules import page_saves as rules
from scraper.rules.page_saves import AnswerState, Code, PageSave, SaveAnswer, SavedPart, SaveService

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
URL = "https://www.state.gov/lamps/"
WAITING = PageSave(1, URL, NOON, with_errors=False, due_at=NOON)
RUNNING = replace(rules.began(WAITING, NOON + MINUTE), job="spn2-1")


def event(kind: EventKind, **fields: Any) -> Event:
    return Event(kind, NOON, "state", statement_id=1, url=URL, **fields)


def error(code: str) -> SaveAnswer:
    return SaveAnswer(AnswerState.ERROR, code=code)


def success(saved_at: datetime = NOON + MINUTE, url: str = URL) -> SaveAnswer:
    return SaveAnswer(AnswerState.SUCCESS, saved_at=saved_at, url=url)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (event(EventKind.REVISED, grade=Grade.MATERIAL), True),
        (event(EventKind.COPY_FOUND, grade=Grade.MATERIAL), True),
        (event(EventKind.REVISED, grade=Grade.MINOR), False),
        (event(EventKind.PUBLISHED), False),
        (event(EventKind.WITHDRAWN), True),
        (event(EventKind.UNSOURCED), True),
    ],
)
def test_pages_are_saved_after_material_events(given: Event, expected: bool) -> None:
    assert rules.is_worth_a_save(given, NOON + HOUR) is expected
    assert rules.is_worth_a_save(given, NOON + rules.GIVE_UP_AFTER) is False


def test_state_and_copy_are_two_pages_and_a_withdrawn_one_is_saved_as_absent() -> None:
    altered = event(EventKind.COPY_FOUND, page_url="https://merrow.example/lamps/")
    assert list(rules.pages_of(altered, SavedPart.STATE)) == [(URL, False)]
    assert list(rules.pages_of(altered, SavedPart.COPY)) == [("https://merrow.example/lamps/", False)]
    assert list(rules.pages_of(event(EventKind.WITHDRAWN), SavedPart.STATE)) == [(URL, True)]
    assert list(rules.pages_of(event(EventKind.WITHDRAWN), SavedPart.COPY)) == []
    claim = Event(EventKind.UNSOURCED, NOON, "herald", url=URL, page_url="https://merrow.example/claim/")
    assert list(rules.pages_of(claim, SavedPart.STATE)) == []
    assert list(rules.pages_of(claim, SavedPart.COPY)) == [("https://merrow.example/claim/", False)]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://merrow.example/lamps/?page=2", True),
        ("https://93.184.215.14/lamps/", True),
        ("http://127.0.0.1:8080/lamps/", False),
        ("http://10.0.0.5/lamps/", False),
        ("http://[::1]/lamps/", False),
        ("http://localhost/lamps/", False),
        ("http://intranet/lamps/", False),
        ("http://wiki.internal/lamps/", False),
        ("https://merrow.example/lamps/?api_key=5f3a", False),
    ],
)
def test_only_public_urls_without_secrets_are_given_away(url: str, expected: bool) -> None:
    assert rules.is_public(url) is expected
    found = list(rules.pages_of(event(EventKind.COPY_FOUND, page_url=url), SavedPart.COPY))
    assert found == ([(url, False)] if expected else [])


def test_a_save_since_the_event_is_good_enough() -> None:
    assert rules.request_fields(WAITING, NOON + HOUR) == {
        "url": URL,
        "skip_first_archive": "1",
        "if_not_archived_within": "3600s",
    }
    gone = replace(WAITING, with_errors=True)
    assert rules.request_fields(gone, NOON)["capture_all"] == "1"
    assert rules.request_fields(gone, NOON - HOUR)["if_not_archived_within"] == "1s"  # the clock was set back


def test_a_save_goes_from_request_to_link() -> None:
    begun = rules.began(WAITING, NOON)
    assert (begun.attempts, begun.requested_at, begun.due_at) == (1, NOON, NOON + rules.UNANSWERED)
    started = rules.after_request(begun, SaveAnswer(AnswerState.STARTED, "spn2-1"), NOON)
    assert started.job == "spn2-1"
    assert started.due_at is not None
    assert NOON < started.due_at < NOON + MINUTE
    pending = rules.after_poll(started, SaveAnswer(AnswerState.PENDING), NOON + MINUTE)
    assert (pending.polls, pending.job) == (1, "spn2-1")
    assert rules.link_of(pending) == ""
    saved = rules.after_poll(pending, success(NOON + MINUTE), NOON + 2 * MINUTE)
    assert (saved.due_at, saved.job, saved.problem) == (None, None, "")
    assert rules.link_of(saved) == "https://web.archive.org/web/20260302120100/https://www.state.gov/lamps/"


def test_polls_end_within_the_hour_for_which_the_service_keeps_a_result() -> None:
    save, at, polls = RUNNING, NOON, 0
    while save.job is not None:
        assert save.due_at is not None
        at, polls = max(at, save.due_at), polls + 1
        save = rules.after_poll(save, SaveAnswer(AnswerState.PENDING), at)
    assert polls == rules.MAX_POLLS
    assert at - NOON < HOUR
    assert save.problem == rules.UNFINISHED
    assert save.due_at is not None


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (success(url="https://www.state.gov/"), rules.ANOTHER_PAGE),
        (success(url="https://lies.example/lamps/"), rules.ANOTHER_PAGE),
        (success(NOON - HOUR), rules.OTHER_TIME),
        (success(NOON + HOUR), rules.OTHER_TIME),
        (SaveAnswer(AnswerState.SUCCESS, url=URL), rules.ODD),
        (SaveAnswer(AnswerState.ODD), rules.ODD),
        (SaveAnswer(AnswerState.STARTED, "spn2-2"), rules.ODD),
    ],
)
def test_a_result_that_is_not_of_this_page_and_time_is_not_taken(answer: SaveAnswer, problem: str) -> None:
    found = rules.after_poll(RUNNING, answer, NOON + 2 * MINUTE)
    assert (found.saved_at, found.job, found.problem) == (None, None, problem)
    assert found.due_at == NOON + 2 * MINUTE + rules.backoff(1)


@pytest.mark.parametrize("url", ["http://www.state.gov/lamps", "https://state.gov/lamps/"])
def test_other_forms_of_the_url_are_the_same_page(url: str) -> None:
    found = rules.after_poll(RUNNING, success(url=url), NOON + 2 * MINUTE)
    assert rules.link_of(found) == "https://web.archive.org/web/20260302120100/https://www.state.gov/lamps/"


def test_errors_end_a_save_or_let_it_wait() -> None:
    at = NOON + 2 * MINUTE
    blocked = rules.after_request(rules.began(WAITING, NOON), error("blocked"), at)
    assert (blocked.due_at, blocked.problem) == (None, "the site blocks the Internet Archive")
    tomorrow = rules.after_poll(RUNNING, error("too-many-daily-captures"), at)
    assert tomorrow.due_at == datetime(2026, 3, 3, tzinfo=UTC)
    later = rules.after_poll(RUNNING, error("cannot-fetch"), at)
    assert (later.due_at, later.problem) == (at + rules.backoff(1), "it is overloaded")
    unknown = rules.after_poll(RUNNING, error("new-kind"), at)
    assert (unknown.due_at, unknown.problem) == (at + rules.backoff(1), "it reports “new-kind”")
    assert rules.after_request(RUNNING, SaveAnswer(AnswerState.PENDING), at).problem == rules.ODD


def test_clocks_that_differ_by_minutes_are_no_other_time() -> None:
    found = rules.after_poll(RUNNING, success(NOON - 4 * MINUTE), NOON + 2 * MINUTE)
    assert found.saved_at == NOON - 4 * MINUTE


def test_just_before_midnight_a_save_of_tomorrow_waits_as_after_any_error() -> None:
    at = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)
    assert rules.after_poll(RUNNING, error("too-many-daily-captures"), at).due_at == at + rules.backoff(1)


def test_another_request_for_a_save_has_all_polls_again() -> None:
    assert rules.began(replace(RUNNING, polls=rules.MAX_POLLS - 1), NOON).polls == 0


def test_each_documented_code_has_its_words() -> None:
    assert all(words for _, words in rules.CODES.values())
    assert {code for code, (meaning, _) in rules.CODES.items() if meaning is Code.BUSY} == {
        "max-daily-bandwidth",
        "max-daily-bandwidth-from-ip",
        "user-session-limit",
    }
    assert rules.is_busy(error("user-session-limit"))
    assert not rules.is_busy(error("blocked"))
    assert not rules.is_busy(error("new-kind"))
    assert not rules.is_busy(success())


def test_a_save_is_given_up_after_some_attempts() -> None:
    save, at = WAITING, NOON
    while save.due_at is not None:
        at = save.due_at
        save = rules.after_request(rules.began(save, at), error("job-failed"), at)
    assert save.attempts == rules.MAX_ATTEMPTS
    assert save.problem == "given up after 6 attempts: it has an error of its own"
    assert at - NOON < rules.GIVE_UP_AFTER


def test_a_save_for_no_watch_is_ended() -> None:
    ended = rules.unwanted(replace(WAITING, problem="it is overloaded"))
    assert (ended.due_at, ended.saved_at, ended.problem) == (None, None, "no watch has it saved any more")


def test_a_save_that_is_too_late_is_given_up() -> None:
    assert rules.expired(WAITING).problem == "given up after 2 days"
    ended = rules.expired(replace(WAITING, problem="it is overloaded"))
    assert (ended.due_at, ended.problem) == (None, "given up after 2 days: it is overloaded")


def test_a_refusal_of_the_service_does_not_count_for_the_page() -> None:
    found = rules.postponed(rules.began(WAITING, NOON), NOON + HOUR, "it asks for fewer requests")
    assert (found.attempts, found.due_at, found.problem) == (0, NOON + HOUR, "it asks for fewer requests")


def test_pauses_grow_with_each_refusal_and_end_with_an_answer() -> None:
    service, pauses = SaveService(7), []
    for _ in range(9):
        service = service.refused(NOON, timedelta(0), "it asks for fewer requests")
        assert service.not_before is not None
        pauses.append(service.not_before - NOON)
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (5 * MINUTE, 6 * HOUR)
    assert service.paused_until(NOON) == service.not_before
    assert service.paused_until(NOON + DAY) is None
    assert service.paused_until(NOON - 2 * DAY) is None  # stored by a wrong clock
    assert service.worked() == SaveService(7)
    assert service.worked().paused_until(NOON) is None
    assert SaveService(7).refused(NOON, 3 * HOUR, "").not_before == NOON + 3 * HOUR
    assert SaveService(7).refused(NOON, 9 * DAY, "").not_before == NOON + DAY


def test_requests_are_counted_by_day() -> None:
    service = SaveService(7).counted(NOON).counted(NOON + HOUR)
    assert service.requests_on(NOON) == 2
    assert service.requests_on(NOON + DAY) == 0
    assert service.counted(NOON + DAY).requests == 1
    assert rules.next_day(NOON) == datetime(2026, 3, 3, tzinfo=UTC)


def test_a_pass_that_can_send_nothing_is_soon_followed_by_another_one() -> None:
    service = SaveService(7)
    for _ in range(9):
        service = service.postponed(NOON, "no keys")
    assert (service.not_before, service.problem) == (NOON + timedelta(minutes=5), "no keys")
    assert service.refused(NOON, timedelta(0), "").not_before == NOON + timedelta(minutes=5)
