"""Entries of pages that list what is new: statements by the time of publication, and events by their own time."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from scraper.model import Event, EventKind, Precision
from scraper.store import events, search
from scraper.store.codec import Table, load, scalar
from scraper.store.filters import LISTED_AT

_NO_ASCII_WORD = re.compile(r"[^a-z0-9]+")
_IN_LIST = " IN (SELECT value FROM json_each(?))"
SPEAKER_SQL: Final = "coalesce(s.speaker, s.byline, s.bureau)"
"""Speaker of a statement `s`: the person, else the line that names the author, else the office."""
# All that a list and an entry of a feed show of a statement, of an event, and of its copy. The time at which a
# statement was last seen moves with each poll, and is shown of those that are withdrawn only.
_OF_STATEMENT = (
    "s.published_at, s.precision, s.first_seen_at, s.title, s.type, s.byline, s.speaker, s.bureau, s.countries, s.url,"
    " s.state, s.revision, o.renderings"
)
_OF_EVENT = "e.kind, e.title, e.grade, e.changes, e.before, e.after, e.page_url, e.page_title, e.relation, e.revision"
_OF_COPY = (
    "c.page_id, c.revision, c.relation, c.coverage, c.fidelity, c.grade, c.outdated, c.differences, c.spans, c.gone_at,"
    " c.first_seen_at, p.published_at, p.precision, p.is_date_listed"
)
_OF_WITHDRAWAL = """iif(e.kind = 'statement.withdrawn', json_array(s.last_seen_at,
    (SELECT missing_since_at FROM rechecks WHERE statement_id = s.id)), 0)"""
_RENDERINGS = """
LEFT JOIN (
    SELECT r.statement_id, count(*) AS renderings FROM renderings g JOIN revisions r ON r.id = g.revision_id GROUP BY 1
) o ON o.statement_id = s.id
"""
_FACTS = f"""
SELECT {LISTED_AT}, 0, s.id, s.type, {SPEAKER_SQL}, s.source, json_array({_OF_STATEMENT}),
    {{new}}
FROM statements s {_RENDERINGS}
UNION ALL
SELECT e.detected_at, e.id, ifnull(e.statement_id, 0), s.type, {SPEAKER_SQL}, e.source,
    json_array({_OF_EVENT}, {_OF_STATEMENT}, {_OF_COPY}, {_OF_WITHDRAWAL}),
    {{fits}}
FROM (SELECT *, {{flags}} FROM events e) e LEFT JOIN statements s ON s.id = e.statement_id {_RENDERINGS}
    LEFT JOIN pages p ON p.url = e.page_url LEFT JOIN copies c ON c.page_id = p.id AND c.statement_id = e.statement_id
