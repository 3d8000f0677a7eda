"""Invented statements in the real markup of each endpoint, and the files that carry them."""

from __future__ import annotations

import gzip
import html
import itertools
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scraper.config.settings import Endpoint, FetchSettings, Settings, Source
from scraper.model import EndpointKind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
QUILL = "Rosalind P. Quill, Secretary of State"

REST_URL = "https://www.state.gov/wp-json/wp/v2/state_press_release"
FEED_URL = "https://www.state.gov/rss-feed/press-releases/feed/"
LIST_URL = "https://www.state.gov/press-releases/"

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
PRESS_FEED = DATA / "press-feed"


@dataclass(frozen=True)
class Piece:
    """One invented statement. Texts of different numbers share no long stretch of words."""

    number: int
    title: str = ""
    body: tuple[str, ...] = ()
    byline: str = QUILL
    published_at: datetime = NOON - timedelta(minutes=30)
    modified_at: datetime | None = None
    slug: str = ""

    def __post_init__(self) -> None:
        given = {
            "title": self.title or f"Lamps for Harbour {self.number}",
            "body": self.body or words_of(self.number),
            "slug": self.slug or f"lamps-for-harbour-{self.number}",
        }
        for name, value in given.items():
            object.__setattr__(self, name, value)

    @property
    def url(self) -> str:
        return f"https://www.state.gov/releases/office-of-the-spokesperson/2026/03/{self.slug}/"

    @property
    def guid(self) -> str:
        return f"https://www.state.gov/?post_type=state_press_release&p={self.number}"

    def but(self, **changes: Any) -> Piece:
        return replace(self, **changes)


def words_of(number: int) -> tuple[str, str]:
    """Two paragraphs that belong to one number only."""
    return (
        f"The United States gives {number} lamps to the keepers of Harbour {number}, who have waited since the storm.",
        f"Keeper {number} said that lamp {number} will be lit on the pier of Harbour {number} before winter comes.",
    )


# The same statement as each endpoint gives it.


def rss(*pieces: Piece, built: datetime | None = NOON) -> bytes:
    """State's feed. The guid is escaped twice over, as WordPress does it."""
    items = "".join(
        f"<item><title>{html.escape(p.title)}</title><link>{p.url}</link>"
        f"<dc:creator><![CDATA[{p.byline}]]></dc:creator><pubDate>{format_datetime(p.published_at)}</pubDate>"
        f'<guid isPermaLink="false">{p.guid.replace("&", "&amp;#038;")}</guid>'
        f"<content:encoded><![CDATA[{_html((p.byline, *p.body))}]]></content:encoded></item>\n"
        for p in pieces
    )
    at = f"<lastBuildDate>{format_datetime(built)}</lastBuildDate>" if built else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>Press Releases</title><link>https://www.state.gov</link>{at}<language>en-US</language>\n"
        f"{items}</channel></rss>\n"
    ).encode()


def rest(*pieces: Piece) -> bytes:
    """WordPress' data interface."""
    return json.dumps(
        [
            {
                "id": p.number,
                "date_gmt": f"{p.published_at:%Y-%m-%dT%H:%M:%S}",
                "modified_gmt": f"{p.modified_at or p.published_at:%Y-%m-%dT%H:%M:%S}",
                "status": "publish",
                "type": "state_press_release",
                "link": p.url,
                "guid": {"rendered": p.guid.replace("&", "&#038;")},
                "title": {"rendered": html.escape(p.title)},
                "content": {"rendered": _html((p.byline, *p.body)), "protected": False},
                "class_list": ["state_document_type-press-statement"],
            }
            for p in pieces
        ]
    ).encode()


def listing(*pieces: Piece, next_url: str = "") -> bytes:
    """State's list page: titles, addresses, bylines and days, no texts."""
    results = "".join(
        '<li class="collection-result"><p class="collection-result__date">Press Statement</p>'
        f'<a href="{p.url}" class="collection-result__link">{html.escape(p.title)}</a>'
        f'<div class="collection-result-meta"><span dir="ltr">{html.escape(p.byline)}</span>'
        f'<span dir="ltr">{_day(p.published_at)}</span></div></li>'
        for p in pieces
    )
    following = f'<div id="pagination"><a class="next" href="{next_url}">Next</a></div>' if next_url else ""
    return _page("Press Releases", f'<ul id="col_json_result">{results}</ul>{following}')


def article(piece: Piece) -> bytes:
    """A statement's own page in State's theme."""
    rest_link = f"https://www.state.gov/wp-json/wp/v2/state_press_release/{piece.number}"
    return _page(
        piece.title,
        f'<main><article class="type-state_press_release"><h1 class="featured-content__headline">'
        f'{html.escape(piece.title)}</h1><div class="article-meta">'
        f'<p class="article-meta doctype-meta">Press Statement</p>'
        f'<p class="article-meta__author-bureau">{html.escape(piece.byline)}</p>'
        f'<p class="article-meta__publish-date">{_day(piece.published_at)}</p></div>'
        f'<div class="entry-content">{_html(piece.body)}</div></article></main>',
        f'<link rel="canonical" href="{piece.url}"><link rel="alternate" type="application/json" href="{rest_link}">',
    )


