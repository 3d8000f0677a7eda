"""Table of the kinds of events: label, colour, weight and section of each in a mail, and its words elsewhere (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scraper.alerts import copy_specs
from scraper.alerts.labels import EventLabel, Tone
from scraper.config.choices import Topic
from scraper.model import INCIDENTS, Event, EventKind, Grade
from scraper.rules.actors import Actor


@dataclass(frozen=True, slots=True)
class EventSpec:
    """All that is said about events of one kind; `sections` has the writer of its section in a mail.

    `label` is the verb of the subject of a mail. `page_label` is that for a standing page, `known_page_label` that for
    one that was there when monitoring began ("": the same). `tone` is its colour, `weight` its weight among the events
    of a statement. `actor` is the one whose action it reports. `topic` is the one by which a watch selects it: None for
    events of a source, and for copies, whose topic depends on their
    relation. `weekly` is the label of their number in the weekly mail, "" if they are not counted there. `listed` is
    the label in lists, "" if it is `label`; `listed_by_state` is that of a copy which only a change of State's made
    outdated. With `has_sides` the values before and after are listed there: see `listed_label` and `listed_sides`. An
    incident has three texts: in a mail `problem`, after the name of the source, and `advice`; `remedy` is the advice of
    `statewire doctor`.
    """

    label: str
    tone: Tone
    weight: int
    actor: Actor
    topic: Topic | None = None
    weekly: str = ""
    listed: str = ""
    listed_by_state: str = ""
    has_sides: bool = False
    problem: str = ""
    advice: str = ""
    remedy: str = ""
    page_label: str = ""
    known_page_label: str = ""

    @property
    def is_explained(self) -> bool:
        """True if it has the texts of an incident."""
        return bool(self.problem and self.advice and self.remedy)


SPECS: Final = {
    EventKind.PUBLISHED: EventSpec(
        "Published",
        Tone.NEWS,
        70,
        Actor.STATE,
        Topic.PUBLISHED,
        "Published",
        page_label="New page",
        known_page_label="Page",
    ),
    EventKind.REVISED: EventSpec(
        "Revised", Tone.CHANGE, 60, Actor.STATE, Topic.REVISED, "Revised", page_label="Page changed"
    ),
    EventKind.TOUCHED: EventSpec(
        "Touched up", Tone.QUIET, 10, Actor.STATE, Topic.TOUCHED, page_label="Page touched up"
    ),
    EventKind.RETITLED: EventSpec(
        "Retitled", Tone.CHANGE, 50, Actor.STATE, Topic.RETITLED, "Retitled", has_sides=True, page_label="Page retitled"
    ),
    EventKind.REATTRIBUTED: EventSpec("New byline", Tone.CHANGE, 35, Actor.STATE, Topic.REATTRIBUTED, has_sides=True),
    EventKind.MOVED: EventSpec(
        "Moved", Tone.QUIET, 12, Actor.STATE, Topic.MOVED, has_sides=True, page_label="Page moved"
    ),
    EventKind.WITHDRAWN: EventSpec(
        "Withdrawn", Tone.ALARM, 100, Actor.STATE, Topic.WITHDRAWN, "Withdrawn", page_label="Page gone"
    ),
    EventKind.RESTORED: EventSpec(
        "Restored", Tone.GOOD, 75, Actor.STATE, Topic.RESTORED, "Restored", page_label="Page back"
    ),
    EventKind.REPOSTED: EventSpec("Reposted", Tone.QUIET, 40, Actor.STATE, Topic.REPOSTED, has_sides=True),
    EventKind.COPY_FOUND: EventSpec("Copied", Tone.NEWS, 25, Actor.THIRD_PARTY, weekly="Copies found", listed="Copy"),
    EventKind.COPY_CHANGED: EventSpec(
        "Copy changed",
        Tone.CHANGE,
        25,
        Actor.THIRD_PARTY,
        weekly="Copies changed",
        listed_by_state="Copy outdated",
        has_sides=True,
    ),
    EventKind.COPY_GONE: EventSpec("Copy gone", Tone.QUIET, 15, Actor.THIRD_PARTY, Topic.GONE, "Copies gone"),
    EventKind.QUOTE_FOUND: EventSpec("Quoted", Tone.NEWS, 18, Actor.THIRD_PARTY, Topic.QUOTED, "Quotations"),
    EventKind.QUOTE_ALTERED: EventSpec(
        "Misquoted", Tone.ALARM, 44, Actor.THIRD_PARTY, Topic.MISQUOTED, "Misquotations"
    ),
    EventKind.UNSOURCED: EventSpec("Unsourced", Tone.ALARM, 80, Actor.THIRD_PARTY, Topic.UNSOURCED, "Unsourced claims"),
    EventKind.BLOCKED: EventSpec(
        "Source blocked",
        Tone.ALARM,
        90,
        Actor.MONITOR,
        problem="blocks our requests",
        advice="statewire does not disguise its requests; it waits and retries later. If the block stays, configure "
        "another endpoint of the source, or write to the site.",
        remedy="open its URL in a browser; if that works, check `fetch.contact`, poll less often (`every:`), or "
        "write to the site",
    ),
    EventKind.BROKEN: EventSpec(
        "Source broken",
        Tone.ALARM,
        90,
        Actor.MONITOR,
        problem="gives no usable response",
        advice="Open its URL in a browser. If the site has moved, set the new URL in config.yaml.",
        remedy="open its URL in a browser: if the site has moved, correct `endpoints:`; statewire keeps retrying",
    ),
    EventKind.DRIFTED: EventSpec(
        "Source changed shape",
        Tone.ALARM,
        90,
        Actor.MONITOR,
        problem="has changed shape: its parser no longer finds the usual items",
        advice="The page no longer has the structure that the parser expects. Stored statements are unchanged; the "
        "responses are kept and can be parsed again after the parser is fixed.",
        remedy="look at its page: if the site was rebuilt, configure another endpoint, or update statewire",
    ),
    EventKind.FALLBACK: EventSpec(
        "Source on fallback",
        Tone.CHANGE,
        82,
        Actor.MONITOR,
        problem="is served by a fallback endpoint",
        advice="Nothing is lost while the fallback endpoint works. The first endpoint is tried again in every run.",
        remedy="nothing is lost; if the first endpoint keeps failing, list the working one first",
    ),
    EventKind.SILENT: EventSpec(
        "Source silent",
        Tone.CHANGE,
        85,
        Actor.MONITOR,
        problem="has brought nothing new for an unusually long time",
        advice="Look at its page: does it have nothing new, or does the site serve an old copy?",
        remedy="look at its page: if it has news that statewire has not, report a bug; otherwise nothing is wrong",
    ),
    EventKind.RECOVERED: EventSpec("Recovered", Tone.GOOD, 81, Actor.MONITOR, listed="Source recovered"),
}


def check(specs: Mapping[EventKind, EventSpec]) -> None:
    """Raise `LookupError` if the table lacks a kind, or a text of an incident."""
    missing = [kind for kind in EventKind if kind not in specs or (kind in INCIDENTS and not specs[kind].is_explained)]
    if missing:
        raise LookupError(
            f"{__name__}.SPECS lacks a row, or a text of an incident, for {', '.join(missing)}: add it there"
        )


check(SPECS)

CHANGES: Final = (EventKind.REVISED, EventKind.RETITLED, EventKind.TOUCHED)
"""Kinds of events that report another wording of State's."""
_MATERIAL_WEIGHT = 15
GRADED_TOPICS: Final = frozenset(
    {Topic.REVISED, Topic.RETITLED, Topic.TOUCHED, Topic.ALTERED, Topic.OUTDATED, Topic.MISQUOTED}
)
"""Topics of events that compare two wordings, to which the `at_least` of a watch applies."""


