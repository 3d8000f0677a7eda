"""Filters that `list`, `search`, `events`, `copies` and `export` share, in the words of watches."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from scraper.alerts import watch_filter
from scraper.alerts.conditions import Condition, checker, country_names, matches
from scraper.alerts.event_specs import CHANGES, SPECS, topics
from scraper.alerts.known_names import describe_other_form, describe_unknown, is_known, is_list_of_names
from scraper.alerts.model import FilterFields
from scraper.cli import options
from scraper.cli.app import Invocation
from scraper.cli.format import terminal_safe
from scraper.cli.param_types import quoted
from scraper.config.choices import Topic
from scraper.config.groups import Group, Line
from scraper.delivery.subjects import SubjectReader
from scraper.errors import InputError
from scraper.model import Event, EventKind, Statement
from scraper.pages import Copy
from scraper.rules.state_menus import Labels
from scraper.store import CopyFilter, EventFilter, StatementFilter
from scraper.text import normalize

if TYPE_CHECKING:
    from scraper.config.alerts import Watch

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Row = TypeVar("_Row")

_COPY_KINDS = (EventKind.COPY_FOUND, EventKind.COPY_CHANGED)


def _kind_words() -> dict[str, tuple[EventKind, ...]]:
    """Return the words for kinds of events: whole kinds, the parts before and after the dot, topics of watches."""
    words: dict[str, tuple[EventKind, ...]] = {topic.value: _COPY_KINDS for topic in Topic}
    for kind in EventKind:
        spec_topic = SPECS[kind].topic
        words[kind.value] = (kind,)
        if spec_topic is not None:
            words[spec_topic.value] = (kind,)
    for kind in EventKind:
        words.setdefault(kind.value.rpartition(".")[2], (kind,))
    for kind in EventKind:
        words[kind.subject] = tuple(each for each in EventKind if each.subject == kind.subject)
    return words


KINDS: Final = _kind_words()
"""Kinds of events that each word of `--kind` can mean. Those of copies are distinguished by their topics."""
_TOPICS = frozenset(topic.value for topic in Topic)


def is_called(event: Event, word: str) -> bool:
    """Return True if a word of `--kind` names the kind of an event, or its topic."""
    return event.kind in KINDS[word] and (word not in _TOPICS or word in topics(event))


def _phrases(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not normalize.words(value):
            raise click.BadParameter(f"{quoted(value)} has no letter or digit", param=param)
    return single_names(ctx, param, values)


def single_names(_ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a list of known countries or types with commas as one value: nothing would fit it."""
    for value in values:
        if param.name in {"countries", "types"} and is_list_of_names(param.name, value):
            raise click.BadParameter(f"{quoted(value)} are several; repeat {param.opts[0]} for each", param=param)
    return values


def _subject(name: str, field: str, words: str) -> Callable[[_Command], _Command]:
    return click.option(name, field, multiple=True, callback=_phrases, metavar="NAME", help=words)


def shared(changed: str, copied_by: str, outdated: str) -> Callable[[_Command], _Command]:
    """Add the filters by subject, and by change and copy with these help texts, to a command."""
    added = (
        _subject("--type", "types", 'Only this type, such as "Press Statement".'),
        _subject("--country", "countries", "Only this country: by its tag, or named in the title."),
        _subject("--speaker", "speakers", 'Only these words in the byline, such as "Secretary of State".'),
        click.option("--changed", is_flag=True, help=changed),
        click.option("--copied-by", "site", metavar="SITE", help=copied_by),
        click.option("--outdated", is_flag=True, help=outdated),
        click.option("--watch", metavar="NAME", help="Only what this watch of the configuration is about."),
    )

    def decorate(command: _Command) -> _Command:
        for option in reversed(added):
            command = option(command)
        return command

    return decorate


