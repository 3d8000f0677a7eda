"""Tests of README and docs: every command, query and configuration in them is run, and its output compared.

After a wanted change of an output, `STATEWIRE_WRITE_DOCS=1 pytest -n0 tests/docs` writes the outputs into the pages.
"""

from __future__ import annotations

import os
from itertools import zip_longest
from pathlib import Path

import pytest
import yaml
from command import CONFIG
from documented_page import Block, blocks, replaced
from documented_session import Session, query

from scraper.config import loader

ROOT = Path(__file__).parents[2]
GENERATED = {"configuration.md"}
HISTORY = {"decisions.md", "faults.md"}
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.name not in GENERATED | HISTORY),
]
NOT_RUN = {
    "installs": "pip fetches the dependencies; `.ci/run` runs both commands of the README in a clean checkout",
    "mail server": "needs the mail server of a reader; tests/cli/test_init.py runs it with one on this machine",
    "systemd": "needs systemd as the first process of the machine, and root; tests/test_contrib.py checks the unit",
    "time stamp": "needs a bundle with a time stamp; tests/cli/test_time_stamps.py runs them against an authority",
    "container": "needs a container engine and a registry of images; tests/test_contrib.py checks the files",
    "web server": "needs a port, or a web server of its reader; tests/web serve the files on loopback",
    "needs datasette": "needs another program",
    "server": "runs until a signal ends it; tests/cli/test_web.py runs it",
    "archives": "needs web archives; tests/sweep reads such files, from https and S3 on loopback too",
    "cluster": "needs other machines; tests/sweep run a cluster on this one",
    "shell": "changes the shell of its reader",
}
"""Why some commands are not run: the word in the mark `<!-- not run: WORD -->` of a page, and the reason."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_print_what_the_page_says(page: Path, session: Session) -> None:
    found = blocks(page)
    outputs = {}
    for block, following in zip_longest(found, found[1:]):
        if block.language.startswith("{"):  # a directive of the generator
            continue
        if "not run" in block.marks:
            assert block.marks["not run"] in NOT_RUN, f"{page.name}:{block.line}"
        elif block.language == "console":
            outputs[block.line] = session.run(block)
        elif block.language == "sql":
            outputs |= _run_query(block, following, session)
        elif block.language == "yaml":
            _check_yaml(block, session.folder)
        else:
            assert block.line in outputs, f"{page.name}:{block.line}: neither a session, a query nor a configuration"
    as_it_should_be = replaced(page, outputs)
    if os.environ.get("STATEWIRE_WRITE_DOCS"):
        page.write_text(as_it_should_be, "utf-8")
    assert page.read_text("utf-8") == as_it_should_be


def _run_query(block: Block, following: Block | None, session: Session) -> dict[int, str]:
    """Run a query on the demo's database. Return its result as the text of the block that follows."""
    result = query(session.folder / "demo.db", block.text)
    assert len(result.splitlines()) > 2, f"line {block.line}: the query finds nothing in the demo's database"
    assert following is not None, f"line {block.line}: a query without a result"
    assert following.language == "text", f"line {block.line}: a query without a result"
    return {following.line: result}


def _check_yaml(block: Block, folder: Path) -> None:
    """Load a configuration, or a part of one with the rest of a small one, and write it if it is marked as a file."""
    whole = yaml.safe_load(CONFIG) | yaml.safe_load(block.text)
    path = folder / block.marks.get("file", "part.yaml")
    path.write_text(yaml.safe_dump(whole, allow_unicode=True), "utf-8")
    loader.load(path)
    if "file" in block.marks:
        path.write_text(block.text, "utf-8")
        loader.load(path)


def test_each_reason_not_to_run_a_command_is_used() -> None:
    used = {block.marks["not run"] for page in PAGES for block in blocks(page) if "not run" in block.marks}
    assert used == set(NOT_RUN)
