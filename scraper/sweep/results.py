"""Results of a sweep in its folder: one file for each archive file, and a ledger of the archive files that are done.

A result file is JSON Lines, sorted by URL and time: each line a row, the time of its capture, and the response, packed.
Its name is made of the hashes of the archive file and of the index, so that the same archive counts once, under
whatever name and by whichever worker; it is renamed into place when it is whole.
"""

import base64
import fcntl
import heapq
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, Final

from scraper.errors import InputError
from scraper.formats.warc import WarcRecord
from scraper.serialize import format_utc, parse_utc
from scraper.sweep.scan import Hit

LEDGER: Final = "ledger.jsonl"
_LOCK = "lock"
_PART = ".part"
# Files that are merged at once: a process may have about a thousand open.
_MERGED_AT_ONCE = 200
_PACK_LEVEL = 6
_HASH_CHARS = 32


@dataclass(frozen=True, slots=True)
class Report:
    """Outcome of the sweep of one archive file. `failure` is "" unless nothing can be said of the file.

    `sha256` is that of the file, `index` that of the index; `modified_ns` is None for a remote file. `admitted`
    and `traced` are the pages that each step left (see `scan`), `hits` those that carry or quote a
    statement. `seconds` are those that its worker took.
    """

    name: str
    size: int | None = None
    modified_ns: int | None = None
    sha256: str = ""
    index: str = ""
    records: int = 0
    pages: int = 0
    admitted: int = 0
    traced: int = 0
    hits: int = 0
    seconds: float = 0.0
    passed_over: dict[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    failure: str = ""

    @property
    def result(self) -> str:
        """Name of the result file."""
        return f"{self.sha256[:_HASH_CHARS]}-{self.index[:_HASH_CHARS]}.jsonl"


@dataclass(frozen=True, slots=True)
class Found:
    """Row of a result file. `response` is None for a text that was taken from a page; then `text` is that."""

    row: dict[str, Any]
    captured_at: str
    response: WarcRecord | None
    text: str


class ResultWriter:
    """Writer of one result file, which sorts what comes in any order; memory has one entry for each row."""

    def __init__(self) -> None:
        self._spool = tempfile.TemporaryFile(prefix="statewire-")  # noqa: SIM115 - closed in `write_to`
        self._places: list[tuple[str, str, int, int]] = []

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self._places)

    def add(self, hit: Hit) -> None:
        """Add a page."""
        page, at = hit.page, format_utc(hit.page.captured_at)
        line = {"captured_at": at, "row": hit.row, "page": _packed(page.response, page.body)}
        content = json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        self._places.append((page.url, at, self._spool.tell(), len(content)))
        self._spool.write(content)

    def write_to(self, file: IO[bytes]) -> None:
        """Write all rows. A second capture of the same URL and second is left out: it is the same one."""
        with self._spool:
            last = ("", "")
            for url, at, start, length in sorted(self._places):
                if (url, at) != last:
                    self._spool.seek(start)
                    file.write(self._spool.read(length))
                last = url, at


