"""First page: what is new, by day."""

from collections.abc import Iterator
from itertools import islice

from scraper.store import Store
from scraper.web.page import PageRequest, Response
from scraper.web.rendering import render


def today(request: PageRequest) -> Response:
    """Return the first page."""
    newest = list(islice(request.store.statements.find(), 50))
    return render(request, "today.html.j2", title="Today", statements=newest)


def addresses(_store: Store) -> Iterator[tuple[str, str]]:
    """Yield the path of the page, which is always rendered."""
    yield "", ""
