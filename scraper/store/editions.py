"""Statements of one title, apart from what tells editions of a series apart: the one before and the one after."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scraper.model import Precision, Statement
from scraper.rules.editions import edition_key
from scraper.store.codec import Table, load

# So many statements with these words in their title are looked at on either side.
_MOST = 60
_NEAR = """
SELECT s.id, s.title, s.published_at, s.precision, r.text FROM revisions_fts f
JOIN revisions r ON r.id = f.rowid JOIN statements s ON s.id = r.statement_id AND s.revision = r.number
WHERE revisions_fts MATCH ? AND s.id <> ? AND s.authority = ? AND s.published_at {} ?
AND r.words_sha256 <> (SELECT words_sha256 FROM revisions WHERE statement_id = ? AND number = ?)
ORDER BY s.published_at {}, s.id LIMIT ?
"""
_SERIES = """
SELECT s.id, s.title, s.published_at, s.authority, r.words_sha256 FROM statements s
JOIN revisions r ON r.statement_id = s.id AND r.number = s.revision
WHERE s.published_at IS NOT NULL ORDER BY s.published_at, s.id
"""


@dataclass(frozen=True, slots=True)
class Edition:
    """Statement of a series, with its current text."""

    id: int
    title: str
    published_at: datetime
    precision: Precision | None
    text: str


class Editions(Table):
    """Statements by their titles without numbers and dates. Texts that State published again are no editions."""

    def around(self, statement: Statement) -> tuple[Edition | None, Edition | None]:
        """Return the editions published before and after a statement, the nearest ones; None if there is none."""
        key = edition_key(statement.title)
        if not key or statement.published_at is None:
            return None, None
        return self._nearest(statement, key, "<", "DESC"), self._nearest(statement, key, ">", "ASC")

    def _nearest(self, statement: Statement, key: str, side: str, order: str) -> Edition | None:
        words = " AND ".join(f'"{word}"' for word in key.replace('"', " ").split())
        own = [statement.id, statement.authority, statement.published_at, statement.id, statement.revision]
        found = load(Edition, self._db, _NEAR.format(side, order), [f"{{title}} : ({words})", *own, _MOST])
        return next((each for each in found if edition_key(each.title) == key), None)

    def neighbours(self) -> dict[int, str]:
        """Return, by its id, the ids and titles of the editions beside each statement that has some, as one text."""
        series: dict[tuple[str, str], list[tuple[int, str, str]]] = defaultdict(list)
        for statement_id, title, published_at, authority, words in self._db.execute(_SERIES):
            if key := edition_key(title):
                series[authority, key].append((statement_id, f"{title} {published_at} {words}", words))
        return dict(_beside(members for members in series.values() if len(members) > 1))


def _beside(series: Iterable[list[tuple[int, str, str]]]) -> Iterable[tuple[int, str]]:
    for members in series:
        for at, (statement_id, _, _) in enumerate(members):
            near = members[max(0, at - 1) : at] + members[at + 1 : at + 2]
            yield statement_id, " ".join(f"{number} {facts}" for number, facts, _ in near)
