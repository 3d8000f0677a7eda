"""Progress of long work on stderr: a bar on a terminal, occasional plain lines elsewhere."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scraper.cli.app import Invocation


@contextmanager
def bar(invocation: Invocation, what: str) -> Iterator[Callable[[int, int | None], None]]:
    """Yield a function that takes the number done and the total, None if unknown. With --quiet it shows nothing."""
    if invocation.quiet:
        yield lambda _done, _total: None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(what, total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total)
    else:
        yield ProgressLines(invocation, what).report


class ProgressLines:
    """Printer of a line for each further tenth, or each further thousand if the total is unknown or below 1,000."""

    def __init__(self, invocation: Invocation, what: str) -> None:
        self._invocation = invocation
        self._what = what
        self._last_done = 0

    def report(self, done: int, total: int | None) -> None:
        """Print a line if enough was done since the last one."""
        step = total // 10 if total and total >= 1000 else 1000
        if done - self._last_done >= step:
            self._last_done = done
            self._invocation.say(f"{self._what}: {done}{f' of {total}' if total else ''}")
