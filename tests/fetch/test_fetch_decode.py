"""Tests of decoding a body: complete, within its limits, or an error."""

import gzip
import tracemalloc
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetch.decode import BodyDecoder, BodyLimits
from scraper.fetch.request import RequestFailed
from scraper.model import Outcome


def read(chunks: list[bytes], encoding: str, *, wire: int = 1_000_000, decoded: int = 1_000_000) -> bytes:
    body = BodyDecoder(encoding, BodyLimits(wire_bytes=wire, decoded_bytes=decoded))
    for chunk in chunks:
        body.feed(chunk)
    body.finish()
    return bytes(body.data)


def failure_of(chunks: list[bytes], encoding: str, **bounds: int) -> RequestFailed:
    with pytest.raises(RequestFailed) as caught:
        read(chunks, encoding, **bounds)
    return caught.value


def cut(data: bytes, marks: list[int]) -> list[bytes]:
    edges = [0, *sorted(mark % (len(data) + 1) for mark in marks), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5), st.lists(st.integers(0, 5000), max_size=12))
def test_row_9_gzip_of_any_members_in_any_pieces_comes_back_whole(members: list[bytes], marks: list[int]) -> None:
    wire = b"".join(gzip.compress(member, mtime=0) for member in members)
    assert read(cut(wire, marks), "gzip") == b"".join(members)


@given(st.binary(min_size=1, max_size=500), st.data())
def test_row_8_gzip_cut_anywhere_is_truncated(text: bytes, data: st.DataObject) -> None:
    wire = gzip.compress(text, mtime=0)
    end = data.draw(st.integers(1, len(wire) - 1))
    assert failure_of([wire[:end]], "gzip").outcome is Outcome.TRUNCATED


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_identity(encoding: str) -> None:
    assert read([b"ab", b"", b"c"], encoding) == b"abc"


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZIP"])
def test_gzip_by_its_names(encoding: str) -> None:
    assert read([gzip.compress(b"text", mtime=0)], encoding) == b"text"


def test_an_empty_body_labelled_gzip_is_empty() -> None:
    assert read([], "gzip") == b""


def test_padding_after_a_member_is_no_member() -> None:
    assert read([gzip.compress(b"text", mtime=0) + b"\0" * 9, b"\0" * 9], "gzip") == b"text"


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "x-foo", "gzip, identity"])
def test_rows_11_and_12_an_encoding_that_was_not_offered_is_refused(encoding: str) -> None:
    assert failure_of([b"anything"], encoding).outcome is Outcome.BAD_ENCODING


@pytest.mark.parametrize(
    "wire",
    [
        b"plain text labelled gzip",
        gzip.compress(b"text", mtime=0)[:-8] + b"\1" * 8,
    ],
    ids=["plain", "wrong checksum"],
)
def test_row_12_a_label_that_lies_is_bad_encoding(wire: bytes) -> None:
    assert failure_of([wire], "gzip").outcome is Outcome.BAD_ENCODING


def test_row_13_too_many_bytes_on_the_wire() -> None:
    failure = failure_of([b"x" * 60, b"x" * 60], "", wire=100)
    assert failure.outcome is Outcome.TOO_LARGE
    assert "100 bytes on the wire" in failure.detail


def test_bounds_are_what_still_fits() -> None:
    assert read([b"x" * 100], "", wire=100, decoded=100) == b"x" * 100
    assert read([gzip.compress(b"x" * 100, mtime=0)], "gzip", decoded=100) == b"x" * 100
    assert failure_of([gzip.compress(b"x" * 101, mtime=0)], "gzip", decoded=100).outcome is Outcome.TOO_LARGE


def test_bytes_read_up_to_a_bound_are_kept() -> None:
    body = BodyDecoder("", BodyLimits(wire_bytes=10, decoded_bytes=10))
    with pytest.raises(RequestFailed):
        body.feed(b"0123456789abc")
    assert body.data == b"0123456789"


def test_row_10_a_bomb_is_too_large_and_costs_no_memory() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1_000_000)
    bomb = b"".join(packer.compress(zeros) for _ in range(100)) + packer.flush()
    assert len(bomb) < 200_000
    tracemalloc.start()
    try:
        failure = failure_of([bomb], "gzip", wire=8_000_000, decoded=2_000_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert failure.outcome is Outcome.TOO_LARGE
    assert peak < 10_000_000


def test_a_flood_of_empty_members_ends() -> None:
    flood = gzip.compress(b"", mtime=0) * 5000
    assert failure_of([flood], "gzip").outcome is Outcome.BAD_ENCODING


PAGE = b"<html><head><title>A</title></head><body><p>Words.</p></body></html>"
PACKED = gzip.compress(PAGE, mtime=0)


@pytest.mark.parametrize("size", [1, 7, 5_000])
@pytest.mark.parametrize(
    ("wire", "encoding", "problem"),
    [
        (PACKED + b"junk", "gzip", "bytes after the end"),
        (PACKED + b"\0\0\r\n<!-- x -->", "x-gzip", "bytes after the end"),
        (gzip.compress(PACKED, mtime=0), "gzip", "compressed once more"),
        (gzip.compress(PACKED, mtime=0), "gzip, gzip", "compressed with gzip"),
        (PACKED, "identity", "compressed once more"),
        (PACKED, "none", "compressed with gzip"),
        (PAGE, "none", "not compressed"),
        (PAGE, "utf-8", "not compressed"),
        (PAGE, "gzip", "not compressed"),
        (PAGE, "identity", ""),
        (PACKED, "gzip", ""),
    ],
)
def test_row_102_a_document_under_a_wrong_label_is_read_and_the_label_named(
    wire: bytes, encoding: str, problem: str, size: int
) -> None:
    body = BodyDecoder(encoding, BodyLimits(wire_bytes=10_000, decoded_bytes=10_000))
    for at in range(0, len(wire), size):
        body.feed(wire[at : at + size])
    body.finish()
    assert bytes(body.data) == PAGE
    assert problem in body.problem
    assert bool(problem) == bool(body.problem)


def test_row_102_a_bomb_within_a_body_is_not_unpacked() -> None:
    inner = gzip.compress(b"<p>" + bytes(3_000_000), mtime=0)
    assert read([gzip.compress(inner, mtime=0)], "gzip") == inner
