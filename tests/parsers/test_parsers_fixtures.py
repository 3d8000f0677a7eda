"""Tests of every parser against dated fixtures in real markup; a missing expectation is written and fails once."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scraper import parsers
from scraper.model import Capture, EndpointKind, Outcome
from scraper.parsers import PARSERS

FIXTURES = Path(__file__).parent / "fixtures"
LISTINGS = {parser.name for parser in PARSERS if parser.kind is EndpointKind.LISTING}
REQUESTS: dict[str, Any] = json.loads((FIXTURES / "requests.json").read_text("utf-8"))


def capture_of(name: str) -> Capture:
    path = FIXTURES / name
    at = datetime.strptime(path.name.removeprefix("synthetic-")[:10], "%Y-%m-%d").replace(hour=23, tzinfo=UTC)
    headers = tuple(REQUESTS[name].get("headers", {}).items())
    return Capture(REQUESTS[name]["url"], at, Outcome.OK, 200, headers=headers, body=path.read_bytes())


def plain(value: Any) -> Any:
    """A reading as JSON, without the fields that say nothing."""
    if is_dataclass(value):
        pairs = ((field.name, plain(getattr(value, field.name))) for field in fields(value))
        return {name: held for name, held in pairs if held not in (None, [], False)}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_reading(name: str) -> None:
    expected = FIXTURES / f"{name}.expected.json"
    parser = name.partition("/")[0]
    # Only who configured it knows that a page of another site is a listing.
    is_listing = parser in LISTINGS and not REQUESTS[name]["url"].startswith("https://www.state.gov/")
    reading = plain(parsers.read(capture_of(name), EndpointKind.LISTING if is_listing else None))
    assert reading["parser"] == parser
    if not expected.exists():
        expected.write_text(json.dumps(reading, indent=1, ensure_ascii=False) + "\n", "utf-8")
        pytest.fail(f"{expected.name} was missing and is written now: review it, then run again")
    assert reading == json.loads(expected.read_text("utf-8"))


def test_every_parser_has_a_dated_fixture() -> None:
    names = {parser.name for parser in PARSERS}
    assert {name.partition("/")[0] for name in REQUESTS} == names


def test_every_file_is_used() -> None:
    files = {str(path.relative_to(FIXTURES)) for path in FIXTURES.glob("*/*")}
    assert files == set(REQUESTS) | {f"{name}.expected.json" for name in REQUESTS}


def test_every_file_is_marked_as_synthetic_or_has_its_origin_in_the_readme() -> None:
    readme = (FIXTURES / "README.md").read_text("utf-8")
    paths = (path for path in FIXTURES.rglob("*") if path.is_file() and not path.name.startswith("synthetic-"))
    names = {path.relative_to(FIXTURES).as_posix().removesuffix(".expected.json") for path in paths}
    assert {name for name in names - {"README.md"} if f"`{name}`" not in readme} == set()
