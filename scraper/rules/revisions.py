"""Rules that compare an item with the known history of its statement and derive revisions and events (pure).

- A **stale** response may bring a new statement. A known one it revises only by a wording never had before, once that
  was held for a day (`holding`). For a statement, a response is also stale if its clock is older than that of one that
  carried it before (two feeds). A clock later than the capture is none.
- A capture that is older than what is known already revises nothing (files are imported in any order).
- Only the text counts: `modified` never causes an event, and an older `modified` marks a stale item.
- Two parsers may read one text differently, so each is compared with what it last read itself: a fallback from REST
  to the feed is neither revision nor touch.
- A return to an earlier wording is a change only if the response's own clock advanced, or if the wording in between
  was not seen for a day: caches flap. Within one day a turn to the same wording is reported once.
- A body that is empty, or gave way to a file or a password form, is no revision: it is held, and then a withdrawal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from scraper import urls
from scraper.model import (
    Event,
    EventKind,
    Grade,
    Item,
    Part,
    PublicationState,
    Reason,
    Role,
    Statement,
    Wording,
)
from scraper.rules import state_hosts
from scraper.rules.change_events import changed
from scraper.rules.events import about, remarks
from scraper.rules.holding import explain, held_key
from scraper.rules.placeholders import ABSENCES, Absence, is_no_title
from scraper.rules.statement_history import ItemObservation, RevisionDecision, RevisionTurn, StatementHistory
from scraper.rules.wordings import EXCERPT_CHARS, build_wording, has_news, wording_keys
from scraper.text import normalize

FLAP_WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class _Change:
    """The wording that a parser read last time, and the one that it reads now; `headings` are those of either."""

    before: Wording
    after: Wording
    headings: tuple[str, ...] = ()


def derive(
    item: Item, known: StatementHistory | None, seen: ItemObservation, twin: Statement | None = None
) -> RevisionDecision:
    """Derive the changes of an item with its text. `twin` is another statement with the very same body, if any."""
    if known is None:
        return _published(item, seen, twin)
    return _seen_again(item, known, seen)


def _published(item: Item, seen: ItemObservation, twin: Statement | None) -> RevisionDecision:
    wording = build_wording(item.title, item.paragraphs or (), item.byline)
    url = urls.canonical(item.url)
    backfill = seen.first_fill or seen.role is Role.ARCHIVE
    published = Event(
        EventKind.PUBLISHED,
        seen.at,
        seen.source,
        guid=item.guid,
        url=url,
        title=item.title,
        revision=1,
        backfill=backfill,
        standing=seen.standing,
    )
    events = [published]
    if twin is not None:
        events.append(replace(published, kind=EventKind.REPOSTED, before=twin.guid, after=item.guid))
    return RevisionDecision(wording, 1, url, read=wording, seen_revision=1, events=tuple(events), new_revision=True)


def _seen_again(item: Item, known: StatementHistory, seen: ItemObservation) -> RevisionDecision:
    statement = known.statement
    unchanged = RevisionDecision(known.wording, known.current, statement.url)
    if seen.at < statement.last_seen_at:
        return unchanged
    seen = _with_own_clock(seen, item, statement)
    # Some endpoints give a byline, others leave it in the body, which may follow a change of the field later.
    own, other = (build_wording(item.title, item.paragraphs or (), b) for b in (item.byline, statement.byline))
    is_blank = not (wording_keys(own).body_words and wording_keys(other).body_words)
    if known.wording.text and (is_blank or item.absence):
        return replace(unchanged, **_emptied(item, known, seen))
    if seen.stale and seen.held is None:
        had = (known.last_read, *known.renderings, *(turn.revision.wording for turn in known.turns))
        is_news = has_news((own, other), filter(None, had))
        return replace(unchanged, held_key=held_key(*wording_keys(own).words)) if is_news else unchanged
    reference = wording_keys(known.last_read or known.wording).body_words
    is_lagging = wording_keys(own).body_words != reference == wording_keys(other).body_words
    decision = _reworded(item, other if is_lagging else own, known, seen)
    if is_lagging and item.byline:
        # Until the body follows, this parser reads the old byline as a part of it.
        decision = replace(decision, read=own, seen_revision=None)
    url = _current_url(item, known, seen)
    events = [*_restored(known, seen), *decision.events, *_reattributed(item, known, seen)]
    if url != statement.url:
        events.append(_event(EventKind.MOVED, known, seen, before=statement.url, after=url))
    title = decision.wording.title
    return replace(decision, url=url, events=tuple(replace(event, title=title, url=url) for event in events))


def _with_own_clock(seen: ItemObservation, item: Item, statement: Statement) -> ItemObservation:
    """Mark an item as stale if it is older than its statement, as progressed if it was modified since.

    A stored time that lies in the future of the capture was never true.
    """
    modified_at, clock = (None if at and at > seen.at else at for at in (statement.modified_at, statement.clock))
    if item.modified_at and modified_at and item.modified_at != modified_at:
        is_newer = item.modified_at > modified_at
        seen = replace(seen, stale=seen.stale or not is_newer, progressed=seen.progressed or is_newer)
    return replace(seen, stale=True) if seen.clock and clock and seen.clock < clock else seen


def _emptied(item: Item, known: StatementHistory, seen: ItemObservation) -> dict[str, Any]:
    """Return what follows from a statement without its text: it is held, and once released a withdrawal."""
    absence = item.absence or Absence.BLANK
    facts: dict[str, Any] = {"problem": f"{item.url}: {ABSENCES[absence]}", "held_key": held_key(absence)}
    if seen.held is not None and known.statement.state is PublicationState.CURRENT:
        withdrawn = _event(EventKind.WITHDRAWN, known, seen, after=absence)
        facts["events"] = (explain(withdrawn, seen.held, ABSENCES[absence]),)
    return facts


def _current_url(item: Item, known: StatementHistory, seen: ItemObservation) -> str:
    """Return the statement's current URL. An archive only adds a URL, and a flapping cache returns to an old one."""
    url = urls.canonical(item.url)
    if urls.is_same(url, known.statement.url):
        return known.statement.url
    is_elsewhere = seen.role is Role.ARCHIVE or state_hosts.is_elsewhere(url, known.statement)
    is_old = not seen.progressed and any(urls.is_same(url, alias) for alias in known.aliases)
    return known.statement.url if is_elsewhere or is_old else url


