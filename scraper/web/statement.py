"""Page of a statement: the text that stands, its revisions, and its copies."""

from scraper.web.page import NotFoundError, PageRequest, Response
from scraper.web.rendering import render


def statement(request: PageRequest, statement_id: str) -> Response:
    """Return the page of a statement."""
    found = request.store.statements.by_id(int(statement_id))
    if found is None:
        raise NotFoundError(f"There is no statement {statement_id}.")
    text = request.store.statements.text(found)
    return render(request, "statement.html.j2", title=found.title, statement=found, text=text)
