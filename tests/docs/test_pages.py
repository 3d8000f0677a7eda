"""Tests of README and docs as files: links, pictures, the generated reference, and commands that no page shows."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from documented_page import blocks
from test_documented_commands import PAGES

from scraper.cli.app import cli
from scraper.config import loader

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)\s]+)\)")
SCRIPT = ROOT / ".ci" / "write_configuration_reference.py"
DOCUMENTS = [*PAGES, *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "docs/configuration.md"))]
MAX_PICTURE_BYTES = 200_000


def slug(heading: str) -> str:
    """Return the anchor that GitHub and the generator give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {slug(line.lstrip("#")) for line in page.read_text("utf-8").splitlines() if line.startswith("#")}


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        linked = page.parent / name if name else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def test_the_reference_is_that_of_the_schema() -> None:
    spec = importlib.util.spec_from_file_location("write_configuration_reference", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    written = script.PAGE.read_text("utf-8")
    assert written == script.reference(loader.schema()), f"run python {SCRIPT.relative_to(ROOT)}"
    for key in loader.schema()["properties"]:
        assert f"`{key}`" in written


def test_pictures_are_shown_and_small() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").iterdir())
    assert [picture.name for picture in pictures] == ["mail.png", "statement.png", "terminal.png", "today.png"]
    readme = (ROOT / "README.md").read_text("utf-8")
    for picture in pictures:
        assert f"docs/pictures/{picture.name}" in readme
        assert 20_000 < picture.stat().st_size < MAX_PICTURE_BYTES


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the names of all commands, such as ("alerts", "list")."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


def test_every_command_is_shown_in_a_page() -> None:
    lines = [command.split() for page in PAGES for block in blocks(page) for command in block.lines]
    shown = {tuple(words[i : i + 2]) for words in lines for i in range(len(words))}
    shown |= {(first,) for first, *_ in shown}
    assert [path for path in commands(cli) if path not in shown] == []


def test_the_table_of_commands_has_all() -> None:
    _, _, table = (ROOT / "docs" / "commands.md").read_text("utf-8").partition("## All commands")
    firsts = [re.findall("`([^`]+)`", line.split("|")[1]) for line in table.splitlines() if line.startswith("| `")]
    named = {name.removeprefix("statewire ") for names in firsts for name in names}
    assert named == set(cli.list_commands(click.Context(cli)))
