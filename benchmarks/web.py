"""Memory of `statewire web` and the time of its pages.

    python -m benchmarks.web DATABASE [ROUNDS]

Starts the server as a process of its own on a free port of this machine, asks for each kind of page ROUNDS times
(default 50) after a first time, one request after the other, and prints the CPU of the server and the time for each
request, and its memory: at its start, after these pages, and after a text was compared. Exit code 0 within the bounds:
150 ms of CPU for a page, 100 MB before a text was compared.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from contextlib import closing
from pathlib import Path
from statistics import median

MAX_MS, MAX_MB = 150.0, 100.0
WEB = [sys.executable, "-c", "from scraper.cli import main; main()"]
PATHS = ("", "statements/{id}/", "data", "data/statement_list", "data/event_list.json", "data/said?words=minister")
_TICKS_S = os.sysconf("SC_CLK_TCK")


def memory_mb(process: int) -> float:
    """Return the resident memory of a process."""
    (kilobytes,) = re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    return int(kilobytes) / 1024


def cpu_ms(process: int) -> float:
    """Return the CPU time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_S * 1000


def get(url: str, form: dict[str, str] | None = None) -> bytes:
    """Return the body of a page."""
    data = urllib.parse.urlencode(form).encode() if form else None
    with urllib.request.urlopen(url, data, timeout=60) as response:
        return bytes(response.read())


def main(db: Path, rounds: int) -> int:
    """Measure, print a line for each kind of page, and return the exit code."""
    with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as connection:
        number, text = (
            connection.execute(
                "SELECT statement_id, text FROM revisions WHERE words > 300 ORDER BY id DESC LIMIT 1"
            ).fetchone()
            or connection.execute("SELECT statement_id, text FROM revisions LIMIT 1").fetchone()
        )
    command = [*WEB, "--db", str(db), "web", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            root = server.stderr.readline().split()[1]
            memory = [memory_mb(server.pid)]
            slowest = 0.0
            for path in PATHS:
                url = f"{root}{path.format(id=number)}"
                size = len(get(url))
                before, times = cpu_ms(server.pid), []
                for _ in range(rounds):
                    began_s = time.perf_counter()
                    get(url)
                    times.append((time.perf_counter() - began_s) * 1000)
                used = (cpu_ms(server.pid) - before) / rounds
                slowest = max(slowest, used)
                print(
                    f"{path or 'today':28} {median(times):6.1f} ms median, {max(times):6.1f} ms most,"
                    f" {used:5.1f} ms of CPU, {size:,} bytes",
                    flush=True,
                )
            memory.append(memory_mb(server.pid))
            began_s = time.perf_counter()
            get(f"{root}trace/", {"text": text})
            first = time.perf_counter() - began_s
            began_s = time.perf_counter()
            get(f"{root}trace/", {"text": text})
            print(
                f"a text of {len(text):,} characters: first {first:.2f} s, then {time.perf_counter() - began_s:.2f} s"
            )
            memory.append(memory_mb(server.pid))
        finally:
            server.terminate()
    print("memory: {:.1f} MB at the start, {:.1f} MB after pages, {:.1f} MB after a text".format(*memory))
    return 0 if slowest <= MAX_MS and memory[1] <= MAX_MB else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 50))
