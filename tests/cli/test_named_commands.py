"""Tests of commands that messages, mails and documents name: each exists, with its options and choices."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.app import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"(?:`|\b)statewire((?: +[a-z-]+){1,2})((?: +(?:--[a-z-]+(?:[ =][a-z_.]+)?|[A-Z_{<][\w}>.]*))*)")
# Words that follow "statewire" in prose begin none of its verbs.
CONTEXT = click.Context(cli)
VERBS = set(cli.list_commands(CONTEXT))


def literals(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        yield text
        return
    if "statewire" not in text:  # to parse all files takes half a second in each worker
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def named() -> list[tuple[str, str, str]]:
    pages = (page for folder in ("docs", "contrib") for page in (ROOT / folder).rglob("*.md"))
    documents = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md", *pages]
    files = [*(ROOT / "scraper").rglob("*.py"), *(ROOT / "scraper").rglob("*.j2"), *filter(Path.is_file, documents)]
    found = {
        (str(path.relative_to(ROOT)), match[1].strip(), match[2].strip())
        for path in files
        for text in literals(path)
        for match in NAMED.finditer(text)
        if match[1].split()[0] in VERBS
    }
    return sorted(found)


def missing(verbs: str, options: str) -> Iterator[str]:
    """Yield the parts of a command that do not exist."""
    command: click.Command = cli
    for verb in verbs.split():
        if not isinstance(command, click.Group):
            break
        found = command.get_command(CONTEXT, verb)
        if found is None:
            yield verb
            return
        command = found
    known = {name: one for one in command.params for name in one.opts}
    for option, value in re.findall(r"(--[a-z-]+)(?:[ =]([a-z_.]+))?", options):
        if option not in known:
            yield option
        elif value and isinstance(kind := known[option].type, click.Choice) and value not in kind.choices:
            yield f"{option} {value}"


def test_a_command_that_is_named_exists_with_its_options() -> None:
    found = named()
    assert len(found) > 300
    assert any(options.startswith("--state") for _, _, options in found)
    assert [(place, verbs, part) for place, verbs, options in found for part in missing(verbs, options)] == []


def test_what_does_not_exist_is_noticed() -> None:
    assert list(missing("source lost", "")) == ["lost"]
    assert list(missing("list", "--lost 3")) == ["--lost"]
    assert list(missing("list", "--state lost")) == ["--state lost"]


def test_security_names_files_that_exist() -> None:
    named = set(re.findall(r"`([\w/]+\.py)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8")))
    assert len(named) > 40
    for name in named:
        assert (ROOT / name).exists() or (ROOT / "scraper" / name).exists(), name
