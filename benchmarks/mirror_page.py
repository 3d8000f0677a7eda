"""CPU of one page of a mirror, from its request to the stored copy.

    python -m benchmarks.mirror_page [--checkout DIR]

`statewire fetch` polls a mirror on this machine five times in one process. Each time its feed names five new pages of
123 KB, with 300 links, 900 blocks beside the article, and a claim. Prints the milliseconds of CPU for each page (the
request, robots.txt and the feed included) of each poll and their median without the first, which loads libraries.
`--checkout` measures the code of another checkout with the interpreter that runs this command: compare in pairs.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

POLLS, PAGES = 5, 5
_CONFIG = """\
fetch:
  contact: "https://example.org/statewire-operator"
  allow_private: ["127.0.0.1:{port}"]
  gap_s: 1
  state_gap_s: 2
sources:
  - name: gazette
    role: mirror
    endpoints: [{{kind: feed, url: "http://127.0.0.1:{port}/feed/"}}]
"""
_ARTICLE = "".join(
    f"<p>Paragraph {n}: the United States gives {n} lamps to the keepers of Harbour {n}, who wait since storm {n}.</p>"
    for n in range(40)
)
_LINKS = "".join(f"<li><a href='/link-{n}/'>Link number {n}</a></li>" for n in range(300))
_BLOCKS = "".join(
    f"<div class='c'><p>The quick keeper lights lamp {n} and runs along the quay to sea with rope and oil.</p></div>"
    for n in range(900)
)


class _Gazette(BaseHTTPRequestHandler):
    """Server of a mirror whose feed names five new pages with each answer."""

    polls = 0

    def do_GET(self) -> None:
        """Send the feed, a page, or 404 for anything else."""
        status, kind, body = 404, "text/plain", b"no such page"
        if self.path == "/feed/":
            status, kind, body = 200, "application/rss+xml", self._feed()
            _Gazette.polls += 1
        elif self.path.startswith("/page-"):
            status, kind, body = 200, "text/html; charset=utf-8", _page(self.path.strip("/").removeprefix("page-"))
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _feed(self) -> bytes:
        items = "".join(
            f"<item><title>Lamps {n}</title><link>http://127.0.0.1:{self.server.server_address[1]}/page-{n}/</link></item>"
            for n in range(self.polls * PAGES, (self.polls + 1) * PAGES)
        )
        return f"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


def _page(number: str) -> bytes:
    head = f"<!doctype html><html lang=en><head><title>Lamps {number}</title></head>"
    claim = f"<p>Source: https://www.state.gov/lamps-{number}/</p>"
    article = f"<article><h1>Lamps {number}</h1>{_ARTICLE}{claim}</article>"
    return f"{head}<body><nav><ul>{_LINKS}</ul></nav>{article}<aside>{_BLOCKS}</aside></body></html>".encode()


def main() -> int:
    """Print the figures for a checkout."""
    parser = argparse.ArgumentParser(prog="benchmarks.mirror_page")
    parser.add_argument("--checkout", type=Path, default=Path.cwd())
    sys.path.insert(0, str(parser.parse_args().checkout.resolve()))
    from scraper.cli import main as statewire

    server = HTTPServer(("127.0.0.1", 0), _Gazette)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(_CONFIG.format(port=server.server_address[1]), encoding="utf-8")
        arguments = ["--config", str(config), "--db", f"{folder}/statewire.db", "fetch", "gazette"]
        for _ in range(POLLS):
            started_s = time.process_time()
            with (
                contextlib.suppress(SystemExit),
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                statewire(arguments)
            figures.append((time.process_time() - started_s) / PAGES * 1000)
    server.shutdown()
    print(*(f"{figure:.0f}" for figure in figures), f"ms a page; median {statistics.median(figures[1:]):.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
