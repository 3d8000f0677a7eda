"""Strict parser of XML, and salvage of a broken feed item by item; uses no entities, no DTD and no network."""

from __future__ import annotations

import re
from html.entities import html5
from itertools import pairwise
from typing import Any, NamedTuple

from lxml import etree  # type: ignore[import-untyped]

from scraper.errors import ParseError

# lxml has no types of its own.
Element = Any
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AMPERSAND = re.compile(r"&(?:#(\d{1,7});|#[xX]([0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{1,31};)|)")
_XML_ENTITIES = {"amp;", "lt;", "gt;", "quot;", "apos;"}
_NAMESPACE = re.compile(r"xmlns(?::[A-Za-z_][\w.-]{0,30})?\s*=\s*(?:\"[^\"<]{0,200}\"|'[^'<]{0,200}')")
_USUAL_NAMESPACES = {
    "xmlns:content": 'xmlns:content="http://purl.org/rss/1.0/modules/content/"',
    "xmlns:dc": 'xmlns:dc="http://purl.org/dc/elements/1.1/"',
    "xmlns:atom": 'xmlns:atom="http://www.w3.org/2005/Atom"',
}
_PREFIX = re.compile(r"<([A-Za-z_][\w.-]{0,30}):[A-Za-z_]|\s([A-Za-z_][\w.-]{0,30}):[A-Za-z_][\w.-]{0,40}\s?=")
_ROOT = re.compile(r"<[A-Za-z_][\w.:-]{0,60}(?=[\s/>])")
_MAX_PREFIXES = 50
# Fields of text in feeds: a tag inside is HTML that its author did not escape, or no tag ("<$5 million").
_TEXT_FIELDS = ("title", "description", "content:encoded", "summary", "link", "guid", "pubDate", "dc:creator", "author")
_DECLARATION = "<?xml"
_ROOTS = re.compile(r"<(?:[\w.-]{1,30}:)?(?:rss|feed|RDF|urlset|sitemapindex)[\s>]")
_ENTITY = re.compile(r"<!ENTITY([^>]{0,60})", re.IGNORECASE)
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_HEAD_CHARS = 20_000


class Salvage(NamedTuple):
    """Elements that were salvaged from a broken feed, and the number of lost ones."""

    elements: tuple[Element, ...]
    lost: int


def parse_strict(text: str, where: str) -> Element:
    """Return the root of a well-formed document.

    Raises `ParseError` if it declares entities (no format that the monitor reads needs them), and
    `etree.XMLSyntaxError` if it is not well-formed.
    """
    declared = _ENTITY.search(text[: text.find(_CDATA)] if _CDATA in text else text)
    if declared is not None:
        raise _entity_error(" ".join(declared.group(1).split()), where)
    root = etree.fromstring(text.encode("utf-8", "replace"), _parser())
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and (entity := next(dtd.iterentities(), None)) is not None:
        raise _entity_error(entity.name or "?", where)
    return root


def repair(text: str) -> str:
    """Repair what most often breaks XML: illegal characters, bare `&`, HTML's entities, undeclared prefixes."""
    text = from_declaration(_ILLEGAL.sub("", text).lstrip("\ufeff \t\r\n"))
    pieces = []
    prefixes: dict[str, None] = {}
    for number, piece in enumerate(text.split(_CDATA)):
        inside, closed, outside = piece.partition(_CDATA_END) if number else ("", "", piece)
        if number:
            pieces.append(f"{_CDATA}{inside}{closed}")
        pieces.append(_AMPERSAND.sub(_reference, outside))
        prefixes |= dict.fromkeys(found[0] or found[1] for found in _PREFIX.findall(outside))
    return _declared("".join(pieces), list(prefixes)[:_MAX_PREFIXES])


def from_declaration(text: str) -> str:
    """Cut what a site has written before the XML declaration: comments, or the warnings of its software."""
    root = _ROOTS.search(text[:_HEAD_CHARS])
    declared = text.find(_DECLARATION, 0, root.start() if root else _HEAD_CHARS)
    return text[max(declared, 0) :]


def _declared(text: str, prefixes: list[str]) -> str:
    """Declare the prefixes at the root that nothing in the text declares."""
    declared = {each.partition("=")[0].strip() for each in _NAMESPACE.findall(text)} | {"xmlns:xml", "xmlns:xmlns"}
    missing = [name for prefix in prefixes if (name := f"xmlns:{prefix}") not in declared]
    root = _ROOT.search(text) if missing else None
    if root is None:
        return text
    added = " ".join(_USUAL_NAMESPACES.get(name, f'{name}="urn:undeclared:{name[6:]}"') for name in missing)
    return f"{text[: root.end()]} {added}{text[root.end() :]}"


def salvage(text: str, name: str) -> Salvage:
    """Parse each `<name>…</name>` of a broken feed on its own, with the feed's namespaces."""
    declared = reversed(_NAMESPACE.findall(text[:_HEAD_CHARS]))  # of those of one prefix, the first counts
    namespaces = _USUAL_NAMESPACES | {each.partition("=")[0].strip(): each for each in declared}
    opening = f"<feed {' '.join(namespaces.values())}>"
    elements, lost = [], 0
    starts = [found.start() for found in re.finditer(rf"<{name}[\s>]", text)]
    end_tag = f"</{name}>"
    end = 0
    for start, following in pairwise([*starts, len(text)]):
        # Searched for once only, so that a text full of opening tags takes linear time.
        if 0 <= end < start:
            end = text.find(end_tag, start)
        if not start < end < following:
            lost += 1
            continue
        element = _element(f"{opening}{text[start:end]}{end_tag}</feed>")
        if element is None:
            element = _element(f"{opening}{_escaped_fields(text[start:end])}{end_tag}</feed>")
        if element is None:
            lost += 1
        else:
            elements.append(element)
    return Salvage(tuple(elements), lost)


def _element(wrapped: str) -> Element | None:
    try:
        return etree.fromstring(wrapped.encode(), _parser())[0]
    except etree.XMLSyntaxError:
        return None


def _escaped_fields(item: str) -> str:
    """Escape the tags inside the fields of text of an item; a CDATA section that is not closed ends with its field."""
    for name in _TEXT_FIELDS:
        opened = re.search(rf"<{name}(?:\s[^<>]{{0,200}})?>", item)
        end = item.find(f"</{name}>", opened.end()) if opened else -1
        if opened is None or end < 0:
            continue
        inside = item[opened.end() : end]
        if inside.lstrip().startswith(_CDATA):
            inside = inside if _CDATA_END in inside else f"{inside}{_CDATA_END}"
        else:
            inside = inside.replace("<", "&lt;").replace("]]>", "]]&gt;")
        item = item[: opened.end()] + inside + item[end:]
    return item


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace; empty for comments and processing instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _reference(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if decimal or hexadecimal:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        return match.group() if code <= 0x10FFFF and not _ILLEGAL.match(chr(code)) else ""
    if name in _XML_ENTITIES:
        return match.group()
    if name and name in html5:
        return html5[name].replace("&", "&amp;").replace("<", "&lt;")
    return "&amp;" + match.group()[1:]


def _entity_error(entity: str, where: str) -> ParseError:
    return ParseError(where, f"the XML declares the entity {entity!r}, such documents are rejected")


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True
    )
