"""Parser of the pages that State published before 2018, as its archives keep them: fields or header lines, then text.

Pages of 2009-2017 name their fields by class (`#templateFields`) and hold the text in `#centerblock`, as real pages
show. Older pages have header lines alone: `archive_header` reads them. Of 2001-2009 no page was available: the text in
`td.content-font-style` is known from a public scraper. The number in a URL is the identity across hosts
(`urls.post_number`), so there is no guid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scraper import urls
from scraper.model import Item
from scraper.parsers import archive_header, vocabulary
from scraper.parsers.archive_header import NOTHING, Header
from scraper.parsers.build_item import page_reading
from scraper.parsers.document import attr_words, one_line
from scraper.parsers.html_text import Markup, read_tags
from scraper.rules import attribution, state_hosts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bs4 import Tag

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
    "official_s_name": "name",
    "official_s_title": "post",
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
    if not urls.is_state(document.host) or not path.endswith((".htm", ".html")):
        return False
    is_document = state_hosts.has_files_only(document.host) and not path.endswith(("/index.htm", "/index.html"))
    return is_document or bool(urls.post_number(document.url))


def read(document: Document) -> Reading:
    """Read one document; raise `DriftError` if it has no recognizable title or text."""
    root = document.by_id(_TEXT_ID) or document.by_class(_TEXT_CLASS) or document.soup
    markup = read_tags([root])
    title = _title(document, root)
    fields = _fields(document)
    header, body = archive_header.read(markup.paragraphs, title)
    dated = fields.dated or header.dated
    kind, byline = fields.type or header.type, fields.byline or header.byline
    place = fields.place or (header.place if dated else None)
    given = Item(urls.canonical(document.url), title, type=kind, byline=byline, place=place, language="en")
    return page_reading(NAME, document, given, dated, Markup(body, markup.hrefs), "a page of an archive")


def _title(document: Document, root: Tag) -> str:
    for title in _titles(document, root):
        if title and not archive_header.is_furniture(title) and (bare := attribution.bare_title(title)):
            return bare
    return ""


def _titles(document: Document, root: Tag) -> Iterator[str]:
    for name in _TITLE_IDS:
        yield one_line(document.by_id(name))
    for name in ("h1", "h2"):
        yield one_line(root.find(name))
    yield document.head_title


def _fields(document: Document) -> Header:
    """Return the fields that the page names by class or id; a class that is not known says nothing."""
    found: dict[str, str] = {}
    blocks = document.soup.find_all(id=_FIELDS_ID, limit=_MAX_FIELDS) if _FIELDS_ID in document.text else []
    for block in blocks:
        for tag in block.find_all("span", class_=True, limit=_MAX_FIELDS):
            field = _field_of(attr_words(tag, "class"))
            if field and (text := one_line(tag)):
                found.setdefault(field, text)
    if shown := one_line(document.by_id("date_long")):
        found["date"] = shown
    if not found:
        return NOTHING
    byline = ", ".join(filter(None, [found.get("name"), found.get("post")])) or found.get("office")
    kind = found.get("type")
    date = found.get("date", "")
    return Header(
        vocabulary.document_type(kind) or kind,
        byline,
        found.get("place"),
        archive_header.parse_date(date),
    )


def _field_of(classes: list[str]) -> str | None:
    return next((field for name in classes for word, field in _FIELD_WORDS.items() if word in name.lower()), None)
