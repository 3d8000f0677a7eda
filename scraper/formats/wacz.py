"""Evidence bundles: WACZ files (version 1.1.1) whose bytes follow from their content; their writer, and their layout.

A time stamp is in `datapackage-digest.json`, which the specification has for signatures: it covers `datapackage.json`,
and through the hashes there every other member. Only `datapackage-digest.json` itself is covered by no hash.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Final

from scraper.errors import InputError
from scraper.formats.stored_zip import FullError, MemberWriter, StoredZipWriter
from scraper.formats.warc_writer import MAX_INDEX_BYTES, Response, WarcWriter
from scraper.serialize import format_utc

WACZ_VERSION: Final = "1.1.1"
WARC_NAME: Final = "data.warc.gz"
WARC: Final = f"archive/{WARC_NAME}"
INDEX: Final = "indexes/index.cdx"
PAGES: Final = "pages/pages.jsonl"
FACTS: Final = "evidence/evidence.json"
"""Subject of the bundle and its responses, for programs."""
READ_ME: Final = "evidence/index.html"
PACKAGE: Final = "datapackage.json"
DIGEST: Final = "datapackage-digest.json"
REQUIRED: Final = (WARC, INDEX, PAGES, FACTS, READ_ME, PACKAGE, DIGEST)
"""Members of each bundle. Between them and PACKAGE are texts; PACKAGE and DIGEST are the last two."""
MAX_TEXT_BYTES: Final = MAX_INDEX_BYTES + 1_000_000
"""Longest member except WARC, so that a reader can hold it in memory."""
TIME_STAMP: Final = "timeStamp"
"""Key in DIGEST of the time stamp, if there is one."""
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """Time stamp of RFC 3161: the response of the authority, and its certificates as PEM."""

    token: bytes
    certificates: str


class _Hashed:
    """Stream of a member that hashes what it passes on."""

    def __init__(self, member: MemberWriter) -> None:
        self._member = member
        self.hash = hashlib.sha256()

    def write(self, content: bytes) -> None:
        self.hash.update(content)
        self._member.write(content)


class BundleWriter:
    """Writer of a bundle into an empty file that can seek. Call `write_responses`, `add` and `finish` in this order.

    Raise `InputError` for a bundle that would be larger than a zip file can be.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = StoredZipWriter(file)
        self._resources: list[dict[str, Any]] = []

    def write_responses(self, responses: Iterable[Response], latest_at: datetime, title: str) -> None:
        """Write the members with the responses, one at a time, in the order of their times, and their indexes."""
        pages = [json.dumps({"format": "json-pages-1.0", "id": "pages", "title": "All Pages"})]
        with self._member(WARC) as sink:
            warc = WarcWriter(sink, WARC_NAME, latest_at)
            for response in responses:
                warc.add(response)
                if _is_page(response):
                    pages.append(_page_line(response, title))
        self.add(INDEX, "".join(f"{line}\n" for line in sorted(warc.lines)).encode())
        self.add(PAGES, "".join(f"{line}\n" for line in pages).encode())

    def add(self, name: str, content: bytes) -> None:
        """Write a member."""
        with self._member(name) as sink:
            if len(content) > MAX_TEXT_BYTES:
                raise FullError
            sink.write(content)

    def finish(self, facts: Mapping[str, Any], stamp: Callable[[bytes], TimeStamp] | None) -> str:
        """Write the description with the hashes of all members, and its own; return that one as hexadecimal digits.

        `facts` are further properties of the description. `stamp` returns the time stamp over its bytes.
        """
        head = {"profile": "data-package", "wacz_version": WACZ_VERSION}
        package = as_json({**head, **facts, "resources": self._resources})
        found = hashlib.sha256(package).hexdigest()
        rest = {} if stamp is None else {TIME_STAMP: _stamp_row(stamp(package))}
        self.add(PACKAGE, package)
        self.add(DIGEST, as_json({"path": PACKAGE, "hash": f"sha256:{found}", **rest}))
        with _bounded():
            self._zip.finish()
        return found

    @contextmanager
    def _member(self, name: str) -> Iterator[_Hashed]:
        with _bounded(), self._zip.member(name) as member:
            sink = _Hashed(member)
            yield sink
        self._resources.append(
            {
                "name": name.rpartition("/")[2].lower(),
                "path": name,
                "hash": f"sha256:{sink.hash.hexdigest()}",
                "bytes": member.size,
            }
        )


@contextmanager
def _bounded() -> Iterator[None]:
    try:
        yield
    except FullError:
        raise InputError(
            "the bundle would be too large: it has at most 4 GB, 10,000 members and 32 MB in a text or an index",
            hint="export a copy, a quotation or an event of it instead of the whole",
        ) from None


def as_json(value: Any) -> bytes:
    """Return a value as the JSON of bundles."""
    return json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "surrogatepass") + b"\n"


def _stamp_row(stamp: TimeStamp) -> dict[str, str]:
    token = base64.b64encode(stamp.token).decode()
    return {"over": PACKAGE, "type": "RFC 3161", "token": token, "certificates": stamp.certificates}


def _is_page(response: Response) -> bool:
    kind = next((value for name, value in response.headers if name == "content-type"), "")
    return response.status == 200 and kind.partition(";")[0].strip().lower() in _PAGE_TYPES


def _page_line(response: Response, title: str) -> str:
    at = format_utc(response.captured_at)
    identity = hashlib.sha256(f"{response.url} {at}".encode()).hexdigest()[:16]
    return json.dumps({"id": identity, "url": response.url, "ts": at, "title": title}, ensure_ascii=False)
