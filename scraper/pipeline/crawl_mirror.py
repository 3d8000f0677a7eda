"""What is asked of a mirror beyond its lists: pages that have to do with State, and the addresses that these claim."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from scraper import urls
from scraper.model import REFUSALS, Role
from scraper.pipeline import page_matching
from scraper.pipeline.ingest import Origin
from scraper.pipeline.ingest_pages import is_looked_up, is_relevant, listed_sha256
from scraper.rules import attribution

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Item
    from scraper.pipeline.crawl import Asking
    from scraper.pipeline.write_buffer import Sight
    from scraper.store import Store

# A page may name any number of addresses, and each costs State a request or three.
CLAIMS_PER_PAGE = 3
CLAIMS_PER_RUN = 10
# Pages looked at again in one run: at two seconds each, it stays under half a minute.
LOOKS_PER_RUN = 10


def is_wanted(store: Store, item: Item) -> bool:
    """Whether the page that a list of a mirror names has to be read.

    It has where the list does not carry its text, and where that text is new and has to do with State. What
    stands on State's own site is no page of a mirror.
    """
    if urls.is_state(urls.host(item.url)):
        return False
    page = store.pages.by_url(item.url)
    if item.paragraphs is None:
        is_newer = page is not None and item.modified_at is not None and item.modified_at > page.last_seen_at
        return page is None or is_newer
    if page is not None and store.pages.listed_sha256(page.id) == listed_sha256(item):
        return False
    traced, _ = page_matching.attempted(store, partial(page_matching.from_item, item))
    return traced is not None and is_relevant(traced)


def look_again(asking: Asking, at: datetime) -> None:
    """Read the pages again whose time has come; what is captured goes to the ledger."""
    for page in asking.store.pages.due(asking.source.name, at, LOOKS_PER_RUN):
        if asking.is_refused:
            return
        if page.url in asking.fetched:
            continue
        sight = asking.page(page.url)
        asking.is_refused = sight.capture.outcome in REFUSALS
        look_up_claims(asking, sight)
        asking.ledger.add(sight)


def look_up_claims(asking: Asking, sight: Sight) -> None:
    """Ask State for the addresses that a page names as its source and that are not known; on its archives as well.

    What comes goes to the ledger before the page itself, so that the page finds it known.
    """
    if sight.reading is None:
        return
    make = partial(page_matching.from_capture, sight.capture, sight.reading.items[0])
    traced, _ = page_matching.attempted(asking.store, make)
    if traced is None:
        return  # it is told when the page is taken in
    said = traced.target.attribution
    for url in said.claimed_urls[:CLAIMS_PER_PAGE]:
        if url in asking.claimed or is_looked_up(asking.store, url, sight.capture.captured_at):
            continue
        if asking.claims_left <= 0:
            asking.ledger.problems.append(f"{sight.capture.url}: {url} is looked up in a later run")
            return
        asking.claimed.add(url)
        asking.claims_left -= 1
        for address in attribution.archive_candidates(url):
            answer = asking.page(address, is_needed=False)
            asking.ledger.add(replace(answer, origin=_origin(asking, address)))
            if answer.reading is not None:
                break
            if answer.capture.outcome in REFUSALS:
                # State is left in peace until the next run.
                asking.claims_left = 0
                break


def _origin(asking: Asking, url: str) -> Origin:
    """The configured source on whose host an address of State's is: what was published before its watch is history."""
    host = urls.host(url)
    role = Role.ARCHIVE if urls.is_archive(host) else Role.CANONICAL
    watching = (
        source.name
        for source in asking.settings.sources
        if source.role is role and any(urls.host(endpoint.url) == host for endpoint in source.endpoints)
    )
    name = next(watching, host)
    filled_at = asking.store.sources.get(name, role).first_filled_at
    return Origin(name, role, first_fill=filled_at is None, watched_since=filled_at)
