"""Tests of retention settings: no period is shorter than the program needs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from scraper.config.settings import KeepSettings


def test_defaults_of_retention() -> None:
    kept = KeepSettings()
    assert (kept.bodies, kept.captures, kept.max_bytes) == (timedelta(days=90), timedelta(days=365), 5_000_000_000)


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ({"bodies": "23h"}, "should be 1d or more"),
        ({"bodies": "10d", "captures": "9d"}, "no shorter than bodies"),
        ({"captures": "12h"}, "should be 1d or more"),
        ({"max_bytes": 0}, "greater than or equal to 1"),
    ],
)
def test_what_is_refused(said: dict[str, object], mistake: str) -> None:
    with pytest.raises(ValidationError, match=mistake):
        KeepSettings.model_validate(said)


def test_a_day_is_enough_and_both_may_be_the_same() -> None:
    kept = KeepSettings.model_validate({"bodies": "1d", "captures": "1d"})
    assert kept.bodies == kept.captures == timedelta(days=1)
