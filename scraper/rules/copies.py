"""Rules that compare the copies known on a page with those found now and derive copy events (pure).

- A copy counts as gone only once it is confirmed (`schedule.is_confirmed`) that the page lacks it or is not found, as
  for State's own pages: sites have bad hours, and consent walls.
- Two parsers may read one page differently (a feed's text, the page itself): the result of another parser replaces
  what was known without an event, unless the text is altered for only one of the two.
- When State replaces a wording, its copies become outdated, even if their pages are not fetched again. The event of a
  copy that did not change itself has only what State has changed: no values before and after, and no difference that
  the page already had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from scraper.model import Event, EventKind, Grade, Item, Precision, PublicationState, Reason, Relation, Statement
from scraper.pages import Copy, MirrorPage, PassageMatch
from scraper.rules.events import about, remarks
from scraper.rules.schedule import is_confirmed
from scraper.text.reasons import weightiest

# A change of coverage below this share of the statement is reported only together with another change.
REPORTED_COVERAGE = 0.05
# A page may have a statement before the monitor sees it at State; a claim that cannot be looked up waits this long.
CLAIM_WAIT = timedelta(hours=24)
# A date without a time covers its whole day, in Washington too.
DATED_BEFORE = "carries it, but is dated before State's"
_NOT_ON_PAGE = "the page no longer carries it"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFinding(PassageMatch):
    """Match on a page as it was found now.

    `changed_since` lists what State has changed since that revision, and `changed_grade` is the grade of
    these changes; empty and None if the revision is the current one.
    """

    statement: Statement
    differences: tuple[Reason, ...] = ()
    changed_since: tuple[Reason, ...] = ()
    changed_grade: Grade | None = None


@dataclass(frozen=True, slots=True)
class PageObservation:
    """Circumstances of a check of a page: of its content now, or again of that from `first_seen_at` to `last_seen_at`.

    `same_parser` is True if the known copies were read by the same parser. `is_rematch` is True if the page was not
    fetched: what changed is what is known of State. `missing` gives in words the reason why the page carries nothing,
    if the response was not a document. `backfill`: the page, and its wording, existed when monitoring began.
    `published_at` is the date of the page.
    """

    at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    source: str
    page_id: int
    page_url: str
    page_title: str
    same_parser: bool = True
    is_rematch: bool = False
    backfill: bool = False
    missing: str = ""
    published_at: datetime | None = None
    precision: Precision | None = None


@dataclass(frozen=True, slots=True)
class CopyDecision:
    """Copies of a page after a check, and the events to report."""

    copies: tuple[Copy, ...]
    events: tuple[Event, ...]


def derive(
    known: Sequence[Copy], statements: dict[int, Statement], found: Sequence[CopyFinding], observation: PageObservation
) -> CopyDecision:
    """Derive the copies of a page and their events from a check. `statements` are those of the known copies, by id."""
    before = {copy.statement_id: copy for copy in known}
    copies, events = list[Copy](), list[Event]()
    for finding in found:
        old = before.pop(finding.statement.id, None)
        copy = _copy(finding, old, observation)
        copies.append(copy)
        if old is None or old.gone_at is not None:
            back = remarks(
                f"it had been gone since {old.gone_at:%Y-%m-%d %H:%M} UTC" if old and old.gone_at else "",
                DATED_BEFORE if is_dated_before(observation, finding.statement) else "",
            )
            is_history = observation.backfill and old is None
            events.append(replace(_carried(EventKind.COPY_FOUND, finding, observation, back), backfill=is_history))
        elif _is_reported(old, copy, observation) if observation.same_parser else _is_other_text(old, copy):
            if _is_only_outdated(old, copy, observation):
                events.append(_carried(EventKind.COPY_CHANGED, finding, observation, is_by_state=True))
            else:
                changed = _carried(EventKind.COPY_CHANGED, finding, observation)
                events.append(replace(changed, before=copy_summary(old), after=copy_summary(copy)))
    for old in before.values():
        if old.gone_at is not None or observation.is_rematch:
            continue
        copy = _missed(old, observation.at)
        copies.append(copy)
        if copy.gone_at is not None:
            events.append(_gone(copy, statements[copy.statement_id], observation))
    return CopyDecision(tuple(copies), tuple(events))


def unsourced(page: MirrorPage, at: datetime, source: str, nearest: str, because: str) -> Event:
    """Build the event of a page that names the Department as its author while no known statement has its text.

    `nearest` names the statement that it resembles, if any; `because` lists what was looked up.
    """
    return Event(
        EventKind.UNSOURCED,
        at,
        source,
        reasons=remarks(*(f"says “{quote}”" for quote in page.quotes), because, nearest),
        after=page.claimed_urls[0] if page.claimed_urls else None,
        page_url=page.url,
        page_title=page.title,
        relation=Relation.UNSOURCED,
        backfill=page.backfill,
    )


def copy_summary(copy: PassageMatch) -> str:
    """Describe a copy in a few words: `excerpt of revision 2, 38%, outdated`."""
    whole = "" if copy.relation is Relation.TRANSLATED else f", {copy.coverage:.0%}"
    return f"{copy.relation} of revision {copy.revision}{whole}{', outdated' if copy.outdated else ''}"


def _copy(finding: CopyFinding, old: Copy | None, observation: PageObservation) -> Copy:
    return Copy(
        **{field.name: getattr(finding, field.name) for field in fields(PassageMatch)},
        page_id=observation.page_id,
        statement_id=finding.statement.id,
        first_seen_at=observation.first_seen_at if old is None else old.first_seen_at,
        last_seen_at=observation.last_seen_at,
        differences=tuple(map(str, finding.differences)),
        misses=old.misses if old and observation.is_rematch else 0,
        missing_since=old.missing_since if old and observation.is_rematch else None,
    )


def _is_reported(old: Copy, new: Copy, observation: PageObservation) -> bool:
    is_other = (old.relation, old.outdated) != (new.relation, new.outdated)
    # A passage that is the same in two wordings is on the page whichever of them is current.
    is_other |= new.outdated and old.revision != new.revision
    return is_other or _is_reworded(old, new) or _is_other_part(old, new, observation)


def _is_only_outdated(old: Copy, new: Copy, observation: PageObservation) -> bool:
    """Return True if State has replaced the wording of a copy that is itself as it was."""
    is_same = (old.relation, old.revision, old.outdated) == (new.relation, new.revision, not new.outdated)
    return new.outdated and is_same and not _is_reworded(old, new) and not _is_other_part(old, new, observation)


def _is_reworded(old: Copy, new: Copy) -> bool:
    return set(old.differences) != set(new.differences)


def _is_other_part(old: Copy, new: Copy, observation: PageObservation) -> bool:
    # The coverage of an unchanged page changes when State makes the statement longer or shorter.
    return not observation.is_rematch and abs(old.coverage - new.coverage) >= REPORTED_COVERAGE


def _is_other_text(old: Copy, new: Copy) -> bool:
    """Return True if exactly one of two parsers reads an altered text: they may read more or less, not other words."""
    return (old.relation is Relation.ALTERED) is not (new.relation is Relation.ALTERED)


def _missed(copy: Copy, at: datetime) -> Copy:
    since = copy.missing_since or at
    misses = copy.misses + 1
    gone_at = since if is_confirmed(since, misses, at) else None
    return replace(copy, misses=misses, missing_since=since, gone_at=gone_at)


def _event(
    kind: EventKind, statement: Statement, match: PassageMatch, observation: PageObservation, **facts: Any
) -> Event:
    return about(
        statement,
        kind,
        observation.at,
        observation.source,
        page_url=observation.page_url,
        page_title=observation.page_title,
        relation=match.relation,
        outdated=match.outdated,
        revision=match.revision,
        coverage=match.coverage,
        fidelity=match.fidelity,
        **facts,
    )


def _carried(
    kind: EventKind,
    finding: CopyFinding,
    observation: PageObservation,
    because: tuple[Reason, ...] = (),
    *,
    is_by_state: bool = False,
) -> Event:
    """Build the event of a page that carries a statement, with what differs in it and what State has changed since.

    With `is_by_state`, leave out what differs in it: it was reported before.
    """
    is_altered = finding.relation is Relation.ALTERED and not is_by_state
    grades = [finding.grade if is_altered else None, finding.changed_grade]
    changes = (
        *(weightiest(finding.differences) if is_altered else ()),
        *(replace(reason, by_state=True) for reason in finding.changed_since),
    )
    is_withdrawn = finding.statement.state is PublicationState.WITHDRAWN
    withdrawn = remarks("State has withdrawn the statement") if is_withdrawn else ()
    return _event(
        kind,
        finding.statement,
        finding,
        observation,
        grade=max((grade for grade in grades if grade), key=lambda grade: grade.rank, default=None),
        reasons=(*because, *changes, *withdrawn),
    )


def _gone(copy: Copy, statement: Statement, observation: PageObservation) -> Event:
    looks = f"{copy.misses} checks since {copy.missing_since or observation.at:%Y-%m-%d %H:%M} UTC"
    why = Reason(observation.missing, looks) if observation.missing else Reason("", f"{_NOT_ON_PAGE}: {looks}")
    return _event(EventKind.COPY_GONE, statement, copy, observation, reasons=(why,), before=copy_summary(copy))


def is_dated_before(page: PageObservation | MirrorPage | Item, statement: Statement) -> bool:
    """Return True if the date of a page is before the publication of a statement.

    On a page that carries the statement, the date is wrong: it is that of a teaser, a comment or a template. So it
    does not prove that the page existed when monitoring began.
    """
    if page.published_at is None or statement.published_at is None:
        return False
    span = page.precision.span if page.precision else timedelta(0)
    return page.published_at + span < statement.published_at


class TimeBasis(StrEnum):
    """Basis of the time since which a page is known to carry a statement, in words for people."""

    DATED = "by its own date"
    LISTED = "by the date in a list of its site"
    SEEN = "first seen"
    BACKFILL = "there when monitoring began"

    @property
    def is_dated(self) -> bool:
        """True if the site gives the time, and not the monitor."""
        return self in {TimeBasis.DATED, TimeBasis.LISTED}

    @property
    def code(self) -> str:
        """Word for programs, which stays as it is."""
        return {"DATED": "date", "LISTED": "list", "SEEN": "seen", "BACKFILL": "start"}[self.name]


@dataclass(frozen=True, slots=True)
class Since:
    """Time since which a page is known to carry a statement, and the delay after State; None if that is not known."""

    at: datetime
    basis: TimeBasis
    delay: timedelta | None

    @property
    def after_s(self) -> int | None:
        """The delay in seconds, as all rows for programs have it; None for what was there when monitoring began."""
        return int(self.delay.total_seconds()) if self.delay is not None else None


def known_since(copy: Copy, page: MirrorPage, statement: Statement) -> Since:
    """Return since when a page is known to carry a statement. What was there when monitoring began has no delay.

    A page's time is used if it lies between State's publication and the time when the copy was first seen.
    """
    published_at = None if page.precision and page.precision.span else page.published_at
    earliest = statement.published_at
    if published_at and earliest and earliest <= published_at <= copy.first_seen_at:
        basis = TimeBasis.LISTED if page.is_date_listed else TimeBasis.DATED
        return Since(published_at, basis, delay_after_state(published_at, statement))
    if page.backfill:
        return Since(copy.first_seen_at, TimeBasis.BACKFILL, None)
    return Since(copy.first_seen_at, TimeBasis.SEEN, delay_after_state(copy.first_seen_at, statement))


def delay_after_state(since: datetime, statement: Statement) -> timedelta | None:
    """Return the delay after State published, or None if State gave only a day or the time is earlier."""
    if statement.published_at is None or since < statement.published_at:
        return None
    if statement.precision and statement.precision.span:
        return None
    return since - statement.published_at
