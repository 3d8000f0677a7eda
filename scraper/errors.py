"""Every error that statewire raises on purpose, and the exit code that each one ends the command with.

    StatewireError              1
    ├── ConfigError             2   the configuration, all mistakes at once
    ├── InputError              2   a file or an argument that cannot be used
    ├── FetchError              4   nothing could be fetched
    ├── ParseError              3   an answer that cannot be read
    │   ├── DriftError          3   ... because the site no longer has the shape that we know
    │   └── HostileMarkupError  3   ... because reading it would cost too much
    ├── StoreError              5   the database
    │   ├── NotADatabaseError   5
    │   ├── NewerSchemaError    5
    │   └── StoreFullError      5   ... for the disk, or what may be used of it, is full
    └── LockedError            75   another daemon has the database

A daemon that has stalled is ended by its watchdog with 70, which no exception could do.
What one request meets on the network is no exception but an outcome (`model.Outcome`).
"""

from __future__ import annotations

from dataclasses import dataclass


class StatewireError(Exception):
    """The root: says what went wrong and where, and in `hint` what to do next."""

    exit_code = 1

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what}. {self.hint}" if self.hint else self.what


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a configuration: `path` as in `sources[2].url`, `line` counted from 1 or None."""

    path: str
    message: str
    line: int | None = None


class ConfigError(StatewireError):
    """The configuration cannot be used; `problems` holds every mistake in it."""

    exit_code = 2

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        self.file = file
        self.problems = problems
        lines = [
            f"{file}{f':{p.line}' if p.line else ''}: {f'{p.path}: ' if p.path else ''}{p.message}" for p in problems
        ]
        super().__init__("\n".join(lines))


class InputError(StatewireError):
    """A file or an argument that cannot be used."""

    exit_code = 2


class FetchError(StatewireError):
    """Nothing could be fetched; `what` names the address and the outcome."""

    exit_code = 4


class ParseError(StatewireError):
    """An answer that cannot be read."""

    exit_code = 3


class DriftError(ParseError):
    """The site no longer has the shape that its parser knows: no items where items are usual, no title."""


class HostileMarkupError(ParseError):
    """The markup is past the bounds within which reading is cheap."""


class StoreError(StatewireError):
    """The database cannot be opened, read or written."""

    exit_code = 5


class NotADatabaseError(StoreError):
    """The file is no SQLite database, or the database of another program."""


class NewerSchemaError(StoreError):
    """A later statewire wrote the database."""


class StoreFullError(StoreError):
    """The disk of the database is full, or what may be used of it."""


class LockedError(StatewireError):
    """Another daemon watches over the database."""

    exit_code = 75
