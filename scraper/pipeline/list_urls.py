"""URLs of the lists of an endpoint; the parsers that know those of the REST API are loaded only if it is one."""

from datetime import UTC, datetime

from scraper.model import Capture, EndpointKind

_PER_PAGE, _PER_PAGE_SINCE = 20, 50


def first_url(kind: EndpointKind, url: str, *, since: datetime | None = None) -> str:
    """Return the URL of the first list of an endpoint. Only WordPress can filter by time of change, `since`."""
    if kind is not EndpointKind.WORDPRESS:
        return url
    from scraper.parsers import wordpress

    if since is None:
        return wordpress.first_url(url, None, _PER_PAGE)
    return wordpress.first_url(url, f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", _PER_PAGE_SINCE)


def modified_url(kind: EndpointKind, url: str) -> str | None:
    """Return the URL that lists the items of an endpoint by their last change; None if it has no such order.

    A post that is published under an old date never stands at the beginning of a list by date.
    """
    if kind is not EndpointKind.WORDPRESS:
        return None
    from scraper.parsers import wordpress

    return wordpress.first_url(url, None, _PER_PAGE, by="modified")


def named_sitemaps(capture: Capture) -> tuple[str, ...]:
    """Return the URLs of the sitemaps that a list of standing pages names if it is a sitemap index."""
    from scraper import parsers

    return parsers.child_sitemaps(capture) if parsers.is_sitemap(capture) else ()


def child_sitemaps(capture: Capture) -> tuple[str, ...]:
    """Return the URLs of the sitemaps that a sitemap index names."""
    from scraper import parsers

    return parsers.child_sitemaps(capture)
