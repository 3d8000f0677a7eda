"""First page: what is new, by day."""

from itertools import islice

from scraper.web.page import PageRequest, Response
from scraper.web.rendering import render


def today(request: PageRequest) -> Response:
    """Return the first page."""
    newest = list(islice(request.store.statements.find(), 50))
    return render(request, "today.html.j2", title="Today", statements=newest)
