"""Parser of RSS 2.0 and 1.0, Atom and JSON Feed: every item, with its whole text if the feed carries it."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree  # type: ignore[import-untyped]

from scraper import urls
from scraper.errors import DriftError, ParseError
from scraper.model import Item, Precision, Reading
from scraper.parsers import dates, xml
from scraper.parsers.build_item import (
    MAX_BODY_TAGS,
    absence_of,
    assemble,
    clean_or_none,
    item_url,
    limit_items,
    limit_problems,
    plausible_or_none,
    read_body,
    without_implausible_dates,
)
from scraper.parsers.document import unicode_only
from scraper.parsers.elements import check
from scraper.parsers.html_text import absolute_links, line
from scraper.parsers.summaries import is_summary
from scraper.text import normalize

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.parsers.document import Document

NAME = "feed"
# The bodies in a feed are escaped or in CDATA, so its own `<` say little about the cost.
_MAX_FEED_TAGS = 600_000
_ATOM = "http://www.w3.org/2005/Atom"
_PREFIXES = {
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    _ATOM: "atom:",
}
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_HEAD_BASE = re.compile(r"""\bxml:base\s{0,9}=\s{0,9}(?:"([^"<]{1,2000})"|'([^'<]{1,2000})')""")
_CACHED_ENTRIES, _CACHED_CHARS = 256, 100_000
# RSS requires an e-mail address there, with the name in parentheses after it.
_AUTHOR = re.compile(r"^\s*\S{1,200}@\S{1,200}\s+\(([^)]{1,200})\)\s*$")
_BRIEFING = re.compile(r"[?&]post_type=state_briefing\b")


@dataclass(frozen=True, slots=True)
class _Entry:
    """Item of a feed of any format. `whole` is True if the format defines `body` as the whole text.

    `base` is the URL that the feed gives for the links in the body; without one they are relative to the item.
    `has_body` is True if the item has a place for a text, which may be empty.
    """

    title: str
    link: str
    guid: str | None
    body: str
    whole: bool
    byline: str | None
    published: str
    modified: str
    has_body: bool
    base: str = ""


class _Feed(NamedTuple):
    """Entries of a feed. Their links are relative to `base`; `site` is the host that one without a scheme may name."""

    entries: list[_Entry]
    base: str
    site: str = ""
    built_at: str = ""
    language: str | None = None


def read(document: Document) -> Reading:
    """Read all items. Broken parts are repaired or left out, each with an entry in `problems`.

    Raises `ParseError` for a body that is not a feed, `DriftError` for a feed without usable items.
    """
    problems: list[str] = []
    feed = open_feed(document, problems)
    if not feed.entries:
        raise DriftError(document.url, "a feed without items")
    captured_at = document.capture.captured_at
    on_state = document.is_state
    budget = MAX_BODY_TAGS
    items: list[Item] = []
    for number, entry in enumerate(feed.entries, start=1):
        budget -= entry.body.count("<")
        read_item = _cached_item if len(entry.body) <= _CACHED_CHARS else _item
        item, found = read_item(entry, feed.base, feed.site, feed.language, on_state=on_state, in_budget=budget >= 0)
        problems.extend(found)
        if item is None:
            problems.append(f"item {number} has no URL and is skipped")
            continue
        items.append(without_implausible_dates(item, captured_at, problems))
    if not items:
        raise DriftError(document.url, f"a feed of {normalize.count(len(feed.entries), 'item')}, none with a URL")
    clock = _parse_time(feed.built_at, document.url, problems) or max(
        filter(None, (i.modified_at for i in items)), default=None
    )
    clock = plausible_or_none(clock, captured_at, f"{document.url}: the feed's own time", problems)
    return Reading(NAME, tuple(items), clock=clock, problems=limit_problems(problems))


def open_feed(document: Document, problems: list[str]) -> _Feed:
    """Return the entries of a feed, which may have none. Raise `ParseError` for a body that is not a feed."""
    body = document.text.lstrip("\ufeff \t\r\n")
    check(body, document.url, _MAX_FEED_TAGS)
    return (_json_feed if body.startswith("{") else _xml_feed)(body, document.url, problems)


def _item(
    entry: _Entry, base: str, site: str, language: str | None, *, on_state: bool, in_budget: bool
) -> tuple[Item | None, tuple[str, ...]]:
    """Return the item of an entry, None without a URL, and its problems.

    `base`, `site` and `language` are those of the feed; `in_budget` is False once the feed has too many tags.
    """
    problems: list[str] = []
    url = item_url(base, entry.link, problems, site) if entry.link else None
    if url is None:
        return None, ()
    if not entry.title:
        problems.append(f"{url}: no title")
    dated = _parse_date(entry.published, url, problems)
    modified_at = _parse_time(entry.modified, url, problems)
    markup = read_body(entry.body, url, problems, in_budget=in_budget)
    given = Item(
        url=urls.canonical(url),
        title=entry.title,
        guid=entry.guid,
        byline=entry.byline,
        type="Department Press Briefing" if entry.guid and _BRIEFING.search(entry.guid) else None,
        modified_at=modified_at,
        language=language,
        absence=absence_of(entry.body, markup) if entry.has_body else None,
    )
    if markup is not None and entry.base:
        markup = markup._replace(hrefs=absolute_links(markup.hrefs, entry.base))
    if markup is not None and is_summary(markup.paragraphs, is_content=entry.whole, is_state=on_state):
        markup = None
    return assemble(given, dated, markup, problems, is_state=on_state), tuple(problems)


