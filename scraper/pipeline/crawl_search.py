"""The crawl of a search source: asks its service for phrases of new statements, and fetches the pages that it names."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from scraper import urls
from scraper.clock import Clock, countdown
from scraper.config.secrets import NoSecretError
from scraper.fetch.request import Request
from scraper.matching import search_phrases
from scraper.matching.model import RevisionKey
from scraper.model import Capture, EndpointKind, Outcome, Role
from scraper.parsers.search_answers import SearchAnswer, SearchRequest
from scraper.pipeline.batch import CapturedReading
from scraper.pipeline.crawl_mirror import PAGE_RECHECKS_PER_RUN, MirrorCrawl
from scraper.pipeline.reading import RunProblem, try_read
from scraper.pipeline.search_requests import key_headers, read_answer, search_request, settings_of, sites_of
from scraper.rules import searches
from scraper.rules.guards import Guard
from scraper.rules.paging import may_pass
from scraper.rules.source_health import EndpointAttempt
from scraper.store.searches import SearchQuery, SearchResult, SearchStart
from scraper.text.normalize import count

QUERIES_PER_RUN = 20
# Pages of any sites, of which some are slow: the daemon needs the job for other sources.
_RUN_S = 300.0
_FAILURES_IN_A_ROW = 3
# A service that names one site only must not make the monitor burden it.
_PAGES_OF_SITE = 5
# Many results are known, or of sources.
_ASKED_FOR = 4
_STATEMENTS_AT_A_TIME = 50
# What such an answer says may concern this phrase only; any other failure is that of the service.
_OF_PHRASE = frozenset({Outcome.OK, Outcome.UNEXPECTED_TYPE, Outcome.ERROR_PAGE, Outcome.TOO_LARGE})


@dataclass
class SearchCrawl(MirrorCrawl):
    """The crawl of a search source.

    `left_out_results` counts the results that are no pages to keep, by reason; `settled` are the results whose answers
    are in the batch that is committed next. `queries`, `results` and `pages` count the answers, what they named, and
    the pages that were fetched.
    """

    left_out_results: Counter[str] = field(default_factory=Counter)
    settled: list[SearchResult] = field(default_factory=list)
    queries: int = 0
    results: int = 0
    pages: int = 0

    def crawl(self) -> Iterator[CapturedReading]:
        """Choose phrases of new statements, ask for what is due, fetch results, and check the known pages."""
        if self.since is None:  # an operator starts a walk and can stop it; a scheduled run has a share
            given, own = self.time_left_s, countdown(self.clock, _RUN_S)
            self.time_left_s = lambda: min(given(), own())
        self._add_queries()
        yield from self._ask()
        yield from self._fetch_results()
        for page in self.store.pages.due(self.source.name, self.started_at, PAGE_RECHECKS_PER_RUN):
            if self._has_time(page.url) and not self.unresponsive.includes(page.url):
                yield self.fetch_page(page.url)
        if self.queries or self.pages:
            counts = (self.queries, "query"), (self.results, "result"), (self.pages, "page")
            asked, named, fetched = (count(number, noun) for number, noun in counts)
            self.summary = f"{asked} answered with {named}; {fetched} fetched"
        for reason, number in sorted(self.left_out_results.items()):
            self.problems.append(RunProblem(f"{count(number, 'result')} left out: {reason}"))

    def rechecks(self, at: datetime, clock: Clock) -> list[Iterator[CapturedReading]]:
        """Return nothing: known pages, which are on other hosts, are checked whether or not the service responds."""
        return []

    def save_progress(self) -> None:
        """Let the results that were fetched wait no longer. The caller holds a transaction."""
        super().save_progress()
        for result in self.settled:
            self.store.searches.settle(self.source.name, result.url, self.clock.now())
        self.settled.clear()

    # Queries

    def _add_queries(self) -> None:
        """Add the phrases of statements that are new since the last run, or in a walk of all since a time."""
        table, name, at = self.store.searches, self.source.name, self.started_at
        newest = table.newest_statement()
        start = table.start(name) or SearchStart(at, newest)
        if start.enabled_at > at:  # stored by a wrong clock
            start = replace(start, enabled_at=at)
        self._add_phrases(
            table.statements_after(start.statement_id, searches.begins_at(start.enabled_at, at)), is_past=False
        )
        if self.since is not None:
            self._add_phrases(table.unsearched(name, self.since), is_past=True)
        with self.store.unit():
            table.save_start(name, replace(start, statement_id=newest))
            table.forget_results(name, at - searches.KEPT)

    def _add_phrases(self, statement_ids: Sequence[int], *, is_past: bool) -> None:
        """Add the phrases of statements, some at a time: to choose those of thousands takes minutes."""
        for first in range(0, len(statement_ids), _STATEMENTS_AT_A_TIME):
            some = statement_ids[first : first + _STATEMENTS_AT_A_TIME]
            chosen = {statement_id: self._phrases(statement_id) for statement_id in some}
            with self.store.unit():
                for statement_id, phrases in chosen.items():
                    self.store.searches.add(self.source.name, statement_id, phrases, self.started_at, is_past=is_past)

    def _phrases(self, statement_id: int) -> tuple[str, ...]:
        statement = self.store.statements.by_id(statement_id)
        if statement is None:
            return ()
        index = self.store.fingerprints
        text = index.text(RevisionKey(statement.id, statement.revision))
        own = {key.statement_id for key in index.same_words(text.digest)}
        return search_phrases.choose(text.title, text.words, index, own)

    def _ask(self) -> Iterator[CapturedReading]:
        """Ask the service for the queries that are due, until it refuses one or a limit is reached."""
        most = QUERIES_PER_RUN if self.since is None else -1
        due = self.store.searches.due(self.source.name, self.started_at, most)
        if not due:
            return
        endpoint = self.source.endpoints[0].url
        try:
            headers = key_headers(settings_of(self.source), os.environ)
        except NoSecretError as error:
            self.attempts.append(EndpointAttempt(endpoint, Outcome.UNFINISHED, error.what))
            return
        failed: list[EndpointAttempt] = []
        in_a_row = 0
        for number, query in enumerate(due):
            if self._is_used_up(is_new=number > 0) or not self._has_time(endpoint):
                break
            capture = self.get(self._request(query, headers), "queries")
            answer, attempt = read_answer(self.source, capture)
            if answer is not None:
                in_a_row = 0
                self._take(query, answer)
            else:
                in_a_row += 1
                failed.append(attempt)
                self._fail(query, capture)
            yield CapturedReading(capture, self.source.name, None, EndpointKind.SEARCH)
            if answer is None and (capture.outcome not in _OF_PHRASE or in_a_row >= _FAILURES_IN_A_ROW):
                self._postpone(capture)
                break
        if self.queries:
            self.served_by = endpoint
            self.problems += (RunProblem(f"a query was not answered: {attempt.detail}") for attempt in failed)
            self.attempts.append(EndpointAttempt(endpoint, Outcome.OK))
        elif failed:
            self.attempts.append(failed[-1])

    def _is_used_up(self, *, is_new: bool) -> bool:
        """Decide if the service has had its queries of today; count those that wait, unless an earlier run has."""
        endpoint, most = self.source.endpoints[0].url, settings_of(self.source).queries_per_day
        if self.fetcher.requests_today(endpoint) < most:
            return False
        left = self.store.searches.counts(self.source.name, self.started_at).due
        why = f"its {most} of today (queries_per_day) are used up; {left:,} of older statements wait"
        self.withhold(Guard.QUERIES_PER_DAY, self.source.name, "queries", why, left if is_new else 0)
        return True

    def _request(self, query: SearchQuery, headers: tuple[tuple[str, str], ...]) -> Request:
        settings = settings_of(self.source)
        wanted = SearchRequest(
            query.phrase,
            query.published_at - searches.PRECISION,
            self.clock.now(),
            settings.results_per_query * _ASKED_FOR,
        )
        return search_request(self.source, wanted, headers)

    def _take(self, query: SearchQuery, answer: SearchAnswer) -> None:
        """Record an answer, and let those of its results wait that may be articles of other sites."""
        at, table = self.clock.now(), self.store.searches
        chosen, left_out = self._choose(query, answer)
        next_at = searches.next_round(query.first_due_at, query.rounds + 1, is_past=query.is_past)
        with self.store.unit():
            table.add_results(query, chosen, at)
            table.answer(query, at, next_at, len(answer.urls), left_out.total())
            if (start := table.start(self.source.name)) is not None and start.refusals:
                table.save_start(self.source.name, replace(start, refusals=0))
        self.left_out_results += left_out
        self.queries += 1
        self.results += len(answer.urls)

    def _choose(self, query: SearchQuery, answer: SearchAnswer) -> tuple[list[str], Counter[str]]:
        """Return the URLs of an answer to fetch, and the number of the others by reason."""
        sites = sites_of(self.settings)
        left_out = Counter[str]()
        fit: dict[str, str] = {}
        for named in answer.urls:
            url = urls.canonical(urls.admit(named) or "")
            if reason := searches.reason_left_out(url, sites):
                left_out[reason] += 1
            else:
                fit.setdefault(searches.result_key(url), url)
        known = self.store.searches.known_results(self.source.name, query.statement_id, fit.values())
        new = [url for url in fit.values() if url not in known and self.store.pages.by_url(url) is None]
        most = settings_of(self.source).results_per_query
        if len(new) > most:
            left_out[searches.TOO_MANY] += len(new) - most
        return new[:most], left_out

    def _fail(self, query: SearchQuery, capture: Capture) -> None:
        """Let a query that got no usable answer wait for longer each time, and at last for its next round."""
        if capture.outcome not in _OF_PHRASE:
            return
        at = self.clock.now()
        with self.store.unit():
            if query.attempts + 1 < searches.MAX_ATTEMPTS:
                self.store.searches.retry(query, at + searches.backoff(query.attempts + 1))
            else:
                next_at = searches.next_round(query.first_due_at, query.rounds + 1, is_past=query.is_past)
                self.store.searches.give_up(query, next_at)

    def _postpone(self, capture: Capture) -> None:
        """Let all queries wait because the service refused one, for longer each time; not if none was sent."""
        if capture.outcome is Outcome.DEFERRED:
            return
        with self.store.unit():
            start = self.store.searches.start(self.source.name) or SearchStart(self.started_at, 0)
            start = replace(start, refusals=start.refusals + 1)
            self.store.searches.save_start(self.source.name, start)
            until = self.clock.now() + searches.backoff(start.refusals)
            self.store.searches.postpone(self.source.name, until)
        self.problems.append(RunProblem(f"all queries wait until {until:%Y-%m-%d %H:%M} UTC"))

    # Results

    def _fetch_results(self) -> Iterator[CapturedReading]:
        """Fetch the pages that wait, a few of each site, as far as the limits of a run allow."""
        sites, of_site, waits = sites_of(self.settings), Counter[str](), 0
        for result in self.store.searches.waiting(self.source.name):
            site = urls.site(result.url)
            if searches.reason_left_out(result.url, sites) or self.store.pages.by_url(result.url) is not None:
                self.settled.append(result)  # since it was found, a source was added, or the page became known
                continue
            is_full = self.since is None and self.pages >= self.settings.fetch.max_pages_per_run
            is_enough = is_full or of_site[site] >= _PAGES_OF_SITE
            if is_enough or self.unresponsive.includes(result.url) or not self._has_time(result.url):
                waits += 1
                continue
            of_site[site] += 1
            self.pages += 1
            yield self._fetch_result(result, sites)
        if waits:
            self.problems.append(RunProblem(f"{count(waits, 'result')} wait{'s' * (waits == 1)} for the next run"))

    def _fetch_result(self, result: SearchResult, sites: frozenset[str]) -> CapturedReading:
        """Return the page to which a result leads, without its origin if it is none to keep."""
        capture = self.get(Request(result.url, own_hosts=frozenset()), "pages")
        bare = CapturedReading(capture, self.source.name, None, EndpointKind.PAGE)
        if capture.outcome is Outcome.DEFERRED:
            return bare
        if may_pass(capture):
            with self.store.unit():
                self.store.searches.count_try(self.source.name, result.url, searches.MAX_TRIES, self.clock.now())
            self.left_out_results[searches.NOT_RECEIVED] += 1
            return bare
        self.settled.append(result)
        url = urls.canonical(capture.final_url or capture.url)
        if reason := searches.reason_left_out(url, sites):
            self.left_out_results[reason] += 1
            return bare
        if searches.result_key(url) != searches.result_key(capture.url):
            capture = replace(capture, url=url)  # a link that others count, or a short one, is not the page's own
        reading, error = try_read(capture, EndpointKind.PAGE, Role.MIRROR)
        if reading is None:
            self.left_out_results[searches.NO_ARTICLE] += 1
            return replace(bare, capture=capture, error=error)
        origin = replace(self.origin, first_fill=result.is_past, only_carriers=True)
        return CapturedReading(capture, self.source.name, origin, EndpointKind.PAGE, reading)

    def _has_time(self, url: str) -> bool:
        left_s = self.time_left_s()
        return left_s > 0 and self.fetcher.pause_s(url) < left_s
