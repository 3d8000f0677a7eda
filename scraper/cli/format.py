"""Output format: JSON arrays and objects, and times, events and text from outside as a terminal shows them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from scraper.model import EventKind, Precision, Relation
from scraper.text.normalize import clean, strip_bidi_controls

if TYPE_CHECKING:
    from collections.abc import Iterable
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


def day_or_time(moment: datetime | None, precision: Precision | None = None) -> str:
    """Return a UTC time to the minute, or to the day if no more is known; "no date" for None."""
    if moment is None:
        return "no date"
    return f"{moment:%Y-%m-%d}" if precision is Precision.DAY else f"{moment:%Y-%m-%d %H:%M} UTC"


def event_lines(event: Event) -> list[str]:
    """Return an event as lines: its kind and subject, then values before and after, or one reason a line."""
    from scraper.alerts.event_specs import SPECS

    spec = SPECS[event.kind]
    label, sides = spec.listed or spec.label, list[str]()
    if spec.has_sides:
        sides = [f"  was  {terminal_safe(event.before or '')}", f"  now  {terminal_safe(event.after or '')}"]
    reasons = [f"  {terminal_safe(reason)}" for reason in event.reason_texts]
    if event.page_url:
        return [*_page_lines(event, label), *sides, *reasons]
    grade = f" ({event.grade})" if event.grade else ""
    part = f" {event.part}" if event.part and event.kind is EventKind.TOUCHED else ""
    subject = event.source if event.kind.is_of_source else event.title
    return [f"{label}{part}{grade}: {terminal_safe(subject or '')}", *(sides or reasons)]


def _page_lines(event: Event, label: str) -> list[str]:
    """Return the first lines of an event about another site's page: its kind and statement, its URL, its claim."""
    words = (event.relation, "outdated" if event.outdated else "", event.grade)
    what = ", ".join(filter(None, words)) if event.statement_id else ""
    subject = event.title if event.statement_id else event.page_title
    share = "" if event.coverage is None or event.relation is Relation.TRANSLATED else f", {event.coverage:.0%} of it"
    lines = [
        f"{label}{f' ({what})' if what else ''}: {terminal_safe(subject or '')}",
        f"  at   {terminal_safe(event.page_url or '')}{share}",
    ]
    if event.kind is EventKind.UNSOURCED and event.after:
        lines.append(f"  says its source is {terminal_safe(event.after)}")
    return lines


def terminal_safe(words: str) -> str:
    """Return text from outside as one line without characters that move the cursor or reverse the text."""
    return strip_bidi_controls(clean(words))
