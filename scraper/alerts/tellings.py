"""One event -> what a mail tells of it: verb, lead sentence, reasons, where it changed, facts, commands (pure)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scraper.alerts import copy_events, source_events, statement_events
from scraper.alerts.format import host, line, moment
from scraper.alerts.labels import Verb, verb
from scraper.model import EventKind

if TYPE_CHECKING:
    from scraper.alerts.components import Frame
    from scraper.alerts.content import Telling
    from scraper.alerts.model import Told


_WRITERS = {
    "statement": statement_events.write,
    "copy": copy_events.write,
    "claim": copy_events.write,
    "source": source_events.write,
}


def telling(told: Told, frame: Frame) -> Telling:
    """What a mail tells of one event."""
    event = told.event
    writer = _WRITERS[event.kind.value.partition(".")[0]]
    called = verb(event)
    return replace(
        writer(told, frame),
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
