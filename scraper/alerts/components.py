"""Building blocks of the event sections of a mail: table of reasons, links, labelled rows, text differences (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scraper.alerts import excerpts
from scraper.alerts.content import Change, Excerpt, Link, Row
from scraper.alerts.format import linkable, one_line, url_label

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from scraper.alerts.model import EventDetails

MAX_FACTS = 12
LABEL = re.compile(r"[A-Za-z][A-Za-z ]{1,27}")
# One more than `diff.MAX_REASONS`: the last one counts the reasons that were left out.
_MAX_REASONS = 13
_BRIEF_REASONS = 3
_SIDE_CHARS = 200
# Prefix of those reasons of a copy's event that are State's own changes.
_STATE_CHANGE_PREFIX = "State has changed since: "


@dataclass(frozen=True, slots=True)
class SectionContext:
    """Settings of one section: the reader's timezone, the budget of text characters, and `is_brief` in a digest."""

    zone: ZoneInfo
    chars: int
    is_brief: bool = False


def changes(reasons: tuple[str, ...], context: SectionContext) -> tuple[Change, ...]:
    """Return reasons as table rows: `amount: $80 million → $58 million` has a label and two sides."""
    most = _BRIEF_REASONS if context.is_brief else _MAX_REASONS
    more = len(reasons) - most
    shown = tuple(map(_change, reasons[:most]))
    return (*shown, Change("", f"and {more} more")) if more > 0 else shown


def _change(reason: str) -> Change:
    if reason.startswith(_STATE_CHANGE_PREFIX):
        change = _change(reason.removeprefix(_STATE_CHANGE_PREFIX))
        return replace(change, label=f"{change.label}, by State".removeprefix(", "))
    label, colon, words = reason.partition(": ")
    if not colon or not LABEL.fullmatch(label):
        return Change("", one_line(reason))
    before, arrow, after = words.partition(" → ")
    if not arrow and label.endswith("added"):
        return Change(label, "", one_line(words, _SIDE_CHARS))
    return Change(label, one_line(before, _SIDE_CHARS), one_line(after, _SIDE_CHARS))


def link(url: str | None) -> Link:
    """Return a URL as a link if it is safe to link to, else as plain text."""
    good = linkable(url)
    return Link(url_label(good), good) if good else Link(one_line(url))


def filled_rows(*facts: tuple[str, Link]) -> tuple[Row, ...]:
    """Return a row for each labelled value that is not empty."""
    return tuple(Row(label, value) for label, value in facts if value.text)


def side_by_side(label: str, details: EventDetails, context: SectionContext) -> tuple[Excerpt, ...]:
    """Return the values that an event itself holds, before and after, marked where they differ."""
    before, after = one_line(details.event.before, 1_000), one_line(details.event.after, 1_000)
    command = f"statewire show {details.event.statement_id}"
    found = excerpts.changed(label, [(before, after)], context.chars, command) if before and after else ()
    return found or excerpts.replaced(label, before, after)
