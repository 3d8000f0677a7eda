"""Zip files in one form only: members are stored without compression, and their bytes alone decide all others.

Names, order and contents of the members determine the whole file, so that it can be built again and compared. Such a
file has no room for a second name, a comment or bytes that belong to no member. It has at most 4 GB (no ZIP64).
"""

import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final

MAX_FILE_BYTES: Final = 0xFFFF_FFFE
MAX_MEMBERS: Final = 10_000
"""Both bound what is written, too, so that all that is written can be read."""
_MAX_DIRECTORY_BYTES = 4_000_000
_CHUNK_BYTES = 1 << 18
# Parts of lower case, so that no system takes two names for one, and none that leads out of a folder.
_NAME = re.compile(r"(?:[a-z0-9][a-z0-9._-]{0,99}/){0,3}[a-z0-9][a-z0-9._-]{0,99}", re.ASCII)
_VERSION, _FLAGS, _STORED, _TIME, _DAY = 20, 0, 0, 0, 0x21  # midnight of 1 January 1980, the first day that a zip has
_ON_UNIX, _MODE = 3 << 8, 0o100644 << 16
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")


class ContainerError(Exception):
    """The file is no zip of this form; the text says where it differs."""


class FullError(Exception):
    """The file would be larger than its form allows."""


@dataclass(frozen=True, slots=True)
class Member:
    """Member of a zip file: `offset` is that of its content, `crc` the CRC-32 that the file states of it."""

    name: str
    offset: int
    size: int
    crc: int

    @property
    def end(self) -> int:
        """Offset of the first byte after the content."""
        return self.offset + self.size

    @property
    def local_header(self) -> bytes:
        """Bytes before the content."""
        sizes = (self.crc, self.size, self.size, len(self.name), 0)
        return _LOCAL.pack(b"PK\3\4", _VERSION, _FLAGS, _STORED, _TIME, _DAY, *sizes) + self.name.encode()

    @property
    def central_header(self) -> bytes:
        """Entry in the directory at the end of the file."""
        sizes = (self.crc, self.size, self.size, len(self.name))
        start = self.offset - _LOCAL.size - len(self.name)
        kind = (_ON_UNIX | _VERSION, _VERSION, _FLAGS, _STORED, _TIME, _DAY)
        return _CENTRAL.pack(b"PK\1\2", *kind, *sizes, 0, 0, 0, 0, _MODE, start) + self.name.encode()


def _end_record(count: int, start: int, size: int) -> bytes:
    return _END.pack(b"PK\5\6", 0, 0, count, count, size, start, 0)


class MemberWriter:
    """Stream of the content of one member."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = 0
        self.crc = 0

    def write(self, content: bytes) -> None:
        """Append content. Raise `FullError` beyond the size of a zip file."""
        self.size += len(content)
        if self._file.tell() + len(content) > MAX_FILE_BYTES:
            raise FullError
        self.crc = zlib.crc32(content, self.crc)
        self._file.write(content)


class StoredZipWriter:
    """Writer of a zip file, member by member, to an empty file that can seek."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.members: list[Member] = []

    @contextmanager
    def member(self, name: str) -> Iterator[MemberWriter]:
        """Yield the stream of the next member. Raise `ValueError` for a name that the form does not have."""
        if not _NAME.fullmatch(name) or any(each.name == name for each in self.members):
            raise ValueError(f"no name of a member: {name}")
        start = self._file.tell()
        self._file.write(Member(name, 0, 0, 0).local_header)
        content = MemberWriter(self._file)
        member = Member(name, self._file.tell(), 0, 0)
        yield content
        member = Member(name, member.offset, content.size, content.crc)
        self._file.seek(start)
        self._file.write(member.local_header)
        self._file.seek(member.end)
        self.members.append(member)

    def finish(self) -> None:
        """Write the directory."""
        start = self._file.tell()
        directory = b"".join(member.central_header for member in self.members)
        if len(self.members) > MAX_MEMBERS or start + len(directory) + _END.size > MAX_FILE_BYTES:
            raise FullError
        self._file.write(directory + _end_record(len(self.members), start, len(directory)))


def read_members(file: IO[bytes]) -> list[Member]:
    """Return the members of a zip file of this form, in order, without reading their contents.

    Every byte outside the contents is compared with what the members determine. Raise `ContainerError`.
    """
    size = file.seek(0, 2)
    if not _END.size <= size <= MAX_FILE_BYTES:
        raise ContainerError("its size is not that of a zip file up to 4 GB")
    end = _read(file, size - _END.size, _END.size)
    _, _, _, count, _, directory_size, start, _ = _END.unpack(end)
    if end != _end_record(count, start, directory_size) or start + directory_size + _END.size != size:
        raise ContainerError("it does not end as a zip file without compression and comments")
    if count > MAX_MEMBERS or directory_size > _MAX_DIRECTORY_BYTES:
        raise ContainerError(f"it has more than {MAX_MEMBERS:,} members, or names that are too long")
    members = list(_directory(_read(file, start, directory_size), count))
    position = 0
    for member in members:
        header = member.local_header
        if member.offset != position + len(header) or _read(file, position, len(header)) != header:
            raise ContainerError(f"before {member.name}, it does not have what the directory says")
        position = member.end
    if position != start:
        raise ContainerError("it has bytes that belong to no member")
    return members


def _directory(content: bytes, count: int) -> Iterator[Member]:
    names = set()
    position = 0
    for _ in range(count):
        head = content[position : position + _CENTRAL.size]
        if len(head) < _CENTRAL.size:
            raise ContainerError("its directory is cut")
        fields = _CENTRAL.unpack(head)
        crc, size, name_size, start = fields[7], fields[9], fields[10], fields[16]
        raw = content[position + _CENTRAL.size : position + _CENTRAL.size + name_size]
        name = raw.decode("ascii", "replace")
        if not _NAME.fullmatch(name):
            raise ContainerError("a member has a name that no bundle has")
        if name in names:
            raise ContainerError(f"two members have the name {name}")
        names.add(name)
        member = Member(name, start + _LOCAL.size + len(name), size, crc)
        if member.central_header != head + raw:
            raise ContainerError(f"the entry of {name} in its directory has another form")
        yield member
        position += _CENTRAL.size + name_size
    if position != len(content):
        raise ContainerError("its directory has more than its members")


def _read(file: IO[bytes], offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


def chunks(file: IO[bytes], member: Member) -> Iterator[bytes]:
    """Yield the content of a member in pieces."""
    position = member.offset
    while position < member.end:
        file.seek(position)
        content = file.read(min(_CHUNK_BYTES, member.end - position))
        if not content:
            raise ContainerError(f"it ends within {member.name}")
        yield content
        position += len(content)
