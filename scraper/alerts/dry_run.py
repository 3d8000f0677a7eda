"""What a watch would have sent over the stored past, so that it can be tried before it is switched on (pure)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper.alerts import due_time, watch_filter
from scraper.config.alerts import Cadence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from scraper.alerts.model import Subject
    from scraper.config.alerts import Watch
    from scraper.model import Event


@dataclass(frozen=True, slots=True)
class DryRunMessage:
    """One message to every recipient: when it goes out (UTC), and each event in it with why the watch asks for it."""

    due_at: datetime
    events: tuple[tuple[Event, str], ...]


def dry_run(watch: Watch, past: Iterable[tuple[Event, Subject]], group: timedelta) -> tuple[DryRunMessage, ...]:
    """The messages that a watch would have sent, in order of time, were it switched on all along.

    `past` is in order of time; `group` as in `timing.due`. The bound on mails about one statement in a day is left
    aside: what a watch asks for is what its owner wants to see here.
    """
    watch = watch.model_copy(update={"enabled": True})
    sendings: list[tuple[datetime, list[tuple[Event, str]]]] = []
    waiting: dict[str, int] = {}
    for event, subject in past:
        verdict = watch_filter.judge(event, subject, watch)
        if not verdict.fires:
            continue
        due_at = due_time.due(watch, event.at, group)
        # Into a message joins what happens before it goes out: to its statement or page, or within its day or week.
        key = due_time.slot(watch, due_at)
        if watch.deliver.cadence is Cadence.INSTANT:
            key = str(event.page_url if event.statement_id is None else event.statement_id)
        number = waiting.get(key)
        if number is None or sendings[number][0] <= event.at:
            number = waiting[key] = len(sendings)
            sendings.append((due_at, []))
        sendings[number][1].append((event, verdict.reason))
    ordered = sorted(sendings, key=lambda sending: sending[0])
    return tuple(DryRunMessage(due_at, tuple(told)) for due_at, told in ordered)


def by_week(watch: Watch, sendings: Sequence[DryRunMessage]) -> tuple[tuple[str, int], ...]:
    """How many messages go out in each ISO week (`2026-W10`) of the watch's timezone, weeks without any included."""
    if not sendings:
        return ()
    days = [sending.due_at.astimezone(watch.timezone).date() for sending in sendings]
    counts = Counter(f"{day:%G-W%V}" for day in days)
    first = min(days) - timedelta(days=min(days).weekday())
    weeks = range((max(days) - first).days // 7 + 1)
    return tuple((week, counts[week]) for n in weeks for week in [f"{first + timedelta(weeks=n):%G-W%V}"])
