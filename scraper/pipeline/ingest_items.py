"""Ingest of one item of State's: identifies its statement, and stores what changed in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scraper import urls
from scraper.matching.model import RevisionKey
from scraper.model import EventKind, Role, Wording
from scraper.parsers import vocabulary
from scraper.pipeline import ingest_pages
from scraper.pipeline.reread import reread
from scraper.rules import (
    holding,
    identity,
    placeholders,
    releases,
    revisions,
    schedule,
    standing,
    state_hosts,
    wordings,
)
from scraper.rules.events import about
from scraper.rules.holding import HeldSubject, HeldText
from scraper.rules.placeholders import Absence
from scraper.rules.withdrawal import WithdrawalCheck
from scraper.text import damage, mojibake, normalize

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from scraper.model import Event, Item, Statement
    from scraper.pipeline.reread import EarlierAnswer
    from scraper.rules.statement_history import ItemObservation, RevisionDecision, StatementHistory
    from scraper.store import Store


@dataclass(frozen=True, slots=True)
class Origin:
    """Source and role of captures. `first_fill` is True while the source is filled for the first time.

    `language` is that of texts which declare none themselves. Statements published before `watched_since` are
    backfill too: in a backfill walk, and on a mirror. `claimed_url` is the URL that led to State's page because a page
    of another site names it. `only_site` is set if the host of a page gave it its role: then only statements of that
    site can be its items. `only_carriers`: an unknown page is stored only if it carries or quotes a statement.
    `recheck_after` is set for standing pages: the first wait until the page is fetched again.
    """

    source: str
    role: Role
    first_fill: bool = False
    language: str | None = None
    watched_since: datetime | None = None
    claimed_url: str | None = None
    only_site: str | None = None
    only_carriers: bool = False
    recheck_after: timedelta | None = None


def _apply(
    store: Store,
    known: StatementHistory,
    item: Item,
    decision: RevisionDecision,
    poll: ItemObservation,
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
        store.fingerprints.add(key, decision.wording)


def _wording(item: Item) -> Wording:
    return Wording(item.title, normalize.join(item.paragraphs or ()))


def _without_mojibake(item: Item) -> Item:
    """Return an item with garbled characters and doubled escapes repaired in its title, paragraphs and byline."""
    title, byline, *paragraphs = mojibake.fix_parts([item.title, item.byline or "", *(item.paragraphs or ())])
    return replace(item, title=title, paragraphs=tuple(paragraphs), byline=byline or None)


def ingest_item(
    store: Store,
    item: Item,
    origin: Origin,
    poll: ItemObservation,
    earlier: EarlierAnswer,
    *,
    is_url_shared: bool,
    is_listed: bool,
) -> tuple[tuple[Event, ...], str | None]:
    """Store the changes that an item of State's causes; return their events, and a problem or None.

    `is_url_shared`: its answer has several titles at its URL. `is_listed`: a list of the source names it.
    """
    item, poll = _completed(item, origin, poll)
    candidates = store.statements.candidates(item)
    own = origin.only_site
    possible = [each for each in candidates if own is None or state_hosts.site_of(each.url) == own]
    statement = identity.identify(item, possible, store.statements.text, is_url_shared=is_url_shared)
    item = identity.without_taken_guid(item, statement, candidates)
    if poll.standing or (statement is not None and statement.standing):
        item = standing.without_update_lines(item)
    absence = placeholders.absence_of(item, statement.words if statement else 0)
    if absence != item.absence:
        item = replace(item, absence=absence)
    if statement is None:
        return _ingest_unknown(store, item, candidates, origin, poll)
    if origin.claimed_url is not None:
        store.statements.note_claimed(statement.id, _claimed_urls(item, origin.claimed_url), poll.at)
        if not urls.is_same(item.url, statement.url):
            return (), None  # another site chose this URL: what is there is no move and no other wording
    listed: tuple[Event, ...] = ()
    if is_listed and statement.claimed:
        statement, published = _take_listed(store, item, statement, origin, poll)
        listed = (published,)
    events, problem = _ingest_sighting(store, item, statement, poll, earlier)
    return (*listed, *events), problem


def _ingest_sighting(
    store: Store, item: Item, statement: Statement, poll: ItemObservation, earlier: EarlierAnswer
) -> tuple[tuple[Event, ...], str | None]:
    if item.absence:
        return _ingest_emptied(store, item, statement, poll)
    if item.paragraphs is not None:
        return _ingest_known(store, item, statement, poll, earlier)
    if not poll.stale:
        store.statements.note_listed(statement.id, poll.at)
    return (), None


def _ingest_unknown(
    store: Store, item: Item, candidates: Sequence[Statement], origin: Origin, poll: ItemObservation
) -> tuple[tuple[Event, ...], str | None]:
    if item.absence == Absence.LOCKED:
        return (), f"{item.url}: {placeholders.ABSENCES[item.absence]}"
    if item.paragraphs is None:
        return (), None  # a list names the item; its text comes from its own page, if the crawl wants it
    poll = replace(poll, first_fill=_is_backfill(item, origin, poll))
    statement_id, events = _ingest_new(store, item, origin, poll, candidates)
    if origin.claimed_url is not None:
        store.statements.note_claimed(statement_id, _claimed_urls(item, origin.claimed_url), poll.at)
        if poll.first_fill:
            store.statements.mark_claimed(statement_id)
    return events, None


def _claimed_urls(item: Item, claimed_url: str) -> list[str]:
    """Return the URLs at which a page of State's is known because another site names it."""
    return [url for url in (item.url, claimed_url) if state_hosts.is_statement_url(url)]


