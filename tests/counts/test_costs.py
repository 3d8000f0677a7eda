"""Tests of the cost of polls and imports against the table `costs.json`; see `measure` for how to write it anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from counts.measure import CASES, expected, monitoring

if TYPE_CHECKING:
    from pathlib import Path


def test_the_table_has_these_cases() -> None:
    assert expected().keys() == CASES.keys()


@pytest.mark.parametrize("name", list(CASES))
def test_a_poll_costs_what_the_table_says(tmp_path: Path, name: str) -> None:
    with monitoring(tmp_path) as monitor:
        cost, known = CASES[name](monitor), expected()[name]
    # Another SQLite may fill its pages otherwise; it must not need more of them.
    assert cost.pop("pages") <= known.pop("pages")
    assert cost == known
