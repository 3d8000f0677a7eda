"""What alerts are made of: the subject that a watch asks about, its verdict, and all the facts of one message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from scraper.model import Alias, Copy, Event, MessageKind, MirrorPage, Revision, Statement


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about, as far as a watch may ask for it.

    `text` is the wording that stands, `changed` what was added or removed where the event tells a change.
    `sources` are the source where the statement was first seen and that of the event.
    """

    title: str = ""
    text: str = ""
    changed: str = ""
    type: str = ""
    byline: str = ""
    countries: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchVerdict:
    """Whether a watch wants to hear of an event, and why or why not in words.

    `because` goes into the mail: `asks for revised, at least minor; matched the word "Mekong"`.
    """

    fires: bool
    reason: str


@dataclass(frozen=True, slots=True)
class CopyOnPage:
    """A copy with the page that it is on."""

    copy: Copy
    page: MirrorPage


@dataclass(frozen=True, slots=True)
class EventDetails:
    """One event with all that is needed to tell of it, so that no part of a message looks anything up.

    `statement` is None for events about sources and for unsourced claims. `revisions` are all its wordings, `aliases`
    its addresses, `copies` who carries it. `page_text` is what the page of a copy shows, in which the spans of
    `copy` count. `health` are facts about a source in trouble, one line each (`Failures: 4 in a row`). `since` is when
    what an event ends or tells of began (a withdrawal, an outage), `last_good_at` when a source last brought anything.
    """

    event: Event
    statement: Statement | None = None
    revisions: tuple[Revision, ...] = ()
    aliases: tuple[Alias, ...] = ()
    copies: tuple[CopyOnPage, ...] = ()
    page: MirrorPage | None = None
    copy: Copy | None = None
    page_text: str = ""
    health: tuple[str, ...] = ()
    since: datetime | None = None
    last_good_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source in the weekly mail to the operator. `yielded` counts what it brought since the last such mail."""

    name: str
    role: str
    last_success_at: datetime | None
    items: int
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """All that one message says, before it is put into words.

    `watches` are the names of the watches that ask for it, with the reason of each. `statement` is the row of the
    statement whose thread it belongs to. `note` is a line of the outbox ("this statement changed often today …"); of a
    mail about mail that did not arrive it says to whom, and why. `since` and `until` bound a digest. `lines`, `found`
    and `queue` are those of the weekly mail; `queue` is also what did not arrive.
    """

    kind: MessageKind
    recipient: str
    made_at: datetime
    timezone: ZoneInfo
    events: tuple[EventDetails, ...] = ()
    watches: tuple[tuple[str, str], ...] = ()
    statement_id: int | None = None
    note: str = ""
    since: datetime | None = None
    until: datetime | None = None
    lines: tuple[SourceLine, ...] = ()
    found: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
