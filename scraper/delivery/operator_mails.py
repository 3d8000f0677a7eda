"""Queue of the mails to the operator that follow from no event: the weekly one, and that about withheld things."""

from datetime import datetime, timedelta

from scraper.alerts import due_time
from scraper.config.alerts import Watch
from scraper.config.choices import Cadence
from scraper.config.settings import Settings
from scraper.model import MessageKind
from scraper.serialize import format_utc
from scraper.store import NewMessage, Store

# Schedule of the mail that reports the status of the monitor to the operator.
_STILL_WATCHING = "weekly Mon 07:00"


def queue_operator_mails(store: Store, settings: Settings, now: datetime) -> None:
    """Queue the weekly mail and that about withheld things when they are due, once only. Call inside a unit."""
    queue_still_watching(store, settings, now)
    queue_withheld(store, settings, now)


def queue_withheld(store: Store, settings: Settings, now: datetime) -> None:
    """Queue a mail to each operator about all that guards withheld since the last one, at most one in 24 hours.

    Call inside a unit.
    """
    if not store.withheld.close(now):
        return
    for operator in settings.alerts.operator:
        key = f"{MessageKind.WITHHELD} {operator} {format_utc(now)}"
        store.outbox.announce(NewMessage(key, MessageKind.WITHHELD, operator, now), now)


def queue_still_watching(store: Store, settings: Settings, now: datetime) -> None:
    """Queue the weekly mail to the operator when it is due, once only. Call inside a unit.

    Not before the monitor has run for a week: a first run has nothing to report.
    """
    alerts = settings.alerts
    watch = _still_watching(settings)
    if watch is None:
        return
    week = timedelta(days=7)
    due_at = due_time.due(watch, now - week, timedelta(0))
    began = [state.first_filled_at for state in store.sources.all() if state.first_filled_at]
    if due_at > now or not began or min(began) > due_at - week:
        return
    for operator in alerts.operator:
        key = f"{MessageKind.STILL_WATCHING} {operator} {due_time.slot(watch, due_at)}"
        store.outbox.announce(NewMessage(key, MessageKind.STILL_WATCHING, operator, due_at), now)


def next_calendar_time(settings: Settings, now: datetime) -> datetime | None:
    """Return the time of the next digest of any watch, or of the weekly mail, after `now`; None if there is none."""
    digests = [watch for watch in settings.watches if watch.deliver.cadence is not Cadence.INSTANT]
    watches = [*digests, *filter(None, [_still_watching(settings)])]
    return min((due_time.due(watch, now, timedelta(0)) for watch in watches), default=None)


def _still_watching(settings: Settings) -> Watch | None:
    alerts = settings.alerts
    if not alerts.operator:
        return None
    return Watch.model_validate(
        {"name": "operator", "to": alerts.operator, "deliver": _STILL_WATCHING, "timezone": alerts.operator_timezone}
    )
