"""Fixtures of both indexes over the invented statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import match_support as support
import pytest

from scraper.matching import Matcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scraper.matching.index import Index


@pytest.fixture(scope="module", params=["arrays", "sqlite"])
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """The same statements, indexed in both ways."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    if request.param == "arrays":
        made = support.in_arrays(folder)
        yield made
        made.close()
    else:
        db, fingerprints = support.in_database(folder)
        yield fingerprints
        db.conn.close()


@pytest.fixture(scope="module")
def matcher(index: Index) -> Matcher:
    """A matcher over either index."""
    return Matcher(index)
