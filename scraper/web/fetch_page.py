"""Fetch of a page of another site for the form "Is this State's?", politely and without a trace in the record."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from scraper import urls
from scraper.clock import Clock, countdown
from scraper.config.settings import Settings
from scraper.model import EndpointKind, Outcome
from scraper.rules.source_health import outcome_phrase
from scraper.store import Store
from scraper.web.page import FetchedPage

_READ_ONLY = "This server may only read its database, where requests are counted. Paste the text of the page instead."
_WAIT_S: Final = 20.0


def fetch(
    url: str, path: Path, settings: Settings, clock: Clock, open_fetcher: Callable[..., Any] | None = None
) -> FetchedPage:
    """Fetch a page that a reader names. It obeys the guard, robots.txt, the throttle and the budget of its host.

    These are in the database, which is opened for writing only for this. Neither the page nor what it claims is stored.
    The exceptions of `fetch.allow_private` are the operator's and do not hold for readers. `open_fetcher` takes the
    place of `Fetcher` in tests.
    """
    # Loaded for the first such form only: most servers fetch nothing.
    from scraper.fetch import Fetcher
    from scraper.fetch.request import Request

    admitted = urls.admit(url)
    if admitted is None:
        return FetchedPage(None, "This is not the URL of a web page. It should begin with https://.")
    with Store(path) as store:
        if store.is_read_only:
            return FetchedPage(None, _READ_ONLY)
        for_readers = settings.fetch.model_copy(update={"allow_private": ()})
        with (open_fetcher or Fetcher)(for_readers, clock=clock, hosts=store.hosts) as fetcher:
            capture = fetcher.get(Request(admitted, EndpointKind.PAGE), time_left_s=countdown(clock, _WAIT_S))
    if capture.outcome is not Outcome.OK:
        # Without the detail, which may name IP addresses of the operator's network.
        return FetchedPage(None, f"The page could not be fetched: {outcome_phrase(capture.outcome)}.")
    return FetchedPage(capture)
