"""Fields that conditions are matched against, read from the store for statements, copies and events."""

from collections.abc import Sequence

from scraper.alerts.model import FilterFields
from scraper.config.groups import Group
from scraper.model import Event, Statement
from scraper.store import Store


class SubjectReader:
    """Reader of the fields of statements, copies and events.

    With `groups`, the conditions that the fields are for, the text of a statement is read only if the full-text index
    says that one of their words may be in it. It is empty otherwise, so that no word matches, as in the whole text.
    """

    def __init__(self, store: Store, groups: Sequence[Group] | None = None) -> None:
        self._store = store
        self._may_have: frozenset[int] | None = None
        if groups is not None:
            self._may_have = store.statements.may_have({entry for group in groups for entry in group.entries("words")})

    def of_statement(self, statement: Statement, *more_sources: str, changed: str = "") -> FilterFields:
        """Return the fields of a statement; its source is followed by `more_sources`."""
        is_read = self._may_have is None or statement.id in self._may_have
        return FilterFields(
            title=statement.title,
            text=self._store.statements.text(statement) if is_read else "",
            changed=changed,
            type=statement.type or "",
            byline=statement.byline or "",
            countries=statement.countries,
            sources=tuple(dict.fromkeys((statement.source, *more_sources))),
        )

    def of_event(self, event: Event) -> FilterFields:
        """Return the fields of an event: of its statement or its page, and the values and reasons that it reports."""
        statement = self._store.statements.by_id(event.statement_id) if event.statement_id is not None else None
        changed = " \n".join(filter(None, (event.before, event.after, *event.reason_texts)))
        if statement is not None:
            return self.of_statement(statement, event.source, changed=changed)
        page = self._store.pages.by_url(event.page_url) if event.page_url else None
        text = self._store.pages.stored(page.id).shown if page else ""
        return FilterFields(event.page_title or "", text, changed, sources=(event.source,))
