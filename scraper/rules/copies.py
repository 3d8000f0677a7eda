"""What was known of a page's copies + what it carries now -> what happened to them (pure).

- A page that no longer carries a statement, or is not found, counts only when three looks over at least a day
  agree, as for State's own pages: sites have bad hours, and consent walls.
- Two parsers may see one page differently (a feed's text, the page itself): what other eyes see replaces what was
  known, and is no change, unless the one is altered and the other is not.
- A wording that State has replaced since makes its copies outdated whether or not anybody looks at them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper.model import Copy, Event, EventKind, Grade, Precision, PublicationState, Relation
from scraper.rules.schedule import CONFIRM_CHECKS, CONFIRM_SPAN
from scraper.text.diff import MAX_REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from scraper.model import MirrorPage, Span, Statement

# What a page gains or loses of a statement below this share of it is told when something else changes.
TOLD_COVERAGE = 0.05
# A page may be faster than our own sight of State; a claim that cannot be looked up waits this long.
CLAIM_WAIT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class CopyFinding:
    """One statement that a page carries, by one of its revisions; see `scraper.model.Copy` for the measures.

    `changed_since` says in words what State has changed since that revision, and `changed_grade` how much it
    matters; empty and None where it is the one that stands.
    """

    statement: Statement
    revision: int
    relation: Relation
    fit: Relation
    coverage: float
    fidelity: float
    grade: Grade | None = None
    differences: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    runner_up: int | None = None
    changed_since: tuple[str, ...] = ()
    changed_grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class PageObservation:
    """The circumstances of a look at a page: now, or once more at what it said from `first_seen_at` to `last_seen_at`.

    `same_parser` says that what is known of it was read by the same parser. `is_retrace` says that nobody asked for the
    page: what changed is what is known of State. `missing` says in words why the page carries nothing, where it did
    not answer with a document. `backfill`: the page was there when the watch began, and so was its wording.
    """

    at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    source: str
    page: int
    page_url: str
    page_title: str
    same_parser: bool = True
    is_retrace: bool = False
    backfill: bool = False
    missing: str = ""


@dataclass(frozen=True, slots=True)
class CopyDecision:
    """The copies of a page as they stand after a look, and what is to be told of it."""

    copies: tuple[Copy, ...]
    events: tuple[Event, ...]


def derive(
    known: Sequence[Copy], statements: dict[int, Statement], found: Sequence[CopyFinding], look: PageObservation
) -> CopyDecision:
    """What a look at a page means. `statements` are those of the known copies, by row."""
    before = {copy.statement_id: copy for copy in known}
    copies, events = list[Copy](), list[Event]()
    for finding in found:
        old = before.pop(finding.statement.id, None)
        copy = _copy(finding, old, look)
        copies.append(copy)
        if old is None or old.gone_at is not None:
            back = (f"it was gone since {old.gone_at:%Y-%m-%d %H:%M} UTC",) if old and old.gone_at else ()
            is_history = look.backfill and old is None
            events.append(replace(_event(EventKind.COPY_FOUND, finding, look, because=back), backfill=is_history))
        elif _is_reported(old, copy, look) if look.same_parser else _is_other_text(old, copy):
            events.append(
                _event(EventKind.COPY_CHANGED, finding, look, before=copy_summary(old), after=copy_summary(copy))
            )
    for old in before.values():
        if old.gone_at is not None or look.is_retrace:
            continue
        copy = _missed(old, look.at)
        copies.append(copy)
        if copy.gone_at is not None:
            events.append(_gone(copy, statements[copy.statement_id], look))
    return CopyDecision(tuple(copies), tuple(events))


def unsourced(page: MirrorPage, at: datetime, source: str, nearest: str, because: str) -> Event:
    """That a page names the Department as its author and no known statement carries its text.

    `nearest` names the statement that it resembles, if any; `because` says what was looked up.
    """
    return Event(
        EventKind.UNSOURCED,
        at,
        source,
        reasons=tuple(part for part in (*(f"says “{quote}”" for quote in page.quotes), because, nearest) if part),
        after=page.claimed_urls[0] if page.claimed_urls else None,
        page_url=page.url,
        page_title=page.title,
        relation=Relation.UNSOURCED,
        backfill=page.backfill,
    )


def copy_summary(copy: Copy | CopyFinding) -> str:
    """A copy in a few words: `excerpt of revision 2, 38 %`."""
    whole = "" if copy.fit is Relation.TRANSLATED else f", {copy.coverage:.0%}"
    what = copy.relation if copy.relation is copy.fit else f"{copy.relation} ({copy.fit})"
    return f"{what} of revision {copy.revision}{whole}"


def _copy(finding: CopyFinding, old: Copy | None, look: PageObservation) -> Copy:
    return Copy(
        page_id=look.page,
        statement_id=finding.statement.id,
        revision=finding.revision,
        relation=finding.relation,
        fit=finding.fit,
        coverage=finding.coverage,
        fidelity=finding.fidelity,
        first_seen_at=look.first_seen_at if old is None else old.first_seen_at,
        last_seen_at=look.last_seen_at,
        grade=finding.grade,
        differences=finding.differences,
        evidence=finding.evidence,
        spans=finding.spans,
        runner_up=finding.runner_up,
        misses=old.misses if old and look.is_retrace else 0,
        missing_since=old.missing_since if old and look.is_retrace else None,
    )


def _is_reported(old: Copy, new: Copy, look: PageObservation) -> bool:
    is_other = (old.relation, old.fit) != (new.relation, new.fit)
    # What stands in two wordings alike is carried by the page whichever of them State shows.
    is_other |= new.relation is Relation.SUPERSEDED and old.revision != new.revision
    is_reworded = set(old.differences) != set(new.differences)
    # What the page carries of a statement is another share of it once State has made it longer or shorter.
    is_other_part = not look.is_retrace and abs(old.coverage - new.coverage) >= TOLD_COVERAGE
    return is_other or is_reworded or is_other_part


def _is_other_text(old: Copy, new: Copy) -> bool:
    """What other eyes may tell: they see more of a text or less, but its words as they are."""
    return (old.fit is Relation.ALTERED) is not (new.fit is Relation.ALTERED)


def _missed(copy: Copy, at: datetime) -> Copy:
    since = copy.missing_since or at
    misses = copy.misses + 1
    is_certain = misses >= CONFIRM_CHECKS and at - since >= CONFIRM_SPAN
    return replace(copy, misses=misses, missing_since=since, gone_at=since if is_certain else None)


def _event(
    kind: EventKind,
    finding: CopyFinding,
    look: PageObservation,
    *,
    because: Iterable[str] = (),
    before: str | None = None,
    after: str | None = None,
) -> Event:
    is_altered = finding.fit is Relation.ALTERED
    grades = [finding.grade if is_altered else None, finding.changed_grade]
    withdrawn = ("State has withdrawn the statement",) if finding.statement.state is PublicationState.WITHDRAWN else ()
    return Event(
        kind,
        look.at,
        look.source,
        statement_id=finding.statement.id,
        guid=finding.statement.guid,
        url=finding.statement.url,
        title=finding.statement.title,
        grade=max((grade for grade in grades if grade), key=lambda grade: grade.rank, default=None),
        reasons=(
            *because,
            *(_few(finding.differences) if is_altered else ()),
            *(f"State has changed since: {what}" for what in finding.changed_since),
            *withdrawn,
        ),
        before=before,
        after=after,
        page_url=look.page_url,
        page_title=look.page_title,
        relation=finding.relation,
        revision=finding.revision,
        coverage=finding.coverage,
        fidelity=finding.fidelity,
    )


def _few(differences: Sequence[str]) -> tuple[str, ...]:
    more = len(differences) - MAX_REASONS
    return (*differences[:MAX_REASONS], f"and {more} more") if more > 0 else tuple(differences)


def _gone(copy: Copy, statement: Statement, look: PageObservation) -> Event:
    since = copy.missing_since or look.at
    what = look.missing or "the page no longer carries it"
    return Event(
        EventKind.COPY_GONE,
        look.at,
        look.source,
        statement_id=statement.id,
        guid=statement.guid,
        url=statement.url,
        title=statement.title,
        reasons=(f"{what}: {copy.misses} looks since {since:%Y-%m-%d %H:%M} UTC",),
        before=copy_summary(copy),
        page_url=look.page_url,
        page_title=look.page_title,
        relation=copy.relation,
        revision=copy.revision,
        coverage=copy.coverage,
        fidelity=copy.fidelity,
    )


def carried_since(copy: Copy, page: MirrorPage, statement: Statement) -> tuple[datetime, bool]:
    """Since when a page carries a statement, and whether the page itself says so (else it was first seen then).

    A page's own time is believed where it lies between State's publication and the first sight.
    """
    published_at = page.published_at if page.precision is not Precision.DAY else None
    earliest = statement.published_at
    if published_at and earliest and earliest <= published_at <= copy.first_seen_at:
        return published_at, True
    return copy.first_seen_at, False
