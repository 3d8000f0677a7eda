"""Limits of one attempt that httpx lacks: total seconds on the network, and bytes of status line and headers.

httpx limits the time of each read separately, so a server that sends single bytes can hold a request
for ever. Here every read, write, connect and handshake gets the rest of one budget per thread.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import httpcore

from scraper.fetch.failure import RequestFailed
from scraper.model import Outcome

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

# Status line and headers, those of interim (1xx) responses included; real ones stay below 16 KiB.
MAX_HEAD_BYTES = 262_144

_current: ContextVar[Budget | None] = ContextVar("budget", default=None)


class Budget:
    """Time and header bytes left for one attempt, redirects included. Only time spent in `running` counts.

    It counts real time even if the rest of the program uses a simulated clock, because sockets do.
    """

    def __init__(self, seconds: float) -> None:
        self._total_s = seconds
        self._left_s = seconds
        self._until_s = 0.0
        self._head_bytes_left: int | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count time, and bytes until `head_complete`, on this thread's connections."""
        self._until_s = time.monotonic() + self._left_s
        self._head_bytes_left = MAX_HEAD_BYTES
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)
            self._left_s = self._until_s - time.monotonic()

    def head_complete(self) -> None:
        """Stop counting header bytes; from here on, the decoder counts the bytes of the body."""
        self._head_bytes_left = None

    def remaining_s(self) -> float:
        """Return the seconds left, always above 0. Raise `RequestFailed` (timeout) if none are left."""
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise RequestFailed(Outcome.TIMEOUT, f"no complete answer within {self._total_s:g} s")
        return left_s

    def count_head_bytes(self, size: int) -> None:
        """Count bytes of status line and headers. Raise `RequestFailed` (protocol) above `MAX_HEAD_BYTES`."""
        if self._head_bytes_left is None:
            return
        self._head_bytes_left -= size
        if self._head_bytes_left < 0:
            raise RequestFailed(Outcome.PROTOCOL, f"more than {MAX_HEAD_BYTES} bytes of headers")


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
        with within(timeout) as timeout_s:
            data = self._stream.read(max_bytes, timeout_s)
        if budget := _current.get():
            budget.count_head_bytes(len(data))
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
