"""Reports about the conditions of watches: names that nothing fits, and how many stored statements each fits."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scraper.alerts.conditions import Condition, checker, matches
from scraper.alerts.known_names import (
    describe_other_form,
    describe_spelling,
    describe_unknown,
    is_known,
    is_probably_mistaken,
)
from scraper.config import yaml
from scraper.config.groups import Line
from scraper.config.settings import Settings
from scraper.delivery.subjects import SubjectReader
from scraper.rules.state_menus import Labels
from scraper.store import Store
from scraper.text import names, normalize

NO_WATCH: Final = "no watch is enabled, so no alert can be sent"
"""Warning about a configuration from which no mail can come."""
ADD_WATCH: Final = "`statewire watch add NAME` or `statewire watch enable NAME`"
"""Advice for it."""


@dataclass(frozen=True, slots=True)
class WatchCount:
    """Number of stored statements that a watch fits, and that each of its conditions fits by itself.

    A row of `conditions` is the path of a line below the watch, an entry of it, and the number.
    """

    name: str
    statements: int
    conditions: tuple[tuple[str, str, int], ...]


def find_unknown(settings: Settings, store: Store | None, *, with_disabled: bool = False) -> Iterator[str]:
    """Yield a warning for each country, type and speaker of an enabled watch that nothing fits: it may be misspelled.

    Names are known by State's menus, and by what `store` has. It is no mistake: State may add the name tomorrow. So is
    each word that State mostly spells otherwise, unless the watch names both.
    """
    named = [
        (f"the watch “{watch.name}” ({yaml.path_text(loc)})", Condition(line.kind, entry), line)
        for watch in settings.watches
        if watch.enabled or with_disabled
        for loc, line in watch.about.places(("about",))
        for entry in line.entries
    ]
    stored = store.statements.labels() if store is not None and named else Labels()
    for place, condition, line in named:
        if store is not None and (problem := _other_spelling(store, condition, line)):
            yield f"{place}: {problem}"
        if is_known(condition, stored):
            continue
        describe = describe_other_form if _is_in_titles(store, condition) else describe_unknown
        if problem := describe(condition, stored):
            yield f"{place}: {problem}"


def find_mistaken(conditions: Iterable[Condition], store: Store | None) -> Iterator[tuple[Condition, str]]:
    """Yield the conditions of a new watch that nothing fits and that are probably misspelled, each with the reason."""
    named = list(conditions)
    stored = store.statements.labels() if store is not None and named else Labels()
    for each in named:
        if not (is_known(each, stored) or _is_in_titles(store, each)) and is_probably_mistaken(each, stored):
            yield each, describe_unknown(each, stored)


def count_statements(
    store: Store, settings: Settings, progress: Callable[[int, int | None], None]
) -> tuple[WatchCount, ...]:
    """Count the stored statements that each watch fits, in one pass over them.

    `progress` gets the number of those that are done, and of all.
    """
    groups = [watch.about.tree for watch in settings.watches]
    places = [list(watch.about.places(("about",))) for watch in settings.watches]
    conditions = {Condition(line.kind, entry) for found in places for _, line in found for entry in line.entries}
    reader = SubjectReader(store, groups)
    totals, counts = Counter[int](), Counter[Condition]()
    number = store.statements.count()
    for done, statement in enumerate(store.statements.find(), 1):
        progress(done, number)
        test = checker(reader.of_statement(statement))
        met = {condition for condition in conditions if test(condition)}
        counts.update(met)
        totals.update(i for i, group in enumerate(groups) if matches(group, met.__contains__) is not None)
    return tuple(
        WatchCount(watch.name, totals[i], tuple(_rows(places[i], counts))) for i, watch in enumerate(settings.watches)
    )


def _rows(places: Sequence[tuple[yaml.Loc, Line]], counts: Counter[Condition]) -> Iterator[tuple[str, str, int]]:
    for loc, line in places:
        yield from ((yaml.path_text(loc), entry, counts[Condition(line.kind, entry)]) for entry in line.entries)


def _other_spelling(store: Store, condition: Condition, line: Line) -> str:
    """Return a sentence about a word that more statements have in the American spelling, "" about any other."""
    written = names.american(condition.entry)
    named = {normalize.word_key(entry) for entry in line.entries}
    if condition.kind != "words" or normalize.word_key(written) in named:
        return ""
    number, number_written = (len(store.phrases.find(words)) for words in (condition.entry, written))
    if number_written <= number:
        return ""
    return describe_spelling(condition.entry, written, number, number_written)


def _is_in_titles(store: Store | None, condition: Condition) -> bool:
    """Return True if the title of a stored statement names a country, which State may do without a tag for it."""
    if store is None or condition.kind != "countries":
        return False
    reader = SubjectReader(store, [])
    found = map(store.statements.by_id, store.statements.may_have([condition.entry]))
    return any(checker(reader.of_statement(statement))(condition) for statement in found if statement is not None)
