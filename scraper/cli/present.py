"""How the model's values are written out: as JSON with the model's field names, and as words for people."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from scraper.model import EventKind, Precision, Relation
from scraper.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scraper.model import Alias, Event, Item, Revision, Statement


def json_array(rows: Iterable[dict[str, Any]]) -> None:
    """Print rows as one JSON array, row by row, so that long ones need no memory."""
    opened = False
    for row in rows:
        click.echo(",\n" if opened else "[\n", nl=False)
        click.echo(json.dumps(row, ensure_ascii=False), nl=False)
        opened = True
    click.echo("\n]" if opened else "[]")


def json_object(row: dict[str, Any]) -> None:
    """Print one JSON object."""
    click.echo(json.dumps(row, ensure_ascii=False, indent=2))


def iso(moment: datetime | None) -> str | None:
    """A time for machines: `2026-11-23T21:39:05Z`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z" if moment else None


def day_or_time(moment: datetime | None, precision: Precision | None = None) -> str:
    """A time for people, no more exact than it is known."""
    if moment is None:
        return "no date"
    return f"{moment:%Y-%m-%d}" if precision is Precision.DAY else f"{moment:%Y-%m-%d %H:%M} UTC"


def statement_row(statement: Statement) -> dict[str, Any]:
    """A statement with the field names that scripts rely on."""
    return {
        "id": statement.id,
        "guid": statement.guid,
        "url": statement.url,
        "title": statement.title,
        "published_at": iso(statement.published_at),
        "precision": statement.precision,
        "type": statement.type,
        "byline": statement.byline,
        "speaker": statement.speaker,
        "bureau": statement.bureau,
        "place": statement.place,
        "language": statement.language,
        "countries": statement.countries,
        "subjects": statement.subjects,
        "state": statement.state,
        "revisions": statement.revisions,
        "words": statement.words,
        "first_seen_at": iso(statement.first_seen_at),
        "last_seen_at": iso(statement.last_seen_at),
        "authority": statement.authority,
    }


def revision_row(revision: Revision) -> dict[str, Any]:
    """A revision with its text."""
    return {
        "number": revision.number,
        "title": revision.wording.title,
        "text": revision.wording.text,
        "words": revision.words,
        "first_seen_at": iso(revision.first_seen_at),
        "last_seen_at": iso(revision.last_seen_at),
        "grade": revision.grade,
    }


def alias_row(alias: Alias) -> dict[str, Any]:
    """An address of a statement."""
    return {"url": alias.url, "first_seen_at": iso(alias.first_seen_at), "last_seen_at": iso(alias.last_seen_at)}


def event_row(event: Event) -> dict[str, Any]:
    """An event."""
    return {
        "id": event.id,
        "kind": event.kind,
        "at": iso(event.at),
        "statement": event.statement,
        "guid": event.guid,
        "url": event.url,
        "title": event.title,
        "grade": event.grade,
        "reasons": event.reasons,
        "part": event.part,
        "before": event.before,
        "after": event.after,
        "page_url": event.page_url,
        "page_title": event.page_title,
        "relation": event.relation,
        "revision": event.revision,
        "coverage": event.coverage,
        "fidelity": event.fidelity,
        "source": event.source,
        "backfill": event.backfill,
    }


def item_row(item: Item) -> dict[str, Any]:
    """An item as read, its text joined."""
    row = asdict(item)
    paragraphs = row.pop("paragraphs")
    row["published_at"], row["modified_at"] = iso(item.published_at), iso(item.modified_at)
    row["text"] = None if paragraphs is None else "\n\n".join(paragraphs)
    return row


# Embeddings, overrides and isolates of writing direction: what follows them on the line would be turned as well.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])

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
    """An event as a person reads it: what happened to what, then why, one reason a line."""
    if event.page_url:
        return _page_event_lines(event)
    grade = f" ({event.grade})" if event.grade else ""
    part = f" {event.part}" if event.part and event.kind.value == "statement.touched" else ""
    subject = event.title if event.kind.value.startswith("statement") else event.source
    lines = [f"{_EVENT_WORDS[event.kind]}{part}{grade}: {shown(subject or '')}"]
    if event.kind.value in {"statement.retitled", "statement.reattributed", "statement.moved", "statement.reposted"}:
        lines += [f"  was  {shown(event.before or '')}", f"  now  {shown(event.after or '')}"]
    else:
        lines += [f"  {shown(reason)}" for reason in event.reasons]
    return lines


def _page_event_lines(event: Event) -> list[str]:
    """An event about another site's page."""
    what = ", ".join(filter(None, [event.relation, event.grade])) if event.statement else ""
    subject = event.title if event.statement else event.page_title
    share = "" if event.coverage is None or event.relation is Relation.TRANSLATED else f", {event.coverage:.0%} of it"
    where = f"{shown(event.page_url or '')}{share}"
    lines = [f"{_EVENT_WORDS[event.kind]}{f' ({what})' if what else ''}: {shown(subject or '')}", f"  at   {where}"]
    if event.kind is EventKind.COPY_CHANGED:
        lines += [f"  was  {shown(event.before or '')}", f"  now  {shown(event.after or '')}"]
    if event.kind is EventKind.UNSOURCED and event.after:
        lines.append(f"  says its source is {shown(event.after)}")
    return lines + [f"  {shown(reason)}" for reason in event.reasons]


def shown(words: str) -> str:
    """Words from outside, fit for a terminal: one line, nothing that could move its cursor or turn its text around."""
    return clean(words).translate(_TURNING)
