"""Recorder of a checkout's output for fixed inputs, and comparison of two records to prove that output is unchanged.

    python -m benchmarks.same_output record FOLDER [--checkout DIR] [--captures FILE ...] [--days 2] [--seed 1]
    python -m benchmarks.same_output compare BEFORE AFTER

`record` runs `statewire demo`, an import of FILE (WARC captures of the press feed) with a watch on everything, and
`benchmarks.ten_days`, each with the interpreter and the code of the checkout DIR (default: this one; its environment
is DIR/.venv where there is one). From each of the three databases it keeps the JSON of the commands that read it, and
every mail. Only commands, options and mail files are used, so that records of two revisions with different modules
and tables can be compared. `compare` prints the lines that differ, ids by order of appearance, times left out; it exits
with 1 if any do, or if a record has no mails.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import subprocess
import sys
from email import message_from_bytes
from email import policy as email_policy
from pathlib import Path
from typing import Any

_CONFIG = """\
fetch: {contact: "https://example.org/statewire-operator"}
sources:
  - name: state-press-releases
    role: canonical
    endpoints: [{kind: feed, url: "https://www.state.gov/rss-feed/press-releases/feed/"}]
watches:
  - {name: Everything, to: [desk@example.org], timezone: America/New_York, at_least: minor}
