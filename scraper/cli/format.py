"""Output: JSON arrays and objects, progress, and times, events and text from outside as a terminal shows them."""

from __future__ import annotations

import csv
import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.layout import echo_line, echo_text, hanging_indent
from scraper.model import EventKind, Precision, Relation
from scraper.text.normalize import clean, is_formula, strip_bidi_controls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from scraper.model import Event


def json_array(rows: Iterable[dict[str, Any]]) -> None:
    """Print rows as one JSON array, row by row, so that a long array needs no memory."""
    opened = False
    for row in rows:
        click.echo(",\n" if opened else "[\n", nl=False)
        click.echo(json.dumps(row, ensure_ascii=False), nl=False)
        opened = True
    click.echo("\n]" if opened else "[]")


def json_object(row: dict[str, Any]) -> None:
    """Print one JSON object."""
    click.echo(json.dumps(row, ensure_ascii=False, indent=2))


def write_csv(rows: Iterable[dict[str, Any]], names: Sequence[str] = ()) -> None:
    """Write rows as CSV: lists and objects as JSON, an apostrophe before what a spreadsheet takes for a formula.

    Without rows only the line of the `names` is written, if some are given.
    """
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    if names:
        writer.writeheader()
    for row in rows:
        if not writer.fieldnames:
            writer.fieldnames = list(row)
            writer.writeheader()
        writer.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: Any) -> Any:
    if isinstance(value, tuple | list | dict):
        value = json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and is_formula(value) else value


def print_facts(facts: Iterable[tuple[str, str | None]]) -> None:
    """Print names and values below each other; a fact without a value is left out."""
    for name, value in facts:
        if value:
            echo_line(f"  {name:<10}{terminal_safe(value)}", 10)


def print_paragraphs(paragraphs: Iterable[str]) -> None:
    """Print paragraphs, each after an empty line."""
    for paragraph in paragraphs:
        click.echo()
        for line in paragraph.splitlines():
            echo_text(terminal_safe(line))


def day_or_time(moment: datetime | None, precision: Precision | None = None, *, if_none: str = "no date") -> str:
    """Return a UTC time to the minute, or to the day or the month if no more is known."""
    if moment is None:
        return if_none
    if precision is Precision.MONTH:
        return f"{moment:%Y-%m}"
    return f"{moment:%Y-%m-%d}" if precision is Precision.DAY else f"{moment:%Y-%m-%d %H:%M} UTC"


def event_lines(event: Event) -> list[str]:
    """Return an event as lines: its kind and subject, then values before and after, or one reason a line."""
    from scraper.alerts.event_specs import listed_label, listed_sides  # loads pydantic, which `--version` does not need

    label, sides = listed_label(event), list[str]()
    if values := listed_sides(event):
        sides = [f"  {word}  {terminal_safe(value)}" for word, value in zip(("was", "now"), values, strict=True)]
    reasons = [f"  {terminal_safe(reason)}" for reason in event.reason_texts]
    if event.page_url:
        return [*_page_lines(event, label), *sides, *reasons]
    grade = f" ({event.grade})" if event.grade else ""
    part = f" {event.part}" if event.part and event.kind is EventKind.TOUCHED else ""
    subject = event.source if event.kind.is_of_source else event.title
    return [f"{label}{part}{grade}: {terminal_safe(subject or '')}", *(sides or reasons)]


def backfill_note(event: Event) -> str:
    """Return a note for `print_event` about an event that no alert reports, else ""."""
    return "  (already there when monitoring began)" if event.backfill else ""


def print_event(event: Event, *, with_time: bool = False, note: str = "", is_short: bool = False) -> None:
    """Print an event behind its number, which `alerts why` and `preview` take, and its time.

    `note` follows its first line; with `is_short`, that is all.
    """
    first, *rest = event_lines(event)
    head = f"{event.id or '':>5}  {f'{day_or_time(event.at)}  ' if with_time else ''}"
    indent = hanging_indent(head)
    echo_line(f"{head}{first}{note}", indent - (len(head) - len(head.lstrip())))
    for line in () if is_short else rest:
        echo_line(f"{'':<{indent}}{line.strip()}")


def _page_lines(event: Event, label: str) -> list[str]:
    """Return the first lines of an event about another site's page: its kind and statement, its URL, its claim."""
    from scraper.alerts.event_specs import listed_words

    what = ", ".join(listed_words(event))
    subject = event.title if event.statement_id else event.page_title
    share = "" if event.coverage is None or event.relation is Relation.TRANSLATED else f", {event.coverage:.0%} of it"
    lines = [
        f"{label}{f' ({what})' if what else ''}: {terminal_safe(subject or '')}",
        f"  at {terminal_safe(event.page_url or '')}{share}",
    ]
    if event.kind is EventKind.UNSOURCED and event.after:
        lines.append(f"  says its source is {terminal_safe(event.after)}")
    return lines


def terminal_safe(words: str) -> str:
    """Return text from outside as one line without characters that move the cursor or reverse the text."""
    return strip_bidi_controls(clean(words))


@contextmanager
def bar(what: str, say: Callable[[str], None], *, is_quiet: bool) -> Iterator[Callable[[int, int | None], None]]:
    """Yield a function that takes the number done and the total, None if unknown.

    It shows a bar on a terminal, and elsewhere passes a line to `say` from time to time.
    """
    last_done = 0

    def print_line(done: int, total: int | None) -> None:
        """Print a line for each further tenth, or thousand if the total is unknown or below 1,000."""
        nonlocal last_done
        if done - last_done >= (total // 10 if total and total >= 1000 else 1000):
            last_done = done
            say(f"{what}: {done}{f' of {total}' if total else ''}")

    if is_quiet or not sys.stderr.isatty():
        yield print_line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    context = click.get_current_context(silent=True)
    console = Console(stderr=True, no_color=True if context and context.color is False else None)
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
