"""Places that can fail: three ways to State's list, a statement's own page, a mirror's feed and a mirror's page.

Each has the start of a monitor over it, its responses while all is well, and its responses after a change.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from fakes.mirror import GAZETTE, GAZETTE_FEED, MIRROR, STATE, WEATHER, feed, page, post
from fakes.web import NOT_HERE, Web
from faults.bad_answers import Good
from samples import FEED_URL, LIST_URL, NOON, REST_URL, Piece, article, listing, redesigned, rest, rss, settings, source

from scraper.config.alerts import AlertSettings
from scraper.config.alerts import Watch as Wanted
from scraper.config.choices import Topic
from scraper.config.settings import Endpoint
from scraper.fetch import Fetcher
from scraper.model import EndpointKind, EventKind, Grade
from scraper.pipeline import list_urls
from scraper.pipeline.run import run_source

if TYPE_CHECKING:
    from scraper.clock import SimulatedClock
    from scraper.config.settings import Settings, Source
    from scraper.pipeline.run import RunReport
    from scraper.store import Store

DESK, OPERATOR = "desk@example.org", "ops@example.org"
QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
XML, JSON, HTML = "text/xml; charset=UTF-8", "application/json; charset=UTF-8", "text/html; charset=UTF-8"
REST = list_urls.first_url(EndpointKind.WORDPRESS, REST_URL)
K = EventKind

KNOWN = Piece(
    1,
    "Lamps for the Keepers’ Harbour",
    (
        "The United States gives 40 lamps and $2.5 million to the keepers of Tern – who “have waited” since the storm.",
        "Ambassador Wren will hand the lamps over on the keepers’ pier before winter, together with the guild.",
        "We will not forget those who were lost, and we look forward to many years of friendship between our peoples.",
    ),
)
OTHER, NEWS = Piece(2), Piece(3)
EDITED = KNOWN.but(body=(KNOWN.body[0].replace("40 lamps", "14 lamps"), *KNOWN.body[1:]))
OLDER = KNOWN.but(body=(KNOWN.body[0].replace("40 lamps", "4 lamps"), *KNOWN.body[1:]))


def unescaped(body: bytes) -> bytes:
    """Return the same JSON with unescaped letters, an option of WordPress."""
    return json.dumps(json.loads(body), ensure_ascii=False).encode()


@dataclass
class Watch:
    """Runs against a web of bytes, for one recipient of all events and one operator."""

    store: Store
    clock: SimulatedClock
    web: Web = field(default_factory=lambda: Web(unsaid=NOT_HERE))
    fetch: dict[str, Any] = field(default_factory=dict)

    def settings(self, source: Source) -> Settings:
        wanted = Wanted(name="All", to=(DESK,), when=tuple(Topic), at_least=Grade.COSMETIC)
        alerts = AlertSettings(operator=(OPERATOR,))
        return settings(source, **self.fetch).model_copy(update={"watches": (wanted,), "alerts": alerts})

    def run(self, source: Source) -> RunReport:
        self.web.asked.clear()
        chosen, store, clock = self.settings(source), self.store, self.clock
        with Fetcher(chosen.fetch, clock=clock, hosts=store.hosts, transport=self.web.transport()) as fetcher:
            return run_source(source, store=store, fetcher=fetcher, clock=clock, settings=chosen)

    def after(self, wait: timedelta, source: Source) -> RunReport:
        self.clock.sleep(wait.total_seconds())
        return self.run(source)

    def says(self, url: str, body: bytes, kind: str = HTML) -> None:
        self.web.says(url, body, kind=kind)


class Place:
    """One address of one source, which goes bad and becomes good again.

    `waits` are those before it is asked, three times while it is bad and once more. A page that could be read
    is left alone for longer than one that could not.
    """

    name: ClassVar[str]
    source: ClassVar[Source]
    url: ClassVar[str]
    waits: ClassVar[tuple[timedelta, ...]] = (QUARTER,) * 4
    waits_when_read: ClassVar[tuple[timedelta, ...]] = (QUARTER,) * 4
    happens: ClassVar[list[EventKind]] = [K.REVISED, K.PUBLISHED]
    is_list: ClassVar[bool] = True

    def begins(self, watch: Watch) -> None:
        """The first fill and all that has to be known before the address goes bad."""
        good = self.good(watch.clock.now())
        watch.says(self.url, good.body, good.kind)
        watch.run(self.source)

    def good(self, now: datetime) -> Good:
        """The document and its bad variants."""
        raise NotImplementedError

    def something_happens(self, watch: Watch) -> None:
        """Publish a change, which has to raise the events of `happens`."""
        raise NotImplementedError


class Feed(Place):
    name, source, url = "feed", STATE, FEED_URL

    def good(self, now: datetime) -> Good:
        return Good(
            rss(KNOWN, OTHER, built=now),
            XML,
            older=rss(OLDER, OTHER, built=NOON - HOUR),
            empty=rss(built=now),
            redesigned=rss(KNOWN, OTHER, built=now).replace(b"item>", b"story>"),
        )

    def something_happens(self, watch: Watch) -> None:
        watch.says(FEED_URL, rss(NEWS, EDITED, OTHER, built=watch.clock.now()), XML)


class WordPress(Place):
    name, url = "wordpress", REST
    source = source(endpoints=(Endpoint(kind=EndpointKind.WORDPRESS, url=REST_URL),))

    def good(self, now: datetime) -> Good:
        then = KNOWN.published_at - HOUR
        return Good(
            unescaped(rest(KNOWN, OTHER)),
            JSON,
            older=rest(OLDER.but(modified_at=then), OTHER.but(modified_at=then)),
            empty=b"[]",
            redesigned=rest(KNOWN, OTHER).replace(b'"title"', b'"headline"').replace(b'"content"', b'"blocks"'),
        )

    def something_happens(self, watch: Watch) -> None:
        watch.says(REST, rest(NEWS, EDITED.but(modified_at=watch.clock.now()), OTHER), JSON)


class Listing(Place):
    name, url, happens = "listing", LIST_URL, [K.PUBLISHED]
    source = source(endpoints=(Endpoint(kind=EndpointKind.LISTING, url=LIST_URL),))

    def begins(self, watch: Watch) -> None:
        for piece in (KNOWN, OTHER):
            watch.says(piece.url, article(piece))
        super().begins(watch)

    def good(self, now: datetime) -> Good:
        return Good(
            listing(KNOWN, OTHER),
            HTML,
            empty=listing(),
            redesigned=redesigned(KNOWN, OTHER),
        )

    def something_happens(self, watch: Watch) -> None:
        watch.says(LIST_URL, listing(NEWS, KNOWN, OTHER))
        watch.says(NEWS.url, article(NEWS))


class Page(Place):
    """A statement's own page, rechecked after the feed has dropped it."""

    name, source, url, happens, is_list = "page", STATE, KNOWN.url, [K.REVISED], False
    waits, waits_when_read = (25 * HOUR, 14 * HOUR, 24 * HOUR, 60 * HOUR), (timedelta(days=31),) * 4

    def begins(self, watch: Watch) -> None:
        watch.says(FEED_URL, rss(KNOWN, OTHER, built=watch.clock.now()), XML)
        super().begins(watch)
        watch.clock.sleep(2 * HOUR.total_seconds())
        watch.says(FEED_URL, rss(OTHER, built=watch.clock.now()), XML)
        watch.run(STATE)

    def good(self, now: datetime) -> Good:
        whole = article(KNOWN)
        return Good(
            whole,
            HTML,
            empty=article(KNOWN.but(body=("",))),
            redesigned=whole.replace(b"entry-content", b"prose").replace(b"featured-content__headline", b"top"),
        )

    def something_happens(self, watch: Watch) -> None:
        watch.says(KNOWN.url, article(EDITED))