@dataclass(frozen=True)
class Filters:
    """Conditions of one command on what statements are about: those of its options, and those of a watch."""

    invocation: Invocation
    group: Group
    names: tuple[Condition, ...]
    watch: "Watch | None"
    source: str | None
    site: str | None

    @classmethod
    def take(cls, invocation: Invocation, given: dict[str, Any]) -> "Filters":
        """Take the conditions out of the options of a command; `source` and `site` stay, because SQL needs them.

        These two are spelled as the sources that are stored. Raise `InputError` for an unknown watch.
        """
        lines = tuple(Line(kind, found) for kind in ("countries", "types", "speakers") if (found := given.pop(kind)))
        names = tuple(Condition(line.kind, entry) for line in lines for entry in line.entries)
        name = given.pop("watch")
        watch = options.find_watch(invocation.settings, name) if name is not None else None
        for key in ("source", "site"):
            if given.get(key) is not None:
                stored = (state.name for state in invocation.store.sources.all())
                given[key] = options.find_name(stored, given[key]) or given[key]
        parts = (*lines, *((watch.about.tree,) if watch is not None and watch.about.tree != Group() else ()))
        return cls(invocation, Group(all=parts), names, watch, given.get("source"), given.get("site"))

    def statements(self, wanted: StatementFilter, limit: int | None) -> Iterator[Statement]:
        """Yield the statements that fit, the newest first."""
        statements = self.invocation.store.statements
        if self.group == Group():
            return statements.find(wanted, limit)
        return islice(filter(self._statement_test(), statements.find(self._with_labels(wanted))), limit)

    def search(self, query: str, wanted: StatementFilter, limit: int) -> list[tuple[Statement, int, str]]:
        """Return the matches of a search that fit, each statement once, the best first; see `Statements.search`."""
        statements = self.invocation.store.statements
        test = None if self.group == Group() else self._statement_test()
        return statements.search(query, limit, self._with_labels(wanted), test)

    def _statement_test(self) -> Callable[[Statement], bool]:
        reader = SubjectReader(self.invocation.store, [self.group])
        return lambda statement: self._fits(reader.of_statement(statement))

    def _with_labels(self, wanted: StatementFilter) -> StatementFilter:
        """Add the labels of types and bylines that the options fit, and the ids of what may be about their countries.

        SQL then leaves out all other statements.
        """
        stored = self.invocation.store.statements.labels() if self.names else Labels()
        for line in (part for part in self.group.all if isinstance(part, Line)):
            if line.kind == "types":
                labels = ((type_, FilterFields(type=type_)) for type_ in stored.types)
                fitting = tuple(name for name, fields in labels if matches(line, checker(fields)))
                wanted = replace(wanted, types=fitting)
            elif line.kind == "speakers":
                labels = ((byline, FilterFields(byline=byline)) for byline in stored.bylines)
                wanted = replace(
                    wanted, bylines=tuple(name for name, fields in labels if matches(line, checker(fields)))
                )
            elif line.kind == "countries":
                names = [name.strip() for entry in line.entries for name in country_names(entry)]
                titles = self.invocation.store.entries.titles_about(names)
                wanted = replace(wanted, ids=tuple(statement_id for statement_id, _, _ in titles))
        return wanted

    def copies(self, wanted: CopyFilter) -> Iterator[Copy]:
        """Yield the copies that fit, the oldest first; with a limit, the newest ones."""
        store = self.invocation.store
        if self.group == Group():
            return store.copies.find(wanted)
        reader = SubjectReader(store, [self.group])

        def fits(copy: Copy) -> bool:
            page, statement = store.pages.by_id(copy.page_id), store.statements.by_id(copy.statement_id)
            return (
                page is not None and statement is not None and self._fits(reader.of_statement(statement, page.source))
            )

        return store.copies.find(wanted, fits)

    def events(self, wanted: EventFilter, words: tuple[str, ...], *, changed: bool) -> Iterator[Event]:
        """Yield the events that fit, the oldest first; with a limit, the newest ones.

        `words` are kinds in the words of `--kind`, `changed` leaves those of another wording. Of a watch, its kinds and
        its grade count too.
        """
        kinds = tuple(dict.fromkeys(chain.from_iterable(KINDS[word] for word in words)))
        also = dict.fromkeys(CHANGES if changed else ())
        if self.watch is not None:
            selected = dict.fromkeys(chain.from_iterable(KINDS[topic] for topic in self.watch.when))
            also = {kind: None for kind in also if kind in selected} if changed else selected
            if not also:
                return iter(())
        wanted = replace(wanted, kinds=kinds, also_kinds=tuple(also))
        return self.invocation.store.events.find(wanted, self._event_test(words))

    def _event_test(self, words: tuple[str, ...]) -> Callable[[Event], bool]:
        reader = SubjectReader(self.invocation.store, [self.group])

        def fits(event: Event) -> bool:
            if words and not any(is_called(event, word) for word in words):
                return False
            if self.watch is not None and not watch_filter.select(event, self.watch).fires:
                return False
            return self.group == Group() or self._fits(reader.of_event(event))

        return fits

    def _fits(self, fields: FilterFields) -> bool:
        return matches(self.group, checker(fields)) is not None

    def first_or_fail(self, rows: Iterable[_Row]) -> Iterator[_Row]:
        """Return the rows. If there are none, raise `InputError` for an option that names what does not exist.

        If there are some, print a note about a country that only words of titles fit.
        """
        found = iter(rows)
        for first in found:
            stored = self.invocation.store.statements.labels() if self.names else Labels()
            for condition in self.names:
                if problem := describe_other_form(condition, stored):
                    self.invocation.note(f"note: {terminal_safe(problem)}")
            return chain([first], found)
        self._check_names()
        return iter(())

    def _check_names(self) -> None:
        store = self.invocation.store
        stored = store.statements.labels()
        for condition in self.names:
            if not is_known(condition, stored) and (problem := describe_unknown(condition, stored)):
                raise InputError(problem)
        stored_names = [source.name for source in store.sources.all()]
        if {self.source, self.site} <= {None, *stored_names}:
            return
        if self.source is not None:
            options.find_source(self.invocation, self.source)
        if self.site is not None:
            options.check_site(self.invocation, self.site)
