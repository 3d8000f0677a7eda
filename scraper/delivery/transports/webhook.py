"""Delivery of a message as a signed JSON request; the requests themselves are made by whoever knows HTTP."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import TYPE_CHECKING, Protocol

from scraper.delivery.retry import Result, http_verdict
from scraper.delivery.transports.base import SENT, DeliveryAttempt, down
from scraper.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scraper.clock import Clock

# It is our own doing that these were not sent, and stays so until the configuration is another one.
_REFUSED = frozenset({Outcome.BLOCKED_ADDRESS, Outcome.BAD_SCHEME})


class PostResponse(Protocol):
    """What came of a request: `status` is None where no answer came, `outcome` and `detail` then say why."""

    @property
    def status(self) -> int | None:
        """The HTTP status."""
        ...

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        ...

    @property
    def detail(self) -> str:
        """The same in words."""
        ...

    @property
    def retry_after_s(self) -> float:
        """For how long the server wants to be left alone."""
        ...


class PostRequest(Protocol):
    """Sends a body to an address, never raising for what the network does."""

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> PostResponse:
        """One request."""
        ...


class WebhookTransport:
    """The recipient is an address, the bytes are JSON. `secrets` name the environment variable with its key for each.

    An address with a key gets `X-Statewire-Timestamp` (seconds since 1970) and `X-Statewire-Signature`:
    `sha256=` and the HMAC of the timestamp, a dot, and the body. Who checks both refuses what is old or changed.
    """

    def __init__(
        self, post: PostRequest, *, clock: Clock, secrets: Mapping[str, str], environ: Mapping[str, str] = os.environ
    ) -> None:
        self._post = post
        self._clock = clock
        self._secrets = secrets
        self._environ = environ

    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        """See `Delivery.deliver`."""
        headers = {"Content-Type": "application/json", "X-Statewire-Message-Id": message_id}
        if variable := self._secrets.get(recipient):
            key = self._environ.get(variable, "")
            if not key:
                return down(f"not sent, for it could not be signed: the environment variable {variable} is not set")
            timestamp = str(int(self._clock.now().timestamp()))
            headers["X-Statewire-Timestamp"] = timestamp
            headers["X-Statewire-Signature"] = signature(key.encode(), timestamp, raw)
        posted = self._post(recipient, raw, headers)
        if posted.status is None:
            words = f"{posted.outcome.value.replace('_', ' ')}: {posted.detail}"
            return DeliveryAttempt(Result.REFUSED, words) if posted.outcome in _REFUSED else down(words)
        verdict = http_verdict(posted.status)
        if verdict is Result.SENT:
            return SENT
        words = f"status {posted.status}: {posted.detail}" if posted.detail else f"status {posted.status}"
        return DeliveryAttempt(verdict, words, pause_s=posted.retry_after_s)

    def close(self) -> None:
        """See `Delivery.close`."""


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """The value of `X-Statewire-Signature`."""
    return "sha256=" + hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
