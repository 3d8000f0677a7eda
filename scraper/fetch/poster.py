"""Sends a body to an address of the configuration: guarded and bounded as all requests are, never led elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Self

import httpx

from scraper import __version__
from scraper.errors import FetchError
from scraper.fetch.deadline import Budget
from scraper.fetch.exchange import exchange, hide_location
from scraper.fetch.failure import RequestFailed
from scraper.fetch.redirects import parse_url
from scraper.fetch.throttle import read_retry_after
from scraper.fetch.transport import GuardedTransport, Resolver, is_guarded, system_resolver
from scraper.model import Outcome
from scraper.text.normalize import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scraper.clock import Clock
    from scraper.config.settings import FetchSettings

# What an answer is kept of, for people to read.
_MAX_ANSWER_BYTES = 16_384
_MAX_WORDS = 300


@dataclass(frozen=True, slots=True)
class PostResponse:
    """What came of a request. `status` is None where no answer came; `outcome` and `detail` say why.

    `detail` is what the server said, or where it would have led us. `retry_after_s` is 0 where it asked for nothing.
    """

    status: int | None
    outcome: Outcome
    detail: str = ""
    retry_after_s: float = 0.0


class Poster:
    """Posts with the bounds of fetching (`settings`), on connections that the address guard has seen.

    Raises `FetchError` on construction where the guard does not hold. `transport` replaces the network and the guard.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        clock: Clock,
        resolver: Resolver = system_resolver,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._client = httpx.Client(
            transport=transport or GuardedTransport(resolver=resolver, allow_private=settings.allow_private),
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={"User-Agent": f"statewire/{__version__} (+{settings.contact})", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(settings.read_timeout_s, connect=settings.connect_timeout_s),
            event_hooks={"response": [hide_location]},
        )
        if transport is None and not is_guarded(self._client):
            self._client.close()
            raise FetchError(
                "The address guard does not hold, so nothing is sent",
                hint="Install the version of httpx that pyproject.toml names",
            )

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> PostResponse:
        """Send `body` once, and say how that ended. A redirect is an answer like any other."""
        try:
            target = parse_url(url)
        except RequestFailed as failure:
            return PostResponse(None, failure.outcome, failure.detail)
        answer = exchange(
            self._client,
            target,
            headers=headers,
            budget=Budget(self._settings.deadline_s),
            max_wire_bytes=_MAX_ANSWER_BYTES,
            max_decoded_bytes=_MAX_ANSWER_BYTES,
            content=body,
        )
        if answer.status is None:
            assert answer.failure is not None  # noqa: S101 - there is one or the other
            return PostResponse(None, answer.failure.outcome, answer.failure.detail)
        # The status is the answer. Whether its body came whole, or was too long, does not change it.
        words = clean(answer.body.decode(errors="replace"))[:_MAX_WORDS]
        if answer.location is not None:
            words = f"it leads to {answer.location[:_MAX_WORDS]}, and redirects are not followed"
        now = self._clock.now()
        until = read_retry_after(answer.header("retry-after") or "", now=now, cap_s=self._settings.retry_after_cap_s)
        pause_s = (until - now).total_seconds() if until else 0.0
        return PostResponse(answer.status, Outcome.OK if answer.status < 300 else Outcome.ERROR_PAGE, words, pause_s)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