WHERE {{is_fit}}
ORDER BY 1 DESC, 2 DESC, 3 DESC
"""  # noqa: S608 - conditions are ours, values bound


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Conditions on entries: those of new statements, if `with_new`, and events of these `kinds`.

    With `altered` or `outdated` it has events of such copies too, found or changed. Events that report what was already
    there when monitoring began are left out, unless `with_backfill`.

    None is no condition. `types`, `speakers` and `bylines` are exact labels of which a statement has one; the speaker
    is the byline if no person is known. `statement_ids` are its ids, and `event_ids` events that have no statement and
    are about the same. `source` is the first one to list a statement, or that of an event. `since` (inclusive) and
    `until` (exclusive) are for the time of an entry.
    """

    with_new: bool = True
    kinds: tuple[EventKind, ...] = ()
    altered: bool = False
    outdated: bool = False
    with_backfill: bool = False
    types: tuple[str, ...] | None = None
    speakers: tuple[str, ...] | None = None
    bylines: tuple[str, ...] | None = None
    statement_ids: tuple[int, ...] | None = None
    event_ids: tuple[int, ...] = ()
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def parts(self) -> Iterator["EntryPart"]:
        """Yield the parts of which the entries are the union: statements, and events."""
        about, about_values = self._about()
        if self.with_new:
            where, values = self._bounds("s.source", LISTED_AT)
            condition = " AND ".join([*about, *where]) or "1"
            yield EntryPart(LISTED_AT, "0, s.id", f"FROM statements s WHERE {condition}", (*about_values, *values))
        of_event, event_values = self.of_event()
        statements, statement_values = self._of_statement(about, about_values)
        where, values = self._bounds("e.source", "e.detected_at")
        yield EntryPart(
            "e.detected_at",
            "e.id, ifnull(e.statement_id, 0)",
            f"FROM events e WHERE {' AND '.join([of_event, *statements, *where])}",
            (*event_values, *statement_values, *values),
        )

    def of_event(self) -> tuple[str, list[Any]]:
        """Return the condition on `events e` by which an event of this filter is an entry, and its values."""
        copies = [
            name for name, wanted in (("e.relation = 'altered'", self.altered), ("e.outdated", self.outdated)) if wanted
        ]
        kind, values = f"e.kind{_IN_LIST}", list[Any]([self.kinds])
        if copies:
            kind = f"({kind} OR e.kind IN (?, ?) AND ({' OR '.join(copies)}))"
            values += [EventKind.COPY_FOUND, EventKind.COPY_CHANGED]
        return (kind if self.with_backfill else f"NOT e.backfill AND {kind}"), values

    def _about(self) -> tuple[list[str], list[Any]]:
        """Return the conditions on what a statement is about, and their values."""
        wanted = (
            ("s.type", self.types),
            (SPEAKER_SQL, self.speakers),
            ("s.byline", self.bylines),
            ("s.id", self.statement_ids),
        )
        chosen = [(column, values) for column, values in wanted if values is not None]
        conditions = [column + _IN_LIST for column, _ in chosen]
        return conditions, [values for _, values in chosen]

    def _of_statement(self, about: Sequence[str], values: Sequence[Any]) -> tuple[list[str], list[Any]]:
        if not about:
            return [], []
        condition = " AND ".join(["s.id = e.statement_id", *about])
        is_of = f"EXISTS (SELECT 1 FROM statements s WHERE {condition})"  # noqa: S608 - values are bound
        if self.event_ids and len(about) == 1:
            return [f"({is_of} OR e.id{_IN_LIST})"], [*values, self.event_ids]
        return [is_of], list(values)

    def _bounds(self, source: str, time: str) -> tuple[list[str], list[Any]]:
        """Return the conditions on the source and the time of an entry, in these columns, and their values."""
        wanted = ((f"{source} = ?", self.source), (f"{time} >= ?", self.since), (f"{time} < ?", self.until))
        chosen = [(condition, value) for condition, value in wanted if value is not None]
        return [condition for condition, _ in chosen], [value for _, value in chosen]


class EntryPart(NamedTuple):
    """SQL of a part of the entries: column of the time, two columns of ids, all from FROM on, and its values."""

    time: str
    ids: str
    source: str
    values: tuple[Any, ...]


class EntryKey(NamedTuple):
    """Place of an entry in the order of all: its time as text, the id of its event or 0, that of its statement or 0."""

    at: str
    event_id: int
    statement_id: int


@dataclass(frozen=True, slots=True)
class ListedStatement:
    """The facts of a statement that a list shows. `at` is the time of publication, or of first sight without one."""

    id: int
    at: datetime
    title: str
    first_seen_at: datetime
    precision: Precision | None = None
    type: str | None = None
    byline: str | None = None
    speaker: str | None = None
    bureau: str | None = None
    countries: tuple[str, ...] = ()


class EntryFacts(NamedTuple):
    """An entry with the facts by which it is chosen, and all that is shown of it, as one text.

    `fits` has a value for each filter: True if it has this entry.
    """

    key: EntryKey
    fits: tuple[bool, ...]
    type: str | None
    speaker: str | None
    source: str
    shown: str


