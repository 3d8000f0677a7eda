"""Composer of messages: builds the content of one message from its facts, for subject, text and HTML alike (pure).

Both parts of a mail are rendered from the same `MessageContent`, so that neither can say what the other does not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final

from scraper import page_paths
from scraper.alerts import headers
from scraper.alerts.components import SectionContext, filled_rows, link
from scraper.alerts.content import Entry, EventSection, Link, MessageContent, Row
from scraper.alerts.event_specs import label_of
from scraper.alerts.format import counted, host, join_names, local_time, one_line, sentence
from scraper.alerts.page_links import link_pages
from scraper.alerts.saved_pages import saved_rows
from scraper.alerts.sections import WRITERS
from scraper.alerts.selection import Limits, SelectedGroup, importance, is_of_state, select
from scraper.alerts.statement_events import change_since, revision_of
from scraper.model import EventKind, MessageKind, MessageState, Relation
from scraper.rules import guards
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.alerts.labels import EventLabel
    from scraper.alerts.model import CopyOnPage, EventDetails, Message, SourceLine
    from scraper.rules.guards import Withheld


PREFIX: Final = "[statewire]"
_SHOWN_REVISIONS = 4
_SHOWN_HOSTS = 5
_SHOWN_COUNTS = 4
_WEEKLY = timedelta(days=2)
_PREVIEW_CHARS = 160
_MAX_WATCHES = 8
_MAX_LINES = 100
_SHOWN_SUBJECTS = 20


def compose_message(message: Message, limits: Limits | None = None, others: Limits | None = None) -> MessageContent:
    """Return the content of a message, within the limits; see `selection.select`."""
    writer = _WRITERS.get(message.kind)
    content = writer(message) if writer else _events(message, limits or Limits(), others)
    return link_pages(content, message.base_url)


def _events(message: Message, limits: Limits, others: Limits | None) -> MessageContent:
    is_digest = message.kind is MessageKind.DIGEST
    selection = select(message.events, limits, others)
    context = SectionContext(message.timezone, limits.chars, is_brief=is_digest)
    others_context = replace(context, chars=others.chars) if others else context
    shown = tuple(_entry(group, context, others_context) for group in selection.groups)
    head = shown[0].sections[0]
    counts = _counts(message)
    rest = selection.total - len(shown)
    since = message.since or min(details.event.at for details in message.events)
    events = f"statewire events --since {since:%Y-%m-%d}"
    subject = f"{_digest_name(message)}: {join_names(counts, _SHOWN_COUNTS)}" if is_digest else head.subject
    return MessageContent(
        subject=headers.header_value(f"{PREFIX} {subject}"),
        preview=_digest_preview(shown) if is_digest else _preview(head),
        opening=_opening(message, counts, selection.total) if is_digest else "",
        note=one_line(message.note),
        is_digest=is_digest,
        entries=shown,
        rest=f"{count(rest, 'more statement')} not shown here: {events}" if rest else "",
        why=_why(message),
        commands=(("All events", events),) if is_digest else _commands(message, shown),
        event="digest" if is_digest else head.event,
        hidden=selection.hidden,
        saved=saved_rows(message.saved, message.timezone),
        saves=tuple(page.save.id for page in message.saved),
    )


def _entry(group: SelectedGroup, context: SectionContext, others: SectionContext) -> Entry:
    shown = _without_repeated_excerpts(
        [event_section(details, context if is_of_state(details.event) else others) for details in group.shown]
    )
    newest = max(group.shown, key=lambda details: details.event.at)
    event = newest.event
    if event.kind.is_of_source:
        return Entry(title_of(newest), sections=shown)
    is_page = event.statement_id is None and bool(event.page_url)
    url = newest.statement.url if newest.statement else event.page_url if is_page else event.url
    rows = () if is_page or context.is_brief else _facts(newest, context)
    if group.more:
        command = f"statewire events --since {group.since:%Y-%m-%d}"
        rows = (*rows, Row("", Link(f"{count(group.more, 'more event')} of it not shown here: {command}")))
    shown_url = link(url)
    path = page_paths.statement(event.statement_id) if event.statement_id else ""
    return Entry(title_of(newest), shown_url.url, shown_url.text, shown, rows, is_statement=not is_page, page_path=path)


def _without_repeated_excerpts(sections: Sequence[EventSection]) -> tuple[EventSection, ...]:
    """Keep each excerpt once: State's change is the same for every copy that it made outdated."""
    seen, found = set[object](), list[EventSection]()
    for section in sections:
        excerpts = tuple(excerpt for excerpt in section.excerpts if excerpt.passages not in seen)
        seen.update(excerpt.passages for excerpt in excerpts)
        found.append(replace(section, excerpts=excerpts))
    return tuple(found)


