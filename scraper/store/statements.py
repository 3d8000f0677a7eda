"""Statements, their revisions, renderings and URLs: the history that an item is compared with, and its changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from scraper import urls
from scraper.model import AUTHORITY, Alias, Item, Precision, PublicationState, Revision, Statement, Wording
from scraper.rules.identity import guid_spellings, spelling_key
from scraper.rules.state_menus import Labels
from scraper.rules.statement_history import (
    REPOST_WORDS,
    ItemObservation,
    RevisionDecision,
    RevisionTurn,
    StatementHistory,
)
from scraper.rules.wordings import wording_keys
from scraper.serialize import parse_utc
from scraper.store import search
from scraper.store.codec import Table, from_row, insert, load, overwrite, rows, scalar, to_row, update
from scraper.store.filters import EVERY_STATEMENT, LISTED_AT, StatementFilter

_STATEMENT = """
SELECT s.*, r.words, (SELECT count(*) FROM revisions WHERE statement_id = s.id) AS revisions
FROM statements s JOIN revisions r ON r.statement_id = s.id AND r.number = s.revision
"""
# The last reading of a parser, if there is one, and if there is any of what few statements have.
_LAST_READ = """
SELECT p.revision, p.title, p.text, p.version,
    EXISTS (SELECT 1 FROM renderings o JOIN revisions r ON r.id = o.revision_id
            WHERE r.statement_id = s.id AND r.number = s.revision),
    EXISTS (SELECT 1 FROM held_texts WHERE subject = 'statement' AND subject_id = s.id)
