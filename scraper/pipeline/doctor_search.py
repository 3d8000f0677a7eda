"""Check of a search service by `statewire doctor --online`: asks one phrase that many pages have."""

import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from scraper import urls
from scraper.alerts.event_specs import SPECS
from scraper.clock import Clock
from scraper.config.choices import SearchService
from scraper.config.secrets import NoSecretError
from scraper.config.settings import Settings, Source
from scraper.fetch import Fetcher
from scraper.model import EventKind, Outcome
from scraper.parsers.search_answers import SearchRequest
from scraper.pipeline.findings import Finding, ok, trouble, warning
from scraper.pipeline.search_requests import key_headers, read_answer, search_request, settings_of
from scraper.rules.source_health import describe_failures
from scraper.text.normalize import count

KNOWN_PHRASE: Final = "United States Department of State"
_SPAN = timedelta(days=7)
_LIMIT = 10
_UNTRIED = {
    SearchService.GDELT: "the adapter of GDELT was written after its documentation and not tried live",
    SearchService.MEDIACLOUD: "the adapter of Media Cloud was written after its client and not tried live",
}
_PUT_KEY = "put the key of the service there, where statewire runs"
_REPORT = "compare the answer with the documentation of the service, and report it to the maintainers"


def check_keys(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding for each enabled search source whose key is missing."""
    for source in settings.sources:
        if source.enabled and source.search is not None:
            try:
                key_headers(source.search, environ)
            except NoSecretError as error:
                yield trouble(f"key of {source.name}", error.what, _PUT_KEY)


def reach_search(source: Source, fetcher: Fetcher) -> Finding:
    """Ask the service of a source for a known phrase, and report what is missing in its answer. Nothing is stored."""
    topic, settings = f"reach {source.name}", settings_of(source)
    try:
        headers = key_headers(settings, os.environ)
    except NoSecretError as error:
        return trouble(topic, error.what, _PUT_KEY)
    now = Clock().now()
    capture = fetcher.get(search_request(source, SearchRequest(KNOWN_PHRASE, now - _SPAN, now, _LIMIT), headers))
    answer, attempt = read_answer(source, capture)
    untried = _UNTRIED.get(settings.service, "")
    if answer is None:
        failure = describe_failures([attempt])
        if capture.outcome in {Outcome.BUSY, Outcome.DEFERRED}:
            return warning(topic, failure, "retry later")
        is_odd = capture.outcome in {Outcome.OK, Outcome.UNEXPECTED_TYPE}
        kind = EventKind.BLOCKED if capture.outcome is Outcome.BLOCKED else EventKind.BROKEN
        return trouble(topic, "; ".join(filter(None, (failure, untried))), _REPORT if is_odd else SPECS[kind].remedy)
    usable = sum(urls.admit(url) is not None for url in answer.urls)
    words = f"{source.endpoints[0].url} answers “{KNOWN_PHRASE}” with {count(len(answer.urls), 'result')}"
    what = f"{words}, {usable} of them with a usable URL"
    if not usable:
        return warning(topic, "; ".join(filter(None, (what, untried))), _REPORT)
    if answer.missing:
        return warning(topic, f"{what}; no result has {', '.join(answer.missing)}; {untried}", _REPORT)
    return ok(topic, f"{what}; {untried}, but this answer fits" if untried else what)
