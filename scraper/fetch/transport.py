"""The address guard: no connection leaves for a place that is not public, whatever name or redirect leads there.

A check of the URL loses to a name that resolves anew between check and connect. So the check sits
where the connection is made: resolve once, check every answer, dial one that was checked. TLS still
verifies the name in the URL.
"""

from __future__ import annotations

import queue
import socket
import threading
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Protocol

import httpcore
import httpx

from scraper.fetch.deadline import TimedStream, within
from scraper.fetch.failure import RequestFailed
from scraper.model import Outcome

if TYPE_CHECKING:
    import ssl
    from collections.abc import Collection, Iterable, Sequence


# An IPv4 address inside an IPv6 one: judged by what is inside. NAT64 is how hosts without IPv4 reach
# the rest of the net (RFC 6052), so it cannot simply be refused.
_NAT64 = ip_network("64:ff9b::/96")
# Not public, though some Python version or other calls them global: 6to4 and its relays (RFC 3056,
# 7526), Teredo, local NAT64 (RFC 8215), site-local, documentation, segment routing, protocol
# assignments (RFC 6890), and the address at which Azure serves its machines their own metadata.
_REFUSED = tuple(
    ip_network(net)
    for net in (
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2001::/32",
        "2002::/16",
        "64:ff9b:1::/48",
        "fec0::/10",
        "3fff::/20",
        "5f00::/16",
    )
)

_PORTS = (80, 443)
_SELF_TEST_URL = "http://127.0.0.1:1/"


class Resolver(Protocol):
    """Turns a host name into addresses."""

    def __call__(self, host: str, port: int) -> Sequence[str]:
        """All addresses as text, best first; raises OSError where there are none."""
        ...


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The operating system's answer."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to public addresses on ports 80 and 443, and to the `host:port` pairs that are listed.

    A listed pair is compared with the URL's own spelling: another name for the same address is not it.
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
        """A timed stream to a checked address; `Failure` where there is none, or its name is unknown."""
        listed = host_port(host, port) in self._allow_private
        if port not in _PORTS and not listed:
            raise RequestFailed(Outcome.BLOCKED_ADDRESS, f"{host_port(host, port)}: the port is neither 80 nor 443")
        addresses = self._resolve(host, port, timeout)
        hidden = [] if listed else [address for address in addresses if not is_public(address)]
        if hidden:
            raise RequestFailed(Outcome.BLOCKED_ADDRESS, f"{host} leads to {hidden[0]}, which is no public address")
        # The usual order of RFC 6724 comes from the resolver; the next address is for hosts that are
        # announced on both protocols and reachable by one.
        for address in addresses[:-1]:
            try:
                return self._connect(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(addresses[-1], port, timeout, local_address, socket_options)

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Always refused."""
        raise RequestFailed(Outcome.BLOCKED_ADDRESS, f"{path}: sockets of this machine are not fetched from")

    def _connect(
        self,
        address: str,
        port: int,
        timeout: float | None,
        local_address: str | None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.NetworkStream:
        with within(timeout) as timeout_s:
            return TimedStream(self._dial.connect_tcp(address, port, timeout_s, local_address, socket_options))

    def _resolve(self, host: str, port: int, timeout: float | None) -> Sequence[str]:
        """At least one address. The system's resolver knows no timeout, so it runs in a thread of its own."""
        answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answers.put(self._resolver(host, port))
            except Exception as error:  # handed over, and raised there
                answers.put(error)

        with within(timeout) as timeout_s:
            threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
            try:
                answer = answers.get(timeout=timeout_s)
            except queue.Empty:
                raise RequestFailed(Outcome.DNS, f"no address for {host} within {timeout_s:.1f} s") from None
        if isinstance(answer, Exception):
            raise RequestFailed(Outcome.DNS, f"no address for {host}: {answer}") from answer
        if not answer:
            raise RequestFailed(Outcome.DNS, f"no address for {host}")
        return answer


class GuardedTransport(httpx.HTTPTransport):
    """httpx's own transport with the guard beneath it, so that whatever wraps httpx transports still works."""

    def __init__(
        self,
        *,
        resolver: Resolver = system_resolver,
        allow_private: Collection[str] = (),
        ssl_context: ssl.SSLContext | None = None,
        dial: httpcore.NetworkBackend | None = None,
    ) -> None:
        context = ssl_context or _public_authorities()
        super().__init__(verify=context, trust_env=False)
        self._pool.close()
        # httpx has no parameter for the backend; this is the one place that reaches into it, and
        # `is_guarded` proves at start that it took hold.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=15,
            network_backend=GuardedBackend(resolver=resolver, allow_private=allow_private, dial=dial),
        )


@lru_cache(maxsize=1)
def _public_authorities() -> ssl.SSLContext:
    """Loading some hundred certificates takes 20 ms, so once for the process."""
    return httpx.create_ssl_context(trust_env=False)


def is_guarded(client: httpx.Client) -> bool:
    """Whether a client refuses this machine's own address by our guard, and not by luck."""
    try:
        client.get(_SELF_TEST_URL)
    except RequestFailed as failure:
        return failure.outcome is Outcome.BLOCKED_ADDRESS
    except httpx.HTTPError:
        return False
    return False


def is_public(address: str) -> bool:
    """Whether an address, as text, is one that anybody may be sent to. What is no address is not."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        ip = _inner(ip)
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
    """`host:port`, with brackets where the host is an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _inner(ip: IPv6Address) -> IPv4Address | IPv6Address:
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip in _NAT64:
        return IPv4Address(ip.packed[-4:])
    return ip
