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
from datetime import UTC, datetime, timedelta
from mailbox import Maildir
from pathlib import Path
from typing import TYPE_CHECKING

from fakes.state_site import PATH, XML, GrowingFeed
from fakes.wire import Server

from benchmarks.kill_daemon import settings
from scraper.clock import SimulatedClock
from scraper.daemon import memory
from scraper.daemon.daemon import Daemon
from scraper.store import Store

if TYPE_CHECKING:
    from fakes.wire import Exchange

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


def page(feed: GrowingFeed, number: int) -> bytes:
    """Return a statement's own page."""
    head = f"<!doctype html><html lang=en><head><title>Lamp {number}</title></head>"
    text = f"<article><h1>Lamp {number}</h1><p>{feed.text_of(number)}</p></article>"
    return f"{head}<body>{text}</body></html>".encode()


def serve_site() -> Server:
    """Start a site with a feed of ten statements that gains one with each request, and a page of each statement."""
    feed = GrowingFeed(newest=ITEMS, listed=ITEMS, text=words, published=lambda number: START + number * QUARTER)

    def answer(exchange: Exchange) -> None:
        if exchange.target == PATH:
            feed.newest += 1
            exchange.reply(feed.body(f"http://{exchange.headers['host']}"), headers={"Content-Type": XML})
        elif exchange.target.startswith(LAMP):
            exchange.reply(page(feed, int(exchange.target.removeprefix(LAMP).strip("/"))))
        else:
            exchange.reply(b"", status=404)

    return Server(otherwise=answer)


def memory_mb() -> float:
    """Return the current memory of the process in MB."""
    gc.collect()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def main(cycles: int) -> int:
    """Run all cycles and return the exit code."""
    server = serve_site()
    clock, seen = SimulatedClock(START), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "x.db")
        daemon = Daemon(database, settings(Path(folder), server.port), clock)
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
    server.close()
    grew = max(seen) / min(seen) - 1
    print(f"the largest is {100 * grew:.1f} % above the smallest (bound {100 * ROOM:.0f} %)")
    return 0 if grew <= ROOM and sent else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000))
