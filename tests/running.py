"""Daemon and commands as processes of their own, with the database `x.db` in a folder of the test."""

from __future__ import annotations

import os
import select
import signal
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from typing import TYPE_CHECKING

from forking import Process

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_S = 20
MAIN = "from scraper.cli import main; main()"


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
        self.process = Process(
            f"{before}\n{MAIN}",
            [*(["--db", db] if db else []), "run", *arguments],
            cwd=folder,
            env=os.environ | environment,
            out=1,
            err=writing,
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
        self.stderr.close()


def command(folder: Path, *arguments: str, limit_s: float = LIMIT_S) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
        given = ["--db", "x.db", *arguments]
        process = Process(MAIN, given, cwd=folder, env=dict(os.environ), out=out.fileno(), err=err.fileno())
        try:
            code = process.wait(limit_s)
        finally:
            process.kill()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(given, code, out.read(), err.read())


def ask(folder: Path, question: str, db: str = "x.db") -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / db)) as connection:
        return connection.execute(question).fetchall()
