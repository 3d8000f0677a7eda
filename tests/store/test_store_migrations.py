"""A database of an earlier schema keeps all that it says when it is opened."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pytest
from sqlite_utils import Database

from scraper.model import Reason
from scraper.rules.events import remarks
from scraper.store.database import unit
from scraper.store.migrations import migrations

if TYPE_CHECKING:
    from pathlib import Path

AT = "2026-03-02T12:00:00Z"
Statement = tuple[str, list[object]]


def upgrade(db: Database, *statements: Statement) -> None:
    """Build schema 7, run the statements, and apply all later steps, in a unit each."""
    steps = {step.name: step.fn for step in migrations.pending(db)}
    names = list(steps)
    first = names.index("pages_know_their_documents")
    with unit(db):
        for name in names[:first]:
            steps[name](db)
        for statement in statements:
            db.execute(*statement)
    with unit(db):
        for name in names[first:]:
            steps[name](db)


STATEMENT = (
    "INSERT INTO statements (id, authority, guid, guid_derived, url, title, countries, subjects, links, state,"
    " revision, source, first_seen_at, last_seen_at)"
    " VALUES (1, 'state.gov', 'g', 0, 'u', 't', '[]', '[]', '[]', 'current', 2, 's', ?, ?)",
    [AT, AT],
)


def a_page(key: int, relation: str, parser: str = "mirror-page") -> Statement:
    return (
        "INSERT INTO pages (id, url, source, title, relation, claims_department, claimed_urls, via, quotes, parser,"
        " traced_upto, first_seen_at, last_seen_at, backfill)"
        " VALUES (?, ?, 'm', 't', ?, 0, '[]', '[]', '[]', ?, 0, ?, ?, 0)",
        [key, f"p{key}", relation, parser, AT, AT],
    )


def a_copy(
    page: int, relation: str, fit: str, statement: int = 1, coverage: float = 1.0, gone_at: str | None = None
) -> Statement:
    return (
        "INSERT INTO copies (page, statement, revision, relation, fit, coverage, fidelity, differences, evidence,"
        " spans, first_seen_at, last_seen_at, gone_at) VALUES (?, ?, 1, ?, ?, ?, 1.0, '[]', '[]', '[]', ?, ?, ?)",
        [page, statement, relation, fit, coverage, AT, AT, gone_at],
    )


def an_event(page: int, relation: str, after: str | None, fidelity: float, revision: int = 1) -> Statement:
    return (
        "INSERT INTO events (kind, at, statement, reasons, source, backfill, page_url, relation, coverage, fidelity,"
        " after, revision) VALUES ('copy.changed', ?, 1, '[]', 'm', 0, ?, ?, 1.0, ?, ?, ?)",
        [AT, f"p{page}", relation, fidelity, after, revision],
    )


@pytest.mark.parametrize(
    ("relation", "fit", "expected"),
    [
        ("superseded", "verbatim", ("verbatim", 1)),
        ("superseded", "excerpt", ("excerpt", 1)),
        ("superseded", "altered", ("altered", 1)),
        ("altered", "altered", ("altered", 0)),
        ("verbatim", "verbatim", ("verbatim", 0)),
    ],
)
def test_a_superseded_copy_keeps_its_relation_and_is_outdated(
    tmp_path: Path, relation: str, fit: str, expected: tuple[str, int]
) -> None:
    db = Database(tmp_path / "old.db", strict=True)
    # A copy with only a sentence moved is altered, and all of its words are there.
    upgrade(db, STATEMENT, a_page(1, relation), a_copy(1, relation, fit), an_event(1, relation, None, 1.0))
    assert db.execute("SELECT relation, outdated FROM copies").fetchone() == expected
    assert db.execute("SELECT relation, outdated FROM events").fetchone() == expected
    assert db.execute("SELECT relation FROM pages").fetchone() == expected[:1]
    assert db.execute("SELECT relation, outdated FROM copy_list").fetchone() == expected
    assert db.execute("SELECT relation, outdated FROM what_happened").fetchone() == expected
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        db.execute("UPDATE events SET relation = 'altered'")
    db.conn.close()


def test_an_event_of_a_copy_that_changed_later_goes_by_its_own_words_then_by_its_measures(
    tmp_path: Path,
) -> None:
    db = Database(tmp_path / "old.db", strict=True)
    upgrade(
        db,
        STATEMENT,
        a_page(1, "verbatim"),
        a_copy(1, "verbatim", "verbatim"),
        an_event(1, "superseded", "superseded (excerpt) of revision 1, 99%", 1.0),
        an_event(1, "superseded", None, 0.9, revision=2),
    )
    assert db.execute("SELECT relation FROM events ORDER BY id").fetchall() == [("excerpt",), ("altered",)]
    db.conn.close()


def test_the_reasons_of_an_earlier_event_become_remarks(tmp_path: Path) -> None:
    db = Database(tmp_path / "old.db", strict=True)
    words, values = an_event(1, "verbatim", None, 1.0)
    told = (words.replace("'[]'", "?"), [AT, '["amount: 1 → 2", "two"]', *values[1:]])
    upgrade(db, STATEMENT, a_page(1, "verbatim"), told, an_event(1, "none", None, 1.0))
    rows = db.execute("SELECT changes FROM events ORDER BY id").fetchall()
    found = [tuple(Reason(*each) for each in json.loads(changes)) for (changes,) in rows]
    assert found == [remarks("amount: 1 → 2", "two"), ()]
    db.conn.close()


def test_a_page_has_the_relation_of_its_largest_outdated_copy_that_is_not_gone(tmp_path: Path) -> None:
    db = Database(tmp_path / "old.db", strict=True)
    other = (STATEMENT[0].replace("(1, 'state.gov', 'g'", "(2, 'state.gov', 'h'"), STATEMENT[1])
    third = (STATEMENT[0].replace("(1, 'state.gov', 'g'", "(3, 'state.gov', 'i'"), STATEMENT[1])
    upgrade(
        db,
        STATEMENT,
        other,
        third,
        a_page(1, "superseded"),
        a_copy(1, "superseded", "altered", coverage=0.9),
        a_copy(1, "excerpt", "excerpt", statement=2),
        a_copy(1, "superseded", "verbatim", statement=3, gone_at=AT),
    )
    assert db.execute("SELECT relation FROM pages").fetchone() == ("altered",)
    db.conn.close()


def test_a_page_that_was_read_itself_is_a_document_and_an_entry_of_a_list_is_none(tmp_path: Path) -> None:
    db = Database(tmp_path / "old.db", strict=True)
    upgrade(db, a_page(1, "none"), a_page(2, "none", parser="rss"))
    assert db.execute("SELECT id, is_document FROM pages ORDER BY id").fetchall() == [(1, 1), (2, 0)]
    db.conn.close()
