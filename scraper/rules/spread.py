"""Rules of the paths of a statement: for each outlet that had it, the outlet that it names as its source (pure).

What a page says about its source is a claim: it makes a path, and times only contradict one. No path follows from
times alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from scraper import urls
from scraper.rules.copies import Since, TimeBasis, is_dated_before, known_since
from scraper.text.normalize import word_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from scraper.model import Statement
    from scraper.pages import Copy, MirrorPage


# The `co` of `co.uk`, and no name.
_SUFFIX_CHARS = 3


class Origin(StrEnum):
    """Kind of source that an outlet names: another outlet that had it, the Department, or none of these."""

    OUTLET = "outlet"
    STATE = "state"
    UNKNOWN = "unknown"


class Conflict(StrEnum):
    """Contradiction to the claim that a copy was taken from an outlet."""

    DATED_LATER = "dated-later"
    SEEN_LATER = "seen-later"
    CIRCLE = "circle"

    @property
    def words(self) -> str:
        """The words that follow the name of the outlet."""
        return _CONFLICTS[self]


_CONFLICTS = {
    Conflict.DATED_LATER: "whose copy is dated later",
    Conflict.SEEN_LATER: "whose copy was first seen later",
    Conflict.CIRCLE: "whose own path leads back here",
}


@dataclass(frozen=True, slots=True)
class SpreadPage:
    """Copy with its page, the time since which it is known, and the outlet that the page names as its source.

    `parent` is None if it names none that had the statement; `others` are the publishers that it names and that are
    not known to have had it. With the `conflict` `CIRCLE`, the path does not follow the claim.
    """

    copy: Copy
    page: MirrorPage
    since: Since
    is_dated_before: bool
    parent: str | None = None
    conflict: Conflict | None = None
    others: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The claim in words, "" without one."""
        if self.parent is None:
            return ""
        return f"names {self.parent}, {self.conflict.words}" if self.conflict else f"via {self.parent}"


@dataclass(frozen=True, slots=True)
class SpreadOutlet:
    """Outlet that had a statement, with its pages, the earliest first, and its place in the tree of claims.

    `parent` is set if the origin is an outlet. `source` is the page whose claim it is, None if no page names a source.
    `depth` counts the outlets between it and the beginning of its path.
    """

    outlet: str
    pages: tuple[SpreadPage, ...]
    origin: Origin
    parent: str | None
    source: SpreadPage | None
    depth: int = 0

    @property
    def first(self) -> SpreadPage:
        """The earliest page."""
        return self.pages[0]

    @property
    def conflict(self) -> Conflict | None:
        """The contradiction to the claim that is its origin, or that was cut from a circle."""
        return self.source.conflict if self.source else None


def trace_spread(
    statement: Statement, carriers: Iterable[tuple[Copy, MirrorPage]], searches: Collection[str] = ()
) -> tuple[SpreadOutlet, ...]:
    """Return the outlets that had a statement in the order of the tree of their claims.

    Paths from State come first, then those whose beginning is unknown. Each outlet is followed by those that name it,
    by time. The order of `carriers` does not matter. `searches` are sources that find pages of any outlet.
    """
    pages_of: dict[str, list[SpreadPage]] = defaultdict(list)
    for copy, page in carriers:
        since = known_since(copy, page, statement)
        pages_of[urls.outlet(page.url)].append(SpreadPage(copy, page, since, is_dated_before(page, statement)))
    for pages in pages_of.values():
        pages.sort(key=lambda each: (each.since.at, each.page.id))
    names, latest = _Names(pages_of, searches), {outlet: _known_since(pages) for outlet, pages in pages_of.items()}
    outlets = {
        outlet: _outlet(outlet, tuple(_claim(each, outlet, latest, names) for each in pages))
        for outlet, pages in pages_of.items()
    }
    for outlet in list(_circles(outlets)):
        outlets[outlet] = _cut(outlets[outlet])
    return tuple(_in_order(outlets))


class _Names:
    """Outlets by what pages call them: their hosts, the names of their sources, or the beginnings of their hosts.

    The name of a search is that of no outlet.
    """

    def __init__(self, pages_of: Mapping[str, Sequence[SpreadPage]], searches: Collection[str]) -> None:
        self._hosts = set(pages_of)
        self._called: dict[str, set[str]] = defaultdict(set)
        for outlet, pages in pages_of.items():
            sources = {each.page.source for each in pages} - set(searches)
            for name in (*_names_of(outlet), *sources):
                self._called[word_key(name)].add(outlet)

    def find(self, name: str) -> str | None:
        """Return the outlet that a page names, None if none or several can be meant."""
        host = urls.outlet(f"https://{name}/")
        if host in self._hosts:
            return host
        key = word_key(name)
        found = self._called.get(key, set()) if key else set()
        return next(iter(found)) if len(found) == 1 else None


