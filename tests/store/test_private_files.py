"""Tests of permissions: whatever the umask, files are their owner's only, or readable for the configured group."""

from __future__ import annotations

import grp
import logging
import os
import sqlite3
import stat
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from child import NOBODY, as_root
from command import CONFIG

from scraper import files
from scraper.delivery.transports.maildir import MaildirTransport
from scraper.errors import InputError, StoreError
from scraper.files import Access
from scraper.store import Store
from scraper.store.backup import backup
from scraper.store.locks import SENDING, lock_file, only_daemon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from command import Said

UMASKS = [0o000, 0o022, 0o077]
# A group that exists on every machine and to which root may give files.
GROUP = grp.getgrgid(NOBODY) if any(each.gr_gid == NOBODY for each in grp.getgrall()) else grp.getgrall()[-1]


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: mode(path) for path in folder.iterdir()}


def use(db: Path, access: Access | None = None) -> dict[str, int]:
    """Do all that writes files beside the database, and return the permissions while it is open."""
    with only_daemon(db, access), Store(db, access) as store, lock_file(db, SENDING):
        store.hosts.change("gazette.example", lambda state: state)
        backup(store, db.with_name("copy.db"), replace=True)
        return modes(db.parent)


@pytest.mark.parametrize("mask", UMASKS)
def test_files_are_their_owners_only_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    db = tmp_path / "a" / "b" / "x.db"
    with umask(mask):
        found = use(db)
        MaildirTransport(tmp_path / "post" / "mail").deliver(b"x", sender="", recipient="", message_id="1")
    assert found == dict.fromkeys(["x.db", "x.db-wal", "x.db-shm", "x.db.lock", "x.db.sending", "copy.db"], 0o600)
    made = [path for path in tmp_path.rglob("*") if path.is_dir()]
    assert len(made) == 7
    assert {mode(path) for path in made} == {0o700}
    assert {mode(path) for path in tmp_path.rglob("*") if path.is_file()} == {0o600}


def test_a_umask_that_takes_the_owners_own_permissions(tmp_path: Path) -> None:
    with umask(0o777):
        descriptor = files.open_private(tmp_path / "x", os.O_WRONLY)
        os.close(descriptor)
        files.make_folder(tmp_path / "a" / "b")
    assert (mode(tmp_path / "x"), mode(tmp_path / "a"), mode(tmp_path / "a" / "b")) == (0o600, 0o700, 0o700)


@pytest.mark.parametrize("before", [0o644, 0o666, 0o604])
def test_existing_files_are_tightened_with_one_line(
    db: Path, before: int, new_database: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    db.write_bytes(new_database)
    for name in ("x", ".lock", ".sending", ""):  # the first is not ours
        path = db.with_name(f"{db.name}{name}")
        path.touch()
        path.chmod(before)
    with caplog.at_level(logging.INFO, "statewire"):
        Store(db).close()
        Store(db).close()
    beside = {f"{db.name}{end}": 0o600 for end in ("", ".lock", ".sending")}
    assert modes(db.parent) == beside | {f"{db.name}x": before}
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith(f"made readable for its owner only: {db.name}, ")
    assert line.endswith(f"{db.name}.lock, {db.name}.sending in {db.parent}")


@as_root
@pytest.mark.parametrize("mask", UMASKS)
def test_a_group_may_read_if_it_is_configured(tmp_path: Path, mask: int) -> None:
    access = Access.of(GROUP.gr_name)
    db = tmp_path / "a" / "x.db"
    with umask(mask):
        found = use(db, access)
    readable = dict.fromkeys(["x.db", "x.db-wal", "x.db-shm", "x.db.lock", "x.db.sending"], 0o640)
    assert found == readable | {"copy.db": 0o600}
    assert mode(db.parent) == 0o750
    assert {path.stat().st_gid for path in (db, db.parent, db.with_name("x.db.lock"))} == {GROUP.gr_gid}


@as_root
def test_the_group_stays_until_the_configuration_says_otherwise(db: Path) -> None:
    Store(db, Access.of(GROUP.gr_name)).close()
    with Store(db) as store:  # a command that has not read the configuration
        assert {*modes(db.parent).values()} == {0o640}
        assert {path.stat().st_gid for path in db.parent.iterdir()} == {GROUP.gr_gid}
        assert store.captures.count() == 0
    Store(db, Access()).close()
    assert modes(db.parent) == {db.name: 0o600}


def test_a_group_that_does_not_exist() -> None:
    with pytest.raises(InputError, match="there is no group 'no-such-group'") as raised:
        Access.of("no-such-group")
    assert raised.value.hint
    assert Access.of(None) == Access()


def test_a_folder_that_the_group_cannot_enter_is_named(tmp_path: Path) -> None:
    access = Access(tmp_path.stat().st_gid)
    tmp_path.chmod(0o700)
    assert str(tmp_path) in files.unreadable_folder(tmp_path / "x.db", access)
    assert files.unreadable_folder(tmp_path / "x.db", Access()) == ""
    for open_mode in (0o750, 0o755):
        tmp_path.chmod(open_mode)
        assert files.unreadable_folder(tmp_path / "x.db", access) == ""


def test_files_of_another_user_are_left_alone(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(db).close()
    db.chmod(0o644)
    monkeypatch.setattr(os, "geteuid", lambda: db.stat().st_uid + 1)
    assert files.restrict([db, db.with_name("missing")], Access()) == []
    assert mode(db) == 0o644


@pytest.mark.parametrize(
    "work",
    [
        lambda db: Store(db),
        lambda db: files.open_private(db, os.O_RDWR | os.O_EXCL),
    ],
)
def test_permissions_that_cannot_be_set(
    db: Path, work: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chmod", refuse)
    with pytest.raises((StoreError, PermissionError), match="Operation not permitted"):
        work(db)
    assert not db.exists()


def test_a_file_that_appears_while_a_folder_is_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        files.make_folder(tmp_path / "file")


def test_any_other_program_can_still_read_a_backup(db: Path, tmp_path: Path) -> None:
    with Store(db) as store:
        backup(store, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as other:
        assert other.execute("SELECT count(*) FROM captures").fetchone() == (0,)


@as_root
def test_a_command_that_reads_the_configuration_follows_it(
    run: Callable[..., Said], tmp_path: Path, story_folder: Path
) -> None:
    config = tmp_path / "config.yaml"
    captures = str(story_folder / "x.warc.gz")
    config.write_text(f"{CONFIG}database: data/x.db\ndatabase_group: {GROUP.gr_name}\n", encoding="utf-8")
    assert run("import", captures, db=None).code == 0
    assert (mode(tmp_path / "data"), modes(tmp_path / "data")) == (0o750, {"x.db": 0o640})
    config.write_text(f"{CONFIG}database: data/x.db\n", encoding="utf-8")
    assert run("--db", "data/x.db", "list", db=None).code == 0
    assert modes(tmp_path / "data") == {"x.db": 0o640}
    assert run("list", db=None).code == 0
    assert modes(tmp_path / "data") == {"x.db": 0o600}
    config.write_text(f"{CONFIG}database: data/x.db\ndatabase_group: no-such-group\n", encoding="utf-8")
    said = run("list", db=None)
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "there is no group 'no-such-group'" in said.err
