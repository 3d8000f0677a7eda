"""Reads stored bodies again with today's parsers: what wordings would be, had they been read so at first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.matching.model import RevisionKey
from scraper.pipeline import ingest_pages
from scraper.pipeline.ingest import read
from scraper.rules import identity
from scraper.rules.wordings import build_wording
from scraper.store import reparse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from scraper.model import Item, Statement, Wording
    from scraper.store import Store


@dataclass(frozen=True, slots=True)
class ReparsedWording:
    """A revision (by row of its statement, and number) that today's parser reads otherwise."""

    statement_id: int
    number: int
    title: str
    parser: str
    before: Wording
    after: Wording


@dataclass(frozen=True, slots=True)
class ReparseResult:
    """What reading again gave: how many captures were read, how many could not be, and what differs."""

    captures: int
    unread: int
    found: tuple[ReparsedWording, ...]


def find_differences(
    store: Store, progress: Callable[[int, int | None], None] = lambda _done, _total: None
) -> ReparseResult:
    """Read every kept body again from which a wording was first read. Changes nothing."""
    captures = list(reparse.first_read(store))
    found: dict[RevisionKey, ReparsedWording] = {}
    unread = 0
    for done, (row, parser, keys) in enumerate(captures, start=1):
        progress(done, len(captures))
        reading, _ = read(store.captures.get(row))
        if reading is None or reading.parser != parser:
            unread += 1
            continue
        for item in reading.items:
            for each in _differing(store, item, parser, keys):
                found.setdefault(RevisionKey(each.statement_id, each.number), each)
    return ReparseResult(len(captures), unread, tuple(found.values()))


def apply(store: Store, found: tuple[ReparsedWording, ...], at: datetime) -> None:
    """Put the wordings right: a unit of work for each, and no event, neither of a statement nor of its copies."""
    for each in found:
        with store.unit():
            key = RevisionKey(each.statement_id, each.number)
            reparse.replace_wording(store, key, each.parser, each.before, each.after)
            # What copies are compared with was misread; that is no news of the copies.
            ingest_pages.retrace_carriers(store, each.statement_id, at)


def _differing(store: Store, item: Item, parser: str, keys: frozenset[RevisionKey]) -> Iterator[ReparsedWording]:
    statement = identity.identify(item, store.statements.candidates(item)) if item.paragraphs else None
    if statement is None:
        return
    for revision in store.statements.revisions(statement.id):
        if RevisionKey(statement.id, revision.number) not in keys:
            continue
        after = _wordings(item, statement)
        if revision.wording not in after and after[0].text:
            yield ReparsedWording(
                statement.id, revision.number, revision.wording.title, parser, revision.wording, after[0]
            )


def _wordings(item: Item, statement: Statement) -> tuple[Wording, ...]:
    """What an item says, without its own byline, or without the one that is known of the statement."""
    return tuple(build_wording(item.title, item.paragraphs or (), byline) for byline in (item.byline, statement.byline))
