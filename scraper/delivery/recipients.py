"""Rule of who may get a message: on every channel, only a recipient that the configuration still names."""

from collections.abc import Callable, Iterator

from scraper.config.settings import Settings
from scraper.model import Channel, MessageKind
from scraper.store import StoredMessage

_OF_WATCHES = frozenset({MessageKind.INSTANT, MessageKind.DIGEST})


def named_recipients(settings: Settings) -> Callable[[StoredMessage], bool]:
    """Return a test of a message: True if an enabled watch, or `alerts.operator` for its mails, names the recipient.

    A message may wait for days, and its recipient can leave the configuration meanwhile. The watch need not be the one
    that queued it, so that a watch may be renamed. Test mails may go to any e-mail address.
    """
    of_watches = set(_recipients(settings))
    operators = {operator.casefold() for operator in settings.alerts.operator}

    def is_named(message: StoredMessage) -> bool:
        if message.channel is not Channel.MAIL:
            return (message.channel, message.recipient) in of_watches
        if message.kind is MessageKind.TEST:
            return True
        recipient = message.recipient.casefold()
        return (Channel.MAIL, recipient) in of_watches if message.kind in _OF_WATCHES else recipient in operators

    return is_named


def _recipients(settings: Settings) -> Iterator[tuple[Channel, str]]:
    for watch in settings.watches:
        if not watch.enabled:
            continue
        yield from ((Channel.MAIL, recipient.casefold()) for recipient in watch.to)
        if watch.webhook:
            yield Channel.WEBHOOK, watch.webhook
        if watch.feed:
            yield Channel.FEED, str(watch.feed)
