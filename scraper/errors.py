"""Exceptions that statewire raises on purpose, and the exit status of a command that ends with each of them.

    StatewireError              1
    ├── ConfigError             2   the configuration is invalid; lists all mistakes
    ├── InputError              2   a file or an argument cannot be used
    ├── FetchError              4   nothing could be fetched
    ├── ParseError              3   a response cannot be parsed
    │   ├── DriftError          3   ... because the site's structure has changed
    │   └── HostileMarkupError  3   ... because parsing it would cost too much
    ├── StoreError              5   the database, or another file of ours, cannot be opened, read or written
    │   ├── NotADatabaseError   5
    │   ├── SchemaVersionError  5
    │   └── StoreFullError      5   ... because the disk, or the share of it that may be used, is full
    └── LockedError            75   another daemon holds the lock on the database

The watchdog ends a stalled daemon with status 70, which no exception could do.
The result of a single request, network errors included, is not an exception but a `model.Outcome`.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import TypeGuard


class StatewireError(Exception):
    """Base class. `what` names the problem and its place, `hint` what to do next."""

    exit_code = 1

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        if not self.hint:
            return self.what
        # The hint is a sentence of its own; a command or an option at its beginning stays as it is typed.
        is_typed = self.hint.startswith(("`", "-", "statewire "))
        hint = self.hint if is_typed else self.hint[0].upper() + self.hint[1:]
        return f"{self.what}{'' if self.what.endswith('?') else '.'} {hint}"


def how_to_install(extra: str) -> str:
    """Return a hint on an extra that is missing.

    It is not by the name of the package: another project has that of statewire at PyPI.
    """
    return (
        f"Install statewire again with it, in its checkout: `pip install '.[{extra}]'`; with pipx"
        f" `pipx install --force '.[{extra}]'`, with uv `uv tool install --force '.[{extra}]'`"
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in the configuration: `path` as in `sources[2].url`, `line` counted from 1 or None.

    `entry` names the entry of a list in which it is, as in `the source “a”`, "" for none.
    """

    path: str
    message: str
    line: int | None = None
    entry: str = ""

    @property
    def place(self) -> str:
        """The place for people: the entry, with the path in brackets, or the path alone."""
        return f"{self.entry} ({self.path})" if self.entry else self.path


class ConfigError(StatewireError):
    """The configuration is invalid; `problems` holds every mistake in it."""

    exit_code = 2

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        self.file = file
        self.problems = problems
        lines = [
            f"{file}{f':{p.line}' if p.line else ''}: {f'{p.place}: ' if p.path else ''}{p.message}" for p in problems
        ]
        super().__init__("\n".join(lines))


class InputError(StatewireError):
    """A file or an argument cannot be used."""

    exit_code = 2


class FetchError(StatewireError):
    """Nothing could be fetched; `what` names the URL, `outcome` is that of the request, "" if none was sent."""

    exit_code = 4

    def __init__(self, what: str, *, hint: str = "", outcome: str = "") -> None:
        super().__init__(what, hint=hint)
        self.outcome = outcome


class ParseError(StatewireError):
    """A response cannot be parsed. `problem` is the reason without the `url` of the response, or a name for it."""

    exit_code = 3

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(f"{url}: {problem}")
        self.url = url
        self.problem = problem


class DriftError(ParseError):
    """The site no longer has the structure that its parser expects: no items where items are usual, or no title."""


class HostileMarkupError(ParseError):
    """The markup exceeds the bounds within which parsing is cheap."""


class StoreError(StatewireError):
    """The database, or another file of ours, cannot be opened, read or written."""

    exit_code = 5


class NotADatabaseError(StoreError):
    """The file is not an SQLite database, or belongs to another program."""


class SchemaVersionError(StoreError):
    """A newer version of statewire wrote the database, or one too old to upgrade."""


class StoreFullError(StoreError):
    """The disk of the database, or the share of it that may be used, is full."""


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_HINTS = {
    errno.EROFS: "make the file system writable, or choose another folder",
    errno.EACCES: "check the owner and the permissions of the file and its folders, and the user that you are",
    errno.EPERM: "check the owner and the permissions of the file and its folders, and the user that you are",
    errno.EIO: "check the disk",
    errno.ELOOP: "correct the symbolic links, which lead back to each other, or give another path",
    errno.ENAMETOOLONG: "give a shorter path",
    errno.EBADF: "its stream is closed or opened for reading only; redirect it to a file or to /dev/null",
}


def as_disk_error(error: OSError, problem: str = "") -> StoreError:
    """Return the `StoreError` for an error of the system, with what to do. `problem` names the file and what failed.

    Without it the error itself names the file, or it is the output of the command.
    """
    problem = problem or (f"{error.filename} cannot be used" if error.filename else "the output cannot be written")
    what = f"{problem}: {error.strerror or error}"
    if is_disk_full(error):
        return StoreFullError(what, hint="free some space and run the command again; what was stored before is intact")
    return StoreError(what, hint=_HINTS.get(error.errno or 0, "check that its folder exists and is writable"))


def is_disk_full(error: OSError) -> bool:
    """Return True for a full disk, a quota, or a limit of the size of files."""
    return error.errno in _FULL


def is_disk_error(error: Exception) -> TypeGuard[OSError]:
    """Return True for an error of the system that says that a file cannot be written, and not that it is missing."""
    return isinstance(error, OSError) and (error.errno in _FULL or error.errno in _HINTS)


class LockedError(StatewireError):
    """Another daemon holds the lock on the database."""

    exit_code = 75
