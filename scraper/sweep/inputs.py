"""Arguments of `statewire sweep` as files to read: paths, folders, globs, lists of paths, addresses of https and S3.

A name that ends with .paths, .paths.gz, .txt or .txt.gz is a list: one path or address a line, as Common Crawl's
`warc.paths.gz`. All else that is named is a WARC or WET file, whatever its name; folders give the files whose names end
as such files do.
"""

import glob
import io
import os
import stat
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from gzip import GzipFile
from pathlib import Path
from typing import BinaryIO, Final, cast
from urllib.parse import urljoin

from scraper.errors import InputError, how_to_install
from scraper.sweep import addresses
from scraper.sweep.remote_stream import PATIENCE, Patience, Refused, RemoteStream, Source

MAX_LIST_BYTES: Final = 256 << 20
"""Longest list, unpacked."""
_MAX_LINE_CHARS = 8_000
_BUFFER_BYTES = 1 << 20
_NAMES = ", ".join(addresses.WARC_SUFFIXES)


@dataclass(frozen=True, slots=True)
class Input:
    """WARC or WET file to read.

    `name` can be shown and stored: a path, or an address without secrets. `size` in bytes is None where it is not
    known. `address` is what to open if that differs from the name. `is_public_only`: no argument names its host, so
    only public IP addresses are connected to.
    """

    name: str
    size: int | None = None
    address: str = field(default="", repr=False)
    is_public_only: bool = field(default=False, repr=False)

    @property
    def place(self) -> str:
        """The path or the address to open, secrets included."""
        return self.address or self.name


def expand(arguments: Sequence[str], prefix: str = "", patience: Patience = PATIENCE) -> list[Input]:
    """Return the files that arguments mean: in the order of the arguments, those of one by name, each file once.

    `prefix` (a folder, or an address of https or S3) is put before relative lines of lists. Without it they are below
    the folder of a list that is a file, and below the root of the host or bucket of one that is remote. Raise
    `InputError` for an argument that means nothing.
    """
    found: dict[str, Input] = {}
    for argument in arguments:
        for each in _of_argument(argument, prefix, patience):
            key = each.place if addresses.scheme(each.place) else os.path.realpath(each.place)
            found.setdefault(key, each)
    return list(found.values())


def open_input(given: Input, patience: Patience = PATIENCE) -> BinaryIO:
    """Open a file for one reading from its beginning to its end; the caller closes it.

    A remote file is loaded one block ahead. What fails for a moment is requested again, from the byte where it broke.
    Raise `InputError`, also while it is read: for a file that is missing, may not be read, is not sent in time, or
    changes on its server.
    """
    if addresses.scheme(given.place):
        stream = RemoteStream(given.name, _source(given, patience), patience)
        return cast("BinaryIO", io.BufferedReader(stream, _BUFFER_BYTES))
    try:
        opened = Path(given.place).open("rb", buffering=_BUFFER_BYTES)  # noqa: SIM115 - the caller closes it
    except OSError as error:
        raise _unreadable(given.name, error) from error
    try:
        _check_is_file(given.name, os.fstat(opened.fileno()))
    except InputError:
        opened.close()
        raise
    return opened


# Arguments


def _of_argument(argument: str, prefix: str, patience: Patience) -> Iterator[Input]:
    kind = addresses.scheme(argument)
    if not kind:
        yield from _in_path(argument, prefix, patience)
    elif kind == "s3" and (addresses.is_pattern(argument) or not addresses.is_file(argument)):
        yield from _in_s3(argument, prefix, patience)
    else:
        yield from _files(_remote(argument), prefix, patience)


def _files(given: Input, prefix: str, patience: Patience) -> Iterator[Input]:
    """Yield a file, or for a list those that it names."""
    if addresses.is_list(given.place):
        yield from _in_list(given, prefix, patience)
    else:
        yield given


def _in_path(argument: str, prefix: str, patience: Patience) -> Iterator[Input]:
    """Yield the files of a path: its own, those of a folder, of a list, or of a glob."""
    path, name = Path(argument), addresses.shown(argument)
    if path.is_dir():
        yield from _in_folder(argument)
    elif path.exists():
        yield from _files(_file(argument), prefix, patience)
    elif addresses.is_pattern(argument):
        matches = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207 - pathlib takes no absolute pattern
        if not matches:
            raise InputError(f"{name} matches no file", hint="check the pattern, and put it in quotes")
        for match in matches:
            yield from _in_path(match, prefix, patience)
    else:
        raise InputError(f"{name} does not exist", hint="check the path")


def _in_folder(folder: str) -> Iterator[Input]:
    def stop(error: OSError) -> None:
        raise _unreadable(addresses.shown(str(error.filename or folder)), error) from error

    found = [
        str(Path(parent, name))
        for parent, _, names in os.walk(folder, onerror=stop)
        for name in names
        if addresses.is_warc(name)
    ]
    if not found:
        hint = f"their names end with {_NAMES}"
        raise InputError(f"{addresses.shown(folder)} has no WARC or WET file", hint=hint)
    yield from map(_file, sorted(found))


