"""A database of an earlier schema keeps all that it says when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlite_utils import Database

from scraper.store.database import unit
from scraper.store.migrations import migrations

if TYPE_CHECKING:
    from pathlib import Path

AT = "2026-03-02T12:00:00Z"


def before(db: Database, last: str) -> dict[str, object]:
    """Apply the steps before the named one and return all by name."""
    steps = {step.name: step.fn for step in migrations.pending(db)}
    for name, step in steps.items():
        if name == last:
            break
        step(db)
    return steps


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
    fidelity = 0.9 if fit == "altered" else 1.0
    coverage = 0.4 if fit == "excerpt" else 1.0
    with unit(db):
        steps = before(db, "outdated_beside_the_relation")
        db.execute(
            "INSERT INTO statements (id, authority, guid, guid_derived, url, title, countries, subjects, links, state,"
            " revision, source, first_seen_at, last_seen_at)"
            " VALUES (1, 'state.gov', 'g', 0, 'u', 't', '[]', '[]', '[]', 'current', 2, 's', ?, ?)",
            [AT, AT],
        )
        db.execute(
            "INSERT INTO pages (id, url, source, title, relation, claims_department, claimed_urls, via, quotes, parser,"
            " traced_upto, first_seen_at, last_seen_at, backfill)"
            " VALUES (1, 'p', 'm', 't', ?, 0, '[]', '[]', '[]', 'mirror-page', 0, ?, ?, 0)",
            [relation, AT, AT],
        )
        db.execute(
            "INSERT INTO copies (page, statement, revision, relation, fit, coverage, fidelity, differences, evidence,"
            " spans, first_seen_at, last_seen_at) VALUES (1, 1, 1, ?, ?, ?, ?, '[]', '[]', '[]', ?, ?)",
            [relation, fit, coverage, fidelity, AT, AT],
        )
        db.execute(
            "INSERT INTO events (kind, at, statement, reasons, source, backfill, page_url, relation, coverage,"
            " fidelity) VALUES ('copy.found', ?, 1, '[]', 'm', 0, 'p', ?, ?, ?)",
            [AT, relation, coverage, fidelity],
        )
        steps["outdated_beside_the_relation"](db)  # type: ignore[operator]
    assert db.execute("SELECT relation, outdated FROM copies").fetchone() == expected
    assert db.execute("SELECT relation, outdated FROM events").fetchone() == expected
    assert db.execute("SELECT relation FROM pages").fetchone() == expected[:1]
    assert db.execute("SELECT relation, outdated FROM copy_list").fetchone() == expected
    assert db.execute("SELECT relation, outdated FROM what_happened").fetchone() == expected
    with pytest.raises(Exception, match="never changed"):
        db.execute("UPDATE events SET relation = 'altered'")
    db.conn.close()
