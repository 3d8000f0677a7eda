"""The crawl of a mirror: which of its pages are fetched, and the state.gov URLs that they claim."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scraper import urls
from scraper.model import REFUSALS, Role
from scraper.parsers import PageReading
from scraper.pipeline import page_matching
from scraper.pipeline.crawl import Crawl
from scraper.pipeline.ingest import Origin, RunProblem
from scraper.pipeline.ingest_pages import retrace
from scraper.pipeline.page_lists import listed_sha256, single_texts
from scraper.rules import state_hosts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from scraper.clock import Clock
    from scraper.model import Event, Item, Reading
    from scraper.pipeline.batch import CapturedReading

# A page may claim any number of URLs, and each costs State one to three requests.
CLAIMS_PER_PAGE = 3
CLAIMS_PER_RUN = 10
# Rechecks of known pages in one run: at two seconds each, they take less than half a minute.
PAGE_RECHECKS_PER_RUN = 10


@dataclass
class MirrorCrawl(Crawl):
    """The crawl of a mirror: its lists, the pages that concern State, and the statements that these claim.

    `claimed` are the state.gov URLs that were fetched because a page of the mirror claims them, `claims_left`
    is how many more may be fetched in this run.
    """

    claimed: set[str] = field(default_factory=set)
    claims_left: int = CLAIMS_PER_RUN

    def crawl(self) -> Iterator[CapturedReading]:
        """Take over the stored pages of the mirror's hosts, then crawl its endpoints."""
        with self.store.unit():
            names = [each.name for each in self.settings.sources]
            self.store.pages.adopt(self.source.name, self.source.allowed_hosts, names)
        yield from super().crawl()

    def rechecks(self, at: datetime, clock: Clock) -> list[Iterator[CapturedReading]]:
        """Return the crawl of each known page that is due for a recheck at `at`."""
        due = self.store.pages.due(self.source.name, at, PAGE_RECHECKS_PER_RUN)
        return [self._recheck_page(page.url) for page in due]

    def finish(self, at: datetime) -> tuple[Event, ...]:
        """Trace pages of the mirror again, to what State has published since, and return the events."""
        return retrace(self.store, self.source.name, at).events

    def _recheck_page(self, url: str) -> Iterator[CapturedReading]:
        if self.is_refused or url in self.fetched or not self.has_time(url):
            return
        captured = self.fetch_page(url)
        self.is_refused = self.is_refusal(captured)
        yield from self._before_page(captured)
        yield captured

    def _allowed_hosts(self, url: str) -> frozenset[str]:
        """Return the hosts of a redirect; a claimed state.gov URL may only redirect within state.gov.

        An exit page of State's that redirects to the mirror must not make the mirror's text State's own.
        """
        name = urls.host(url)
        if urls.is_state(name):
            return urls.STATE_SITE | {name}
        return super()._allowed_hosts(url)

    def _named_items(self, reading: Reading) -> Sequence[Item]:
        return single_texts(reading)

    def _is_wanted(self, item: Item) -> bool:
        """Decide if the page has to be fetched: its text is not in the list, or is new and concerns State.

        A page on State's own site is not a page of the mirror.
        """
        if urls.is_state(urls.host(item.url)):
            return False
        page = self.store.pages.by_url(item.url)
        if item.paragraphs is None:
            is_newer = page is not None and item.modified_at is not None and item.modified_at > page.last_seen_at
            return page is None or is_newer
        if page is not None and self.store.pages.listed_sha256(page.id) == listed_sha256(item):
            return False
        return page_matching.concerns_state(self.store, item)

    def _has_news(self, items: Sequence[Item], seen_before: Sequence[str]) -> bool:
        # Of a mirror only what concerns State is stored: without the previous first page there is no end to look for.
        return bool(seen_before) and not all(self.store.pages.by_url(item.url) for item in items)

    def _before_page(self, captured: CapturedReading) -> Iterator[CapturedReading]:
        """Fetch the unknown state.gov URLs that a page claims as its source, on State's archives as well.

        They are stored before the page itself, so that matching the page finds them known.
        """
        if not isinstance(captured.reading, PageReading):
            return
        for url in captured.reading.attribution.claimed_urls[:CLAIMS_PER_PAGE]:
            if url in self.claimed or page_matching.is_claim_resolved(self.store, url, captured.capture.captured_at):
                continue
            if self.claims_left <= 0 or not self.has_time(url):
                self.problems.append(RunProblem(f"{url} is fetched in a later run", captured.capture.url))
                return
            self.claimed.add(url)
            self.claims_left -= 1
            yield from self._fetch_claimed(url)

    def _fetch_claimed(self, url: str) -> Iterator[CapturedReading]:
        for candidate in state_hosts.candidate_urls(url):
            captured = self.fetch_page(candidate, is_needed=False)
            yield replace(captured, origin=self._origin_of(candidate))
            if captured.reading is not None:
                return
            if captured.capture.outcome in REFUSALS:
                # No further request to State until the next run.
                self.claims_left = 0
                return

    def _origin_of(self, url: str) -> Origin:
        """Return the configured source on the host of a state.gov URL as the origin of a capture.

        Statements older than the first fill of that source are backfill; a host without a source is in its first fill.
        """
        host = urls.host(url)
        role = Role.ARCHIVE if state_hosts.is_archive(host) else Role.CANONICAL
        names = (
            source.name
            for source in self.settings.sources
            if source.role is role and any(urls.host(endpoint.url) == host for endpoint in source.endpoints)
        )
        name = next(names, host)
        filled_at = self.store.sources.get(name, role).first_filled_at
        return Origin(name, role, first_fill=filled_at is None, watched_since=filled_at)
