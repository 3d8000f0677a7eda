"""Takes in pages of other sites: what each carries is compared with what was known of it, and both are written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from scraper import urls
from scraper.model import MirrorPage, Outcome, Precision, Relation, Wording
from scraper.parsers import generic_article
from scraper.pipeline import page_matching
from scraper.rules import attribution, copies, schedule, state_hosts
from scraper.rules.copies import CLAIM_WAIT, PageObservation
from scraper.rules.revisions import FLAP_WINDOW
from scraper.text import mojibake, normalize

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Capture, Copy, Event, Item, Reading, Statement
    from scraper.pipeline.page_matching import PageTrace
    from scraper.store import Store, StoredPage

# So long after a page was read, what it claims is looked up again where that was not possible.
_UNSETTLED = timedelta(hours=6)
# Pages in which nothing was found are compared with what State publishes afterwards, for so long and so many a run.
RETRACED_FOR = timedelta(days=7)
_RETRACED_PAGES = 200
# A page stands in its site's lists by then.
_LISTED_WITHIN = timedelta(hours=1)
_MAX_TITLE_CHARS = 500
_MAX_QUOTES = 3
_MAX_QUOTE_CHARS = 300
_FAIR = attribution.Strength.FAIR
_IS_ABSENT = frozenset({Outcome.GONE, Outcome.SOFT_404})


@dataclass(frozen=True, slots=True)
class _PageReading:
    """One page as some parser saw it. `listed_sha256` is that of a feed's text, None for the document itself."""

    source: str
    url: str
    item: Item
    traced: PageTrace
    parser: str
    listed_sha256: str | None
    at: datetime
    backfill: bool


def ingest_pages(
    store: Store,
    source: str,
    capture: Capture,
    reading: Reading,
    *,
    stale: bool,
    first_fill: bool,
    watched_since: datetime | None,
) -> tuple[list[Event], list[str]]:
    """Keep the pages that a capture shows with its texts, and tell what is new of their copies. Within a unit.

    A stale answer may bring a page never seen; it changes nothing. A page is history in the first fill of its
    source, and later where it says that it was published before the watch began: a run reads only so many.
    """
    told: list[Event] = []
    problems: list[str] = []
    for item in single_texts(reading):
        if item.paragraphs is None:
            continue
        is_document = reading.parser == generic_article.NAME
        url = urls.canonical(capture.url if is_document else item.url)
        if urls.is_state(urls.host(url)):
            continue  # State's own text is no copy, whoever lists it
        known = store.pages.by_url(url)
        kept = store.pages.stored(known.id) if known else None
        if kept is not None and stale:
            continue
        digest = None if is_document else listed_sha256(item)
        if kept is not None and digest is not None and _is_listed_only(store, kept, item, digest):
            _note_listed(store, kept, digest, capture.captured_at)
            continue
        if kept is not None and capture.captured_at < kept.page.last_seen_at - _lead(kept, digest):
            continue
        if kept is not None and mojibake.is_damaged(_wording(item), kept.wording):
            problems.append(f"{url}: characters are damaged, so the text is not compared")
            if kept.page.next_check_at is not None:
                store.pages.schedule_recheck(kept.page.id, capture.captured_at + _UNSETTLED)
            continue
        make = (
            partial(page_matching.from_capture, capture, item)
            if is_document
            else partial(page_matching.from_item, item)
        )
        traced, problem = page_matching.try_trace(store, make)
        if traced is None:
            problems.append(f"{url}: {problem}")
            continue
        backfill = first_fill or _is_older(item, watched_since)
        sight = _PageReading(source, url, item, traced, reading.parser, digest, capture.captured_at, backfill)
        told.extend(_ingest_reading(store, sight, kept))
    return told, problems


def _is_older(item: Item, watched_since: datetime | None) -> bool:
    if item.published_at is None or watched_since is None:
        return False
    # A day is over at its end, in Washington as well.
    length = timedelta(days=2) if item.precision is Precision.DAY else _LISTED_WITHIN
    return item.published_at + length < watched_since


def _wording(item: Item) -> Wording:
    return Wording(
        normalize.truncate(item.title, _MAX_TITLE_CHARS),
        normalize.join(item.paragraphs or ())[: page_matching.MAX_SHOWN_CHARS],
    )


def single_texts(reading: Reading) -> list[Item]:
    """The items of a list, without their texts where one address is given several: none of them is the page's."""
    texts: dict[str, set[str]] = {}
    for item in reading.items:
        if item.paragraphs is not None:
            texts.setdefault(item.url, set()).add(listed_sha256(item))
    several = {url for url, found in texts.items() if len(found) > 1}
    return [replace(item, paragraphs=None) if item.url in several else item for item in reading.items]


