"""Responses of the ten hosts without faults: lists, pages and robots.txt, at any time of the true history."""

from __future__ import annotations

import hashlib
import html
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fakes.world.truth import Carrier, Text, Truth, Version, guid
from samples import NOT_FOUND, Piece, article, listing, rest, rss

from scraper.config.settings import Endpoint, Source
from scraper.model import EndpointKind, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

STATE, ARCHIVE, OLD_ARCHIVE = "www.state.gov", "2021-2025.state.gov", "2017-2021.state.gov"
START = datetime(2025, 1, 13, tzinfo=UTC)
"""Begin of monitoring; true time zero."""

_LISTED = 10
_REST = f"https://{STATE}/wp-json/wp/v2/state_press_release"
_ROBOTS = "User-agent: *\nDisallow: /private/\n"
SLOW_S = 10.0
_SLOW_ROBOTS = f"Crawl-delay: {SLOW_S:g}\n{_ROBOTS}"


class Release(Piece):
    """Statement in the markup of `samples`, with a URL of its own path."""

    @property
    def url(self) -> str:
        """URL of the statement."""
        return address(self.slug)


def address(slug: str) -> str:
    """Return the URL of a statement on www.state.gov."""
    return f"https://{STATE}/releases/{slug}/"


@dataclass(frozen=True, slots=True)
class Shown:
    """Version of a text that a document shows in full, by the text's key and the version's index."""

    key: str
    version: int


@dataclass(frozen=True, slots=True)
class Document:
    """Response. `shown` records for the judge which versions it shows, and is never sent.

    `is_cut`: the connection breaks before its announced length has come; not `has_length`: none is announced.
    `lies`: a conditional request always gets 304. `quiet_s` is the time of its Retry-After. `drip_s`: the body comes
    byte by byte, one in so many seconds.
    """

    body: bytes
    kind: str = "text/html; charset=UTF-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    shown: tuple[Shown, ...] = ()
    is_cut: bool = False
    has_length: bool = True
    lies: bool = False
    quiet_s: float = 0.0
    drip_s: float = 0.0

    @property
    def is_damaged(self) -> bool:
        """True if the body does not arrive as it is."""
        return self.is_cut or ("content-encoding", "gzip") in self.headers


