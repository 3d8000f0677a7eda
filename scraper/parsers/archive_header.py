"""Reader of the header lines above the text of an old page of State: type, office or speaker, place, date (pure).

Known from real pages of 1997-2001 and from the order of the lines in public copies of pages of 2001-2009. A line that
is none of these stays in the text, so nothing that the page says is lost.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from scraper.parsers import dates, vocabulary
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scraper.parsers.dates import DatedTime

_MAX_LINES = 12
_MAX_LINE_CHARS = 250
# A text may end with its date, so without a title above it only so many lines are a header.
_MAX_BEFORE_DATE = 3
_CONGRESS_REPORT = "Report"
# Alternative texts of banner and seal, the navigation, and the notice of the archive, as text browsers show them.
_FURNITURE = re.compile(
    r"(?:(?:u\.?s\.? )?department of state(?: seal)?"
    r"|(?:home|index|search|skip to content|print|e-?mail|share|subscribe|previous|next)(?: page)?"
    r"|(?:back to )?top(?: of (?:the )?page)?|table of contents|(?:return|back) to .{1,60}"
    r"|other state department archive sites|the state department web site below is a permanent .{0,800})\W{0,6}",
    re.IGNORECASE,
)
_PRESS_NUMBER = re.compile(r"PRN: ?\d{4}/[\w-]{1,20}")
_END = re.compile(r"\[ ?end (?:of )?(?:the )?(?:document|file|text|transcript|page)\.? ?\]", re.IGNORECASE)
# "D.C." and "Jr." do not end a sentence, "it." and "Sunday." do.
_SENTENCE_END = re.compile(r"(?:(?<![A-Za-z])[a-z]{1,3}|[A-Za-z]{4}|\d)[.!?][\"”’)]{0,3}\Z")
_CAPITALIZED = r"[^\W\d_a-z][\w.'’-]{0,20}"
_PLACE = re.compile(rf"{_CAPITALIZED}(?:,? (?:of |and |the |de |du |al-?)?{_CAPITALIZED}){{0,6}}")
_NAME = re.compile(rf"{_CAPITALIZED}(?: (?:de |van |von |al-?)?{_CAPITALIZED}){{1,4}}(?:, (?:Jr|Sr|I{{2,3}})\.?)?")
_LABELLED_DATE = re.compile(r"(?P<label>[^\d\n]{2,100}?),? (?P<date>[A-Z][a-z]{2,8}\.? (?:\d{1,2}, )?\d{4})")
_RELEASED_BY = re.compile(r"\(?(?:as )?released (?:by|from) (?P<office>.{3,120}?)\)?", re.IGNORECASE)
_RELEASED_ON = re.compile(r"(?:released|issued)(?: on| in)?", re.IGNORECASE)
_REPORT = re.compile(r"(?:(?:joint|annual|special) ){0,2}reports? to (?:the )?(?:u\.?s\.? )?congress", re.IGNORECASE)
_KIND_BY = re.compile(r"(?P<kind>[A-Z][A-Za-z ]{3,40}?) by (?P<byline>[A-Z].{3,100})")


class Header(NamedTuple):
    """Fields above a text; None for those that it does not have."""

    type: str | None = None
    byline: str | None = None
    place: str | None = None
    dated: DatedTime | None = None


NOTHING = Header()


def is_furniture(line: str) -> bool:
    """Return True for a line that belongs to the site and not to the document."""
    return _FURNITURE.fullmatch(line) is not None or _PRESS_NUMBER.fullmatch(line) is not None


def read(paragraphs: Sequence[str], title: str) -> tuple[Header, tuple[str, ...]]:
    """Return the fields in the header lines of a page, and its text without them and without the site's furniture.

    The header ends with the date, or with the title if no date follows it; without either there is no header.
    """
    lines = [(at, line) for at, paragraph in _without_furniture(paragraphs) for line in paragraph.split("\n")]
    found = _header_lines([line for _, line in lines], normalize.word_key(title))
    remaining: dict[int, list[str]] = {}
    for number, (at, line) in enumerate(lines):
        if number >= len(found) or found[number] is None:
            remaining.setdefault(at, []).append(line)
    return _joined([each for each in found if each is not None]), tuple(map("\n".join, remaining.values()))


def parse_date(line: str) -> DatedTime | None:
    """Parse a line that is a day or a month and nothing else."""
    return dates.parse_day(line) or dates.parse_month(line)


def _without_furniture(paragraphs: Sequence[str]) -> Iterator[tuple[int, str]]:
    for at, paragraph in enumerate(paragraphs):
        if _END.fullmatch(paragraph):
            return
        if not is_furniture(paragraph):
            yield at, paragraph


def _header_lines(lines: Sequence[str], title: str) -> list[Header | None]:
    """Return the fields of each header line, None for a line among them that is none; `title` is the title's key."""
    found: list[Header | None] = []
    end = 0
    is_titled = is_dated = False
    for line in lines[:_MAX_LINES]:
        if len(line) > _MAX_LINE_CHARS or _SENTENCE_END.search(line):
            break
        is_title = normalize.word_key(line) == title
        fields = NOTHING if is_title or is_furniture(line) else _fields_of(line, is_titled=is_titled)
        # After the date only the office may follow, and after the title no line that is none.
        if (is_dated and _office(line) is None) or (is_titled and fields is None):
            break
        if fields and fields.dated and not is_titled and len(found) > _MAX_BEFORE_DATE:
            break
        found.append(fields)
        is_titled = is_titled or is_title
        is_dated = is_dated or bool(fields and fields.dated)
        if is_title or is_dated:
            end = len(found)
    # A place without a date after it may be the first line of the text.
    return found[:end]


