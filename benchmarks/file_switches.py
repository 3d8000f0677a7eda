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
import sys
from collections import Counter
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.loopback import polled_site

if TYPE_CHECKING:
    from types import FrameType


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
    polls = count()
    counter = _SwitchCounter(checkout / "scraper")

    def answer(path: str, _port: int) -> tuple[str, bytes] | None:
        return ("application/rss+xml", _feed(next(polls))) if path == "/feed/" else None

    with polled_site(checkout, "canonical", answer) as poll:
        poll()
        sys.setprofile(counter)
        printed = poll()
        sys.setprofile(None)
    if "statement.revised" not in printed:
        raise SystemExit(f"the poll did not find the revision: {printed}")
    print(f"{len(counter.files)} files, {counter.switches.total()} switches")
    if given.list:
        for (before, after), number in counter.switches.most_common():
            print(f"{number:6} {before} -> {after}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
