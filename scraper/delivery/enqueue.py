"""Queue of alerts: turns new events into messages to the recipients of matching watches, in the same transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper.alerts import due_time, watch_filter
from scraper.alerts.event_specs import actor_of
from scraper.config.choices import Cadence
from scraper.delivery import grouping
from scraper.delivery.grouping import KnownMessages, NewAlert
from scraper.delivery.subjects import SubjectReader
from scraper.model import Channel, MessageKind
from scraper.rules import holding
from scraper.rules.guards import Guard
from scraper.store import EventFilter, NewMessage, QueuedAlert

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from scraper.alerts.model import WatchVerdict
    from scraper.config.alerts import Watch
    from scraper.config.settings import Settings
    from scraper.model import Event
    from scraper.rules.actors import Actor
    from scraper.store import Store

MANY_DELAYED = 3
"""Number of events delayed by checks and released at once, as after an upgrade, that go into one digest."""


def queue_alerts(store: Store, settings: Settings) -> None:
    """Queue alerts for all events that are not queued yet. Call inside the unit that recorded the events.

    Each is queued at its own time, so that events of the past are grouped as they would have been then.
    """
    upto = store.outbox.queued_up_to()
    newest = store.events.last_id()
    if newest == upto:
        return
    events = list(store.events.find(EventFilter(after_id=upto, with_backfill=False)))
    released_at = _released_at(events)
    for event in events:
        alerts = list(_alerts_for(store, settings, event))
        if holding.is_delayed(event) and (at := released_at.get(actor_of(event))):
            alerts = [
                replace(alert, kind=MessageKind.DIGEST, due_at=max(alert.due_at, at))
                if alert.is_instant_mail
                else alert
                for alert in alerts
            ]
        for alert in grouping.merge(alerts):
            queue_alert(store, alert, event.at, max_per_day=settings.alerts.max_per_day)
    store.outbox.mark_queued(newest)


def _released_at(events: Sequence[Event]) -> dict[Actor, datetime]:
    """Return for each actor the time of the last of its delayed events, if so many are released at once."""
    times: dict[Actor, list[datetime]] = {}
    for event in events:
        if holding.is_delayed(event):
            times.setdefault(actor_of(event), []).append(event.at)
    return {actor: max(found) for actor, found in times.items() if len(found) >= MANY_DELAYED}


def queue_alert(store: Store, alert: NewAlert, now: datetime, *, max_per_day: int) -> int:
    """Put an alert into its message and return the id of that, see `choose_message`. Call inside a unit.

    The number of SQL statements is constant, however many events and messages are stored.
    """
    outbox = store.outbox
    known = KnownMessages()
    if alert.kind is MessageKind.DIGEST or alert.is_instant_mail:
        known = KnownMessages(outbox.open_digest(alert.digest_key, alert.recipient, alert.channel))
    if alert.is_instant_mail:
        about = alert.statement_id and outbox.about(alert.statement_id, alert.recipient, now - grouping.DAY)
        waiting = outbox.count_waiting(alert.recipient, alert.actor, now)
        known = replace(known, about_statement=about or (), waiting=waiting)
    chosen = grouping.choose_message(alert, known, now, max_per_day)
    if isinstance(chosen, NewMessage):
        message_id = outbox.open(chosen, now)
    else:
        message_id = chosen.id
        outbox.join(chosen)
    outbox.put(QueuedAlert(alert.event_id, alert.reasons_by_watch), message_id)
    if guard := grouping.guard_of(chosen):
        statement = f", statement {alert.statement_id}" if guard is Guard.MAX_PER_DAY else ""
        store.withheld.record(guard, f"{alert.recipient}{statement}", now)
    return message_id


def skip_alerts(store: Store) -> None:
    """Mark the events so far as queued without sending alerts. Call inside the unit that recorded the events."""
    store.outbox.mark_queued(store.events.last_id())


def explain(store: Store, settings: Settings, event: Event) -> list[tuple[Watch, WatchVerdict]]:
    """Return for every watch whether it matches an event, with the reason."""
    fields = SubjectReader(store).of_event(event)
    return [(watch, watch_filter.judge(event, fields, watch)) for watch in settings.watches]


def _alerts_for(store: Store, settings: Settings, event: Event) -> Iterator[NewAlert]:
    assert event.id is not None  # noqa: S101 - every stored event has one
    actor = actor_of(event)
    if event.kind.is_of_source:
        reasons = (("operator", "you are an operator of this monitor"),)
        for operator in settings.alerts.operator:
            yield NewAlert(event.id, actor, "operator", operator, event.at, reasons, MessageKind.HEALTH)
        return
    if not settings.watches:
        return
    group = timedelta(minutes=settings.alerts.group_minutes)
    for watch, verdict in explain(store, settings, event):
        if not verdict.fires:
            continue
        reasons = ((watch.name, verdict.reason),)
        alert = NewAlert(event.id, actor, watch.name, "", event.at, reasons, statement_id=event.statement_id)
        is_digest = watch.deliver.cadence is not Cadence.INSTANT
        kind = MessageKind.DIGEST if is_digest else MessageKind.INSTANT
        due_at = due_time.due(watch, event.at, group)
        for recipient in watch.to:
            yield replace(alert, recipient=recipient, due_at=due_at, kind=kind)
        if watch.webhook:
            # A program gets each event by itself and at once.
            yield replace(alert, recipient=watch.webhook, channel=Channel.WEBHOOK)
        if watch.feed:
            yield replace(alert, recipient=str(watch.feed), channel=Channel.FEED)
