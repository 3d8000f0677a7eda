"""Tests with the real feed of the summer of 2021, through the command line, against an independent count."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from running import command
from samples import PRESS_FEED

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    not PRESS_FEED.is_dir(), reason=f"the captures of the real feed are not at hand ({PRESS_FEED})"
)
# The count's own names for our kinds and parts.
NAMES = {
    "published": ("statement.published", None),
    "revised": ("statement.revised", "body"),
    "reattributed": ("statement.reattributed", None),
    "retitled": ("statement.retitled", "title"),
    "touched": ("statement.touched", "body"),
    "title touched": ("statement.touched", "title"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("truth")


def call(folder: Path, *arguments: str) -> Any:
    done = command(folder, "-q", *arguments, "--json", limit_s=600)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def truth() -> Any:
    return json.loads((PRESS_FEED / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def summary(folder: Path) -> Any:
    return call(folder, "import", *map(str, PRESS_FEED.glob("*.warc.gz")))


@pytest.fixture(scope="module")
def events(folder: Path, summary: Any) -> Any:
    assert summary
    return call(folder, "events")


def test_the_summary(summary: Any, truth: Any) -> None:
    assert summary["captures"] == truth["polls"] == 705
    assert summary["stale"] == truth["stale_polls"] == 23
    assert summary["statements"] == summary["published"] == truth["statements"] == 587
    assert (summary["known"], summary["unread"], summary["problems"]) == (0, 0, [])


def test_the_counts(events: Any, truth: Any) -> None:
    # The count knows no reposts (the same text under a new guid); each comes beside a publication.
    counted = Counter((event["kind"], event["part"]) for event in events if event["kind"] != "statement.reposted")
    assert counted == {NAMES[name]: count for name, count in truth["counts"].items()}


def test_each_event_with_its_time_and_guid(events: Any, truth: Any) -> None:
    reported = Counter(
        (event["kind"], event["part"], event["at"], event["guid"])
        for event in events
        if event["kind"] not in {"statement.published", "statement.reposted"}
    )
    assert reported == Counter((*NAMES[event["kind"]], event["at"], event["guid"]) for event in truth["events"])


def test_every_revision_has_a_grade_and_reasons(events: Any, truth: Any) -> None:
    revised = [event for event in events if event["kind"] == "statement.revised"]
    assert {event["grade"] for event in revised} <= {"minor", "material"}
    assert all(event["reasons"] for event in revised)
    assert len({event["guid"] for event in revised}) == truth["revised_guids"] == 13


def test_only_statements_of_the_first_poll_are_history(events: Any) -> None:
    assert sum(event["backfill"] for event in events) == 10
    assert {event["at"] for event in events if event["backfill"]} == {min(event["at"] for event in events)}


def test_again_nothing_is_new(folder: Path, summary: Any, events: Any) -> None:
    again = call(folder, "import", *map(str, PRESS_FEED.glob("*.warc.gz")))
    assert again == summary | {"new": 0, "known": 705, "published": 0, "events": 0}
    assert call(folder, "events") == events


def test_the_statements_are_whole(folder: Path, summary: Any) -> None:
    assert summary
    statements = call(folder, "list")
    assert len(statements) == 587
    assert all(s["title"] and s["guid"] and s["url"].startswith("https://www.state.gov/") for s in statements)
    assert all(s["published_at"] and s["words"] for s in statements)
    assert sum(s["revisions"] - 1 for s in statements) == 14  # thirteen revised bodies and one new title
