"""Page of a statement: the text that stands, its revisions, and its copies."""

from collections.abc import Iterator
from hashlib import sha256

from scraper import page_paths
from scraper.store import Store
from scraper.web.page import NotFoundError, PageRequest, Response
from scraper.web.rendering import render


def statement(request: PageRequest, statement_id: str) -> Response:
    """Return the page of a statement."""
    found = request.store.statements.by_id(int(statement_id))
    if found is None:
        raise NotFoundError(f"There is no statement {statement_id}.")
    text = request.store.statements.text(found)
    return render(request, "statement.html.j2", title=found.title, statement=found, text=text)


def addresses(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the path of each statement's page with the version of its text."""
    made: dict[int, str] = {}
    for wording in store.index_texts.wordings():
        made[wording.statement_id] = made.get(wording.statement_id, "") + wording.title + wording.words_sha256
    current = dict(store.index_texts.current_numbers())
    for statement_id, shown in made.items():
        version = sha256(f"{current.get(statement_id)} {shown}".encode("utf-8", "replace"))
        yield page_paths.statement(statement_id), version.hexdigest()[:16]