class Entries(Table):
    """Queries of entries; they read statements and events."""

    def newest(self, wanted: EntryFilter, limit: int, offset: int = 0) -> list[EntryKey]:
        """Return entries, the newest first."""
        parts = list(wanted.parts())
        sql = " UNION ALL ".join(f"SELECT {part.time}, {part.ids} {part.source}" for part in parts)
        values = [value for part in parts for value in part.values]
        found = self._db.execute(f"{sql} ORDER BY 1 DESC, 2 DESC, 3 DESC LIMIT ? OFFSET ?", [*values, limit, offset])
        return [EntryKey(*row) for row in found]

    def counts(self, wanted: EntryFilter, chars: int) -> list[tuple[str, int]]:
        """Return the number of entries of each year (4 characters of the time) or month (7), the newest first."""
        found = Counter[str]()
        # One query for all parts would sort all entries.
        for part in wanted.parts():
            sql = f"SELECT substr({part.time}, 1, {chars}), count(*) {part.source} GROUP BY 1"
            found.update(dict(self._db.execute(sql, part.values).fetchall()))
        return sorted(found.items(), reverse=True)

    def statements(self, ids: Iterable[int]) -> dict[int, ListedStatement]:
        """Return statements by id."""
        sql = (
            "SELECT *, coalesce(published_at, first_seen_at) AS detected_at FROM statements"
            " WHERE id IN (SELECT value FROM json_each(?))"
        )
        return {each.id: each for each in load(ListedStatement, self._db, sql, [tuple(ids)])}

    def published(self, statement_ids: Iterable[int]) -> dict[int, Event]:
        """Return the event by which each statement became known, by the id of the statement."""
        where = "WHERE statement_id IN (SELECT value FROM json_each(?)) AND kind = ? ORDER BY id DESC"
        found = load(Event, self._db, f"{events.SELECT} {where}", [tuple(statement_ids), EventKind.PUBLISHED])
        return {event.statement_id: event for event in found if event.statement_id is not None}

    def copy_pages(self, urls: Iterable[str]) -> dict[tuple[str, int], int]:
        """Return the id of each page with one of these URLs, by its URL and the statement of which it has a copy."""
        sql = (
            "SELECT p.url, c.statement_id, p.id FROM pages p JOIN copies c ON c.page_id = p.id"
            " WHERE p.url IN (SELECT value FROM json_each(?))"
        )
        return {(url, statement_id): page_id for url, statement_id, page_id in self._db.execute(sql, [tuple(urls)])}

    def types(self) -> list[tuple[str, int]]:
        """Return each type of statements with their number."""
        return self._labels("type")

    def speakers(self) -> list[tuple[str, int]]:
        """Return each speaker (see `SPEAKER_SQL`) with the number of statements."""
        return self._labels(SPEAKER_SQL)

    def _labels(self, column: str) -> list[tuple[str, int]]:
        sql = f"SELECT {column}, count(*) FROM statements s GROUP BY 1 HAVING {column} <> ''"  # noqa: S608
        return [(label, number) for label, number in self._db.execute(sql)]

    def titles(self) -> Iterator[tuple[int, str, str]]:
        """Yield (id, title, tags of countries as JSON) of each statement."""
        yield from self._db.execute("SELECT id, title, countries FROM statements")

    def tags(self) -> Iterator[str]:
        """Yield each list of tags of countries that statements have, as JSON."""
        yield from (tags for (tags,) in self._db.execute("SELECT DISTINCT countries FROM statements"))

    def titles_about(self, names: Collection[str]) -> Iterator[tuple[int, str, str]]:
        """Yield those of `titles` that may have one of these names in the title or among the tags.

        The names are as of `scripts.name_line`. All that have one are among the results, and more.
        """
        patterns = tuple(f"%{_NO_ASCII_WORD.sub('%', name)}%" for name in names)
        # SQLite does not know that a letter with an accent is a form of another one.
        tagged = " OR ".join(["countries GLOB '*[^ -~]*'", *("countries LIKE ?" for _ in patterns)])
        sql = (
            f"SELECT id, title, countries FROM statements WHERE id{_IN_LIST}"  # noqa: S608 - values are bound
            f" UNION SELECT id, title, countries FROM statements WHERE {tagged}"
        )
        yield from self._db.execute(sql, [tuple(search.title_may_have(self._db, names)), *patterns])

    def claims(self) -> Iterator[tuple[int, str]]:
        """Yield (event id, title of the page) of each unsourced claim, which has no statement."""
        sql = "SELECT id, ifnull(page_title, '') FROM events WHERE kind = ?"
        yield from self._db.execute(sql, [EventKind.UNSOURCED])

    def facts(self, filters: Sequence[EntryFilter]) -> Iterator[EntryFacts]:
        """Yield all entries of these filters, the newest first; of a filter only its kinds count."""
        conditions = [wanted.of_event() for wanted in filters]
        fits = [f"fits_{number}" for number in range(len(filters))]
        flags = ", ".join(f"{sql} AS {name}" for name, (sql, _) in zip(fits, conditions, strict=True))
        found = self._db.execute(
            _FACTS.format(
                new=", ".join(str(int(wanted.with_new)) for wanted in filters),
                flags=flags,
                fits=", ".join(fits),
                is_fit=" OR ".join(fits),
            ),
            [value for _, values in conditions for value in values],
        )
        for at, event_id, statement_id, type_, speaker, source, shown, *flag in found:
            key = EntryKey(at, event_id, statement_id)
            yield EntryFacts(key, tuple(map(bool, flag)), type_, speaker, source, shown)

    def state(self) -> int:
        """Return a number that changes whenever another connection has changed the database."""
        return int(scalar(self._db, "PRAGMA data_version"))
