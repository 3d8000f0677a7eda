"""Tests of WARC files: compressed or not, out of order, truncated, damaged, and files that are no WARC."""

from __future__ import annotations

import gzip
import tempfile
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from samples import FEED_URL, HTML_HEADERS, NOON, record, warc

from scraper.errors import InputError
from scraper.formats.warc import Recordings, unframed

if TYPE_CHECKING:
    from pathlib import Path

BODIES = [b"<rss>one</rss>", b"<rss>two</rss>", b"<rss>three, which is longer</rss>" * 40]
LIMIT = 1_000_000


def three() -> list[bytes]:
    return [record(NOON + timedelta(minutes=minute), body) for minute, body in enumerate(BODIES)]


def bodies(*paths: Path) -> list[bytes]:
    with Recordings(paths, LIMIT) as recordings:
        assert len(recordings) == len(list(recordings))
        return [found.body for found in recordings]


def problems(*paths: Path) -> list[str]:
    with Recordings(paths, LIMIT) as recordings:
        return recordings.problems


def test_one_member_for_each_record(tmp_path: Path) -> None:
    path = warc(tmp_path / "x.warc.gz", *three())
    assert bodies(path) == BODIES
    assert problems(path) == []


def test_not_packed(tmp_path: Path) -> None:
    assert bodies(warc(tmp_path / "x.warc", *three())) == BODIES


def test_one_member_for_all(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(gzip.compress(b"".join(three())))
    assert bodies(path) == BODIES


def test_all_of_a_record(tmp_path: Path) -> None:
    path = warc(
        tmp_path / "x.warc.gz", record(NOON, b"gone", "<https://www.state.gov/x/>", status=404, headers=HTML_HEADERS)
    )
    with Recordings([path], LIMIT) as recordings:
        (found,) = recordings
    assert (found.url, found.captured_at, found.status) == ("https://www.state.gov/x/", NOON, 404)
    assert found.headers == (("content-type", "text/html; charset=UTF-8"),)
    assert (found.body, found.is_cut) == (b"gone", False)


def test_the_order_is_that_of_time_over_all_files(tmp_path: Path) -> None:
    one, two, three_ = three()
    late = warc(tmp_path / "a.warc.gz", three_, one)
    early = warc(tmp_path / "b.warc", two)
    assert bodies(late, early) == bodies(early, late) == BODIES


def test_only_answers_of_web_servers_count(tmp_path: Path) -> None:
    dns = record(NOON, b"").replace(b"application/http; msgtype=response", b"text/dns")
    path = warc(tmp_path / "x.warc.gz", record(NOON, b"", kind="request"), dns, *three())
    assert bodies(path) == BODIES
    assert problems(path) == []


def test_the_content_encoding_stays_on(tmp_path: Path) -> None:
    packed = gzip.compress(b"<rss/>", mtime=0)
    headers = (("Content-Encoding", "gzip"), ("Content-Length", str(len(packed))))
    with Recordings([warc(tmp_path / "x.warc.gz", record(NOON, packed, headers=headers))], LIMIT) as recordings:
        (found,) = recordings
    assert (found.body, found.is_cut) == (packed, False)


def test_the_transfer_framing_is_undone(tmp_path: Path) -> None:
    framed = b"5;note=x\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: y\r\n\r\n"
    path = warc(tmp_path / "x.warc.gz", record(NOON, framed, headers=(("Transfer-Encoding", "chunked"),)), *three())
    with Recordings([path], LIMIT) as recordings:
        found = next(found for found in recordings if found.body == b"hello world")
    assert not found.is_cut


def test_a_body_without_its_framing_under_a_header_that_announces_it(tmp_path: Path) -> None:
    path = warc(tmp_path / "x.warc.gz", record(NOON, b"<rss>x</rss>", headers=(("Transfer-Encoding", "chunked"),)))
    with Recordings([path], LIMIT) as recordings:
        (found,) = recordings
    assert (found.body, found.is_cut) == (b"<rss>x</rss>", False)


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        (b"3\r\nabc\r\n0\r\n\r\n", (b"abc", False)),
        (b"3\nabc\n0\n\n", (b"abc", False)),
        (b"A\r\n0123456789\r\n0\r\n", (b"0123456789", False)),
        (b"0\r\n\r\n", (b"", False)),
        (b"5\r\nabc", (b"abc", True)),
        (b"3\r\nabc\r\n", (b"abc", True)),
        (b"3\r\nabc\r\nxyz\r\n", (b"abc", True)),
        (b"<html>", None),
        (b"", None),
        (b"-3\r\nabc", None),
        (b"\xff\r\nabc", None),
        (b"fffffffff\r\nabc", None),
    ],
)
def test_chunks(wire: bytes, expected: tuple[bytes, bool] | None) -> None:
    assert unframed(wire) == expected


