"""Ingest of mirror pages: traces each page to statements, and stores the page, its copies and their events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from scraper import parsers, urls
from scraper.model import Relation, Role, Wording
from scraper.pages import MirrorPage
from scraper.parsers import PageReading
from scraper.pipeline import page_checks, page_claims, page_dates, page_lists, page_location, page_matching
from scraper.pipeline.earlier import read_again
from scraper.pipeline.page_checks import SeenPage
from scraper.rules import copies, quotations, schedule
from scraper.rules.copies import PageObservation
from scraper.rules.holding import HeldSubject
from scraper.rules.revisions import FLAP_WINDOW

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Capture, Event, Item, Reading, Statement
    from scraper.pages import Copy
    from scraper.pipeline.page_trace import PageTrace
    from scraper.rules.statement_history import ItemObservation
    from scraper.store import Store, StoredPage

# Pages without a copy are traced again to newer wordings of State, for so long and so many in a run.
RETRACED_FOR = timedelta(days=7)
_RETRACED_PAGES = 200
# Sites list a new page within this time.
_LISTED_WITHIN = timedelta(hours=1)


def ingest_pages(
    store: Store,
    poll: ItemObservation,
    capture: Capture,
    reading: Reading,
    *,
    watched_since: datetime | None,
    only_carriers: bool = False,
) -> tuple[list[Event], list[str]]:
    """Store the pages of a mirror whose texts a capture holds; return the events of their copies, and problems.

    The caller holds a transaction (`Store.unit`) and stores the events. A stale answer may bring an unknown page; it
    changes no known one. A page is backfill in the first fill of its source, and later if its own date is earlier
    than `watched_since`, since a run reads only a limited number of pages; but not if it carries a statement that was
    published after that date, which is wrong then. With `only_carriers`, an unknown page that neither carries nor
    quotes a statement is not stored.
    """
    events: list[Event] = []
    problems: list[str] = []
    is_document = isinstance(reading, PageReading)
    list_url = capture.final_url or capture.url
    items = page_lists.single_texts(reading) if is_document else page_lists.own_texts(reading, list_url)
    for item in items:
        own_url = urls.canonical(capture.url if is_document else item.url)
        if item.paragraphs is None or urls.is_state(urls.host(own_url)):
            continue  # State's own text is no copy, even if a mirror lists it
        url, known = page_location.locate(store, capture, reading, item, own_url)
        digest = None if is_document else page_lists.listed_sha256(item)
        other_url = own_url if is_document and own_url not in urls.variants(url) else None
        at = capture.captured_at
        dated, is_listed = page_dates.date_page(item, reading, known)
        seen = SeenPage(
            poll.source, url, dated, reading.parser, digest, at, poll.first_fill, watched_since, other_url, is_listed
        )
        stored = store.pages.stored(known.id) if known else None
        if stored is not None and other_url is not None:
            store.pages.note_url(stored.page.id, other_url)
        if stored is None or not (poll.stale or page_checks.is_passed_over(store, stored, seen, problems)):
            events += _ingest_page(store, reading, seen, stored, problems, only_carriers=only_carriers)
    return events, problems


def _ingest_page(
    store: Store,
    reading: Reading,
    seen: SeenPage,
    stored: StoredPage | None,
    problems: list[str],
    *,
    only_carriers: bool,
) -> list[Event]:
    """Trace a page and store it, unless it shows something else in place of its text; return the events."""
    traced, problem = page_matching.try_trace(store, partial(page_matching.from_reading, reading, seen.item))
    if traced is None:
        problems.append(f"{seen.url}: {problem}")
        return []
    if stored is None and only_carriers and not traced.copies and not traced.quotations:
        return []
    if stored is not None and seen.is_document and page_checks.is_walled(store, stored, seen, traced):
        problems.append(f"{seen.url}: the page shows something else in place of its text")
        store.pages.schedule_recheck(stored.page.id, schedule.next_retry(stored.page.last_seen_at, seen.at))
        return []
    if stored is not None:
        store.held.clear(HeldSubject.PAGE, stored.page.id)
        stored = _reread(store, seen, stored, traced.target.text) if seen.is_document else stored
    return _ingest_reading(store, seen, traced, stored)


def _reread(store: Store, seen: SeenPage, stored: StoredPage, shown: str) -> StoredPage:
    """Return the stored page, with the wording that its stored body gives today if the parsers have changed since.

    Otherwise what new rules hide or show would be a change of the page. If its text is the same, it was compared by
    other rules, and counts as read by another parser.
    """
    if stored.version >= parsers.VERSION or not stored.is_document or stored.parser != seen.parser:
        return stored
    if (seen.wording, shown) == (stored.wording, stored.shown):
        return replace(stored, parser="")
    reading = read_again(store, seen.url, seen.parser, stored.page.last_seen_at, Role.MIRROR)
    item = next(iter(page_lists.single_texts(reading)), None) if isinstance(reading, PageReading) else None
    if reading is None or item is None or not item.paragraphs:
        return stored
    traced, _ = page_matching.try_trace(store, partial(page_matching.from_reading, reading, item))
    if traced is not None:
        dated, is_listed = page_dates.date_page(item, reading, stored.page)
        earlier = replace(seen, item=dated, is_date_listed=is_listed)
        _ingest_reading(store, earlier, traced, replace(stored, parser=""))
    return store.pages.stored(stored.page.id)


def _is_older_than(item: Item, watched_since: datetime | None) -> bool:
    if item.published_at is None or watched_since is None:
        return False
    span = item.precision.span if item.precision else timedelta(0)
    return item.published_at + (span or _LISTED_WITHIN) < watched_since


def ingest_unread(store: Store, capture: Capture) -> list[Event]:
    """Record that a known page is gone or cannot be read now, and return the events of its copies.

    The caller holds a transaction (`Store.unit`) and stores the events.
    """
    page, at = store.pages.by_url(capture.url), capture.captured_at
    if page is None or page.next_check_at is None or at < page.last_seen_at:
        return []
    if capture.outcome not in page_matching.IS_ABSENT or page_location.leave(store, page):
        store.pages.schedule_recheck(page.id, schedule.next_retry(page.last_seen_at, at))
        return []
    known = store.copies.on_page(page.id)
    observation = PageObservation(
        at, at, at, page.source, page.id, page.url, page.title, missing="its page was not found"
    )
    decision = copies.derive(known, _statements(store, known), (), observation)
    store.copies.save(decision.copies)
    store.pages.schedule_recheck(page.id, _next_check(page, decision, at))
    return list(decision.events)


@dataclass(frozen=True, slots=True)
class Retraced:
    """Events of pages that were traced again; `is_more` is True if there may be pages left."""

    events: tuple[Event, ...]
    is_more: bool


def retrace(store: Store, source: str, at: datetime, since: datetime | None = None) -> Retraced:
    """Trace pages without a copy again, to wordings that State has published since; store and return the events.

    They are pages that were first seen in the week before `at`, or after `since`, and unsourced ones; 200 of them at
    a time. The caller holds a transaction (`Store.unit`).
    """
    found = store.pages.untraced(source, since or at - RETRACED_FOR, _RETRACED_PAGES)
    events = [event for page in found for event in _retrace(store, store.pages.stored(page.id), at)]
    # What pages quoted before quotations were searched is history.
    earlier = store.pages.unsearched(source, _RETRACED_PAGES)
    for page in earlier:
        again = _retrace(store, store.pages.stored(page.id), at)
        events += (replace(each, backfill=True) if each.kind.subject == "quote" else each for each in again)
    is_more = _RETRACED_PAGES in {len(found), len(earlier)}
    return Retraced(store.events.add(events), is_more=is_more)


def retrace_carriers(store: Store, statement_id: int, at: datetime) -> list[Event]:
    """Trace the pages that carry a statement again after its current wording has changed, and return the events.

    The caller holds a transaction (`Store.unit`) and stores the events.
    """
    events: list[Event] = []
    for page in store.pages.carriers(statement_id):
        events.extend(_retrace(store, store.pages.stored(page.id), at))
    return events


def is_relevant(traced: PageTrace) -> bool:
    """Decide if a page concerns State: it carries a copy, quotes, or names the Department as its author."""
    return bool(traced.copies or traced.quotations) or traced.target.attribution.claims_department


def _ingest_reading(store: Store, seen: SeenPage, traced: PageTrace, stored: StoredPage | None) -> list[Event]:
    item, at = seen.item, seen.at
    page_attribution = traced.target.attribution
    wording = seen.wording
    is_same = stored is not None and stored.parser == seen.parser
    if stored is not None and _is_ignored(store, stored, traced, wording, is_same=is_same, at=at):
        next_at = at + page_checks.UNSETTLED if is_same else schedule.next_page_check(stored.page.first_seen_at, at)
        store.pages.schedule_recheck(stored.page.id, next_at)
        return []
    page = MirrorPage(
        id=stored.page.id if stored else 0,
        url=seen.url,
        source=stored.page.source if stored else seen.source,
        title=wording.title,
        relation=traced.relation,
        first_seen_at=stored.page.first_seen_at if stored else at,
        last_seen_at=max(at, stored.page.last_seen_at) if stored else at,
        published_at=item.published_at,
        precision=item.precision,
        is_date_listed=seen.is_date_listed,
        language=item.language,
        claims_department=page_attribution.claims_department,
        claimed_urls=page_attribution.claimed_urls,
        via=page_attribution.via,
        quotes=page_claims.quotes(page_attribution),
        unsourced_at=stored.page.unsourced_at if stored else None,
        backfill=stored.page.backfill if stored else _is_backfill(seen, traced),
    )
    listed = seen.listed_sha256 or (stored.listed_sha256 if stored else None)
    is_document = seen.listed_sha256 is None
    page_id = store.pages.save(
        page, parser=seen.parser, version=parsers.VERSION, is_document=is_document, listed_sha256=listed
    )
    if seen.other_url is not None:
        store.pages.note_url(page_id, seen.other_url)
    store.pages.save_wording(page_id, wording, traced.target.text, at, replaces=not is_same)
    is_backfill = page.backfill and store.pages.stored(page_id).number == 1
    observation = PageObservation(
        at,
        at,
        at,
        page.source,
        page_id,
        page.url,
        page.title,
        same_parser=is_same,
        backfill=is_backfill,
        published_at=page.published_at,
        precision=page.precision,
    )
    return _settle(store, replace(page, id=page_id), traced, observation, is_document=is_document)


def _is_backfill(seen: SeenPage, traced: PageTrace) -> bool:
    """Decide if a new page existed when monitoring began: it did in the first fill, else if its date can be trusted."""
    if seen.first_fill:
        return True
    return _is_older_than(seen.item, seen.watched_since) and not _misdated(seen.item, traced)


def _misdated(page: Item | MirrorPage, traced: PageTrace) -> list[Statement]:
    """Return the statements that a page carries, but that are younger than its own date."""
    carried = (traced.statements.get(match.key.statement_id) for match in traced.copies)
    return [statement for statement in carried if statement and copies.is_dated_before(page, statement)]


def _is_ignored(
    store: Store, stored: StoredPage, traced: PageTrace, wording: Wording, *, is_same: bool, at: datetime
) -> bool:
    """Decide if a reading of a known page is to be ignored: a consent wall, or a cache that flaps.

    A page of which only the text of a list was known, and whose document shows no copy, is a wall. A page that
    returns to an earlier wording within a day flaps.
    """
    if is_same:
        return store.pages.had_wording_since(stored.page.id, wording, at - FLAP_WINDOW)
    return page_lists.has_current_copy(store, stored.page.id) and not traced.copies


def _retrace(store: Store, stored: StoredPage, at: datetime) -> list[Event]:
    """Trace a page by its stored text: only the known statements have changed since."""
    traced, _ = page_matching.try_trace(store, partial(page_matching.from_stored, stored))
    if traced is None:
        return []
    page = replace(stored.page, relation=traced.relation)
    filled_at = store.sources.get(page.source, Role.MIRROR).first_filled_at
    if filled_at and any(each.published_at and each.published_at > filled_at for each in _misdated(page, traced)):
        page = replace(page, backfill=False)  # it cannot have carried that statement when monitoring began
    store.pages.save(
        page,
        parser=stored.parser,
        version=stored.version,
        is_document=stored.is_document,
        listed_sha256=stored.listed_sha256,
    )
    observation = PageObservation(
        at,
        stored.worded_at,
        page.last_seen_at,
        page.source,
        page.id,
        page.url,
        page.title,
        is_rematch=True,
        backfill=page.backfill and stored.number == 1,
        published_at=page.published_at,
        precision=page.precision,
    )
    return _settle(store, page, traced, observation, is_document=stored.is_document)


def _settle(
    store: Store, page: MirrorPage, traced: PageTrace, observation: PageObservation, *, is_document: bool
) -> list[Event]:
    """Store the copies that a trace found and the time of the page's next recheck, and return the events."""
    known = store.copies.on_page(page.id)
    decision = copies.derive(known, _statements(store, known), page_matching.findings(store, traced), observation)
    store.copies.save(decision.copies)
    events = list(decision.events)
    is_carrier = any(copy.gone_at is None for copy in (*known, *decision.copies))
    if not is_carrier and (
        event := page_claims.unsourced(store, page, observation.at, page_matching.nearest(traced), is_document)
    ):
        events.append(event)
        page = replace(page, unsourced_at=observation.at)
        store.pages.mark_unsourced(page.id, observation.at)
    of_quotes = _settle_quotations(store, page, traced, observation)
    events += of_quotes.events
    needs_rechecks = is_relevant(traced) or bool(known)
    if not (observation.is_rematch and page.next_check_at is not None):
        store.pages.schedule_recheck(
            page.id, _next_check(page, decision, observation.at, is_document) if needs_rechecks else None
        )
        if of_quotes.is_waiting:
            store.pages.schedule_recheck(page.id, observation.at + schedule.RETRY)
    return events


