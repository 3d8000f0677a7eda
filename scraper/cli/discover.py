"""`statewire config discover`: try the endpoints that a site offers and print the entry for `sources:`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from scraper.cli.format import json_object, terminal_safe
from scraper.errors import FetchError, InputError
from scraper.serialize import optional_utc

if TYPE_CHECKING:
    from scraper.cli.app import Invocation
    from scraper.fetch import Fetcher
    from scraper.model import EndpointKind, Role
    from scraper.parsers.discover import Discovery, FoundEndpoint, Trial
    from scraper.store import Store

_MAX_TRIALS = 3


@click.command("discover")
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
@click.pass_obj
def discover(invocation: Invocation, url: str, as_json: bool) -> None:
    """Find out how a site can be watched; print the lines to put under `sources:`.

    Looks at one page (the front page, a section, an article, or a feed) and tries at most three of the ways
    that it offers: what answers comes first, what failed is commented out with the reason. Nothing is
    configured by this; the captures are kept.
    """
    from scraper.cli.fetch import open_fetcher
    from scraper.parsers.discover import rank, yaml_for
    from scraper.pipeline.import_files import role_of
    from scraper.urls import host

    address = _parse_url(url)
    fetcher, store = open_fetcher(invocation)
    with fetcher:
        search = _Search(invocation, fetcher, store)
        found = rank(search.try_endpoints(search.inspect(address)))
    name, role = _name(invocation, found), role_of(host(found.url))
    entry = yaml_for(found, name, role)
    if as_json:
        json_object(_row(found, name, role, entry))
    else:
        click.echo(entry, nl=False)
    if not any(not endpoint.doubt for endpoint in found.endpoints):
        invocation.say(
            f"{terminal_safe(found.url)}: no feed, data interface or list was found there that answers; name the"
            " section in which the site lists its articles, or its feed"
        )
    elif not as_json:
        invocation.say(f"Put this under `sources:` in the configuration, then try it: statewire fetch {name}")


class _Search:
    """Polite search of a site for endpoints. All captures are stored."""

    def __init__(self, invocation: Invocation, fetcher: Fetcher, store: Store) -> None:
        self._invocation = invocation
        self._fetcher = fetcher
        self._store = store

    def inspect(self, url: str) -> Discovery:
        """Return what the page or feed at a URL offers to watch. Raise `FetchError` if it cannot be fetched or read."""
        from scraper import urls
        from scraper.model import EndpointKind, Outcome
        from scraper.parsers.discover import discover
        from scraper.pipeline.fetch_url import fetch_page, guess_kind

        kind = guess_kind(url)
        if kind is not EndpointKind.PAGE:
            return self._endpoint(url, kind)
        self._invocation.say(f"requesting {terminal_safe(url)}")
        try:
            page = fetch_page(url, store=self._store, fetcher=self._fetcher, settings=self._invocation.settings)
        except FetchError as error:
            if error.outcome != Outcome.UNEXPECTED_TYPE:
                raise
            return self._endpoint(url, EndpointKind.FEED)  # a feed whose URL does not look like one
        at = urlsplit(urls.canonical(page.final_url or page.url)).netloc
        return discover(page, self._store.hosts.load(at).robots_text or "")

    def _endpoint(self, url: str, kind: EndpointKind) -> Discovery:
        from scraper.parsers.discover import named

        found = self.try_endpoints(named(url, kind))
        if not any(map(_answers, found.endpoints)):
            trial = found.endpoints[0].trial
            raise FetchError(
                f"{url}: no {kind} that can be read ({trial.error if trial else 'not tried'})",
                hint="check the address, or name the site's front page",
            )
        return found

    def try_endpoints(self, discovery: Discovery) -> Discovery:
        """Try up to three endpoints and return `discovery` with their answers.

        Doubtful endpoints and sitemaps are tried last, and only if no other one answers.
        """
        from dataclasses import replace

        from scraper.model import EndpointKind

        endpoints = list(discovery.endpoints)
        is_last = [bool(endpoint.doubt) or endpoint.kind is EndpointKind.SITEMAP for endpoint in endpoints]
        trials = 0
        for at in sorted(range(len(endpoints)), key=is_last.__getitem__):
            if endpoints[at].trial or trials == _MAX_TRIALS or (is_last[at] and any(map(_answers, endpoints))):
                continue
            trials += 1
            endpoints[at] = endpoints[at]._replace(trial=self._try(endpoints[at]))
        return replace(discovery, endpoints=tuple(endpoints))

    def _try(self, endpoint: FoundEndpoint) -> Trial:
        from scraper import parsers, urls
        from scraper.fetch.request import Request
        from scraper.parsers.discover import Trial, trial_of, www_variants
        from scraper.pipeline.import_files import origin_of
        from scraper.pipeline.ingest import try_read

        url = parsers.first_url(endpoint.kind, endpoint.url)
        self._invocation.say(f"trying {terminal_safe(endpoint.url)}")
        # Allow the hosts that the printed entry allows, so that a request that fails there fails here.
        capture = self._fetcher.get(Request(url, endpoint.kind, frozenset({urls.host(url), *www_variants([url])})))
        with self._store.unit():
            self._store.captures.add(origin_of(endpoint.url, self._invocation.settings)[0], capture)
        reading, error = try_read(capture, endpoint.kind)
        return trial_of(reading) if reading else Trial(error=str(error))


def _answers(endpoint: FoundEndpoint) -> bool:
    return endpoint.trial is not None and not endpoint.trial.error


def _parse_url(url: str) -> str:
    from scraper.urls import canonical, is_http

    address = url.strip() if "://" in url else f"https://{url.strip()}"
    parts = urlsplit(address) if is_http(address) else None
    if parts is None or parts.username is not None or not address.isprintable() or " " in address:
        raise InputError(f"{url!r} is no address of a site", hint="write one as in https://www.example.org/news/")
    return canonical(address)


def _name(invocation: Invocation, found: Discovery) -> str:
    """Return a name that no source has yet. Print a note for each configured source that is on this site."""
    from scraper import urls
    from scraper.parsers.discover import name_of

    family = urls.family(urls.host(found.url))
    for source in invocation.settings.sources:
        if any(urls.family(urls.host(endpoint.url)) == family for endpoint in source.endpoints):
            invocation.say(f"note: the source {source.name} of the configuration is on this site already")
    taken = {source.name for source in invocation.settings.sources}
    name = name_of(found.url)
    numbers = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(other for other in numbers if other not in taken)


def _row(found: Discovery, name: str, role: Role, entry: str) -> dict[str, Any]:
    return {
        "url": found.url,
        "title": found.title,
        "language": found.language,
        "name": name,
        "role": role,
        "endpoints": [
            {
                "kind": endpoint.kind,
                "url": endpoint.url,
                "label": endpoint.label,
                "doubt": endpoint.doubt or None,
                "items": endpoint.trial.items if endpoint.trial and not endpoint.trial.error else None,
                "whole": endpoint.trial.whole if endpoint.trial and not endpoint.trial.error else None,
                "newest_at": optional_utc(endpoint.trial.newest) if endpoint.trial else None,
                "error": (endpoint.trial.error or None) if endpoint.trial else None,
            }
            for endpoint in found.endpoints
        ],
        "yaml": entry,
    }
