"""Tests of every parser against dated fixtures in real markup; a missing expectation is written and fails once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scraper.parsers import PARSERS
from scraper.pipeline.fixtures import EXPECTED, REQUEST, UNREAD, expected, load, write_json

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = sorted(path.relative_to(FIXTURES).as_posix().removesuffix(REQUEST) for path in FIXTURES.glob(f"*/*{REQUEST}"))


@pytest.mark.parametrize("name", NAMES)
def test_reading(name: str) -> None:
    path = FIXTURES / f"{name}{EXPECTED}"
    reading = expected(*load(FIXTURES / name))
    assert reading.get("parser", UNREAD) == name.partition("/")[0]
    if not path.exists():
        write_json(path, reading)
        pytest.fail(f"{path.name} was missing and is written now: review it, then run again")
    assert reading == json.loads(path.read_text("utf-8"))


def test_every_parser_has_a_dated_fixture() -> None:
    names = {parser.name for parser in PARSERS}
    assert {name.partition("/")[0] for name in NAMES} - {UNREAD} == names


def test_every_file_is_used() -> None:
    files = {path.relative_to(FIXTURES).as_posix() for path in FIXTURES.glob("*/*")}
    assert files == {f"{name}{suffix}" for name in NAMES for suffix in ("", REQUEST, EXPECTED)}


def test_every_fixture_is_marked_as_synthetic_or_has_its_origin() -> None:
    real = [name for name in NAMES if not name.partition("/")[2].startswith("synthetic-")]
    requests = {name: json.loads((FIXTURES / f"{name}{REQUEST}").read_text("utf-8")) for name in real}
    readme = (FIXTURES / "README.md").read_text("utf-8")
    assert [name for name in real if "saved_by" not in requests[name] and f"`{name}`" not in readme] == []