def _fields_of(line: str, *, is_titled: bool) -> Header | None:
    """Return the fields of a line; None if it is no header line. `is_titled`: the title stands above it."""
    if dated := parse_date(line):
        return Header(dated=dated)
    if labelled := _LABELLED_DATE.fullmatch(line):
        return _labelled(labelled["label"], parse_date(labelled["date"]))
    if kind := _kind(line):
        return Header(type=kind)
    if (by := _KIND_BY.fullmatch(line)) and (kind := _kind(by["kind"])):
        return Header(type=kind, byline=by["byline"])
    if office := _office(line):
        return Header(byline=office)
    if vocabulary.names_post(line) or (not is_titled and _NAME.fullmatch(line)):
        return Header(byline=line)
    return Header(place=line) if is_titled and _PLACE.fullmatch(line) else None


def _labelled(label: str, dated: DatedTime | None) -> Header | None:
    """Return the fields of a line that ends with its date: "Washington, D.C., January 5, 2000"."""
    if dated is None:
        return None
    if kind := _kind(label):
        return Header(type=kind, dated=dated)
    if _RELEASED_ON.fullmatch(label):
        return Header(dated=dated)
    if office := _office(label):
        return Header(byline=office, dated=dated)
    return Header(place=label, dated=dated) if _PLACE.fullmatch(label) else None


def _office(line: str) -> str | None:
    released = _RELEASED_BY.fullmatch(line)
    if released is None:
        return line if vocabulary.is_office(line) else None
    return released["office"].removeprefix("the ")


def _kind(line: str) -> str | None:
    return vocabulary.document_type(line) or (_CONGRESS_REPORT if _REPORT.fullmatch(line) else None)


def _joined(headers: Sequence[Header]) -> Header:
    """Return the first value of each field; the byline may have two lines, a name and a post."""
    return Header(
        next((each.type for each in headers if each.type), None),
        ", ".join([each.byline for each in headers if each.byline][:2]) or None,
        next((each.place for each in headers if each.place), None),
        next((each.dated for each in headers if each.dated), None),
    )
