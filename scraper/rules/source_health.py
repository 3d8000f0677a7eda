"""Rules that judge a source after a run: well, blocked, broken, drifted, silent or served by a fallback (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scraper.clock import format_duration
from scraper.model import Event, EventKind, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
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
    ends, with its duration. An outage that changes its kind keeps its start.
    """
    good = next((attempt for attempt in attempts if attempt.is_good), None)
    if good is None and any(attempt.is_postponed for attempt in attempts):
        return HealthVerdict(incident, failures, ())
    was_failing = failures > 0
    now = _anomaly(good, at, anomalies) if good else None
    now = now or _incident(attempts, good, at, failures + 1)
    failures = 0 if good else failures + 1
    if good is not None and incident is not None and _is_still_open(incident, good, anomalies):
        return HealthVerdict(incident, failures, ())
    if now is None:
        if good is None or incident is None:
            return HealthVerdict(incident, failures, ())
        if incident.kind is EventKind.FALLBACK and good is not attempts[0]:
            # The request to the preferred endpoint was put off: its state is not known yet.
            return HealthVerdict(incident, failures, ())
        ended = _event(EventKind.RECOVERED, source, at, good.url, (f"after {format_duration(at - incident.since)}",))
        return HealthVerdict(None, 0, (ended,))
    if incident is not None and incident.kind is now.kind:
        return HealthVerdict(incident, failures, ())
    if incident is not None and good is None and was_failing and incident.kind in OUTAGES:
        now = replace(now, since=incident.since)  # the same outage, of another kind
    is_fallback = now.kind is EventKind.FALLBACK
    url = attempts[0].url if good is None or is_fallback else good.url
    after = good.url if good is not None and is_fallback else None
    began = _event(now.kind, source, at, url, (now.detail,), after=after)
    return HealthVerdict(now, failures, (began,))


def _anomaly(good: EndpointAttempt, at: datetime, anomalies: Anomalies) -> Incident | None:
    if anomalies.unusual_shape:
        return Incident(EventKind.DRIFTED, at, f"{good.url}: {anomalies.unusual_shape}")
    if anomalies.silence is not None:
        return Incident(EventKind.SILENT, anomalies.silence.since, f"{good.url}: {anomalies.silence}")
    return None


def _is_still_open(incident: Incident, good: EndpointAttempt, anomalies: Anomalies) -> bool:
    """Return True if a good response does not end the incident: only news end silence, only a list an odd shape."""
    if incident.kind is EventKind.SILENT:
        return not anomalies.has_news and not anomalies.unusual_shape
    return incident.kind is EventKind.DRIFTED and good.outcome is Outcome.NOT_MODIFIED


def _incident(
    attempts: Sequence[EndpointAttempt], good: EndpointAttempt | None, at: datetime, failures: int
) -> Incident | None:
    first = attempts[0]
    if good is first or first.is_postponed:
        return None
    if good is not None:
        return Incident(EventKind.FALLBACK, at, f"{first.url}: {_why(first)}; {good.url} serves instead")
    detail = "; ".join(f"{attempt.url}: {_why(attempt)}" for attempt in attempts)
    if any(attempt.drifted for attempt in attempts):
        return Incident(EventKind.DRIFTED, at, detail)
    if any(attempt.outcome is Outcome.BLOCKED for attempt in attempts):
        return Incident(EventKind.BLOCKED, at, detail)
    return Incident(EventKind.BROKEN, at, detail) if failures >= FAILURES_BEFORE_BROKEN else None


def _why(attempt: EndpointAttempt) -> str:
    name = "changed shape" if attempt.drifted else attempt.outcome.value.replace("_", " ")
    return f"{name} ({attempt.detail})" if attempt.detail else name


def _event(
    kind: EventKind, source: str, at: datetime, url: str, reasons: tuple[str, ...], after: str | None = None
) -> Event:
    return Event(kind, at, source, url=url, reasons=reasons, after=after)
