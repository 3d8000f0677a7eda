"""Statements, their revisions, renderings and URLs: the history that an item is compared with, and its changes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scraper import urls
from scraper.model import (
    Alias,
    Item,
    Precision,
    PublicationState,
    Revision,
    Statement,
    Wording,
)
from scraper.rules.revisions import REPOST_WORDS, Poll, RevisionDecision, RevisionTurn, StatementHistory
from scraper.rules.wordings import wording_keys
from scraper.serialize import format_utc, optional_utc, parse_utc
from scraper.store.codec import from_row, insert, rows, to_row
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlite_utils import Database

_STATEMENT = """
SELECT s.*, r.words, (SELECT count(*) FROM revisions WHERE statement_id = s.id) AS revisions
FROM statements s JOIN revisions r ON r.statement_id = s.id AND r.number = s.revision
"""
# A day is stored as its midnight in UTC; the exact time is within that day, or within the next one in Washington.
_SAME_DAY = timedelta(days=2)
# Columns that keep their stored values if an item has none.
_KEPT = (
    "type",
    "byline",
    "speaker",
    "bureau",
    "place",
    "language",
    "countries",
    "subjects",
    "links",
    "published_at",
    "modified_at",
)


class Statements:
    """Table of statements and every wording that they had."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # History

    def candidates(self, item: Item) -> list[Statement]:
        """Return the statements that an item could be: by guid, by the number in it, by URL."""
        if item.guid and (exact := self._one("WHERE s.authority = ? AND s.guid = ?", [item.authority, item.guid])):
            return [exact]
        number = urls.post_number(item.guid or item.url)
        url = urls.canonical(item.url)
        return self._many(
            "WHERE s.authority = ? AND s.id IN (SELECT statement_id FROM statement_urls WHERE url IN (?, ?)"
            " UNION SELECT id FROM statements WHERE number = ?) ORDER BY s.last_seen_at DESC",
            [item.authority, url.rstrip("/"), url.rstrip("/") + "/", number],
        )

    def by_guid(self, guid: str) -> Statement | None:
        """Return the statement with a guid, or None."""
        return self._one("WHERE s.guid = ?", [guid])

    def by_id(self, statement_id: int) -> Statement | None:
        """Return the statement with an id, or None."""
        return self._one("WHERE s.id = ?", [statement_id])

    def by_url(self, url: str) -> list[Statement]:
        """Return every statement that was seen at a URL, the latest first."""
        canonical = urls.canonical(url).rstrip("/")
        return self._many(
            "JOIN statement_urls u ON u.statement_id = s.id WHERE u.url IN (?, ?)"
            " ORDER BY u.last_seen_at DESC, s.id DESC",
            [canonical, canonical + "/"],
        )

    def find_repost(self, wording: Wording) -> Statement | None:
        """Return the oldest statement that has, or had, the same words in its body; None if the body is too short."""
        if wording_keys(wording).word_count < REPOST_WORDS:
            return None
        return self._one(
            "WHERE s.id = (SELECT min(statement_id) FROM revisions WHERE words_sha256 = ?)",
            [wording_keys(wording).body_sha256],
        )

    def known(self, statement: Statement, parser: str) -> StatementHistory:
        """Return the history of a statement that decides what its next reading by a parser means."""
        turns = tuple(self._turns(statement.id))
        row = self._db.execute(
            "SELECT revision, title, text FROM parsed_texts WHERE statement_id = ? AND parser = ?",
            [statement.id, parser],
        ).fetchone()
        last_read = None
        if row:
            last_read = turns[row[0] - 1].revision.wording if row[0] else Wording(row[1], row[2])
        renderings = [wording for number, wording, _ in self.renderings(statement.id) if number == statement.revision]
        aliases = self._db.execute("SELECT url FROM statement_urls WHERE statement_id = ?", [statement.id]).fetchall()
        known_urls = frozenset(url for (url,) in aliases)
        return StatementHistory(statement, turns, frozenset(renderings), last_read, known_urls)

    def _turns(self, statement_id: int) -> Iterator[RevisionTurn]:
        for row in rows(self._db, "SELECT * FROM revisions WHERE statement_id = ? ORDER BY number", [statement_id]):
            revision = from_row(Revision, row | {"wording": Wording(row["title"], row["text"])})
            yield RevisionTurn(revision, parse_utc(row["turned_at"]) if row["turned_at"] else None)

    def revisions(self, statement_id: int) -> list[Revision]:
        """Return the revisions of a statement, in order."""
        return [turn.revision for turn in self._turns(statement_id)]

    def renderings(self, statement_id: int) -> list[tuple[int, Wording, datetime]]:
        """Return (revision number, rendering, time of replacement) of the renderings that were replaced, in order."""
        return [
            (number, Wording(title, body), parse_utc(until))
            for number, title, body, until in self._db.execute(
                "SELECT r.number, o.title, o.text, o.replaced_at FROM renderings o"
                " JOIN revisions r ON r.id = o.revision_id WHERE r.statement_id = ? ORDER BY o.replaced_at",
                [statement_id],
            )
        ]

    def aliases(self, statement_id: int) -> list[Alias]:
        """Return every URL at which a statement was seen, the oldest first."""
        sql = "SELECT * FROM statement_urls WHERE statement_id = ? ORDER BY first_seen_at"
        found = rows(self._db, sql, [statement_id])
        return [from_row(Alias, row) for row in found]

    # Changes

    def add(self, item: Item, decision: RevisionDecision, poll: Poll) -> int:
        """Insert a new statement with its first revision and return its id. Call inside a unit of work."""
        at = format_utc(poll.at)
        row = {
            "authority": item.authority,
            "guid": item.guid,
            "guid_derived": item.guid_derived,
            "number": urls.post_number(item.guid or ""),
            "url": decision.url,
            "title": decision.wording.title,
            "countries": "[]",
            "subjects": "[]",
            "links": "[]",
            "state": PublicationState.CURRENT.value,
            "revision": decision.revision,
            "source": poll.source,
            "first_seen_at": at,
            "last_seen_at": at,
            "clock_at": optional_utc(poll.clock),
        } | _item_row(item)
        statement_id = insert(self._db, "statements", row)
        self._add_revision(statement_id, decision, at)
        self._note_sighting(statement_id, decision, poll, None)
        return statement_id

    def apply(self, known: StatementHistory, item: Item, decision: RevisionDecision, poll: Poll) -> None:
        """Store the changes that an item brings to a known statement. Call inside a unit of work."""
        if decision.read is None:
            return
        statement_id, at = known.statement.id, format_utc(poll.at)
        if decision.new_revision:
            self._add_revision(statement_id, decision, at)
        elif decision.new_rendering:
            self._replace_rendering(known, decision, at)
        changes = {
            "title": decision.wording.title,
            "url": decision.url,
            "revision": decision.revision,
            "state": PublicationState.CURRENT.value,
            "last_seen_at": at,
            "clock_at": optional_utc(poll.clock or known.statement.clock),
        } | _item_row(item)
        if _is_vaguer(item, known.statement):
            changes = {key: value for key, value in changes.items() if key not in {"published_at", "precision"}}
        if known.statement.guid_derived and item.guid and not item.guid_derived:
            changes |= {"guid": item.guid, "guid_derived": False, "number": urls.post_number(item.guid)}
        self._update(known.statement, changes)
        self._note_sighting(statement_id, decision, poll, known.last_read)

    def _update(self, statement: Statement, changes: dict[str, Any]) -> None:
        assignments = ", ".join(f"{column} = ?" for column in changes)
        self._db.execute(
            f"UPDATE statements SET {assignments} WHERE id = ?",  # noqa: S608 - our own column names
            [*changes.values(), statement.id],
        )

    def _add_revision(self, statement_id: int, decision: RevisionDecision, at: str) -> None:
        wording = decision.wording
        insert(
            self._db,
            "revisions",
            {
                "statement_id": statement_id,
                "number": decision.revision,
                "title": wording.title,
                "text": wording.text,
                "words": wording_keys(wording).word_count,
                "words_sha256": wording_keys(wording).body_sha256,
                "grade": decision.grade,
                "first_seen_at": at,
                "last_seen_at": at,
                "turned_at": at if decision.turned else None,
            },
        )

    def _replace_rendering(self, known: StatementHistory, decision: RevisionDecision, at: str) -> None:
        old = known.turns[decision.revision - 1].revision.wording
        where = [known.statement.id, decision.revision]
        if old != decision.wording:
            self._db.execute(
                "INSERT INTO renderings (revision_id, title, text, replaced_at)"
                " SELECT id, title, text, ? FROM revisions WHERE statement_id = ? AND number = ?",
                [at, *where],
            )
        wording = decision.wording
        self._db.execute(
            "UPDATE revisions SET title = ?, text = ?, words = ?, words_sha256 = ?,"
            " turned_at = coalesce(?, turned_at) WHERE statement_id = ? AND number = ?",
            [
                wording.title,
                wording.text,
                wording_keys(wording).word_count,
                wording_keys(wording).body_sha256,
                at if decision.turned else None,
                *where,
            ],
        )

    def _note_sighting(
        self, statement_id: int, decision: RevisionDecision, poll: Poll, last_read: Wording | None
    ) -> None:
        """Record that a revision and a URL were seen, and the reading of this parser."""
        at = format_utc(poll.at)
        if decision.seen_revision is not None:
            self._db.execute(
                "UPDATE revisions SET last_seen_at = ? WHERE statement_id = ? AND number = ?",
                [at, statement_id, decision.seen_revision],
            )
        self._db.execute(
            "INSERT INTO statement_urls (url, statement_id, first_seen_at, last_seen_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET last_seen_at = excluded.last_seen_at",
            [decision.url, statement_id, at, at],
        )
        if decision.read == last_read:
            return
        own = decision.read if decision.seen_revision is None else None
        self._db.execute(
            "INSERT INTO parsed_texts (statement_id, parser, revision, title, text) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET revision = excluded.revision, title = excluded.title, text = excluded.text",
            [statement_id, poll.parser, decision.seen_revision, own.title if own else None, own.text if own else None],
        )

    def note_listed(self, statement_id: int, at: datetime) -> None:
        """Record that a list named a statement without its text. Call inside a unit of work."""
        self._db.execute(
            "UPDATE statements SET last_seen_at = max(last_seen_at, ?) WHERE id = ?", [format_utc(at), statement_id]
        )

    # Queries of users

    def find(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        source: str | None = None,
        type_: str | None = None,
        state: PublicationState | None = None,
        limit: int | None = None,
    ) -> list[Statement]:
        """Return statements by the time of publication (first seen if it is unknown), the newest first."""
        when = "coalesce(s.published_at, s.first_seen_at)"
        where, values = ["1"], list[Any]()
        for condition, value in (
            (f"{when} >= ?", optional_utc(since)),
            (f"{when} < ?", optional_utc(until)),
            ("s.source = ?", source),
            ("s.type = ? COLLATE NOCASE", type_),
            ("s.state = ?", state),
        ):
            if value is not None:
                where.append(condition)
                values.append(value)
        bound = f" LIMIT {int(limit)}" if limit is not None else ""
        return self._many(f"WHERE {' AND '.join(where)} ORDER BY {when} DESC, s.id DESC{bound}", values)

    def search(self, query: str, limit: int) -> list[tuple[Statement, int, str]]:
        """Return (statement, revision number, snippet with **marks**) of matching revisions, the best match first.

        Every word has to occur; "quoted words" have to occur together; nothing in the query is an operator.
        """
        terms = _terms(query)
        if not terms:
            return []
        rows = self._db.execute(
            "SELECT r.statement_id, r.number, snippet(revisions_fts, -1, '**', '**', '…', 24)"
            " FROM revisions_fts JOIN revisions r ON r.id = revisions_fts.rowid"
            " WHERE revisions_fts MATCH ? ORDER BY bm25(revisions_fts, 4.0, 1.0), r.id LIMIT ?",
            [terms, limit],
        ).fetchall()
        found = []
        for statement_id, number, snippet in rows:
            statement = self.by_id(statement_id)
            if statement is not None:
                found.append((statement, number, snippet))
        return found

    def count(self) -> int:
        """Return the number of statements."""
        return int(self._db.execute("SELECT count(*) FROM statements").fetchone()[0])

    def _one(self, where: str, values: list[Any]) -> Statement | None:
        return next(iter(self._many(where, values)), None)

    def _many(self, where: str, values: list[Any]) -> list[Statement]:
        return [from_row(Statement, row) for row in rows(self._db, _STATEMENT + where, values)]


def _item_row(item: Item) -> dict[str, Any]:
    """Return the columns that an item has values for; the others keep their stored values."""
    row = to_row(item, [name for name in _KEPT if getattr(item, name)])
    if item.published_at:
        row["precision"] = item.precision or Precision.SECOND
    return row


def _is_vaguer(item: Item, known: Statement) -> bool:
    """Return True if an item gives the known time less exactly: a page shows the day, the feed gave the second."""
    if item.published_at is None or known.published_at is None or known.precision is None:
        return False
    order = list(Precision)
    is_coarser = order.index(item.precision or Precision.SECOND) > order.index(known.precision)
    return is_coarser and abs(item.published_at - known.published_at) <= _SAME_DAY


def _terms(query: str) -> str:
    """Return a user's query in FTS5 syntax: each word, and each quoted phrase, as a string of its own."""
    parts = normalize.clean(query).split('"')
    terms: list[str] = []
    for index, part in enumerate(parts):
        wanted = [part] if index % 2 else part.split()
        terms.extend(f'"{term.strip()}"' for term in wanted if normalize.words(term))
    return " ".join(terms)
