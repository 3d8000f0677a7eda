"""The crawl of standing pages: the lists that name them, the pages that were not read yet, and those that are due."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper import urls
from scraper.fetch.request import Request
from scraper.model import Capture, EndpointKind, Item, Outcome, Wording
from scraper.pipeline import list_urls, repeats
from scraper.pipeline.attempts import attempt_of
from scraper.pipeline.batch import CapturedReading
from scraper.pipeline.crawl_state import StateCrawl
from scraper.pipeline.reading import RunProblem, try_read
from scraper.pipeline.site_faults import SiteFaults, shown_text
from scraper.rules import paging, standing
from scraper.rules.source_health import EndpointAttempt
from scraper.rules.standing import NamedPage, StandingPage
from scraper.rules.wordings import build_wording, wording_keys
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from datetime import datetime

    from scraper.clock import Clock
    from scraper.config.settings import Endpoint
    from scraper.model import Statement
    from scraper.pipeline.ingest import Origin
    from scraper.store.rechecks import DueRecheck

_PROBES = 3


@dataclass
class PagesCrawl(StateCrawl):
    """The crawl of standing pages, each of which is a statement that its URL identifies.

    `pages` are the pages that lists named before, `changed` those of which a list says something new, by URL. `named`
    and `read_lists` are what the documents of a list gave in this run. `read` are the pages that were read, with the
    URLs that they name for themselves, `answers` the results of requests for pages, and `saved` the pages in `changed`
    that are stored. `endpoint` is the one that serves, or is crawled; `lists` are the answers of its list, whose
    validators are stored with what the list says.
    """

    pages: dict[str, StandingPage] = field(init=False)
    changed: dict[str, StandingPage] = field(default_factory=dict)
    named: list[NamedPage] = field(default_factory=list)
    read_lists: set[str] = field(default_factory=set)
    read: dict[str, str] = field(default_factory=dict)
    answers: list[EndpointAttempt] = field(default_factory=list)
    saved: set[str] = field(default_factory=set)
    endpoint: Endpoint = field(init=False)
    lists: list[Capture] = field(default_factory=list)
    faults: SiteFaults = field(init=False)

    def __post_init__(self) -> None:
        """Load the pages that lists named before."""
        self.pages = self.store.standing_pages.of(self.source.name)
        self.endpoint = self.source.endpoints[0]
        self.faults = SiteFaults(self.store, self.source.name, self.started_at, self._fetch)

    # Lists

    def _crawl_endpoint(self, endpoint: Endpoint) -> Iterator[CapturedReading]:
        self.endpoint = endpoint
        self.named.clear()
        self.read_lists.clear()
        if endpoint.urls:
            self.named += [NamedPage(urls.canonical(url), "") for url in endpoint.urls]
            self.read_lists.add("")
            self._update("", is_whole=True)
            yield from self._fetch_unread(endpoint)
            yield from self._probe(endpoint)
            return
        captures: list[Capture] = []
        is_whole = yield from self._read_list(endpoint, captures)
        if not self.attempts[-1].is_good:
            return
        self._update(self._list_key, is_whole=is_whole)
        self.lists += captures
        yield from self._fetch_unread(endpoint)

    @property
    def _list_key(self) -> str:
        return standing.list_key(self.endpoint.url, self.endpoint.include, self.endpoint.exclude)

    def _validators_url(self, url: str) -> str:
        """Return the key of the validators of a list. Another source may read other pages from the same list."""
        return f"{url}#{self.source.name}-{self._list_key}"

    def _read_list(self, endpoint: Endpoint, captures: list[Capture]) -> Generator[CapturedReading, None, bool]:
        """Yield the documents of a list: a page with links, or a sitemap and those that it names.

        The first decides the attempt. What a run leaves unread is read by the next one, before anything else again.
        Return True if the list is known as a whole. `captures` receives the answers whose validators count.
        """
        # A dictionary keeps the order: an index may name tens of thousands of sitemaps.
        waiting, requested, is_whole = {endpoint.url: None}, set[str](), True
        key = self._validators_url(endpoint.url)
        before = paging.round_of(self.store.endpoints.progress(key))
        while waiting:
            is_enough = len(requested) >= self.settings.fetch.max_pages_per_run
            url = next(iter(waiting))
            if requested and (is_enough or self.unresponsive.includes(url) or not self.has_time(url)):
                left = count(len(waiting), "sitemap")
                self.problems.append(RunProblem(f"{left} not read in this run, the next run goes on", endpoint.url))
                self.progress_of[key] = paging.end_run(before, [*waiting], has_failed=not is_whole).progress
                return False
            del waiting[url]
            captured, children = self._list_document(endpoint, url)
            if not requested:
                self.attempts.append(attempt_of(endpoint, captured))
            elif captured.error:
                self.problems.append(captured.error.at(url))
            requested.add(url)
            yield captured
            if not children:  # the sitemaps that an index names may have changed where the index has not
                captures.append(replace(captured.capture, body=b""))
            if captured.reading is None:
                is_whole = is_whole and captured.capture.outcome is Outcome.NOT_MODIFIED
                continue
            self.read_lists.add(url)
            self.named += [NamedPage(item.url, url, item.modified_at) for item in captured.reading.items]
            following = before.unread if url == endpoint.url and before.unread else children
            waiting |= dict.fromkeys(each for each in following if each not in requested)
        if not self.named and self.read_lists == requested:
            problem = "the list names no page that `include` and `exclude` leave"
            self.attempts[-1] = replace(self.attempts[-1], detail=problem, drifted=True)
        if before.unread and self.attempts[-1].is_good:
            self.progress_of[key] = paging.ListProgress()
        return is_whole and not before.has_failed

    def _list_document(self, endpoint: Endpoint, url: str) -> tuple[CapturedReading, tuple[str, ...]]:
        """Fetch a document of a list. Return it with the pages that are watched, and the sitemaps that it names."""
        validators = self.store.endpoints.validators(self._validators_url(url))
        request = Request(
            url,
            EndpointKind.PAGES,
            self.source.allowed_hosts,
            validators.etag,
            validators.last_modified,
            self.settings.fetch.max_sitemap_bytes,
        )
        capture = self.get(request, "lists")
        reading, error = try_read(capture, EndpointKind.PAGES, self.source.role)
        listed = CapturedReading(capture, self.source.name, None, EndpointKind.PAGES, error=error)
        if reading is None:
            return listed, ()
        site = urls.site(capture.final_url or url)
        items = tuple(
            item
            for item in reading.items
            if urls.site(item.url) == site
            and not urls.is_same(item.url, endpoint.url)
            and standing.is_included(item.url, endpoint.include, endpoint.exclude)
        )
        return replace(listed, reading=replace(reading, items=items)), list_urls.named_sitemaps(capture)

    def _update(self, key: str, *, is_whole: bool) -> None:
        changed = standing.update(self.pages, self.named, self.read_lists, key, is_whole=is_whole, at=self.started_at)
        # A page may be known as a statement of another source, which does not ask for it as often.
        unknown = [url for url, page in changed.items() if page.statement_id is None]
        for url, statement_id in self.store.standing_pages.statements_at(unknown).items():
            changed[url] = replace(changed[url], statement_id=statement_id)
        self.changed |= changed

    # Pages

    def _page(self, url: str) -> StandingPage | None:
        return self.changed.get(url) or self.pages.get(url)

    def _share(self) -> int:
        """Return how many pages the run may still request: all requests to a host are spread over the day."""
        left = self.settings.fetch.max_pages_per_run - len(self.answers)
        paced = self.fetcher.paced_room(self.source.endpoints[0].url)
        return max(0, left if paced is None else min(left, paced))

    def _is_wanted(self, item: Item) -> bool:
        return True

    def _in_order(self, chosen: list[str], wanted: Mapping[str, Item], at: datetime) -> list[str]:
        """Return the pages in the order of their list: of standing pages none is the repost of another."""
        return chosen

    def _fetch_unread(self, endpoint: Endpoint) -> Iterator[CapturedReading]:
        """Yield the pages that a list names and that were not read yet."""
        pages = (self.pages | self.changed).values()
        unread = [page for page in pages if page.statement_id is None and page.unlisted_at is None]
        items = [Item(page.url, "", modified_at=page.modified_at) for page in unread]
        yield from self._checked_first(self._fetch_named(items, self.started_at, endpoint))
        if self.left_out:
            what = f"{count(self.left_out, 'page')} not read yet, the next run goes on"
            self.problems.append(RunProblem(what, endpoint.url))

    def _checked_first(self, fetched: Iterable[CapturedReading]) -> Iterator[CapturedReading]:
        """Yield pages that are read for the first time, but not many that all show one text: that is no baseline."""
        alike: list[CapturedReading] = []
        is_decided = False
        for captured in fetched:
            if is_decided or captured.reading is None:
                yield captured
                continue
            alike.append(captured)
            if len({shown_text(each.reading.items[0]) for each in (alike[0], captured) if each.reading}) > 1:
                is_decided = True
                yield from alike
                alike.clear()
        for captured in self.faults.check_first(alike):
            if captured.reading is None:
                self.read.pop(captured.capture.url, None)
            yield captured
        yield from self.faults.take_probes()
        self._note_fault()

    def _before_page(self, captured: CapturedReading) -> Iterator[CapturedReading]:
        """Yield the pages that were fetched to find out if the site is at fault."""
        yield from self.faults.take_probes()

    def _note_fault(self) -> None:
        """Let the run fail if the site is at fault."""
        if self.faults.problem:
            self.served_by, self.is_refused = None, True
            if self.attempts:
                failed = replace(self.attempts[-1], outcome=Outcome.ERROR_PAGE, detail=self.faults.problem, seen=None)
                self.attempts[-1] = failed

    def _probe(self, endpoint: Endpoint) -> Iterator[CapturedReading]:
        """Check pages until one answers, as there is no list that would: some that were there, and missing ones."""
        present = self.store.rechecks.next_present(self.source.name, _PROBES)
        due = self.store.rechecks.due(self.source.name, self.started_at, -1)
        for each in (*present, *(each for each in due if each.check.missing_since is not None)):
            if any(answer.is_good for answer in self.answers) or not self._share():
                break
            yield from self._recheck(each, self.clock)
        good = next((answer for answer in self.answers if answer.is_good), None)
        first = good or next(iter(self.answers), None)
        why = "none of its pages is due" if self._share() else "its pages wait for requests of the day"
        waits = EndpointAttempt(endpoint.url, Outcome.DEFERRED, why)
        self.attempts.append(replace(first, url=endpoint.url) if first else waits)

    def fetch_original(self, url: str) -> CapturedReading:
        """Fetch a standing page; what its site shows in place of many pages is an error page."""
        page = self._page(url)
        found = self.faults.checked(url, self._fetch(url), is_new=page is not None and page.is_new)
        if found.error:
            self.problems.append(found.error.at(url))
        if page is not None and page.statement_id is None and found.reading is not None and found.reading.items:
            self.read[url] = found.reading.items[0].url
        self.is_refused = self.is_refused or self.is_refusal(found)
        is_unread = found.capture.outcome is Outcome.OK and found.reading is None and found.last_reading is None
        detail = f"{url}: {found.error.problem}" if found.error else ""
        self.answers.append(EndpointAttempt(url, found.capture.outcome, detail, drifted=is_unread))
        self._note_fault()
        return found

    def _fetch(self, url: str) -> CapturedReading:
        """Fetch a standing page by a conditional request; a body that would bring nothing again is not read."""
        validators = self.store.endpoints.validators(url)
        request = self._page_request(url)
        capture = self.get(replace(request, etag=validators.etag, last_modified=validators.last_modified), "pages")
        found = CapturedReading(capture, self.source.name, self._page_origin(url), EndpointKind.PAGE, clock_url=url)
        key = repeats.key_of(capture, self.source, EndpointKind.PAGES)
        if (last := repeats.find(self.store, capture, key, url)) is not None:
            return replace(found, last_reading=last)
        reading, error = try_read(capture, EndpointKind.PAGE, self.source.role)
        return replace(found, reading=reading, error=error, key=key)

    def _page_origin(self, url: str) -> Origin:
        page = self._page(url)
        is_new = page is not None and page.is_new
        return replace(self.origin, first_fill=not is_new, recheck_after=self.endpoint.shortest)

    # Rechecks

    def rechecks(self, at: datetime, clock: Clock) -> list[Iterator[CapturedReading]]:
        """Return the crawl of each page that is due at `at`, or of which a list says something new."""
        done = {each.statement_id for each in self.rechecked}
        urgent = {page.statement_id for url, page in self.changed.items() if self._is_urgent(url, page)}
        share = self._share()
        waiting = [
            *self.store.rechecks.of(id_ for id_ in urgent if id_),
            *self.store.rechecks.due(self.source.name, at, -1),
        ]
        unique = {each.statement_id: each for each in waiting if each.statement_id not in done}
        due = list(unique.values())
        if len(due) > share:
            left = count(len(due) - share, "page")
            self.problems.append(RunProblem(f"{left} that are due wait for the next run", self.endpoint.url))
        return [self._recheck(each, clock) for each in due[:share]]

    def _is_urgent(self, url: str, page: StandingPage) -> bool:
        return page.statement_id is not None and standing.is_due_at_once(self.pages.get(url), page)

    def _recheck(self, due: DueRecheck, clock: Clock) -> Iterator[CapturedReading]:
        if not self.is_refused:
            yield from super()._recheck(due, clock)
            yield from self.faults.take_probes()

    def next_recheck(
        self, statement: Statement, due: DueRecheck, captured: CapturedReading, at: datetime
    ) -> tuple[datetime, int | None]:
        """Return the time of the next check of a page, and its interval in seconds."""
        interval = timedelta(seconds=due.interval_s) if due.interval_s is not None else None
        is_changed = self._is_changed(statement, captured)
        wait = standing.next_interval(self.endpoint.shortest, self.endpoint.longest, interval, is_changed=is_changed)
        return at + wait, round(wait.total_seconds())

    def _is_changed(self, statement: Statement, captured: CapturedReading) -> bool:
        if captured.reading is None:
            return False
        item = standing.without_update_lines(captured.reading.items[0])
        now = build_wording(item.title, item.paragraphs or (), item.byline)
        before = Wording(statement.title, self.store.statements.text(statement))
        return wording_keys(now).words != wording_keys(before).words

    @property
    def retry_wait(self) -> timedelta:
        """The wait before a page is fetched again that gave no result; none if the site is at fault."""
        return timedelta(0) if self.faults.problem else self.endpoint.shortest

    def is_listed(self, statement_id: int, missing_since: datetime | None, at: datetime) -> bool | None:
        """Decide if a list is a reason not to take a missing page for gone; None if no list names pages."""
        page = next((each for each in (self.pages | self.changed).values() if each.statement_id == statement_id), None)
        return page is not None and standing.counts_as_listed(page, missing_since, at)

    def _mark_unfinished(self, endpoint: Endpoint) -> None:
        """Do nothing: pages that a list named are stored, so that it need not be read again for them."""

    # Results

    def save_progress(self) -> None:
        """Store what the lists say, and the statements that pages are. The caller holds a transaction."""
        super().save_progress()
        self.faults.save()
        source, table = self.source.name, self.store.standing_pages
        soon = self.started_at + self.endpoint.shortest
        for url in self.changed.keys() - self.saved:
            page, before = self.changed[url], self.pages.get(url)
            table.save(source, page)
            self.saved.add(url)
            if page.statement_id is not None and (before is None or before.statement_id is None):
                self.store.rechecks.take_over(page.statement_id, source, soon)
            if page.statement_id is not None and standing.is_due_at_once(before, page):
                self.store.rechecks.bring_forward(page.statement_id, self.started_at)
        for url, own_url in list(self.read.items()):
            # A page whose batch is not committed yet follows later.
            if (statement_id := table.statements_at([own_url]).get(own_url)) is not None:
                del self.read[url]
                table.settle(source, url, statement_id)
                self.store.rechecks.take_over(statement_id, source, soon)
        for capture in self.lists:
            self._save_validators(replace(capture, url=self._validators_url(capture.url)))
        self.lists.clear()

    def _save_validators(self, capture: Capture) -> None:
        endpoints = self.store.endpoints
        if capture.outcome is Outcome.OK:
            endpoints.remember_validators(capture)
        elif capture.outcome is Outcome.NOT_MODIFIED:
            endpoints.count_unmodified(capture.url)
        else:
            endpoints.forget_validators(capture.url)
