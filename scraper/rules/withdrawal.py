"""Rules that decide when a statement that is gone from its own URL counts as withdrawn or moved (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from scraper.model import Event, EventKind, Outcome, PublicationState, Statement
from scraper.rules.events import about, remarks
from scraper.rules.schedule import CONFIRM_SPAN, is_confirmed

ARCHIVE_WAIT = timedelta(days=3)
"""Wait, from the first check that missed a statement, for an archive that gave no usable response and may have it."""


@dataclass(frozen=True, slots=True)
class WithdrawalCheck:
    """Count and start of the responses of a statement's own URL that it is gone."""

    misses: int = 0
    missing_since: datetime | None = None


def judge_check(
    statement: Statement,
    check: WithdrawalCheck,
    outcome: Outcome,
    at: datetime,
    source: str,
    *,
    is_listed: bool | None = None,
) -> tuple[WithdrawalCheck, tuple[Event, ...]]:
    """Judge a check of a statement's own URL: return the new count, and an event if the statement was withdrawn.

    Withdrawal requires 404, 410 or a page that says so until it is confirmed, and that no list of the source
    names the statement meanwhile. A successful response clears the count; a block, an error or a truncated response
    changes nothing. `is_listed`: a list names it; None if the statement was seen whenever a list did.
    """
    if outcome in {Outcome.OK, Outcome.NOT_MODIFIED}:
        return WithdrawalCheck(), ()
    if outcome not in {Outcome.GONE, Outcome.SOFT_404}:
        return check, ()
    # Of times in the future, the clock of the machine was set back since.
    since = min(check.missing_since or at, at)
    now = WithdrawalCheck(check.misses + 1, since)
    if is_listed is None:
        is_listed = abs(at - statement.last_seen_at) < CONFIRM_SPAN
    if statement.state is PublicationState.WITHDRAWN or is_listed or not is_confirmed(since, now.misses, at):
        return now, ()
    why = f"{now.misses} checks since {since:%Y-%m-%d %H:%M} UTC did not find it"
    return now, (about(statement, EventKind.WITHDRAWN, at, source, reasons=remarks(why), after=outcome.value),)


class Confirmation(Enum):
    """Result of a second path to a statement that is gone from its own URL."""

    STANDS = "stands"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ConfirmationSource:
    """A second path to a statement (`path` in words for people), its result, and `detail` as that path gave it."""

    path: str
    confirmation: Confirmation
    detail: str = ""


def confirmation_of(outcome: Outcome, *, carries: bool, is_empty: bool = False) -> Confirmation:
    """Classify a response that `carries` the statement, or `is_empty` where the statement would be."""
    if outcome is Outcome.OK and carries:
        return Confirmation.STANDS
    if outcome in {Outcome.GONE, Outcome.SOFT_404} or (outcome is Outcome.OK and is_empty):
        return Confirmation.ABSENT
    return Confirmation.UNKNOWN


def confirm(
    check: WithdrawalCheck, events: tuple[Event, ...], sources: Sequence[ConfirmationSource]
) -> tuple[WithdrawalCheck, tuple[Event, ...], bool]:
    """Check a withdrawal against second paths. Return the count, the events to report, and True if it stays open.

    If a path still has the statement, its page is broken: nothing is reported and the count starts again.
    If no path confirms the absence, nothing is reported either, and the check is repeated.
    """
    confirmations = {source.confirmation for source in sources}
    if Confirmation.STANDS in confirmations:
        return WithdrawalCheck(), (), False
    if Confirmation.ABSENT not in confirmations:
        return check, (), True
    return check, _explained(events, sources), False


def await_archives(
    check: WithdrawalCheck, events: tuple[Event, ...], archives: Sequence[ConfirmationSource], at: datetime
) -> tuple[tuple[Event, ...], bool]:
    """Check a withdrawal against the archives. Return the events to report, and True if it stays open.

    An archive without a usable response may have the statement: it is fetched again until `ARCHIVE_WAIT` is over, and
    then named in the event.
    """
    silent = [archive for archive in archives if archive.confirmation is Confirmation.UNKNOWN]
    if silent and at - (check.missing_since or at) < ARCHIVE_WAIT:
        return (), True
    return _explained(events, silent), False


def _explained(events: tuple[Event, ...], sources: Sequence[ConfirmationSource]) -> tuple[Event, ...]:
    reasons = remarks(*map(_reason, sources))
    return tuple(replace(event, reasons=(*event.reasons, *reasons)) for event in events)


def _reason(source: ConfirmationSource) -> str:
    result = "no longer lists it" if source.confirmation is Confirmation.ABSENT else "gave no answer"
    return f"{source.path} {result}{f' ({source.detail})' if source.detail else ''}"


def moved(statement: Statement, url: str, at: datetime, source: str) -> Event:
    """Build the event of a statement that moved to an archive host: it is not withdrawn, or no longer so."""
    reasons = remarks("it was reported as withdrawn") if statement.state is PublicationState.WITHDRAWN else ()
    event = about(statement, EventKind.MOVED, at, source, before=statement.url, after=url, reasons=reasons)
    return replace(event, url=url)
