"""Editions of a series: the statements with the same title but for its dates and numbers, before and after one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from scraper.model import Statement
from scraper.rules.editions import Edition, edition_key
from scraper.store.codec import Table, load, scalar

# Of a rare title, all statements that have its words are sorted by time; of a common one, an edition is near.
_RARE = 300
_NEAR = 2_000
_COUNT = "SELECT count(*) FROM (SELECT 1 FROM revisions_fts WHERE revisions_fts MATCH ? LIMIT ?)"
_OF_WORDS = """
SELECT s.id, s.title FROM revisions_fts f
JOIN revisions r ON r.id = f.rowid JOIN statements s ON s.id = r.statement_id AND s.revision = r.number
WHERE s.published_at {side} ? AND s.authority = ? AND s.id <> ? AND revisions_fts MATCH ?
ORDER BY s.published_at {order}, s.id LIMIT ?
"""
# With the plus sign SQLite follows the index of times; its planner would sort all statements of the authority instead.
_OF_TIME = """
SELECT s.id, s.title FROM statements s WHERE s.published_at {side} ? AND +s.authority = ? AND s.id <> ?
ORDER BY s.published_at {order}, s.id LIMIT ?
"""
_EDITION = """
SELECT s.id, s.title, s.published_at, s.precision, r.text FROM statements s
JOIN revisions r ON r.statement_id = s.id AND r.number = s.revision
WHERE s.id = ? AND r.words_sha256 <> (SELECT words_sha256 FROM revisions WHERE statement_id = ? AND number = ?)
"""
_SERIES = """
SELECT s.id, s.title, s.published_at, s.precision, s.authority, r.words_sha256 FROM statements s
JOIN revisions r ON r.statement_id = s.id AND r.number = s.revision
WHERE s.published_at IS NOT NULL ORDER BY s.published_at, s.id
"""


class _Member(NamedTuple):
    """Statement of a series with its time, the hash of its words, and all that the page beside it shows of it."""

    statement_id: int
    published_at: str
    words: str
    facts: str


class Editions(Table):
    """Statements by their titles without numbers and dates. Texts that State published again are no editions."""

    def around(self, statement: Statement) -> tuple[Edition | None, Edition | None]:
        """Return the editions published before and after a statement, the nearest ones; None if there is none."""
        key = edition_key(statement.title)
        if not key or statement.published_at is None:
            return None, None
        words = "{title} : (" + " AND ".join(f'"{word}"' for word in key.replace('"', " ").split()) + ")"
        is_rare = scalar(self._db, _COUNT, [words, _RARE]) < _RARE
        sql, values = (_OF_WORDS, [words, _RARE]) if is_rare else (_OF_TIME, [_NEAR])
        own = [statement.published_at, statement.authority, statement.id]
        before, after = (
            self._nearest(statement, key, self._db.execute(sql.format(side=side, order=order), [*own, *values]))
            for side, order in (("<", "DESC"), (">", "ASC"))
        )
        return before, after

    def _nearest(self, statement: Statement, key: str, found: Iterable[tuple[int, str]]) -> Edition | None:
        """Return the first of these statements that is an edition of a series, but for texts that are the same."""
        for statement_id, title in found:
            if edition_key(title) == key:
                own = [statement_id, statement.id, statement.revision]
                if editions := load(Edition, self._db, _EDITION, own):
                    return editions[0]
        return None

    def neighbours(self) -> dict[int, str]:
        """Return, by its id, what `around` finds beside each statement of a series, as one text."""
        series: dict[tuple[str, str], list[_Member]] = defaultdict(list)
        for statement_id, title, published_at, precision, authority, words in self._db.execute(_SERIES):
            if key := edition_key(title):
                facts = f"{statement_id} {title} {published_at} {precision} {words}"
                series[authority, key].append(_Member(statement_id, published_at, words, facts))
        return dict(_beside(members for members in series.values() if len(members) > 1))


def _beside(series: Iterable[list[_Member]]) -> Iterator[tuple[int, str]]:
    for members in series:
        # Of several of one time, `around` finds the one with the lowest id, on both sides.
        before = _nearest_others(sorted(members, key=lambda each: (each.published_at, -each.statement_id)))
        after = _nearest_others(sorted(members, key=lambda each: (each.published_at, each.statement_id), reverse=True))
        for member in members:
            near = (found.get(member.statement_id) for found in (before, after))
            yield member.statement_id, " ".join(each.facts if each else "-" for each in near)


def _nearest_others(members: Sequence[_Member]) -> dict[int, _Member]:
    """Return, by the id of each member, the last one before it that has another time and other words."""
    found: dict[int, _Member] = {}
    # The place before each member at which other words stand, so that a long run of equal texts is no long search.
    others: list[int] = []
    for at, member in enumerate(members):
        place = at - 1
        if place >= 0 and members[place].words == member.words:
            place = others[place]
        others.append(place)
        for _ in range(_NEAR):
            if place < 0:
                break
            if members[place].published_at != member.published_at:
                found[member.statement_id] = members[place]
                break
            place -= 1
            if place >= 0 and members[place].words == member.words:
                place = others[place]
    return found
