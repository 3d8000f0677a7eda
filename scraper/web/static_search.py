"""Page `search/` of the static site: a script finds wordings by the index that `search_index` writes."""

from scraper.web.page import PageRequest, Response
from scraper.web.rendering import render


def search(request: PageRequest) -> Response:
    """Return the page with the form; its script reads the query and shows what it finds."""
    return render(request, "static_search.html.j2", title="Search")