FROM statements s LEFT JOIN parsed_texts p ON p.statement_id = s.id AND p.parser = ? WHERE s.id = ?
"""
_REVISIONS = "SELECT * FROM revisions WHERE statement_id = ? ORDER BY number"
# A day is stored as its midnight in UTC; the exact time is within that day, or within the next one in Washington.
_SAME_DAY = timedelta(days=2)
_IDENTITY = {"authority", "guid", "guid_derived"}
# Columns that keep their stored values if an item has none.
_KEPT = {it.name for it in fields(Item)} & {it.name for it in fields(Statement)}
_KEPT -= _IDENTITY | {"url", "title", "precision"}


class Statements(Table):
    """Table of statements and every wording that they had."""

    # History

    def candidates(self, item: Item) -> list[Statement]:
        """Return the statements that an item could be: by guid in any spelling, by the number in it, by URL."""
        url = urls.canonical(item.url)
        # The URL is the guid of a new statement without one, so it must not be that of another.
        found = self._candidates(item, url, (item.guid or url, url))
        if item.guid and all(statement.guid != item.guid for statement in found):
            found = self._candidates(item, url, (*guid_spellings(item.guid), url))
        return found

    def _candidates(self, item: Item, url: str, guids: tuple[str, ...]) -> list[Statement]:
        number = urls.post_number(item.guid or item.url)
        # With the plus sign SQLite looks the ids up; its planner would read all statements of the authority instead.
        return self._many(
            "WHERE +s.authority = ? AND s.id IN (SELECT statement_id FROM statement_urls WHERE url IN (?, ?)"
            " UNION SELECT id FROM statements WHERE number = ?"
            " UNION SELECT id FROM statements WHERE authority = ? AND guid IN (SELECT value FROM json_each(?)))"
            " ORDER BY s.guid = ? DESC, s.last_seen_at DESC",
            [item.authority, url.rstrip("/"), url.rstrip("/") + "/", number, item.authority, guids, item.guid],
        )

    def text(self, statement: Statement) -> str:
        """Return the current text of a statement."""
        sql = "SELECT text FROM revisions WHERE statement_id = ? AND number = ?"
        return str(scalar(self._db, sql, [statement.id, statement.revision]))

    def by_guid(self, guid: str) -> Statement | None:
        """Return the statement with a guid, or None. Of several authorities, the Department is first."""
        return self._one("WHERE s.guid = ? ORDER BY s.authority = ? DESC, s.id", [guid, AUTHORITY])

    def by_spelled_guid(self, guid: str) -> Statement | None:
        """Return the statement with a guid as a person writes it, or None.

        Scheme, host name of the site and order of parameters may be others than those that the site gives.
        """
        own = self.by_guid(guid)
        number = urls.post_number(guid)
        if own is not None or number is None:
            return own
        wanted = spelling_key(guid)
        numbered = self._many("WHERE s.number = ? ORDER BY s.authority = ? DESC, s.id", [number, AUTHORITY])
        return next((each for each in numbered if spelling_key(each.guid) == wanted), None)

    def by_id(self, statement_id: int) -> Statement | None:
        """Return the statement with an id, or None."""
        return self._one("WHERE s.id = ?", [statement_id])

    def by_url(self, url: str) -> list[Statement]:
        """Return every statement that was seen at a URL, the latest first.

        A URL of nothing but a document's number (`/?p=N`), from which the site leads to the document, is that of its
        guid.
        """
        canonical = urls.canonical(url).rstrip("/")
        found = self._many(
            "JOIN statement_urls u ON u.statement_id = s.id WHERE u.url IN (?, ?)"
            " ORDER BY u.last_seen_at DESC, s.id DESC",
            [canonical, canonical + "/"],
        )
        if found or urls.path(canonical).strip("/"):
            return found
        numbered = self.by_spelled_guid(canonical)
        return [numbered] if numbered else []

    def find_repost(self, wording: Wording, authority: str) -> Statement | None:
        """Return an authority's oldest statement that has, or had, the same words in its body.

        Return None if the body is too short.
        """
        if wording_keys(wording).word_count < REPOST_WORDS:
            return None
        return self._one(
            "WHERE s.id = (SELECT min(statement_id) FROM revisions JOIN statements o ON o.id = statement_id"
            " WHERE words_sha256 = ? AND o.authority = ?)",
            [wording_keys(wording).body_sha256, authority],
        )

    def known(self, statement: Statement, parser: str, url: str) -> StatementHistory:
        """Return the history of a statement that decides what its next reading by a parser, at a URL, means.

        Its other URLs matter, and are read, only if that one is not its current URL.
        """
        turns = tuple(load(RevisionTurn, self._db, _REVISIONS, [statement.id]))
        found = self._db.execute(_LAST_READ, [parser, statement.id]).fetchone()
        number, title, text, version, has_renderings, is_held = found
        was_read = version is not None
        last_read = turns[number - 1].revision.wording if number else Wording(title, text) if was_read else None
        replaced = self.renderings(statement.id) if has_renderings else []
        renderings = frozenset(wording for number, wording, _ in replaced if number == statement.revision)
        aliases = () if urls.is_same(url, statement.url) else self.aliases(statement.id)
        known_urls = frozenset(alias.url for alias in aliases if not alias.claimed)
        return StatementHistory(
            statement, turns, renderings, last_read, known_urls, version or 0, is_held=bool(is_held)
        )

    def revisions(self, statement_id: int) -> list[Revision]:
        """Return the revisions of a statement, in order."""
        return load(Revision, self._db, _REVISIONS, [statement_id])

    def renderings(self, statement_id: int) -> list[tuple[int, Wording, datetime]]:
        """Return (revision number, rendering, time of replacement) of the renderings that were replaced, in order."""
        found = self._db.execute(
            "SELECT r.number, o.title, o.text, o.replaced_at FROM renderings o JOIN revisions r ON r.id = o.revision_id"
            " WHERE r.statement_id = ? ORDER BY o.replaced_at",
            [statement_id],
        )
        return [(number, Wording(title, text), parse_utc(until)) for number, title, text, until in found]

    def aliases(self, statement_id: int) -> list[Alias]:
        """Return every URL at which a statement was seen, the oldest first."""
        sql = "SELECT * FROM statement_urls WHERE statement_id = ? ORDER BY first_seen_at"
        return load(Alias, self._db, sql, [statement_id])

    # Changes

    def add(self, item: Item, decision: RevisionDecision, poll: ItemObservation) -> int:
        """Insert a new statement with its first revision and return its id."""
        row = {
            **to_row(item, _IDENTITY | _KEPT),
            **_changed(item, decision, poll),
            "number": urls.post_number(item.guid or ""),
            "source": poll.source,
            "standing": poll.standing,
            "first_seen_at": poll.at,
            "clock_at": poll.clock,
        }
        statement_id = insert(self._db, "statements", row)
        self._add_revision(statement_id, item, decision, poll.at)
        self._note_sighting(statement_id, decision, poll, None)
        return statement_id

    def apply(self, known: StatementHistory, item: Item, decision: RevisionDecision, poll: ItemObservation) -> None:
        """Store the changes that an item brings to a known statement."""
        if decision.read is None:
            return
        statement = known.statement
        if decision.new_revision:
            self._add_revision(statement.id, item, decision, poll.at)
        elif decision.new_rendering:
            self._replace_rendering(known, item, decision, poll.at)
        changes = _changed(item, decision, poll) | {"clock_at": poll.clock or statement.clock}
        if _is_vaguer(item, statement):
            del changes["published_at"], changes["precision"]
        if statement.guid_derived and item.guid and not item.guid_derived:
            changes |= {"guid": item.guid, "guid_derived": False, "number": urls.post_number(item.guid)}
        # An item that a list still has changes only the time at which it was last seen.
        changed = {column: value for column, value in changes.items() if value != _stored(statement, column)}
        if changed:
            update(self._db, "statements", {"id": statement.id}, changed)
        self._note_sighting(statement.id, decision, poll, known)

    def _add_revision(self, statement_id: int, item: Item, decision: RevisionDecision, at: datetime) -> None:
        row = {
            "statement_id": statement_id,
            "number": decision.revision,
            "grade": decision.grade,
            "first_seen_at": at,
            "last_seen_at": at,
            "turned_at": at if decision.turned else None,
            "headings": item.headings,
        }
        insert(self._db, "revisions", row | wording_columns(decision.wording))

    def _replace_rendering(self, known: StatementHistory, item: Item, decision: RevisionDecision, at: datetime) -> None:
        old = known.turns[decision.revision - 1].revision.wording
        key = {"statement_id": known.statement.id, "number": decision.revision}
        if old != decision.wording:
            self._db.execute(
                "INSERT INTO renderings (revision_id, title, text, replaced_at)"
                " SELECT id, title, text, ? FROM revisions WHERE statement_id = ? AND number = ?",
                [at, *key.values()],
            )
        changes = {"headings": item.headings} | ({"turned_at": at} if decision.turned else {})
        update(self._db, "revisions", key, wording_columns(decision.wording) | changes)

    def _note_sighting(
        self, statement_id: int, decision: RevisionDecision, poll: ItemObservation, known: StatementHistory | None
    ) -> None:
        """Record that a revision and a URL were seen, and the reading of this parser."""
        if decision.seen_revision is not None and known is not None:
            key = {"statement_id": statement_id, "number": decision.seen_revision}
            update(self._db, "revisions", key, {"last_seen_at": poll.at})
        at_url = {"url": decision.url, "statement_id": statement_id}
        seen = {"last_seen_at": poll.at, "claimed": False}
        if known is None or not update(self._db, "statement_urls", at_url, seen):
            row = at_url | {"first_seen_at": poll.at} | seen
            insert(self._db, "statement_urls", row, conflict=overwrite(*seen))
        last_read, version = (known.last_read, known.read_version) if known else (None, 0)
        if decision.read == last_read and (last_read is None or version >= poll.version):
            return
        own = decision.read if decision.seen_revision is None else None
        read = {
            "revision": decision.seen_revision,
            "title": own.title if own else None,
            "text": own.text if own else None,
            "version": poll.version,
        }
        row = {"statement_id": statement_id, "parser": poll.parser} | read
        insert(self._db, "parsed_texts", row, conflict=overwrite(*read))

    def note_claimed(self, statement_id: int, urls_claimed: Iterable[str], at: datetime) -> None:
        """Record URLs at which a statement was seen because a page of another site names them."""
        for url in urls_claimed:
            row = {"url": urls.canonical(url), "statement_id": statement_id, "claimed": True}
            row |= {"first_seen_at": at, "last_seen_at": at}
            insert(self._db, "statement_urls", row, conflict=overwrite("last_seen_at"))

    def mark_claimed(self, statement_id: int) -> None:
        """Record that a new statement is known by the link of another site only."""
        update(self._db, "statements", {"id": statement_id}, {"claimed": True})

    def mark_listed(self, statement_id: int, url: str) -> None:
        """Record that a list of State's names a statement which was known by the link of another site only, and where.

        The URL of that link was none of State's choice, so it is no move.
        """
        update(self._db, "statements", {"id": statement_id}, {"claimed": False, "url": urls.canonical(url)})

    def note_listed(self, statement_id: int, at: datetime) -> None:
        """Record that a list named a statement without its text."""
        self._db.execute("UPDATE statements SET last_seen_at = max(last_seen_at, ?) WHERE id = ?", [at, statement_id])

    # Queries of users

    def find(self, wanted: StatementFilter = EVERY_STATEMENT, limit: int | None = None) -> Iterator[Statement]:
        """Yield statements by the time of publication (first seen if it is unknown), the newest first."""
        where, values = wanted.where()
        sql = f"{_STATEMENT} WHERE {where} ORDER BY {LISTED_AT} DESC, s.id DESC LIMIT ?"
        for row in rows(self._db, sql, [*values, -1 if limit is None else limit]):
            yield from_row(Statement, row)

    def search(
        self,
        query: str,
        limit: int,
        wanted: StatementFilter = EVERY_STATEMENT,
        fits: Callable[[Statement], bool] | None = None,
    ) -> list[tuple[Statement, int, str]]:
        """Return (statement, revision number, snippet with **marks**) of matching statements, the best match first.

        The revision is the newest one that matches. Every word has to occur; "quoted words" have to occur together;
        nothing in the query is an operator. Without `fits`, the `MOST_RANKED` newest matches are ranked, or ten times
        the limit.
        """
        sought = search.Query(self._db, query)
        most = max(search.MOST_RANKED, 10 * limit) if fits is None else -1
        chosen: dict[int, tuple[Statement, int, int]] = {}
        for revision_id, statement_id, number, _ in sought.newest_matches(most, wanted):
            if statement_id in chosen:
                known = chosen[statement_id]
                chosen[statement_id] = max(known, (known[0], number, revision_id), key=lambda each: each[1])
            elif len(chosen) < limit and (found := self.by_id(statement_id)) and (fits is None or fits(found)):
                chosen[statement_id] = found, number, revision_id
        return [(statement, number, sought.snippet(revision_id)) for statement, number, revision_id in chosen.values()]

    def may_have(self, words: Iterable[str]) -> frozenset[int]:
        """Return the ids of the statements of which a revision may have one of these words or phrases of a watch.

        Statements that are left out have none of them; see `search.may_have`.
        """
        return frozenset(chain.from_iterable(search.may_have(self._db, entry) for entry in words))

    def labels(self) -> Labels:
        """Return the labels that stored statements have."""
        columns = ("SELECT DISTINCT type FROM statements", "SELECT DISTINCT byline FROM statements")
        tags = "SELECT DISTINCT value FROM statements, json_each(countries)"
        return Labels(*(tuple(v for (v,) in self._db.execute(sql) if v) for sql in (*columns, tags)))

    def count(self) -> int:
        """Return the number of statements."""
        return int(scalar(self._db, "SELECT count(*) FROM statements"))

    def _one(self, where: str, values: list[Any]) -> Statement | None:
        return next(iter(self._many(where, values)), None)

    def _many(self, where: str, values: list[Any]) -> list[Statement]:
        return load(Statement, self._db, _STATEMENT + where, values)


def wording_columns(wording: Wording) -> dict[str, Any]:
    """Return the columns of a revision that follow from its wording."""
    keys = wording_keys(wording)
    return {"title": wording.title, "text": wording.text, "words": keys.word_count, "words_sha256": keys.body_sha256}


def _changed(item: Item, decision: RevisionDecision, poll: ItemObservation) -> dict[str, Any]:
    """Return the columns that an item changes; those that it has no values for keep their stored values."""
    row = to_row(item, [name for name in _KEPT if getattr(item, name)])
    if item.published_at:
        row["precision"] = item.precision or Precision.SECOND
    return row | {
        "title": decision.wording.title,
        "url": decision.url,
        "revision": decision.revision,
        "state": PublicationState.CURRENT,
        "last_seen_at": poll.at,
    }


def _stored(statement: Statement, column: str) -> Any:
    """Return the stored value of a column that an item may change; an ellipsis if the statement does not have it."""
    return getattr(statement, "clock" if column == "clock_at" else column, ...)


def _is_vaguer(item: Item, known: Statement) -> bool:
    """Return True if an item gives the known time less exactly: a page shows the day, the feed gave the second."""
    if item.published_at is None or known.published_at is None or known.precision is None:
        return False
    order, precision = list(Precision), item.precision or Precision.SECOND
    is_coarser = order.index(precision) > order.index(known.precision)
    return is_coarser and abs(item.published_at - known.published_at) <= max(_SAME_DAY, precision.span)
