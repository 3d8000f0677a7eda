"""Archive hosts of www.state.gov: the years that each holds, and the URLs where a document may be now (pure)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scraper import urls

if TYPE_CHECKING:
    from datetime import datetime

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
# Wider than the list: an archive is added after each administration.
_ARCHIVE_HOST = re.compile(r"\d{4}-\d{4}\.state\.gov\Z")
_YEAR_MONTH = re.compile(r"/((?:19|20)\d\d)(?:/(\d\d))?/")


def is_archive(name: str) -> bool:
    """Return True for an archive host of state.gov, such as 2017-2021.state.gov."""
    return _ARCHIVE_HOST.match(name) is not None


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
    if urls.host(own) != urls.STATE_WWW:
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
    name = urls.host(own)
    if is_archive(name):
        return own, own.replace(name, urls.STATE_WWW, 1)
    return (own, *(archived_urls(own) if urls.path(own) != "/" else ()))


def _archives_of(year: int, month: int) -> tuple[str, ...]:
    # January belongs to both administrations; so does a year without a month.
    return tuple(
        host for host, (since, until, _) in _ARCHIVES.items() if since <= year < until or (year == until and month == 1)
    )
