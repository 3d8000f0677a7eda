"""Fixtures of the parsers' tests: a response as three files, which are its body, its request and its expected reading.

`DIR/<parser>/<name>` is the body, `<name>.request.json` has the URL, the time and what else a parser reads beside the
body, and `<name>.expected.json` the reading. A response that no parser can read is in the folder `unread`, and its
expected result is the problem.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import tempfile
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from scraper import __version__, urls
from scraper.clock import unlimited
from scraper.errors import InputError
from scraper.fetch.client import Fetcher
from scraper.model import Capture, EndpointKind, Outcome
from scraper.pipeline.reading import try_read
from scraper.serialize import format_utc, parse_utc

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.clock import Clock
    from scraper.config.settings import FetchSettings
    from scraper.fetch.request import Request
    from scraper.fetch.throttle import HostMemory

UNREAD = "unread"
REQUEST, EXPECTED = ".request.json", ".expected.json"
# The headers that parsers read; others may name this client or its network.
_HEADERS = frozenset({"content-type", "x-wp-totalpages"})
_MAX_HOST_CHARS, _MAX_PATH_CHARS, _DIGEST_CHARS = 60, 80, 8
_ODD, _ODD_IN_HOST = re.compile("[^a-z0-9]+"), re.compile("[^a-z0-9.-]+")
_ESCAPE = re.compile("%[0-9A-F]{2}")
# A shorter secret may be a word of the text by chance.
_MIN_SECRET_CHARS = 6


def load(path: Path) -> tuple[Capture, EndpointKind | None]:
    """Return the capture of a fixture and the kind as which it is read, None for that of its shape.

    `path` is that of its body.
    """
    row = json.loads(path.with_name(path.name + REQUEST).read_text("utf-8"))
    capture = Capture(
        row["url"],
        parse_utc(row["captured_at"]),
        Outcome.OK,
        row["status"],
        row.get("final_url", ""),
        tuple(row.get("headers", {}).items()),
        path.read_bytes(),
        row.get("detail", ""),
    )
    return capture, EndpointKind(row["kind"]) if "kind" in row else None


def expected(capture: Capture, kind: EndpointKind | None) -> dict[str, Any]:
    """Return the reading of a capture as a dictionary for JSON, or `{"problem": …}` if it cannot be read."""
    reading, error = try_read(capture, kind)
    return {"problem": error.problem} if error else _plain(reading)


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write one of the two JSON files of a fixture."""
    path.write_bytes(_json(value))


def _json(value: dict[str, Any]) -> bytes:
    # What UTF-8 cannot encode, a lone surrogate, becomes the escape sequence of JSON.
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def save(folder: Path, capture: Capture, kind: EndpointKind | None) -> tuple[Path, str]:
    """Write a document as a fixture; return the path of its body, and why it could not be read ("" if it could).

    The name ends with a hash of the content, so no other fixture is overwritten, and the same one is written once.
    Raise `OSError`, after a removal of what was written of it.
    """
    capture = _without_secrets(capture)
    # Read again as the test will read it, after secrets were removed.
    result = expected(capture, kind)
    request = _request(capture, kind)
    digest = hashlib.sha256(capture.body + _json(request | {"captured_at": ""})).hexdigest()[:_DIGEST_CHARS]
    name = f"{capture.captured_at:%Y-%m-%d}-{_slug(capture.url)}-{digest}.{_extension(capture, kind)}"
    path = folder / result.get("parser", UNREAD) / name
    if not path.with_name(name + EXPECTED).exists():  # the last that is written
        path.parent.mkdir(exist_ok=True)
        try:
            path.write_bytes(capture.body)
            write_json(path.with_name(name + REQUEST), request)
            write_json(path.with_name(name + EXPECTED), result)
        except OSError:
            for suffix in ("", REQUEST, EXPECTED):
                path.with_name(name + suffix).unlink(missing_ok=True)
            raise
    return path, result.get("problem", "")


