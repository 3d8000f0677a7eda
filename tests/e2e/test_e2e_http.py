"""Tests of the whole way, from a real server on loopback to the output for a person."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from command import Said, rows
from fakes.state_site import PATH, StateSite
from samples import BLOCK_PAGE, NOON, Piece, rss

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LAMP_PAGE, HOUR = "/lamps/", timedelta(hours=1)
LAMPS = (
    b"<html><head><title>Lamps</title></head><body><article><h1>Lamps</h1><p>All are lit.</p></article></body></html>"
)


@pytest.fixture
def server(run: Callable[..., Said], tmp_path: Path) -> Iterator[StateSite]:
    with StateSite() as started:
        (tmp_path / "config.yaml").write_text(started.config, encoding="utf-8")
        yield started


def test_a_monitor_from_its_first_poll_to_a_recovery(
    run: Callable[..., Said], server: StateSite, tmp_path: Path
) -> None:
    server.says(PATH, rss(Piece(1), Piece(2)), etag='"1"')
    first = run("fetch", "state")
    assert (first.code, first.out.splitlines()[0]) == (0, f"state: 2 items at {server.url(PATH)}")
    assert "2 statements" in first.out
    # What the operator has set on purpose is said by `config check`, and not at each poll.
    assert "allow_private" not in first.err
    assert "allow_private allows requests to your own network" in run("config", "check").err
    assert [path for path, _ in server.asked] == ["/robots.txt", PATH]
    headers = server.asked[1][1]
    assert headers["user-agent"].startswith("Mozilla/5.0 (compatible; statewire/")
    assert headers["user-agent"].endswith("; +https://monitor.invalid/about)")
    assert headers["accept-encoding"] == "gzip"

    assert run("fetch").out == f"state: nothing changed at {server.url(PATH)}\n"
    assert server.asked[-1][1]["if-none-match"] == '"1"'
    assert [path for path, _ in server.asked].count("/robots.txt") == 1  # remembered from one run to the next
    asked, *hosts = run("status").out.splitlines()[-2:]
    assert asked == "Requests since midnight UTC, of 3000 for each host:"
    assert hosts == [f"       3  127.0.0.1:{server.port}"]
    reported = run("status", "--json").json
    assert reported["requests_today"] == [{"host": f"127.0.0.1:{server.port}", "requests": 3, "per_day": 3000}]
    assert reported["sources"][0]["next_due_at"] > reported["sources"][0]["last_attempt_at"]
    assert reported["sources"][1]["next_due_at"] is None

    edited = Piece(1).but(body=(Piece(1).body[0].replace("gives 1 lamps", "gives 9 lamps"), Piece(1).body[1]))
    server.says(PATH, rss(edited, Piece(2), built=NOON + HOUR), etag='"2"')
    (report,) = run("-q", "fetch", "--json").json
    assert (report["source"], report["ok"], report["items"], report["attempts"][0]["outcome"]) == (
        "state",
        True,
        2,
        "ok",
    )
    assert [(event["kind"], event["grade"]) for event in report["events"]] == [("statement.revised", "material")]

    server.says(PATH, BLOCK_PAGE)
    blocked = run("fetch")
    assert blocked.code == 4
    assert "blocked (the block page of state.gov" in blocked.out
    assert "Source blocked: state" in blocked.out
    server.says(PATH, rss(edited, Piece(2), built=NOON + 2 * HOUR))
    assert "Source recovered: state" in run("-q", "fetch").out

    some = run("-q", "fetch", "state", "nobody")
    assert some.code == 3
    assert "nobody: nothing could be fetched" in some.out
    reported = [event["kind"] for event in rows(run("events", "--json"))]
    assert reported == ["statement.published"] * 2 + ["statement.revised", "source.blocked", "source.recovered"]
    assert "well; last success" in run("status").out
    with closing(sqlite3.connect(tmp_path / "statewire.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_one_address_read_dry(run: Callable[..., Said], server: StateSite, tmp_path: Path) -> None:
    server.says(LAMP_PAGE, LAMPS)
    (row,) = run("-q", "fetch", server.url(LAMP_PAGE), "--dry-run", "--json").json
    assert (row["title"], row["text"], row["stored"], row["known"]) == ("Lamps", "All are lit.", False, None)
    with closing(sqlite3.connect(tmp_path / "statewire.db")) as connection:
        for table in ("captures", "bodies", "statements", "events", "sources"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_one_address_for_people_and_as_text(run: Callable[..., Said], server: StateSite) -> None:
    server.says(LAMP_PAGE, LAMPS)
    assert run("-q", "fetch", server.url(LAMP_PAGE), "--text") == Said("Lamps\n\nAll are lit.\n", "", 0)
    said = run("fetch", server.url(LAMP_PAGE))
    assert said.code == 0
    assert said.out.startswith("Lamps\n")
    assert "  Known     as statement 1 since" in said.out  # the host is that of a canonical source


@pytest.mark.parametrize(
    ("body", "status", "words"), [(BLOCK_PAGE, 200, "blocked (the block page"), (b"gone", 404, "gone (status 404")]
)
def test_one_address_that_gives_no_document(
    run: Callable[..., Said], server: StateSite, body: bytes, status: int, words: str
) -> None:
    server.says(LAMP_PAGE, body, status)
    said = run("-q", "fetch", server.url(LAMP_PAGE))
    assert (said.code, said.out, said.err.count("\n")) == (4, "", 1)
    assert said.err.startswith(f"statewire: {server.url(LAMP_PAGE)}: {words}")


def test_the_address_of_a_feed_gives_its_list(run: Callable[..., Said], server: StateSite) -> None:
    server.says(PATH, rss(Piece(1), Piece(2)))
    said = run("-q", "fetch", server.url(PATH))
    assert [line for line in said.out.splitlines() if line.startswith("Lamps for")] == [
        "Lamps for Harbour 1",
        "Lamps for Harbour 2",
    ]
    server.says(LAMP_PAGE, b"gone", 410)
    some = run("-q", "fetch", server.url(LAMP_PAGE), server.url(PATH))
    assert (some.code, some.err.count("\n")) == (3, 1)


def test_a_server_that_does_not_respond(run: Callable[..., Said], server: StateSite) -> None:
    said = run("-q", "fetch", "nobody")
    assert said.code == 4
    assert "connect (" in said.out
    private = run("-q", "fetch", "http://127.0.0.1:10/")
    assert (private.code, private.err.count("\n")) == (4, 1)
    assert "blocked address" in private.err


@pytest.mark.usefixtures("store")
def test_a_page_is_traced_after_state_was_asked_for_what_it_names(
    run: Callable[..., Said], server: StateSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def only_here(host: str, *rest: object, **more: object) -> object:
        if host != "127.0.0.1":
            raise socket.gaierror("no network")
        return real(host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", only_here)
    body = b"<p>Official news published at https://www.state.gov/lamps/</p>"
    server.says("/copy/", b"<html><head><title>Lamps</title></head><body><h1>Lamps</h1>" + body + b"</body></html>")
    said = run("trace", server.url("/copy/"))
    assert said.code == 0
    assert said.out.splitlines()[0].endswith(": unsourced")
    assert "names     https://www.state.gov/lamps/ (no statement is known there)" in said.out
    assert "note: https://www.state.gov/lamps/: dns" in said.err


def test_row_23_a_proxy_in_the_environment_is_ignored(
    run: Callable[..., Said], server: StateSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    server.says(PATH, rss(Piece(1)))
    assert run("-q", "fetch", "state").code == 0
    assert [path for path, _ in server.asked] == ["/robots.txt", PATH]