def topics(event: Event) -> tuple[Topic, ...]:
    """Return the topics of an event, in the vocabulary of a watch's `when`; () for events of a source, which have none.

    A copy can have two topics: altered, and outdated by a later revision.
    """
    if topic := SPECS[event.kind].topic:
        return (topic,)
    if event.kind.is_of_source:
        return ()
    return tuple(spec.topic for spec in copy_specs.specs_of(event))


def actor_of(event: Event) -> Actor:
    """Return the one whose action an event reports."""
    return SPECS[event.kind].actor


def listed_label(event: Event) -> str:
    """Return the label of an event in the terminal and in the timeline of a statement's page; feeds have `label_of`."""
    spec = SPECS[event.kind]
    by_state = spec.listed_by_state if copy_specs.is_by_state(event) else ""
    return by_state or spec.listed or _label(event)


def listed_words(event: Event) -> tuple[str, ...]:
    """Return the words that qualify the label of an event about another site's page, without those that it has."""
    if event.statement_id is None:
        return ()
    relation = event.relation.value if event.relation and event.kind.subject == "copy" else ""
    outdated = "outdated" if event.outdated and not copy_specs.is_by_state(event) else ""
    return tuple(filter(None, (relation, outdated, event.grade.value if event.grade else "")))


def listed_sides(event: Event) -> tuple[str, str] | None:
    """Return the values before and after that a list shows of an event, or None."""
    if not SPECS[event.kind].has_sides or (event.before is None and event.after is None):
        return None
    return event.before or "", event.after or ""


def label_of(event: Event) -> EventLabel:
    """Return the label, colour and weight of an event."""
    spec = SPECS[event.kind]
    label, tone, weight = _label(event), spec.tone, spec.weight
    if event.kind in {EventKind.COPY_FOUND, EventKind.COPY_CHANGED}:
        label, tone, weight = next((spec.label for spec in copy_specs.specs_of(event)), None) or (label, tone, weight)
    if event.grade is Grade.MATERIAL:
        return EventLabel(label, Tone.ALARM if tone is Tone.CHANGE else tone, weight + _MATERIAL_WEIGHT)
    return EventLabel(label, tone, weight)


def _label(event: Event) -> str:
    """Return the verb of an event, which is another one for a standing page."""
    spec = SPECS[event.kind]
    if not event.standing:
        return spec.label
    return (event.backfill and spec.known_page_label) or spec.page_label or spec.label
