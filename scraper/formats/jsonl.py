"""Reader of JSON Lines files: one statement per line, exported from another collection."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from scraper import urls
from scraper.errors import InputError
from scraper.model import AUTHORITY, Precision
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_LINE_BYTES = 8_000_000
_REQUIRED = ("guid", "url", "title", "published_at")
_OPTIONAL = ("html", "text", "byline", "type", "captured_at", "authority")


@dataclass(frozen=True, slots=True)
class JsonlStatement:
    """Statement on one line; exactly one of `html` and `text` is set. `raw` is the line itself."""

    number: int
    raw: bytes
    guid: str
    url: str
    title: str
    published_at: datetime
    html: str | None = None
    text: str | None = None
    byline: str | None = None
    type: str | None = None
    captured_at: datetime | None = None
    authority: str = AUTHORITY
    precision: Precision = Precision.SECOND


def is_jsonl(path: Path) -> bool:
    """Return True if the name of a file ends with .jsonl or .ndjson."""
    return path.name.endswith((".jsonl", ".ndjson"))


def lines(path: Path) -> Iterator[JsonlStatement]:
    """Yield the statements of a file, line by line; empty lines are skipped.

    Each line is an object with `guid`, `url`, `title`, `published_at` (ISO 8601 with its offset, or a
    day), `html` or `text`, and optionally `byline`, `type`, `captured_at`, `authority`. Raise an
    `InputError` that names the line and the field for any other.
    """
    try:
        with path.open("rb") as file:
            number = 0
            while raw := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(raw) > MAX_LINE_BYTES:
                    raise _mistake(path, number, f"is longer than {MAX_LINE_BYTES:,} bytes")
                if raw.strip():
                    yield _line(path, number, raw)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror or error}", hint="check the name of the file"
        ) from error


def _line(path: Path, number: int, raw: bytes) -> JsonlStatement:
    try:
        given = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _mistake(path, number, f"is no JSON ({error})") from error
    if not isinstance(given, dict):
        raise _mistake(path, number, "is no JSON object")
    fields: dict[str, Any] = {key: given.get(key) for key in (*_REQUIRED, *_OPTIONAL)}
    for key, value in fields.items():
        if key in _REQUIRED and value in (None, ""):
            raise _mistake(path, number, f"{key} is required")
        if value is not None and not isinstance(value, str):
            raise _mistake(path, number, f"{key} should be text")
    if (fields["html"] is None) == (fields["text"] is None):
        raise _mistake(path, number, "needs either html or text, and not both")
    fields |= {key: normalize.clean(fields[key]) for key in ("guid", "url", "title", "byline", "type") if fields[key]}
    for key in ("guid", "title"):
        if not fields[key]:
            raise _mistake(path, number, f"{key} is empty")
    if not urls.is_http(fields["url"]):
        raise _mistake(path, number, "url should be an absolute URL that begins with https:// or http://")
    fields["precision"] = Precision.DAY if _is_day(fields["published_at"]) else Precision.SECOND
    for key in ("published_at", "captured_at"):
        fields[key] = _moment(path, number, key, fields[key]) if fields[key] else None
    fields["authority"] = normalize.clean(fields["authority"] or AUTHORITY)
    return JsonlStatement(number, raw.rstrip(b"\r\n"), **fields)


def _moment(path: Path, number: int, key: str, value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _mistake(path, number, f"{key} should be a time such as 2026-11-23T21:39:05Z") from error


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _mistake(path: Path, number: int, what: str) -> InputError:
    return InputError(f"{path}:{number}: {what}", hint="correct the line and import again; no line after it was read")
