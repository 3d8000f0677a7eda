"""Tests of the links between pages: each leads to a page that exists, live and in the files."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import pytest
from lxml import html
from serving import serving
from web_support import STORY_ENDS

from scraper.clock import SimulatedClock
from scraper.store import Audience, Store
from scraper.web.page import PageRequest
from scraper.web.routes import ROUTES, respond

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scraper.config.settings import Settings

MAX_PAGES = 500
ROOT = "http://pages.example/below/"


@pytest.fixture(scope="module")
def crawled(demo_db: Path, settings: Settings) -> dict[str, tuple[int, str, set[str]]]:
    """Every page that links lead to, from the first one on: its status, the page that links to it, and its anchors.

    Of Datasette's own pages below `data/` only those to which our pages link are requested.
    """
    found: dict[str, tuple[int, str, set[str]]] = {}
    with serving(demo_db, settings, SimulatedClock(STORY_ENDS)) as root, httpx.Client() as client:
        waiting = [(root, "")]
        while waiting:
            url, linked_from = waiting.pop()
            if url in found:
                continue
            assert len(found) < MAX_PAGES, "the demo's pages have no end"
            response = client.get(url)
            is_page = response.headers.get("content-type", "").startswith("text/html") and response.text.strip()
            tree = html.fromstring(response.text) if is_page else None
            anchors = set(tree.xpath("//@id")) if tree is not None else set()
            found[url] = (response.status_code, linked_from, anchors)
            if tree is not None and not urlsplit(url).path.startswith("/data/"):
                waiting += [(urldefrag(link).url, url) for link in links(tree, url) if link.startswith(root)]
    return found


def links(tree: html.HtmlElement, base: str) -> Iterator[str]:
    """Yield the absolute URLs that a page links to or loads, without those of forms that send something."""
    for target in tree.xpath("//@href | //@src | //form[not(@method) or @method='get']/@action"):
        yield urljoin(base, target)


def test_every_link_leads_to_a_page(crawled: dict[str, tuple[int, str, set[str]]]) -> None:
    broken = [(url, status, source) for url, (status, source, _) in crawled.items() if status != 200]
    assert broken == []
    assert len(crawled) >= 6


def test_every_listed_page_is_linked_from_another(demo_db: Path, crawled: dict[str, tuple[int, str, set[str]]]) -> None:
    paths = {urlsplit(url).path.removeprefix("/") for url in crawled}
    assert [path for path in listed(demo_db) if path not in paths] == []


def test_links_of_files_lead_to_files(demo_db: Path, settings: Settings) -> None:
    """In files there are no queries, and no page but the listed ones."""
    files = set(listed(demo_db))
    broken = []
    with Store(demo_db, audience=Audience.PAGES) as store, store.snapshot():
        for path in files:
            response = respond(PageRequest(store, settings, STORY_ENDS, path=path, is_live=False))
            assert response.status == 200, path
            if not response.content_type.startswith("text/html"):
                continue
            for link in links(html.fromstring(str(response.body)), ROOT + path):
                target = urldefrag(link).url
                if target.startswith("http") and not target.startswith(ROOT):
                    continue  # of another site
                below = target.removeprefix(ROOT)
                if below not in files and not below.startswith(("assets/", "data:")):
                    broken.append((path, link))
    assert broken == []


def listed(db: Path) -> list[str]:
    """The paths of all pages that can be files, as the routes list them."""
    with Store(db, audience=Audience.PAGES) as store, store.snapshot():
        return [path for route in ROUTES if route.addresses for path, _ in route.addresses(store)]
