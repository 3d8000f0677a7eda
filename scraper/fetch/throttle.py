"""Throttle per host: one request at a time, pauses in between, Retry-After, and a limit of requests per day.

A host's robots.txt is fetched once a day; the last readable one applies.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Protocol

from scraper.clock import unlimited
from scraper.fetch.request import RequestFailed
from scraper.fetch.robots import RobotsRules, read_rules, robots_text
from scraper.model import HostState, Outcome
from scraper.rules import untrusted
from scraper.rules.budgets import has_room
from scraper.rules.schedule import MAX_GAP_S
from scraper.urls import host_key, is_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    import httpx

    from scraper.clock import Clock
    from scraper.config.settings import FetchSettings
    from scraper.fetch.request import RawResponse


_ROBOTS_MAX_AGE = timedelta(hours=24)
_ROBOTS_RETRY_INTERVAL_S = 3600.0


class HostThrottle:
    """Throttle that lets one thread at a time send a request to a host.

    The pause before a request is the longest of: our own minimum (state.gov asks for 5 s in a line that
    robots parsers ignore), the host's Crawl-delay, and the duration of its last response. A host that has
    had its requests of the day gets no more until midnight UTC.
    """

    def __init__(self, hosts: HostMemory, *, clock: Clock, settings: FetchSettings) -> None:
        self._hosts = hosts
        self._clock = clock
        self._settings = settings
        self._locks: dict[str, threading.Lock] = {}
        self._hosts_lock = threading.Lock()
        self._last_took_s: dict[str, float] = {}

    def state(self, host: str) -> HostState:
        """Return the stored state of a host."""
        with self._hosts_lock:
            return self._hosts.load(host)

    def remember(self, host: str, change: Callable[[HostState], HostState]) -> None:
        """Change the stored state of a host."""
        with self._hosts_lock:
            self._hosts.change(host, change)

    @contextmanager
    def turn(
        self, host: str, time_left_s: Callable[[], float] = unlimited, *, is_own: bool = True, gap_s: float = 0.0
    ) -> Iterator[None]:
        """Wait for the host, then hold its lock. The pause is `gap_s` at least.

        A request that is not one of the host's own sources (`is_own`) gets only the open share of its budget. Raise
        `RequestFailed` (deferred) for waits that the host asked for beyond the deadline, and for those that are longer
        than `time_left_s`.
        """
        with _held(self._locks.setdefault(host, threading.Lock()), host, time_left_s):
            wait_s = self._wait_s(host, is_own=is_own, gap_s=gap_s)
            if wait_s > time_left_s():
                raise _no_time(host)
            self._clock.sleep(wait_s)
            started_s = self._clock.monotonic()
            try:
                yield
            finally:
                self._last_took_s[host] = self._clock.monotonic() - started_s
                self.remember(host, self._count_request)

    def pause_s(self, host: str) -> float:
        """Return the seconds for which a request to a host would wait now; 0 if it would be deferred instead."""
        try:
            return self._wait_s(host, is_own=True)
        except RequestFailed:
            return 0.0

    def honour_retry_after(self, host: str, retry_after: str | None) -> None:
        """Send no requests to the host until the end of the Retry-After of one of its responses."""
        until = read_retry_after(retry_after or "", now=self._clock.now(), cap_s=self._settings.retry_after_cap_s)
        if until is not None:
            self.remember(host, lambda state: replace(state, not_before=until))

    def requests_today(self, host: str) -> int:
        """Return the number of requests to a host since midnight UTC, those of other processes included."""
        return _requests_on(self.state(host), self._clock.now().date())

    def is_used_up(self, host: str, *, is_own: bool) -> bool:
        """Return True if a host has no requests left today, for its own sources (`is_own`) or for any others."""
        requests, per_day = self.requests_today(host), self._settings.requests_per_day
        return per_day is not None and (requests >= per_day or not (is_own or has_room(requests, per_day)))

    def _count_request(self, state: HostState) -> HostState:
        now = self._clock.now()
        requests = _requests_on(state, now.date()) + 1
        return replace(state, last_request_at=now, counted_on=now.date(), requests=requests)

    def _wait_s(self, host: str, *, is_own: bool, gap_s: float = 0.0) -> float:
        state = self.state(host)
        now = self._clock.now()
        self._check_budget(host, _requests_on(state, now.date()), is_own=is_own)
        quiet_s = (state.not_before - now).total_seconds() if state.not_before else 0.0
        if quiet_s > self._settings.retry_after_cap_s:
            quiet_s = 0.0  # longer than the cap that applies when it is stored: the clock was wrong then
        if quiet_s > self._settings.deadline_s:
            raise RequestFailed(
                Outcome.DEFERRED, f"{host} asked for no requests before {state.not_before:%Y-%m-%d %H:%M:%S}Z"
            )
        gap_s = max(gap_s, self._gap_s(state))
        since_s = (now - state.last_request_at).total_seconds() if state.last_request_at else gap_s
        # A last request in the future means that the clock was set back: wait one gap, not until that time.
        return max(0.0, quiet_s, gap_s - max(0.0, since_s))

    def _check_budget(self, host: str, requests: int, *, is_own: bool) -> None:
        per_day = self._settings.requests_per_day
        if per_day is not None and requests >= per_day:
            raise RequestFailed(
                Outcome.DEFERRED,
                f"{host} has had its {per_day} requests of today (fetch.requests_per_day); the next after midnight UTC",
            )
        if not is_own and not has_room(requests, per_day):
            raise RequestFailed(
                Outcome.DEFERRED,
                f"{host} has had {requests} requests of today, and the rest is for its own sources"
                " (fetch.requests_per_day); the next after midnight UTC",
            )

    def _gap_s(self, state: HostState) -> float:
        name = state.host.partition(":")[0]  # the same host on another port
        own_s = self._settings.state_gap_s if is_state(name) else self._settings.gap_s
        asked_s = read_rules(state.robots_text or "").crawl_delay_s
        return max(own_s, min(MAX_GAP_S, asked_s), min(MAX_GAP_S, self._last_took_s.get(state.host, 0.0)))


class RobotsCache:
    """Cache of robots.txt files; `throttle` stores the last readable one of each host."""

    def __init__(self, throttle: HostThrottle, *, clock: Clock) -> None:
        self._throttle = throttle
        self._clock = clock
        self._locks: dict[str, threading.Lock] = {}
        self._retry_at_s: dict[str, float] = {}

    def refusal(
        self, url: httpx.URL, fetch: Callable[[httpx.URL], RawResponse], time_left_s: Callable[[], float] = unlimited
    ) -> RequestFailed | None:
        """Return the reason for which a URL must not be fetched now, or None if it may be.

        `fetch` requests a robots.txt that is not known. `time_left_s` limits the wait for another thread that does.
        """
        host = host_key(str(url))
        try:
            with _held(self._locks.setdefault(host, threading.Lock()), host, time_left_s):
                rules = self._rules(host, url, fetch)
        except RequestFailed as failure:
            return failure
        if rules.allows(str(url)):
            return None
        return RequestFailed(Outcome.DISALLOWED, f"the robots.txt of {host} does not allow {url.path}")

    def _rules(self, host: str, url: httpx.URL, fetch: Callable[[httpx.URL], RawResponse]) -> RobotsRules:
        state = self._throttle.state(host)
        now = self._clock.now()
        known = state.robots_fetched_at is not None
        # A file that was fetched long after now shows that the clock was set back.
        fresh = state.robots_fetched_at is not None and abs(now - state.robots_fetched_at) < _ROBOTS_MAX_AGE
        now_s = self._clock.monotonic()
        if not fresh and now_s >= self._retry_at_s.get(host, now_s):
            try:
                text = robots_text(fetch(url.copy_with(raw_path=b"/robots.txt")))
            except RequestFailed:
                if not known:
                    raise
                text = None
            if text is not None:
                text = untrusted.lines(text)
                self._throttle.remember(host, lambda old: replace(old, robots_text=text, robots_fetched_at=now))
                return read_rules(text)
            # The last readable file, or the defaults, apply for a while, so that not every request fetches again.
            self._retry_at_s[host] = now_s + _ROBOTS_RETRY_INTERVAL_S
        return read_rules(state.robots_text or "")


@contextmanager
def _held(lock: threading.Lock, host: str, time_left_s: Callable[[], float]) -> Iterator[None]:
    """Hold a host's lock. Raise `RequestFailed` (deferred) if other threads hold it for all of the time left."""
    if not lock.acquire(timeout=min(max(0.0, time_left_s()), threading.TIMEOUT_MAX)):
        raise _no_time(host)
    try:
        yield
    finally:
        lock.release()


