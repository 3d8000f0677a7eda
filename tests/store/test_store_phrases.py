"""Phrases in all wordings: exact words of every script, each statement once, and no query is an operator."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from outlets_support import add_statements
from samples import NOON, Piece

if TYPE_CHECKING:
    from scraper.store import Store
    from scraper.text.contexts import Context

HOUR = timedelta(hours=1)
LONG = "The keepers of the harbour have waited since the storm for lamps that the United States has promised to them."


@pytest.fixture
def library(store: Store) -> Store:
    """Statements of which one drops its words, one brings them, one is touched, and one is a repost of the first."""
    gift = Piece(1, title="Gift", body=(f"{LONG} Eighty million lamps.",), published_at=NOON - HOUR)
    visit = Piece(2, title="Visit to Port Merrow", body=("The naïve ambassador re-entered the harbour – at dawn.",))
    scripts = Piece(3, title="رسالة", body=("نص الرسالة إلى فالدوفيا. 湄公河沿岸各国。 한국은 약속했다.",))
    add_statements(store, gift, visit, scripts)
    repost = Piece(4, title="Gift", body=gift.body, published_at=NOON)
    touched = visit.but(body=("The Naïve Ambassador re-entered the harbour - at dawn!",))
    add_statements(store, gift, touched, repost, at=NOON + HOUR)
    fewer = gift.but(body=(f"{LONG} Fifty-eight million lamps.",))
    other = visit.but(body=("The ambassador re-entered the harbour at dusk with Eighty million lamps.",))
    add_statements(store, fewer, other, repost, at=NOON + 2 * HOUR)
    return store


def ids(store: Store, phrase: str) -> list[int]:
    return [use.statement_id for use in store.phrases.find(phrase)]


def test_a_statement_counts_once_and_a_repost_with_its_original(library: Store) -> None:
    uses = {use.statement_id: use for use in library.phrases.find("eighty million")}
    assert set(uses) == {1, 2}
    assert uses[1].reposts == (4,)
    assert ids(library, "harbour") == [2, 1]
    assert library.phrases.find("harbour")[0].revisions == (1, 2)


def test_the_revision_that_dropped_or_brought_it_is_named(library: Store) -> None:
    uses = library.phrases.find("eighty million lamps")
    turns = {statement_id: each.turns for statement_id, each in library.phrases.details("eighty", uses).items()}
    assert [(turn.revision, turn.at, turn.is_there) for turn in turns[1]] == [(2, NOON + 2 * HOUR, False)]
    assert [(turn.revision, turn.is_there) for turn in turns[2]] == [(2, True)]
    assert {use.statement_id: use.is_current for use in uses} == {1: False, 2: True}
    always = library.phrases.find("harbour")
    assert [each.turns for each in library.phrases.details("harbour", always).values()] == [(), ()]


def test_a_repost_that_gains_words_counts_alone(library: Store) -> None:
    repost = Piece(4, title="Gift", body=(f"{LONG} Ninety lamps.",), published_at=NOON)
    add_statements(library, repost, at=NOON + 3 * HOUR)
    assert ids(library, "ninety lamps") == [4]


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("harbour", [2, 1]),
        ("HARBOUR!", [2, 1]),
        ("harbours", []),
        ("harb", []),
        ("million eighty", []),
        ("naive ambassador", [2]),
        ("re entered", [2]),
        ("merrow", [2]),
        ("الرسالة", [3]),
        ("湄公河", [3]),
        ("河", [3]),
        ("公湄", []),
        ("한국은", [3]),
        ("한국", []),  # another form is another word
        ('"eighty" million', [2, 1]),
        ("eighty AND million", []),
        ("eighty OR lamps", []),
        ("title : gift", []),
        ("eigh*", []),
        ("NEAR(eighty million)", []),
        ("", []),
        ("…“*^\x00", []),
        ("\udcff", []),
        ("＂eighty＂ million", [2, 1]),
        ("eighty " * 2000, []),
    ],
)
def test_exact_words_in_a_row_are_found(library: Store, phrase: str, expected: list[int]) -> None:
    assert ids(library, phrase) == expected


def test_context_is_that_of_the_newest_wording_with_it(library: Store) -> None:
    def context(phrase: str, statement_id: int) -> Context:
        return library.phrases.details(phrase, library.phrases.find(phrase))[statement_id].context

    assert context("lamps", 1).words == "lamps"
    assert (context("merrow", 2).before, context("merrow", 2).words) == ("Visit to Port ", "Merrow")
    assert context("eighty", 1).after == " million lamps."
    assert library.phrases.details("lamps", []) == {}
