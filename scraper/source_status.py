"""Status of the monitor and of each source at one time: the one place that decides what is late, paused or stopped.

`statewire status`, `doctor`, metrics, heartbeat, log and mails show it; only the last functions here make phrases.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from scraper import urls
from scraper.clock import format_duration
from scraper.model import INCIDENTS, Channel, Outcome, Role
from scraper.rules import schedule, unresponsive_hosts
from scraper.rules.source_health import UNANSWERED, EndpointAttempt
from scraper.store import SourceState
from scraper.store.locks import holder
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from scraper.config.settings import Settings, Source
    from scraper.model import EventKind, HostState, MessageState
    from scraper.rules.guards import Withheld
    from scraper.store import DeliveryFailure, StandingCounts, Store
    from scraper.store.searches import SearchCounts


GRACE: Final = timedelta(hours=1)
"""Tolerance for the lateness of a run, which may take a quarter of an hour and wait for another one of its host."""
# A single failed run is ignored, and so are two in a row (see `rules.source_health`).
_LATE_RUNS = 3
CHECK_POLLING: Final = "check that `statewire run`, or your timer for `statewire fetch`, is running"
"""Advice where nothing polls."""
UNREACHED: Final = frozenset({Outcome.DNS, Outcome.CONNECT, Outcome.TIMEOUT})
"""Outcomes of requests that may be the fault of the network of this machine."""
CHECK_NETWORK: Final = "check the network of this machine; if other sites respond, open its URL in a browser"
"""Advice where requests have no other outcome."""
ALLOW_PRIVATE: Final = (
    "only public IP addresses, on ports 80 and 443, are fetched; to allow another one, list it as HOST:PORT in"
    " `fetch.allow_private` of your configuration, whose path `statewire config show` prints"
)
"""Advice where the address guard has refused a request."""
_SHOWN_RECIPIENTS = 3
WELL: Final = "well"
UNASKED: Final = "unasked"
STATES: Final = (WELL, UNASKED, *(kind.value.partition(".")[2] for kind in INCIDENTS))
"""All states of a source: well, not polled yet, or in an incident."""


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """Claims of a mirror: those requested today, how many may be, and how many wait."""

    requested: int
    per_day: int
    waiting: int


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """Status of one source.

    `source` is None if the configuration no longer has it, and `stored` is empty if nothing is stored (`is_stored`).
    `interval` is the one in force; `next_due_at` is None if it is not polled, `late_since` if it is not late. `pauses`
    has the hosts that ask for no requests now, and until when; `failed` the requests of a last run that all failed.
    `claims` is None unless it is a mirror of the configuration, `searches` unless it searches; `unresponsive_hosts` are
    the keys of the hosts that got no further requests in the last run. `standing` counts its standing pages.
    """

    source: Source | None
    stored: SourceState
    is_stored: bool = True
    interval: timedelta | None = None
    next_due_at: datetime | None = None
    late_since: datetime | None = None
    pauses: Mapping[str, datetime] = field(default_factory=dict)
    failed: tuple[EndpointAttempt, ...] = ()
    claims: ClaimStatus | None = None
    searches: SearchCounts | None = None
    unresponsive_hosts: tuple[str, ...] = ()
    standing: StandingCounts | None = None

    @property
    def is_enabled(self) -> bool:
        """True if it is in the configuration and not switched off there."""
        return self.source is not None and self.source.enabled

    @property
    def incident(self) -> EventKind | None:
        """Kind of the event that reported its current problem."""
        return self.stored.incident

    @property
    def state(self) -> str:
        """One of `STATES`."""
        if self.stored.last_attempt_at is None:
            return UNASKED
        return self.incident.value.partition(".")[2] if self.incident else WELL


@dataclass(frozen=True, slots=True)
class NoPolling:
    """Stop of all polling: no source was polled after `since`, although `source` has been due since `due_at`."""

    since: datetime
    source: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class NoAnswers:
    """Lack of any answer: each polled source is blocked, broken or late. `since` is None if none ever succeeded."""

    since: datetime | None


@dataclass(frozen=True, slots=True)
class MonitorStatus:
    """Status of the monitor at a time: its sources (configured ones first), its problems, and its counts.

    `last_attempt_at` and `last_success_at` are those of all enabled sources; `hosts` had requests today, the busiest
    first; `last_news` has the hour of the last news by the name of a source; `withheld` is what guards withheld in the
    last 24 hours, `failures` are the deliveries that fail; `daemon` is the process of the daemon, None if none runs.
    """

    at: datetime
    sources: tuple[SourceStatus, ...]
    last_attempt_at: datetime | None
    last_success_at: datetime | None
    no_polling: NoPolling | None
    no_answers: NoAnswers | None
    statements: int = 0
    copies: int = 0
    events: int = 0
    hosts: tuple[HostState, ...] = ()
    requests_per_day: int | None = None
    messages: Mapping[MessageState, int] = field(default_factory=dict)
    oldest_waiting: timedelta = timedelta(0)
    last_news: Mapping[str, datetime] = field(default_factory=dict)
    withheld: tuple[Withheld, ...] = ()
    failures: tuple[DeliveryFailure, ...] = ()
    daemon: int | None = None

    @property
    def advice(self) -> str | None:
        """Advice for the operator if monitoring does not work, else None."""
        if self.no_polling:
            return CHECK_POLLING
        return "`statewire doctor --online` shows how they respond now" if self.no_answers else None

    @property
    def enabled(self) -> list[SourceStatus]:
        """The enabled sources, in the order of the configuration."""
        return [each for each in self.sources if each.is_enabled]


def read(settings: Settings, store: Store, now: datetime, *, since: datetime | None = None) -> MonitorStatus:
    """Read the status of the monitor at `now`. Ignore runs before `since` in the search for its problems."""
    stored = {state.name: state for state in store.sources.all()}
    failed = {
        name: tuple(EndpointAttempt(*each) for each in store.captures.answers(name, state.last_attempt_at))
        for name, state in stored.items()
        if state.failures and state.last_attempt_at
    }
    pauses = store.hosts.pauses(now, now + settings.fetch.longest_pause)
    status = assess(settings.sources, stored, now, since=since, pauses=pauses, failed=failed)
    waiting_since = store.outbox.oldest_waiting()
    return replace(
        status,
        sources=tuple(
            replace(
                each,
                claims=_claims(each, settings, store, now),
                searches=store.searches.counts(each.stored.name, now) if each.source and each.source.search else None,
                unresponsive_hosts=_unresponsive_hosts(store, each.stored),
                standing=store.standing_pages.status(each.stored.name, now),
            )
            for each in status.sources
        ),
        statements=store.statements.count(),
        copies=store.copies.count(),
        events=store.events.last_id(),
        hosts=tuple(store.hosts.asked_on(now.date())),
        requests_per_day=settings.fetch.requests_per_day,
        messages=store.outbox.counts(),
        oldest_waiting=max(timedelta(0), now - waiting_since) if waiting_since else timedelta(0),
        last_news=store.arrivals.last_news(),
        withheld=tuple(store.withheld.recent(now)),
        failures=tuple(store.outbox.failures()),
        daemon=holder(store.path),
    )


def _claims(status: SourceStatus, settings: Settings, store: Store, now: datetime) -> ClaimStatus | None:
    if status.source is None or status.source.role is not Role.MIRROR or status.source.search:
        return None
    name = status.source.name
    requested, waiting = store.claims.requested_on(name, now.date()), len(store.claims.waiting(name))
    return ClaimStatus(requested, settings.claims_of_mirror, waiting)


def assess(
    sources: Sequence[Source],
    stored: Mapping[str, SourceState],
    now: datetime,
    *,
    since: datetime | None = None,
    pauses: Mapping[str, datetime] = MappingProxyType({}),
    failed: Mapping[str, tuple[EndpointAttempt, ...]] = MappingProxyType({}),
) -> MonitorStatus:
    """Derive the status, without its counts, from what is stored of each source (pure)."""
    configured = [
        SourceStatus(
            source,
            state := stored.get(source.name) or SourceState(source.name, source.role),
            source.name in stored,
            interval=current_interval(source, state),
            next_due_at=next_start(source, state, now) if source.enabled else None,
            late_since=_late_since(source, state, now, since),
            pauses=requested_pauses(source, pauses),
            failed=failed.get(source.name, ()),
        )
        for source in sources
    ]
    names = {source.name for source in sources}
    removed = [
        SourceStatus(None, state, failed=failed.get(name, ())) for name, state in stored.items() if name not in names
    ]
    enabled = [each for each in configured if each.is_enabled]
    last_attempt_at = _newest(each.stored.last_attempt_at for each in enabled)
    return MonitorStatus(
        now,
        (*configured, *removed),
        last_attempt_at,
        _newest(each.stored.last_success_at for each in enabled),
        _no_polling(enabled, last_attempt_at and _newest((last_attempt_at, since)), now),
        _no_answers(enabled, since),
    )


def _unresponsive_hosts(store: Store, stored: SourceState) -> tuple[str, ...]:
    at = stored.last_attempt_at
    return tuple(unresponsive_hosts.unresponsive_hosts(store.captures.requests(stored.name, at))) if at else ()


def requested_pauses(source: Source, pauses: Mapping[str, datetime]) -> dict[str, datetime]:
    """Return those of the pauses, by host, that a host of the source asks for."""
    hosts = dict.fromkeys(urls.host_key(endpoint.url) for endpoint in source.endpoints)
    return {host: pauses[host] for host in hosts if host in pauses}


def current_interval(source: Source, state: SourceState | None) -> timedelta:
    """Return the interval of a source that is in force."""
    return schedule.current_interval(source.every, state.interval if state else None)


def next_start(source: Source, state: SourceState | None, now: datetime) -> datetime:
    """Return the time of a source's next poll: `now` if it is due, never outside its polling hours."""
    due_at = state.next_due_at if state else None
    is_due = schedule.is_due(now, due_at, current_interval(source, state))
    return _in_polling_hours(source, now if due_at is None or is_due else due_at)


