"""Tests of stored copies: each field comes back with its type."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from samples import NOON, Piece

from scraper.model import Capture, Grade, Item, Outcome, Reading, Relation, Role, Span
from scraper.pages import Copy, MirrorPage
from scraper.pipeline.ingest import Origin, ingest
from scraper.store import CopyFilter

if TYPE_CHECKING:
    from scraper.store import Store

HOUR = timedelta(hours=1)
PAGE, STATEMENT = 1, 2


@pytest.fixture
def prepared(store: Store) -> Store:
    """A store with statements 1 and 2 and pages 1 and 2, so that an exchange of their ids breaks no reference."""
    items = tuple(Item(piece.url, piece.title, piece.guid, paragraphs=piece.body) for piece in (Piece(1), Piece(2)))
    capture = Capture("https://www.state.gov/feed/", NOON, Outcome.OK, 200, body=b"x")
    with store.unit():
        ingest(store, Origin("state", Role.CANONICAL), capture, Reading("feed", items), "")
        for number in (1, 2):
            url = f"https://gazette.example/{number}/"
            page = MirrorPage(0, url, "gazette", "Lamps", Relation.ALTERED, NOON, NOON)
            assert (
                store.pages.save(page, parser="mirror-article", version=1, is_document=True, listed_sha256=None)
                == number
            )
    assert sorted(statement.id for statement in store.statements.find()) == [1, 2]
    return store


WHOLE = Copy(
    page_id=PAGE,
    statement_id=STATEMENT,
    revision=3,
    relation=Relation.ALTERED,
    outdated=True,
    coverage=0.75,
    fidelity=0.5,
    first_seen_at=NOON,
    last_seen_at=NOON + HOUR,
    grade=Grade.MATERIAL,
    differences=("number: 40 → 4", "“lamps” is missing"),
    evidence=("two passages",),
    spans=(Span(statement=(0, 10), page=(20, 31)), Span(statement=(12, 40), page=(50, 79))),
    runner_up_id=4,
    misses=5,
    missing_since=NOON + 2 * HOUR,
    gone_at=NOON + 3 * HOUR,
)
BARE = Copy(
    page_id=PAGE,
    statement_id=STATEMENT,
    revision=1,
    relation=Relation.VERBATIM,
    coverage=1.0,
    fidelity=1.0,
    first_seen_at=NOON,
    last_seen_at=NOON,
)


@pytest.mark.parametrize("copy", [WHOLE, BARE], ids=["all fields", "required fields"])
def test_a_copy_comes_back_as_it_was_saved(prepared: Store, copy: Copy) -> None:
    with prepared.unit():
        prepared.copies.save([copy])
    for found in (
        prepared.copies.on_page(PAGE),
        list(prepared.copies.find(CopyFilter(STATEMENT, "gazette", with_gone=True))),
    ):
        assert found == [copy]
        # An enum member is equal to its text and a span to a pair; their representations differ.
        assert repr(found) == repr([copy])


def test_a_copy_belongs_to_its_own_page_and_statement(prepared: Store) -> None:
    with prepared.unit():
        prepared.copies.save([BARE])
    assert prepared.database.execute("SELECT page_id, statement_id FROM copies").fetchall() == [(PAGE, STATEMENT)]
    assert prepared.copies.on_page(STATEMENT) == []
    assert list(prepared.copies.find(CopyFilter(statement_id=PAGE))) == []


def test_a_copy_that_is_saved_again_replaces_the_earlier_one(prepared: Store) -> None:
    with prepared.unit():
        prepared.copies.save([BARE])
        prepared.copies.save([WHOLE])
    assert prepared.copies.on_page(PAGE) == [WHOLE]


def test_outdated_copies_alone(prepared: Store) -> None:
    outdated = replace(BARE, page_id=2, outdated=True)
    with prepared.unit():
        prepared.copies.save([BARE, outdated])
    assert list(prepared.copies.find(CopyFilter(outdated=True))) == [outdated]
    assert list(prepared.copies.find(CopyFilter())) == [BARE, outdated]
