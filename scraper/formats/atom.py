"""Writer of Atom feeds (RFC 4287): events for readers who prefer a feed to mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from scraper.text.normalize import clean, clean_block

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class AtomEntry:
    """Entry of a feed for one event: `lines` are its text, `url` is its link."""

    key: str
    title: str
    at: datetime
    lines: tuple[str, ...]
    url: str | None
    kind: str


def feed(key: str, title: str, updated_at: datetime, entries: Iterable[AtomEntry]) -> str:
    """Format a feed document with the entries in the order given. Text of sources is escaped, never markup."""
    ElementTree.register_namespace("", _ATOM)
    root = ElementTree.Element(f"{{{_ATOM}}}feed")
    _add(root, "id", key)
    _add(root, "title", title)
    _add(root, "updated", _time(updated_at))
    author = ElementTree.SubElement(root, f"{{{_ATOM}}}author")
    _add(author, "name", "statewire")
    for entry in entries:
        element = ElementTree.SubElement(root, f"{{{_ATOM}}}entry")
        _add(element, "id", entry.key)
        _add(element, "title", clean(entry.title))
        _add(element, "updated", _time(entry.at))
        ElementTree.SubElement(element, f"{{{_ATOM}}}category", {"term": entry.kind})
        if entry.url and entry.url.startswith(("https://", "http://")):
            ElementTree.SubElement(element, f"{{{_ATOM}}}link", {"href": clean(entry.url)})
        _add(element, "content", "\n".join(map(clean_block, entry.lines)), type="text")
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _add(parent: ElementTree.Element, name: str, words: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes).text = words


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
