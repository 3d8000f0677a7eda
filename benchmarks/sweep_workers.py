"""Sweep by 1, 2 and 8 workers, by Dask, and by workers that are killed: all must give the same rows.

    python -m benchmarks.sweep_workers FOLDER INDEX [--kills 10] [--seed 1]

FOLDER has archives (`benchmarks.sweep_pages`), INDEX is the index file of their statements. Exit code 1 if any sweep
gives other rows than one worker does, loses a file, or does something twice.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from distributed import LocalCluster

from scraper.sweep import cluster, processes, run
from scraper.sweep.index_file import IndexFile
from scraper.sweep.inputs import Input, expand
from scraper.sweep.results import LEDGER, Folder, rows_of_pages

_COUNTS = (1, 2, 8)


def main() -> None:
    """Run all sweeps and print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    index = options.index.resolve()
    inputs = expand([str(path) for path in sorted(options.folder.glob("*.warc*"))])
    found = dict[str, bytes]()
    for count in _COUNTS:
        name = f"{count} process{'es' if count > 1 else ''}"
        found[name] = _sweep(name, inputs, index, _by_processes(index, count))
    rng = random.Random(options.seed)
    name = f"2 processes, {options.kills} kills"
    found[name] = _sweep(name, inputs, index, _by_processes(index, 2), _Killer(rng, options.kills))
    for count in _COUNTS:
        with LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address="127.0.0.1:0") as made:
            address = made.scheduler_address
            by = _by_cluster(index, address)
            found[f"LocalCluster of {count}"] = _sweep(f"LocalCluster of {count}", inputs, index, by)
            if count == _COUNTS[-1]:
                name = f"LocalCluster of {count}, {options.kills} kills"
                pids = lambda: [each.pid for each in made.workers.values() if each.pid]  # noqa: E731
                found[name] = _sweep(name, inputs, index, by, _Killer(rng, options.kills, pids))
    others = [name for name, rows in found.items() if rows != found["1 process"]]
    print(f"{len(found) - len(others)} of {len(found)} the same; other rows: {', '.join(others) or 'none'}")
    sys.exit(bool(others))


_Make = Callable[[Folder], run.Sweep]


def _by_processes(index: Path, count: int) -> _Make:
    return lambda folder: lambda inputs, pages: processes.sweep(inputs, index, folder, count, pages)


def _by_cluster(index: Path, address: str) -> _Make:
    return lambda folder: lambda inputs, _pages: cluster.sweep(inputs, index, folder, address)


class _Killer:
    """Thread that kills one worker after the other, at random times."""

    def __init__(self, rng: random.Random, kills: int, pids: Callable[[], list[int]] | None = None) -> None:
        self._rng, self._left = rng, kills
        self._pids = pids or _children
        self._stop = threading.Event()
        self.killed = 0

    def __enter__(self) -> "_Killer":
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while self.killed < self._left and not self._stop.wait(self._rng.uniform(0.2, 3.0)):
            if pids := self._pids():
                os.kill(self._rng.choice(pids), signal.SIGKILL)
                self.killed += 1


def _children() -> list[int]:
    """Return the worker processes of this one, not the process that tracks its resources."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        found += [int(pid) for pid in (task / "children").read_text().split()]
    return [pid for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _sweep(name: str, inputs: list[Input], index: Path, make: _Make, killer: _Killer | None = None) -> bytes:
    processes.MAX_TRIES = cluster.MAX_TRIES = 100  # type: ignore[misc]  # one file may meet all kills
    with tempfile.TemporaryDirectory() as place:
        folder, sha256 = Folder(Path(place)), IndexFile(index).sha256
        begun = time.perf_counter()
        with folder.locked():
            if killer is None:
                tally = run.sweep(inputs, folder, sha256, make(folder))
            else:
                with killer:
                    tally = run.sweep(inputs, folder, sha256, make(folder))
            rows = [json.dumps(row).encode() for row in rows_of_pages(folder.merged(tally.done))]
            again = run.sweep(inputs, folder, sha256, make(folder))
        lines = (folder.path / LEDGER).read_text().splitlines()
        whole = len(lines) == len(inputs) == again.known == len(tally.done)
        killed = f", {killer.killed} workers killed" if killer else ""
        seconds, state = time.perf_counter() - begun, "whole" if whole else "wrong"
        print(f"{name:32}{len(rows):6} rows, {seconds:6.1f} s{killed}, ledger {state}", flush=True)
        return b"\n".join(rows) if whole else b"wrong"


if __name__ == "__main__":
    main()
