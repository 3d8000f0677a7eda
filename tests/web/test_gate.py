"""Gate of the server: hosts, methods, sizes, prefixes and errors; and what Datasette serves behind it."""

from __future__ import annotations

import asyncio
import csv
import io
import logging
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from scraper.clock import Clock
from scraper.web import datasette_app, routes
from scraper.web.data_catalogue import metadata
from scraper.web.gate import MAX_BODY_BYTES, HostCheck

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")


@pytest.mark.parametrize(
    ("listens_on", "base_url", "header", "is_accepted"),
    [
        ("127.0.0.1", None, "localhost:8001", True),
        ("127.0.0.1", None, "LOCALHOST", True),
        ("127.0.0.1", None, "127.0.0.1:9000", True),
        ("127.0.0.1", None, "[::1]:8001", True),
        ("127.0.0.1", None, "[::1]", True),
        ("127.0.0.1", None, "evil.example", False),
        ("127.0.0.1", None, "localhost.evil.example", False),
        ("127.0.0.1", None, "evil.example:8001", False),
        ("127.0.0.1", None, "192.0.2.1", False),
        ("127.0.0.1", None, "", False),
        ("127.0.0.1", None, ":8001", False),
        ("127.0.0.1", None, "localhost@evil.example", False),
        ("127.0.0.1", "https://pages.example/x/", "pages.example", True),
        ("127.0.0.1", "https://pages.example/x/", "Pages.Example:443", True),
        ("127.0.0.1", "https://pages.example/x/", "other.example", False),
        ("desk.example", None, "desk.example:8001", True),
        ("::1", None, "[::1]:8001", True),
        ("fd00::7", None, "[fd00::7]:8001", True),
        ("0.0.0.0", None, "192.0.2.1:8001", True),
        ("0.0.0.0", None, "[2001:db8::1]:8001", True),
        ("0.0.0.0", None, "evil.example", False),
        ("::", None, "192.0.2.1", True),
    ],
)
def test_only_hosts_of_this_server_are_answered(
    listens_on: str, base_url: str | None, header: str, is_accepted: bool
) -> None:
    assert HostCheck(listens_on, base_url).accepts(header) is is_accepted


@pytest.mark.parametrize("path", ["", "data/statement_list.json", "nothing/", "statements/4/"])
def test_another_host_gets_a_sentence_and_nothing_else(serve: Callable[..., Any], path: str) -> None:
    response = serve().get(path, headers={"host": "evil.example"})
    assert response.status_code == 400
    assert response.text.startswith("This server does not answer to the host name")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "POST", "BREW"])
def test_pages_are_only_read(serve: Callable[..., Any], method: str) -> None:
    for path in ("", "statements/4/", "data", "data/changed", "nothing/"):
        response = serve().send(method, path)
        assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")
    if method != "POST":
        assert serve().send(method, "trace/").headers["allow"] == "GET, HEAD, POST"


