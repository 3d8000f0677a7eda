"""Asks for documents: politely, within bounds, and never raising for what a server or the network does."""

from __future__ import annotations

import random
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Self

import httpx

from scraper import __version__
from scraper.errors import FetchError
from scraper.fetch.classify import classify, is_html_without_end
from scraper.fetch.deadline import Budget
from scraper.fetch.exchange import RawResponse, exchange, hide_location
from scraper.fetch.failure import RequestFailed
from scraper.fetch.redirects import host_key, next_hop, parse_url, too_many
from scraper.fetch.robots import MAX_ROBOTS_BYTES
from scraper.fetch.robots_cache import RobotsCache
from scraper.fetch.throttle import HostThrottle
from scraper.fetch.transport import GuardedTransport, Resolver, is_guarded, system_resolver
from scraper.model import Capture, Outcome
from scraper.rules.schedule import has_room_for_rechecks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from scraper.clock import Clock
    from scraper.config.settings import FetchSettings
    from scraper.fetch.request import Request
    from scraper.fetch.throttle import HostMemory


# A second try helps against these. The rest is either an answer, or a trap, or for the next poll.
_PASSING = frozenset({Outcome.CONNECT, Outcome.TIMEOUT, Outcome.PROTOCOL, Outcome.TRUNCATED, Outcome.BUSY})
_BACKOFF_S = 2.0


class Fetcher:
    """Gets one document per `get`. Threads may share it; each host is asked one thing at a time.

    `transport` replaces the network, guard included (a cassette). Without one, the address guard is
    tested on construction, and a `FetchError` is raised where it does not hold.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        clock: Clock,
        hosts: HostMemory,
        transport: httpx.BaseTransport | None = None,
        resolver: Resolver | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._rng = rng or random.Random()  # noqa: S311  # spreads retries, guards nothing
        self._gate = HostThrottle(hosts, clock=clock, settings=settings)
        self._robots = RobotsCache(self._ask_robots, self._gate, clock=clock)
        self._client = httpx.Client(
            transport=transport
            or GuardedTransport(resolver=resolver or system_resolver, allow_private=settings.allow_private),
            trust_env=False,
            follow_redirects=False,
            # No cookies: an answer must not depend on what was asked before.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={
                "User-Agent": f"Mozilla/5.0 (compatible; statewire/{__version__}; +{settings.contact})",
                "Accept-Encoding": "gzip",
            },
            timeout=httpx.Timeout(settings.read_timeout_s, connect=settings.connect_timeout_s),
            event_hooks={"response": [hide_location]},
        )
        if transport is None and not is_guarded(self._client):
            self._client.close()
            raise FetchError(
                "The address guard does not hold, so nothing is fetched",
                hint="Install the version of httpx that pyproject.toml names",
            )

    def get(self, request: Request) -> Capture:
        """Ask for a document, again where that may help, and say how it ended."""
        capture = self._attempt(request)
        for retry in range(self._settings.retries):
            if not _is_passing(capture):
                break
            # Full jitter: clients that failed together do not come back together.
            self._clock.sleep(self._rng.uniform(0, _BACKOFF_S * 2**retry))
            again = self._attempt(request)
            if again.outcome is Outcome.DEFERRED:
                break  # the host asked for a long pause: its answer says more than our patience
            capture = again
        return capture

    def may_recheck(self, url: str) -> bool:
        """Whether the host of an address has requests left today for what is known already."""
        requests = self._gate.requests_today(host_key(httpx.URL(url)))
        return has_room_for_rechecks(requests, self._settings.requests_per_day)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _attempt(self, request: Request) -> Capture:
        settings = self._settings
        try:
            start = parse_url(request.url)
        except RequestFailed as failure:
            return self._capture(request, RawResponse(request.url, failure=failure))
        answer = self._walk(
            start,
            headers=_validators(request),
            hosts=request.hosts,
            max_wire_bytes=request.max_bytes or settings.max_wire_bytes,
            max_decoded_bytes=request.max_bytes or settings.max_decoded_bytes,
            heed_robots=True,
        )
        return self._capture(request, answer)

    def _ask_robots(self, url: httpx.URL) -> RawResponse:
        return self._walk(
            url,
            headers={},
            hosts=None,
            max_wire_bytes=MAX_ROBOTS_BYTES,
            max_decoded_bytes=MAX_ROBOTS_BYTES,
            heed_robots=False,
        )

    def _walk(
        self,
        url: httpx.URL,
        *,
        headers: Mapping[str, str],
        hosts: frozenset[str] | None,
        max_wire_bytes: int,
        max_decoded_bytes: int,
        heed_robots: bool,
    ) -> RawResponse:
        """Ask, and follow redirects within one deadline; waiting for our turn does not count against it."""
        budget = Budget(self._settings.deadline_s)
        hops = [url]
        answer = RawResponse(str(url))
        while True:
            refusal = self._robots.refusal(hops[-1]) if heed_robots else None
            if refusal is not None:
                return RawResponse(str(hops[-1]), failure=refusal)
            host = host_key(hops[-1])
            try:
                with self._gate.turn(host):
                    answer = exchange(
                        self._client,
                        hops[-1],
                        headers=headers,
                        budget=budget,
                        max_wire_bytes=max_wire_bytes,
                        max_decoded_bytes=max_decoded_bytes,
                    )
                    if (answer.status or 0) >= 400:
                        self._gate.keep_away(host, answer.header("retry-after"))
                if answer.failure is not None or answer.location is None:
                    return answer
                if len(hops) > self._settings.max_redirects:
                    raise too_many(hops)
                hops.append(next_hop(hops, answer.location, hosts=hosts, allow_private=self._settings.allow_private))
            except RequestFailed as failure:
                return replace(answer, failure=failure)

    def _capture(self, request: Request, answer: RawResponse) -> Capture:
        outcome, detail, body = self._verdict(request, answer)
        return Capture(
            url=request.url,
            captured_at=self._clock.now(),
            outcome=outcome,
            status=answer.status,
            final_url=answer.url,
            headers=answer.headers,
            body=body,
            detail=detail,
        )

    def _verdict(self, request: Request, answer: RawResponse) -> tuple[Outcome, str, bytes]:
        failure = answer.failure
        if failure is not None:
            return failure.outcome, failure.detail, answer.body if failure.outcome is Outcome.TRUNCATED else b""
        outcome, detail = classify(
            url=request.url,
            final_url=answer.url,
            status=answer.status or 0,
            headers=answer.headers,
            body=answer.body,
            kind=request.kind,
        )
        if outcome is Outcome.NOT_MODIFIED and not _validators(request):
            return Outcome.ERROR_PAGE, "status 304, though nothing conditional was asked", b""
        if outcome is Outcome.OK and answer.until_close and is_html_without_end(answer.body):
            return Outcome.TRUNCATED, "the page has no end, and no length was announced", answer.body
        return outcome, detail, answer.body


def _validators(request: Request) -> dict[str, str]:
    pairs = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    # What a server once sent may be fit to be stored and still not to be sent back.
    return {name: value for name, value in pairs.items() if value and value.isascii() and value.isprintable()}


def _is_passing(capture: Capture) -> bool:
    if capture.outcome is Outcome.ERROR_PAGE:
        return capture.status == 408 or (capture.status or 0) >= 500
    return capture.outcome in _PASSING
