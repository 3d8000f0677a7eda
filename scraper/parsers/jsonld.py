"""Reader of dates and author in a page's structured data (JSON-LD, `<meta>`); fetches nothing that it names."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from scraper.parsers import dates
from scraper.parsers.document import unicode_only
from scraper.parsers.elements import attr
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from scraper.parsers.document import Document

_MAX_NODES = 200
_MAX_SCRIPTS = 10
_ARTICLES = ("Article", "Posting", "Report")
_BESIDE = frozenset(
    "VideoObject ImageObject AudioObject MediaObject Clip Comment UserComments Event Review Person Organization "
    "Product PodcastEpisode ItemList CollectionPage BroadcastEvent LiveBlogUpdate Offer WebSite".split()
)


class PageDates(NamedTuple):
    """Publication and modification date that a page gives."""

    published: dates.DatedTime | None = None
    modified: dates.DatedTime | None = None


def read(document: Document, zone: tzinfo) -> PageDates:
    """Read both dates from JSON-LD, else from `<meta>`; a time without an offset is in `zone`."""
    published = modified = None
    for node in _of_article(document):
        published = published or _parse_date(node.get("datePublished"), zone)
        modified = modified or _parse_date(node.get("dateModified"), zone)
    return PageDates(
        published or _parse_date(document.meta("property", "article:published_time"), zone),
        modified or _parse_date(document.meta("property", "article:modified_time"), zone),
    )


def author(document: Document) -> str | None:
    """Return the first author in JSON-LD, else `<meta name=author>`."""
    for node in _all_nodes(document):
        named = node.get("author")
        first = named[0] if isinstance(named, list) and named else named
        name = first.get("name") if isinstance(first, dict) else first
        if isinstance(name, str) and name.strip():
            return unicode_only(name)
    return document.meta("name", "author")


def _of_article(document: Document) -> list[dict[str, Any]]:
    """Return the nodes that may describe the page: an article first; never a comment, a video or another article."""
    nodes = [node for node in _all_nodes(document) if _BESIDE.isdisjoint(_kinds(node))]
    articles = [node for node in nodes if any(kind.endswith(_ARTICLES) for kind in _kinds(node))]
    rest = [node for node in nodes if node not in articles]
    if len(articles) > 1 and (title := normalize.word_key(document.head_title)):
        headed = [(_headline_key(node), node) for node in articles]
        own = [node for key, node in headed if key and (key in title or title in key)]
        # Several articles with other titles are teasers.
        articles = own or [node for key, node in headed if key is None]
    return [*articles, *rest]


def _headline_key(node: dict[str, Any]) -> str | None:
    headline = node.get("headline")
    return normalize.word_key(headline) if isinstance(headline, str) else None


def _kinds(node: dict[str, Any]) -> set[str]:
    named = node.get("@type")
    names = named if isinstance(named, list) else [named]
    return {name.rpartition("/")[2] for name in names if isinstance(name, str)}


def _all_nodes(document: Document) -> Iterator[dict[str, Any]]:
    scripts = (each for each in document.tree.iter("script") if attr(each, "type") == "application/ld+json")
    for script in islice(scripts, _MAX_SCRIPTS):
        yield from _nodes(script.text or "")


def _nodes(text: str) -> list[dict[str, Any]]:
    """Return the objects at the top and in `@graph`; none for invalid JSON, which is the page's own fault."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return []
    top = data if isinstance(data, list) else [data]
    graphs = [node.get("@graph") for node in top if isinstance(node, dict)]
    found = [*top, *(node for graph in graphs if isinstance(graph, list) for node in graph)]
    return [node for node in found if isinstance(node, dict)][:_MAX_NODES]


def _parse_date(text: object, zone: tzinfo) -> dates.DatedTime | None:
    return dates.parse_iso_date(text, zone) if isinstance(text, str) else None
