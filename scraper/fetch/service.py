"""Client of a service with an account: requests with a secret header, within the limits that its host has."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import httpx

from scraper.clock import Clock, unlimited
from scraper.config.settings import FetchSettings
from scraper.fetch.poster import Poster, PostResponse
from scraper.fetch.request import RequestFailed
from scraper.fetch.throttle import HostMemory, HostThrottle
from scraper.fetch.transport import Resolver
from scraper.urls import host_key

_MAX_BYTES = 2_000_000
_SECRET_CHARS, _HIDDEN = 8, "***"


class ServiceClient(Poster):
    """HTTP client for a service: its host gets one request at a time, with pauses and a limit of requests a day.

    A Retry-After of its answers is kept, also by later processes. No redirect is followed, so that none gets a secret.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        clock: Clock,
        hosts: HostMemory,
        resolver: Resolver | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(settings, clock=clock, resolver=resolver, transport=transport)
        self._throttle = HostThrottle(hosts, clock=clock, settings=settings)

    def ask(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        gap_s: float = 0.0,
        time_left_s: Callable[[], float] = unlimited,
    ) -> PostResponse:
        """Send a POST with a body, or a GET, and return the response without the secrets in `Authorization`.

        Requests to the host are at least `gap_s` seconds apart. The outcome is `DEFERRED` if the host asks for a long
        pause, has had its requests of the day, or would let it wait longer than `time_left_s`.
        """
        host = host_key(url)
        try:
            with self._throttle.turn(host, time_left_s, gap_s=gap_s):
                response = self._send(url, body, headers, _MAX_BYTES)
        except RequestFailed as failure:
            return PostResponse(None, failure.outcome, failure.detail)
        if response.retry_after_s and (response.status or 0) >= 400:
            self._throttle.honour_retry_after(host, str(round(response.retry_after_s)))
        return _without_secrets(response, headers)


def _without_secrets(response: PostResponse, headers: Mapping[str, str]) -> PostResponse:
    """Return a response without the parts of the key of its request, which a server may repeat in an error."""
    parts = {part for word in headers.get("Authorization", "").split() for part in (word, *word.split(":"))}
    for secret in sorted((part for part in parts if len(part) >= _SECRET_CHARS), key=len, reverse=True):
        body = response.body.replace(secret.encode(), _HIDDEN.encode())
        response = replace(response, detail=response.detail.replace(secret, _HIDDEN), body=body)
    return response
