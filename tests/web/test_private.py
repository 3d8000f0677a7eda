"""What is private leaves by no route of the pages or of Datasette: neither tables nor columns, in no format."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from scraper.errors import StoreError
from scraper.store import Audience, Store
from scraper.store.public import PRIVATE, PRIVATE_COLUMNS, VIEWS
from scraper.web.data_catalogue import metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")

MARK = "classified"
NUMBER = 987_654_321


def tables(connection: sqlite3.Connection, kind: str = "table") -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = ?", [kind])}


def columns(connection: sqlite3.Connection, table: str) -> dict[str, str]:
    return {name: kind for _, name, kind, *_ in connection.execute(f"PRAGMA table_info ({table})")}


@pytest.fixture(scope="module")
def marked_db(demo_db: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the demo with a marked value in each column that is private."""
    path = tmp_path_factory.mktemp("private") / "statewire.db"
    with closing(sqlite3.connect(demo_db)) as given, closing(sqlite3.connect(path)) as db:
        given.backup(db)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.create_function("search_text", 1, str)
        db.execute("INSERT OR IGNORE INTO hosts (host) VALUES ('www.state.gov')")
        for table in PRIVATE:
            values = {name: value(kind, f"{MARK}-{table}-{name}") for name, kind in columns(db, table).items()}
            places = ", ".join("?" * len(values))
            db.execute(f"INSERT OR REPLACE INTO {table} ({', '.join(values)}) VALUES ({places})", [*values.values()])
        for table, column in PRIVATE_COLUMNS:
            changed = db.execute(f"UPDATE {table} SET {column} = ?", [json.dumps([f"{MARK}-{table}-{column}"])])
            assert changed.rowcount
        marked = f"https://feeds.example/{MARK}"
        values = {"url": marked, "reasons": json.dumps([marked]), "before": marked, "after": marked, "changes": "[]"}
        values |= {"title": marked, "page_title": marked, "page_url": marked, "source": "state-press-releases"}
        values |= {"kind": "source.blocked", "detected_at": "2026-05-14T12:00:00Z", "backfill": 0}
        places = ", ".join("?" * len(values))
        db.execute(f"INSERT INTO events ({', '.join(values)}) VALUES ({places})", [*values.values()])
        db.commit()
    return path


def value(kind: str, text: str) -> Any:
    return {"INTEGER": NUMBER, "BLOB": text.encode(), "REAL": float(NUMBER)}.get(kind, json.dumps([text]))


def private(db: Path) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(db)) as connection:
        yield from ((table, column) for table in sorted(PRIVATE) for column in columns(connection, table))
    yield from sorted(PRIVATE_COLUMNS)


def check(responses: list[Any]) -> None:
    for response in responses:
        assert response.status_code in {200, 301, 302, 308, 400, 403, 404, 414}, response.url
        assert MARK not in response.text, response.url
        assert str(NUMBER) not in response.text, response.url


def sql(query: str) -> Iterator[str]:
    for ending in ("", ".json", ".csv"):
        yield f"data{ending}?sql={quote(query)}"


def forms_of_table(table: str) -> Iterator[str]:
    """Yield each way in which Datasette, or a page of ours, may be asked for a table."""
    for name in (table, table.upper(), quote(f"[{table}]"), f"main.{table}", f"~{ord(table[0]):X}{table[1:]}"):
        for ending in ("", ".json", ".csv", ".jsono", ".blob", ".db", "/1", "/1.json", "/1,1"):
            yield f"data/{name}{ending}"
    yield f"{table}/"
    yield f"data/statement_list.json?_through={quote(json.dumps({'table': table, 'column': 'rowid', 'value': '1'}))}"
    for query in (
        f"SELECT * FROM {table}",
        f"SELECT count(*) FROM {table}",
        f"SELECT 1 WHERE EXISTS (SELECT 1 FROM {table})",
        f"WITH statement_list AS (SELECT * FROM {table}) SELECT * FROM statement_list",
        f"WITH RECURSIVE statement_list AS (SELECT * FROM {table} UNION SELECT * FROM statement_list)"
        " SELECT * FROM statement_list",
        f"SELECT * FROM main.{table}",
        f'SELECT * FROM "{table.upper()}"',
        f"SELECT * FROM statement_list UNION ALL SELECT * FROM {table}",
        f"WITH q AS (SELECT * FROM {table}) SELECT json_group_array(json_array(q.rowid)) FROM q",
        f"EXPLAIN SELECT * FROM {table}",
        f"EXPLAIN QUERY PLAN SELECT * FROM {table}",
    ):
        yield from sql(query)


