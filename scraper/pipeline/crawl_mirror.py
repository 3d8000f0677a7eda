"""The crawl of a mirror: which of its pages are fetched, and the URLs of State's that they claim."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scraper import urls
from scraper.fetch.request import Request
from scraper.model import Outcome, Role
from scraper.parsers import PageReading
from scraper.pipeline import page_dates, page_matching
from scraper.pipeline.crawl import Crawl
from scraper.pipeline.ingest import Origin
from scraper.pipeline.ingest_pages import retrace
from scraper.pipeline.origin import origin_of
from scraper.pipeline.page_lists import listed_sha256, own_texts, single_texts
from scraper.rules import schedule, state_hosts
from scraper.rules.guards import Guard
from scraper.rules.unresponsive_hosts import REFUSALS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from datetime import date, datetime

    from scraper.clock import Clock
    from scraper.model import Event, Item
    from scraper.parsers.dates import DatedTime
    from scraper.pipeline.batch import CapturedReading

# A page may claim any number of URLs, and each costs State one to three requests.
CLAIMS_PER_PAGE = 3
CLAIMS_PER_RUN = 10
# Claims that wait for a request: what a mirror may claim in a week of its days.
_DAYS_OF_WAITING = 7
# Rechecks of known pages in one run: at two seconds each, they take less than half a minute.
PAGE_RECHECKS_PER_RUN = 10
_NEXT_DAY = "claims that wait for the next day"


@dataclass
class MirrorCrawl(Crawl):
    """The crawl of a mirror: its lists, the pages that concern State, and the statements that these claim.

    `claimed` are the URLs of State's that were fetched because a page of the mirror claims them, `claims_left`
    is how many more may be fetched in this run. `listed_dates` are the dates that the lists of this run give for pages
    of their own site, by their URL.
    """

    claimed: set[str] = field(default_factory=set)
    claims_left: int = CLAIMS_PER_RUN
    listed_dates: dict[str, DatedTime] = field(default_factory=dict)

    def crawl(self) -> Iterator[CapturedReading]:
        """Take over the stored pages of the mirror's hosts, request waiting claims, then crawl its endpoints."""
        with self.store.unit():
            # A search finds pages of any site, until that gets a source of its own.
            names = [each.name for each in self.settings.sources if each.search is None]
            self.store.pages.adopt(self.source.name, self.source.allowed_hosts, names)
        reserved_s = self.time_left_s() / 2  # for the mirror's own pages
        for url in self.store.claims.waiting(self.source.name):
            if self.time_left_s() < reserved_s:
                break
            if self._may_claim(url, self.started_at, is_new=False):
                yield from self._claim(url, self.started_at)
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

    def fetch_page(self, url: str, *, is_needed: bool = True) -> CapturedReading:
        """Fetch and read one page, with the date that a list of this run gives for it."""
        captured = super().fetch_page(url, is_needed=is_needed)
        if not isinstance(captured.reading, PageReading):
            return captured
        return replace(captured, reading=replace(captured.reading, listed_date=self.listed_dates.get(url)))

    def _page_request(self, url: str) -> Request:
        """Return the request for a page; a claimed one of State's may only redirect within State's site.

        An exit page of State's that redirects to the mirror must not make the mirror's text State's own. The claims of
        mirrors get only the open share of State's daily requests, one for each URL.
        """
        if state_hosts.is_statement_url(url):
            return Request(url, hosts=urls.STATE_SITE | {urls.host(url)}, own_hosts=frozenset(), retry=False)
        return super()._page_request(url)

    def _named_items(self, captured: CapturedReading) -> Sequence[Item]:
        """Return the items of a list; the text that it gives of an unknown page elsewhere only decides on a fetch."""
        if captured.reading is None:
            return ()
        listed, list_url = single_texts(captured.reading), captured.capture.final_url or captured.capture.url
        own = own_texts(captured.reading, list_url)
        self.listed_dates |= page_dates.listed_dates(captured.reading, list_url)
        return [
            mine
            for item, mine in zip(listed, own, strict=True)
            if mine.paragraphs == item.paragraphs
            or (self.store.pages.by_url(item.url) is None and page_matching.concerns_state(self.store, item))
        ]

    def _is_wanted(self, item: Item) -> bool:
        """Decide if the page has to be fetched: its text is not in the list, or is new and concerns State.

        A page on a host under state.gov, or on that of a source that gives statements, is not a page of the mirror.
        """
        if urls.is_state(urls.host(item.url)) or origin_of(item.url, self.settings)[1].gives_statements:
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
        """Fetch the unknown URLs of State's that a page claims as its source, on State's archives as well.

        They are stored before the page itself, so that matching the page finds them known. What a limit withholds
        waits for a later run.
        """
        if not isinstance(captured.reading, PageReading):
            return
        at = captured.capture.captured_at
        for url in captured.reading.attribution.claimed_urls[:CLAIMS_PER_PAGE]:
            if url in self.claimed or page_matching.is_claim_resolved(self.store, url, at):
                continue
            # A page that is an endpoint is read at each poll, and may name an address that does not answer.
            if schedule.is_backing_off(self.store.captures.failures(self._origin_of(url, url).source, url), at):
                continue
            if self._may_claim(url, at, is_new=not self.store.claims.is_waiting(self.source.name, url)):
                yield from self._claim(url, at)
            else:
                self._let_wait(url, at)

    def _may_claim(self, url: str, at: datetime, *, is_new: bool) -> bool:
        """Decide if a claim may be requested now: within the limits of the run, of the mirror and of the host.

        `is_new` is False for a claim that was counted as withheld before.
        """
        if self.claims_left <= 0 or not self.has_time(url):
            return False
        limit = self.settings.claims_of_mirror
        if self.store.claims.requested_on(self.source.name, at.date()) >= limit:
            why = f"its {limit} of today (fetch.claims_per_day, within fetch.requests_per_day) are used up"
            self.withhold(Guard.CLAIMS_PER_DAY, self.source.name, _NEXT_DAY, why, int(is_new))
            return False
        if self.fetcher.has_room(url):
            return True
        host = urls.host_key(url)
        why = f"the rest of the requests to {host} of today is for its own sources"
        self.withhold(Guard.REQUESTS_PER_DAY, host, _NEXT_DAY, why, int(is_new))
        return False

    def _claim(self, url: str, at: datetime) -> Iterator[CapturedReading]:
        """Request a claimed URL, unless it is resolved by now. A postponed one waits."""
        if not page_matching.is_claim_resolved(self.store, url, at):
            self.claimed.add(url)
            self.claims_left -= 1
            is_postponed = yield from self._fetch_claimed(url)
            if is_postponed:
                self._let_wait(url, at)
                return
        with self.store.unit():
            self.store.claims.settle(self.source.name, url)

    def _let_wait(self, url: str, at: datetime) -> None:
        with self.store.unit():
            most = _DAYS_OF_WAITING * self.settings.claims_of_mirror
            self.store.claims.wait(self.source.name, url, at, most)

    def _fetch_claimed(self, url: str) -> Generator[CapturedReading, None, bool]:
        """Yield the capture of a claimed URL and of its archive URLs up to the first that can be read.

        Count the claim before its first request, which a stop may interrupt, unless that is not sent. Return True if
        one was not sent: the host has no room or asks for a pause.
        """
        day = self.clock.now().date()
        self._count_claim(day, 1)
        is_sent = False
        for candidate in state_hosts.candidate_urls(url):
            captured = self.fetch_page(candidate, is_needed=False)
            if not is_sent and captured.capture.outcome is Outcome.DEFERRED:
                self._count_claim(day, -1)
            is_sent = True
            origin = self._origin_of(candidate, url)
            yield replace(captured, source=origin.source, origin=origin)
            if captured.reading is not None:
                return False
            if captured.capture.outcome in REFUSALS:
                # No further request to State until the next run.
                self.claims_left = 0
                return captured.capture.outcome is Outcome.DEFERRED
        return False

    def _count_claim(self, day: date, requests: int) -> None:
        with self.store.unit():
            self.store.claims.count_request(self.source.name, day, requests)

    def _origin_of(self, url: str, claimed_url: str) -> Origin:
        """Return the configured source on the host of a URL of State's as the origin of a capture.

        A host without a source is in its first fill.
        """
        host = urls.host(url)
        role = Role.ARCHIVE if state_hosts.is_archive(host) else Role.CANONICAL
        names = (
            source.name
            for source in self.settings.sources
            if source.role is role
            and any(urls.host(urls.canonical(endpoint.url)) == host for endpoint in source.endpoints)
        )
        name = next(names, host)
        filled_at = self.store.sources.get(name, role).first_filled_at
        return Origin(name, role, first_fill=filled_at is None, watched_since=filled_at, claimed_url=claimed_url)
