"""Tests of files that are replaced while other programs use them: permissions, links, changes at the same time."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import threading
from pathlib import Path
from typing import IO

import pytest
from child import NOBODY, as_root, in_child, is_readable_by_all

from scraper import files
from scraper.errors import InputError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"old\r\n")
    path.chmod(0o640)
    return path


def test_permissions_links_and_times(file: Path, tmp_path: Path) -> None:
    os.utime(file, (0, 0))
    link = tmp_path / "link.yaml"
    link.symlink_to("config.yaml")
    files.edit(link, lambda old: old + b"new\r\n")
    assert link.is_symlink()
    assert file.read_bytes() == b"old\r\nnew\r\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert file.stat().st_mtime > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml", "link.yaml"]


@as_root
def test_the_owner_stays(file: Path) -> None:
    os.chown(file, NOBODY, NOBODY)
    files.edit(file, lambda _: b"new")
    assert (file.stat().st_uid, file.stat().st_gid, file.read_bytes()) == (NOBODY, NOBODY, b"new")


@as_root
@pytest.mark.skipif(not is_readable_by_all(), reason="another user cannot read this checkout")
def test_a_file_of_another_user_stays_as_it_is(tmp_path: Path) -> None:
    folder = Path("/tmp") / f"statewire-test-{os.getpid()}"
    folder.mkdir()
    folder.chmod(0o777)
    path = folder / "config.yaml"
    path.write_bytes(b"old")
    path.chmod(0o666)

    def work() -> int:
        try:
            files.edit(path, lambda _: b"new")
        except PermissionError:
            return 7
        return 0

    try:
        assert in_child(work, user=NOBODY).code == 7
        assert path.read_bytes() == b"old"
        assert [each.name for each in folder.iterdir()] == ["config.yaml"]
    finally:
        path.unlink()
        folder.rmdir()


@pytest.mark.parametrize("replaces", [True, False])
def test_a_change_by_another_program_is_kept(file: Path, replaces: bool) -> None:
    def change(old: bytes) -> bytes:
        if replaces:
            (file.parent / "other").write_bytes(old)
            (file.parent / "other").replace(file)
        else:
            file.write_bytes(b"theirs")
        return b"ours"

    with pytest.raises(InputError, match=r"another program changed .*; its change was kept"):
        files.edit(file, change)
    assert file.read_bytes() == (b"old\r\n" if replaces else b"theirs")
    assert [path.name for path in file.parent.iterdir()] == ["config.yaml"]


def test_edits_at_the_same_time_follow_each_other(file: Path) -> None:
    file.write_bytes(b"")
    edits = [threading.Thread(target=files.edit, args=(file, lambda old, n=n: old + b"%d\n" % n)) for n in range(8)]
    for each in edits:
        each.start()
    for each in edits:
        each.join()
    assert sorted(file.read_bytes().split()) == [b"%d" % n for n in range(8)]


def test_an_edit_that_another_one_overtook_is_of_the_new_content(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other process replaces the file between the open and the lock here, and has released its own lock."""
    lock, taken = fcntl.flock, list[int]()

    def overtaken(handle: IO[bytes], operation: int) -> None:
        if not taken:
            (file.parent / "other").write_bytes(b"theirs ")
            (file.parent / "other").replace(file)
        taken.append(operation)
        lock(handle, operation)

    monkeypatch.setattr(fcntl, "flock", overtaken)
    files.edit(file, lambda old: old + b"ours")
    assert file.read_bytes() == b"theirs ours"
    assert len(taken) == 2


@pytest.mark.parametrize("name", ["edit", "write_whole", "create_whole"])
def test_a_content_is_on_the_disk_before_it_has_its_name(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Else a power cut could leave an empty file. The calls are recorded in order and made."""
    steps: list[str] = []
    sync, replace = os.fsync, os.replace

    def record_sync(descriptor: int) -> None:
        found = os.fstat(descriptor)
        is_folder = stat.S_ISDIR(found.st_mode)
        steps.append("the folder" if is_folder else f"{found.st_size} bytes")
        assert is_folder or found.st_ino != (file.stat().st_ino if file.exists() else 0)
        sync(descriptor)

    def record_replace(source: Path, target: Path) -> None:
        steps.append(f"{target.name} is replaced")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", record_sync)
    monkeypatch.setattr(os, "replace", record_replace)
    if name == "edit":
        files.edit(file, lambda _: b"x" * 10)
    elif name == "write_whole":
        files.write_whole(file, b"x" * 10)
    else:
        file.unlink()
        files.create_whole(file, b"x" * 10)
    # The name too, if the next command builds on it.
    assert steps == ["10 bytes", "config.yaml is replaced", *(["the folder"] if name == "edit" else [])]


def test_a_lock_that_stays_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_EDIT_PAUSE_S", 0.0)
    with file.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="is being edited by another statewire process"):
            files.edit(file, lambda _: b"new")
    assert file.read_bytes() == b"old\r\n"


def test_a_full_disk_leaves_the_old_file(file: Path) -> None:
    def work() -> int:
        try:
            files.edit(file, lambda _: b"x" * 100)
        except OSError as error:
            return 7 if error.errno == errno.EFBIG else 1
        return 0

    assert in_child(work, file_bytes=10).code == 7
    assert file.read_bytes() == b"old\r\n"
    assert [path.name for path in file.parent.iterdir()] == ["config.yaml"]


def test_an_edit_without_effect_touches_nothing(file: Path) -> None:
    before = file.stat()
    files.edit(file, lambda old: old)
    after = file.stat()  # not st_atime: reading the file may move it
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_new_file_never_replaces_one(file: Path) -> None:
    with pytest.raises(FileExistsError):
        files.create_whole(file, b"new")
    assert file.read_bytes() == b"old\r\n"
    files.create_whole(file.with_name("new"), b"new", 0o600)
    assert stat.S_IMODE(file.with_name("new").stat().st_mode) == 0o600
    assert sorted(path.name for path in file.parent.iterdir()) == ["config.yaml", "new"]


def test_copies_have_names_of_their_own(file: Path) -> None:
    assert [files.copy_beside(file).name for _ in range(3)] == [
        "config.yaml.bak",
        "config.yaml.bak2",
        "config.yaml.bak3",
    ]
    assert stat.S_IMODE(file.with_name("config.yaml.bak3").stat().st_mode) == 0o640
    assert file.with_name("config.yaml.bak3").read_bytes() == b"old\r\n"


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_regular_file_is_never_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "target"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif os.geteuid() == 0:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    else:
        pytest.skip("only root makes devices")
    before = path.stat().st_mode
    for write in (
        lambda: files.edit(path, lambda _: b"new"),
        lambda: files.write_whole(path, b"new"),
        lambda: files.write_public(path, b"new", lambda _: True),
        lambda: files.copy_beside(path),
    ):
        with pytest.raises(InputError, match=f"is a {kind} and is not replaced"):
            write()
    with pytest.raises(FileExistsError):
        files.create_whole(path, b"new")
    assert path.stat().st_mode == before
    assert [each.name for each in tmp_path.iterdir()] == ["target"]


def test_written_files_keep_links_and_other_content(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("config.yaml")
    files.write_whole(link, b"whole")
    files.write_public(link, b"public", lambda head: head == b"whole")
    assert (link.is_symlink(), file.read_bytes()) == (True, b"public")
    with pytest.raises(InputError, match="has other content"):
        files.write_public(link, b"new", lambda _: False)
    assert file.read_bytes() == b"public"
