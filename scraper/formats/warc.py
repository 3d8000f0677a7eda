"""Reader of WARC files: yields the recorded HTTP responses in the order of their time."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from fastwarc.warc import ArchiveIterator, WarcRecordType

from scraper.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")
_MAX_CHUNK_HEAD_BYTES = 256


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """Recorded HTTP response: `body` is as received, with content encoding, without transfer framing.

    `is_cut`: the record holds fewer bytes than it announces.
    """

    url: str
    captured_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_cut: bool = False


class Recordings:
    """All HTTP responses of some WARC files, the oldest first whatever their order in the files.

    Bodies are kept in a temporary file, so that memory use stays small; a body longer than `max_bytes` is
    cut to one byte more than that, enough to classify it as too large. `problems` describe damage:
    responses before the damage are still returned. Raise `InputError` for a file without HTTP responses.
    """

    def __init__(self, paths: Sequence[Path], max_bytes: int) -> None:
        self.problems: list[str] = []
        self._spool = tempfile.TemporaryFile(prefix="statewire-")  # noqa: SIM115 - closed in `close`
        self._index: list[tuple[datetime, int, int, WarcRecord]] = []
        try:
            for path in paths:
                self._add_file(path, max_bytes)
        except BaseException:
            self.close()
            raise
        self._index.sort(key=lambda entry: entry[:2])

    def _add_file(self, path: Path, max_bytes: int) -> None:
        count_before = len(self._index)
        try:
            with path.open("rb") as file:
                for record in ArchiveIterator(
                    file, record_types=WarcRecordType.response, parse_http=True, auto_decode="none"
                ):
                    self._add_record(path, record, max_bytes)
        except FileNotFoundError:
            raise InputError(f"{path} does not exist", hint="check the path") from None
        except IsADirectoryError:
            raise InputError(f"{path} is a folder", hint="give the WARC files in it") from None
        except (OSError, ValueError) as error:
            if len(self._index) == count_before:
                raise InputError(
                    f"{path} cannot be read as WARC: {error}", hint="give a .warc, .warc.gz or .jsonl file"
                ) from error
            self.problems.append(
                f"{path} is damaged after {len(self._index) - count_before} responses ({error}); the rest is lost"
            )
        if len(self._index) == count_before:
            raise InputError(f"{path} contains no recorded HTTP response", hint="give a .warc, .warc.gz or .jsonl file")
        if self._index[-1][3].is_cut:
            self.problems.append(f"{path} ends in the middle of a response")

    def _add_record(self, path: Path, record: Any, max_bytes: int) -> None:
        """Add a record. One that is not a valid response is reported in `problems`, and reading continues."""
        if not record.is_http:
            return  # Heritrix also stores responses of name servers as response records.
        url = record.headers.get("WARC-Target-URI", "").strip("<> ")
        missing = "URL" if not url else "time" if record.record_date is None else ""
        if record.http_headers is None or record.http_headers.status_code is None:
            missing = "HTTP header that can be read"
        if missing:
            self.problems.append(f"{path}: the response of {url or 'an unknown URL'} has no {missing} and is skipped")
            return
        kept = _record(record, url, max_bytes)
        self._index.append((kept.captured_at, self._spool.tell(), len(kept.body), replace(kept, body=b"")))
        self._spool.write(kept.body)

    def __len__(self) -> int:
        return len(self._index)

    def __iter__(self) -> Iterator[WarcRecord]:
        for _, at, length, record in self._index:
            self._spool.seek(at)
            yield replace(record, body=self._spool.read(length))

    def close(self) -> None:
        """Close and delete the temporary file."""
        self._spool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _record(record: Any, url: str, max_bytes: int) -> WarcRecord:
    # Read before the body: the length of the body that the record announces, as its HTTP header is parsed already.
    announced = record.content_length
    headers = tuple((name.lower(), value) for name, value in record.http_headers.to_tuples())
    named = dict(reversed(headers))
    wire = record.reader.read(2 * max_bytes + 1)  # framing costs less than the content
    is_cut = len(wire) < min(announced, 2 * max_bytes + 1)
    body = wire
    if "transfer-encoding" in named:
        # Many archives remove the framing and keep the header that announces it: the bytes decide.
        if (whole := unframed(wire)) is not None:
            body, is_cut = whole
    elif "content-encoding" not in named or wire.startswith(_GZIP_MAGIC):
        length = named.get("content-length", "")
        is_cut = is_cut or (length.isascii() and length.isdigit() and len(wire) < min(int(length[:18]), max_bytes + 1))
    return WarcRecord(
        url, record.record_date, record.http_headers.status_code, headers, body[: max_bytes + 1], is_cut=is_cut
    )


def unframed(wire: bytes) -> tuple[bytes, bool] | None:
    """Join the chunks of a body. Return it and True if chunks are missing; None for bytes that are no chunks."""
    body = bytearray()
    at = 0
    while True:
        end = wire.find(b"\n", at, at + _MAX_CHUNK_HEAD_BYTES)
        size = wire[at:end].partition(b";")[0].strip() if end >= 0 else b""
        if not _CHUNK_SIZE.fullmatch(size):
            return (bytes(body), True) if body else None
        length = int(size, 16)
        if length == 0:
            return bytes(body), False
        body += wire[end + 1 : end + 1 + length]
        if len(wire) < end + 1 + length:
            return bytes(body), True
        at = end + 1 + length
        at += 2 if wire[at : at + 2] == b"\r\n" else 1
