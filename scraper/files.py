"""Files and folders that only their owner may read, whatever the umask; those of the database for a group as well."""

from __future__ import annotations

import grp
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from scraper.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
_GROUP_FILE, _GROUP_FOLDER = 0o640, 0o750


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


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that the user has named: whole or not at all, with the permissions of the umask. Raise `OSError`."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise


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
