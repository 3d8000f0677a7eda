"""Uses of a phrase: turns of statements, reposts that count once, and counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from samples import NOON

from scraper.model import PublicationState
from scraper.rules.phrase_uses import (
    PhraseTurn,
    PhraseUse,
    RevisionTimes,
    SameWords,
    count_labels,
    count_months,
    merge_reposts,
    originals,
    turns,
)

HOUR = timedelta(hours=1)
A, B, C = (NOON + number * HOUR for number in range(3))


def use(statement_id: int, **facts: Any) -> PhraseUse:
    given: dict[str, Any] = {
        "title": "Lamps",
        "speaker": None,
        "type": None,
        "published_at": None,
        "precision": None,
        "first_seen_at": NOON + statement_id * HOUR,
        "state": PublicationState.CURRENT,
        "is_current": True,
        "revisions": (1,),
        "revision_id": statement_id,
    }
    return PhraseUse(statement_id, **(given | facts))


def test_turns_are_the_revisions_that_dropped_or_brought_it() -> None:
    three = [RevisionTimes(1, A, None), RevisionTimes(2, B, B), RevisionTimes(3, C, C)]
    assert list(turns(three, {1})) == [PhraseTurn(2, B, is_there=False)]
    assert list(turns(three, {2})) == [PhraseTurn(2, B, is_there=True), PhraseTurn(3, C, is_there=False)]
    assert list(turns(three, {1, 2, 3})) == []
    assert list(turns(three[:1], {1})) == []


def test_a_return_to_an_earlier_revision_brings_it_back() -> None:
    back = [RevisionTimes(1, A, C), RevisionTimes(2, B, B)]
    assert list(turns(back, {1})) == [PhraseTurn(2, B, is_there=False), PhraseTurn(1, C, is_there=True)]


def test_a_repost_has_the_first_statement_with_its_words() -> None:
    found = [
        SameWords("k", "state.gov", 1, 1),
        SameWords("k", "state.gov", 5, 1),
        SameWords("k", "state.gov", 6, 2),  # came to have the same words later: no repost
        SameWords("k", "white.house", 7, 1),  # another authority
        SameWords("m", "state.gov", 5, 2),
        SameWords("m", "state.gov", 9, 1),
        SameWords("n", "state.gov", 8, 1),
        SameWords("n", "state.gov", 8, 2),  # one statement has the words twice
        SameWords("o", "state.gov", 3, 1),
        SameWords("o", "state.gov", 5, 1),
    ]
    assert originals(found) == {5: 1, 9: 1}


def test_a_repost_counts_with_its_original() -> None:
    original, repost, other = use(1), use(5), use(3)
    merged = merge_reposts([repost, other, original], {5: 1, 9: 1})
    assert [(each.statement_id, each.reposts) for each in merged] == [(3, ()), (1, (5,))]
    assert merge_reposts([repost], {5: 1}) == [repost]  # the original does not have it


def test_months_and_labels_are_counted() -> None:
    dated = [use(1, published_at=NOON.replace(year=2021, month=5)), use(2), use(3)]
    assert count_months(dated) == {(2021, 5): 1, (NOON.year, NOON.month): 2}
    assert count_months([]) == {}
    assert count_labels([None, "b", "a", None, "c", "c", None]) == [("c", 2), ("a", 1), ("b", 1), (None, 3)]
