"""Test of an import under repeated SIGKILL and restart: it stores the same events as an undisturbed one.

    python -m benchmarks.kill_import FILE.warc.gz [KILLS]

Kills at KILLS (default 50) random moments, each after a few more captures at most; a complete database is replaced by a
new one, so that kills hit every stage. After each kill the database has to be intact, after the last one the events
have to be those of an undisturbed import. Exit code 0 if all of it holds.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from scraper.cli import main as statewire
from scraper.cli.files import import_
from scraper.pipeline.import_files import import_files

# Loaded once here, so that a kill hits the import and not the start of Python.
LOADED = (import_, import_files)

_EVENTS = (
    "SELECT kind, detected_at, guid, url, title, grade, reasons, part, before, after, source, backfill"
    " FROM events ORDER BY detected_at, guid, kind, part"
)


def begin(database: Path, file: str) -> int:
    """Fork an import and return its process id."""
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            statewire(["-q", "--db", str(database), "import", file])
        finally:
            os._exit(0)
    return child


def read(database: Path) -> tuple[int, list[tuple[object, ...]]]:
    """Return the number of captures in a database, and its events. End the benchmark if the database is damaged."""
    with closing(sqlite3.connect(database)) as connection:
        (found,) = connection.execute("PRAGMA integrity_check").fetchone()
        if found != "ok":
            sys.exit(f"the database is damaged: {found}")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'captures'").fetchone():
            return 0, []
        (captures,) = connection.execute("SELECT count(*) FROM captures").fetchone()
        return captures, connection.execute(_EVENTS).fetchall()


def main(file: str, kills: int) -> None:
    """Kill `kills` imports, let one finish and compare; exit with a message if anything differs."""
    with tempfile.TemporaryDirectory() as folder:
        whole, killed = Path(folder, "whole.db"), Path(folder, "killed.db")
        began = time.monotonic()
        os.waitpid(begin(whole, file), 0)
        length_s = time.monotonic() - began
        captures, events = read(whole)
        if not events:
            sys.exit(f"{file} has no captures with events")
        print(f"undisturbed: {captures} captures, {len(events)} events, {length_s:.1f} s")
        done = rounds = had = 0
        while done < kills:
            child = begin(killed, file)
            time.sleep(random.uniform(0.0, length_s / 4))
            ended, _ = os.waitpid(child, os.WNOHANG)
            if not ended:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                done += 1
            now, stored = read(killed)
            if now < had:
                sys.exit(f"{had - now} captures were lost by kill {done}")
            had = now
            if ended or now == captures:
                if stored != events:
                    sys.exit(f"other events than undisturbed after kill {done}")
                rounds, had = rounds + 1, 0
                for path in Path(folder).glob("killed.db*"):
                    path.unlink()
        os.waitpid(begin(killed, file), 0)
        if read(killed) != (captures, events):
            sys.exit("other events than undisturbed at the end")
        print(f"{done} kills over {rounds + 1} imports: every database whole, the same events each time")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50)
