"""The one way from a capture to statements and events, whatever brought the capture: a poll, a file or a person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scraper import parsers
from scraper.errors import ParseError
from scraper.matching.model import RevisionKey
from scraper.model import EventKind, Outcome, Role, Wording
from scraper.pipeline import ingest_pages
from scraper.rules import identity, revisions, schedule, wordings
from scraper.rules.withdrawal import WithdrawalCheck
from scraper.text import mojibake, normalize

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Capture, EndpointKind, Event, Item, Reading
    from scraper.store import Store


@dataclass(frozen=True, slots=True)
class Origin:
    """Where captures come from, and whether it is being filled for the first time.

    `language` is that of its texts where they do not say it themselves. What was published before
    `watched_since` is history too: in a walk through the past, and on a mirror.
    """

    source: str
    role: Role
    first_fill: bool = False
    language: str | None = None
    watched_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What one capture brought. `is_new` is False for a capture that was kept already: it brings nothing."""

    is_new: bool
    stale: bool = False
    published: int = 0
    events: tuple[Event, ...] = ()
    problems: tuple[str, ...] = ()


def read(capture: Capture, kind: EndpointKind | None = None) -> tuple[Reading | None, str]:
    """What stands in a capture, or None and why that cannot be said (nothing, where it is unchanged).

    One page never stops a source, nor one record an import: an error that no parser foresaw is told
    as the bug that it is.
    """
    if capture.outcome is Outcome.NOT_MODIFIED:
        return None, ""
    if capture.outcome is not Outcome.OK:
        name = capture.outcome.value.replace("_", " ")
        return None, f"{name} ({capture.detail})" if capture.detail else name
    try:
        return parsers.read(capture, kind), ""
    except ParseError as error:
        return None, str(error)
    except Exception as error:
        return None, f"{capture.url}: reading it failed, which is a bug ({type(error).__name__}: {error})"


def ingest(
    store: Store, origin: Origin, capture: Capture, reading: Reading | None, clock_url: str = ""
) -> IngestResult:
    """Keep a capture and all that its items change. Within a unit.

    `reading` is None for what could not or must not be read. `clock_url` is the endpoint by whose own
    clock staleness is told; empty for answers without one, such as pages.
    """
    row = store.captures.add(origin.source, capture)
    if row is None:
        return IngestResult(False)
    if reading is None:
        noticed = ingest_pages.ingest_unread(store, capture) if origin.role is Role.MIRROR else []
        store.events.add(noticed)
        return IngestResult(True, events=tuple(noticed))
    newest = store.endpoints.clock(clock_url) if clock_url else None
    stale = bool(reading.clock and newest and reading.clock < newest)
    progressed = bool(clock_url and reading.clock and (newest is None or reading.clock > newest))
    if progressed and reading.clock:
        store.endpoints.set_clock(clock_url, reading.clock)
    poll = revisions.Poll(
        origin.source,
        origin.role,
        reading.parser,
        capture.captured_at,
        stale,
        progressed,
        origin.first_fill,
        reading.clock if clock_url else None,
    )
    told: list[Event] = []
    problems = list(reading.problems)
    if origin.role is Role.MIRROR:
        found, unread = ingest_pages.ingest_pages(
            store,
            origin.source,
            capture,
            reading,
            stale=stale,
            first_fill=origin.first_fill,
            watched_since=origin.watched_since,
        )
        told.extend(found)
        problems.extend(unread)
    else:
        # Lists begin with the newest; what happened is told in the order in which it was published.
        for item in sorted(reading.items, key=lambda item: item.published_at or capture.captured_at):
            happened, problem = _ingest_item(store, item, origin, poll)
            told.extend(happened)
            problems.extend([problem] if problem else [])
    store.events.add(told)
    store.captures.mark_read(
        row, parser=reading.parser, items=len(reading.items), stale=stale, problems=tuple(problems)
    )
    published = sum(event.kind is EventKind.PUBLISHED for event in told)
    return IngestResult(True, stale, published, tuple(told), tuple(problems))


