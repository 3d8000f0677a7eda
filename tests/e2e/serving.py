"""Real HTTP server on this machine, and the configuration that allows it to be fetched."""

from __future__ import annotations

import gzip
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FEED, PAGE = "/rss-feed/press-releases/feed/", "/lamps/"
_CONFIG = """\
fetch:
  contact: https://monitor.invalid/about
  retries: 0
  gap_s: 0.001
  allow_private: ["127.0.0.1:{port}", "127.0.0.1:9"]
sources:
  - name: state
    role: canonical
    endpoints: [{{kind: feed, url: "http://127.0.0.1:{port}/rss-feed/press-releases/feed/"}}]
  - name: nobody
    role: canonical
    enabled: false
    endpoints: [{{kind: feed, url: "http://127.0.0.1:9/feed/"}}]
"""


@dataclass
class Server:
    """What each path answers, packed as a real server would; and what it was asked."""

    port: int = 0
    answers: dict[str, tuple[int, bytes, dict[str, str]]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def config(self) -> str:
        return _CONFIG.format(port=self.port)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def says(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        kind = "application/rss+xml" if body.startswith(b"<?xml") else "text/html"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = status, body, {"content-type": f"{kind}; charset=UTF-8"} | named


@contextmanager
def serving() -> Iterator[Server]:
    """A server until the end of the block."""
    said = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            status, body, headers = said.answers.get(self.path, (404, b"not here", {}))
            if headers.get("etag") and self.headers.get("if-none-match") == headers["etag"]:
                status, body = 304, b""
            packed = gzip.compress(body, mtime=0) if body else b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if packed:
                self.send_header("content-encoding", "gzip")
            self.send_header("content-length", str(len(packed)))
            self.end_headers()
            self.wfile.write(packed)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        said.port = listening.server_port
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield said
        finally:
            listening.shutdown()
            thread.join()
