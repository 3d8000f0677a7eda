"""Recheck of a statement at its URL, the REST API and the archives: decides if it was withdrawn or moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scraper import urls
from scraper.fetch.request import Request
from scraper.model import EndpointKind, EventKind, Outcome, PublicationState, Role
from scraper.pipeline.batch import CapturedReading
from scraper.pipeline.reading import try_read
from scraper.rules import identity, schedule, state_hosts, withdrawal
from scraper.rules.source_health import outcome_phrase
from scraper.rules.withdrawal import Confirmation, ConfirmationSource

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime, timedelta
    from typing import TypeVar

    from scraper.model import Event, Statement
    from scraper.pipeline.crawl import Crawl
    from scraper.store import Store
    from scraper.store.rechecks import DueRecheck

    _T = TypeVar("_T")
    # A step of a recheck yields each capture that it makes, and returns what it found.
    _Fetching = Generator[CapturedReading, None, _T]


@dataclass(frozen=True, slots=True)
class RecheckResult:
    """Result of the recheck of a statement: its events and withdrawal check, and the time of the next recheck.

    `interval_s` is the time until the next one if the statement is a standing page.
    """

    statement_id: int
    check: withdrawal.WithdrawalCheck
    at: datetime
    next_at: datetime
    events: tuple[Event, ...]
    interval_s: int | None = None


class RecheckRules:
    """Rules for the rechecks of a source: those of statements, which are rechecked ever more rarely with their age."""

    @property
    def retry_wait(self) -> timedelta:
        """Wait until a page that gave no result is fetched again."""
        return schedule.RETRY

    def next_recheck(
        self, statement: Statement, due: DueRecheck, captured: CapturedReading, at: datetime
    ) -> tuple[datetime, int | None]:
        """Return the time of the next recheck of a statement whose page was there, and the interval in seconds of a
        standing page.
        """
        return schedule.next_recheck(statement.first_seen_at, at), None

    def is_listed(self, statement_id: int, missing_since: datetime | None, at: datetime) -> bool | None:
        """Decide if a list is a reason not to take a missing page for gone; None if the statement itself shows it."""
        return None


def recheck_statement(crawl: Crawl, rules: RecheckRules, due: DueRecheck, at: datetime) -> _Fetching[RecheckResult]:
    """Fetch a statement's URL and decide about withdrawal or move. Raise `LookupError` for an unknown statement."""
    statement = crawl.store.statements.by_id(due.statement_id)
    if statement is None:
        raise LookupError(f"no statement {due.statement_id}")
    captured = crawl.fetch_original(statement.url)
    outcome = captured.capture.outcome
    if outcome is Outcome.OK and captured.last_reading is None and not _carries(crawl.store, captured, statement):
        # The URL serves another statement, or a page that the parsers cannot read: that proves nothing.
        outcome, captured = Outcome.ERROR_PAGE, replace(captured, reading=None)
    yield captured
    source = crawl.source.name
    is_listed = rules.is_listed(statement.id, due.check.missing_since, at)
    check, events = withdrawal.judge_check(statement, due.check, outcome, at, source, is_listed=is_listed)
    is_open = False
    if events:
        check, events, is_open = withdrawal.confirm(check, events, (yield from _confirmations(crawl, statement)))
    # An archive may get a statement long after its URL stopped serving it, and after the withdrawal was reported.
    is_withdrawn = statement.state is PublicationState.WITHDRAWN and outcome in {Outcome.GONE, Outcome.SOFT_404}
    if events or is_withdrawn:
        url, archives = yield from _find_archived(crawl, statement)
        if url is not None:
            check, events = withdrawal.WithdrawalCheck(), (withdrawal.moved(statement, url, at, source),)
        elif events:
            events, is_open = withdrawal.await_archives(check, events, archives, at)
    interval_s = due.interval_s
    if is_open:
        next_at = at + schedule.RETRY
    elif check.missing_since is not None:
        next_at = schedule.confirm_recheck(check.missing_since, check.misses, at)
    elif outcome is Outcome.ERROR_PAGE or outcome not in {Outcome.OK, Outcome.GONE, Outcome.SOFT_404}:
        next_at = at + rules.retry_wait
    else:
        next_at, interval_s = rules.next_recheck(statement, due, captured, at)
    return RecheckResult(statement.id, check, at, next_at, events, interval_s)


