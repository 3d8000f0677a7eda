"""Dry run of a watch: the messages that it would have sent for stored events, before it is switched on (pure)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper.alerts import due_time, watch_filter
from scraper.alerts.event_specs import actor_of
from scraper.config.choices import Cadence
from scraper.rules.actors import Actor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from scraper.alerts.model import FilterFields
    from scraper.config.alerts import Watch
    from scraper.model import Event


@dataclass(frozen=True, slots=True)
class DryRunMessage:
    """One message to every recipient: the time it is sent (UTC), and each event with the reason of its match."""

    due_at: datetime
    events: tuple[tuple[Event, str], ...]


def dry_run(watch: Watch, past: Iterable[tuple[Event, FilterFields]], group: timedelta) -> tuple[DryRunMessage, ...]:
    """Return the messages, ordered by time, that a watch would have sent if it had always been switched on.

    `past` is ordered by time; `group` as in `due_time.due`. The limit of mails about one statement per day is not
    applied: a dry run shows its owner everything that the watch matches.
    """
    watch = watch.model_copy(update={"enabled": True})
    messages: list[tuple[datetime, list[tuple[Event, str]]]] = []
    waiting: dict[str, int] = {}
    for event, fields in past:
        verdict = watch_filter.judge(event, fields, watch)
        if not verdict.fires:
            continue
        due_at = due_time.due(watch, event.at, group)
        # A message takes all events until it is sent: those of its statement or page, or those of its day or week.
        keys = [due_time.slot(watch, due_at)]
        if watch.deliver.cadence is Cadence.INSTANT:
            subject = event.page_url if event.statement_id is None else event.statement_id
            keys = [f"{actor} {subject}" for actor in dict.fromkeys((Actor.STATE, actor_of(event)))]
        open_ = (number for key in keys if (number := waiting.get(key)) is not None and messages[number][0] > event.at)
        number = next(open_, None)
        if number is None:
            number = waiting[keys[-1]] = len(messages)
            messages.append((due_at, []))
        messages[number][1].append((event, verdict.reason))
    ordered = sorted(messages, key=lambda message: message[0])
    return tuple(DryRunMessage(due_at, tuple(events)) for due_at, events in ordered)


def by_week(watch: Watch, messages: Sequence[DryRunMessage]) -> tuple[tuple[str, int], ...]:
    """Count the messages of each ISO week (`2026-W10`) in the watch's timezone, including weeks without any."""
    if not messages:
        return ()
    days = [message.due_at.astimezone(watch.timezone).date() for message in messages]
    counts = Counter(f"{day:%G-W%V}" for day in days)
    first = min(days) - timedelta(days=min(days).weekday())
    weeks = range((max(days) - first).days // 7 + 1)
    return tuple((week, counts[week]) for n in weeks for week in [f"{first + timedelta(weeks=n):%G-W%V}"])
