"""File of named sections: a header, arrays and texts that are mapped into memory, and a hash of all content.

Layout: magic, offset of the header (8 bytes), sections at multiples of 64 bytes, header as JSON.
"""

import hashlib
import json
import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from scraper.errors import InputError

MAGIC: Final = b"SWINDEX1"
_ALIGNED = 64
_HEAD_BYTES = 16
_MAX_HEADER_BYTES = 1_000_000
_CHUNK = 1 << 20


class SectionWriter:
    """Writer of a file of sections, one after the other; `finish` writes the header."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self._sections: dict[str, tuple[int, int]] = {}
        self.file.write(MAGIC + bytes(_HEAD_BYTES - len(MAGIC)))

    def add(self, name: str, *parts: Any) -> None:
        """Write a section."""
        self.begin()
        start = self.file.tell()
        for part in parts:
            self.file.write(part)
        self.end(name, start)

    def begin(self) -> int:
        """Return the offset at which the next section starts."""
        self.file.write(bytes(-self.file.tell() % _ALIGNED))
        return self.file.tell()

    def end(self, name: str, start: int) -> None:
        """Name what was written since `begin`."""
        self._sections[name] = (start, self.file.tell() - start)

    def finish(self, facts: dict[str, Any]) -> str:
        """Write the header with `facts` and the content hash, which is returned."""
        end = self.file.tell()
        header = facts | {"sections": self._sections}
        digest = _content_hash(self.file, end, header)
        packed = json.dumps(header | {"sha256": digest}).encode()
        self.file.seek(end)
        self.file.write(packed)
        self.file.seek(len(MAGIC))
        self.file.write(end.to_bytes(_HEAD_BYTES - len(MAGIC), "little"))
        self.file.seek(0, 2)
        return digest


@dataclass(frozen=True, slots=True)
class Sections:
    """Mapped file of sections. All processes of a machine share its memory."""

    path: Path
    header: dict[str, Any]
    content: memoryview

    @property
    def sha256(self) -> str:
        """Hash of all content: it names the index in result files."""
        return str(self.header["sha256"])

    def __getitem__(self, name: str) -> memoryview:
        start, length = self.header["sections"][name]
        return self.content[start : start + length]

    def check(self) -> None:
        """Raise `InputError` if the content does not have its hash: the file was cut or changed."""
        header = {name: value for name, value in self.header.items() if name != "sha256"}
        with self.path.open("rb") as file:
            end = int.from_bytes(file.read(_HEAD_BYTES)[len(MAGIC) :], "little")
            if _content_hash(file, end, header) != self.sha256:
                raise damaged(self.path)


def open_sections(path: Path) -> Sections:
    """Map a file that `SectionWriter` wrote. Raise `InputError` for any other file."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            size = file.seek(0, 2)
            end = int.from_bytes(head[len(MAGIC) :], "little")
            if not head.startswith(MAGIC) or not _HEAD_BYTES <= end < size <= end + _MAX_HEADER_BYTES:
                raise damaged(path)
            file.seek(end)
            header = json.loads(file.read(_MAX_HEADER_BYTES))
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise InputError(
            f"the index file {path} cannot be read: {error.strerror or error}", hint="make it: `statewire index build`"
        ) from error
    except ValueError as error:
        raise damaged(path) from error
    if not all(start + length <= end for start, length in header["sections"].values()):
        raise damaged(path)
    return Sections(path, header, content)


def damaged(path: Path) -> InputError:
    """Return the error for a file that is no index file."""
    return InputError(
        f"{path} is no index file of this version, or is damaged", hint="make it again: `statewire index build`"
    )


def _content_hash(file: IO[bytes], end: int, header: dict[str, Any]) -> str:
    found = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    file.seek(_HEAD_BYTES)
    left = end - _HEAD_BYTES
    while left > 0 and (chunk := file.read(min(_CHUNK, left))):
        found.update(chunk)
        left -= len(chunk)
    return found.hexdigest()
