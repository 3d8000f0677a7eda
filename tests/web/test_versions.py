"""Versions of addresses: every value that a page shows is in the version of the page, whichever page it is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from scraper.store import Store
from scraper.web import statement_addresses, views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TIME = "'2026-05-11T10:11:12Z'"
TIMES = {"first_seen_at": TIME, "last_seen_at": TIME}
STATEMENT = {
    "title": "'x'",
    "type": "'x'",
    "byline": "'x'",
    "speaker": "'x'",
    "bureau": "'x'",
    "countries": "'[\"Laos\"]'",
    "url": "'https://x.example/'",
    "published_at": TIME,
    "precision": "'day'",
    "first_seen_at": TIME,
    "state": "'archived'",
    "revision": "1",
}
OF_JSON = {"guid": "'x'", "language": "'fr'", "subjects": "'[\"x\"]'", "links": "'[\"https://x.example/\"]'"}
COPY = {
    "revision": "2",
    "relation": "'excerpt'",
    "coverage": "0.1",
    "fidelity": "0.2",
    "grade": "'minor'",
    "outdated": "1 - outdated",
    "differences": "'[\"x\"]'",
    "spans": "'[]'",
    "gone_at": TIME,
}
PAGE = {
    "url": "'https://x.example/'",
    "title": "'x'",
    "published_at": TIME,
    "precision": "'day'",
    "claims_department": "1 - claims_department",
    "claimed_urls": "'[\"https://x.example/\"]'",
    "source": "'x'",
    "via": "'[\"x\"]'",
    "quotes": "'[\"x\"]'",
    "backfill": "1 - backfill",
}
OF_STATEMENT = {
    "statements": ("id = 4", {**STATEMENT, **OF_JSON, "place": "'x'", "last_seen_at": TIME}),
    "revisions": ("statement_id = 4 AND number = 1", {"title": "'x'", "text": "'x'", "grade": "'minor'", **TIMES}),
    "statement_urls": ("statement_id = 4", {"first_seen_at": TIME, "claimed": "1 - claimed"}),
    "rechecks": ("statement_id = 4", {"misses": "9", "missing_since_at": TIME}),
    "copies": ("page_id = 6", {**COPY, "first_seen_at": TIME}),
    "pages": ("id = 6", PAGE),
}
OF_COPY = {
    "copies": ("page_id = 6", {**COPY, "evidence": "'[\"x\"]'", "first_seen_at": TIME}),
    "pages": ("id = 6", PAGE),
    "page_wordings": ("page_id = 6", {"title": "'x'", "shown": "'x'", "first_seen_at": TIME}),
}
OF_ENTRY = {"statements": ("id = 4", STATEMENT), "copies": ("page_id = 6", COPY)}
Tables = dict[str, tuple[str, dict[str, str]]]


def unnoticed(db: Path, tables: Tables, read: Callable[[Store], object]) -> Iterator[str]:
    """Yield each column that can change while what is read stays."""
    with Store(db) as store, store.unit():
        before = read(store)
        for table, (where, columns) in tables.items():
            for column, value in columns.items():
                store.database.execute("SAVEPOINT change")
                changed = store.database.execute(f"UPDATE {table} SET {column} = {value} WHERE {where}")
                assert changed.rowcount == 1, (table, column)
                if read(store) == before:
                    yield f"{table}.{column}"
                store.database.execute("ROLLBACK TO change")


def test_all_that_is_shown_is_in_the_versions(demo_db: Path, tmp_path: Path) -> None:
    db = tmp_path / "changed.db"
    shutil.copy(demo_db, db)

    def of_statement(store: Store) -> str:
        return dict(statement_addresses.statements(store))["statements/4/"]

    def of_copy(store: Store) -> str:
        return dict(statement_addresses.copies(store))["copies/6/4/"]

    def of_entries(store: Store) -> list[str]:
        return [entry.shown for entry in store.entries.facts([views.TODAY])]

    assert list(unnoticed(db, OF_STATEMENT, of_statement)) == []
    assert list(unnoticed(db, OF_COPY, of_copy)) == []
    assert list(unnoticed(db, OF_ENTRY, of_entries)) == []
