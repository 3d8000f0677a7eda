"""News sites without sockets, and a search service that finds the pages with a phrase, as GDELT's answers name them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from fakes.mirror import page
from fakes.web import Web, answer
from samples import source

from scraper.config.searches import SearchSettings
from scraper.config.settings import Endpoint, Source
from scraper.model import EndpointKind, Role

GDELT_URL = "https://api.gdeltproject.org/api/v2/doc/doc"
TOO_SHORT = b"The specified phrase is too short.\n"
JSON = "application/json; charset=utf-8"
CLOUD_URL = "https://search.mediacloud.org/api/search/story-list"


def search_source(name: str = "gdelt", url: str = GDELT_URL, service: str = "gdelt", **changes: object) -> Source:
    """A search source with other settings of its service."""
    given = {"service": service, **changes}
    endpoint = Endpoint(kind=EndpointKind.SEARCH, url=url)
    return source(name=name, role=Role.MIRROR, endpoints=(endpoint,), search=SearchSettings.model_validate(given))


def article_row(url: str) -> dict[str, str]:
    return {
        "url": url,
        "url_mobile": "",
        "title": "Lamps",
        "seendate": "20260302T120000Z",
        "socialimage": "",
        "domain": urlsplit(url).hostname or "",
        "language": "English",
        "sourcecountry": "Tern",
    }


def gdelt_answer(*urls: str) -> bytes:
    """An answer of GDELT: `{}` without articles."""
    return json.dumps({"articles": [article_row(url) for url in urls]} if urls else {}).encode()


def cloud_answer(*urls: str) -> bytes:
    """An answer of Media Cloud."""
    rows = [{"url": url, "title": "Lamps", "publish_date": "2026-03-02", "media_name": "x"} for url in urls]
    return json.dumps({"stories": rows, "pagination_token": None}).encode()


def nested_answer(*urls: str) -> bytes:
    """An answer of a service for which the configuration has paths."""
    return json.dumps({"data": {"items": [{"page": {"link": url}} for url in urls]}}).encode()


@dataclass
class NewsWeb(Web):
    """Sites with pages, and a search over them. `noise` are the URLs that every answer names as well.

    `replies` answers in place of the service: it gets the phrase and returns a whole response, or None for the usual
    one. `phrases` lists what it was asked, `sent` the headers of these requests. Another service has another `url` and
    `shape`.
    """

    texts: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    noise: list[str] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    sent: list[dict[str, str]] = field(default_factory=list)
    replies: Callable[[str], bytes | None] = lambda _: None
    url: str = GDELT_URL
    shape: Callable[..., bytes] = gdelt_answer

    def publishes(self, url: str, title: str, *paragraphs: str, named: str = "") -> None:
        """Put an article on a site; the service names it by its own URL, or by another one that leads to it."""
        self.says(url, page(title, paragraphs))
        self.texts[url] = " ".join(paragraphs)
        self.names[url] = named or url
        if named:
            self.answers[named] = f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()

    def _resolve(self, host: str, port: int) -> tuple[str, ...]:
        """Names are at a public address, an IP address is itself."""
        try:
            return (str(ip_address(host)),)
        except ValueError:
            return super()._resolve(host, port)

    def answer_to(self, url: str, fields: dict[str, str]) -> bytes:
        if not url.startswith(self.url):
            return super().answer_to(url, fields)
        self.asked.append(url)
        self.sent.append(fields)
        query = parse_qs(urlsplit(url).query)
        phrase = next(query[name][0] for name in ("query", "q") if name in query).strip('"')
        self.phrases.append(phrase)
        if (reply := self.replies(phrase)) is not None:
            return reply
        found = [self.names[at] for at, text in self.texts.items() if phrase.casefold() in text.casefold()]
        return answer(self.shape(*found, *self.noise), kind=JSON)
