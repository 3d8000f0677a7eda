"""Cache of each host's robots.txt: fetches it once a day and applies the last readable one."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scraper.fetch.failure import RequestFailed
from scraper.fetch.robots import RobotsRules, read_rules, robots_text
from scraper.model import Outcome
from scraper.urls import host_key

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from scraper.clock import Clock
    from scraper.fetch.exchange import RawResponse
    from scraper.fetch.throttle import HostThrottle


_MAX_AGE = timedelta(hours=24)
_RETRY_INTERVAL = timedelta(hours=1)


class RobotsCache:
    """Cache of robots.txt files. `fetch` requests one; `throttle` stores the last readable one of each host."""

    def __init__(self, fetch: Callable[[httpx.URL], RawResponse], throttle: HostThrottle, *, clock: Clock) -> None:
        self._fetch = fetch
        self._throttle = throttle
        self._clock = clock
        self._locks: dict[str, threading.Lock] = {}
        self._retry_at: dict[str, datetime] = {}

    def refusal(self, url: httpx.URL) -> RequestFailed | None:
        """Return the reason for which a URL must not be fetched now, or None if it may be."""
        host = host_key(str(url))
        with self._locks.setdefault(host, threading.Lock()):
            try:
                rules = self._rules(host, url)
            except RequestFailed as failure:
                return failure
        if rules.allows(str(url)):
            return None
        return RequestFailed(Outcome.DISALLOWED, f"the robots.txt of {host} does not allow {url.path}")

    def _rules(self, host: str, url: httpx.URL) -> RobotsRules:
        state = self._throttle.state(host)
        now = self._clock.now()
        known = state.robots_fetched_at is not None
        fresh = state.robots_fetched_at is not None and now < state.robots_fetched_at + _MAX_AGE
        if not fresh and now >= self._retry_at.get(host, now):
            try:
                text = robots_text(self._fetch(url.copy_with(raw_path=b"/robots.txt")))
            except RequestFailed:
                if not known:
                    raise
                text = None
            if text is not None:
                self._throttle.remember(host, lambda old: replace(old, robots_text=text, robots_fetched_at=now))
                return read_rules(text)
            # The last readable file, or the defaults, apply for a while, so that not every request fetches again.
            self._retry_at[host] = now + _RETRY_INTERVAL
        return read_rules(state.robots_text or "")