def is_known(store: Store, item: Item) -> bool:
    """Whether an item of a list is a statement that is known, so that its page need not be read.

    A list without titles (a sitemap) is believed by the address, unless it says that the page was
    modified since the statement was last seen.
    """
    candidates = store.statements.candidates(item)
    if item.title:
        return identity.identify(item, candidates) is not None
    return any(item.modified_at is None or item.modified_at <= known.last_seen_at for known in candidates)


def _apply(
    store: Store,
    known: revisions.StatementHistory,
    item: Item,
    decision: revisions.RevisionDecision,
    poll: revisions.Poll,
) -> None:
    """Write what an item changes, and keep the index in step with the words that it changes."""
    key = RevisionKey(known.statement.id, decision.revision)
    was = known.turns[decision.revision - 1].revision.wording if decision.new_rendering else decision.wording
    # Not only other words: what a touch joins or parts ("D.C.") is found by other runs of words.
    is_reworded = was != decision.wording
    if is_reworded:
        store.fingerprints.remove(key)
    store.statements.apply(known, item, decision, poll)
    if is_reworded or decision.new_revision:
        store.fingerprints.add(key)


def _wording(item: Item) -> Wording:
    return Wording(item.title, normalize.join(item.paragraphs or ()))


def _without_mojibake(item: Item) -> Item:
    """An item as it was meant, where its characters were misread."""
    paragraphs = tuple(map(mojibake.fix_mojibake, item.paragraphs or ()))
    byline = item.byline and mojibake.fix_mojibake(item.byline)
    return replace(item, title=mojibake.fix_mojibake(item.title), paragraphs=paragraphs, byline=byline)


def _ingest_item(
    store: Store, item: Item, origin: Origin, poll: revisions.Poll
) -> tuple[tuple[Event, ...], str | None]:
    item = item if item.language else replace(item, language=origin.language)
    if item.modified_at:
        # Its own time tells whether it is behind. That of its answer may be such a time too (the data
        # interface) and cannot be compared with the time at which a feed was built.
        poll = replace(poll, clock=None)
    candidates = store.statements.candidates(item)
    statement = identity.identify(item, candidates)
    if item.paragraphs is None:
        # A list names it. Its text is read from its own page, if it is to be read at all.
        if statement is not None and not poll.stale:
            store.statements.note_listed(statement.id, poll.at)
        return (), None
    if statement is not None:
        known = store.statements.known(statement, poll.parser)
        if mojibake.is_damaged(_wording(item), known.wording):
            item = _without_mojibake(item)
        if mojibake.is_damaged(_wording(item), known.wording):
            if not poll.stale:
                store.statements.note_listed(statement.id, poll.at)
            return (), f"{item.url}: characters are damaged, so the text is not compared"
        decision = revisions.derive(item, known, poll)
        _apply(store, known, item, decision, poll)
        stands_other = decision.new_revision or decision.revision != known.current
        outdated = ingest_pages.retrace_carriers(store, statement.id, poll.at) if stands_other else []
        # A turn that is not told of State, for its caches flap, is not told of the copies either.
        return (*decision.events, *(outdated if decision.events else ())), decision.problem
    if origin.watched_since and item.published_at and item.published_at < origin.watched_since:
        poll = replace(poll, first_fill=True)
    item = _without_mojibake(item)
    item = replace(item, guid=identity.guid_for(item, candidates), guid_derived=item.guid_derived or not item.guid)
    wording = wordings.build_wording(item.title, item.paragraphs or (), item.byline)
    decision = revisions.derive(item, None, poll, store.statements.twin(wording))
    statement_id = store.statements.add(item, decision, poll)
    store.fingerprints.add(RevisionKey(statement_id, decision.revision))
    store.rechecks.save(statement_id, WithdrawalCheck(), schedule.next_recheck(poll.at, poll.at))
    return tuple(replace(event, statement_id=statement_id) for event in decision.events), None
