"""Builders of events about a statement and of their reasons (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scraper.model import Event, EventKind, Reason

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Statement


def about(statement: Statement, kind: EventKind, at: datetime, source: str, **facts: Any) -> Event:
    """Build an event about a statement, with its id, guid, URL and title; `facts` are other fields of `Event`."""
    return Event(
        kind,
        at,
        source,
        statement_id=statement.id,
        guid=statement.guid,
        url=statement.url,
        title=statement.title,
        standing=statement.standing,
        **facts,
    )


def remarks(*texts: str) -> tuple[Reason, ...]:
    """Build the reasons of an event that compare no wordings, without empty ones."""
    return tuple(Reason("", text) for text in texts if text)
