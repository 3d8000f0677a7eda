"""What a mail tells of State's own doings: published, revised, retitled, moved, withdrawn, restored (pure)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scraper.alerts import excerpts
from scraper.alerts.components import MAX_FACTS, SectionContext, changes, filled_rows, link, side_by_side
from scraper.alerts.content import EventSection, Excerpt, Link, Row
from scraper.alerts.format import count, duration, local_time, one_line
from scraper.model import EventKind, Part, Precision
from scraper.text.normalize import paragraphs

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.alerts.model import EventDetails
    from scraper.model import Revision

NOW_CHANGED = "What it says now, where it changed"
_BEGINNING_CHARS = 100


def write(told: EventDetails, frame: SectionContext) -> EventSection:
    """What is told of one event of a statement."""
    return _WRITERS[told.event.kind](told, frame)


def revision_pair(told: EventDetails) -> tuple[Revision, Revision] | None:
    """The wordings before and after an event: the one that stood last, and the one that stands since."""
    at = told.event.at
    after = max(
        (r for r in told.revisions if r.first_seen_at <= at <= r.last_seen_at),
        key=lambda r: (r.first_seen_at, r.number),
        default=None,
    )
    if after is None:
        return None
    before = max(
        (r for r in told.revisions if r is not after and r.first_seen_at < at),
        key=lambda r: (min(r.last_seen_at, at), r.number),
        default=None,
    )
    return (before, after) if before else None


def _published(told: EventDetails, frame: SectionContext) -> EventSection:
    statement = told.statement
    lead = ""
    if statement:
        by = ", ".join(filter(None, [one_line(statement.type), one_line(statement.byline)])) or "Statement"
        when = statement.published_at
        lead = f"{by}, {local_time(when, frame.zone, statement.precision)}." if when else f"{by}, without a date."
    return _with_text(EventSection(lead), told, frame, "The whole text")


def _revised(told: EventDetails, frame: SectionContext) -> EventSection:
    command, pair = _reproduce(told), revision_pair(told)
    found: tuple[Excerpt, ...] = ()
    if pair and not frame.is_brief:
        before, after = (revision.wording.text for revision in pair)
        found = excerpts.changed(NOW_CHANGED, [(before, after)], frame.chars, command)
    if not found and not frame.is_brief:
        found = excerpts.replaced("What changed", told.event.before, told.event.after)
    return EventSection(
        _after_publication("changed this statement", told, frame),
        changes=changes(told.event.reasons, frame),
        excerpts=found,
        commands=(("Reproduce", command),),
    )


def _retitled(told: EventDetails, frame: SectionContext) -> EventSection:
    return EventSection(
        _after_publication("gave this statement another title", told, frame),
        changes=changes(told.event.reasons, frame),
        excerpts=side_by_side("Title", told, frame),
        commands=(("Reproduce", _reproduce(told)),),
    )


def _reproduce(told: EventDetails) -> str:
    pair = revision_pair(told)
    numbers = f" {pair[0].number} {pair[1].number}" if pair else ""
    return f"statewire diff {told.event.statement_id}{numbers}"


def _touched(told: EventDetails, frame: SectionContext) -> EventSection:
    part = "title" if told.event.part is Part.TITLE else "text"
    lead = f"State touched up the {part}: letter case, punctuation or typography. Its words are the same."
    return EventSection(lead, excerpts=side_by_side(part.capitalize(), told, frame))


def _reattributed(told: EventDetails, frame: SectionContext) -> EventSection:
    lead = "State changed who this statement is by. Its text is the same."
    return EventSection(lead, excerpts=side_by_side("Byline", told, frame))


def _moved(told: EventDetails, _frame: SectionContext) -> EventSection:
    rows = filled_rows(("From", link(told.event.before)), ("To", link(told.event.after)))
    lead = "State moved this statement to another address."
    if told.event.reasons:  # of a move, only that it had counted as withdrawn
        lead = "This statement, which had counted as withdrawn, stands at another address."
    return EventSection(lead, rows=rows)


def _reposted(told: EventDetails, _frame: SectionContext) -> EventSection:
    rows = filled_rows(("First as", link(told.event.before)), ("Now as", link(told.event.after)))
    return EventSection("State published a text that it had published before, under a new number.", rows=rows)


def _withdrawn(told: EventDetails, frame: SectionContext) -> EventSection:
    since = f" since {local_time(told.since, frame.zone)}" if told.since else ""
    lead = f"This statement is no longer at its address{since}, and no list of State names it."
    rows = tuple(Row("Checked", Link(one_line(reason))) for reason in told.event.reasons[:MAX_FACTS])
    if told.statement:
        rows += filled_rows(("Last seen", Link(local_time(told.statement.last_seen_at, frame.zone))))
    written = EventSection(lead, rows=rows)
    return _with_text(written, told, frame, "Its last text, in full")


def _restored(told: EventDetails, frame: SectionContext) -> EventSection:
    gone = f" after {duration(told.event.at - told.since)}" if told.since else ""
    lead = f"This statement, which State had withdrawn, is back at its address{gone}."
    return _with_text(EventSection(lead), told, frame, "The whole text")


def _after_publication(did: str, told: EventDetails, frame: SectionContext) -> str:
    """`State changed this statement 3 h 10 min after it was published. Material change.`"""
    grade = f" {told.event.grade.value.capitalize()} change." if told.event.grade and not frame.is_brief else ""
    published_at = told.statement.published_at if told.statement else None
    is_exact = told.statement is not None and told.statement.precision is not Precision.DAY
    late = ""
    if published_at and is_exact and told.event.at > published_at:
        late = f" {duration(told.event.at - published_at)} after it was published"
    return f"State {did}{late}.{grade}"


def _with_text(written: EventSection, told: EventDetails, frame: SectionContext, label: str) -> EventSection:
    """A telling with the wording that stands, all of it; among many, with how it begins."""
    number = told.statement.revision if told.statement else 0
    text = next((r.wording.text for r in told.revisions if r.number == number), "")
    command = f"statewire show {told.event.statement_id}"
    if frame.is_brief:
        text = beginning(text)
    size = count(len(text.split()), "word")
    label = "" if frame.is_brief else f"{label} ({size})"
    return replace(
        written,
        bodies=excerpts.body(label, text, frame.chars, command),
        commands=(("Read it here", command),),
    )


def beginning(text: str) -> str:
    """How a text begins, in one line; a first paragraph that only says who speaks is none yet."""
    begun = ""
    for paragraph in paragraphs(text):
        begun = f"{begun} {paragraph}".strip()
        if len(begun) >= _BEGINNING_CHARS:
            break
    return one_line(begun)


_WRITERS: dict[EventKind, Callable[[EventDetails, SectionContext], EventSection]] = {
    EventKind.PUBLISHED: _published,
    EventKind.REVISED: _revised,
    EventKind.RETITLED: _retitled,
    EventKind.TOUCHED: _touched,
    EventKind.REATTRIBUTED: _reattributed,
    EventKind.MOVED: _moved,
    EventKind.REPOSTED: _reposted,
    EventKind.WITHDRAWN: _withdrawn,
    EventKind.RESTORED: _restored,
}
