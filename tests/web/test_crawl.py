"""Tests of the links between pages: each leads to a page that exists, live and in the files."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Crawled:
    """Page that a link led to: its status, the page with that link, its anchors, and its links to places in pages."""

    status: int
    linked_from: str
    anchors: frozenset[str]
    places: tuple[tuple[str, str], ...]  # (URL, fragment)


@pytest.fixture(scope="module")
def crawled(demo_db: Path, settings: Settings) -> dict[str, Crawled]:
    """Every page that links lead to, from the first one on, by URL.

    Of Datasette's own pages below `data/` only those to which our pages link are requested.
    """
    found: dict[str, Crawled] = {}
    with serving(demo_db, settings, SimulatedClock(STORY_ENDS)) as root, httpx.Client() as client:
        waiting = [(root, "")]
        while waiting:
            url, linked_from = waiting.pop()
            if url in found:
                continue
            assert len(found) < MAX_PAGES, "the demo's pages have no end"
            response = client.get(url)
            is_page = response.headers["content-type"].startswith("text/html") and response.status_code == 200
            is_ours = is_page and not url.startswith(f"{root}data/")
            tree = html.fromstring(response.text) if is_ours else html.Element("html")
            targets = [urldefrag(link) for link in links(tree, url) if link.startswith(root)]
            places = tuple((target.url, target.fragment) for target in targets if target.fragment)
            found[url] = Crawled(response.status_code, linked_from, frozenset(tree.xpath("//@id")), places)
            waiting += [(target.url, url) for target in targets]
    return found


def links(tree: html.HtmlElement, base: str) -> Iterator[str]:
    """Yield the absolute URLs that a page links to or loads, without those of forms that send something."""
    for target in tree.xpath("//@href | //@src | //form[not(@method) or @method='get']/@action"):
        yield urljoin(base, target)


def test_every_link_leads_to_a_page(crawled: dict[str, Crawled]) -> None:
    broken = [(url, page.status, page.linked_from) for url, page in crawled.items() if page.status != 200]
    assert broken == []
    assert len(crawled) >= 6


def test_every_link_to_a_place_in_a_page_leads_to_one(crawled: dict[str, Crawled]) -> None:
    places = {(source, *place) for source, page in crawled.items() for place in page.places}
    missing = [(source, url, name) for source, url, name in places if name not in crawled[url].anchors]
    assert missing == []
    assert any(name == "content" for _, _, name in places)


def test_every_listed_page_is_linked_from_another(demo_db: Path, crawled: dict[str, Crawled]) -> None:
    paths = {urlsplit(url).path.removeprefix("/") for url in crawled}
    pages = (path for path in listed(demo_db) if not path.startswith("assets/"))  # some are of files only
    assert [path for path in pages if path not in paths] == []


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
