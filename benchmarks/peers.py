"""Cost of statewire's polls beside that of other monitors, in the same minutes.

    python -m benchmarks.peers [--rounds 3] [--only feeds pages] [--environments DIR]

Makes an environment for each peer in DIR (by default `.peers`) unless it is there: reader (feeds) and urlwatch (pages).
Serves 200 feeds of 20 items and 500 pages of 60 KB on loopback. In each round every program makes its passes one after
the other, over a folder of its own: the first one, one that the site answers with 304, and one in which it sends the
same bodies with 200. A pass is one process; its cost is the CPU of that process, user and system. Prints medians and
the median of the ratios of the rounds, so that what else runs on the machine affects both sides.

Checks that each program did the work: the number of items or pages that it has stored. Exit code 1 if one did not.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread
from typing import NamedTuple

FEEDS, ITEMS, PAGES = 200, 20, 500
PEERS = {"reader": ("reader", "sgmllib3k"), "urlwatch": ("urlwatch", "cssselect")}
"""Packages of each peer's environment."""
FIRST, NOT_MODIFIED, SAME_BODY = "first", "unchanged, 304", "unchanged, 200"
BOUNDS = {
    ("feeds", FIRST): 1.4,
    ("feeds", NOT_MODIFIED): 1.0,
    ("feeds", SAME_BODY): 0.5,
    ("pages, canonical", FIRST): 3.5,
    ("pages, canonical", NOT_MODIFIED): 0.9,
    ("pages, mirror", FIRST): 6.0,
    ("pages, mirror", NOT_MODIFIED): 0.9,
}
"""Largest ratio to the peer that is aimed at, by work and pass."""
STATEWIRE = [sys.executable, "-c", "from scraper.cli import main; main()"]
_MENU = "".join(
    f'<li class="menu-item menu-item-{n}"><a href="/bureau/{n}/">Bureau of Lamp {n}</a></li>' for n in range(360)
)
_STYLE = "".join(f".c{n}{{margin:{n}px;padding:{n % 7}px}}\n" for n in range(700))
_WORDS = (
    "lamp harbour keeper storm village pier rope oil winter guild school boat quay lighthouse island treaty minister "
    "partner region trade health water energy visa exchange security assistance dialogue agreement journey neighbour"
).split()


class Pass(NamedTuple):
    """One process: its CPU in seconds, and what the program has stored after it."""

    cpu_s: float
    stored: int


@dataclass(slots=True)
class Site:
    """Bodies by path, each with its type. `validates`: the site sends an ETag and answers with 304."""

    bodies: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    validates: bool = True

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve the site on a port of its own, with connections that stay open, and yield its origin."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                kind, body = site.bodies.get(self.path, ("text/plain", None))
                tag = f'"{hashlib.sha256(body or b"").hexdigest()[:16]}"'
                is_same = site.validates and self.headers.get("if-none-match") == tag
                self.send_response(404 if body is None else 304 if is_same else 200)
                self.send_header("Content-Type", kind)
                if site.validates and body is not None:
                    self.send_header("ETag", tag)
                self.send_header("Content-Length", str(0 if is_same else len(body or b"")))
                self.end_headers()
                self.wfile.write(b"" if is_same else body or b"")

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()


class Program(NamedTuple):
    """Program that is measured: what it has to set up in its folder, the commands of its passes, what it has stored."""

    name: str
    set_up: Callable[[Path, str], None]
    first: Sequence[str]
    again: Sequence[str]
    stored: Callable[[Path], int]


def _sentences(rng: random.Random, count: int) -> str:
    sentences = (" ".join(rng.choices(_WORDS, k=rng.randint(12, 28))).capitalize() + "." for _ in range(count))
    return " ".join(sentences)


def _article(number: int) -> tuple[str, list[str]]:
    """Return title and paragraphs of an invented statement; page and feed item of a number have the same."""
    rng = random.Random(number)
    title = f"Statement {number}: {' '.join(rng.choices(_WORDS, k=6))}"
    return title, [_sentences(rng, rng.randint(2, 5)) for _ in range(rng.randint(6, 14))]