def _facts(details: EventDetails, context: SectionContext) -> tuple[Row, ...]:
    statement = details.statement
    if statement is None:
        return ()
    dated = statement.published_at
    published = local_time(dated, context.zone, statement.precision) if dated else "without a date"
    elsewhere = [alias.url for alias in details.aliases if alias.url != statement.url]
    return filled_rows(
        ("Published", Link(published)),
        ("Type", Link(one_line(statement.type))),
        ("By", Link(one_line(statement.byline))),
        ("Seen", Link(_seen(details, context))),
        ("Number", Link(str(statement.id))),
        *(("Also at", link(url)) for url in elsewhere[:2]),
        ("Copies", Link(_copies(details))),
    )


def _seen(details: EventDetails, context: SectionContext) -> str:
    first = [f"revision {r.number}: {local_time(r.first_seen_at, context.zone)}" for r in details.revisions]
    if len(first) > _SHOWN_REVISIONS:
        first = [first[0], f"{len(first) - _SHOWN_REVISIONS + 1} more", *first[2 - _SHOWN_REVISIONS :]]
    return "; ".join(first)


def _copies(details: EventDetails) -> str:
    """Return, for example, `3 known; 2 still carry revision 1 (jisipnews.com, stl.news)`."""
    current = [carried for carried in details.copies if carried.copy.gone_at is None]
    if not current:
        return ""
    parts = [f"{len(current):,} known"]
    outdated = [carried for carried in current if carried.copy.outdated]
    for number in sorted({carried.copy.revision for carried in outdated}):
        carriers = [carried for carried in outdated if carried.copy.revision == number]
        verb = "still carries" if len(carriers) == 1 else "still carry"
        parts.append(f"{len(carriers)} {verb} revision {number} ({_hosts(carriers)})")
    if altered := [carried for carried in current if carried.copy.relation is Relation.ALTERED]:
        parts.append(f"{len(altered)} altered ({_hosts(altered)})")
    return "; ".join(parts)


def _hosts(copies: Sequence[CopyOnPage]) -> str:
    return join_names(list(dict.fromkeys(host(carried.page.url) for carried in copies)), _SHOWN_HOSTS)


def _preview(head: EventSection) -> str:
    """Return the preview that an inbox shows: the reasons if there are any, else the beginning of the text."""
    reasons = list(map(str, head.changes))
    text = [paragraph for body in head.bodies for paragraph in body.paragraphs if isinstance(paragraph, str)]
    if reasons:
        return one_line(f"{head.grade.capitalize()}: {'; '.join(reasons)}".removeprefix(": "), _PREVIEW_CHARS)
    lead = "" if head.event == EventKind.PUBLISHED else head.lead
    return one_line(f"{lead} {' '.join(text[:2])}", _PREVIEW_CHARS)


def _digest_preview(entries: Sequence[Entry]) -> str:
    return one_line("; ".join(f"{entry.sections[0].label}: {entry.title}" for entry in entries[:3]), _PREVIEW_CHARS)


def _digest_name(message: Message) -> str:
    if message.note:
        return "Digest"
    is_weekly = message.since and message.until and message.until - message.since > _WEEKLY
    return "Weekly digest" if is_weekly else "Daily digest"


def _counts(message: Message) -> list[str]:
    """Count the events by label, the most important ones first: `3 published`, `2 revised`."""
    found = sorted(message.events, key=lambda details: importance(details.event))
    labels = Counter(label_of(details.event).label for details in found)
    return [counted(number, label) for label, number in labels.items()]


