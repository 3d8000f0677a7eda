"""Fixture of a monitor over a network without sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faults.places import Feed, Watch

if TYPE_CHECKING:
    from scraper.clock import SimulatedClock
    from scraper.store import Store


@pytest.fixture
def faulty(store: Store, clock: SimulatedClock) -> Watch:
    """A recipient of all events, and a feed of State's that was filled at noon with two statements."""
    watch = Watch(store, clock)
    Feed().begins(watch)
    return watch
