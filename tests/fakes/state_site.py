"""State's site on this machine: feed and pages that a test or a benchmark sets, or a feed that grows by itself."""

from __future__ import annotations

import gzip
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from fakes.wire import Exchange, Server

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "/rss-feed/press-releases/feed/"
XML = "application/rss+xml; charset=UTF-8"
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
_CONFIG = """\
fetch:
  contact: https://monitor.invalid/about
  retries: 0
  gap_s: 0.001
  allow_private: ["{place}", "127.0.0.1:9"]
sources:
  - name: state
    role: canonical
    endpoints: [{{kind: feed, url: "http://{place}/rss-feed/press-releases/feed/"}}]
  - name: nobody
    role: canonical
    enabled: false
    endpoints: [{{kind: feed, url: "http://127.0.0.1:9/feed/"}}]
"""


@dataclass
class StateSite(Server):
    """Response of each path, compressed as by a real server; robots.txt is one of them."""

    answers: dict[str, tuple[int, bytes, dict[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.otherwise = self.routes["/robots.txt"] = self._reply
        super().__post_init__()

    @property
    def config(self) -> str:
        return _CONFIG.format(place=self.place)

    @property
    def asked(self) -> list[tuple[str, dict[str, str]]]:
        return [(exchange.target, exchange.headers) for exchange in self.seen]

    def says(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        kind = XML if body.startswith(b"<?xml") else "text/html; charset=UTF-8"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = status, body, {"content-type": kind} | named

    def _reply(self, exchange: Exchange) -> None:
        status, body, headers = self.answers.get(exchange.target, (404, b"not here", {}))
        if headers.get("etag") and exchange.headers.get("if-none-match") == headers["etag"]:
            status, body = 304, b""
        packed = gzip.compress(body, mtime=0) if body else b""
        exchange.reply(packed, status=status, headers=headers | ({"content-encoding": "gzip"} if packed else {}))


def words(number: int, edited: bool = False) -> str:
    """The text of one invented statement; different numbers share no long run of words."""
    some = random.Random(number)
    drawn = " ".join(f"{some.choice('bdfgklmnprst')}{some.choice('aeiou')}{some.randrange(10_000)}" for _ in range(60))
    return f"The Department {'did not welcome' if edited else 'welcomed'} lamp {number}. {drawn}."


def minute(number: int) -> datetime:
    """Return the publication time of a statement: one a minute."""
    return MIDNIGHT + timedelta(minutes=number)


def lamp_feed(
    texts: dict[int, str],
    base: str,
    *,
    built: datetime | None = None,
    guids: str = "https://www.state.gov",
    published: Callable[[int], datetime] = minute,
) -> bytes:
    """A feed of numbered statements with their HTML; `guids` is the site that gave the guids."""
    items = "".join(
        f"<item><title>Lamp {n}</title><link>{base}/lamp-{n}/</link>"
        f'<guid isPermaLink="false">{guids}/?post_type=state_press_release&amp;p={n}</guid>'
        f"<pubDate>{format_datetime(published(n))}</pubDate><content:encoded><![CDATA[{text}]]></content:encoded></item>"
        for n, text in texts.items()
    )
    clock = f"<lastBuildDate>{format_datetime(built)}</lastBuildDate>" if built else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Lamps</title>'
        f"<link>{base}</link>{clock}{items}</channel></rss>"
    ).encode()


@dataclass
class GrowingFeed:
    """A feed that lists a statement more with each answer, and changes every third one after two more.

    `newest` is the number of the last statement in the next answer, `listed` how many an answer shows (none: all).
    """

    newest: int
    listed: int | None = None
    text: Callable[[int, bool], str] = words
    published: Callable[[int], datetime] = minute

    def text_of(self, number: int) -> str:
        return self.text(number, number % 3 == 0 and number + 2 <= self.newest)

    def body(self, base: str) -> bytes:
        oldest = self.newest - self.listed if self.listed else 0
        texts = {n: f"<p>{self.text_of(n)}</p>" for n in range(self.newest, oldest, -1)}
        built = self.published(self.newest) + timedelta(days=1)
        return lamp_feed(texts, base, built=built, published=self.published)
