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
    sources,
    statement,
    statement_addresses,
    statement_copies,
    statement_feed,
    statement_files,
    today,
)
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


_ID: Final = "[1-9][0-9]{0,17}"
_NUMBER: Final = "[1-9][0-9]{0,8}"
ROUTES: Final = (
    Route(r"", today.today),
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
    Route(r"phrase/", phrase.phrase, phrase.addresses),
    Route(r"sources/", sources.sources, sources.addresses),
    Route(r"sources/([^/]{1,100})/", sources.source),
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
