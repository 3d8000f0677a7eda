"""One event -> what a mail tells of it: verb, lead sentence, reasons, where it changed, facts, commands (pure)."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from scraper.alerts import excerpts
from scraper.alerts.letter import Change, Excerpt, Link, Row, Telling, Tone
from scraper.alerts.words import address_label, count, host, line, linkable, moment, sentence, span
from scraper.copies import carried_since
from scraper.model import EventKind, Grade, Part, Precision, Relation
from scraper.text import paragraphs

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from scraper.alerts.model import Told
    from scraper.model import Event, Revision

NOW_CHANGED = "What it says now, where it changed"
_LABEL = re.compile(r"[A-Za-z][A-Za-z ]{1,27}")
# One more than `diff.MAX_REASONS`: the last says how many are left.
_MAX_REASONS = 13
_BRIEF_REASONS = 3
_SIDE_CHARS = 200
_BEGINNING_CHARS = 100
_MAX_FACTS = 12
# How an event of a copy begins the reasons that are State's own changes.
_SINCE = "State has changed since: "


class Verb(NamedTuple):
    """The verb in a subject, its colour, and how much it weighs beside other events of the same statement."""

    label: str
    tone: Tone
    weight: int


_KINDS = {
    EventKind.WITHDRAWN: Verb("Withdrawn", Tone.ALARM, 100),
    EventKind.UNSOURCED: Verb("Unsourced", Tone.ALARM, 80),
    EventKind.RESTORED: Verb("Restored", Tone.GOOD, 75),
    EventKind.PUBLISHED: Verb("Published", Tone.NEWS, 70),
    EventKind.REVISED: Verb("Revised", Tone.CHANGE, 60),
    EventKind.RETITLED: Verb("Retitled", Tone.CHANGE, 50),
    EventKind.REPOSTED: Verb("Reposted", Tone.QUIET, 40),
    EventKind.REATTRIBUTED: Verb("New byline", Tone.CHANGE, 35),
    EventKind.COPY_FOUND: Verb("Copied", Tone.NEWS, 25),
    EventKind.COPY_CHANGED: Verb("Copy changed", Tone.CHANGE, 25),
    EventKind.COPY_GONE: Verb("Copy gone", Tone.QUIET, 15),
    EventKind.MOVED: Verb("Moved", Tone.QUIET, 12),
    EventKind.TOUCHED: Verb("Touched up", Tone.QUIET, 10),
    EventKind.BLOCKED: Verb("Source blocked", Tone.ALARM, 90),
    EventKind.BROKEN: Verb("Source broken", Tone.ALARM, 90),
    EventKind.DRIFTED: Verb("Source changed shape", Tone.ALARM, 90),
    EventKind.SILENT: Verb("Source silent", Tone.CHANGE, 85),
    EventKind.FALLBACK: Verb("Source on fallback", Tone.CHANGE, 82),
    EventKind.RECOVERED: Verb("Recovered", Tone.GOOD, 81),
}
_MATERIAL_WEIGHT = 15
_COPY_RELATIONS = {
    Relation.ALTERED: Verb("Altered copy", Tone.ALARM, 45),
    Relation.SUPERSEDED: Verb("Outdated copy", Tone.CHANGE, 42),
    Relation.TRANSLATED: Verb("Translation", Tone.NEWS, 20),
}
_TRIES = {
    EventKind.BLOCKED: "Nothing is disguised and nothing is forced: the host is left in peace and asked again later. "
    "If it stays so, name another endpoint of the source, or write to the site.",
    EventKind.BROKEN: "Open its address in a browser. If it has moved, give the new address in config.yaml.",
    EventKind.DRIFTED: "Its page no longer has the shape that the parser knows. What was known stays as it is; "
    "the bodies are kept and can be read again once the parser is mended.",
    EventKind.SILENT: "Look at its page: has it nothing new, or does it answer with an old copy of itself?",
    EventKind.FALLBACK: "Nothing is lost while the other endpoint serves. The first choice is asked at every run.",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """In what a telling is put: the reader's timezone, characters for texts, and whether it is one of many."""

    zone: ZoneInfo
    chars: int
    is_brief: bool = False


