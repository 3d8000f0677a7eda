"""`statewire source suggest`: sites without a source that carry several statements and name the Department."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from command import CONFIG, rows
from outlets_support import add_copy, add_statements
from samples import NOON, Piece

from scraper.model import Relation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Said

    from scraper.store import Store

HOUR = timedelta(hours=1)
NONE = "No site without a source carries 3 statements and names the Department. `statewire fetch URL`"


@pytest.fixture
def press(store: Store) -> Store:
    """Three statements; one site carries all of them, and others do not, or do not quite."""
    add_statements(store, *map(Piece, range(1, 4)))
    relations = [Relation.VERBATIM, Relation.ALTERED, Relation.TRANSLATED]
    for statement_id, relation in enumerate(relations, start=1):
        at = NOON + statement_id * HOUR
        for host in ("www.many.example:8080", "covered.example", "2021-2025.state.gov", "silent.example"):
            add_copy(store, f"https://{host}/{statement_id}", statement_id, relation, first_seen_at=at, last_seen_at=at)
        gone = NOON if statement_id == 3 else None
        add_copy(store, f"https://gone.example/{statement_id}", statement_id, relation, gone_at=gone)
        add_copy(store, f"https://repeats.example/{statement_id}", 1 + statement_id % 2, relation)
    with store.unit():
        store.database.execute("UPDATE pages SET claims_department = url NOT LIKE '%silent%'")
    return store


def add_source(tmp_path: Path, *lines: str) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG + "".join(f"{line}\n" for line in lines), "utf-8")


COVERED = "  - {name: covered, role: mirror, endpoints: [{kind: feed, url: 'https://www.covered.example/feed/'}]}"


def test_a_site_is_suggested_with_the_command_to_type(run: Callable[..., Said], press: Store, tmp_path: Path) -> None:
    add_source(tmp_path, COVERED)
    said = run("source", "suggest")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "many.example  3 statements (copies: 1 verbatim, 1 altered, 1 translated)",
        "  2026-03-02 15:00 UTC  https://www.many.example:8080/3",
        "  to add it: statewire --db statewire.db source add https://www.many.example:8080/",
    ]


def test_rows_have_the_counts_and_the_newest_copy(run: Callable[..., Said], press: Store, tmp_path: Path) -> None:
    add_source(tmp_path, COVERED)
    (found,) = rows(run("source", "suggest", "--json"))
    expected: dict[str, Any] = {
        "outlet": "many.example",
        "statements": 3,
        "verbatim": 1,
        "excerpt": 0,
        "altered": 1,
        "translated": 1,
        "latest_at": "2026-03-02T15:00:00Z",
        "latest_url": "https://www.many.example:8080/3",
        "url": "https://www.many.example:8080/",
    }
    assert found == expected


def test_pages_of_a_source_are_covered_wherever_they_are(
    run: Callable[..., Said], press: Store, tmp_path: Path
) -> None:
    add_source(tmp_path, "  - {name: gazette, role: mirror, endpoints: [{kind: feed, url: 'https://feeds.example/'}]}")
    said = run("source", "suggest")
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith(NONE)
    assert rows(run("source", "suggest", "--json")) == []


def test_sites_that_a_search_found_are_suggested(run: Callable[..., Said], press: Store, tmp_path: Path) -> None:
    search = "search: {service: gdelt}, endpoints: [{kind: search, url: 'https://finder.example/'}]"
    add_source(tmp_path, COVERED, f"  - {{name: gazette, role: mirror, {search}}}")
    (found,) = rows(run("source", "suggest", "--json"))
    assert found["outlet"] == "many.example"


def test_nothing_is_suggested_before_three_statements(run: Callable[..., Said], store: Store) -> None:
    assert run("source", "suggest").err.startswith(NONE)
    assert run("source", "suggest", db="missing.db").code == 5
