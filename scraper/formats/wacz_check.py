"""Reader and checker of evidence bundles: names the member that does not fit, or the container. Needs no network.

A bundle may come from anyone. What is read into memory is bounded by the limits here, whatever it claims.
"""

import base64
import binascii
import hashlib
import io
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from scraper.errors import InputError
from scraper.formats import time_stamps
from scraper.formats.stored_zip import ContainerError, Member, chunks, read_members
from scraper.formats.wacz import (
    DIGEST,
    FACTS,
    INDEX,
    MAX_TEXT_BYTES,
    PACKAGE,
    REQUIRED,
    TIME_STAMP,
    WARC,
    TimeStamp,
    as_json,
)
from scraper.formats.wacz_record import RECORDED, content_sha256, record_of
from scraper.formats.warc_check import RecordError, index_of
from scraper.serialize import parse_utc

CONTAINER: Final = "the container"
SUFFIX: Final = ".wacz"
_EMPTY_SHA256 = hashlib.sha256().hexdigest()


class MemberError(Exception):
    """A member does not fit; `member` is its name, or `CONTAINER`."""

    def __init__(self, member: str, problem: str) -> None:
        super().__init__(f"{member}: {problem}")
        self.member = member
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Checked:
    """Result of a check: the hash of the description, the numbers of members and responses, the time stamp.

    `stamped` is None without a time stamp. `unchecked` says what this installation could not check.
    """

    sha256: str
    members: int
    responses: int
    stamped: time_stamps.Stamped | None
    unchecked: tuple[str, ...] = ()


class Bundle:
    """Open bundle whose container has the form of a bundle. Raise `MemberError` for one that has not."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        try:
            self.members = {member.name: member for member in read_members(file)}
        except ContainerError as error:
            raise MemberError(CONTAINER, str(error)) from None
        names = list(self.members)
        if names[-2:] != [PACKAGE, DIGEST] or not set(REQUIRED) <= set(names):
            missing = next((name for name in REQUIRED if name not in self.members), PACKAGE)
            raise MemberError(CONTAINER, f"it has no {missing}, or not at its place, so it is no evidence bundle")

    def hash(self, name: str) -> str:
        """Return the SHA-256 of a member. Raise `MemberError` if its content has another CRC-32 than it states."""
        member, found, crc = self.members[name], hashlib.sha256(), 0
        for content in self._chunks(member):
            found.update(content)
            crc = zlib.crc32(content, crc)
        if crc != member.crc:
            raise MemberError(name, "its content was changed: its CRC-32 is another one")
        return found.hexdigest()

    def read(self, name: str) -> bytes:
        """Return a member. Raise `MemberError` if it is larger."""
        member = self.members[name]
        if member.size > MAX_TEXT_BYTES:
            raise MemberError(name, f"it has {member.size:,} bytes; a bundle has at most {MAX_TEXT_BYTES:,} there")
        return b"".join(self._chunks(member))

    def read_json(self, name: str) -> dict[str, Any]:
        """Return a member that is a JSON object. Raise `MemberError` for another one."""
        try:
            found = json.loads(self.read(name), object_pairs_hook=_single)
        except (ValueError, RecursionError):
            raise MemberError(name, "it is no JSON, or has a key twice") from None
        if not isinstance(found, dict):
            raise MemberError(name, "it is no JSON object")
        return found

    def open_member(self, name: str) -> io.BufferedReader:
        """Return a member as a stream that can seek."""
        return io.BufferedReader(_Part(self._file, self.members[name]))

    def _chunks(self, member: Member) -> Iterator[bytes]:
        try:
            yield from chunks(self._file, member)
        except ContainerError as error:
            raise MemberError(CONTAINER, str(error)) from None


def _single(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object. Raise `ValueError` for a key that it has twice: other programs may read the other value."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


class _Part(io.RawIOBase):
    """Part of a file that a member has, as a stream."""

    def __init__(self, file: IO[bytes], member: Member) -> None:
        super().__init__()
        self._file, self._member, self._at = file, member, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._member.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._member.offset + self._at)
        content = self._file.read(max(0, min(len(buffer), self._member.size - self._at)))
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


@contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """Yield the bundle in a file. Raise `InputError` if it cannot be read, `MemberError` if it is no bundle."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise InputError(f"{path} does not exist", hint="check the path") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder", hint="give a .wacz file") from None
    with file:
        yield Bundle(file)


def is_bundle(path: Path) -> bool:
    """Return True for the name of a bundle."""
    return path.suffix.lower() == SUFFIX


@contextmanager
def whole_bundle(path: Path) -> Iterator[Bundle]:
    """Yield a bundle that was checked. Raise `InputError` if it cannot be read or a member of it does not fit."""
    try:
        with opened(path) as bundle:
            check(bundle)
            yield bundle
    except MemberError as error:
        raise InputError(
            f"{path} is no evidence bundle, or was changed: {error}",
            hint="get the file again; of a WACZ file of another program, unpack and import the WARC files in `archive`",
        ) from None


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """Subject of a bundle, for `import`: authority and guid of a statement, the URL of a page; None if there is none.

    `responses` are keys (URL, time, SHA-256 of the body, "" if that is empty) with the subjects of each.
    """

    statement: tuple[str, str] | None
    page: str | None
    responses: tuple[tuple[tuple[str, datetime, str], tuple[str, ...]], ...]


