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


_EVENT_WORDS = {
    "statement.published": "Published",
    "statement.revised": "Revised",
    "statement.touched": "Touched up",
    "statement.retitled": "Retitled",
    "statement.reattributed": "New byline",
    "statement.moved": "Moved",
    "statement.withdrawn": "Withdrawn",
    "statement.restored": "Restored",
    "statement.reposted": "Reposted",
    "copy.found": "Copy",
    "copy.changed": "Copy changed",
    "copy.gone": "Copy gone",
    "claim.unsourced": "Unsourced",
    "source.blocked": "Source blocked",
    "source.broken": "Source broken",
    "source.drifted": "Source changed shape",
    "source.fallback": "Source on fallback",
    "source.silent": "Source silent",
    "source.recovered": "Source recovered",
}


def event_lines(event: Event) -> list[str]:
    """Return an event as lines: its kind and subject, then values before and after, or one reason a line."""
    if event.page_url:
        return _page_event_lines(event)
    grade = f" ({event.grade})" if event.grade else ""
    part = f" {event.part}" if event.part and event.kind.value == "statement.touched" else ""
    subject = event.title if event.kind.value.startswith("statement") else event.source
    lines = [f"{_EVENT_WORDS[event.kind]}{part}{grade}: {terminal_safe(subject or '')}"]
    if event.kind.value in {"statement.retitled", "statement.reattributed", "statement.moved", "statement.reposted"}:
        lines += [f"  was  {terminal_safe(event.before or '')}", f"  now  {terminal_safe(event.after or '')}"]
    else:
        lines += [f"  {terminal_safe(reason)}" for reason in event.reasons]
    return lines


def _page_event_lines(event: Event) -> list[str]:
    """Return the lines of an event about another site's page."""
    what = ", ".join(filter(None, [event.relation, event.grade])) if event.statement_id else ""
    subject = event.title if event.statement_id else event.page_title
    share = "" if event.coverage is None or event.relation is Relation.TRANSLATED else f", {event.coverage:.0%} of it"
    where = f"{terminal_safe(event.page_url or '')}{share}"
    lines = [
        f"{_EVENT_WORDS[event.kind]}{f' ({what})' if what else ''}: {terminal_safe(subject or '')}",
        f"  at   {where}",
    ]
    if event.kind is EventKind.COPY_CHANGED:
        lines += [f"  was  {terminal_safe(event.before or '')}", f"  now  {terminal_safe(event.after or '')}"]
    if event.kind is EventKind.UNSOURCED and event.after:
        lines.append(f"  says its source is {terminal_safe(event.after)}")
    return lines + [f"  {terminal_safe(reason)}" for reason in event.reasons]


def terminal_safe(words: str) -> str:
    """Return text from outside as one line without characters that move the cursor or reverse the text."""
    return strip_bidi_controls(clean(words))
