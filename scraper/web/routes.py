"""Table of the routes of all pages, and the response to a request: the page, or one that says what is missing."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from scraper.store import Store
from scraper.web import feeds, search, statement, today, view_addresses, view_pages
from scraper.web.page import NotFoundError, PageRequest, Response
from scraper.web.rendering import asset, render

Page = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """Route of one kind of page.

    `pattern` is the whole path below the root; `respond` takes the request and the groups of the pattern as texts.
    `addresses` yields the path of each page of this kind with its version: a page of the same version is the same, so
    that a file is written only once. None if the pages cannot be files.
    """

    pattern: str
    respond: Page
    addresses: Callable[[Store], Iterator[tuple[str, str]]] | None = None


# Views, and a group 1 with the path of one.
_SUBJECT = r"(?:countries|types|speakers)/[^/]{1,100}/|sources/[^/]{1,100}/statements/"
_VIEW = rf"((?:changed|withdrawn|altered|copied)/|{_SUBJECT})"
_PART = r"(?:([1-9][0-9]{0,3})/)?"

ROUTES: Final = (
    Route(r"", today.today, today.addresses),
    Route(r"search/", search.search, search.addresses),
    Route(r"(countries|types|speakers)/", view_pages.index, view_addresses.of_indexes),
    Route(_VIEW, view_pages.view, view_addresses.of_views),
    Route(rf"{_VIEW}((?:19|20)[0-9]{{2}})/{_PART}", view_pages.year, view_addresses.of_years),
    Route(r"months/", view_pages.months, view_addresses.of_month_list),
    Route(rf"months/((?:19|20)[0-9]{{2}}-(?:0[1-9]|1[0-2]))/{_PART}", view_pages.month, view_addresses.of_months),
    Route(rf"(|{_VIEW[1:-1]})feed\.atom", feeds.feed, view_addresses.of_feeds),
    Route(r"statements/([1-9][0-9]{0,17})/", statement.statement),
    Route(r"assets/.{1,100}", lambda request: asset(request)),
)
"""All routes; the first whose pattern fits responds."""


def respond(request: PageRequest) -> Response:
    """Return the response to a request; with status 404 the page that says what does not exist."""
    try:
        for route in ROUTES:
            if found := re.fullmatch(route.pattern, request.path):
                return route.respond(request, *found.groups())
    except NotFoundError as error:
        return _missing(request, str(error))
    return _missing(request, "There is no such page.")


def _missing(request: PageRequest, problem: str) -> Response:
    return render(request, "missing.html.j2", title="Not found", status=404, problem=problem)
