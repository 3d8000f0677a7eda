"""The archive hosts of www.state.gov and the years that each one holds (pure)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scraper import urls

if TYPE_CHECKING:
    from datetime import datetime

# The years of the documents on each archive, newest first; an administration ends in January of the second year.
_ARCHIVES = {
    "2021-2025.state.gov": (2021, 2025),
    "2017-2021.state.gov": (2017, 2021),
    "2009-2017.state.gov": (2009, 2017),
    "2001-2009.state.gov": (2001, 2009),
    "1997-2001.state.gov": (1997, 2001),
}
# These have the paths that www.state.gov has today; the others number their pages.
_WITH_CURRENT_PATHS = ("2021-2025.state.gov", "2017-2021.state.gov")
# Nothing of these years was on www.state.gov when monitoring began, so no statement can move there.
_CLOSED = frozenset({"1997-2001.state.gov"})
# Wider than the list: an archive is added after each administration.
_ARCHIVE_HOST = re.compile(r"\d{4}-\d{4}\.state\.gov\Z")
_YEAR_MONTH = re.compile(r"/((?:19|20)\d\d)(?:/(\d\d))?/")


def is_archive(name: str) -> bool:
    """Return True for an archive host of state.gov, such as 2017-2021.state.gov."""
    return _ARCHIVE_HOST.match(name) is not None


def archived_urls(url: str, published_at: datetime | None) -> tuple[str, ...]:
    """Return the URLs to which a statement on www.state.gov may have moved: the same path on archive hosts.

    With `published_at` only the archives of that year are returned. A match has to be confirmed by title and
    date; an HTTP status proves nothing there.
    """
    own = urls.canonical(url)
    if urls.host(own) != urls.STATE_WWW:
        return ()
    hosts = [
        host
        for host, (first, last) in _ARCHIVES.items()
        if host not in _CLOSED and (published_at is None or first <= published_at.year <= last)
    ]
    return tuple(own.replace(urls.STATE_WWW, host, 1) for host in hosts)


def candidate_urls(url: str) -> tuple[str, ...]:
    """Return the URL itself, then the URLs at which the same document may be published by now.

    For www.state.gov these are its archives: those of the year in the path, else the two with current paths.
    For an archive it is www.state.gov. A match has to be confirmed by title and date.
    """
    own = urls.canonical(url)
    name, path = urls.host(own), urls.path(own)
    hosts: tuple[str, ...] = ()
    if is_archive(name):
        hosts = (urls.STATE_WWW,)
    elif name == urls.STATE_WWW and path != "/":
        hosts = _archives_of(path)
    return (own, *(own.replace(name, other, 1) for other in hosts))


def _archives_of(path: str) -> tuple[str, ...]:
    dated = _YEAR_MONTH.search(path)
    if dated is None:
        return _WITH_CURRENT_PATHS
    year, month = int(dated[1]), int(dated[2] or 1)
    # January belongs to both administrations; so does a year without a month.
    return tuple(
        host for host, (since, until) in _ARCHIVES.items() if since <= year < until or (year == until and month == 1)
    )
