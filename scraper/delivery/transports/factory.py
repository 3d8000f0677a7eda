"""Factory of transports: opens those that the configuration names."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from scraper.config.choices import MailTransportKind
from scraper.config.loader import maildir_path
from scraper.delivery.transports import sendmail, smtp
from scraper.delivery.transports.maildir import MaildirTransport
from scraper.delivery.transports.sendmail import SendmailTransport
from scraper.delivery.transports.smtp import SmtpTransport
from scraper.delivery.transports.webhook import WebhookTransport
from scraper.model import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from scraper.clock import Clock
    from scraper.config.settings import Settings
    from scraper.delivery.transports.base import Transport


def mail_transport(settings: Settings, database: Path) -> Transport:
    """Return the configured transport for mail."""
    alerts = settings.alerts
    if alerts.deliver is MailTransportKind.SENDMAIL:
        return SendmailTransport(alerts.sendmail)
    if alerts.deliver is MailTransportKind.MAILDIR:
        return MaildirTransport(maildir_path(settings, database))
    assert alerts.smtp is not None  # noqa: S101 - the configuration rejects smtp without a server
    return SmtpTransport(alerts.smtp)


def longest_attempt_s(settings: Settings, channel: Channel) -> float:
    """Return the seconds that one attempt may take by the limits of its transport."""
    alerts = settings.alerts
    if channel is Channel.WEBHOOK:
        return settings.fetch.deadline_s
    if alerts.deliver is MailTransportKind.SMTP and alerts.smtp is not None:
        return smtp.longest_attempt_s(alerts.smtp)
    return sendmail.TIMEOUT_S


@contextmanager
def open_transports(settings: Settings, database: Path, clock: Clock) -> Iterator[Mapping[Channel, Transport]]:
    """Open the transports of all channels; their connections are closed at the end of the block.

    Raises `FetchError` if there are webhooks and the address guard does not work.
    """
    with ExitStack() as stack:
        transports: dict[Channel, Transport] = {Channel.MAIL: mail_transport(settings, database)}
        hooks = [watch for watch in settings.watches if watch.webhook]
        if hooks:
            from scraper.fetch import Poster  # loads httpx, which is slow, and few users have webhooks

            poster = stack.enter_context(Poster(settings.fetch, clock=clock))
            secrets = {w.webhook: w.webhook_secret_env for w in hooks if w.webhook and w.webhook_secret_env}
            transports[Channel.WEBHOOK] = WebhookTransport(poster.post, clock=clock, secrets=secrets)
        for transport in transports.values():
            stack.callback(transport.close)
        yield transports
