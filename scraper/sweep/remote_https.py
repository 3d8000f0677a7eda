"""Files on web servers, by the HTTP session of fsspec. Importing this module fails without the extra `sweep`."""

import re
import ssl
from typing import Any, Final, Self
from urllib.parse import urljoin

import aiohttp
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


def filesystem() -> Any:
    """Return the file system of fsspec, whose session all files of this process share."""
    # Packed files stay packed, whatever a header says of their encoding.
    return HTTPFileSystem(client_kwargs={"auto_decompress": False}, use_listings_cache=False)


class HttpsSource:
    """File with a URL of https."""

    def __init__(self, url: str, patience: Patience) -> None:
        self.loop = get_loop()
        self._url = url
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=patience.stall_s, sock_read=patience.stall_s)
        self._context = tls.client_context()

    async def open(self, start: int) -> "_Response":
        """Request the file from an offset on. Raise `Fault` or `Refused`."""
        session = await filesystem().set_session()
        url = self._url
        for _ in range(_MAX_REDIRECTS + 1):
            answer = await self._get(session, url, start)
            if answer.status not in _REDIRECTS:
                return _Response.of(answer, start)
            target = urljoin(url, answer.headers.get("Location", ""))
            answer.close()
            if not addresses.is_allowed(target) or (addresses.is_loopback(target) > addresses.is_loopback(url)):
                raise Refused("it redirects to a URL that is not public https", "give the https URL of the file itself")
            url = target
        raise Refused(f"it redirects more than {_MAX_REDIRECTS} times", "give the URL of the file itself")

    async def _get(self, session: aiohttp.ClientSession, url: str, start: int) -> aiohttp.ClientResponse:
        headers = _HEADERS | ({"Range": f"bytes={start}-"} if start else {})
        try:
            return await session.get(
                # As given: a signed URL counts with its own escapes only.
                URL(url, encoded=True),
                headers=headers,
                allow_redirects=False,
                timeout=self._timeout,
                ssl=self._context,
            )
        except aiohttp.InvalidURL:
            raise Refused("this is no valid URL", "correct the URL") from None
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