def write(store: Store, done: RecheckResult) -> tuple[Event, ...]:
    """Write the result of a recheck, and return its events. The caller holds a transaction (`Store.unit`)."""
    store.rechecks.save(done.statement_id, done.check, done.next_at, done.at, done.interval_s)
    for event in done.events:
        if event.kind is EventKind.WITHDRAWN:
            store.rechecks.withdraw(done.statement_id)
        if event.kind is EventKind.MOVED and event.after:
            store.rechecks.move(done.statement_id, event.after)
    return store.events.add(done.events)


def _carries(store: Store, captured: CapturedReading, statement: Statement) -> bool:
    items = captured.reading.items if captured.reading is not None else ()
    return any(identity.identify(item, [statement], store.statements.text) for item in items)


def _confirmations(crawl: Crawl, statement: Statement) -> _Fetching[list[ConfirmationSource]]:
    """Ask other sources for a statement: the REST API, then its page once more if the API gives no answer."""
    found = []
    if url := _rest_api_url(crawl, statement):
        found.append((yield from _from_rest_api(crawl, statement, url)))
    if not found or found[0].confirmation is Confirmation.UNKNOWN:
        second = crawl.fetch_page(statement.url)
        carries = _carries(crawl.store, second, statement)
        # Another text at the same URL says nothing about this statement.
        yield second if carries else replace(second, reading=None)
        confirmation = withdrawal.confirmation_of(second.capture.outcome, carries=carries)
        found.append(_confirmation("its page, fetched a second time,", confirmation, second.capture.outcome))
    return found


def _rest_api_url(crawl: Crawl, statement: Statement) -> str | None:
    """Return the URL of a statement in its site's REST API, if an endpoint of a configured source names that API."""
    from scraper import parsers

    endpoints = [endpoint for source in (crawl.source, *crawl.settings.sources) for endpoint in source.endpoints]
    found = (parsers.post_url(each.url, statement.guid) for each in endpoints if each.kind is EndpointKind.WORDPRESS)
    return next(filter(None, found), None)


def _from_rest_api(crawl: Crawl, statement: Statement, url: str) -> _Fetching[ConfirmationSource]:
    hosts = crawl.source.allowed_hosts | {urls.host(url)}
    capture = crawl.get(Request(url, EndpointKind.WORDPRESS, hosts), "rechecks")
    reading, error = try_read(capture, EndpointKind.WORDPRESS, crawl.source.role)
    # Not an item of the run's lists, so it is stored as a page.
    captured = CapturedReading(capture, crawl.source.name, crawl.origin, EndpointKind.PAGE, reading, error)
    carries = _carries(crawl.store, captured, statement)
    yield captured if carries else replace(captured, reading=None)
    outcome = capture.outcome
    if outcome is Outcome.GONE and not capture.body.lstrip().startswith(b"{"):
        outcome = Outcome.ERROR_PAGE  # the whole API is missing, which withdraws nothing
    is_empty = reading is not None and not reading.items and not reading.problems
    return _confirmation(
        "the REST API", withdrawal.confirmation_of(outcome, carries=carries, is_empty=is_empty), outcome
    )


def _confirmation(path: str, confirmation: Confirmation, outcome: Outcome) -> ConfirmationSource:
    """Build a confirmation with the outcome as a short reason; the capture holds the details."""
    return ConfirmationSource(
        path, confirmation, outcome_phrase(outcome) if confirmation is Confirmation.UNKNOWN else ""
    )


def _find_archived(crawl: Crawl, statement: Statement) -> _Fetching[tuple[str | None, list[ConfirmationSource]]]:
    """Find the archive URL that carries a statement, by title and date.

    Without one, return None and the confirmations of the archives that do not carry it.
    """
    found = []
    for url in state_hosts.archived_urls(statement.url, statement.published_at):
        captured = replace(crawl.fetch_page(url), origin=replace(crawl.origin, role=Role.ARCHIVE))
        yield captured
        if _carries(crawl.store, captured, statement):
            return url, []
        outcome = captured.capture.outcome
        confirmation = withdrawal.confirmation_of(outcome, carries=False, is_empty=captured.reading is not None)
        found.append(_confirmation(f"the archive {urls.host(url)}", confirmation, outcome))
    return None, found
