"""Reparse of stored bodies with the current parsers: finds and replaces wordings that differ from the stored ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.matching.model import RevisionKey
from scraper.pipeline import ingest_pages
from scraper.pipeline.reading import try_read
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
    """A revision (by id of its statement, and number) that the current parser reads differently."""

    statement_id: int
    number: int
    title: str
    parser: str
    before: Wording
    after: Wording


@dataclass(frozen=True, slots=True)
class ReparseResult:
    """Result of a reparse: the number of captures, the number of those that were not readable, and the differences."""

    captures: int
    unread: int
    found: tuple[ReparsedWording, ...]


def find_differences(
    store: Store, progress: Callable[[int, int | None], None] = lambda _done, _total: None
) -> ReparseResult:
    """Read every stored body again from which a wording was first read. Change nothing."""
    captures = list(reparse.first_read(store))
    found: dict[RevisionKey, ReparsedWording] = {}
    unread = 0
    for done, (capture_id, parser, role, keys) in enumerate(captures, start=1):
        progress(done, len(captures))
        reading, _ = try_read(store.captures.get(capture_id), role=role)
        if reading is None or reading.parser != parser:
            unread += 1
            continue
        for item in reading.items:
            for difference in _differing(store, item, parser, keys):
                found.setdefault(RevisionKey(difference.statement_id, difference.number), difference)
    return ReparseResult(len(captures), unread, tuple(found.values()))


def apply(store: Store, found: tuple[ReparsedWording, ...], at: datetime) -> None:
    """Replace the wordings, one transaction each, without events of the statement or of its copies."""
    for difference in found:
        with store.unit():
            key = RevisionKey(difference.statement_id, difference.number)
            reparse.replace_wording(store, key, difference.parser, difference.before, difference.after)
            # The stored wording was parsed incorrectly, so a different result for its copies is no news.
            ingest_pages.retrace_carriers(store, difference.statement_id, at)


def _differing(store: Store, item: Item, parser: str, keys: frozenset[RevisionKey]) -> Iterator[ReparsedWording]:
    candidates = store.statements.candidates(item) if item.paragraphs else ()
    statement = identity.identify(item, candidates, store.statements.text)
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
    """Return the wordings of an item without its own byline, and without the byline of the stored statement."""
    return tuple(build_wording(item.title, item.paragraphs or (), byline) for byline in (item.byline, statement.byline))
