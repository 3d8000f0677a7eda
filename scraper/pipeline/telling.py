"""Gathers what is known of an event: the subject that watches ask about, and all the facts that a message tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scraper.alerts.model import Carried, Subject, Told
from scraper.store import CopyFilter

if TYPE_CHECKING:
    from scraper.model import Copy, Event, Page, Statement
    from scraper.store import Store


def subject(store: Store, event: Event) -> Subject:
    """What an event is about, as far as a watch may ask for it."""
    statement = store.statements.by_id(event.statement) if event.statement is not None else None
    changed = " \n".join(filter(None, (event.before, event.after, *event.reasons)))
    if statement is None:
        page = store.pages.by_url(event.page_url) if event.page_url else None
        shown = store.pages.kept(page.id).shown if page else ""
        return Subject(title=event.page_title or "", text=shown, changed=changed, sources=(event.source,))
    revisions = store.statements.revisions(statement.id)
    return Subject(
        title=statement.title,
        text=revisions[statement.revision - 1].wording.text,
        changed=changed,
        type=statement.type or "",
        byline=statement.byline or "",
        countries=statement.countries,
        sources=tuple(dict.fromkeys((statement.source, event.source))),
    )


def told(store: Store, event: Event) -> Told:
    """An event with all that is needed to tell of it, as it is known now."""
    page = store.pages.by_url(event.page_url) if event.page_url else None
    statement = store.statements.by_id(event.statement) if event.statement is not None else None
    if statement is None:
        health = () if page else _health(store, event.source)
        return Told(event, page=page, page_text=_shown(store, page), health=health)
    copies = store.copies.find(CopyFilter(statement.id))
    pages = {copy.page: store.pages.by_id(copy.page) for copy in copies}
    return Told(
        event,
        statement,
        revisions=tuple(store.statements.revisions(statement.id)),
        aliases=tuple(store.statements.aliases(statement.id)),
        copies=tuple(Carried(copy, on) for copy in copies if (on := pages[copy.page]) is not None),
        page=page,
        copy=_copy(store, page, statement),
        page_text=_shown(store, page),
    )


def _shown(store: Store, page: Page | None) -> str:
    return store.pages.kept(page.id).shown if page else ""


def _copy(store: Store, page: Page | None, statement: Statement) -> Copy | None:
    found = store.copies.on_page(page.id) if page else []
    return next((copy for copy in found if copy.statement == statement.id), None)


def _health(store: Store, name: str) -> tuple[str, ...]:
    """What a person has to know of a source in trouble, a fact a line."""
    state = next((state for state in store.sources.all() if state.name == name), None)
    if state is None:
        return ()
    return tuple(
        fact
        for fact in (
            f"last gave something {state.last_success_at:%Y-%m-%d %H:%M} UTC" if state.last_success_at else "",
            f"{state.last_items} items in its last good answer" if state.last_items is not None else "",
            f"{state.failures} runs without a good answer" if state.failures else "",
            f"last good answer came from {state.serving}" if state.serving else "",
            f"is asked next {state.next_due_at:%Y-%m-%d %H:%M} UTC" if state.next_due_at else "",
        )
        if fact
    )
