"""Messages that wait for their time: until when, and why (pure)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from scraper.alerts import due_time
from scraper.config.alerts import Watch
from scraper.model import Channel, MessageKind
from scraper.store import StoredMessage
from scraper.text.normalize import count

_MOMENT = timedelta(microseconds=1)


class WaitReason(StrEnum):
    """Reason for which a message that has not failed waits, as it is shown."""

    QUIET = "quiet hours"
    DIGEST = "digest"
    LIMIT = "alerts.max_per_day"
    PUT_OFF = "after a failed delivery"
    GROUPING = "further events of the statement, alerts.group_minutes"


def sending_time(message: StoredMessage) -> datetime:
    """Return the time from which a message is sent."""
    return message.next_attempt_at or message.due_at


def is_gathering(message: StoredMessage) -> bool:
    """Return True if a message waits for nothing but further events of its statement, or for quiet hours."""
    return message.kind is MessageKind.INSTANT and message.note is None and message.next_attempt_at is None


def after_quiet(message: StoredMessage, watches: Iterable[Watch], at: datetime) -> datetime:
    """Return this moment, or the end of the quiet hours that all `watches` of a message have then."""
    if message.channel is not Channel.MAIL or message.kind not in {MessageKind.INSTANT, MessageKind.DIGEST}:
        return at
    own = (watch for watch in watches if watch.name in message.watches)
    return min((due_time.after_quiet(watch, at) for watch in own), default=at)


def wait_reason(message: StoredMessage, watches: Sequence[Watch]) -> WaitReason:
    """Return the reason for which a message that has not failed waits until its `sending_time`."""
    if message.kind is MessageKind.DIGEST:
        return WaitReason.DIGEST
    if after_quiet(message, watches, sending_time(message) - _MOMENT) == sending_time(message):
        return WaitReason.QUIET
    if message.next_attempt_at:
        return WaitReason.PUT_OFF
    return WaitReason.LIMIT if message.note else WaitReason.GROUPING


def quiet_hours(message: StoredMessage, watches: Iterable[Watch]) -> str:
    """Return the quiet hours that end when a message is sent, with the watches that have them."""
    at = sending_time(message)
    return ", ".join(
        f"{watch.quiet.start:%H:%M}-{watch.quiet.stop:%H:%M} ({watch.timezone}) of the watch {watch.name}"
        for watch in watches
        if watch.quiet and watch.name in message.watches and due_time.after_quiet(watch, at - _MOMENT) == at
    )


def describe_waits(messages: Sequence[StoredMessage], watches: Sequence[Watch]) -> str:
    """Return a phrase for messages that wait for their time: how many, until when, and why; "" for none."""
    if not messages:
        return ""
    times: dict[WaitReason, list[datetime]] = {}
    for message in messages:
        times.setdefault(wait_reason(message, watches), []).append(sending_time(message))
    parts = [f"{len(found)} {_until(found)} ({reason})" for reason, found in times.items()]
    verb = "waits" if len(messages) == 1 else "wait"
    return f"{count(len(messages), 'message')} {verb}: {', '.join(parts)}"


def _until(times: Sequence[datetime]) -> str:
    first, last = (f"{at:%Y-%m-%d %H:%M} UTC" for at in (min(times), max(times)))
    return f"until {first}" if first == last else f"until {first} or later, the last until {last}"
