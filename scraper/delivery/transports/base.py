"""Base of all transports: they send one message to one recipient and return a result instead of raising."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from scraper.delivery.retry import DeliveryResult


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """Result of one attempt, with the reply of the other side in `detail` if there is any.

    `is_down`: no server was reached, so other messages to it should not be tried now. `pause_s` is the pause that the
    other side asked for, in seconds.
    """

    result: DeliveryResult
    detail: str = ""
    is_down: bool = False
    pause_s: float = 0.0


SENT = DeliveryAttempt(DeliveryResult.SENT)


def down(detail: str) -> DeliveryAttempt:
    """Return the result of an attempt that reached no server."""
    return DeliveryAttempt(DeliveryResult.RETRY, detail, is_down=True)


class Transport(ABC):
    """Base of transports of messages. One may keep a connection between two messages."""

    @abstractmethod
    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        """Send the bytes unchanged and return the result.

        If the reply is lost, the message may have arrived and is sent again.
        """

    def close(self) -> None:  # noqa: B027 - most keep none
        """Release the connection, if one is kept."""


def line_ends(raw: bytes) -> bytes:
    """Return a message with the line ends of files and pipes of this system: LF alone."""
    return raw.replace(b"\r\n", b"\n")
