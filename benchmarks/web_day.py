"""Simulated day of the daemon while its database is served and read: no lock, no error on any side, nothing lost.

    python -m benchmarks.web_day [DAYS] [--readers N] [--seed N] [--site] [--few]

The daemon, fetcher and store of `ten_days` run in simulated time; the server of `statewire web` and readers that follow
links from page to page run beside them, as fast as they can. In the end every event has to be reported as if nobody had
read, the daemon may have logged no error, and every page has to have been there. Exit code 0 if all holds.

`--site` writes the static site beside them as well, again and again. `--few`: 5 sources on 3 hosts, in seconds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from fakes.readers import Readers, Repeated
from fakes.world.judge import judge
from fakes.world.watch import Course
from fakes.world.web import FEW, WHOLE
from serving import serving

from scraper.clock import Clock
from scraper.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

# The disk is not part of the measurement.
_MEMORY = Path("/dev/shm")


def main() -> int:
    """Run one seed, print the figures and all faults, and return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.web_day")
    parser.add_argument("days", nargs="?", type=float, default=2.0)
    parser.add_argument("--readers", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--site", action="store_true")
    parser.add_argument("--few", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as temporary:
        course = Course(Path(temporary), options.seed, options.days, FEW if options.few else WHOLE)
        Store(course.database).close()
        with (
            serving(course.database, course.settings, Clock()) as root,
            Readers(root, options.readers, options.seed) as readers,
            ExitStack() as stack,
        ):
            writer = stack.enter_context(Repeated(_site(course))) if options.site else None
            course.go()
        verdict = judge(course)
    faults = [*verdict.faults, *readers.failures, *(writer.failures if writer else ())]
    milliseconds = [seconds * 1_000 for seconds in readers.seconds]
    print(*faults[:50], sep="\n", end="\n" if faults else "")
    print(
        f"{verdict.reported.total()} events, {verdict.statements} statements; {len(milliseconds)} pages read,"
        f" {median(milliseconds):.0f} ms (95 %: {quantiles(milliseconds, n=20)[-1]:.0f} ms): {len(faults)} faults"
    )
    return bool(faults)


def _site(course: Course) -> Callable[[], str]:
    from scraper.web.site import write_site

    def write() -> str:
        return "; ".join(write_site(course.database, course.folder / "site", course.settings, Clock()).failed)

    return write


if __name__ == "__main__":
    sys.exit(main())
