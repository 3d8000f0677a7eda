"""Tests of what the index has in common with a unit of a page: places, weights, and which revisions are likely."""

from __future__ import annotations

import pytest

from scraper.matching.model import RevisionKey
from scraper.matching.quotation_hits import Hits, likely
from scraper.matching.quotation_units import Unit

ONE, NEW, OTHER = RevisionKey(1, 1), RevisionKey(1, 2), RevisionKey(2, 1)


def unit(words: int, *, is_marked: bool = True) -> Unit:
    return Unit(tuple(range(words)), frozenset(), is_marked)


def test_a_run_weighs_less_the_more_statements_have_it() -> None:
    hits = Hits([10, 11, 12], {10: (ONE, NEW), 11: (ONE, OTHER)})
    assert hits.weight(ONE) == 1.5
    assert (hits.weight(NEW), hits.weight(OTHER)) == (1, 0.5)
    assert hits.places[ONE] == [0, 1]
    assert hits.cover(ONE) == 5


def test_runs_that_overlap_or_stand_apart_cover_each_word_once() -> None:
    hits = Hits(list(range(9)), {0: (ONE,), 1: (ONE,), 8: (ONE,)})
    assert hits.cover(ONE) == 9


def test_a_hash_of_too_many_statements_leaves_out_its_neighbours() -> None:
    hits = Hits([10, 11, 12], {10: (), 11: []})
    assert hits.common == 6
    assert hits.rare([10, 11, 12]) == [10, 12]


@pytest.mark.parametrize(("is_marked", "expected"), [(True, [ONE]), (False, [])])
def test_a_unit_without_marks_has_to_share_more(is_marked: bool, expected: list[RevisionKey]) -> None:
    hits = Hits(list(range(11)), {3: (ONE,)})  # 4 of 14 words
    assert likely(unit(14, is_marked=is_marked), hits) == expected


def test_what_many_statements_share_is_not_likely() -> None:
    for number, expected in ((4, 4), (5, 0)):
        keys = tuple(RevisionKey(each, 1) for each in range(number))
        assert len(likely(unit(12), Hits(list(range(9)), {2: keys}))) == expected


def test_a_long_unit_shares_more_than_one_run_unless_they_are_common() -> None:
    # 23 words have 20 runs; of these, one changed word and the index may hide all but 4.
    places = (0, 4, 8, 12)
    values = list(range(20))
    assert likely(unit(23), Hits(values, dict.fromkeys(places, (ONE,)))) == [ONE]
    assert likely(unit(23), Hits(values, dict.fromkeys(places[:3], (ONE,)))) == []
    assert likely(unit(23), Hits(values, {**dict.fromkeys(places[:3], (ONE,)), 16: []})) == [ONE]
