"""What was known + what was seen -> what happened: the rules that keep events honest (pure).

- A **stale** answer may bring a statement never seen; it revises nothing. Stale for a statement is
  also an answer with an older clock than one that carried it before (two feeds, two caches), and a
  capture older than what is known already (files come in any order).
- Text decides: `modified` is never an event, and an older `modified` is a stale item.
- Two parsers may read one text differently, so each is compared with what it last read itself: a
  fallback from REST to the feed, or a first look at the article page, is no revision and no touch.
- Going back to a wording that was had before is a change only when the answer's own clock moved on,
  or when the wording between was not seen for a day: caches flap. Inside one day no turn to the same
  wording is told twice.
- A body that comes back empty is a broken page, not a revision.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper import urls
from scraper.model import Event, EventKind, Grade, Item, Part, PublicationState, Revision, Role, Statement, Wording
from scraper.rules.wordings import build_wording, wording_keys
from scraper.text import diff, normalize

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


FLAP_WINDOW = timedelta(hours=24)
# Fewer words than this are shared by chance ("Remarks as prepared").
REPOST_WORDS = 20
_EXCERPT_CHARS = 400


@dataclass(frozen=True, slots=True)
class Poll:
    """The circumstances in which an item was seen.

    `clock` is the answer's own time. `progressed` says that it is later than ever before; False too
    where there is none.
    """

    source: str
    role: Role
    parser: str
    at: datetime
    stale: bool = False
    progressed: bool = False
    first_fill: bool = False
    clock: datetime | None = None


@dataclass(frozen=True, slots=True)
class RevisionTurn:
    """A wording that a statement had, and when an event last told that it turned to it (None: it began so)."""

    revision: Revision
    turned_at: datetime | None


@dataclass(frozen=True, slots=True)
class StatementHistory:
    """All that is known of a statement and bears on what an item means.

    `looks` are earlier renderings of the revision that stands. `last_read` is what the parser at hand
    read the last time, None where it never did.
    """

    statement: Statement
    turns: tuple[RevisionTurn, ...]
    renderings: frozenset[Wording] = frozenset()
    last_read: Wording | None = None
    aliases: frozenset[str] = frozenset()

    @property
    def current(self) -> int:
        """The number of the revision that stands."""
        return self.statement.revision

    @property
    def wording(self) -> Wording:
        """The wording that stands."""
        return self.turns[self.current - 1].revision.wording


@dataclass(frozen=True, slots=True)
class RevisionDecision:
    """What one item changes.

    `read` is the wording that this parser counts as having read: the item's own, but for a flap,
    which it is to forget. None where the item counts for nothing (a stale poll): then nothing known
    is updated, not even when it was last seen. `wording` stands from now on, as revision number
    `revision`; the item itself carries revision `sighted` (None: a wording or a rendering that only
    these eyes see). `new_revision` says that the revision is to be written with `grade`, `new_look`
    that its rendering is replaced, `turned` that an event told of the turn to it.
    """

    wording: Wording
    revision: int
    url: str
    read: Wording | None = None
    sighted: int | None = None
    events: tuple[Event, ...] = ()
    new_revision: bool = False
    new_rendering: bool = False
    turned: bool = False
    grade: Grade | None = None
    problem: str | None = None


def derive(item: Item, known: StatementHistory | None, poll: Poll, twin: Statement | None = None) -> RevisionDecision:
    """What an item with its text means. `twin` is another statement with the very same body, if there is one."""
    if known is None:
        return _published(item, poll, twin)
    return _seen_again(item, known, poll)


def _published(item: Item, poll: Poll, twin: Statement | None) -> RevisionDecision:
    wording = build_wording(item.title, item.paragraphs or (), item.byline)
    url = urls.canonical(item.url)
    backfill = poll.first_fill or poll.role is Role.ARCHIVE
    told = Event(
        EventKind.PUBLISHED,
        poll.at,
        poll.source,
        guid=item.guid,
        url=url,
        title=item.title,
        revision=1,
        backfill=backfill,
    )
    events = [told]
    if twin is not None:
        events.append(replace(told, kind=EventKind.REPOSTED, before=twin.guid, after=item.guid))
    return RevisionDecision(wording, 1, url, read=wording, sighted=1, events=tuple(events), new_revision=True)


def _seen_again(item: Item, known: StatementHistory, poll: Poll) -> RevisionDecision:
    statement = known.statement
    unchanged = RevisionDecision(known.wording, known.current, statement.url)
    if item.modified_at and statement.modified_at and item.modified_at != statement.modified_at:
        is_newer = item.modified_at > statement.modified_at
        poll = replace(poll, stale=poll.stale or not is_newer, progressed=poll.progressed or is_newer)
    is_behind = bool(poll.clock and statement.clock and poll.clock < statement.clock)
    if poll.stale or is_behind or poll.at < statement.last_seen_at:
        return unchanged
    # Some endpoints give a byline and some leave it in the body, which may follow a change of the field later.
    own, other = (build_wording(item.title, item.paragraphs or (), b) for b in (item.byline, statement.byline))
    if known.wording.text and not (wording_keys(own).body_words and wording_keys(other).body_words):
        return replace(unchanged, problem=f"{item.url}: the text is gone from the page")
    reference = wording_keys(known.last_read or known.wording).body_words
    is_lagging = wording_keys(own).body_words != reference == wording_keys(other).body_words
    decision = _reworded(item, other if is_lagging else own, known, poll)
    if is_lagging and item.byline:
        # Until the body follows, these eyes read the old byline as a part of it.
        decision = replace(decision, read=own, sighted=None)
    url = _current_url(item, known, poll)
    events = [*_restored(known, poll), *decision.events, *_reattributed(item, known, poll)]
    if url != statement.url:
        events.append(_event(EventKind.MOVED, known, poll, before=statement.url, after=url))
    title = decision.wording.title
    return replace(decision, url=url, events=tuple(replace(event, title=title, url=url) for event in events))


def _current_url(item: Item, known: StatementHistory, poll: Poll) -> str:
    """Where the statement stands now. An archive adds an address, and a flapping cache goes back to one."""
    url = urls.canonical(item.url)
    is_old = not poll.progressed and any(urls.same(url, alias) for alias in known.aliases)
    if urls.same(url, known.statement.url) or poll.role is Role.ARCHIVE or is_old:
        return known.statement.url
    return url


def _reworded(item: Item, read: Wording, known: StatementHistory, poll: Poll) -> RevisionDecision:
    now, standing = wording_keys(read), wording_keys(known.wording)
    same = RevisionDecision(known.wording, known.current, known.statement.url, read=read, sighted=known.current)
    only_here = replace(same, sighted=None)
    before = known.last_read
    if now == standing:
        return _overdue(known, poll) or same
    if before is None or now == wording_keys(before):
        # These eyes see the statement for the first time, or see what they saw before.
        return only_here
    if now.words == wording_keys(before).words:
        return _touched(before, read, known, poll) if now.words == standing.words else only_here
    if now.words == standing.words:
        return only_here
    if _only_byline_left(item, read, known):
        return replace(same, wording=read, new_rendering=True)
    wording = _applied(before, read, known)
    words = wording_keys(wording).words
    if words == standing.words:
        return only_here
    earlier = next((t for t in known.turns if wording_keys(t.revision.wording).words == words), None)
    if earlier is None:
        return _turn(before, read, wording, len(known.turns) + 1, known, poll)
    return _returned(before, read, wording, earlier, known, poll)


def _applied(before: Wording, read: Wording, known: StatementHistory) -> Wording:
    """What stands after the change that these eyes saw: a part that did not change for them stays as it is."""
    old, now, standing = wording_keys(before), wording_keys(read), wording_keys(known.wording)
    keeps_title = old.title_visible == now.title_visible or old.title_words == now.title_words != standing.title_words
    keeps_body = old.body_visible == now.body_visible or old.body_words == now.body_words != standing.body_words
    return Wording(known.wording.title if keeps_title else read.title, known.wording.text if keeps_body else read.text)


def _sighted(read: Wording, wording: Wording, number: int) -> int | None:
    """The revision that an item carries, None where its rendering is another than that of the revision."""
    return number if wording_keys(read).visible == wording_keys(wording).visible else None


def _only_byline_left(item: Item, read: Wording, known: StatementHistory) -> bool:
    """Whether the one difference is a byline that the known text still carries as its first paragraphs."""
    stripped = build_wording(known.wording.title, normalize.paragraphs(known.wording.text), item.byline)
    return wording_keys(stripped).words == wording_keys(read).words


def _returned(
    before: Wording, read: Wording, wording: Wording, earlier: RevisionTurn, known: StatementHistory, poll: Poll
) -> RevisionDecision:
    """A turn to a wording that was had before, or a cache that flaps."""
    number = earlier.revision.number
    standing = known.turns[known.current - 1].revision
    if not poll.progressed and poll.at - standing.last_seen_at < FLAP_WINDOW:
        return RevisionDecision(known.wording, known.current, known.statement.url, read=before, sighted=number)
    turn = _turn(before, read, wording, number, known, poll, (f"returns to the wording of revision {number}",))
    is_told = earlier.turned_at is not None and poll.at - earlier.turned_at < FLAP_WINDOW
    return replace(turn, events=(), turned=False) if is_told or earlier is _last_reported_turn(known) else turn


def _overdue(known: StatementHistory, poll: Poll) -> RevisionDecision | None:
    """The turn to the wording that stands, where it was not told because it came twice in a day and the day is past."""
    standing, told = known.turns[known.current - 1], _last_reported_turn(known)
    if told is standing or poll.at - _turned_at(standing) < FLAP_WINDOW:
        return None
    because = (f"returned to the wording of revision {known.current}",)
    wording = known.wording
    return _turn(told.revision.wording, wording, wording, known.current, known, poll, because)


def _last_reported_turn(known: StatementHistory) -> RevisionTurn:
    """The turn that events told of last: not to the wording that stands where that came twice in a day."""
    standing = known.turns[known.current - 1]
    return max(known.turns, key=lambda turn: (_turned_at(turn), turn is standing))


def _turned_at(turn: RevisionTurn) -> datetime:
    return turn.turned_at or turn.revision.first_seen_at


def _turn(
    before: Wording,
    read: Wording,
    wording: Wording,
    number: int,
    known: StatementHistory,
    poll: Poll,
    because: tuple[str, ...] = (),
) -> RevisionDecision:
    """The events of a turn to another wording: one for the body, one for the title, as either changed.

    What changed is told against what these eyes read before.
    """
    old, now = wording_keys(before), wording_keys(read)
    events = []
    if old.body_words != now.body_words:
        events.append(_change_event(EventKind.REVISED, Part.BODY, before.text, read.text, known, poll))
    if old.title_words != now.title_words:
        events.append(_change_event(EventKind.RETITLED, Part.TITLE, before.title, read.title, known, poll))
    grades = [event.grade or Grade.MINOR for event in events]
    events = [replace(event, reasons=(*because, *event.reasons), revision=number) for event in events]
    events.extend(_touches(before, read, known, poll))
    return RevisionDecision(
        wording,
        number,
        known.statement.url,
        read=read,
        sighted=_sighted(read, wording, number),
        events=tuple(events),
        new_revision=number > len(known.turns),
        new_rendering=number <= len(known.turns),
        turned=True,
        grade=max(grades, key=lambda grade: grade.rank),
    )


def _touched(before: Wording, read: Wording, known: StatementHistory, poll: Poll) -> RevisionDecision:
    same = RevisionDecision(known.wording, known.current, known.statement.url, read=before, sighted=known.current)
    if not poll.progressed and wording_keys(read).visible in {wording_keys(look).visible for look in known.renderings}:
        return same
    wording = _applied(before, read, known)
    return replace(
        same,
        wording=wording,
        read=read,
        sighted=_sighted(read, wording, known.current),
        events=tuple(_touches(before, read, known, poll)),
        new_rendering=True,
    )


def _touches(before: Wording, after: Wording, known: StatementHistory, poll: Poll) -> Iterator[Event]:
    """Parts whose words are the same and whose looks are not."""
    old, now = wording_keys(before), wording_keys(after)
    if old.body_words == now.body_words and old.body_visible != now.body_visible:
        left, right = (
            normalize.truncate(side, _EXCERPT_CHARS) for side in normalize.first_difference(before.text, after.text)
        )
        yield _event(EventKind.TOUCHED, known, poll, part=Part.BODY, grade=Grade.COSMETIC, before=left, after=right)
    if old.title_words == now.title_words and old.title_visible != now.title_visible:
        yield _event(
            EventKind.TOUCHED,
            known,
            poll,
            part=Part.TITLE,
            grade=Grade.COSMETIC,
            before=before.title,
            after=after.title,
        )


def _change_event(kind: EventKind, part: Part, before: str, after: str, known: StatementHistory, poll: Poll) -> Event:
    """A change of words with its grade, its reasons and, of a body, the stretches that differ."""
    difference = diff.compare(before, after)
    left, right = (before, after) if part is Part.TITLE else _excerpts(difference, before, after)
    return _event(
        kind,
        known,
        poll,
        part=part,
        grade=difference.grade,
        reasons=difference.reason_lines(),
        before=left,
        after=right,
    )


def _reattributed(item: Item, known: StatementHistory, poll: Poll) -> Iterator[Event]:
    before, after = known.statement.byline, item.byline
    if before and after and normalize.word_key(before) != normalize.word_key(after):
        yield _event(EventKind.REATTRIBUTED, known, poll, before=before, after=after)


def _restored(known: StatementHistory, poll: Poll) -> Iterator[Event]:
    if known.statement.state is PublicationState.WITHDRAWN:
        yield _event(EventKind.RESTORED, known, poll)


def _event(
    kind: EventKind,
    known: StatementHistory,
    poll: Poll,
    *,
    part: Part | None = None,
    grade: Grade | None = None,
    reasons: tuple[str, ...] = (),
    before: str | None = None,
    after: str | None = None,
) -> Event:
    statement = known.statement
    return Event(
        kind,
        poll.at,
        poll.source,
        statement_id=statement.id,
        guid=statement.guid,
        url=statement.url,
        title=statement.title,
        part=part,
        grade=grade,
        reasons=reasons,
        before=before,
        after=after,
        backfill=poll.role is Role.ARCHIVE,
    )


def _excerpts(difference: diff.Difference, before: str, after: str) -> tuple[str, str]:
    """The changed stretches of either side, in order, parted by an ellipsis."""
    lost = " … ".join(before[slice(*h.before)] for h in difference.hunks if h.before[0] < h.before[1])
    won = " … ".join(after[slice(*h.after)] for h in difference.hunks if h.after[0] < h.after[1])
    return normalize.truncate(lost, _EXCERPT_CHARS), normalize.truncate(won, _EXCERPT_CHARS)
