"""Reader of WARC files: yields the recorded HTTP responses in the order of their time."""

from __future__ import annotations

import json
import re
import tempfile
import zlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeAlias

from fastwarc.warc import ArchiveIterator, WarcRecordType

from scraper import urls
from scraper.errors import InputError
from scraper.formats.wacz import WARC
from scraper.formats.wacz_check import is_bundle, whole_bundle
from scraper.formats.warc_writer import FINAL_URI
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")
_READ = WarcRecordType.response | WarcRecordType.revisit
_PASSED_OVER = WarcRecordType.resource | WarcRecordType.conversion
_MAX_CHUNK_HEAD_BYTES = 256
_MAX_SHOWN_CHARS = 200
_PACKING_LEVEL = 1
# Packing costs as much time as reading a response; so much disk space is there on any machine that imports archives.
_MAX_PLAIN_BYTES = 128_000_000


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """Recorded HTTP response: `body` is as received, with content encoding, without transfer framing.

    `is_cut`: the record holds fewer bytes than it announces. `final_url` gave the response, after redirects.
    """

    url: str
    captured_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_cut: bool = False
    final_url: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Place of a response in the temporary file; `head_length` is that of its headers, before the body."""

    offset: int
    length: int
    head_length: int
    is_packed: bool


# Time, place, and the record without headers and body.
_Entry: TypeAlias = "tuple[datetime, _Place, WarcRecord]"


@dataclass(frozen=True, slots=True)
class _Revisit:
    """Record of an answer whose payload another record has: that of a URL and a time, or that with the same digest."""

    url: str
    captured_at: datetime | None
    refers_to: str
    refers_to_at: datetime | None
    digest: str


class Recordings:
    """All HTTP responses of some WARC files, the oldest first whatever their order in the files.

    Headers and bodies are kept in a temporary file, so that memory use stays small. Past `_MAX_PLAIN_BYTES` they are
    packed, so that a file of a few megabytes that unpacks to gigabytes fills no disk. A body longer than `max_bytes`
    is cut to one byte more than that, enough to classify it as too large. `problems` describe damage: responses before
    the damage are still returned. Raise `InputError` for a file without HTTP responses.
    """

    def __init__(self, paths: Sequence[Path], max_bytes: int) -> None:
        self.problems: list[str] = []
        self._spool = tempfile.TemporaryFile(prefix="statewire-")  # noqa: SIM115 - closed in `close`
        self._index: list[_Entry] = []
        self._payloads: dict[str | tuple[str, datetime | None], _Entry] = {}
        self._revisits: list[_Revisit] = []
        try:
            for path in paths:
                self._add_file(path, max_bytes)
            self._resolve_revisits()
        except BaseException:
            self.close()
            raise
        self._index.sort(key=lambda entry: (entry[0], entry[1].offset))

    def _add_file(self, path: Path, max_bytes: int) -> None:
        count_before, revisits_before = len(self._index), len(self._revisits)
        others: Counter[str] = Counter()
        try:
            with _opened(path) as file:
                for record in ArchiveIterator(
                    file, record_types=_READ | _PASSED_OVER, parse_http=True, auto_decode="none"
                ):
                    if record.record_type == WarcRecordType.response:
                        self._add_record(path, record, max_bytes)
                    elif record.record_type == WarcRecordType.revisit:
                        self._revisits.append(_revisit(record))
                    else:
                        others[str(record.headers.get("WARC-Type"))] += 1
        except FileNotFoundError:
            raise InputError(f"{path} does not exist", hint="check the path") from None
        except IsADirectoryError:
            raise InputError(f"{path} is a folder", hint="give the WARC files in it") from None
        except (OSError, ValueError) as error:
            if len(self._index) == count_before:
                raise InputError(
                    f"{path} cannot be read as WARC: {error}", hint="give a .warc, .warc.gz, .wacz or .jsonl file"
                ) from error
            found = normalize.count(len(self._index) - count_before, "response")
            self.problems.append(f"{path} is damaged after {found} ({error}); the rest is lost")
        for name, number in others.items():
            self.problems.append(f"{path}: {_skipped(number, name)}, because only HTTP responses are read")
        if len(self._index) == count_before:
            if len(self._revisits) > revisits_before:
                return
            raise InputError(
                f"{path} contains no recorded HTTP response", hint="give a .warc, .warc.gz, .wacz or .jsonl file"
            )
        if self._index[-1][-1].is_cut:
            self.problems.append(f"{path} ends in the middle of a response")

    def _add_record(self, path: Path, record: Any, max_bytes: int) -> None:
        """Add a record. One that is not a valid response is reported in `problems`, and reading continues."""
        if not record.is_http:
            return  # Heritrix also stores responses of name servers as response records.
        given = record.headers.get("WARC-Target-URI", "").strip("<> ")
        url = urls.admit(given)
        missing = "" if url else "URL of http or https" if given else "URL"
        missing = missing or ("time" if record.record_date is None else "")
        if record.http_headers is None or record.http_headers.status_code is None:
            missing = "HTTP header that can be read"
        shown = normalize.truncate(normalize.clean(urls.without_credentials(given)), _MAX_SHOWN_CHARS)
        if missing or url is None:
            self.problems.append(f"{path}: the response of {shown or 'an unknown URL'} has no {missing} and is skipped")
            return
        if urls.has_credentials(given):
            self.problems.append(f"{path}: user and password are left out of the URL {shown}")
        kept = read_response(record, url, max_bytes)
        head = json.dumps(kept.headers).encode()
        content, offset = head + kept.body, self._spool.tell()
        is_packed = offset + len(content) > _MAX_PLAIN_BYTES
        if is_packed:
            content = zlib.compress(content, _PACKING_LEVEL)
        place = _Place(offset, len(content), len(head), is_packed)
        entry = (kept.captured_at, place, replace(kept, headers=(), body=b""))
        self._index.append(entry)
        self._payloads[url, kept.captured_at] = entry
        if digest := record.headers.get("WARC-Payload-Digest"):
            self._payloads.setdefault(digest, entry)
        self._spool.write(content)

    def _resolve_revisits(self) -> None:
        """Add each revisit record as the response that it refers to, at its own time; report the others."""
        missing = 0
        for revisit in self._revisits:
            entry = self._payloads.get((revisit.refers_to, revisit.refers_to_at)) or self._payloads.get(revisit.digest)
            if entry is None or revisit.captured_at is None or not revisit.url:
                missing += 1
                continue
            _, place, record = entry
            record = replace(record, url=revisit.url, captured_at=revisit.captured_at, final_url=revisit.url)
            self._index.append((revisit.captured_at, place, record))
        if missing:
            self.problems.append(
                f"{_skipped(missing, 'revisit')}: no file has the responses that they refer to. Import "
                "those files together with these."
            )

    def __len__(self) -> int:
        return len(self._index)

    def __iter__(self) -> Iterator[WarcRecord]:
        for _, place, record in self._index:
            self._spool.seek(place.offset)
            content = self._spool.read(place.length)
            if place.is_packed:
                content = zlib.decompress(content)
            headers = tuple((name, value) for name, value in json.loads(content[: place.head_length]))
            yield replace(record, headers=headers, body=content[place.head_length :])

    def close(self) -> None:
        """Close and delete the temporary file."""
        self._spool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _revisit(record: Any) -> _Revisit:
    url = urls.admit(record.headers.get("WARC-Target-URI", "").strip("<> ")) or ""
    try:
        at = datetime.fromisoformat(record.headers.get("WARC-Refers-To-Date", ""))
    except ValueError:
        at = None
    return _Revisit(
        url,
        record.record_date,
        urls.admit(record.headers.get("WARC-Refers-To-Target-URI", url).strip("<> ")) or "",
        at if at is None or at.tzinfo else at.replace(tzinfo=UTC),
        record.headers.get("WARC-Payload-Digest", ""),
    )


def read_response(record: Any, url: str, max_bytes: int) -> WarcRecord:
    """Return a response record of fastwarc, whose HTTP header is parsed; its body has at most one byte too many."""
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
    final_url = urls.admit(record.headers.get(FINAL_URI, "")) or url
    status = record.http_headers.status_code
    return WarcRecord(url, record.record_date, status, headers, body[: max_bytes + 1], is_cut, final_url)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Yield the WARC file of a path, which for an evidence bundle is a member of it."""
    if is_bundle(path):
        with whole_bundle(path) as bundle, bundle.open_member(WARC) as file:
            yield file
        return
    with path.open("rb") as file:
        yield file


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


def _skipped(number: int, kind: str) -> str:
    return f"{normalize.count(number, f'{kind} record')} {'is' if number == 1 else 'are'} skipped"
