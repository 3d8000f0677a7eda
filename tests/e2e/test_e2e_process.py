"""Tests of the command as a process: in pipes, interrupted, beside another one."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from command import CONFIG
from fakes.state_site import PATH, StateSite
from samples import NOON, ROOT, Piece, poll_records, record, rss, warc

if TYPE_CHECKING:
    from pathlib import Path

STATEWIRE = [sys.executable, "-c", "from scraper.cli import main; main()", "--db", "x.db"]


def begin(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    if not (folder / "config.yaml").exists():
        (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    return subprocess.Popen(
        [*STATEWIRE, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
    )


def run(folder: Path, *arguments: str, **environment: str) -> tuple[str, str, int]:
    process = begin(folder, *arguments, **environment)
    out, err = process.communicate()
    return out, err, process.returncode


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of some hundred statements."""
    folder = tmp_path_factory.mktemp("filled")
    pieces = [Piece(n) for n in range(1, 400)]
    path = warc(folder / "x.warc.gz", record(NOON, rss(Piece(1000, "Größe – “naïve” نص"), *pieces)))
    assert run(folder, "-q", "import", str(path))[1:] == ("", 0)
    return folder


def test_a_source_is_asked_over_http(tmp_path: Path) -> None:
    with StateSite() as server:
        server.says(PATH, rss(Piece(1), Piece(2)))
        (tmp_path / "config.yaml").write_text(server.config, encoding="utf-8")
        out, err, code = run(tmp_path, "fetch", "--json")
    assert code == 0
    (report,) = json.loads(out)
    assert [event["title"] for event in report["events"]] == ["Lamps for Harbour 1", "Lamps for Harbour 2"]
    assert f"requesting {server.url(PATH)}" in err


@pytest.mark.parametrize("arguments", [["list"], ["events", "--json"]])
def test_a_reader_that_has_had_enough(filled: Path, arguments: list[str]) -> None:
    process = begin(filled, *arguments)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() == 0


def test_a_terminal_that_knows_few_letters(filled: Path) -> None:
    out, err, code = run(filled, "search", "naive", "--json", PYTHONIOENCODING="latin-1")
    assert (err, code) == ("", 0)
    assert json.loads(out)[0]["title"] == "Gr\udcf6\udcdfe – “na\udcefve” نص"


def captures_in(db: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM captures").fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # not made yet, or being made


def test_an_interrupted_import_leaves_what_it_had_and_goes_on(tmp_path: Path) -> None:
    path = warc(tmp_path / "x.warc.gz", *poll_records(250))
    process = begin(tmp_path, "import", str(path))
    os.setpriority(os.PRIO_PROCESS, process.pid, 19)  # on a busy machine it would be done before we look
    until = time.monotonic() + 300
    while captures_in(tmp_path / "x.db") == 0 and time.monotonic() < until:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out, err.split("\n\n")) == (130, "", ["created x.db", "statewire: stopped\n"])
    had = captures_in(tmp_path / "x.db")
    assert had % 64 == 0
    assert had > 0
    done: Any = json.loads(run(tmp_path, "-q", "import", str(path), "--json")[0])
    assert (done["captures"], done["known"]) == (250, had)


def test_two_commands_at_once_on_one_database(tmp_path: Path) -> None:
    paths = [warc(tmp_path / f"{n}.warc.gz", *poll_records(100)[n::2]) for n in range(2)]
    processes = [begin(tmp_path, "-q", "import", str(path)) for path in paths]
    assert [(process.communicate()[1], process.returncode) for process in processes] == [("", 0), ("", 0)]
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        assert connection.execute("SELECT count(*) FROM captures").fetchone() == (100,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        twice = "SELECT count(*) FROM events WHERE kind = 'statement.published' GROUP BY guid HAVING count(*) > 1"
        assert connection.execute(twice).fetchall() == []


def test_a_person_at_a_terminal_sees_a_bar_that_goes_away(tmp_path: Path) -> None:
    path = warc(tmp_path / "x.warc.gz", *poll_records(70))
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*STATEWIRE, "import", str(path), "--json"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError):  # which is how a terminal ends
        while piece := os.read(ours, 65536):
            seen += piece
    os.close(ours)
    out, _ = process.communicate()
    assert process.returncode == 0
    assert json.loads(out)["captures"] == 70
    assert b"captures" in seen
    assert b"70/70" in seen
