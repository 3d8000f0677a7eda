"""The ways by which messages leave, opened by the settings."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from scraper.config.alerts import MailWay
from scraper.config.loader import maildir_path
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
    from scraper.delivery.transports.base import MailTransport


def mail_transport(settings: Settings, database: Path) -> MailTransport:
    """How mail leaves, as it is configured."""
    alerts = settings.alerts
    if alerts.deliver is MailWay.SENDMAIL:
        return SendmailTransport(alerts.sendmail)
    if alerts.deliver is MailWay.MAILDIR:
        return MaildirTransport(maildir_path(settings, database))
    assert alerts.smtp is not None  # noqa: S101 - the configuration refuses smtp without a server
    return SmtpTransport(alerts.smtp)


@contextmanager
def open_transports(settings: Settings, database: Path, clock: Clock) -> Iterator[Mapping[Channel, MailTransport]]:
    """The ways for all channels; connections they keep are closed at the end.

    Raises `FetchError` where there are webhooks and the address guard does not hold.
    """
    with ExitStack() as stack:
        ways: dict[Channel, MailTransport] = {Channel.MAIL: mail_transport(settings, database)}
        hooks = [watch for watch in settings.watches if watch.webhook]
        if hooks:
            from scraper.fetch import Poster  # loads httpx, which is slow, and few have hooks

            poster = stack.enter_context(Poster(settings.fetch, clock=clock))
            secrets = {w.webhook: w.webhook_secret_env for w in hooks if w.webhook and w.webhook_secret_env}
            ways[Channel.WEBHOOK] = WebhookTransport(poster.post, clock=clock, secrets=secrets)
        for way in ways.values():
            stack.callback(way.close)
        yield ways