_cached_item = lru_cache(maxsize=_CACHED_ENTRIES)(_item)
clear_cache = _cached_item.cache_clear
"""Clear the cache of the entries of feeds: polls return the same ones hundreds of times."""


def _xml_feed(body: str, where: str, problems: list[str]) -> _Feed:
    try:
        root = xml.parse_strict(body, where)
    except etree.XMLSyntaxError as broken:
        return _salvaged(body, where, str(broken), problems)
    if xml.local_name(root) not in {"rss", "RDF", "feed"}:
        raise ParseError(where, f"not a feed but <{xml.local_name(root)}>")
    return _entries(root, where, problems)


def _salvaged(body: str, where: str, broken: str, problems: list[str]) -> _Feed:
    body = xml.repair(body)
    problems.append(f"the feed is not well-formed ({broken})")
    try:
        root = xml.parse_strict(body, where)
    except etree.XMLSyntaxError:
        name = "entry" if re.search(r"<entry[\s>]", body) else "item"
        saved = xml.salvage(body, name)
        if not saved.elements:
            raise ParseError(where, f"not well-formed, and no <{name}> of it can be read ({broken})") from None
        if saved.lost:
            problems.append(f"{saved.lost} of {saved.lost + len(saved.elements)} items cannot be read")
        built = re.search(r"<lastBuildDate>([^<]{1,60})</lastBuildDate>", body[:20_000])
        base = _salvaged_base(body, name, where)
        entries = [_entry(element, base) for element in limit_items(saved.elements, problems, where)]
        if base != where:
            entries = [replace(entry, base=entry.base or base) for entry in entries]
        return _Feed(entries, base, built_at=built.group(1) if built else "")
    return _entries(root, where, problems)


def _entries(root: xml.Element, where: str, problems: list[str]) -> _Feed:
    elements = list(root.iter("{*}item", "{*}entry"))
    found = [_entry(element, where) for element in limit_items(elements, problems, where)]
    channel = next(root.iterchildren("{*}channel"), root)
    fields = _fields(channel)
    site = urls.host(_links(channel, where).get("alternate", "") or fields.get("link", "").strip())
    language = fields.get("language", "") or root.get("{http://www.w3.org/XML/1998/namespace}lang", "")
    built_at = fields.get("lastBuildDate") or fields.get("updated", "")
    return _Feed(found, where, site, built_at, clean_or_none(language))


def _entry(element: xml.Element, where: str) -> _Entry:
    return _atom_entry(element, where) if xml.local_name(element) == "entry" else _rss_entry(element, where)


def _base(element: xml.Element | None, where: str) -> str:
    """Return the URL for the relative ones in an element: each `xml:base` around it is relative to the one outside."""
    around = () if element is None else (element, *element.iterancestors())
    for base in reversed([given for each in around if (given := each.get(_XML_BASE))]):
        where = urls.absolute(where, base) or where
    return where


def _resolved(element: xml.Element, href: str, where: str) -> str:
    """Resolve a link if an `xml:base` counts for its element; else return it as written, relative to the feed."""
    base = _base(element, where)
    return href if base == where else urls.absolute(base, href) or href


def _salvaged_base(body: str, name: str, where: str) -> str:
    """Return the URL for the relative ones in items that have lost the elements around them."""
    for match in _HEAD_BASE.finditer(body[: max(0, body.find(f"<{name}"))]):
        where = urls.absolute(where, html.unescape(match.group(1) or match.group(2))) or where
    return where


def _links(element: xml.Element, where: str) -> dict[str, str]:
    """Return the URLs of Atom's links by their relation, of each the first, `_resolved`."""
    found = {}
    for link in reversed(element.findall("{*}link")):
        if href := link.get("href", "").strip():
            found[link.get("rel", "alternate")] = _resolved(link, href, where)
    return found


def _fields(element: xml.Element) -> dict[str, str]:
    """Return the text of the first child of each name; a namespace other than the element's own becomes a prefix."""
    own = element.tag.rpartition("}")[0]
    found: dict[str, str] = {}
    for child in element.iterchildren("*"):
        namespace, _, name = child.tag.rpartition("}")
        if namespace != own:
            prefix = _PREFIXES.get(namespace[1:])
            if prefix is None:
                continue
            name = prefix + name
        if name == "dc:creator" and name in found:
            found[name] += ", " + _text(child)
        elif name not in found:
            found[name] = _text(child)
    return found


def _text(element: xml.Element) -> str:
    return "".join(element.itertext()) if len(element) else (element.text or "")


