"""Page of a statement: the text that stands, its last change, its history, and its copies on a time line."""

from dataclasses import dataclass
from datetime import datetime

from scraper import page_paths as paths
from scraper.alerts.format import duration, linkable, url_label
from scraper.model import Event, EventKind, Grade, Reason, Revision, Statement
from scraper.pages import MirrorPage, QuotedPassage
from scraper.rules.copies import delay_after_state
from scraper.rules.editions import Edition, describe_difference
from scraper.rules.quotations import is_outdated
from scraper.store import EventFilter, QuotationFilter
from scraper.web import timeline
from scraper.web.page import PageRequest, Response
from scraper.web.rendering import render
from scraper.web.statement_parts import (
    STATEMENT_KINDS,
    claims,
    document,
    find,
    find_revision,
    frame,
    has_comparison,
    history_lines,
    short_title,
)

_SHOWN_COPIES = 40
_SHOWN_EVENTS = 12
_SHOWN_URLS = 5
_SHOWN_QUOTATIONS = 10
# Their events have a revision.
_WORDED = (EventKind.PUBLISHED, EventKind.REVISED, EventKind.RETITLED)


@dataclass(frozen=True, slots=True)
class LastChange:
    """Last change of words: its grade, its reasons, its delay after publication, and the path of its comparison."""

    at: datetime
    grade: Grade | None
    delay: str
    reasons: tuple[Reason, ...]
    comparison: str


@dataclass(frozen=True, slots=True)
class ShownQuotation:
    """Quotation with its page; outdated if State's text no longer has the words."""

    quotation: QuotedPassage
    page: MirrorPage
    is_outdated: bool


def statement(request: PageRequest, statement_id: str) -> Response:
    """Return the page of a statement."""
    store, found = request.store, find(request, statement_id)
    revision = find_revision(request, found, found.revision)
    newest = store.events.find(EventFilter(STATEMENT_KINDS, statement_id=found.id, limit=_SHOWN_EVENTS + 1))
    acts = store.events.find(EventFilter(timeline.STATE_KINDS, statement_id=found.id, limit=_SHOWN_COPIES))
    history, shown = history_lines(newest), frame(request, found)
    return render(
        request,
        "statement.html.j2",
        title=short_title(found),
        points=timeline.build(found, store.carriers.notable(found.id, _SHOWN_COPIES), acts, claims(request, found)),
        more_copies=max(0, shown["copies"] - _SHOWN_COPIES),
        change=_last_change(request, found),
        quotations=_quotations(request, found),
        quoted=store.quotations.count(found.id),
        history=history[:_SHOWN_EVENTS],
        has_more_events=len(history) > _SHOWN_EVENTS,
        editions=_editions(request, found, revision),
        aliases=_other_urls(request, found),
        **shown,
        **document(request, found, revision),
    )


def _last_change(request: PageRequest, found: Statement) -> LastChange | None:
    """Return the last change of the words of a statement, None if it has not changed."""
    kinds = tuple(kind.value for kind in _WORDED)
    worded = [
        event
        for event in request.store.events.find(EventFilter(kinds, statement_id=found.id, limit=2))
        if event.kind in _WORDED
    ]
    if not worded or worded[-1].kind is EventKind.PUBLISHED:
        return None
    event, comparison = worded[-1], ""
    after, before = event.revision or found.revision, _revision_before(worded, found)
    if has_comparison(request, found, before, after):
        comparison = paths.comparison(found.id, before, after)
    delay = delay_after_state(event.at, found)
    return LastChange(event.at, event.grade, duration(delay) if delay else "", event.reasons, comparison)


def _revision_before(worded: list[Event], found: Statement) -> int:
    """Return the revision before the last of two events."""
    if len(worded) > 1 and worded[0].revision:
        return worded[0].revision
    return max(1, (worded[-1].revision or found.revision) - 1)


def _editions(request: PageRequest, found: Statement, revision: Revision) -> list[tuple[str, Edition, str]]:
    """Return the statements of the same title before and after this one, and what differs in a phrase."""
    before, after = request.store.editions.around(found)
    text = revision.wording.text
    pairs = (
        ("Before", before, before and describe_difference(before.text, text)),
        ("After", after, after and describe_difference(text, after.text)),
    )
    return [(label, each, phrase or "") for label, each, phrase in pairs if each is not None]


def _quotations(request: PageRequest, found: Statement) -> list[ShownQuotation]:
    """Return the newest quotations of a statement on other sites."""
    store = request.store
    current = store.statements.text(found)
    listed = store.quotations.find(QuotationFilter(found.id, limit=_SHOWN_QUOTATIONS))
    pages = ((each, store.pages.by_id(each.page_id)) for each in listed)
    return [
        ShownQuotation(each, page, is_outdated=is_outdated(each, current)) for each, page in pages if page is not None
    ]


def _other_urls(request: PageRequest, found: Statement) -> list[tuple[str, str, datetime]]:
    """Return label, URL and time of first sight of the newest URLs at which a statement was, but for its own one."""
    own = found.url.rstrip("/")
    others = [each for each in request.store.statements.aliases(found.id) if each.url.rstrip("/") != own]
    return [(url_label(each.url), linkable(each.url), each.first_seen_at) for each in others[-_SHOWN_URLS:]]
