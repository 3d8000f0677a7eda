"""What a run says about its source: well, blocked, broken, changed, silent, or served by a second choice (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scraper.clock import format_duration
from scraper.model import Event, EventKind, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scraper.rules.baseline import ItemTally, Silence

# One time-out is weather. A source that gives nothing in three runs is broken.
FAILURES_BEFORE_BROKEN = 3
_OUTAGES = frozenset({EventKind.BLOCKED, EventKind.BROKEN, EventKind.DRIFTED})


@dataclass(frozen=True, slots=True)
class EndpointAttempt:
    """How one endpoint of a source answered.

    `drifted`: it answered, and its parser no longer knows the shape. `seen` is what its list had, None where
    nothing was read.
    """

    url: str
    outcome: Outcome
    detail: str = ""
    drifted: bool = False
    seen: ItemTally | None = None

    @property
    def is_good(self) -> bool:
        """Whether this endpoint gave what was asked for."""
        return self.outcome in {Outcome.OK, Outcome.NOT_MODIFIED} and not self.drifted

    @property
    def is_postponed(self) -> bool:
        """Whether the host asked us to come later, which is no trouble of the source."""
        return self.outcome in {Outcome.BUSY, Outcome.DEFERRED}


@dataclass(frozen=True, slots=True)
class Anomalies:
    """What is unusual in the answer that a run got: its shape (in words), that nothing new comes any more."""

    oddity: str = ""
    silence: Silence | None = None
    has_news: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """Trouble that was told of: the kind of the event that told it, since when, and its detail."""

    kind: EventKind
    since: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class HealthVerdict:
    """The incident that stands after a run (None: the source is well), the failures in a row, what to tell."""

    incident: Incident | None
    failures: int
    events: tuple[Event, ...]


def judge(
    source: str,
    attempts: Sequence[EndpointAttempt],
    at: datetime,
    incident: Incident | None,
    failures: int,
    signs: Anomalies = Anomalies(),
) -> HealthVerdict:
    """What the attempts of one run, in their order of preference, mean for the source.

    `signs` are those of the answer that served. A strange shape weighs more than silence, and both more
    than that a second choice serves. An incident is told once when it begins, once more only when it
    becomes one of another kind, and once when it ends: with how long nothing came, whatever it was called.
    """
    good = next((attempt for attempt in attempts if attempt.is_good), None)
    if good is None and any(attempt.is_postponed for attempt in attempts):
        return HealthVerdict(incident, failures, ())
    was_out = failures > 0
    now = _anomaly(good, at, signs) if good else None
    now = now or _incident(attempts, good, at, failures + 1)
    failures = 0 if good else failures + 1
    if good is not None and incident is not None and _stands(incident, good, now, signs):
        return HealthVerdict(incident, failures, ())
    if now is None:
        if good is None or incident is None:
            return HealthVerdict(incident, failures, ())
        if incident.kind is EventKind.FALLBACK and good is not attempts[0]:
            # The first choice asked us to come later: whether it serves again is not known yet.
            return HealthVerdict(incident, failures, ())
        ended = _event(EventKind.RECOVERED, source, at, good.url, (f"after {format_duration(at - incident.since)}",))
        return HealthVerdict(None, 0, (ended,))
    if incident is not None and incident.kind is now.kind:
        return HealthVerdict(incident, failures, ())
    if incident is not None and good is None and was_out and incident.kind in _OUTAGES:
        now = replace(now, since=incident.since)  # one outage, by another name
    is_fallback = now.kind is EventKind.FALLBACK
    url = attempts[0].url if good is None or is_fallback else good.url
    after = good.url if good is not None and is_fallback else None
    began = _event(now.kind, source, at, url, (now.detail,), after=after)
    return HealthVerdict(now, failures, (began,))


def _anomaly(good: EndpointAttempt, at: datetime, signs: Anomalies) -> Incident | None:
    if signs.oddity:
        return Incident(EventKind.DRIFTED, at, f"{good.url}: {signs.oddity}")
    if signs.silence is not None:
        return Incident(EventKind.SILENT, signs.silence.since, f"{good.url}: {signs.silence}")
    return None


def _stands(incident: Incident, good: EndpointAttempt, now: Incident | None, signs: Anomalies) -> bool:
    """Whether a good answer leaves a sign of trouble as it was: only news end silence, only a list its odd shape."""
    if incident.kind is EventKind.SILENT:
        return not signs.has_news and not signs.oddity
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
