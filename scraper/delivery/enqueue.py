"""Turns what happened into alerts, in the transaction in which it happened: who is to hear of it, why, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scraper.alerts import due_time, watch_filter
from scraper.config.alerts import Cadence, Watch
from scraper.delivery import context
from scraper.model import Channel, MessageKind
from scraper.store import EventFilter, QueuedAlert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from scraper.alerts.model import WatchVerdict
    from scraper.config.alerts import AlertSettings
    from scraper.config.settings import Settings
    from scraper.model import Event
    from scraper.store import Store, StoredMessage

# When the operator hears that the watch is still working.
_STILL_WATCHING = "weekly Mon 07:00"


def queue_alerts(store: Store, settings: Settings) -> None:
    """File all events that are not filed yet. Within the unit that recorded them.

    Each is filed at its own time, so that events of the past are grouped as they would have been then.
    """
    upto = store.outbox.queued_up_to()
    newest = store.events.last_id()
    if newest == upto:
        return
    for event in store.events.find(EventFilter(after_id=upto, with_backfill=False)):
        for filing in _queued_alerts(store, settings, event):
            store.outbox.queue(filing, event.at, max_per_day=settings.alerts.max_per_day)
    store.outbox.mark_queued(newest)


def skip_alerts(store: Store) -> None:
    """Let nobody hear of the events so far. Within the unit that recorded them."""
    store.outbox.mark_queued(store.events.last_id())


def explain(store: Store, settings: Settings, event: Event) -> list[tuple[Watch, WatchVerdict]]:
    """For every watch whether it wants to hear of an event, and why or why not."""
    subject = context.subject(store, event)
    return [(watch, watch_filter.judge(event, subject, watch)) for watch in settings.watches]


def quiet_until(settings: Settings) -> Callable[[StoredMessage, datetime], datetime | None]:
    """Until when a message is held by the quiet hours of every watch in it; None: it may go out.

    What is filed is due after them, but what is tried again, or sent early, may fall into them.
    """
    watches = {watch.name: watch for watch in settings.watches}

    def held(message: StoredMessage, now: datetime) -> datetime | None:
        asked = [watches[name] for name in message.watches if name in watches]
        is_of_watches = message.kind in {MessageKind.INSTANT, MessageKind.DIGEST}
        if message.channel is not Channel.MAIL or not is_of_watches or not asked:
            return None
        until = min(due_time.after_quiet(watch, now) for watch in asked)
        return until if until > now else None

    return held


def queue_still_watching(store: Store, settings: Settings, now: datetime) -> None:
    """File the weekly mail to the operator once its time has come, and once only. Within a unit.

    Not before the watch is a week old: a first run has nothing to report.
    """
    if not settings.alerts.operator:
        return
    watch = _weekly(settings.alerts)
    week = timedelta(days=7)
    due_at = due_time.due(watch, now - week, timedelta(0))
    began = [state.first_filled_at for state in store.sources.all() if state.first_filled_at]
    if due_at > now or not began or min(began) > due_at - week:
        return
    for operator in settings.alerts.operator:
        key = f"{MessageKind.STILL_WATCHING} {operator} {due_time.slot(watch, due_at)}"
        store.outbox.announce(key, MessageKind.STILL_WATCHING, operator, now, due_at=due_at)


def _weekly(settings: AlertSettings) -> Watch:
    """The rhythm of the mails to the operator, as a watch."""
    return Watch.model_validate(
        {
            "name": "operator",
            "to": settings.operator,
            "deliver": _STILL_WATCHING,
            "timezone": settings.operator_timezone,
        }
    )


def _queued_alerts(store: Store, settings: Settings, event: Event) -> Iterator[QueuedAlert]:
    assert event.id is not None  # noqa: S101 - it comes from the store
    if event.kind.value.startswith("source."):
        for operator in settings.alerts.operator:
            because = "you are the operator of this watch"
            yield QueuedAlert(event.id, "operator", because, operator, event.at, MessageKind.HEALTH)
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
            # A program wants each event, and wants it now.
            yield QueuedAlert(
                event.id, watch.name, verdict.reason, watch.webhook, event.at, MessageKind.INSTANT, Channel.WEBHOOK
            )