@pytest.mark.parametrize(
    ("headers", "body", "is_cut"),
    [
        ((("Content-Length", "14"),), b"<rss>one</rss>", False),
        ((("Content-Length", "15"),), b"<rss>one</rss>", True),
        ((("Content-Length", "3"),), b"<rss>one</rss>", False),
        ((("Content-Length", "junk"),), b"<rss>one</rss>", False),
        ((("Content-Length", "9" * 400),), b"<rss>one</rss>", True),
        # The length of what was packed says nothing of what an archive unpacked.
        ((("Content-Length", "99"), ("Content-Encoding", "gzip")), b"<rss>one</rss>", False),
        ((("Content-Length", "99"), ("Content-Encoding", "gzip")), gzip.compress(b"one", mtime=0), True),
        ((("Transfer-Encoding", "chunked"),), b"5\r\nab", True),
    ],
)
def test_a_body_that_is_shorter_than_announced_is_cut(
    tmp_path: Path, headers: tuple[tuple[str, str], ...], body: bytes, is_cut: bool
) -> None:
    with Recordings([warc(tmp_path / "x.warc.gz", record(NOON, body, headers=headers))], LIMIT) as recordings:
        (found,) = recordings
    assert found.is_cut is is_cut


@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
@pytest.mark.parametrize("lost", [40, 700])
def test_a_tail_that_is_cut_off(tmp_path: Path, name: str, lost: int) -> None:
    path = tmp_path / name
    blob = b"".join(gzip.compress(r, 0) if path.suffix == ".gz" else r for r in three())
    path.write_bytes(blob[:-lost])
    with Recordings([path], LIMIT) as recordings:
        found = list(recordings)
        assert [f.body for f in found[:2]] == BODIES[:2]
        assert found[2].is_cut
        assert BODIES[2].startswith(found[2].body)
        (problem,) = recordings.problems
    assert "ends in the middle" in problem


@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
def test_a_tail_that_is_cut_off_before_the_body(tmp_path: Path, name: str) -> None:
    one, two, last = three()
    last = last[: last.index(b"HTTP/1.1 200") + 5]
    path = tmp_path / name
    path.write_bytes(b"".join(gzip.compress(r, mtime=0) if path.suffix == ".gz" else r for r in (one, two, last)))
    with Recordings([path], LIMIT) as recordings:
        assert [found.body for found in recordings] == BODIES[:2]
        (problem,) = recordings.problems
    assert FEED_URL in problem


def test_damage_in_the_middle_keeps_what_stands_before_it(tmp_path: Path) -> None:
    one, two, last = (gzip.compress(r, mtime=0) for r in three())
    broken = two[:30] + bytes(30) + two[60:]
    path = tmp_path / "x.warc.gz"
    path.write_bytes(one + broken + last)
    assert bodies(path) == BODIES[:1]
    (problem,) = problems(path)
    assert "damaged after 1 response (" in problem
    assert str(path) in problem


def test_a_record_without_time_or_address_is_left_out_alone(tmp_path: Path) -> None:
    one, two, last = three()
    timeless = two.replace(b"WARC-Date: 2026-03-02T12:01:00Z", b"WARC-Date: some time ago")
    nowhere = two.replace(b"WARC-Target-URI: " + FEED_URL.encode() + b"\r\n", b"")
    path = warc(tmp_path / "x.warc.gz", one, timeless, nowhere, last)
    assert bodies(path) == [BODIES[0], BODIES[2]]
    assert [problem.rpartition(" has ")[2] for problem in problems(path)] == [
        "no time and is skipped",
        "no URL and is skipped",
    ]


