"""Session of a documentation page: its commands run in one folder, with a simulated clock and a twin of the sites."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from threading import Timer
from typing import TYPE_CHECKING, NamedTuple

import click
from click.testing import CliRunner

from scraper.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from documented_page import Block

WIDTH = 88
HOME = "/home/you"
"""Stands for the page's folder in its outputs."""
# Sizes of disks and of databases differ between machines, and the daemon has the real time. Due times are spread.
_VARYING = (
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ"), "2026-05-15 12:00:00Z"),
    (re.compile(r"\bprocess \d+"), "process 4711"),
    (re.compile(r"\b(next due\s+)[\d-]+(\s+)[\d:]+ UTC"), r"\g<1>2026-05-15\g<2>12:14 UTC"),
    (re.compile(r"\b[\d.]+ GB free"), "81.5 GB free"),
    (re.compile(r"\bdatabase has [\d.]+ MB"), "database has 0.6 MB"),
    (re.compile(r"\b[\d,]+ bytes, intact"), "552,960 bytes, intact"),
)


_IN_TWIN = """
import scraper.fetch.exchange, twin
from scraper.cli import main
from scraper.clock import Clock
web = twin.sites()
scraper.fetch.exchange.GuardedTransport = lambda **_: web.transport()
Clock.sleep = lambda *_: None
main()
"""
_LIMIT_S = 30


class _Ran(NamedTuple):
    """Outputs of a command: stdout, stderr, both in order; and its exit code."""

    stdout: str
    stderr: str
    both: str
    code: int


class _Main(click.Command):
    """The whole command line, exit codes of errors included, as a command for click's runner."""

    def main(self, args: list[str] | None = None, *_: object, **__: object) -> None:  # type: ignore[override]
        main(args)


class Session:
    """Runs the blocks of one page, in order, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runner = CliRunner()
        self._environment = os.environ | {"PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"}  # noqa: PTH120

    def run(self, block: Block) -> str:
        """Run the commands of a block and return its text as it should be: each command with its output."""
        lines, words = "", block.marks.get("until", "")
        for command in block.commands:
            output, code = self._run_until(command, words) if words else self._run_line(command)
            lines += f"$ {command}\n{self._portable(output)}"
            assert code == 0, f"line {block.line}: exit code {code}:\n{lines}"
        return lines

    def _portable(self, output: str) -> str:
        """Return the output without what differs between machines, and without blanks at the ends of its lines."""
        output = output.replace(str(self.folder), HOME)
        for pattern, instead in _VARYING:
            output = pattern.sub(instead, output)
        return "".join(f"{line.rstrip()}\n" for line in output.splitlines())

    def _run_line(self, line: str) -> tuple[str, int]:
        """Run commands joined by pipes, with an optional `> FILE` at the end. Return what is shown, and the code.

        The code is that of the first command that fails.
        """
        line, _, target = line.replace("\\\n", " ").partition(" > ")
        stages = line.split(" | ")
        shown, text, code = "", "", 0
        for stage in stages:
            ran = self._run_one(stage, text)
            is_shown = stage is stages[-1] and not target
            shown += ran.both if is_shown else ran.stderr
            text, code = ran.stdout, code or ran.code
        if target:
            (self.folder / target.strip()).write_text(text, "utf-8")
        return shown, code

    def _run_until(self, command: str, words: str) -> tuple[str, int]:
        """Run statewire as a process until it logs a line with these words, then press Ctrl-C. Return its log."""
        _, *arguments = shlex.split(command)
        shown = ""
        process = subprocess.Popen(
            [sys.executable, "-c", _IN_TWIN, *arguments],
            cwd=self.folder,
            env=self._environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        limit = Timer(_LIMIT_S, process.kill)
        limit.start()
        with process:
            for line in process.stderr:
                shown += line
                if words in line:
                    process.send_signal(signal.SIGINT)
                    shown += "^C\n"
        limit.cancel()
        return shown, process.returncode

    def _run_one(self, command: str, stdin: str) -> _Ran:
        name, *arguments = shlex.split(command)
        if name == "statewire":
            done = self._runner.invoke(_Main("statewire"), arguments, input=stdin, catch_exceptions=False)
            return _Ran(done.stdout, done.stderr, done.output, done.exit_code)
        ran = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self._environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
        return _Ran(ran.stdout, ran.stderr, ran.stdout + ran.stderr, ran.returncode)


def query(database: Path, sql: str) -> str:
    """Return the result of a query as SQLite's own shell prints it in its mode `column`: a table of texts."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        cursor = connection.execute(sql)
        table = [[name for name, *_ in cursor.description], *([_text(cell) for cell in row] for row in cursor)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    table.insert(1, ["-" * width for width in widths])
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in table
    )


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)
