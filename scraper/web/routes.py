"""Table of the routes of all pages, and the response to a request: the page, or one that says what is missing."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from scraper.store import Store
from scraper.web import (
    comparison,
    copy,
    history,
    outlets,
    phrase,
    search,
    sources,
    statement,
    statement_addresses,
    statement_copies,
    statement_feed,
    statement_files,
    today,
    trace,
    view_addresses,
    view_feeds,
    view_pages,
)
from scraper.web.page import NotFoundError, PageRequest, Response
from scraper.web.rendering import DATA_STYLE, asset, asset_path, assets, render

Page = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """Route of one kind of page.

    `pattern` is the whole path below the root; `respond` takes the request and the groups of the pattern as texts.
    `addresses` yields the path of each page of this kind with its version: a page of the same version is the same, so
    that a file is written only once. None if the pages cannot be files. `takes_form` says that a form can be sent to
    the page (POST), whose answer may take long. `is_long` says that the page itself may take a second.
    """

    pattern: str
    respond: Page
    addresses: Callable[[Store], Iterator[tuple[str, str]]] | None = None
    takes_form: bool = False
    is_long: bool = False


_ID: Final = "[1-9][0-9]{0,17}"
_NUMBER: Final = "[1-9][0-9]{0,8}"
# Views, and a group 1 with the path of one.
_SUBJECT = r"(?:countries|types|speakers)/[^/]{1,100}/|sources/[^/]{1,100}/statements/"
_VIEW = rf"((?:changed|withdrawn|altered|copied)/|{_SUBJECT})"
_PART = r"(?:([1-9][0-9]{0,3})/)?"
ROUTES: Final = (
    Route(r"", today.today, today.addresses),
    # The addresses of the first route are those of all pages of statements: they share their versions.
    Route(rf"statements/({_ID})/", statement.statement, statement_addresses.statements),
    Route(rf"statements/({_ID})/history/", history.history),
    Route(rf"statements/({_ID})/revisions/({_NUMBER})/", history.revision),
    Route(rf"statements/({_ID})/compare/({_NUMBER})/({_NUMBER})/", comparison.comparison),
    Route(rf"statements/({_ID})/copies/(?:({_NUMBER})/)?", statement_copies.copies),
    Route(rf"statements/({_ID})/evidence/({_NUMBER})", statement_files.evidence),
    Route(rf"statements/({_ID})/statement\.json", statement_files.as_json),
    Route(rf"statements/({_ID})/feed\.atom", statement_feed.feed),
    Route(rf"copies/({_ID})/({_ID})/", copy.copy, statement_addresses.copies),
    Route(r"outlets/", outlets.outlets, outlets.addresses),
    Route(rf"outlets/page/({_NUMBER})/", outlets.outlets),
    Route(r"outlets/([^/]{1,255})/", outlets.outlet),
    Route(rf"outlets/([^/]{{1,255}})/page/({_NUMBER})/", outlets.outlet),
    Route(r"phrase/", phrase.phrase, phrase.addresses, is_long=True),
    Route(r"sources/", sources.sources, sources.addresses),
    Route(r"sources/([^/]{1,100})/", sources.source),
    Route(r"search/", search.search, search.addresses, is_long=True),
    Route(r"(countries|types|speakers)/", view_pages.index, view_addresses.of_indexes),
    Route(_VIEW, view_pages.view, view_addresses.of_views),
    Route(rf"{_VIEW}((?:19|20)[0-9]{{2}})/{_PART}", view_pages.year, view_addresses.of_years),
    Route(r"months/", view_pages.months, view_addresses.of_month_list),
    Route(rf"months/((?:19|20)[0-9]{{2}}-(?:0[1-9]|1[0-2]))/{_PART}", view_pages.month, view_addresses.of_months),
    Route(rf"(|{_VIEW[1:-1]})feed\.atom", view_feeds.feed, view_addresses.of_feeds),
    Route(r"trace/", trace.trace, takes_form=True),
    Route(r"assets/.{1,100}", asset, lambda _: ((asset_path(name), "1") for name in assets() if name != DATA_STYLE)),
)
"""All routes; the first whose pattern fits responds."""


def find(path: str) -> Route | None:
    """Return the route of a path, None if there is none."""
    return next((route for route in ROUTES if re.fullmatch(route.pattern, path)), None)


def respond(request: PageRequest) -> Response:
    """Return the response to a request; with status 404 the page that says what does not exist."""
    try:
        if (route := find(request.path)) and (found := re.fullmatch(route.pattern, request.path)):
            return route.respond(request, *found.groups())
    except NotFoundError as error:
        return _missing(request, str(error))
    return _missing(request, "There is no such page.")


def _missing(request: PageRequest, problem: str) -> Response:
    return render(request, "missing.html.j2", title="Not found", status=404, problem=problem)
