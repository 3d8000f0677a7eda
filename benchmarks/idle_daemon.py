"""Memory and CPU time of an idle daemon with a hundred sources.

    python -m benchmarks.idle_daemon [SECONDS] [MIRRORS]

Starts `statewire run` as a process of its own with the default settings and a hundred sources that are polled every
hour, each at an IP address of its own on this machine. MIRRORS of them (default 0) copy statements of the others, page
by page. When each has been polled once, which takes five minutes, the daemon is left alone for SECONDS (default 120)
and measured from outside, in /proc. Exit code 0 if it stays below 80 MB and 0.5 % of one core.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from fakes.state_site import XML, lamp_feed
from fakes.wire import Server

from scraper.store import Store

if TYPE_CHECKING:
    from fakes.wire import Exchange

MAX_MB, MAX_SHARE = 80.0, 0.005
SOURCES = 100
LONGEST_WAIT_S = 600.0
# After the last poll: its mail is sent with the next tick.
SETTLED_S = 15.0
ITEMS, COPIED = 10, 3
DAEMON = [sys.executable, "-c", "from scraper.cli import main; main()"]


def text(number: int) -> str:
    """Return the text of one invented statement, in paragraphs."""
    some = random.Random(number)
    drawn = [f"{some.choice('bdfgklmnprst')}{some.choice('aeiou')}{some.randrange(10_000)}" for _ in range(400)]
    return "".join(f"<p>The lamps of {' '.join(drawn[n : n + 40])}.</p>" for n in range(0, 400, 40))


def page(number: int) -> bytes:
    """Return the page of a site that copies a statement."""
    neighbours = "".join(f'<li><a href="/more/{n}">Other news of day {n}</a></li>' for n in range(200))
    return (
        f"<!doctype html><html lang=en><head><title>Lamp {number}</title></head><body><nav><ul>{neighbours}</ul></nav>"
        f"<article><h1>Lamp {number}</h1><time datetime=2026-03-02>2 March 2026</time>{text(number)}</article></body>"
    ).encode()


def answer(exchange: Exchange, source: int, mirrors: int) -> None:
    """Answer for one of the sources, the last `mirrors` of which copy: with its feed, or with the page of a copy."""
    base = f"http://{exchange.headers['host']}"
    if exchange.target.endswith("/feed/"):
        is_mirror = source > SOURCES - mirrors
        first = (random.Random(source).randrange(1, SOURCES - mirrors + 1) if is_mirror else source) * ITEMS
        texts = {n: text(n) for n in range(first, first + (COPIED if is_mirror else ITEMS))}
        guids = {"guids": base} if is_mirror else {}
        exchange.reply(lamp_feed(texts, base, **guids), headers={"Content-Type": XML})
    elif exchange.target.startswith("/lamp-"):
        exchange.reply(page(int(exchange.target.strip("/").rpartition("-")[2])))
    else:
        exchange.reply(b"", status=404)


def configuration(places: list[str], mirrors: int) -> str:
    """Return the configuration; mirrors come last, so that there are statements to copy."""
    return yaml.safe_dump(
        {
            "fetch": {
                "contact": "https://monitor.invalid/about",
                "gap_s": 0.001,
                "retries": 0,
                "allow_private": places,
            },
            "sources": [
                {
                    "name": f"lamps-{n}",
                    "role": "mirror" if n > SOURCES - mirrors else "canonical",
                    "every": "1h",
                    "endpoints": [{"kind": "feed", "url": f"http://{place}/feed/"}],
                }
                for n, place in enumerate(places, start=1)
            ],
            "watches": [{"name": "all", "to": ["desk@example.org"]}],
        }
    )


def wait_until_asked(database: Path) -> None:
    """Wait until every source has answered once."""
    until = time.monotonic() + LONGEST_WAIT_S
    while time.monotonic() < until:
        time.sleep(1.0)
        if database.exists():
            with Store(database) as store:
                if sum(state.last_success_at is not None for state in store.sources.all()) == SOURCES:
                    return
    sys.exit(f"not all of {SOURCES} sources answered within {LONGEST_WAIT_S:.0f} s")


def memory_mb(process: int, key: str) -> float:
    """Return a process's memory in MB: `VmRSS` is current, `VmHWM` the peak."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024


def processor_s(process: int) -> float:
    """Return the CPU time of a process in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(seconds: int, mirrors: int) -> None:
    """Start a daemon, let it poll once and then idle; print memory and CPU time; exit with an error above a limit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        servers = [
            Server(f"127.0.0.{n}", otherwise=partial(answer, source=n, mirrors=mirrors)) for n in range(1, SOURCES + 1)
        ]
        places = [server.place for server in servers]
        (folder / "config.yaml").write_text(configuration(places, mirrors), encoding="utf-8")
        with (folder / "log").open("wb") as log:
            daemon = subprocess.Popen([*DAEMON, "--db", "x.db", "run"], cwd=folder, stderr=log)
            try:
                wait_until_asked(folder / "x.db")
                busy_s, peak_mb = processor_s(daemon.pid), memory_mb(daemon.pid, "VmHWM")
                time.sleep(SETTLED_S)
                before_s = processor_s(daemon.pid)
                time.sleep(seconds)
                share = (processor_s(daemon.pid) - before_s) / seconds
                used_mb = memory_mb(daemon.pid, "VmRSS")
                daemon.send_signal(signal.SIGTERM)
                code = daemon.wait(30)
            finally:
                daemon.kill()
                daemon.wait()
        with Store(folder / "x.db") as store:
            kept = f"{store.statements.count()} statements, {store.copies.count()} copies"
    print(f"{SOURCES} sources, {mirrors} of them mirrors; {kept}; first looks: {busy_s:.0f} s of processor time")
    print(f"idle for {seconds} s: {used_mb:.1f} MB ({peak_mb:.1f} at the most), {share:.2%} of a core")
    if code:
        sys.exit(f"it ended with {code}")
    if used_mb > MAX_MB or share > MAX_SHARE:
        sys.exit(f"beyond the bounds: {MAX_MB:.0f} MB, {MAX_SHARE:.1%} of a core")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 120, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