def _reworded(item: Item, read: Wording, known: StatementHistory, seen: ItemObservation) -> RevisionDecision:
    now, standing = wording_keys(read), wording_keys(known.wording)
    same = RevisionDecision(known.wording, known.current, known.statement.url, read=read, seen_revision=known.current)
    only_here = replace(same, seen_revision=None)
    before = known.last_read
    if now == standing:
        return _overdue(known, seen) or same
    if before is None or now == wording_keys(before):
        # This parser reads the statement for the first time, or reads what it read before.
        return only_here
    change = _Change(before, read, (*known.headings, *item.headings))
    if now.words == wording_keys(before).words:
        return _touched(change, known, seen) if now.words == standing.words else only_here
    if now.words == standing.words:
        return only_here
    if _only_byline_left(item, read, known):
        return replace(same, wording=read, new_rendering=True)
    wording = _applied(change, known)
    words = wording_keys(wording).words
    if words == standing.words:
        return only_here
    earlier = next((t for t in known.turns if wording_keys(t.revision.wording).words == words), None)
    if earlier is None:
        return _turn(change, wording, len(known.turns) + 1, known, seen)
    return _returned(change, wording, earlier, known, seen)


def _applied(change: _Change, known: StatementHistory) -> Wording:
    """Apply a parser's change to the current wording; a part that did not change for this parser stays."""
    read = change.after
    old, now, standing = wording_keys(change.before), wording_keys(read), wording_keys(known.wording)
    keeps_title = old.title_visible == now.title_visible or old.title_words == now.title_words != standing.title_words
    keeps_body = old.body_visible == now.body_visible or old.body_words == now.body_words != standing.body_words
    return Wording(known.wording.title if keeps_title else read.title, known.wording.text if keeps_body else read.text)


def _sighted(read: Wording, wording: Wording, number: int) -> int | None:
    """Return the number of the revision that an item carries, None if its rendering differs from the revision's."""
    return number if wording_keys(read).visible == wording_keys(wording).visible else None


def _only_byline_left(item: Item, read: Wording, known: StatementHistory) -> bool:
    """Return True if the only difference is a byline that the known text still has as its first paragraphs."""
    stripped = build_wording(known.wording.title, normalize.paragraphs(known.wording.text), item.byline)
    return wording_keys(stripped).words == wording_keys(read).words


def _returned(
    change: _Change, wording: Wording, earlier: RevisionTurn, known: StatementHistory, seen: ItemObservation
) -> RevisionDecision:
    """Decide on an earlier wording: a turn back to it, or a cache that flaps."""
    number = earlier.revision.number
    standing = known.turns[known.current - 1].revision
    if not seen.progressed and seen.at - standing.last_seen_at < FLAP_WINDOW:
        return RevisionDecision(
            known.wording, known.current, known.statement.url, read=change.before, seen_revision=number
        )
    turn = _turn(change, wording, number, known, seen, remarks(f"returns to the wording of revision {number}"))
    is_reported = earlier.turned_at is not None and seen.at - earlier.turned_at < FLAP_WINDOW
    return replace(turn, events=(), turned=False) if is_reported or earlier is _last_reported_turn(known) else turn