"""
# Commands that print JSON about a whole database.
_READERS: dict[str, tuple[str, ...]] = {
    "events": ("events", "--json"),
    "list": ("list", "--json", "--limit", "100000"),
    "copies": ("copies", "--json"),
    "alerts": ("alerts", "list", "--json", "--limit", "100000"),
    "export-statements": ("export", "statements"),
    "export-copies": ("export", "copies"),
    "export-events": ("export", "events"),
    "atom": ("export", "events", "--format", "atom"),
}
# Commands that print JSON about one statement.
_STATEMENT_READERS = {"show": ("show",), "diff": ("diff",), "copies-of": ("copies",)}
_MAILS = "mails.out"
_STATEMENTS = 6
# A redesign may change ids and times (house rule); random ids are never equal.
_VOLATILE = (
    (re.compile(r"<[0-9a-f]{32}@[^>]*>"), "<MESSAGE-ID>"),
    (re.compile(r"={15}\d+=="), "BOUNDARY"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)?"), "TIME"),
)
# Ids may differ too, but not what they link: each is replaced by the rank of its first appearance in the output.
_ID = re.compile(r"(\"id\": |\"statement\": |:events:)(\d+)")
# Random, or the wall clock of an import.
_VOLATILE_HEADERS = frozenset({"Message-ID", "Content-Type", "Date"})


def main() -> int:
    """Record or compare, depending on the first argument."""
    parser = argparse.ArgumentParser(prog="benchmarks.same_output")
    verbs = parser.add_subparsers(dest="verb", required=True)
    record_parser = verbs.add_parser("record")
    record_parser.add_argument("folder", type=Path)
    record_parser.add_argument("--checkout", type=Path, default=Path.cwd())
    record_parser.add_argument("--captures", type=Path, nargs="*", default=[])
    record_parser.add_argument("--days", default="2")
    record_parser.add_argument("--seed", default="1")
    compare_parser = verbs.add_parser("compare")
    compare_parser.add_argument("before", type=Path)
    compare_parser.add_argument("after", type=Path)
    given = parser.parse_args()
    if given.verb == "compare":
        return compare(given.before, given.after)
    record(given.folder.resolve(), given.checkout.resolve(), given.captures, given.days, given.seed)
    return 0


def record(folder: Path, checkout: Path, captures: list[Path], days: str, seed: str) -> None:
    """Run the three inputs in `checkout` and leave their databases, mails and `*.out` files in `folder`."""
    python = checkout / ".venv" / "bin" / "python"
    run = _Runner(str(python) if python.exists() else sys.executable, checkout)
    demo = _new(folder / "demo")
    (demo / "demo.out").write_text(run.statewire("--db", str(demo / "statewire.db"), "demo"), encoding="utf-8")
    _read_database(run, demo)
    if captures:
        polls = _new(folder / "polls")
        config = polls / "config.yaml"
        config.write_text(_CONFIG, encoding="utf-8")
        options = ("--config", str(config), "--db", str(polls / "statewire.db"))
        files = [str(file.resolve()) for file in captures]
        (polls / "import.out").write_text(run.statewire(*options, "import", "--alerts", "--json", *files), "utf-8")
        _read_database(run, polls)
    simulated = _new(folder / "ten_days")
    output = run("-m", "benchmarks.ten_days", days, "--seed", seed, "--keep", str(simulated))
    print(output, file=sys.stderr)
    _read_database(run, simulated)


def compare(before: Path, after: Path) -> int:
    """Print the differences of two records; return 1 if there are any, else 0."""
    names = sorted({path.relative_to(root) for root in (before, after) for path in root.rglob("*.out")})
    differing = 0
    for name in names:
        texts = [
            (root / name).read_text(encoding="utf-8") if (root / name).exists() else "(no such output)"
            for root in (before, after)
        ]
        lines = [_stable(text, root).splitlines() for text, root in zip(texts, (before, after), strict=True)]
        changed = list(difflib.unified_diff(*lines, str(before / name), str(after / name), "", "", 0, lineterm=""))
        nothing = name.name == _MAILS and not lines[1]  # two records without mails prove nothing about mails
        differing += bool(changed) or nothing
        state = "DIFFERS" if changed else "EMPTY  " if nothing else "equal  "
        print(f"{state} {name} ({len(lines[1])} lines)")
        print(*changed[:60], sep="\n", end="\n" if changed else "")
    print(f"{len(names)} outputs, {differing} differ.")
    return bool(differing) or not names


class _Runner:
    """Runner of Python in a checkout that returns the printed output."""

    def __init__(self, python: str, checkout: Path) -> None:
        self._python, self._checkout = python, checkout

    def __call__(self, *arguments: str) -> str:
        ended = subprocess.run(
            [self._python, *arguments], cwd=self._checkout, check=False, stdout=subprocess.PIPE, encoding="utf-8"
        )
        if ended.returncode:
            raise SystemExit(f"{arguments} in {self._checkout} exited with {ended.returncode}")
        return ended.stdout

    def statewire(self, *arguments: str) -> str:
        return self("-c", "from scraper.cli import main; main()", *arguments)


def _new(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _read_database(run: _Runner, folder: Path) -> None:
    database = str(folder / "statewire.db")
    for name, arguments in _READERS.items():
        (folder / f"{name}.out").write_text(run.statewire("--db", database, *arguments), encoding="utf-8")
    for statement in _interesting(json.loads((folder / "events.out").read_text(encoding="utf-8"))):
        for name, arguments in _STATEMENT_READERS.items():
            output = run.statewire("--db", database, *arguments, "--json", str(statement))
            (folder / f"{name}-{statement}.out").write_text(output, encoding="utf-8")
    mails = sorted(_mail_text(path.read_bytes()) for path in (folder / "mail" / "new").glob("*"))
    (folder / _MAILS).write_text("\n".join(mails), encoding="utf-8")


def _interesting(events: list[dict[str, Any]]) -> list[int]:
    """Return the statements with a wording of their own past the first: `diff` needs two."""
    revised = [event["statement"] for event in events if event["kind"] == "statement.revised"]
    return sorted(set(revised))[:_STATEMENTS]


def _mail_text(raw: bytes) -> str:
    """Return headers and decoded parts, as a recipient sees them."""
    message = message_from_bytes(raw, policy=email_policy.default)
    headers = [f"{name}: {value}" for name, value in message.items() if name not in _VOLATILE_HEADERS]
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*headers, "", *parts])


def _stable(text: str, folder: Path) -> str:
    text = text.replace(str(folder.resolve()), "FOLDER")
    for pattern, name in _VOLATILE:
        text = pattern.sub(name, text)
    ranks: dict[str, dict[str, int]] = {}

    def rank(match: re.Match[str]) -> str:
        seen = ranks.setdefault(match[1], {})
        return f"{match[1]}ID{seen.setdefault(match[2], len(seen))}"

    return _ID.sub(rank, text)


if __name__ == "__main__":
    sys.exit(main())
