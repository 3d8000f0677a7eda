"""Daemon and commands as processes of their own, with the database `x.db` in a folder of the test."""

from __future__ import annotations

import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

from samples import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_S = 20


def _statewire(before: str = "", db: str | None = "x.db") -> list[str]:
    return [sys.executable, "-c", f"{before}\nfrom scraper.cli import main; main()", *(["--db", db] if db else [])]


class Running:
    """A daemon process and its log."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        in_journal: bool = False,
        before: str = "",
        db: str | None = "x.db",
        **environment: str,
    ) -> None:
        """Start it, without `db` over the database of the user; `before` is Python that runs first in its process."""
        self.said: list[str] = []
        reading, writing = os.pipe()
        if in_journal:
            stream = os.fstat(writing)
            environment["JOURNAL_STREAM"] = f"{stream.st_dev}:{stream.st_ino}"
        self.stderr = os.fdopen(reading, "rb", buffering=0)
        self.process = subprocess.Popen(
            [*_statewire(before, db), "run", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", **environment},
            stderr=writing,
        )
        os.close(writing)

    def wait_for_line(self, words: str) -> str:
        """Read the log up to a line with these words, and return it."""
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until and select.select([self.stderr], [], [], LIMIT_S)[0]:
            line = self.stderr.readline().decode()
            if not line:
                break
            self.said.append(line)
            if words in line:
                return line
        raise AssertionError(f"never said {words!r}, but:\n{''.join(self.said)}")

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(LIMIT_S)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.stderr.close()


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*_statewire(), *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_S
    )


def ask(folder: Path, question: str, db: str = "x.db") -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / db)) as connection:
        return connection.execute(question).fetchall()
