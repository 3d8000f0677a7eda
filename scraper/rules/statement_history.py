"""History of a statement that an item is compared with, and the changes that it causes; `revisions` has the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Event, Grade, Revision, Role, Statement, Wording
    from scraper.rules.holding import HeldText

# Texts with fewer words than this are equal by chance ("Remarks as prepared").
REPOST_WORDS = 20


@dataclass(frozen=True, slots=True)
class ItemObservation:
    """Circumstances in which an item was seen.

    `version` is that of the parsers. `clock` is the response's own time, `progressed` True if it is later than ever.
    `held` is known of the item's text if a check had held it, and that is released now: the check no longer counts.
    `standing`: it is a standing page.
    """

    source: str
    role: Role
    parser: str
    at: datetime
    stale: bool = False
    progressed: bool = False
    first_fill: bool = False
    clock: datetime | None = None
    version: int = 0
    held: HeldText | None = None
    standing: bool = False


@dataclass(frozen=True, slots=True)
class RevisionTurn:
    """A wording of a statement, and when an event last reported a turn to it (None: the first wording)."""

    revision: Revision
    turned_at: datetime | None


@dataclass(frozen=True, slots=True)
class StatementHistory:
    """Known facts about a statement that decide how an item is judged.

    `renderings` are earlier ones of the current revision. `last_read` is what the parser of the item read last time,
    None if it never did; `read_version` is the version of the parsers at that time. `is_held`: texts of it are held.
    """

    statement: Statement
    turns: tuple[RevisionTurn, ...]
    renderings: frozenset[Wording] = frozenset()
    last_read: Wording | None = None
    aliases: frozenset[str] = frozenset()
    read_version: int = 0
    is_held: bool = False

    @property
    def current(self) -> int:
        """Number of the current revision."""
        return self.statement.revision

    @property
    def wording(self) -> Wording:
        """Wording of the current revision."""
        return self.turns[self.current - 1].revision.wording

    @property
    def headings(self) -> tuple[str, ...]:
        """Headings of the current revision."""
        return self.turns[self.current - 1].revision.headings


@dataclass(frozen=True, slots=True)
class RevisionDecision:
    """Changes that one item causes.

    `read` is the wording to store as last read by this parser: the item's own, or after a flap the one before it.
    It is None if the item is ignored (a stale response): then nothing known is updated, `last_seen_at` included.
    `wording` is current from now on, as revision number `revision`; the item itself carries revision `seen_revision`
    (None: a wording or a rendering that only this parser reads). With `new_revision` the revision is written with
    `grade`, with `new_rendering` its rendering is replaced, with `turned` an event reports the turn to it. `held_key`
    is that of a text which a check holds.
    """

    wording: Wording
    revision: int
    url: str
    read: Wording | None = None
    seen_revision: int | None = None
    events: tuple[Event, ...] = ()
    new_revision: bool = False
    new_rendering: bool = False
    turned: bool = False
    grade: Grade | None = None
    problem: str | None = None
    held_key: str | None = None
