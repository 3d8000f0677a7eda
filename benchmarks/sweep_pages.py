"""Synthetic news archives: WARC and WET files of pages of real size, some with copies and quotations of statements.

    python -m benchmarks.sweep_pages DATABASE FOLDER [--pages 2000] [--files 4] [--share 0.01] [--seed 1] [--damaged]

DATABASE has statements (`statewire import`, or `python -m benchmarks.big_database`). Pages are 174 KB long on average,
with 6 to 10 KB of visible text, by eight templates, in English and seven other languages. One in a hundred carries a
statement, each kind of `sweep_planted.KINDS` as often as the others; `FOLDER/truth.jsonl` names them. Every file has
`request` records, a few responses that are no pages, and pages that another file has as well. With `--damaged`,
`FOLDER/damaged` has damaged and hostile files. The same arguments give the same bytes.
"""

import argparse
import json
import random
import statistics
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from benchmarks import other_sites
from benchmarks.big_texts import slug
from benchmarks.other_sites import Shown
from benchmarks.sweep_damage import write_damaged
from benchmarks.sweep_planted import KINDS, Planted, Planter, Statements
from benchmarks.sweep_sites import Markup, News, Site, all_sites

_FIRST_DAY = datetime(2021, 6, 1, tzinfo=UTC)
_DAYS = 60
_OTHER_SHARE = 0.02
_TEXT_SHARE = 0.03
_AGAIN_ONE_IN = 97
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Page:
    """Response of a site: its URL, the time of its capture, the body, and the statement that it carries, if any."""

    url: str
    at: datetime
    body: bytes
    content_type: str
    planted: Planted | None = None
    is_text: bool = False  # a record of a WET file


