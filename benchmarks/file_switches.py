"""Count of the package's files that one poll of a State feed enters, and of the switches between them.

    python -m benchmarks.file_switches [--checkout DIR] [--list]

`statewire fetch` polls a feed of ten statements on this machine twice in one process. Of the second poll, with one new
and one revised statement, `run_source` is counted: from the first request to the last transaction, with the queueing of
alerts and without their rendering. A switch is a call from a function in one file of `scraper/` into one in another
file, or the return from it. `--checkout` counts the code of another checkout
with the interpreter that runs this command, so its dependencies have to be installed. `--list` prints the switches of
each pair of files.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_CONFIG = """\
fetch:
  contact: "https://example.org/statewire-operator"
  allow_private: ["127.0.0.1:{port}"]
  gap_s: 1
  state_gap_s: 2
sources:
  - name: press
    role: canonical
    endpoints: [{{kind: feed, url: "http://127.0.0.1:{port}/feed/"}}]
watches:
  - {{name: Everything, to: [desk@example.org], timezone: UTC, at_least: minor}}
"""


class _Feed(BaseHTTPRequestHandler):
    """Server of a feed that gains a statement and revises another after its first answer."""

    polls = 0

    def do_GET(self) -> None:
        """Send the feed, or 404 for anything else."""
        is_feed = self.path == "/feed/"
        body = _feed(_Feed.polls) if is_feed else b"no such page"
        _Feed.polls += is_feed
        self.send_response(200 if is_feed else 404)
        self.send_header("content-type", "application/rss+xml" if is_feed else "text/plain")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def _feed(poll: int) -> bytes:
    items = "".join(
        f"<item><title>Lamp {n} for Harbour {n}</title><link>https://www.state.gov/lamp-{n}/</link>"
        f'<guid isPermaLink="false">https://www.state.gov/?post_type=state_press_release&amp;p={n}</guid>'
        f"<pubDate>Mon, 02 Mar 2026 12:{n:02}:00 GMT</pubDate><description><![CDATA[<p>The United States gives"
        f" {n + (poll if n == 15 else 0)} lamps to the keepers of Harbour {n}, who wait for them since storm {n}.</p>"
        f"<p>Keeper {n} says that lamp {n} will be lit before winter {n}.</p>]]></description></item>"
        for n in range(20 + poll, 10 + poll, -1)
    )
    built = f"<lastBuildDate>Mon, 02 Mar 2026 13:{poll:02}:00 GMT</lastBuildDate>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{built}{items}</channel></rss>'.encode()


class _SwitchCounter:
    """Profile function that records each file of a package in the order in which functions of it run."""

    def __init__(self, package: Path) -> None:
        self._package = f"{package}/"
        self._stack: list[str | None] = []
        self._at: str | None = None
        self.files: Counter[str] = Counter()
        self.switches: Counter[tuple[str, str]] = Counter()

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        """Handle one event of `sys.setprofile`."""
        if not self._stack and frame.f_code.co_name != "run_source":
            return
        if event == "call":
            self._stack.append(self._at)
            name = frame.f_code.co_filename
            if name.startswith(self._package):
                self._move(name.removeprefix(self._package))
        elif event == "return" and self._stack:
            self._move(self._stack.pop())

    def _move(self, to: str | None) -> None:
        if to is None or to == self._at:
            return
        self.files[to] += 1
        if self._at is not None:
            self.switches[self._at, to] += 1
        self._at = to


def main() -> int:
    """Print both numbers for a checkout."""
    parser = argparse.ArgumentParser(prog="benchmarks.file_switches")
    parser.add_argument("--checkout", type=Path, default=Path.cwd())
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    checkout = given.checkout.resolve()
    sys.path.insert(0, str(checkout))
    from scraper.cli import main as statewire

    server = HTTPServer(("127.0.0.1", 0), _Feed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    counter = _SwitchCounter(checkout / "scraper")
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(_CONFIG.format(port=server.server_address[1]), encoding="utf-8")
        arguments = ["--config", str(config), "--db", f"{folder}/statewire.db", "fetch", "--json", "press"]
        for profile in (None, counter):
            printed = io.StringIO()
            sys.setprofile(profile)
            with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
                statewire(arguments)
            sys.setprofile(None)
    server.shutdown()
    if "statement.revised" not in printed.getvalue():
        raise SystemExit(f"the poll did not find the revision: {printed.getvalue()}")
    print(f"{len(counter.files)} files, {counter.switches.total()} switches")
    if given.list:
        for (before, after), number in counter.switches.most_common():
            print(f"{number:6} {before} -> {after}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
