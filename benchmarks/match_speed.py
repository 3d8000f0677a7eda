"""Speed and memory of indexing statements and tracing pages, compared with datasketch and rensa.

    pip install datasketch rensa
    python -m benchmarks.match_speed DATABASE [--sizes 10000 40000 200000] [--pages 500] [--alone]

DATABASE comes from `statewire import` of the real feed captures; the statements that are indexed are
made of its vocabulary, with template sentences that many share, so that any number can be made.
Each size runs in a process of its own. `--alone` leaves the two other libraries out.
"""

from __future__ import annotations

import argparse
import pickle
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, TypeVar

from benchmarks import pages
from scraper.matching import Matcher, PageToMatch, RevisionKey
from scraper.store.database import connect, unit
from scraper.store.fingerprints import Fingerprints
from scraper.text.normalize import key_sha256, word_key, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Spent = tuple[float, float]  # seconds: CPU, wall
Found = TypeVar("Found")

_WORDS = 400
_TEMPLATE_SHARE = 0.15
_SHINGLE = 5
_PERMUTATIONS = 128


def main() -> None:
    """Run each size in a process of its own and print its rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 40_000, 200_000])
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--what", choices=("statewire", "datasketch", "rensa"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.what:
        _one(options.what, options.database, options.sizes[0], options.pages)
        return
    print(
        f"{'':12}{'statements':>12}{'add ms':>9}{'CPU p50':>9}{'p95':>8}{'wall p50':>10}{'p95':>8}{'max ms':>9}"
        f"{'found':>8}{'MB':>7}{'disk MB':>9}"
    )
    for size in options.sizes:
        for what in ("statewire",) if options.alone else ("statewire", "datasketch", "rensa"):
            if what != "statewire" and size > 40_000:
                continue
            command = [sys.executable, "-m", "benchmarks.match_speed", str(options.database), "--what", what]
            subprocess.run([*command, "--sizes", str(size), "--pages", str(options.pages)], check=True)


def _one(what: str, database: Path, size: int, count: int) -> None:
    source = Synthetic(database)
    measure: Callable[[Synthetic, int, int], None] = {
        "statewire": _statewire,
        "datasketch": _datasketch,
        "rensa": _rensa,
    }[what]
    measure(source, size, count)


class Synthetic:
    """Generator of statements and pages from real vocabulary, each by its number."""

    def __init__(self, database: Path) -> None:
        corpus = pages.load(database)
        texts = [corpus.revisions[key].words.text for key in corpus.current.values()][:300]
        rng = random.Random("vocabulary")
        self._phrases = []
        for text in texts:
            held = text.split()[:600]
            self._phrases.extend(" ".join(held[at : at + 3]) for at in range(0, len(held) - 3, 3))
        self._template = [" ".join(rng.choice(self._phrases) for _ in range(8)) + "." for _ in range(400)]

    def statement(self, number: int) -> tuple[str, str]:
        """Return title and body: about `_WORDS` words, some sentences shared with hundreds of others."""
        rng = random.Random(f"statement {number}")
        paragraphs, words_ = [], 0
        while words_ < _WORDS:
            sentences = []
            for _ in range(rng.randrange(2, 5)):
                if rng.random() < _TEMPLATE_SHARE:
                    sentences.append(rng.choice(self._template))
                else:
                    sentences.append(" ".join(rng.choice(self._phrases) for _ in range(8)) + ".")
                words_ += 24
            paragraphs.append(" ".join(sentences))
        return " ".join(rng.choice(self._phrases) for _ in range(3)), "\n\n".join(paragraphs)

    def page(self, number: int, size: int) -> tuple[int | None, PageToMatch]:
        """Return a page: seven in ten carry a statement whole, in part or altered, the others none."""
        rng = random.Random(f"page {number}")
        which = rng.randrange(size)
        title, body = self.statement(which)
        kind = rng.randrange(10)
        if kind >= 7:
            title, body = self.statement(10_000_000 + number)
        elif kind >= 5:
            body = " ".join(w if rng.random() > 0.1 else rng.choice(self._phrases).split()[0] for w in body.split(" "))
        elif kind >= 3:
            body = body[: int(len(body) * rng.uniform(0.2, 0.3))]
        chrome = [" ".join(rng.choice(self._phrases) for _ in range(rng.randrange(1, 8))) for _ in range(40)]
        text = "\n".join([*chrome[:20], title, body, *chrome[20:]])
        return (which if kind < 7 else None), PageToMatch(text, title)


def _statewire(source: Synthetic, size: int, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speed.db"
        db = connect(path)
        index = Fingerprints(db)
        spent = 0.0
        for start in range(0, size, 1000):
            with unit(db):
                for number in range(start, min(size, start + 1000)):
                    _store(db, number, *source.statement(number))
                    begun = time.process_time()
                    index.add(RevisionKey(number + 1, 1))
                    spent += time.process_time() - begun
                begun = time.process_time()
                index.write()
                spent += time.process_time() - begun
        db.conn.close()
        # Queries are measured in a process that did not build the index, as the monitor's is.
        command = [sys.executable, "-c", _QUERY, str(path), str(size), str(count), f"{spent / size * 1000:.3f}"]
        made = [source.page(number, size) for number in range(count)]
        subprocess.run(command, input=pickle.dumps(made), check=True)


_QUERY = "import sys; from benchmarks.match_speed import query; query(*sys.argv[1:])"


def query(path: str, size: str, count: str, add_ms: str) -> None:
    """Trace pages that come pickled on stdin against a database, and print the row."""
    made = pickle.load(sys.stdin.buffer)
    db = connect(Path(path))
    matcher = Matcher(Fingerprints(db))
    for _, page in made[:20]:
        matcher.trace_all(page)[0]
    times, right, wanted = list[Spent](), 0, 0
    for which, page in made:
        found = _timed(lambda page=page: matcher.trace_all(page)[0], times)
        copies = [match.key.statement_id - 1 for match in found if match.relation.is_copy]
        wanted += which is not None
        right += which is not None and which in copies
    _row("statewire", int(size), float(add_ms), times, right / wanted, Path(path).stat().st_size)


def _store(db: object, number: int, title: str, body: str) -> None:
    at = "2021-06-01T00:00:00Z"
    db.execute(  # type: ignore[attr-defined]
        "INSERT INTO statements (id, authority, guid, guid_derived, url, title, countries, subjects, links, state,"
        " revision, source, first_seen_at, last_seen_at)"
        " VALUES (?, 'x', ?, 0, ?, ?, '[]', '[]', '[]', 'current', 1, 'x', ?, ?)",
        [number + 1, f"guid {number}", f"https://example.org/{number}", title, at, at],
    )
    db.execute(  # type: ignore[attr-defined]
        "INSERT INTO revisions (statement_id, number, title, text, words, words_sha256, first_seen_at, last_seen_at)"
        " VALUES (?, 1, ?, ?, ?, ?, ?, ?)",
        [number + 1, title, body, len(body.split()), key_sha256(word_key(body)), at, at],
    )


def _grams(text: str) -> set[str]:
    keys = words(text)
    return {" ".join(keys[at : at + _SHINGLE]) for at in range(len(keys) - _SHINGLE + 1)}


def _datasketch(source: Synthetic, size: int, count: int) -> None:
    from datasketch import MinHash, MinHashLSH  # type: ignore[import-not-found]

    def sketch(text: str) -> MinHash:
        found = MinHash(num_perm=_PERMUTATIONS)
        found.update_batch([gram.encode() for gram in _grams(text)])
        return found

    lsh = MinHashLSH(threshold=0.3, num_perm=_PERMUTATIONS)
    _other(
        "datasketch",
        source,
        size,
        count,
        lambda key, text: lsh.insert(key, sketch(text)),
        lambda t: lsh.query(sketch(t)),
    )


def _rensa(source: Synthetic, size: int, count: int) -> None:
    from rensa import RMinHash, RMinHashLSH  # type: ignore[import-not-found]

    def sketch(text: str) -> RMinHash:
        found = RMinHash(num_perm=_PERMUTATIONS, seed=1)
        found.update(list(_grams(text)))
        return found

    lsh = RMinHashLSH(threshold=0.3, num_perm=_PERMUTATIONS, num_bands=32)
    _other(
        "rensa", source, size, count, lambda key, text: lsh.insert(key, sketch(text)), lambda t: lsh.query(sketch(t))
    )


def _other(
    name: str,
    source: Synthetic,
    size: int,
    count: int,
    insert: Callable[[int, str], object],
    find: Callable[[str], Sequence[int]],
) -> None:
    spent = 0.0
    for number in range(size):
        _, body = source.statement(number)
        begun = time.process_time()
        insert(number, body)
        spent += time.process_time() - begun
    times, right, wanted = list[Spent](), 0, 0
    for which, page in _made(source, size, count):
        found = _timed(lambda page=page: find(page.text), times)
        wanted += which is not None
        right += which is not None and which in set(found)
    _row(name, size, spent / size * 1000, times, right / wanted, 0)


def _made(source: Synthetic, size: int, count: int) -> Iterator[tuple[int | None, PageToMatch]]:
    return (source.page(number, size) for number in range(count))


def _timed(ask: Callable[[], Found], times: list[Spent]) -> Found:
    """Return an answer and record its CPU and wall time; on a shared machine CPU time varies less."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = ask()
    times.append((time.process_time() - cpu, time.perf_counter() - wall))
    return found


def _quantiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return median, 95th percentile and maximum."""
    twentieths = quantiles(values, n=20)
    return twentieths[9], twentieths[18], max(values)


def _row(name: str, size: int, add_ms: float, times: Sequence[Spent], found: float, disk_bytes: int) -> None:
    cpu, wall = (_quantiles([spent[which] * 1000 for spent in times]) for which in (0, 1))
    status = Path("/proc/self/status").read_text()
    resident = int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024  # type: ignore[union-attr]
    disk = f"{disk_bytes / 1e6:9.0f}" if disk_bytes else f"{'':9}"
    print(
        f"{name:12}{size:12}{add_ms:9.2f}{cpu[0]:9.2f}{cpu[1]:8.2f}{wall[0]:10.2f}{wall[1]:8.2f}{wall[2]:9.1f}"
        f"{found:8.3f}{resident:7.0f}{disk}",
        flush=True,
    )


if __name__ == "__main__":
    main()
