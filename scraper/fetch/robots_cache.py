"""Fetches each host's robots.txt once a day and answers from the last readable one."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scraper.fetch.failure import RequestFailed
from scraper.fetch.redirects import host_key
from scraper.fetch.robots import RobotsRules, read_rules, robots_text
from scraper.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from scraper.clock import Clock
    from scraper.fetch.exchange import RawResponse
    from scraper.fetch.throttle import HostThrottle


_LIFE = timedelta(hours=24)
_ASK_AGAIN = timedelta(hours=1)


class RobotsCache:
    """Asks each host for its robots.txt once a day, by `ask`, and answers by what was last readable."""

    def __init__(self, ask: Callable[[httpx.URL], RawResponse], gate: HostThrottle, *, clock: Clock) -> None:
        self._ask = ask
        self._gate = gate
        self._clock = clock
        self._asking: dict[str, threading.Lock] = {}
        self._ask_again_at: dict[str, datetime] = {}

    def refusal(self, url: httpx.URL) -> RequestFailed | None:
        """Why an address must not be asked for now; None where it may."""
        host = host_key(url)
        with self._asking.setdefault(host, threading.Lock()):
            try:
                rules = self._rules(host, url)
            except RequestFailed as failure:
                return failure
        if rules.allows(str(url)):
            return None
        return RequestFailed(Outcome.DISALLOWED, f"the robots.txt of {host} does not allow {url.path}")

    def _rules(self, host: str, url: httpx.URL) -> RobotsRules:
        state = self._gate.state(host)
        now = self._clock.now()
        known = state.robots_fetched_at is not None
        fresh = state.robots_fetched_at is not None and now < state.robots_fetched_at + _LIFE
        if not fresh and now >= self._ask_again_at.get(host, now):
            try:
                text = robots_text(self._ask(url.copy_with(raw_path=b"/robots.txt")))
            except RequestFailed:
                if not known:
                    raise
                text = None
            if text is not None:
                self._gate.remember(host, lambda old: replace(old, robots_text=text, robots_fetched_at=now))
                return read_rules(text)
            # The last good answer, or the defaults, stand for a while without asking each time.
            self._ask_again_at[host] = now + _ASK_AGAIN
        return read_rules(state.robots_text or "")
