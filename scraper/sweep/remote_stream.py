"""Sequential reader of a remote file: one request, one block ahead, and a new request where the connection broke.

It knows no protocol: a `Source` opens the file at an offset, and says by `Fault` what may pass and by `Refused` what
will not.
"""

import asyncio
import io
import math
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from scraper.errors import InputError
from scraper.text.normalize import count

BLOCK_BYTES: Final = 8 << 20
"""Size of a block. A stream holds two of them: the one that is read and the one that is loaded."""
_LATER = "run the command again later: what is finished stays, and this file is read again"
_CLOSE_S = 10.0
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits of the waiting for one remote file.

    `attempts` requests in a row may fail before a block is complete. The wait doubles from `first_wait_s`; a server may
    ask for up to `max_wait_s`. `stall_s` is the time for a connection and between two pieces, `block_s` that for a
    block, waits included.
    """

    attempts: int = 8
    first_wait_s: float = 1.0
    max_wait_s: float = 120.0
    stall_s: float = 60.0
    block_s: float = 900.0


PATIENCE: Final = Patience()


@dataclass(frozen=True, slots=True)
class Version:
    """State of a file on its server: size in bytes, and ETag or time of change; None and "" if it names none."""

    size: int | None
    tag: str

    def is_same(self, other: "Version") -> bool:
        """Return True if both are of one content: by tag and size, of which one at least has to be known of both."""
        has_sizes = self.size is not None and other.size is not None
        return self.tag == other.tag and (self.size == other.size if has_sizes else bool(self.tag))


class Fault(Exception):
    """Failure that may pass. `reason` says what happened, `wait_s` how long the server asks to wait."""

    def __init__(self, reason: str, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_s = wait_s


class Refused(Exception):
    """Failure that will not pass by waiting: what happened, and what to do."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def changed(offset: int) -> Refused:
    """Return the failure of a file that is another one after `offset` bytes were read."""
    return Refused(
        f"it changed on its server after {count(offset, 'byte')} were read",
        "run the command again, which reads the file from its beginning",
    )


class Response(Protocol):
    """Open response: the state of its file, the offset at which it begins, and its bytes."""

    @property
    def version(self) -> Version:
        """The state of the file."""

    @property
    def start(self) -> int:
        """The offset of the first byte, 0 from a server that sends files only whole."""

    async def read(self, size: int) -> bytes:
        """Return at most `size` bytes, none at the end of the file. Raise `Fault`."""

    async def close(self) -> None:
        """End the connection."""


class Source(Protocol):
    """File on a server, and the event loop of another thread on which it is read."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop."""

    async def open(self, start: int) -> Response:
        """Request the file from an offset on. Raise `Fault` or `Refused`."""


async def retried(action: Callable[[], Awaitable[_Result]], patience: Patience) -> _Result:
    """Return the result of an action, tried again after a `Fault`. Raise `Refused` after the last attempt."""
    failures = 0
    while True:
        try:
            async with asyncio.timeout(patience.stall_s):
                return await action()
        except (Fault, TimeoutError) as fault:
            failures += 1
            await _wait(fault, failures, patience)


async def _wait(fault: Fault | TimeoutError, failures: int, patience: Patience) -> None:
    """Wait before the next attempt. Raise `Refused` if there is none."""
    known = fault if isinstance(fault, Fault) else Fault(f"no answer within {patience.stall_s:g} s")
    if failures >= patience.attempts:
        raise Refused(f"{known.reason} ({count(failures, 'attempt')})", _LATER) from fault
    if known.wait_s > patience.max_wait_s:
        raise Refused(f"{known.reason}, and the server asks to wait {math.ceil(known.wait_s)} s", _LATER) from fault
    await asyncio.sleep(max(known.wait_s, min(patience.max_wait_s, patience.first_wait_s * 2 ** (failures - 1))))


