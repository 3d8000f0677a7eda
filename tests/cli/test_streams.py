"""Tests of standard streams that are closed, full, or whose reader has gone."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from child import in_child
from command import CONFIG
from samples import Piece
from test_failures import no_network

from scraper.cli import main
from scraper.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from command import Said

PRINTING = [
    ["list"],
    ["list", "--json"],
    ["show", "1"],
    ["diff", Piece(5).guid],
    ["search", "lamps"],
    ["events"],
    ["trace", "config.yaml"],
    ["alerts", "why", "1"],
    ["export", "statements"],
    ["export", "events", "--format", "csv"],
    ["export", "events", "--format", "atom"],
    ["status"],
    ["doctor", "--json"],
    ["backup", "copy.db"],
    ["import", "x.warc.gz"],
    ["config", "check"],
    ["config", "show"],
    ["config", "schema"],
    ["--help"],
    ["--version"],
    ["list", "--help"],
    ["alerts", "--help"],
]


def call(folder: Path, arguments: list[str], *, closed: tuple[int, ...] = (), full: tuple[int, ...] = ()) -> Said:
    """Run a command with streams that are closed, as a process that starts so has them, or on a full disk."""

    return in_child(lambda: code_of(folder, arguments, closed=closed, full=full))


def code_of(folder: Path, arguments: list[str], *, closed: tuple[int, ...] = (), full: tuple[int, ...] = ()) -> int:
    """Run a command in this process, and return its exit code."""
    os.chdir(folder)
    for number in full:
        os.dup2(os.open("/dev/full", os.O_WRONLY), number)
    for number in closed:
        os.close(number)
        setattr(sys, ("stdin", "stdout", "stderr")[number], None)
    try:
        main(["--db", "statewire.db", *arguments])
    except SystemExit as ended:
        sys.stdout.flush()  # as Python does at its end
        return int(ended.code or 0)
    return 98


@pytest.mark.parametrize("arguments", PRINTING)
@pytest.mark.parametrize(("closed", "full"), [((1,), ()), ((), (1,))])
def test_output_that_cannot_be_written_is_one_sentence_and_no_success(
    story: Callable[..., Said], tmp_path: Path, arguments: list[str], closed: tuple[int, ...], full: tuple[int, ...]
) -> None:
    said = call(tmp_path, arguments, closed=closed, full=full)
    *_, last = said.err.splitlines()
    assert last.startswith("statewire: the output cannot be written: ")
    assert ". " in last, "what to do is missing"
    assert "Traceback" not in said.err
    assert (said.code, said.out) == (5, "")


def test_nothing_can_be_said_without_any_stream_but_the_code(story: Callable[..., Said], tmp_path: Path) -> None:
    before = (tmp_path / "statewire.db").read_bytes()
    assert call(tmp_path, ["list"], closed=(0, 1, 2)).code == 5
    assert call(tmp_path, ["list", "--limit", "x"], closed=(0, 1, 2)).code == 2
    assert call(tmp_path, ["statsu"], full=(2,)).code == 2
    assert (tmp_path / "statewire.db").read_bytes() == before


@pytest.mark.parametrize("arguments", [["list"], ["config", "check"], ["import", "x.warc.gz"], ["search", "xyzzy"]])
def test_messages_that_cannot_be_written_change_no_exit_code(
    story: Callable[..., Said], tmp_path: Path, arguments: list[str]
) -> None:
    assert call(tmp_path, arguments, closed=(2,)).code == 0
    assert call(tmp_path, arguments, full=(2,)).code == 0
    assert call(tmp_path, arguments, closed=(0,)).code == 0  # it reads no input


def test_a_missing_input_is_one_sentence(story: Callable[..., Said], tmp_path: Path) -> None:
    said = call(tmp_path, ["trace", "-"], closed=(0,))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("statewire: standard input is closed. ")
    assert said.err.count("\n") == 1


def test_input_that_is_no_utf8_is_read(story: Callable[..., Said], tmp_path: Path) -> None:
    def work() -> int:
        os.chdir(tmp_path)
        sys.stdin = Path("page.txt").open(encoding="utf-8")  # noqa: SIM115 - until the child ends
        try:
            main(["--db", "statewire.db", "trace", "-"])
        except SystemExit as ended:
            return int(ended.code or 0)
        return 98

    (tmp_path / "page.txt").write_bytes(b"\xff\xfe lamps \x80")
    assert in_child(work).code == 0


def test_a_reader_that_goes_is_no_error(story: Callable[..., Said], tmp_path: Path) -> None:
    for arguments in (["list"], ["export", "statements"], ["--help"]):

        def work(arguments: list[str] = arguments) -> int:
            reading, writing = os.pipe()
            os.close(reading)
            os.dup2(writing, 1)
            os.chdir(tmp_path)
            try:
                main(["--db", "statewire.db", *arguments])
            except SystemExit as ended:
                return int(ended.code or 0)
            return 98

        assert (in_child(work).code, in_child(work).err) == (0, "")


@pytest.mark.parametrize("closed", [(1,), ()])
def test_fetch_polls_all_sources_before_it_reports_that_it_cannot_print(
    run: Callable[..., Said], tmp_path: Path, closed: tuple[int, ...]
) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG.replace("    enabled: false\n", ""), encoding="utf-8")

    def work() -> int:
        socket.getaddrinfo = no_network
        time.sleep = lambda _: None
        return code_of(tmp_path, ["-q", "fetch"], closed=closed, full=() if closed else (1,))

    said = in_child(work)
    assert (said.code, said.err.count("\n")) == (5, 1)
    with Store(tmp_path / "statewire.db") as store:
        assert {state.name for state in store.sources.all()} == {"state", "old"}
