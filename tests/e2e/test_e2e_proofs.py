"""Tests of `python -m benchmarks.all`: it runs a proof, prints the result, and fails if a proof does."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from samples import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def prove(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.all", "--short", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("kill_daemon", "12 kills: every database whole, no unit torn"),
        ("kill_sender", "0 lost, 0 invented, 0 changed"),
        ("evidence", "no half file, and nothing is left"),
        ("kill_import", "every database whole, the same events each time"),
    ],
)
def test_killed_again_and_again_it_loses_and_invents_nothing(name: str, words: str) -> None:
    done = prove("--only", name)
    assert (done.returncode, done.stderr) == (0, "")
    proof, total = done.stdout.splitlines()
    assert proof.startswith(f"holds  {name}: ")
    assert words in proof
    assert total == "1 of 1 proofs hold"


def test_a_proof_that_does_not_hold_fails_all_with_its_output(tmp_path: Path) -> None:
    captures = tmp_path / "x.warc.gz"
    captures.write_bytes(b"no WARC")
    done = prove("--only", "kill_import", "--captures", str(captures))
    assert done.returncode == 1
    assert done.stdout.startswith("FAILED kill_import: ")
    assert done.stdout.endswith("0 of 1 proofs hold\n")
