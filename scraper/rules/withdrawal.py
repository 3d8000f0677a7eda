"""When a statement that its own address no longer answers with counts as withdrawn (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from scraper.model import Event, EventKind, Outcome, PublicationState
from scraper.rules.schedule import CONFIRM_CHECKS, CONFIRM_SPAN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scraper.model import Statement


ARCHIVE_WAIT = timedelta(days=3)
"""How long after the first look that missed it a statement is waited for that may have moved to a silent archive."""


@dataclass(frozen=True, slots=True)
class WithdrawalCheck:
    """How often, and since when, a statement's own address has answered that it is not there."""

    misses: int = 0
    missing_since: datetime | None = None


def judge_check(
    statement: Statement, check: WithdrawalCheck, outcome: Outcome, at: datetime, source: str
) -> tuple[WithdrawalCheck, tuple[Event, ...]]:
    """What a look at a statement's own address means.

    Withdrawal needs 404, 410 or a page that says so, on three looks over at least 24 hours, in
    which no list of the source names the statement either. A page that answers clears the count;
    a block, an error or a cut says nothing either way.
    """
    if outcome in {Outcome.OK, Outcome.NOT_MODIFIED}:
        return WithdrawalCheck(), ()
    if outcome not in {Outcome.GONE, Outcome.SOFT_404}:
        return check, ()
    since = check.missing_since or at
    now = WithdrawalCheck(check.misses + 1, since)
    is_enough = now.misses >= CONFIRM_CHECKS and at - since >= CONFIRM_SPAN
    is_listed = at - statement.last_seen_at < CONFIRM_SPAN
    if statement.state is PublicationState.WITHDRAWN or is_listed or not is_enough:
        return now, ()
    told = _event(EventKind.WITHDRAWN, statement, at, source)
    why = f"{now.misses} checks since {since:%Y-%m-%d %H:%M} UTC found it gone"
    return now, (replace(told, reasons=(why,), after=outcome.value),)


class Confirmation(Enum):
    """What a second path says of a statement whose own address has it no more."""

    STANDS = "stands"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ConfirmationSource:
    """A second path to a statement (`path` in words for people), what it says, and `detail` in its own words."""

    path: str
    confirmation: Confirmation
    detail: str = ""


def confirmation_of(outcome: Outcome, *, carries: bool, is_empty: bool = False) -> Confirmation:
    """What an answer says: it carries the statement, or it `is_empty` where the statement would stand."""
    if outcome is Outcome.OK and carries:
        return Confirmation.STANDS
    if outcome in {Outcome.GONE, Outcome.SOFT_404} or (outcome is Outcome.OK and is_empty):
        return Confirmation.ABSENT
    return Confirmation.UNKNOWN


def confirm(
    check: WithdrawalCheck, told: tuple[Event, ...], sources: Sequence[ConfirmationSource]
) -> tuple[WithdrawalCheck, tuple[Event, ...], bool]:
    """What second paths make of a withdrawal that is about to be told, and whether it stays open.

    A path that still has the statement says that its page is ill: nothing is told and the count begins anew.
    Without any that misses it, nothing is told either, and it is asked again.
    """
    words = {witness.confirmation for witness in sources}
    if Confirmation.STANDS in words:
        return WithdrawalCheck(), (), False
    if Confirmation.ABSENT not in words:
        return check, (), True
    reasons = tuple(_said(witness) for witness in sources)
    return check, tuple(replace(event, reasons=(*event.reasons, *reasons)) for event in told), False


def await_archives(
    check: WithdrawalCheck, told: tuple[Event, ...], archives: Sequence[ConfirmationSource], at: datetime
) -> tuple[tuple[Event, ...], bool]:
    """What archives that do not have it make of a withdrawal that is about to be told, and whether it stays open.

    One that says nothing may have it: it is asked again for `ARCHIVE_WAIT`, and then named in the event.
    """
    silent = [witness for witness in archives if witness.confirmation is Confirmation.UNKNOWN]
    if silent and at - (check.missing_since or at) < ARCHIVE_WAIT:
        return (), True
    return tuple(replace(event, reasons=(*event.reasons, *map(_said, silent))) for event in told), False


def _said(source: ConfirmationSource) -> str:
    said = "has it no more" if source.confirmation is Confirmation.ABSENT else "says nothing of it"
    return f"{source.path} {said}{f' ({source.detail})' if source.detail else ''}"


def moved(statement: Statement, url: str, at: datetime, source: str) -> Event:
    """That a statement which is gone from its address stands on an archive host: no withdrawal, or one no longer."""
    reasons = ("it had counted as withdrawn",) if statement.state is PublicationState.WITHDRAWN else ()
    told = _event(EventKind.MOVED, statement, at, source)
    return replace(told, url=url, before=statement.url, after=url, reasons=reasons)


def _event(kind: EventKind, statement: Statement, at: datetime, source: str) -> Event:
    return Event(
        kind, at, source, statement_id=statement.id, guid=statement.guid, url=statement.url, title=statement.title
    )
