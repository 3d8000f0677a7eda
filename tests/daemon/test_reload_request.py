"""Tests of the request to a running daemon to read its configuration again."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from child import NOBODY, as_root, in_child, is_readable_by_all

from scraper.daemon.reload_request import ReloadOutcome, ReloadRequest, request_reload
from scraper.store.locks import DAEMON, beside, only_daemon

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def hangups() -> Iterator[list[int]]:
    """Collect SIGHUP instead of ending."""
    received: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _: received.append(number))
    try:
        yield received
    finally:
        signal.signal(signal.SIGHUP, before)


@contextmanager
def locked_by(database: Path, process: int) -> Iterator[None]:
    """Hold the daemon's lock, with the id of another process in its file."""
    with beside(database, DAEMON).open("w", encoding="ascii") as lock:
        lock.write(f"{process}\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_a_daemon_is_sent_sighup(db: Path) -> None:
    with hangups() as received, only_daemon(db):
        assert request_reload(db) == ReloadRequest(ReloadOutcome.REQUESTED, os.getpid())
        assert received == [signal.SIGHUP]
    assert request_reload(db) == ReloadRequest(ReloadOutcome.NO_DAEMON)


def test_without_a_daemon_nothing_is_created(db: Path) -> None:
    assert request_reload(db) == ReloadRequest(ReloadOutcome.NO_DAEMON)
    assert list(db.parent.iterdir()) == []


def test_the_process_id_of_another_container_is_not_signalled(db: Path) -> None:
    ours = os.fork()
    if ours == 0:
        signal.pause()
        os._exit(0)
    try:
        with locked_by(db, ours):
            # The child has the descriptor of none of our locks that were opened after its start.
            assert request_reload(db) == ReloadRequest(ReloadOutcome.ELSEWHERE, ours)
        assert os.waitpid(ours, os.WNOHANG) == (0, 0)
    finally:
        os.kill(ours, signal.SIGKILL)
        os.waitpid(ours, 0)


@as_root
@pytest.mark.skipif(not is_readable_by_all(), reason="another user cannot read this checkout")
@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_the_daemon_of_another_user_is_named(mode: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="statewire-test-"))
    folder.chmod(0o755)
    database = folder / "x.db"

    def work() -> int:
        outcome, process = request_reload(database)
        print(outcome.name, process)
        return 0

    try:
        with only_daemon(database):
            beside(database, DAEMON).chmod(mode)
            said = in_child(work, user=NOBODY)
        assert said.out.split() == ["FORBIDDEN", str(os.getpid()) if mode == 0o644 else "None"]
    finally:
        shutil.rmtree(folder)
