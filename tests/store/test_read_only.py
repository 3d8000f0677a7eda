"""Tests of reading by a user who may not write: while another process has the database open, and while none has."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from child import NOBODY, as_root, in_child, is_readable_by_all
from samples import ROOT

from scraper.cli import main
from scraper.errors import SchemaVersionError, StoreError
from scraper.files import Access
from scraper.store import Store, readonly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from command import Said

pytestmark = [
    as_root,
    pytest.mark.skipif(not is_readable_by_all(), reason="another user cannot read this checkout"),
]


@pytest.fixture
def shared(story_folder: Path) -> Iterator[Path]:
    """A database that the group of nobody may read, in a folder in which only root may write."""
    folder = Path(tempfile.mkdtemp(prefix="statewire-test-"))
    db = folder / "statewire.db"
    shutil.copy(story_folder / "statewire.db", db)
    folder.chmod(0o750)
    os.chown(folder, -1, NOBODY)
    Store(db, Access(NOBODY)).close()
    yield db
    shutil.rmtree(folder)


def as_nobody(*arguments: str) -> Said:
    def work() -> int:
        try:
            main([*arguments])
        except SystemExit as ended:
            return int(ended.code or 0)
        return 98

    return in_child(work, user=NOBODY, group=NOBODY)


def read(db: Path) -> tuple[int, int, str, str]:
    listed, searched = as_nobody("--db", str(db), "list"), as_nobody("--db", str(db), "search", "lamps")
    return listed.code, searched.code, listed.out, listed.err


def titles(db: Path) -> int:
    with closing(sqlite3.connect(db)) as connection:
        return int(connection.execute("SELECT count(*) FROM statements").fetchone()[0])


def test_while_no_process_has_it_open(shared: Path) -> None:
    assert [path.name for path in shared.parent.iterdir()] == [shared.name]
    code, searched, out, err = read(shared)
    assert (code, searched, err) == (0, 0, "")
    assert len(out.splitlines()) >= titles(shared) - 1
    assert [path.name for path in shared.parent.iterdir()] == [shared.name]


def test_while_another_process_has_it_open_the_newest_state_is_read(shared: Path) -> None:
    with Store(shared) as store:
        with store.unit():
            store.database.execute("UPDATE statements SET title = 'Changed just now' WHERE id = 1")
        code, searched, out, err = read(shared)
        assert (code, searched, err) == (0, 0, "")
        assert "Changed just now" in out
    assert "Changed just now" in read(shared)[2]


def test_after_a_process_was_killed_what_it_had_committed_is_read(shared: Path) -> None:
    script = """\
import os, signal, sys
from pathlib import Path
from scraper.store import Store
store = Store(Path(sys.argv[1]))
with store.unit():
    store.database.execute("UPDATE statements SET title = 'Committed before the kill' WHERE id = 1")
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", script, shared], cwd=ROOT)
    assert done.returncode == -signal.SIGKILL
    assert shared.with_name(f"{shared.name}-wal").exists()
    code, _, out, err = read(shared)
    assert (code, err) == (0, "")
    assert "Committed before the kill" in out


@pytest.mark.parametrize("stays_open", [True, False])
def test_a_writer_that_starts_in_the_meantime_is_noticed(shared: Path, stays_open: bool) -> None:
    def work() -> int:
        with Store(shared) as store:
            assert store.is_read_only
            store.check_unchanged()
            print("open", flush=True)
            os.kill(os.getpid(), signal.SIGSTOP)
            try:
                store.check_unchanged()
            except StoreError as error:
                print(error, flush=True)
                return error.exit_code
        return 0

    said = in_child(lambda: with_a_writer(work, shared, stays_open=stays_open))
    assert said.code == 5, said
    assert "was changed by another process while it was read" in said.out
    assert "Run the command again" in said.out


def with_a_writer(work: Callable[[], int], db: Path, *, stays_open: bool) -> int:
    """Run the reader as nobody up to its stop, write as root, and let it go on."""
    reader = os.fork()
    if reader == 0:
        os.setgroups([NOBODY])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        os._exit(work())
    os.waitpid(reader, os.WUNTRACED)
    store = Store(db)
    with store.unit():
        store.database.execute("UPDATE statements SET title = title || '!'")
    if not stays_open:
        store.close()
    os.kill(reader, signal.SIGCONT)
    return os.waitstatus_to_exitcode(os.waitpid(reader, 0)[1])


def test_a_command_that_read_while_it_changed_ends_with_5(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holds = iter([True, False, False])  # when it was opened, and later
    monkeypatch.setattr(readonly.Unchanging, "holds", lambda _: next(holds))
    said = as_nobody("--db", str(shared), "list")
    assert said.code == 5
    assert "was changed by another process" in said.err
    assert said.err.count("\n") == 1


def test_what_writes_is_refused_at_once(shared: Path) -> None:
    before = shared.read_bytes()
    for verb in (["alerts", "mute", "1"], ["alerts", "send"], ["import", "x.warc"], ["doctor", "--tidy"]):
        said = as_nobody("--db", str(shared), *verb)
        assert said.code == 5, said
        assert "only read" in said.err
    assert shared.read_bytes() == before


def test_a_database_that_has_to_be_upgraded_first(shared: Path) -> None:
    with closing(sqlite3.connect(shared)) as connection:
        connection.execute("PRAGMA user_version = 9")

    def work() -> int:
        try:
            Store(shared)
        except SchemaVersionError as error:
            print(error)
            return error.exit_code
        return 0

    said = in_child(work, user=NOBODY, group=NOBODY)
    assert said.code == 5
    assert "its owner" in said.out


@pytest.mark.parametrize("folder_mode", [0o755, 0o700])
def test_others_may_not_read_it(shared: Path, folder_mode: int) -> None:
    shared.parent.chmod(folder_mode)

    def work() -> int:
        try:
            Store(shared)
        except StoreError as error:
            return error.exit_code
        return 0

    assert in_child(work, user=NOBODY + 1).code == 5