@dataclass
class Web:
    """All hosts: `lists` maps each list's URL, `pages` each page's URL, to a function from time to document."""

    truth: Truth
    sources: tuple[Source, ...]
    lists: dict[str, Callable[[float], Document]] = field(default_factory=dict)
    pages: dict[str, Callable[[float], Document]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        statements = sorted(self.truth.statements, key=lambda text: -text.born_s)
        for source in self.sources:
            for endpoint in source.endpoints:
                of = [s for s in statements if source.name in s.lists] if source.role is Role.CANONICAL else []
                self.lists[endpoint.url] = self._list(source, endpoint, of)
        for text in statements:
            for slug in {version.slug for version in text.versions}:
                self.pages[address(slug)] = _page_of(text, slug)
            if text.is_archived:
                self.pages[address(text.versions[0].slug).replace(STATE, ARCHIVE)] = _archived(text)
            self.pages[f"{_REST}/{text.number}"] = _post_of(text)
        for carrier in self.truth.carriers:
            self.pages[carrier.url] = carrier_page(carrier)
        for host in (ARCHIVE, OLD_ARCHIVE):
            for release in old(host):
                self.pages[release.url] = _constant(article(release))

    def answer(self, url: str, t_s: float) -> Document:
        """Return the response of a URL at a true time."""
        plain = url.partition("?")[0]
        host = urlsplit(url).hostname or ""
        if plain.endswith("/robots.txt"):
            text = _SLOW_ROBOTS if host in {STATE, "herald.example"} else _ROBOTS
            return Document(text.encode(), "text/plain")
        found = self.lists.get(url) or self.lists.get(plain) or self.pages.get(plain)
        if found is not None:
            return found(t_s)
        # State's archives answer unknown paths with 200.
        return Document(NOT_FOUND, status=200 if host in {ARCHIVE, OLD_ARCHIVE} else 404)

    def _list(self, source: Source, endpoint: Endpoint, of: Sequence[Text]) -> Callable[[float], Document]:
        if source.role is Role.CANONICAL:
            return lambda t_s: _state_list(endpoint.kind, of, t_s)
        if source.role is Role.ARCHIVE:
            return _constant(listing(*old(urlsplit(endpoint.url).hostname or "")))
        key = f"{urlsplit(endpoint.url).hostname}/{source.name.partition('-')[2]}"
        pages = sorted(
            (carrier for carrier in self.truth.carriers if key in carrier.page.lists), key=lambda c: -c.page.born_s
        )
        return lambda t_s: mirror_list(endpoint.kind, pages, t_s)


def at(t_s: float) -> datetime:
    """Convert a true time to the time of the servers' clocks."""
    return (START + timedelta(seconds=t_s)).replace(microsecond=0)


# State


def _release(text: Text, version: Version) -> Release:
    return Release(
        text.number,
        version.title,
        version.body,
        version.byline,
        published_at=at(text.born_s),
        modified_at=at(version.since_s),
        slug=version.slug,
    )


def _present(texts: Sequence[Text], t_s: float, count: int = _LISTED) -> Iterator[tuple[Text, Version]]:
    for text in texts:
        if (version := text.at(t_s)) is not None:
            yield text, version
            count -= 1
            if not count:
                return


def _state_list(kind: EndpointKind, of: Sequence[Text], t_s: float) -> Document:
    present = list(_present(of, t_s, 20 if kind is EndpointKind.WORDPRESS else _LISTED))
    releases = [_release(text, version) for text, version in present]
    shown = tuple(_shown(text, version) for text, version in present)
    if kind is EndpointKind.WORDPRESS:
        return Document(rest(*releases), "application/json; charset=UTF-8", shown=shown)
    if kind is EndpointKind.LISTING:
        return Document(listing(*releases))
    built = max((turn for text in of for turn in text.turns_s if turn <= t_s), default=0.0)
    last = format_datetime(at(built), usegmt=True)
    return Document(
        rss(*releases, built=at(built)),
        "application/rss+xml; charset=UTF-8",
        headers=(("last-modified", last),),
        shown=shown,
    )


def _shown(text: Text, version: Version) -> Shown:
    return Shown(guid(text.number), text.versions.index(version))


def _page_of(text: Text, slug: str) -> Callable[[float], Document]:
    def page(t_s: float) -> Document:
        version = text.at(t_s)
        if version is None:
            return Document(NOT_FOUND, status=404 if text.number % 4 else 410)
        if version.slug != slug:
            return Document(b"", status=301, headers=(("location", address(version.slug)),))
        return Document(article(_release(text, version)), shown=(_shown(text, version),))

    return page


def _post_of(text: Text) -> Callable[[float], Document]:
    def post(t_s: float) -> Document:
        version = text.at(t_s)
        if version is None:
            error = {"code": "rest_post_invalid_id", "message": "Invalid post ID.", "data": {"status": 404}}
            return Document(json.dumps(error).encode(), "application/json", status=404)
        (one,) = json.loads(rest(_release(text, version)))
        return Document(json.dumps(one).encode(), "application/json", shown=(_shown(text, version),))

    return post


def _archived(text: Text) -> Callable[[float], Document]:
    def page(t_s: float) -> Document:
        if text.at(t_s) is not None:
            return Document(NOT_FOUND)
        release = _release(text, text.versions[-1])
        return Document(article(release).replace(STATE.encode(), ARCHIVE.encode()))

    return page


def old(host: str) -> list[Release]:
    """Return the old statements of an archive."""
    year = 2023 if host == ARCHIVE else 2019
    found = []
    for n in range(_LISTED):
        number = year * 10 + n
        piece = Release(
            number,
            f"An old lamp of {year}, number {n}",
            published_at=datetime(year, 5, 1 + n, 12, tzinfo=UTC),
            slug=f"old-lamp-{number}",
        )
        found.append(_moved_to(host, piece))
    return found


def _moved_to(host: str, piece: Release) -> Release:
    class There(Release):
        @property
        def url(self) -> str:
            return address(self.slug).replace(STATE, host)

    return There(piece.number, piece.title, piece.body, piece.byline, piece.published_at, slug=piece.slug)


def _constant(body: bytes) -> Callable[[float], Document]:
    return lambda _: Document(body)


# Other sites


def mirror_list(kind: EndpointKind, carriers: Sequence[Carrier], t_s: float, count: int = _LISTED) -> Document:
    """Return a list of the first pages that are there, at most `count`."""
    present = []
    for carrier in carriers:
        if (version := carrier.page.at(t_s)) is not None:
            present.append((carrier, version))
        if len(present) == count:
            break
    shown = tuple(Shown(carrier.url, carrier.page.versions.index(version)) for carrier, version in present)
    if kind is EndpointKind.WORDPRESS:
        posts = [_post(carrier, version) for carrier, version in present]
        return _tagged(json.dumps(posts), "application/json; charset=UTF-8", shown)
    if kind is EndpointKind.LISTING:
        rows = "".join(
            f'<article class="post"><h2><a href="{carrier.url}">{html.escape(version.title)}</a></h2>'
            f'<time datetime="{at(carrier.page.born_s).isoformat()}">{at(carrier.page.born_s):%B %d, %Y}</time>'
            "</article>"
            for carrier, version in present
        )
        return _tagged(_framed("News", f"<main>{rows}</main>"))
    items = "".join(
        f"<item><title>{html.escape(version.title)}</title><link>{carrier.url}</link>"
        f"<pubDate>{format_datetime(at(carrier.page.born_s))}</pubDate><guid>{carrier.url}</guid>"
        f"<content:encoded><![CDATA[{_paragraphs(carrier, version)}]]></content:encoded></item>"
        for carrier, version in present
    )
    built = max((turn for carrier in carriers for turn in carrier.page.turns_s if turn <= t_s), default=0.0)
    return _tagged(
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>News</title>'
        f"<lastBuildDate>{format_datetime(at(built))}</lastBuildDate>{items}</channel></rss>",
        "application/rss+xml; charset=UTF-8",
        shown,
    )


def _tagged(text: str, kind: str = "text/html; charset=UTF-8", shown: tuple[Shown, ...] = ()) -> Document:
    body = text.encode()
    return Document(body, kind, headers=(("etag", f'"{hashlib.sha256(body).hexdigest()[:16]}"'),), shown=shown)


def _post(carrier: Carrier, version: Version) -> dict[str, object]:
    return {
        "id": carrier.page.number,
        "date_gmt": f"{at(carrier.page.born_s):%Y-%m-%dT%H:%M:%S}",
        "modified_gmt": f"{at(version.since_s):%Y-%m-%dT%H:%M:%S}",
        "status": "publish",
        "type": "post",
        "link": carrier.url,
        "guid": {"rendered": f"https://{carrier.site}/?p={carrier.page.number}"},
        "title": {"rendered": html.escape(version.title)},
        "content": {"rendered": _paragraphs(carrier, version), "protected": False},
    }


def carrier_page(carrier: Carrier) -> Callable[[float], Document]:
    """Return the page of another site as a function of time."""

    def page(t_s: float) -> Document:
        version = carrier.page.at(t_s)
        if version is None:
            return Document(NOT_FOUND, status=404)
        head = f'<meta property="article:published_time" content="{at(carrier.page.born_s).isoformat()}">'
        body = f"<article><h1>{html.escape(version.title)}</h1>{_paragraphs(carrier, version)}</article>"
        shown = Shown(carrier.url, carrier.page.versions.index(version))
        return Document(_framed(version.title, body, head).encode(), shown=(shown,))

    return page


def _paragraphs(carrier: Carrier, version: Version) -> str:
    names = [f"Official news published at {carrier.names}"] if carrier.names else []
    return "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in (*version.body, *names))


def _framed(title: str, body: str, head: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><head><title>{html.escape(title)} - The Site</title>{head}</head>'
        f"<body><nav>Home News Sports</nav>{body}<footer>© The Site</footer></body></html>"
    )


# Monitored sources

_TOPICS = ("press", *(f"topic{n}" for n in range(1, 9)), "briefings", "schedule")
_ARCHIVES = ((ARCHIVE, 2024), (ARCHIVE, 2023), (OLD_ARCHIVE, 2019), (OLD_ARCHIVE, 2018))
_SITES = "gazette herald courier tribune observer standard register".split()
_SECTIONS = "world wire politics region town".split()


@dataclass(frozen=True)
class Scale:
    """Scale of a simulation: State's lists, those of its archives, other sites and the sections of each.

    Intervals of sources are `pace` times those of `WHOLE`; the daemon checks for due sources every `tick_s`.
    """

    topics: tuple[str, ...]
    archives: tuple[tuple[str, int], ...]
    sites: tuple[str, ...]
    sections: tuple[str, ...]
    pace: float
    statements_a_day: float
    tick_s: float

    @property
    def sections_by_site(self) -> dict[str, tuple[str, ...]]:
        """Sections of each other site."""
        return {f"{site}.example": self.sections for site in self.sites}


WHOLE = Scale(_TOPICS, _ARCHIVES, tuple(_SITES), tuple(_SECTIONS), pace=1.0, statements_a_day=20, tick_s=120.0)
"""50 sources on 10 hosts."""
FEW = Scale(
    ("press", "briefings"),
    _ARCHIVES[:1],
    ("herald",),
    ("world", "wire"),
    pace=6.0,
    statements_a_day=5,
    tick_s=1800.0,
)
"""Small scale for a run of seconds."""


def watched(scale: Scale) -> tuple[Source, ...]:
    """Return the sources of a scale."""
    found = [state_source(name, scale.pace) for name in scale.topics]
    found += [
        Source(
            name=f"archive-{year}",
            role=Role.ARCHIVE,
            every=timedelta(hours=2) * scale.pace,
            endpoints=(Endpoint(kind=EndpointKind.LISTING, url=f"https://{host}/{year}/"),),
        )
        for host, year in scale.archives
    ]
    paths = {
        EndpointKind.FEED: "{}/feed/",
        EndpointKind.WORDPRESS: "wp-json/wp/v2/posts/{}/",
        EndpointKind.LISTING: "{}/",
    }
    for place, site in enumerate(scale.sites):
        for n, section in enumerate(scale.sections):
            kind = list(paths)[(place + n) % len(paths)]
            url = f"https://{site}.example/{paths[kind].format(section)}"
            found.append(
                Source(
                    name=f"{site}-{section}",
                    role=Role.MIRROR,
                    every=timedelta(hours=1) * scale.pace,
                    endpoints=(Endpoint(kind=kind, url=url),),
                )
            )
    return tuple(found)


def state_source(name: str, pace: float) -> Source:
    """Return one of State's lists as a source."""
    feed = Endpoint(kind=EndpointKind.FEED, url=f"https://{STATE}/rss-feed/{name}/feed/")
    listed = Endpoint(kind=EndpointKind.LISTING, url=f"https://{STATE}/{name}/")
    endpoints = {
        "press": (Endpoint(kind=EndpointKind.WORDPRESS, url=_REST), feed, listed),
        "briefings": (listed,),
        "schedule": (listed,),
    }
    every = timedelta(minutes=30) * pace
    return Source(name=name, role=Role.CANONICAL, every=every, endpoints=endpoints.get(name, (feed,)))
