"""Retry policy: the meaning of the replies of mail and web servers, and the time of the next attempt (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

GIVE_UP_AFTER: Final = timedelta(days=5)
"""Time for which mail servers themselves keep retrying (RFC 5321, 4.5.4.1: at least 4 to 5 days)."""
MIN_ATTEMPTS: Final = 12
"""Attempts before a message is given up; they take eight hours. A clock that is set forward by years shows five days
after a minute."""

_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))

# Replies to a login: the settings are wrong, and no message may be lost because of that.
_LOGIN = frozenset({530, 534, 535, 538})
# sysexits.h: bad data, no such user, no such host. Other codes report temporary trouble of the machine.
_REFUSED_EXITS = frozenset({65, 67, 68})
_LATER_STATUSES = frozenset({408, 425, 429})


class DeliveryResult(StrEnum):
    """Result of one attempt."""

    SENT = "sent"
    RETRY = "retry"
    REFUSED = "refused"


def next_attempt(attempts: int, first_at: datetime, now: datetime) -> datetime | None:
    """Return the time of the next attempt after `attempts` (at least 1) failed ones, or None to give up.

    `first_at` is the time of the first failed attempt.
    """
    if now - first_at >= GIVE_UP_AFTER and attempts >= MIN_ATTEMPTS:
        return None
    return now + _PAUSES[min(attempts, len(_PAUSES)) - 1]


def smtp_result(code: int) -> DeliveryResult:
    """Return the meaning of a mail server's reply code (RFC 5321, 4.2.1)."""
    if 200 <= code < 300:
        return DeliveryResult.SENT
    return DeliveryResult.REFUSED if 500 <= code < 600 and code not in _LOGIN else DeliveryResult.RETRY


def http_result(status: int) -> DeliveryResult:
    """Return the meaning of an HTTP status. A redirect is refused: its target is not the configured URL."""
    if 200 <= status < 300:
        return DeliveryResult.SENT
    return DeliveryResult.RETRY if status in _LATER_STATUSES or status >= 500 else DeliveryResult.REFUSED


def exit_result(code: int) -> DeliveryResult:
    """Return the meaning of the exit code of a `sendmail` command."""
    if code == 0:
        return DeliveryResult.SENT
    return DeliveryResult.REFUSED if code in _REFUSED_EXITS else DeliveryResult.RETRY
