"""Tests of `statewire backup` on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Said


def test_a_backup_is_a_database_like_the_first(story: Callable[..., Said], tmp_path: Path) -> None:
    said = story("backup", "copy.db")
    assert (said.code, said.err) == (0, "")
    assert said.out == f"copy.db: {(tmp_path / 'copy.db').stat().st_size:,} bytes, intact\n"
    assert story("list", "--json", db="copy.db").json == story("list", "--json").json


def test_an_existing_file_is_refused_with_a_hint(story: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("dear")
    said = story("backup", "copy.db")
    assert (said.code, said.out) == (2, "")
    assert said.err == "statewire: copy.db exists. Give another file, or replace it with --force\n"
    assert story("backup", "copy.db", "--force", "--json").json == {
        "file": "copy.db",
        "bytes": (tmp_path / "copy.db").stat().st_size,
    }


def test_a_missing_database_is_not_copied(run: Callable[..., Said], tmp_path: Path) -> None:
    said = run("backup", "copy.db")
    assert (said.code, said.err) == (
        5,
        "statewire: there is no database statewire.db. Check --db and `database:`. A new user begins with `statewire"
        " init`; `fetch`, `run` and `import` create a database, too\n",
    )
    assert list(tmp_path.glob("*.db")) == []
