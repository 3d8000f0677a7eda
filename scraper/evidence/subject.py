"""Subject of an evidence bundle: a statement, a copy or quotations of it on a page, or an event about them."""

from dataclasses import dataclass

from scraper.errors import InputError
from scraper.model import Event, Statement
from scraper.pages import Copy, MirrorPage, QuotedPassage
from scraper.store import Store
from scraper.store.evidence import PAGE, STATEMENT


@dataclass(frozen=True, slots=True)
class Subject:
    """Subject of a bundle; its `kind` is statement, copy, quotation or event.

    A page without a statement claims one that State never made.
    """

    kind: str
    statement: Statement | None
    page: MirrorPage | None = None
    copy: Copy | None = None
    quotations: tuple[QuotedPassage, ...] = ()
    event: Event | None = None

    @property
    def title(self) -> str:
        """Title of the statement, or else of the page."""
        return self.statement.title if self.statement else self.page.title if self.page else ""

    @property
    def keys(self) -> tuple[tuple[str, int], ...]:
        """Kind and id of each of the two by which the store finds responses."""
        parts = ((STATEMENT, self.statement), (PAGE, self.page))
        return tuple((name, part.id) for name, part in parts if part is not None)


def of_statement(statement: Statement) -> Subject:
    """Return a statement as a subject."""
    return Subject("statement", statement)


def of_page(store: Store, statement: Statement, which: str) -> Subject:
    """Return what a page, by its number or URL, has of a statement as a subject. Raise `InputError` for nothing."""
    by_number = which.isascii() and which.isdigit()
    page = store.pages.by_id(int(which[:18])) if by_number else store.pages.by_url(which)
    if page is None:
        raise InputError(
            f"there is no page {which}", hint=f"`statewire copies {statement.id}` and `statewire quotes` print the URLs"
        )
    found = _on_page("", store, statement, page)
    if found.copy is None and not found.quotations:
        raise InputError(
            f"{page.url} is not known to carry or quote statement {statement.id}",
            hint=f"`statewire copies {statement.id}` lists the pages that do",
        )
    return found


def of_event(store: Store, number: int) -> Subject:
    """Return an event with its statement and page as a subject. Raise `InputError` for an event of a source."""
    event = next(iter(store.events.by_ids([number])), None)
    if event is None:
        raise InputError(f"there is no event {number}", hint="`statewire events` prints the numbers")
    if event.kind.is_of_source:
        raise InputError(
            f"event {number} is about a source, and no evidence about a statement",
            hint="`statewire events` lists others",
        )
    statement = store.statements.by_id(event.statement_id) if event.statement_id else None
    page = store.pages.by_url(event.page_url) if event.page_url else None
    if statement is not None and page is not None:
        return _on_page("event", store, statement, page, event)
    return Subject("event", statement, page, event=event)


def _on_page(kind: str, store: Store, statement: Statement, page: MirrorPage, event: Event | None = None) -> Subject:
    carried = store.carriers.one(page.id, statement.id)
    copy = carried[0] if carried else None
    quotations = tuple(each for each in store.quotations.on_page(page.id) if each.statement_id == statement.id)
    return Subject(kind or ("copy" if copy else "quotation"), statement, page, copy, quotations, event)