def record_in(bundle: Bundle) -> tuple[str, str] | None:
    """Return the hash of the content of a bundle that was checked, and the facts with its record as JSON.

    None if they have another form, as those of earlier versions.
    """
    facts = bundle.read_json(FACTS)
    try:
        if not record_of(facts).is_plausible:
            return None
        kept = {name: facts[name] for name in RECORDED}
        return content_sha256(facts), as_json(_without_texts(kept)).decode()
    except (AttributeError, LookupError, TypeError, ValueError):
        return None


def _without_texts(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts with the numbers and times of revisions only; the texts are read in the responses."""
    rows = [{name: row[name] for name in ("number", "last_seen_at")} for row in facts["revisions"]]
    return facts | {"revisions": rows}


def facts_of(bundle: Bundle) -> BundleFacts:
    """Return what a bundle is about. Raise `MemberError` if its facts have another form."""
    facts = bundle.read_json(FACTS)
    try:
        subjects = facts["subjects"]
        statement, page = subjects.get("statement"), subjects.get("page")
        return BundleFacts(
            (_text(statement["authority"]), _text(statement["guid"])) if statement else None,
            _text(page["url"]) if page else None,
            tuple(
                (
                    (_text(row["url"]), parse_utc(str(row["captured_at"])), _text(row["sha256"] or "")),
                    tuple(map(str, row["of"])),
                )
                for row in facts["responses"]
                if row["is_included"]
            ),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise MemberError(FACTS, "it has another form") from None


def _text(value: object) -> str:
    """Return a value as text that can be stored. Raise `ValueError` for a character that JSON has cut in half."""
    text = str(value)
    text.encode()
    return text


def indexed_keys(bundle: Bundle) -> frozenset[tuple[str, datetime, str]]:
    """Return the keys (see `BundleFacts`) of the responses in the index of a bundle that was checked."""
    found = set()
    for line in bundle.read(INDEX).decode().split("\n")[:-1]:  # a URL can have other line separators
        _, at, fields = line.split(" ", 2)
        row = json.loads(fields)
        sha256 = base64.b32decode(row["digest"].removeprefix("sha256:")).hex()
        moment = datetime.strptime(at, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        found.add((row["url"], moment, "" if sha256 == _EMPTY_SHA256 else sha256))
    return frozenset(found)


def check(bundle: Bundle, progress: Callable[[int, int | None], None] = lambda _done, _total: None) -> Checked:
    """Check a bundle: hashes, records, index, description, time stamp. Raise `MemberError` for what does not fit.

    The container has been compared with its members already, byte by byte. `progress` receives the number of members
    that are done, and their total.
    """
    hashes = {}
    for done, name in enumerate(bundle.members, 1):
        hashes[name] = bundle.hash(name)
        progress(done, len(bundle.members))
    _check_package(bundle, hashes)
    digest = bundle.read_json(DIGEST)
    if digest.get("path") != PACKAGE or digest.get("hash") != f"sha256:{hashes[PACKAGE]}":
        raise MemberError(PACKAGE, f"its hash is not that in {DIGEST}")
    with bundle.open_member(WARC) as warc:
        try:
            lines = index_of(warc)
        except RecordError as error:
            raise MemberError(WARC, str(error)) from None
    if bundle.read(INDEX) != "".join(f"{line}\n" for line in sorted(lines)).encode():
        raise MemberError(INDEX, f"it is not the index of {WARC}")
    facts_of(bundle)
    stamped, unchecked = _check_stamp(bundle.read(PACKAGE), digest)
    return Checked(hashes[PACKAGE], len(hashes), len(lines), stamped, unchecked)


def _check_package(bundle: Bundle, hashes: dict[str, str]) -> None:
    """Compare the description with the members that it names: all but itself and its digest, in their order."""
    resources = bundle.read_json(PACKAGE).get("resources")
    if not isinstance(resources, list) or not all(isinstance(each, dict) for each in resources):
        raise MemberError(PACKAGE, "it has no list of resources")
    by_path = {str(each.get("path")): each for each in resources}
    for name in list(bundle.members)[:-2]:
        row = by_path.get(name)
        if row is None:
            raise MemberError(name, f"{PACKAGE} does not name it")
        if row.get("hash") != f"sha256:{hashes[name]}" or row.get("bytes") != bundle.members[name].size:
            raise MemberError(name, f"its hash or its size is not that in {PACKAGE}")
    if [str(each.get("path")) for each in resources] != list(bundle.members)[:-2]:
        raise MemberError(PACKAGE, "it names other members than there are")


def _check_stamp(package: bytes, digest: dict[str, Any]) -> tuple[time_stamps.Stamped | None, tuple[str, ...]]:
    if TIME_STAMP not in digest:
        return None, ()
    stamp = stamp_of(digest)
    try:
        return time_stamps.check(stamp.token, stamp.certificates, package), ()
    except time_stamps.StampError as error:
        raise MemberError(DIGEST, f"its time stamp does not fit: {error}") from None
    except ImportError:
        return None, ("the time stamp, for which the extra `evidence` of statewire is missing",)


def stamp_of(digest: dict[str, Any]) -> TimeStamp:
    """Return the time stamp in a digest that has one. Raise `MemberError` for one of another form."""
    row = digest[TIME_STAMP]
    try:
        token, certificates = base64.b64decode(row["token"], validate=True), row["certificates"]
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise MemberError(DIGEST, "its time stamp has another form") from None
    if not isinstance(certificates, str):
        raise MemberError(DIGEST, "its time stamp has another form")
    return TimeStamp(token, certificates)
