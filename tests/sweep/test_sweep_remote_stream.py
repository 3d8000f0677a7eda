"""Sequential reading of a remote file that breaks: resumed where it broke, within limits, and never another file."""

from __future__ import annotations

import asyncio
import io
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from fastwarc.warc import ArchiveIterator
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON, record, rss, warc

from scraper.errors import InputError
from scraper.sweep import remote_stream
from scraper.sweep.remote_stream import Fault, Patience, RemoteStream, Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

QUICK = Patience(attempts=4, first_wait_s=0, max_wait_s=5, stall_s=20, block_s=60)
BLOCK = 1000


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.close()


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_stream, "BLOCK_BYTES", BLOCK)


@dataclass
class Script:
    """Server whose n-th connection ends after a number of bytes, and sends pieces of a size. `sent` counts bytes."""

    content: bytes
    loop: asyncio.AbstractEventLoop
    breaks: Sequence[int] = ()
    piece: int = 300
    versions: Sequence[Version] = ()
    has_ranges: bool = True
    starts: list[int] = field(default_factory=list)
    closed: int = 0
    sent: int = 0

    async def open(self, start: int) -> Connection:
        at = len(self.starts)
        self.starts.append(start)
        limit = self.breaks[at] if at < len(self.breaks) else len(self.content) + 1
        if limit < 0:
            raise Fault("status 503", wait_s=-limit - 1)
        version = self.versions[min(at, len(self.versions) - 1)] if self.versions else Version(len(self.content), "a")
        return Connection(self, start if self.has_ranges else 0, limit, version)


@dataclass
class Connection:
    server: Script
    start: int
    limit: int
    version: Version
    sent: int = 0

    async def read(self, size: int) -> bytes:
        await asyncio.sleep(0)
        if self.sent >= self.limit:
            raise Fault("the connection broke")
        at = self.start + self.sent
        piece = self.server.content[at : at + min(size, self.server.piece, self.limit - self.sent)]
        self.sent += len(piece)
        self.server.sent += len(piece)
        return piece

    async def close(self) -> None:
        self.server.closed += 1


CONTENT = bytes(range(256)) * 40


def read(server: Script, patience: Patience = QUICK) -> bytes:
    with io.BufferedReader(RemoteStream("https://news.example/a.warc", server, patience)) as stream:
        return stream.read()


@given(
    st.binary(max_size=5000),
    st.lists(st.integers(0, 3000), max_size=3),
    st.integers(1, 1500),
    st.lists(st.integers(1, 2500), min_size=1, max_size=5),
)
def test_what_is_read_is_the_file_wherever_the_connection_breaks(
    loop: asyncio.AbstractEventLoop, content: bytes, breaks: list[int], piece: int, sizes: list[int]
) -> None:
    server = Script(content, loop, breaks, piece)
    found = bytearray()
    with io.BufferedReader(RemoteStream("a", server, QUICK)) as stream:
        for size in sizes * 5001:
            part = stream.read(size)
            found += part
            assert stream.tell() == len(found)
            if len(part) < size:
                break
    assert bytes(found) == content
    assert server.sent == len(content), "no byte is requested twice"
    assert server.closed == len(server.starts)


def test_one_request_is_enough_for_a_file_of_many_blocks(loop: asyncio.AbstractEventLoop) -> None:
    server = Script(CONTENT, loop)

    assert read(server) == CONTENT
    assert server.starts == [0]


def test_only_one_block_is_loaded_ahead(loop: asyncio.AbstractEventLoop) -> None:
    server = Script(CONTENT, loop)
    with RemoteStream("a", server, QUICK) as stream:
        stream._ahead.result(20)
        assert server.sent == 2 * BLOCK
        stream.read(1)
        stream._ahead.result(20)
        assert server.sent == 2 * BLOCK
    assert server.closed == 1


def test_a_server_that_always_fails_is_asked_a_bounded_number_of_times(loop: asyncio.AbstractEventLoop) -> None:
    server = Script(CONTENT, loop, breaks=[-1] * 100)

    with pytest.raises(
        InputError, match=r"https://news.example/a.warc cannot be read: status 503 \(4 attempts\)"
    ) as error:
        read(server)

    assert server.starts == [0] * 4
    assert "run the command again later" in error.value.hint


def test_a_block_that_comes_resets_the_count_of_failures(loop: asyncio.AbstractEventLoop) -> None:
    server = Script(CONTENT, loop, breaks=[BLOCK + 1] * 9)

    assert read(server) == CONTENT
    assert len(server.starts) == 10

    with pytest.raises(InputError, match="the connection broke"):
        read(Script(CONTENT, loop, breaks=[1] * 100))


