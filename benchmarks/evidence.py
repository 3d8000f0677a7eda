"""Proofs of evidence bundles: the public validator, a gigabyte of captures in bounded memory, exports that are killed.

    python -m benchmarks.evidence [MEGABYTES] [--kills N] [--no-validator]

Exports the bundles of the demo (a statement, a copy, three events) and has `wacz validate`, in an environment of its
own that pip makes, and `statewire verify` check them. Then exports one statement with MEGABYTES (default 1,000) of
captures: the peak of its memory may exceed that of a small export by 100 MB. Then kills N (default 20) such exports at
random moments: no half file may have the name of the bundle, and the next export has to be whole, without another file
beside it. Exit code 0 if all holds.
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import venv
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path

import pytest
from samples import HTML_HEADERS, NOON, Piece, article, record, rss, warc

from scraper.cli import main as statewire
from scraper.evidence import bundle, page, subject
from scraper.formats.wacz_check import check, opened
from scraper.model import Capture, Outcome
from scraper.store import Store

KINDS = (
    ("4",),
    ("4", "--page", "https://pmdnews.example/rivers/"),
    ("--event", "7"),
    ("--event", "8"),
    ("--event", "16"),
)
BODY_BYTES = 4_000_000
MAX_MORE_BYTES = 100_000_000
NAME = Path("x.wacz")
# Loaded here, so that a kill hits the export.
LOADED = (bundle, page)


def command(*arguments: str) -> None:
    """Run statewire in this process without its output; end the benchmark if it fails."""
    with redirect_stdout(io.StringIO()), pytest.raises(SystemExit) as ended:
        statewire(list(arguments))
    if ended.value.code:
        sys.exit(f"statewire {' '.join(arguments)}: exit code {ended.value.code}")


def validate(with_validator: bool) -> None:
    """Export the demo's bundles, and have them checked."""
    command("-q", "--db", "demo.db", "demo")
    files = []
    for number, arguments in enumerate(KINDS):
        files.append(f"{number}.wacz")
        command("-q", "--db", "demo.db", "export", "evidence", *arguments, "-o", files[-1])
    command("-q", "verify", *files)
    if not with_validator:
        return
    venv.create("validator", with_pip=True)
    subprocess.run(["validator/bin/pip", "install", "-q", "wacz"], check=True, capture_output=True)
    for file in files:
        done = subprocess.run(["validator/bin/wacz", "validate", "-f", file], capture_output=True, text=True)
        if "Validation succeeded, the passed WACZ is valid" not in done.stdout:
            sys.exit(f"wacz validate refuses {file}: {done.stdout}{done.stderr}")
    print(f"wacz validate: {len(files)} bundles are valid")


def fill(megabytes: int) -> None:
    """Write a database with a statement whose own page has been captured so many times, each time with other bytes."""
    piece = Piece(1)
    records = (record(NOON, rss(piece)), record(NOON, article(piece), piece.url, headers=HTML_HEADERS))
    command("-q", "--db", "big.db", "import", str(warc(Path("x.warc.gz"), *records)))
    noise = random.Random(5)
    with Store(Path("big.db")) as store:
        for number in range(1, megabytes * 1_000_000 // BODY_BYTES + 1):
            body = article(piece) + base64.b64encode(noise.randbytes(BODY_BYTES * 3 // 4))
            headers = (("content-type", "text/html; charset=UTF-8"),)
            at = NOON + timedelta(hours=number)
            with store.unit():
                store.captures.add("state", Capture(piece.url, at, Outcome.OK, 200, piece.url, headers, body))


def begin(database: str, pause_s: float = 0.0) -> int:
    """Fork an export of the first statement of a database, and return its process id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            time.sleep(pause_s)
            with Store(Path(database)) as store:
                statement = store.statements.by_id(1)
                assert statement is not None
                bundle.export(store, subject.of_statement(statement), NAME, NOON, None, replace=True)
            code = 0
        finally:
            os._exit(code)
    return child


def peak_bytes(database: str) -> tuple[int, float]:
    """Export, and return the peak of the memory of that process and its seconds."""
    began_s = time.monotonic()
    _, status, used = os.wait4(begin(database), 0)
    if status:
        sys.exit(f"the export of {database} failed: {status}")
    with opened(NAME) as found:
        checked = check(found)
    size = NAME.stat().st_size
    print(f"{database}: {checked.responses} responses, {size / 1e6:,.0f} MB, peak {used.ru_maxrss / 1024:.0f} MB")
    return used.ru_maxrss * 1024, time.monotonic() - began_s


def kill(count: int, whole_s: float) -> int:
    """Kill exports at random moments, and return how many were still running.

    End the benchmark if one leaves a half file, or the next one is not whole.
    """
    moments, hits = random.Random(9), 0
    for _ in range(count):
        NAME.unlink(missing_ok=True)
        child = begin("big.db")
        time.sleep(moments.uniform(0, 0.8 * whole_s))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        was_killed = os.WIFSIGNALED(status)
        hits += was_killed
        if was_killed and NAME.exists():
            with opened(NAME) as found:  # only if it was complete already
                check(found)
    _, status = os.waitpid(begin("big.db"), 0)
    with opened(NAME) as found:
        check(found)
    left = [each.name for each in Path().iterdir() if each.name.endswith(".part")]
    if status or left:
        sys.exit(f"the last export failed ({status}), or files are left: {left}")
    return hits


def main() -> None:
    """Run all proofs in a temporary folder."""
    parser = argparse.ArgumentParser(prog="benchmarks.evidence")
    parser.add_argument("megabytes", nargs="?", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--no-validator", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        validate(with_validator=not given.no_validator)
        fill(1)
        Path("big.db").rename("small.db")
        small, _ = peak_bytes("small.db")
        fill(given.megabytes)
        big, seconds = peak_bytes("big.db")
        hits = kill(given.kills, seconds)
        os.chdir("/")
    more = (big - small) / 1e6
    memory = f"{given.megabytes} MB of captures took {more:.0f} MB more memory than 1 MB, in {seconds:.0f} s"
    print(f"{memory}; {hits} of {given.kills} exports killed: no half file, and nothing is left")
    if big - small > MAX_MORE_BYTES:
        sys.exit("the memory is not bounded")


if __name__ == "__main__":
    main()
