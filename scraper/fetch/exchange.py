"""One HTTP request with a guarded client, its raw response, and the rules for URLs and the targets of redirects.

Network errors are part of the response, they are not raised. httpx would follow every redirect and
read every body on the way; here each hop is checked.
"""

from __future__ import annotations

import ssl
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Self

import httpx

from scraper import tls, urls
from scraper.errors import FetchError
from scraper.fetch.decode import BodyDecoder
from scraper.fetch.request import RawResponse, RequestFailed
from scraper.fetch.transport import GuardedTransport, Resolver, host_port, is_guarded, system_resolver
from scraper.model import Outcome
from scraper.rules.untrusted import STORED_HEADERS
from scraper.text.normalize import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from scraper.config.settings import FetchSettings
    from scraper.fetch.decode import BodyLimits
    from scraper.fetch.transport import Budget

_LOCATION = "statewire.location"
_MAX_DETAIL_CHARACTERS = 300
_ABOUT_AUTHORITIES = (
    "only public authorities are trusted: if a proxy of this network opens TLS connections, exempt the host"
)

# Outcomes of exceptions before the head of a response is received; the first matching row counts.
_OUTCOMES: tuple[tuple[type[Exception], Outcome, str], ...] = (
    (httpx.ConnectTimeout, Outcome.TIMEOUT, "no connection in time"),
    (httpx.PoolTimeout, Outcome.TIMEOUT, "no connection was free in time"),
    (httpx.TimeoutException, Outcome.TIMEOUT, "the server stopped sending"),
    (httpx.ConnectError, Outcome.CONNECT, "no connection"),
    (httpx.NetworkError, Outcome.CONNECT, "the connection broke"),
    (httpx.HTTPError, Outcome.PROTOCOL, "the response is not valid HTTP"),
    (OSError, Outcome.CONNECT, "the connection broke"),
)
_EXPECTED = tuple(kind for kind, _, _ in _OUTCOMES)


class GuardedClient:
    """HTTP client with the limits of `settings` and the guard against private IP addresses; use it as a context.

    `transport` replaces the network and the guard (a cassette, for example). Without one, the guard is
    tested on construction; raise `FetchError` if it does not work.
    """

    def __init__(
        self,
        settings: FetchSettings,
        headers: Mapping[str, str],
        *,
        resolver: Resolver | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._client = httpx.Client(
            transport=transport
            or GuardedTransport(resolver=resolver or system_resolver, allow_private=settings.allow_private),
            trust_env=False,
            follow_redirects=False,
            # No cookies: a response must not depend on earlier requests.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers=headers,
            timeout=httpx.Timeout(settings.read_timeout_s, connect=settings.connect_timeout_s),
            event_hooks={"response": [_hide_location]},
        )
        if transport is None and not is_guarded(self._client):
            self._client.close()
            raise FetchError(
                "The address guard failed its self-test, so no request is sent",
                hint="install the version of httpx that pyproject.toml names",
            )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _hide_location(response: httpx.Response) -> None:
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
            budget.head_complete(2 * limits.wire_bytes)
            result = _head(result.url, response)
            if result.location is None:
                body = BodyDecoder(response.headers.get("content-encoding", ""), limits)
                for chunk in response.iter_raw():
                    body.feed(chunk)
                body.finish()
    except RequestFailed as raised:
        failure = raised
    except _EXPECTED as error:
        failure = to_failure(error, url.host, in_body=result.status is not None)
    if body is None:
        return replace(result, failure=failure)
    return replace(result, body=bytes(body.data), problem=body.problem, failure=failure)


def to_failure(error: Exception, host: str, *, in_body: bool) -> RequestFailed:
    """Convert an exception of httpx, httpcore, ssl or the sockets into an outcome and its description.

    After the head of a response, a broken connection or broken framing means a truncated document.
    """
    text = clean(str(error))[:_MAX_DETAIL_CHARACTERS] or type(error).__name__
    if in_body and not isinstance(error, httpx.TimeoutException):
        return RequestFailed(Outcome.TRUNCATED, f"the body ends early: {text}")
    if cause := _tls_cause(error):
        why = clean(tls.describe(cause, _ABOUT_AUTHORITIES))
        return RequestFailed(Outcome.TLS, f"no trusted connection to {host}: {why}")
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
        (name.lower(), clean(value)) for name, value in response.headers.multi_items() if name.lower() in STORED_HEADERS
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


def parse_url(url: str) -> httpx.URL:
    """Parse an http(s) URL and remove user, password and fragment. Raise `RequestFailed` (bad_scheme) for others.

    The library that connects also parses the URL, so that the checks see the same host as the
    connection.
    """
    if len(url) > 2 * urls.MAX_URL_CHARS:
        raise RequestFailed(Outcome.BAD_SCHEME, f"a URL of {len(url)} characters")
    try:
        parsed = httpx.URL(url.strip())
        # `host` decodes an international name ("xn--") and raises for an invalid one, here and in httpx.
        if parsed.scheme in urls.DEFAULT_PORTS and parsed.host:
            if len(str(parsed)) > urls.MAX_URL_CHARS:
                raise RequestFailed(Outcome.BAD_SCHEME, f"a URL of {len(str(parsed))} characters")
            return parsed.copy_with(userinfo=b"", fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise RequestFailed(Outcome.BAD_SCHEME, f"not a URL: {error}") from error
    raise RequestFailed(Outcome.BAD_SCHEME, f"neither http nor https: {parsed}")


def is_listed(url: httpx.URL, allow_private: Collection[str]) -> bool:
    """Return True if host and port of a URL are among the `host:port` pairs that the configuration allows."""
    # As the connection uses it: international names in their ASCII form.
    return host_port(url.raw_host.decode("ascii"), url.port or urls.DEFAULT_PORTS[url.scheme]) in allow_private


def next_hop(
    hops: Sequence[httpx.URL], location: str, *, hosts: Collection[str] | None, allow_private: Collection[str]
) -> httpx.URL:
    """Return the URL that the last of `hops` redirects to. Raise `RequestFailed` if it must not be followed.

    `hosts` are the allowed hosts of the target, None for any. A redirect from https must lead to https,
    except to the private hosts in `allow_private`.
    """
    here = hops[-1]
    try:
        joined = str(here.join(location))
    except (httpx.InvalidURL, ValueError) as error:
        raise RequestFailed(Outcome.BAD_SCHEME, f"redirects to an invalid URL: {location[:200]!r} ({error})") from error
    try:
        target = parse_url(joined)
    except RequestFailed as failure:
        raise RequestFailed(failure.outcome, f"redirects to {location[:200]!r}: {failure.detail}") from failure
    if hosts is not None and urls.ascii_host(target.raw_host.decode("ascii")) not in map(urls.ascii_host, hosts):
        raise RequestFailed(Outcome.OFFSITE, f"redirects to {target}, which is not a host of this source")
    if here.scheme == "https" and target.scheme == "http" and not is_listed(target, allow_private):
        raise RequestFailed(Outcome.REDIRECT, f"redirects from https to {target}")
    if target in hops:
        raise RequestFailed(Outcome.REDIRECT, f"redirect loop: {_path([*hops, target])}")
    return target


def too_many(hops: Sequence[httpx.URL]) -> RequestFailed:
    """Return the failure of a chain of redirects that is longer than allowed."""
    return RequestFailed(Outcome.REDIRECT, f"too many redirects: {_path(hops)}")


def _path(hops: Sequence[httpx.URL]) -> str:
    return " -> ".join(str(hop)[:200] for hop in hops)
