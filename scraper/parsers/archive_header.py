"""Reader of the header lines above the text of an old page of State: type, office or speaker, place, date (pure).

Known from real pages of 1997-2001 and from the order of the lines in public copies of pages of 2001-2009. A line that
is none of these stays in the text, so nothing that the page says is lost.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from scraper.parsers import dates, vocabulary
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scraper.parsers.dates import DatedTime

_MAX_LINES = 12
_MAX_LINE_CHARS = 250
# A text may end with its date, so only so many lines above a date may be of no known kind.
_MAX_UNKNOWN = 3
_CONGRESS_REPORT = "Report"
# Alternative texts of banner and seal, the navigation, and the notice of the archive, as text browsers show them.
_FURNITURE = re.compile(
    r"(?:(?:u\.?s\.? )?department of state(?: seal)?"
    r"|(?:home|index|search|skip to content|print|e-?mail|share|subscribe|previous|next)(?: page)?"
    r"|(?:back to )?top(?: of (?:the )?page)?|table of contents|for immediate release"
    r"|(?:return|back) to (?:.{1,60} )?(?:archives?|briefings?|contents|directory|home|index|lists?|menu|pages?"
    r"|releases|remarks|reports?|site|statements|top|(?:web|home)(?:site|page))"
    r"|other state department archive sites|the state department web site below is a permanent .{0,800})\W{0,5}",
    re.IGNORECASE,
)
_PRESS_NUMBER = re.compile(r"(?:PRN: ?)?(?:19|20)\d{2}/[\w-]{1,20}")
_END = re.compile(r"\[ ?end (?:of )?(?:the )?(?:document|file|text|transcript|page)\.? ?\]", re.IGNORECASE)
# "D.C." and "Jr." do not end a sentence, "it." and "Sunday." do.
_SENTENCE_END = re.compile(r"(?:(?<![A-Za-z])[a-z]{1,3}|[A-Za-z]{4}|\d)[.!?][\"”’)]{0,3}\Z")
_CAPITALIZED = r"[^\W\d_a-z][\w.'’-]{0,20}"
_PLACE = re.compile(
    rf"\A(?=.*[^\W\d_]{{2}}|[A-Z]\.){_CAPITALIZED}(?:,? (?:of |and |the |de |du |al-?)?{_CAPITALIZED}){{0,6}}"
)
_NAME = re.compile(rf"{_CAPITALIZED}(?: (?:de |van |von |al-?)?{_CAPITALIZED}){{1,4}}(?:, (?:Jr|Sr|I{{2,3}})\.?)?")
_MONTH_NAME = r"[A-Z][A-Za-z]{2,8}\.?"
_LABELLED_DATE = re.compile(rf"\A(?P<label>[^\d\n]{{2,100}}?),? (?P<date>{_MONTH_NAME} (?:\d{{1,2}}, )?\d{{4}})")
_CLOCK_AFTER = re.compile(
    r",?(?: at)? \d{1,2}(?::\d{2})? ?[ap]\.?m\.?(?:,? \(?(?:E[SD]?T|GMT|local time|local)\)?)?\Z", re.IGNORECASE
)
_DAYS = re.compile(rf"({_MONTH_NAME}) \d{{1,2}} ?[-–—] ?\d{{1,2}}, (\d{{4}})")
_RELEASED_BY = re.compile(r"\(?(?:as )?released (?:by|from) (?P<office>.{3,120}?)\)?", re.IGNORECASE)
_RELEASED_ON = re.compile(r"for (?:immediate )?release|(?:released|issued)(?: on| in)?", re.IGNORECASE)
_REPORT = re.compile(r"(?:(?:joint|annual|special) ){0,2}reports? to (?:the )?(?:u\.?s\.? )?congress", re.IGNORECASE)
_KIND_BY = re.compile(r"(?P<kind>[A-Z][A-Za-z ]{3,40}?) (?:by|BY) (?P<byline>[A-Z].{3,100})")
_BRIEFER = re.compile(r"(?:briefers?|moderator): ?(?P<byline>[A-Z].{3,100})", re.IGNORECASE)
_POST_AND_NAME = re.compile(
    r"(?:(?:Acting|Assistant|Deputy|Under) ){0,2}(?:Secretary(?: of State)?|Ambassador|Spokes(?:wo)?man) "
    rf"(?P<name>{_NAME.pattern})"
)
# "Secretary Albright's Trip", "Remarks With Foreign Minister Tallow": no byline, and no place.
_TOPIC = re.compile(
    r"['’]s\b|\bwith\b|\A(?:address|briefing|interview|meeting|on|press|readout|remarks|speech|statement|testimony|visit)\b",
    re.IGNORECASE,
)


class Header(NamedTuple):
    """Fields above a text, None for those that it does not have; `byline` names a person, `office` who released it."""

    type: str | None = None
    byline: str | None = None
    office: str | None = None
    place: str | None = None
    dated: DatedTime | None = None


NOTHING = Header()


def is_furniture(line: str) -> bool:
    """Return True for a line that belongs to the site and not to the document."""
    return _FURNITURE.fullmatch(line) is not None or _PRESS_NUMBER.fullmatch(line) is not None


def read(paragraphs: Sequence[str], title: str, dated: DatedTime | None = None) -> tuple[Header, tuple[str, ...]]:
    """Return the fields in the header lines of a page, and its text without them and without the site's furniture.

    The header ends with the date, or with the title if no date follows it; without either there is no header. If a
    field of the page gives its date, `dated`, lines above another date are text, and so is the first day of a
    chronology, a text with more such lines.
    """
    lines = list(_without_furniture(paragraphs))
    found = _header_lines([line for _, line in lines], normalize.word_key(title))
    header = _joined([each for each in found if each is not None])
    others = (line for _, line in lines[len(found) :])
    is_chronology = header.dated and not any(map(_is_strong, found)) and any(map(parse_date, others))
    if is_chronology or (dated and header.dated not in {None, dated}):
        header, found = NOTHING, []
    remaining: dict[int, list[str]] = {}
    for number, (at, line) in enumerate(lines):
        if number >= len(found) or found[number] is None:
            remaining.setdefault(at, []).append(line)
    return header, tuple(map("\n".join, remaining.values()))


def name_after_post(byline: str | None) -> str | None:
    """Return the name in a byline such as "Secretary of State Jane Roe", None for any other."""
    found = _POST_AND_NAME.fullmatch(byline or "")
    return found["name"] if found else None


def parse_date(line: str) -> DatedTime | None:
    """Parse a line that is a date and nothing else: a month, or a day and perhaps a time, which is not read.

    Days of one month, as those of a conference ("August 3 - 5, 2007"), are that month.
    """
    line = _CLOCK_AFTER.sub("", line) if len(line) <= _MAX_LINE_CHARS else line
    days = _DAYS.fullmatch(line)
    return dates.parse_day(line) or dates.parse_month(f"{days[1]} {days[2]}" if days else line)


def _without_furniture(paragraphs: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the number of its paragraph and the text of each line; a page of 1997 may be a single paragraph."""
    for at, paragraph in enumerate(paragraphs):
        for line in paragraph.split("\n"):
            if _END.fullmatch(line):
                return
            if not is_furniture(line):
                yield at, line


