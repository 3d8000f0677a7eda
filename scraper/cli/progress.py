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
    last_done = 0

    def print_line(done: int, total: int | None) -> None:
        """Print a line for each further tenth, or thousand if the total is unknown or below 1,000."""
        nonlocal last_done
        if done - last_done >= (total // 10 if total and total >= 1000 else 1000):
            last_done = done
            invocation.say(f"{what}: {done}{f' of {total}' if total else ''}")

    if invocation.quiet or not sys.stderr.isatty():
        yield print_line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
