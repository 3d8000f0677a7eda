"""Checks of the path of a database: a mistyped one must not become a new empty database."""

import shlex
import stat
from pathlib import Path

from scraper.errors import StoreError, as_disk_error

NAME = "statewire.db"


def is_missing(path: Path) -> bool:
    """Return True if there is no file at a path, or an empty one. Raise `StoreError` if it cannot be one."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError as error:
        raise as_disk_error(error, f"the database {path} cannot be opened") from error
    if stat.S_ISDIR(found.st_mode):
        raise StoreError(
            f"unable to open the database {path}: it is a folder", hint=f"name a file in it: {path / NAME}"
        )
    if not stat.S_ISREG(found.st_mode):  # SQLite would put a journal beside a device
        raise StoreError(
            f"unable to open the database {path}: it is no file, but a device or a pipe", hint="correct --db"
        )
    return found.st_size == 0


def check_existing(path: Path) -> None:
    """Raise `StoreError` if there is no database at a path."""
    if is_missing(path):
        raise StoreError(
            f"there is no database {path}",
            hint="check --db and `database:`. A new user begins with `statewire init`; `fetch`, `run` and `import`"
            " create a database, too",
        )


def check_folder(path: Path) -> None:
    """Raise `StoreError` if the folder of a new database does not exist."""
    if not path.parent.is_dir():
        raise StoreError(
            f"the database {path} cannot be created: there is no folder {path.parent}",
            hint=f"correct --db, or create the folder: mkdir -p {shlex.quote(str(path.parent))}",
        )
