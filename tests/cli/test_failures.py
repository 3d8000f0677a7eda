"""Tests of failures on the command line: exit code, one line with problem and place, no control characters."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from command import CONFIG, Said, rows
from fakes.mail_server import Handler, serve
from fakes.state_site import PATH, StateSite
from samples import NOON, Piece, poll_records, record, rss, warc

from scraper.cli import main
from scraper.errors import StatewireError
from scraper.store import Store
from scraper.store.locks import only_daemon
from scraper.store.upgrade import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOUR = timedelta(hours=1)


@pytest.mark.usefixtures("store")
def test_a_file_that_cannot_be_imported(run: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"guid": "1"}\n', encoding="utf-8")
    (tmp_path / "x.warc").write_text("no WARC", encoding="utf-8")
    for name, words in (
        ("nowhere.warc", "does not exist"),
        ("x.warc", "cannot be read as WARC"),
        ("x.jsonl", "x.jsonl:1"),
    ):
        said = run("import", name)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("statewire: ")
        assert words in said.err
        assert said.err.count("\n") == 1


@pytest.mark.usefixtures("store")
def test_a_broken_configuration_is_named_by_path_and_line(run: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        CONFIG.replace("role: archive", "role: king").replace("old", "state"), encoding="utf-8"
    )
    said = run("status")
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 2
    assert all(
        re.match(r"config\.yaml:\d+: the source “state” \(sources\[1\]\.", line) for line in said.err.splitlines()
    )
    said = run("--config", "nowhere.yaml", "status")
    assert said.code == 2
    assert said.err == "statewire: nowhere.yaml: does not exist; give another one with --config FILE\n"


def test_commands_that_need_no_configuration_work_without_one(story: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG + "broken: [", encoding="utf-8")
    assert story("list").code == 0
    assert story("search", "lamps").code == 0


def newer(path: Path) -> None:
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    connection.close()


def holed(path: Path) -> None:
    """A database of ours in which the pages after the first are gone."""
    Store(path).close()
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_text("hello " * 999), "not an SQLite database"),
        (foreign, "another program"),
        (newer, "later statewire"),
        (holed, "damaged"),
        (lambda path: path.mkdir(), "unable to open"),
    ],
)
@pytest.mark.parametrize("verb", [("list",), ("status", "--json"), ("import", "x.warc")])
def test_a_database_that_cannot_be_used_ends_with_5_and_one_line(
    run: Callable[..., Said], tmp_path: Path, make: Callable[[Path], None], words: str, verb: tuple[str, ...]
) -> None:
    warc(tmp_path / "x.warc", *poll_records(1))
    make(tmp_path / "statewire.db")
    said = run(*verb)
    assert (said.code, said.out) == (5, "")
    assert said.err.startswith("statewire: ")
    assert "statewire.db" in said.err
    assert words in said.err
    assert said.err.count("\n") == 1


@pytest.mark.usefixtures("store")
def test_with_v_the_place_of_an_error_is_shown_and_the_exit_code_stays(run: Callable[..., Said]) -> None:
    for arguments in (("-v", "show", "9"), ("--verbose", "show", "9")):
        said = run(*arguments)
        assert said.code == 2
        assert "Traceback" in said.err
        assert said.err.splitlines()[-1].startswith("statewire: there is no statement “9”")
    said = run("search", "--", "-v")
    assert "Traceback" not in said.err


def test_ctrl_c_ends_with_130(run: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scraper.pipeline.import_files.try_read", interrupted)
    said = run("import", str(warc(tmp_path / "x.warc", *poll_records(1))))
    assert (said.code, said.out) == (130, "")
    assert said.err.splitlines()[-1] == "statewire: stopped"
    assert "Traceback" not in said.err
    assert rows(run("list", "--json")) == []


@pytest.mark.usefixtures("store")
def test_an_unexpected_error_is_not_dressed_up(run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("scraper.store.statements.Statements.find", breaks)
    with pytest.raises(ZeroDivisionError):
        main(["--db", "statewire.db", "list"])


def test_every_error_of_ours_has_an_exit_code_that_the_help_names() -> None:
    def tree(kind: type[StatewireError]) -> set[int]:
        return {kind.exit_code}.union(*(tree(child) for child in kind.__subclasses__()))

    assert tree(StatewireError) == {1, 2, 3, 4, 5, 75}


# Hostile words from outside


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31mLamps\r\n\u202efdp.exe\u202c \u2066x\u2069\x00 for \x7fHarbour"


def test_no_word_from_outside_can_move_the_cursor(run: Callable[..., Said], tmp_path: Path) -> None:
    rows_ = [
        {
            "guid": HOSTILE,
            "url": "https://www.state.gov/\x1b[2J/",
            "title": HOSTILE,
            "byline": HOSTILE,
            "type": HOSTILE,
            "published_at": "2026-03-01",
            "captured_at": f"2026-03-0{day}T00:00:00Z",
            "text": f"{HOSTILE} {day}.\n\n{HOSTILE} again.",
        }
        for day in (1, 2)
    ]
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows_), encoding="utf-8")
    bad_file = tmp_path / "\x1b[31m.warc"
    bad_file.write_bytes(b"no WARC")
    saids = [
        run("import", str(path)),
        run("import", str(bad_file)),
        *(run(*arguments) for arguments in (["list"], ["show", "1"], ["show", "1", "--text"], ["diff", "1"])),
        *(run(*arguments) for arguments in (["search", "lamps"], ["events"], ["show", HOSTILE], ["fetch", HOSTILE])),
    ]
    for said in saids:
        printed = said.out + said.err
        assert printed
        assert set(re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", printed)) == set()
    # Of what is shown, nothing turns the line around; `--text` alone gives a text letter by letter.
    for said in (*saids[:4], *saids[5:]):
        assert re.findall("[\u202a-\u202e\u2066-\u2069]", said.out + said.err) == []
    assert run("list", "--json").json[0]["title"].count("\n") == 0


def test_json_keeps_every_letter(run: Callable[..., Said], tmp_path: Path) -> None:
    title = "Größe – „naïve“ نص 声明 🕯"
    run("import", str(warc(tmp_path / "x.warc", record(NOON, rss(Piece(1, title))))))
    said = run("list", "--json")
    assert said.json[0]["title"] == title
    assert title in said.out


# fetch, as far as it goes without a network


def no_network(*_: object, **__: object) -> None:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def test_fetch_without_a_network_ends_with_4_and_one_line(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(time, "sleep", lambda _: None)  # the pause that state.gov asks for
    said = run("-q", "fetch", "https://www.state.gov/lamps/")
    assert (said.code, said.out) == (4, "")
    assert said.err.startswith("statewire: https://www.state.gov/lamps/: dns (")
    assert "Check the network" in said.err
    assert said.err.count("\n") == 1
    said = run("-q", "fetch", "https://www.state.gov/lamps/", "--json")
    assert (said.code, said.json) == (4, [])
    said = run("fetch")
    assert said.code == 4
    assert said.out.startswith("state: nothing could be fetched: www.state.gov: dns (")
    (row,) = run("-q", "fetch", "--json").json
    assert (row["source"], row["ok"], row["served_by"], row["attempts"][0]["outcome"]) == ("state", False, None, "dns")
    assert rows(run("list", "--json")) == []


def test_a_source_at_a_private_address_names_the_setting(run: Callable[..., Said], tmp_path: Path) -> None:
    private = CONFIG.replace("https://www.state.gov/", "http://127.0.0.1:8777/")
    assert private != CONFIG
    (tmp_path / "config.yaml").write_text(private, encoding="utf-8")
    said = run("fetch")
    assert said.code == 4
    assert "127.0.0.1:8777: blocked address" in said.out
    assert "robots.txt" not in said.out
    assert "list it as HOST:PORT in `fetch.allow_private`" in said.err


@pytest.mark.parametrize("command", ["fetch", "trace"])
@pytest.mark.parametrize("url", ["ftp://x.example/", "file:///etc/passwd", "htp://www.state.gov/"])
def test_a_url_of_another_scheme_is_wrong_usage(run: Callable[..., Said], command: str, url: str) -> None:
    said = run(command, url)
    assert (said.code, said.out) == (2, "")
    assert said.err == f"statewire: “{url}” cannot be fetched. A URL begins with https:// or http://\n"


def test_fetch_says_what_waits_until_when_and_why(run: Callable[..., Said], tmp_path: Path) -> None:
    """A watch has quiet hours, another one a digest, and `alerts send` and `doctor` say the same; `-q` is quiet."""
    now = datetime.now(UTC)
    quiet = f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=2):%H:%M}"
    digest = now + timedelta(hours=3)
    with StateSite() as site:
        watches = (
            "watches:\n"
            f'  - {{name: Night, to: [night@example.org], quiet: "{quiet}"}}\n'
            f"  - {{name: Daily, to: [daily@example.org], deliver: daily {digest:%H:%M}}}\n"
        )
        (tmp_path / "config.yaml").write_text(site.config + watches, encoding="utf-8")
        poll(site, Piece(1))
        run("-q", "fetch")
        poll(site, Piece(2), Piece(1), at=NOON + timedelta(hours=1))
        said = run("fetch")
        assert said.code == 0
        end = f"{now + timedelta(hours=2):%Y-%m-%d %H:%M} UTC"
        waits = f"2 messages wait: 1 until {end} (quiet hours), 1 until {digest:%Y-%m-%d %H:%M} UTC (digest)"
        parts = sorted(waits.partition(": ")[2].split(", "))
        for words in (said.err, run("alerts", "send").err):
            (line,) = [line for line in words.splitlines() if "wait" in line]
            counted, _, rest = line.partition(": ")
            assert counted == "2 messages wait"
            assert sorted(rest.partition(";")[0].split(", ")) == parts
            assert line.endswith("; `statewire run`, `fetch` and `alerts send` send what is due")
        assert "no overdue messages; 2 messages wait: 1 until" in run("doctor").out
        held = f"waits until then for the end of the quiet hours {quiet} (UTC) of the watch Night"
        assert held in " ".join(run("alerts", "list").out.split())
        assert run("-q", "alerts", "send") == Said("", "", 0)
        with only_daemon(tmp_path / "statewire.db"):
            assert "send what is due" not in run("alerts", "send").err


def test_fetch_of_what_is_not_configured(run: Callable[..., Said], tmp_path: Path) -> None:
    said = run("fetch", "nobody")
    assert said.code == 2
    assert "there is no source named “nobody”" in said.err
    assert "state, old" in said.err
    config = CONFIG.replace("role: canonical", "role: canonical\n    enabled: false")
    (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
    assert "no source is enabled" in run("fetch").err


def test_the_network_is_doubted_only_if_nothing_was_reached_and_a_problem_is_said_once(
    run: Callable[..., Said], tmp_path: Path
) -> None:
    with StateSite() as site:
        (tmp_path / "config.yaml").write_text(site.config, encoding="utf-8")
        site.says(PATH, rss(Piece(1)).replace(b"</channel>", b"<item></item></channel>"))
        alone, both = run("fetch", "nobody"), run("fetch", "state", "nobody")
        url = f"http://{site.place}{PATH}"
        twice = run("fetch", "--dry-run", url, url)
    assert (alone.code, both.code) == (4, 3)
    assert "Nothing could be reached. Are you online?" in alone.err
    assert "Are you online?" not in both.err
    assert twice.err.count("note: ") == 1, twice.err


def poll(site: StateSite, *pieces: Piece, at: datetime = NOON) -> None:
    site.says(PATH, rss(*pieces, built=at), etag=f'"{len(pieces)}-{at:%H}"')


def test_a_quiet_poll_prints_nothing_if_nothing_happened(run: Callable[..., Said], tmp_path: Path) -> None:
    with StateSite() as site:
        (tmp_path / "config.yaml").write_text(site.config, encoding="utf-8")
        poll(site, Piece(1))
        assert "already there when monitoring began: 1 statement" in run("-q", "fetch").out
        assert run("-q", "fetch") == Said("", "", 0)
        poll(site, Piece(1), at=NOON + timedelta(hours=1))
        assert run("-q", "fetch") == Said("", "", 0)
        assert run("fetch").out == f"state: nothing changed at http://{site.place}{PATH}\n"
        poll(site, Piece(2), Piece(1), at=NOON + timedelta(hours=2))
        assert "Published: " in run("-q", "fetch").out
        assert "nobody: nothing could be fetched" in run("-q", "fetch", "nobody").out


def test_quiet_commands_say_nothing_about_what_they_did(run: Callable[..., Said], tmp_path: Path) -> None:
    assert run("import", str(warc(tmp_path / "x.warc", record(NOON, rss(Piece(1)))))).code == 0
    for words in (
        "watch add First --to a@b.org",
        "watch disable First",
        "watch enable First",
        "watch remove First",
        "alerts mute 1",
        "alerts unmute 1",
        "alerts retry",
        "source disable state",
        "source enable state",
        "config check",
        "backup copy.db",
        "site pages",
    ):
        assert run("-q", *words.split()) == Said("", "", 0), words


@pytest.mark.parametrize(("is_up", "code"), [(True, 0), (False, 3)])
def test_a_poll_whose_mail_is_not_delivered_ends_with_3_and_a_warning(
    run: Callable[..., Said], tmp_path: Path, is_up: bool, code: int
) -> None:
    server = serve(Handler())
    if not is_up:
        server.stop()
    smtp = f"{{host: 127.0.0.1, port: {server.port}, security: none}}"
    alerts = f"alerts: {{deliver: smtp, smtp: {smtp}}}\nwatches: [{{name: Desk, to: [desk@example.org]}}]\n"
    try:
        with StateSite() as site:
            (tmp_path / "config.yaml").write_text(site.config + alerts, encoding="utf-8")
            poll(site, Piece(1))
            assert run("-q", "fetch").code == 0
            poll(site, Piece(2), Piece(1), at=NOON + timedelta(hours=1))
            said = run("-q", "fetch")
            assert (said.code, "warning: message 1 to desk@example.org waits: " in said.err) == (code, not is_up)
            assert ("warning: " in said.err) is not is_up
            # Nothing was due, so nothing was tried.
            assert run("-q", "fetch").code == 0
    finally:
        if is_up:
            server.stop()


def test_a_walk_through_the_past_says_that_a_feed_has_none(run: Callable[..., Said], tmp_path: Path) -> None:
    with StateSite() as site:
        (tmp_path / "config.yaml").write_text(site.config, encoding="utf-8")
        poll(site, Piece(1))
        said = run("fetch", "state", "--since", "2026-01-01")
        assert "note: state: a feed has only the newest items, so nothing older was read." in said.err
        assert f"config discover http://{site.place}/" in said.err
        assert "a feed has only" not in run("fetch", "state").err


def test_a_fetch_into_another_database_reports_nothing_to_the_operator(
    run: Callable[..., Said], tmp_path: Path, new_database: bytes
) -> None:
    with StateSite() as site:
        own = "alerts: {operator: [ops@example.org]}\ndatabase: own.db\n"
        (tmp_path / "config.yaml").write_text(site.config + own, encoding="utf-8")
        poll(site, Piece(1))
        (tmp_path / "own.db").write_bytes(new_database)
        for db, reports in (("demo.db", 0), ("own.db", 1)):
            assert run("fetch", db=db).code == 0
            with closing(sqlite3.connect(tmp_path / db)) as opened, opened:
                opened.execute("UPDATE sources SET first_filled_at = '2020-01-01T00:00:00Z'")
            assert run("fetch", db=db).code == 0
            found = [row["kind"] for row in run("alerts", "list", "--json", db=db).json]
            assert found.count("still watching") == reports, db


def test_a_feed_at_an_address_that_is_not_allowed_gets_that_advice(run: Callable[..., Said]) -> None:
    said = run("source", "add", "http://127.0.0.1:8801/feed/", "--role", "canonical", "--name", "x")
    assert said.code == 4
    assert "list it as HOST:PORT in `fetch.allow_private`" in said.err
    assert "front page" not in said.err


def test_a_source_that_is_off_has_no_problem(run: Callable[..., Said], tmp_path: Path) -> None:
    with StateSite() as site:
        (tmp_path / "config.yaml").write_text(site.config, encoding="utf-8")
        site.says(PATH, b"gone", status=500)
        for _ in range(3):
            assert run("fetch").code == 4
        assert "broken since" in run("status").out
        assert run("source", "disable", "state").code == 0
        said = run("status").out
        assert "switched off; last success never\n" in said
        assert "broken" not in said
        assert "no enabled source has been polled yet" in said
