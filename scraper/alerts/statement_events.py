"""Sections for events of a statement: published, revised, retitled, moved, withdrawn, restored (pure)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scraper.alerts import excerpts
from scraper.alerts.components import MAX_FACTS, SectionContext, changes, filled_rows, link, side_by_side
from scraper.alerts.content import Change, EventSection, Excerpt, Link, Row
from scraper.alerts.format import duration, local_time, one_line
from scraper.model import Part, Precision
from scraper.rules import editions
from scraper.rules.placeholders import Absence
from scraper.text.normalize import count, paragraphs

if TYPE_CHECKING:
    from scraper.alerts.model import EventDetails
    from scraper.model import Revision

_BEGINNING_CHARS = 100


def revision_of(details: EventDetails) -> Revision | None:
    """Return the revision that an event of a statement reports, else the one that was current when it happened."""
    event = details.event
    if event.kind.subject == "statement" and event.revision is not None:
        return next((r for r in details.revisions if r.number == event.revision), None)
    return max(
        (r for r in details.revisions if r.first_seen_at <= event.at),
        key=lambda r: (min(r.last_seen_at, event.at), r.first_seen_at, r.number),
        default=None,
    )


def _noun(details: EventDetails) -> str:
    return "page" if details.event.standing else "statement"


def revision_pair(details: EventDetails) -> tuple[Revision, Revision] | None:
    """Return the revisions before and after an event: the last one seen before it, and its own."""
    at, after = details.event.at, revision_of(details)
    if after is None or (details.event.revision is None and after.last_seen_at < at):
        return None
    before = max(
        (r for r in details.revisions if r is not after and r.first_seen_at < at),
        key=lambda r: (min(r.last_seen_at, at), r.number),
        default=None,
    )
    return (before, after) if before else None


def published(details: EventDetails, context: SectionContext) -> EventSection:
    """Return the section for a new statement."""
    statement = details.statement
    lead = ""
    if statement and statement.standing:
        lead = "A new page, which no list named before."
    elif statement:
        by = ", ".join(filter(None, [one_line(statement.type), one_line(statement.byline)])) or "Statement"
        when = statement.published_at
        lead = f"{by}, {local_time(when, context.zone, statement.precision)}." if when else f"{by}, without a date."
    section = EventSection(lead, changes=_since_last_time(details, context))
    return _with_text(section, details, context, "The whole text")


def _since_last_time(details: EventDetails, context: SectionContext) -> tuple[Change, ...]:
    """Return what a new statement of a series dropped and what is new in it since the edition before, in order."""
    edition, revision = details.edition, revision_of(details)
    if edition is None or revision is None:
        return ()
    day = local_time(edition.published_at, context.zone, Precision.DAY)
    phrase = editions.describe_difference(edition.text, revision.wording.text)
    head = Change("", f"Since the edition before, of {day}: {phrase}.")
    found = list(editions.compare_sentences(edition.text, revision.wording.text))
    most = 0 if context.is_brief else MAX_FACTS
    shown = [
        Change("new", "", one_line(each.text)) if each.is_new else Change("dropped", one_line(each.text))
        for each in found[:most]
    ]
    if most and len(found) > most:
        command = f"statewire diff {details.event.statement_id} --previous-edition"
        shown.append(Change("", f"and {len(found) - most} more: {command}"))
    return (head, *shown)


def revised(details: EventDetails, context: SectionContext) -> EventSection:
    """Return the section for a change of the text."""
    command, pair = _reproduce(details), revision_pair(details)
    found: tuple[Excerpt, ...] = ()
    if pair and not context.is_brief:
        before, after = (revision.wording.text for revision in pair)
        passages = f"before and in revision {pair[1].number}" if _changed_since(details) else "before and now"
        found = excerpts.changed(f"The changed passages, {passages}", [(before, after)], context.chars, command)
    if not found and not context.is_brief:
        found = excerpts.replaced("What changed", details.event.before, details.event.after)
    return EventSection(
        _after_publication(f"changed this {_noun(details)}", details),
        changes=changes(details.event, context),
        excerpts=found,
        commands=(("Reproduce", command),),
    )


def retitled(details: EventDetails, context: SectionContext) -> EventSection:
    """Return the section for another title."""
    return EventSection(
        _after_publication(f"gave this {_noun(details)} another title", details),
        changes=changes(details.event, context),
        excerpts=side_by_side("Title", details, context),
        commands=(("Reproduce", _reproduce(details)),),
    )


def _reproduce(details: EventDetails) -> str:
    pair = revision_pair(details)
    numbers = f" {pair[0].number} {pair[1].number}" if pair else ""
    return f"statewire diff {details.event.statement_id}{numbers}"


def touched(details: EventDetails, context: SectionContext) -> EventSection:
    """Return the section for a change of typography."""
    part = "title" if details.event.part is Part.TITLE else "text"
    lead = (
        f"State changed the appearance of the {part}: letter case, punctuation or typography. The words are the same."
    )
    return EventSection(lead, excerpts=side_by_side(part.capitalize(), details, context))


def reattributed(details: EventDetails, context: SectionContext) -> EventSection:
    """Return the section for another byline."""
    lead = f"State changed the byline of this {_noun(details)}. The text is the same."
    return EventSection(lead, excerpts=side_by_side("Byline", details, context))


def moved(details: EventDetails, _context: SectionContext) -> EventSection:
    """Return the section for another URL of a statement."""
    rows = filled_rows(("From", link(details.event.before)), ("To", link(details.event.after)))
    lead = f"State moved this {_noun(details)} to another URL."
    if details.event.reasons:  # a move has a reason only if the statement counted as withdrawn
        lead = f"This {_noun(details)}, which was reported as withdrawn, is at another URL."
    return EventSection(lead, rows=rows)


def reposted(details: EventDetails, _context: SectionContext) -> EventSection:
    """Return the section for a text that was published before."""
    rows = filled_rows(("First as", link(details.event.before)), ("Now as", link(details.event.after)))
    return EventSection("State published a text again that it had published before, under a new identifier.", rows=rows)


def withdrawn(details: EventDetails, context: SectionContext) -> EventSection:
    """Return the section for a withdrawal."""
    since = f" since {local_time(details.since, context.zone)}" if details.since else ""
    lead = f"This {_noun(details)} is no longer at its URL{since}, and no list of State’s contains it."
    if details.event.standing:
        lead = f"This page is no longer at its URL{since}."
    if details.event.after in set(Absence):
        lead = f"State still lists this {_noun(details)}, but no longer shows its text."
    rows = tuple(Row("Checked", Link(one_line(reason))) for reason in details.event.reason_texts[:MAX_FACTS])
    if details.statement:
        rows += filled_rows(("Last seen", Link(local_time(details.statement.last_seen_at, context.zone))))
    section = EventSection(lead, rows=rows)
    return _with_text(section, details, context, "Its last text in full")


def restored(details: EventDetails, context: SectionContext) -> EventSection:
    """Return the section for a return after a withdrawal."""
    gone = f" after {duration(details.event.at - details.since)}" if details.since else ""
    lead = f"This {_noun(details)}, which State had withdrawn, is back at its URL{gone}."
    return _with_text(EventSection(lead), details, context, "The whole text")


def _after_publication(action: str, details: EventDetails) -> str:
    """Return, for example, `State changed this statement 3 h 10 min after it was published.`

    The heading of the section has the grade.
    """
    published_at = details.statement.published_at if details.statement else None
    precision = details.statement.precision if details.statement else None
    is_exact = details.statement is not None and not (precision and precision.span)
    late = ""
    if published_at and is_exact and not details.event.standing and details.event.at > published_at:
        late = f" {duration(details.event.at - published_at)} after it was published"
    return f"State {action}{late}."


def _changed_since(details: EventDetails) -> int | None:
    """Return the number of the current revision if it is another one than an event reports, else None."""
    revision, statement = revision_of(details), details.statement
    if not statement or revision is None or statement.revision == revision.number:
        return None
    return statement.revision


def change_since(details: EventDetails) -> str:
    """Return a sentence if the text that an event of a statement is about is no longer what State says, else ""."""
    number = _changed_since(details) if details.event.kind.subject == "statement" else None
    return f"State has changed it since: revision {number}." if number else ""


def _with_text(section: EventSection, details: EventDetails, context: SectionContext, label: str) -> EventSection:
    """Add the text of the event's revision to a section, in full or, in a brief section, its beginning."""
    revision = revision_of(details)
    text = revision.wording.text if revision else ""
    command = f"statewire show {details.event.statement_id}"
    if revision and details.statement and revision.number != details.statement.revision:
        command += f" --revision {revision.number}"
    if context.is_brief:
        text = beginning(text)
    size = count(len(text.split()), "word")
    label = "" if context.is_brief else f"{label} ({size})"
    return replace(
        section,
        bodies=excerpts.body(label, text, context.chars, command),
        commands=(("Read it here", command),),
    )


def beginning(text: str) -> str:
    """Return the beginning of a text on one line; a short first paragraph only names the speaker and is not enough."""
    start = ""
    for paragraph in paragraphs(text):
        start = f"{start} {paragraph}".strip()
        if len(start) >= _BEGINNING_CHARS:
            break
    return one_line(start)
