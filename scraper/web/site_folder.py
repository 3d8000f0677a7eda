"""Folder of a static site: which files are ours, and writing and removing them so that readers always find whole files.

A manifest in the folder names every file of ours; no other file is ever replaced or removed. It names new files before
they are written, so that those of a killed run are known. Files and folders are readable for all users, whatever the
umask: a web server is another user. The folder itself keeps the permissions that it has.
"""

import contextlib
import fcntl
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from scraper.errors import InputError, LockedError, as_disk_error

MANIFEST: Final = ".statewire-site.json"
_LOCK, _PART, _COMPLETE = ".statewire-site.lock", ".statewire-site.part", ".statewire-site.complete"
_OWN: Final = frozenset({MANIFEST, _LOCK, _PART, _COMPLETE})
_FORM: Final = 1
_FILE_MODE, _FOLDER_MODE = 0o644, 0o755
_INDEX: Final = "index.html"
_MAX_NAME_BYTES: Final = 255
# What file systems, shells or URLs take for something else than a part of a name.
_UNFIT: Final = re.compile(r"[\x00-\x1f\x7f\\?#%*\"<>|]")


class Entry(NamedTuple):
    """A file of ours: the version of its page, and digest and size of its content; None and -1 if not known."""

    version: str | None = None
    digest: str | None = None
    size: int = -1


def file_of(path: str) -> str | None:
    """Return the file of a page below the folder, None if a path cannot be a file there.

    No part of it may begin with a point, which keeps it in the folder and away from files such as `.htaccess`.
    """
    name = f"{path}{_INDEX}" if path == "" or path.endswith("/") else path
    *folders, last = name.split("/")
    is_fit = all(_is_fit(part) for part in (*folders, last)) and _INDEX not in folders
    return name if is_fit else None


def _is_fit(part: str) -> bool:
    try:
        size = len(part.encode())
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return 0 < size <= _MAX_NAME_BYTES and not part.startswith(".") and _UNFIT.search(part) is None


