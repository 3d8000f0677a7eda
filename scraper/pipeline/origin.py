"""Source and role of a URL that is not polled: of a file, or given on the command line (pure)."""

from collections.abc import Iterable, Sequence

from scraper import urls
from scraper.config.settings import Settings, Source
from scraper.model import EndpointKind, Item, Role
from scraper.rules import state_hosts


def origin_of(url: str, settings: Settings) -> tuple[str, Role, EndpointKind | None]:
    """Return source, role and kind of the configured endpoint with this URL, else those of its host (kind None).

    Outside of state.gov, the host of a source that gives statements has the name and the role of that source
    (`is_by_host`).
    """
    for source in settings.sources:
        for endpoint in source.endpoints:
            if any(urls.is_same(page, url) for page in endpoint.urls):
                return source.name, source.role, EndpointKind.PAGE
            if urls.is_same(endpoint.url, url):
                return source.name, source.role, endpoint.kind
    if state_hosts.namespace(url) is None and (own := _statement_source(url, settings.sources)):
        return own.name, own.role, None
    return urls.host_key(url), role_of(url), None


def role_of(url: str) -> Role:
    """Return the role of the host of a URL that belongs to no configured source."""
    if state_hosts.is_statement_url(url) and state_hosts.is_archive(urls.host(url)):
        return Role.ARCHIVE
    return Role.MIRROR if state_hosts.namespace(url) is None else Role.CANONICAL


def is_by_host(url: str, role: Role, kind: EndpointKind | None) -> bool:
    """Return True if only the host of a URL gave it its role: no configured endpoint, and no name under state.gov."""
    return role.gives_statements and kind is None and state_hosts.namespace(url) is None


def is_own(items: Iterable[Item], url: str) -> bool:
    """Return True if items of a page name its own site as their place: others republish, or belong to someone else."""
    site = state_hosts.site_of(url)
    named = (each for item in items for each in (item.url, item.guid) if each and urls.is_http(each))
    return all(state_hosts.site_of(each) == site for each in named)


def _statement_source(url: str, sources: Sequence[Source]) -> Source | None:
    """Return the source that gives statements and has the host of a URL; None if a mirror shares that host.

    Whose page it is on a host that many share, nothing shows. So its items are those of their own site only: no page
    there changes a statement of another site.
    """
    if urls.is_state(urls.ascii_host(urls.host(url))):
        return None  # another spelling of a name under state.gov, which is another host
    site = urls.site(url)
    found = [source for source in sources if site in _sites(source)]
    return found[0] if found and all(source.role.gives_statements for source in found) else None


def _sites(source: Source) -> set[str]:
    """Return the sites of a source's endpoints: another port is another site.

    `hosts` of a source are those to which it may redirect, such as a service that others use too.
    """
    return {urls.site(endpoint.url) for endpoint in source.endpoints}
