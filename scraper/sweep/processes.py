"""Workers of this machine: processes that sweep one archive file at a time, and are replaced if they die."""

import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Final

from scraper.sweep.inputs import Input
from scraper.sweep.results import Folder, Report

MAX_TRIES: Final = 3
"""Workers that one file may cost."""
STALLED_S: Final = 900.0
"""Time without any sign of a worker, after which it is killed: a page takes seconds at most."""
_TICK_S = 1.0

Pages = Callable[[str, int], None]


@dataclass(slots=True)
class _Task:
    given: Input
    tries: int = 0


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    connection: Connection
    task: _Task | None = None
    seen_at: float = field(default_factory=time.monotonic)

    def give(self, task: _Task) -> None:
        self.task, self.seen_at = task, time.monotonic()
        task.tries += 1
        with suppress(OSError):  # it has died, which is noticed when it is read
            self.connection.send(task.given)

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


def sweep(
    inputs: Sequence[Input], index: Path, folder: Folder, count: int, pages: Pages, stalled_s: float = STALLED_S
) -> Iterator[Report]:
    """Yield the report of each file as it is done, in any order; its result is in the folder then.

    A worker that dies is replaced, and its file is swept again, up to `MAX_TRIES` times; one that gives no sign for
    `stalled_s` is killed, and its file has failed. `pages` gets the name of a file and the number of its pages so far.
    At the end, and if the caller stops, no worker is left.
    """
    pool = _Pool(deque(map(_Task, inputs)), index, folder, min(count, len(inputs)), pages, stalled_s)
    try:
        yield from pool.run()
    finally:
        for worker in pool.workers:
            worker.stop()


@dataclass(slots=True)
class _Pool:
    """Workers and the files that wait for them."""

    waiting: deque[_Task]
    index: Path
    folder: Folder
    count: int
    pages: Pages
    stalled_s: float
    workers: list[_Worker] = field(default_factory=list)

    def run(self) -> Iterator[Report]:
        while self.waiting or any(worker.task for worker in self.workers):
            self._employ()
            ends: dict[Any, _Worker] = {worker.connection: worker for worker in self.workers}
            ends |= {worker.process.sentinel: worker for worker in self.workers}
            ready = {id(ends[each]): ends[each] for each in wait(list(ends), _TICK_S)}
            for worker in ready.values():
                yield from self._read(worker)
            for worker in [each for each in self.workers if each.task]:
                if time.monotonic() - worker.seen_at > self.stalled_s:
                    yield self._failed(worker, f"it gave no page for {self.stalled_s:.0f} s, and was given up")

    def _employ(self) -> None:
        """Give each worker that is free a file, and start workers while there are files for them."""
        for worker in self.workers:
            if worker.task is None and self.waiting:
                worker.give(self.waiting.popleft())
        while self.waiting and len(self.workers) < self.count:
            worker = _started(self.index, self.folder.path)
            self.workers.append(worker)
            worker.give(self.waiting.popleft())

    def _read(self, worker: _Worker) -> Iterator[Report]:
        """Yield what a worker has finished; take its file back if it has died."""
        try:
            while worker.connection.poll():
                said = worker.connection.recv()
                worker.seen_at = time.monotonic()
                if isinstance(said, Report):
                    worker.task = None
                    yield said
                elif worker.task is not None:
                    self.pages(worker.task.given.name, said)
        except (EOFError, OSError):
            yield from self._died(worker)

    def _died(self, worker: _Worker) -> Iterator[Report]:
        task = worker.task
        if task is not None and task.tries >= MAX_TRIES:
            yield self._failed(worker, f"{MAX_TRIES} workers died of it")
            return
        self._dismiss(worker)
        if task is not None:
            self.waiting.appendleft(task)

    def _failed(self, worker: _Worker, failure: str) -> Report:
        task = worker.task
        self._dismiss(worker)
        return Report(task.given.name if task else "", failure=failure)

    def _dismiss(self, worker: _Worker) -> None:
        worker.stop()
        self.workers.remove(worker)


def _started(index: Path, folder: Path) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, index, folder), daemon=True)
    # A worker inherits what is blocked: Ctrl-C while it starts is not its own to report.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    # With our copy of its end, the end of the worker would not end the connection.
    theirs.close()
    return _Worker(process, ours)


def _serve(connection: Connection, index: Path, folder: Path) -> None:
    """Sweep the files that come, until the other process ends or closes the connection."""
    # Ctrl-C reaches all processes of a terminal; the one that has started us ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from scraper.sweep.index_file import IndexFile
    from scraper.sweep.scan import Scanner
    from scraper.sweep.work import sweep_file

    scanner, kept = Scanner(IndexFile(index)), Folder(folder)
    try:
        while True:
            given = connection.recv()
            report, result = sweep_file(given, scanner, connection.send)
            with result:
                if not report.failure:
                    kept.keep(report.result, result)
            connection.send(report)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
