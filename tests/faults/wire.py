"""Network without sockets: each URL answers with the bytes that a test has set for it."""

from __future__ import annotations

import io
import ssl
from dataclasses import dataclass, field
from typing import Any

import httpcore

from scraper.fetch.transport import GuardedTransport

_NOT_HERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 8\r\nConnection: close\r\n\r\nNot here"
_PUBLIC = "93.184.215.14"


@dataclass
class Web(httpcore.NetworkBackend):
    """What each `https` address answers, status line and all; what is not said is not there.

    `asked` is what was. `breaks` is what happens in place of any answer.
    """

    answers: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    breaks: Exception | None = None

    def transport(self) -> GuardedTransport:
        """The transport of a fetcher, from the address guard down to HTTP the one that is used in earnest."""
        return GuardedTransport(resolver=lambda host, port: [_PUBLIC], dial=self, ssl_context=_CONTEXT)

    def connect_tcp(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        return _Connection(self)


class _Connection(httpcore.NetworkStream):
    """One connection, which ends with its first answer."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._request = b""
        self._answer = io.BytesIO()

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._request += buffer
        if buffer.endswith(b"\r\n\r\n"):
            first, *fields = self._request.decode("ascii").splitlines()
            host = next(value.strip() for name, _, value in (f.partition(":") for f in fields) if name == "Host")
            url = f"https://{host}{first.split(' ')[1]}"
            self._web.asked.append(url)
            self._answer = io.BytesIO(self._web.answers.get(url, _NOT_HERE))

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._web.breaks is not None:
            raise self._web.breaks
        return self._answer.read(max_bytes)

    def start_tls(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        return self

    def close(self) -> None:
        pass

    def get_extra_info(self, info: str) -> None:
        return None


_CONTEXT = ssl.create_default_context()


def answer(body: bytes, status: int = 200, kind: str = "text/html; charset=UTF-8", **headers: str) -> bytes:
    """An answer that comes whole. Names of `headers` are written with `_` for `-`; a length may be made up."""
    fields = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
    fields |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + body


def unframed(body: bytes, kind: str = "text/html; charset=UTF-8") -> bytes:
    """An answer of which nothing but the end of the connection says where it ends."""
    return f"HTTP/1.1 200 Said\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode() + body
