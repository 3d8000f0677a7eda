"""Conversion of model values to dictionaries for --json, exports and webhooks, and of times to and from UTC text."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

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


# Scripts rely on these keys and their order.
_STATEMENT_KEYS = (
    "id guid url title published_at precision type byline speaker bureau place language countries subjects state"
    " revisions words first_seen_at last_seen_at authority"
).split()
_EVENT_KEYS = (
    "id kind at statement guid url title grade reasons part before after page_url page_title relation outdated revision"
    " coverage fidelity source backfill"
).split()
_ATTRIBUTES = {"statement": "statement_id", "reasons": "reason_texts"}


def _row(value: Any, keys: Iterable[str]) -> dict[str, Any]:
    row = {key: getattr(value, _ATTRIBUTES.get(key, key)) for key in keys}
    return {key: format_utc(each) if isinstance(each, datetime) else each for key, each in row.items()}


def statement_row(statement: Statement) -> dict[str, Any]:
    """Convert a statement."""
    return _row(statement, _STATEMENT_KEYS)


def revision_row(revision: Revision) -> dict[str, Any]:
    """Convert a revision, with its text."""
    wording = {"title": revision.wording.title, "text": revision.wording.text}
    return {"number": revision.number, **wording, **_row(revision, ("words", "first_seen_at", "last_seen_at", "grade"))}


def alias_row(alias: Alias) -> dict[str, Any]:
    """Convert a URL of a statement."""
    return _row(alias, ("url", "first_seen_at", "last_seen_at"))


def event_row(event: Event) -> dict[str, Any]:
    """Convert an event."""
    return _row(event, _EVENT_KEYS)


def item_row(item: Item) -> dict[str, Any]:
    """Convert an item; its paragraphs become one `text`, None if the item carries none."""
    row = asdict(item)
    paragraphs = row.pop("paragraphs")
    row["published_at"], row["modified_at"] = optional_utc(item.published_at), optional_utc(item.modified_at)
    row["text"] = None if paragraphs is None else "\n\n".join(paragraphs)
    return row
