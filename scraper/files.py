"""Files and folders that only their owner may read, whatever the umask; those of the database for a group as well."""

from __future__ import annotations

import errno
import fcntl
import grp
import os
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from scraper.errors import InputError

PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
_GROUP_FILE, _GROUP_FOLDER = 0o640, 0o750
_EDIT_ATTEMPTS, _EDIT_PAUSE_S = 50, 0.1
_PUBLIC = 0o644
# So much of a file shows who wrote it.
_HEAD_BYTES = 16_384
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


@dataclass(frozen=True, slots=True)
class Access:
    """Permissions of the database and of the files beside it: for their owner, or for a group (its id) to read too."""

    group_id: int | None = None

    @classmethod
    def of(cls, group: str | None) -> Access:
        """Return the access for the group of a name, None for the owner only. Raise `InputError` if there is none."""
        if group is None:
            return cls()
        try:
            return cls(grp.getgrnam(group).gr_gid)
        except KeyError:
            raise InputError(
                f"database_group: there is no group {group!r} on this machine",
                hint="create it, or correct the name in the configuration",
            ) from None

    @classmethod
    def like(cls, file: Path) -> Access:
        """Return the access that a file has, for others beside it; for the owner only if it does not exist."""
        try:
            found = file.stat()
        except OSError:
            return cls()
        return cls(found.st_gid) if stat.S_IMODE(found.st_mode) == _GROUP_FILE else cls()

    @property
    def who(self) -> str:
        """Those who may read, in words."""
        return "its owner" if self.group_id is None else f"its owner and the group {self.group_id}"

    @property
    def file_mode(self) -> int:
        """Permissions of a file."""
        return PRIVATE_FILE if self.group_id is None else _GROUP_FILE

    @property
    def folder_mode(self) -> int:
        """Permissions of a folder."""
        return PRIVATE_FOLDER if self.group_id is None else _GROUP_FOLDER


def make_folder(folder: Path, access: Access = Access()) -> None:
    """Create a folder and those above it that are missing. Existing ones stay as they are. Raise `OSError`."""
    if folder.is_dir():
        return
    make_folder(folder.parent, access)
    try:
        folder.mkdir(access.folder_mode)
    except FileExistsError:  # by another process, or by a file of that name
        if folder.is_dir():
            return
        raise
    _set(folder, access.folder_mode, access.group_id)


def open_private(path: Path, flags: int, access: Access = Access()) -> int:
    """Open a file, and create it with these permissions if it is missing. Return its descriptor. Raise `OSError`."""
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, access.file_mode)
    except FileExistsError:
        if flags & os.O_EXCL:
            raise
        # It may have been removed in the meantime, or be a link to a file that is missing.
        return os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, access.file_mode)
    try:
        _set(descriptor, access.file_mode, access.group_id)
    except OSError:
        os.close(descriptor)
        path.unlink(missing_ok=True)
        raise
    return descriptor


def open_lock(path: Path, access: Access) -> IO[str]:
    """Open a text file for reading and appending, and create it if it is missing. Raise `OSError`."""
    return os.fdopen(open_private(path, os.O_RDWR | os.O_APPEND, access), "a+", encoding="ascii", errors="replace")


def target_of(path: Path) -> Path:
    """Return the path of a file that is to be written or replaced: behind its symbolic links, whether it exists or not.

    Raise `InputError` if it is a folder, a device, a pipe or a socket: none of them is ever replaced. Raise `OSError`,
    for a loop of links for example.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return target
    if not stat.S_ISREG(mode):
        kind = next((name for fits, name in _KINDS if fits(mode)), "no file")
        raise InputError(f"{path} is {kind} and is not replaced", hint="name a regular file, or a new one")
    return target


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that the user has named: whole or not at all, with the permissions of the umask.

    A symbolic link stays, and its target is written. Raise `InputError` (see `target_of`) and `OSError`.
    """
    target = target_of(path)
    part = _part_of(target)
    try:
        _write(part, content)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def replacing(path: Path, *, is_replaced: bool) -> Iterator[IO[bytes]]:
    """Yield an empty file that can seek; at the end it becomes the file that the user has named: whole, or not at all.

    Until then it has a name that is always the same, so that what a killed process leaves is taken by the next one.
    Raise `InputError` (see `target_of`) if the file exists and is not to be replaced, or if another process writes it,
    and `OSError`.
    """
    target = target_of(path)
    part = target.with_name(f".{target.name}.part")
    exists = InputError(f"{path} exists", hint="give another file, or replace it with --force")
    if target.exists() and not is_replaced:
        raise exists
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = os.path.samestat(os.fstat(file.fileno()), part.stat())  # else another one has finished it now
        except (BlockingIOError, FileNotFoundError):
            is_ours = False
        if not is_ours:
            raise InputError(f"another process is writing {path}", hint="wait for it, or give another file")
        try:
            file.truncate(0)
            yield file
            file.flush()
            os.fsync(file.fileno())
            if target.exists() and not is_replaced:
                raise exists
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)