def _is_backfill(item: Item, origin: Origin, poll: ItemObservation) -> bool:
    """Decide if an unknown statement existed when monitoring began."""
    if origin.claimed_url is not None:
        is_release_type = vocabulary.is_release(item.type)
        is_new = releases.is_new_release(
            item.published_at, origin.watched_since, poll.at, is_release_type=is_release_type
        )
        return poll.first_fill or not is_new
    is_older = origin.watched_since and item.published_at and item.published_at < origin.watched_since
    return poll.first_fill or bool(is_older)


def _take_listed(
    store: Store, item: Item, statement: Statement, origin: Origin, poll: ItemObservation
) -> tuple[Statement, Event]:
    """Take a statement that only another site's link had led to for State's own, and return its publication.

    A list of State's names it for the first time, at the URL of State's choice.
    """
    url = statement.url if state_hosts.is_elsewhere(item.url, statement) else urls.canonical(item.url)
    store.statements.mark_listed(statement.id, url)
    statement = replace(statement, claimed=False, url=url)
    backfill = poll.role is Role.ARCHIVE or _is_backfill(item, origin, poll)
    event = about(statement, EventKind.PUBLISHED, poll.at, poll.source, revision=statement.revision, backfill=backfill)
    return statement, event


def _completed(item: Item, origin: Origin, poll: ItemObservation) -> tuple[Item, ItemObservation]:
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
    store: Store, item: Item, origin: Origin, poll: ItemObservation, candidates: Sequence[Statement]
) -> tuple[int, tuple[Event, ...]]:
    """Store an item as a new statement; return its id and the events. `candidates` share its guid or its URL."""
    item = _without_mojibake(item)
    item = replace(item, guid=identity.guid_for(item, candidates), guid_derived=item.guid_derived or not item.guid)
    wording = wordings.build_wording(item.title, item.paragraphs or (), item.byline)
    decision = revisions.derive(item, None, poll, store.statements.find_repost(wording, item.authority))
    statement_id = store.statements.add(item, decision, poll)
    store.fingerprints.add(RevisionKey(statement_id, decision.revision), decision.wording)
    next_at = poll.at + origin.recheck_after if origin.recheck_after else schedule.next_recheck(poll.at, poll.at)
    store.rechecks.save(statement_id, WithdrawalCheck(), next_at)
    return statement_id, tuple(replace(event, statement_id=statement_id) for event in decision.events)


def _ingest_emptied(
    store: Store, item: Item, statement: Statement, poll: ItemObservation
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
    store: Store, item: Item, known: StatementHistory, poll: ItemObservation
) -> tuple[RevisionDecision, HeldText | None]:
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
    store: Store, item: Item, known: StatementHistory, poll: ItemObservation
) -> tuple[Item | None, HeldText | None]:
    """Return an item with its lost characters restored, None if its text is not to be compared, and how it was held.

    What differs beside lost characters is held for a day: a wrong character set is no change.
    """
    item = _without_mojibake(item)
    if not damage.is_damaged(_wording(item), known.wording):
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
    store: Store, item: Item, statement: Statement, poll: ItemObservation, earlier: EarlierAnswer
) -> tuple[tuple[Event, ...], str | None]:
    """Compare the text of an item with the history of its statement and write what changed."""
    known = store.statements.known(statement, poll.parser, item.url)
    title = placeholders.real_title(item.title, statement.title)
    problem = None if title == item.title else f"{item.url}: the title is missing, the known one stays"
    held = None
    if title != item.title:
        item = replace(item, title=title)
    if damage.is_damaged(_wording(item), known.wording):
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
    if decision.read is not None and (known.is_held or held is not None):
        store.held.clear(HeldSubject.STATEMENT, statement.id)
    _apply(store, known, item, decision, poll)
    is_other_current = decision.new_revision or decision.revision != known.current
    outdated = ingest_pages.retrace_carriers(store, statement.id, poll.at) if is_other_current else []
    # A turn of State's that causes no event, because its caches flap, causes none of the copies either.
    return (*decision.events, *(outdated if decision.events else ())), decision.problem or problem
