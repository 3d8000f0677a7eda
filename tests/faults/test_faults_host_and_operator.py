"""Tests of the faults of host and operator: memory, and a correct table in `docs/faults.md`."""

from __future__ import annotations

import gc
import re
import weakref
from typing import TYPE_CHECKING

from fakes.mirror import STATE
from faults.places import KNOWN, OTHER, QUARTER, XML, Watch
from samples import FEED_URL, ROOT, rss

if TYPE_CHECKING:
    from pathlib import Path

TESTS = ROOT / "tests"
_ROW = re.compile(r"\| (\d+) \|")
_REFERENCE = re.compile(r"`([\w/]+\.py)::(\w+)`")
# Tests of a whole run, command, process or delivery.
_WHOLE = re.compile(r"`(?:cli|daemon|e2e|faults|pipeline|simulation)/|`delivery/test_sender\.py")
_ROWS_IN_NAME = re.compile(r"(?:def|class) (test_rows?_\d\w*|TestRows?\d\w*)")


def _table() -> dict[int, str]:
    lines = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8").splitlines()
    found = [(int(match[1]), line) for line in lines if (match := _ROW.match(line))]
    assert len(found) == len(dict(found)), "a row stands there twice"
    return dict(found)


def _defined(path: Path) -> set[str]:
    return set(re.findall(r"^\s*(?:def|class) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_table_of_faults_names_tests_that_exist() -> None:
    table = _table()
    assert sorted(table) == list(range(1, len(table) + 1))
    missing = [
        f"row {row}: {path}::{name}"
        for row, line in table.items()
        for path, name in _REFERENCE.findall(line)
        if not (TESTS / path).exists() or name not in _defined(TESTS / path)
    ]
    assert missing == []


def test_every_row_has_a_unit_test_and_an_end_to_end_test() -> None:
    for row, line in _table().items():
        *_, level, whole = line.strip("| ").split(" | ")
        assert _REFERENCE.search(level), f"row {row}: no test where the fault lives"
        assert not re.search("`(?:e2e|simulation)/", level), f"row {row}: an end-to-end test in the wrong column"
        found = _REFERENCE.findall(whole)
        assert found or whole.startswith(("none: ", "the same")), f"row {row}: nothing end to end"
        assert len(_WHOLE.findall(whole)) == len(found), f"row {row}: a test in the last column is none of the whole"
        assert not set(found) & set(_REFERENCE.findall(level)), f"row {row}: one test in both columns"


def test_every_test_that_is_named_after_a_row_is_in_the_table() -> None:
    in_table = {(path, name) for line in _table().values() for path, name in _REFERENCE.findall(line)}
    named = {
        (path.relative_to(TESTS).as_posix(), name)
        for path in TESTS.rglob("test_*.py")
        for name in _ROWS_IN_NAME.findall(path.read_text(encoding="utf-8"))
    }
    assert len(named) > 100
    assert sorted(named - in_table) == []


def test_row_88_a_cycle_without_news_leaves_nothing_behind(faulty: Watch) -> None:
    """The short form of `benchmarks/cycles.py`, in which caches fill as well."""

    def objects_after(cycles: int) -> int:
        for _ in range(cycles):
            faulty.says(FEED_URL, rss(KNOWN, OTHER, built=faulty.clock.now()), XML)
            faulty.after(QUARTER, STATE)
        gc.collect()
        # Weak references go in lots, when their table is next cleaned up.
        return sum(not isinstance(each, weakref.ReferenceType) for each in gc.get_objects())

    objects_after(5)  # an hour, so that what happens once in each has happened
    before = objects_after(1)
    assert objects_after(8) - before < 8
