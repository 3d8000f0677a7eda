"""Tests of output within the width of the terminal, of plurals, and of what is said once."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from bounded import bounded
from child import in_child
from command import CONFIG
from samples import Piece, rss
from test_failures import no_network

from scraper.cli import layout, main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Said

LONG = Piece(
    90,
    title="Secretary Quill’s Call with the Foreign Minister of the Confederated Valleys and the Upper Harbours of Oren",
    body=("The United States gives " + "many lamps to the keepers of the harbour, " * 9 + "and more.", "Second."),
    slug="a-call-with-a-very-long-url-that-no-terminal-can-show-on-one-line-because-it-has-more-than-a-hundred-letters",
)
WIDE = Piece(
    91,
    title="国務長官と外務大臣との電話会談について、および港の灯火に関する共同声明の発表について、川の航行に関する合意",
)
COMMANDS = [
    ("list",),
    ("list", "--country", "Lao"),
    ("list", "--since", "the day before yesterday"),
    ("alerts", "list"),
    ("alerts", "list", "--state", "failed"),
    ("alerts", "why", "2"),
    ("watch", "list"),
    ("source", "list"),
    ("config", "check"),
    ("copies",),
    ("lists",),
    ("show", LONG.guid),
    ("events",),
    ("search", "lamps"),
    ("diff", Piece(5).guid),
    ("status",),
    ("doctor",),
    ("trace", "page.txt"),
    ("import", "x.warc.gz"),
    ("fetch",),
    ("--help",),
    ("show", "--help"),
    ("fetch", "--help"),
]


@pytest.fixture(scope="module")
def long_folder(story_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story with titles and texts that no terminal shows on one line."""
    folder = tmp_path_factory.mktemp("long")
    shutil.copytree(story_folder, folder, dirs_exist_ok=True)
    lines = [
        {"guid": piece.guid, "url": piece.url, "title": piece.title, "published_at": "2026-03-02T12:00:00Z"}
        | {"text": "\n\n".join(piece.body)}
        for piece in (LONG, WIDE)
    ]
    texts, page = folder / "long.jsonl", folder / "page.txt"
    texts.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    page.write_text("\n\n".join((LONG.title, *LONG.body)), encoding="utf-8")
    config, db = folder / "config.yaml", folder / "statewire.db"
    with pytest.raises(SystemExit) as ended:
        main(["-q", "--config", str(config), "--db", str(db), "import", str(texts)])
    assert ended.value.code == 0
    return folder


@pytest.fixture
def long(run: Callable[..., Said], tmp_path: Path, long_folder: Path) -> Callable[..., Said]:
    """The whole command over a copy of what is in `long_folder`."""
    shutil.copytree(long_folder, tmp_path, dirs_exist_ok=True)
    return run


