"""`statewire spread`: the tree on wide and narrow terminals, its rows for programs, what a reader has to know below."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from command import rows
from outlets_support import PUBLISHED, add_copy, add_statements
from samples import NOON, Piece
from sqlite_utils import Database

from scraper.model import Precision, Relation
from scraper.store.searches import SearchStart

if TYPE_CHECKING:
    from collections.abc import Callable

    from command import Said

    from scraper.store import Store

MINUTE = timedelta(minutes=1)
EXACT: dict[str, Any] = {"precision": Precision.SECOND}


@pytest.fixture
def press(store: Store) -> Store:
    """One statement, and copies of it on four sites."""
    add_statements(store, Piece(1, published_at=PUBLISHED), Piece(2))

    def add(url: str, minutes: int, *via: str, claims: bool = False, **facts: Any) -> None:
        page_id = add_copy(store, url, published_at=PUBLISHED + minutes * MINUTE, **(EXACT | facts))
        with store.unit():
            sql = "UPDATE pages SET via = ?, claims_department = ? WHERE id = ?"
            store.database.execute(sql, [json.dumps(via), claims, page_id])

    add("https://www.first.example/a", 19, "APO Group", claims=True)
    add("https://second.example/b", 44, "first.example", relation=Relation.ALTERED, coverage=0.98, outdated=True)
    add("https://second.example/c", 50, relation=Relation.ALTERED, gone_at=NOON)
    add("https://second.example/d", 51)
    add("https://third.example/", 30, "second.example")
    add("https://early.example/", -90, relation=Relation.TRANSLATED)
    return store


WIDE = """\
1  Lamps for Harbour 1  2026-03-02 07:00 UTC
outlet               since (UTC)       by    delay   carries                rev.
State
  first.example      2026-03-02 07:19  date  19 min  verbatim 100%          1
      names APO Group, which is not known to have had it
    second.example   2026-03-02 07:44  date  44 min  altered 98%, outdated  1
        and 2 more pages (1 altered, 1 gone): --pages
      third.example  2026-03-02 07:30  date  30 min  verbatim 100%          1
          names second.example, whose copy is dated later
No source known
  early.example      2026-03-02 12:00  seen  5 h     translated             1
      carries it, but is dated before State's: 2026-03-02 05:30 UTC
