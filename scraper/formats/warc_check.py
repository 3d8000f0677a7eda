"""Checker of the WARC file of a bundle, in bounded memory: its records, their digests, and its index made again."""

import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from scraper.formats.wacz import WARC_NAME
from scraper.formats.warc_writer import MAX_INDEX_BYTES, MAX_RECORD_BYTES, IndexRow, digest
from scraper.serialize import format_utc, parse_utc

_MAX_TOTAL_BYTES = 64_000_000_000
_MAX_HEAD_BYTES = 65_536
_CHUNK_BYTES = 1 << 17
_FIELD = re.compile(rb"[A-Za-z-]+: [^\r\n]*")
_LENGTH = re.compile(rb"\r\nContent-Length: (\d{1,12})\r\n")


class RecordError(Exception):
    """The file has no record where one should be, or one that does not fit; the text says where."""


@dataclass(slots=True)
class _Record:
    """Record that is being read: its head, the HTTP header in its block, and hashes of the block and the body."""

    offset: int
    head: bytes
    http: bytes = b""
    block_sha256: bytes = b""
    payload_sha256: bytes = b""
    size: int = 0

    def field(self, name: str) -> str:
        """Return the value of a field, "" if it is missing."""
        found = re.search(rb"\r\n" + name.encode() + rb": ([^\r\n]*)", self.head)
        return found[1].decode("utf-8", "replace") if found else ""


def index_of(file: io.BufferedReader) -> list[str]:
    """Return the lines of the index of a WARC file, after each record was compared with its digests.

    Raise `RecordError`.
    """
    lines: list[str] = []
    total = index_bytes = 0
    for number, record in enumerate(_records(file)):
        total += record.size
        if total > _MAX_TOTAL_BYTES or index_bytes > MAX_INDEX_BYTES + _MAX_HEAD_BYTES:
            raise RecordError("it has more records, or more in them, than a bundle has")
        if record.field("WARC-Block-Digest") != digest(record.block_sha256):
            raise RecordError(f"the digest of the record at {record.offset:,} is not that of its block")
        if (number == 0) != (record.field("WARC-Type") == "warcinfo"):
            raise RecordError(f"the record at {record.offset:,} has another type than a bundle has there")
        if number:
            lines.append(_line(record, file.tell()))
            index_bytes += len(lines[-1].encode()) + 1
    return lines


def _line(record: _Record, end: int) -> str:
    payload = digest(record.payload_sha256)
    if record.field("WARC-Type") != "response" or record.field("WARC-Payload-Digest") != payload:
        raise RecordError(f"the digest of the record at {record.offset:,} is not that of its body")
    status = re.match(rb"HTTP/1\.1 (\d{3}) ", record.http)
    try:
        at = _time(record.field("WARC-Date"))
        url = record.field("WARC-Target-URI")
        kind = re.search(rb"\r\ncontent-type: ([^\r\n]*)", record.http)
        content_type = kind[1].decode("latin-1") if kind else ""
        code = str(int(status[1])) if status else ""
        row = IndexRow(url, at, content_type, code, payload, record.offset, end - record.offset)
        return row.line(WARC_NAME)
    except ValueError:
        raise RecordError(f"the record at {record.offset:,} has no time or no URL") from None


def _time(written: str) -> datetime:
    """Return a time in the one form that bundles have. Raise `ValueError` for any other one."""
    at = parse_utc(written)
    if not written.endswith("Z") or format_utc(at) != written:
        raise ValueError(written)
    return at


def _records(file: io.BufferedReader) -> Iterator[_Record]:
    """Yield each gzip member as a record, with the file at its end."""
    while file.peek(1):
        offset = file.tell()
        reader = _Unpacker(file)
        head = reader.until(b"\r\n\r\n")
        if not head.startswith(b"WARC/1.1\r\n") or not (length := _LENGTH.search(head)):
            raise RecordError(f"there is no record at {offset:,}")
        if not _has_single_fields(head):
            raise RecordError(f"the record at {offset:,} has a field twice, or one in another form")
        record = _Record(offset, head, size=int(length[1]))
        if record.size > MAX_RECORD_BYTES:
            raise RecordError(f"the record at {offset:,} is longer than one of a bundle")
        _read_block(reader, record)
        if reader.take(5) != b"\r\n\r\n" or not reader.is_at_end:
            raise RecordError(f"the record at {offset:,} does not end where it says")
        file.seek(offset + reader.packed_size)
        yield record


def _has_single_fields(head: bytes) -> bool:
    """Return True if any reader finds the same fields in a head: each once, on a line of its own."""
    lines = head.split(b"\r\n")[1:-2]
    names = {line.partition(b":")[0].lower() for line in lines}
    return len(names) == len(lines) and all(map(_FIELD.fullmatch, lines))


def _read_block(reader: "_Unpacker", record: _Record) -> None:
    block, payload = hashlib.sha256(), hashlib.sha256()
    left = record.size
    is_response = record.field("WARC-Type") == "response"
    if is_response:
        record.http = reader.until(b"\r\n\r\n")
        block.update(record.http)
        left -= len(record.http)
    while left > 0:
        content = reader.take(min(left, _CHUNK_BYTES))
        if not content:
            raise RecordError(f"the record at {record.offset:,} is shorter than it says")
        block.update(content)
        payload.update(content)
        left -= len(content)
    record.block_sha256, record.payload_sha256 = block.digest(), payload.digest()


class _Unpacker:
    """Reader of one gzip member, which unpacks no more than is asked for."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._ready = b""
        self._packed = b""
        self._given = 0

    @property
    def is_at_end(self) -> bool:
        """True if the member has ended, with a checksum that fits, and all of it was taken."""
        return self._inflater.eof and not self._ready

    @property
    def packed_size(self) -> int:
        """Bytes of the file that the member has, once it has ended."""
        return self._given - len(self._inflater.unused_data)

    def take(self, size: int) -> bytes:
        """Return so many bytes, fewer at the end of the member."""
        while len(self._ready) < size and self._fill(size):
            pass
        taken, self._ready = self._ready[:size], self._ready[size:]
        return taken

    def until(self, end: bytes) -> bytes:
        """Return the bytes up to a mark, with it. Raise `RecordError` if it does not come soon."""
        while (at := self._ready.find(end)) < 0:
            if len(self._ready) > _MAX_HEAD_BYTES or not self._fill(_MAX_HEAD_BYTES):
                raise RecordError("a record has no header, or one that is too long")
        at += len(end)
        taken, self._ready = self._ready[:at], self._ready[at:]
        return taken

    def _fill(self, size: int) -> bool:
        if self._inflater.eof:
            return False
        if not self._packed:
            self._packed = self._file.read(_CHUNK_BYTES)
            self._given += len(self._packed)
            if not self._packed:
                raise RecordError("it ends within a record")
        try:
            self._ready += self._inflater.decompress(self._packed, max(size, 1))
        except zlib.error as error:
            raise RecordError(f"it cannot be unpacked ({error})") from None
        self._packed = self._inflater.unconsumed_tail
        return True