@pytest.mark.parametrize("width", [40, 72, 80, 120])
@pytest.mark.parametrize("arguments", COMMANDS)
def test_no_line_is_longer_than_the_terminal(
    long: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, width: int, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setenv("COLUMNS", str(width))
    said = long(*arguments)
    lines = f"{said.out}{said.err}".splitlines()
    assert lines
    # Help, and the usage above an error, is written by click, which needs 50 columns.
    least = 50 if width < 50 and "Usage: " in f"{said.out}{said.err}" else width
    for line in lines:
        assert layout.cells(line) <= least or "://" in line or "statewire --db" in line, line


def test_no_title_is_lost_on_a_narrow_terminal(long: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    titles = [row["title"] for row in long("list", "--json").json]
    monkeypatch.setenv("COLUMNS", "40")
    for command in ("list", "events"):
        words = re.sub(r"\s", "", long(command).out)  # titles in scripts without blanks are broken too
        assert [title for title in titles if re.sub(r"\s", "", title) not in words] == []


@pytest.mark.parametrize("width", [40, 72])
@pytest.mark.parametrize(
    "arguments", [("alerts", "list"), ("alerts", "why", "9"), ("events",), ("diff", "4"), ("list",), ("copies", "4")]
)
def test_what_the_demo_has_found_fits_the_terminal(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, width: int, arguments: tuple[str, ...]
) -> None:
    run("demo", "--json")
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run(*arguments).out.splitlines()
    assert lines
    for line in lines:
        # What no terminal of 40 columns can show on a line is not broken, so that it can be copied.
        url = next((word for word in line.split() if "://" in word), "")
        assert layout.cells(line) <= width or layout.cells(url) > width - 12, line


def test_the_terminal_s_own_width_counts(long: Callable[..., Said], tmp_path: Path) -> None:
    def work() -> int:
        import fcntl
        import struct
        import termios

        ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        os.dup2(theirs, 1)
        os.chdir(tmp_path)
        with suppress(SystemExit):
            main(["--db", "statewire.db", "list"])
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.close(theirs)
        output = b""
        with suppress(OSError):  # the end
            while more := os.read(ours, 100_000):
                output += more
        lines = output.decode().splitlines()
        return 10 + all(layout.cells(line) <= 60 for line in lines) + 2 * any("…" in line for line in lines)

    assert in_child(work).code == 13


def test_rows_stay_rows_and_keep_what_follows_the_title(
    long: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = long("list").out.splitlines()
    assert any(LONG.title in line for line in whole)  # into a pipe or file
    monkeypatch.setenv("COLUMNS", "72")
    cut = long("list").out.splitlines()
    assert len(cut) == len(whole)
    for row, full in zip(cut, whole, strict=True):
        assert row == full or "…" in row
        assert re.findall(r" \[\d wordings\]| WITHDRAWN", row) == re.findall(r" \[\d wordings\]| WITHDRAWN", full)


def test_json_is_the_same_at_any_width(long: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = [("list", "--json"), ("export", "events"), ("show", LONG.guid, "--text"), ("config", "show")]
    before = [long(*each).out for each in arguments]
    monkeypatch.setenv("COLUMNS", "40")
    assert [long(*each).out for each in arguments] == before


def test_lines_break_at_blanks_and_never_before_or_within_a_url() -> None:
    url = "https://www.state.gov/" + "x" * 90
    assert layout.wrap("  one two three", 10, 2) == ["  one two", "    three"]
    assert layout.wrap(f"  at {url} gone", 40, 2) == [f"  at {url}", "    gone"]
    # A URL that fits on a line of its own is not broken by the terminal.
    short = "https://stl.news/another-story"
    broken = ["       at", f"         {short}", "         98 % of it"]
    assert layout.wrap(f"       at   {short} 98 % of it", 40, 2) == broken
    # One that does not fit anywhere stays behind a label, and begins a line behind more than that.
    assert layout.wrap(f"one two three four five {url}", 40, 2) == ["one two three four five", f"  {url}"]
    # A command is one word, so that it can be copied.
    assert layout.wrap("There are none. `statewire fetch merrow` polls.", 32, 0) == [
        "There are none.",
        "`statewire fetch merrow` polls.",
    ]
    assert layout.wrap("Poll it now: statewire --config a.yaml fetch merrow", 20) == [
        "Poll it now:",
        "statewire --config a.yaml fetch merrow",
    ]
    assert layout.wrap("Poll it now, please: statewire fetch a", 24, 0) == ["Poll it now, please:", "statewire fetch a"]
    assert layout.wrap("a ` b c d e f", 5, 0) == ["a ` b", "c d e", "f"]
    assert layout.wrap("short   words", 40) == ["short   words"]
    assert layout.wrap("x" * 50, 20) == ["x" * 50]
    assert layout.wrap("  " + "国" * 30, 40, 2) == ["  " + "国" * 19, "    " + "国" * 11]
    assert layout.wrap(" " * 50 + "国国", 40) == [" " * 50 + "国国"]
    with bounded():
        assert len(layout.wrap("国" * 200_000, 72)) > 5_000
        assert len(layout.wrap("word " * 40_000, 72)) > 2_000
        assert len(layout.wrap("`a ` " * 40_000, 72)) > 2_000
        assert layout.wrap(": statewire " * 20_000, 72)
    colored = layout.wrap("国" * 17 + "\x1b[31m国国\x1b[0m" + "国" * 9, 40)
    assert [line.count("\x1b") - len(re.findall("\x1b\\[\\d+m", line)) for line in colored] == [0] * len(colored)
    assert layout.cells("\x1b[1m国\x1b[0ma") == 3


def test_a_style_ends_with_each_line_and_leaves_the_indent_out(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("demo", "--json")
    monkeypatch.setenv("COLUMNS", "60")
    lines = run("--color", "always", "diff", "4").out.splitlines()
    struck = [line for line in lines if "\x1b[9m" in line]
    assert len(struck) > 2  # the removed sentence is longer than a line
    assert [line for line in struck if not line.endswith("\x1b[0m") and "\x1b[0m" not in line] == []
    assert [line for line in lines if line.startswith("\x1b[31m")] == []
    assert all(line.startswith("  ") for line in struck)


@pytest.mark.parametrize("value", ["", "0", "-3", "wide", "999999999999", "７２"])
def test_a_width_that_is_none_is_ignored(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("COLUMNS", value)
    assert layout.columns() is None


# What is said once, and in the right number


def test_each_failing_source_is_one_line_and_the_network_is_asked_for_once(
    run: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    endpoints = "[{kind: feed, url: https://www.state.gov/feed/}, {kind: listing, url: https://www.state.gov/press/}]"
    more = f"  - name: more\n    role: canonical\n    endpoints: {endpoints}\n"
    (tmp_path / "config.yaml").write_text(CONFIG + more, encoding="utf-8")
    said = run("fetch")
    assert said.code == 4
    assert [line.partition(":")[0] for line in said.out.splitlines()] == ["state", "more"]
    assert said.err.splitlines()[-1] == "Nothing could be reached. Are you online?"
    assert len(said.err.splitlines()) == len(set(said.err.splitlines()))
    assert "https://www.state.gov/press/" in run("-v", "fetch").out


def test_a_block_is_no_missing_network(run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 443))])
    monkeypatch.setattr(time, "sleep", lambda _: None)
    said = run("fetch")
    assert said.code == 4
    assert "blocked address" in said.out
    assert "online" not in said.err


def test_numbers_agree_with_their_nouns(run: Callable[..., Said], tmp_path: Path) -> None:
    from samples import NOON, record, warc

    warc(tmp_path / "one.warc", record(NOON, rss(Piece(1))))
    assert run("import", "one.warc").out == (
        "1 capture read: 1 new, 0 known before, 0 skipped\n1 new statement, 1 event; the database has 1 statement\n"
    )
    first, *_ = run("status").out.splitlines()
    assert first == "statewire.db: 1 statement, 1 event, 1 capture; 0 copies on 0 pages of other sites"


def test_an_import_gives_the_reason_for_each_capture_that_it_skips(run: Callable[..., Said], tmp_path: Path) -> None:
    from samples import NOON, record, warc

    future = NOON.replace(year=2999)
    records = (record(NOON, rss(Piece(1))), record(future, rss(Piece(2))), record(NOON, b"oops", status=500))
    warc(tmp_path / "x.warc", *records)
    said = run("import", "x.warc")
    assert said.out.splitlines()[0] == (
        "3 captures read: 1 new, 0 known before, 2 skipped (1 with a time in the future, 1 not readable)"
    )
    assert run("import", "x.warc", "--json").json["skipped"] == {"with a time in the future": 1}
