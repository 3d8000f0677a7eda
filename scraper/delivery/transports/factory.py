"""The ways by which messages leave, opened by the settings."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from scraper.config.alerts import Way
from scraper.config.loader import maildir_path
from scraper.delivery.transports.maildir import Maildir
from scraper.delivery.transports.sendmail import Sendmail
from scraper.delivery.transports.smtp import SmtpDelivery
from scraper.delivery.transports.webhook import WebhookDelivery
from scraper.model import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from scraper.clock import Clock
    from scraper.config.settings import Settings
    from scraper.delivery.transports.base import Delivery


def mail_way(settings: Settings, database: Path) -> Delivery:
    """How mail leaves, as it is configured."""
    alerts = settings.alerts
    if alerts.deliver is Way.SENDMAIL:
        return Sendmail(alerts.sendmail)
    if alerts.deliver is Way.MAILDIR:
        return Maildir(maildir_path(settings, database))
    assert alerts.smtp is not None  # noqa: S101 - the configuration refuses smtp without a server
    return SmtpDelivery(alerts.smtp)


@contextmanager
def open_ways(settings: Settings, database: Path, clock: Clock) -> Iterator[Mapping[Channel, Delivery]]:
    """The ways for all channels; connections they keep are closed at the end.

    Raises `FetchError` where there are webhooks and the address guard does not hold.
    """
    with ExitStack() as stack:
        ways: dict[Channel, Delivery] = {Channel.MAIL: mail_way(settings, database)}
        hooks = [watch for watch in settings.watches if watch.webhook]
        if hooks:
            from scraper.fetch import Poster  # loads httpx, which is slow, and few have hooks

            poster = stack.enter_context(Poster(settings.fetch, clock=clock))
            secrets = {w.webhook: w.webhook_secret_env for w in hooks if w.webhook and w.webhook_secret_env}
            ways[Channel.WEBHOOK] = WebhookDelivery(poster.post, clock=clock, secrets=secrets)
        for way in ways.values():
            stack.callback(way.close)
        yield ways