def body_sent(app: Any, path: str) -> bytes:
    """Return the body that the application itself sends for a HEAD request."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "HEAD", "path": f"/{path}", "query_string": b"", "scheme": "http"}
    asyncio.run(app({**scope, "headers": [(b"host", b"localhost")], "client": ("192.0.2.7", 1)}, receive, send))
    return b"".join(message.get("body", b"") for message in sent)


@pytest.mark.parametrize("path", ["", "statements/4/", "statements/99/", "data", "data/statement_list.csv"])
def test_head_is_get_without_a_body(serve: Callable[..., Any], path: str) -> None:
    served = serve()
    head, get = served.send("HEAD", path), served.get(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    assert body_sent(served.app, path) == b""  # httpx would not show it


def test_long_requests_are_refused(serve: Callable[..., Any]) -> None:
    served = serve()
    assert served.get(f"?q={'a' * 9000}").status_code == 414
    assert served.get("?" + "&".join("a=1" for _ in range(60))).status_code == 414
    assert served.get("a" * 9000).status_code == 414
    assert served.send("POST", "trace/", content=b"text=" + b"a" * MAX_BODY_BYTES).status_code == 413

    async def endless() -> Any:
        for _ in range(100):
            yield b"a" * 100_000

    assert served.send("POST", "trace/", content=endless()).status_code == 413


@pytest.mark.parametrize("path", ["", "statements/4/", "statements/99/", "data", "data/changed.json", "trace/"])
def test_each_response_has_the_headers(serve: Callable[..., Any], path: str) -> None:
    headers = serve().get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "set-cookie" not in headers


@pytest.mark.parametrize("passed", ["statewire/", ""])
def test_below_a_prefix_every_link_of_every_page_stays_below_it(serve: Callable[..., Any], passed: str) -> None:
    """A proxy may pass the path with the prefix or without it."""
    served = serve(base_url="https://pages.example/statewire/")
    for path in ("", "statements/4/", "trace/"):
        text = served.get(f"{passed}{path}").text
        assert 'href="/' not in text
        assert 'action="/' not in text
    for path in ("data", "data/statement_list", "data/changed", "data/said?words=river"):
        response = served.get(f"{passed}{path}", headers={"host": "pages.example"})
        assert response.status_code == 200
        links = [part.partition('"')[0] for part in response.text.split('href="')[1:]]
        assert [link for link in links if link.startswith("/") and not link.startswith("/statewire/")] == []
        outward = [link for link in links if link.startswith("http") and "datasette.io" not in link]
        assert all(link.startswith(("https://pages.example/statewire/", "https://www.state.gov/")) for link in outward)
    assert served.get("statewire").headers["location"] == "/statewire/"
    assert served.get(f"{passed}-/static/app.css").status_code == 404


def test_a_path_without_its_last_slash_leads_to_the_page(serve: Callable[..., Any]) -> None:
    served = serve()
    for path, target in (
        ("statements/4", "./4/"),
        ("statements/4?a=1", "./4/?a=1"),
        ("trace", "./trace/"),
        ("data/", "../data"),
        ("data/changed/?a=1", "../changed?a=1"),
    ):
        response = served.get(path)
        assert (response.status_code, response.headers["location"]) == (301, target)
    for path in ("/evil.example/", "/evil.example", "%2f%2fevil.example/", "statements%2f4", "\\evil.example/"):
        response = served.get(path)
        assert response.status_code == 404
        assert "location" not in response.headers


def test_an_error_of_ours_is_one_line_of_the_log_and_no_traceback_of_the_page(
    serve: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(routes, "find", fail)
    with caplog.at_level(logging.ERROR, "statewire"):
        response = serve().get("statements/4/")
    assert response.status_code == 500
    assert "The log of the server has it" in response.text
    assert 'href="../../assets/style.' in response.text
    assert "secret detail" not in response.text
    assert "Traceback" not in response.text
    assert [record.getMessage() for record in caplog.records] == ["a page failed: statements/4/: secret detail"]
    assert capsys.readouterr() == ("", "")


def test_mistakes_of_readers_are_not_logged(
    serve: Callable[..., Any], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    served = serve(with_sql=True)
    for path in (
        "data/statement_list?_facet=nothing",
        "data/statement_list?_sort=nothing",
        "data.json?sql=select+nothing",
        "data/nothing",
        "data.csv",
        "%00",
        "%ff%fe/",
    ):
        assert 400 <= served.get(path).status_code < 500, path
    assert caplog.records == []
    assert capsys.readouterr() == ("", "")


def test_the_catalogue_describes_every_view_and_column(demo_db: Path, serve: Callable[..., Any]) -> None:
    with closing(sqlite3.connect(demo_db)) as connection:
        for view, about in metadata()["tables"].items():
            columns = {name for _, name, *_ in connection.execute(f"PRAGMA table_info ({view})")}
            assert set(about["columns"]) == columns
            assert set(about["facets"]) <= columns
            assert about.get("sort_desc", "title") in columns
    index = serve().get("data").text
    for about in (*metadata()["tables"].values(), *metadata()["queries"].values()):
        assert about["title"] in index
        assert about["description"] in index.replace("&#39;", "'")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("said.json?words=every+contract", {"statement_id": 4, "revisions_with_it": "1"}),
        ("said.json?words=%22every+contract%22+NOT", None),
        ("said.json?words=", None),
        ("changed.json", {"kind": "statement.withdrawn", "statement_id": 4}),
        ("carriers.json?statement_id=4", {"relation": "verbatim", "source": "merrow", "minutes_after_state": 19.0}),
        ("carriers.json?statement_id=x", None),
        ("altered.json", {"relation": "altered", "outdated": 1, "url": "https://pmdnews.example/rivers/"}),
        ("unsourced.json", {"page_url": "https://pmdnews.example/assistance-ends/"}),
    ],
)
def test_ready_queries_answer_the_questions(
    serve: Callable[..., Any], query: str, expected: dict[str, Any] | None
) -> None:
    response = serve().get(f"data/{query}{'&' if '?' in query else '?'}_shape=objects")
    assert response.status_code == 200
    rows = response.json()["rows"]
    assert (rows == []) is (expected is None)
    if expected:
        assert expected.items() <= rows[0].items()


def test_a_day_gives_no_minutes_after_state(edited: Callable[..., Path], serve: Callable[..., Any]) -> None:
    path = edited("UPDATE pages SET precision = 'day', published_at = substr(published_at, 1, 10) || 'T00:00:00Z'")
    rows = serve(path).get("data/carriers.json?statement_id=4&_shape=objects").json()["rows"]
    assert [row["minutes_after_state"] for row in rows] == [None] * len(rows)
    assert rows


def test_numbers_of_statements_link_to_their_pages(serve: Callable[..., Any]) -> None:
    assert '<a href="/statements/4/">4</a>' in serve().get("data/changed").text


def test_csv_has_no_formula(demo_db: Path, tmp_path: Path, serve: Callable[..., Any]) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(demo_db)) as given, closing(sqlite3.connect(path)) as db:
        given.backup(db)
        db.execute("UPDATE statements SET title = '=HYPERLINK(\"https://evil.example\")' WHERE id = 4")
        db.commit()
    served = serve(path)
    for query in (
        "data/statement_list.csv?_stream=1",
        "data/statement_list.csv?_size=max",
        "data/said.csv?words=harbor",
    ):
        rows = list(csv.DictReader(io.StringIO(served.get(query).text)))
        assert {row["title"] for row in rows if row["statement_id"] == "4"} == {'\'=HYPERLINK("https://evil.example")'}
    rows = served.get("data/statement_list.json?_shape=array").json()
    assert rows[0]["title"] == '=HYPERLINK("https://evil.example")'


def test_a_hostile_title_is_text_on_pages_of_datasette(
    demo_db: Path, tmp_path: Path, serve: Callable[..., Any]
) -> None:
    path = tmp_path / "x.db"
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    with closing(sqlite3.connect(demo_db)) as given, closing(sqlite3.connect(path)) as db:
        given.backup(db)
        db.execute("UPDATE statements SET title = ?, url = 'javascript:alert(1)', type = ?", [hostile, hostile])
        db.commit()
    for query in ("data/statement_list", "data/said?words=harbor", "data/copy_list", f"data/said?words={hostile}"):
        text = serve(path).get(query).text
        assert "<script" not in text
        assert "<img" not in text
        assert 'href="javascript:' not in text


def test_a_database_that_is_replaced_or_upgraded_or_gone(
    demo_db: Path, tmp_path: Path, serve: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    path, other = tmp_path / "x.db", tmp_path / "other.db"
    for target in (path, other):
        with closing(sqlite3.connect(demo_db)) as given, closing(sqlite3.connect(target)) as db:
            given.backup(db)
    with closing(sqlite3.connect(other)) as db:
        db.execute("UPDATE statements SET title = 'From the backup' WHERE id = 4")
        db.commit()
    served = serve(path)
    asked = ("statements/4/", "data/statement_list")
    assert all("Lower Valley" in served.get(each).text for each in asked)
    other.rename(path)
    assert all("From the backup" in served.get(each).text for each in asked)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 9999")
    for each in asked:
        response = served.get(each)
        assert response.status_code == 503
        assert str(tmp_path) not in response.text
    assert "written by a later statewire" in caplog.text
    path.unlink()
    assert {served.get(each).status_code for each in asked} == {503}


def test_a_database_that_is_upgraded_while_it_is_in_use(
    demo_db: Path, tmp_path: Path, serve: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(demo_db)) as given, closing(sqlite3.connect(path)) as db:
        given.backup(db)
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("UPDATE statements SET title = 'Before' WHERE id = 4")
        writer.commit()
        served = serve(path)
        assert "Before" in served.get("statements/4/").text
        assert "Before" in served.get("data/statement_list").text
        writer.execute("PRAGMA user_version = 9999")
        assert {served.get(each).status_code for each in ("statements/4/", "data/statement_list")} == {503}
    assert "written by a later statewire" in caplog.text


def test_a_writer_beside_it_does_not_matter(demo_db: Path, tmp_path: Path, serve: Callable[..., Any]) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(demo_db)) as given, closing(sqlite3.connect(path)) as db:
        given.backup(db)
    served = serve(path)
    assert "Lower Valley" in served.get("statements/4/").text  # read without a log beside it
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        for number in range(5):
            writer.execute("UPDATE statements SET title = ? WHERE id = 4", [f"Title {number}"])
            writer.commit()
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("UPDATE statements SET title = 'not yet' WHERE id = 4")
            assert f"Title {number}" in served.get("statements/4/").text
            assert served.get("data/statement_list.json?_shape=array").json()[0]["title"] == f"Title {number}"
            writer.rollback()


def test_create_refuses_what_is_no_database(tmp_path: Path, settings: Any) -> None:
    from scraper.errors import NotADatabaseError, StoreError

    with pytest.raises(StoreError, match="there is no database"):
        datasette_app.create(tmp_path / "no.db", settings, Clock())
    (tmp_path / "x.db").write_bytes(b"no database at all, but of some length" * 100)
    with pytest.raises(NotADatabaseError):
        datasette_app.create(tmp_path / "x.db", settings, Clock())


@pytest.mark.parametrize(
    "query",
    [
        "_next=abc",
        "_next=1,2",
        "_next=99999999999999999999",
        "_facet=%00",
        "_facet_date=%00",
        "_through=%5B",
        "_through=1",
        "_facet_array=%7B%22a%22:1%7D",
        "title__exact=%00",
    ],
)
def test_a_parameter_that_is_not_understood_is_no_error_of_ours(
    serve: Callable[..., Any], caplog: pytest.LogCaptureFixture, query: str
) -> None:
    for ending in ("", ".json", ".csv"):
        assert serve().get(f"data/event_list{ending}?{query}").status_code in {200, 400, 403}
    assert caplog.records == []


def test_a_table_has_few_facets(serve: Callable[..., Any]) -> None:
    assert serve().get("data/event_list?" + "&".join(["_facet=kind"] * 10)).status_code == 200
    assert serve().get("data/event_list?" + "&".join(["%5Ffacet=kind"] * 11)).status_code == 414
    assert serve().get("data/event_list?" + "&".join(["kind__not=x"] * 51)).status_code == 414


def test_one_whole_table_is_sent_at_a_time(serve: Callable[..., Any]) -> None:
    served = serve()
    path = "data/event_list.csv?%5Fstream=on"
    responses = served.send_all(*[("GET", path, {})] * 3, ("GET", "data/event_list.csv", {}))
    assert sorted(response.status_code for response in responses) == [200, 200, 503, 503]
    assert served.get(path).text == served.get("data/event_list.csv?_size=max").text


@pytest.mark.parametrize("is_slow", [False, True])
def test_a_table_is_not_sent_on_when_its_reader_has_gone_or_is_slow(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, is_slow: bool
) -> None:
    if is_slow:
        monkeypatch.setattr("scraper.web.datasette_app._EXPORT_S", 2.0)
    served = serve()
    path = "/data/event_list.csv"
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"_stream=on"}
    scope |= {"headers": [(b"host", b"localhost")], "http_version": "1.1", "scheme": "http"}

    async def leave() -> None:
        gone, begun = asyncio.Event(), asyncio.Event()

        async def receive() -> dict[str, Any]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(_: Any) -> None:
            begun.set()
            await asyncio.Event().wait()

        request = asyncio.ensure_future(served.app(scope, receive, send))
        await asyncio.wait_for(begun.wait(), 10)
        if not is_slow:
            gone.set()
        await asyncio.wait_for(request, 10)

    asyncio.run(leave())
    assert served.get("data/event_list.csv?_stream=on").status_code == 200
