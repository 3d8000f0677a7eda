"""`statewire outlets`: the table, JSON, CSV and the query, which all have the same figures."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from command import rows
from outlets_support import add_copy, add_outlet, add_statements
from samples import NOON, Piece

from scraper.model import Relation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Said

    from scraper.store import Store


@pytest.fixture
def press(store: Store) -> Store:
    add_statements(store, Piece(1))
    add_outlet(store, "many.example", [Relation.VERBATIM] * 19 + [Relation.ALTERED])
    add_copy(store, "https://few.example/", relation=Relation.TRANSLATED)
    return store


def test_table_ranks_and_says_why_not(run: Callable[..., Said], press: Store) -> None:
    said = run("outlets")
    assert (said.code, said.err) == (0, "")
    head, many, few, note = said.out.splitlines()
    assert head.split() == "rank copies verbatim altered outdated median delay unsourced outlet".split()
    assert many.split() == "1 20 19 of 20 1 0 – 0 many.example".split()
    assert few.split() == "– 1 – 0 0 – 0 few.example".split()
    assert note == "Without a rank: fewer than 20 copies whose words were compared, too few to rank."


def test_on_a_narrow_terminal_each_row_has_two_lines(
    run: Callable[..., Said], press: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    lines = run("outlets").out.splitlines()
    assert max(map(len, lines)) <= 72
    assert lines[:6:2] == ["outlet", "many.example", "few.example"]
    assert lines[1].split() == "rank copies verbatim altered outdated median delay unsourced".split()


def test_json_csv_and_sql_agree(run: Callable[..., Said], press: Store, db: Path) -> None:
    found = rows(run("outlets", "--json"))
    assert [row["outlet"] for row in found] == ["many.example", "few.example"]
    assert found[0]["share_verbatim"] == 0.95
    lines = list(csv.DictReader(io.StringIO(run("outlets", "--csv").out)))
    assert lines == [{key: "" if value is None else str(value) for key, value in row.items()} for row in found]
    with closing(sqlite3.connect(db)) as connection:
        cursor = connection.execute(run("outlets", "--sql").out)
        names = [column[0] for column in cursor.description]
        assert [dict(zip(names, row, strict=True)) for row in cursor] == found


def test_a_period_is_in_the_query_too(run: Callable[..., Said], press: Store, db: Path) -> None:
    period = ("--since", "2026-03-03", "--until", "2026-03-04")
    add_copy(press, "https://late.example/", first_seen_at=NOON.replace(day=4), last_seen_at=NOON.replace(day=4))
    assert [row["outlet"] for row in rows(run("outlets", "--json", *period))] == ["late.example"]
    with closing(sqlite3.connect(db)) as connection:
        assert [row[1] for row in connection.execute(run("outlets", "--sql", *period).out)] == ["late.example"]


def test_without_copies_it_says_what_to_do(run: Callable[..., Said], store: Store) -> None:
    said = run("outlets")
    assert (said.code, said.out) == (0, "")
    assert "No copies. `statewire source add`" in said.err
    assert rows(run("outlets", "--json")) == []
    assert run("outlets", "--csv").out.startswith("rank,outlet,copies,")
    assert len(run("outlets", "--csv").out.splitlines()) == 1


def test_forms_exclude_each_other_and_a_database_is_needed(run: Callable[..., Said]) -> None:
    assert run("outlets", "--json", "--csv").code == 2
    assert run("outlets", db="missing.db").code == 5
    assert run("outlets", "--sql", db="missing.db").code == 0  # it says the same of every database


def test_hostile_names_are_safe_on_a_terminal(run: Callable[..., Said], press: Store) -> None:
    add_copy(press, "https://=cmd|\u202e.example/")
    assert "\u202e" not in run("outlets").out
    assert "'=cmd" in run("outlets", "--csv").out
