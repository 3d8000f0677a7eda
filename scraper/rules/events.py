"""Builders of events about a statement and of their reasons (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scraper.model import Event, EventKind, Part, Reason
from scraper.rules.wordings import changed_passages
from scraper.text import diff
from scraper.text.reasons import weightiest

if TYPE_CHECKING:
    from collections.abc import Collection
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
        **facts,
    )


def changed(
    statement: Statement,
    at: datetime,
    source: str,
    part: Part,
    before: str,
    after: str,
    headings: Collection[str] = (),
    *,
    backfill: bool = False,
) -> Event:
    """Build the event of a change of words, with its grade, its reasons and, for a body, the passages that differ.

    `headings` are those of either body.
    """
    difference = diff.compare(before, after, statement.language, headings)
    left, right = (before, after) if part is Part.TITLE else changed_passages(difference, before, after)
    return about(
        statement,
        EventKind.RETITLED if part is Part.TITLE else EventKind.REVISED,
        at,
        source,
        part=part,
        grade=difference.grade,
        before=left,
        after=right,
        reasons=weightiest(difference.reasons),
        backfill=backfill,
    )


def remarks(*texts: str) -> tuple[Reason, ...]:
    """Build the reasons of an event that compare no wordings, without empty ones."""
    return tuple(Reason("", text) for text in texts if text)
