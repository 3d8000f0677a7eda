"""Cost of an import of WARC captures: CPU seconds, peak memory, size of the database; with the counts of its results.

    python -m benchmarks.import_press_feed FILE.warc.gz [FILE.warc.gz ...]

Runs `statewire import` as a process of its own on a new database, so the figures include the start of Python.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

STATEWIRE = [sys.executable, "-c", "from scraper.cli import main; main()", "-q"]
ROOT = Path(__file__).resolve().parents[1]


def main(files: list[str]) -> None:
    """Import the files once and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "bench.db")
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        command = [*STATEWIRE, "--db", str(database)]
        started = subprocess.Popen(
            [*command, "import", "--json", *files], env=environment, stdout=subprocess.PIPE, text=True
        )
        assert started.stdout is not None
        summary = json.loads(started.stdout.read())
        # wait4 reports on this child only, whatever ran before it.
        _, status, usage = os.wait4(started.pid, 0)
        if status:
            sys.exit(f"the import failed with status {os.waitstatus_to_exitcode(status)}")
        size = database.stat().st_size
        done = subprocess.run(
            [*command, "events", "--json"], env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
    peak_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(f"CPU         {usage.ru_utime + usage.ru_stime:6.1f} s")
    print(f"peak memory {peak_bytes / 1e6:6.0f} MB")
    print(f"database    {size / 1e6:6.1f} MB")
    print(f"captures    {summary['captures']:6}   stale {summary['stale']}, not readable {summary['unread']}")
    print(f"statements  {summary['statements']:6}")
    for (kind, part), count in sorted(Counter((e["kind"], e["part"] or "") for e in json.loads(done.stdout)).items()):
        print(f"{count:6} {kind}{f' ({part})' if part else ''}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