def check_folder(folder: Path) -> None:
    """Create a folder for fixtures if it is missing; raise `InputError` if no file can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from error


class SavingFetcher(Fetcher):
    """Fetcher that also writes each document as a fixture and reports the file, or the reason for none, to `note`."""

    def __init__(
        self,
        folder: Path,
        note: Callable[[str], None],
        settings: FetchSettings,
        *,
        clock: Clock,
        hosts: HostMemory,
    ) -> None:
        super().__init__(settings, clock=clock, hosts=hosts)
        self._folder, self._note = folder, note

    def get(self, request: Request, *, time_left_s: Callable[[], float] = unlimited) -> Capture:
        """Fetch a document, also one that is unchanged since the last poll, and write it. Raise `InputError`."""
        capture = super().get(replace(request, etag=None, last_modified=None), time_left_s=time_left_s)
        if capture.outcome is not Outcome.OK:
            # Pages of a block often name the IP address of the client, and no parser reads them.
            self._note(f"no fixture of {urls.without_secrets(capture.url)[0]}: {try_read(capture)[1]}")
            return capture
        try:
            path, problem = save(self._folder, capture, None if request.kind is EndpointKind.PAGE else request.kind)
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        self._note(f"fixture {path}{f', which could not be read: {problem}' if problem else ''}")
        return capture


def _unwritable(folder: Path, error: OSError) -> InputError:
    what = f"{folder}: fixtures cannot be written there ({error.strerror or error})"
    return InputError(what, hint="give --save-fixture a folder in which you may create files")


def _plain(value: Any) -> Any:
    """Convert a reading to values of JSON, without fields that are empty or false."""
    if is_dataclass(value):
        pairs = ((field.name, _plain(getattr(value, field.name))) for field in fields(value))
        return {name: given for name, given in pairs if given not in (None, [], False)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _request(capture: Capture, kind: EndpointKind | None) -> dict[str, Any]:
    given = {
        "url": capture.url,
        "final_url": capture.final_url if capture.final_url != capture.url else "",
        "captured_at": format_utc(capture.captured_at),
        "status": capture.status,
        "headers": dict(reversed(capture.headers)),
        "detail": capture.detail,
        "kind": kind,
        "saved_by": f"statewire {__version__}",
    }
    return {name: value for name, value in given.items() if value}


def _without_secrets(capture: Capture) -> Capture:
    """Return a capture with the headers that parsers read, and without credentials, in its body as well."""
    url, secrets = urls.without_secrets(capture.url)
    final_url, others = urls.without_secrets(capture.final_url)
    body = capture.body
    for secret in {*secrets, *others}:
        for written in _spellings(secret):
            if len(written) >= _MIN_SECRET_CHARS:
                body = body.replace(written.encode("utf-8", "replace"), b"***")
    headers = tuple((name, value) for name, value in capture.headers if name in _HEADERS)
    # To the second, as it is written: the test reads the same time.
    captured_at = capture.captured_at.replace(microsecond=0)
    return replace(capture, url=url, final_url=final_url, headers=headers, body=body, captured_at=captured_at)


def _spellings(secret: str) -> set[str]:
    """Return a secret as a feed may repeat it with its own URL: escaped for URLs, XML or JSON."""
    plain = unquote(secret)
    escaped = quote(plain, safe="")
    lower = _ESCAPE.sub(lambda found: found[0].lower(), escaped)
    in_json = [json.dumps(text)[1:-1] for text in (secret, plain)]
    slashed = [text.replace("/", "\\/") for text in in_json]
    return {secret, plain, escaped, lower, html.escape(secret), html.escape(plain), *in_json, *slashed}


def _slug(url: str) -> str:
    """Return host and path of a URL as a part of a file name, in lower-case ASCII letters, digits, `-` and `.`."""
    after_host = url.partition("://")[2].partition("/")[2]
    host = _ODD_IN_HOST.sub("-", urls.host_key(url))[:_MAX_HOST_CHARS].strip("-.")
    path = _ODD.sub("-", unquote(after_host).lower()).strip("-")[:_MAX_PATH_CHARS].strip("-")
    return f"{host}-{path}" if path else host


def _extension(capture: Capture, kind: EndpointKind | None) -> str:
    start = capture.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"\x1f\x8b"):
        return "xml.gz"
    if start.startswith((b"{", b"[")):
        return "json"
    return "xml" if kind in {EndpointKind.FEED, EndpointKind.SITEMAP} or start.startswith(b"<?xml") else "html"
