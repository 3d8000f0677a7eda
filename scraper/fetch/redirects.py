"""Rules for URLs and redirects: parsing and the check of each redirect's target (pure).

httpx would follow every redirect and read every body on the way; here each hop is checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from scraper import urls
from scraper.fetch.failure import RequestFailed
from scraper.fetch.transport import host_port
from scraper.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


_DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_url(url: str) -> httpx.URL:
    """Parse an http(s) URL and remove user, password and fragment. Raise `RequestFailed` (bad_scheme) for others.

    The library that connects also parses the URL, so that the checks see the same host as the
    connection.
    """
    try:
        parsed = httpx.URL(url.strip())
        # `host` decodes an international name ("xn--") and raises for an invalid one, here and in httpx.
        if parsed.scheme in _DEFAULT_PORTS and parsed.host:
            return parsed.copy_with(userinfo=b"", fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise RequestFailed(Outcome.BAD_SCHEME, f"no address: {error}") from error
    raise RequestFailed(Outcome.BAD_SCHEME, f"neither http nor https: {parsed}")


def is_listed(url: httpx.URL, allow_private: Collection[str]) -> bool:
    """Return True if host and port of a URL are among the `host:port` pairs that the configuration allows."""
    # As the connection uses it: international names in their ASCII form.
    return host_port(url.raw_host.decode("ascii"), url.port or _DEFAULT_PORTS[url.scheme]) in allow_private


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
        raise RequestFailed(
            Outcome.BAD_SCHEME, f"redirects to what is no address: {location[:200]!r} ({error})"
        ) from error
    try:
        target = parse_url(joined)
    except RequestFailed as failure:
        raise RequestFailed(failure.outcome, f"redirects to {location[:200]!r}: {failure.detail}") from failure
    if hosts is not None and urls.ascii_host(target.raw_host.decode("ascii")) not in map(urls.ascii_host, hosts):
        raise RequestFailed(Outcome.OFFSITE, f"redirects to {target}, which is no host of this source")
    if here.scheme == "https" and target.scheme == "http" and not is_listed(target, allow_private):
        raise RequestFailed(Outcome.REDIRECT, f"redirects from https to {target}")
    if target in hops:
        raise RequestFailed(Outcome.REDIRECT, f"redirects in a circle: {_path([*hops, target])}")
    return target


def too_many(hops: Sequence[httpx.URL]) -> RequestFailed:
    """Return the failure of a chain of redirects that is longer than allowed."""
    return RequestFailed(Outcome.REDIRECT, f"redirects too often: {_path(hops)}")


def _path(hops: Sequence[httpx.URL]) -> str:
    return " -> ".join(str(hop)[:200] for hop in hops)
