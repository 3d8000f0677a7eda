"""Tests of what is said about messages that wait for their time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from outbox import DESK, get
from samples import NOON

from scraper.config.alerts import Watch
from scraper.delivery.waiting import (
    WaitReason,
    after_quiet,
    describe_waits,
    is_gathering,
    quiet_hours,
    sending_time,
    wait_reason,
)
from scraper.model import Channel, MessageKind
from scraper.store import NewMessage

if TYPE_CHECKING:
    from scraper.store import Store, StoredMessage

HOUR = timedelta(hours=1)
AWAKE = Watch.model_validate({"name": "Awake", "to": (DESK,)})
NIGHT = Watch.model_validate({"name": "Night", "to": (DESK,), "quiet": "11:00-13:00"})


@pytest.fixture
def message(store: Store) -> StoredMessage:
    """A mail of both watches that is due at the end of the quiet hours of one of them."""
    new = NewMessage("x", MessageKind.INSTANT, DESK, NOON + HOUR, watches=("Awake", "Night"))
    with store.unit():
        return get(store, store.outbox.open(new, NOON))


def test_each_reason_is_named(message: StoredMessage) -> None:
    quiet = replace(message, watches=("Night",))
    assert wait_reason(quiet, (NIGHT, AWAKE)) is WaitReason.QUIET
    assert wait_reason(replace(quiet, due_at=NOON, next_attempt_at=NOON + HOUR), (NIGHT,)) is WaitReason.QUIET
    assert quiet_hours(quiet, (NIGHT, AWAKE)) == "11:00-13:00 (UTC) of the watch Night"
    assert quiet_hours(quiet, (AWAKE,)) == quiet_hours(replace(quiet, due_at=NOON), (NIGHT,)) == ""
    assert wait_reason(message, (NIGHT, AWAKE)) is WaitReason.GROUPING  # Awake would send it in the night
    assert wait_reason(quiet, ()) is WaitReason.GROUPING  # the watch has gone
    assert wait_reason(replace(quiet, channel=Channel.WEBHOOK), (NIGHT,)) is WaitReason.GROUPING
    assert wait_reason(replace(message, note="often"), ()) is WaitReason.LIMIT
    assert wait_reason(replace(message, next_attempt_at=NOON + HOUR), ()) is WaitReason.PUT_OFF
    assert wait_reason(replace(quiet, kind=MessageKind.DIGEST), (NIGHT,)) is WaitReason.DIGEST


def test_only_quiet_hours_of_the_messages_own_watches_count(message: StoredMessage) -> None:
    other = NIGHT.model_copy(update={"name": "Other"})
    quiet = replace(message, watches=("Night",))
    assert quiet_hours(quiet, (NIGHT, other)) == "11:00-13:00 (UTC) of the watch Night"
    assert after_quiet(quiet, (other,), NOON) == NOON


@pytest.mark.parametrize(
    ("kind", "hours"), [(MessageKind.INSTANT, 1), (MessageKind.DIGEST, 1), (MessageKind.HEALTH, 0)]
)
def test_quiet_hours_hold_no_mail_about_sources(message: StoredMessage, kind: MessageKind, hours: int) -> None:
    assert after_quiet(replace(message, kind=kind, watches=("Night",)), (NIGHT,), NOON) == NOON + hours * HOUR


def test_what_waits_for_further_events_alone_may_be_sent_early(message: StoredMessage) -> None:
    assert is_gathering(message)
    assert not is_gathering(replace(message, kind=MessageKind.DIGEST))
    assert not is_gathering(replace(message, note="often"))
    assert not is_gathering(replace(message, next_attempt_at=NOON + 2 * HOUR))
    assert sending_time(replace(message, next_attempt_at=NOON + 2 * HOUR)) == NOON + 2 * HOUR


def test_waits_are_one_phrase(message: StoredMessage) -> None:
    assert describe_waits((), ()) == ""
    assert describe_waits((message,), ()) == (
        "1 message waits: 1 until 2026-03-02 13:00 UTC (further events of the statement, alerts.group_minutes)"
    )
    later = replace(message, kind=MessageKind.DIGEST, due_at=NOON + 24 * HOUR)
    digests = replace(message, kind=MessageKind.DIGEST), later
    assert describe_waits(digests, ()) == (
        "2 messages wait: 2 until 2026-03-02 13:00 UTC or later, the last until 2026-03-03 12:00 UTC (digest)"
    )
