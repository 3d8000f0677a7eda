"""Conversion of model values to dictionaries for --json, exports and webhooks, and of times to and from UTC text."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scraper.model import Alias, Event, Item, Revision, Statement


def format_utc(moment: datetime) -> str:
    """Format a time as UTC to the second: `2026-11-23T21:39:05Z`."""
    # Not strftime, which writes the year 812 with three digits.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def optional_utc(moment: datetime | None) -> str | None:
    """Format a time like `format_utc`; None stays None."""
    return format_utc(moment) if moment else None


parse_utc: Final = datetime.fromisoformat
"""Parse a time that `format_utc` wrote; the result is aware and in UTC."""


def statement_row(statement: Statement) -> dict[str, Any]:
    """Convert a statement; scripts rely on these keys."""
    return {
        "id": statement.id,
        "guid": statement.guid,
        "url": statement.url,
        "title": statement.title,
        "published_at": optional_utc(statement.published_at),
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
        "first_seen_at": optional_utc(statement.first_seen_at),
        "last_seen_at": optional_utc(statement.last_seen_at),
        "authority": statement.authority,
    }


def revision_row(revision: Revision) -> dict[str, Any]:
    """Convert a revision, with its text."""
    return {
        "number": revision.number,
        "title": revision.wording.title,
        "text": revision.wording.text,
        "words": revision.words,
        "first_seen_at": optional_utc(revision.first_seen_at),
        "last_seen_at": optional_utc(revision.last_seen_at),
        "grade": revision.grade,
    }


def alias_row(alias: Alias) -> dict[str, Any]:
    """Convert a URL of a statement."""
    return {
        "url": alias.url,
        "first_seen_at": optional_utc(alias.first_seen_at),
        "last_seen_at": optional_utc(alias.last_seen_at),
    }


def event_row(event: Event) -> dict[str, Any]:
    """Convert an event."""
    return {
        "id": event.id,
        "kind": event.kind,
        "at": optional_utc(event.at),
        "statement": event.statement_id,
        "guid": event.guid,
        "url": event.url,
        "title": event.title,
        "grade": event.grade,
        "reasons": event.reason_texts,
        "part": event.part,
        "before": event.before,
        "after": event.after,
        "page_url": event.page_url,
        "page_title": event.page_title,
        "relation": event.relation,
        "outdated": event.outdated,
        "revision": event.revision,
        "coverage": event.coverage,
        "fidelity": event.fidelity,
        "source": event.source,
        "backfill": event.backfill,
    }


def item_row(item: Item) -> dict[str, Any]:
    """Convert an item; its paragraphs become one `text`, None if the item carries none."""
    row = asdict(item)
    paragraphs = row.pop("paragraphs")
    row["published_at"], row["modified_at"] = optional_utc(item.published_at), optional_utc(item.modified_at)
    row["text"] = None if paragraphs is None else "\n\n".join(paragraphs)
    return row
