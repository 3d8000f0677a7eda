"""Fixtures of the index over the invented statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import match_support as support
import pytest

from scraper.matching import Matcher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.matching.model import Index


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """The invented statements in a database."""
    made = support.indexed(tmp_path_factory.mktemp("index"))
    yield made
    support.close(made)


@pytest.fixture(scope="module")
def matcher(index: Index) -> Matcher:
    """A matcher over the index."""
    return Matcher(index)
