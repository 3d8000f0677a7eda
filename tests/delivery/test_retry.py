"""Tests of retries: the time of the next attempt, and the meaning of replies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from samples import NOON

from scraper.delivery.retry import (
    GIVE_UP_AFTER,
    MIN_ATTEMPTS,
    DeliveryResult,
    exit_result,
    http_result,
    next_attempt,
    smtp_result,
)

SENT, RETRY, REFUSED = DeliveryResult.SENT, DeliveryResult.RETRY, DeliveryResult.REFUSED


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 30), (5, 60), (6, 60), (100, 60)])
def test_pauses_grow_up_to_an_hour(attempts: int, minutes: int) -> None:
    now = NOON + timedelta(hours=3)
    assert next_attempt(attempts, NOON, now) == now + timedelta(minutes=minutes)


def test_a_message_is_tried_for_five_days() -> None:
    assert next_attempt(100, NOON, NOON + GIVE_UP_AFTER - timedelta(seconds=1)) is not None
    assert next_attempt(100, NOON, NOON + GIVE_UP_AFTER) is None
    assert timedelta(days=5) == GIVE_UP_AFTER


def test_a_clock_that_is_set_forward_by_years_makes_no_message_given_up() -> None:
    years_later = NOON + timedelta(days=7300)
    assert next_attempt(2, NOON, years_later) == years_later + timedelta(minutes=5)
    assert next_attempt(MIN_ATTEMPTS, NOON, years_later) is None


@pytest.mark.parametrize(
    ("code", "result"),
    [(250, SENT), (251, SENT), (421, RETRY), (451, RETRY), (550, REFUSED), (554, REFUSED), (552, REFUSED)]
    + [(code, RETRY) for code in (530, 534, 535, 538, -1, 354, 600)],
)
def test_reply_codes(code: int, result: DeliveryResult) -> None:
    assert smtp_result(code) is result


@pytest.mark.parametrize(
    ("status", "result"),
    [(200, SENT), (204, SENT), (301, REFUSED), (307, REFUSED), (400, REFUSED), (401, REFUSED), (410, REFUSED)]
    + [(status, RETRY) for status in (408, 425, 429, 500, 503, 599)],
)
def test_statuses(status: int, result: DeliveryResult) -> None:
    assert http_result(status) is result


@pytest.mark.parametrize(
    ("code", "result"),
    [(0, SENT), (65, REFUSED), (67, REFUSED), (68, REFUSED), (75, RETRY), (1, RETRY), (78, RETRY), (-9, RETRY)],
)
def test_exit_codes(code: int, result: DeliveryResult) -> None:
    assert exit_result(code) is result