def _rss_entry(element: xml.Element, where: str) -> _Entry:
    fields = _fields(element)
    link = fields.get("link", "").strip()
    if link:
        link = _resolved(next(element.iterchildren("{*}link")), link, where)
    base = _base(next(element.iterchildren("{*}encoded", "{*}description"), element), where)
    guid = urls.canonical_guid(fields.get("guid", ""))
    if guid:
        permalink = next(element.iterchildren("{*}guid")).get("isPermaLink", "true").lower() == "true"
        # A guid that is only the URL identifies nothing, because sites reuse URLs.
        link = link or (guid if urls.is_http(guid) else "")
        if permalink and urls.is_http(guid) and urls.post_number(guid) is None:
            guid = ""
    encoded = fields.get("content:encoded", "")
    return _Entry(
        title=line(fields.get("title", "")),
        link=link,
        guid=guid or None,
        body=encoded if encoded.strip() else fields.get("description", ""),
        whole=bool(encoded.strip()),
        byline=clean_or_none(fields.get("dc:creator") or _AUTHOR.sub(r"\1", fields.get("author", ""))),
        published=fields.get("pubDate") or fields.get("dc:date", ""),
        modified=fields.get("atom:updated", ""),
        base="" if base == where else base,
        has_body=not fields.keys().isdisjoint({"content:encoded", "description"}),
    )


def _atom_entry(element: xml.Element, where: str) -> _Entry:
    fields = _fields(element)
    guid = urls.canonical_guid(fields.get("id", ""))
    link = _links(element, where).get("alternate") or (guid if urls.is_http(guid) else "")
    content = element.find("{*}content")
    base = _base(content, where)
    names = (normalize.clean("".join(name.itertext())) for name in element.iterfind("{*}author/{*}name"))
    return _Entry(
        title=_atom_title(element.find("{*}title")),
        link=link,
        guid=guid if guid and not urls.is_same(guid, link) else None,
        body=_atom_html(content),
        whole=True,
        byline=clean_or_none(", ".join(names)),
        published=fields.get("published") or fields.get("issued") or fields.get("updated", ""),
        modified=fields.get("updated") or fields.get("modified", ""),
        base="" if base == where else base,
        has_body="content" in fields,
    )


def _atom_title(element: xml.Element | None) -> str:
    if element is None:
        return ""
    return line(_text(element)) if element.get("type", "text") == "html" else normalize.clean(_text(element))


def _atom_html(element: xml.Element | None) -> str:
    if element is None:
        return ""
    kind = element.get("type", "text")
    if kind == "xhtml":
        for tag in element.iter("*"):
            tag.tag = xml.local_name(tag)
        return "".join(etree.tostring(child, encoding="unicode", method="html") for child in element)
    return _text(element) if kind in {"html", "text/html"} else _plain_to_html(_text(element))


def _json_feed(body: str, where: str, problems: list[str]) -> _Feed:
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError) as broken:
        raise ParseError(where, f"not JSON ({broken})") from broken
    items = feed.get("items")
    if not isinstance(items, list):
        raise ParseError(where, "JSON, but not a JSON Feed: it has no items")
    site = urls.host(_string(feed, "home_page_url"))
    found = [_json_entry(item) for item in limit_items(items, problems, where) if isinstance(item, dict)]
    return _Feed(found, where, site, language=clean_or_none(_string(feed, "language")))


def _json_entry(item: dict[str, Any]) -> _Entry:
    guid = urls.canonical_guid(_string(item, "id"))
    link = _string(item, "url") or (guid if urls.is_http(guid) else "")
    authors = item.get("authors") or [item.get("author")]
    names = (_string(a, "name") for a in authors if isinstance(a, dict)) if isinstance(authors, list) else ()
    return _Entry(
        title=normalize.clean(_string(item, "title")),
        link=link,
        guid=guid if guid and not urls.is_same(guid, link) else None,
        body=_string(item, "content_html") or _plain_to_html(_string(item, "content_text")),
        whole=True,
        byline=clean_or_none(", ".join(filter(None, names))),
        published=_string(item, "date_published"),
        modified=_string(item, "date_modified"),
        has_body=not item.keys().isdisjoint({"content_html", "content_text"}),
    )


def _string(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return unicode_only(value) if isinstance(value, str) else ""


def _plain_to_html(text: str) -> str:
    return "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in normalize.paragraphs(text))


def _parse_date(text: str, url: str, problems: list[str]) -> dates.DatedTime | None:
    dated = dates.parse_feed_date(text)
    if dated is None and text.strip():
        problems.append(f"{url}: {normalize.clean(text)[:60]!r} is not a date")
    elif dated is not None and dated.precision is Precision.DAY and dates.has_clock(text):
        problems.append(f"{url}: the time zone of {normalize.clean(text)[:60]!r} is unknown, its day is kept")
    return dated


def _parse_time(text: str, url: str, problems: list[str]) -> datetime | None:
    dated = _parse_date(text, url, problems)
    return dated.at if dated else None
