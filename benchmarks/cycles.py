"""A watch that goes on for weeks keeps its memory: thousands of cycles of asking, telling and sending in one process.

    python -m benchmarks.cycles [CYCLES]

Each of CYCLES (default 2,000) cycles asks a feed on this machine over HTTP, which then names a new statement and has
changed every third one before, writes what happened, and delivers the mails about it. A quarter of the cycles is left
for caches to fill. Exit code 0 when the memory of the process then stays within a tenth.
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
from pathlib import Path

from benchmarks.kill_daemon import PATH, settings
from scraper.clock import SimulatedClock
from scraper.fetch import Fetcher
from scraper.model import EventKind
from scraper.pipeline import run_source, telling
from scraper.pipeline.posting import post_due
from scraper.pipeline.ways import open_ways
from scraper.store import Store

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
ITEMS = 10
ROOM = 0.10
# A language has so many words in use; what is kept of each is bounded, but at far more.
_SOME = random.Random(1)
VOCABULARY = ["".join(_SOME.choices("aeioubdfgklmnprst", k=_SOME.randint(3, 9))) for _ in range(5_000)]


def words(number: int, edited: bool) -> str:
    """The text of one invented statement."""
    drawn = " ".join(random.Random(number).choices(VOCABULARY, k=60))
    return f"The Department {'did not welcome' if edited else 'welcomed'} lamp {number}. {drawn}."


def feed(newest: int) -> bytes:
    """The last ten statements; of every third the wording is another one once two more have come."""
    items = "".join(
        f"<item><title>Lamp {n}</title><link>https://www.state.gov/lamp-{n}/</link>"
        f'<guid isPermaLink="false">https://www.state.gov/?post_type=state_press_release&amp;p={n}</guid>'
        f"<pubDate>{START + n * QUARTER:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        f"<description><![CDATA[<p>{words(n, n % 3 == 0 and n + 2 <= newest)}</p>]]></description></item>"
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
        """The feed, or 404 for robots.txt."""
        body = b""
        if self.path == PATH:
            Feed.newest += 1
            body = feed(Feed.newest)
        self.send_response(200 if body else 404)
        self.send_header("content-type", "application/rss+xml")
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
    clock, seen, told, sent = SimulatedClock(START), [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings(Path(folder), server.server_port)
        (source,) = chosen.sources
        write = telling.writer(chosen, clock.now)
        with (
            Store(Path(folder, "x.db")) as store,
            Fetcher(chosen.fetch, clock=clock, hosts=store.hosts) as fetcher,
            open_ways(chosen, store.path, clock) as ways,
        ):
            for cycle in range(1, cycles + 1):
                clock.sleep(QUARTER.total_seconds())
                report = run_source(source, store=store, fetcher=fetcher, clock=clock, settings=chosen)
                told += sum(event.kind in {EventKind.PUBLISHED, EventKind.REVISED} for event in report.events)
                sent += post_due(store, chosen.alerts, clock, ways, write).sent
                if cycle % (cycles // 8) == 0:
                    seen.append(memory_mb())
                    print(f"{cycle:6} cycles, {told:6} events, {sent:6} mails: {seen[-1]:6.1f} MB", flush=True)
    server.shutdown()
    settled = seen[1:]
    grew = max(settled) / settled[0] - 1
    print(f"after a quarter of the cycles it grew by {100 * grew:.1f} % (bound {100 * ROOM:.0f} %)")
    return 0 if grew <= ROOM and sent else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000))
