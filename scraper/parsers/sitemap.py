"""Parser of sitemaps: the URLs of a site with the time of their last change, and the sitemaps that an index names."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, TypeAlias

from lxml import etree  # type: ignore[import-untyped]

from scraper import urls
from scraper.errors import DriftError, HostileMarkupError, ParseError
from scraper.model import Item, Reading
from scraper.parsers import dates, xml
from scraper.text import charset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from scraper.model import Capture
    from scraper.parsers.document import Document

NAME = "sitemap"
# The limits of the protocol itself: sitemaps.org.
MAX_BYTES = 50 * 1024 * 1024
MAX_ENTRIES = 50_000
_MAX_TAGS = 2_000_000
GZIP_MAGIC = b"\x1f\x8b"
_WHITE_SPACE = b"\xef\xbb\xbf \t\r\n"
_DECLARATION = b"<?xml"
_HEAD_BYTES = 20_000
_Entry: TypeAlias = "tuple[str, str, datetime | None]"  # `url` or `sitemap`, URL, last change


def read(document: Document) -> Reading:
    """Read the pages of a urlset, without titles or texts. An index has no items; `children` returns its sitemaps.

    Raises `DriftError` for a sitemap without entries, `ParseError` for a body that is not a sitemap.
    """
    problems: list[str] = []
    entries = _entries(document.capture, document.url, problems)
    if not entries:
        raise DriftError(document.url, "a sitemap that names nothing")
    items = tuple(Item(url=urls.canonical(url), title="", modified_at=at) for name, url, at in entries if name == "url")
    clock = max((at for _, _, at in entries if at), default=None)
    return Reading(NAME, items, clock=clock, problems=tuple(problems))


def child_sitemaps(capture: Capture) -> tuple[str, ...]:
    """Return the URLs of the sitemaps that an index names, last changed first; empty for a urlset."""
    where = capture.final_url or capture.url
    maps = [(at, url) for name, url, at in _entries(capture, where, []) if name == "sitemap"]
    dated = sorted(((at, url) for at, url in maps if at), key=lambda pair: pair[0], reverse=True)
    return tuple(url for _, url in dated) + tuple(url for at, url in maps if at is None)


def _entries(capture: Capture, where: str, problems: list[str]) -> list[_Entry]:
    """Return the entries; of a broken or cut sitemap those that can be read, with a problem."""
    body = _unzipped(capture.body, where, problems).lstrip(_WHITE_SPACE)
    if body.startswith(b"<") and not body.startswith(_DECLARATION):
        head = body[:_HEAD_BYTES].decode("latin-1")
        if before := len(head) - len(xml.from_declaration(head)):
            body = body[before:]
            problems.append("the sitemap is not well-formed (something stands before its XML declaration)")
    if b"<!ENTITY" in body:
        raise ParseError(where, "the sitemap declares entities, such documents are rejected")
    if body.count(b"<") > _MAX_TAGS:
        raise HostileMarkupError(where, f"the sitemap has more than {_MAX_TAGS} tags")
    entries: list[_Entry] = []
    try:
        entries.extend(_parsed(body, where, None))
    except etree.XMLSyntaxError as broken:
        entries.clear()
        text = xml.repair(charset.decode(body, capture.header("content-type")))
        try:
            for entry in _parsed(text.encode("utf-8", "replace"), where, "utf-8"):
                entries.append(entry)  # noqa: PERF402 - those before an error stay
        except etree.XMLSyntaxError:
            if not entries:
                raise ParseError(where, f"the sitemap is not well-formed ({broken})") from broken
        problems.append(f"the sitemap is not well-formed ({broken}), {len(entries)} entries of it are read")
    return entries


def _parsed(body: bytes, where: str, encoding: str | None) -> Iterator[_Entry]:
    """Yield the entries one by one: a sitemap may have 50,000. Raise `etree.XMLSyntaxError` where it is broken."""
    events = etree.iterparse(
        io.BytesIO(body), events=("start", "end"), resolve_entities=False, no_network=True,
        huge_tree=False, load_dtd=False, remove_comments=True, encoding=encoding,
    )  # fmt: skip
    count = 0
    for event, element in events:
        name = xml.local_name(element)
        if event == "start":
            if element.getparent() is None and name not in {"urlset", "sitemapindex"}:
                raise ParseError(where, f"no sitemap but <{name}>")
        elif name in {"url", "sitemap"} and element.getparent() is not None:
            loc, lastmod = (element.findtext(f"{{*}}{child}", "") for child in ("loc", "lastmod"))
            element.getparent().remove(element)
            # An entry without a URL costs as much as others.
            count += 1
            if (url := urls.absolute(where, loc)) and loc.strip():
                dated = dates.parse_iso_date(lastmod)
                yield name, urls.without_credentials(url), dated.at if dated else None
            if count == MAX_ENTRIES:
                return


def _unzipped(body: bytes, where: str, problems: list[str]) -> bytes:
    if not body.startswith(GZIP_MAGIC):
        return body
    inflater = zlib.decompressobj(wbits=31)
    try:
        plain = inflater.decompress(body, MAX_BYTES)
    except zlib.error as broken:
        raise ParseError(where, f"the sitemap is damaged ({broken})") from broken
    if inflater.unconsumed_tail:
        raise HostileMarkupError(where, f"the sitemap is larger than {MAX_BYTES} bytes")
    if not inflater.eof:
        problems.append("the packed sitemap is cut off")
    return plain