class Generator:
    """Generator of pages with one seed; a number gives the same page in every run."""

    def __init__(self, database: Path, seed: int, share: float) -> None:
        self._seed = seed
        self._share = share
        self._news = News()
        self._sites = all_sites(self._news)
        self._foreign = [site for site in self._sites if site.language != "en"]
        self._english = [site for site in self._sites if site.language == "en"]
        self._statements = Statements(database)
        self._planter = Planter(self._statements, self._news)

    def page(self, number: int) -> Page:
        """Return the page of a number."""
        rng = random.Random(f"page {self._seed} {number}")
        if self._share and number % round(1 / self._share) == 0:
            kinds = list(KINDS)
            kind = kinds[number // round(1 / self._share) % len(kinds)]
            return self._carrying(rng, number, self._planter.article(rng, kind))
        site = rng.choice(self._sites)
        if rng.random() < _OTHER_SHARE:
            return self._other(rng, number, site)
        shown = self._shown(rng, site, _FIRST_DAY + timedelta(minutes=rng.randrange(_DAYS * 1440)))
        return self._of_site(rng, number, site, shown, is_text=rng.random() < _TEXT_SHARE)

    def _shown(self, rng: random.Random, site: Site, when: datetime) -> Shown:
        news, language = self._news, site.language
        headlines = [news.headline(rng, language) for _ in range(8)]
        paragraphs = news.paragraphs(rng, language, rng.randrange(1500, 6500))
        return Shown(headlines[0], paragraphs, headlines[1:], when, "")

    def _carrying(self, rng: random.Random, number: int, planted: Planted) -> Page:
        site = rng.choice(self._foreign if planted.is_foreign else self._english)
        when = (planted.published_at or _FIRST_DAY) + timedelta(minutes=rng.randrange(10, 4000))
        shown = self._shown(rng, site, when)
        title, paragraphs, origin = planted.title, planted.paragraphs, planted.origin
        if planted.is_foreign:
            named = Markup(f'Source: <a href="{origin}">{origin}</a>')
            title, paragraphs, origin = shown.title, [*shown.paragraphs, named], ""
        shown = Shown(title, paragraphs, shown.neighbours, when, origin, planted.is_bare)
        return replace(self._of_site(rng, number, site, shown, is_text=planted.is_text), planted=planted)

    def _of_site(self, rng: random.Random, number: int, site: Site, shown: Shown, *, is_text: bool) -> Page:
        url = f"https://{site.host}/{shown.when:%Y/%m/%d}/{slug(shown.title) or 'article'}-{number}.html"
        at = shown.when + timedelta(seconds=rng.randrange(60, 90_000))
        if is_text:
            text = other_sites.as_text(site.bare(rng, shown)).encode()
            return Page(url, at, text, "text/plain", is_text=True)
        body = site.page(rng, shown).encode(site.charset, "xmlcharrefreplace")
        return Page(url, at, body, f"text/html; charset={site.charset}")

    def _other(self, rng: random.Random, number: int, site: Site) -> Page:
        """Return a response that is no page: a feed or a picture."""
        at = _FIRST_DAY + timedelta(minutes=rng.randrange(_DAYS * 1440))
        if rng.random() < 0.5:
            return Page(
                f"https://{site.host}/{number}.jpg", at, rng.randbytes(rng.randrange(2_000, 200_000)), "image/jpeg"
            )
        title = self._news.headline(rng, site.language)
        feed = f"<?xml version='1.0'?><rss version='2.0'><channel><item><title>{title}</title></item></channel></rss>"
        return Page(f"https://{site.host}/{number}.xml", at, feed.encode("utf-8", "xmlcharrefreplace"), "text/xml")

    def close(self) -> None:
        """Close the database."""
        self._statements.close()


# WARC


def packed(record: bytes) -> bytes:
    """Return a record as a gzip member."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(record) + packer.flush()


def warc_record(kind: str, url: str, at: datetime, content_type: str, block: bytes) -> bytes:
    """Return a record of a WARC file, with an id that follows from its content."""
    target = f"WARC-Target-URI: {url}\r\n" if url else ""
    key = UUID(int=random.Random(f"{kind} {url} {at}").getrandbits(128), version=4)
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <{key.urn}>\r\nWARC-Date: {at:%Y-%m-%dT%H:%M:%SZ}\r\n"
        f"{target}Content-Type: {content_type}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def records(page: Page) -> Iterator[bytes]:
    """Yield the records of a page: request and response, or the text of a WET file."""
    if page.is_text:
        yield warc_record("conversion", page.url, page.at, "text/plain", page.body)
        return
    host, _, path = page.url.removeprefix("https://").partition("/")
    asked = f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: CCBot/2.0\r\n\r\n".encode()
    yield warc_record("request", page.url, page.at, "application/http; msgtype=request", asked)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {page.content_type}\r\nContent-Length: {len(page.body)}\r\n\r\n".encode()
    yield warc_record("response", page.url, page.at, "application/http; msgtype=response", head + page.body)


class Archive:
    """WARC and WET file of one name: `FOLDER/news-00001.warc.gz` and `FOLDER/news-00001.warc.wet.gz`, if it has any."""

    def __init__(self, folder: Path, number: int) -> None:
        self._stack = ExitStack()
        self._path = folder / f"news-{number:05}.warc"
        self._files: dict[str, BinaryIO] = {}

    def add(self, page: Page) -> str:
        """Write the records of a page, and return the name of the file that has them."""
        name = f"{self._path.name}{'.wet' if page.is_text else ''}.gz"
        if name not in self._files:
            self._files[name] = self._stack.enter_context(self._path.with_name(name).open("wb"))
            info = b"software: statewire benchmark\r\n"
            self._files[name].write(packed(warc_record("warcinfo", "", _FIRST_DAY, "application/warc-fields", info)))
        for record in records(page):
            self._files[name].write(packed(record))
        return name

    def close(self) -> None:
        """Close both files."""
        self._stack.close()


def truth(file: str, page: Page) -> dict[str, object]:
    """Return the right answer for a page that carries a statement."""
    planted = page.planted
    assert planted is not None
    return {
        "file": file,
        "page": page.url,
        "kind": planted.kind,
        "guid": planted.guid,
        "url": planted.url,
        "revision": planted.revision,
        "quoted": planted.quoted,
    }


def write(generator: Generator, folder: Path, count: int, files: int) -> list[int]:
    """Write so many pages in turn to so many files, and the right answers. Return the lengths of all HTML pages."""
    sizes = []
    with ExitStack() as stack:
        archives = [Archive(folder, number) for number in range(1, files + 1)]
        for archive in archives:
            stack.callback(archive.close)
        answers = stack.enter_context((folder / "truth.jsonl").open("w"))
        for number in range(count):
            page = generator.page(number)
            captures = [page]
            if number % _AGAIN_ONE_IN == 0 and files > 1:
                captures.append(replace(page, at=page.at + timedelta(hours=7)))
            for at, capture in enumerate(captures):
                name = archives[(number + at) % files].add(capture)
                if page.planted:
                    answers.write(json.dumps(truth(name, page), ensure_ascii=False) + "\n")
            if page.content_type.startswith("text/html"):
                sizes.append(len(page.body))
    return sizes


def main() -> None:
    """Write the files and print what they hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--files", type=int, default=4)
    parser.add_argument("--share", type=float, default=0.01, help="part of the pages that carries a statement")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--damaged", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    generator = Generator(options.database, options.seed, options.share)
    sizes = write(generator, options.folder, options.pages, options.files)
    if options.damaged:
        (options.folder / "damaged").mkdir(exist_ok=True)
        good = [packed(record) for number in range(3) for record in records(generator.page(number))]
        for name in write_damaged(options.folder / "damaged", good):
            print(f"damaged/{name}")
    generator.close()
    mean, median = statistics.mean(sizes) / 1000, statistics.median(sizes) / 1000
    print(f"{len(sizes)} HTML pages, mean {mean:.0f} KB, median {median:.0f} KB")


if __name__ == "__main__":
    main()
