"""Reader of JSON Lines files: one statement per line, exported from another collection."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from scraper import urls
from scraper.errors import InputError
from scraper.model import AUTHORITY, Precision
from scraper.rules.state_hosts import authority_of
from scraper.serialize import parse_iso
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_LINE_BYTES = 8_000_000
_HINT = "correct the line and import again; later lines were not read"
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
    problem: str = ""


def is_jsonl(path: Path) -> bool:
    """Return True if the name of a file ends with .jsonl or .ndjson."""
    return path.name.endswith((".jsonl", ".ndjson"))


def lines(path: Path) -> Iterator[JsonlStatement]:
    """Yield the statements of a file, line by line; empty lines are skipped.

    Each line is an object with `guid`, `url`, `title`, `published_at` (ISO 8601 with its offset, or a
    day), `html` or `text`, and optionally `byline`, `type`, `captured_at`, `authority`. Raise an
    `InputError` that names the line and the field for any other.
    """
    for number, raw, given in objects(path, hint=_HINT):
        try:
            statement = _statement(number, raw, _texts(given))
        except ValueError as error:
            raise InputError(f"{path}:{number}: {error}", hint=_HINT) from error
        yield statement


def objects(path: Path, *, hint: str = "") -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    """Yield (number, line, object) of each line that is not empty.

    Raise `InputError` if the file cannot be read or if a line is too long or no object, in that case with `hint`.
    """
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""), start=1):
                if raw.strip():
                    try:
                        yield number, raw, _object(raw)
                    except ValueError as error:
                        raise InputError(f"{path}:{number}: {error}", hint=hint) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}", hint="check the path") from error


def _object(raw: bytes) -> dict[str, Any]:
    """Parse a line. Raise `ValueError` with what is wrong with it, as do the functions below."""
    if len(raw) > MAX_LINE_BYTES:
        raise ValueError(f"is longer than {MAX_LINE_BYTES:,} bytes")
    try:
        given = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({error})") from error
    if not isinstance(given, dict):
        raise ValueError("is not a JSON object")
    return given


def _texts(given: dict[str, Any]) -> dict[str, Any]:
    """Return the known fields, each a text or None."""
    fields: dict[str, Any] = {key: given.get(key) for key in (*_REQUIRED, *_OPTIONAL)}
    for key, value in fields.items():
        if key in _REQUIRED and value in (None, ""):
            raise ValueError(f"{key} is required")
        if value is not None and not isinstance(value, str):
            raise ValueError(f"{key} should be text")
    if (fields["html"] is None) == (fields["text"] is None):
        raise ValueError("needs either html or text, and not both")
    fields |= {key: normalize.clean(fields[key]) for key in ("guid", "url", "title", "byline", "type") if fields[key]}
    fields["authority"] = normalize.clean(fields["authority"] or authority_of(fields["url"]))
    return fields


def _statement(number: int, raw: bytes, fields: dict[str, Any]) -> JsonlStatement:
    for key in ("guid", "title"):
        if not fields[key]:
            raise ValueError(f"{key} is empty")
    url = urls.admit(fields["url"])
    if url is None:
        raise ValueError(
            "url should be an absolute URL that begins with https:// or http://, of at most"
            f" {urls.MAX_URL_CHARS} characters"
        )
    if urls.has_credentials(fields["url"]):
        fields["problem"] = f"user and password are left out of the URL {url}"
    fields["url"] = url
    precision = Precision.DAY if _is_day(fields["published_at"]) else Precision.SECOND
    for key in ("published_at", "captured_at"):
        fields[key] = _moment(key, fields[key]) if fields[key] else None
    return JsonlStatement(number, raw.rstrip(b"\r\n"), precision=precision, **fields)


def _moment(key: str, value: str) -> datetime:
    try:
        return parse_iso(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{key} should be a time such as 2026-11-23T21:39:05Z") from error


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
