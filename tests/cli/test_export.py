"""Tests of `statewire export`: files for other programs."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from samples import NOON, Piece, record, rss, warc

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Said

ATOM = "{http://www.w3.org/2005/Atom}"


def test_rows_have_the_fields_of_json(story: Callable[..., Said]) -> None:
    events = [json.loads(line) for line in story("export", "events").out.splitlines()]
    assert events == json.loads(story("events", "--json").out)
    statements = [json.loads(line) for line in story("export", "statements").out.splitlines()]
    listed = json.loads(story("list", "--json").out)
    assert [{k: v for k, v in row.items() if k != "text"} for row in statements] == listed
    assert all(row["text"] for row in statements)
    assert story("export", "copies").out == ""


def test_csv_is_read_back_and_holds_no_formula(run: Callable[..., Said], tmp_path: Path) -> None:
    evil = Piece(1, title='=HYPERLINK("http://evil.example")', body=('-2+3 lamps, "quoted"\nand so on',))
    assert run("import", str(warc(tmp_path / "x.warc.gz", record(NOON, rss(evil))))).code == 0
    said = run("export", "statements", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(said.out))
    assert row["title"] == '\'=HYPERLINK("http://evil.example")'
    assert row["text"].startswith("'-2+3 lamps")
    assert json.loads(row["countries"]) == []


@pytest.mark.parametrize("start", [*"＝﹦⁼+＋﹢－﹣−@＠﹫", "\u200b=", "\u3000＝"])
def test_no_spelling_of_a_formula_begins_a_cell(run: Callable[..., Said], tmp_path: Path, start: str) -> None:
    assert (
        run("import", str(warc(tmp_path / "x.warc.gz", record(NOON, rss(Piece(1, title=f"{start}1+2 lamps")))))).code
        == 0
    )
    (row,) = csv.DictReader(io.StringIO(run("export", "statements", "--format", "csv").out))
    assert row["title"].startswith("'")
    assert row["title"].endswith("1+2 lamps")


def test_events_are_a_feed_that_readers_take(run: Callable[..., Said], tmp_path: Path) -> None:
    first, second = Piece(1), Piece(2, title="Lamps & nets")
    records = [record(NOON, rss(first)), record(NOON.replace(hour=13), rss(second, first, built=NOON.replace(hour=13)))]
    assert run("import", str(warc(tmp_path / "x.warc.gz", *records))).code == 0
    root = ElementTree.fromstring(run("export", "events", "--format", "atom").out)
    (entry,) = root.findall(f"{ATOM}entry")  # what was there before the watch is no news
    assert entry.findtext(f"{ATOM}title") == "Published: Lamps & nets"
    assert entry.findtext(f"{ATOM}updated") == "2026-03-02T13:00:00Z"
    assert entry.find(f"{ATOM}link").attrib == {"href": second.url}  # type: ignore[union-attr]
    assert root.findtext(f"{ATOM}updated") == "2026-03-02T13:00:00Z"
    ids = [root.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}id")]
    assert len(set(ids)) == 2


@pytest.mark.usefixtures("store")
def test_an_empty_feed_is_a_feed(run: Callable[..., Said]) -> None:
    root = ElementTree.fromstring(run("export", "events", "--format", "atom").out)
    assert root.findall(f"{ATOM}entry") == []


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("what", ["statements", "copies"])
def test_a_feed_is_made_of_events(run: Callable[..., Said], what: str) -> None:
    said = run("export", what, "--format", "atom")
    assert said.code == 2
    assert "has events only" in said.err


def test_csv_without_rows_has_the_names_of_its_columns(run: Callable[..., Said]) -> None:
    assert run("-q", "demo", db="demo.db").code == 0
    for what in ("statements", "copies", "events"):
        whole = run("export", what, "--format", "csv", db="demo.db").out
        none = run("export", what, "--format", "csv", "--until", "1990", db="demo.db").out
        assert whole.count("\n") > 2
        assert none == whole.splitlines()[0] + "\n"
        first = json.loads(run("export", what, db="demo.db").out.splitlines()[0])
        assert none.strip().split(",") == list(first)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "csv", "--kind", "published", "--kind", "revised", "--since", "2026-01-01", "--limit", "3"),
        ("--changed",),
        ("--type", "Media Note", "--outdated"),
        ("--source", "state", "--until", "2027"),
    ],
)
@pytest.mark.parametrize("what", ["events", "statements", "copies"])
def test_options_stand_before_the_kind_of_rows_as_well(
    story: Callable[..., Said], what: str, arguments: tuple[str, ...]
) -> None:
    before, after = story("export", *arguments, what), story("export", what, *arguments)
    assert (before.out, before.err, before.code) == (after.out, after.err, after.code)


def test_what_stands_after_the_kind_of_rows_counts(story: Callable[..., Said]) -> None:
    said = story("export", "--format", "csv", "--limit", "1", "events", "--format", "jsonl")
    assert len(said.out.splitlines()) == 1
    assert json.loads(said.out)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--format", "csv", "evidence", "1"), "--format is for statements, copies, events, and not for evidence"),
        (("--format", "xml", "events"), "“xml” is unknown"),
        (("--limit", "x", "events"), "“x” is no whole number"),
        (("--format", "csv"), "Missing command"),
    ],
)
def test_options_before_the_kind_of_rows_are_checked(
    story: Callable[..., Said], arguments: tuple[str, ...], words: str
) -> None:
    said = story("export", *arguments)
    assert said.code == 2
    assert words in said.err
