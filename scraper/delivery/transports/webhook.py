"""Transport of messages as signed JSON requests; the caller supplies the HTTP client."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import TYPE_CHECKING

from scraper.delivery.retry import DeliveryResult, http_result
from scraper.delivery.transports.base import SENT, DeliveryAttempt, Transport, down
from scraper.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scraper.clock import Clock
    from scraper.fetch.poster import PostResponse

    # Posts a body with headers to a URL, and does not raise on network errors.
    PostRequest = Callable[[str, bytes, Mapping[str, str]], PostResponse]

# The monitor itself refused to send these; that does not change until the configuration does.
_REFUSED = frozenset({Outcome.BLOCKED_ADDRESS, Outcome.BAD_SCHEME})


class WebhookTransport(Transport):
    """Transport to URLs. `secrets` maps the URL of a recipient to the environment variable that holds its signing key.

    Requests to a URL with a key carry `X-Statewire-Timestamp` (seconds since 1970) and `X-Statewire-Signature`:
    `sha256=` and the HMAC of the timestamp, a dot, and the body. By checking both a receiver can reject old or modified
    requests.
    """

    def __init__(
        self, post: PostRequest, *, clock: Clock, secrets: Mapping[str, str], environ: Mapping[str, str] = os.environ
    ) -> None:
        self._post = post
        self._clock = clock
        self._secrets = secrets
        self._environ = environ

    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        """Send one message, see `Transport.deliver`."""
        headers = {"Content-Type": "application/json", "X-Statewire-Message-Id": message_id}
        if variable := self._secrets.get(recipient):
            key = self._environ.get(variable, "")
            if not key:
                return down(f"not sent, because it could not be signed: the environment variable {variable} is not set")
            timestamp = str(int(self._clock.now().timestamp()))
            headers["X-Statewire-Timestamp"] = timestamp
            headers["X-Statewire-Signature"] = signature(key.encode(), timestamp, raw)
        response = self._post(recipient, raw, headers)
        if response.status is None:
            detail = f"{response.outcome.value.replace('_', ' ')}: {response.detail}"
            return DeliveryAttempt(DeliveryResult.REFUSED, detail) if response.outcome in _REFUSED else down(detail)
        verdict = http_result(response.status)
        if verdict is DeliveryResult.SENT:
            return SENT
        detail = f"status {response.status}: {response.detail}" if response.detail else f"status {response.status}"
        return DeliveryAttempt(verdict, detail, pause_s=response.retry_after_s)


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """Return the value of `X-Statewire-Signature`."""
    return "sha256=" + hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
