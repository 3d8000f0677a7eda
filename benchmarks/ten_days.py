"""Ten simulated days of 50 sources on 10 hosts: whatever fails, every event is reported once, none invented.

    python -m benchmarks.ten_days [DAYS] [--seed N] [--few] [--keep FOLDER]

The real daemon, fetcher and store run in simulated time. State publishes, revises, touches up, retitles, moves,
withdraws and restores statements; other sites copy, alter and delete them; hosts and lists fail in total ways of
`faults`; the daemon is restarted, and its clock is set wrong and right again. In the end every true event has to be
reported once and mailed once, and every outage as one incident; no host may have received a request too soon, too
often, in parallel with another, or against its robots.txt; and the process may not have grown since the second day.
Exit code 0 if all holds.

`--few`: 5 sources on 3 hosts, in seconds. `--keep`: folder in which database and mail are kept for inspection.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from fakes.world.judge import judge
from fakes.world.watch import Course
from fakes.world.web import FEW, WHOLE

# The disk is not part of the measurement.
_MEMORY = Path("/dev/shm")


def main() -> int:
    """Run one seed, print the figures and all faults, and return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.ten_days")
    parser.add_argument("days", nargs="?", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--few", action="store_true")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as temporary:
        course = Course(options.keep or Path(temporary), options.seed, options.days, FEW if options.few else WHOLE)
        course.go()
        verdict = judge(course)
    wire = course.wire
    print(f"seed {options.seed}, {options.days:g} days: {len(course.health)} sources on {len(wire.hosts)} hosts")
    print(f"{course.runs} runs, {wire.requests} requests, {course.restarts} restarts, {course.cpu_s:.0f} s CPU")
    print(f"{len(wire.outages)} outages; struck: {_counted(wire.struck)}")
    print(f"{verdict.statements} statements; reported: {_counted(verdict.reported)}")
    print(
        f"{verdict.alerts} alerts in {verdict.mails} mails; {verdict.unseen} texts with a version that nobody could see"
    )
    print(*course.gauges, sep="\n")
    print(*verdict.faults, sep="\n", end="\n" if verdict.faults else "")
    memory = [gauge.rss_mb for gauge in course.gauges[1:]] or [0.0]
    print(
        f"{verdict.reported.total()} events in {verdict.mails} mails, {min(memory):.0f} to {max(memory):.0f} MB:"
        f" {len(verdict.faults)} faults"
    )
    return bool(verdict.faults)


def _counted(numbers: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(numbers.items()))


if __name__ == "__main__":
    sys.exit(main())