def test_an_answer_that_is_no_http_is_left_out_alone(tmp_path: Path) -> None:
    one, two, last = three()
    path = warc(tmp_path / "x.warc.gz", one, two.replace(b"HTTP/1.1 200 Said", b"Garbage, no more"), last)
    assert bodies(path) == [BODIES[0], BODIES[2]]
    assert "no HTTP header" in problems(path)[0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no WARC at all\n" * 50,
        b"<html><body>x</body></html>",
        gzip.compress(b"no WARC", mtime=0),
        b"PK\x03\x04" + bytes(99),
    ],
)
def test_a_file_that_is_no_warc_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        Recordings([path], LIMIT)
    assert str(path) in str(raised.value)
    assert raised.value.hint
    assert raised.value.exit_code == 2


def test_a_warc_of_requests_only_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no recorded HTTP response"):
        Recordings([warc(tmp_path / "x.warc.gz", record(NOON, b"", kind="request"))], LIMIT)


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        Recordings([tmp_path / "nowhere.warc.gz"], LIMIT)
    with pytest.raises(InputError, match="is a folder"):
        Recordings([tmp_path], LIMIT)


def test_one_bad_file_among_good_ones_stops_before_anything_is_taken(tmp_path: Path) -> None:
    good, bad = warc(tmp_path / "good.warc", *three()), tmp_path / "bad.warc"
    bad.write_bytes(b"?")
    with pytest.raises(InputError, match="bad"):
        Recordings([good, bad], LIMIT)


def test_of_a_body_past_the_bound_only_that_much_and_a_byte_is_kept(tmp_path: Path) -> None:
    path = warc(tmp_path / "x.warc.gz", record(NOON, bytes(50_000)))
    with Recordings([path], 1_000) as recordings:
        (found,) = recordings
    assert len(found.body) == 1_001
    framed = b"%x\r\n%s\r\n0\r\n\r\n" % (50_000, bytes(50_000))
    path = warc(tmp_path / "y.warc.gz", record(NOON, framed, headers=(("Transfer-Encoding", "chunked"),)))
    with Recordings([path], 1_000) as recordings:
        (found,) = recordings
    assert len(found.body) == 1_001


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    bodies(warc(tmp_path / "x.warc", *three()))
    with pytest.raises(InputError):
        Recordings([tmp_path / "nowhere.warc"], LIMIT)
    assert list((tmp_path / "tmp").iterdir()) == []


def revisit(minutes: int, *fields: str) -> bytes:
    head = f"WARC-Type: revisit\r\nWARC-Record-ID: <urn:uuid:{minutes:036d}>\r\n"
    at = f"{NOON + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"
    lines = "".join(f"{field}\r\n" for field in (f"WARC-Date: {at}", f"WARC-Target-URI: {FEED_URL}", *fields))
    block = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n"
    kind = "Content-Type: application/http; msgtype=response\r\n"
    return f"WARC/1.0\r\n{head}{lines}{kind}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def test_row_104_a_revisit_record_stands_for_the_answer_that_it_refers_to(tmp_path: Path) -> None:
    date = f"WARC-Refers-To-Date: {NOON:%Y-%m-%dT%H:%M:%SZ}"
    later = warc(tmp_path / "b.warc", revisit(9, f"WARC-Refers-To-Target-URI: {FEED_URL}", date), revisit(10, date))
    path = warc(tmp_path / "a.warc", *three())
    assert bodies(later, path) == [*BODIES, BODIES[0], BODIES[0]]
    assert problems(later, path) == []


def test_row_104_a_revisit_record_may_name_its_payload_by_digest(tmp_path: Path) -> None:
    digest = "WARC-Payload-Digest: sha1:ABC"
    known = three()[1].replace(b"WARC-Type:", f"{digest}\r\nWARC-Type:".encode(), 1)
    assert bodies(warc(tmp_path / "a.warc", revisit(30, digest), known)) == [BODIES[1], BODIES[1]]


def test_row_104_skipped_records_are_counted(tmp_path: Path) -> None:
    alone = warc(tmp_path / "a.warc", revisit(3, "WARC-Refers-To-Date: soon"), revisit(4))
    assert bodies(alone) == []
    (problem,) = problems(alone)
    assert "2 revisit records are skipped" in problem
    mixed = warc(tmp_path / "b.warc", record(NOON, b"", kind="resource"), *three())
    assert bodies(mixed) == BODIES
    assert "1 resource record is skipped" in problems(mixed)[0]
