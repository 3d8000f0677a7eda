"""`statewire config discover`: try the endpoints that a site offers and print the entry for `sources:`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import click

from scraper import urls
from scraper.cli.fetch import open_fetcher
from scraper.cli.format import json_object, terminal_safe
from scraper.cli.param_types import quoted
from scraper.errors import FetchError, InputError
from scraper.fetch.request import Request
from scraper.model import EndpointKind, Outcome
from scraper.parsers.discover import Trial, discover, name_of, named, rank, trial_of, www_variants, yaml_for
from scraper.pipeline import list_urls
from scraper.pipeline.fetch_url import advice_for, fetch_page, guess_kind
from scraper.pipeline.origin import origin_of, role_of
from scraper.pipeline.reading import try_read
from scraper.rules import state_hosts
from scraper.serialize import optional_utc

if TYPE_CHECKING:
    from scraper.cli.app import Invocation
    from scraper.fetch import Fetcher
    from scraper.model import Role
    from scraper.parsers.discover import Discovery, FoundEndpoint

_MAX_TRIALS = 3
# Outcomes for which another URL of the site may help.
_ANSWERED = frozenset({Outcome.OK, Outcome.GONE, Outcome.SOFT_404, Outcome.UNEXPECTED_TYPE})


class FoundSource(NamedTuple):
    """Endpoints found at a site, with the name and the role that a source for them would have."""

    discovery: Discovery
    name: str
    role: Role

    @property
    def is_empty(self) -> bool:
        """True if nothing that can be polled was found."""
        return all(endpoint.doubt for endpoint in self.discovery.endpoints)

    def entry(self, *, enabled: bool = False) -> str:
        """Return the entry for `sources:`."""
        return yaml_for(self.discovery, self.name, self.role, enabled=enabled)


def find_source(invocation: Invocation, url: str) -> FoundSource:
    """Look for the endpoints of the site at a URL. Raise `InputError` for a URL of no site, and `FetchError`."""
    url = _parse_url(url)
    invocation.create_store()
    with open_fetcher(invocation) as fetcher:
        search = _Search(invocation, fetcher)
        found = rank(search.try_endpoints(search.inspect(url)))
    return FoundSource(found, free_name(invocation, found.url), role_of(found.url))


def print_entry(invocation: Invocation, url: str, *, as_json: bool) -> None:
    """Print the entry for the site at a URL, and what to do with it."""
    found = find_source(invocation, url)
    if as_json:
        json_object(_row(found.discovery, found.name, found.role, found.entry()))
    else:
        click.echo(found.entry(), nl=False)
    if found.is_empty:
        invocation.say(nothing_found(found))
    elif not as_json:
        invocation.say(f"Put this under `sources:` in the configuration, then try it: statewire fetch {found.name}")


def nothing_found(found: FoundSource) -> str:
    """Return the sentence for a site without endpoints."""
    return (
        f"{terminal_safe(found.discovery.url)}: no feed, REST API or list that answers was found there; give the URL"
        " of the section in which the site lists its articles, or of its feed"
    )


@dataclass(frozen=True, slots=True)
class _Search:
    """Polite search of a site for endpoints. All captures are stored; `outcomes` has those of endpoints, by URL."""

    invocation: Invocation
    fetcher: Fetcher
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def inspect(self, url: str) -> Discovery:
        """Return what the page or feed at a URL offers to watch. Raise `FetchError` if it cannot be fetched or read."""
        kind = guess_kind(url)
        if kind is not EndpointKind.PAGE:
            return self._endpoint(url, kind)
        self.invocation.say(f"requesting {terminal_safe(url)}")
        store = self.invocation.store
        try:
            page = fetch_page(url, store=store, fetcher=self.fetcher, settings=self.invocation.settings)
        except FetchError as error:
            if error.outcome != Outcome.UNEXPECTED_TYPE:
                raise
            return self._endpoint(url, EndpointKind.FEED)  # a feed whose URL does not look like one
        at = urlsplit(urls.canonical(page.final_url or page.url)).netloc
        return discover(page, store.hosts.load(at).robots_text or "")

    def _endpoint(self, url: str, kind: EndpointKind) -> Discovery:
        found = self.try_endpoints(named(url, kind))
        if not any(map(_answers, found.endpoints)):
            trial = found.endpoints[0].trial
            outcome = self.outcomes.get(found.endpoints[0].url, Outcome.OK)
            hint = "check the URL, or give the site's front page"
            raise FetchError(
                f"{url}: no {kind} that can be read ({trial.error if trial else 'not tried'})",
                hint=hint if outcome in _ANSWERED else advice_for(outcome),
                outcome=outcome,
            )
        return found

    def try_endpoints(self, discovery: Discovery) -> Discovery:
        """Try up to three endpoints and return `discovery` with their answers.

        Doubtful endpoints and sitemaps are tried last, and only if no other one answers.
        """
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
        url = list_urls.first_url(endpoint.kind, endpoint.url)
        self.invocation.say(f"trying {terminal_safe(endpoint.url)}")
        # Allow the hosts that the printed entry allows, so that a request that fails there fails here.
        capture = self.fetcher.get(Request(url, endpoint.kind, frozenset({urls.host(url), *www_variants([url])})))
        with self.invocation.store.unit():
            self.invocation.store.captures.add(origin_of(endpoint.url, self.invocation.settings)[0], capture)
        self.outcomes[endpoint.url] = capture.outcome
        reading, error = try_read(capture, endpoint.kind)
        return trial_of(reading) if reading else Trial(error=str(error))


def _answers(endpoint: FoundEndpoint) -> bool:
    return endpoint.trial is not None and not endpoint.trial.error


def _parse_url(url: str) -> str:
    address = url.strip() if "://" in url else f"https://{url.strip()}"
    parts = urlsplit(address) if urls.is_http(address) else None
    if parts is None or parts.username is not None or not address.isprintable() or " " in address:
        raise InputError(
            f"{quoted(url)} is not the URL of a site", hint="write one as in https://www.example.org/news/"
        )
    return urls.canonical(address)


def free_name(invocation: Invocation, url: str) -> str:
    """Return a name that no source has yet. Print a note for each configured source that is on the site of a URL."""
    sources, site = invocation.settings.sources, state_hosts.site_of(url)
    for source in sources:
        if any(state_hosts.site_of(endpoint.url) == site for endpoint in source.endpoints):
            invocation.say(f"note: the source {source.name} of the configuration is already on this site")
    name, taken = name_of(url), {source.name for source in sources}
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return next(free for free in (name, *numbered) if free not in taken)


def _row(found: Discovery, name: str, role: Role, entry: str) -> dict[str, Any]:
    return {
        "url": found.url,
        "title": found.title,
        "language": found.language,
        "name": name,
        "role": role,
        "endpoints": [_endpoint_row(endpoint, endpoint.trial or Trial()) for endpoint in found.endpoints],
        "yaml": entry,
    }


def _endpoint_row(endpoint: FoundEndpoint, trial: Trial) -> dict[str, Any]:
    return {
        "kind": endpoint.kind,
        "url": endpoint.url,
        "label": endpoint.label,
        "doubt": endpoint.doubt or None,
        "items": trial.items if _answers(endpoint) else None,
        "whole": trial.whole if _answers(endpoint) else None,
        "newest_at": optional_utc(trial.newest),
        "error": trial.error or None,
    }
