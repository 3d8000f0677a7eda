"""Memory of a monitor over weeks: thousands of cycles of polling, storing and mailing in one process.

    python -m benchmarks.cycles [CYCLES]

Each of CYCLES (default 2,000) cycles polls a feed on this machine over HTTP, which then lists a new statement and has
changed every third one before, rechecks statements at their own URLs as they are due, stores the events, and delivers
the mails about them. Exit code 0 if the memory of the process stays within 10 % of its size after the first eighth of
the cycles.
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
# About as many words as a language uses; caches by word are bounded, but at far more.
_SOME = random.Random(1)
VOCABULARY = ["".join(_SOME.choices("aeioubdfgklmnprst", k=_SOME.randint(3, 9))) for _ in range(5_000)]


def words(number: int, edited: bool) -> str:
    """Return the text of one invented statement."""
    drawn = " ".join(random.Random(number).choices(VOCABULARY, k=60))
    return f"The Department {'did not welcome' if edited else 'welcomed'} lamp {number}. {drawn}."


def text_of(number: int, newest: int) -> str:
    """Return a statement's current text: every third one is edited once two newer ones exist."""
    return words(number, number % 3 == 0 and number + 2 <= newest)


def page(number: int, newest: int) -> bytes:
    """Return a statement's own page."""
    head = f"<!doctype html><html lang=en><head><title>Lamp {number}</title></head>"
    text = f"<article><h1>Lamp {number}</h1><p>{text_of(number, newest)}</p></article>"
    return f"{head}<body>{text}</body></html>".encode()


def feed(newest: int, base: str) -> bytes:
    """Return a feed of the last ten statements."""
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
    """Server of a feed that gains a statement with each request."""

    newest = ITEMS

    def do_GET(self) -> None:
        """Send the feed, a statement's own page, or 404 for robots.txt."""
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
        """Write no log."""


def memory_mb() -> float:
    """Return the current memory of the process in MB."""
    gc.collect()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def main(cycles: int) -> int:
    """Run all cycles and return the exit code."""
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
            daemon.source_jobs.wait(PATIENCE_S)
            daemon.send_mail()
            daemon.background_jobs.wait(PATIENCE_S)
            if cycle % (cycles // 8) == 0:
                seen.append(memory_mb())
                with Store(database) as store:
                    events = store.events.last_id()
                sent = len(Maildir(Path(folder, "mail")))
                print(f"{cycle:6} cycles, {events:6} events, {sent:6} mails: {seen[-1]:6.1f} MB", flush=True)
        daemon.close()
    server.shutdown()
    grew = max(seen) / min(seen) - 1
    print(f"the largest is {100 * grew:.1f} % above the smallest (bound {100 * ROOM:.0f} %)")
    return 0 if grew <= ROOM and sent else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000))