def ingest_unread(store: Store, capture: Capture) -> list[Event]:
    """Note that a known page gave nothing to read: it is gone, or cannot be looked at now. Within a unit."""
    page, at = store.pages.by_url(capture.url), capture.captured_at
    if page is None or page.next_check_at is None or at < page.last_seen_at:
        return []
    if capture.outcome not in _IS_ABSENT:
        store.pages.schedule_recheck(page.id, schedule.next_retry(page.last_seen_at, at))
        return []
    known = store.copies.on_page(page.id)
    look = PageObservation(at, at, at, page.source, page.id, page.url, page.title, missing="its page is not found")
    decision = copies.derive(known, _statements(store, known), (), look)
    store.copies.save(decision.copies)
    store.pages.schedule_recheck(page.id, _next_check(page, decision, at))
    return list(decision.events)


@dataclass(frozen=True, slots=True)
class Retraced:
    """What was found by comparing pages again; `is_more` where there are pages left to compare."""

    events: tuple[Event, ...]
    is_more: bool


def retrace(store: Store, source: str, at: datetime, since: datetime | None = None) -> Retraced:
    """Compare pages in which nothing was found with what State has published since they were read. Within a unit.

    They are those that were first seen in the week before `at`, or after `since`, some hundred at a time. What is
    told is written.
    """
    found = store.pages.untraced(source, since or at - RETRACED_FOR, _RETRACED_PAGES)
    told = [event for page in found for event in _retrace(store, store.pages.stored(page.id), at)]
    store.events.add(told)
    return Retraced(tuple(told), is_more=len(found) == _RETRACED_PAGES)


def retrace_carriers(store: Store, statement: int, at: datetime) -> list[Event]:
    """Compare the pages that carry a statement with its wordings again, now that another one stands. Within a unit."""
    told: list[Event] = []
    for page in store.pages.carriers(statement):
        told.extend(_retrace(store, store.pages.stored(page.id), at))
    return told


def listed_sha256(item: Item) -> str:
    """The hash by which the text that a feed gives is told from what it gave before."""
    words = normalize.word_key(f"{item.title}\n{normalize.join(item.paragraphs or ())}")
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()


def is_relevant(traced: PageTrace) -> bool:
    """Whether a page has anything to do with State."""
    return bool(traced.copies) or traced.target.attribution.claims_department


def is_looked_up(store: Store, url: str, at: datetime) -> bool:
    """Whether it is certain what stands at an address of State's that a page claims.

    It is where a statement is known there, or where within the last day that address or one on the archives gave a
    page that could be read, or all of them answered that there is none.
    """
    if store.statements.by_url(url):
        return True
    answers = [store.captures.last_answer(it, at - CLAIM_WAIT) for it in state_hosts.candidate_urls(url)]
    return any(is_read for _, is_read in answers) or all(outcome in _IS_ABSENT for outcome, _ in answers)


def _is_listed_only(store: Store, kept: StoredPage, item: Item, digest: str) -> bool:
    """Whether the text that a list gives of a known page tells nothing new of what the page carries.

    The document itself is the better witness, and the list only says when to look at it again; but some show
    nothing of their text (a wall of consent, a script), and then what the list carries counts.
    """
    if digest == kept.listed_sha256:
        return True
    if kept.parser != generic_article.NAME:
        return False
    traced, _ = page_matching.try_trace(store, partial(page_matching.from_item, item))
    return _carries(store, kept.page.id) or traced is None or not traced.copies


def _lead(kept: StoredPage, digest: str | None) -> timedelta:
    """How much older than the last sight of a page another may be: a list is asked for before what it names."""
    return schedule.RETRY if digest is not None and kept.parser == generic_article.NAME else timedelta(0)


def _note_listed(store: Store, kept: StoredPage, digest: str, at: datetime) -> None:
    page = kept.page
    if digest != kept.listed_sha256 and page.next_check_at is not None and page.last_seen_at < at:
        # Its document was not looked at in this run: it waits for the next.
        store.pages.schedule_recheck(page.id, min(page.next_check_at, at))
    store.pages.note_listed(page.id, digest, at)


def _carries(store: Store, page: int) -> bool:
    return any(copy.gone_at is None for copy in store.copies.on_page(page))


def _ingest_reading(store: Store, sight: _PageReading, kept: StoredPage | None) -> list[Event]:
    item, at = sight.item, sight.at
    traced = sight.traced
    said = traced.target.attribution
    wording = _wording(item)
    is_same = kept is not None and kept.parser == sight.parser
    if kept is not None and _is_unchanged(store, kept, traced, wording, is_same=is_same, at=at):
        next_at = at + _UNSETTLED if is_same else schedule.next_page_check(kept.page.first_seen_at, at)
        store.pages.schedule_recheck(kept.page.id, next_at)
        return []
    page = MirrorPage(
        id=kept.page.id if kept else 0,
        url=sight.url,
        source=kept.page.source if kept else sight.source,
        title=wording.title,
        relation=traced.relation,
        first_seen_at=kept.page.first_seen_at if kept else at,
        last_seen_at=max(at, kept.page.last_seen_at) if kept else at,
        published_at=item.published_at,
        precision=item.precision,
        language=item.language,
        claims_department=said.claims_department,
        claimed_urls=said.claimed_urls,
        via=said.via,
        quotes=_quotes(said),
        unsourced_at=kept.page.unsourced_at if kept else None,
        backfill=kept.page.backfill if kept else sight.backfill,
    )
    listed = sight.listed_sha256 or (kept.listed_sha256 if kept else None)
    key = store.pages.save(page, parser=sight.parser, listed_sha256=listed)
    store.pages.save_wording(key, wording, traced.target.text, at, replaces=not is_same)
    is_history = page.backfill and store.pages.stored(key).number == 1
    look = PageObservation(at, at, at, page.source, key, page.url, page.title, same_parser=is_same, backfill=is_history)
    return _settle(store, replace(page, id=key), traced, look, is_document=sight.listed_sha256 is None)