def test_a_server_may_ask_to_wait_but_not_for_long(loop: asyncio.AbstractEventLoop) -> None:
    server = Script(CONTENT, loop, breaks=[-3602])

    with pytest.raises(InputError, match="status 503, and the server asks to wait 3601 s"):
        read(server)
    assert server.starts == [0]


@pytest.mark.parametrize("other", [Version(len(CONTENT), "b"), Version(len(CONTENT) + 1, "a"), Version(None, "")])
def test_a_file_that_changes_between_two_requests_is_an_error(loop: asyncio.AbstractEventLoop, other: Version) -> None:
    server = Script(CONTENT, loop, breaks=[1500], versions=[Version(len(CONTENT), "a"), other])

    with pytest.raises(InputError, match=r"changed on its server after 1,500 bytes were read"):
        read(server)
    assert server.closed == 2


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        (Version(9, "a"), Version(9, "a"), True),
        (Version(None, "a"), Version(9, "a"), True),
        (Version(9, ""), Version(9, ""), True),
        (Version(None, ""), Version(9, ""), False),
        (Version(None, ""), Version(None, ""), False),
    ],
)
def test_two_responses_are_of_one_file_if_they_say_so(first: Version, second: Version, is_same: bool) -> None:
    assert first.is_same(second) is second.is_same(first) is is_same


def test_a_server_without_ranges_is_read_until_it_breaks(loop: asyncio.AbstractEventLoop) -> None:
    assert read(Script(CONTENT, loop, has_ranges=False)) == CONTENT

    with pytest.raises(InputError, match="broke at byte 1500, and the server sends no part of a file") as error:
        read(Script(CONTENT, loop, breaks=[1500], has_ranges=False))
    assert error.value.hint == "download the file, and give its path"


def test_an_end_before_the_size_that_was_named_is_no_end(loop: asyncio.AbstractEventLoop) -> None:
    server = Script(CONTENT, loop, versions=[Version(len(CONTENT) + 1, "a")])

    with pytest.raises(InputError, match=f"the connection ended at byte {len(CONTENT)} of {len(CONTENT) + 1}"):
        read(server)


class Silent(Script):
    async def open(self, start: int) -> Connection:
        self.starts.append(start)
        await asyncio.Event().wait()
        raise AssertionError


class Drip(Script):
    async def open(self, start: int) -> Connection:
        found = await super().open(start)
        found.read = self._drip  # type: ignore[method-assign]
        return found

    async def _drip(self, size: int) -> bytes:
        await asyncio.sleep(0.01)
        return b"x"


def test_a_server_that_is_silent_or_drips_is_given_up(loop: asyncio.AbstractEventLoop) -> None:
    silent = Silent(CONTENT, loop)
    with pytest.raises(InputError, match=r"no answer within 0.05 s \(4 attempts\)"):
        read(silent, Patience(attempts=4, first_wait_s=0, stall_s=0.05))
    assert silent.starts == [0] * 4

    with pytest.raises(InputError, match=r"it is too slow: \d+ bytes? in 0.2 s"):
        read(Drip(CONTENT, loop, versions=[Version(None, "")]), Patience(block_s=0.2))


def test_closing_ends_what_is_loading(loop: asyncio.AbstractEventLoop) -> None:
    class Stops(Script):
        async def open(self, start: int) -> Connection:
            found = await super().open(start)
            read_on = found.read

            async def stop(size: int) -> bytes:
                if self.sent >= BLOCK:
                    await asyncio.Event().wait()
                return await read_on(size)

            found.read = stop  # type: ignore[method-assign]
            return found

    server = Stops(CONTENT, loop)
    stream = RemoteStream("a", server, QUICK)
    stream.close()
    stream.close()

    assert stream._ahead.cancelled()
    assert server.closed == 1
    with pytest.raises(ValueError, match="closed file"):
        stream.read(1)


def test_fastwarc_reads_the_stream_and_passes_its_errors_on(loop: asyncio.AbstractEventLoop, tmp_path: Any) -> None:
    path = tmp_path / "a.warc.gz"
    warc(path, *(record(NOON, rss()) for _ in range(40)))
    content = path.read_bytes()
    assert len(content) > 5 * BLOCK

    def records(server: Script) -> Iterator[bytes]:
        with io.BufferedReader(RemoteStream("a.warc.gz", server, QUICK)) as stream:
            for each in ArchiveIterator(stream):
                yield each.reader.read()

    with path.open("rb") as file:
        assert list(records(Script(content, loop, breaks=[3000]))) == [
            each.reader.read() for each in ArchiveIterator(file)
        ]
    server = Script(content, loop, breaks=[3 * BLOCK], versions=[Version(len(content), "a"), Version(1, "b")])
    with pytest.raises(InputError, match="changed on its server"):
        list(records(server))
