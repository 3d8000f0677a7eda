"""Search services: the URL that asks each for a phrase, the header with its key, and the reader of its answers."""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from scraper.config.choices import SearchService
from scraper.config.searches import PHRASE, SearchSettings
from scraper.model import Capture
from scraper.parsers import feed, search_gdelt, search_mediacloud
from scraper.parsers.build_item import item_url
from scraper.parsers.document import Document
from scraper.parsers.search_answers import SearchAnswer, SearchRequest, at_path, of_rows, read_json

_URLS: Final[dict[SearchService, Callable[[str, SearchRequest], str]]] = {
    SearchService.GDELT: search_gdelt.url_of,
    SearchService.MEDIACLOUD: search_mediacloud.url_of,
}


def url_of(settings: SearchSettings, endpoint: str, request: SearchRequest) -> str:
    """Return the URL that asks a service for a phrase, in quotation marks."""
    if (build := _URLS.get(settings.service)) is not None:
        return build(endpoint, request)
    return endpoint.replace(PHRASE, quote(f'"{request.phrase}"', safe=""))


def key_header(settings: SearchSettings, key: str) -> tuple[str, str]:
    """Return the header that carries the key of a service."""
    if settings.service is SearchService.MEDIACLOUD:
        return "Authorization", f"Token {key}"
    return settings.key_header, key


def read(settings: SearchSettings, capture: Capture) -> SearchAnswer:
    """Return the results of an answer. Raise `ParseError` for one that is none, or whose shape is not known."""
    document = Document(capture)
    if settings.service is SearchService.GDELT:
        return search_gdelt.read(document)
    if settings.service is SearchService.MEDIACLOUD:
        return search_mediacloud.read(document)
    if settings.service is SearchService.FEED:
        return _read_feed(document)
    found = read_json(document)
    return of_rows(at_path(found, settings.items) if settings.items else found, settings.link, (), document)


def _read_feed(document: Document) -> SearchAnswer:
    found = feed.open_feed(document, [])
    links = (item_url(found.base, entry.link, [], found.site) if entry.link else None for entry in found.entries)
    return SearchAnswer(tuple(link or "" for link in links))
