"""When a statement that its own address no longer answers with counts as withdrawn (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scraper.model import Event, EventKind, Outcome, State
from scraper.schedule import CONFIRM_CHECKS, CONFIRM_SPAN

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.model import Statement


@dataclass(frozen=True, slots=True)
class Check:
    """How often, and since when, a statement's own address has answered that it is not there."""

    misses: int = 0
    missing_since: datetime | None = None


def judge_check(
    statement: Statement, check: Check, outcome: Outcome, at: datetime, source: str
) -> tuple[Check, tuple[Event, ...]]:
    """What a look at a statement's own address means.

    Withdrawal needs 404, 410 or a page that says so, on three looks over at least 24 hours, in
    which no list of the source names the statement either. A page that answers clears the count;
    a block, an error or a cut says nothing either way.
    """
    if outcome in {Outcome.OK, Outcome.NOT_MODIFIED}:
        return Check(), ()
    if outcome not in {Outcome.GONE, Outcome.SOFT_404}:
        return check, ()
    since = check.missing_since or at
    now = Check(check.misses + 1, since)
    is_enough = now.misses >= CONFIRM_CHECKS and at - since >= CONFIRM_SPAN
    is_listed = at - statement.last_seen_at < CONFIRM_SPAN
    if statement.state is State.WITHDRAWN or is_listed or not is_enough:
        return now, ()
    told = _event(EventKind.WITHDRAWN, statement, at, source)
    why = f"{now.misses} checks since {since:%Y-%m-%d %H:%M} UTC found it gone"
    return now, (replace(told, reasons=(why,), after=outcome.value),)


def moved(statement: Statement, url: str, at: datetime, source: str) -> Event:
    """That a statement which is gone from its address stands on an archive host: no withdrawal."""
    return replace(_event(EventKind.MOVED, statement, at, source), url=url, before=statement.url, after=url)


def _event(kind: EventKind, statement: Statement, at: datetime, source: str) -> Event:
    return Event(
        kind, at, source, statement=statement.id, guid=statement.guid, url=statement.url, title=statement.title
    )
