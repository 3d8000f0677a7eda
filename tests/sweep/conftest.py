"""Fixture of a database with its index file."""

from collections.abc import Iterator

import pytest
from sweep_support import Known, known


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """Invented statements, indexed; no test changes them."""
    found = known(tmp_path_factory.mktemp("sweep"))
    yield found
    found.store.close()