def verb(event: Event) -> Verb:
    """What a mail calls an event, and how much it weighs."""
    label, tone, weight = _KINDS[event.kind]
    if event.kind in {EventKind.COPY_FOUND, EventKind.COPY_CHANGED} and event.relation in _COPY_RELATIONS:
        label, tone, weight = _COPY_RELATIONS[event.relation]
    if event.grade is Grade.MATERIAL:
        return Verb(label, Tone.ALARM if tone is Tone.CHANGE else tone, weight + _MATERIAL_WEIGHT)
    return Verb(label, tone, weight)


def telling(told: Told, frame: Frame) -> Telling:
    """What a mail tells of one event."""
    event = told.event
    is_of_source = event.kind.value.startswith("source.")
    write = _of_source if is_of_source else _WRITERS.get(event.kind, _of_copy)
    called = verb(event)
    return replace(
        write(told, frame),
        label=called.label,
        tone=called.tone,
        weight=called.weight,
        grade=event.grade.value if event.grade else "",
        when=moment(event.at, frame.zone),
        subject=_subject(told, called),
        event=event.kind.value + (f"; grade={event.grade.value}" if event.grade else ""),
    )


def title_of(told: Told) -> str:
    """What an event is about: the title of the statement, else of the page, else the name of the source."""
    event = told.event
    if event.kind.value.startswith("source."):
        return line(event.source)
    known = told.statement.title if told.statement else event.title
    return line(known or event.page_title or event.page_url or event.url)


def _subject(told: Told, called: Verb) -> str:
    """The verb, of others' pages their site, then the title; of an outage that is over how long it was."""
    event = told.event
    site = f"{host(event.page_url)}, " if event.page_url else ""
    lasted = f" {event.reasons[0]}" if event.kind is EventKind.RECOVERED and event.reasons else ""
    return f"{called.label}: {site}{title_of(told)}{lasted}"


def _changes(reasons: tuple[str, ...], frame: Frame) -> tuple[Change, ...]:
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
    if not colon or not _LABEL.fullmatch(label):
        return Change("", line(reason))
    before, arrow, after = words.partition(" → ")
    if not arrow and label.endswith("added"):
        return Change(label, "", line(words, _SIDE_CHARS))
    return Change(label, line(before, _SIDE_CHARS), line(after, _SIDE_CHARS))


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


def link(url: str | None) -> Link:
    """An address as a link if it may be one, else as plain words."""
    good = linkable(url)
    return Link(address_label(good), good) if good else Link(line(url))


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
        changes=_changes(told.event.reasons, frame),
        excerpts=found,
        commands=(("Reproduce", command),),
    )


def _retitled(told: Told, frame: Frame) -> Telling:
    return Telling(
        _after_publication("gave this statement another title", told, frame),
        changes=_changes(told.event.reasons, frame),
        excerpts=_side_by_side("Title", told, frame),
        commands=(("Reproduce", _reproduce(told)),),
    )


def _reproduce(told: Told) -> str:
    pair = revision_pair(told)
    numbers = f" {pair[0].number} {pair[1].number}" if pair else ""
    return f"statewire diff {told.event.statement}{numbers}"


def _touched(told: Told, frame: Frame) -> Telling:
    part = "title" if told.event.part is Part.TITLE else "text"
    lead = f"State touched up the {part}: letter case, punctuation or typography. Its words are the same."
    return Telling(lead, excerpts=_side_by_side(part.capitalize(), told, frame))


def _reattributed(told: Told, frame: Frame) -> Telling:
    lead = "State changed who this statement is by. Its text is the same."
    return Telling(lead, excerpts=_side_by_side("Byline", told, frame))


def _moved(told: Told, _frame: Frame) -> Telling:
    rows = _rows(("From", link(told.event.before)), ("To", link(told.event.after)))
    return Telling("State moved this statement to another address.", rows=rows)


def _reposted(told: Told, _frame: Frame) -> Telling:
    rows = _rows(("First as", link(told.event.before)), ("Now as", link(told.event.after)))
    return Telling("State published a text that it had published before, under a new number.", rows=rows)


