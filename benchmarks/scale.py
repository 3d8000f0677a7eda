"""CPU, time and memory of each reading command over databases of several sizes, and their size for each statement.

    python -m benchmarks.scale FOLDER [--sizes 1000 40000 200000] [--rounds 3]

Writes `FOLDER/SIZE.db` with `benchmarks.big_database` unless it exists (see there for how long that takes). Runs each
command once to fill the cache of files, then ROUNDS times, over one database after the other in each round, and prints
the medians as a table: CPU of the whole process (user and system), time, and peak memory. The last rows are the CPU for
500 items of a list that are not known yet, as a sitemap may name them, and the size of the file. Exit code 1 if a
figure is beyond its bound.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from scraper.model import Item
from scraper.store import Store

STATEWIRE = [sys.executable, "-c", "from scraper.cli import main; main()"]
COMMANDS: Final = (
    "--version",
    "list -n 20",
    "list -n 20 --changed",
    "list -n 20 --since 2026-01-01",
    "list -n 20 --country Laos",
    "show 500",
    "show nothing",
    "search -n 20 'the United States'",
    "search -n 20 ceasefire",
    "events -n 20",
    "copies -n 20",
    "quotes -n 20",
    "outlets",
    "status",
    "alerts list -n 20",
    "doctor",
    "doctor --full",
)
BOUNDS_MS: Final = {"list -n 20": 300, "search -n 20 'the United States'": 250, "doctor": 3_000}
"""Bounds of the CPU at 200,000 statements."""
UNKNOWN, UNKNOWN_MS = 500, 500
LARGE = 200_000


class Figures(NamedTuple):
    """Measured figures of one call: CPU and time in milliseconds, peak memory in MB."""

    cpu_ms: float
    wall_ms: float
    memory_mb: float


def measure(db: Path, command: str) -> Figures:
    """Run a command over a database as a process of its own."""
    arguments = ["--config", f"{db}.yaml", "--db", str(db), *shlex.split(command)]
    began_s = time.monotonic()
    with subprocess.Popen([*STATEWIRE, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1}:  # 1: nothing was found
        raise RuntimeError(f"{command} ended with {process.returncode}")
    cpu_ms = (used.ru_utime + used.ru_stime) * 1000
    return Figures(cpu_ms, (time.monotonic() - began_s) * 1000, used.ru_maxrss / 1024)


def look_up_ms(db: Path) -> float:
    """Return the CPU in milliseconds for the look-up of items that are no statement."""
    with Store(db) as store:
        began_s = time.process_time()
        for number in range(UNKNOWN):
            url = f"https://www.state.gov/unknown-lamps-{number}/"
            assert store.statements.candidates(Item(url, "Lamps", f"{url}?p={10**9 + number}")) == []
        return (time.process_time() - began_s) * 1000


def write(folder: Path, size: int) -> Path:
    """Return the database of a size, which is written if there is none."""
    db = folder / f"{size}.db"
    if not db.exists():
        subprocess.run([sys.executable, "-m", "benchmarks.big_database", db, "--statements", str(size)], check=True)
    return db


def main(folder: Path, sizes: list[int], rounds: int) -> int:
    """Measure, print the tables, and return the exit code."""
    databases = {size: write(folder, size) for size in sizes}
    beyond = []
    print(f"| CPU, time, memory | {' | '.join(f'{size:,}' for size in sizes)} | bound |")
    print("|---" * (len(sizes) + 2) + "|")
    for command in COMMANDS:
        found: dict[int, list[Figures]] = {size: [] for size in sizes}
        for number in range(rounds + 1):
            for size, db in databases.items():
                figures = measure(db, command)
                if number:
                    found[size].append(figures)
        medians = {size: Figures(*map(median, zip(*each, strict=True))) for size, each in found.items()}
        bound_ms = BOUNDS_MS.get(command)
        cells = [f"{each.cpu_ms:.0f} ms, {each.wall_ms:.0f} ms, {each.memory_mb:.0f} MB" for each in medians.values()]
        print(f"| `{command}` | {' | '.join(cells)} | {f'{bound_ms} ms' if bound_ms else ''} |", flush=True)
        if bound_ms and any(each.cpu_ms > bound_ms for size, each in medians.items() if size >= LARGE):
            beyond.append(command)
    taken = {size: median(look_up_ms(db) for _ in range(rounds)) for size, db in databases.items()}
    cells = [f"{each:.0f} ms" for each in taken.values()]
    print(f"| {UNKNOWN} unknown items looked up | {' | '.join(cells)} | {UNKNOWN_MS} ms |")
    if any(each > UNKNOWN_MS for size, each in taken.items() if size >= LARGE):
        beyond.append("unknown items")
    sizes_kb = [f"{db.stat().st_size / size / 1000:.1f} KB" for size, db in databases.items()]
    print(f"| file, for each statement with its copies and events | {' | '.join(sizes_kb)} | |")
    print(f"\nbeyond the bound: {', '.join(beyond) or 'nothing'}")
    return bool(beyond)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="benchmarks.scale", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 40_000, LARGE])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    sys.exit(main(given.folder, given.sizes, given.rounds))