def forms_of_column(table: str, column: str) -> Iterator[str]:
    """Yield each parameter of a table or a ready query with which a column may be asked for beside what is public."""
    query = f"SELECT {column} FROM {table}"
    inner = quote(f"({query})")
    for view in VIEWS:
        for parameter in (
            "_where",
            "_facet",
            "_facet_array",
            "_col",
            "_nocol",
            "_sort",
            "_sort_desc",
            "_json",
            "_extra",
        ):
            yield f"data/{view}.json?{parameter}={inner}"
            yield f"data/{view}.json?{parameter}={column}&_labels=on"
        yield f"data/{view}.json?_where={quote(f'statement_id IN ({query}) OR 1')}"
        yield f"data/{view}.csv?_search={inner}&_searchmode=raw&_stream=1"
        yield f"data/{view}?{inner}=1"
        yield f"data/{view}.json?{column}__contains=a"
    escape = quote(f"x\" OR 1) UNION {query} -- ' UNION {query} --")
    yield f"data/said.json?words={escape}&_header_cookie=1"
    yield f"data/carriers.json?statement_id={escape}&sql={quote(query)}"
    yield f"data/changed.csv?sql={quote(query)}&_stream=1"


OF_DATASETTE = """
-/databases.json -/databases -/metadata.json -/versions.json -/plugins.json -/settings.json -/settings -/config.json
-/threads.json -/threads -/actor.json -/auth-token -/auth-token?token=1 -/logout -/permissions -/messages -/allow-debug
-/patterns
-/static/../../app.py -/static/%2e%2e/app.py -/static-plugins/x/y _internal _internal.json _internal/databases
_internal/tables.json _memory _memory.json?sql=select+1 :memory: data.db data.jsono index.json .json .jsono data/said.db
""".split()


def test_every_table_is_public_or_private(demo_db: Path) -> None:
    with closing(sqlite3.connect(demo_db)) as connection:
        found = tables(connection)
        views = tables(connection, "view")
    decided = PRIVATE | Audience.PAGES.value | Audience.QUERIES.value
    assert found - decided == set(), "decide in store/public.py whether pages may read a new table"
    assert not PRIVATE & (Audience.PAGES.value | Audience.QUERIES.value)
    assert found >= PRIVATE
    assert set(VIEWS) < views


@pytest.mark.parametrize("audience", list(Audience))
def test_no_connection_of_the_web_reads_what_is_private(marked_db: Path, audience: Audience) -> None:
    with Store(marked_db, audience=audience) as store:
        for table, column in private(marked_db):
            query = f"SELECT {column} FROM {table}"
            if (table, column) in PRIVATE_COLUMNS and table in audience.value:
                assert {found for (found,) in store.database.conn.execute(query)} == {None}
                continue
            with pytest.raises(sqlite3.DatabaseError, match=r"prohibited|not authorized"):
                store.database.conn.execute(query)
        with pytest.raises(StoreError), store.unit():
            pass


# How statewire works: its requests, their responses, its hosts and sources. They are for its own pages only.
OF_PAGES = "arrivals bodies captures fingerprints hosts page_urls rechecks renderings sources".split()


@pytest.mark.parametrize("table", OF_PAGES)
def test_datasette_reads_only_what_its_views_show(marked_db: Path, table: str) -> None:
    with Store(marked_db, audience=Audience.PAGES) as store:
        store.database.conn.execute(f"SELECT * FROM {table}")
    with (
        Store(marked_db, audience=Audience.QUERIES) as store,
        pytest.raises(sqlite3.DatabaseError, match=r"prohibited|not authorized"),
    ):
        store.database.conn.execute(f"SELECT * FROM {table}")


def test_a_table_that_is_not_listed_is_private(marked_db: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(marked_db)) as given, closing(sqlite3.connect(path)) as db:
        given.backup(db)
        db.execute("CREATE TABLE passwords (word TEXT) STRICT")
        db.execute("CREATE VIEW password_list AS SELECT word FROM passwords")
        db.commit()
    for audience in Audience:
        with Store(path, audience=audience) as store:
            for name in ("passwords", "password_list"):
                with pytest.raises(sqlite3.DatabaseError, match=r"prohibited|not authorized"):
                    store.database.conn.execute(f"SELECT * FROM {name}")


@pytest.mark.parametrize("with_sql", [False, True])
def test_no_route_gives_a_private_table(marked_db: Path, serve: Callable[..., Any], with_sql: bool) -> None:
    served = serve(marked_db, with_sql=with_sql)
    for table in sorted({*PRIVATE, "outbox", "capture_list"}):
        check(served.send_all(*(("GET", path, {}) for path in forms_of_table(table))))