def _header_lines(lines: Sequence[str], title: str) -> list[Header | None]:
    """Return the fields of each header line, None for a line among them that is none; `title` is the title's key."""
    found: list[Header | None] = []
    end = 0
    first_unknown: int | None = None  # below the title
    is_titled = is_dated = False
    shown = [_CLOCK_AFTER.sub("", line[: _MAX_LINE_CHARS + 1]) for line in lines[:_MAX_LINES]]
    for line, following in pairwise([*shown, ""]):
        if len(line) > _MAX_LINE_CHARS or _SENTENCE_END.search(line) or found.count(None) > _MAX_UNKNOWN:
            break
        is_title = normalize.word_key(line) == title
        fields = Header(type=_kind(line)) if is_title else _fields_of(line)
        if fields is None and _NAME.fullmatch(line) and (normalize.word_key(following) == title or _is_post(following)):
            fields = Header(byline=line)
        if fields is None and (is_titled or any(map(_is_strong, found))) and _is_place(line):
            fields = Header(place=line)
        if is_dated and not (is_title or (fields and (fields.office or _BRIEFER.fullmatch(line)))):
            break
        if is_titled and fields is None and first_unknown is None:
            first_unknown = len(found)
        found.append(fields)
        is_titled = is_titled or is_title
        is_dated = is_dated or bool(fields and fields.dated)
        if is_title or is_dated:
            end = len(found)
    # A place without a date after it may be the first line of the text.
    found = found[:end]
    # A subtitle may stand among the header lines. Without a type, a byline or an office among them it begins the text.
    if first_unknown is not None and not any(map(_is_strong, found)):
        found = found[:first_unknown]
    return _without_other_places(found)


