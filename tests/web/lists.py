"""Databases for the tests of lists: statements that are ingested as a poll brings them, and events beside them."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from samples import NOON

from scraper.model import Capture, Event, EventKind, Item, Outcome, Precision, Reading, Role
from scraper.pipeline.ingest import Origin, ingest
from scraper.store import Store

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


class Database:
    """A database that tests fill; each call is one unit of work of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        """The open database."""
        self._store = self._store or Store(self.path)
        return self._store

    def close(self) -> None:
        """Close the file."""
        if self._store:
            self._store.close()
        self._store = None

    def add(self, title: str, at: datetime = NOON, *, number: int = 1, text: str = "", **facts: Any) -> int:
        """Ingest a statement as published at a time, or another wording of it; return its id."""
        guid = f"https://www.state.gov/?post_type=state_press_release&p={number}"
        given = {"byline": "Rosalind P. Quill, Secretary of State", "speaker": "Rosalind P. Quill"}
        given |= {"type": "Press Statement", "precision": Precision.SECOND}
        seen_at = facts.pop("seen_at", at + timedelta(minutes=9))
        item = Item(
            f"https://www.state.gov/statement-{number}/",
            title,
            guid,
            paragraphs=(text or f"The text of statement {number} is about the lamps of harbour {number}.",),
            published_at=at,
            **(given | facts),
        )
        capture = Capture("https://www.state.gov/feed", seen_at, Outcome.OK, 200, body=repr(item).encode())
        store = self.store
        with store.unit():
            ingest(
                store, Origin("state", Role.CANONICAL), capture, Reading("feed", (item,), clock=seen_at), capture.url
            )
            found = store.statements.by_guid(guid)
        assert found is not None
        return found.id

    def event(self, kind: EventKind, at: datetime = NOON, statement_id: int | None = None, **facts: Any) -> int:
        """Add an event, about a statement if there is an id."""
        store = self.store
        with store.unit():
            statement = store.statements.by_id(statement_id) if statement_id else None
            about = {"guid": statement.guid, "url": statement.url, "title": statement.title} if statement else {}
            (added,) = store.events.add(
                [Event(kind, at, **({"source": "state", "statement_id": statement_id} | about | facts))]
            )
        return added.id or 0

    def sql(self, statement: str, *values: Any) -> None:
        """Change the database by hand."""
        store = self.store
        with store.unit():
            store.database.execute(statement, values)


def titles(body: str) -> list[str]:
    """Return the titles of the items of a list, in order."""
    return re.findall(r'<h(?:3|2 class="item-title")>(?:<a [^>]*>)?(.*?)(?:</a>|</h[23]>| <span)', body)


def tags(body: str) -> list[str]:
    """Return the words of all tags of a page, in order."""
    return re.findall(r'<span class="tag [a-z]+">([^<]*)</span>', body)


def markup(body: str) -> list[tuple[str, dict[str, str | None]]]:
    """Return the elements of a page as a browser reads them, each with its attributes."""
    found: list[tuple[str, dict[str, str | None]]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append((tag, dict(attrs)))  # type: ignore[method-assign]
    parser.feed(body)
    return found


def removed(words: str) -> str:
    """Return removed words as a page marks them."""
    return f'<del><span class="hidden">removed: </span>{words}</del>'


def added(words: str) -> str:
    """Return added words as a page marks them."""
    return f'<ins><span class="hidden">added: </span>{words}</ins>'
