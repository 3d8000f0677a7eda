"""Tests of statements in JSON Lines: required fields, and mistakes named by file and line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scraper.errors import InputError
from scraper.formats.jsonl import MAX_LINE_BYTES, is_jsonl, lines
from scraper.model import AUTHORITY, Precision

LEAST = {
    "guid": "g1",
    "url": "https://www.state.gov/lamps/",
    "title": "Lamps",
    "published_at": "2026-03-02T12:00:00Z",
    "text": "One lamp.",
}


def written(tmp_path: Path, *rows: Any, name: str = "x.jsonl", bom: bytes = b"") -> Path:
    path = tmp_path / name
    texts = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    path.write_bytes(bom + b"\n".join(texts) + b"\n")
    return path


def but(**changes: Any) -> dict[str, Any]:
    """The least that a line may hold, changed; what is None is left out."""
    return {key: value for key, value in (LEAST | changes).items() if value is not None}


def test_the_least_that_a_line_may_hold(tmp_path: Path) -> None:
    (line,) = lines(written(tmp_path, LEAST))
    assert (line.number, line.guid, line.url, line.title, line.text) == (1, "g1", LEAST["url"], "Lamps", "One lamp.")
    assert (line.published_at, line.precision) == (datetime(2026, 3, 2, 12, tzinfo=UTC), Precision.SECOND)
    assert (line.html, line.byline, line.type, line.captured_at, line.authority) == (None, None, None, None, AUTHORITY)
    assert json.loads(line.raw) == LEAST


def test_the_most(tmp_path: Path) -> None:
    row = but(
        text=None,
        html="<p>One</p>",
        byline="Rosalind P. Quill",
        type="Readout",
        captured_at="2026-03-02T13:00:00+02:00",
        authority="treasury.example",
        remark="unknown keys are nobody's business",
    )
    (line,) = lines(written(tmp_path, row))
    assert (line.html, line.text, line.byline, line.type) == ("<p>One</p>", None, "Rosalind P. Quill", "Readout")
    assert (line.captured_at, line.authority) == (datetime(2026, 3, 2, 11, tzinfo=UTC), "treasury.example")


@pytest.mark.parametrize(
    ("given", "at", "precision"),
    [
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC), Precision.DAY),
        ("20260302", datetime(2026, 3, 2, tzinfo=UTC), Precision.DAY),
        ("2026-03-02T12:00", datetime(2026, 3, 2, 12, tzinfo=UTC), Precision.SECOND),
        ("2026-03-02T12:00:01-05:00", datetime(2026, 3, 2, 17, 0, 1, tzinfo=UTC), Precision.SECOND),
        ("1801-03-05", datetime(1801, 3, 5, tzinfo=UTC), Precision.DAY),
    ],
)
def test_times(tmp_path: Path, given: str, at: datetime, precision: Precision) -> None:
    (line,) = lines(written(tmp_path, but(published_at=given)))
    assert (line.published_at, line.precision) == (at, precision)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (but(guid=None), "guid is required"),
        (but(url=None), "url is required"),
        (but(title=""), "title is required"),
        (but(title=" \x00 "), "title is empty"),
        (but(published_at=None), "published_at is required"),
        (but(text=None), "either html or text"),
        (but(html="<p>x</p>"), "either html or text"),
        (but(guid=7), "guid should be text"),
        (but(text=["One"]), "text should be text"),
        (but(url="lamps/"), "url should be an absolute URL"),
        (but(url="file:///etc/passwd"), "url should be an absolute URL"),
        (but(published_at="yesterday"), "published_at should be a time"),
        (but(published_at="0001-01-01T00:00:00+05:00"), "published_at should be a time"),
        (but(captured_at="2026-13-01T00:00:00Z"), "captured_at should be a time"),
        ([LEAST], "not a JSON object"),
        (b"guid,url,title", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b'{"guid": "g1", "url": ', "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b'"x' + b"x" * MAX_LINE_BYTES + b'"', "is longer than 8,000,000 bytes"),
    ],
)
def test_a_mistake_is_named_by_file_and_line_and_what_stands_before_is_given(
    tmp_path: Path, row: Any, words: str
) -> None:
    path = written(tmp_path, LEAST, b"", row, LEAST)
    reading = lines(path)
    assert next(reading).number == 1
    with pytest.raises(InputError) as raised:
        next(reading)
    assert str(raised.value).startswith(f"{path}:3: ")
    assert words in str(raised.value)
    assert raised.value.hint
    assert raised.value.exit_code == 2


def test_a_line_of_nearly_eight_megabytes(tmp_path: Path) -> None:
    (line,) = lines(written(tmp_path, but(text="lamp " * 1_590_000)))
    assert len(line.raw) > MAX_LINE_BYTES - 100_000


def test_a_byte_order_mark_empty_lines_and_foreign_line_ends(tmp_path: Path) -> None:
    path = written(tmp_path, LEAST, b"", b"  \r", json.dumps(but(guid="g2")).encode() + b"\r", bom=b"\xef\xbb\xbf")
    assert [(line.number, line.guid) for line in lines(path)] == [(1, "g1"), (4, "g2")]


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(b"")
    assert list(lines(tmp_path / "x.jsonl")) == []


def test_a_last_line_without_an_end(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(json.dumps(LEAST), encoding="utf-8")
    assert len(list(lines(tmp_path / "x.jsonl"))) == 1


def test_fields_are_cleaned_of_what_no_field_may_hold(tmp_path: Path) -> None:
    row = but(guid="g\n1", title="La\x1b[31mmps \ud800 here", byline="A\r\nB", url="https://www.state.gov/\ud800lamps/")
    (line,) = lines(written(tmp_path, row))
    assert (line.guid, line.title, line.byline) == ("g 1", "La [31mmps here", "A B")
    line.url.encode("utf-8")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        list(lines(tmp_path / "nowhere.jsonl"))
    with pytest.raises(InputError, match="cannot be read"):
        list(lines(tmp_path))


@pytest.mark.parametrize(("name", "expected"), [("x.jsonl", True), ("x.ndjson", True), ("x.warc.gz", False)])
def test_which_files_are_json_lines(name: str, expected: bool) -> None:
    assert is_jsonl(Path(name)) is expected
