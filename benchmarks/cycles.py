"""A watch that goes on for weeks keeps its memory: thousands of cycles of asking, telling and sending in one process.

    python -m benchmarks.cycles [CYCLES]

Each of CYCLES (default 2,000) cycles asks a feed on this machine over HTTP, which then names a new statement and has
changed every third one before, looks at statements at their own addresses as they are due, writes what happened, and
delivers the mails about it. Exit code 0 when the memory of the process, from the first eighth of the cycles on, stays
within a tenth.
"""

from __future__ import annotations

import gc
import random
import re
import sys
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from mailbox import Maildir
from pathlib import Path

from benchmarks.kill_daemon import PATH, settings
from scraper.clock import SimulatedClock
from scraper.daemon import memory
from scraper.daemon.daemon import Daemon
from scraper.store import Store

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
ITEMS = 10
LAMP = "/lamp-"
ROOM = 0.1
PATIENCE_S = 60.0
# A language has so many words in use; what is kept of each is bounded, but at far more.
_SOME = random.Random(1)
VOCABULARY = ["".join(_SOME.choices("aeioubdfgklmnprst", k=_SOME.randint(3, 9))) for _ in range(5_000)]


def words(number: int, edited: bool) -> str:
    """The text of one invented statement."""
    drawn = " ".join(random.Random(number).choices(VOCABULARY, k=60))
    return f"The Department {'did not welcome' if edited else 'welcomed'} lamp {number}. {drawn}."


def text_of(number: int, newest: int) -> str:
    """How a statement stands: of every third the wording is another one once two more have come."""
    return words(number, number % 3 == 0 and number + 2 <= newest)


def page(number: int, newest: int) -> bytes:
    """A statement's own page."""
    head = f"<!doctype html><html lang=en><head><title>Lamp {number}</title></head>"
    text = f"<article><h1>Lamp {number}</h1><p>{text_of(number, newest)}</p></article>"
    return f"{head}<body>{text}</body></html>".encode()


def feed(newest: int, base: str) -> bytes:
    """The last ten statements."""
    items = "".join(
        f"<item><title>Lamp {n}</title><link>{base}{LAMP}{n}/</link>"
        f'<guid isPermaLink="false">https://www.state.gov/?post_type=state_press_release&amp;p={n}</guid>'
        f"<pubDate>{START + n * QUARTER:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        f"<description><![CDATA[<p>{text_of(n, newest)}</p>]]></description></item>"
        for n in range(newest, newest - ITEMS, -1)
    )
    built = f"<lastBuildDate>{START + newest * QUARTER:%a, %d %b %Y %H:%M:%S} GMT</lastBuildDate>"
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Lamps</title>{built}{items}</channel></rss>'.encode()
    )


class Feed(BaseHTTPRequestHandler):
    """Answers with the feed as it is after one more statement."""

    newest = ITEMS

    def do_GET(self) -> None:
        """The feed, a statement's own page, or 404 for robots.txt."""
        kind, body = "text/html", b""
        if self.path == PATH:
            Feed.newest += 1
            kind, body = "application/rss+xml", feed(Feed.newest, f"http://{self.headers['Host']}")
        elif self.path.startswith(LAMP):
            body = page(int(self.path.removeprefix(LAMP).strip("/")), Feed.newest)
        self.send_response(200 if body else 404)
        self.send_header("content-type", f"{kind}; charset=UTF-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def memory_mb() -> float:
    """What the process has now."""
    gc.collect()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def main(cycles: int) -> int:
    """Run all cycles; the exit code."""
    server = HTTPServer(("127.0.0.1", 0), Feed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    clock, seen = SimulatedClock(START), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "x.db")
        daemon = Daemon(database, settings(Path(folder), server.server_port), clock)
        memory.settle()
        for cycle in range(1, cycles + 1):
            clock.sleep(QUARTER.total_seconds())
            daemon.tick()
            daemon.crew.wait(PATIENCE_S)
            daemon.send_mail()
            daemon.errands.wait(PATIENCE_S)
            if cycle % (cycles // 8) == 0:
                seen.append(memory_mb())
                with Store(database) as store:
                    told = store.events.last_id()
                sent = len(Maildir(Path(folder, "mail")))
                print(f"{cycle:6} cycles, {told:6} events, {sent:6} mails: {seen[-1]:6.1f} MB", flush=True)
        daemon.close()
    server.shutdown()
    grew = max(seen) / min(seen) - 1
    print(f"the largest is {100 * grew:.1f} % above the smallest (bound {100 * ROOM:.0f} %)")
    return 0 if grew <= ROOM and sent else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000))
