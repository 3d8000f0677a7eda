"""Tests of rows and dataclasses: written values come back, by the types of the fields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from samples import NOON
from sqlite_utils import Database

from scraper.model import Grade, HostState, Reason, Relation, Span, Wording
from scraper.pages import Copy
from scraper.rules.statement_history import RevisionTurn
from scraper.store.codec import from_row, insert, load, matching, overwrite, rows, scalar, scalar_time, to_row, update

COPY = Copy(
    page_id=1,
    statement_id=2,
    revision=3,
    relation=Relation.ALTERED,
    coverage=0.5,
    fidelity=0.75,
    first_seen_at=NOON,
    last_seen_at=NOON,
    outdated=True,
)


@pytest.fixture
def sqlite() -> Database:
    return Database(memory=True)


def stored(db: Database, row: dict[str, Any]) -> dict[str, Any]:
    """The row as SQLite gives it back."""
    db.execute("DROP TABLE IF EXISTS stored")
    db.execute(f"CREATE TABLE stored ({', '.join(row)})")
    insert(db, "stored", row)
    return next(rows(db, "SELECT * FROM stored"))


def test_written_rows_come_back(sqlite: Database) -> None:
    spans = (Span((0, 5), (7, 12)), Span((6, 9), (13, 16)))
    for copy in (COPY, replace(COPY, grade=Grade.MATERIAL, differences=("“Übel”",), spans=spans, gone_at=NOON)):
        row = stored(sqlite, to_row(copy))
        assert "missing_since_at" in row.keys() - {"missing_since"}
        back = from_row(Copy, row | {"a column more": 1})
        assert back == copy
        assert (type(back.relation), type(back.spans)) == (Relation, tuple)
        assert all(isinstance(span, Span) for span in back.spans)


def test_values_as_they_are_stored(sqlite: Database) -> None:
    reason = Reason("amount", "1", "2", Grade.MINOR)
    row = stored(sqlite, to_row(replace(COPY, differences=("“Übel”",), spans=(Span((0, 5), (7, 12)),))))
    assert (row["page_id"], row["first_seen_at"], row["gone_at"]) == (1, "2026-03-02T12:00:00Z", None)
    assert (row["differences"], row["spans"]) == ('["“Übel”"]', "[[[0, 5], [7, 12]]]")
    assert stored(sqlite, {"changes": (reason,)}) == {"changes": '[["amount", "1", "2", "minor", false, ""]]'}
    state = HostState("a.example", counted_on=date(2026, 3, 2))
    assert stored(sqlite, to_row(state, ["host", "counted_on"])) == {"host": "a.example", "counted_on": "2026-03-02"}
    assert from_row(HostState, stored(sqlite, to_row(state))) == state


def test_a_value_of_an_earlier_version_has_the_defaults_of_later_fields(sqlite: Database) -> None:
    stored(sqlite, {"changes": '[["amount", "1", "2", "minor", false], ["", "x", "", "cosmetic", false, "Trade"]]'})
    (found,) = load(_Changed, sqlite, "SELECT * FROM stored")
    assert found.reasons == (Reason("amount", "1", "2", Grade.MINOR), Reason("", "x", section="Trade"))


@dataclass(frozen=True)
class _Changed:
    reasons: tuple[Reason, ...]


def test_a_dataclass_in_another_is_built_from_the_same_row(sqlite: Database) -> None:
    seen = {"first_seen_at": NOON, "last_seen_at": NOON}
    row = {"number": 2, "title": "a", "text": "b", "words": 1, "grade": "minor", "turned_at": None, "headings": ("a",)}
    stored(sqlite, row | seen)
    (turn,) = load(RevisionTurn, sqlite, "SELECT * FROM stored")
    assert (turn.revision.number, turn.revision.wording, turn.turned_at) == (2, Wording("a", "b"), None)


def test_an_insert_says_if_it_was_one_and_a_conflict_changes_what_is_named(sqlite: Database) -> None:
    sqlite.execute("CREATE TABLE seen (url TEXT PRIMARY KEY, first TEXT, last TEXT)")
    assert insert(sqlite, "seen", {"url": "u", "first": 1, "last": 1}, conflict="ON CONFLICT DO NOTHING") == 1
    assert insert(sqlite, "seen", {"url": "u", "first": 2, "last": 2}, conflict="ON CONFLICT DO NOTHING") == 0
    insert(sqlite, "seen", {"url": "u", "first": 3, "last": 3}, conflict=overwrite("last"))
    assert list(rows(sqlite, "SELECT * FROM seen")) == [{"url": "u", "first": "1", "last": "3"}]
    update(sqlite, "seen", {"url": "u", "last": "4"}, {"first": "no"})
    update(sqlite, "seen", {"url": "u", "last": "3"}, {"first": NOON})
    assert scalar_time(sqlite, "SELECT first FROM seen WHERE last = ?", ["3"]) == NOON
    assert scalar_time(sqlite, "SELECT first FROM seen WHERE last = ?", ["4"]) is None
    assert scalar(sqlite, "SELECT NULL") is None


def test_conditions_without_a_value_are_none() -> None:
    assert matching({"a = ?": None, "b = ?": 0, "c = ?": ""}) == ("b = ? AND c = ?", [0, ""])
    assert matching({"a = ?": None}) == ("1", [])
