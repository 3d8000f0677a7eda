"""Parser of the header lines in the text of a translation: department, office, document type and date (pure)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from scraper.parsers import dates, vocabulary
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_LINES = 8
_MAX_CHARS = 60
_DEPARTMENT = re.compile(
    r"(?:(?:u\.?s\.? |united states )?department of state"
    r"|departamento de estado\b.{0,40}|d[ée]partement d['’][ée]tat\b.{0,40}"
    r"|государственный департамент.{0,30}|госдепартамент.{0,20}|державний департамент.{0,30}"
    r"|وزارة الخارجية.{0,30}|美国国务院|米国国務省|미국 국무부)",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"(?:office of the spokesperson|oficina del? (?:la )?portavoz|gabinete d[oa] porta-voz"
    r"|(?:bureau|service) d[ue](?: la)? porte-parole|офис (?:официального )?представителя.{0,40}"
    r"|مكتب المتحدث.{0,20}|发言人办公室|報道官室|대변인실)",
    re.IGNORECASE,
)
# "DECLARACIÓN", "HOJA INFORMATIVA": the type is in capitals.
_MAX_KIND_CHARS = 50
# A day in a language whose months `dates` does not know: numbers and a few words, never a sentence's full stop.
_WORD, _NUMBER = r"(?:[^\d\s]{1,15}\s+)", r"\d{1,2}[^\d\s]{0,4}\s+"
_DATE_LIKE = re.compile(
    rf"{_WORD}{{0,3}}{_NUMBER}{_WORD}{{0,3}}(?:{_NUMBER}{_WORD}{{0,2}})?\d{{4}}(?:\s?(?:года|року|[гр]\.?|م))?"
    r"|\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일号](?:\s?[(（]?\w{1,3}[)）]?)?"
    r"|\d{1,2}([./-])\d{1,2}\1\d{4}|\d{4}-\d\d-\d\d"
)


class Header(NamedTuple):
    """Number of leading paragraphs that are the header, and the fields in them."""

    paragraphs: int = 0
    type: str | None = None
    date: str | None = None
    byline: str | None = None


def header(body: Sequence[str], title: str) -> Header:
    """Read the leading block that names department or office; empty if the text does not begin with such a line."""
    kind = day = byline = None
    named = count = 0
    key = normalize.word_key(title)
    for paragraph in body[:_MAX_LINES]:
        # The block may be one paragraph with line breaks: all of its lines must belong to the header.
        for line in paragraph.split("\n"):
            if _DEPARTMENT.fullmatch(line):
                named += 1
            elif _OFFICE.fullmatch(line):
                named, byline = named + 1, byline or line
            elif named and day is None and _is_date(line):
                day = line
            elif named and kind is None and _is_kind(line):
                kind = line
            elif not (named and normalize.word_key(line) == key):
                return Header(count, kind, day, byline) if count else Header()
        count += 1
    return Header(count, kind, day, byline)


def _is_date(line: str) -> bool:
    return dates.parse_day(line) is not None or (len(line) <= _MAX_CHARS and _DATE_LIKE.fullmatch(line) is not None)


def _is_kind(line: str) -> bool:
    return len(line) <= _MAX_KIND_CHARS and (
        vocabulary.document_type(line) is not None or (line.isupper() and not any(c.isdigit() for c in line))
    )
