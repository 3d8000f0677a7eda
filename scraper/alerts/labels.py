"""What a mail calls an event: the verb in its subject, its colour, and its weight beside others (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scraper.alerts.content import Tone
from scraper.model import EventKind, Grade, Relation

if TYPE_CHECKING:
    from scraper.model import Event


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


def verb(event: Event) -> Verb:
    """What a mail calls an event, and how much it weighs."""
    label, tone, weight = _KINDS[event.kind]
    if event.kind in {EventKind.COPY_FOUND, EventKind.COPY_CHANGED} and event.relation in _COPY_RELATIONS:
        label, tone, weight = _COPY_RELATIONS[event.relation]
    if event.grade is Grade.MATERIAL:
        return Verb(label, Tone.ALARM if tone is Tone.CHANGE else tone, weight + _MATERIAL_WEIGHT)
    return Verb(label, tone, weight)
