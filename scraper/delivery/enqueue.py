"""Queue of alerts: turns new events into messages to the recipients of matching watches, in the same transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scraper.alerts import due_time, watch_filter
from scraper.config.alerts import Cadence, Watch
from scraper.delivery import context
from scraper.model import Channel, MessageKind
from scraper.store import EventFilter, NewMessage, QueuedAlert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from scraper.alerts.model import WatchVerdict
    from scraper.config.alerts import AlertSettings
    from scraper.config.settings import Settings
    from scraper.model import Event
    from scraper.store import Store, StoredMessage

# Schedule of the mail that reports the status of the monitor to the operator.
_STILL_WATCHING = "weekly Mon 07:00"


def queue_alerts(store: Store, settings: Settings) -> None:
    """Queue alerts for all events that are not queued yet. Call inside the unit that recorded the events.

    Each is queued at its own time, so that events of the past are grouped as they would have been then.
    """
    upto = store.outbox.queued_up_to()
    newest = store.events.last_id()
    if newest == upto:
        return
    for event in store.events.find(EventFilter(after_id=upto, with_backfill=False)):
        for alert in _alerts_for(store, settings, event):
            store.outbox.queue(alert, event.at, max_per_day=settings.alerts.max_per_day)
    store.outbox.mark_queued(newest)


def skip_alerts(store: Store) -> None:
    """Mark the events so far as queued without sending alerts. Call inside the unit that recorded the events."""
    store.outbox.mark_queued(store.events.last_id())


def explain(store: Store, settings: Settings, event: Event) -> list[tuple[Watch, WatchVerdict]]:
    """Return for every watch whether it matches an event, with the reason."""
    subject = context.subject(store, event)
    return [(watch, watch_filter.judge(event, subject, watch)) for watch in settings.watches]


def quiet_hours_hold(settings: Settings) -> Callable[[StoredMessage, datetime], datetime | None]:
    """Return a function for the time until which quiet hours hold a message.

    It returns None for a message that may be sent: a message waits only while every watch in it has quiet hours. A
    message is queued for a time after them, but a retry, or a message sent early, can fall into them.
    """
    watches = {watch.name: watch for watch in settings.watches}

    def held_until(message: StoredMessage, now: datetime) -> datetime | None:
        queued_for = [watches[name] for name in message.watches if name in watches]
        is_for_watches = message.kind in {MessageKind.INSTANT, MessageKind.DIGEST}
        if message.channel is not Channel.MAIL or not is_for_watches or not queued_for:
            return None
        until = min(due_time.after_quiet(watch, now) for watch in queued_for)
        return until if until > now else None

    return held_until


def queue_still_watching(store: Store, settings: Settings, now: datetime) -> None:
    """Queue the weekly mail to the operator when it is due, once only. Call inside a unit.

    Not before the monitor has run for a week: a first run has nothing to report.
    """
    if not settings.alerts.operator:
        return
    watch = _operator_schedule(settings.alerts)
    week = timedelta(days=7)
    due_at = due_time.due(watch, now - week, timedelta(0))
    began = [state.first_filled_at for state in store.sources.all() if state.first_filled_at]
    if due_at > now or not began or min(began) > due_at - week:
        return
    for operator in settings.alerts.operator:
        key = f"{MessageKind.STILL_WATCHING} {operator} {due_time.slot(watch, due_at)}"
        store.outbox.announce(NewMessage(key, MessageKind.STILL_WATCHING, operator, due_at), now)


def _operator_schedule(settings: AlertSettings) -> Watch:
    """Return the schedule of the mails to the operator, as a watch."""
    return Watch.model_validate(
        {
            "name": "operator",
            "to": settings.operator,
            "deliver": _STILL_WATCHING,
            "timezone": settings.operator_timezone,
        }
    )


def _alerts_for(store: Store, settings: Settings, event: Event) -> Iterator[QueuedAlert]:
    assert event.id is not None  # noqa: S101 - every stored event has one
    if event.kind.is_of_source:
        for operator in settings.alerts.operator:
            reason = "you are the operator of this watch"
            yield QueuedAlert(event.id, "operator", reason, operator, event.at, MessageKind.HEALTH)
        return
    if not settings.watches:
        return
    group = timedelta(minutes=settings.alerts.group_minutes)
    for watch, verdict in explain(store, settings, event):
        if not verdict.fires:
            continue
        due_at = due_time.due(watch, event.at, group)
        is_digest = watch.deliver.cadence is not Cadence.INSTANT
        kind = MessageKind.DIGEST if is_digest else MessageKind.INSTANT
        for recipient in watch.to:
            yield QueuedAlert(event.id, watch.name, verdict.reason, recipient, due_at, kind)
        if watch.webhook:
            # A program gets each event by itself and at once.
            yield QueuedAlert(
                event.id, watch.name, verdict.reason, watch.webhook, event.at, MessageKind.INSTANT, Channel.WEBHOOK
            )