def _in_s3(address: str, prefix: str, patience: Patience) -> Iterator[Input]:
    """Yield the objects that a pattern matches, those of a folder, or the one of an address."""
    is_pattern = addresses.is_pattern(address)
    rows = _listing(_remote(address), patience)
    # A pattern means the lists that it matches; a folder of Common Crawl has the list of its files beside them.
    names = [
        name
        for name in sorted(rows)
        if addresses.is_warc(name) or name == address or (is_pattern and addresses.is_list(name))
    ]
    if not names:
        hint = f"check bucket and key; in a folder the names of files end with {_NAMES}"
        raise InputError(f"{address} {'matches' if is_pattern else 'has'} no WARC or WET file", hint=hint)
    for name in names:
        yield from _files(Input(name, rows[name]), prefix, patience)


def _file(path: str) -> Input:
    name = addresses.shown(path)
    try:
        found = os.stat(path)  # noqa: PTH116 - as it was given
    except OSError as error:
        raise _unreadable(name, error) from error
    _check_is_file(name, found)
    return Input(name, found.st_size, "" if name == path else path)


def _remote(address: str, listed_in: str = "") -> Input:
    """Return the file of an address, which an argument names, or a line of the list at `listed_in`."""
    addresses.check(address)
    name = addresses.shown(address)
    is_strange = addresses.scheme(listed_in) != "" and not addresses.is_same_host(address, listed_in)
    return Input(name, None, "" if name == address else address, is_strange)


# Lists


def _in_list(given: Input, prefix: str, patience: Patience) -> Iterator[Input]:
    """Yield the files of a list. Blank lines and those that begin with # are none. Raise `InputError`."""
    is_empty = True
    for line in _lines(given, patience):
        if line and not line.startswith("#"):
            is_empty = False
            yield _of_line(line, given.place, prefix)
    if is_empty:
        raise InputError(f"{given.name} is an empty list", hint="write one path or address on each line")


def _of_line(line: str, listed_in: str, prefix: str) -> Input:
    if addresses.scheme(line):
        return _remote(line, listed_in)
    if prefix:
        place = f"{prefix.rstrip('/')}/{line.lstrip('/')}"
    elif addresses.scheme(listed_in) == "s3":
        place = f"s3://{listed_in.removeprefix('s3://').partition('/')[0]}/{line.lstrip('/')}"
    elif addresses.scheme(listed_in):
        place = urljoin(listed_in, f"/{line.lstrip('/')}")
    else:
        place = str(Path(listed_in).parent / line)
    # A file that is missing costs only itself: it is found missing when it is opened.
    name = addresses.shown(place)
    return _remote(place) if addresses.scheme(place) else Input(name, None, "" if name == place else place)


def _lines(given: Input, patience: Patience) -> Iterator[str]:
    hint = "a list is a text in UTF-8, or such a text packed by gzip, with one path or address on each line"
    rest = MAX_LIST_BYTES
    try:
        with open_input(given, patience) as file:
            is_packed = file.peek(2)[:2] == b"\x1f\x8b"  # type: ignore[attr-defined]
            with GzipFile(fileobj=file) if is_packed else file as text:
                while line := text.readline(_MAX_LINE_CHARS + 1):
                    rest -= len(line)
                    if len(line) > _MAX_LINE_CHARS or rest < 0:
                        raise InputError(f"{given.name} is not a list of paths: it is too long", hint=hint)
                    yield line.decode().strip()
    except (EOFError, UnicodeDecodeError, zlib.error, OSError) as error:
        raise InputError(f"{given.name} is not a list of paths: {error}", hint=hint) from error


# Files


def _check_is_file(name: str, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{name} is not a file", hint="give the WARC files themselves, or their folder")


def _unreadable(name: str, error: OSError) -> InputError:
    return InputError(
        f"{name} cannot be read: {error.strerror or error}", hint="check the path and the permissions of the file"
    )


def _source(given: Input, patience: Patience) -> Source:
    try:
        if addresses.scheme(given.place) == "s3":
            from scraper.sweep.remote_s3 import S3Source

            return S3Source(given.place, patience)
        from scraper.sweep.remote_https import HttpsSource

        return HttpsSource(given.place, patience, is_public_only=given.is_public_only)
    except ImportError as error:
        raise _missing(given.name, error) from error


def _listing(given: Input, patience: Patience) -> dict[str, int | None]:
    try:
        from scraper.sweep.remote_s3 import listing
    except ImportError as error:
        raise _missing(given.name, error) from error
    try:
        return listing(given.place, patience)
    except Refused as refused:
        raise InputError(f"{given.name} cannot be listed: {refused.reason}", hint=refused.hint) from refused


def _missing(name: str, error: ImportError) -> InputError:
    return InputError(
        f"{name} cannot be read, because the extra for remote files is missing ({error.name})",
        hint=f"{how_to_install('sweep')}; or download the file",
    )
