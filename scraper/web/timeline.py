"""Time line of a statement: what State did with it, and the copies of it, in the order of their times (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from scraper.alerts.format import duration, linkable, one_line
from scraper.model import Event, EventKind, Precision, Relation, Statement
from scraper.pages import Copy, MirrorPage
from scraper.rules.copies import delay_after_state, known_since
from scraper.rules.spread import SpreadPage
from scraper.web.rendering import percent

_STATE = {
    EventKind.REVISED: "State revises",
    EventKind.RETITLED: "State changes the title",
    EventKind.WITHDRAWN: "State’s page is absent",
    EventKind.RESTORED: "State’s page is back",
}
STATE_KINDS = tuple(kind.value for kind in _STATE)
"""Kinds of events that are points of the time line."""
# A shorter time has no minutes when it is rounded.
_SHORTEST = timedelta(seconds=31)
NO_CLAIMS: Mapping[int, SpreadPage] = MappingProxyType({})
_DIFFERENCES = 2
_DIFFERENCE_CHARS = 90


@dataclass(frozen=True, slots=True)
class Point:
    """Point of a time line. `delay` is the time after State's publication in words, "" if that is not known exactly.

    `shape` is state, altered, outdated, faithful or gone; `note` says how the time is known. A point of State's own
    has an `act`, and the first the `precision` of its time; any other has a copy with its page.
    """

    at: datetime
    shape: str
    delay: str = ""
    act: str = ""
    note: str = ""
    precision: Precision | None = None
    copy: Copy | None = None
    page: MirrorPage | None = None
    url: str = ""
    tags: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


def build(
    statement: Statement,
    copies: Iterable[tuple[Copy, MirrorPage]],
    events: Iterable[Event],
    claims: Mapping[int, SpreadPage] = NO_CLAIMS,
) -> list[Point]:
    """Return the points of a statement's time line, the earliest first.

    `events` are some of `STATE_KINDS`, `claims` what the pages of the copies name as their source, by page id.
    """
    points = [
        Point(
            statement.published_at or statement.first_seen_at,
            "state",
            act=_first_act(statement),
            precision=statement.precision,
        )
    ]
    points += [_act(event, statement) for event in events if event.kind in _STATE and not event.backfill]
    points += [point(copy, page, statement, claims.get(page.id)) for copy, page in copies]
    # State's own acts come first of what happened at one time.
    return sorted(points, key=lambda each: (each.at, each.copy is not None))


def _first_act(statement: Statement) -> str:
    return "State publishes" if statement.published_at else "first seen; State gives no date"


def _act(event: Event, statement: Statement) -> Point:
    act = _STATE[event.kind] + (f": revision {event.revision}" if event.revision and event.revision > 1 else "")
    return Point(event.at, "state", _words(delay_after_state(event.at, statement)), act)


def point(copy: Copy, page: MirrorPage, statement: Statement, claim: SpreadPage | None = None) -> Point:
    """Return the point of a copy. `claim` is what its page names as its source."""
    since = known_since(copy, page, statement)
    tags = [copy.relation.value] if copy.relation is Relation.ALTERED or not copy.outdated else []
    tags += ["outdated"] if copy.outdated else []
    tags += ["gone"] if copy.gone_at else []
    return Point(
        since.at,
        _shape(copy),
        _words(since.delay),
        note=since.basis,
        copy=copy,
        page=page,
        url=linkable(page.url),
        tags=tuple(tags),
        facts=(*_facts(copy), *([claim.path] if claim and claim.path else [])),
    )


def _words(delay: timedelta | None) -> str:
    if delay is None:
        return ""
    return f"+ {duration(delay)}" if delay >= _SHORTEST else "within a minute"


def _shape(copy: Copy) -> str:
    if copy.gone_at:
        return "gone"
    if copy.relation is Relation.ALTERED:
        return "altered"
    return "outdated" if copy.outdated else "faithful"


def _facts(copy: Copy) -> Iterable[str]:
    which = f"revision {copy.revision}"
    if copy.relation is Relation.TRANSLATED:
        yield f"translation of {which}; its wording is not compared"
    elif copy.relation is Relation.EXCERPT:
        yield f"{percent(copy.coverage)} of {which}, word for word"
    elif copy.relation is Relation.VERBATIM:
        yield f"all of {which}, word for word"
    else:
        yield f"{percent(copy.coverage)} of {which}, with other words"
    if copy.relation is Relation.ALTERED:
        yield from (one_line(each, _DIFFERENCE_CHARS) for each in copy.differences[:_DIFFERENCES])
        if (more := len(copy.differences) - _DIFFERENCES) > 0:
            yield f"and {more} more"