def _late_since(source: Source, state: SourceState, now: datetime, since: datetime | None) -> datetime | None:
    """Return the time since which a source is late, or None: three intervals and `GRACE` after its last success.

    Count from `since` if that is later, and from the report of its incident if it never had a success. Only its polling
    hours count.
    """
    # Each run moves `last_attempt_at`, so that is only the last choice for a source without any success.
    from_at = _newest((state.last_success_at or state.incident_since_at, since)) or state.last_attempt_at
    if from_at is None or not source.enabled:
        return None
    expected_at = from_at + _LATE_RUNS * current_interval(source, state)
    if now <= expected_at + GRACE:  # polling hours only make it later, and are slow to find
        return None
    late_at = _in_polling_hours(source, _in_polling_hours(source, expected_at) + GRACE)
    return late_at if now > late_at else None


def _no_polling(enabled: Sequence[SourceStatus], last_attempt_at: datetime | None, now: datetime) -> NoPolling | None:
    """Return a stop if a source has been due for longer than `GRACE` and no source was polled in that time."""
    if last_attempt_at is None or now <= last_attempt_at + GRACE:
        return None
    waiting = [
        (_in_polling_hours(each.source, each.stored.next_due_at), each.source)
        for each in enabled
        if each.source and each.stored.next_due_at
    ]
    due_at, source = min(waiting, key=lambda each: each[0], default=(now, None))
    if source is None or now <= _in_polling_hours(source, due_at + GRACE):
        return None
    return NoPolling(last_attempt_at, source.name, due_at)


