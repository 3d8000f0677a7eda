"""Parser of the numbered `.htm` pages that State published before 2018: header lines, then the text.

Unverified: no page of these years was available. One public scraper of the 2009-2017 pages relies on the text
in `#centerblock`, the title in `#doctitle`, the day in `#date_long` and the document type in
`.document_type_-_speaker_writer`; for the years before, only the order of the lines is known (type, speaker,
title, place, date, body). So the parser uses the shape of the lines, and the first live capture must become its
fixture. The number in the URL is the identity across hosts (`urls.post_number`), so there is no guid.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from scraper import urls
from scraper.model import Item
from scraper.parsers import dates, vocabulary
from scraper.parsers.build_item import page_reading
from scraper.parsers.document import one_line
from scraper.parsers.html_text import read_tags
from scraper.rules import attribution
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bs4 import BeautifulSoup, Tag

    from scraper.model import Reading
    from scraper.parsers.document import Document

NAME = "state-numbered"
_MAX_HEADER = 10
_MAX_LINE_CHARS = 250
# Alternative texts of banner and seal, and the navigation, as text browsers show them.
_NOISE = re.compile(
    r"(?:u\.?s\.? department of state"
    r"|(?:home|index|search|skip to content|print|e-?mail|share|subscribe)(?: page)?)\W*",
    re.IGNORECASE,
)
# "D.C." and "Jr." do not end a sentence, "it." and "Sunday." do.
_SENTENCE_END = re.compile(r"(?:(?<![A-Za-z])[a-z]{1,3}|[A-Za-z]{4}|\d)[.!?][\"”’)]{0,3}\Z")
_MAX_BEFORE_DATE = 3
_PLACE = re.compile(r"[^\d.!?:]{2,60}(?:\.[^\d!?:]{1,30}){0,3}")


def is_numbered(document: Document) -> bool:
    """Return True for a page of State whose URL ends with a number."""
    path = document.url.partition("?")[0]
    return urls.is_state(document.host) and path.endswith((".htm", ".html")) and bool(urls.post_number(document.url))


def read(document: Document) -> Reading:
    """Read one document; raise `DriftError` if it has no recognizable title or text."""
    soup = document.soup
    root = soup.select_one("#centerblock") or soup
    markup = read_tags([root])
    lines = [p for p in markup.paragraphs if not _NOISE.fullmatch(p)]
    title = _title(soup, root)
    given, dated, count = _header(lines, Item(urls.canonical(document.url), title, language="en"))
    body = tuple(lines[count:])
    given = given if dated else replace(given, place=None)
    dated = dates.parse_day(one_line(soup.select_one("#date_long"))) or dated
    return page_reading(NAME, document, given, dated, markup._replace(paragraphs=body), "a numbered page")


def _title(soup: BeautifulSoup, root: Tag) -> str:
    for tag in (soup.select_one("#doctitle"), root.find("h1"), root.find("h2"), soup.title):
        if title := attribution.bare_title(one_line(tag)):
            return title
    return ""


def _header(lines: Sequence[str], known: Item) -> tuple[Item, dates.DatedTime | None, int]:
    """Return the known fields with those in the lines before the body, their date, and the number of these lines.

    They end with the date, or with the title if no date follows it; without either there is no header.
    """
    key = normalize.word_key(known.title)
    kind = place = dated = None
    speaker: list[str] = []
    end = 0
    for count, line in enumerate(lines[:_MAX_HEADER], start=1):
        if len(line) > _MAX_LINE_CHARS:
            break
        if day := dates.parse_day(line):
            # A body may end with its date, so without a title before the date only few lines are a header.
            if end or count <= _MAX_BEFORE_DATE + 1:
                dated, end = day, count
            break
        if normalize.word_key(line) == key:
            end = count
        elif _SENTENCE_END.search(line):
            break
        elif kind is None and (found := vocabulary.document_type(line)):
            kind = found
        elif end == 0:
            speaker.append(line)
        elif place is None and _PLACE.fullmatch(line):
            place = line
        else:
            break
    if end == 0:
        return known, None, 0
    byline = ", ".join(speaker[:2]) or None
    return replace(known, type=kind, byline=byline, place=place), dated, end