def _withdrawn(told: Told, frame: Frame) -> Telling:
    since = f" since {moment(told.since, frame.zone)}" if told.since else ""
    lead = f"This statement is no longer at its address{since}, and no list of State names it."
    rows = tuple(Row("Checked", Link(line(reason))) for reason in told.event.reasons[:_MAX_FACTS])
    if told.statement:
        rows += _rows(("Last seen", Link(moment(told.statement.last_seen_at, frame.zone))))
    written = Telling(lead, rows=rows)
    return _with_text(written, told, frame, "Its last text, in full")


def _restored(told: Told, frame: Frame) -> Telling:
    gone = f" after {span(told.event.at - told.since)}" if told.since else ""
    lead = f"This statement, which State had withdrawn, is back at its address{gone}."
    return _with_text(Telling(lead), told, frame, "The whole text")


def _unsourced(told: Told, _frame: Frame) -> Telling:
    event = told.event
    lead = f"{host(event.page_url)} names the Department of State as its author; no known statement carries its text."
    rows = _rows(
        ("It names", link(event.after)),
        *(("", Link(sentence(line(reason)))) for reason in event.reasons[:_MAX_FACTS]),
    )
    commands = (("Look again", f"statewire trace {shlex.quote(line(event.page_url, 2_000))}"),)
    return Telling(lead, rows=rows, commands=commands)


def _of_copy(told: Told, frame: Frame) -> Telling:
    event = told.event
    where, share = host(event.page_url), f"{event.coverage or 0:.0%}"
    old = f"revision {event.revision} of this statement" if event.revision else "a wording of this statement"
    leads = {
        Relation.VERBATIM: f"{where} carries this statement word for word.",
        Relation.EXCERPT: f"{where} carries {share} of this statement, word for word.",
        Relation.ALTERED: f"{where} carries this statement with its wording changed.",
        Relation.SUPERSEDED: f"{where} carries {old}, which State has since replaced.",
        Relation.TRANSLATED: f"{where} carries this statement in another language; its wording is not compared.",
    }
    lead = leads.get(event.relation or Relation.NONE, f"{where} carries this statement.")
    if event.kind is EventKind.COPY_GONE:
        lead = f"{where} no longer carries this statement."
    if event.grade and event.kind is not EventKind.COPY_GONE and not frame.is_brief:
        lead = f"{lead} {event.grade.value.capitalize()} difference."
    page, carries = ("Page", link(event.page_url)), ("Carries", Link(_carried(told)))
    title, before = ("Its title", Link(line(event.page_title))), ("Before", Link(line(event.before)))
    since = ("Since", Link(_since(told, frame)))
    rows = _rows(page, carries) if frame.is_brief else _rows(page, title, carries, before, since)
    commands = (("All copies", f"statewire copies {event.statement}"),)
    reasons = _changes(event.reasons, frame)
    found = _copy_excerpts(told, frame)
    return Telling(lead, changes=reasons, rows=rows, excerpts=found, commands=commands)


def _carried(told: Told) -> str:
    event = told.event
    if event.coverage is None or event.kind is EventKind.COPY_GONE or event.relation is Relation.TRANSLATED:
        return ""
    which = f"revision {event.revision}" if event.revision else "it"
    faithful = f", {event.fidelity:.0%} of that word for word" if event.fidelity and event.fidelity < 1 else ""
    return f"{event.coverage:.0%} of {which}{faithful}"


def _since(told: Told, frame: Frame) -> str:
    if told.copy is None or told.page is None or told.statement is None or told.event.kind is EventKind.COPY_GONE:
        return ""
    since, is_dated = carried_since(told.copy, told.page, told.statement)
    published_at, is_exact = told.statement.published_at, told.statement.precision is not Precision.DAY
    late = f", {span(since - published_at)} after State" if published_at and is_exact and since > published_at else ""
    return f"{moment(since, frame.zone)} ({'by its own date' if is_dated else 'first seen'}{late})"


