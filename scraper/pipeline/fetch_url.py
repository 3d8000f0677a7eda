"""Fetch of URLs outside a source's lists: one on demand, or those that a page claims; reports what changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper import parsers, source_status, urls
from scraper.errors import FetchError, ParseError
from scraper.fetch.request import Request
from scraper.model import EndpointKind, Outcome, Role
from scraper.pipeline.crawl_mirror import CLAIMS_PER_PAGE
from scraper.pipeline.ingest import Origin, ingest
from scraper.pipeline.origin import is_by_host, is_own, origin_of
from scraper.rules import identity, state_hosts
from scraper.rules.source_health import outcome_phrase

if TYPE_CHECKING:
    from scraper.config.settings import Settings
    from scraper.fetch import Fetcher
    from scraper.model import Capture, Event, Item, Reading, Statement
    from scraper.rules.attribution import Attribution
    from scraper.store import Store


@dataclass(frozen=True, slots=True)
class FetchResult:
    """Result of the fetch of a URL. `known` holds for each item the statement that it was known as before, or None."""

    capture: Capture
    reading: Reading
    role: Role
    known: tuple[Statement | None, ...]
    events: tuple[Event, ...] = ()
    is_stored: bool = False


_ADVICE = {
    Outcome.BLOCKED: "the site blocks this client: retry later or from another network; nothing is disguised",
    Outcome.GONE: "check the URL; a statement may have been withdrawn, or moved to an archive host",
    Outcome.SOFT_404: "check the URL; the site responds to unknown URLs with this page",
    Outcome.DNS: "check the network and the host name",
    Outcome.CONNECT: "check the network; the host may be down",
    Outcome.TIMEOUT: "check the network, or raise fetch.deadline_s",
    Outcome.TLS: "no host is fetched from whose certificate cannot be verified",
    Outcome.BLOCKED_ADDRESS: source_status.ALLOW_PRIVATE,
    Outcome.DISALLOWED: "the site's robots.txt disallows this URL",
    Outcome.BUSY: "the site is busy; retry later",
    Outcome.DEFERRED: "the request was not sent; retry at the time that the reason names, or later",
    Outcome.TOO_LARGE: "raise fetch.max_decoded_bytes to fetch it",
    Outcome.UNEXPECTED_TYPE: "give the URL of a web page, a feed or a WordPress REST API",
}


def advice_for(outcome: Outcome) -> str:
    """Return what an operator can do about a request that failed."""
    return _ADVICE.get(outcome, "retry later")


def fetch_url(
    url: str,
    *,
    store: Store,
    fetcher: Fetcher,
    settings: Settings,
    dry_run: bool = False,
    claimed_url: str | None = None,
) -> FetchResult:
    """Fetch and parse one URL; store the result unless `dry_run` is set. `claimed_url` is that of `Origin`.

    Raise `FetchError`, with the failure and advice, if no document was received, and `ParseError` if the document
    cannot be parsed. In both cases only the failed capture itself is stored.
    """
    source, role, configured = origin_of(url, settings)
    kind = configured or guess_kind(url)
    hosts = urls.STATE_SITE | {urls.host(url)} if claimed_url else None  # what redirects off State is not State's
    capture = fetcher.get(Request(url, kind, hosts))
    if capture.outcome is not Outcome.OK:
        if not dry_run:
            with store.unit():
                store.captures.add(source, capture)
        raise _failure(capture)
    is_given = role.gives_statements or state_hosts.namespace(capture.final_url) is not None
    if is_given and state_hosts.site_of(url) != state_hosts.site_of(capture.final_url):
        # The host that serves the document decides its source and role, not the host of the requested URL.
        source, role, configured = origin_of(capture.final_url, settings)
    by_host = is_by_host(capture.final_url, role, configured)
    try:
        reading = parsers.read(capture, None if kind is EndpointKind.PAGE else kind, role)
        if by_host and not is_own(reading.items, capture.final_url):
            source, role, by_host = urls.host_key(capture.final_url), Role.MIRROR, False
            reading = parsers.read(capture, None if kind is EndpointKind.PAGE else kind, role)
    except ParseError:
        if not dry_run:
            with store.unit():
                store.captures.add(source, capture)
        raise
    known = tuple(_known(store, item) if role.gives_statements else None for item in reading.items)
    if dry_run:
        return FetchResult(capture, reading, role, known)
    with store.unit():
        # A statement that an operator fetches existed before, so it is stored as backfill.
        site = state_hosts.site_of(capture.final_url) if by_host else None
        origin = Origin(source, role, first_fill=True, claimed_url=claimed_url, only_site=site)
        result = ingest(store, origin, capture, reading, urls.canonical(url))
    return FetchResult(capture, reading, role, known, result.events, is_stored=True)


def fetch_page(url: str, *, store: Store, fetcher: Fetcher, settings: Settings) -> Capture:
    """Fetch one page and store it as a capture only. Raise `FetchError` if no document was received."""
    source, _, _ = origin_of(url, settings)
    capture = fetcher.get(Request(url, EndpointKind.PAGE))
    with store.unit():
        store.captures.add(source, capture)
    if capture.outcome is not Outcome.OK:
        raise _failure(capture)
    return capture


def fetch_claimed(claims: Attribution, *, store: Store, fetcher: Fetcher, settings: Settings) -> list[str]:
    """Fetch the unknown URLs that a page claims, from State or its archives, and return the problems."""
    problems = []
    for url in claims.claimed_urls[:CLAIMS_PER_PAGE]:
        if store.statements.by_url(url):
            continue
        for candidate in state_hosts.candidate_urls(url):
            try:
                fetch_url(candidate, store=store, fetcher=fetcher, settings=settings, claimed_url=url)
            except (FetchError, ParseError) as error:
                problems.append(str(error))
            else:
                break
    return problems


def _failure(capture: Capture) -> FetchError:
    why = outcome_phrase(capture.outcome)
    return FetchError(
        f"{capture.url}: {why}{f' ({capture.detail})' if capture.detail else ''}",
        hint=advice_for(capture.outcome),
        outcome=capture.outcome,
    )


def guess_kind(url: str) -> EndpointKind:
    """Guess the kind of answer from the path of a URL; a page if the path shows nothing else."""
    path = urls.path(url).rstrip("/")
    if "/wp-json/" in path:
        return EndpointKind.WORDPRESS
    if "sitemap" in path and path.endswith((".xml", ".xml.gz")):
        return EndpointKind.SITEMAP
    return (
        EndpointKind.FEED
        if path.endswith(("/feed", ".rss", ".atom", "/rss.xml", "/feed.xml", "/atom.xml"))
        else EndpointKind.PAGE
    )


def _known(store: Store, item: Item) -> Statement | None:
    return identity.identify(item, store.statements.candidates(item), store.statements.text)
