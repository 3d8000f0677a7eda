"""Quality and cost of extracting the main text of any site's page.

    python -m benchmarks.extract FOLDER [--peer trafilatura] [--list]

FOLDER has pairs NAME.html and NAME.txt (main text), and NAME.json where url, title, date or captured_at are known; for
example `benchmarks/extract_pages/tuning`. Prints precision, recall and F1 of statewire's reader of other sites' pages
over runs of four words, the pages of which it has under half of the text, the titles and dates that are right, and the
CPU seconds for each page. `--peer trafilatura` adds plain `trafilatura.extract` of the same pages. Its seconds are
those of the main text alone; those of statewire include title, date, attribution and the text of the whole page.
`--list` names the worst pages.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trafilatura
from fakes import extraction
from fakes.extraction import Found, KnownPage, Score, UnusableFolderError

from scraper import parsers, urls
from scraper.errors import ParseError
from scraper.model import Capture, EndpointKind, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LISTED = 15


@dataclass(frozen=True)
class Reader:
    """Reader of pages: `read` is measured, `found` takes the result from what it returned."""

    name: str
    read: Callable[[Any], Any]
    given: Callable[[KnownPage], Any]
    found: Callable[[KnownPage, Any], Found]


@dataclass(frozen=True)
class Measured:
    """Results of a reader for all pages, their scores, and the CPU seconds for each page."""

    name: str
    results: list[Found]
    scores: list[Score]
    seconds: float


def _capture(page: KnownPage) -> Capture:
    # A page of State's own host would be read by a parser of State's pages.
    is_other = page.url and not urls.is_state(urls.host(page.url))
    url = page.url if is_other else f"https://pages.example/{page.name}/"
    kind = f"text/html; charset={page.charset}" if page.charset else "text/html"
    at = page.captured_at or datetime.now(UTC)
    return Capture(url, at, Outcome.OK, 200, headers=(("content-type", kind),), body=page.body)


def _read(capture: Capture) -> Found:
    try:
        reading = parsers.read(capture, EndpointKind.PAGE)
    except ParseError as error:
        return Found(problem=str(error))
    if not reading.items:
        return Found(problem="no item")
    item = reading.items[0]
    day = item.published_at.date() if item.published_at else None
    return Found("\n".join(item.paragraphs or ()), item.title, day)


def _with_metadata(page: KnownPage, text: str | None) -> Found:
    about = trafilatura.extract_metadata(_markup(page))
    day = date.fromisoformat(about.date) if about and about.date else None
    return Found(text or "", (about and about.title) or "", day, "" if text else "no text")


def _markup(page: KnownPage) -> str | bytes:
    return page.body.decode(page.charset) if page.charset else page.body


STATEWIRE = Reader("statewire", _read, _capture, lambda page, found: found)
TRAFILATURA = Reader("trafilatura", trafilatura.extract, _markup, _with_metadata)


def measure(reader: Reader, pages: Sequence[KnownPage]) -> Measured:
    """Read all pages twice; the first time warms up and is not measured."""
    given = [reader.given(page) for page in pages]
    results = list[Found]()
    seconds = 0.0
    for is_warm in (False, True):
        for page, markup in zip(pages, given, strict=True):
            parsers.clear_caches()  # else the second reading of a page would be cheaper than any real one
            began_s = time.process_time()
            found = reader.read(markup)
            spent_s = time.process_time() - began_s
            if is_warm:
                seconds += spent_s
                results.append(reader.found(page, found))
    scores = [extraction.score(found.text, page.text) for page, found in zip(pages, results, strict=True)]
    return Measured(reader.name, results, scores, seconds / len(pages))


def _print(pages: Sequence[KnownPage], measured: Sequence[Measured]) -> None:
    peer = measured[1] if len(measured) > 1 else None
    print(f"{'':12} precision  recall     F1  under half  {'under peer/2  ' if peer else ''}CPU s/page   title    date")
    for each in measured:
        total = extraction.summarize(pages, each.results)
        against = extraction.under_half_of_peer(each.scores, peer.scores) if peer else 0
        shown = f"{against if each is not peer else '':>12}  " if peer else ""
        print(
            f"{each.name:12}{total.precision:10.3f}{total.recall:8.3f}{total.f1:7.3f}{total.under_half:12}  {shown}"
            f"{each.seconds:10.3f}{_of(total.titles):>8}{_of(total.dates):>8}"
        )


def _of(pair: tuple[int, int]) -> str:
    return f"{pair[0]}/{pair[1]}" if pair[1] else "-"


def _print_worst(pages: Sequence[KnownPage], measured: Sequence[Measured]) -> None:
    order = sorted(range(len(pages)), key=lambda at: (measured[0].scores[at].f1, pages[at].name))
    print(f"\n{'worst pages':36}" + "".join(f"{each.name + ' P':>14}{'R':>6}" for each in measured))
    for at in order[:LISTED]:
        figures = "".join(f"{_figure(each.scores[at].precision):>14}{each.scores[at].recall:6.2f}" for each in measured)
        problem = measured[0].results[at].problem
        print(f"{pages[at].name[:35]:36}{figures}{'  ' + problem if problem else ''}")


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def main() -> int:
    """Print the table for a folder; refuse one that cannot be scored."""
    parser = argparse.ArgumentParser(prog="benchmarks.extract")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer", choices=[TRAFILATURA.name], help="also measure this library, used by itself")
    parser.add_argument("--list", action="store_true", help="name the worst pages")
    options = parser.parse_args()
    try:
        pages = extraction.load(options.folder)
    except UnusableFolderError as error:
        parser.error(f"{error}.")
    measured = [measure(reader, pages) for reader in (STATEWIRE, *([TRAFILATURA] if options.peer else []))]
    print(f"{len(pages)} pages of {options.folder}")
    _print(pages, measured)
    if options.list:
        _print_worst(pages, measured)
    return 0


if __name__ == "__main__":
    sys.exit(main())
