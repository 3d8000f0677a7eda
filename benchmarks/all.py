"""All long proofs in order: kills, bombs, the matrix of faults, ten days of three seeds, a day beside hostile mirrors.

    python -m benchmarks.all [--short] [--only NAME] [--captures FILE.warc.gz]

Prints one line for each proof: whether it holds, its figure, its bound and its duration. Exit code 1 if one does not
hold, after its output. `--short` runs each in a form that takes less than three minutes in total, `--only` those whose
name begins so. The killed import reads FILE, by default invented polls of a feed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from samples import poll_records, warc

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Proof:
    """Command of a proof, whole and short, each as the arguments after `python -m`. FILE stands for the captures."""

    name: str
    bound: str
    whole: str
    short: str


_MATRIX = "pytest -q -n0 -p no:randomly tests/faults/test_faults_pipeline.py"
PROOFS = (
    Proof("kill_daemon", "0 torn, 0 lost, 0 invented", "benchmarks.kill_daemon 200", "benchmarks.kill_daemon 12"),
    Proof("kill_sender", "0 lost, 0 invented, 0 changed", "benchmarks.kill_sender 100", "benchmarks.kill_sender 3"),
    Proof("kill_import", "the same events", "benchmarks.kill_import FILE 60", "benchmarks.kill_import FILE 5"),
    Proof("bombs", "0 connections, 0 cases", "benchmarks.bombs", "benchmarks.bombs"),
    Proof("faults", "none failed", _MATRIX, f"{_MATRIX} -k feed:"),
    *(
        Proof(
            f"ten_days-{seed}",
            "0 faults",
            f"benchmarks.ten_days 10 --seed {seed}",
            f"benchmarks.ten_days 5 --few --seed {seed}",
        )
        for seed in (1, 2, 3)
    ),
    Proof(
        "evidence",
        "valid bundles, 0 half files, at most 100 MB more",
        "benchmarks.evidence",
        "benchmarks.evidence 20 --kills 4 --no-validator",
    ),
    Proof("hostile_peers", "0 faults", "benchmarks.hostile_peers", "benchmarks.hostile_peers 4 --few"),
)


def run(proof: Proof, captures: Path, *, is_short: bool) -> bool:
    """Run a proof and print its line; return True if it holds."""
    words = (proof.short if is_short else proof.whole).split()
    command = [str(captures) if word == "FILE" else word for word in words]
    began_s = time.monotonic()
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)
    holds = done.returncode == 0
    figure = (done.stdout.strip().splitlines() or ["no output"])[-1]
    verdict = "holds " if holds else "FAILED"
    seconds = time.monotonic() - began_s
    print(f"{verdict} {proof.name}: {figure} (bound: {proof.bound}; {seconds:.0f} s)", flush=True)
    if not holds:
        print(done.stdout, done.stderr, sep="\n", flush=True)
    return holds


def main() -> int:
    """Run the chosen proofs and return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.all")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--captures", type=Path)
    given = parser.parse_args()
    chosen = [proof for proof in PROOFS if proof.name.startswith(given.only)]
    if not chosen:
        parser.error(f"no proof is named {given.only}: {', '.join(proof.name for proof in PROOFS)}")
    with tempfile.TemporaryDirectory() as folder:
        captures = given.captures or warc(Path(folder, "polls.warc.gz"), *poll_records(100 if given.short else 700))
        held = [run(proof, captures.resolve(), is_short=given.short) for proof in chosen]
    print(f"{sum(held)} of {len(held)} proofs hold")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
