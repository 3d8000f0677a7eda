"""Checks of Save Page Now by `statewire doctor`: keys, refusals, and with `--online` its answer to the keys."""

from collections.abc import Iterator, Mapping
from typing import Final

from scraper.clock import Clock
from scraper.config.secrets import NoSecretError
from scraper.config.settings import Settings
from scraper.fetch.service import ServiceClient
from scraper.model import Outcome
from scraper.parsers.save_answers import read_sessions
from scraper.pipeline.findings import Finding, ok, trouble, warning
from scraper.pipeline.save_pages import describe_response, key_headers
from scraper.store import Store
from scraper.text.normalize import count

_TOPIC: Final = "page saves"
_REACH: Final = "reach Save Page Now"
_UNTRIED: Final = "the adapter of Save Page Now was written after its documentation and not tried live"
_PUT_KEYS: Final = "put the keys there, where statewire runs: https://archive.org/account/s3.php has them"
_REPORT: Final = "compare the answer with the documentation of the service, and report it to the maintainers"


def check_saves(settings: Settings, store: Store, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the finding on the saves of pages, if a watch has pages saved."""
    if not settings.saves_pages:
        return
    try:
        key_headers(settings.save_page_now, environ)
    except NoSecretError as error:
        yield trouble(_TOPIC, error.what, _PUT_KEYS)
        return
    service, counts = store.page_saves.service(), store.page_saves.counts()
    what = f"{count(counts.waiting, 'page')} to save, {counts.saved} saved, {counts.given_up} given up"
    if service is not None and service.problem:
        until = f", paused until {service.not_before:%Y-%m-%d %H:%M} UTC" if service.not_before else ""
        advice = "nothing else waits for it; `statewire doctor --online` asks the service"
        yield warning(_TOPIC, f"the Internet Archive: {service.problem}{until}; {what}", advice)
    else:
        yield ok(_TOPIC, what)


def reach_save_page_now(settings: Settings, client: ServiceClient, clock: Clock, environ: Mapping[str, str]) -> Finding:
    """Ask the service for the free sessions of the account, which shows that it knows the keys. Nothing is saved."""
    try:
        headers = key_headers(settings.save_page_now, environ)
    except NoSecretError as error:
        return trouble(_REACH, error.what, _PUT_KEYS)
    # The service caches this answer by its URL.
    url = f"{settings.save_page_now.url.rstrip('/')}/status/user?_t={int(clock.now().timestamp() * 1000)}"
    response = client.ask(url, headers)
    if response.outcome is Outcome.DEFERRED or response.status == 429:
        return warning(_REACH, f"{response.detail or describe_response(response)}; {_UNTRIED}", "retry later")
    if problem := describe_response(response):
        advice = _PUT_KEYS if response.status in {401, 403} else "retry later; nothing else waits for it"
        return trouble(_REACH, f"{problem}; {_UNTRIED}", advice)
    sessions = read_sessions(response.body)
    if sessions is None:
        return trouble(_REACH, f"its answer has another form than documented; {_UNTRIED}", _REPORT)
    available, processing = sessions
    what = f"knows the keys: {count(available, 'session')} free, {processing} in use"
    return ok(_REACH, f"{what}; {_UNTRIED}, but this answer fits")
