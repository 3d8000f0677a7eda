"""Addresses of all lists for the static site: the path of each page, and a version that changes with what it shows.

All entries are read in one query, and sorted into the views that have them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from scraper import page_paths as paths
from scraper.store import Store
from scraper.store.entries import EntryFacts
from scraper.web import countries, view_feeds, view_pages, views
from scraper.web.page_version import version
from scraper.web.per_state import PerState

_FILTERS: Final = (views.TODAY, *(view.entries for view in views.HAPPENED))
_YEAR, _MONTH = 4, 7


@dataclass(frozen=True, slots=True)
class _Row:
    """An entry as a list shows it: its time as text, and the digest of the rest."""

    at: str
    digest: str


@dataclass(frozen=True, slots=True)
class _Lists:
    """Entries of each view by its path, the newest first, with the title of each view; and the indexes by group."""

    rows: Mapping[str, list[_Row]]
    titles: Mapping[str, str]
    indexes: Mapping[str, list[views.Choice]]


def of_views(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the pages of the newest entries of each view, but for the first one."""
    lists = _lists(store)
    for path, title in lists.titles.items():
        rows = lists.rows.get(path, [])
        years = _counts(rows, _YEAR) if len(rows) > view_pages.NEWEST else {}
        if path:
            yield path, version(title, _shown(rows[: view_pages.NEWEST]), *years.items())


def of_feeds(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the feed of each view."""
    lists = _lists(store)
    for path, title in lists.titles.items():
        yield f"{path}feed.atom", version(title, _shown(lists.rows.get(path, [])[: view_feeds.MAX_ENTRIES]))


def of_years(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the pages of the years of each view that has more entries than its own page."""
    lists = _lists(store)
    for path, title in lists.titles.items():
        rows = lists.rows.get(path, [])
        if path and len(rows) > view_pages.NEWEST:
            yield from _periods(rows, _YEAR, title, partial(paths.year, path))


def of_months(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the pages of all months."""
    yield from _periods(_lists(store).rows.get("", []), _MONTH, "", paths.month)


def of_month_list(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the list of all months."""
    yield "months/", version(*_counts(_lists(store).rows.get("", []), _MONTH).items())


def of_indexes(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the indexes of countries, types and speakers."""
    for group, choices in _lists(store).indexes.items():
        yield f"{group}/", version(*choices)


def _read(store: Store) -> _Lists:
    of_statement, of_event = defaultdict[int, list[str]](list), defaultdict[int, list[str]](list)
    for country, (statement_ids, event_ids) in countries.index(store).items():
        for ids, found in ((statement_ids, of_statement), (event_ids, of_event)):
            for each in ids:
                found[each].append(paths.subject("countries", country.slug))
    rows = defaultdict[str, list[_Row]](list)
    for facts in store.entries.facts(_FILTERS):
        row = _Row(facts.key.at, version(facts.key, facts.shown))
        for view, fits in zip(views.HAPPENED, facts.fits[1:], strict=True):
            if fits:
                rows[view.path].append(row)
        if facts.fits[0]:
            subjects = of_statement if facts.key.statement_id else of_event
            about_id = facts.key.statement_id or facts.key.event_id
            for path in ("", *_labels(facts), *subjects.get(about_id, ())):
                rows[path].append(row)
    indexes = {group: index.choices(store) for group, index in views.INDEXES.items()}
    titles = {"": views.FIRST.title} | {view.path: view.title for view in views.HAPPENED}
    titles |= {choice.path: choice.label for choices in indexes.values() for choice in choices}
    of_sources = {paths.source_statements(source.name): source.name for source in store.sources.all()}
    titles |= {path: name for path, name in of_sources.items() if path}
    return _Lists(rows, titles, indexes)


_lists: Final = PerState(_read)


def _labels(facts: EntryFacts) -> Iterator[str]:
    if facts.type:
        yield paths.subject("types", paths.slug(facts.type))
    if facts.speaker:
        yield paths.subject("speakers", paths.slug(facts.speaker))
    if path := paths.source_statements(facts.source):
        yield path


def _periods(rows: list[_Row], chars: int, title: str, path_of: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    by_period = defaultdict[str, list[_Row]](list)
    for row in rows:
        by_period[row.at[:chars]].append(row)
    for period, found in by_period.items():
        parts = view_pages.part_count(len(found))
        for part in range(1, parts + 1):
            offset, size = view_pages.part_bounds(len(found), part)
            shown = _shown(found[offset : offset + size])
            yield view_pages.part_path(path_of(period), part, parts), version(title, part, parts, shown)


def _counts(rows: Iterable[_Row], chars: int) -> Counter[str]:
    return Counter(row.at[:chars] for row in rows)


def _shown(rows: Iterable[_Row]) -> list[str]:
    return [row.digest for row in rows]