def feeds(origin: str) -> dict[str, tuple[str, bytes]]:
    """Return the feeds of the site, by path."""
    found = {}
    for number in range(FEEDS):
        items = ""
        for at in range(number * ITEMS, (number + 1) * ITEMS):
            title, paragraphs = _article(at)
            body = escape("".join(f"<p>{paragraph}</p>" for paragraph in paragraphs))
            items += (
                f"<item><title>{title}</title><link>{origin}/s/{at}/</link><guid>{origin}/?p={at}</guid>"
                f"<pubDate>Mon, 02 Mar 2026 {at % 24:02}:00:00 GMT</pubDate><description>{body}</description></item>"
            )
        channel = f"<channel><title>Feed {number}</title><link>{origin}/</link>{items}</channel>"
        found[f"/feed/{number}.xml"] = ("application/rss+xml", f'<rss version="2.0">{channel}</rss>'.encode())
    return found


def pages() -> dict[str, tuple[str, bytes]]:
    """Return the pages of the site, by path: 60 KB, of which most are style and menus, as on real pages."""
    found = {}
    for number in range(PAGES):
        title, paragraphs = _article(number)
        text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        page = (
            f"<!doctype html><html lang=en><head><title>{title} - Herald</title><style>{_STYLE}</style></head>"
            f"<body><nav><ul>{_MENU}</ul></nav><article><h1>{title}</h1>{text}</article><footer>Herald</footer></body>"
        )
        found[f"/p/{number}"] = ("text/html; charset=utf-8", page.encode())
    return found


def _statewire(name: str, kind: str, paths: Sequence[str], role: str, table: str) -> Program:
    def set_up(folder: Path, origin: str) -> None:
        sources = "".join(
            f"  - {{name: s{number}, role: {role}, every: 15m, language: en, endpoints: "
            f"[{{kind: {kind}, url: '{origin}{path}'}}]}}\n"
            for number, path in enumerate(paths)
        )
        limits = "gap_s: 0.0001, retries: 0, requests_per_day: null"
        host = origin.removeprefix("http://")
        fetch = f"fetch: {{contact: 'https://monitor.invalid/', allow_private: ['{host}'], {limits}}}\n"
        (folder / "config.yaml").write_text(f"{fetch}sources:\n{sources}", encoding="utf-8")

    command = [*STATEWIRE, "--config", "config.yaml", "--db", "s.db", "-q", "fetch"]
    return Program(name, set_up, command, command, lambda folder: _count(folder / "s.db", table))


def _reader(environments: Path) -> Program:
    def set_up(folder: Path, origin: str) -> None:
        (folder / "r.py").write_text(
            "import sys\nfrom reader import make_reader\nreader = make_reader('r.db', feed_root='')\n"
            f"for n in range({FEEDS} if sys.argv[1] == 'first' else 0):\n"
            f"    reader.add_feed(f'{origin}/feed/{{n}}.xml')\n"
            "for each in reader.update_feeds_iter(workers=1, scheduled=False):\n"
            "    if isinstance(each.value, Exception):\n        raise each.value\n",
            encoding="utf-8",
        )

    python = str(environments / "reader/bin/python")
    stored = _counter("r.db", "entries")
    return Program("reader", set_up, [python, "r.py", "first"], [python, "r.py", "again"], stored)


def _urlwatch(environments: Path) -> Program:
    def set_up(folder: Path, origin: str) -> None:
        jobs = (
            f"name: p{number}\nurl: {origin}/p/{number}\nfilter:\n  - css: article\n  - html2text\n"
            for number in range(PAGES)
        )
        (folder / "urls.yaml").write_text("---\n".join(jobs), encoding="utf-8")
        (folder / "hooks.py").touch()
        (folder / "urlwatch.yaml").write_text("display: {new: false, error: true}\n", encoding="utf-8")

    program = str(environments / "urlwatch/bin/urlwatch")
    options = ["--urls", "urls.yaml", "--config", "urlwatch.yaml", "--hooks", "hooks.py", "--cache", "cache.db"]
    return Program("urlwatch", set_up, [program, *options], [program, *options], _counter("cache.db", "CacheEntry"))


