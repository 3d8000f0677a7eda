"""WARC files -> the answers recorded in them, in the order of their time."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from fastwarc.warc import ArchiveIterator, WarcRecordType

from scraper.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Record:
    """One recorded answer: `body` is as it came, content encoding included, transfer framing undone.

    `is_cut` says that fewer bytes are there than the record promises.
    """

    url: str
    captured_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_cut: bool = False


class Recordings:
    """Every HTTP answer of some WARC files, the oldest first whatever order the files have them in.

    Bodies wait in a temporary file, so that memory stays small; of a body longer than `max_bytes` only
    that much and one byte is kept, enough to find it too large. `problems` name what is damaged: what
    stands before the damage is still given. Raises `InputError` for a file that holds no such answer.
    """

    def __init__(self, paths: Sequence[Path], max_bytes: int) -> None:
        self.problems: list[str] = []
        self._spool = tempfile.TemporaryFile(prefix="statewire-")  # noqa: SIM115 - closed in `close`
        self._index: list[tuple[datetime, int, int, Record]] = []
        try:
            for path in paths:
                self._add(path, max_bytes)
        except BaseException:
            self.close()
            raise
        self._index.sort(key=lambda entry: entry[:2])

    def _add(self, path: Path, max_bytes: int) -> None:
        had = len(self._index)
        try:
            with path.open("rb") as file:
                for record in ArchiveIterator(
                    file, record_types=WarcRecordType.response, parse_http=True, auto_decode="transfer"
                ):
                    if record.http_headers is not None:
                        self._keep(_record(record, max_bytes))
        except FileNotFoundError:
            raise InputError(f"{path} does not exist", hint="check the name of the file") from None
        except IsADirectoryError:
            raise InputError(f"{path} is a folder", hint="name the WARC files in it") from None
        except (OSError, ValueError) as error:
            if len(self._index) == had:
                raise InputError(
                    f"{path} cannot be read as WARC: {error}", hint="name a .warc, .warc.gz or .jsonl file"
                ) from error
            self.problems.append(
                f"{path} is damaged after {len(self._index) - had} answers ({error}); what comes later is lost"
            )
        if len(self._index) == had:
            raise InputError(f"{path} holds no recorded HTTP answer", hint="name a .warc, .warc.gz or .jsonl file")
        if self._index[-1][3].is_cut:
            self.problems.append(f"{path} ends in the middle of an answer")

    def _keep(self, record: Record) -> None:
        self._index.append((record.captured_at, self._spool.tell(), len(record.body), replace(record, body=b"")))
        self._spool.write(record.body)

    def __len__(self) -> int:
        return len(self._index)

    def __iter__(self) -> Iterator[Record]:
        for _, at, length, record in self._index:
            self._spool.seek(at)
            yield replace(record, body=self._spool.read(length))

    def close(self) -> None:
        """Give the temporary file back."""
        self._spool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _record(record: Any, max_bytes: int) -> Record:
    # Before anything is read: what the record says is left of it once its HTTP header is parsed.
    promised = record.content_length
    body = record.reader.read(max_bytes + 1)
    headers = tuple((name.lower(), value) for name, value in record.http_headers.to_tuples())
    is_framed = any(name == "transfer-encoding" for name, _ in headers)
    length = next((value for name, value in headers if name == "content-length"), "")
    if not is_framed and length.isascii() and length.isdigit():
        promised = max(promised, int(length))
    url = record.headers.get("WARC-Target-URI", "").strip("<> ")
    if not url or record.record_date is None:
        raise ValueError("a record has no WARC-Target-URI or no WARC-Date")
    return Record(
        url,
        record.record_date,
        record.http_headers.status_code or 0,
        headers,
        body,
        is_cut=not is_framed and len(body) < min(promised, max_bytes + 1),
    )
