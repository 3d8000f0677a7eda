"""Files on web servers, by the HTTP session of fsspec. Importing this module fails without the extra `sweep`."""

import re
import socket
import ssl
from collections.abc import Iterable
from typing import Any, Final, Self
from urllib.parse import urljoin

import aiohttp
from aiohttp.helpers import is_ip_address
from fsspec.asyn import get_loop
from fsspec.implementations.http import HTTPFileSystem
from yarl import URL

from scraper import __version__, tls
from scraper.sweep import addresses
from scraper.sweep.remote_stream import Fault, Patience, Refused, Version, changed

_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSIENT = frozenset({408, 425, 429, *range(500, 600)})
_RANGE = re.compile(r"bytes (\d{1,19})-\d{1,19}/(\d{1,19}|\*)\Z")
_HEADERS: Final = {"User-Agent": f"statewire/{__version__}", "Accept-Encoding": "identity"}
_ABOUT_AUTHORITIES = "name its authority in the variable SSL_CERT_FILE if you trust it"


class NotPublicError(OSError):
    """The host is in a private network, and no argument names it."""


class PublicResolver(aiohttp.ThreadedResolver):
    """Resolver that refuses a host with a private IP address (SSRF). Connections go to what it returns."""

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> Any:
        """Return the IP addresses of a host. Raise `NotPublicError` if one of them is not public."""
        found = await super().resolve(host, port, family)
        _check_public(each["host"] for each in found)
        return found


def _check_public(found: Iterable[str]) -> None:
    # Loads httpx, which archives of hosts that the arguments name do not need.
    from scraper.fetch.transport import is_public

    if not all(map(is_public, found)):
        raise NotPublicError


async def _public_client(**settings: Any) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=PublicResolver()), **settings)


def _filesystem(*, is_public_only: bool) -> Any:
    """Return the file system of fsspec, whose session all files of this process share."""
    guard = {"get_client": _public_client} if is_public_only else {}
    # Packed files stay packed, whatever a header says of their encoding.
    return HTTPFileSystem(client_kwargs={"auto_decompress": False}, use_listings_cache=False, **guard)


class HttpsSource:
    """File with a URL of https. With `is_public_only`, as after a redirect, its host has to be public."""

    def __init__(self, url: str, patience: Patience, *, is_public_only: bool = False) -> None:
        self.loop = get_loop()
        self._url = url
        self._is_public_only = is_public_only
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=patience.stall_s, sock_read=patience.stall_s)
        self._context = tls.client_context()

    async def open(self, start: int) -> "_Response":
        """Request the file from an offset on. Raise `Fault` or `Refused`."""
        url, is_public_only = self._url, self._is_public_only
        for _ in range(_MAX_REDIRECTS + 1):
            answer = await self._get(url, start, is_public_only=is_public_only)
            if answer.status not in _REDIRECTS:
                return _Response.of(answer, start)
            target = urljoin(url, answer.headers.get("Location", ""))
            answer.close()
            if not addresses.is_allowed(target):
                raise Refused("it redirects to a URL that is not https", "give the https URL of the file itself")
            is_public_only = is_public_only or not addresses.is_same_host(url, target)
            url = target
        raise Refused(f"it redirects more than {_MAX_REDIRECTS} times", "give the URL of the file itself")

    async def _get(self, url: str, start: int, *, is_public_only: bool) -> aiohttp.ClientResponse:
        headers = _HEADERS | ({"Range": f"bytes={start}-"} if start else {})
        try:
            # As given: a signed URL counts with its own escapes only.
            exact = URL(url, encoded=True)
        except ValueError:
            raise Refused("this is no valid URL", "correct the URL") from None
        try:
            if is_public_only and is_ip_address(exact.host):
                _check_public([exact.host or ""])  # no resolver is asked for a number
            session = await _filesystem(is_public_only=is_public_only).set_session()
            return await session.get(  # type: ignore[no-any-return]
                exact, headers=headers, allow_redirects=False, timeout=self._timeout, ssl=self._context
            )
        except aiohttp.InvalidURL:
            raise Refused("this is no valid URL", "correct the URL") from None
        except NotPublicError as error:
            raise _private() from error
        except aiohttp.ClientConnectorDNSError as error:
            raise _private() if isinstance(error.os_error, NotPublicError) else Fault(reason_of(error)) from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise _untrusted(error.certificate_error) from error
        except aiohttp.ClientConnectorSSLError as error:
            raise _untrusted(error.os_error) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Fault(reason_of(error)) from error


def reason_of(error: Exception) -> str:
    """Return what a failed connection means, without its URL, which may have a secret."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ServerDisconnectedError):
        return "the connection broke"
    return (error.strerror if isinstance(error, OSError) else None) or f"the connection failed ({type(error).__name__})"


def _private() -> Refused:
    return Refused("a list or a redirect leads to a host in a private network", "name the URL as an argument")


def _untrusted(error: BaseException) -> Refused:
    said = tls.describe(error, _ABOUT_AUTHORITIES) if isinstance(error, ssl.SSLError) else str(error)
    problem, _, remedy = said.partition("; ")
    return Refused(problem, remedy or "check the name of the host")


class _Response:
    """Open response of a web server."""

    def __init__(self, answer: aiohttp.ClientResponse, version: Version, start: int) -> None:
        self._answer = answer
        self.version = version
        self.start = start

    @classmethod
    def of(cls, answer: aiohttp.ClientResponse, start: int) -> Self:
        """Return the response to a request from an offset on. Raise `Fault` or `Refused` for one without the file."""
        try:
            return cls(answer, _version(answer, start), 0 if answer.status == 200 else start)
        except BaseException:
            answer.close()
            raise

    async def read(self, size: int) -> bytes:
        """Return at most `size` bytes, none at the end of the file. Raise `Fault`."""
        try:
            return await self._answer.content.read(size)
        except (aiohttp.ClientError, OSError) as error:
            raise Fault(reason_of(error)) from error

    async def close(self) -> None:
        """End the connection."""
        self._answer.close()


def _version(answer: aiohttp.ClientResponse, start: int) -> Version:
    status = answer.status
    tag = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
    if status == 200:
        return Version(answer.content_length, tag)
    if status == 206 and (said := _RANGE.match(answer.headers.get("Content-Range", ""))) and int(said[1]) == start:
        return Version(None if said[2] == "*" else int(said[2]), tag)
    if status in _TRANSIENT:
        raise Fault(f"the server answers with status {status}", _seconds(answer.headers.get("Retry-After", "")))
    if status == 416 and start:
        raise changed(start)
    if status in {401, 403}:
        raise Refused(f"the server refuses it with status {status}", "check the URL and your right to read it")
    raise Refused(f"the server answers with status {status}", "check the URL")


def _seconds(retry_after: str) -> float:
    """Return the seconds of a Retry-After header; 0 for one with a date, which the growing wait replaces."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 8 else 0.0
