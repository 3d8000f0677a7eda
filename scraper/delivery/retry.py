"""What an answer to a message means, and when it is tried again (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

GIVE_UP_AFTER: Final = timedelta(days=5)
"""As long as mail servers themselves keep trying (RFC 5321, 4.5.4.1: at least 4 to 5 days)."""

_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))

# What a login answers: our settings are wrong, and no message is to be lost by that.
_LOGIN = frozenset({530, 534, 535, 538})
# sysexits.h: bad data, no such user, no such host. The rest speaks of the machine, which gets better.
_REFUSED_EXITS = frozenset({65, 67, 68})
_LATER_STATUSES = frozenset({408, 425, 429})


class Result(StrEnum):
    """What one attempt came to."""

    SENT = "sent"
    RETRY = "retry"
    REFUSED = "refused"


def next_attempt(attempts: int, first_at: datetime, now: datetime) -> datetime | None:
    """When to try again after `attempts` (at least 1) in vain, the first at `first_at`; None: never."""
    if now - first_at >= GIVE_UP_AFTER:
        return None
    return now + _PAUSES[min(attempts, len(_PAUSES)) - 1]


def smtp_verdict(code: int) -> Result:
    """The meaning of a mail server's reply code (RFC 5321, 4.2.1)."""
    if 200 <= code < 300:
        return Result.SENT
    return Result.REFUSED if 500 <= code < 600 and code not in _LOGIN else Result.RETRY


def http_verdict(status: int) -> Result:
    """The meaning of a web server's status. A redirect is refused: where it leads is not where we were told to go."""
    if 200 <= status < 300:
        return Result.SENT
    return Result.RETRY if status in _LATER_STATUSES or status >= 500 else Result.REFUSED


def exit_verdict(code: int) -> Result:
    """The meaning of the exit code of a `sendmail` command."""
    if code == 0:
        return Result.SENT
    return Result.REFUSED if code in _REFUSED_EXITS else Result.RETRY
