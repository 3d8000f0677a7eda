"""What a mail tells of State's own doings: published, revised, retitled, moved, withdrawn, restored (pure)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scraper.alerts import excerpts
from scraper.alerts.components import MAX_FACTS, Frame, changes, known_rows, link, side_by_side
from scraper.alerts.content import Excerpt, Link, Row, Telling
from scraper.alerts.format import count, line, moment, span
from scraper.model import EventKind, Part, Precision
from scraper.text.normalize import paragraphs

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.alerts.model import Told
    from scraper.model import Revision

NOW_CHANGED = "What it says now, where it changed"
_BEGINNING_CHARS = 100


def write(told: Told, frame: Frame) -> Telling:
    """What is told of one event of a statement."""
    return _WRITERS[told.event.kind](told, frame)


def revision_pair(told: Told) -> tuple[Revision, Revision] | None:
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


def _published(told: Told, frame: Frame) -> Telling:
    statement = told.statement
    lead = ""
    if statement:
        by = ", ".join(filter(None, [line(statement.type), line(statement.byline)])) or "Statement"
        when = statement.published_at
        lead = f"{by}, {moment(when, frame.zone, statement.precision)}." if when else f"{by}, without a date."
    return _with_text(Telling(lead), told, frame, "The whole text")


def _revised(told: Told, frame: Frame) -> Telling:
    command, pair = _reproduce(told), revision_pair(told)
    found: tuple[Excerpt, ...] = ()
    if pair and not frame.is_brief:
        before, after = (revision.wording.text for revision in pair)
        found = excerpts.changed(NOW_CHANGED, [(before, after)], frame.chars, command)
    if not found and not frame.is_brief:
        found = excerpts.replaced("What changed", told.event.before, told.event.after)
    return Telling(
        _after_publication("changed this statement", told, frame),
        changes=changes(told.event.reasons, frame),
        excerpts=found,
        commands=(("Reproduce", command),),
    )


def _retitled(told: Told, frame: Frame) -> Telling:
    return Telling(
        _after_publication("gave this statement another title", told, frame),
        changes=changes(told.event.reasons, frame),
        excerpts=side_by_side("Title", told, frame),
        commands=(("Reproduce", _reproduce(told)),),
    )


def _reproduce(told: Told) -> str:
    pair = revision_pair(told)
    numbers = f" {pair[0].number} {pair[1].number}" if pair else ""
    return f"statewire diff {told.event.statement}{numbers}"


def _touched(told: Told, frame: Frame) -> Telling:
    part = "title" if told.event.part is Part.TITLE else "text"
    lead = f"State touched up the {part}: letter case, punctuation or typography. Its words are the same."
    return Telling(lead, excerpts=side_by_side(part.capitalize(), told, frame))


def _reattributed(told: Told, frame: Frame) -> Telling:
    lead = "State changed who this statement is by. Its text is the same."
    return Telling(lead, excerpts=side_by_side("Byline", told, frame))


def _moved(told: Told, _frame: Frame) -> Telling:
    rows = known_rows(("From", link(told.event.before)), ("To", link(told.event.after)))
    lead = "State moved this statement to another address."
    if told.event.reasons:  # of a move, only that it had counted as withdrawn
        lead = "This statement, which had counted as withdrawn, stands at another address."
    return Telling(lead, rows=rows)


def _reposted(told: Told, _frame: Frame) -> Telling:
    rows = known_rows(("First as", link(told.event.before)), ("Now as", link(told.event.after)))
    return Telling("State published a text that it had published before, under a new number.", rows=rows)


def _withdrawn(told: Told, frame: Frame) -> Telling:
    since = f" since {moment(told.since, frame.zone)}" if told.since else ""
    lead = f"This statement is no longer at its address{since}, and no list of State names it."
    rows = tuple(Row("Checked", Link(line(reason))) for reason in told.event.reasons[:MAX_FACTS])
    if told.statement:
        rows += known_rows(("Last seen", Link(moment(told.statement.last_seen_at, frame.zone))))
    written = Telling(lead, rows=rows)
    return _with_text(written, told, frame, "Its last text, in full")


def _restored(told: Told, frame: Frame) -> Telling:
    gone = f" after {span(told.event.at - told.since)}" if told.since else ""
    lead = f"This statement, which State had withdrawn, is back at its address{gone}."
    return _with_text(Telling(lead), told, frame, "The whole text")


def _after_publication(did: str, told: Told, frame: Frame) -> str:
    """`State changed this statement 3 h 10 min after it was published. Material change.`"""
    grade = f" {told.event.grade.value.capitalize()} change." if told.event.grade and not frame.is_brief else ""
    published_at = told.statement.published_at if told.statement else None
    is_exact = told.statement is not None and told.statement.precision is not Precision.DAY
    late = ""
    if published_at and is_exact and told.event.at > published_at:
        late = f" {span(told.event.at - published_at)} after it was published"
    return f"State {did}{late}.{grade}"


def _with_text(written: Telling, told: Told, frame: Frame, label: str) -> Telling:
    """A telling with the wording that stands, all of it; among many, with how it begins."""
    number = told.statement.revision if told.statement else 0
    text = next((r.wording.text for r in told.revisions if r.number == number), "")
    command = f"statewire show {told.event.statement}"
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
    return line(begun)


_WRITERS: dict[EventKind, Callable[[Told, Frame], Telling]] = {
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
