"""Table of the routes of all pages, and the response to a request: the page, or one that says what is missing."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from scraper.store import Store
from scraper.web import statement, today, trace
from scraper.web.page import NotFoundError, PageRequest, Response
from scraper.web.rendering import asset, render

Page = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """Route of one kind of page.

    `pattern` is the whole path below the root; `respond` takes the request and the groups of the pattern as texts.
    `addresses` yields the path of each page of this kind with its version: a page of the same version is the same, so
    that a file is written only once. None if the pages cannot be files. `takes_form` says that a form can be sent to
    the page (POST), whose answer may take long.
    """

    pattern: str
    respond: Page
    addresses: Callable[[Store], Iterator[tuple[str, str]]] | None = None
    takes_form: bool = False


ROUTES: Final = (
    Route(r"", today.today),
    Route(r"statements/([1-9][0-9]{0,17})/", statement.statement),
    Route(r"trace/", trace.trace, takes_form=True),
    Route(r"assets/.{1,100}", lambda request: asset(request)),
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
