"""`statewire run`: the daemon, in the foreground, and its log on stderr: for people, for the journal, or as JSON."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.format import terminal_safe
from scraper.config import loader
from scraper.serialize import optional_utc
from scraper.store import paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scraper.cli.app import Invocation

# Priorities of the journal for levels of `logging` (sd-daemon(3)).
_PRIORITIES = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}
_FIELDS = ("source", "event")


@click.command("run")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    help="Format of the log on stderr: text (default) or JSON Lines.",
)
@click.pass_obj
def run(invocation: Invocation, log_format: str) -> int:
    """Run as a daemon: poll sources, and send alerts.

    SIGTERM or Ctrl-C stops it after running polls, a second one at once; SIGHUP reloads the configuration. All other
    commands can be used at the same time.
    """
    from scraper.daemon.main import serve

    if invocation.db is not None and paths.is_missing(invocation.db):
        paths.check_folder(invocation.db)
    set_up_log(
        log_format, logging.DEBUG if invocation.verbose else logging.WARNING if invocation.quiet else logging.INFO
    )
    return serve(loader.find(invocation.config_path), invocation.db)


class Lines(logging.Formatter):
    """Formatter of text lines: with a time for people; with a priority for the journal, which adds the time itself."""

    def __init__(self, *, is_journal: bool, is_thorough: bool) -> None:
        super().__init__()
        self._is_journal = is_journal
        self._is_thorough = is_thorough

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line, with the traceback if `is_thorough` (see `logging.Formatter.format`)."""
        words = terminal_safe(record.getMessage() + _where(record))
        if self._is_thorough and record.exc_info:
            words += " | " + " | ".join(map(terminal_safe, self.formatException(record.exc_info).splitlines()))
        if self._is_journal:
            return f"<{_PRIORITIES.get(record.levelno, 4)}>{words}"
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        return f"{_at(record):%Y-%m-%d %H:%M:%S}Z {level}{words}"


class JsonLines(logging.Formatter):
    """Formatter of JSON objects, one a line, with source and event if the record has them."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a JSON object (see `logging.Formatter.format`)."""
        row = {
            "at": optional_utc(_at(record)),
            "level": record.levelname.lower(),
            "message": terminal_safe(record.getMessage()),
        }
        row |= {name: value for name in _FIELDS if (value := getattr(record, name, None)) is not None}
        if record.exc_info:
            row["traceback"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=True)


def set_up_log(log_format: str, level: int, environment: Mapping[str, str] = os.environ) -> None:
    """Send the daemon's log to stderr; of other libraries, log warnings and errors only."""
    handler = logging.StreamHandler(sys.stderr)
    if log_format == "json":
        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(Lines(is_journal=_is_journal(environment), is_thorough=level <= logging.DEBUG))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.raiseExceptions = False  # a log whose reader has gone cannot take the error either
    logging.getLogger("statewire").setLevel(level)


def _is_journal(environment: Mapping[str, str]) -> bool:
    """Return True if stderr is the stream that systemd names. A redirected process inherits the variable, too."""
    try:
        stderr = os.fstat(2)
    except OSError:
        return False
    return environment.get("JOURNAL_STREAM") == f"{stderr.st_dev}:{stderr.st_ino}"


def _where(record: logging.LogRecord) -> str:
    """Return class, file and line of the record's exception, so that a report of it is useful; else an empty text."""
    error = record.exc_info[1] if record.exc_info else None
    trace = error.__traceback__ if error else None
    if error is None or trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f" ({type(error).__name__}, {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})"


def _at(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)
