"""Ten simulated days of 50 sources on 10 hosts: whatever fails, all that happens is told, once, and nothing else.

    python -m benchmarks.ten_days [DAYS] [--seed N] [--few] [--keep FOLDER]

The real daemon, fetcher and store in simulated time. State and other sites publish, revise, touch, retitle, move,
withdraw and restore; others copy, alter and take down; hosts and lists fail in every way that `faults` knows; the
daemon is started anew, and its clock set wrong and right again. In the end everything that truly happened has to have
been told once, and mailed once; every outage as one incident; no host asked too soon, too often, two things at a time,
or what it does not allow; and the process has to be as large as it was after two days. Exit code 0 when all holds.

`--few`: 5 sources on 3 hosts, in seconds. `--keep`: where database and mail are left, to be looked into.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.ten_days.judge import judge
from benchmarks.ten_days.watch import Course
from benchmarks.ten_days.web import FEW, WHOLE

# What is measured is no disk.
_MEMORY = Path("/dev/shm")


def main() -> int:
    """Run one seed, print the figures and what does not hold."""
    parser = argparse.ArgumentParser(prog="benchmarks.ten_days")
    parser.add_argument("days", nargs="?", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--few", action="store_true")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as temporary:
        course = Course(given.keep or Path(temporary), given.seed, given.days, FEW if given.few else WHOLE)
        course.go()
        verdict = judge(course)
    wire = course.wire
    print(f"seed {given.seed}, {given.days:g} days: {len(course.health)} sources on {len(wire.hosts)} hosts")
    print(f"{course.runs} runs, {wire.requests} requests, {course.restarts} restarts, {course.cpu_s:.0f} s CPU")
    print(f"{len(wire.outages)} outages; struck: {_counted(wire.struck)}")
    print(f"{verdict.statements} statements; told: {_counted(verdict.told)}")
    print(
        f"{verdict.alerts} alerts in {verdict.mails} mails; {verdict.unseen} texts with a version that nobody could see"
    )
    print(*course.gauges, sep="\n")
    print(*verdict.faults or ("All of it holds.",), sep="\n")
    return bool(verdict.faults)


def _counted(numbers: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(numbers.items()))


if __name__ == "__main__":
    sys.exit(main())
