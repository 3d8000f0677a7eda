"""Where a redirect may lead (pure).

httpx would follow anywhere and read every body between; here each hop is a decision of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from scraper.fetch.failure import RequestFailed
from scraper.fetch.transport import host_port
from scraper.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


_DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_url(url: str) -> httpx.URL:
    """An http(s) address as it is asked for: without user, password and fragment; else `Failure` bad_scheme.

    It is parsed by the library that dials, so that no check reads another host in it than the
    connection does.
    """
    try:
        parsed = httpx.URL(url.strip())
        # `host` reads the international name behind "xn--" and fails where there is none, here and in httpx.
        if parsed.scheme in _DEFAULT_PORTS and parsed.host:
            return parsed.copy_with(userinfo=b"", fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise RequestFailed(Outcome.BAD_SCHEME, f"no address: {error}") from error
    raise RequestFailed(Outcome.BAD_SCHEME, f"neither http nor https: {parsed}")


def host_key(url: httpx.URL) -> str:
    """The name under which a host is remembered: with its port where that is unusual."""
    return _host(url) if url.port is None else host_port(_host(url), url.port)


def is_listed(url: httpx.URL, allow_private: Collection[str]) -> bool:
    """Whether an address is one of the `host:port` pairs that the configuration lets through."""
    return host_port(_host(url), url.port or _DEFAULT_PORTS[url.scheme]) in allow_private


def next_hop(
    hops: Sequence[httpx.URL], location: str, *, hosts: Collection[str] | None, allow_private: Collection[str]
) -> httpx.URL:
    """The address that the last of `hops` redirects to; `Failure` where that must not be followed.

    `hosts` are the only hosts it may lead to, None for any. https leads to https, listed private
    addresses aside.
    """
    here = hops[-1]
    try:
        joined = str(here.join(location))
    except (httpx.InvalidURL, ValueError) as error:
        raise RequestFailed(
            Outcome.BAD_SCHEME, f"redirects to what is no address: {location[:200]!r} ({error})"
        ) from error
    try:
        target = parse_url(joined)
    except RequestFailed as failure:
        raise RequestFailed(failure.outcome, f"redirects to {location[:200]!r}: {failure.detail}") from failure
    if hosts is not None and _host(target).rstrip(".") not in hosts:
        raise RequestFailed(Outcome.OFFSITE, f"redirects to {target}, which is no host of this source")
    if here.scheme == "https" and target.scheme == "http" and not is_listed(target, allow_private):
        raise RequestFailed(Outcome.REDIRECT, f"redirects from https to {target}")
    if target in hops:
        raise RequestFailed(Outcome.REDIRECT, f"redirects in a circle: {_path([*hops, target])}")
    return target


def too_many(hops: Sequence[httpx.URL]) -> RequestFailed:
    """The end of a chain that is longer than allowed."""
    return RequestFailed(Outcome.REDIRECT, f"redirects too often: {_path(hops)}")


def _host(url: httpx.URL) -> str:
    """The host as it is dialled: international names in their ASCII form."""
    return url.raw_host.decode("ascii")


def _path(hops: Sequence[httpx.URL]) -> str:
    return " -> ".join(str(hop)[:200] for hop in hops)
