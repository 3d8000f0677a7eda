"""Tests of what all commands share: their options on both sides of the verb, mistyped names, and the database."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click
import pytest
from child import in_child
from samples import Piece

from scraper.cli import main
from scraper.cli.app import cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from command import Said

GLOBAL = {"config_path", "db", "color", "verbose", "quiet"}
READING = [
    ("list",),
    ("show", "1"),
    ("diff", "1"),
    ("search", "lamps"),
    ("events",),
    ("copies",),
    ("trace", "config.yaml"),
    ("alerts", "list"),
    ("alerts", "why", "1"),
    ("alerts", "preview"),
    ("alerts", "mute", "1"),
    ("alerts", "send"),
    ("export", "events"),
    ("status",),
    ("backup", "copy.db"),
    ("doctor", "--reparse"),
]


def commands(group: click.Group = cli) -> Iterator[click.Command]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield command
        if isinstance(command, click.Group):
            yield from commands(command)


def is_group(name: str) -> bool:
    return isinstance(cli.get_command(click.Context(cli), name), click.Group)


# Options of all commands


def test_every_command_takes_the_options_of_all() -> None:
    for command in commands():
        names = [param.name for param in command.params]
        assert set(names) >= GLOBAL, command.name
        assert len(names) == len(set(names)), command.name


def test_the_help_lists_every_command_with_the_first_sentence_of_its_own_help(run: Callable[..., Said]) -> None:
    context = click.Context(cli)
    wanted = {name: cli.get_command(context, name).get_short_help_str(200) for name in cli.list_commands(context)}
    listed = run("--help").out.partition("Commands:\n")[2].splitlines()
    assert dict(line.strip().split(None, 1) for line in listed if line.strip()) == wanted


def test_the_help_of_all_commands_loads_none_of_them() -> None:
    code = "import sys\nfrom scraper.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    code += "print({'scraper.store', 'scraper.config', 'pydantic'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


_COMPARISON = {"rapidfuzz", "scraper.text.diff", "scraper.alerts.compose"}


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (("list", "--json", "--db", "statewire.db"), {*_COMPARISON, "pydantic", "yaml"}),
        (("search", "lamps", "--json", "--db", "statewire.db"), {*_COMPARISON, "pydantic", "yaml"}),
        (("config", "show"), _COMPARISON),
    ],
)
def test_a_command_loads_nothing_that_it_does_not_need(
    story: Callable[..., Said], arguments: tuple[str, ...], unneeded: set[str]
) -> None:
    code = f"import sys\nfrom scraper.cli import main\ntry: main({[*arguments]})\nexcept SystemExit: pass\n"
    code += f"print({unneeded} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{story(*arguments, db=None).out}set()\n"


@pytest.mark.parametrize(
    "after", [("--db", "statewire.db"), ("--db=statewire.db", "-q"), ("-qv", "--db", "statewire.db")]
)
def test_options_work_after_the_verb_as_before_it(story: Callable[..., Said], after: tuple[str, ...]) -> None:
    assert story("list", *after, "--limit", "2", db=None) == story("list", "--limit", "2")
    assert story("alerts", *after, "why", "1", db=None).out == story("alerts", "why", "1").out


def test_the_last_of_two_values_counts(story: Callable[..., Said]) -> None:
    assert story("list", "--limit", "1", "--db", "statewire.db", db="nowhere.db").code == 0
    assert story("list", "--config", "nowhere.yaml", "--db", "statewire.db").code == 0
    assert "nowhere.yaml" in story("config", "check", "--config", "nowhere.yaml").err
    assert story("-q", "search", "nothing-at-all").err == story("search", "nothing-at-all", "-q").err == ""


@pytest.mark.parametrize(
    ("before", "after", "environment", "is_colored"),
    [
        ((), (), {}, False),  # no terminal
        (("--color", "always"), (), {}, True),
        ((), ("--color", "always"), {}, True),
        ((), ("--color=always",), {"NO_COLOR": "1"}, True),
        (("--color", "always"), ("--color", "never"), {}, False),
    ],
)
def test_color(
    story: Callable[..., Said],
    monkeypatch: pytest.MonkeyPatch,
    before: tuple[str, ...],
    after: tuple[str, ...],
    environment: dict[str, str],
    is_colored: bool,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in story(*before, "diff", Piece(5).guid, *after).out) is is_colored


@pytest.mark.parametrize(
    ("variable", "choice", "is_colored"),
    [("", "auto", True), ("1", "auto", False), ("1", "always", True), ("", "never", False)],
)
def test_color_on_a_terminal(
    story: Callable[..., Said], tmp_path: Path, variable: str, choice: str, is_colored: bool
) -> None:
    def work() -> int:
        os.environ["NO_COLOR"] = variable
        ours, theirs = os.openpty()
        os.dup2(theirs, 1)
        os.chdir(tmp_path)
        with suppress(SystemExit):
            main(["--db", "statewire.db", "--color", choice, "diff", Piece(5).guid])
        os.close(theirs)
        return 10 + (b"\x1b[" in os.read(ours, 100_000))

    assert in_child(work).code == 10 + is_colored


# Mistyped names


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("statsu",), "“status”"),
        (("exprot",), "“export”"),
        (("Status",), "“status”"),
        (("lst",), "“list”"),
        (("alerts", "lst"), "“list”"),
        (("why", "3"), "“alerts why”"),
        (("rtry",), "“alerts retry”"),
        (("remove", "x"), "“watch remove” or “source remove”"),
        (("watch", "mute"), "“statewire alerts mute”"),
        (("watch", "show"), "“statewire show” or “statewire config show”"),
        (("config", "list"), "“statewire list”, “statewire alerts list”"),
        (("help",), "“--help”"),
        (("alerts", "help"), "“--help”"),
        (("config", "chekc"), "“check”"),
        (("copies", "--relatoin", "x"), "'--relation'"),
        (("--colr", "never", "list"), "'--color'"),
        (("export", "statments"), "“statements”"),
        (("export", "events", "--format", "jsno"), "“jsonl”"),
        (("list", "--color", "alwyas"), "“always”"),
        (("list", "--state", "withdrwan"), "“withdrawn”"),
        (("events", "--kind", "statement.revise"), "“statement.revised”"),
        (("fetch", "stat"), "“state”"),
    ],
)
def test_a_mistyped_name_is_answered_with_the_nearest(
    story: Callable[..., Said], arguments: tuple[str, ...], meant: str
) -> None:
    said = story(*arguments)
    assert (said.code, said.out) == (2, "")
    assert f"id you mean {meant}" in said.err


def test_a_name_like_none_gets_no_suggestion(story: Callable[..., Said]) -> None:
    for arguments in (("xyzzy",), ("export", "xyzzy"), ("fetch", "xyzzy")):
        said = story(*arguments)
        assert said.code == 2
        assert "did you mean" not in said.err.lower()


# The database


@pytest.mark.parametrize("arguments", READING)
@pytest.mark.parametrize("name", ["nope.db", "nowhere/nope.db", "config.yaml/nope.db"])
def test_a_mistyped_database_is_an_error_and_no_new_file(
    run: Callable[..., Said], tmp_path: Path, arguments: tuple[str, ...], name: str
) -> None:
    before = sorted(tmp_path.iterdir())
    said = run(*arguments, db=name)
    assert (said.code, said.out) == (5, "")
    assert said.err.startswith(f"statewire: there is no database {name}. ")
    assert sorted(tmp_path.iterdir()) == before


def test_an_empty_file_is_no_database_and_stays_empty(run: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    assert run("list", db="empty.db").code == 5
    assert (tmp_path / "empty.db").stat().st_size == 0


@pytest.mark.parametrize("arguments", [("import", "x.warc.gz"), ("fetch",), ("run",)])
def test_a_mistyped_folder_is_an_error_with_the_next_step(
    story: Callable[..., Said], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    said = story(*arguments, db="no where/x.db")
    assert (said.code, said.out) == (5, "")
    assert "there is no folder no where. Correct --db, or create the folder: mkdir -p 'no where'" in said.err
    assert not (tmp_path / "no where").exists()


@pytest.mark.parametrize("arguments", [("list",), ("import", "x.warc.gz"), ("fetch",)])
def test_a_pipe_is_no_database(story: Callable[..., Said], tmp_path: Path, arguments: tuple[str, ...]) -> None:
    os.mkfifo(tmp_path / "pipe")
    said = story(*arguments, db="pipe")
    assert (said.code, said.out) == (5, "")
    assert "it is no file, but a device or a pipe. Correct --db" in said.err
    assert not (tmp_path / "pipe-journal").exists()


def test_a_command_that_creates_a_database_says_so_once(story: Callable[..., Said]) -> None:
    assert story("import", "x.warc.gz", db="new.db").err.splitlines()[0] == "created new.db"
    assert "created" not in story("import", "x.warc.gz", db="new.db").err
    assert "created" not in story("-q", "import", "x.warc.gz", db="other.db").err


def test_a_file_that_cannot_be_imported_leaves_no_database(run: Callable[..., Said], tmp_path: Path) -> None:
    assert run("import", "nowhere.warc", db="new.db").code == 2
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize("name", [":memory:", "file::memory:?cache=shared", "file:x.db?mode=memory"])
@pytest.mark.parametrize("arguments", [("list",), ("import", "x.warc.gz"), ("run",)])
def test_a_database_in_memory_is_refused(
    story: Callable[..., Said], tmp_path: Path, name: str, arguments: tuple[str, ...]
) -> None:
    before = sorted(tmp_path.iterdir())
    said = story(*arguments, db=name)
    assert (said.code, said.out) == (2, "")
    assert "name a file; a database in memory would end with the command" in said.err
    assert sorted(tmp_path.iterdir()) == before


def test_a_configured_database_in_memory_is_refused(run: Callable[..., Said], tmp_path: Path) -> None:
    with (tmp_path / "config.yaml").open("a", encoding="utf-8") as file:
        file.write('database: ":memory:"\n')
    said = run("fetch", db=None)
    assert (said.code, said.out) == (2, "")
    assert "database: should name a file; a database in memory would end with each command" in said.err


def test_the_list_of_commands_is_whole_on_a_narrow_terminal(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    groups = [name for name in cli.list_commands(click.Context(cli)) if is_group(name)]
    assert len(groups) >= 4
    for group in ([], *([name] for name in groups)):
        cut = [line for line in run(*group, "--help").out.splitlines()[1:] if line.endswith("...")]
        assert cut == [], group


# The statement that an argument names


@pytest.mark.parametrize(
    "spelling",
    [
        "http://www.state.gov/?post_type=state_press_release&p=5",
        "https://state.gov/?post_type=state_press_release&p=5",
        "https://www.state.gov/?p=5&post_type=state_press_release",
        "http://www.state.gov/?p=5",
        "https://www.state.gov?p=5",
        "https://www.state.gov/?p=5/",
        "HTTP://WWW.STATE.GOV/?p=5",
        "https://www.state.gov:443/?p=5",
        "https://2021-2025.state.gov/?p=5",
        "www.state.gov/?p=5",
    ],
)
def test_a_number_of_state_s_names_a_statement_in_any_spelling(story: Callable[..., Said], spelling: str) -> None:
    known = story("show", Piece(5).guid, "--json").json["id"]
    assert story("show", spelling, "--json").json["id"] == known
    assert story("diff", spelling, "--json").json["statement"] == known
    for arguments in (("copies", spelling), ("events", "--statement", spelling)):
        assert story(*arguments, "--json") == story(*arguments[:-1], str(known), "--json")


@pytest.mark.parametrize(
    "spelling", ["https://www.state.gov/?p=555", "https://herald.example/?p=5", "https://x.state.gov/?p=5"]
)
def test_another_number_or_site_names_no_statement(story: Callable[..., Said], spelling: str) -> None:
    assert story("show", spelling).code == 2
