"""Real HTTP server on this machine with responses scripted byte by byte."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

PAGE = b"<!DOCTYPE html><html><head><title>Readout of a call</title></head><body><h1>Readout</h1></body></html>"

Handler = Callable[["Exchange"], None]


@dataclass
class Exchange:
    """One request as the server got it, and the raw socket to answer it on."""

    target: str
    headers: dict[str, str]
    sock: socket.socket
    body: bytes = b""
    method: str = "GET"

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def reply(self, body: bytes = PAGE, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        fields = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body)), **(headers or {})}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.send(f"HTTP/1.1 {status} Said\r\n{lines}Connection: close\r\n\r\n".encode("latin-1") + body)

    def redirect(self, location: str, *, status: int = 302) -> None:
        self.reply(b"", status=status, headers={"Location": location})

    def reset(self) -> None:
        """End the connection with RST, as a failing middlebox does."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


def not_here(exchange: Exchange) -> None:
    exchange.reply(b"", status=404)


@dataclass
class Server:
    """Answers each path by its handler, and all others by `otherwise`; keeps what it was asked."""

    address: str = "127.0.0.1"
    routes: dict[str, Handler] = field(default_factory=dict)
    otherwise: Handler = not_here
    robots: str | None = None
    seen: list[Exchange] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self.closing = threading.Event()
        self._listener = socket.create_server((self.address, 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def place(self) -> str:
        return f"{self.address}:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.place}{path}"

    def hits(self, path: str) -> int:
        return sum(exchange.target == path for exchange in self.seen)

    def wrap(self, sock: socket.socket) -> socket.socket:
        return sock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.closing.set()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        try:
            raw.settimeout(10)
            with self.wrap(raw) as sock:
                self._answer(sock)
        except OSError:
            raw.close()  # the client went away first, which is what many tests are about

    def _answer(self, sock: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = sock.recv(65536)
            if not piece:
                return
            head += piece
        head, _, body = head.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        while len(body) < int(headers.get("content-length", 0)) and (piece := sock.recv(65536)):
            body += piece
        method, target, _ = first.split(" ")
        exchange = Exchange(target, headers, sock, body, method)
        self.seen.append(exchange)
        if exchange.target == "/robots.txt" and "/robots.txt" not in self.routes:
            if self.robots is None:
                not_here(exchange)
            else:
                exchange.reply(self.robots.encode(), headers={"Content-Type": "text/plain"})
            return
        self.routes.get(exchange.target.partition("?")[0], self.otherwise)(exchange)
