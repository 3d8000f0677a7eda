"""Fetcher of documents: polite and bounded; errors of a server or the network become captures, not exceptions."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scraper import __version__, urls
from scraper.clock import unlimited
from scraper.fetch.classify import classify, is_html_without_end, next_url
from scraper.fetch.decode import BodyLimits, unpacked
from scraper.fetch.exchange import GuardedClient, exchange, next_hop, parse_url, too_many
from scraper.fetch.request import RawResponse, Request, RequestFailed, without_secrets
from scraper.fetch.robots import MAX_ROBOTS_BYTES
from scraper.fetch.throttle import HostThrottle, RobotsCache
from scraper.fetch.transport import Budget, Resolver
from scraper.model import Capture, EndpointKind, Outcome
from scraper.rules.budgets import has_room, paced_requests
from scraper.rules.untrusted import clean_capture
from scraper.urls import host_key

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from scraper.clock import Clock
    from scraper.config.settings import FetchSettings
    from scraper.fetch.throttle import HostMemory


# A retry may help against these. All other outcomes are final, or traps, or are left to the next poll.
_TRANSIENT = frozenset({Outcome.CONNECT, Outcome.TIMEOUT, Outcome.PROTOCOL, Outcome.TRUNCATED, Outcome.BUSY})
_BACKOFF_S = 2.0


@dataclass(frozen=True, slots=True)
class _Limits:
    """Limits of all attempts at one document: seconds on the network for it and for the robots.txt files on the way,
    and what the caller has left (`time_left_s`), in which it also waits for hosts.
    """

    document: Budget
    robots: Budget
    time_left_s: Callable[[], float]

    def allow_wait(self, seconds: float) -> bool:
        """Return True if another attempt may follow after a wait."""
        is_used_up = self.document.is_used_up or self.robots.is_used_up
        return not is_used_up and seconds < self.time_left_s()


class Fetcher(GuardedClient):
    """HTTP client that fetches one document per `get`. Threads may share it; each host gets one request at a time."""

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
        headers = {
            "User-Agent": f"Mozilla/5.0 (compatible; statewire/{__version__}; +{settings.contact})",
            "Accept-Encoding": "gzip",
        }
        super().__init__(settings, headers, resolver=resolver, transport=transport)
        self._clock = clock
        self._rng = rng or random.Random()  # noqa: S311  # spreads retries, not used for security
        self._throttle = HostThrottle(hosts, clock=clock, settings=settings)
        self._robots = RobotsCache(self._throttle, clock=clock)

    def get(self, request: Request, *, time_left_s: Callable[[], float] = unlimited) -> Capture:
        """Fetch a document, with retries after transient failures, and return the result of the last attempt.

        All attempts share one deadline, so that a server which answers slowly is not asked again. No wait for the host
        is longer than `time_left_s`: then the request is deferred.
        """
        limits = _Limits(Budget(self._settings.deadline_s), Budget(self._settings.deadline_s), time_left_s)
        capture = self._attempt(request, limits)
        for retry in range(self._settings.retries):
            # Full jitter: clients that failed together do not retry together.
            wait_s = self._rng.uniform(0, _BACKOFF_S * 2**retry)
            if not (request.retry and _is_transient(capture) and limits.allow_wait(wait_s)):
                break
            self._clock.sleep(wait_s)
            retried = self._attempt(request, limits)
            if retried.outcome is Outcome.DEFERRED:
                break  # the host asked for a long pause, so the capture with its own response is returned
            capture = retried
        return capture

    def has_room(self, url: str) -> bool:
        """Return True if the host of a URL has requests left today that are not for its own sources' news only."""
        return has_room(self._throttle.requests_today(host_key(url)), self._settings.requests_per_day)

    def paced_room(self, url: str) -> int | None:
        """Return how many requests the host of a URL has left now if they are to last all day; None without a limit."""
        per_day = self._settings.requests_per_day
        if per_day is None:
            return None
        used = self._throttle.requests_today(host_key(url))
        return max(0, paced_requests(per_day, self._clock.now()) - used)

    def is_used_up(self, url: str, own_hosts: frozenset[str] | None) -> bool:
        """Return True if the host of a URL has no requests left today for a source with these hosts (None: any)."""
        is_own = own_hosts is None or urls.host(url) in own_hosts
        return self._throttle.is_used_up(host_key(url), is_own=is_own)

    def requests_today(self, url: str) -> int:
        """Return the number of requests to the host of a URL since midnight UTC."""
        return self._throttle.requests_today(host_key(url))

    def pause_s(self, url: str) -> float:
        """Return the seconds for which a request to the host of a URL would wait now, to be polite."""
        return self._throttle.pause_s(host_key(url))

    def _attempt(self, request: Request, limits: _Limits) -> Capture:
        try:
            start = parse_url(request.url)
        except RequestFailed as failure:
            return self._capture(request, RawResponse(request.url, failure=failure))
        return self._capture(request, self._follow(start, request, limits, check_robots=True))

    def _follow(self, url: httpx.URL, request: Request, limits: _Limits, *, check_robots: bool) -> RawResponse:
        """Request a URL and follow redirects within one deadline. Waiting for the throttle does not count."""
        settings, headers = self._settings, _validators(request)
        body_limits = BodyLimits(
            wire_bytes=request.max_bytes or settings.max_wire_bytes,
            decoded_bytes=request.max_bytes or settings.max_decoded_bytes,
        )
        budget = limits.document if check_robots else limits.robots

        def fetch_robots(url: httpx.URL) -> RawResponse:
            wanted = Request(str(url), max_bytes=MAX_ROBOTS_BYTES)
            return self._follow(url, wanted, limits, check_robots=False)

        hops = [url]
        response = RawResponse(str(url))
        while True:
            refusal = self._robots.refusal(hops[-1], fetch_robots, limits.time_left_s) if check_robots else None
            if refusal is not None:
                return RawResponse(str(hops[-1]), failure=refusal)
            host = host_key(str(hops[-1]))
            is_own = request.own_hosts is None or urls.host(str(hops[-1])) in request.own_hosts
            try:
                # No redirect gets the secret ones, not even one to the same host, which may be without encryption.
                sent = headers | dict(request.headers if len(hops) == 1 else ())
                gap_s = request.gap_s if host == host_key(request.url) else 0.0
                with self._throttle.turn(host, limits.time_left_s, is_own=is_own, gap_s=gap_s):
                    response = exchange(self._client, hops[-1], headers=sent, budget=budget, limits=body_limits)
                    if (response.status or 0) >= 400:
                        self._throttle.honour_retry_after(host, response.header("retry-after"))
                location = None if response.failure else next_url(response) if check_robots else response.location
                if location is None:
                    return response
                if len(hops) > settings.max_redirects:
                    raise too_many(hops)
                hops.append(next_hop(hops, location, hosts=request.hosts, allow_private=settings.allow_private))
            except RequestFailed as failure:
                # A request that is not sent is that to the last hop.
                last = str(hops[-1]) if failure.outcome is Outcome.DEFERRED else response.url
                return replace(response, url=last, failure=failure)

    def _capture(self, request: Request, response: RawResponse) -> Capture:
        failure = response.failure
        if request.kind is not EndpointKind.SITEMAP and failure is None:
            limit = request.max_bytes or self._settings.max_decoded_bytes
            if (inner := unpacked(response.body, limit)) is not None:
                response = replace(response, body=inner, problem="packed with gzip, without a content-encoding")
        outcome, detail = (failure.outcome, failure.detail) if failure else classify(request, response)
        body = response.body if failure is None or outcome is Outcome.TRUNCATED else b""
        if outcome is Outcome.NOT_MODIFIED and not _validators(request):
            outcome, detail, body = Outcome.ERROR_PAGE, "status 304 for a request without conditions", b""
        if outcome is Outcome.OK and response.until_close and is_html_without_end(body):
            outcome, detail = Outcome.TRUNCATED, "the page has no end tag and no content-length, so it may be truncated"
        if outcome is Outcome.OK:
            detail = detail or response.problem
        capture = Capture(
            url=request.url,
            captured_at=self._clock.now(),
            outcome=outcome,
            status=response.status,
            final_url=response.url,
            headers=response.headers,
            body=body,
            detail=detail,
        )
        return without_secrets(clean_capture(capture), request)


def _validators(request: Request) -> dict[str, str]:
    pairs = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    # A stored value may hold characters that are not allowed in a request header.
    return {name: value for name, value in pairs.items() if value and value.isascii() and value.isprintable()}


def _is_transient(capture: Capture) -> bool:
    if capture.outcome is Outcome.ERROR_PAGE:
        return capture.status == 408 or (capture.status or 0) >= 500
    return capture.outcome in _TRANSIENT