class MirrorFeed(Place):
    name, source, url, happens = "mirror feed", MIRROR, GAZETTE_FEED, [K.COPY_FOUND]

    def begins(self, watch: Watch) -> None:
        watch.says(FEED_URL, rss(KNOWN, OTHER, built=watch.clock.now()), XML)
        watch.run(STATE)
        self.carry(watch, KNOWN)
        super().begins(watch)

    def carry(self, watch: Watch, piece: Piece) -> None:
        watch.says(f"{GAZETTE}/{piece.slug}/", page(piece.title, piece.body))

    def good(self, now: datetime) -> Good:
        built = f"{now:%a, %d %b %Y %H:%M:%S} GMT"
        before = f"{NOON - HOUR:%a, %d %b %Y %H:%M:%S} GMT"
        items = [post(KNOWN.slug, KNOWN.title, KNOWN.body), post("weather", "Weather", WEATHER)]
        return Good(
            feed(*items, built=built),
            XML,
            older=feed(post(KNOWN.slug, KNOWN.title, OLDER.body), items[1], built=before),
            empty=feed(built=built),
            redesigned=feed(*items, built=built).replace(b"item>", b"story>"),
        )

    def something_happens(self, watch: Watch) -> None:
        self.carry(watch, OTHER)
        items = (post(piece.slug, piece.title, piece.body) for piece in (OTHER, KNOWN))
        watch.says(GAZETTE_FEED, feed(*items, built=f"{watch.clock.now():%a, %d %b %Y %H:%M:%S} GMT"), XML)


class MirrorPage(Place):
    """A page of a mirror, rechecked after the mirror's feed has dropped it."""

    name, source, happens, is_list = "mirror page", MIRROR, [K.COPY_CHANGED], False
    url = f"{GAZETTE}/{KNOWN.slug}/"
    waits, waits_when_read = Page.waits, Page.waits_when_read

    def begins(self, watch: Watch) -> None:
        watch.says(FEED_URL, rss(KNOWN, OTHER, built=watch.clock.now()), XML)
        watch.run(STATE)
        watch.says(GAZETTE_FEED, feed(post(KNOWN.slug, KNOWN.title, KNOWN.body)), XML)
        super().begins(watch)
        watch.says(GAZETTE_FEED, feed(post("weather", "Weather", WEATHER)), XML)

    def good(self, now: datetime) -> Good:
        whole = page(KNOWN.title, KNOWN.body)
        return Good(
            whole,
            HTML,
            empty=page(KNOWN.title, ()),
            redesigned=page(KNOWN.title, ()).replace(
                b"<nav>", b"<div id='root'></div><script src='/app.js'></script><nav>"
            ),
        )

    def something_happens(self, watch: Watch) -> None:
        watch.says(self.url, page(KNOWN.title, EDITED.body))


PLACES = (Feed(), WordPress(), Listing(), Page(), MirrorFeed(), MirrorPage())
