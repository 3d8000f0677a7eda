"""Tests of values on the command line that no command can use, and of names in any letter case."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import click
import pytest
from command import CONFIG, Said

from scraper.cli.app import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Said]

WATCHES = """\
watches:
  - name: Mekong Desk
    to: [desk@example.org]
"""
TOO_LARGE = str(2**63)


@pytest.fixture
def desk(story: Run, tmp_path: Path) -> Run:
    (tmp_path / "config.yaml").write_text(CONFIG + WATCHES, encoding="utf-8")
    return story


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "-n"),
        ("search", "lamps", "-n"),
        ("events", "-n"),
        ("copies", "-n"),
        ("show", "1", "--revision"),
        ("diff", "1"),
        ("alerts", "list", "-n"),
        ("alerts", "why"),
        ("alerts", "preview"),
        ("alerts", "retry"),
    ],
)
def test_a_number_that_the_database_cannot_compare_is_a_usage_error(story: Run, arguments: tuple[str, ...]) -> None:
    said = story(*arguments, TOO_LARGE)
    assert (said.code, said.out) == (2, "")
    assert f"{TOO_LARGE} is too large" in said.err
    assert story("list", "-n", str(2**63 - 1)).code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "--copied-by"),
        ("list", "--source"),
        ("list", "--country"),
        ("list", "--watch"),
        ("list", "--state"),
        ("list", "--since"),
        ("events", "--statement"),
        ("events", "--kind"),
        ("copies", "--source"),
        ("search",),
        ("show",),
        ("fetch",),
        ("alerts", "mute", "--source"),
        ("watch", "remove"),
        ("source", "disable"),
    ],
)
def test_an_argument_that_is_not_utf_8_is_a_usage_error(story: Run, arguments: tuple[str, ...]) -> None:
    said = story(*arguments, os.fsdecode(b"a\xff"))
    assert (said.code, said.out) == (2, "")
    assert "\\udcff" in said.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("events", "--kind", "Revised"), 0),
        (("list", "--state", "CURRENT"), 0),
        (("alerts", "preview", "--kind", "Revised"), 0),
        (("alerts", "preview", "--kind", "statement.revised"), 0),
        (("watch", "add", "New", "--to", "a@b.org", "--when", "Revised", "--at-least", "MINOR"), 0),
        (("list", "--source", "STATE"), 0),
        (("list", "--watch", "mekong desk"), 0),
        (("alerts", "mute", "--source", "State"), 0),
        (("watch", "disable", "MEKONG DESK"), 0),
        (("source", "disable", "State"), 0),
        (("watch", "remove", "Mekong desk"), 0),
        (("fetch", "STATE"), 4),  # nothing is reachable from the tests
    ],
)
def test_names_and_words_are_known_in_any_letter_case(desk: Run, arguments: tuple[str, ...], code: int) -> None:
    said = desk(*arguments)
    assert said.code == code, said.err
    assert "unknown" not in said.err


def test_a_source_is_unmuted_in_any_letter_case(story: Run) -> None:
    assert story("alerts", "mute", "--source", "STATE").out == "muted source state\n"
    assert story("alerts", "unmute", "--source", "State").out == "unmuted source state\n"


def test_a_source_in_another_letter_case_has_the_same_statements(story: Run) -> None:
    found = story("list", "--source", "state", "--json").json
    assert found
    assert story("list", "--source", "STATE", "--json").json == found


@pytest.mark.parametrize(
    ("arguments", "what", "meant"),
    [
        (("fetch", "stat"), "source", "state"),
        (("list", "--source", "stat"), "source", "state"),
        (("alerts", "mute", "--source", "stat"), "source", "state"),
        (("source", "disable", "stat"), "source", "state"),
        (("watch", "remove", "Mekon Desk"), "watch", "Mekong Desk"),
        (("list", "--watch", "Mekon Desk"), "watch", "Mekong Desk"),
    ],
)
def test_an_unknown_name_is_refused_in_one_wording(
    desk: Run, arguments: tuple[str, ...], what: str, meant: str
) -> None:
    said = desk(*arguments)
    assert (said.code, said.out) == (2, "")
    assert f"there is no {what} named “{arguments[-1]}”; did you mean “{meant}”?" in said.err
    assert "?." not in said.err


def test_a_hint_is_a_sentence_and_values_are_quoted_in_one_way(story: Run) -> None:
    assert story("fetch", "stat").err.endswith("did you mean “state”? A URL begins with https:// or http://\n")
    assert story("fetch", "nobody").err.endswith(
        "named “nobody”. Known: state, old; a URL begins with https:// or http://\n"
    )
    assert story("show", "999").err.endswith(
        "no statement “999”. `statewire list` and `statewire search` print the numbers\n"
    )
    assert story("list", "-n", "x").err.endswith("'--limit': “x” is no whole number\n")
    assert "'--since': “x” is not a time" in story("list", "--since", "x").err


@pytest.mark.parametrize(
    "arguments",
    [
        ("events", "--kind", "revisd"),
        ("alerts", "preview", "--kind", "revisd"),
        ("export", "events", "--kind", "revisd"),
        ("watch", "add", "x", "--when", "revisd"),
    ],
)
def test_an_unknown_word_is_refused_in_one_wording(story: Run, arguments: tuple[str, ...]) -> None:
    said = story(*arguments)
    assert (said.code, said.out) == (2, "")
    assert f"'{arguments[-2]}': “revisd” is unknown; did you mean “revised”?" in said.err


def test_the_options_of_all_commands_and_those_of_watch_add(desk: Run, tmp_path: Path) -> None:
    said = desk("watch", "add", "-q", "First", "--to", "a@b.org", "--quiet-hours", "22:00-06:00")
    assert (said.code, said.err) == (0, "")
    assert desk("watch", "add", "Second", "--quiet", "--to", "a@b.org").code == 0
    written = (tmp_path / "config.yaml").read_text("utf-8")
    assert written.count("quiet: ") == 1
    assert "22:00-06:00" in written


def test_no_two_options_of_a_command_share_a_name_or_a_word() -> None:
    context = click.Context(cli)
    waiting = [cli.get_command(context, name) for name in cli.list_commands(context)]
    for command in waiting:
        assert command is not None
        words = [word for param in command.params for word in param.opts]
        names = [param.name for param in command.params]
        assert len(set(words)) == len(words), command.name
        assert len(set(names)) == len(names), command.name
        assert {"-q", "-v", "--config", "--db", "--color"} <= set(words), command.name
        waiting += list(command.commands.values()) if isinstance(command, click.Group) else []


def test_a_database_that_may_not_be_read_is_an_error_of_the_database(
    story: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(os, "access", lambda *_args, **_more: False)  # root may read everything
    monkeypatch.setattr(sqlite3, "connect", refuse)
    said = story("list")
    assert (said.code, said.out) == (5, "")
    assert "statewire.db" in said.err


def test_a_muted_day_is_included(story: Run) -> None:
    assert story("alerts", "mute", "1", "--until", "2096-12-24").out.endswith("until 2096-12-25 00:00 UTC\n")


def test_the_settings_are_printed_whatever_happens_to_stderr(story: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    echo = click.echo

    def full(*words: object, err: bool = False, **more: bool) -> None:
        if err:
            raise OSError(28, "No space left on device")
        echo(*words, **more)

    monkeypatch.setattr(click, "echo", full)
    said = story("config", "show", "--json")
    assert said.code == 0
    assert said.json["sources"]
