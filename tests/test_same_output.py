"""Tests of the comparison of two records of output: it finds each difference, and ignores ids and times."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EVENTS = [
    {"id": 4, "statement": 7, "kind": "statement.published", "at": "2026-11-28T10:00:00Z"},
    {"id": 5, "statement": 8, "kind": "statement.published", "at": "2026-11-28T11:00:00Z"},
    {"id": 6, "statement": 7, "kind": "statement.revised", "at": "2026-11-28T12:00:00Z"},
]


def compare(before: Path, after: Path) -> int:
    command = [sys.executable, "-m", "benchmarks.same_output", "compare", str(before), str(after)]
    return subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode


def record(folder: Path, events: list[dict[str, object]], mails: str = "Subject: Revised") -> Path:
    (folder / "demo").mkdir(parents=True)
    (folder / "demo" / "events.out").write_text(json.dumps(events, indent=1))
    (folder / "demo" / "mails.out").write_text(mails)
    return folder


def other_ids_and_times() -> list[dict[str, object]]:
    return [
        event | {"id": event["id"] + 90, "statement": event["statement"] + 50, "at": "2031-01-01T00:00:00Z"}
        for event in EVENTS
    ]


def test_other_ids_and_times_are_no_difference(tmp_path: Path) -> None:
    before, after = record(tmp_path / "a", EVENTS), record(tmp_path / "b", other_ids_and_times())
    assert compare(before, after) == 0


@pytest.mark.parametrize(
    "changed",
    [
        [*EVENTS[:2], EVENTS[2] | {"statement": 8}],
        [*EVENTS[:2], EVENTS[2] | {"kind": "statement.retitled"}],
        EVENTS[:2],
        [EVENTS[0], EVENTS[2], EVENTS[1]],
    ],
    ids=["moved to another statement", "another kind", "one fewer", "another order"],
)
def test_each_other_change_is_a_difference(tmp_path: Path, changed: list[dict[str, object]]) -> None:
    assert compare(record(tmp_path / "a", EVENTS), record(tmp_path / "b", changed)) == 1


def test_another_word_in_a_mail_is_a_difference(tmp_path: Path) -> None:
    before, after = record(tmp_path / "a", EVENTS), record(tmp_path / "b", EVENTS, "Subject: Retitled")
    assert compare(before, after) == 1


def test_records_without_mails_or_without_any_output_prove_nothing(tmp_path: Path) -> None:
    assert compare(record(tmp_path / "a", EVENTS, ""), record(tmp_path / "b", EVENTS, "")) == 1
    assert compare(tmp_path / "nothing", tmp_path / "nothing either") == 1