@dataclass
class SiteFolder:
    """Locked folder of a site.

    `entries` has a file for each path of a page, `leaving` the paths of those that the next run removes. `build` is the
    digest of all that the versions of its pages do not cover. `is_changed` says that the manifest has to be saved.
    """

    folder: Path
    entries: dict[str, Entry]
    leaving: set[str]
    build: str = ""
    is_changed: bool = False

    def __post_init__(self) -> None:
        self._safe_folders = {""}

    def begin(self, build: str) -> None:
        """Forget the versions of all pages if they were made by another program or with other settings."""
        if self.build != build:
            self.build, self.is_changed = build, True
            self.entries = {path: entry._replace(version=None) for path, entry in self.entries.items()}

    def is_current(self, path: str, version: str) -> bool:
        """Return True if the file of a page has this version and is there."""
        entry = self.entries.get(path)
        return entry is not None and version != "" and entry.version == version and self._has(path, entry)

    def distrust(self, paths: Iterable[str]) -> None:
        """Forget the versions of pages whose content may be wrong."""
        for path in paths:
            self.entries[path] = self.entries[path]._replace(version=None)
            self.is_changed = True

    def claim(self, paths: Iterable[str]) -> None:
        """Record in the manifest that the files of these paths are ours. Raise `InputError` if another one is there."""
        new = [path for path in paths if path not in self.entries]
        for path in new:
            if os.path.lexists(target := self.target(path)):
                raise InputError(
                    f"{target} is no file of this site and is not replaced",
                    hint="move it away, or write the site into an empty folder",
                )
        if new:
            self.entries |= dict.fromkeys(new, Entry())
            self.is_changed = True
            self.save()

    def write(self, path: str, version: str, content: bytes) -> bool:
        """Write the file of a claimed path unless it has this content; return True if it was written."""
        old = self.entries[path]
        entry = Entry(version, sha256(content).hexdigest()[:32], len(content))
        is_same = (entry.digest, entry.size) == (old.digest, old.size) and self._has(path, old)
        if not is_same:
            self._replace(self.target(path), content)
        if entry != old:
            self.entries[path], self.is_changed = entry, True
        return not is_same

    def remove(self, path: str) -> None:
        """Remove the file of a path, and the folders that it leaves empty."""
        target = self.target(path)
        try:
            self._check_folder(target.parent)
            target.unlink(missing_ok=True)
            for folder in target.parents:
                if folder == self.folder or any(folder.iterdir()):
                    break
                folder.rmdir()
                self._safe_folders.discard(folder.relative_to(self.folder).as_posix())
        except FileNotFoundError:  # the folder is gone as well
            pass
        except OSError as error:
            raise as_disk_error(error, f"{target} cannot be removed") from error
        self.entries.pop(path, None)
        self.leaving.discard(path)
        self.is_changed = True

    def target(self, path: str) -> Path:
        """Return the file of a path. Raise `InputError` if it cannot be one in this folder."""
        name = file_of(path)
        if name is None:
            raise InputError(f"{path!r} cannot be a file in {self.folder}", hint="report this as a bug")
        return self.folder / name

    def save(self) -> None:
        """Write the manifest, if it has changed."""
        if not self.is_changed:
            return
        content = {
            "statewire-site": _FORM,
            "build": self.build,
            "files": self.entries,
            "leaving": sorted(self.leaving),
        }
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        self._replace(self.folder / MANIFEST, text.encode(), is_synced=True)
        self.is_changed = False

    def mark_complete(self, at: datetime) -> None:
        """Record, as the time of a file of its own, that all pages show the database as it was then."""
        path = self.folder / _COMPLETE
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                os.fchmod(file, _FILE_MODE)
                os.utime(file, (at.timestamp(), at.timestamp()))
            finally:
                os.close(file)
        except OSError as error:
            raise as_disk_error(error, f"{path} cannot be written") from error

    def _has(self, path: str, entry: Entry) -> bool:
        try:
            found = self.target(path).lstat()
        except OSError:
            return False
        return stat.S_ISREG(found.st_mode) and found.st_size == entry.size

    def _replace(self, target: Path, content: bytes, *, is_synced: bool = False) -> None:
        """Replace a file at once: another one is written first, in the same file system, and then renamed."""
        part = self.folder / _PART
        try:
            self._make_folder(target.parent)
            part.unlink(missing_ok=True)  # of a killed run
            with part.open("xb") as file:
                os.fchmod(file.fileno(), _FILE_MODE)
                file.write(content)
                if is_synced:  # what else is lost by a power cut has another size, and is written again
                    file.flush()
                    os.fsync(file.fileno())
            part.replace(target)
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink()
            raise as_disk_error(error, f"{target} cannot be written") from error

    def _make_folder(self, folder: Path) -> None:
        name = folder.relative_to(self.folder).as_posix()
        if folder == self.folder or name in self._safe_folders:
            return
        self._make_folder(folder.parent)
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            folder.chmod(_FOLDER_MODE)
        self._check_folder(folder)
        self._safe_folders.add(name)

    def _check_folder(self, folder: Path) -> None:
        """Raise `InputError` if a folder below ours is a symbolic link or a file: it may lead anywhere."""
        while folder != self.folder:
            if not stat.S_ISDIR(folder.lstat().st_mode):
                raise InputError(
                    f"{folder} is no folder of this site; nothing is written or removed there",
                    hint="move it away, or write the site into an empty folder",
                )
            folder = folder.parent


@contextlib.contextmanager
def open_site(folder: Path) -> Iterator[SiteFolder]:
    """Open and lock the folder of a site until the end of the block; create it if it is missing.

    Raise `InputError` if it has files and none of them is the manifest of a site, `LockedError` if another process
    writes it, and `StoreError` if it cannot be used.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            folder.chmod(_FOLDER_MODE)
        folder = folder.resolve()
        names = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise as_disk_error(error, f"the folder {folder} cannot be used") from error
    if MANIFEST not in names and names - _OWN:
        raise InputError(
            f"{folder} has other files and is no site of statewire; nothing was written",
            hint="name a new or an empty folder",
        )
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise as_disk_error(error, f"{folder / _LOCK} cannot be written") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(
                f"another process is writing the site in {folder}", hint="wait until it has ended"
            ) from None
        yield _read(folder)
    finally:
        os.close(lock)


def _read(folder: Path) -> SiteFolder:
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_bytes())
        if content["statewire-site"] != _FORM:
            raise ValueError("another form")
        site = SiteFolder(folder, {name: Entry(*entry) for name, entry in content["files"].items()}, set())
        site.build = str(content["build"])
        site.leaving = {str(name) for name in content["leaving"]}
    except FileNotFoundError:
        return SiteFolder(folder, {}, set())
    except OSError as error:
        raise as_disk_error(error, f"{path} cannot be read") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path) from error
    if not all(file_of(name) for name in (*site.entries, *site.leaving)):
        raise _damaged(path)
    return site


def _damaged(path: Path) -> InputError:
    return InputError(
        f"{path} is damaged, so that nobody knows which files are ours",
        hint="delete the folder, and the site is written anew",
    )


def completed_at(folder: Path) -> datetime | None:
    """Return the time at which the pages of a site last were complete; None if they never were, or there is no site.

    Raise `OSError` if the folder cannot be read.
    """
    try:
        return datetime.fromtimestamp((folder / _COMPLETE).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
