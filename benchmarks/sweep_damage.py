"""Damaged and hostile archives of `sweep_pages`, each with good pages before the damage where it can have any."""

import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.bombs import GIB, deflated

_PIECE = bytes(1 << 20)
_HEADER_BYTES = 64 << 20
_HEAD = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
_HEAD += b"WARC-Date: 2021-06-01T00:00:00Z\r\nWARC-Target-URI: https://www.outlet-1.example/damaged.html\r\n"
_HEAD += b"Content-Type: application/http; msgtype=response\r\n"
_HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


def write_damaged(folder: Path, good: Sequence[bytes]) -> list[str]:
    """Write every kind of damaged file, with the gzip members `good` before the damage. Return their names."""
    for name, pieces in DAMAGE.items():
        with (folder / name).open("wb") as file:
            for piece in pieces(good):
                file.write(piece)
    return list(DAMAGE)


def _cut(good: Sequence[bytes]) -> Iterator[bytes]:
    yield from good[:-1]
    yield good[-1][: len(good[-1]) // 2]


def _cut_plain(good: Sequence[bytes]) -> Iterator[bytes]:
    yield b"".join(zlib.decompress(each, 31) for each in good)[:-50_000]


def _flipped(good: Sequence[bytes]) -> Iterator[bytes]:
    """Flip bytes in the last members; the first record stays good."""
    rng, whole = random.Random("flipped"), bytearray(b"".join(good))
    for _ in range(200):
        whole[rng.randrange(len(good[0]) + len(good[1]), len(whole))] ^= 1 << rng.randrange(8)
    yield bytes(whole)


def _flipped_plain(good: Sequence[bytes]) -> Iterator[bytes]:
    """Flip bytes, those of headers included."""
    rng, whole = random.Random("flipped"), bytearray(b"".join(zlib.decompress(each, 31) for each in good))
    for _ in range(2000):
        whole[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
    yield bytes(whole)


def _bomb(good: Sequence[bytes]) -> Iterator[bytes]:
    """Add a record of 1 GiB of blanks in one member of a megabyte."""
    yield from good
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    http = _HTTP + b"\r\n"
    yield packer.compress(_HEAD + b"Content-Length: %d\r\n\r\n" % (GIB + len(http)) + http)
    for _ in range(GIB // len(_PIECE)):
        yield packer.compress(_PIECE)
    yield packer.compress(b"\r\n\r\n") + packer.flush()
    yield from good


def _bomb_inside(good: Sequence[bytes]) -> Iterator[bytes]:
    """Add a page with a content encoding that unpacks to 1 GiB."""
    body = deflated(31)
    http = _HTTP + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    yield from good
    yield _packed(_HEAD + b"Content-Length: %d\r\n\r\n" % len(http) + http + b"\r\n\r\n")
    yield from good


def _zeros(good: Sequence[bytes]) -> Iterator[bytes]:
    """Pack 1 GiB of zeros that are no record."""
    yield deflated(31)


def _length(said: bytes) -> Callable[[Sequence[bytes]], Iterator[bytes]]:
    """Return the maker of a file whose second record announces another length than it has."""

    def pieces(good: Sequence[bytes]) -> Iterator[bytes]:
        http = _HTTP + b"\r\n<p>Nothing</p>" * 100
        yield from good
        yield _packed(_HEAD + b"Content-Length: " + said + b"\r\n\r\n" + http + b"\r\n\r\n")
        yield from good

    return pieces


def _header(good: Sequence[bytes]) -> Iterator[bytes]:
    """Add a record whose header has one line of 64 MB, and one of 64 MB of lines."""
    yield from good
    yield _packed(_HEAD + b"X-Line: " + b"x" * _HEADER_BYTES + b"\r\nContent-Length: 0\r\n\r\n\r\n\r\n")
    lines = b"X-Line: x\r\n" * (_HEADER_BYTES // 11)
    yield _packed(
        _HEAD + b"Content-Length: %d\r\n\r\n" % (len(_HTTP) + len(lines) + 2) + _HTTP + lines + b"\r\n\r\n\r\n"
    )
    yield from good


def _packed(content: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(content) + packer.flush()


DAMAGE: Final[dict[str, Callable[[Sequence[bytes]], Iterator[bytes]]]] = {
    "cut.warc.gz": _cut,
    "cut.warc": _cut_plain,
    "flipped.warc.gz": _flipped,
    "flipped.warc": _flipped_plain,
    "bomb-record.warc.gz": _bomb,
    "bomb-encoding.warc.gz": _bomb_inside,
    "zeros.warc.gz": _zeros,
    "length-long.warc.gz": _length(b"99999999"),
    "length-huge.warc.gz": _length(b"9" * 30),
    "length-short.warc.gz": _length(b"20"),
    "length-negative.warc.gz": _length(b"-5"),
    "length-none.warc.gz": _length(b"many"),
    "header.warc.gz": _header,
    "noise.warc.gz": lambda _: iter([random.Random("noise").randbytes(300_000)]),
    "noise-packed.warc.gz": lambda _: iter([_packed(random.Random("noise").randbytes(300_000))]),
    "page.warc": lambda _: iter([b"<!DOCTYPE html><html><body><p>Not an archive</p></body></html>" * 100]),
    "empty.warc": lambda _: iter([b""]),
    "empty.warc.gz": lambda _: iter([_packed(b"")]),
}