class _Download:
    """Position in a remote file. All methods run on the event loop, one at a time."""

    def __init__(self, source: Source, patience: Patience) -> None:
        self._source = source
        self._patience = patience
        self._response: Response | None = None
        self._version: Version | None = None
        self._offset = 0

    async def block(self) -> bytes:
        """Return the next block, shorter only at the end of the file. Raise `Refused`."""
        loaded = bytearray()
        try:
            async with asyncio.timeout(self._patience.block_s):
                await self._load(loaded)
        except TimeoutError:
            slow = f"{count(len(loaded), 'byte')} in {self._patience.block_s:g} s, from byte {self._offset} on"
            raise Refused(f"it is too slow: {slow}", _LATER) from None
        return bytes(loaded)

    async def _load(self, loaded: bytearray) -> None:
        failures = 0
        while len(loaded) < BLOCK_BYTES:
            try:
                async with asyncio.timeout(self._patience.stall_s):
                    self._response = self._response or await self._open()
                    piece = await self._response.read(BLOCK_BYTES - len(loaded))
                size = self._version.size if self._version else None
                if not piece and size is not None and self._offset < size:
                    raise Fault(f"the connection ended at byte {self._offset} of {size}")
            except (Fault, TimeoutError) as fault:
                failures += 1
                await self.close()
                await _wait(fault, failures, self._patience)
                continue
            if not piece:
                return
            loaded += piece
            self._offset += len(piece)

    async def _open(self) -> Response:
        response = await self._source.open(self._offset)
        if self._version is not None and not self._version.is_same(response.version):
            await response.close()
            raise changed(self._offset)
        if response.start != self._offset:
            await response.close()
            raise Refused(
                f"the connection broke at byte {self._offset}, and the server sends no part of a file",
                "download the file, and give its path",
            )
        # The first response of a server without a size may be the only one that has none.
        if self._version is None or self._version.size is None:
            self._version = response.version
        return response

    async def close(self) -> None:
        """End the connection."""
        if self._response is not None:
            await self._response.close()
        self._response = None


class RemoteStream(io.RawIOBase):
    """Bytes of a remote file in order. The first block is loaded at once, each other one while its precursor is read.

    `name` names the file in errors. Raise `InputError` for what retries do not cure, also while reading.
    """

    def __init__(self, name: str, source: Source, patience: Patience) -> None:
        super().__init__()
        self._name = name
        self._loop = source.loop
        self._download = _Download(source, patience)
        self._before = self._at = 0  # bytes in earlier blocks, and of this one
        self._block = b""
        self._ahead: Future[bytes] = self._start(self._download.block())
        try:
            self._take()
        except BaseException:
            self.close()
            raise

    def _start(self, action: Any) -> "Future[Any]":
        return asyncio.run_coroutine_threadsafe(action, self._loop)

    def _take(self) -> None:
        """Go on to the block that was loaded, and begin to load the next one."""
        try:
            block = self._ahead.result()
        except Refused as refused:
            raise InputError(f"{self._name} cannot be read: {refused.reason}", hint=refused.hint) from refused
        self._before += len(self._block)
        self._at = 0
        if block:
            self._ahead = self._start(self._download.block())
        self._block = block

    def readable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the number of bytes that were read. FastWARC asks for it, and panics without it."""
        return self._before + self._at

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer as far as the block that was loaded goes."""
        if self.closed:
            raise ValueError("I/O operation on closed file")
        if self._at == len(self._block):
            self._take()
        view = memoryview(buffer).cast("B")
        size = min(len(view), len(self._block) - self._at)
        view[:size] = memoryview(self._block)[self._at : self._at + size]
        self._at += size
        return size

    def close(self) -> None:
        """Cancel the block that is being loaded and end the connection."""
        if not self.closed and self._loop.is_running():
            self._ahead.cancel()
            # An event loop that ends with the process closes no connection any more.
            with suppress(FutureTimeoutError):
                self._start(self._download.close()).result(_CLOSE_S)
        super().close()
