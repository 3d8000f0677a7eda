"""Countries that statements are about: by their tags, or named in the title, as `--country` of the commands has it."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from scraper import page_paths as paths
from scraper.alerts.conditions import country_names, is_about, title_words
from scraper.rules.state_menus import MENUS
from scraper.store import Store
from scraper.web.per_state import PerState

_MAX_CACHED = 1 << 17


@dataclass(frozen=True, slots=True)
class Country:
    """A country of State's menu, or one of a tag that the menu has not: part of the paths of its pages, and its names.

    The names are folded words between blanks.
    """

    slug: str
    label: str
    names: frozenset[str]


class Subjects(NamedTuple):
    """Subjects of one country: ids of statements, and those of events that have no statement."""

    statement_ids: tuple[int, ...]
    event_ids: tuple[int, ...]


def find(store: Store, slug: str) -> Country | None:
    """Return the country of a path, or None."""
    return _MENU.get(slug) or _known(store.entries.tags()).get(slug)


def find_named(store: Store, name: str) -> Country | None:
    """Return the country that a reader names, or None."""
    names = country_names(name)
    for known in (_MENU, _known(store.entries.tags())):
        if found := next((country for country in known.values() if country.names & names), None):
            return found
    return None


def about(store: Store, country: Country) -> Subjects:
    """Return what is about a country."""
    known = _about(store)
    if country not in known:
        titles = store.entries.titles_about([name.strip() for name in country.names])
        known[country] = Subjects(
            tuple(key for key, title, tags in titles if is_about(country.names, _names_of(tags), title_words(title))),
            tuple(key for key, title in store.entries.claims() if is_about(country.names, _NONE, title_words(title))),
        )
    return known[country]


# The years of a country have many pages.
_about: Final = PerState[dict[Country, Subjects]](lambda _: {})


def _index(store: Store) -> dict[Country, Subjects]:
    found: dict[Country, Subjects] = {}
    known = _known(store.entries.tags())
    finder = _finder(tuple(known.values()))
    by_slug: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for statement_id, title, tags in store.entries.titles():
        for slug in finder.slugs(title, tags):
            by_slug[slug][0].append(statement_id)
    for event_id, title in store.entries.claims():
        for slug in finder.slugs(title, "[]"):
            by_slug[slug][1].append(event_id)
    for slug, country in known.items():
        if slug in by_slug:
            found[country] = Subjects(*map(tuple, by_slug[slug]))
    return found


index: Final = PerState(_index)
"""Return all countries of which there is something, each with what is about it."""


class _Finder:
    """Finder of the countries of a title and tags, among those that are known."""

    def __init__(self, known: Iterable[Country]) -> None:
        self._by_name: dict[str, Country] = {}
        self._by_word: dict[str, list[Country]] = defaultdict(list)
        for country in known:
            for name in country.names:
                self._by_name[name] = country
                self._by_word[name.split()[0]].append(country)
        # Between two polls nearly all titles stay the same.
        self.slugs = lru_cache(maxsize=_MAX_CACHED)(self._slugs)

    def _slugs(self, title: str, tags: str) -> tuple[str, ...]:
        words, tagged = title_words(title), _names_of(tags)
        possible = [self._by_name[name] for name in tagged if name in self._by_name]
        for word in set(words.split()):
            possible += self._by_word.get(word, ())
        return tuple({country.slug for country in possible if is_about(country.names, tagged, words)})


_finder = lru_cache(maxsize=2)(_Finder)
_NONE: Final = frozenset[str]()


@lru_cache(maxsize=1 << 15)
def _names_of(tags: str) -> frozenset[str]:
    return frozenset(name for tag in json.loads(tags) for name in country_names(tag))


def _known(tags: Iterable[str]) -> dict[str, Country]:
    """Return all countries by slug: those of the menu, and tags that none of these has as a name."""
    others = sorted({tag for each in tags for tag in json.loads(each) if not country_names(tag) & _MENU_NAMES})
    return _MENU | {country.slug: country for country in _countries(others) if country.slug not in _MENU}


def _countries(entries: Iterable[str]) -> tuple[Country, ...]:
    labels = ((_label(entry), country_names(entry)) for entry in entries)
    return tuple(Country(paths.slug(label), label, names) for label, names in labels if names)


def _label(entry: str) -> str:
    """Return the common name of a country of the menu: Bahamas of "Bahamas, The", Turkey of "Turkey (Türkiye)"."""
    return entry.partition(" (")[0].removesuffix(", The")


_MENU: Final = {country.slug: country for country in _countries(MENUS.countries)}
_MENU_NAMES: Final = frozenset(name for country in _MENU.values() for name in country.names)