def _no_answers(enabled: Sequence[SourceStatus], since: datetime | None) -> NoAnswers | None:
    """Return a lack of answers if each polled source gives nothing. Sources that were never polled do not count."""
    # Before the first success, one failed run of each is enough: nothing shows that they can be reached from here.
    if enabled and all(_has_only_failed(each.stored, since) for each in enabled):
        return NoAnswers(None)
    polled = [(each, at) for each in enabled if (at := each.stored.last_attempt_at) is not None]
    for each, at in polled:
        is_current = since is None or at >= since
        if each.late_since is None and not (is_current and each.incident in UNANSWERED):
            return None
    return NoAnswers(_newest(each.stored.last_success_at for each, _ in polled)) if polled else None


def _has_only_failed(stored: SourceState, since: datetime | None) -> bool:
    at, has_failed = stored.last_attempt_at, stored.last_success_at is None and stored.failures > 0
    return has_failed and at is not None and (since is None or at >= since)


def _newest(times: Iterable[datetime | None]) -> datetime | None:
    return max((time for time in times if time is not None), default=None)


def _in_polling_hours(source: Source, at: datetime) -> datetime:
    return source.hours.next_start(at) if source.hours else at


def describe_trouble(trouble: NoPolling | NoAnswers | None, now: datetime) -> str:
    """Return a phrase that says for how long the monitor has not worked, or "" for None."""
    if trouble is None:
        return ""
    if isinstance(trouble, NoPolling):
        asked, due = format_duration(now - trouble.since), format_duration(now - trouble.due_at)
        return f"no source has been polled for {asked}, and {trouble.source} has been due for {due}"
    if trouble.since is None:
        return "no source has ever had a success"
    return f"no source has had a success for {format_duration(now - trouble.since)}"