def _names_of(outlet: str) -> Iterator[str]:
    """Yield what an outlet is called by its host: `gazette.co.uk`, `gazette.co` and `gazette`."""
    yield outlet
    labels = outlet.split(".")
    yield ".".join(labels[:-1])
    if len(labels) > 2 and len(labels[-2]) <= _SUFFIX_CHARS:
        yield ".".join(labels[:-2])


def _known_since(pages: Sequence[SpreadPage]) -> Since | None:
    """Return since when an outlet had a statement at the latest; None if that was before monitoring began."""
    return None if any(each.since.basis is TimeBasis.BACKFILL for each in pages) else pages[0].since


def _claim(page: SpreadPage, outlet: str, latest: Mapping[str, Since | None], names: _Names) -> SpreadPage:
    """Add the claim of a page: of the outlets that it names, the first one that nothing contradicts, else the first."""
    found = {name: names.find(name) for name in page.page.via}
    others = tuple(name for name, named in found.items() if named is None)
    conflicts = {named: _conflict(page, latest[named]) for named in found.values() if named and named != outlet}
    if not conflicts:
        return replace(page, others=others)
    parent = next((named for named, conflict in conflicts.items() if conflict is None), next(iter(conflicts)))
    return replace(page, parent=parent, conflict=conflicts[parent], others=others)


def _conflict(page: SpreadPage, source: Since | None) -> Conflict | None:
    """Return the contradiction if the outlet that a page names is not known to have had the statement before it."""
    if source is None or source.at <= page.since.at:
        return None
    return Conflict.DATED_LATER if source.basis.is_dated else Conflict.SEEN_LATER


def _outlet(outlet: str, pages: tuple[SpreadPage, ...]) -> SpreadOutlet:
    """Return an outlet with its origin: that of its earliest page that names one."""
    source = next((each for each in pages if each.parent or each.page.claims_department), None)
    if source is None:
        return SpreadOutlet(outlet, pages, Origin.UNKNOWN, None, None)
    return SpreadOutlet(outlet, pages, Origin.OUTLET if source.parent else Origin.STATE, source.parent, source)


def _circles(outlets: Mapping[str, SpreadOutlet]) -> Iterator[str]:
    """Yield the earliest outlet of each circle of claims. Each names at most one other, so no two circles meet."""
    seen: set[str] = set()
    for start in outlets:
        way: dict[str, None] = {}
        at: str | None = start
        while at is not None and at not in seen:
            seen.add(at)
            way[at] = None
            at = outlets[at].parent
        if at in way:
            circle = list(way)[list(way).index(at) :]
            yield min(circle, key=lambda each: _age(outlets[each]))


def _cut(found: SpreadOutlet) -> SpreadOutlet:
    """Return an outlet without the claim that leads back to it: it then begins a path."""
    pages = tuple(
        replace(each, conflict=Conflict.CIRCLE) if each.parent == found.parent else each for each in found.pages
    )
    source = next(each for each in pages if each.parent == found.parent)
    names_state = any(each.page.claims_department for each in pages)
    return replace(
        found, pages=pages, origin=Origin.STATE if names_state else Origin.UNKNOWN, parent=None, source=source
    )


def _in_order(outlets: Mapping[str, SpreadOutlet]) -> Iterator[SpreadOutlet]:
    below: dict[str | None, list[SpreadOutlet]] = defaultdict(list)
    for each in outlets.values():
        below[each.parent].append(each)
    # A stack and no recursion: a path can be longer than Python's. It takes the last one first.
    for found in below.values():
        found.sort(key=_age, reverse=True)
    roots = below[None]
    stack = [each for origin in (Origin.UNKNOWN, Origin.STATE) for each in roots if each.origin is origin]
    while stack:
        each = stack.pop()
        yield each
        stack += (replace(child, depth=each.depth + 1) for child in below[each.outlet])


def _age(found: SpreadOutlet) -> tuple[datetime, str]:
    return found.first.since.at, found.outlet