@pytest.mark.parametrize("with_sql", [False, True])
def test_no_route_gives_an_event_of_a_source(marked_db: Path, serve: Callable[..., Any], with_sql: bool) -> None:
    served = serve(marked_db, with_sql=with_sql)
    paths = [f"data/{name}{ending}" for name in (*VIEWS, *metadata()["queries"]) for ending in ("", ".json", ".csv")]
    paths += [f"data/event_list.json?{condition}" for condition in ("kind=source.blocked", "_facet=url", "_size=max")]
    paths += forms_of_table("events")
    for define in (
        "WITH event_list AS (SELECT * FROM events)",
        'with "Event_List" (a) as not materialized (SELECT url FROM main.events)',
        "WITH/**/event_list/**/AS MATERIALIZED (SELECT url, reasons FROM events)",
        "WITH RECURSIVE a AS (SELECT 1), [event_list] AS (SELECT url FROM events UNION SELECT a FROM event_list, a)",
    ):
        paths += sql(f"{define} SELECT * FROM event_list")
        paths += sql(f"SELECT * FROM ({define} SELECT * FROM event_list)")
    paths += sql("SELECT * FROM (SELECT * FROM events) AS event_list")
    paths += sql("SELECT event_list.* FROM events AS event_list")
    paths += sql("SELECT * FROM event_list JOIN events ON 1")
    check(served.send_all(*(("GET", path, {}) for path in paths)))
    found = served.get("data/event_list.json?_shape=array&kind=claim.unsourced").json()
    assert [row["page_title"] for row in found] == ["United States Ends Assistance to Valdovia"]


def test_sql_of_a_reader_reads_the_view_of_events(marked_db: Path, serve: Callable[..., Any]) -> None:
    served = serve(marked_db, with_sql=True)
    query = "SELECT count(*) AS n FROM (SELECT * FROM event_list WHERE kind = 'claim.unsourced') AS withheld"
    assert served.get(f"data.json?_shape=array&sql={quote(query)}").json() == [{"n": 1}]
    query = "WITH a AS (SELECT count(*) AS n FROM copy_list) SELECT n > 1 AS n FROM a"
    assert served.get(f"data.json?_shape=array&sql={quote(query)}").json() == [{"n": 1}]


def test_no_query_gives_a_private_column(marked_db: Path, serve: Callable[..., Any]) -> None:
    served = serve(marked_db, with_sql=True)
    queries = []
    for table, column in private(marked_db):
        query = f"SELECT {column} FROM {table}"
        queries += sql(f"SELECT statement_id, ({query} LIMIT 1) FROM statement_list ORDER BY ({query} LIMIT 1)")
    check(served.send_all(*(("GET", path, {}) for path in queries)))


@pytest.mark.parametrize("with_sql", [False, True])
@pytest.mark.parametrize(("table", "column"), [("messages", "recipient"), ("captures", "headers")])
def test_no_parameter_gives_a_private_column(
    marked_db: Path, serve: Callable[..., Any], table: str, column: str, with_sql: bool
) -> None:
    assert (table, column) in set(private(marked_db))
    served = serve(marked_db, with_sql=with_sql)
    paths = list(forms_of_column(table, column))
    check(served.send_all(*(("GET", path, {}) for path in paths if "_stream" not in path)))
    check([served.get(path) for path in paths if "_stream" in path])  # one is sent at a time


def test_nothing_of_datasettes_own_state_is_served(marked_db: Path, serve: Callable[..., Any]) -> None:
    for with_sql in (False, True):
        for response in serve(marked_db, with_sql=with_sql).send_all(*(("GET", path, {}) for path in OF_DATASETTE)):
            assert response.status_code == 404, response.url
            assert str(marked_db.parent) not in response.text


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM pragma_database_list",
        "SELECT * FROM dbstat",
        "SELECT * FROM sqlite_dbpage",
        "SELECT load_extension('x')",
        "SELECT readfile('/etc/passwd')",
        "SELECT * FROM fsdir('/')",
        "SELECT fts3_tokenizer('x')",
        "ATTACH DATABASE '/etc/passwd' AS x",
        "SELECT 1; DROP TABLE statements",
        "DELETE FROM statements",
        "PRAGMA database_list",
        "VACUUM INTO '/tmp/copy.db'",
        "SELECT zeroblob(1000000000)",
        "SELECT printf('%.*c', 500000000, 'x')",
        "SELECT format('%.*c', 500000000, 'x')",
        "SELECT length(randomblob(1000000000))",
        "SELECT length(randomblob(1000))",
        f"SELECT 'a' LIKE '{'%a' * 400}'",
    ],
)
def test_sql_of_a_reader_cannot_leave_the_tables(marked_db: Path, serve: Callable[..., Any], query: str) -> None:
    for path in sql(query):
        response = serve(marked_db, with_sql=True).get(path)
        rows = response.json().get("rows") if path.startswith("data.json") else None
        assert response.status_code == 400 or not rows, response.text[:300]
        assert str(marked_db.parent) not in response.text
        assert "root:" not in response.text


def test_sql_of_a_reader_has_a_time_limit(marked_db: Path, serve: Callable[..., Any]) -> None:
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
    response = serve(marked_db, with_sql=True).get(f"data.json?sql={quote(endless)}")
    assert response.status_code == 400
    assert "took too long" in response.json()["error"]


def test_sql_is_off_unless_it_is_allowed(serve: Callable[..., Any]) -> None:
    query = "data.json?sql=select+title+from+statements"
    assert serve().get(query).status_code == 403
    assert len(serve(with_sql=True).get(query).json()["rows"]) == 4
    assert "sql-editor" not in serve().get("data").text
    assert serve().get("data/statement_list.json?_where=1").status_code in {400, 403}