def _is_strong(header: Header | None) -> bool:
    """Return True for a line that can hardly be text: a type, a byline or an office."""
    return header is not None and any((header.type, header.byline, header.office))


def _without_other_places(found: Sequence[Header | None]) -> list[Header | None]:
    """Return the header lines with one place, the last; a line above it may be a room or a name, and stays text."""
    last = max((at for at, each in enumerate(found) if each and each.place), default=0)
    return [None if each and each.place and at < last else each for at, each in enumerate(found)]


def _fields_of(line: str) -> Header | None:
    """Return the fields of a line that names what it is; None for any other, such as a place or a name alone."""
    if dated := parse_date(line):
        return Header(dated=dated)
    if labelled := _LABELLED_DATE.fullmatch(line):
        return _labelled(labelled["label"], parse_date(labelled["date"]))
    if kind := _kind(line):
        return Header(type=kind)
    if (by := _KIND_BY.fullmatch(line)) and (kind := _kind(by["kind"])):
        return Header(type=kind, byline=by["byline"])
    if briefer := _BRIEFER.fullmatch(line):
        return Header(byline=briefer["byline"])
    if office := _office(line):
        return Header(office=office)
    return Header(byline=line) if _names_post(line) else None


def _labelled(label: str, dated: DatedTime | None) -> Header | None:
    """Return the fields of a line that ends with its date: "Washington, D.C., January 5, 2000"."""
    if dated is None:
        return None
    if kind := _kind(label):
        return Header(type=kind, dated=dated)
    if _RELEASED_ON.fullmatch(label):
        return Header(dated=dated)
    if office := _office(label):
        return Header(office=office, dated=dated)
    return Header(place=label, dated=dated) if _is_place(label) else None


def _is_place(line: str) -> bool:
    return _PLACE.fullmatch(line) is not None and _TOPIC.search(line) is None


def _names_post(line: str) -> bool:
    return vocabulary.names_post(line) and _TOPIC.search(line) is None


def _is_post(line: str) -> bool:
    """Return True for a post without a name beside it: "Secretary of State"."""
    return _names_post(line) and vocabulary.attribution(line)[0] is None and name_after_post(line) is None


def _office(line: str) -> str | None:
    released = _RELEASED_BY.fullmatch(line)
    if released is None:
        return line if vocabulary.is_office(line) else None
    return released["office"].removeprefix("the ")


def _kind(line: str) -> str | None:
    return vocabulary.document_type(line) or (_CONGRESS_REPORT if _REPORT.fullmatch(line) else None)


def _joined(headers: Sequence[Header]) -> Header:
    """Return the first value of each field; a byline may have several lines, such as a name and a post."""
    return Header(
        type=next((each.type for each in headers if each.type), None),
        byline=", ".join(each.byline for each in headers if each.byline) or None,
        office=next((each.office for each in headers if each.office), None),
        place=next((each.place for each in headers if each.place), None),
        dated=next((each.dated for each in headers if each.dated), None),
    )
