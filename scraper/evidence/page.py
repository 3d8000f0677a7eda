"""Page `evidence/index.html` of a bundle: both wordings, their differences, times, how to check, what is not proven."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from scraper import __version__
from scraper.alerts.event_specs import listed_label, listed_sides
from scraper.alerts.format import linkable, safe_block
from scraper.evidence.subject import Subject
from scraper.model import Event, Revision
from scraper.store.evidence import EvidenceResponse, PageWording
from scraper.web.comparison import Compared, compare, compare_revisions
from scraper.web.rendering import render_standalone

_SHOWN_RESPONSES = 500


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a bundle contains, without the bodies of responses.

    `firsts` has the id of the capture in which each revision first appeared. `responses` have the subjects to which
    each belongs. `event_rows` are the events as rows. `software` is that which exported at `exported_at`.
    """

    subject: Subject
    revisions: tuple[Revision, ...]
    firsts: dict[int, int]
    wordings: tuple[PageWording, ...]
    events: tuple[Event, ...]
    responses: tuple[tuple[EvidenceResponse, tuple[str, ...]], ...]
    exported_at: datetime
    event_rows: tuple[Mapping[str, Any], ...] = ()
    software: str = f"statewire {__version__}"


@dataclass(frozen=True, slots=True)
class Change:
    """Difference of two wordings, with a label for each."""

    label: str
    before: str
    after: str
    title: Compared | None
    body: Compared


@dataclass(frozen=True, slots=True)
class Row:
    """Response as a row of the table; `why` says what first appeared in it."""

    response: EvidenceResponse
    url: str
    why: str


def explain(contents: Contents, *, is_stamped: bool) -> str:
    """Return the page as HTML that needs no other file."""
    subject = contents.subject
    event = subject.event
    missing = [each for each, _ in contents.responses if not each.is_stored]
    included = {each.capture_id for each, _ in contents.responses if each.is_stored}
    unseen = [each.number for each in contents.revisions if contents.firsts.get(each.number) not in included]
    return render_standalone(
        "evidence.html.j2",
        subject=subject,
        statement=subject.statement,
        statement_url=linkable(subject.statement.url if subject.statement else None),
        page=subject.page,
        page_url=linkable(subject.page.url if subject.page else None),
        event=event,
        event_label=listed_label(event) if event else "",
        event_sides=listed_sides(event) if event else None,
        changes=list(_changes(contents)),
        revisions=contents.revisions,
        wordings=contents.wordings,
        history=[(each, listed_label(each)) for each in contents.events],
        rows=list(_rows(contents))[:_SHOWN_RESPONSES],
        responses=len(contents.responses) - len(missing),
        missing=len(missing),
        unseen=unseen,
        exported_at=contents.exported_at,
        is_stamped=is_stamped,
        software=contents.software,
    )


def _changes(contents: Contents) -> Iterator[Change]:
    """Yield the differences on the page against State's wording, then those between State's wordings."""
    subject = contents.subject
    by_number = {revision.number: revision for revision in contents.revisions}
    copy = subject.copy
    if copy and copy.revision in by_number and contents.wordings and not copy.gone_at:
        state, shown = by_number[copy.revision].wording.text, contents.wordings[-1].shown
        for span in copy.spans:
            body = compare(safe_block(state[slice(*span.statement)]), safe_block(shown[slice(*span.page)]))
            yield Change("On the page", f"State’s revision {copy.revision}", "the page", None, body)
    for each in subject.quotations:
        body = compare(safe_block(each.wording), safe_block(each.quote))
        yield Change("Quoted on the page", f"State’s revision {each.revision}", "the page", None, body)
    for old, new in pairwise(contents.revisions):
        title, body = compare_revisions(old, new)
        label = f"State’s revisions {old.number} and {new.number}"
        yield Change(label, f"revision {old.number}", f"revision {new.number}", title, body)


def _rows(contents: Contents) -> Iterator[Row]:
    for response, _ in contents.responses:
        numbers = [number for number, first in contents.firsts.items() if first == response.capture_id]
        why = [f"revision {number} of State first appeared" for number in numbers]
        why += [
            f"wording {each.number} of the page first appeared"
            for each in contents.wordings
            if each.first_seen_at == response.captured_at
        ]
        yield Row(response, linkable(response.url), ", ".join(why))
