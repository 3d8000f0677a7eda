"""Fixture that keeps the garbage collection of later tests cheap."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def frozen_again() -> Iterator[None]:
    """Exclude what collection left from later garbage collections, as before a simulation, which unfreezes it."""
    yield
    if gc.get_freeze_count() == 0:
        gc.collect()
        gc.freeze()