def _overdue(known: StatementHistory, seen: ItemObservation) -> RevisionDecision | None:
    """Return the turn to the current wording if it was withheld as a repetition within a day that is now over."""
    standing, reported = known.turns[known.current - 1], _last_reported_turn(known)
    if reported is standing or seen.at - _turned_at(standing) < FLAP_WINDOW:
        return None
    because = remarks(f"returned to the wording of revision {known.current}")
    wording = known.wording
    return _turn(
        _Change(reported.revision.wording, wording, known.headings), wording, known.current, known, seen, because
    )


def _last_reported_turn(known: StatementHistory) -> RevisionTurn:
    """Return the turn that events reported last: not that to the current wording if it was repeated within a day."""
    standing = known.turns[known.current - 1]
    return max(known.turns, key=lambda turn: (_turned_at(turn), turn is standing))


def _turned_at(turn: RevisionTurn) -> datetime:
    return turn.turned_at or turn.revision.first_seen_at


def _turn(
    change: _Change,
    wording: Wording,
    number: int,
    known: StatementHistory,
    seen: ItemObservation,
    because: tuple[Reason, ...] = (),
) -> RevisionDecision:
    """Decide on a turn to another wording, with an event for the body and one for the title, as either changed.

    The events compare with what this parser read before.
    """
    before, read = change.before, change.after
    old, now = wording_keys(before), wording_keys(read)
    events = []
    observed = partial(changed, known.statement, seen.at, seen.source, backfill=seen.role is Role.ARCHIVE)
    if old.body_words != now.body_words:
        events.append(observed(Part.BODY, before.text, read.text, change.headings))
    if old.title_words != now.title_words and not is_no_title(before.title):
        events.append(observed(Part.TITLE, before.title, read.title))
    grades = [event.grade or Grade.MINOR for event in events]
    events = [replace(event, reasons=(*because, *event.reasons), revision=number) for event in events]
    events.extend(_touches(change, known, seen))
    return RevisionDecision(
        wording,
        number,
        known.statement.url,
        read=read,
        seen_revision=_sighted(read, wording, number),
        events=tuple(events),
        new_revision=number > len(known.turns),
        new_rendering=number <= len(known.turns),
        turned=True,
        grade=max(grades, key=lambda grade: grade.rank, default=Grade.MINOR),
    )


def _touched(change: _Change, known: StatementHistory, seen: ItemObservation) -> RevisionDecision:
    before, read = change.before, change.after
    same = RevisionDecision(known.wording, known.current, known.statement.url, read=before, seen_revision=known.current)
    if not seen.progressed and wording_keys(read).visible in {wording_keys(one).visible for one in known.renderings}:
        return same
    wording = _applied(change, known)
    sighted = _sighted(read, wording, known.current)
    touches = tuple(_touches(change, known, seen))
    return replace(same, wording=wording, read=read, seen_revision=sighted, events=touches, new_rendering=True)


def _touches(change: _Change, known: StatementHistory, seen: ItemObservation) -> Iterator[Event]:
    """Yield an event for each part that has the same words and another appearance."""
    before, after = change.before, change.after
    touch = _event(EventKind.TOUCHED, known, seen, grade=Grade.COSMETIC)
    old, now = wording_keys(before), wording_keys(after)
    if old.body_words == now.body_words and old.body_visible != now.body_visible:
        left, right = (
            normalize.truncate(side, EXCERPT_CHARS) for side in normalize.first_difference(before.text, after.text)
        )
        yield replace(touch, part=Part.BODY, before=left, after=right)
    if old.title_words == now.title_words and old.title_visible != now.title_visible:
        yield replace(touch, part=Part.TITLE, before=before.title, after=after.title)


def _reattributed(item: Item, known: StatementHistory, seen: ItemObservation) -> Iterator[Event]:
    before, after = known.statement.byline, item.byline
    if before and after and before != after and normalize.word_key(before) != normalize.word_key(after):
        yield _event(EventKind.REATTRIBUTED, known, seen, before=before, after=after)


def _restored(known: StatementHistory, seen: ItemObservation) -> Iterator[Event]:
    if known.statement.state is PublicationState.WITHDRAWN:
        yield _event(EventKind.RESTORED, known, seen)


def _event(kind: EventKind, known: StatementHistory, seen: ItemObservation, **facts: Any) -> Event:
    return about(known.statement, kind, seen.at, seen.source, backfill=seen.role is Role.ARCHIVE, **facts)