def _no_time(host: str) -> RequestFailed:
    return RequestFailed(Outcome.DEFERRED, f"no time was left in this run to wait for {host}")


def read_retry_after(value: str, *, now: datetime, cap_s: float) -> datetime | None:
    """Return the end of a `Retry-After` (seconds or an HTTP date), at most `cap_s` from now; None if it is invalid."""
    text = value.strip()
    latest = now + timedelta(seconds=cap_s)
    if text.isascii() and text.isdigit():
        # More digits than any cap has; int() would have to parse them all.
        return latest if len(text) > 9 else min(latest, now + timedelta(seconds=int(text)))
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return min(latest, max(now, at))


class HostMemory(Protocol):
    """Storage of host states. Calls come from any thread, but never two at once."""

    def load(self, host: str) -> HostState:
        """Return the state of a host, an empty one for an unknown host."""
        ...

    def change(self, host: str, change: Callable[[HostState], HostState]) -> None:
        """Replace the state of a host durably before returning, without losing a concurrent change."""
        ...


class MemoryHosts:
    """Host states in memory, for the demo and for tests."""

    def __init__(self) -> None:
        self._states: dict[str, HostState] = {}

    def load(self, host: str) -> HostState:
        """See `HostMemory.load`."""
        return self._states.get(host, HostState(host))

    def change(self, host: str, change: Callable[[HostState], HostState]) -> None:
        """See `HostMemory.change`."""
        self.save(change(self.load(host)))

    def save(self, state: HostState) -> None:
        """Store a state."""
        self._states[state.host] = state


def _requests_on(state: HostState, day: date) -> int:
    """Return the number of requests on a day (UTC), 0 unless that is the day of the count."""
    return state.requests if state.counted_on == day else 0
