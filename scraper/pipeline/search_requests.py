"""Requests to search services: the key, the URL and the answer; and the sites that searches leave to sources."""

from collections.abc import Mapping

from scraper import urls
from scraper.config.searches import SearchSettings
from scraper.config.secrets import NoSecretError, read_secret
from scraper.config.settings import Settings, Source
from scraper.errors import ParseError
from scraper.fetch.request import Request
from scraper.model import Capture, EndpointKind, Outcome
from scraper.parsers import search_services
from scraper.parsers.search_answers import SearchAnswer, SearchRequest
from scraper.rules import untrusted
from scraper.rules.source_health import EndpointAttempt
from scraper.text import charset

_MAX_ERROR_BYTES, _MAX_WORDS_CHARS = 1_000, 200


def settings_of(source: Source) -> SearchSettings:
    """Return the settings of a search source. Raise `LookupError` for any other one."""
    if source.search is None:
        raise LookupError(f"{source.name} is no search source")
    return source.search


def sites_of(settings: Settings) -> frozenset[str]:
    """Return the sites of enabled sources, whose pages these find themselves."""
    enabled = [source for source in settings.sources if source.enabled and source.search is None]
    named = (f"https://{host}/" for source in enabled for host in source.hosts)
    return frozenset(map(urls.site, (*(e.url for source in enabled for e in source.endpoints), *named)))


def key_headers(settings: SearchSettings, environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the header with the key of a service, none for one without. Raise `NoSecretError` if it is missing."""
    if not settings.has_key:
        return ()
    key = read_secret("key", settings.key_env, settings.key_file, environ)
    if not (key.isascii() and key.isprintable()):
        raise NoSecretError("the key has characters that a header cannot carry")
    return (search_services.key_header(settings, key),)


def search_request(source: Source, wanted: SearchRequest, headers: tuple[tuple[str, str], ...]) -> Request:
    """Return the request that asks the service of a source for a phrase."""
    settings = settings_of(source)
    url = search_services.url_of(settings, source.endpoints[0].url, wanted)
    return Request(url, EndpointKind.SEARCH, source.allowed_hosts, retry=False, headers=headers, gap_s=settings.gap_s)


def read_answer(source: Source, capture: Capture) -> tuple[SearchAnswer | None, EndpointAttempt]:
    """Return the answer of a service, None if there is none to use, and the attempt that it decides."""
    endpoint = source.endpoints[0].url
    if capture.outcome is not Outcome.OK:
        detail = ": ".join(filter(None, (capture.detail, _own_words(capture))))
        return None, EndpointAttempt(endpoint, capture.outcome, detail)
    try:
        return search_services.read(settings_of(source), capture), EndpointAttempt(endpoint, Outcome.OK)
    except ParseError as error:
        return None, EndpointAttempt(endpoint, Outcome.OK, error.problem, drifted=True, problem=error.problem)


def _own_words(capture: Capture) -> str:
    """Return the beginning of an error that a service gives as plain text, such as "The phrase is too short."."""
    text = charset.decode(capture.body[:_MAX_ERROR_BYTES], capture.header("content-type"))
    return "" if "<" in text else untrusted.line(text, _MAX_WORDS_CHARS)
