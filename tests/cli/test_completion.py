"""Tests of `statewire completion`: the script for bash in a real bash; those for zsh and fish as texts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.shell_completion import BashComplete
from command import CONFIG, Said
from samples import ROOT

from scraper.cli.app import cli
from scraper.cli.completion import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WATCHES = """\
watches:
  - {name: "Desk one: b\\\\c", to: [a@example.org]}
  - {name: press, to: [a@example.org]}
"""
# One line for each completion: the words so far, then what bash would offer.
SCRIPT = """
eval "$(statewire completion bash)"
while IFS= read -r line; do
    eval "COMP_WORDS=($line)"
    if [ "${line% }" != "$line" ]; then COMP_WORDS+=(""); fi
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
    _statewire_completion statewire
    printf '%s\\n' "${COMPREPLY[*]}"
done
"""
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


@needs_bash
def test_bash_completes_names(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG + WATCHES, encoding="utf-8")
    (tmp_path / "statewire").write_text(f"#!{sys.executable}\nfrom scraper.cli import main\nmain()\n", encoding="utf-8")
    (tmp_path / "statewire").chmod(0o755)
    expected = {"statewire watch remove ": r"Desk\ one\:\ b\\c press"}
    done = subprocess.run(
        ["bash", "-c", SCRIPT],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        input="".join(f"{line}\n" for line in expected),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert dict(zip(expected, done.stdout.split("\n"), strict=False)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("wa", "watch"),
        ("watch ", "add disable enable list remove"),
        ("fetch --s", "--since --save-fixture"),
        ("fetch s", "state"),
        ("fetch ", "state old"),
        ("watch remove d", r"Desk one: b\c"),
        ("source disable o", "old"),
        ("watch add x --source st", "state"),
        ("alerts replay --watch pr", "press"),
        ("alerts preview --watch pr", "press"),
        ("--config nowhere.yaml fetch s", ""),
        ("completion ", "bash zsh fish"),
    ],
)
def test_commands_options_and_names(run: Callable[..., Said], tmp_path: Path, words: str, expected: str) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG + WATCHES, encoding="utf-8")
    *arguments, incomplete = words.split(" ")
    found = BashComplete(cli, {}, "statewire", VARIABLE).get_completions(arguments, incomplete)
    assert " ".join(item.value for item in found) == expected


@pytest.mark.parametrize(("shell", "words"), [("zsh", "#compdef statewire"), ("fish", "complete --no-files")])
def test_scripts_for_other_shells(run: Callable[..., Said], shell: str, words: str) -> None:
    said = run("completion", shell)
    assert (said.code, said.err) == (0, "")
    assert words in said.out
    assert "_STATEWIRE_COMPLETE" in said.out


def test_a_broken_configuration_completes_nothing_and_says_nothing(
    run: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG + "broken: [", encoding="utf-8")
    monkeypatch.setenv("COMP_WORDS", "statewire fetch ")
    monkeypatch.setenv("COMP_CWORD", "2")
    monkeypatch.setenv(VARIABLE, "bash_complete")
    assert run(db=None) == Said("\n", "", 0)
