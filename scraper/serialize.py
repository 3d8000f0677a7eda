"""Conversion of model values to dictionaries for --json, exports and webhooks, and of times to and from UTC text."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scraper.model import Alias, Event, Item, Reason, Revision, Statement


# Cached: the same few times are written many times during a run. Equal times of two zones have one text.
@lru_cache(maxsize=1024)
def format_utc(moment: datetime) -> str:
    """Format a time as UTC to the second: `2026-11-23T21:39:05Z`."""
    # Not strftime, which writes the year 812 with three digits.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def optional_utc(moment: datetime | None) -> str | None:
    """Format a time like `format_utc`; None stays None."""
    return format_utc(moment) if moment else None


parse_utc: Final = datetime.fromisoformat
"""Parse a time that `format_utc` wrote; the result is aware and in UTC."""


def parse_iso(text: str) -> datetime:
    """Parse an ISO 8601 time or day of another program; without an offset it is UTC. Raise `ValueError`."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def row_of(value: object, names: str) -> dict[str, Any]:
    """Convert attributes of a value, named one after the other: times become text, an id of a row loses its `_id`."""
    found = {_KEYS.get(name, name): getattr(value, name) for name in names.split()}
    return {key: format_utc(given) if isinstance(given, datetime) else given for key, given in found.items()}


_KEYS: Final = {"statement_id": "statement", "page_id": "page", "reason_texts": "reasons"}
_STATEMENT = (
    "id guid url title published_at precision type byline speaker bureau place language countries subjects state"
    " revisions words first_seen_at last_seen_at authority standing"
)
_EVENT = (
    "id kind at statement_id guid url title grade reason_texts part before after page_url page_title relation"
    " outdated revision coverage fidelity source backfill standing"
)
STATEMENT_KEYS: Final = tuple(_KEYS.get(name, name) for name in _STATEMENT.split())
"""Keys of `statement_row`."""
EVENT_KEYS: Final = (*(_KEYS.get(name, name) for name in _EVENT.split()), "sections")
"""Keys of `event_row`."""


def statement_row(statement: Statement) -> dict[str, Any]:
    """Convert a statement; scripts rely on these keys."""
    return row_of(statement, _STATEMENT)


def revision_row(revision: Revision) -> dict[str, Any]:
    """Convert a revision, with its text."""
    number = {"number": revision.number}
    return number | row_of(revision.wording, "title text") | row_of(revision, "words first_seen_at last_seen_at grade")


def alias_row(alias: Alias) -> dict[str, Any]:
    """Convert a URL of a statement."""
    return row_of(alias, "url first_seen_at last_seen_at")


def event_row(event: Event) -> dict[str, Any]:
    """Convert an event."""
    return row_of(event, _EVENT) | {"sections": sections_of(event.reasons)}


def sections_of(reasons: Iterable[Reason]) -> list[str]:
    """Return the headings below which differences are, each once."""
    return list(dict.fromkeys(reason.section for reason in reasons if reason.section))


def item_row(item: Item) -> dict[str, Any]:
    """Convert an item; its paragraphs become one `text`, None if the item carries none."""
    row = asdict(item)
    paragraphs = row.pop("paragraphs")
    del row["headings"]  # of the text, as it is shown
    if row["absence"] is None:
        del row["absence"]
    row["published_at"], row["modified_at"] = optional_utc(item.published_at), optional_utc(item.modified_at)
    row["text"] = None if paragraphs is None else "\n\n".join(paragraphs)
    return row