def _opening(message: Message, counts: Sequence[str], statements: int) -> str:
    total = f"{count(len(message.events), 'event')} about {count(statements, 'statement')}"
    span = ""
    if message.since and message.until:
        span = f", {local_time(message.since, message.timezone)} to {local_time(message.until, message.timezone)}"
    troubled = [one_line(source.name, 40) for source in message.lines if source.trouble]
    names = f": {join_names(troubled, _SHOWN_COUNTS)}" if troubled else ""
    health = f" The monitor is running, {_health(message)}{names}." if message.lines else ""
    return f"{', '.join(counts)}: {total}{span}.{health}"


def _health(message: Message) -> str:
    """Return, for example, `3 sources well` or `1 of 3 sources failing`."""
    troubled, sources = sum(bool(source.trouble) for source in message.lines), count(len(message.lines), "source")
    return f"{troubled} of {sources} failing" if troubled else f"{sources} well"


def _why(message: Message) -> str:
    """Return, for example, `You receive this because watch “Mekong” selects revised; matched the word “Mekong”.`"""
    if message.why:
        return message.why
    if message.watches:
        causes = [
            f"watch “{one_line(name)}” {one_line(reason)}".rstrip() for name, reason in message.watches[:_MAX_WATCHES]
        ]
        return sentence(f"You receive this because {', and '.join(causes)}")
    return "You receive this because you are configured as an operator of this monitor."


def _commands(message: Message, entries: Sequence[Entry]) -> tuple[tuple[str, str], ...]:
    """Return each command that shows the same facts once, then those that explain the mail and mute the statement."""
    found = dict.fromkeys(command for entry in entries for section in entry.sections for command in section.commands)
    number = min((details.event for details in message.events), key=importance).id if message.events else None
    if number is not None and message.kind is MessageKind.INSTANT:
        found[("Why you get it", f"statewire alerts why {number}")] = None
    mute = [("Mute this statement", f"statewire alerts mute {message.statement_id}")] if message.statement_id else []
    return (*found, *mute)


def _test(message: Message) -> MessageContent:
    at = local_time(message.made_at, message.timezone)
    return MessageContent(
        subject=f"{PREFIX} Test: mail from statewire arrives",
        preview="No event; this only shows that alerts arrive.",
        opening=f"This is a test, made on {at}. There is no event: it only shows that alerts reach this recipient.",
        note=one_line(message.note),
        why="You receive this because somebody tested the mail settings of this monitor.",
        commands=(("Sent by", "statewire alerts test"),),
        event="test",
    )


def _still_watching(message: Message) -> MessageContent:
    troubled = [source for source in message.lines if source.trouble]
    total, health = len(message.lines), _health(message)
    bad = tuple(_source_row(source, message) for source in troubled[:_MAX_LINES])
    well = [source for source in message.lines if not source.trouble]
    good = tuple(_source_row(source, message) for source in well[: _MAX_LINES - len(bad)])
    if more := total - len(bad) - len(good):
        good += (Row("", Link(f"and {count(more, 'more source')}: statewire status")),)
    parts = (
        ("In trouble", bad),
        ("Working", good),
        ("Found", _plain_rows(message.found)),
        ("Mail", _plain_rows(message.queue)),
    )
    return MessageContent(
        subject=f"{PREFIX} Still watching: {health}",
        preview=one_line("; ".join(message.found) or health, _PREVIEW_CHARS),
        opening=f"statewire is running; {health}.",
        note=one_line(message.note),
        entries=tuple(Entry(title, rows=rows) for title, rows in parts if rows),
        why=_why(message),
        commands=(("Look now", "statewire status"), ("Check everything", "statewire doctor")),
        event="still-watching",
    )


def _refused(message: Message) -> MessageContent:
    entry = Entry("Not delivered", rows=_plain_rows(message.queue))
    return MessageContent(
        subject=headers.header_value(f"{PREFIX} {one_line(message.note)}"),
        preview="It is kept, but not sent again automatically.",
        opening=f"{sentence(one_line(message.note))} It is kept, but not sent again automatically.",
        entries=(entry,) if entry.rows else (),
        why=_why(message),
        commands=(
            ("All refused messages", f"statewire alerts list --state {MessageState.REFUSED}"),
            ("Send it again after the cause is fixed", "statewire alerts retry"),
        ),
        event="mail.refused",
    )


