"""Writer of WARC files with one gzip member for each response, and of their CDXJ index.

The bytes follow from the responses alone: ids of records are made of their contents, and no time of writing is stored.
"""

import base64
import hashlib
import json
import re
import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, Protocol
from urllib.parse import quote, urlsplit

from scraper import urls
from scraper.formats.stored_zip import FullError
from scraper.serialize import format_utc

FINAL_URI: Final = "Statewire-Final-URI"
"""Field of a record: the URL that gave the response, if redirects led there from `WARC-Target-URI`."""
INFO: Final = (
    ("software", "statewire"),
    ("format", "WARC File Format 1.1"),
    ("conformsTo", "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
    (
        "description",
        "Responses as statewire stored them. Bodies are decoded: content and transfer encoding are removed, and"
        " Content-Length is that of the decoded body. Of the headers only those that statewire keeps are here, with"
        f" names in lower case; version and reason phrase of the status line are not kept. {FINAL_URI} is the URL that"
        " gave the response if redirects led to it; responses of the redirects and requests are not kept."
        " WARC-Date of this record is that of the latest response.",
    ),
)
MAX_RECORD_BYTES: Final = 200_000_000
"""Longest record: the largest body that can be fetched is a sitemap, by default of 50 MB."""
MAX_INDEX_BYTES: Final = 32_000_000
_LEVEL = 6
_WWW = re.compile(r"www\d*\.")


class _Sink(Protocol):
    """Stream that takes bytes."""

    def write(self, content: bytes, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Response:
    """Response to be written: `body` is decoded, names of `headers` are in lower case."""

    url: str
    final_url: str
    captured_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class IndexRow(NamedTuple):
    """Row of a CDXJ index: a response, with its `content_type`, and where its record is in the WARC file."""

    url: str
    captured_at: datetime
    content_type: str
    status: str
    payload_digest: str
    offset: int
    length: int

    def line(self, file_name: str) -> str:
        """Return the row as a line without its end."""
        fields = {
            "url": self.url,
            "mime": self.content_type.partition(";")[0].strip().lower() or "unk",
            "status": self.status,
            "digest": self.payload_digest,
            "length": str(self.length),
            "offset": str(self.offset),
            "filename": file_name,
        }
        at = f"{self.captured_at.year:04}{self.captured_at:%m%d%H%M%S}"  # %Y writes the year 812 with three digits
        return f"{surt(self.url)} {at} {json.dumps(fields, ensure_ascii=False)}"


class WarcWriter:
    """Writer of the records of one WARC file named `name`; `lines` are those of its index."""

    def __init__(self, sink: _Sink, name: str, latest_at: datetime) -> None:
        self._sink = sink
        self._name = name
        self._offset = 0
        self._index_bytes = 0
        self.lines: list[str] = []
        block = "".join(f"{key}: {value}\r\n" for key, value in INFO).encode()
        fields = [("WARC-Filename", name)]
        self._write(_record("warcinfo", latest_at, fields, "application/warc-fields", block))

    def add(self, response: Response) -> None:
        """Append the record of a response. Raise `FullError` if it, or the index, would be too long."""
        block = http_head(response) + response.body
        if len(block) > MAX_RECORD_BYTES or self._index_bytes > MAX_INDEX_BYTES:
            raise FullError
        payload = digest(hashlib.sha256(response.body).digest())
        fields = [("WARC-Target-URI", response.url)]
        if response.final_url not in {"", response.url}:
            fields.append((FINAL_URI, response.final_url))
        fields.append(("WARC-Payload-Digest", payload))
        kind = "application/http; msgtype=response"
        offset = self._offset
        self._write(_record("response", response.captured_at, fields, kind, block))
        self.lines.append(self._line(response, payload, offset))
        self._index_bytes += len(self.lines[-1].encode()) + 1

    def _line(self, response: Response, payload: str, offset: int) -> str:
        kind = next((_header_value(value) for name, value in response.headers if name == "content-type"), "")
        status, length = str(response.status), self._offset - offset
        return IndexRow(response.url, response.captured_at, kind, status, payload, offset, length).line(self._name)

    def _write(self, record: bytes) -> None:
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        packed = packer.compress(record) + packer.flush()
        self._sink.write(packed)
        self._offset += len(packed)


def digest(sha256: bytes) -> str:
    """Return a SHA-256 as WARC and CDXJ write it."""
    return f"sha256:{base64.b32encode(sha256).decode()}"


def http_head(response: Response) -> bytes:
    """Return the header of a response as a block of HTTP/1.1, with the length of its decoded body."""
    lines = [f"HTTP/1.1 {response.status:03} "]  # the reason phrase is not stored, and no other one is invented
    for name, value in response.headers:
        lines.append(f"{name}: {len(response.body) if name == 'content-length' else _header_value(value)}")
    return "\r\n".join((*lines, "", "")).encode("latin-1")


def _header_value(value: str) -> str:
    """Return a value with characters that no header has as their escapes in a URL."""
    return "".join(c if ord(c) < 0x100 else quote(c, safe="") for c in value)


def _record(kind: str, at: datetime, fields: Iterable[tuple[str, str]], content_type: str, block: bytes) -> bytes:
    lines = [
        ("WARC-Type", kind),
        ("WARC-Date", format_utc(at)),
        *fields,
        ("WARC-Block-Digest", digest(hashlib.sha256(block).digest())),
        ("Content-Type", content_type),
        ("Content-Length", str(len(block))),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in lines)
    head = f"WARC/1.1\r\nWARC-Record-ID: <{uuid.uuid5(uuid.NAMESPACE_URL, head).urn}>\r\n{head}\r\n"
    return head.encode() + block + b"\r\n\r\n"


def surt(url: str) -> str:
    """Return the key by which an index sorts a URL: `https://www.state.gov/A/?b=2&a=1` is `gov,state)/a?a=1&b=2`."""
    parts = urlsplit(url)
    name = urls.ascii_host(urls.host(url))
    key = ",".join(reversed(_WWW.sub("", name, count=1).split(".")))
    if parts.port not in {None, urls.DEFAULT_PORTS.get(parts.scheme)}:
        key += f":{parts.port}"
    path = parts.path.lower().rstrip("/") or "/"
    query = "&".join(sorted(parts.query.lower().split("&")))
    return f"{key}){path}{'?' if query else ''}{query}".replace(" ", "%20")