def _counter(file: str, table: str) -> Callable[[Path], int]:
    return lambda folder: _count(folder / file, table)


def _count(database: Path, table: str) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def make_environments(folder: Path) -> None:
    """Install each peer in an environment of its own, unless it is there."""
    for name, packages in PEERS.items():
        if not (folder / name / "installed").exists():
            subprocess.run([sys.executable, "-m", "venv", folder / name], check=True)
            subprocess.run([folder / name / "bin/pip", "install", "-q", *packages], check=True)
            (folder / name / "installed").touch()


def run_pass(program: Program, folder: Path, *, is_first: bool) -> Pass:
    """Run one pass of a program in its folder, without its output."""
    command = program.first if is_first else program.again
    # Without it a checkout, but no installed peer, is compiled again by each process.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env={**environment, "HOME": str(folder)}
        )
        _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"{program.name} failed: {(folder / 'log').read_text(errors='replace')[-2_000:]}")
    return Pass(used.ru_utime + used.ru_stime, program.stored(folder))


def measure(site: Site, peer: Program, own: Sequence[Program], rounds: int, expected: int) -> bool:
    """Run the passes of a peer and of ours in turn and print a line for each; return False if work was left undone."""
    programs = [peer, *own]
    seconds: dict[tuple[str, str], list[float]] = {}
    is_whole = True
    for _ in range(rounds):
        with ExitStack() as stack:
            origin = stack.enter_context(site.served())
            folders = {each.name: Path(stack.enter_context(tempfile.TemporaryDirectory())) for each in programs}
            for each in programs:
                each.set_up(folders[each.name], origin)
            for name in (FIRST, NOT_MODIFIED, SAME_BODY):
                site.validates = name != SAME_BODY
                for each in programs:
                    done = run_pass(each, folders[each.name], is_first=name == FIRST)
                    seconds.setdefault((each.name, name), []).append(done.cpu_s)
                    if done.stored != expected:
                        print(f"{each.name}, {name}: {done.stored} are stored and not {expected}", file=sys.stderr)
                        is_whole = False
    for name in (FIRST, NOT_MODIFIED, SAME_BODY):
        base = seconds[peer.name, name]
        print(f"{name:16} {peer.name:18} {median(base):7.2f} s")
        for each in own:
            spent = seconds[each.name, name]
            ratio = median(mine / theirs for mine, theirs in zip(spent, base, strict=True))
            _print_row(name, each.name, median(spent), ratio)
    return is_whole


def _print_row(name: str, work: str, spent_s: float, ratio: float) -> None:
    aim = BOUNDS.get((work, name))
    print(f"{name:16} {work:18} {spent_s:7.2f} s {ratio:6.2f} x" + (f"  (aim {aim})" if aim else ""))


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks.peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=("feeds", "pages"), default=["feeds", "pages"])
    parser.add_argument("--environments", type=Path, default=Path(".peers"))
    options = parser.parse_args()
    environments = options.environments.resolve()
    make_environments(environments)
    is_whole = True
    if "feeds" in options.only:
        own = _statewire("feeds", "feed", [f"/feed/{n}.xml" for n in range(FEEDS)], "canonical", "statements")
        site = Site(feeds("https://herald.example"))
        is_whole &= measure(site, _reader(environments), [own], options.rounds, FEEDS * ITEMS)
    if "pages" in options.only:
        paths = [f"/p/{number}" for number in range(PAGES)]
        own_pages = [
            _statewire("pages, canonical", "page", paths, "canonical", "statements"),
            _statewire("pages, mirror", "page", paths, "mirror", "pages"),
        ]
        is_whole &= measure(Site(pages()), _urlwatch(environments), own_pages, options.rounds, PAGES)
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
