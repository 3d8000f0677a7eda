"""Rules of searches: which statements are searched for and when, and which results may be articles (pure)."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from scraper import urls
from scraper.text.normalize import count

# Copies appear for days, and services take hours to index a page.
_ROUNDS: Final = (timedelta(0), timedelta(days=1), timedelta(days=7))
_SEARCHED_FOR: Final = timedelta(days=7)
# The date of a statement may be a day without an hour.
PRECISION: Final = timedelta(days=1)
_FIRST_BACKOFF, _LONGEST_BACKOFF = timedelta(minutes=30), timedelta(days=1)
MAX_ATTEMPTS: Final = 10
"""Requests without a usable answer after which a round of a query is given up: some six days."""
MAX_TRIES: Final = 3
"""Requests for a result after which it is given up: one of a site that does not respond."""
KEPT: Final = timedelta(days=30)
"""Time for which results are remembered: longer than a statement is searched for."""

_LIST_PARTS = frozenset("author authors categories category feed label page search tag tags topic topics".split())
_SEARCH_PARAMETERS = re.compile(r"(?:\A|&)(?:s|q|query|search)=", re.IGNORECASE)
_ROOTS = frozenset({"", "index.html", "index.htm", "index.php", "home", "default.aspx"})
_DAY_OR_NUMBER = re.compile(r"\d{1,4}")

FRONT_PAGE: Final = "front pages"
LIST: Final = "lists"
OF_STATE: Final = "State's own"
OF_SOURCE: Final = "of sources, which fetch their own pages"
NO_URL: Final = "without a usable URL"
TOO_MANY: Final = "more than `results_per_query`"
NO_ARTICLE: Final = "could not be read as an article"
NOT_RECEIVED: Final = "not received"
"""Reasons for which results are left out, as they follow their number."""


def begins_at(enabled_at: datetime, at: datetime) -> datetime:
    """Return the earliest publication of statements that are searched for at a time, without an operator's order.

    Those published before the source was enabled are not, nor those that were found late, as by a walk into the past.
    """
    return max(enabled_at, at - _SEARCHED_FOR) - PRECISION


def next_round(first_due_at: datetime, rounds: int, *, is_past: bool) -> datetime | None:
    """Return the time of the next request of a query after so many rounds; None after the last one.

    It is asked at once, after a day and after a week; for a statement of the past (`is_past`) once.
    """
    return None if is_past or rounds >= len(_ROUNDS) else first_due_at + _ROUNDS[rounds]


def backoff(failures: int) -> timedelta:
    """Return the wait after so many failures in a row, of a query or of its service: half an hour, doubled up to a day.

    A service that asks for another pause (Retry-After) gets that as well.
    """
    doublings: int = 2 ** min(max(failures, 1) - 1, 16)
    return min(_FIRST_BACKOFF * doublings, _LONGEST_BACKOFF)


def reason_left_out(url: str, source_sites: Collection[str]) -> str:
    """Return the reason for which a result is no page to fetch, or to keep once a redirect led there; "" for none.

    `source_sites` are the sites of configured sources (see `urls.site`), which find their own pages.
    """
    if not urls.is_http(url):
        return NO_URL
    if urls.is_state(urls.ascii_host(urls.host(url))):
        return OF_STATE
    if urls.site(url) in source_sites:
        return OF_SOURCE
    parts = urlsplit(url)
    names = [name for name in parts.path.casefold().split("/") if name]
    if not parts.query and (not names or (len(names) == 1 and names[0] in _ROOTS)):
        return FRONT_PAGE
    is_archive = bool(names) and all(_DAY_OR_NUMBER.fullmatch(name) for name in names) and len(names) > 1
    return LIST if is_archive or _LIST_PARTS & {*names[-2:]} or _SEARCH_PARAMETERS.search(parts.query) else ""


def result_key(url: str) -> str:
    """Return what the URLs of one page have in common: `http`, `www.`, a final slash and session ids do not count."""
    return urls.variants(url)[0]


def describe_waiting(due: int, due_since: datetime | None, results: int) -> str:
    """Return a phrase for the queries that are due, since when the longest, and for results that wait; "" if none."""
    since = f", the longest since {due_since:%Y-%m-%d %H:%M} UTC" if due_since else ""
    queries = f"{count(due, 'query')} to ask{since}" if due else ""
    return "; ".join(filter(None, (queries, f"{count(results, 'result')} to fetch" if results else "")))
