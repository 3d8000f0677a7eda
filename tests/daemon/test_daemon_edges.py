"""Tests of the daemon and its system: the lock, notifications of systemd, the log."""

from __future__ import annotations

import errno
import fcntl
import grp
import json
import logging
import os
import signal
import socket
import stat
import sys
import threading
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from child import as_root, in_child

from scraper.cli import run as run_command
from scraper.daemon.main import serve
from scraper.daemon.sd_notify import Notifier
from scraper.errors import LockedError, StoreError
from scraper.store import Store
from scraper.store.locks import SENDING, lock_file, only_daemon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


# The lock


def test_one_daemon_for_a_database_whatever_it_is_called(tmp_path: Path) -> None:
    alias = tmp_path / "alias.db"
    alias.symlink_to(tmp_path / "x.db")
    with only_daemon(tmp_path / "x.db"), only_daemon(tmp_path / "other.db"):
        for name in (tmp_path / "x.db", alias):
            with pytest.raises(LockedError, match=rf"\(process {os.getpid()}\)") as caught, only_daemon(name):
                pytest.fail("two daemons")
            assert caught.value.exit_code == 75
    with only_daemon(alias):
        assert (tmp_path / "x.db.lock").read_text(encoding="ascii") == f"{os.getpid()}\n"


def test_one_daemon_for_a_file_whatever_its_names_are(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    with only_daemon(tmp_path / "x.db"):
        for name in (tmp_path / "link.db", tmp_path / "elsewhere" / "x.db"):
            name.hardlink_to(tmp_path / "x.db")
            with pytest.raises(LockedError, match="under another name of that file") as caught, only_daemon(name):
                pytest.fail("two daemons")
            assert caught.value.exit_code == 75
            assert "find FOLDER -samefile" in caught.value.hint
    with only_daemon(tmp_path / "link.db"):
        assert (tmp_path / "link.db.lock").read_text(encoding="ascii") == f"{os.getpid()}\n"


def test_the_lock_ends_neither_with_connections_nor_with_other_readers_of_the_file(tmp_path: Path) -> None:
    with only_daemon(tmp_path / "x.db"):
        Store(tmp_path / "x.db").close()
        (tmp_path / "x.db").read_bytes()
        (tmp_path / "link.db").hardlink_to(tmp_path / "x.db")
        with pytest.raises(LockedError), only_daemon(tmp_path / "link.db"):
            pytest.fail("two daemons")


@pytest.mark.parametrize("failure", [errno.ENOLCK, errno.EINVAL])
def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: int) -> None:
    def refuse(*_: object) -> None:
        raise OSError(failure, os.strerror(failure))

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    with pytest.raises(StoreError, match="cannot be locked") as caught, only_daemon(tmp_path / "x.db"):
        pytest.fail("held no lock")
    assert (caught.value.exit_code, caught.value.hint) == (5, "put it on a local disk")


def test_a_lock_file_on_a_full_disk(tmp_path: Path) -> None:
    def start() -> int:
        try:
            with only_daemon(tmp_path / "x.db"):
                return 0
        except StoreError as error:
            print(error)
            return error.exit_code

    said = in_child(start, file_bytes=0)
    assert said.code == 5
    assert "x.db.lock cannot be written" in said.out


@as_root
def test_a_daemon_gives_its_files_to_the_configured_group(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    group = grp.getgrall()[-1]
    config = "fetch: {contact: https://monitor.invalid/about}\nsources: []\ndatabase: data/x.db\n"
    (tmp_path / "config.yaml").write_text(f"{config}database_group: {group.gr_name}\n", encoding="utf-8")
    (tmp_path / "data").mkdir(0o700)

    def start() -> int:
        threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
        logging.basicConfig(stream=sys.stdout, level=logging.INFO, force=True)
        return serve(tmp_path / "config.yaml", None)

    said = in_child(start)
    assert said.code == 0, said
    assert f"chgrp {group.gr_gid}" in said.out
    found = {path.name: path.stat() for path in (tmp_path / "data").iterdir()}
    assert {(stat.S_IMODE(each.st_mode), each.st_gid) for each in found.values()} == {(0o640, group.gr_gid)}
    assert {"x.db", "x.db.lock"} <= set(found)


def test_two_names_have_one_lock_of_senders(tmp_path: Path) -> None:
    (tmp_path / "alias.db").symlink_to(tmp_path / "x.db")
    with lock_file(tmp_path / "x.db", SENDING) as (_, is_first), lock_file(tmp_path / "alias.db", SENDING) as (_, both):
        assert (is_first, both) == (True, False)


def test_a_lock_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(StoreError, match="cannot be opened"), only_daemon(tmp_path / "file" / "x.db"):
        pytest.fail("held a lock that is nowhere")


# systemd


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(5)
        yield listening


def test_systemd_is_notified(systemd: socket.socket, tmp_path: Path) -> None:
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "120000000"})
    assert notifier.watchdog_s == 120.0
    notifier.send("READY=1", "STATUS=3 sources")
    notifier.send("STATUS=two\nlines")
    said = [systemd.recv(500).decode() for _ in range(2)]
    assert said == ["READY=1\nSTATUS=3 sources", "STATUS=two lines"]


