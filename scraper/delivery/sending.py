"""Opening of the sender with the configured transports, for the daemon and the commands."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from scraper.clock import unlimited
from scraper.delivery.context import message_renderer
from scraper.delivery.recipients import named_recipients
from scraper.delivery.sender import Sender
from scraper.delivery.transports.factory import open_transports
from scraper.delivery.transports.feed import FeedTransport
from scraper.model import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scraper.clock import Clock
    from scraper.config.alerts import Watch
    from scraper.config.settings import Settings
    from scraper.store import Store


@contextmanager
def open_sender(
    store: Store,
    settings: Settings,
    clock: Clock,
    watches: Sequence[Watch] = (),
    progress: Callable[[str], None] = lambda _recipient: None,
    time_left_s: Callable[[], float] = unlimited,
) -> Iterator[Sender]:
    """Open the transports and yield a sender of the messages in a store; see `Sender` for the arguments."""
    with open_transports(settings, store.path, clock) as transports:
        feeds = {str(watch.feed): watch.name for watch in settings.watches if watch.feed}
        transports = {**transports, Channel.FEED: FeedTransport(store, feeds)}
        render = message_renderer(settings, clock.now)
        is_wanted = named_recipients(settings)
        yield Sender(store, settings.alerts, clock, transports, render, watches, is_wanted, progress, time_left_s)
