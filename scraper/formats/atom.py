"""Writer of Atom feeds (RFC 4287): events for readers who prefer a feed to mail."""

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from xml.etree import ElementTree

from scraper.model import Event
from scraper.serialize import format_utc
from scraper.text.normalize import clean, clean_block

_ATOM = "http://www.w3.org/2005/Atom"
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
_HEAD = f'{_DECLARATION}\n<feed xmlns="{_ATOM}">'.encode()
_IDS = uuid.UUID("6f0f6f3e-2a5b-4f0c-9a53-6d1f3c0f5a11")
# What XML 1.0 does not allow, not even as a reference.
_NO_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
ElementTree.register_namespace("", _ATOM)


@dataclass(frozen=True, slots=True)
class AtomEntry:
    """Entry of a feed for one event.

    `lines` are its text, or `html` is its content as markup. `own_url` is our own page about it, `statement_url` is
    State's, `page_url` the page of another site; all are http or https, or empty. The entry links to the first that is
    known. Beside our own page the next one is `via`, its source. A page of another site that is neither is `related`.
    """

    key: str
    title: str
    at: datetime
    kind: str
    lines: tuple[str, ...] = ()
    html: str = ""
    own_url: str = ""
    statement_url: str = ""
    page_url: str = ""


def event_id(event: Event) -> str:
    """Return the id of an event: the same for as long as it is stored, and of no other event in any database.

    It is made of what the event is, not of its number: after a restore the same number is given to another event.
    """
    facts = (event.kind, format_utc(event.at), event.source, event.guid, event.page_url, event.part, event.revision)
    return _id("event", *facts, event.before, event.after)


def feed_id(first: Event | None, name: str) -> str:
    """Return the id of a feed. `first` is the first event of its database, which a backup has too."""
    return _id("feed", event_id(first) if first else None, name)


def _id(*facts: str | int | None) -> str:
    return uuid.uuid5(_IDS, json.dumps(facts)).urn


def entry(given: AtomEntry) -> str:
    """Format one entry. Text of sources is escaped, never markup."""
    element = ElementTree.Element(f"{{{_ATOM}}}entry")
    _add(element, "id", given.key)
    _add(element, "title", clean(given.title))
    _add(element, "updated", format_utc(given.at))
    _add(element, "category", term=given.kind)
    source = given.statement_url or given.page_url
    if given.own_url or source:
        _add(element, "link", href=clean(given.own_url or source))
    if given.own_url and source not in {"", given.own_url}:
        _add(element, "link", rel="via", href=clean(source))
    if given.page_url not in {"", source, given.own_url}:
        _add(element, "link", rel="related", href=clean(given.page_url))
    text = given.html or "\n".join(map(clean_block, given.lines))
    _add(element, "content", text, type="html" if given.html else "text")
    # Inside the feed it has the namespace of that.
    return _text_of(element).replace(f' xmlns="{_ATOM}"', "", 1)


def feed(
    key: str, title: str, updated_at: datetime, entries: Iterable[str], links: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Format a feed document of entries that `entry` has formatted, in the order given.

    `links` has the URL of each relation: `self` of the feed, `alternate` of its page.
    """
    root = ElementTree.Element(f"{{{_ATOM}}}feed")
    _add(root, "id", key)
    _add(root, "title", clean(title))
    _add(root, "updated", format_utc(updated_at))
    for relation, url in links.items():
        _add(root, "link", rel=relation, href=url)
    _add(ElementTree.SubElement(root, f"{{{_ATOM}}}author"), "name", "statewire")
    head = _text_of(root).removesuffix("</feed>")
    return "\n".join((_DECLARATION, head.rstrip(), *entries, "</feed>\n"))


def is_own(head: bytes) -> bool:
    """Return True for the beginning of a document that `feed` has formatted."""
    # Before the entries, whose text is not ours; the title is escaped.
    before, _, _ = head.partition(b"<entry")
    return before.startswith(_HEAD) and b"<name>statewire</name>" in before


def _add(parent: ElementTree.Element, name: str, words: str | None = None, **attributes: str) -> None:
    given = {key: _NO_XML.sub("", value) for key, value in attributes.items()}
    element = ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", given)
    element.text = words and _NO_XML.sub("", words)


def _text_of(element: ElementTree.Element) -> str:
    ElementTree.indent(element)
    return ElementTree.tostring(element, encoding="unicode")