def test_a_name_without_a_file() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0statewire-test-{os.getpid()}")
        listening.settimeout(5)
        Notifier.from_environment({"NOTIFY_SOCKET": f"@statewire-test-{os.getpid()}"}).send("WATCHDOG=1")
        assert listening.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize(
    "environment",
    [{}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "9000000", "WATCHDOG_PID": "1"}],
)
def test_without_a_listener_nothing_is_sent(environment: dict[str, str]) -> None:
    assert Notifier.from_environment(environment) == Notifier()
    Notifier.from_environment(environment).send("WATCHDOG=1")
    Notifier("/nowhere/at/all").send("WATCHDOG=1")


# The log


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return the lines logged since the last call."""
    return lambda: capsys.readouterr().err


def journal() -> dict[str, str]:
    """Return the environment of a process whose stderr is connected to the journal."""
    stderr = os.fstat(2)
    return {"JOURNAL_STREAM": f"{stderr.st_dev}:{stderr.st_ino}"}


FORGED = "Lamps\n<0>2026-01-01 00:00:00Z all is lost\x1b[2J\u2028\r\u202e"


def fail(words: str) -> None:
    try:
        raise KeyError(words)
    except KeyError as error:
        logging.getLogger("statewire").exception("a: %s", error, extra={"source": "a"})


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("is_journal", [False, True])
@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
def test_no_words_from_outside_make_a_line_of_their_own(
    logged: Callable[[], str], log_format: str, is_journal: bool, level: int
) -> None:
    run_command.set_up_log(log_format, level, journal() if is_journal else {})
    logging.getLogger("statewire").info("state: %s", FORGED)
    fail(FORGED)
    lines = logged().splitlines()
    assert len(lines) == 2
    assert all("all is lost" in line and "\x1b" not in line for line in lines)
    assert not any(line.startswith("<0>") for line in lines)


def test_lines_for_people_and_for_the_journal(logged: Callable[[], str]) -> None:
    run_command.set_up_log("text", logging.INFO, {})
    log = logging.getLogger("statewire")
    log.info("one")
    log.warning("two")
    log.debug("not heard")
    logging.getLogger("httpx").info("not heard")
    fail("x")
    one, two, failed = logged().splitlines()
    assert datetime.fromisoformat(one.removesuffix(" one")).tzinfo is not None
    assert two.endswith("Z warning: two")
    assert failed.endswith("error: a: 'x' (KeyError, test_daemon_edges.py:" + failed.rpartition(":")[2])
    run_command.set_up_log("text", logging.INFO, journal())
    log.info("one")
    log.warning("two")
    log.error("three")
    log.critical("four")
    assert logged() == "<6>one\n<4>two\n<3>three\n<2>four\n"


@pytest.mark.parametrize("stream", ["8:1", "", "1"])
def test_stderr_that_leads_elsewhere_than_to_the_journal_has_its_times(logged: Callable[[], str], stream: str) -> None:
    run_command.set_up_log("text", logging.INFO, {"JOURNAL_STREAM": stream})
    logging.getLogger("statewire").info("one")
    assert datetime.fromisoformat(logged().removesuffix(" one\n")).tzinfo is not None


def test_without_stderr_no_journal_is_assumed(logged: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: int) -> os.stat_result:
        raise OSError(9, "Bad file descriptor")

    environment = journal()
    monkeypatch.setattr(run_command.os, "fstat", closed)
    run_command.set_up_log("text", logging.INFO, environment)
    monkeypatch.undo()
    logging.getLogger("statewire").info("one")
    assert datetime.fromisoformat(logged().removesuffix(" one\n")).tzinfo is not None


def test_lines_for_programs(logged: Callable[[], str]) -> None:
    run_command.set_up_log("json", logging.INFO)
    logging.getLogger("statewire").info("state: %s", "one", extra={"source": "state", "event": "statement.published"})
    fail("x")
    one, failed = map(json.loads, logged().splitlines())
    assert datetime.fromisoformat(one.pop("at")).tzinfo is not None
    assert one == {"level": "info", "message": "state: one", "source": "state", "event": "statement.published"}
    assert (failed["level"], failed["source"]) == ("error", "a")
    assert failed["traceback"].startswith("Traceback")
