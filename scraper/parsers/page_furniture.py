"""Detector of State's page furniture around a statement, since 2024 inside its body too: removes it, reads its fields.

Classes identify it if the markup has kept them, else the shape of the lines does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

from scraper.parsers import dates, vocabulary
from scraper.parsers.elements import attr, attr_words, one_line
from scraper.text import normalize

PROBLEM = "page chrome in body"
_FIELDS = {
    "doctype-meta": "type",
    "article-meta__author-bureau": "byline",
    "report-meta__author": "byline",
    "article-meta__publish-date": "date",
    "report-meta__date": "date",
    "article-meta__location": "place",
}
_PILLS = "related-tags__pills"
_NAMED = frozenset({*_FIELDS, _PILLS})
_IDS = frozenset({"breadcrumb__wrapper", "breadcrumbs", "bc_wrapper", "archivebanner", "templateFields"})
_CLASSES = frozenset(
    "bc_hide bc_row wp-block-default-hero-container wp-block-reports-hero wp-block-tags-block related-tags "
    "page-header page-header__actions article-meta doctype-meta featured-content__headline report__back-to-top "
    "report-toc report__side report__tags wp-block-summary-article-index related-content share-this-page "
    "article-meta__author-bureau article-meta__publish-date article-meta__audience article-meta__location".split()
)
_MAX_LEAD = 12
_MAX_LABEL_CHARS = 300
_MAX_TAGS = 40
_SENTENCE_END = (".", "!", "?", ";", ":", "”", '"')
_GLUED_CRUMBS = re.compile(r"Home.{0,600}?hide\s*", re.DOTALL)
_GLUED_DATE = re.compile(r"[A-Z][a-z]{2,8} \d{1,2}, \d{4}")
_GLUED_HIDE = re.compile(r"hide(?=[A-Z])")
_GLUED_TAGS = re.compile(r"[.!?”#]\s*Tags(?=[A-Z])")
_MAX_GLUED = 1_500


class PageMeta(NamedTuple):
    """Fields of a statement in its page furniture; `date` as written, `tags` as (label, href)."""

    type: str | None = None
    byline: str | None = None
    date: str | None = None
    place: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


class PageFields(NamedTuple):
    """Fields of a statement on its page, from markup or header lines; `language` is that of the header."""

    type: str | None = None
    byline: str | None = None
    speaker: str | None = None
    bureau: str | None = None
    place: str | None = None
    dated: dates.DatedTime | None = None
    language: str | None = None


class StrippedBody(NamedTuple):
    """Body without the page furniture in its lines, the fields read from it, and a problem if lines are ambiguous."""

    paragraphs: tuple[str, ...]
    meta: PageMeta
    problem: str | None = None


NOTHING = PageMeta()


def is_furniture(element: Any) -> bool:
    """Return True if an element is page furniture by its id or one of its classes."""
    return attr(element, "id") in _IDS or not _CLASSES.isdisjoint(attr_words(element, "class"))


def read_meta(root: Any) -> PageMeta:
    """Read type, byline, date, place and tags from markup that names them by class; the first of each counts."""
    fields: dict[str, str] = {}
    tags: tuple[tuple[str, str], ...] | None = None
    for element in root.iterdescendants():
        if _NAMED.isdisjoint(classes := attr_words(element, "class")):
            continue
        for name, field in _FIELDS.items():
            if name in classes and field not in fields:
                fields[field] = one_line(element)
        if _PILLS in classes and tags is None:
            pills = ((one_line(a), attr(a, "href") or "") for a in islice(element.iter("a"), _MAX_TAGS))
            tags = tuple(pill for pill in pills if pill[0])
    return PageMeta(**{field: text for field, text in fields.items() if text}, tags=tags or ())


def strip_lines(body: Sequence[str], title: str, byline: str | None) -> StrippedBody:
    """Remove the page furniture from a body whose markup has lost the classes.

    The lead qualifies only by a paragraph "hide" (the breadcrumb's switch) after a breadcrumb that begins
    with "Home"; the tags after a statement only together with such a lead. Lines that look like page furniture
    but are ambiguous stay, and `problem` reports them.
    """
    if not any(paragraph.startswith("Home") for paragraph in body[:_MAX_LEAD]):
        return StrippedBody(tuple(body), NOTHING)
    # The feed puts the byline before everything else.
    inner = normalize.without_byline(body, byline)
    before = tuple(body[: len(body) - len(inner)])
    found = _strip_lead(inner, title, byline) or _strip_glued(inner, title)
    if found is None:
        return StrippedBody(tuple(body), NOTHING, PROBLEM if _looks_like_furniture(inner, title) else None)
    count, tags = _tags_block(found.paragraphs)
    rest = found.paragraphs[: len(found.paragraphs) - count]
    left = bool(rest) and count == 0 and _GLUED_TAGS.search(rest[-1]) is not None
    return StrippedBody(before + rest, found.meta._replace(tags=tags), PROBLEM if left else None)


def _looks_like_furniture(body: Sequence[str], title: str) -> bool:
    if not body or not body[0].startswith("Home"):
        return False
    lead = body[0][:_MAX_GLUED]
    glued = re.search(rf"hide\s*{re.escape(title)}", lead) if title else None
    return "hide" in body[:_MAX_LEAD] or glued is not None or _GLUED_HIDE.search(lead) is not None


def _strip_lead(body: Sequence[str], title: str, byline: str | None) -> StrippedBody | None:
    lead = body[:_MAX_LEAD]
    if "hide" not in lead or not lead[0].startswith("Home"):
        return None
    at = lead.index("hide")
    if not all(_is_label(crumb, title) for crumb in lead[:at]):
        return None
    at, kind = _past_heading(body, at + 1, title)
    meta = PageMeta(type=kind)
    # Byline and place precede the date; without a date after them they belong to the text.
    for between in range(3):
        labels = body[at : at + between]
        if at + between >= len(body) or not all(_is_label(label, title) for label in labels):
            break
        if dates.parse_day(body[at + between]):
            meta = _without_labels(labels, meta)._replace(date=body[at + between])
            at += between + 1
            break
    if not byline and meta.byline is None and at < len(body) and vocabulary.is_plain_byline(body[at]):
        meta = meta._replace(byline=body[at])
    return StrippedBody(tuple(body[at:]), meta)


def _past_heading(body: Sequence[str], at: int, title: str) -> tuple[int, str | None]:
    kind = None
    while at < len(body):
        if not _repeats(body[at], title):
            kind, found = kind or vocabulary.document_type(body[at]), kind
            if kind == found:
                break
        at += 1
    return at, kind


def _without_labels(labels: Sequence[str], meta: PageMeta) -> PageMeta:
    for label in labels:
        if meta.type is None and "," not in label and not vocabulary.is_office(label):
            meta = meta._replace(type=label)
        elif meta.byline is None:
            meta = meta._replace(byline=label)
        else:
            meta = meta._replace(place=label)
    return meta


def _strip_glued(body: Sequence[str], title: str) -> StrippedBody | None:
    """Strip a lead that has lost its block markup: "HomeOffice of …hideTitleReadoutJune 4, 2026The text"."""
    if not body or len(title) < 8 or not (crumbs := _GLUED_CRUMBS.match(body[0])):
        return None
    glued = body[0][crumbs.end() :]
    rest = _without_titles(glued, title)
    if rest == glued:
        return None
    kind = next((kind for kind in vocabulary.TYPES if rest.startswith(kind)), None)
    rest = _without_titles(rest.removeprefix(kind or "").lstrip(), title)
    # Only a date right here, or after text that can only be a byline, is certain.
    day = _GLUED_DATE.search(rest[:_MAX_LABEL_CHARS])
    if day is None or dates.parse_day(day.group()) is None:
        return None
    byline = rest[: day.start()].strip()
    if byline and not (vocabulary.is_office(byline) or vocabulary.is_plain_byline(byline)):
        return None
    rest = rest[day.end() :].lstrip()
    paragraphs = ((rest,) if rest else ()) + tuple(body[1:])
    return StrippedBody(paragraphs, PageMeta(type=kind, byline=byline or None, date=day.group()))


def _without_titles(glued: str, title: str) -> str:
    while glued.startswith(title):
        glued = glued[len(title) :].lstrip()
    return glued


def _tags_block(body: Sequence[str]) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Return the number of paragraphs in the tags block at the end, and its labels."""
    for count in range(2, min(_MAX_TAGS + 1, len(body)) + 1):
        if not _is_label(body[1 - count], ""):
            break
        if body[-count] == "Tags":
            return count, tuple((label, "") for label in body[1 - count :])
    return 0, ()


def _is_label(line: str, title: str) -> bool:
    return _repeats(line, title) or (
        len(line) <= _MAX_LABEL_CHARS and "\n" not in line and not line.endswith(_SENTENCE_END)
    )


def _repeats(line: str, title: str) -> bool:
    key = normalize.word_key(line)
    if not key:
        return False
    wanted = normalize.word_key(title)
    return key == wanted or (line.endswith(("…", "...")) and len(key) >= 12 and wanted.startswith(key))
