"""Simulated day of State beside hostile mirrors: its five changes are mailed on time, and no other word about it.

    python -m benchmarks.hostile_peers [HOURS] [--seed N] [--few] [--only NAME,NAME] [--keep FOLDER]

The real daemon, fetcher and store run in simulated time beside the mirrors of `fakes.world.hostile`, a mail server that
takes 45 s for each message, and a webhook that hangs. In the end each of State's five changes has to be reported once
and mailed on time, and nothing else about State; its statements have no wording and no address that State did not give
them; the daemon never stalled; no mirror's claims caused more requests to State's hosts than their cap, and no host got
more than its day's number; and the one honest mirror's copies were reported. Exit code 0 if all holds.

`--few`: five of the mirrors. `--only`: these mirrors only; both besides the honest one. `--keep`: folder in which
database and mail are kept for inspection.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from collections import Counter
from pathlib import Path

from fakes.world.hostile import FEW, MIRRORS, CopiesHonestly
from fakes.world.hostile_day import PER_DAY, SCALE, HostileDay, judge
from fakes.world.web import STATE

# The disk is not part of the measurement.
_MEMORY = Path("/dev/shm")


def main() -> int:
    """Run a day, print the figures and all faults, and return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.hostile_peers")
    parser.add_argument("hours", nargs="?", type=float, default=24.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--few", action="store_true")
    parser.add_argument("--only", type=lambda names: {*names.split(","), CopiesHonestly.__name__})
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    kinds = FEW if options.few else MIRRORS
    if options.only:
        kinds = tuple(kind for kind in MIRRORS if kind.__name__ in options.only)
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as temporary:
        folder = options.keep or Path(temporary)
        day = HostileDay(folder, options.seed, options.hours / 24, SCALE, kinds=kinds)
        day.go()
        verdict = judge(day)
    wire = day.wire
    to_state = sum(wire.hosts[STATE].per_day.values())
    claims = Counter({source: n for (source, host, _), n in wire.documents.items() if host == STATE})
    claims.pop("press", None)
    print(f"seed {options.seed}, {options.hours:g} hours beside {len(day.mirrors)} mirrors")
    print(f"{day.runs} runs, {day.cpu_s:.0f} s CPU")
    print(f"{wire.requests} requests, {to_state} of them to {STATE} (at most {PER_DAY} a day)")
    print(f"claims by mirror: {', '.join(f'{n} {source}' for source, n in claims.most_common()) or 'none'}")
    print(f"reported: {', '.join(f'{n} {kind}' for kind, n in sorted(verdict.reported.items()))}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")
    print(*verdict.faults, sep="\n", end="\n" if verdict.faults else "")
    longest = max(verdict.delays_s, default=0.0) / 60
    print(f"{len(verdict.delays_s)} of 5 mails, the last after {longest:.0f} min: {len(verdict.faults)} faults")
    return bool(verdict.faults)


if __name__ == "__main__":
    sys.exit(main())