def _settle_quotations(
    store: Store, page: MirrorPage, traced: PageTrace, observation: PageObservation
) -> quotations.QuotationDecision:
    """Store the quotations that a trace found, and return them with their events."""
    known = store.quotations.on_page(page.id)
    found = page_matching.quoted(
        traced,
        page.id,
        observation.first_seen_at,
        observation.last_seen_at,
        lambda key: store.fingerprints.text(key).words.text,
    )
    # State's sentences in a text that claims to be State's, or resembles a statement, are not quoted.
    is_silent = traced.relation in {Relation.UNSOURCED, Relation.SIBLING} or page.claims_department
    decision = quotations.derive(known, traced.statements, found, observation, is_silent=is_silent)
    store.quotations.save(decision.quotations)
    return decision


def _next_check(page: MirrorPage, decision: copies.CopyDecision, at: datetime, is_document: bool = True) -> datetime:
    missing = [copy for copy in decision.copies if copy.misses and copy.gone_at is None]
    if missing:
        return min(schedule.confirm_recheck(copy.missing_since or at, copy.misses, at) for copy in missing)
    if not is_document:
        return at + schedule.RETRY
    if page.relation is Relation.UNSOURCED and page.unsourced_at is None:
        return at + page_checks.UNSETTLED
    return schedule.next_page_check(page.first_seen_at, at)


def _statements(store: Store, known: list[Copy]) -> dict[int, Statement]:
    found = (store.statements.by_id(copy.statement_id) for copy in known)
    return {statement.id: statement for statement in found if statement is not None}
