"""URLs of the lists of an endpoint; the parsers that know those of the REST API are loaded only if it is one."""

from datetime import datetime

from scraper.config.settings import Endpoint
from scraper.model import Capture, EndpointKind


def first_url(endpoint: Endpoint, since: datetime | None) -> str:
    """Return the URL of the first list of an endpoint; only that of the REST API differs from its own URL."""
    if endpoint.kind is not EndpointKind.WORDPRESS:
        return endpoint.url
    from scraper import parsers

    return parsers.first_url(endpoint.kind, endpoint.url, since=since)


def modified_url(endpoint: Endpoint) -> str | None:
    """Return the URL of the list of an endpoint by the last change; only the REST API has one."""
    if endpoint.kind is not EndpointKind.WORDPRESS:
        return None
    from scraper import parsers

    return parsers.modified_url(endpoint.kind, endpoint.url)


def child_sitemaps(capture: Capture) -> tuple[str, ...]:
    """Return the URLs of the sitemaps that a sitemap index names."""
    from scraper import parsers

    return parsers.child_sitemaps(capture)
