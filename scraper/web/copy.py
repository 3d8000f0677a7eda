"""Page of a copy: the words of another site's page against State's, its claims, and how both have changed.

Of the other site's text only the passages around differences are shown, or the beginnings of those that are State's
word for word; the whole page stays at its publisher.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from scraper import page_paths as paths
from scraper.alerts.event_specs import label_of
from scraper.alerts.format import host, linkable, safe_block, url_label
from scraper.model import Event, Grade, Reason, Statement
from scraper.pages import Copy
from scraper.rules.copies import is_dated_before
from scraper.store import EventFilter
from scraper.text import cuts, diff
from scraper.text.inline_diff import Passage, passages
from scraper.text.normalize import count
from scraper.text.reasons import weightiest
from scraper.web import timeline
from scraper.web.page import NotFoundError, PageRequest, Response
from scraper.web.rendering import render
from scraper.web.statement_parts import find, find_revision, has_comparison, short_title

_SHOWN_SPANS = 20
_SHOWN_PASSAGES = 30
_SHOWN_WORDINGS = 20
_SHOWN_EVENTS = 20
_SHOWN_CLAIMS = 12
_BEGINNING_CHARS = 240


@dataclass(frozen=True, slots=True)
class Carried:
    """Passage of a statement on a page: the places that differ, or its beginning if none does.

    `hidden` is the number of places that are not shown.
    """

    size: str
    is_cosmetic: bool
    passages: tuple[Passage, ...]
    hidden: int
    beginning: str


@dataclass(frozen=True, slots=True)
class ChangedSince:
    """Changes by State since the revision that a copy carries; `comparison` is the path of the page of all, or ""."""

    grade: Grade | None
    reasons: tuple[Reason, ...]
    passages: tuple[Passage, ...]
    hidden: int
    comparison: str


def copy(request: PageRequest, page_id: str, statement_id: str) -> Response:
    """Return the page of the copy of a statement."""
    store = request.store
    found = store.carriers.one(int(page_id), int(statement_id))
    if found is None:
        raise NotFoundError(f"Page {page_id} is not known to carry statement {statement_id}.")
    (carried, page), statement = found, find(request, statement_id)
    state = find_revision(request, statement, carried.revision).wording.text
    shown = store.pages.stored(page.id).shown
    # The page no longer has the statement at these places once the copy is gone.
    spans = () if carried.gone_at else carried.spans
    site = host(page.url)
    return render(
        request,
        "copy.html.j2",
        title=f"{site}: {short_title(statement)}",
        copy=carried,
        page=page,
        statement=statement,
        host=site,
        page_url=linkable(page.url),
        point=timeline.point(carried, page, statement),
        carried=list(_carried((state[slice(*each.statement)], shown[slice(*each.page)]) for each in spans)),
        span_count=len(spans),
        changed_since=_changed_since(request, statement, carried, state),
        claims=[(url_label(url), linkable(url)) for url in page.claimed_urls[:_SHOWN_CLAIMS]],
        is_dated_before=is_dated_before(page, statement),
        wordings=store.carriers.wordings(page.id, _SHOWN_WORDINGS),
        events=_history(store.events.find(_about(statement), lambda event: event.page_url == page.url)),
    )


def _about(statement: Statement) -> EventFilter:
    return EventFilter(("copy",), statement_id=statement.id, limit=_SHOWN_EVENTS)


def _carried(pairs: Iterable[tuple[str, str]]) -> Iterator[Carried]:
    """Yield the passages of State's text on a page, with at most `_SHOWN_PASSAGES` differing places in all."""
    room = _SHOWN_PASSAGES
    for state, own in islice(pairs, _SHOWN_SPANS):
        before, after = safe_block(state), safe_block(own)
        difference = diff.compare(before, after)
        places = passages(before, after, difference)
        if places and not room:
            return
        size, is_cosmetic = count(len(after.split()), "word"), difference.grade is Grade.COSMETIC
        beginning = "" if places else _beginning(after)
        yield Carried(size, is_cosmetic, places[:room], max(0, len(places) - room), beginning)
        room = max(0, room - len(places))


def _beginning(text: str) -> str:
    if len(text) <= _BEGINNING_CHARS:
        return text
    return text[: cuts.last_place(text, _BEGINNING_CHARS)].rstrip() + " …"


def _changed_since(request: PageRequest, statement: Statement, carried: Copy, state: str) -> ChangedSince | None:
    if not carried.outdated or carried.revision == statement.revision:
        return None
    before, after = safe_block(state), safe_block(request.store.statements.text(statement))
    difference = diff.compare(before, after)
    comparison = ""
    if has_comparison(request, statement, carried.revision, statement.revision):
        comparison = paths.comparison(statement.id, carried.revision, statement.revision)
    found = passages(before, after, difference)
    hidden = max(0, len(found) - _SHOWN_PASSAGES)
    reasons = weightiest(difference.reasons)
    return ChangedSince(difference.grade, reasons, found[:_SHOWN_PASSAGES], hidden, comparison)


def _history(events: Iterable[Event]) -> list[tuple[Event, str]]:
    """Return events of a copy with their labels, the newest first."""
    return [(event, label_of(event).label) for event in events][::-1]
