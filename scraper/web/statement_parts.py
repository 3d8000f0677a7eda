"""Parts of the pages of a statement: its facts, its revisions as a strip, its text with a citation, its history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from scraper import page_paths as paths
from scraper.alerts.event_specs import listed_label, listed_sides
from scraper.alerts.format import linkable, one_line, url_label
from scraper.model import AUTHORITY, Event, EventKind, Grade, PublicationState, Revision, Statement
from scraper.rules.spread import SpreadPage, trace_spread
from scraper.store.revisions import RevisionLine
from scraper.web.page import NotFoundError, PageRequest

_SHOWN_REVISIONS = 12
_TITLE_CHARS = 120
_SIDE_CHARS = 300
_NAMES = {AUTHORITY: "US Department of State"}

STATEMENT_KINDS = tuple(kind.value for kind in EventKind if kind.subject == "statement")
"""Kinds of the events of a statement itself, as `EventFilter` takes them."""


@dataclass(frozen=True, slots=True)
class Side:
    """Value before or after a change; `url` is set if it is a URL to link to."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """Event of a statement in words: its label, the values before and after, and what led to it."""

    at: datetime
    label: str
    grade: Grade | None
    before: Side | None
    after: Side | None
    reasons: tuple[str, ...]
    is_backfill: bool


def find(request: PageRequest, statement_id: str) -> Statement:
    """Return the statement with an id. Raise `NotFoundError` if there is none."""
    found = request.store.statements.by_id(int(statement_id))
    if found is None:
        raise NotFoundError(f"There is no statement {statement_id}.")
    return found


def find_revision(request: PageRequest, statement: Statement, number: int) -> Revision:
    """Return a revision of a statement. Raise `NotFoundError` if there is none of this number."""
    found = request.store.revisions.one(statement.id, number)
    if found is None:
        raise NotFoundError(f"Statement {statement.id} has no revision {number}; it has {statement.revisions}.")
    return found


def short_title(statement: Statement) -> str:
    """Return the title of a statement as that of a tab."""
    return one_line(statement.title, _TITLE_CHARS) or "Untitled"


def frame(request: PageRequest, statement: Statement) -> dict[str, Any]:
    """Return what all pages of a statement show: facts, absence, and the strip of revisions."""
    lines = request.store.revisions.lines(statement.id)
    is_withdrawn = statement.state is PublicationState.WITHDRAWN
    shown = lines if len(lines) <= _SHOWN_REVISIONS else [lines[0], *lines[1 - _SHOWN_REVISIONS :]]
    return {
        "statement": statement,
        "state_url": linkable(statement.url),
        "facts": _facts(statement),
        "check": request.store.rechecks.last(statement.id) if is_withdrawn else None,
        "strip": [(line, _path_of(statement, line)) for line in shown],
        "left_out": len(lines) - len(shown),
        "copies": request.store.carriers.count(statement.id),
        "has_history": has_history(request, statement),
    }


def _facts(statement: Statement) -> list[str]:
    """Return type, office, speaker, byline and place, without those that another one of them contains."""
    given = (statement.type, statement.bureau, statement.speaker, statement.byline, statement.place)
    facts = list(dict.fromkeys(filter(None, map(one_line, given))))
    return [fact for fact in facts if not any(fact != other and fact in other for other in facts)]


def _path_of(statement: Statement, line: RevisionLine) -> str:
    """Return the path of the first revision as it was, or of the comparison of a later one with the one before it."""
    if line.number == 1:
        return paths.revision(statement.id, 1)
    return paths.comparison(statement.id, line.number - 1, line.number)


def claims(request: PageRequest, statement: Statement) -> dict[int, SpreadPage]:
    """Return what each page that carries or carried a statement names as its source, by page id."""
    store = request.store
    outlets = trace_spread(statement, store.carriers.all(statement.id), store.searches.names())
    return {each.page.id: each for outlet in outlets for each in outlet.pages}


def document(request: PageRequest, statement: Statement, revision: Revision) -> dict[str, Any]:
    """Return a revision as a document: its text, and what a citation of it needs."""
    evidence = request.store.evidence.of_statement(statement.id) if has_history(request, statement) else {}
    text = revision.wording.text
    return {
        "revision": revision,
        "text": text,
        "digest": sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        "author": _NAMES.get(statement.authority, statement.authority),
        "evidence": evidence.get(revision.number),
    }


def has_history(request: PageRequest, statement: Statement) -> bool:
    """Return True if a statement has pages of its history and its responses: as files only if it has changed.

    Most statements never change, and one response has many of them.
    """
    return request.is_live or statement.revisions > 1


def has_comparison(request: PageRequest, statement: Statement, before: int, after: int) -> bool:
    """Return True if the comparison of two revisions is a page: any of two live, of files those of `compared`."""
    if request.is_live:
        return before != after
    return (before, after) in compared(statement.revisions, statement.revision)


def compared(count: int, current: int) -> set[tuple[int, int]]:
    """Return the comparisons that are files: each revision with the one before, first with last, and with the current.

    All of them would be 3,540 files for a statement of 60 revisions.
    """
    found = {(number - 1, number) for number in range(2, count + 1)} | {(1, count)}
    found |= {(number, current) for number in range(1, count + 1)}
    return {(before, after) for before, after in found if before != after}


def history_lines(events: Iterable[Event]) -> list[HistoryLine]:
    """Return events of a statement in words, the newest first."""
    return [_history_line(event) for event in events][::-1]


def _history_line(event: Event) -> HistoryLine:
    sides = listed_sides(event) or ((event.before, event.after) if _is_touch(event) else (None, None))
    before, after = map(_side, sides)
    label = listed_label(event)
    if event.kind is EventKind.TOUCHED:
        label = f"{label}: {event.part or 'text'}"
    return HistoryLine(
        event.at, label, event.grade, before, after, tuple(map(one_line, event.reason_texts)), event.backfill
    )


def _is_touch(event: Event) -> bool:
    return event.kind is EventKind.TOUCHED


def _side(value: str | None) -> Side | None:
    if not value:
        return None
    url = linkable(value)
    return Side(url_label(url), url) if url else Side(one_line(value, _SIDE_CHARS))
