"""Looks at statements' own addresses: does the statement still stand there, elsewhere, or nowhere?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scraper import parsers, urls
from scraper.fetch.request import Request
from scraper.model import EndpointKind, EventKind, Outcome, PublicationState, Role
from scraper.pipeline.ingest import read
from scraper.pipeline.write_buffer import CapturedReading
from scraper.rules import identity, schedule, state_hosts, withdrawal
from scraper.rules.withdrawal import Confirmation, ConfirmationSource

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Event, Statement
    from scraper.pipeline.crawl import SourceCrawl
    from scraper.store import Store
    from scraper.store.rechecks import DueRecheck

# Looks of one run: at five seconds each, it stays under a minute.
RECHECKS_PER_RUN = 10


@dataclass(frozen=True, slots=True)
class RecheckResult:
    """What a look at a statement's own address means, and when the next one is due."""

    statement_id: int
    check: withdrawal.WithdrawalCheck
    at: datetime
    next_at: datetime
    events: tuple[Event, ...]


def recheck_statement(crawl: SourceCrawl, due: DueRecheck, at: datetime) -> RecheckResult:
    """Look at a statement's own address; what is captured goes to the ledger."""
    statement = crawl.store.statements.by_id(due.statement_id)
    if statement is None:
        raise LookupError(f"no statement {due.statement_id}")
    sight = crawl.fetch_page(statement.url)
    outcome = sight.capture.outcome
    if outcome is Outcome.OK and not _carries(sight, statement):
        # Another statement stands there by now, or a page that we cannot read: no proof of anything.
        outcome, sight = Outcome.ERROR_PAGE, replace(sight, reading=None)
    crawl.buffer.add(sight)
    source = crawl.source.name
    check, events = withdrawal.judge_check(statement, due.check, outcome, at, source)
    is_open = False
    if events:
        check, events, is_open = withdrawal.confirm(check, events, _confirmations(crawl, statement))
    # An archive may get a statement long after its own address let go of it, and after that was told.
    is_withdrawn = statement.state is PublicationState.WITHDRAWN and outcome in {Outcome.GONE, Outcome.SOFT_404}
    if events or is_withdrawn:
        url, archives = _archived(crawl, statement)
        if url is not None:
            check, events = withdrawal.WithdrawalCheck(), (withdrawal.moved(statement, url, at, source),)
        elif events:
            events, is_open = withdrawal.await_archives(check, events, archives, at)
    if is_open:
        next_at = at + schedule.RETRY
    elif check.missing_since is not None:
        next_at = schedule.confirm_recheck(check.missing_since, check.misses, at)
    elif outcome is Outcome.ERROR_PAGE or outcome not in {Outcome.OK, Outcome.GONE, Outcome.SOFT_404}:
        next_at = at + schedule.RETRY
    else:
        next_at = schedule.next_recheck(statement.first_seen_at, at)
    return RecheckResult(statement.id, check, at, next_at, events)


def write(store: Store, done: RecheckResult) -> None:
    """Write what a look means. Within a unit."""
    store.rechecks.save(done.statement_id, done.check, done.next_at, done.at)
    for event in done.events:
        if event.kind is EventKind.WITHDRAWN:
            store.rechecks.withdraw(done.statement_id)
        if event.kind is EventKind.MOVED and event.after:
            store.rechecks.move(done.statement_id, event.after)
    store.events.add(done.events)


def _carries(sight: CapturedReading, statement: Statement) -> bool:
    return sight.reading is not None and any(identity.identify(item, [statement]) for item in sight.reading.items)


def _confirmations(crawl: SourceCrawl, statement: Statement) -> list[ConfirmationSource]:
    """What other ways to a statement say; its page is asked again where the data interface says nothing."""
    witnesses = []
    if url := _interface_url(crawl, statement):
        witnesses.append(_by_interface(crawl, statement, url))
    if not witnesses or witnesses[0].confirmation is Confirmation.UNKNOWN:
        again = crawl.fetch_page(statement.url)
        carries = _carries(again, statement)
        # What another text at the address says of itself is no word about this one.
        crawl.buffer.add(again if carries else replace(again, reading=None))
        word = withdrawal.confirmation_of(again.capture.outcome, carries=carries)
        witnesses.append(_confirmation("its page, asked once more,", word, again.capture.outcome))
    return witnesses


def _interface_url(crawl: SourceCrawl, statement: Statement) -> str | None:
    """Where the data interface of the statement's site gives it by its number, as some source knows that interface."""
    endpoints = [endpoint for source in (crawl.source, *crawl.settings.sources) for endpoint in source.endpoints]
    found = (parsers.post_url(each.url, statement.guid) for each in endpoints if each.kind is EndpointKind.WORDPRESS)
    return next(filter(None, found), None)


def _by_interface(crawl: SourceCrawl, statement: Statement, url: str) -> ConfirmationSource:
    crawl.progress(url)
    hosts = crawl.source.allowed_hosts | {urls.host(url)}
    capture = crawl.fetcher.get(Request(url, EndpointKind.WORDPRESS, hosts))
    reading, error = read(capture, EndpointKind.WORDPRESS)
    # Not an item of the run's lists: kept as the page that it stands for.
    sight = CapturedReading(capture, EndpointKind.PAGE, reading, error)
    carries = _carries(sight, statement)
    crawl.buffer.add(sight if carries else replace(sight, reading=None))
    outcome = capture.outcome
    if outcome is Outcome.GONE and not capture.body.lstrip().startswith(b"{"):
        outcome = Outcome.ERROR_PAGE  # the whole interface is not there, which withdraws nothing
    is_empty = reading is not None and not reading.items and not reading.problems
    return _confirmation(
        "the data interface", withdrawal.confirmation_of(outcome, carries=carries, is_empty=is_empty), outcome
    )


def _confirmation(path: str, word: Confirmation, outcome: Outcome) -> ConfirmationSource:
    """In few words: what else the answer said stands with its capture."""
    return ConfirmationSource(path, word, outcome.value.replace("_", " ") if word is Confirmation.UNKNOWN else "")


def _archived(crawl: SourceCrawl, statement: Statement) -> tuple[str | None, list[ConfirmationSource]]:
    """The address on an archive host that carries a statement, by title and date; what those say that do not."""
    witnesses = []
    for url in state_hosts.archived_urls(statement.url, statement.published_at):
        sight = replace(crawl.fetch_page(url), origin=replace(crawl.buffer.origin, role=Role.ARCHIVE))
        crawl.buffer.add(sight)
        if _carries(sight, statement):
            return url, []
        outcome = sight.capture.outcome
        word = withdrawal.confirmation_of(outcome, carries=False, is_empty=sight.reading is not None)
        witnesses.append(_confirmation(f"the archive {urls.host(url)}", word, outcome))
    return None, witnesses
