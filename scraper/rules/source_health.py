"""Incidents of a source after a run: blocked, broken, drifted, fallback, or silent as `baseline` found (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.clock import format_duration
from scraper.model import Event, EventKind, Outcome
from scraper.rules.events import remarks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from scraper.rules.baseline import ItemTally, Silence

# A single failed run is ignored; a source without a result in three runs in a row is broken.
FAILURES_BEFORE_BROKEN = 3
# Incidents in which a source gives no answer at all, and those in which it gives no items.
UNANSWERED = frozenset({EventKind.BLOCKED, EventKind.BROKEN})
OUTAGES = UNANSWERED | {EventKind.DRIFTED}


@dataclass(frozen=True, slots=True)
class EndpointAttempt:
    """Result of the requests to one endpoint of a source in a run.

    `drifted`: it responded, but in a structure that its parser does not know. `seen` is the tally of its list, None if
    nothing was read. `problem` is `detail` without the URL, if that is one of this endpoint.
    """

    url: str
    outcome: Outcome
    detail: str = ""
    drifted: bool = False
    seen: ItemTally | None = None
    problem: str = ""

    @property
    def is_good(self) -> bool:
        """True if this endpoint returned a usable response."""
        return self.outcome in {Outcome.OK, Outcome.NOT_MODIFIED} and not self.drifted

    @property
    def is_postponed(self) -> bool:
        """True if the request was put off, on the host's demand; this is not a failure of the source."""
        return self.outcome in {Outcome.BUSY, Outcome.DEFERRED}


@dataclass(frozen=True, slots=True)
class Anomalies:
    """Unusual traits of the response that a run used: its shape (in words), and a lasting lack of news."""

    unusual_shape: str = ""
    silence: Silence | None = None
    has_news: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """A problem that was reported: the kind of the event that reported it, its start and its detail."""

    kind: EventKind
    since: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class HealthVerdict:
    """Incident that is open after a run (None: the source is well), number of failures in a row, events to report."""

    incident: Incident | None
    failures: int
    events: tuple[Event, ...]


def judge(
    source: str,
    attempts: Sequence[EndpointAttempt],
    at: datetime,
    incident: Incident | None,
    failures: int,
    anomalies: Anomalies = Anomalies(),
) -> HealthVerdict:
    """Judge a source by the attempts of one run, which are in order of preference.

    `anomalies` are those of the response that was used. A strange shape takes precedence over silence, and both over
    a fallback. An incident is reported when it begins, again only when it becomes one of another kind, and when it
    ends, with its duration. An outage that changes its kind keeps its start. Without attempts, nothing is known anew.
    """
    if not attempts:
        return HealthVerdict(incident, failures, ())
    first, good = attempts[0], next((attempt for attempt in attempts if attempt.is_good), None)
    if good is None:
        if any(attempt.is_postponed for attempt in attempts):
            return HealthVerdict(incident, failures, ())
        failures += 1
        now, used = _after_failure(attempts, at, incident, failures), first
    else:
        failures = 0
        now, used = _after_answer(first, good, at, incident, anomalies), good
    if now is None and incident is not None:
        reasons = remarks(f"after {format_duration(at - incident.since)}")
        return HealthVerdict(None, failures, (Event(EventKind.RECOVERED, at, source, url=used.url, reasons=reasons),))
    if now is None or (incident is not None and incident.kind is now.kind):
        return HealthVerdict(incident, failures, ())
    url, after = (first.url, used.url) if now.kind is EventKind.FALLBACK else (used.url, None)
    return HealthVerdict(
        now, failures, (Event(now.kind, at, source, url=url, reasons=remarks(now.detail), after=after),)
    )


def _after_failure(
    attempts: Sequence[EndpointAttempt], at: datetime, incident: Incident | None, failures: int
) -> Incident | None:
    """Return the incident that is open after a run without a good response, the last of `failures` in a row."""
    if any(attempt.drifted for attempt in attempts):
        kind = EventKind.DRIFTED
    elif any(attempt.outcome is Outcome.BLOCKED for attempt in attempts):
        kind = EventKind.BLOCKED
    elif failures >= FAILURES_BEFORE_BROKEN:
        kind = EventKind.BROKEN
    else:
        return incident
    is_same_outage = incident is not None and incident.kind in OUTAGES and failures > 1
    since = incident.since if incident is not None and is_same_outage else at
    return Incident(kind, since, describe_failures(attempts))


def _after_answer(
    first: EndpointAttempt, good: EndpointAttempt, at: datetime, incident: Incident | None, anomalies: Anomalies
) -> Incident | None:
    """Return the incident that is open after a good response; `first` is the preferred endpoint's."""
    if incident is not None and _is_still_open(incident, good, anomalies):
        return incident
    if anomalies.unusual_shape:
        return Incident(EventKind.DRIFTED, at, f"{good.url}: {anomalies.unusual_shape}")
    if anomalies.silence is not None:
        return Incident(EventKind.SILENT, anomalies.silence.since, f"{good.url}: {anomalies.silence}")
    if good is first:
        return None
    if first.is_postponed:  # its state is not known yet
        return incident if incident is not None and incident.kind is EventKind.FALLBACK else None
    return Incident(EventKind.FALLBACK, at, f"{_failure(first)}; {good.url} serves instead")


def _is_still_open(incident: Incident, good: EndpointAttempt, anomalies: Anomalies) -> bool:
    """Return True if a good response does not end the incident: only news end silence, only a list an odd shape."""
    if incident.kind is EventKind.SILENT:
        return not anomalies.has_news and not anomalies.unusual_shape
    return incident.kind is EventKind.DRIFTED and good.outcome is Outcome.NOT_MODIFIED


def outcome_phrase(outcome: Outcome) -> str:
    """Return the name of an outcome for people, such as "too large"."""
    return outcome.value.replace("_", " ")


def describe_failures(attempts: Iterable[EndpointAttempt]) -> str:
    """Return a phrase with the URL and the failure of each attempt, or ""."""
    return "; ".join(map(_failure, attempts))


def _failure(attempt: EndpointAttempt) -> str:
    name = "changed shape" if attempt.drifted else outcome_phrase(attempt.outcome)
    return f"{attempt.url}: {name}{f' ({attempt.detail})' if attempt.detail else ''}"
