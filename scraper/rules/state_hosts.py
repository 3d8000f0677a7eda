"""Hosts of the Department: those whose documents are State's statements, and the archives among them (pure).

A document has its identity within a namespace. The named hosts (www.state.gov, its other names, the archives) share
one. Any other host under state.gov is another system, with numbers, titles and URLs of its own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scraper import urls
from scraper.model import AUTHORITY

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from scraper.model import Statement

_SLUG, _FILE = "slug", "file"  # kinds of paths: `/lamps/` as on www.state.gov today, `/p/wha/231951.htm`
# The years of the documents on each archive, newest first, and the kinds of their paths. An administration ends in
# January of the second year.
_ARCHIVES = {
    "2021-2025.state.gov": (2021, 2025, {_SLUG}),
    "2017-2021.state.gov": (2017, 2021, {_SLUG, _FILE}),
    "2009-2017.state.gov": (2009, 2017, {_FILE}),
    "2001-2009.state.gov": (2001, 2009, {_FILE}),
    "1997-2001.state.gov": (1997, 2001, {_FILE}),
}
ARCHIVE_HOSTS = tuple(_ARCHIVES)
"""The known archives, newest first."""
_YEAR_MONTH = re.compile(r"/((?:19|20)\d\d)(?:/(\d\d))?/")


def is_archive(name: str) -> bool:
    """Return True for an archive host of state.gov, such as 2017-2021.state.gov."""
    return name in _ARCHIVES


def is_named(name: str) -> bool:
    """Return True for a host whose documents are State's statements: www.state.gov, its other names, an archive."""
    return name in urls.STATE_SITE or is_archive(name)


# Cached: polls bring the same URLs hundreds of times.
@lru_cache(maxsize=4096)
def namespace(url: str) -> str | None:
    """Return the namespace of the documents at a URL: `state.gov` for a named host, None outside of state.gov.

    Any other host under state.gov has its own, named like it; so has a named host at another port.
    """
    name = urls.host(url)
    if not urls.is_state(name) or not urls.is_http(url) or not _has_valid_port(url):
        return None
    key = urls.host_key(urls.canonical(url))
    # A name in other characters is another one, even if it is looked up as this one.
    return AUTHORITY if name.isascii() and is_named(key) else key


def _has_valid_port(url: str) -> bool:
    try:
        urlsplit(url).port  # noqa: B018  # raises if it is no number
    except ValueError:
        return False
    return True


def is_statement_url(url: str) -> bool:
    """Return True for an http or https URL on a named host."""
    # Asked of each link of a page. Parsing drops line breaks inside a name, but no link that was resolved has any.
    return urls.STATE in url.lower() and namespace(url) == AUTHORITY


def authority_of(url: str) -> str:
    """Return the authority of the items in an answer from a URL.

    Outside of state.gov that is the Department: such a source is canonical only because an operator made it so.
    """
    return namespace(url) or AUTHORITY


def site_of(url: str) -> str:
    """Return the site of a URL: its namespace, else its host without `www.`. A list has texts only of its own site."""
    return namespace(url) or urls.site(url)


def is_elsewhere(url: str, statement: Statement) -> bool:
    """Return True for a URL that cannot become that of a statement: it is on another site, and not on its authority's.

    A list of State's may link to anything.
    """
    return namespace(url) not in {namespace(statement.url), statement.authority}


def is_within(url: str, hosts: Collection[str]) -> bool:
    """Return True if a URL is on one of `hosts`; the named hosts count as one."""
    own = namespace(url)
    if own == AUTHORITY:
        return any(map(is_named, hosts))
    return (own or urls.host(url)) in hosts


def has_files_only(name: str) -> bool:
    """Return True for an archive whose documents are all files, `.htm` or `.html`."""
    return name in _ARCHIVES and _ARCHIVES[name][2] == {_FILE}


def archived_urls(url: str, published_at: datetime | None = None) -> tuple[str, ...]:
    """Return the URLs to which a document on www.state.gov may have moved: the same path on archive hosts.

    `published_at` decides, else the year in the path. A path without a year can only be on archives with paths of
    its kind, so if none of that time has such paths, all that have them are returned. A match has to be confirmed
    by title and date; an HTTP status proves nothing there.
    """
    own = urls.canonical(url)
    if urls.host_key(own) != urls.STATE_WWW:
        return ()
    path = urls.path(own)
    dated = _YEAR_MONTH.search(path)
    kind = _FILE if path.endswith((".htm", ".html")) else _SLUG
    of_kind = tuple(host for host, (_, _, kinds) in _ARCHIVES.items() if dated or kind in kinds)
    if published_at is not None:
        of_time = _archives_of(published_at.year, published_at.month)
    else:
        of_time = _archives_of(int(dated[1]), int(dated[2] or 1)) if dated else of_kind
    hosts = tuple(host for host in of_time if host in of_kind) or (of_kind if of_time else ())
    return tuple(own.replace(urls.STATE_WWW, host, 1) for host in hosts)


def candidate_urls(url: str) -> tuple[str, ...]:
    """Return the URL itself, then the URLs at which the same document may be published by now.

    For www.state.gov these are its archives, for an archive it is www.state.gov. A match has to be confirmed by
    title and date.
    """
    own = urls.canonical(url)
    name = urls.host_key(own)
    if is_archive(name):
        return own, own.replace(name, urls.STATE_WWW, 1)
    return (own, *(archived_urls(own) if urls.path(own) != "/" else ()))


def _archives_of(year: int, month: int) -> tuple[str, ...]:
    # January belongs to both administrations; so does a year without a month.
    return tuple(
        host for host, (since, until, _) in _ARCHIVES.items() if since <= year < until or (year == until and month == 1)
    )
