"""What tellings are put together from: reasons as a table, links, labelled rows, two sides of a change (pure)."""

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
# One more than `diff.MAX_REASONS`: the last says how many are left.
_MAX_REASONS = 13
_BRIEF_REASONS = 3
_SIDE_CHARS = 200
# How an event of a copy begins the reasons that are State's own changes.
_SINCE = "State has changed since: "


@dataclass(frozen=True, slots=True)
class SectionContext:
    """In what a telling is put: the reader's timezone, characters for texts, and whether it is one of many."""

    zone: ZoneInfo
    chars: int
    is_brief: bool = False


def changes(reasons: tuple[str, ...], frame: SectionContext) -> tuple[Change, ...]:
    """Reasons as a table: `amount: $80 million → $58 million` has a label and two sides."""
    most = _BRIEF_REASONS if frame.is_brief else _MAX_REASONS
    more = len(reasons) - most
    told = tuple(map(_change, reasons[:most]))
    return (*told, Change("", f"and {more} more")) if more > 0 else told


def _change(reason: str) -> Change:
    if reason.startswith(_SINCE):
        change = _change(reason.removeprefix(_SINCE))
        return replace(change, label=f"{change.label}, by State".removeprefix(", "))
    label, colon, words = reason.partition(": ")
    if not colon or not LABEL.fullmatch(label):
        return Change("", one_line(reason))
    before, arrow, after = words.partition(" → ")
    if not arrow and label.endswith("added"):
        return Change(label, "", one_line(words, _SIDE_CHARS))
    return Change(label, one_line(before, _SIDE_CHARS), one_line(after, _SIDE_CHARS))


def link(url: str | None) -> Link:
    """An address as a link if it may be one, else as plain words."""
    good = linkable(url)
    return Link(url_label(good), good) if good else Link(one_line(url))


def filled_rows(*facts: tuple[str, Link]) -> tuple[Row, ...]:
    """Those facts of which anything is known, each with its label."""
    return tuple(Row(label, value) for label, value in facts if value.text)


def side_by_side(label: str, told: EventDetails, frame: SectionContext) -> tuple[Excerpt, ...]:
    """An event's own words before and after, marked where they differ."""
    before, after = one_line(told.event.before, 1_000), one_line(told.event.after, 1_000)
    command = f"statewire show {told.event.statement_id}"
    found = excerpts.changed(label, [(before, after)], frame.chars, command) if before and after else ()
    return found or excerpts.replaced(label, before, after)
