"""Site on this machine and a database of its own, polled by `statewire fetch` in this process, for benchmarks."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CONFIG = """\
fetch:
  contact: "https://example.org/statewire-operator"
  allow_private: ["127.0.0.1:{port}"]
  gap_s: 1
  state_gap_s: 2
sources:
  - {{name: site, role: {role}, endpoints: [{{kind: feed, url: "http://127.0.0.1:{port}/feed/"}}]}}
watches:
  - {{name: Everything, to: [desk@example.org], timezone: UTC, at_least: minor}}
"""


@contextmanager
def polled_site(
    checkout: Path, role: str, answer: Callable[[str, int], tuple[str, bytes] | None]
) -> Iterator[Callable[[], str]]:
    """Serve a site with a feed at `/feed/`, and yield a function that polls it once and returns the printed JSON.

    `answer(path, port)` returns the media type and body of a path, or None for 404. The code of `checkout` is used.
    """

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Send what `answer` gives."""
            found = answer(self.path, server.server_address[1])
            kind, body = found or ("text/plain", b"no such page")
            self.send_response(200 if found else 404)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    sys.path.insert(0, str(checkout))
    from scraper.cli import main as statewire

    server = HTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(_CONFIG.format(port=server.server_address[1], role=role), encoding="utf-8")
        arguments = ["--config", str(config), "--db", f"{folder}/statewire.db", "fetch", "--json", "site"]

        def poll() -> str:
            printed = io.StringIO()
            with (
                contextlib.suppress(SystemExit),
                contextlib.redirect_stdout(printed),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                statewire(arguments)
            return printed.getvalue()

        try:
            yield poll
        finally:
            server.shutdown()
            server.server_close()
