"""Guarded and timed connections: an httpx transport to public IP addresses and configured exceptions only (SSRF).

A check of the URL fails if the name resolves to another IP address between check and connection. So
the check is part of connecting: resolve once, check every IP address, connect to one that was
checked. TLS still verifies the name in the URL.

Limits of one attempt that httpx lacks are set here too: total seconds on the network, and bytes of
status line and headers. httpx limits the time of each read separately, so a server that sends single
bytes can hold a request for ever. Here every read, write, connect and handshake gets the rest of one
budget per thread.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import certifi
import httpcore
import httpx

from scraper import tls
from scraper.fetch.request import RequestFailed
from scraper.model import Outcome

if TYPE_CHECKING:
    import ssl
    from collections.abc import Collection, Iterable, Iterator

# NAT64 embeds an IPv4 address in an IPv6 address; the embedded one is checked. Hosts without IPv4 need
# NAT64 to reach IPv4 hosts (RFC 6052), so it cannot be refused.
_NAT64 = ip_network("64:ff9b::/96")
# Not public, although some Python versions call them global: 6to4 and its relays (RFC 3056,
# 7526), Teredo, local NAT64 (RFC 8215), site-local, documentation, segment routing, protocol
# assignments (RFC 6890), and the IP address of Azure's metadata service.
_REFUSED = [
    ip_network(net)
    for net in "168.63.129.16/32 192.0.0.0/24 192.88.99.0/24 2001::/32 2002::/16 64:ff9b:1::/48 fec0::/10 3fff::/20 "
    "5f00::/16".split()
]

_PORTS = (80, 443)
_SELF_TEST_URL = "http://127.0.0.1:1/"
# Status line and headers, those of interim (1xx) responses included; real ones stay below 16 KiB.
MAX_HEAD_BYTES = 262_144

_current: ContextVar[Budget | None] = ContextVar("budget", default=None)


class Budget:
    """Time and header bytes left for one document, redirects and retries included. Only time in `running` counts.

    It counts real time even if the rest of the program uses a simulated clock, because sockets do.
    """

    def __init__(self, seconds: float) -> None:
        self._total_s = seconds
        self._left_s = seconds
        self._until_s = 0.0
        self._bytes_left = MAX_HEAD_BYTES
        self._excess = (Outcome.PROTOCOL, "")

    @property
    def is_used_up(self) -> bool:
        """True if no time is left for a further request."""
        return self._left_s <= 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count time and bytes on this thread's connections: until `head_complete` those of status line and headers."""
        self._until_s = time.monotonic() + self._left_s
        self._bytes_left = MAX_HEAD_BYTES
        self._excess = Outcome.PROTOCOL, f"more than {MAX_HEAD_BYTES} bytes of headers"
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)
            self._left_s = self._until_s - time.monotonic()

    def head_complete(self, body_bytes: int) -> None:
        """Count the bytes of the body from here on, its framing included: the decoder sees the content only."""
        self._bytes_left = body_bytes
        self._excess = Outcome.TOO_LARGE, f"more than {body_bytes} bytes on the wire, its framing included"

    def remaining_s(self) -> float:
        """Return the seconds left, always above 0. Raise `RequestFailed` (timeout) if none are left."""
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise RequestFailed(Outcome.TIMEOUT, f"no complete response within {self._total_s:g} s")
        return left_s

    def count_bytes(self, size: int) -> None:
        """Count received bytes."""
        self._bytes_left -= size

    def check_bytes(self) -> None:
        """Raise `RequestFailed` (protocol, too_large) if more bytes came than headers or body may have."""
        if self._bytes_left < 0:
            raise RequestFailed(*self._excess)


@contextmanager
def within(timeout_s: float | None) -> Iterator[float | None]:
    """Yield the timeout of one operation in seconds: its own, or the rest of this thread's budget if that is less.

    A timeout that used up the budget is reported as the end of the budget.
    """
    budget = _current.get()
    if budget is None:
        yield timeout_s
        return
    left_s = budget.remaining_s()
    try:
        yield left_s if timeout_s is None else min(timeout_s, left_s)
    except httpcore.TimeoutException:
        budget.remaining_s()
        raise


