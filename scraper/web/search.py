"""Page of the search in every wording, also in those that State has replaced."""

from collections.abc import Iterator
from typing import Final

from scraper.store import Store
from scraper.store.search import MOST_RANKED
from scraper.web import static_search
from scraper.web.page import PageRequest, Response
from scraper.web.rendering import render

MAX_HITS: Final = 50
_MAX_CHARS = 300


def search(request: PageRequest) -> Response:
    """Return the matches of a query, the best first; without one, the form. As a file, it searches in the browser."""
    if not request.is_live:
        return static_search.search(request)
    query = request.parameter("q")[:_MAX_CHARS]
    hits, is_cut = request.store.search.find(query, MAX_HITS) if query else ([], False)
    statements = request.store.entries.statements(hit.statement_id for hit in hits)
    found = [(statements[hit.statement_id], hit) for hit in hits]
    return render(request, "search.html.j2", title="Search", query=query, found=found, is_cut=is_cut, most=MOST_RANKED)


def addresses(_store: Store) -> Iterator[tuple[str, str]]:
    """Yield the page of the search, which as a file shows nothing of the database."""
    yield "search/", "1"
