"""Standard streams that the parent process has closed, or that cannot take the output."""

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress

from scraper.errors import InputError


def prepare() -> None:
    """Open the standard streams that are closed, and print a character that a stream cannot encode as an escape.

    Otherwise the next file, perhaps the database, would get the number of a standard stream, and `print` would write
    into it. What is written to a closed stdout fails with EBADF, and what is written to a closed stderr is dropped.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDONLY if number == 1 else os.O_WRONLY)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - until the end
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class Output:
    """Output of a command that goes on with its work if it cannot be written; `check` raises the error at its end."""

    def __init__(self) -> None:
        self._error: OSError | None = None

    def write(self, print_all: Callable[[], None]) -> None:
        """Call a function that prints, unless an earlier call has failed."""
        if self._error is None:
            try:
                print_all()
            except OSError as error:
                self._error = error

    def check(self) -> None:
        """Raise the `OSError` of the first call that failed."""
        if self._error is not None:
            raise self._error


def discard_output() -> None:
    """Discard what stdout still buffers, and what follows: Python would write it at its end, and fail again."""
    with suppress(OSError):  # it has no descriptor if it was replaced
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def read_input(max_bytes: int) -> str:
    """Return the text on standard input, at most `max_bytes` of it. Raise `InputError` if it cannot be read."""
    hint = "give a file, or send the text through a pipe: statewire trace - < FILE"
    if sys.stdin is None:
        raise InputError("standard input is closed", hint=hint)
    try:
        return sys.stdin.buffer.read(max_bytes).decode("utf-8", "replace")
    except OSError as error:
        raise InputError(f"standard input cannot be read: {error.strerror or error}", hint=hint) from error
