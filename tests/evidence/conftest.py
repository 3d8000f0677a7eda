"""Fixtures of evidence bundles: a copy of the demo's database to export from."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Said


@pytest.fixture
def demo(run: Callable[..., Said], demo_db: Path, tmp_path: Path) -> Callable[..., Said]:
    """The whole command over a copy of the demo's database, `statewire.db`, in a folder of its own."""
    shutil.copy(demo_db, tmp_path / "statewire.db")
    return run
