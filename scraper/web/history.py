"""Page of a statement's history: all revisions, URLs and events; and the page of one revision as it was."""

from scraper import page_paths as paths
from scraper.alerts.format import linkable, url_label
from scraper.store import EventFilter
from scraper.web.page import NotFoundError, PageRequest, Response
from scraper.web.rendering import render
from scraper.web.statement_parts import (
    STATEMENT_KINDS,
    document,
    exists,
    find,
    find_revision,
    frame,
    has_history,
    history_lines,
    short_title,
)

# The newest ones; JSON has all.
_SHOWN_EVENTS = 200
_SHOWN_REVISIONS = 200
_SHOWN_URLS = 50


def history(request: PageRequest, statement_id: str) -> Response:
    """Return the page with all revisions, URLs and events of a statement."""
    store, found = request.store, find(request, statement_id)
    if not has_history(request, found):
        raise NotFoundError(f"Statement {found.id} has not changed.")
    lines = store.revisions.lines(found.id)
    aliases = store.statements.aliases(found.id)
    events = store.events.find(EventFilter(STATEMENT_KINDS, statement_id=found.id, limit=_SHOWN_EVENTS + 1))
    listed = history_lines(events)
    return render(
        request,
        "history.html.j2",
        title=f"History: {short_title(found)}",
        lines=lines[-_SHOWN_REVISIONS:],
        hidden_lines=max(0, len(lines) - _SHOWN_REVISIONS),
        evidence=store.evidence.of_statement(found.id),
        aliases=[(url_label(each.url), linkable(each.url), each) for each in aliases[-_SHOWN_URLS:]],
        history=listed[:_SHOWN_EVENTS],
        has_more_events=len(listed) > _SHOWN_EVENTS,
        **frame(request, found),
    )


def revision(request: PageRequest, statement_id: str, number: str) -> Response:
    """Return the page of one revision as it was."""
    found = find(request, statement_id)
    wanted = find_revision(request, found, int(number))
    comparison = ""
    if exists(request, found, wanted.number, found.revision):
        comparison = paths.comparison(found.id, wanted.number, found.revision)
    return render(
        request,
        "revision.html.j2",
        title=f"Revision {wanted.number}: {short_title(found)}",
        comparison=comparison,
        **frame(request, found),
        **document(request, found, wanted),
    )
