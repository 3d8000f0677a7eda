"""Label of an event in a mail: the verb in the subject line, its colour, and its weight among others (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scraper.alerts.content import Tone
from scraper.model import EventKind, Grade, Relation

if TYPE_CHECKING:
    from scraper.model import Event


class EventLabel(NamedTuple):
    """The verb of a subject, its colour, and its weight among other events of the same statement."""

    label: str
    tone: Tone
    weight: int


_KINDS = {
    EventKind.WITHDRAWN: EventLabel("Withdrawn", Tone.ALARM, 100),
    EventKind.UNSOURCED: EventLabel("Unsourced", Tone.ALARM, 80),
    EventKind.RESTORED: EventLabel("Restored", Tone.GOOD, 75),
    EventKind.PUBLISHED: EventLabel("Published", Tone.NEWS, 70),
    EventKind.REVISED: EventLabel("Revised", Tone.CHANGE, 60),
    EventKind.RETITLED: EventLabel("Retitled", Tone.CHANGE, 50),
    EventKind.REPOSTED: EventLabel("Reposted", Tone.QUIET, 40),
    EventKind.REATTRIBUTED: EventLabel("New byline", Tone.CHANGE, 35),
    EventKind.COPY_FOUND: EventLabel("Copied", Tone.NEWS, 25),
    EventKind.COPY_CHANGED: EventLabel("Copy changed", Tone.CHANGE, 25),
    EventKind.COPY_GONE: EventLabel("Copy gone", Tone.QUIET, 15),
    EventKind.MOVED: EventLabel("Moved", Tone.QUIET, 12),
    EventKind.TOUCHED: EventLabel("Touched up", Tone.QUIET, 10),
    EventKind.BLOCKED: EventLabel("Source blocked", Tone.ALARM, 90),
    EventKind.BROKEN: EventLabel("Source broken", Tone.ALARM, 90),
    EventKind.DRIFTED: EventLabel("Source changed shape", Tone.ALARM, 90),
    EventKind.SILENT: EventLabel("Source silent", Tone.CHANGE, 85),
    EventKind.FALLBACK: EventLabel("Source on fallback", Tone.CHANGE, 82),
    EventKind.RECOVERED: EventLabel("Recovered", Tone.GOOD, 81),
}
_MATERIAL_WEIGHT = 15
_COPY_RELATIONS = {
    Relation.ALTERED: EventLabel("Altered copy", Tone.ALARM, 45),
    Relation.SUPERSEDED: EventLabel("Outdated copy", Tone.CHANGE, 42),
    Relation.TRANSLATED: EventLabel("Translation", Tone.NEWS, 20),
}


def label_of(event: Event) -> EventLabel:
    """Return the label, colour and weight of an event."""
    label, tone, weight = _KINDS[event.kind]
    if event.kind in {EventKind.COPY_FOUND, EventKind.COPY_CHANGED} and event.relation in _COPY_RELATIONS:
        label, tone, weight = _COPY_RELATIONS[event.relation]
    if event.grade is Grade.MATERIAL:
        return EventLabel(label, Tone.ALARM if tone is Tone.CHANGE else tone, weight + _MATERIAL_WEIGHT)
    return EventLabel(label, tone, weight)