def _copy_excerpts(told: Told, frame: Frame) -> tuple[Excerpt, ...]:
    """What differs between State's wording and the page's, and what State has changed since the wording it carries."""
    event, copy = told.event, told.copy
    texts = {revision.number: revision.wording.text for revision in told.revisions}
    if frame.is_brief or event.kind is EventKind.COPY_GONE or copy is None or copy.revision not in texts:
        return ()
    found, state, command = list[Excerpt](), texts[copy.revision], f"statewire copies {event.statement}"
    if copy.fit is Relation.ALTERED:
        label = f"State’s words removed, those of {host(event.page_url)} added"
        pairs = [(state[slice(*each.statement)], told.page_text[slice(*each.page)]) for each in copy.spans]
        found += excerpts.changed(label, pairs, frame.chars, command)
    number = told.statement.revision if told.statement else 0
    if copy.relation is Relation.SUPERSEDED and number in texts:
        command = f"statewire diff {event.statement} {copy.revision} {number}"
        found += excerpts.changed("What State has changed since", [(state, texts[number])], frame.chars, command)
    return tuple(found)


def _of_source(told: Told, frame: Frame) -> Telling:
    event = told.event
    name = line(event.source)
    verbs = {
        EventKind.BLOCKED: f"{name} refuses our requests",
        EventKind.BROKEN: f"{name} does not answer with anything usable",
        EventKind.DRIFTED: f"{name} has changed shape: its parser no longer finds what it should",
        EventKind.SILENT: f"{name} has brought nothing where something is usual",
        EventKind.FALLBACK: f"{name} is served by its second choice",
    }
    began = told.since or event.at
    if event.kind is EventKind.RECOVERED:
        lead = f"{name} works again {'; '.join(map(line, event.reasons))}".rstrip() + "."
        rows = _rows(("Since", Link(moment(event.at, frame.zone))))
    else:
        lead = f"{verbs[event.kind]}, since {moment(began, frame.zone)}."
        rows = _rows(("Last good", Link(moment(told.last_good_at, frame.zone) if told.last_good_at else "never yet")))
        rows += tuple(Row("Reason", Link(line(reason))) for reason in event.reasons[:_MAX_FACTS])
    rows += tuple(map(_health_row, told.health[:_MAX_FACTS]))
    rows += _rows(("Address", link(event.url)), ("Serves now", link(event.after)))
    if event.kind in _TRIES:
        rows += _rows(("To try", Link(_TRIES[event.kind])))
    commands = (
        ("Try now", f"statewire fetch {shlex.quote(name)}"),
        ("Look closer", "statewire doctor"),
    )
    return Telling(lead, rows=rows, commands=commands)


def _health_row(fact: str) -> Row:
    label, colon, value = fact.partition(": ")
    if colon and _LABEL.fullmatch(label):
        return Row(sentence(label).rstrip("."), Link(line(value)))
    return Row("", Link(sentence(line(fact))))


def _after_publication(did: str, told: Told, frame: Frame) -> str:
    """`State changed this statement 3 h 10 min after it was published. Material change.`"""
    grade = f" {told.event.grade.value.capitalize()} change." if told.event.grade and not frame.is_brief else ""
    published_at = told.statement.published_at if told.statement else None
    is_exact = told.statement is not None and told.statement.precision is not Precision.DAY
    late = ""
    if published_at and is_exact and told.event.at > published_at:
        late = f" {span(told.event.at - published_at)} after it was published"
    return f"State {did}{late}.{grade}"


def _side_by_side(label: str, told: Told, frame: Frame) -> tuple[Excerpt, ...]:
    """An event's own words before and after, marked where they differ."""
    before, after = line(told.event.before, 1_000), line(told.event.after, 1_000)
    command = f"statewire show {told.event.statement}"
    found = excerpts.changed(label, [(before, after)], frame.chars, command) if before and after else ()
    return found or excerpts.replaced(label, before, after)


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


def _rows(*rows: tuple[str, Link]) -> tuple[Row, ...]:
    return tuple(Row(label, value) for label, value in rows if value.text)


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
    EventKind.UNSOURCED: _unsourced,
}