def _withheld(message: Message) -> MessageContent:
    """Return the mail to the operator about what guards withheld: what, from whom, since when, and what to do."""
    entries = []
    for guard, counts in groupby(message.withheld, key=lambda withheld: withheld.guard):
        found = list(counts)
        lines = [f"{guards.describe(withheld)}, {_span(withheld, message)}" for withheld in found[:_SHOWN_SUBJECTS]]
        if more := len(found) - len(lines):
            lines.append(f"and {count(more, 'more subject')}: statewire status --json")
        rows = (*_plain_rows(lines), Row("What to do", Link(guards.GUARDS[guard].advice)))
        entries.append(Entry(guard.value, rows=rows))
    names = join_names([entry.title for entry in entries], _SHOWN_COUNTS)
    return MessageContent(
        subject=headers.header_value(f"{PREFIX} Withheld: {names}"),
        preview=one_line("; ".join(guards.describe(withheld) for withheld in message.withheld), _PREVIEW_CHARS),
        opening="Limits of this monitor withheld the following. There is at most one such mail a day.",
        entries=tuple(entries),
        why=_why(message),
        commands=(("Look now", "statewire status"),),
        event="withheld",
    )


def _span(withheld: Withheld, message: Message) -> str:
    """Return, for example, `from 2 Aug 2021, 22:14 EDT to 3 Aug 2021, 01:24 EDT`."""
    since, last = (local_time(at, message.timezone) for at in (withheld.since, withheld.last_at))
    return f"at {since}" if since == last else f"from {since} to {last}"


# The other kinds report events.
_WRITERS: Final = {
    MessageKind.TEST: _test,
    MessageKind.STILL_WATCHING: _still_watching,
    MessageKind.REFUSED: _refused,
    MessageKind.WITHHELD: _withheld,
}


def _source_row(source: SourceLine, message: Message) -> Row:
    success = local_time(source.last_success_at, message.timezone) if source.last_success_at else ""
    trouble = f"{sentence(one_line(source.trouble))} " if source.trouble else ""
    brought = count(source.items, "item") if source.items else "nothing"
    worked = f"Last success {success}, brought {brought}" if success else "No success yet"
    return Row(one_line(source.name, 40), Link(f"{trouble}{worked} ({one_line(source.role)})."))


def _plain_rows(lines: Sequence[str]) -> tuple[Row, ...]:
    return tuple(Row("", Link(one_line(words))) for words in lines[:_MAX_LINES] if one_line(words))


def event_section(details: EventDetails, context: SectionContext) -> EventSection:
    """Return the section of a mail that reports one event."""
    event = details.event
    label = label_of(event)
    section = WRITERS[event.kind](details, context)
    return replace(
        section,
        lead=f"{section.lead} {change_since(details)}".strip(),
        label=label.label,
        tone=label.tone,
        weight=label.weight,
        grade=event.grade.value if event.grade else "",
        when=local_time(event.at, context.zone),
        subject=_subject(details, label),
        event=event.kind.value + (f"; grade={event.grade.value}" if event.grade else ""),
    )


def title_of(details: EventDetails) -> str:
    """Return the title of an event's subject: the statement's at that time, else the page's, else the source's name."""
    event = details.event
    if event.kind.is_of_source:
        return one_line(event.source)
    revision = revision_of(details) if event.kind.subject == "statement" else None
    known = revision.wording.title if revision else event.title or (details.statement and details.statement.title)
    return one_line(known or event.page_title or event.page_url or event.url)


def _subject(details: EventDetails, label: EventLabel) -> str:
    """Return the label and the title, with the site of a copy, or with the duration of an outage that is over."""
    event = details.event
    site = f"{host(event.page_url)}, " if event.page_url else ""
    lasted = f" {event.reason_texts[0]}" if event.kind is EventKind.RECOVERED and event.reasons else ""
    return f"{label.label}: {site}{title_of(details)}{lasted}"
