"""Sender of POST requests to configured URLs (webhooks, heartbeat, time stamps): guarded, bounded, no redirects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper import __version__, urls
from scraper.fetch.decode import BodyLimits
from scraper.fetch.exchange import GuardedClient, exchange, parse_url
from scraper.fetch.request import RequestFailed
from scraper.fetch.throttle import read_retry_after
from scraper.fetch.transport import Budget, Resolver
from scraper.model import Outcome
from scraper.text.normalize import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from scraper.clock import Clock
    from scraper.config.settings import FetchSettings

# Limits of the response text that is stored for people to read.
_MAX_RESPONSE_BYTES = 16_384
_MAX_DETAIL_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class PostResponse:
    """Result of a request. `status` is None without a response; `outcome` and `detail` give the reason.

    `detail` is the text of the response, or the target of its redirect. `retry_after_s` is 0 if no pause was requested.
    `body` has the bytes of the response.
    """

    status: int | None
    outcome: Outcome
    detail: str = ""
    retry_after_s: float = 0.0
    body: bytes = b""


class Poster(GuardedClient):
    """HTTP client for POST requests."""

    def __init__(
        self,
        settings: FetchSettings,
        *,
        clock: Clock,
        resolver: Resolver | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"User-Agent": f"statewire/{__version__} (+{settings.contact})", "Accept-Encoding": "identity"}
        super().__init__(settings, headers, resolver=resolver, transport=transport)
        self._clock = clock

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> PostResponse:
        """Send `body` once and return the result. A redirect is not followed; it is a response like any other."""
        return self._send(url, body, headers, _MAX_RESPONSE_BYTES)

    def _send(self, url: str, body: bytes | None, headers: Mapping[str, str], max_bytes: int) -> PostResponse:
        """Send a request with a body, or a GET without one, whose response has at most `max_bytes`."""
        try:
            target = parse_url(url)
        except RequestFailed as failure:
            return PostResponse(None, failure.outcome, failure.detail)
        response = exchange(
            self._client,
            target,
            headers=headers,
            budget=Budget(self._settings.deadline_s),
            limits=BodyLimits(wire_bytes=max_bytes, decoded_bytes=max_bytes),
            content=body,
        )
        if response.status is None:
            assert response.failure is not None  # noqa: S101 - there is one or the other
            return PostResponse(None, response.failure.outcome, response.failure.detail)
        # The status decides, even if the body is truncated or too long.
        # Without the URL before it is cut: half of a secret would not be found any more.
        beginning = response.body[:_MAX_RESPONSE_BYTES].decode(errors="replace")
        detail = urls.redact(clean(beginning), url)[:_MAX_DETAIL_CHARACTERS]
        if response.location is not None:
            location = urls.redact(response.location, url)[:_MAX_DETAIL_CHARACTERS]
            detail = f"it redirects to {location}, and its redirects are not followed"
        now = self._clock.now()
        until = read_retry_after(response.header("retry-after") or "", now=now, cap_s=self._settings.retry_after_cap_s)
        pause_s = (until - now).total_seconds() if until else 0.0
        return PostResponse(
            response.status,
            Outcome.OK if response.status < 300 else Outcome.ERROR_PAGE,
            detail,
            pause_s,
            bytes(response.body),
        )
