"""Ingest of a capture: stores it with the statements, revisions and events that follow, for a poll, a file or a URL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from scraper import parsers
from scraper.errors import ParseError
from scraper.matching.model import RevisionKey
from scraper.model import EventKind, Outcome, Role, Wording
from scraper.pipeline import ingest_pages
from scraper.pipeline.reread import EarlierAnswer, reread
from scraper.rules import holding, identity, placeholders, revisions, schedule, wordings
from scraper.rules.holding import HeldSubject, HeldText
from scraper.rules.placeholders import Absence
from scraper.rules.source_health import outcome_phrase
from scraper.rules.withdrawal import WithdrawalCheck
from scraper.text import damage, mojibake, normalize

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scraper.model import Capture, EndpointKind, Event, Item, Reading, Statement
    from scraper.store import Store

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Origin:
    """Source and role of captures. `first_fill` is True while the source is filled for the first time.

    `language` is that of texts which declare none themselves. Statements published before `watched_since` are
    backfill too: in a backfill walk, and on a mirror.
    """

    source: str
    role: Role
    first_fill: bool = False
    language: str | None = None
    watched_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class IngestResult:
    """Result of the ingest of one capture. `is_new` is False if it was stored already; then it changes nothing."""

    is_new: bool
    stale: bool = False
    published: int = 0
    events: tuple[Event, ...] = ()
    problems: tuple[str, ...] = ()


class RunProblem(NamedTuple):
    """Problem of a run or of one capture; `url` is that of the page or list that it concerns, or ""."""

    problem: str
    url: str = ""

    def __str__(self) -> str:
        return f"{self.url}: {self.problem}" if self.url else self.problem

    def at(self, url: str) -> RunProblem:
        """Return the problem with a URL if it has none of its own."""
        return self if self.url else RunProblem(self.problem, url)


def try_read(capture: Capture, kind: EndpointKind | None = None) -> tuple[Reading | None, RunProblem | None]:
    """Parse a capture. Return the reading and None, or None and the reason; both are None for "not modified".

    One page never stops a source, nor one record an import: an unexpected error of a parser is reported as a bug.
    """
    if capture.outcome is Outcome.NOT_MODIFIED:
        return None, None
    if capture.outcome is not Outcome.OK:
        name = outcome_phrase(capture.outcome)
        return None, RunProblem(f"{name} ({capture.detail})" if capture.detail else name)
    try:
        return parsers.read(capture, kind), None
    except ParseError as error:
        return None, RunProblem(error.problem, error.url)
    except Exception as error:
        bug = f"parsing it failed, which is a bug ({type(error).__name__}: {error})"
        return None, RunProblem(bug, capture.url)


def ingest(
    store: Store, origin: Origin, capture: Capture, reading: Reading | None, clock_url: str = ""
) -> IngestResult:
    """Store a capture and all changes that its items cause. The caller holds a transaction (`Store.unit`).

    `reading` is None for a capture that could not be read, or must not be. `clock_url` is the endpoint whose own
    clock decides staleness; empty for answers without one, such as pages.
    """
    row = store.captures.add(origin.source, capture)
    if row is None:
        return IngestResult(False)
    if reading is None:
        events = ingest_pages.ingest_unread(store, capture) if origin.role is Role.MIRROR else []
        store.events.add(events)
        return IngestResult(True, events=tuple(events))
    poll = _poll(store, origin, capture, reading, clock_url)
    events = []
    problems = list(reading.problems)
    if origin.role is Role.MIRROR:
        found, page_problems = ingest_pages.ingest_pages(
            store, poll, capture, reading, watched_since=origin.watched_since
        )
        events.extend(found)
        problems.extend(page_problems)
    else:
        # Lists begin with the newest; events are stored in the order of publication.
        earlier = EarlierAnswer(store, capture, reading.parser)
        answer = identity.without_shared(_with_absences(reading))
        for item in sorted(answer.items, key=lambda item: item.published_at or capture.captured_at):
            is_shared = answer.is_shared(item.url)
            item_events, problem = _ingest_item(store, item, origin, poll, earlier, is_url_shared=is_shared)
            events.extend(item_events)
            problems.extend([problem] if problem else [])
    store.events.add(events)
    store.captures.mark_read(
        row, parser=reading.parser, items=len(reading.items), stale=poll.stale, problems=tuple(problems)
    )
    published = sum(event.kind is EventKind.PUBLISHED for event in events)
    return IngestResult(True, poll.stale, published, tuple(events), tuple(problems))


def _poll(
    store: Store, origin: Origin, capture: Capture, reading: Reading, clock_url: str
) -> revisions.ItemObservation:
    """Compare the clock of an answer with the newest one of its endpoint, and store it if it is newer."""
    clock = _past(reading.clock, capture) if clock_url else None
    newest = store.endpoints.clock(clock_url) if clock_url else None
    is_ahead = newest is not None and newest > capture.captured_at
    if is_ahead and store.captures.last_answer(capture.url, capture.captured_at + _SECOND)[0] is None:
        newest = _past(newest, capture)  # of a capture that is imported late, the future is known
    progressed = clock is not None and (newest is None or clock > newest)
    if progressed and clock:
        store.endpoints.set_clock(clock_url, clock)
    return revisions.ItemObservation(
        origin.source,
        origin.role,
        reading.parser,
        capture.captured_at,
        stale=bool(clock and newest and clock < newest),
        progressed=progressed,
        first_fill=origin.first_fill,
        clock=clock,
        version=parsers.VERSION,
    )


def _past(clock: datetime | None, capture: Capture) -> datetime | None:
    """Return a clock, or None if it lies in the future of a capture: that is a mistake, and would make all stale."""
    return None if clock and clock > capture.captured_at else clock


def _with_absences(reading: Reading) -> list[Item]:
    """Return the items of a reading; in a list without any text, the absence of one says nothing."""
    is_textless = len(reading.items) > 1 and not any(item.paragraphs for item in reading.items)
    return [replace(item, absence=None) if is_textless and item.absence else item for item in reading.items]


def is_known(store: Store, item: Item) -> bool:
    """Decide if an item of a list is a known statement, so that its page need not be fetched.

    An item without a title (in a sitemap) is known by its URL, unless the list says that the page was modified after
    the statement was last seen.
    """
    candidates = store.statements.candidates(item)
    if item.title:
        return identity.identify(item, candidates, store.statements.text) is not None
    return any(item.modified_at is None or item.modified_at <= known.last_seen_at for known in candidates)


def _apply(
    store: Store,
    known: revisions.StatementHistory,
    item: Item,
    decision: revisions.RevisionDecision,
    poll: revisions.ItemObservation,
) -> None:
    """Write the changes of an item, and update the fingerprints of the wordings that change."""
    key = RevisionKey(known.statement.id, decision.revision)
    before = known.turns[decision.revision - 1].revision.wording if decision.new_rendering else decision.wording
    # Not only for other words: a change that joins or splits tokens ("D.C.") gives other runs of words.
    is_reworded = before != decision.wording
    if is_reworded:
        store.fingerprints.remove(key)
    store.statements.apply(known, item, decision, poll)
    if is_reworded or decision.new_revision:
        store.fingerprints.add(key)


def _wording(item: Item) -> Wording:
    return Wording(item.title, normalize.join(item.paragraphs or ()))


def _without_mojibake(item: Item) -> Item:
    """Return an item with garbled characters and doubled escapes repaired in its title, paragraphs and byline."""
    title, byline, *paragraphs = mojibake.fix_parts([item.title, item.byline or "", *(item.paragraphs or ())])
    return replace(item, title=title, paragraphs=tuple(paragraphs), byline=byline or None)


def _ingest_item(
    store: Store,
    item: Item,
    origin: Origin,
    poll: revisions.ItemObservation,
    earlier: EarlierAnswer,
    *,
    is_url_shared: bool,
) -> tuple[tuple[Event, ...], str | None]:
    item, poll = _completed(item, origin, poll)
    candidates = store.statements.candidates(item)
    statement = identity.identify(item, candidates, store.statements.text, is_url_shared=is_url_shared)
    item = identity.without_taken_guid(item, statement, candidates)
    absence = placeholders.absence_of(item, statement.words if statement else 0)
    if absence != item.absence:
        item = replace(item, absence=absence)
    if statement is not None and item.absence:
        return _ingest_emptied(store, item, statement, poll)
    if item.absence == Absence.LOCKED:
        return (), f"{item.url}: {placeholders.ABSENCES[item.absence]}"
    if item.paragraphs is None:
        # A list names the item; its text comes from its own page, if the crawl wants it.
        if statement is not None and not poll.stale:
            store.statements.note_listed(statement.id, poll.at)
        return (), None
    if statement is not None:
        return _ingest_known(store, item, statement, poll, earlier)
    if origin.watched_since and item.published_at and item.published_at < origin.watched_since:
        poll = replace(poll, first_fill=True)
    return _ingest_new(store, item, poll, candidates), None


def _completed(item: Item, origin: Origin, poll: revisions.ItemObservation) -> tuple[Item, revisions.ItemObservation]:
    """Return an item with the language of its source, without a time in the future, and the clock that it has."""
    if origin.language and not item.language:
        item = replace(item, language=origin.language)
    if item.modified_at and item.modified_at > poll.at:
        item = replace(item, modified_at=None)
    if item.modified_at and poll.clock:
        # The item's own time decides if it is stale. The clock of its answer may be such a time too (in the REST
        # API) and cannot be compared with the time at which a feed was built.
        poll = replace(poll, clock=None)
    return item, poll


def _ingest_new(
    store: Store, item: Item, poll: revisions.ItemObservation, candidates: Sequence[Statement]
) -> tuple[Event, ...]:
    """Store an item as a new statement, and return the events. `candidates` share its guid or its URL."""
    item = _without_mojibake(item)
    item = replace(item, guid=identity.guid_for(item, candidates), guid_derived=item.guid_derived or not item.guid)
    wording = wordings.build_wording(item.title, item.paragraphs or (), item.byline)
    decision = revisions.derive(item, None, poll, store.statements.find_repost(wording))
    statement_id = store.statements.add(item, decision, poll)
    store.fingerprints.add(RevisionKey(statement_id, decision.revision))
    store.rechecks.save(statement_id, WithdrawalCheck(), schedule.next_recheck(poll.at, poll.at))
    return tuple(replace(event, statement_id=statement_id) for event in decision.events)


def _ingest_emptied(
    store: Store, item: Item, statement: Statement, poll: revisions.ItemObservation
) -> tuple[tuple[Event, ...], str | None]:
    """Note a statement whose text is not there; if it is so for a day, it counts as withdrawn."""
    known = store.statements.known(statement, poll.parser, item.url)
    if not poll.stale:
        store.statements.note_listed(statement.id, poll.at)
    if known.last_read is None:
        return (), None  # this endpoint never had the text
    item = replace(item, title=placeholders.real_title(item.title, statement.title))
    decision, _ = _decide(store, item, known, poll)
    if decision.events:
        store.rechecks.withdraw(statement.id)
    else:
        # The page itself may have the text, and clears what is held.
        store.rechecks.bring_forward(statement.id, poll.at + schedule.CONFIRM_WAIT / 2)
    return decision.events, decision.problem


def _decide(
    store: Store, item: Item, known: revisions.StatementHistory, poll: revisions.ItemObservation
) -> tuple[revisions.RevisionDecision, HeldText | None]:
    """Derive the changes of an item, or hold its text if a check does not let it be compared.

    Return also what is known of the text if it was held, and is released.
    """
    decision = revisions.derive(item, known, poll)
    if decision.held_key is None:
        return decision, None
    held = store.held.look(HeldSubject.STATEMENT, known.statement.id, decision.held_key, poll.at)
    if not held.is_released:
        return decision, None
    return revisions.derive(item, known, replace(poll, held=held)), held


def _undamaged(
    store: Store, item: Item, known: revisions.StatementHistory, poll: revisions.ItemObservation
) -> tuple[Item | None, HeldText | None]:
    """Return an item with its lost characters restored, None if its text is not to be compared, and how it was held.

    What differs beside lost characters is held for a day: a wrong character set is no change.
    """
    item = _without_mojibake(item)
    if not mojibake.is_damaged(_wording(item), known.wording):
        return item, None
    (title,) = damage.restore_lost([item.title], known.wording.title)
    paragraphs = damage.restore_lost(item.paragraphs or (), known.wording.text)
    restored = replace(item, title=title, paragraphs=paragraphs)
    words = wordings.wording_keys(_wording(restored)).words
    if damage.is_mostly_lost(paragraphs) or words == wordings.wording_keys(known.wording).words:
        return None, None
    held = store.held.look(HeldSubject.STATEMENT, known.statement.id, holding.held_key(*words), poll.at)
    return (restored, held) if held.is_released else (None, None)


def _ingest_known(
    store: Store, item: Item, statement: Statement, poll: revisions.ItemObservation, earlier: EarlierAnswer
) -> tuple[tuple[Event, ...], str | None]:
    """Compare the text of an item with the history of its statement and write what changed."""
    known = store.statements.known(statement, poll.parser, item.url)
    title = placeholders.real_title(item.title, statement.title)
    problem = None if title == item.title else f"{item.url}: the title is missing, the known one stays"
    held = None
    if title != item.title:
        item = replace(item, title=title)
    if mojibake.is_damaged(_wording(item), known.wording):
        problem = f"{item.url}: characters are damaged, so the text is not compared"
        undamaged, held = _undamaged(store, item, known, poll)
        if undamaged is None:
            if not poll.stale:
                store.statements.note_listed(statement.id, poll.at)
            return (), problem
        item, problem = undamaged, None
    known = reread(store, item, known, poll, earlier)
    decision, stale_held = _decide(store, item, known, poll)
    if held := held or stale_held:
        decision = replace(decision, events=tuple(holding.explain(event, held) for event in decision.events))
    if decision.read is not None:
        store.held.clear(HeldSubject.STATEMENT, statement.id)
    _apply(store, known, item, decision, poll)
    is_other_current = decision.new_revision or decision.revision != known.current
    outdated = ingest_pages.retrace_carriers(store, statement.id, poll.at) if is_other_current else []
    # A turn of State's that causes no event, because its caches flap, causes none of the copies either.
    return (*decision.events, *(outdated if decision.events else ())), decision.problem or problem
