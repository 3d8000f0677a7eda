"""Network without sockets: each URL answers with the bytes that a test has set for it."""

from __future__ import annotations

import io
import ssl
import time
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx

from scraper.fetch.transport import GuardedTransport

_PUBLIC = "93.184.215.14"


def answer(body: bytes, status: int = 200, kind: str = "text/html; charset=UTF-8", **headers: str) -> bytes:
    """An answer that comes whole. Names of `headers` are written with `_` for `-`; a length may be made up."""
    fields = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
    fields |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + body


def unframed(body: bytes, kind: str = "text/html; charset=UTF-8") -> bytes:
    """Response whose body ends only with the connection."""
    return f"HTTP/1.1 200 Said\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode() + body


NOT_HERE = answer(b"Not here", 404, "text/plain")


@dataclass
class Web(httpcore.NetworkBackend):
    """Response of each URL, with its status line.

    `unsaid` answers every other URL; without it, they refuse the connection, but for a robots.txt, which is
    not there. `asked` lists the requests. `breaks` is called instead of any response. The URLs in `hanging` time
    out. `drip_s` is the pause before each byte. `addresses` are those of every host; none: no host is known.
    """

    answers: dict[str, bytes] = field(default_factory=dict)
    unsaid: bytes = b""
    asked: list[str] = field(default_factory=list)
    breaks: Exception | None = None
    hanging: set[str] = field(default_factory=set)
    drip_s: float = 0.0
    addresses: tuple[str, ...] = (_PUBLIC,)

    def says(self, url: str, body: bytes, status: int = 200, kind: str = "", **headers: str) -> None:
        """Set a response. With an `etag`, a request with that etag gets a 304."""
        guessed = "application/json" if body[:1] in b"[{" else "text/xml" if body[:5] == b"<?xml" else "text/html"
        self.answers[str(httpx.URL(url))] = answer(body, status, kind or f"{guessed}; charset=UTF-8", **headers)

    def is_silent(self, url: str) -> None:
        self.answers.pop(url, None)

    def transport(self) -> GuardedTransport:
        """The transport of a fetcher, from the address guard down to HTTP the one that is used in earnest."""
        return GuardedTransport(resolver=self._resolve, dial=self, ssl_context=_CONTEXT)

    def connect_tcp(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        return _Connection(self)

    def _resolve(self, _host: str, _port: int) -> tuple[str, ...]:
        if not self.addresses:
            raise OSError("no such host")
        return self.addresses

    def answer_to(self, url: str, fields: dict[str, str]) -> bytes:
        self.asked.append(url)
        if self.breaks is not None:
            raise self.breaks
        if url in self.hanging:
            raise httpcore.ReadTimeout
        found = self.answers.get(url) or self.unsaid or (NOT_HERE if url.endswith("/robots.txt") else b"")
        if not found:
            raise httpcore.ConnectError(f"nobody answers at {url}")
        known = {fields.get("if-none-match"), fields.get("if-modified-since")} - {None}
        head = found.partition(b"\r\n\r\n")[0].decode("latin-1")
        if any(line in head for name in known for line in (f"\r\nEtag: {name}", f"\r\nLast-Modified: {name}")):
            return head.replace(" 200 ", " 304 ", 1).encode("latin-1") + b"\r\n\r\n"
        return found


class _Connection(httpcore.NetworkStream):
    """One connection, which ends with its first answer."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._scheme = "http"
        self._request = b""
        self._answer = io.BytesIO()

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._request += buffer

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._request:
            first, *lines = self._request.decode("ascii").splitlines()
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            self._request = b""
            url = f"{self._scheme}://{fields['host']}{first.split(' ')[1]}"
            self._answer = io.BytesIO(self._web.answer_to(url, fields))
        if self._web.drip_s:
            time.sleep(self._web.drip_s)
            return self._answer.read(1)
        return self._answer.read(max_bytes)

    def start_tls(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        self._scheme = "https"
        return self

    def close(self) -> None:
        pass

    def get_extra_info(self, info: str) -> None:
        return None


_CONTEXT = ssl.create_default_context()