def redesigned(*pieces: Piece) -> bytes:
    """A list page after a redesign: the same content under names that no parser knows."""
    rows = "".join(f'<div class="card"><a href="{p.url}">{html.escape(p.title)}</a></div>' for p in pieces)
    return _page("Press Releases", f'<div class="cards">{rows}</div>')


BLOCK_PAGE = (
    b"<!DOCTYPE html><html><head><title>Technical Difficulties</title></head><body><h1>Technical Difficulties</h1>"
    b"<p>We are currently experiencing technical difficulties. Exception: forbidden</p></body></html>"
)
NOT_FOUND = b"<!DOCTYPE html><html><head><title>Page not found</title></head><body><h1>404</h1></body></html>"


def _html(paragraphs: Sequence[str]) -> str:
    return "".join(f"<p>{html.escape(paragraph)}</p>\n" for paragraph in paragraphs)


def _page(title: str, body: str, head: str = "") -> bytes:
    return (
        f'<!doctype html><html lang="en-US"><head><meta charset="UTF-8"><title>{html.escape(title)} - United States'
        f" Department of State</title>{head}</head><body>{body}</body></html>"
    ).encode()


def _day(moment: datetime) -> str:
    return f"{moment:%B} {moment.day}, {moment.year}"


# WARC files

FEED_HEADERS = (("Content-Type", "application/rss+xml; charset=UTF-8"),)
HTML_HEADERS = (("Content-Type", "text/html; charset=UTF-8"),)


def record(
    at: datetime,
    body: bytes,
    url: str = FEED_URL,
    *,
    status: int = 200,
    headers: Sequence[tuple[str, str]] = FEED_HEADERS,
    kind: str = "response",
) -> bytes:
    """One WARC record, byte by byte as the standard has it."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    block = f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + body
    number = next(_NUMBERS)
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Date: {at:%Y-%m-%dT%H:%M:%SZ}\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


_NUMBERS = itertools.count(1)


def warc(path: Path, *records: bytes) -> Path:
    """Write a WARC file: each record a gzip member of its own, or plain if the name has no `.gz`."""
    path.write_bytes(b"".join(gzip.compress(r, mtime=0) if path.suffix == ".gz" else r for r in records))
    return path


def polls(count: int = 24) -> list[tuple[datetime, bytes]]:
    """A feed's life, poll by poll: news, an edit that counts, one that does not, a stale cache, a new byline."""
    pieces = [Piece(n) for n in range(1, 6)]
    found = []
    for step in range(count):
        at = NOON + timedelta(minutes=10 * step)
        if step % 3 == 1:
            pieces.insert(0, Piece(100 + step, published_at=at))
        if step == 5:
            pieces[-1] = pieces[-1].but(body=(pieces[-1].body[0].replace("gives", "does not give"), pieces[-1].body[1]))
        if step == 8:
            pieces[-2] = pieces[-2].but(title=pieces[-2].title.upper())
        if step == 11:
            pieces[-3] = pieces[-3].but(byline="Office of the Spokesperson")
        # Every seventh poll meets a cache that slept.
        built = at - timedelta(hours=2) if step % 7 == 6 else at
        found.append((at, rss(*(pieces[1:11] if step % 7 == 6 else pieces[:12]), built=built)))
    return found


def poll_records(count: int = 24) -> list[bytes]:
    """The same as WARC records."""
    return [record(at, body) for at, body in polls(count)]


# Settings


def fetch_settings(**changes: Any) -> FetchSettings:
    return FetchSettings(**{"contact": "https://watch.example/about", "retries": 0, **changes})


def make_settings(*places: str, **changes: Any) -> FetchSettings:
    """Settings that let the given places through, quick to give up; time between requests is simulated."""
    quick = {"deadline_s": 5.0, "connect_timeout_s": 2.0, "read_timeout_s": 2.0, "allow_private": places}
    return fetch_settings(**(quick | changes))


def source(**changes: Any) -> Source:
    """State's press releases, by all three ways."""
    given: dict[str, Any] = {
        "name": "state",
        "role": Role.CANONICAL,
        "endpoints": (
            Endpoint(kind=EndpointKind.WORDPRESS, url=REST_URL),
            Endpoint(kind=EndpointKind.FEED, url=FEED_URL),
            Endpoint(kind=EndpointKind.LISTING, url=LIST_URL),
        ),
    }
    return Source(**(given | changes))


def settings(*sources: Source, **changes: Any) -> Settings:
    return Settings(fetch=fetch_settings(**changes), sources=sources or (source(),))
