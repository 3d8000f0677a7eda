"""Crawl of a source: its endpoints list by list, and the pages of items that a list names without their text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from scraper import urls
from scraper.fetch.request import Request
from scraper.model import Capture, EndpointKind, Outcome, Role
from scraper.pipeline import list_urls, repeats
from scraper.pipeline.attempts import attempt_of, page_hosts
from scraper.pipeline.batch import CapturedReading
from scraper.pipeline.reading import RunProblem, try_read
from scraper.rules import paging, schedule, source_health, unresponsive_hosts
from scraper.rules.budgets import WithheldRequests
from scraper.rules.guards import Guard
from scraper.rules.unresponsive_hosts import REFUSALS, UnresponsiveHosts
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from datetime import datetime

    from scraper.clock import Clock
    from scraper.config.settings import Endpoint, Settings, Source
    from scraper.fetch import Fetcher
    from scraper.model import Event, Item, Reading
    from scraper.pipeline.ingest import Origin
    from scraper.store import Store


@dataclass
class Crawl(ABC):
    """The crawl of one source, with a strategy for State's own (`StateCrawl`) and one for mirrors (`MirrorCrawl`).

    It yields captured readings and writes nothing; the consumer commits them in batches (`batch.commit`). `since`
    starts a backfill walk: the run reads the source's past instead of its present. `progress` receives each URL before
    its request. `attempts` and `served_by` are the results of the endpoints that were tried, `problems` those of
    single answers. `fetched` are the URLs of the pages that lists named, `left_out` counts those without a request.
    The run `is_full` if it left out any: too many for one run, no time left (`is_cut`), the host refused a page
    (`is_refused`) or is `unresponsive`. `unfinished` are the lists that have to be fetched without
    validators the next time, because the text of an item that they name is still missing, or a page of the list.
    `first_pages` are the URLs on the first pages of the endpoints' lists, `progress_of` how far the lists were read,
    and `interim_of` the same for the list that is being read. `unread_sitemaps` of an index are those that the run did
    not read, or of which it left out pages. `first_fill` and `watched_since` are those of `Origin`.
    `withheld` counts the requests that a limit of the day withheld; the run began at `started_at`. `summary` is that of
    `RunReport`.
    """

    source: Source
    first_fill: bool
    watched_since: datetime | None
    store: Store
    fetcher: Fetcher
    settings: Settings
    started_at: datetime
    since: datetime | None
    progress: Callable[[str], None]
    clock: Clock
    time_left_s: Callable[[], float]
    unresponsive: UnresponsiveHosts = field(default_factory=UnresponsiveHosts)
    is_cut: bool = False
    is_full: bool = False
    attempts: list[source_health.EndpointAttempt] = field(default_factory=list)
    served_by: str | None = None
    problems: list[RunProblem] = field(default_factory=list)
    fetched: set[str] = field(default_factory=set)
    left_out: int = 0
    is_refused: bool = False
    unfinished: set[str] = field(default_factory=set)
    first_pages: dict[str, list[str]] = field(default_factory=dict)
    progress_of: dict[str, paging.ListProgress] = field(default_factory=dict)
    interim_of: dict[str, paging.ListProgress] = field(default_factory=dict)
    unread_sitemaps: list[str] = field(default_factory=list)
    withheld: Counter[WithheldRequests] = field(default_factory=Counter)
    summary: str = ""
    _advance: Callable[[str], paging.ListProgress] = field(init=False)

    def crawl(self) -> Iterator[CapturedReading]:
        """Crawl the endpoints in order of preference until one serves."""
        for endpoint in self.source.endpoints:
            if self.attempts and not self.has_time(endpoint.url):
                return
            yield from self._crawl_endpoint(endpoint)
            if self.attempts[-1].is_good:
                self.served_by = endpoint.url
                return

    @abstractmethod
    def rechecks(self, at: datetime, clock: Clock) -> list[Iterator[CapturedReading]]:
        """Return the crawl of each statement or page that is due for a recheck at `at`."""

    def write_rechecks(self) -> tuple[Event, ...]:
        """Store the decisions of rechecks, and return the events. The caller holds a transaction (`Store.unit`)."""
        return ()

    def save_progress(self) -> None:
        """Store how far the lists were read so far. The caller holds a transaction."""
        for url in self.unfinished:
            self.store.endpoints.forget_validators(url)
            self.store.last_readings.forget(url)
        for url, progress in (self.interim_of | self.progress_of).items():
            self.store.endpoints.save_progress(url, progress)

    def finish(self, at: datetime) -> tuple[Event, ...]:
        """Store what follows from the whole run, and return the events. The caller holds a transaction."""
        return ()

    def has_time(self, url: str) -> bool:
        """Return True if the run has time for a request that it needs; otherwise record that it was cut."""
        left_s = self.time_left_s()
        # Most runs have so much time that the pause need not be looked up.
        if left_s <= 0 or (left_s < schedule.MAX_GAP_S and self.fetcher.pause_s(url) > left_s):
            self.is_cut = True
        return not self.is_cut

    def get(self, request: Request, what: str) -> Capture:
        """Send a request and record if its host answers; `what` names it in case a limit of the day withholds it.

        A request to an unresponsive host is deferred without being sent, except for the first list of an endpoint,
        which may serve where the other endpoints of its host do not.
        """
        if self.unresponsive.includes(request.url) and request.url not in self._first_urls:
            why = unresponsive_hosts.describe(urls.host_key(request.url))
            return Capture(request.url, self.clock.now(), Outcome.DEFERRED, None, request.url, detail=why)
        self.progress(request.url)
        capture = self.fetcher.get(request, time_left_s=self.time_left_s)
        self.unresponsive.record(request.url, capture.final_url, capture.outcome)
        if capture.outcome is Outcome.DEFERRED and self.fetcher.is_used_up(capture.final_url, request.own_hosts):
            self.withhold(Guard.REQUESTS_PER_DAY, urls.host_key(capture.final_url), what, capture.detail)
        return capture

    @cached_property
    def origin(self) -> Origin:
        """Origin of what the source gives."""
        from scraper.pipeline.ingest import Origin  # with all parsers and the matcher, for news only

        source = self.source
        return Origin(source.name, source.role, self.first_fill, source.language, self.watched_since)

    @property
    def _first_urls(self) -> set[str]:
        """URLs of the first lists of all endpoints."""
        return {list_urls.first_url(each.kind, each.url, since=self.since) for each in self.source.endpoints}

    def is_refusal(self, captured: CapturedReading) -> bool:
        """Return True if the host of a page refused it, so that the run sends it no further request."""
        return captured.capture.outcome in REFUSALS and not self.unresponsive.includes(captured.capture.url)

    def _crawl_endpoint(self, endpoint: Endpoint) -> Iterator[CapturedReading]:
        """Fetch the lists of an endpoint as far as there is news, and the pages of items named without their text.

        The first answer decides the attempt; a later failure is a problem of the run.
        """
        before = self.store.endpoints.progress(endpoint.url)
        requested: set[str] = set()
        seen: set[str] = set()
        first_url = list_urls.first_url(endpoint.kind, endpoint.url, since=self.since)
        self._advance = lambda url: paging.advance(before, (), url, None)
        unread_url = yield from self._walk(endpoint, first_url, before.first_page, requested, seen)
        if not self.attempts[-1].is_good or self.since is not None:
            return
        continued_url = None if endpoint.kind is EndpointKind.SITEMAP else before.unread_url
        self._advance = lambda url: paging.advance(before, (), unread_url, url)
        if continued_url is not None and not self.is_refused:
            continued_url = yield from self._walk(endpoint, continued_url, before.unread_until, requested, seen)
        for url in filter(None, (unread_url, continued_url)):
            self._mark_unfinished(endpoint)
            self.problems.append(RunProblem("the list goes on there, which the next run reads", url))
        first_page = self.first_pages.get(endpoint.url, ())
        self.progress_of[endpoint.url] = paging.advance(before, first_page, unread_url, continued_url)
        if endpoint.kind is EndpointKind.SITEMAP:
            self._end_round(endpoint, before)
        modified_url = list_urls.modified_url(endpoint.kind, endpoint.url)
        if modified_url is not None and not self.first_fill:
            yield from self._walk(endpoint, modified_url, (), requested, seen)
        if self.left_out:
            waits = f"{count(self.left_out, 'page')} {'waits' if self.left_out == 1 else 'wait'} for the next run"
            self.problems.append(RunProblem(waits, endpoint.url))

    def _end_round(self, endpoint: Endpoint, before: paging.ListProgress) -> None:
        """Let the next run read on in a sitemap index."""
        unread = list(dict.fromkeys(self.unread_sitemaps))
        if unread or before.unread_until:
            self.progress_of[endpoint.url] = paging.end_run(paging.round_of(before), unread, has_failed=False).progress
        if unread:
            self._mark_unfinished(endpoint)
            left = f"{count(len(unread), 'sitemap')} not read to the end, the next run goes on"
            self.problems.append(RunProblem(left, endpoint.url))

    def fetch_page(self, url: str, *, is_needed: bool = True) -> CapturedReading:
        """Fetch and read one page. If `is_needed` is False, a missing page is not a problem of the run."""
        capture = self.get(self._page_request(url), "pages")
        reading, error = try_read(capture, EndpointKind.PAGE, self.source.role)
        if error and is_needed:
            self.problems.append(error.at(url))
        return CapturedReading(capture, self.source.name, self.origin, EndpointKind.PAGE, reading, error)

    def fetch_original(self, url: str) -> CapturedReading:
        """Fetch a page that a list names, or at which a statement was published."""
        return self.fetch_page(url)

    def _share(self) -> int:
        """Return how many pages the run may still request."""
        return max(0, self.settings.fetch.max_pages_per_run - len(self.fetched))

    def withhold(self, guard: Guard, subject: str, what: str, why: str, count: int = 1) -> None:
        """Count requests that a limit of the day withheld from a host or a source, and name each kind once.

        Those that were counted before, and still wait, have a `count` of 0.
        """
        withheld = WithheldRequests(guard, subject, what, why)
        if withheld not in self.withheld:
            self.problems.append(RunProblem(str(withheld)))
        self.withheld[withheld] += count

    def _page_request(self, url: str) -> Request:
        """Return the request for a page."""
        return Request(url, hosts=page_hosts(self.source, url), own_hosts=self.source.allowed_hosts)

    def _named_items(self, captured: CapturedReading) -> Sequence[Item]:
        """Return the items of a list that may need a page."""
        return captured.reading.items if captured.reading is not None else ()

    @abstractmethod
    def _is_wanted(self, item: Item) -> bool:
        """Decide if the page of an item of a list has to be fetched."""

    @abstractmethod
    def _has_news(self, items: Sequence[Item], seen_before: Sequence[str]) -> bool:
        """Decide if something of a page of a list is not stored, so that the next page may have news too."""

    def _in_order(self, chosen: list[str], wanted: Mapping[str, Item], at: datetime) -> list[str]:
        """Return the URLs of the chosen pages in the order in which they are fetched."""
        return chosen

    def _before_page(self, captured: CapturedReading) -> Iterator[CapturedReading]:
        """Fetch what has to be stored before a page that a list named."""
        yield from ()

    def _fetch_named(
        self, named: Sequence[Item], at: datetime, endpoint: Endpoint
    ) -> Generator[CapturedReading, None, bool]:
        """Yield the pages of the items of a list of `at` that are wanted, and return True if there are any."""
        wanted = {
            item.url: item
            for item in named
            if item.url not in self.fetched and not self._is_too_old(item) and self._is_wanted(item)
        }
        failures = {url: self.store.captures.failures(self.source.name, url) for url in wanted}
        chosen = [url for url in wanted if self.since is not None or not schedule.is_backing_off(failures[url], at)]
        if len(chosen) < len(wanted):
            self._mark_unfinished(endpoint)
        # A page that failed before delays no other, however many of them there are.
        chosen.sort(key=lambda url: failures[url] is not None)
        if self.since is None:  # an operator starts a backfill walk and can stop it; a scheduled run has a share
            share = self._share()
            chosen, left_out = chosen[:share], chosen[share:]
            self._leave_out(len(left_out), endpoint)
        chosen = self._in_order(chosen, wanted, at)
        for number, url in enumerate(chosen):
            if self.is_refused or not self.has_time(url):
                self._leave_out(len(chosen) - number, endpoint)
                break
            if self.unresponsive.includes(url):
                self._leave_out(1, endpoint)
                continue
            self.fetched.add(url)
            captured = replace(self.fetch_original(url), is_listed=True)
            yield from self._before_page(captured)
            yield captured
            self.is_refused = self.is_refusal(captured)
            if captured.reading is None:
                self._mark_unfinished(endpoint)
        return bool(wanted)

    def _is_too_old(self, item: Item) -> bool:
        return self.since is not None and item.published_at is not None and item.published_at < self.since

    def _leave_out(self, pages: int, endpoint: Endpoint) -> None:
        self.left_out += pages
        if pages:
            self.is_full = True
            self._mark_unfinished(endpoint)

    def _mark_unfinished(self, endpoint: Endpoint) -> None:
        self.unfinished.add(list_urls.first_url(endpoint.kind, endpoint.url))

    def _has_failed(self, url: str) -> bool:
        return self.store.captures.failures(self.source.name, url) is not None

    def _walk(
        self, endpoint: Endpoint, start_url: str, seen_before: Sequence[str], requested: set[str], seen: set[str]
    ) -> Generator[CapturedReading, None, str | None]:
        """Yield the pages of a list from `start_url` with the pages of their items, as far as there is news.

        The walk ends at what the previous run saw (`seen_before`), at a page of which everything is stored or was seen
        in this run, in a backfill walk at its beginning, and in the first fill, which begins with the present, after
        one page. Return the URL of the next page if the limit on requests ended it. `requested` and `seen` are the URLs
        of the run's list pages and of their items so far.
        """
        is_sitemap = endpoint.kind is EndpointKind.SITEMAP
        waiting = [start_url]
        while waiting:
            is_enough = self.since is None and len(requested) >= self.settings.fetch.max_pages_per_run
            # The first list is requested in any case: without it the run would say nothing about the source.
            if is_enough or (requested and (self.unresponsive.includes(waiting[0]) or not self.has_time(waiting[0]))):
                self.unread_sitemaps += waiting if is_sitemap else ()
                return None if is_sitemap else waiting[0]
            url, left_out = waiting.pop(0), self.left_out
            captured = self._list(endpoint, url, is_first=not requested)
            requested.add(url)
            # Decided before its items are stored, or nothing would be news.
            reading = captured.reading
            new = [item for item in reading.items if item.url not in seen] if reading else []
            has_more = reading is not None and self._has_next(endpoint, reading, new, seen_before)
            # There the next run reads on if this one gets no further, or if the process ends before.
            read_on_at = url if len(requested) > 1 else reading.next_url if reading and has_more else None
            if read_on_at and self.since is None and not is_sitemap:
                self.interim_of[endpoint.url] = self._advance(read_on_at)
            yield from self._take_list(endpoint, captured, is_first=len(requested) == 1)
            if self.is_full and read_on_at and not is_sitemap:
                return read_on_at
            if reading is None and is_sitemap and waiting and captured.capture.outcome not in REFUSALS:
                continue  # the other sitemaps of the index may answer
            if reading is None:
                return url if len(requested) > 1 and not is_sitemap and paging.may_pass(captured.capture) else None
            seen.update(item.url for item in new)
            if is_sitemap:
                children = [each for each in list_urls.child_sitemaps(captured.capture) if each not in requested]
                # As with pages: one that failed before delays no other.
                children.sort(key=self._has_failed)
                if len(requested) == 1 and self.since is None:
                    room = self.settings.fetch.max_pages_per_run - 1
                    children = paging.in_round(children, self.store.endpoints.progress(endpoint.url), room)
                waiting += children
                self.unread_sitemaps += [url] if self.left_out > left_out and len(requested) > 1 else ()
            # A list whose next page names nothing new is a loop; a sitemap index has no items.
            if has_more and (new or is_sitemap) and reading.next_url and reading.next_url not in requested:
                waiting.insert(0, reading.next_url)
        return None

    def _take_list(self, endpoint: Endpoint, captured: CapturedReading, *, is_first: bool) -> Iterator[CapturedReading]:
        """Yield the pages that a list names, then the list: the content of a page takes precedence over its entry."""
        reading = captured.reading
        if is_first:
            self.attempts.append(attempt_of(endpoint, captured))
            self.first_pages[endpoint.url] = [item.url for item in reading.items] if reading else []
        elif captured.error:
            self.problems.append(captured.error.at(captured.capture.url))
        has_wanted = False
        if endpoint.kind is EndpointKind.PAGE:  # it is the page that it names
            yield from self._before_page(captured)
        elif reading is not None:
            at = captured.capture.captured_at
            has_wanted = yield from self._fetch_named(self._named_items(captured), at, endpoint)
        # A list whose items want pages is read again, because the next run may want them too.
        yield replace(captured, key="") if has_wanted else captured

    def _has_next(self, endpoint: Endpoint, reading: Reading, new: Sequence[Item], seen_before: Sequence[str]) -> bool:
        if self.since is not None:
            dates = [item.published_at for item in reading.items if item.published_at]
            # The request to the REST API excludes older posts; a list goes back as far as there are pages.
            return endpoint.kind is EndpointKind.WORDPRESS or not dates or max(dates) >= self.since
        if self.first_fill or paging.is_reached([item.url for item in reading.items], seen_before):
            return False
        return self._has_news(new, seen_before)

    def _list(self, endpoint: Endpoint, url: str, *, is_first: bool) -> CapturedReading:
        # Only the first page of the present has a clock: news moves items to later pages.
        has_clock = is_first and self.since is None
        validators = self.store.endpoints.validators(url) if has_clock else None
        request = Request(
            url,
            endpoint.kind,
            self.source.allowed_hosts,
            validators.etag if validators else None,
            validators.last_modified if validators else None,
            self.settings.fetch.max_sitemap_bytes if endpoint.kind is EndpointKind.SITEMAP else None,
        )
        capture = self.get(request, "lists")
        clock_url = urls.canonical(endpoint.url) if has_clock else ""
        key = repeats.key_of(capture, self.source, endpoint.kind) if has_clock else ""
        name, kind = self.source.name, endpoint.kind
        listed = CapturedReading(capture, name, None, kind, clock_url=clock_url, is_listed=True, key=key)
        if (last := repeats.find(self.store, capture, key, clock_url)) is not None:
            return replace(listed, last_reading=last)
        reading, error = try_read(capture, endpoint.kind, self.source.role)
        if reading is None:
            return replace(listed, error=error, origin=self.origin if self.source.role is Role.MIRROR else None)
        has_children = kind is EndpointKind.SITEMAP and list_urls.child_sitemaps(capture)  # which may have changed
        return replace(listed, origin=self.origin, reading=reading, key="" if has_children else key)
