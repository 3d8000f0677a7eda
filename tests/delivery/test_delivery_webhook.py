"""Tests of webhooks: body, signature, and the result of each response."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON

from scraper.clock import SimulatedClock
from scraper.delivery.retry import DeliveryResult
from scraper.delivery.transports.base import SENT, DeliveryAttempt
from scraper.delivery.transports.webhook import WebhookTransport
from scraper.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

URL = "https://hooks.example.org/1"


@dataclass
class Answer:
    """A server that gives one answer, and keeps what it was asked."""

    status: int | None = 200
    outcome: Outcome = Outcome.OK
    detail: str = ""
    retry_after_s: float = 0.0
    asked: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        self.asked.append((url, body, headers))
        return self


def send(answer: Answer, **changes: Any) -> DeliveryAttempt:
    clock = SimulatedClock(NOON)
    delivery = WebhookTransport(answer.post, clock=clock, **({"secrets": {}, "environ": {}} | changes))
    attempt = delivery.deliver(b'{"a": 1}', sender="s@example.org", recipient=URL, message_id="<1@statewire.example>")
    delivery.close()
    return attempt


def test_a_request_names_its_message() -> None:
    answer = Answer()
    assert send(answer) == SENT
    headers = {"Content-Type": "application/json", "X-Statewire-Message-Id": "<1@statewire.example>"}
    assert answer.asked == [(URL, b'{"a": 1}', headers)]


def test_a_signature_covers_time_and_body() -> None:
    answer = Answer()
    assert send(answer, secrets={URL: "HOOK"}, environ={"HOOK": "key"}) == SENT
    ((_, body, headers),) = answer.asked
    assert headers["X-Statewire-Timestamp"] == str(int(NOON.timestamp()))
    signed = headers["X-Statewire-Timestamp"].encode() + b"." + body
    assert headers["X-Statewire-Signature"] == "sha256=" + hmac.new(b"key", signed, hashlib.sha256).hexdigest()


def test_a_request_that_cannot_be_signed_is_not_sent() -> None:
    answer = Answer()
    attempt = send(answer, secrets={URL: "HOOK"})
    assert (attempt.result, attempt.is_down, answer.asked) == (DeliveryResult.RETRY, True, [])
    assert "HOOK is not set" in attempt.detail


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(204), SENT),
        (
            Answer(302, detail="it leads elsewhere"),
            DeliveryAttempt(DeliveryResult.REFUSED, "status 302: it leads elsewhere"),
        ),
        (Answer(404), DeliveryAttempt(DeliveryResult.REFUSED, "status 404")),
        (Answer(429, retry_after_s=90.0), DeliveryAttempt(DeliveryResult.RETRY, "status 429", pause_s=90.0)),
        (Answer(503, detail="soon"), DeliveryAttempt(DeliveryResult.RETRY, "status 503: soon")),
        (
            Answer(None, Outcome.TIMEOUT, "silence"),
            DeliveryAttempt(DeliveryResult.RETRY, "timeout: silence", is_down=True),
        ),
        (Answer(None, Outcome.TLS, "expired"), DeliveryAttempt(DeliveryResult.RETRY, "tls: expired", is_down=True)),
        (
            Answer(None, Outcome.BLOCKED_ADDRESS, "leads to 10.0.0.1"),
            DeliveryAttempt(DeliveryResult.REFUSED, "blocked address: leads to 10.0.0.1"),
        ),
    ],
)
def test_answers(answer: Answer, expected: DeliveryAttempt) -> None:
    assert send(answer) == expected
