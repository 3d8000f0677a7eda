"""Rows of the host and of who runs the watch: what it leaves in memory, and that the table of faults is true."""

from __future__ import annotations

import gc
import re
import weakref
from typing import TYPE_CHECKING

from faults.places import KNOWN, OTHER, QUARTER, XML, Watch
from pipeline.gazette import STATE
from samples import FEED_URL, ROOT, rss

if TYPE_CHECKING:
    from pathlib import Path

TESTS = ROOT / "tests"
_ROW = re.compile(r"\| (\d+) \|")
_REFERENCE = re.compile(r"`([\w/]+\.py)::(\w+)`")
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
    assert len(table) >= 88
    missing = [
        f"row {row}: {path}::{name}"
        for row, line in table.items()
        for path, name in _REFERENCE.findall(line)
        if not (TESTS / path).exists() or name not in _defined(TESTS / path)
    ]
    assert missing == []
    assert [row for row, line in table.items() if not _REFERENCE.search(line)] == []


def test_every_test_that_is_named_after_a_row_stands_in_the_table() -> None:
    told = {(path, name) for line in _table().values() for path, name in _REFERENCE.findall(line)}
    named = {
        (path.relative_to(TESTS).as_posix(), name)
        for path in TESTS.rglob("test_*.py")
        for name in _ROWS_IN_NAME.findall(path.read_text(encoding="utf-8"))
    }
    assert len(named) > 100
    assert sorted(named - told) == []


def test_row_88_a_cycle_without_news_leaves_nothing_behind(faulty: Watch) -> None:
    """The short form of `benchmarks/cycles.py`, in which caches fill as well."""

    def objects_after(cycles: int) -> int:
        for _ in range(cycles):
            faulty.says(FEED_URL, rss(KNOWN, OTHER, built=faulty.clock.now()), XML)
            faulty.after(QUARTER, STATE)
        gc.collect()
        # Weak references go in lots, when their table is next cleaned up.
        return sum(not isinstance(each, weakref.ReferenceType) for each in gc.get_objects())

    objects_after(2)
    before = objects_after(1)
    assert objects_after(8) - before < 8
