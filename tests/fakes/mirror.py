"""Monitor over State and one invented mirror, with feed and pages that a test sets."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import TYPE_CHECKING

from samples import FEED_URL, Piece, rss, settings, source

from scraper.config.settings import Endpoint
from scraper.model import EndpointKind, Role
from scraper.store import CopyFilter

if TYPE_CHECKING:
    from pipeline.conftest import Watch

    from scraper.model import Event
    from scraper.pages import Copy

GAZETTE = "https://gazette.example"
GAZETTE_FEED = f"{GAZETTE}/feed/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

STATE = source(endpoints=(Endpoint(kind=EndpointKind.FEED, url=FEED_URL),))
MIRROR = source(name="gazette", role=Role.MIRROR, endpoints=(Endpoint(kind=EndpointKind.FEED, url=GAZETTE_FEED),))

LAMPS = Piece(
    7,
    "Lamps for the Harbour of Tern",
    (
        "The United States is proud to give 40 lamps and $2.5 million to the keepers of Tern, who have waited since the"
        " great storm took their lighthouse and with it the boats of three villages.",
        "Ambassador Wren will hand the lamps over on the pier before winter, together with the fishers' guild and the"
        " school of navigation, whose pupils built the stands.",
        "We will not forget those who were lost, and we look forward to many years of friendship between our peoples.",
    ),
)
WEATHER = ("Rain is expected over the hills until Thursday, say the forecasters of the valley, who have been wrong.",)


def post(slug: str, title: str, paragraphs: tuple[str, ...], *, cut: bool = False, at: str = "") -> str:
    """One item of the mirror's feed."""
    body = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
    whole = "" if cut else f"<content:encoded><![CDATA[{body}]]></content:encoded>"
    return (
        f"<item><title>{html.escape(title)}</title><link>{GAZETTE}/{slug}/</link>"
        f"<pubDate>{at or 'Mon, 02 Mar 2026 12:00:00 GMT'}</pubDate>"
        f"<guid isPermaLink='true'>{GAZETTE}/{slug}/</guid>{whole}</item>"
    )


def feed(*items: str, built: str = "") -> bytes:
    clock = f"<lastBuildDate>{built}</lastBuildDate>" if built else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Gazette</title>'
        f"<link>{GAZETTE}</link>{clock}{''.join(items)}</channel></rss>"
    ).encode()


def page(title: str, paragraphs: tuple[str, ...], lang: str = "en") -> bytes:
    body = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
    return (
        f'<!doctype html><html lang="{lang}"><head><title>{html.escape(title)} - The Gazette</title>'
        '<meta property="article:published_time" content="2026-03-02T12:20:00+00:00"></head>'
        f"<body><nav>Home News Sports</nav><article><h1>{html.escape(title)}</h1>{body}</article>"
        "<footer>© The Gazette</footer></body></html>"
    ).encode()


def names(piece: Piece) -> str:
    return f"Official news published at {piece.url}"


class Gazette:
    """A watch over State and one mirror, which run one after the other."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        watch.settings = settings(STATE, MIRROR)
        self.state_says()
        self.says()

    def state_says(self, *pieces: Piece) -> None:
        self.watch.site.says(FEED_URL, rss(*pieces, built=self.watch.clock.now()))

    def says(self, *items: str) -> None:
        self.watch.site.says(GAZETTE_FEED, feed(*items))

    def shows(self, slug: str, body: bytes, status: int = 200) -> None:
        self.watch.site.says(f"{GAZETTE}/{slug}/", body, status)

    def poll(self, wait: timedelta = timedelta(0)) -> list[Event]:
        """Return the events of both runs, without backfill."""
        self.watch.clock.sleep(wait.total_seconds())
        reported: list[Event] = []
        for each in (STATE, MIRROR):
            self.watch.source = each
            reported += self.watch.run().events
        return [event for event in reported if not event.backfill]

    def begins(self) -> Gazette:
        """Both sources have been filled for the first time, with nothing."""
        self.state_says(Piece(1))
        self.says(post("weather", "Weather", WEATHER))
        self.poll()
        self.watch.clock.sleep(900)
        return self

    def copies(self) -> list[Copy]:
        return list(self.watch.store.copies.find(CopyFilter(with_gone=True)))


def carried(gazette: Gazette, *paragraphs: str, slug: str = "lamps", title: str = LAMPS.title) -> None:
    """The mirror carries something, in its feed and on its page."""
    gazette.says(post(slug, title, paragraphs))
    gazette.shows(slug, page(title, paragraphs))
