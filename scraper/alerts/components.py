"""Building blocks of the event sections of a mail: table of reasons, links, labelled rows, text differences (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.alerts import excerpts
from scraper.alerts.content import Change, Excerpt, Link, Row
from scraper.alerts.format import LINE_CHARS, linkable, one_line, url_label

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from scraper.alerts.model import EventDetails
    from scraper.model import Event, Reason

MAX_FACTS = 12
# One more than `reasons.MAX_REASONS`: the last one counts the reasons that were left out.
_MAX_REASONS = 13
_BRIEF_REASONS = 3
_SIDE_CHARS = 200


@dataclass(frozen=True, slots=True)
class SectionContext:
    """Settings of one section: the reader's timezone, the budget of text characters, and `is_brief` in a digest."""

    zone: ZoneInfo
    chars: int
    is_brief: bool = False


def changes(event: Event, context: SectionContext) -> tuple[Change, ...]:
    """Return the reasons of an event as table rows; those that compare two wordings have a label and two sides."""
    most = _BRIEF_REASONS if context.is_brief else _MAX_REASONS
    shown = tuple(map(_change, event.reasons[:most]))
    more = len(event.reasons) - most
    return (*shown, Change("", f"and {more} more")) if more > 0 else shown


def _change(reason: Reason) -> Change:
    label = labelled(reason)
    chars = _SIDE_CHARS if label or reason.after else LINE_CHARS
    return Change(label, one_line(reason.before, chars), one_line(reason.after, chars), one_line(reason.section))


def labelled(reason: Reason) -> str:
    """Return the label of a reason; that of a change by State in an event of a copy begins with "State"."""
    return ": ".join(filter(None, ["State" if reason.by_state else "", reason.label]))


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
