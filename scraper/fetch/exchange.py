"""One HTTP request and its raw response: network errors are part of the response, they are not raised."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import httpx

from scraper.fetch.decode import BodyDecoder
from scraper.fetch.failure import RequestFailed
from scraper.model import Outcome
from scraper.text.normalize import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scraper.fetch.deadline import Budget
    from scraper.fetch.decode import BodyLimits

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_STORED_HEADERS = frozenset(
    {
        "cache-control", "cf-mitigated", "content-language", "content-length", "content-type", "date", "etag",
        "last-modified", "link", "location", "retry-after", "server", "via", "x-amzn-waf-action", "x-cache",
        "x-wp-total", "x-wp-totalpages",
    }
)  # fmt: skip
_LOCATION = "statewire.location"
_MAX_DETAIL_CHARACTERS = 300

# Outcomes of exceptions before the head of a response is received; the first matching row counts.
_OUTCOMES: tuple[tuple[type[Exception], Outcome, str], ...] = (
    (httpx.ConnectTimeout, Outcome.TIMEOUT, "no connection in time"),
    (httpx.PoolTimeout, Outcome.TIMEOUT, "no connection was free in time"),
    (httpx.TimeoutException, Outcome.TIMEOUT, "the server fell silent"),
    (httpx.ConnectError, Outcome.CONNECT, "no connection"),
    (httpx.NetworkError, Outcome.CONNECT, "the connection broke"),
    (httpx.HTTPError, Outcome.PROTOCOL, "the answer is no proper HTTP"),
    (OSError, Outcome.CONNECT, "the connection broke"),
)
_EXPECTED = tuple(kind for kind, _, _ in _OUTCOMES)


@dataclass(frozen=True, slots=True)
class RawResponse:
    """Result of one request of `url`. `failure` is None for a complete response.

    `headers` are those in `_STORED_HEADERS`, names in lower case. `body` also holds the bytes received
    before a failure. `until_close`: only the end of the connection marked the end of the body, so it
    may be cut.
    """

    url: str
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    until_close: bool = False
    failure: RequestFailed | None = None

    def header(self, name: str) -> str | None:
        """Return the first value of a header, whose name is given in lower case, or None."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def location(self) -> str | None:
        """Target of a redirect; None for other responses."""
        return self.header("location") if self.status in _REDIRECTS else None


def hide_location(response: httpx.Response) -> None:
    """Hide `Location` from httpx (a response hook), which parses it even without following and raises if it cannot."""
    if location := response.headers.get("location"):
        response.extensions[_LOCATION] = location
        del response.headers["location"]


def exchange(
    client: httpx.Client,
    url: httpx.URL,
    *,
    headers: Mapping[str, str],
    budget: Budget,
    limits: BodyLimits,
    content: bytes | None = None,
) -> RawResponse:
    """Send one request: GET, or POST if there is `content`. The body of a redirect is not read."""
    result = RawResponse(str(url))
    body: BodyDecoder | None = None
    method = "GET" if content is None else "POST"
    failure: RequestFailed | None = None
    try:
        with budget.running(), client.stream(method, url, headers=headers, content=content) as response:
            budget.head_complete()
            result = _head(result.url, response)
            if result.location is None:
                body = BodyDecoder(response.headers.get("content-encoding", ""), limits)
                for chunk in response.iter_raw():
                    body.feed(chunk)
                body.finish()
    except RequestFailed as raised:
        failure = raised
    except _EXPECTED as error:
        failure = to_failure(error, in_body=result.status is not None)
    return replace(result, body=bytes(body.data) if body else b"", failure=failure)


def to_failure(error: Exception, *, in_body: bool) -> RequestFailed:
    """Convert an exception of httpx, httpcore, ssl or the sockets into an outcome and its description.

    After the head of a response, a broken connection or broken framing means a truncated document.
    """
    text = clean(str(error))[:_MAX_DETAIL_CHARACTERS] or type(error).__name__
    if in_body and not isinstance(error, httpx.TimeoutException):
        return RequestFailed(Outcome.TRUNCATED, f"the body breaks off: {text}")
    if cause := _tls_cause(error):
        reason = getattr(cause, "verify_message", "") or cause.reason or text
        return RequestFailed(Outcome.TLS, f"no trusted connection: {clean(str(reason))}")
    outcome, words = next((outcome, words) for kind, outcome, words in _OUTCOMES if isinstance(error, kind))
    return RequestFailed(outcome, f"{words}: {text}")


def _tls_cause(error: BaseException | None) -> ssl.SSLError | None:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _head(url: str, response: httpx.Response) -> RawResponse:
    headers = [
        (name.lower(), clean(value))
        for name, value in response.headers.multi_items()
        if name.lower() in _STORED_HEADERS
    ]
    if location := response.extensions.get(_LOCATION):
        headers.append(("location", clean(location)))
    framed = "content-length" in response.headers or "transfer-encoding" in response.headers
    return RawResponse(
        url,
        status=response.status_code,
        headers=tuple(headers),
        until_close=not framed and "content-encoding" not in response.headers,
    )
