"""Tests of every command with a folder that is read-only, a disk that is full, and a database that is locked."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from child import NOBODY, as_root, in_child, is_readable_by_all
from command import Said
from samples import FEED_URL, NOON, Piece, record, warc

from scraper import files
from scraper.cli import main
from scraper.cli.app import cli
from scraper.daemon import heartbeat
from scraper.delivery.retry import DeliveryResult
from scraper.delivery.transports.maildir import MaildirTransport
from scraper.store import Store, database

if TYPE_CHECKING:
    from collections.abc import Iterator


# Every command that uses the database, with arguments.
READING = {
    "list": [],
    "show": ["1"],
    "diff": [Piece(5).guid],
    "search": ["lamps"],
    "events": [],
    "copies": [],
    "quotes": [],
    "spread": ["1"],
    "source suggest": [],
    "outlets": [],
    "phrase": ["lamps"],
    "trace": ["page.html"],
    "alerts list": [],
    "alerts why": ["1"],
    "alerts replay": ["--watch", "all"],
    "alerts preview": ["--folder", "{elsewhere}"],
    "export statements": [],
    "export copies": [],
    "export events": [],
    "export evidence": ["1", "--output", "{elsewhere}/x.wacz"],
    "status": [],
    "doctor": [],
    "backup": ["{elsewhere}/copy.db"],
    "site": ["{elsewhere}/site"],
    "index build": ["{elsewhere}/x.index"],
}
WRITING = {
    "run": [],
    "fetch": [],
    "config discover": ["https://gazette.example/"],
    "source add": ["https://gazette.example/"],
    "demo": [],
    "import": ["x.warc.gz"],
    "alerts test": ["--to", "desk@example.org"],
    "alerts send": [],
    "alerts retry": ["1"],
    "alerts mute": ["1"],
    "alerts unmute": ["1"],
}
EDITING = {f"{group} {verb}" for group in ("watch", "source") for verb in ("add", "enable", "disable", "remove")}
WITHOUT_DATABASE = {"config check", "config show", "config schema", "watch list", "source list", "completion", "verify"}
SEVERAL_STEPS = {"init", "sweep", "web"}  # have tests of their own
WATCH = "watches: [{name: all, to: [desk@example.org]}]\n"


def commands(group: click.Group = cli, before: str = "") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def test_no_command_is_left_out() -> None:
    assert {*READING, *WRITING} | WITHOUT_DATABASE | EDITING | SEVERAL_STEPS == {*commands()}


@pytest.fixture
def folder(story_folder: Path) -> Iterator[Path]:
    """A folder that other users may enter; the temporary folders of pytest are private."""
    made = Path(tempfile.mkdtemp(prefix="statewire-test-"))
    made.chmod(0o755)
    for name in ("config.yaml", "statewire.db", "x.warc.gz"):
        shutil.copy(story_folder / name, made / name)
    (made / "page.html").write_text("<p>Lamps for the harbour</p>", encoding="utf-8")
    (made / "elsewhere").mkdir(mode=0o777)
    (made / "elsewhere").chmod(0o777)
    with (made / "config.yaml").open("a", encoding="utf-8") as file:
        file.write(WATCH)
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


def call(folder: Path, command: str, **limits: int) -> Said:
    """Run a command in a process of its own, with the database of the folder."""
    arguments = [each.format(elsewhere=folder / "elsewhere") for each in (READING | WRITING)[command]]

    def work() -> int:
        os.chdir(folder)
        database._BUSY_S = 0.2
        try:
            main(["--db", "statewire.db", *command.split(), *arguments])
        except SystemExit as ended:
            return int(ended.code or 0)
        return 98

    return in_child(work, **limits)


def is_one_line_and_5(said: Said) -> bool:
    (line,) = said.err.splitlines() or [""]
    assert "Traceback" not in said.err, said.err
    assert line.startswith("statewire: "), said
    assert ". " in line, "what to do is missing"
    return said.code == 5 and said.out == ""


needs_other_user = pytest.mark.skipif(not is_readable_by_all(), reason="another user cannot read this checkout")


@as_root
@needs_other_user
@pytest.mark.parametrize("command", [each for each in READING | WRITING if each not in {"backup", "doctor"}])
def test_a_read_only_folder_without_a_database(folder: Path, command: str) -> None:
    (folder / "statewire.db").unlink()
    assert is_one_line_and_5(call(folder, command, user=NOBODY))
    assert not (folder / "statewire.db").exists()


@as_root
@needs_other_user
@pytest.mark.parametrize("command", [each for each in WRITING if each != "demo"])
def test_a_read_only_folder_with_a_database(folder: Path, command: str) -> None:
    (folder / "statewire.db").chmod(0o644)
    before = (folder / "statewire.db").read_bytes()
    assert is_one_line_and_5(call(folder, command, user=NOBODY))
    assert (folder / "statewire.db").read_bytes() == before


@as_root
@needs_other_user
@pytest.mark.parametrize("command", READING)
def test_reading_in_a_read_only_folder(folder: Path, command: str) -> None:
    (folder / "statewire.db").chmod(0o644)
    before = (folder / "statewire.db").read_bytes()
    said = call(folder, command, user=NOBODY)
    assert said.code in ({0, 1, 3} if command in {"status", "doctor", "alerts replay"} else {0}), said
    assert "Traceback" not in said.err
    assert (folder / "statewire.db").read_bytes() == before


@pytest.mark.parametrize("command", READING | WRITING)
def test_a_full_disk(folder: Path, command: str) -> None:
    before = (folder / "statewire.db").read_bytes()
    assert is_one_line_and_5(call(folder, command, file_bytes=0))
    assert (folder / "statewire.db").read_bytes() == before
    # A folder with nothing but its lock is empty for the next run.
    left = {"site": ["site", ".statewire-site.lock"]}.get(command, [])
    assert [path.name for path in (folder / "elsewhere").rglob("*")] == left


@pytest.mark.parametrize("command", READING | WRITING)
def test_a_database_that_another_process_keeps_locked(folder: Path, command: str) -> None:
    with closing(sqlite3.connect(folder / "statewire.db")) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        said = call(folder, command)
    assert is_one_line_and_5(said)
    assert "locked" in said.err


# In the middle of a command


def cut_off(folder: Path, *arguments: str, file_bytes: int) -> Said:
    """Run a command whose files may not grow beyond a size that is enough to open the database."""

    def work() -> int:
        os.chdir(folder)
        try:
            main(["--db", "statewire.db", *arguments])
        except SystemExit as ended:
            return int(ended.code or 0)
        return 98

    return in_child(work, file_bytes=file_bytes)


def test_a_backup_that_does_not_fit_leaves_the_old_one(folder: Path) -> None:
    target = folder / "elsewhere" / "copy.db"
    target.write_bytes(b"the old one")
    assert (folder / "statewire.db").stat().st_size > 150_000
    said = cut_off(folder, "backup", "--force", str(target), file_bytes=100_000)
    assert is_one_line_and_5(said)
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]
    assert target.read_bytes() == b"the old one"


def test_a_preview_that_does_not_fit_leaves_no_file(folder: Path) -> None:
    target = folder / "elsewhere"
    (target / "event-1.eml").write_bytes(b"the old one")

    def work() -> int:
        write_whole = files.write_whole
        # What SQLite needs to open the database is more than a mail.
        files.write_whole = lambda path, content: write_whole(path, content * 100)
        return call_main(folder, ["alerts", "preview", "1", "--folder", str(target)])

    assert is_one_line_and_5(in_child(work, file_bytes=100_000))
    assert [(each.name, each.read_bytes()) for each in target.iterdir()] == [("event-1.eml", b"the old one")]


@pytest.mark.parametrize("arguments", [["list"], ["export", "statements"], ["events", "--json"], ["show", "1"]])
def test_output_that_does_not_fit(folder: Path, arguments: list[str]) -> None:
    def work() -> int:
        os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
        return call_main(folder, arguments)

    assert is_one_line_and_5(in_child(work))


def test_messages_that_do_not_fit_change_no_exit_code(folder: Path) -> None:
    def work() -> int:
        os.dup2(os.open("/dev/full", os.O_WRONLY), 2)
        return call_main(folder, ["show", "999"])

    assert in_child(work) == Said("", "", 2)


def call_main(folder: Path, arguments: list[str]) -> int:
    try:
        main(["--db", str(folder / "statewire.db"), *arguments])
    except SystemExit as ended:
        return int(ended.code or 0)
    return 98


def test_an_import_whose_temporary_file_does_not_fit(folder: Path) -> None:
    (folder / "statewire.db").unlink()
    big = record(NOON, b"<rss>" + os.urandom(400_000), FEED_URL)
    warc(folder / "big.warc.gz", big)
    said = cut_off(folder, "import", "big.warc.gz", file_bytes=300_000)
    assert said.code == 5
    assert said.err.count("\n") == 1
    with Store(folder / "statewire.db") as store:
        assert store.captures.count() == 0


def test_mail_into_a_full_folder_waits_whole(tmp_path: Path) -> None:
    def work() -> int:
        attempt = MaildirTransport(tmp_path / "mail").deliver(b"x" * 999, sender="", recipient="", message_id="1")
        print(attempt.detail)
        return 0 if attempt.result is DeliveryResult.RETRY else 1

    said = in_child(work, file_bytes=10)
    assert said.code == 0
    assert "cannot be written: File too large" in said.out
    assert [path for path in (tmp_path / "mail").rglob("*") if path.is_file()] == []


def test_metrics_on_a_full_disk_stay_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "statewire.prom"
    old = b"# HELP statewire_failing The old ones."
    path.write_bytes(old)

    def work() -> int:
        print(heartbeat._write(path, b"x" * 999))
        return 0

    assert "File too large" in in_child(work, file_bytes=10).out
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [(path.name, old)]
