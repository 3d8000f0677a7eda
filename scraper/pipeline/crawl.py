"""The fetching half of a run: endpoints page by page, then the pages that they name without their text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scraper import parsers, urls
from scraper.fetch.request import Request
from scraper.model import REFUSALS, EndpointKind, Outcome
from scraper.pipeline.ingest import is_known, read
from scraper.pipeline.write_buffer import CapturedReading
from scraper.rules import baseline, schedule, source_health

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from scraper.config.settings import Endpoint, Settings, Source
    from scraper.fetch import Fetcher
    from scraper.model import Item, Reading
    from scraper.pipeline.write_buffer import WriteBuffer
    from scraper.store import Store


@dataclass
class SourceCrawl:
    """The crawl of one source of State's. `crawl_mirror.MirrorCrawl` does the same for a mirror.

    `since` walks the source's past instead of its present; `progress` receives each URL before its request.
    `fetched` are the pages that lists named, `left_out` counts those without a request: too many for one run,
    or the host refused the last one. `unfinished` are the lists that have to be fetched whole the next time,
    because the text of something that they name is still missing.
    """

    source: Source
    store: Store
    fetcher: Fetcher
    settings: Settings
    buffer: WriteBuffer
    since: datetime | None
    progress: Callable[[str], None]
    fetched: set[str] = field(default_factory=set)
    left_out: int = 0
    is_refused: bool = False
    unfinished: set[str] = field(default_factory=set)

    def crawl_endpoint(self, endpoint: Endpoint) -> source_health.EndpointAttempt:
        """Ask one endpoint as far as there is news, and the pages of what it names without its text.

        How the endpoint did is told by its first answer; what fails later is a problem of the run.
        """
        attempt: source_health.EndpointAttempt | None = None
        for sight in self._lists(endpoint):
            if attempt is None:
                drifted = sight.capture.outcome is Outcome.OK and sight.reading is None
                why = sight.error if drifted else sight.capture.detail
                seen = baseline.tally(sight.reading.items) if sight.reading is not None else None
                attempt = source_health.EndpointAttempt(endpoint.url, sight.capture.outcome, why, drifted, seen)
            elif sight.error:
                self.buffer.problems.append(f"{sight.capture.url}: {sight.error}")
            if sight.reading is not None:
                self._fetch_named(sight.reading, endpoint, sight.capture.captured_at)
            # After the pages that it names: what a page says itself counts for more than what a list says of it.
            self.buffer.add(sight)
        if self.left_out:
            self.buffer.problems.append(f"{endpoint.url}: {self.left_out} pages wait for the next run")
        assert attempt is not None  # noqa: S101 - an endpoint gives at least one answer
        return attempt

    def fetch_page(self, url: str, *, is_needed: bool = True) -> CapturedReading:
        """Fetch and read one page. If `is_needed` is False, a missing page is not a problem of the run."""
        self.progress(url)
        capture = self.fetcher.get(Request(url, EndpointKind.PAGE, self._allowed_hosts(url)))
        reading, error = read(capture, EndpointKind.PAGE)
        if error and is_needed:
            self.buffer.problems.append(f"{url}: {error}")
        return CapturedReading(capture, EndpointKind.PAGE, reading, error)

    def _allowed_hosts(self, url: str) -> frozenset[str]:
        """Return the hosts to which a request for a page may be redirected."""
        name = urls.host(url)
        hosts = self.source.allowed_hosts | {name}
        return hosts | {"state.gov", "www.state.gov"} if urls.is_state(name) else hosts

    def _named_items(self, reading: Reading) -> Sequence[Item]:
        """Return the items of a list that may need a page."""
        return reading.items

    def _is_wanted(self, item: Item) -> bool:
        """Decide if the page of an item of a list has to be fetched."""
        return item.paragraphs is None and not is_known(self.store, item)

    def _in_order(self, chosen: list[str], wanted: Mapping[str, Item], at: datetime) -> list[str]:
        """Order pages by publication, as far as the list shows it (it begins with the newest); failed ones last.

        Of two statements with the same words, the later one is the repost; a page that failed delays no other.
        """
        dates = {url: wanted[url].published_at or wanted[url].modified_at for url in chosen}
        ordered = list(reversed(chosen))
        ordered.sort(key=lambda url: dates[url] or at)
        ordered.sort(key=lambda url: self.store.captures.failures(self.source.name, url) is not None)
        return ordered

    def _on_page(self, sight: CapturedReading) -> None:
        """Act on a page that a list named, before the page itself is written."""

    def _has_news_only(self, reading: Reading) -> bool:
        """Decide if a page of a list named nothing known, so that the next page may have news too."""
        if self.buffer.origin.first_fill:
            return False
        return bool(reading.items) and not any(is_known(self.store, item) for item in reading.items)

    def _fetch_named(self, reading: Reading, endpoint: Endpoint, at: datetime) -> None:
        named = self._named_items(reading)
        wanted = {
            item.url: item
            for item in named
            if item.url not in self.fetched and not self._is_too_old(item) and self._is_wanted(item)
        }
        chosen = [url for url in wanted if self.since is not None or not self._rests(url, at)]
        if len(chosen) < len(wanted):
            self._comes_whole_again(endpoint)
        if self.since is None:  # a walk was asked for by a person, who can stop it; a run among many has its share
            share = max(0, self.settings.fetch.max_pages_per_run - len(self.fetched))
            chosen, left_out = chosen[:share], chosen[share:]
            self._leave_out(len(left_out), endpoint)
        chosen = self._in_order(chosen, wanted, at)
        for number, url in enumerate(chosen):
            if self.is_refused:
                self._leave_out(len(chosen) - number, endpoint)
                return
            self.fetched.add(url)
            sight = self.fetch_page(url)
            self._on_page(sight)
            self.buffer.add(sight)
            self.is_refused = sight.capture.outcome in REFUSALS
            if sight.reading is None:
                self._comes_whole_again(endpoint)

    def _is_too_old(self, item: Item) -> bool:
        return self.since is not None and item.published_at is not None and item.published_at < self.since

    def _leave_out(self, pages: int, endpoint: Endpoint) -> None:
        self.left_out += pages
        if pages:
            self._comes_whole_again(endpoint)

    def _comes_whole_again(self, endpoint: Endpoint) -> None:
        self.unfinished.add(parsers.first_url(endpoint.kind, endpoint.url))

    def _rests(self, url: str, at: datetime) -> bool:
        """Whether a page failed so long that it is not asked for in every run any more."""
        failures = self.store.captures.failures(self.source.name, url)
        # What was noted by a clock that was ahead does not count.
        return failures is not None and failures[1] <= at < schedule.next_try(*failures)

    def _lists(self, endpoint: Endpoint) -> Iterator[CapturedReading]:
        """The answers of an endpoint.

        The next page is asked for only while a page brought nothing but news (the first may have
        overflowed), or in a walk through the past; never in the first fill, which begins with the present.
        """
        url: str | None = parsers.first_url(endpoint.kind, endpoint.url, since=self.since)
        children: list[str] = []
        asked: set[str] = set()
        seen: set[str] = set()
        while url is not None and (self.since is not None or len(asked) < self.settings.fetch.max_pages_per_run):
            sight = self._list(endpoint, url, is_first=not asked)
            asked.add(url)
            # Judged before its items are known, or nothing would be news.
            goes_on = sight.reading is not None and self._goes_on(endpoint.kind, sight.reading)
            yield sight
            if sight.reading is None:
                return
            new = {item.url for item in sight.reading.items} - seen
            seen |= new
            # A list whose next page names nothing further goes round in circles; a sitemap index has no items.
            goes_on = goes_on and (bool(new) or endpoint.kind is EndpointKind.SITEMAP)
            if endpoint.kind is EndpointKind.SITEMAP:
                children += [child for child in parsers.children(sight.capture) if child not in asked]
            following = sight.reading.next_url if goes_on and sight.reading.next_url not in asked else None
            url = following or (children.pop(0) if children else None)

    def _goes_on(self, kind: EndpointKind, reading: Reading) -> bool:
        if self.since is not None:
            dates = [item.published_at for item in reading.items if item.published_at]
            # The data interface was asked for nothing older; a list goes back as far as there are pages.
            return kind is EndpointKind.WORDPRESS or not dates or max(dates) >= self.since
        return self._has_news_only(reading)

    def _list(self, endpoint: Endpoint, url: str, *, is_first: bool) -> CapturedReading:
        # Only the first page of the present has a clock: what stands on later ones moves there as news comes.
        has_clock = is_first and self.since is None
        validators = self.store.endpoints.validators(url) if has_clock else None
        self.progress(url)
        capture = self.fetcher.get(
            Request(
                url,
                endpoint.kind,
                self.source.allowed_hosts,
                validators.etag if validators else None,
                validators.last_modified if validators else None,
                self.settings.fetch.max_sitemap_bytes if endpoint.kind is EndpointKind.SITEMAP else None,
            )
        )
        reading, error = read(capture, endpoint.kind)
        return CapturedReading(
            capture, endpoint.kind, reading, error, urls.canonical(endpoint.url) if has_clock else ""
        )