def _is_unchanged(
    store: Store, kept: StoredPage, traced: PageTrace, wording: Wording, *, is_same: bool, at: datetime
) -> bool:
    """Whether a sight of a known page is one that counts for nothing: a wall, or a cache that flaps.

    A page that was known by a list's text only, and shows nothing of it, is a wall; one that turns back to a
    wording within a day flaps.
    """
    if is_same:
        return store.pages.had_since(kept.page.id, wording, at - FLAP_WINDOW)
    return _carries(store, kept.page.id) and not traced.copies


def _retrace(store: Store, kept: StoredPage, at: datetime) -> list[Event]:
    """Trace a page as it was when it was last read: what changed is what is known of State."""
    traced, _ = page_matching.try_trace(store, partial(page_matching.from_kept, kept))
    if traced is None:
        return []
    page = replace(kept.page, relation=traced.relation)
    store.pages.save(page, parser=kept.parser, listed_sha256=kept.listed_sha256)
    look = PageObservation(
        at,
        kept.worded_at,
        page.last_seen_at,
        page.source,
        page.id,
        page.url,
        page.title,
        is_retrace=True,
        backfill=page.backfill and kept.number == 1,
    )
    return _settle(store, page, traced, look, is_document=kept.parser == generic_article.NAME)


def _settle(
    store: Store, page: MirrorPage, traced: PageTrace, look: PageObservation, *, is_document: bool
) -> list[Event]:
    """Write the copies that a trace found, and when the page is looked at again; what is to be told."""
    known = store.copies.on_page(page.id)
    decision = copies.derive(known, _statements(store, known), page_matching.findings(store, traced), look)
    store.copies.save(decision.copies)
    told = list(decision.events)
    is_carrier = any(copy.gone_at is None for copy in (*known, *decision.copies))
    if not is_carrier and (event := _unsourced(store, page, look.at, page_matching.nearest(traced), is_document)):
        told.append(event)
        page = replace(page, unsourced_at=look.at)
        store.pages.mark_unsourced(page.id, look.at)
    is_watched = is_relevant(traced) or bool(known)
    if not (look.is_retrace and page.next_check_at is not None):
        store.pages.schedule_recheck(page.id, _next_check(page, decision, look.at, is_document) if is_watched else None)
    return told


def _unsourced(store: Store, page: MirrorPage, at: datetime, nearest: str, is_document: bool) -> Event | None:
    """The event that nothing carries what a page claims, once that is certain, and once only.

    What a list gives of a page may be its first lines: the page itself has a day to answer.
    """
    if page.relation is not Relation.UNSOURCED or page.unsourced_at is not None:
        return None
    is_waiting = at - page.first_seen_at < CLAIM_WAIT
    open_ = [url for url in page.claimed_urls if not is_looked_up(store, url, at)]
    if is_waiting and (open_ or not page.claimed_urls or not is_document):
        return None
    because = ""
    if page.claimed_urls:
        is_other = any(
            store.statements.by_url(url) or store.captures.last_answer(url, at - CLAIM_WAIT)[1]
            for url in page.claimed_urls
        )
        because = f"{'another text' if is_other else 'nothing'} stands at the address that it names"
    if open_:
        because = f"{open_[0]} could not be looked up"
    return copies.unsourced(page, at, page.source, nearest, because)


def _next_check(page: MirrorPage, decision: copies.CopyDecision, at: datetime, is_document: bool = True) -> datetime:
    missing = [copy for copy in decision.copies if copy.misses and copy.gone_at is None]
    if missing:
        return min(schedule.confirm_recheck(copy.missing_since or at, copy.misses, at) for copy in missing)
    if not is_document:
        return at + schedule.RETRY
    if page.relation is Relation.UNSOURCED and page.unsourced_at is None:
        return at + _UNSETTLED
    return schedule.next_page_check(page.first_seen_at, at)


def _statements(store: Store, known: list[Copy]) -> dict[int, Statement]:
    found = (store.statements.by_id(copy.statement_id) for copy in known)
    return {statement.id: statement for statement in found if statement is not None}


def _quotes(said: attribution.Attribution) -> tuple[str, ...]:
    quotes = (normalize.truncate(one.quote, _MAX_QUOTE_CHARS) for one in said.evidence if one.strength >= _FAIR)
    return tuple(dict.fromkeys(quotes))[:_MAX_QUOTES]
