"""Servers of archives on this machine: https with its own authority, and S3 as moto serves it."""

from __future__ import annotations

import gzip
import http.client
import random
import ssl
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import trustme
from fakes.wire import Exchange, Server

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

CONTENT = gzip.compress(random.Random(1).randbytes(35_000))


@dataclass
class File:
    """A file with ranges. `faults` are what is done instead of, or before the end of, the next responses."""

    content: bytes = CONTENT
    tag: str = '"one"'
    has_ranges: bool = True
    faults: list[Callable[[File, Exchange], bool]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __call__(self, exchange: Exchange) -> None:
        wanted = exchange.headers.get("range", "")
        self.asked.append(wanted)
        if self.faults and self.faults.pop(0)(self, exchange):
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-") or 0) if self.has_ranges else 0
        headers = {"ETag": self.tag, "Content-Type": "application/gzip", "Content-Encoding": "gzip"}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
        exchange.reply(self.content[start:], status=206 if start else 200, headers=headers)


def status(number: int, **headers: str) -> Callable[[File, Exchange], bool]:
    def fault(_: File, exchange: Exchange) -> bool:
        exchange.reply(
            b"Not now", status=number, headers={name.replace("_", "-"): each for name, each in headers.items()}
        )
        return True

    return fault


def cut(size: int, *, with_length: bool = True) -> Callable[[File, Exchange], bool]:
    """End the connection after a part of the body, from wherever it was requested."""

    def fault(file: File, exchange: Exchange) -> bool:
        start = int(exchange.headers.get("range", "0").removeprefix("bytes=").removesuffix("-"))
        length = f"Content-Length: {len(file.content) - start}" if with_length else "Transfer-Encoding: chunked"
        part = f"Content-Range: bytes {start}-{len(file.content) - 1}/{len(file.content)}\r\n" if start else ""
        line = "206 Partial" if start else "200 OK"
        body = file.content[start : start + size]
        framed = body if with_length else f"{size:x}\r\n".encode() + body + b"\r\n"
        exchange.send(f"HTTP/1.1 {line}\r\nETag: {file.tag}\r\n{part}{length}\r\n\r\n".encode() + framed)
        return True

    return fault


@dataclass
class TlsServer(Server):
    context: Any = None

    def wrap(self, sock: socket.socket) -> socket.socket:
        return self.context.wrap_socket(sock, server_side=True)

    def url(self, path: str = "/") -> str:
        return f"https://{self.place}{path}"


@contextmanager
def https_server(authority: Path) -> Iterator[TlsServer]:
    """Serve by https, and write the certificate of the authority that has to be trusted."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    with TlsServer(context=context) as made:
        yield made


@contextmanager
def s3_server() -> Iterator[str]:
    """Serve S3 without buckets, and give its host and port."""
    from moto.server import ThreadedMotoServer  # takes a second

    made = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    made.start()
    try:
        host, port = made.get_host_and_port()
        yield f"{host}:{port}"
    finally:
        made.stop()


def put(place: str, path: str, content: bytes) -> None:
    """Make a bucket, or an object that all may read."""
    key = "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request"
    with closing(http.client.HTTPConnection(place)) as connection:
        connection.request("PUT", path, content, {"Authorization": key, "X-Amz-Acl": "public-read"})
        assert connection.getresponse().status == 200
