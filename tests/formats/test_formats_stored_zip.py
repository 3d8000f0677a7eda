"""Tests of zip files of one form: any zip program reads them, and no byte outside the contents can be another one."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from scraper.formats import stored_zip
from scraper.formats.stored_zip import ContainerError, FullError, StoredZipWriter, chunks, read_members

CONTENTS = {"archive/data.warc.gz": b"\x1f\x8b" * 300_000, "a.txt": b"", "evidence/page-1.txt": b"lamps"}


def packed(contents: dict[str, bytes] = CONTENTS) -> io.BytesIO:
    file = io.BytesIO()
    writer = StoredZipWriter(file)
    for name, content in contents.items():
        with writer.member(name) as member:
            for start in range(0, len(content), 100_000):
                member.write(content[start : start + 100_000])
    writer.finish()
    return file


def test_other_programs_read_it() -> None:
    with zipfile.ZipFile(packed()) as archive:
        assert archive.testzip() is None
        assert {info.filename: archive.read(info) for info in archive.infolist()} == CONTENTS
        assert {(info.date_time, info.compress_type) for info in archive.infolist()} == {((1980, 1, 1, 0, 0, 0), 0)}


def test_its_members_are_read_back() -> None:
    file = packed()
    assert {member.name: b"".join(chunks(file, member)) for member in read_members(file)} == CONTENTS
    assert read_members(packed({})) == []


def test_the_same_contents_are_the_same_bytes() -> None:
    assert packed().getvalue() == packed().getvalue()


def test_every_byte_outside_the_contents_counts() -> None:
    whole = packed({"a.txt": b"lamps", "b.txt": b"nets"})
    inside = {at for member in read_members(whole) for at in range(member.offset, member.end)}
    for at in range(len(whole.getvalue())):
        for bit in (1, 0x80):
            changed = bytearray(whole.getvalue())
            changed[at] ^= bit
            if at in inside:
                assert len(read_members(io.BytesIO(changed))) == 2
                continue
            with pytest.raises(ContainerError):
                read_members(io.BytesIO(changed))


@pytest.mark.parametrize("extra", [(b"x", b""), (b"", b"x"), (b"PK\3\4", b""), (b"", b"PK\5\6" + 18 * b"\0")])
def test_nothing_stands_before_or_after_it(extra: tuple[bytes, bytes]) -> None:
    before, after = extra
    with pytest.raises(ContainerError):
        read_members(io.BytesIO(before + packed().getvalue() + after))


def test_no_bytes_are_hidden_between_the_members_and_their_directory() -> None:
    content = packed().getvalue()
    size, start = struct.unpack("<LL", content[-10:-2])
    hidden = content[:start] + b"x" + content[start:-6] + struct.pack("<LH", start + 1, 0)
    assert zipfile.ZipFile(io.BytesIO(hidden)).testzip() is None
    with pytest.raises(ContainerError, match="bytes that belong to no member"):
        read_members(io.BytesIO(hidden))
    longer = content[: start + size] + b"x" + content[start + size : -10] + struct.pack("<LLH", size + 1, start, 0)
    with pytest.raises(ContainerError, match="directory has more"):
        read_members(io.BytesIO(longer))


@pytest.mark.parametrize("size", [0, 1, 21, 22, 100])
def test_a_file_that_is_cut_or_none_at_all(size: int) -> None:
    with pytest.raises(ContainerError):
        read_members(io.BytesIO(packed().getvalue()[:size]))


NAMES = ["../up.txt", "/etc/passwd", "a//b", "A.txt", "a\\b", "", "a/", ".hidden", "a/../b", "x" * 101, "ä.txt", "a b"]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_lead_elsewhere_are_neither_written_nor_read(name: str) -> None:
    with pytest.raises(ValueError, match="no name"), StoredZipWriter(io.BytesIO()).member(name):
        pass
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name or "a"), b"x")
    with pytest.raises(ContainerError):
        read_members(file)


def test_a_name_is_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    writer = StoredZipWriter(io.BytesIO())
    with writer.member("a.txt"):
        pass
    with pytest.raises(ValueError, match="no name"), writer.member("a.txt"):
        pass
    # The same twice, as a writer without that check would write it.
    file = packed({"a.txt": b"1", "b.txt": b"2"})
    with pytest.raises(ContainerError, match=r"two members have the name a\.txt"):
        read_members(io.BytesIO(file.getvalue().replace(b"b.txt", b"a.txt")))


def test_there_are_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    file = packed({f"{number}.txt": b"" for number in range(5)})
    monkeypatch.setattr(stored_zip, "MAX_MEMBERS", 4)
    with pytest.raises(ContainerError, match="more than 4 members"):
        read_members(file)
    with pytest.raises(FullError):
        packed({f"{number}.txt": b"" for number in range(5)})


def test_it_is_not_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_zip, "MAX_FILE_BYTES", 200)
    with pytest.raises(FullError):
        packed({"a.txt": b"x" * 200})
    with pytest.raises(FullError):
        packed({"a.txt": b"x" * 120})


def test_a_file_that_shrinks_while_it_is_read() -> None:
    file = packed({"a.txt": b"x" * 1_000_000})
    (member,) = read_members(file)
    file.truncate(500_000)
    with pytest.raises(ContainerError, match=r"ends within a\.txt"):
        list(chunks(file, member))
