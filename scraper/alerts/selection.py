"""Selection of the events that a message shows: State's first, and nothing of others in their place (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from scraper.alerts.event_specs import actor_of, label_of
from scraper.rules.actors import Actor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scraper.alerts.model import EventDetails
    from scraper.model import Event

T = TypeVar("T")
MAX_ENTRIES: Final = 50
_MAX_SECTIONS = 12


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one message: statements of a digest, events of each statement, characters of the texts of one event."""

    entries: int = MAX_ENTRIES
    sections: int = _MAX_SECTIONS
    chars: int = 400_000


@dataclass(frozen=True, slots=True)
class SelectedGroup:
    """Events about one statement, page or source: those to show, the most important first, and the number of others.

    `since` is the time of the earliest of all.
    """

    shown: tuple[EventDetails, ...]
    more: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Selection:
    """Groups to show, the most important first; the number of all groups, and that of the events not shown."""

    groups: tuple[SelectedGroup, ...]
    total: int
    hidden: int


def is_of_state(event: Event) -> bool:
    """Return True for an event that reports an action of State's."""
    return actor_of(event) is Actor.STATE


def importance(event: Event) -> tuple[bool, int]:
    """Return the sort key of an event in a message: those of State first, then those of the greatest weight."""
    return not is_of_state(event), -label_of(event).weight


def select(events: Sequence[EventDetails], limits: Limits, others: Limits | None = None) -> Selection:
    """Select from the events of a message. `others` (None: the same) are the limits of events that are not State's.

    They get only the places that State's leave, both among the groups and within one.
    """
    others = others or limits
    groups: dict[object, list[EventDetails]] = {}
    # Among equals the first is the first, whatever others did before it.
    for details in sorted(events, key=_importance):
        event = details.event
        groups.setdefault(event.statement_id or event.page_url or event.source, []).append(details)
    ranked = list(groups.values())
    shown = _first(ranked, [is_of_state(group[0].event) for group in ranked], limits.entries, others.entries)
    selected = tuple(_selected(group, limits, others) for group in shown)
    return Selection(selected, len(ranked), len(events) - sum(len(group.shown) for group in selected))


def _selected(group: list[EventDetails], limits: Limits, others: Limits) -> SelectedGroup:
    shown = _first(group, [is_of_state(details.event) for details in group], limits.sections, others.sections)
    return SelectedGroup(tuple(shown), len(group) - len(shown), min(details.event.at for details in group))


def _first(ranked: list[T], of_state: list[bool], most: int, most_others: int) -> list[T]:
    """Return up to `most` elements: first State's, then up to `most_others` of the others, which rank after them."""
    state = sum(of_state)
    own = ranked[: min(state, most)]
    return [*own, *ranked[state : state + min(most_others, most - len(own))]]


def _importance(details: EventDetails) -> tuple[bool, int]:
    return importance(details.event)
