"""Tests of incidents: reported when they begin, when their kind changes, and when they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Event, EventKind, Outcome
from scraper.rules.baseline import Silence
from scraper.rules.events import remarks
from scraper.rules.source_health import (
    FAILURES_BEFORE_BROKEN,
    Anomalies,
    EndpointAttempt,
    HealthVerdict,
    Incident,
    judge,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
REST, FEED, LIST = "https://www.state.gov/wp-json/", "https://www.state.gov/feed/", "https://www.state.gov/list/"

GOOD = EndpointAttempt(REST, Outcome.OK)
BLOCKED = EndpointAttempt(REST, Outcome.BLOCKED, "the edge's block page")
DRIFTED = EndpointAttempt(REST, Outcome.OK, "no items", drifted=True)
TIMEOUT = EndpointAttempt(REST, Outcome.TIMEOUT, "30 s")
BUSY = EndpointAttempt(REST, Outcome.BUSY, "Retry-After: 600")
FEED_GOOD = EndpointAttempt(FEED, Outcome.OK)
FEED_BLOCKED = EndpointAttempt(FEED, Outcome.BLOCKED)


def run(
    *attempts: EndpointAttempt,
    incident: EventKind | None = None,
    failures: int = 0,
    hours: float = 1,
    since: datetime = NOON,
) -> HealthVerdict:
    standing = Incident(incident, since, "before") if incident else None
    return judge("press", attempts, NOON + hours * HOUR, standing, failures)


def reported_kinds(verdict: HealthVerdict) -> list[EventKind]:
    return [event.kind for event in verdict.events]


def test_a_run_that_asked_nothing_changes_nothing() -> None:
    assert run() == HealthVerdict(None, 0, ())
    verdict = run(incident=EventKind.BROKEN, failures=4)
    assert (verdict.incident, verdict.failures, verdict.events) == (Incident(EventKind.BROKEN, NOON, "before"), 4, ())


@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.NOT_MODIFIED])
def test_a_good_run_of_a_well_source_raises_no_event(outcome: Outcome) -> None:
    assert run(EndpointAttempt(REST, outcome), failures=2) == HealthVerdict(None, 0, ())


def test_a_block_is_reported_at_once_and_only_once() -> None:
    verdict = run(BLOCKED)
    detail = f"{REST}: blocked (the edge's block page)"
    assert verdict.incident == Incident(EventKind.BLOCKED, NOON + HOUR, detail)
    assert verdict.events == (Event(EventKind.BLOCKED, NOON + HOUR, "press", url=REST, reasons=remarks(detail)),)
    assert verdict.failures == 1
    assert run(BLOCKED, incident=EventKind.BLOCKED, failures=1) == HealthVerdict(
        Incident(EventKind.BLOCKED, NOON, "before"), 2, ()
    )


def test_a_changed_shape_is_reported_at_once() -> None:
    verdict = run(DRIFTED)
    assert reported_kinds(verdict) == [EventKind.DRIFTED]
    assert verdict.events[0].reason_texts == (f"{REST}: changed shape (no items)",)


def test_a_transport_failure_is_ignored_until_the_third() -> None:
    failures, standing = 0, None
    for number in range(1, 6):
        verdict = judge("press", [TIMEOUT], NOON, standing, failures)
        failures, standing = verdict.failures, verdict.incident
        assert failures == number
        assert reported_kinds(verdict) == ([EventKind.BROKEN] if number == FAILURES_BEFORE_BROKEN else [])
    assert standing == Incident(EventKind.BROKEN, NOON, f"{REST}: timeout (30 s)")


def test_a_good_run_between_starts_the_count_anew() -> None:
    assert run(GOOD, failures=2).failures == 0


def test_a_transient_failure_during_an_incident_leaves_it_unchanged() -> None:
    verdict = run(TIMEOUT, incident=EventKind.BLOCKED, failures=1)
    assert (verdict.incident, verdict.failures, reported_kinds(verdict)) == (
        Incident(EventKind.BLOCKED, NOON, "before"),
        2,
        [],
    )


@pytest.mark.parametrize(
    ("attempt", "before", "failures", "after", "since"),
    [
        # Nothing comes, by another name: that outage began with the first.
        (BLOCKED, EventKind.BROKEN, 3, EventKind.BLOCKED, NOON),
        (DRIFTED, EventKind.BLOCKED, 1, EventKind.DRIFTED, NOON),
        (TIMEOUT, EventKind.BLOCKED, 2, EventKind.BROKEN, NOON),
        # Until now something came.
        (BLOCKED, EventKind.FALLBACK, 0, EventKind.BLOCKED, NOON + HOUR),
        (BLOCKED, EventKind.SILENT, 0, EventKind.BLOCKED, NOON + HOUR),
    ],
)
def test_an_incident_of_another_kind_is_reported(
    attempt: EndpointAttempt, before: EventKind, failures: int, after: EventKind, since: datetime
) -> None:
    verdict = run(attempt, incident=before, failures=failures)
    assert reported_kinds(verdict) == [after]
    assert verdict.incident
    assert verdict.incident.since == since


def test_of_several_endpoints_each_is_named_and_the_weightiest_trouble_decides() -> None:
    verdict = run(TIMEOUT, FEED_BLOCKED)
    assert reported_kinds(verdict) == [EventKind.BLOCKED]
    assert verdict.events[0].reason_texts == (f"{REST}: timeout (30 s); {FEED}: blocked",)
    assert reported_kinds(run(BLOCKED, EndpointAttempt(FEED, Outcome.OK, drifted=True))) == [EventKind.DRIFTED]
    assert reported_kinds(run(TIMEOUT, EndpointAttempt(FEED, Outcome.DNS))) == []
    assert run(EndpointAttempt(REST, Outcome.SOFT_404), failures=2).events[0].reason_texts == (f"{REST}: soft 404",)


def test_a_second_choice_that_serves_is_a_fallback() -> None:
    verdict = run(BLOCKED, FEED_GOOD, failures=2)
    event = verdict.events[0]
    assert (event.kind, event.url, event.after) == (EventKind.FALLBACK, REST, FEED)
    assert event.reason_texts == (f"{REST}: blocked (the edge's block page); {FEED} serves instead",)
    assert verdict.failures == 0
    assert reported_kinds(run(TIMEOUT, FEED_GOOD)) == [EventKind.FALLBACK]
    assert reported_kinds(run(TIMEOUT, FEED_GOOD, incident=EventKind.FALLBACK)) == []
    assert reported_kinds(run(BLOCKED, FEED_BLOCKED, EndpointAttempt(LIST, Outcome.OK))) == [EventKind.FALLBACK]
    assert reported_kinds(run(BLOCKED, FEED_GOOD, incident=EventKind.BLOCKED)) == [EventKind.FALLBACK]


@pytest.mark.parametrize("incident", [EventKind.BLOCKED, EventKind.BROKEN, EventKind.DRIFTED, EventKind.FALLBACK])
def test_the_end_of_an_incident_is_reported_with_its_duration(incident: EventKind) -> None:
    verdict = run(GOOD, incident=incident, failures=4, hours=26.5)
    assert verdict == HealthVerdict(
        None,
        0,
        (Event(EventKind.RECOVERED, NOON + 26.5 * HOUR, "press", url=REST, reasons=remarks("after 1 d 2 h 30 min")),),
    )


@pytest.mark.parametrize(
    ("minutes", "span"),
    [(0.2, "less than a minute"), (1, "1 min"), (60, "1 h"), (24 * 60, "1 d"), (24 * 60 + 59.9, "1 d 1 h")],
)
def test_a_duration_is_as_exact_as_a_reader_needs(minutes: float, span: str) -> None:
    verdict = run(GOOD, incident=EventKind.BROKEN, hours=minutes / 60)
    assert verdict.events[0].reason_texts == (f"after {span}",)


@pytest.mark.parametrize("outcome", [Outcome.BUSY, Outcome.DEFERRED])
@pytest.mark.parametrize("incident", [None, EventKind.BLOCKED])
def test_a_host_that_asks_us_to_come_later_is_no_trouble(outcome: Outcome, incident: EventKind | None) -> None:
    later = EndpointAttempt(REST, outcome)
    for attempts in ([later], [later, FEED_BLOCKED], [BLOCKED, later]):
        verdict = run(*attempts, incident=incident, failures=2)
        standing = Incident(incident, NOON, "before") if incident else None
        assert verdict == HealthVerdict(standing, 2, ())


def test_a_second_choice_that_serves_meanwhile_is_no_fallback() -> None:
    assert run(BUSY, FEED_GOOD, failures=2) == HealthVerdict(None, 0, ())
    assert reported_kinds(run(BUSY, FEED_GOOD, incident=EventKind.BLOCKED)) == [EventKind.RECOVERED]


def test_a_first_choice_that_asks_for_patience_does_not_end_a_fallback() -> None:
    assert run(BUSY, FEED_GOOD, incident=EventKind.FALLBACK) == HealthVerdict(
        Incident(EventKind.FALLBACK, NOON, "before"), 0, ()
    )


ATTEMPTS = st.lists(st.sampled_from([GOOD, BLOCKED, DRIFTED, TIMEOUT, BUSY, FEED_GOOD]), min_size=1, max_size=2)


@given(st.lists(ATTEMPTS, max_size=20))
def test_every_incident_begins_turns_and_ends_and_nothing_is_reported_twice(runs: list[list[EndpointAttempt]]) -> None:
    standing, failures, last = None, 0, None
    for number, attempts in enumerate(runs):
        verdict = judge("press", attempts, NOON + number * HOUR, standing, failures)
        assert len(verdict.events) <= 1
        for event in verdict.events:
            assert event.kind is not last
            assert (event.kind is EventKind.RECOVERED) == (verdict.incident is None)
            assert event.reason_texts
            last = event.kind
        if verdict.incident is not None:
            assert verdict.incident.kind is last
        if attempts[0].is_good:
            assert (verdict.incident, verdict.failures) == (None, 0)
        standing, failures = verdict.incident, verdict.failures


# Signs in good answers

FAR = Silence(NOON - 30 * HOUR, 9.0)
UNCHANGED = EndpointAttempt(REST, Outcome.NOT_MODIFIED)


def signed(
    *attempts: EndpointAttempt, incident: EventKind | None = None, hours: float = 1, **signs: Any
) -> HealthVerdict:
    standing = Incident(incident, NOON, "before") if incident else None
    return judge("press", attempts, NOON + hours * HOUR, standing, 2, Anomalies(**signs))


def test_silence_is_reported_once_since_the_last_news() -> None:
    verdict = signed(GOOD, silence=FAR)
    detail = f"{REST}: {FAR}"
    assert verdict == HealthVerdict(
        Incident(EventKind.SILENT, FAR.since, detail),
        0,
        (Event(EventKind.SILENT, NOON + HOUR, "press", url=REST, reasons=remarks(detail)),),
    )
    assert reported_kinds(signed(GOOD, silence=FAR, incident=EventKind.SILENT)) == []


def test_only_news_end_silence() -> None:
    standing = HealthVerdict(Incident(EventKind.SILENT, NOON, "before"), 0, ())
    assert signed(GOOD, incident=EventKind.SILENT) == standing
    assert signed(BLOCKED, FEED_GOOD, incident=EventKind.SILENT) == standing
    ended = signed(GOOD, incident=EventKind.SILENT, has_news=True, hours=26)
    assert (reported_kinds(ended), ended.events[0].reason_texts) == ([EventKind.RECOVERED], ("after 1 d 2 h",))
    assert reported_kinds(signed(BLOCKED, incident=EventKind.SILENT)) == [EventKind.BLOCKED]


def test_an_odd_list_is_a_changed_shape_until_an_ordinary_one_comes() -> None:
    verdict = signed(GOOD, unusual_shape="2 items, usually 20", silence=FAR)
    assert (reported_kinds(verdict), verdict.events[0].reason_texts) == (
        [EventKind.DRIFTED],
        (f"{REST}: 2 items, usually 20",),
    )
    assert reported_kinds(signed(GOOD, unusual_shape="1 item", incident=EventKind.DRIFTED)) == []
    assert reported_kinds(signed(GOOD, unusual_shape="1 item", incident=EventKind.SILENT)) == [EventKind.DRIFTED]
    assert signed(UNCHANGED, incident=EventKind.DRIFTED).incident is not None
    assert reported_kinds(signed(GOOD, incident=EventKind.DRIFTED)) == [EventKind.RECOVERED]


def test_anomalies_of_a_fallback_endpoint_name_that_endpoint() -> None:
    (event,) = signed(BLOCKED, FEED_GOOD, unusual_shape="2 items, usually 10").events
    assert (event.kind, event.url, event.after) == (EventKind.DRIFTED, FEED, None)
    (event,) = signed(BLOCKED, FEED_GOOD, silence=FAR).events
    assert (event.kind, event.url) == (EventKind.SILENT, FEED)