def describe_pauses(pauses: Mapping[str, datetime]) -> str:
    """Return a phrase that names the hosts that ask for no requests, and until when, or ""."""
    return "; ".join(f"{host} allows no requests before {until:%Y-%m-%d %H:%M} UTC" for host, until in pauses.items())


def describe_claims(claims: ClaimStatus | None) -> str:
    """Return a phrase for claims of a mirror that wait, "" if none do."""
    if claims is None or not claims.waiting:
        return ""
    which = count(claims.waiting, "claimed URL")
    return f"{which} of State's to request; {claims.requested} of at most {claims.per_day} requested today"


def shown_recipient(channel: Channel, recipient: str) -> str:
    """Return a recipient for people: of a webhook only the host, since anyone with its URL may post there."""
    return urls.shown_short(recipient) if channel is Channel.WEBHOOK else recipient


def summarize_failures(failures: Sequence[DeliveryFailure]) -> list[DeliveryFailure]:
    """Return one failure for each channel and error, with its recipients in words for people as `recipient`."""
    groups: dict[tuple[Channel, str], list[DeliveryFailure]] = {}
    for failure in failures:
        groups.setdefault((failure.channel, failure.error), []).append(failure)
    return [
        replace(
            group[0],
            recipient=_names(dict.fromkeys(shown_recipient(each.channel, each.recipient) for each in group)),
            waiting=sum(each.waiting for each in group),
            refused=sum(each.refused for each in group),
            since=min((each.since for each in group if each.since), default=None),
            next_attempt_at=min((each.next_attempt_at for each in group if each.next_attempt_at), default=None),
        )
        for group in groups.values()
    ]


def _names(names: Iterable[str]) -> str:
    first, *others = names
    shown = [first, *others[: _SHOWN_RECIPIENTS - 1]]
    more = f" and {len(others) + 1 - len(shown)} more" if len(others) >= _SHOWN_RECIPIENTS else ""
    return ", ".join(shown) + more


def failure_lines(failure: DeliveryFailure) -> list[str]:
    """Return one of `summarize_failures` in lines: since when it fails, to whom, and the error."""
    counts = ((failure.waiting, "waiting"), (failure.refused, "given up"))
    number = ", ".join(f"{count(number, 'message')} {state}" for number, state in counts if number)
    since = f" since {failure.since:%Y-%m-%d %H:%M} UTC" if failure.since else ""
    return [f"{failure.channel} fails{since}: {number}", f"to {failure.recipient}", failure.error]


def describe_next_attempt(failure: DeliveryFailure, now: datetime, *, has_daemon: bool) -> str:
    """Return a phrase for the next attempt of a delivery that fails: when, and by what if no daemon makes it."""
    at = failure.next_attempt_at
    if not failure.waiting or at is None:
        return "no further attempt; to try again: `statewire alerts retry`"
    when = "" if at <= now else f" {at:%Y-%m-%d %H:%M} UTC"
    if has_daemon:
        following = f"next attempt{when or ' is due now'}"
    else:
        following = f"next attempt: `statewire fetch` or `run`{when and f' from{when}'}"
    return f"{following}; now: `statewire alerts retry`"
