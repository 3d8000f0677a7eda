"""Pages in one WARC or WET file: reads its records within bounds, and goes on behind what is no page."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Final, cast

from fastwarc.warc import ArchiveIterator, WarcRecordType

from scraper import urls
from scraper.errors import InputError
from scraper.formats.warc import WarcRecord, read_response
from scraper.model import Capture, EndpointKind, Outcome
from scraper.pipeline.recorded import capture_of
from scraper.text import normalize

MAX_PAGE_BYTES: Final = 8_000_000
"""Longest page, unpacked: the default limit of a fetched one."""
MAX_HEADER_BYTES: Final = 1 << 16
_READ = WarcRecordType.response | WarcRecordType.conversion | WarcRecordType.revisit
_MAX_PROBLEMS = 20
_MAX_SHOWN_CHARS = 200
_OK = 200
# A record that is no page for this reason has been read, in part or as a whole.
_PARTLY_READ = frozenset(Outcome)
_PANIC = "PanicException"


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """Page of an archive: HTML, or for `is_text` a text that was taken from it. `response` is None for a text."""

    url: str
    captured_at: datetime
    body: bytes
    content_type: str | None
    response: WarcRecord | None = None

    @property
    def is_text(self) -> bool:
        """True if the body is a text without markup."""
        return self.response is None

    @property
    def final_url(self) -> str:
        """The URL that gave it, after redirects."""
        return (self.response and self.response.final_url) or self.url

    @property
    def capture(self) -> Capture:
        """The page as `statewire import` reads its record."""
        if self.response is None:
            headers = (("content-type", "text/plain; charset=utf-8"),)
            return Capture(self.url, self.captured_at, Outcome.OK, _OK, self.url, headers, self.body)
        return page_capture(self.response)


def page_capture(response: WarcRecord) -> Capture:
    """Return a recorded page as a capture."""
    return capture_of(response, kind=EndpointKind.PAGE, max_bytes=MAX_PAGE_BYTES)


class HashedStream:
    """Stream that is hashed as it is read; `sha256` is that of the whole file once it is read to its end."""

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self._name = name
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raise `InputError` if they cannot be read, for then the file may be whole."""
        try:
            found = self._stream.read(size)
        except OSError as error:
            raise InputError(f"{self._name} cannot be read: {error.strerror or error}", hint="try it again") from error
        self._hash.update(found)
        self.size += len(found)
        return found

    def tell(self) -> int:
        """Return the number of bytes that were read."""
        return self.size

    def finish(self) -> str:
        """Read what is left, and return the hash of the file."""
        while self.read(1 << 20):
            pass
        return self._hash.hexdigest()


@dataclass(slots=True)
class ArchiveFile:
    """A WARC file while it is read. `passed_over` counts the records that are no page, by reason."""

    stream: HashedStream
    records: int = 0
    pages: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[ArchivedPage]:
        """Yield the pages in the order of the file. Damage ends it: `problems` has what is wrong, and where.

        Raise `InputError` if the file cannot be read to its end.
        """
        is_cut = False
        try:
            # A record has one packing; FastWARC finds it by its first bytes.
            for record in ArchiveIterator(
                cast("BinaryIO", self.stream),
                record_types=_READ,
                parse_http=True,
                auto_decode="none",
                max_header_len=MAX_HEADER_BYTES,
            ):
                self.records += 1
                announced = record.content_length
                page = _page(record)
                is_cut = page == Outcome.TRUNCATED.value
                if isinstance(page, str):
                    self.passed_over[page.replace("_", " ")] += 1
                    is_cut = is_cut or (page not in _PARTLY_READ and record.consume() < announced)
                else:
                    self.pages += 1
                    yield page
        except InputError:
            raise
        except BaseException as error:
            # FastWARC ends with a panic, which is no `Exception`, for what its authors have not expected.
            if not (isinstance(error, OSError | ValueError) or type(error).__name__ == _PANIC):
                raise
            self.problems.append(f"damaged after {normalize.count(self.records, 'record')}: {error}; the rest is lost")
        else:
            if is_cut:
                self.problems.append("ends in the middle of a record")
            if not self.records:
                self.problems.append("no record of a page; it is no WARC file, or an empty one")

    def note(self, url: str, problem: str) -> None:
        """Add what is wrong with a page, unless there are many."""
        if len(self.problems) < _MAX_PROBLEMS:
            shown = normalize.truncate(normalize.clean(urls.without_credentials(url)), _MAX_SHOWN_CHARS)
            self.problems.append(f"{shown}: {problem}")


def _page(record: Any) -> ArchivedPage | str:
    """Return the page of a record, or why it is none."""
    if record.record_type == WarcRecordType.revisit:
        return "revisits"
    given = record.headers.get("WARC-Target-URI", "").strip("<> ")
    url = urls.admit(given)
    if url is None or not urls.is_http(url) or record.record_date is None:
        return "without a URL or a time"
    if urls.is_state(urls.host(url)):
        return "of the Department itself"
    if record.record_type == WarcRecordType.conversion:
        body = record.reader.read(MAX_PAGE_BYTES + 1)
        if len(body) > MAX_PAGE_BYTES:
            return Outcome.TOO_LARGE.value
        return ArchivedPage(url, record.record_date, body, None)
    return _of_response(record, url)


def _of_response(record: Any, url: str) -> ArchivedPage | str:
    headers = record.http_headers if record.is_http else None
    if headers is None or headers.status_code != _OK:
        return "no answer with a page"
    content_type = headers.get("Content-Type")
    if content_type and "html" not in content_type.lower():
        return "not HTML"
    response = read_response(record, url, MAX_PAGE_BYTES)
    body = response.body
    if response.is_cut or len(body) > MAX_PAGE_BYTES or headers.get("Content-Encoding"):
        capture = page_capture(response)
        if capture.outcome is not Outcome.OK:
            return capture.outcome.value
        body = capture.body
    return ArchivedPage(url, response.captured_at, body, content_type, response)
