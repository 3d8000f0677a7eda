"""Value types of alerts: fields of an event that watches match, verdict of a watch, facts of a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from scraper.model import Alias, Event, MessageKind, Revision, Statement
    from scraper.pages import Copy, MirrorPage, QuotedPassage
    from scraper.rules.editions import Edition
    from scraper.rules.guards import Withheld
    from scraper.rules.page_saves import PageSave


@dataclass(frozen=True, slots=True)
class FilterFields:
    """Fields of an event that a watch can match: those of its statement, or of its page.

    `text` is the current text, `changed` the text that was added or removed if the event reports a change.
    `sources` are the source in which the statement was first seen and that of the event.
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
    """Result of matching an event against a watch, with its reason in words.

    `reason` goes into the mail: `selects revised, at least minor; matched the word "Mekong"`.
    """

    fires: bool
    reason: str


@dataclass(frozen=True, slots=True)
class CopyOnPage:
    """A copy with the page that it is on."""

    copy: Copy
    page: MirrorPage


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """Last success of a source, with its URL and its number of items, and the failures in a row since."""

    last_success_at: datetime | None = None
    serving: str | None = None
    failures: int = 0
    last_items: int | None = None


@dataclass(frozen=True, slots=True)
class EventDetails:
    """One event with all the facts that a message needs, so that composing a message reads nothing from the database.

    `statement` is None for events about sources and for unsourced claims. `revisions` are all its revisions, `aliases`
    its URLs, `copies` its copies on other sites. `page_text` is the shown text of the page of a copy, in which the
    spans of `copy` count. `quotations` are those of the statement on that page which an event of quotations is about.
    `edition` is the one before a new statement of a series. `since` is the start of the condition that an event ends
    or reports, such as an outage.
    """

    event: Event
    statement: Statement | None = None
    revisions: tuple[Revision, ...] = ()
    aliases: tuple[Alias, ...] = ()
    copies: tuple[CopyOnPage, ...] = ()
    page: MirrorPage | None = None
    copy: Copy | None = None
    page_text: str = ""
    quotations: tuple[QuotedPassage, ...] = ()
    edition: Edition | None = None
    health: SourceHealth = SourceHealth()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SavedPage:
    """Page of an event that the Internet Archive has saved, or that it was given up to save."""

    save: PageSave
    event: Event


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source in the weekly mail to the operator. `items` counts its events since the last such mail."""

    name: str
    role: str
    last_success_at: datetime | None
    items: int
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """All facts of one message, before it is composed.

    `watches` are the names of the watches that ask for it, each with its reason. `statement_id` is the statement whose
    thread it belongs to. `note` is a line of the outbox ("this statement changed often today …"); in a mail about an
    undelivered mail it names the recipient and the cause. `since` and `until` bound a digest. `lines`, `found` and
    `queue` belong to the weekly mail; `queue` also lists undelivered messages. `withheld` are the
    counts of the mail about what limits withheld, guard by guard. `base_url` is the public URL of our pages, if they
    have one. `saved` are pages of earlier events. `why` is the sentence about why the reader gets it if neither a watch
    nor the operator is the reason.
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
    withheld: tuple[Withheld, ...] = ()
    base_url: str = ""
    saved: tuple[SavedPage, ...] = ()
    why: str = ""