class Folder:
    """Folder of a sweep. Only one process at a time sweeps into it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder, and clear what workers that were killed have left. Raise `InputError` if it is in use."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / _LOCK).open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise InputError(
                    f"another sweep is at work in {self.path}", hint="wait for it, or name another folder with --folder"
                ) from error
            for part in self.path.glob(f"*{_PART}"):
                part.unlink(missing_ok=True)
            yield

    def reports(self, index: str) -> dict[tuple[str, int | None, int | None], Report]:
        """Return what the ledger says of archive files that are done with an index, by name, size and modification."""
        found: dict[tuple[str, int | None, int | None], Report] = {}
        path = self.path / LEDGER
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            try:
                given = json.loads(line)
                report = Report(**given | {"problems": tuple(given["problems"])})
            except (ValueError, TypeError, KeyError):
                continue  # cut as the process ended, or of another version: the file is swept once more
            if report.index == index and (self.path / report.result).exists():
                found[report.name, report.size, report.modified_ns] = report
        return found

    def record(self, report: Report) -> None:
        """Add a file that is done to the ledger."""
        with (self.path / LEDGER).open("ab+") as ledger:
            # A line that was cut as a process ended must not take this one with it.
            is_cut = ledger.tell() > 0 and (ledger.seek(-1, os.SEEK_END), ledger.read(1))[1] != b"\n"
            ledger.write((b"\n" if is_cut else b"") + json.dumps(asdict(report)).encode() + b"\n")
            ledger.flush()
            os.fsync(ledger.fileno())

    def keep(self, name: str, content: IO[bytes]) -> None:
        """Write a result file, whole or not at all."""
        with tempfile.NamedTemporaryFile(dir=self.path, suffix=_PART, delete=False) as file:
            part = Path(file.name)
            try:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
                part.replace(self.path / name)
            except BaseException:
                part.unlink(missing_ok=True)
                raise

    def merged(self, reports: Iterable[Report]) -> Iterator[tuple[Found, str]]:
        """Yield the rows of some archive files with the name of the file, by URL and time, each capture once."""
        names: dict[str, str] = {}
        for report in sorted(reports, key=lambda each: each.name):
            names.setdefault(report.result, report.name)
        streams = [_lines(self.path / result, name) for result, name in sorted(names.items(), key=itemgetter(1))]
        with tempfile.TemporaryDirectory(prefix="statewire-") as scratch:
            last: tuple[str, str] | None = None
            for url, at, name, line in _merge(streams, Path(scratch)):
                if (url, at) != last:
                    yield _found(json.loads(line)), name
                last = url, at


def rows_of_pages(found: Iterable[tuple[Found, str]]) -> Iterator[dict[str, Any]]:
    """Yield one row for each page, from rows by URL and time: that of its last capture, with all captures."""
    for _, group in groupby(found, key=lambda each: each[0].row["url"]):
        captures, row = [], dict[str, Any]()
        for each, name in group:
            row = each.row
            captures.append({"captured_at": each.captured_at, "file": name, "relation": row["relation"]})
        yield row | {"captured_at": captures[-1]["captured_at"], "captures": captures}


_Line = tuple[str, str, str, bytes]


def _lines(path: Path, name: str) -> Iterator[_Line]:
    with path.open("rb") as file:
        for line in file:
            given = json.loads(line)
            yield given["row"]["url"], given["captured_at"], name, line


def _merge(streams: list[Iterator[_Line]], scratch: Path) -> Iterator[_Line]:
    """Merge sorted streams, some at a time: those of a large sweep are more than the files a process may open."""
    level = 0
    while len(streams) > _MERGED_AT_ONCE:
        merged = []
        for first in range(0, len(streams), _MERGED_AT_ONCE):
            path = scratch / f"{level}-{first}"
            with path.open("wb") as file:
                for _, _, name, line in heapq.merge(*streams[first : first + _MERGED_AT_ONCE]):
                    file.write(json.dumps(name).encode() + b"\t" + line)
            merged.append(_named_lines(path))
        streams, level = merged, level + 1
    yield from heapq.merge(*streams)


def _named_lines(path: Path) -> Iterator[_Line]:
    with path.open("rb") as file:
        for each in file:
            name, _, line = each.partition(b"\t")
            given = json.loads(line)
            yield given["row"]["url"], given["captured_at"], json.loads(name), line


def _packed(response: WarcRecord | None, body: bytes) -> dict[str, Any]:
    packed = base64.b64encode(zlib.compress(body if response is None else response.body, _PACK_LEVEL)).decode()
    if response is None:
        return {"text": packed}
    return {
        "url": response.url,
        "final_url": response.final_url,
        "status": response.status,
        "headers": response.headers,
        "is_cut": response.is_cut,
        "body": packed,
    }


def _found(line: dict[str, Any]) -> Found:
    page, at = line["page"], line["captured_at"]
    if "text" in page:
        return Found(line["row"], at, None, _unpacked(page["text"]).decode("utf-8", "replace"))
    headers = tuple((name, value) for name, value in page["headers"])
    record = WarcRecord(
        page["url"],
        parse_utc(at),
        page["status"],
        headers,
        _unpacked(page["body"]),
        page["is_cut"],
        page["final_url"],
    )
    return Found(line["row"], at, record, "")


def _unpacked(packed: str) -> bytes:
    return zlib.decompress(base64.b64decode(packed))
