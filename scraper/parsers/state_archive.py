"""Parser of the pages that State published before 2018, as its archives keep them: fields or header lines, then text.

Pages of 2009-2017 name their fields by class (`#templateFields`) and hold the text in `#centerblock`, as real pages
show. Older pages have header lines alone: `archive_header` reads them. Of 2001-2009 no page was available: the text in
`td.content-font-style` is known from a public scraper. The number in a URL is the identity across hosts
(`urls.post_number`), so there is no guid.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from scraper import urls
from scraper.model import Item
from scraper.parsers import archive_header, vocabulary
from scraper.parsers.archive_header import NOTHING, Header
from scraper.parsers.build_item import page_reading
from scraper.parsers.elements import attr, attr_words, first, has_class, one_line, outermost
from scraper.parsers.html_text import Markup, read_elements
from scraper.rules import attribution, state_hosts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scraper.model import Reading
    from scraper.parsers.document import Document

NAME = "state-numbered"
_FIELDS_ID, _TEXT_ID, _TEXT_CLASS = "templateFields", "centerblock", "content-font-style"
_TITLE_IDS = ("page-title", "doctitle")
# Words in the class of a field (`official_s_name_-_speaker_writer`), and what the field is: the first that fits counts.
_FIELD_WORDS = {
    "document_type": "type",
    "date": "date",
    "report_name": "report",
    "official_s_name": "byline",
    "official_s_title": "byline",
    "office": "office",
    "bureau": "office",
    "location": "place",
    "city": "place",
    "place": "place",
}
_MAX_FIELDS = 40


def is_archived(document: Document) -> bool:
    """Return True for a page of State whose URL ends with a number, or for any page of an archive but its lists."""
    path = document.url.partition("?")[0]
    if not document.is_state or not path.endswith((".htm", ".html")):
        return False
    if not urls.is_state(document.host) and all(document.by_id(name) is None for name in (_TEXT_ID, *_TITLE_IDS)):
        return False  # elsewhere, any site may number its pages
    is_document = state_hosts.has_files_only(document.host) and not path.endswith(("/index.htm", "/index.html"))
    return is_document or bool(urls.post_number(document.url))


def read(document: Document) -> Reading:
    """Read one document; raise `DriftError` if it has no recognizable title or text."""
    roots, markup = _text(document)
    title = _title(document, roots[:_MAX_FIELDS])
    fields = _fields(document)
    header, body = archive_header.read(markup.paragraphs, title, fields.dated)
    found = Header._make(field or line for field, line in zip(fields, header, strict=True))
    byline = found.byline or found.office
    given = Item(
        urls.canonical(document.url),
        title,
        type=found.type,
        byline=byline,
        speaker=archive_header.name_after_post(byline),
        bureau=found.office,
        place=found.place,
        language="en",
    )
    return page_reading(NAME, document, given, found.dated, Markup(body, markup.hrefs), "a page of an archive")


def _text(document: Document) -> tuple[list[Any], Markup]:
    """Return the elements that hold the text, and what is in them: all blocks of the text, else the page."""
    for is_text in (lambda each: attr(each, "id") == _TEXT_ID, lambda each: has_class(each, _TEXT_CLASS)):
        roots = outermost(document.tree, is_text)
        markup = read_elements(roots)
        if markup.paragraphs:
            return roots, markup
    return [document.tree], read_elements([document.tree])


def _title(document: Document, roots: Sequence[Any]) -> str:
    """Return the first title that does not name a type of document, else that type: a heading may name it alone."""
    titles = [
        bare
        for title in _titles(document, roots)
        if title and not archive_header.is_furniture(title) and (bare := attribution.bare_title(title))
    ]
    return next((title for title in titles if vocabulary.document_type(title) is None), titles[0] if titles else "")


def _titles(document: Document, roots: Sequence[Any]) -> Iterator[str]:
    for name in _TITLE_IDS:
        yield one_line(document.by_id(name))
    for name in ("h1", "h2"):
        yield from (one_line(first(root, name)) for root in roots)
    yield document.head_title
    yield from (one_line(first(root, "h3")) for root in roots)


def _fields(document: Document) -> Header:
    """Return the fields that the page names by class or id; a class that is not known says nothing."""
    found: dict[str, list[str]] = {}
    blocks = (each for each in document.tree.iter() if attr(each, "id") == _FIELDS_ID)
    for block in islice(blocks, _MAX_FIELDS):
        spans = (each for each in block.iter("span") if attr(each, "class") is not None)
        for span in islice(spans, _MAX_FIELDS):
            field = _field_of(attr_words(span, "class"))
            if field and (text := one_line(span)):
                found.setdefault(field, []).append(text)
    if shown := one_line(document.by_id("date_long")):
        found.setdefault("date", []).insert(0, shown)
    if not found:
        return NOTHING
    kind = _first(found, "type")
    return Header(
        type=vocabulary.document_type(kind) or kind,
        byline=", ".join(found.get("byline", ())) or None,
        office=_first(found, "office"),
        # A room and its city may be fields of their own.
        place=", ".join(dict.fromkeys(found.get("place", ()))) or None,
        dated=next(filter(None, map(archive_header.parse_date, found.get("date", ()))), None),
    )


def _first(found: Mapping[str, Sequence[str]], field: str) -> str | None:
    return next(iter(found.get(field, ())), None)


def _field_of(classes: list[str]) -> str | None:
    return next((field for name in classes for word, field in _FIELD_WORDS.items() if word in name.lower()), None)
