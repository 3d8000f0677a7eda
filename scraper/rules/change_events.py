"""Builder of the event of a change of words: its grade, its reasons and the passages that differ (pure)."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from scraper.model import Event, EventKind, Part, Statement
from scraper.rules.events import about
from scraper.rules.wordings import changed_passages
from scraper.text import diff
from scraper.text.reasons import weightiest

if TYPE_CHECKING:
    from datetime import datetime


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
