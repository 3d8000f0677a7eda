"""What every way of delivery promises: one message to one recipient, and an answer instead of an exception."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scraper.delivery.retry import Result


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """What one attempt came to, in `words` of the other side where it said any.

    `is_down`: nothing was reached at all, so other messages need not try the same now. `pause_s` is how long the
    other side asked to be left alone.
    """

    result: Result
    words: str = ""
    is_down: bool = False
    pause_s: float = 0.0


SENT = DeliveryAttempt(Result.SENT)


def down(words: str) -> DeliveryAttempt:
    """The attempt that reached nothing."""
    return DeliveryAttempt(Result.RETRY, words, is_down=True)


class MailTransport(Protocol):
    """One way for messages to leave. It may keep a connection between two of them."""

    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        """Send the bytes as they are. Where the answer is lost they may have arrived, and are sent again."""
        ...

    def close(self) -> None:
        """Let go of what was kept."""
        ...


def line_ends(raw: bytes) -> bytes:
    """A message as files and pipes of this system have it: lines end in LF alone."""
    return raw.replace(b"\r\n", b"\n")
