"""Tests of the upgrade of a database of schema 8, as an earlier commit wrote it: nothing is lost."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import sqlite3
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from command import rows
from outbox import add_statement, event, file
from samples import NOON, poll_records, polls, record, warc

from scraper.errors import SchemaVersionError, StoreError
from scraper.model import EventKind, MessageKind, MessageState
from scraper.rules.actors import Actor
from scraper.rules.withdrawal import WithdrawalCheck
from scraper.store import EventFilter, Mute, NewMessage, OutboxFilter, Store, integrity, upgrade
from scraper.store.upgrade import SCHEMA_VERSION
from scraper.text.normalize import key_sha256, word_key, wording_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from command import Said

DUMP = Path(__file__).with_name("data") / "schema-8.sql"
MAY_15 = datetime.fromisoformat("2026-05-15T10:00:00Z")
HOUR = timedelta(hours=1)
NEW_IN_17 = ("imported_records", "page_save_readers", "page_saves", "page_save_service")
NEW_IN_16 = ("exported_captures", "search_queries", "search_results", "searches", "standing_pages")
RENAMED = {
    "looks": "renderings",
    "readings": "parsed_texts",
    "addresses": "statement_urls",
    "checks": "rechecks",
    "filing": "alert_cursor",
    "yields": "arrivals",
}
# Columns that no table of schema 8 has under their present name. Each value is checked under its name.
RENAMED_COLUMNS = {
    "renderings": {"revision": "revision_id", "until_at": "replaced_at"},
    "arrivals": {"hour": "hour_at"},
    "alert_cursor": {"only": "id", "upto": "event_id"},
    "alerts": {"event": "event_id", "message": "outbox_id", "asked": "reasons_by_watch"},
    "hosts": {"not_before": "not_before_at"},
    "pages": {"traced_upto": "traced_revision_id"},
    "events": {"at": "detected_at"},
    "copies": {"missing_since": "missing_since_at", "runner_up": "runner_up_id"},
    "mutes": {"since": "since_at", "until": "until_at"},
}
EVERYWHERE = {"statement": "statement_id", "page": "page_id", "clock": "clock_at"}


@pytest.fixture
def old(db: Path) -> Path:
    """A database of schema 8 with rows in every table."""
    with closing(sqlite3.connect(db)) as connection:
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    return db


def tables(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table but those of SQLite, of search and of sqlite-utils."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        names = [
            row["name"]
            for row in connection.execute("SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main'")
            if not row["name"].startswith(("sqlite_", "_sqlite_", "revisions_fts", "folded_texts"))
        ]
        return {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")] for name in names}


def schema(path: Path) -> dict[tuple[str, str], object]:
    """Every object of a database: its SQL without remarks, quotes and spaces, and what SQLite makes of a table."""
    found: dict[tuple[str, str], object] = {}
    with closing(sqlite3.connect(path)) as connection:
        for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall():
            plain = re.sub(r'--[^\n]*|"', "", sql or "")
            shape = [
                connection.execute(f"PRAGMA {pragma}({name})").fetchall()
                for pragma in ("table_xinfo", "foreign_key_list", "index_xinfo")
            ]
            found[kind, name] = re.sub(r"\s*([(),;=])\s*", r"\1", " ".join(plain.split())), shape
    return found


def schema_of_new(path: Path) -> dict[tuple[str, str], object]:
    Store(path).close()
    return schema(path)


def user_version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def last_event(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT max(id) FROM events").fetchone()[0])


def test_the_upgraded_schema_is_that_of_a_new_database(
    old: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):  # another test may have left a lower one
        Store(old).close()
    assert caplog.messages == [f"upgrading the database from schema 8 to {SCHEMA_VERSION}"]
    Store(tmp_path / "new.db").close()
    upgraded, new = schema(old), schema(tmp_path / "new.db")
    assert {kind for kind, _ in new} == {"table", "index", "trigger", "view"}
    assert upgraded == new
    assert user_version(old) == SCHEMA_VERSION


def test_search_is_built_anew_for_every_script(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("UPDATE revisions SET text = '美国与湄公河国家' WHERE id = (SELECT max(id) FROM revisions)")
    store = Store(old)
    assert "**湄公河**" in store.statements.search("湄公河", 5)[0][2]
    store.close()


def test_every_row_and_value_is_there_under_its_new_name(old: Path) -> None:
    before = tables(old)
    assert [name for name, found in before.items() if not found] == []
    Store(old).close()
    after = tables(old)
    new = {"page_urls", "held_texts", "claims", "claim_counts", "withheld", "quotations", "last_readings"}
    new |= {*NEW_IN_16, *NEW_IN_17}
    assert after.keys() == {RENAMED.get(name, name) for name in before} | new
    for name, found in before.items():
        new_name = RENAMED.get(name, name)
        columns = EVERYWHERE | RENAMED_COLUMNS.get(new_name, {})
        expected = [{columns.get(key, key): value for key, value in row.items()} for row in found]
        if name == "fingerprints":  # of the same revisions, and computed anew
            assert {revision_of(row) for row in after[name]} == {revision_of(row) for row in expected}
            continue
        if new_name == "rechecks":
            sources = {row["id"]: row["source"] for row in before["statements"]}
            expected = [row | {"source": sources[row["statement_id"]], "interval_s": None} for row in expected]
        if name == "endpoints":
            expected = [row | {"first_page": "[]", "unread_url": None, "unread_until": "[]"} for row in expected]
        if new_name == "parsed_texts":
            expected = [row | {"version": 0} for row in expected]
        if name == "pages":
            expected = [row | {"parser_version": 0, "is_searched": 0} | _date_of_list(row) for row in expected]
        if name == "events":
            expected = [row | {"changes": as_remarks(row)} for row in expected]
        if name == "messages":
            expected = [row | {"actor": actor_of(row, before)} for row in expected]
        if name in {"revisions", "page_wordings"}:
            expected = [row | {"words_sha256": key_sha256(wording_key(row["text"]))} for row in expected]
        if new_name in {"statements", "statement_urls"}:
            expected = [row | {"claimed": 0} for row in expected]
        if name == "statements":
            expected = [row | {"standing": 0} for row in expected]
        if name == "revisions":
            expected = [row | {"headings": "[]"} for row in expected]
        assert after[new_name] == expected


def revision_of(fingerprint: dict[str, Any]) -> tuple[int, int]:
    return fingerprint["statement_id"], fingerprint["revision"]


def actor_of(message: dict[str, Any], before: dict[str, list[dict[str, Any]]]) -> str:
    """The one whose actions a message of schema 8 reports: State's, if there is an event of State's in it."""
    ids = {row["event"] for row in before["alerts"] if row["message"] == message["id"]}
    if any(row["kind"].startswith("statement.") for row in before["events"] if row["id"] in ids):
        return "state"
    return "third party" if message["kind"] in {"instant", "digest"} else "monitor"


def as_remarks(event: dict[str, Any]) -> str:
    """The reasons of an event as data: reasons that schema 8 has in words only become remarks."""
    words, changes = json.loads(event["reasons"]), json.loads(event["changes"])
    if len(words) == len(changes):
        return str(event["changes"])
    return json.dumps([["", word, "", "cosmetic", False] for word in words], ensure_ascii=False, separators=(",", ":"))


def test_reasons_that_were_words_only_are_read_as_remarks(old: Path) -> None:
    before = {row["id"]: json.loads(row["reasons"]) for row in tables(old)["events"]}
    with Store(old) as store:
        for event in store.events.find(EventFilter()):
            assert list(event.reason_texts) == before[event.id]


def test_messages_mutes_and_alerts_are_read_as_they_were(old: Path) -> None:
    with Store(old) as store:
        numbers = {MessageState.QUEUED: 2, MessageState.SENT: 8}
        assert store.outbox.counts() == dict.fromkeys(MessageState, 1) | numbers
        assert store.mutes.active(MAY_15 + HOUR / 2) == [Mute(MAY_15, 6), Mute(MAY_15, None, "herald", MAY_15 + HOUR)]
        (retrying,) = store.outbox.find(OutboxFilter(states=(MessageState.RETRYING,)))
        assert (retrying.attempts, retrying.last_error, retrying.recipient) == (1, "451 later", "retrying@example.org")
        (alert,) = store.outbox.alerts(retrying.id)
        assert alert.reasons_by_watch == (("Wächter", "asks for revised"),)
        assert store.hosts.pauses(MAY_15, MAY_15 + 24 * HOUR) == {"www.state.gov": MAY_15 + HOUR}


def test_the_upgraded_database_passes_every_check_and_search_finds(old: Path) -> None:
    with Store(old) as store:
        assert (integrity.damage(store), integrity.broken_references(store)) == ((), ())
        assert (integrity.missing_triggers(store), integrity.search_fault(store)) == ((), "")
        assert integrity.check_index(store).matches_wordings
        assert [found.title for found, _, _ in store.statements.search("valdovian brandt", 5)] == [
            "Secretary Quill’s Call with Valdovian Foreign Minister Brandt"
        ]
        with pytest.raises(StoreError, match="never changed"), store.unit():
            store.database.execute("UPDATE events SET grade = NULL")


def test_commands_work_on_it(old: Path, run: Callable[..., Said]) -> None:
    assert run("status").code == 0
    assert len(rows(run("list", "--json"))) == 12
    assert [row["relation"] for row in rows(run("copies", "--json"))].count("altered") == 1
    assert len(rows(run("alerts", "list", "--json"))) == 14
    assert {row["kind"] for row in rows(run("events", "--json"))} >= {"copy.found", "statement.withdrawn"}
    levels = {check["topic"]: check["level"] for check in run("doctor", "--json").json}
    assert {levels[topic] for topic in ("database", "search", "fingerprints")} == {"ok"}
    assert run("show", "1").code == 0


def test_a_following_import_raises_no_event_twice(old: Path, run: Callable[..., Said], tmp_path: Path) -> None:
    before = last_event(old)
    at, body = polls(9)[-1]
    again = [*poll_records(9), record(at + timedelta(minutes=10), body)]
    assert run("import", str(warc(tmp_path / "x.warc.gz", *again))).code == 0
    assert last_event(old) == before
    news = polls(11)[-1]
    assert run("import", str(warc(tmp_path / "y.warc.gz", record(*news)))).code == 0
    with Store(old) as store:
        added = [event.kind for event in store.events.find(EventFilter(after_id=before))]
    assert added == [EventKind.PUBLISHED]


def _date_of_list(page: dict[str, Any]) -> dict[str, int]:
    """The new column of a row of pages: until then, the text of a page in a list had the date of the list."""
    return {"is_date_listed": int(not page["is_document"] and page["published_at"] is not None)}


def without_schema_16(connection: sqlite3.Connection) -> None:
    """Drop what schema 16 added, and what came later."""
    for table in (*NEW_IN_17, *NEW_IN_16):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("ALTER TABLE pages DROP COLUMN is_date_listed")
    for table, column in (("statements", "standing"), ("revisions", "headings"), ("rechecks", "interval_s")):
        connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def make_older(connection: sqlite3.Connection, version: int) -> None:
    """Give a database of this statewire the tables of schema 9 or a later one."""
    without_schema_16(connection)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("DROP TABLE last_readings")
    connection.execute("DROP TABLE quotations")
    connection.execute("DROP INDEX pages_unsearched")
    connection.execute("ALTER TABLE pages DROP COLUMN is_searched")
    if version >= 12:
        return
    for index in ("messages_waiting", "messages_queued"):
        connection.execute(f"DROP INDEX {index}")
    connection.execute("ALTER TABLE messages DROP COLUMN actor")
    connection.execute("DROP TABLE withheld")
    if version < 11:
        for table in ("statements", "statement_urls"):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN claimed")
        for table in ("claims", "claim_counts"):
            connection.execute(f"DROP TABLE {table}")


def test_schema_14_gets_the_sources_of_rechecks_and_last_readings_and_keeps_the_fingerprints(
    store: Store, db: Path
) -> None:
    statement_id = add_statement(store)
    with store.unit():
        store.rechecks.save(statement_id, WithdrawalCheck(misses=1), NOON)
        store.database.execute("DELETE FROM fingerprints")
        store.database.execute("INSERT INTO fingerprints VALUES (1, 1, 1)")
    source = store.database.execute("SELECT source FROM statements").fetchone()[0]
    with closing(sqlite3.connect(db)) as connection, connection:
        for name in ("rechecks_due", "statements_by_guid", "statements_listed", "copies_by_time"):
            connection.execute(f"DROP INDEX {name}")
        connection.execute("ALTER TABLE rechecks DROP COLUMN source")
        without_schema_16(connection)
        connection.execute("DROP TABLE last_readings")
        connection.execute("PRAGMA user_version = 14")
    with Store(db) as upgraded:
        (due,) = upgraded.rechecks.due(source, NOON, 5)
        assert (due.statement_id, due.check.misses) == (statement_id, 1)
        assert upgraded.database.execute("SELECT * FROM fingerprints").fetchall() == [(1, 1, 1)]
        assert integrity.missing_triggers(upgraded) == ()
    assert user_version(db) == SCHEMA_VERSION


def test_schema_15_gets_the_tables_of_schema_16(store: Store, db: Path, tmp_path: Path) -> None:
    statement_id = add_statement(store)
    new = tmp_path / "new.db"
    Store(new).close()
    with closing(sqlite3.connect(db)) as connection, connection:
        without_schema_16(connection)
        connection.execute("PRAGMA user_version = 15")
    with Store(db) as upgraded:
        assert upgraded.searches.newest_statement() == statement_id
        assert upgraded.searches.counts("gdelt", NOON).due == 0
        assert integrity.missing_triggers(upgraded) == ()
    assert user_version(db) == SCHEMA_VERSION
    assert schema(db) == schema(new)


def test_schema_16_gets_the_tables_of_schema_17(store: Store, db: Path, tmp_path: Path) -> None:
    add_statement(store)
    new = tmp_path / "new.db"
    Store(new).close()
    with closing(sqlite3.connect(db)) as connection, connection:
        for table in NEW_IN_17:
            connection.execute(f"DROP TABLE {table}")
        connection.execute("PRAGMA user_version = 16")
    with Store(db) as upgraded:
        assert upgraded.page_saves.service() is None
        assert upgraded.page_saves.open() == []
    assert user_version(db) == SCHEMA_VERSION
    assert schema(db) == schema(new)


def test_standing_pages_and_headings_come_with_schema_16(store: Store, db: Path, tmp_path: Path) -> None:
    statement_id = add_statement(store)
    with store.unit():
        store.rechecks.save(statement_id, WithdrawalCheck(misses=1), NOON)
    before = tables(db)["rechecks"]
    store.close()
    with closing(sqlite3.connect(db)) as connection, connection:
        without_schema_16(connection)
        connection.execute("PRAGMA user_version = 15")
    with Store(db) as upgraded:
        statement = upgraded.statements.by_id(statement_id)
        assert statement is not None
        assert not statement.standing
        assert upgraded.standing_pages.of(statement.source) == {}
        assert [revision.headings for revision in upgraded.statements.revisions(statement_id)] == [()]
    assert tables(db)["rechecks"] == before
    Store(tmp_path / "new.db").close()
    assert schema(db) == schema(tmp_path / "new.db")


@pytest.mark.parametrize("version", [10, 11])
def test_messages_of_schemas_10_and_11_get_an_actor(store: Store, db: Path, tmp_path: Path, version: int) -> None:
    statement = add_statement(store)
    of_state = file(store, event(store, statement))
    altered = event(store, statement, kind=EventKind.COPY_CHANGED)
    of_mirror = file(store, altered, now=NOON + HOUR)
    digest: dict[str, Any] = {"kind": MessageKind.DIGEST, "recipient": "digest@example.org", "watch": "Daily"}
    both = file(store, altered, **digest)
    assert file(store, event(store, statement), **digest) == both
    with store.unit():
        test = store.outbox.announce(NewMessage("test", MessageKind.TEST, "desk@example.org"), NOON)
    store.close()
    with closing(sqlite3.connect(db)) as connection, connection:
        make_older(connection, version)
    with Store(db) as upgraded:
        actors = {message.id: message.actor for message in upgraded.outbox.find(OutboxFilter())}
    state, mirror, monitor = Actor
    assert actors == {of_state: state, of_mirror: mirror, both: state, test: monitor}
    Store(tmp_path / "new.db").close()
    assert schema(db) == schema(tmp_path / "new.db")


def test_sentences_are_found_and_pages_searched_after_the_upgrade_from_schema_13(story: Callable[..., Said]) -> None:
    with closing(sqlite3.connect("statewire.db")) as connection, connection:
        make_older(connection, 13)
    with Store(Path("statewire.db")) as store:
        assert integrity.check_index(store).matches_wordings
        text = next(iter(store.statements.find())).id
        sentence = store.statements.revisions(text)[0].wording.text.split("\n")[0]
    found = json.loads(story("trace", "--text", sentence, "--json").out)
    assert [each["verdict"] for each in found[0]["quotations"]] == ["verbatim"]
    assert schema(Path("statewire.db")) == schema_of_new(Path("new.db"))


@pytest.mark.parametrize("version", [9, 12])
def test_hashes_with_the_signs_of_values_replace_those_of_earlier_schemas(
    db: Path, run: Callable[..., Said], tmp_path: Path, version: int
) -> None:
    """A text of schema 9 has the hash of its letters and digits; two that differ in a sign shared fingerprints.

    Signs were added in schema 13, so that a text of schema 12 has another hash, too.
    """
    dollars = "The Department will give $58 million to the harbor towns of Tarn before the rains begin in autumn."
    euros = dollars.replace("$", "€")
    lines = [
        json.dumps(
            {
                "guid": f"g{number}",
                "url": f"https://www.state.gov/g{number}/",
                "title": f"Help {number}",
                "published_at": "2026-05-12T15:00:00Z",
                "text": text,
            }
        )
        for number, text in enumerate((dollars, euros))
    ]
    (tmp_path / "s.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert run("import", str(tmp_path / "s.jsonl"), db=str(db)).code == 0
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.create_function("search_text", 1, str)
        connection.execute("UPDATE revisions SET words_sha256 = ?", [key_sha256(word_key(dollars))])
        connection.execute("DELETE FROM fingerprints WHERE statement_id = 2")
        make_older(connection, version)
    with Store(db) as store:
        assert [row["words_sha256"] for row in tables(db)["revisions"]] == [
            key_sha256(wording_key(text)) for text in (dollars, euros)
        ]
        assert integrity.check_index(store).matches_wordings


def test_other_hosts_of_the_department_get_their_own_statements_back(
    db: Path, run: Callable[..., Said], tmp_path: Path
) -> None:
    """In schema 10 a page on any host under state.gov had the authority of www.state.gov, and moved its statements."""
    www, foo = "https://www.state.gov", "https://foo.state.gov"
    given = [
        ("https://www.state.gov/?p=9120", f"{www}/lamps/"),
        ("https://www.state.gov/?p=9121", f"{foo}/nets/"),
        (f"{foo}/boats/", f"{foo}/boats/"),
        ("https://www.state.gov/?p=9123", f"{foo}/oars/"),
        ("https://2017-2021.state.gov/?p=9124", "https://2017-2021.state.gov/sails/"),
        ("import-7", "https://gazette.example/ropes/"),
        # The guid of a feed, and that which was derived from a page of the same number: both cannot have it.
        (f"{foo}/?p=9127", f"{foo}/rudders/"),
        ("https://www.state.gov/?p=9127", f"{foo}/tillers/"),
    ]
    lines = [
        {"guid": guid, "url": url, "title": url, "published_at": "2026-05-12", "text": f"Text of {url}."}
        for guid, url in given
    ]
    (tmp_path / "s.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert run("import", str(tmp_path / "s.jsonl"), db=str(db)).code == 0
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("UPDATE statements SET authority = 'state.gov'")
        connection.execute("UPDATE statements SET guid_derived = 1 WHERE id IN (2, 3, 8)")
        connection.execute("UPDATE statements SET url = ? WHERE id = 1", [f"{foo}/lamps/"])
        times = ["2030-01-01T00:00:00Z"] * 2
        connection.execute("INSERT INTO statement_urls VALUES (?, 1, ?, ?, 0)", [f"{foo}/lamps/", *times])
        make_older(connection, 10)
    with Store(db) as store:
        found = [(each.authority, each.guid, each.url) for each in map(store.statements.by_id, range(1, 9)) if each]
        assert [alias.url for alias in store.statements.aliases(1)] == [f"{www}/lamps/"]
        assert [alias.url for alias in store.statements.aliases(2)] == [f"{foo}/nets/"]
        assert integrity.damage(store) == ()
    assert found == [
        ("state.gov", given[0][0], f"{www}/lamps/"),
        ("foo.state.gov", f"{foo}/?p=9121", f"{foo}/nets/"),
        ("foo.state.gov", f"{foo}/boats/", f"{foo}/boats/"),
        # A list of State's gave this guid, with a link to the other host.
        ("state.gov", given[3][0], f"{foo}/oars/"),
        ("state.gov", given[4][0], given[4][1]),
        ("state.gov", given[5][0], given[5][1]),
        ("foo.state.gov", given[6][0], given[6][1]),
        ("state.gov", given[7][0], given[7][1]),
    ]


@pytest.mark.parametrize("last", [1, 30, 60, 85, 10_000])
def test_an_upgrade_that_is_killed_leaves_the_old_schema_and_the_next_one_is_whole(old: Path, last: int) -> None:
    before = tables(old)
    if (child := os.fork()) == 0:
        executed = 0

        def count(sql: str) -> None:
            nonlocal executed
            executed += 1
            if executed > last or sql == "COMMIT":
                os.kill(os.getpid(), signal.SIGKILL)

        whole = upgrade.upgrade

        def counted(db: Any, version: int) -> None:
            db.conn.set_trace_callback(count)
            whole(db, version)

        upgrade.upgrade = counted
        with suppress(Exception):
            Store(old)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert (user_version(old), tables(old)) == (8, before)
    with Store(old) as store:
        assert integrity.damage(store) == ()
        assert store.statements.count() == 12


def test_several_processes_upgrade_it_at_once(old: Path) -> None:
    children = []
    for _ in range(4):
        if (child := os.fork()) == 0:
            with suppress(Exception):
                Store(old).close()
                os._exit(0)
            os._exit(1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    with Store(old) as store:
        assert (store.statements.count(), integrity.damage(store)) == (12, ())


def test_an_older_database_is_refused_and_left_as_it_was(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("PRAGMA user_version = 7")
    content = old.read_bytes()
    with pytest.raises(SchemaVersionError, match=r"schema 7.*dd99803"):
        Store(old)
    assert old.read_bytes() == content
    assert [path.name for path in old.parent.iterdir()] == [old.name]