class TimedStream(httpcore.NetworkStream):
    """Connection whose operations are limited by the budget of the thread that uses it."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """See `httpcore.NetworkStream.read`."""
        budget = _current.get()
        if budget is not None:
            # Before a read, not after it: what one read brought, up to 64 KB, is the beginning that callers keep.
            budget.check_bytes()
        with within(timeout) as timeout_s:
            data = self._stream.read(max_bytes, timeout_s)
        if budget is not None:
            budget.count_bytes(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """See `httpcore.NetworkStream.write`."""
        with within(timeout) as timeout_s:
            self._stream.write(buffer, timeout_s)

    def close(self) -> None:
        """See `httpcore.NetworkStream.close`."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """See `httpcore.NetworkStream.start_tls`."""
        with within(timeout) as timeout_s:
            return TimedStream(self._stream.start_tls(ssl_context, server_hostname, timeout_s))

    def get_extra_info(self, info: str) -> Any:
        """See `httpcore.NetworkStream.get_extra_info`."""
        return self._stream.get_extra_info(info)


# Returns all IP addresses of a host and port as text, best first; raises OSError if there are none.
Resolver = Callable[[str, int], Sequence[str]]


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Resolve a host name with the operating system; see `Resolver`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.NetworkBackend):
    """Network backend that connects to public IP addresses on ports 80 and 443, and to `allow_private`.

    The `host:port` pairs of `allow_private` are compared with the spelling in the URL: another name for
    the same IP address does not match.
    """

    def __init__(
        self,
        *,
        resolver: Resolver = system_resolver,
        allow_private: Collection[str] = (),
        dial: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._resolver = resolver
        self._allow_private = frozenset(allow_private)
        self._dial = dial or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a checked IP address. Raise `RequestFailed` if it is refused or the host is unknown."""
        listed = host_port(host, port) in self._allow_private
        if port not in _PORTS and not listed:
            raise RequestFailed(Outcome.BLOCKED_ADDRESS, f"{host_port(host, port)}: the port is neither 80 nor 443")
        addresses = self._resolve(host, port, timeout)
        private = [] if listed else [address for address in addresses if not is_public(address)]
        if private:
            raise RequestFailed(
                Outcome.BLOCKED_ADDRESS, f"{host} resolves to {private[0]}, which is not a public IP address"
            )

        def connect(address: str) -> TimedStream:
            with within(timeout) as timeout_s:
                return TimedStream(self._dial.connect_tcp(address, port, timeout_s, local_address, socket_options))

        # The resolver returns the order of RFC 6724; the next IP address is tried for hosts that announce
        # both protocols and are reachable by one.
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return connect(address)
        return connect(addresses[-1])

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Refuse every Unix socket with `RequestFailed`."""
        raise RequestFailed(Outcome.BLOCKED_ADDRESS, f"{path}: Unix sockets are not supported")

    def _resolve(self, host: str, port: int, timeout: float | None) -> Sequence[str]:
        """Return at least one IP address. The system's resolver has no timeout, so it runs in its own thread."""
        results: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                results.put(self._resolver(host, port))
            except Exception as error:  # raised in the calling thread
                results.put(error)

        with within(timeout) as timeout_s:
            threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
            try:
                result = results.get(timeout=timeout_s)
            except queue.Empty:
                raise RequestFailed(Outcome.DNS, f"no IP address for {host} within {timeout_s:.1f} s") from None
        if isinstance(result, Exception):
            raise RequestFailed(Outcome.DNS, f"no IP address for {host}: {result}") from result
        if not result:
            raise RequestFailed(Outcome.DNS, f"no IP address for {host}")
        return result


class GuardedTransport(httpx.HTTPTransport):
    """Transport of httpx with the guard as its network backend, so that wrappers of httpx transports still work."""

    def __init__(
        self,
        *,
        resolver: Resolver = system_resolver,
        allow_private: Collection[str] = (),
        ssl_context: ssl.SSLContext | None = None,
        dial: httpcore.NetworkBackend | None = None,
    ) -> None:
        context = ssl_context or _public_tls_context()
        super().__init__(verify=context, trust_env=False)
        self._pool.close()
        # httpx has no parameter for the backend, so only here a private attribute of it is set;
        # `is_guarded` checks at start that this has worked.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=15,
            network_backend=GuardedBackend(resolver=resolver, allow_private=allow_private, dial=dial),
        )


@lru_cache(maxsize=1)
def _public_tls_context() -> ssl.SSLContext:
    """Load the public certificates, once per process because it takes 20 ms."""
    return tls.client_context(Path(certifi.where()))


def is_guarded(client: httpx.Client) -> bool:
    """Return True if our guard, and not some other error, keeps a client from connecting to 127.0.0.1."""
    try:
        client.get(_SELF_TEST_URL)
    except RequestFailed as failure:
        return failure.outcome is Outcome.BLOCKED_ADDRESS
    except httpx.HTTPError:
        return False
    return False


def is_public(address: str) -> bool:
    """Return True for the text of a public IP address; False for a private one and for other text."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        ip = _embedded(ip)
    return ip.is_global and not (
        ip.is_multicast
        or ip.is_reserved
        or ip.is_loopback
        or ip.is_link_local
        or ip.is_private
        or ip.is_unspecified
        or any(ip.version == net.version and ip in net for net in _REFUSED)
    )


def host_port(host: str, port: int) -> str:
    """Return `host:port`, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _embedded(ip: IPv6Address) -> IPv4Address | IPv6Address:
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip in _NAT64:
        return IPv4Address(ip.packed[-4:])
    return ip
