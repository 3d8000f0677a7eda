"""Simulated network: serves the web with its faults in simulated time, and records impolite requests."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from fakes.world.faults import DISALLOW_ALL, Nature, NoAnswer, Outage
from fakes.world.web import SLOW_S, Document

from scraper.config.settings import FetchSettings
from scraper.fetch.request import RequestFailed
from scraper.model import Outcome
from scraper.urls import is_state

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence
    from datetime import date

    from fakes.world.clock import Conductor
    from fakes.world.web import Web

# The simulated clock is exact; stored times are rounded up to the second.
_EXACT_S = 1e-6
# Longest time of a response; a date in it has whole seconds.
_LATENCY_S = 1.5
_DATE_S = 1.0
DEADLINE_S: float = FetchSettings.model_fields["deadline_s"].default


@dataclass
class Host:
    """Requests to a host and its rules for clients. `per_day` counts by days of the daemon's clock."""

    name: str
    in_flight: int = 0
    ended_s: float | None = None
    quiet_until_s: float = 0.0
    is_slow: bool = False
    disallows: bool = False
    per_day: Counter[date] = field(default_factory=Counter)

    @property
    def gap_s(self) -> float:
        """Shortest pause between two requests in seconds: the latest Crawl-delay, else 5 for State and 2 for others."""
        return SLOW_S if self.is_slow else 5.0 if is_state(self.name) else 2.0

    def read(self, document: Document) -> None:
        """Take in robots.txt: a missing or empty one has no rules; any other page leaves the old rules in force."""
        is_read = document.status == 200 and (document.kind == "text/plain" or not document.body)
        if is_read or document.status in {404, 410}:
            self.disallows = document.body == DISALLOW_ALL
            self.is_slow = b"Crawl-delay" in document.body


@dataclass
class Wire(httpx.BaseTransport):
    """Transport through which the daemon reaches the web. `natures` holds those of responses, by source and URL."""

    web: Web
    clock: Conductor
    outages: Sequence[Outage]
    some: random.Random
    per_day: int
    hosts: dict[str, Host] = field(default_factory=dict)
    natures: dict[str, dict[str, Nature]] = field(default_factory=dict)
    shown: dict[tuple[str, int], float] = field(default_factory=dict)
    bad_manners: list[str] = field(default_factory=list)
    requests: int = 0
    struck: Counter[str] = field(default_factory=Counter)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """See `httpx.BaseTransport.handle_request`."""
        url = str(request.url)
        host = self.hosts.setdefault(request.url.host, Host(request.url.host))
        self._watch(host, url)
        self.requests += 1
        host.in_flight += 1
        try:
            return self._answer(request, url, host)
        finally:
            host.in_flight -= 1
            host.ended_s = self.clock.elapsed_s

    def forget_times(self) -> None:
        """Forget when requests ended: after the clock was set, the daemon cannot know how long ago they were."""
        for host in self.hosts.values():
            host.ended_s = None
            host.quiet_until_s = 0.0

    def _watch(self, host: Host, url: str) -> None:
        now_s = self.clock.elapsed_s
        day = self.clock.now().date()
        host.per_day[day] += 1
        found = {
            "a second request in flight": host.in_flight > 0,
            f"less than {host.gap_s:g} s after the last": host.ended_s is not None
            and now_s < host.ended_s + host.gap_s - _EXACT_S,
            "asked for quiet": now_s < host.quiet_until_s - _EXACT_S,
            "disallowed": not url.endswith("/robots.txt") and (host.disallows or "/private/" in url),
            "more than the day's requests": host.per_day[day] > self.per_day,
        }
        self.bad_manners += [f"{now_s / 3600:.3f} h: {url}: {what}" for what, is_so in found.items() if is_so]

    def _answer(self, request: httpx.Request, url: str, host: Host) -> httpx.Response:
        outage = next((each for each in self.outages if each.holds(url, self.clock.elapsed_s)), None)
        nature = outage.fault.nature if outage else Nature.SOUND
        plain = url.partition("?")[0]
        if plain in self.web.lists:
            self.natures.setdefault(threading.current_thread().name, {})[plain] = nature
        if outage:
            self.struck[outage.fault.name] += 1
        try:
            document = self._document(outage, url)
        except NoAnswer as none:
            self.clock.sleep(none.after_s)
            raise none.error from None
        self.clock.sleep(self.some.uniform(0.1, _LATENCY_S))
        # With a wrong clock the daemon cannot know when the date of a Retry-After is.
        if document.quiet_s and not self.clock.offset:
            until_s = self.clock.elapsed_s + document.quiet_s - _LATENCY_S - _DATE_S
            host.quiet_until_s = max(host.quiet_until_s, until_s)
        if plain.endswith("/robots.txt") and not document.is_damaged:
            host.read(document)
        if _is_unchanged(request, document, is_true=outage is None):
            return httpx.Response(304, headers=document.headers, stream=httpx.ByteStream(b""))
        for each in document.shown:
            self.shown.setdefault((each.key, each.version), self.clock.elapsed_s)
        return _response(document, self.clock)

    def _document(self, outage: Outage | None, url: str) -> Document:
        now_s = self.clock.elapsed_s
        if outage is None:
            return self.web.answer(url, now_s)
        return outage.fault.change(self.some, lambda t_s: self.web.answer(url, t_s), now_s)


class _Cut(httpx.SyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


class _Drip(httpx.SyncByteStream):
    """Body that comes byte by byte, until the client's deadline ends the exchange.

    The client itself measures that deadline in true time, which does not pass here.
    """

    def __init__(self, document: Document, clock: Conductor) -> None:
        self._document, self._clock = document, clock

    def __iter__(self) -> Iterator[bytes]:
        until_s = self._clock.elapsed_s + DEADLINE_S
        for byte in self._document.body:
            self._clock.sleep(min(self._document.drip_s, until_s - self._clock.elapsed_s))
            if self._clock.elapsed_s >= until_s:
                raise RequestFailed(Outcome.TIMEOUT, f"no complete response within {DEADLINE_S:g} s")
            yield bytes((byte,))


def _is_unchanged(request: httpx.Request, document: Document, *, is_true: bool) -> bool:
    asked = {request.headers.get(name) for name in ("if-none-match", "if-modified-since")} - {None}
    return bool(asked) and (document.lies or (is_true and bool(asked & {value for _, value in document.headers})))


def _response(document: Document, clock: Conductor) -> httpx.Response:
    headers = [("content-type", document.kind), *document.headers]
    if document.has_length:
        headers.append(("content-length", str(len(document.body) + 1000 * document.is_cut)))
    stream: httpx.SyncByteStream = httpx.ByteStream(document.body)
    if document.is_cut:
        stream = _Cut(document.body)
    elif document.drip_s:
        stream = _Drip(document, clock)
    return httpx.Response(document.status, headers=headers, stream=stream)
