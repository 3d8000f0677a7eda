"""Databases with copies on several outlets."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from samples import NOON, Piece

from scraper import urls
from scraper.model import Capture, Item, Outcome, Reading, Relation, Role
from scraper.pages import Copy, MirrorPage
from scraper.pipeline.ingest import Origin, ingest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scraper.store import Store

PUBLISHED = NOON - timedelta(hours=5)


def add_statements(store: Store, *pieces: Piece, at: datetime = NOON) -> None:
    """Store statements as State's feed gives them at a time."""
    items = tuple(
        Item(p.url, p.title, p.guid, paragraphs=p.body, byline=p.byline, published_at=p.published_at) for p in pieces
    )
    capture = Capture("https://www.state.gov/feed", at, Outcome.OK, 200, body=repr(items).encode())
    with store.unit():
        ingest(store, Origin("state", Role.CANONICAL), capture, Reading("feed", items, clock=at), capture.url)


def add_page(store: Store, url: str, relation: Relation = Relation.VERBATIM, **facts: Any) -> int:
    """Store a page, and return its id. It is at the form of the URL in which pages are stored."""
    page = MirrorPage(0, urls.canonical(url), "gazette", "Lamps", relation, NOON, NOON)
    given = {"title": page.title, "first_seen_at": NOON, "last_seen_at": NOON} | facts
    page = MirrorPage(0, page.url, page.source, relation=relation, **given)
    with store.unit():
        return store.pages.save(page, parser="mirror-article", version=1, is_document=True, listed_sha256=None)


def add_copy(
    store: Store, url: str, statement_id: int = 1, relation: Relation = Relation.VERBATIM, **facts: Any
) -> int:
    """Store a copy on a page of its own, and return the id of the page. `facts` are those of the copy and the page."""
    of_page = {name: facts.pop(name) for name in ("published_at", "precision", "title") if name in facts}
    page_id = add_page(store, url, relation, **of_page)
    given = {"first_seen_at": NOON, "last_seen_at": NOON, "coverage": 1.0, "fidelity": 1.0, "revision": 1} | facts
    with store.unit():
        store.copies.save([Copy(page_id=page_id, statement_id=statement_id, relation=relation, **given)])
    return page_id


def add_outlet(store: Store, host: str, relations: Sequence[Relation], **facts: Any) -> None:
    """Store copies with these relations on a host."""
    for number, relation in enumerate(relations):
        add_copy(store, f"https://{host}/{number}/", relation=relation, **facts)
