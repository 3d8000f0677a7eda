"""Dates and author that a page's structured data gives: read as data only, nothing that it names is ever followed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from scraper.parsers import dates
from scraper.parsers.document import attr, unicode_only

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from bs4 import BeautifulSoup

_MAX_NODES = 200
_MAX_SCRIPTS = 10


class PageDates(NamedTuple):
    """When a page was published and last changed, as it says itself."""

    published: dates.DatedTime | None = None
    modified: dates.DatedTime | None = None


def read(soup: BeautifulSoup, zone: tzinfo) -> PageDates:
    """From JSON-LD first, else from `<meta>`; a time without an offset is meant in `zone`."""
    published = modified = None
    for node in _all_nodes(soup):
        published = published or _stamp(node.get("datePublished"), zone)
        modified = modified or _stamp(node.get("dateModified"), zone)
    return PageDates(
        published or _stamp(_meta(soup, "article:published_time"), zone),
        modified or _stamp(_meta(soup, "article:modified_time"), zone),
    )


def author(soup: BeautifulSoup) -> str | None:
    """The first author that it names, else `<meta name=author>`."""
    for node in _all_nodes(soup):
        named = node.get("author")
        first = named[0] if isinstance(named, list) and named else named
        name = first.get("name") if isinstance(first, dict) else first
        if isinstance(name, str) and name.strip():
            return unicode_only(name)
    return attr(soup.find("meta", attrs={"name": "author"}), "content")


def _all_nodes(soup: BeautifulSoup) -> Iterator[dict[str, Any]]:
    for script in soup.find_all("script", type="application/ld+json", limit=_MAX_SCRIPTS):
        yield from _nodes(script.string or "")


def _nodes(written: str) -> list[dict[str, Any]]:
    """The objects at the top and in `@graph`; empty for what is no JSON, which is the page's own affair."""
    try:
        data = json.loads(written)
    except (ValueError, RecursionError):
        return []
    top = data if isinstance(data, list) else [data]
    graphs = [node.get("@graph") for node in top if isinstance(node, dict)]
    found = [*top, *(node for graph in graphs if isinstance(graph, list) for node in graph)]
    return [node for node in found if isinstance(node, dict)][:_MAX_NODES]


def _stamp(written: object, zone: tzinfo) -> dates.DatedTime | None:
    return dates.parse_iso_date(written, zone) if isinstance(written, str) else None


def _meta(soup: BeautifulSoup, name: str) -> str | None:
    return attr(soup.find("meta", property=name), "content")
