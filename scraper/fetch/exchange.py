"""One request and its one answer: everything that can go wrong on the way is in the answer, nothing is raised."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import httpx

from scraper.fetch.decode import Body
from scraper.fetch.failure import RequestFailed
from scraper.model import Outcome
from scraper.text.normalize import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scraper.fetch.deadline import Budget

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEPT = frozenset(
    {
        "cache-control", "cf-mitigated", "content-language", "content-length", "content-type", "date", "etag",
        "last-modified", "link", "location", "retry-after", "server", "via", "x-amzn-waf-action", "x-cache",
        "x-wp-total", "x-wp-totalpages",
    }
)  # fmt: skip
_LOCATION = "statewire.location"
_MAX_DETAIL_CHARACTERS = 300

# What an exception means before the head of an answer has come; the first row that fits counts.
_MEANINGS: tuple[tuple[type[Exception], Outcome, str], ...] = (
    (httpx.ConnectTimeout, Outcome.TIMEOUT, "no connection in time"),
    (httpx.PoolTimeout, Outcome.TIMEOUT, "no connection was free in time"),
    (httpx.TimeoutException, Outcome.TIMEOUT, "the server fell silent"),
    (httpx.ConnectError, Outcome.CONNECT, "no connection"),
    (httpx.NetworkError, Outcome.CONNECT, "the connection broke"),
    (httpx.HTTPError, Outcome.PROTOCOL, "the answer is no proper HTTP"),
    (OSError, Outcome.CONNECT, "the connection broke"),
)
_EXPECTED = tuple(kind for kind, _, _ in _MEANINGS)


@dataclass(frozen=True, slots=True)
class RawResponse:
    """What came of asking `url` once. `failure` is None where a whole answer came.

    `headers` are those that matter, names in lower case. `body` also holds what came before a failure.
    `until_close`: nothing but the end of the connection said where the body ends, so it may be cut.
    """

    url: str
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    until_close: bool = False
    failure: RequestFailed | None = None

    def header(self, name: str) -> str | None:
        """The first value of a header, given in lower case; None where it was not sent."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def location(self) -> str | None:
        """Where a redirect leads; None where the answer is none."""
        return self.header("location") if self.status in _REDIRECTS else None


def hide_location(response: httpx.Response) -> None:
    """A response hook: httpx reads `Location` even when told not to follow, and raises on what it cannot read."""
    if location := response.headers.get("location"):
        response.extensions[_LOCATION] = location
        del response.headers["location"]


def exchange(
    client: httpx.Client,
    url: httpx.URL,
    *,
    headers: Mapping[str, str],
    budget: Budget,
    max_wire_bytes: int,
    max_decoded_bytes: int,
    content: bytes | None = None,
) -> RawResponse:
    """Ask once, or send `content` where there is some. The body of a redirect is not read."""
    answer = RawResponse(str(url))
    body: Body | None = None
    method = "GET" if content is None else "POST"
    failure: RequestFailed | None = None
    try:
        with budget.running(), client.stream(method, url, headers=headers, content=content) as response:
            budget.head_complete()
            answer = _head(answer.url, response)
            if answer.location is None:
                body = Body(
                    response.headers.get("content-encoding", ""),
                    max_wire_bytes=max_wire_bytes,
                    max_decoded_bytes=max_decoded_bytes,
                )
                for chunk in response.iter_raw():
                    body.feed(chunk)
                body.finish()
    except RequestFailed as known:
        failure = known
    except _EXPECTED as error:
        failure = meaning(error, in_body=answer.status is not None)
    return replace(answer, body=bytes(body.data) if body else b"", failure=failure)


def meaning(error: Exception, *, in_body: bool) -> RequestFailed:
    """The outcome of an exception of httpx, httpcore, ssl or the sockets, and the words for it.

    Once the head of an answer is there, a broken connection or broken framing means a cut document.
    """
    said = clean(str(error))[:_MAX_DETAIL_CHARACTERS] or type(error).__name__
    if in_body and not isinstance(error, httpx.TimeoutException):
        return RequestFailed(Outcome.TRUNCATED, f"the body breaks off: {said}")
    if cause := _tls_cause(error):
        reason = getattr(cause, "verify_message", "") or cause.reason or said
        return RequestFailed(Outcome.TLS, f"no trusted connection: {clean(str(reason))}")
    outcome, words = next((outcome, words) for kind, outcome, words in _MEANINGS if isinstance(error, kind))
    return RequestFailed(outcome, f"{words}: {said}")


def _tls_cause(error: BaseException | None) -> ssl.SSLError | None:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _head(url: str, response: httpx.Response) -> RawResponse:
    headers = [(name.lower(), clean(value)) for name, value in response.headers.multi_items() if name.lower() in _KEPT]
    if location := response.extensions.get(_LOCATION):
        headers.append(("location", clean(location)))
    framed = "content-length" in response.headers or "transfer-encoding" in response.headers
    return RawResponse(
        url,
        status=response.status_code,
        headers=tuple(headers),
        until_close=not framed and "content-encoding" not in response.headers,
    )