def create_whole(path: Path, content: bytes, mode: int | None = None) -> None:
    """Create a file that does not exist yet, whole or not at all. `mode` replaces the permissions of the umask.

    Raise `FileExistsError` if it exists, and `OSError`.
    """
    part = _part_of(path)
    try:
        _write(part, content)
        if mode is not None:
            part.chmod(mode)
        if path.exists():  # a hard link would check it too, but not every file system has them
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def copy_beside(path: Path) -> Path:
    """Copy a file, with its permissions and times, to the first free name of `NAME.bak`, `NAME.bak2` and so on.

    Return the path of the copy. Raise `InputError` (see `target_of`) and `OSError`.
    """
    content = target_of(path).read_bytes()
    for number in range(1, 1000):
        copy = path.with_name(f"{path.name}.bak{number if number > 1 else ''}")
        try:
            create_whole(copy, content)
        except FileExistsError:
            continue
        shutil.copystat(path, copy)
        return copy
    raise InputError(f"{path} has 999 backup copies beside it", hint="delete those that you do not need")


def edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Replace a file by what `change` returns for its content, at once and whole.

    Permissions, owner and extended attributes stay, and a symbolic link keeps pointing at the file. Other calls for the
    same file wait. Raise `InputError` if it is no regular file, if it changes meanwhile or another process edits it for
    long, `OSError` if it cannot be written, and what `change` raises; then the file is as it was.
    """
    target = target_of(path)
    for _ in range(_EDIT_ATTEMPTS):
        with target.open("r+b") as file:  # also refuses a file that may not be written
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_EDIT_PAUSE_S)
                continue
            if os.path.samestat(os.fstat(file.fileno()), target.stat()):  # else it was replaced before the lock
                old = file.read()
                if (new := change(old)) != old:
                    _replace(target, old, new, os.fstat(file.fileno()))
                return
    raise InputError(f"{path} is being edited by another statewire process", hint="run the command again")


def _replace(target: Path, old: bytes, new: bytes, before: os.stat_result) -> None:
    part = _part_of(target)
    try:
        _write(part, new)
        made = part.stat()
        if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
            os.chown(part, before.st_uid, before.st_gid)
        shutil.copystat(target, part)
        os.utime(part)
        if not os.path.samestat(before, target.stat()) or target.read_bytes() != old:
            raise InputError(
                f"another program changed {target} at the same time; its change was kept, and this one was not made",
                hint="run the command again",
            )
        part.replace(target)
        _sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _part_of(path: Path) -> Path:
    """Return a name beside a file for its next content, which no other process or thread has."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_public(path: Path, content: bytes, is_ours: Callable[[bytes], bool]) -> None:
    """Write a file for programs of other users: whole or not at all, readable for all.

    A symbolic link stays, and its target is written. `is_ours` gets the beginning of a file that is not empty.
    Raise `InputError` if that returns False, since a mistyped name must not destroy a file, or for a path that is no
    file (see `target_of`), and `OSError`.
    """
    target = target_of(path)
    if (head := _head(target)) and not is_ours(head):
        raise InputError(
            f"{path} has other content and is not overwritten", hint="move it away, or give another name in config.yaml"
        )
    # In the same folder, since a rename works within one file system only; node_exporter reads *.prom only.
    temporary = target.with_name(f".{target.name}.new")
    try:
        # NONBLOCK: else the open of a pipe waits for its reader.
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(temporary, flags, _PUBLIC)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), _PUBLIC)
            file.write(content)
        # No sync, which would wake a sleeping disk: what is lost by a power cut is written again.
        temporary.replace(target)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except FileNotFoundError:
        return b""


def restrict(paths: Iterable[Path], access: Access) -> list[Path]:
    """Set permissions and group of existing files; return those that had other permissions. Raise `OSError`.

    Files of another user are left alone: only their owner can change them.
    """
    changed = []
    for path in paths:
        try:
            found = path.stat()
        except FileNotFoundError:
            continue
        has_mode = stat.S_IMODE(found.st_mode) == access.file_mode
        if (has_mode and access.group_id in {None, found.st_gid}) or found.st_uid != os.geteuid():
            continue
        if stat.S_ISREG(found.st_mode):
            _set(path, access.file_mode, access.group_id)
            changed += [] if has_mode else [path]
    return changed


def unreadable_folder(file: Path, access: Access) -> str:
    """Return the problem, and what to do, if the group may read a file but not enter its folder; else ""."""
    folder = file.resolve().parent
    found = folder.stat()
    is_open = bool(found.st_mode & stat.S_IXOTH) or (
        found.st_gid == access.group_id and bool(found.st_mode & stat.S_IXGRP)
    )
    if access.group_id is None or is_open:
        return ""
    return (
        f"database_group: the group cannot read the database, because it may not enter the folder {folder}; run"
        f" `chgrp {access.group_id} {folder}` and `chmod g+rx {folder}`"
    )


def _set(file: Path | int, mode: int, group_id: int | None) -> None:
    # The group first: no other group may read the file even for a moment. A confined service may not call chown at all.
    if group_id is not None and os.stat(file).st_gid != group_id:  # noqa: PTH116 - a path or a descriptor
        os.chown(file, -1, group_id)
    os.chmod(file, mode)  # noqa: PTH101 - a path or a descriptor
