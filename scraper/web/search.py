"""Page of the search in every wording, also in those that State has replaced.

As a file, its script searches the index that `search_index` writes.
"""

from collections.abc import Iterator
from typing import Final

from scraper.alerts.format import sentence
from scraper.errors import InputError
from scraper.store import Store
from scraper.store.search import MOST_RANKED
from scraper.text import names, search_terms
from scraper.web.page import PageRequest, Response
from scraper.web.rendering import render

MAX_HITS: Final = 50
_MAX_CHARS = 300


def search(request: PageRequest) -> Response:
    """Return the matches of a query, the best first; without one, the form."""
    if not request.is_live:
        return render(request, "static_search.html.j2", title="Search")
    query = request.parameter("q")
    try:
        if len(query) > _MAX_CHARS:
            raise InputError(f"a search has at most {_MAX_CHARS} characters; this one has {len(query):,}")
        if query and not search_terms.parse(query):
            raise InputError("a search needs a letter or a digit")
        hits, is_cut = request.store.search.find(query, MAX_HITS) if query else ([], False)
    except InputError as error:
        return render(request, "search.html.j2", title="Search", query=query[:_MAX_CHARS], problem=sentence(str(error)))
    terms = search_terms.parse(query)
    written = names.american(query)
    if hits or written == query or not request.store.search.find(written, 1)[0]:
        written = ""
    statements = request.store.entries.statements(hit.statement_id for hit in hits)
    found = [(statements[hit.statement_id], hit) for hit in hits]
    return render(
        request,
        "search.html.j2",
        title="Search",
        query=query,
        problem="",
        found=found,
        is_cut=is_cut,
        most=MOST_RANKED,
        sought=search_terms.describe(terms) if terms else "",
        unquoted=" ".join(terms) if search_terms.has_phrase(terms) else "",
        written=written,
    )


def addresses(_store: Store) -> Iterator[tuple[str, str]]:
    """Yield the page of the search, which as a file shows nothing of the database."""
    yield "search/", "1"
