"""Tests of the status of the monitor: no polling, no responses, and cases that only resemble these."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON, settings, source

from scraper import source_status
from scraper.config.settings import Endpoint, Source
from scraper.model import INCIDENTS, EndpointKind, EventKind, HostState, Role
from scraper.store import SourceState, Store

if TYPE_CHECKING:
    from pathlib import Path

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
A, B = source(name="a"), source(name="b")  # asked every quarter of an hour
SLOW = Source.model_validate(A.model_dump() | {"name": "slow", "every": "1d"})
BY_DAY = Source.model_validate(A.model_dump() | {"active": "06:00-18:00"})


def states(**changes: Any) -> dict[str, SourceState]:
    """All three sources as they are when all is well at noon, but for what is given (to `a` where nothing else is)."""
    well: dict[str, Any] = {"last_attempt_at": NOON, "last_success_at": NOON, "next_due_at": NOON + 15 * MINUTE}
    named = {name: changes.pop(name, {}) for name in ("a", "b", "slow")}
    named["a"] |= changes
    return {name: SourceState(name, Role.CANONICAL, **(well | given)) for name, given in named.items()}


def no_polling(sources: list[Source], known: dict[str, SourceState], at: datetime) -> str:
    return source_status.describe_trouble(source_status.assess(sources, known, at).no_polling, at)


def no_answers(
    sources: list[Source], known: dict[str, SourceState], at: datetime, since: datetime | None = None
) -> str:
    return source_status.describe_trouble(source_status.assess(sources, known, at, since=since).no_answers, at)


def late_since(known: SourceState, at: datetime) -> datetime | None:
    return source_status.assess([A], {"a": known}, at).sources[0].late_since


def test_while_sources_are_polled_and_respond_there_is_no_trouble() -> None:
    for at in (NOON, NOON + 75 * MINUTE):
        assert no_polling([A, B], states(), at) == ""
        assert no_answers([A, B], states(), at) == ""


def test_without_a_poll_an_hour_after_a_source_was_due_polling_has_stopped() -> None:
    waits = {"next_due_at": NOON + DAY}
    said = no_polling([SLOW, A], states(slow=waits), NOON + 76 * MINUTE)
    assert said == "no source has been polled for 1 h 16 min, and a has been due for 1 h 1 min"


def test_a_source_that_waits_while_others_are_asked_is_no_death() -> None:
    assert no_polling([A, B], states(b={"last_attempt_at": NOON + 2 * HOUR}), NOON + 3 * HOUR) == ""


@pytest.mark.parametrize(
    ("known", "since"),
    [({"incident": EventKind.DRIFTED, "incident_since_at": NOON}, None), ({}, NOON)],
    ids=["its trouble was told", "the daemon began"],
)
def test_a_source_that_never_gave_anything_is_late_however_often_it_is_asked(
    known: dict[str, Any], since: datetime | None
) -> None:
    now = NOON + DAY
    asked = states(last_success_at=None, last_attempt_at=now, **known)
    assert no_answers([A], asked, now, since=since) == "no source has ever had a success"
    assert no_answers([A], asked, NOON + HOUR, since=since) == ""


def test_outside_active_hours_no_poll_is_missed() -> None:
    evening = {"last_attempt_at": NOON + 5 * HOUR, "next_due_at": NOON + 5.5 * HOUR}
    assert no_polling([BY_DAY], states(**evening), NOON + 16 * HOUR) == ""
    assert no_polling([BY_DAY], states(**evening), NOON + 18 * HOUR) == ""
    assert no_polling([BY_DAY], states(**evening), NOON + 18 * HOUR + MINUTE) != ""


@pytest.mark.parametrize(
    "known",
    [{}, states(last_attempt_at=None, next_due_at=None), states(next_due_at=None)],
    ids=["nothing known", "imported only", "asked by an early version"],
)
def test_a_monitor_that_never_started_is_not_dead(known: dict[str, SourceState]) -> None:
    assert no_polling([A], known, NOON + DAY) == ""
    assert no_polling([], known, NOON + DAY) == ""


def test_sources_that_were_never_polled_need_no_answer() -> None:
    assert no_answers([A], states(last_attempt_at=None), NOON + DAY) == ""
    assert no_answers([A], {}, NOON + DAY) == ""


def test_after_three_intervals_and_an_hour_an_answer_is_missed() -> None:
    busy = states(last_attempt_at=NOON + 2 * HOUR, b={"last_attempt_at": NOON + 2 * HOUR})
    assert no_answers([A, B], busy, NOON + 105 * MINUTE) == ""
    assert no_answers([A, B], busy, NOON + 106 * MINUTE) == "no source has had a success for 1 h 46 min"


def test_the_interval_is_the_one_in_force() -> None:
    quiet = states(interval_s=3600)["a"]
    assert late_since(quiet, NOON + 4 * HOUR) is None
    assert late_since(quiet, NOON + 4 * HOUR + MINUTE) == NOON + 4 * HOUR


def test_one_that_answers_is_enough() -> None:
    assert no_answers([A, SLOW], states(), NOON + 3 * HOUR) == ""
    assert no_answers([A, B], states(incident=EventKind.BLOCKED), NOON) == ""


@pytest.mark.parametrize(
    ("incident", "is_mute"),
    [
        (EventKind.BLOCKED, True),
        (EventKind.BROKEN, True),
        (EventKind.DRIFTED, False),
        (EventKind.FALLBACK, False),
        (EventKind.SILENT, False),
    ],
)
def test_trouble_of_all_sources_is_reported_at_once(incident: EventKind, is_mute: bool) -> None:
    assert bool(no_answers([A], states(incident=incident.value), NOON)) is is_mute


def test_nothing_ever_given() -> None:
    never = states(last_success_at=None, incident="source.blocked")
    assert no_answers([A], never, NOON) == "no source has ever had a success"


def test_failed_runs_are_ignored_only_after_a_success() -> None:
    failed = {"last_success_at": None, "failures": 1}
    assert no_answers([A, B], states(failures=2, b={"failures": 2}), NOON) == ""
    assert no_answers([A, B], states(**failed, b=failed), NOON) == "no source has ever had a success"
    assert no_answers([A, B], states(**failed), NOON) == ""
    # The first pass is not complete, or a host asked for a pause, which is no failure.
    assert no_answers([A, B], states(**failed, b={"last_attempt_at": None, "last_success_at": None}), NOON) == ""
    assert no_answers([A], states(last_success_at=None), NOON) == ""
    assert no_answers([A, B], states(**failed, b=failed), NOON + DAY, since=NOON + MINUTE) != ""
    assert no_answers([A, B], states(**failed, b=failed), NOON + 2 * MINUTE, since=NOON + MINUTE) == ""


def test_incidents_from_before_the_daemon_started_do_not_count() -> None:
    old = states(incident="source.broken")
    began_at = NOON + DAY
    assert no_answers([A], old, began_at + MINUTE) != ""
    assert no_answers([A], old, began_at + MINUTE, since=began_at) == ""
    assert no_answers([A], old, began_at + 106 * MINUTE, since=began_at) != ""
    again = states(incident="source.broken", last_attempt_at=began_at)
    assert no_answers([A], again, began_at + MINUTE, since=began_at) != ""


def test_a_source_of_which_nothing_is_known_is_not_late() -> None:
    assert late_since(SourceState("a", Role.CANONICAL), NOON) is None


def test_disabled_sources_do_not_count() -> None:
    off = Source.model_validate(A.model_dump() | {"enabled": False})
    assert no_polling([off], states(), NOON + DAY) == ""
    assert no_answers([off], states(), NOON + DAY) == ""


def test_one_that_the_configuration_no_longer_has_is_known_and_counts_for_nothing() -> None:
    found = source_status.assess([A], states(), NOON + DAY)
    assert [each.stored.name for each in found.sources] == ["a", "b", "slow"]
    assert found.enabled == [found.sources[0]]
    gone = found.sources[1]
    assert (gone.interval, gone.next_due_at, gone.late_since) == (None, None, None)


def test_a_host_asks_for_a_pause_of_its_sources_only() -> None:
    pauses = {"www.state.gov": NOON + HOUR, "other.example": NOON + HOUR}
    (status,) = source_status.assess([A], {}, NOON, pauses=pauses).sources
    assert status.pauses == {"www.state.gov": NOON + HOUR}
    words = "www.state.gov allows no requests before 2026-03-02 13:00 UTC"
    assert source_status.describe_pauses(status.pauses) == words


def test_every_incident_of_a_source_is_a_state() -> None:
    for kind in INCIDENTS:
        stored = SourceState("a", Role.CANONICAL, last_attempt_at=NOON, incident=kind)
        assert source_status.SourceStatus(A, stored).state in source_status.STATES


@pytest.mark.parametrize("host", ["xn--bcher-kva.example", "bücher.example", "BÜCHER.example."])
def test_a_pause_is_found_under_any_spelling_of_its_host(host: str, tmp_path: Path) -> None:
    endpoint = Endpoint(kind=EndpointKind.FEED, url=f"https://{host}/feed/")
    polled = source(endpoints=(endpoint,))
    with Store(tmp_path / "s.db") as store:
        store.hosts.save(HostState("xn--bcher-kva.example", not_before=NOON))
        found = source_status.read(settings(polled), store, NOON - HOUR)
    assert found.sources[0].pauses == {"xn--bcher-kva.example": NOON}
