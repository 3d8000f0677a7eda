"""Sweep of synthetic archives: rate beside FastWARC and resiliparse alone, memory, recall, and damaged files.

    python -m benchmarks.sweep_pages DATABASE FOLDER --damaged
    python -m benchmarks.sweep DATABASE FOLDER [--index FILE] [--strict 0] [--what rate]

The rate is that of one worker, in processor time, of all steps; the other is FastWARC and resiliparse alone, over the
same files in turns, so that what else the machine does meets both alike. Every page that was planted is traced, and
`--strict N` others: a page counts as lost if the trace finds a copy or a quotation and the sweep does not.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastwarc.warc import ArchiveIterator, WarcRecordType
from resiliparse.extract.html2text import extract_plain_text

from scraper.store import Store
from scraper.sweep import index_build
from scraper.sweep.archive_pages import ArchivedPage, ArchiveFile, HashedStream
from scraper.sweep.index_file import IndexFile
from scraper.sweep.inputs import Input, expand, open_input
from scraper.sweep.scan import Scanner, text_of
from scraper.sweep.work import sweep_file
from scraper.text import charset
from scraper.text.tokens import Words

_TURNS = 3
_WHAT = ("rate", "steps", "memory", "recall", "damaged")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--index", type=Path, help="index file of the database; made if it is missing")
    parser.add_argument("--strict", type=int, default=0, help="pages without a planted statement that are traced too")
    parser.add_argument("--what", choices=_WHAT, action="append", help="print only this")
    options = parser.parse_args()
    index = options.index or options.folder / "statements.index"
    if not index.exists():
        begun = time.process_time()
        with Store(options.database) as store:
            index_build.build(store, index)
        print(f"index: {index.stat().st_size / 1e6:.1f} MB, made in {time.process_time() - begun:.0f} s")
    inputs = expand([str(path) for path in sorted(options.folder.glob("*.warc*"))])
    what = options.what or _WHAT
    if "rate" in what:
        _measure_rate(index, inputs)
    if "steps" in what:
        _measure_steps(index, inputs)
    if "memory" in what:
        _measure_memory(index, inputs)
    if "recall" in what:
        _measure_recall(index, inputs, options.folder / "truth.jsonl", options.strict)
    if "damaged" in what and (options.folder / "damaged").is_dir():
        _measure_damaged(index, options.folder / "damaged")


def _measure_rate(index: Path, inputs: list[Input]) -> None:
    scanner = Scanner(IndexFile(index))
    spent, pages = Counter[str](), 0
    best = {name: float("inf") for name in ("alone", "sweep")}
    for _ in range(_TURNS):
        spent.clear()
        pages = 0
        for each in inputs:
            begun = time.process_time()
            for _text in _alone(each):
                pass
            middle = time.process_time()
            report, result = sweep_file(each, scanner)
            result.close()
            spent["alone"] += middle - begun
            spent["sweep"] += time.process_time() - middle
            pages += report.pages
        best = {name: min(best[name], spent[name]) for name in best}
    alone, ours = pages / best["alone"], pages / best["sweep"]
    print(f"pages/s and core: {ours:.0f}; FastWARC and resiliparse alone: {alone:.0f}; share {ours / alone:.2f}")


def _alone(given: Input) -> Iterator[str]:
    with open_input(given) as file:
        kinds = WarcRecordType.response | WarcRecordType.conversion
        for record in ArchiveIterator(file, record_types=kinds, parse_http=True):
            content_type = record.http_content_type or ""
            if "html" in content_type:
                body = record.reader.read()
                yield str(extract_plain_text(charset.decode(body, content_type), preserve_formatting=True))


def _measure_steps(index: Path, inputs: list[Input]) -> None:
    scanner, spent, pages = Scanner(IndexFile(index)), Counter[str](), 0
    for each in inputs:
        with open_input(each) as opened:
            found = iter(ArchiveFile(HashedStream(each.name, opened)))
            begun = time.process_time()
            while (page := next(found, None)) is not None:
                pages += 1
                at = {"read": time.process_time() - begun}
                begun = time.process_time()
                text = text_of(page)
                at["text"] = time.process_time() - begun
                begun = time.process_time()
                scanner.gate.suspect(Words(text))
                at["gate"] = time.process_time() - begun
                spent.update(at)
                begun = time.process_time()
    print("ms a page: " + ", ".join(f"{name} {seconds / pages * 1000:.2f}" for name, seconds in spent.items()))


def _measure_memory(index: Path, inputs: list[Input]) -> None:
    """Print what one worker needs beside the pages of the index, which all processes of a machine share."""
    command = [sys.executable, "-c", _WORKER, str(index), *(each.name for each in inputs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    print(f"memory of a worker: {done.stdout.strip()}")


_WORKER = "import sys; from benchmarks.sweep import worker; worker(*sys.argv[1:])"


def worker(index: str, *names: str) -> None:
    """Sweep files, and print the most memory that this process had."""
    scanner = Scanner(IndexFile(Path(index)))
    most, file_pages = 0.0, 0.0

    def look(_pages: int) -> None:
        nonlocal most, file_pages
        status = Path("/proc/self/status").read_text()
        sizes = {name: int(kb) / 1024 for name, kb in re.findall(r"(RssAnon|RssFile):\s+(\d+)", status)}
        most, file_pages = max(most, sizes["RssAnon"]), max(file_pages, sizes["RssFile"])

    for name in names:
        sweep_file(Input(name), scanner, look)[1].close()
        look(0)
    print(f"{most:.0f} MB of its own, {file_pages:.0f} MB mapped")


def _measure_recall(index: Path, inputs: list[Input], truth: Path, strict: int) -> None:
    kinds = {row["page"]: row["kind"] for row in map(json.loads, truth.read_text().splitlines())}
    known = IndexFile(index)
    tracer, scanner = Scanner(known), Scanner(known)
    found, lost, others = Counter[str](), Counter[str](), 0
    wrong = list[str]()
    for each in inputs:
        rows = {}
        with open_input(each) as opened:
            for hit in scanner.scan(ArchiveFile(HashedStream(each.name, opened))):
                rows[hit.page.url, hit.page.captured_at] = hit.row
        with open_input(each) as opened:
            for page in ArchiveFile(HashedStream(each.name, opened)):
                row = rows.get((page.url, page.captured_at))
                kind = kinds.get(page.url)
                if kind is None and row is None:
                    others += 1
                    if others > strict:
                        continue
                _count(tracer, page, row, kind or "none planted", found, lost, wrong)
    for kind in sorted(found):
        print(f"{kind:32}{found[kind]:6} found by a trace, {lost[kind]:4} lost")
    total = found.total()
    print(f"{'all':32}{total:6} found by a trace, {lost.total():4} lost: recall {1 - lost.total() / total:.4f}")
    print(f"{len(wrong)} hits that a trace does not confirm {wrong[:3]}")
    print(f"{scanner.admitted} pages admitted by the gate, {scanner.traced} traced")


def _count(
    tracer: Scanner,
    page: ArchivedPage,
    row: dict[str, Any] | None,
    kind: str,
    found: Counter[str],
    lost: Counter[str],
    wrong: list[str],
) -> None:
    traced = tracer.row(page)
    if traced is not None:
        found[kind] += 1
        lost[kind] += row is None
    if row is not None and row != traced:
        wrong.append(page.url)


def _measure_damaged(index: Path, folder: Path) -> None:
    scanner = Scanner(IndexFile(index))
    for each in expand([str(path) for path in sorted(folder.iterdir())]):
        begun = time.perf_counter()
        report, result = sweep_file(each, scanner)
        with result:
            seconds = time.perf_counter() - begun
            name = Path(each.name).name
            said = report.failure or "; ".join(report.problems) or "no problem"
            print(f"{name:24}{report.pages:4} pages, {report.hits} hits, {seconds:6.1f} s: {said}")


if __name__ == "__main__":
    main()
