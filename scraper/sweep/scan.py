"""Scan of one archive file with an index: finds the pages that carry or quote a statement, and traces only these.

In this order, each step on what the one before it left: filter of bytes (`byte_filter`), text of the page
(resiliparse), gate of shared runs of words (`gate`), search for the quotations that the gate suspects, and the trace of
the page itself, as `statewire trace` makes it. What is found is what that trace says.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from resiliparse.extract.html2text import extract_plain_text

from scraper.matching.quotations import QuotationFinder
from scraper.parsers import generic_article
from scraper.pipeline import page_matching
from scraper.pipeline.page_trace import MatchTarget
from scraper.pipeline.trace_rows import trace_row
from scraper.sweep.archive_pages import ArchivedPage, ArchiveFile
from scraper.sweep.gate import Gate
from scraper.sweep.index_file import IndexFile
from scraper.text import charset, lexicon
from scraper.text.tokens import Words

_PAGES_PER_PROGRESS = 200
# The parser of main texts keeps what it has seen; each traced page leaves trees that are garbage in circles.
_TRACES_PER_CLEANING = 50
_MAX_URLS = 200
_URL = re.compile(rb"(?:https?:)?//[\w.-]{1,200}/[^\s\"'<>\\)]{0,1000}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hit:
    """Page that carries or quotes statements, and its row as `statewire trace --json` prints it."""

    page: ArchivedPage
    row: dict[str, Any]


@dataclass(slots=True)
class Scanner:
    """Scanner of archive files. `filtered`, `admitted` and `traced` count the pages that each step left."""

    index: IndexFile
    filtered: int = 0
    admitted: int = 0
    traced: int = 0
    gate: Gate = field(init=False)
    _finder: QuotationFinder = field(init=False)

    def __post_init__(self) -> None:
        wordings = self.index.fingerprints
        self.gate = Gate(wordings.runs, wordings.run_bits, wordings.table)
        self._finder = QuotationFinder(wordings)

    def scan(self, file: ArchiveFile, progress: Callable[[int], None] = lambda _pages: None) -> Iterator[Hit]:
        """Yield the pages of a file that carry or quote a statement. `progress` gets the number of pages now and then.

        A page that cannot be compared is named in the problems of the file.
        """
        for page in file:
            if file.pages % _PAGES_PER_PROGRESS == 0:
                progress(file.pages)
            try:
                row = self._row(page)
            except Exception as error:  # one page never stops a sweep
                file.note(page.url, f"comparing it failed, which is a bug ({type(error).__name__}: {error})")
                continue
            if row is not None:
                yield Hit(page, row)

    def _row(self, page: ArchivedPage) -> dict[str, Any] | None:
        may_match, may_name = self.index.byte_filter.admits(page.body), self._names_statement(page)
        if not (may_match or may_name):
            return None
        self.filtered += 1
        text = text_of(page)
        if not (may_match and self._may_match(text)) and not (may_name and lexicon.is_foreign(text)):
            return None
        self.traced += 1
        if self.traced % _TRACES_PER_CLEANING == 0:
            generic_article.clear_caches()
        return self.row(page)

    def _may_match(self, text: str) -> bool:
        """Return True if the text of a page may be a copy, or certainly quotes a statement."""
        words = Words(text)
        suspicion = self.gate.suspect(words)
        if not suspicion:
            return False
        self.admitted += 1
        if suspicion.may_copy:
            return True
        # Only the paragraphs in question are searched, each as a whole: a quotation can go on in its next sentence.
        free = bytearray(len(words))
        for first, stop in suspicion.units:
            start, end = words.line_start(first, 0), words.line_end(stop, len(words))
            free[start:end] = b"\1" * (end - start)
        return bool(self._finder.find(words, free, None))

    def _names_statement(self, page: ArchivedPage) -> bool:
        """Return True if a page has the URL of a statement: one in another language may name it as its source."""
        if not any(host in page.body for host in self.index.hosts):
            return False
        urls = dict.fromkeys(found.group() for found in _URL.finditer(page.body))
        named = [url for url in urls if any(host in url for host in self.index.hosts)][:_MAX_URLS]
        return any(self.index.statements.by_url(_absolute(url)) for url in named)

    def row(self, page: ArchivedPage) -> dict[str, Any] | None:
        """Return the row of a page that carries or quotes a statement, else None: all that a trace finds, and slow."""
        done = page_matching.trace(self.index, target_of(page))
        return trace_row(self.index, done) if done.copies or done.quotations else None


def text_of(page: ArchivedPage) -> str:
    """Return the text of a page, block by block, found fast: it is not what a trace reads, but has the same words."""
    if page.is_text:
        return page.body.decode("utf-8", "replace")[: page_matching.MAX_SHOWN_CHARS]
    markup = charset.decode(page.body, page.content_type)
    return str(extract_plain_text(markup, preserve_formatting=True, list_bullets=False, alt_texts=False))


def target_of(page: ArchivedPage) -> MatchTarget:
    """Return a page as a trace reads it."""
    if page.is_text:
        return page_matching.from_text(page.url, text_of(page), url=page.url)
    return page_matching.from_html(
        page.url, page.body, content_type=page.content_type, url=page.final_url, captured_at=page.captured_at
    )


def _absolute(url: bytes) -> str:
    found = unescape(url.decode("ascii", "replace"))
    return found if found[:4].lower() == "http" else f"https:{found}"
