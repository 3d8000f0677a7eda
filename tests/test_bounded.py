"""Tests of the limits of CPU time: what is too slow fails, and under a tracer only growth is compared."""

from __future__ import annotations

import sys

import pytest
from bounded import assert_linear, bounded


def _spend() -> int:
    return sum(number * number for number in range(300_000))


@pytest.mark.parametrize("is_traced", [False, True])
def test_a_block_over_its_limit_fails_unless_it_is_traced(monkeypatch: pytest.MonkeyPatch, is_traced: bool) -> None:
    monkeypatch.setattr(sys, "gettrace", lambda: print if is_traced else None)
    with bounded(60.0):
        _spend()
    if is_traced:
        with bounded(0.0):
            _spend()
    else:
        with pytest.raises(AssertionError, match="s of CPU time"), bounded(0.0):
            _spend()


def test_linear_work_passes_and_quadratic_work_fails() -> None:
    assert_linear(lambda size: sum(number * number for number in range(50 * size)), 1_000)
    with pytest.raises(AssertionError, match="for eight times what takes"):
        assert_linear(lambda size: sum(1 for _ in range(size) for _ in range(size)), 200)