"""


def test_sites_stand_below_those_that_they_name(run: Callable[..., Said], press: Store) -> None:
    said = run("spread", "1")
    assert (said.code, said.err) == (0, "")
    assert said.out == WIDE


def test_a_narrow_terminal_has_rows_of_two_lines(
    run: Callable[..., Said], press: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    lines = run("spread", "1").out.splitlines()
    assert max(map(len, lines)) <= 72
    assert lines[1:6] == [
        "outlet",
        "    since (UTC)       by    delay   carries                rev.",
        "State",
        "  first.example",
        "    2026-03-02 07:19  date  19 min  verbatim 100%          1",
    ]
    assert "      third.example" in lines


def test_each_page_is_a_row_with_pages(run: Callable[..., Said], press: Store) -> None:
    shown = [line.split("  2026")[0].rstrip() for line in run("spread", "1", "--pages").out.splitlines()]
    assert shown[3:11] == [
        "  https://www.first.example/a",
        "      names APO Group, which is not known to have had it",
        "    https://second.example/b",
        "    https://second.example/c",
        "        gone since 2026-03-02 12:00 UTC",
        "    https://second.example/d",
        "      https://third.example/",
        "          names second.example, whose copy is dated later",
    ]


def test_rows_are_flat_with_their_parents(run: Callable[..., Said], press: Store) -> None:
    found = rows(run("spread", "1", "--json"))
    assert [(row["depth"], row["outlet"], row["parent"], row["origin"]) for row in found] == [
        (0, "first.example", "state.gov", "state"),
        (1, "second.example", "first.example", "outlet"),
        (2, "third.example", "second.example", "outlet"),
        (0, "early.example", None, "unknown"),
    ]
    first, second, third, early = found
    assert (first["named"], first["unknown_publishers"], first["after_s"]) == (None, ["APO Group"], 19 * 60)
    assert (second["pages"], second["page_url"], second["relation"]) == (3, "https://second.example/b", "altered")
    assert (third["named"], third["conflict"]) == ("second.example", "dated-later")
    assert (early["is_dated_before_state"], early["carried_since_is_dated"]) == (True, False)
    assert (early["carried_since_at"], early["page_published_at"]) == ("2026-03-02T12:00:00Z", "2026-03-02T05:30:00Z")


@pytest.mark.parametrize("option", [(), ("--pages",)])
def test_all_formats_have_the_same_rows(run: Callable[..., Said], press: Store, option: tuple[str, ...]) -> None:
    found = rows(run("spread", "1", "--json", *option))
    assert len(found) == (6 if option else 4)
    lines = run("spread", "1", "--format", "jsonl", *option).out.splitlines()
    assert list(map(json.loads, lines)) == found
    table = list(csv.DictReader(io.StringIO(run("spread", "1", "--format", "csv", *option).out)))
    assert [list(row) for row in table] == [list(row) for row in found]
    assert [row["page_url"] for row in table] == [row["page_url"] for row in found]


def test_a_path_that_leads_back_says_so(run: Callable[..., Said], press: Store) -> None:
    with press.unit():
        press.database.execute("""UPDATE pages SET via = '["third.example"]' WHERE url LIKE '%first%'""")
    out = run("spread", "1").out
    assert "names third.example, whose own path leads back here\n" in out
    first = rows(run("spread", "1", "--json"))[0]
    assert (first["outlet"], first["parent"], first["named"], first["conflict"]) == (
        "first.example",
        "state.gov",
        "third.example",
        "circle",
    )


def test_what_was_there_when_monitoring_began_has_no_delay(run: Callable[..., Said], press: Store) -> None:
    with press.unit():
        press.database.execute("UPDATE pages SET backfill = 1, published_at = NULL")
    lines = run("spread", "1").out.splitlines()
    assert lines[-1].startswith("start: ")
    assert "2026-03-02 12:00  start  –      verbatim" in lines[3]
    assert {row["after_s"] for row in rows(run("spread", "1", "--json"))} == {None}


def test_hostile_names_are_shown_and_exported_safely(run: Callable[..., Said], press: Store) -> None:
    with press.unit():
        press.database.execute("UPDATE pages SET via = ?, source = '=cmd'", [json.dumps(["\u202ex\x1b[2J"])])
    out = run("spread", "1").out
    assert "\u202e" not in out
    assert "\x1b" not in out
    assert ",'=cmd," in run("spread", "1", "--format", "csv").out


def test_the_longest_path_is_no_wider_than_eight_steps(run: Callable[..., Said], press: Store) -> None:
    for number in range(2, 30):
        page_id = add_copy(press, f"https://s{number}.example/", 2)
        with press.unit():
            press.database.execute("UPDATE pages SET via = ? WHERE id = ?", [f'["s{number - 1}.example"]', page_id])
    assert max(len(line) - len(line.lstrip()) for line in run("spread", "2").out.splitlines()) == 16
    assert [row["depth"] for row in rows(run("spread", "2", "--json"))] == list(range(28))


def test_without_copies_it_says_what_to_do(run: Callable[..., Said], press: Store) -> None:
    said = run("spread", "2")
    assert (said.code, said.out) == (0, "")
    assert said.err.startswith("No copy of statement 2 is known. `statewire source add URL` adds")
    assert rows(run("spread", "2", "--json")) == []
    assert run("spread", "2", "--format", "csv").out.startswith("statement,outlet,depth,parent,origin,")
    assert run("spread", "2", "--format", "jsonl").out == ""


def test_wrong_usage(run: Callable[..., Said], press: Store) -> None:
    assert run("spread", "1", "--json", "--format", "csv").code == 2
    unknown = run("spread", "9")
    assert (unknown.code, "there is no statement “9”" in unknown.err) == (2, True)
    assert run("spread").code == 2
    assert run("spread", "1", db="missing.db").code == 5


def test_the_number_of_queries_does_not_depend_on_the_number_of_copies(
    run: Callable[..., Said], press: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(300):
        add_copy(press, f"https://s{number}.example/", 2)
    asked: list[str] = []
    execute = Database.execute

    def recorded(db: Database, sql: str, *values: Any) -> Any:
        asked.append(sql)
        return execute(db, sql, *values)

    monkeypatch.setattr(Database, "execute", recorded)
    counts = []
    for statement_id, sites in (("1", 4), ("2", 300)):
        asked.clear()
        assert len(rows(run("spread", statement_id, "--json"))) == sites
        counts.append(len(asked))
    assert counts[0] == counts[1] > 0


def test_copies_and_spread_have_the_same_delay_and_none_for_what_was_there_before(
    press: Store, run: Callable[..., Said]
) -> None:
    with press.unit():
        press.database.execute(
            "UPDATE pages SET backfill = 1, published_at = NULL WHERE url = 'https://third.example/'"
        )
    spread = {row["page_url"]: row for row in rows(run("spread", "1", "--pages", "--json"))}
    copies = {row["page_url"]: row for row in rows(run("copies", "1", "--gone", "--json"))}
    exported = {row["page_url"]: row for row in map(json.loads, run("export", "copies").out.splitlines())}
    assert copies.keys() == spread.keys()
    assert copies["https://third.example/"]["after_s"] is None
    assert copies["https://www.first.example/a"]["after_s"] == 19 * 60
    for url, row in copies.items():
        assert (row["after_s"], row["carried_since_basis"]) == (
            spread[url]["after_s"],
            spread[url]["carried_since_basis"],
        )
        assert exported.get(url, row)["after_s"] == row["after_s"]


def test_pages_that_a_search_found_do_not_make_its_name_that_of_their_site(
    press: Store, run: Callable[..., Said]
) -> None:
    with press.unit():
        press.searches.save_start("gdelt", SearchStart(NOON, 0))
        press.database.execute("UPDATE pages SET source = 'gdelt' WHERE url = 'https://www.first.example/a'")
        press.database.execute("UPDATE pages SET via = '[\"gdelt\"]' WHERE url = 'https://third.example/'")
    found = {row["outlet"]: row for row in rows(run("spread", "1", "--json"))}
    assert (found["third.example"]["parent"], found["third.example"]["unknown_publishers"]) == (None, ["gdelt"])
