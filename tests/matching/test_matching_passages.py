"""Tests of the hashes that find a sentence: those that are guaranteed are kept for every text that has it."""

from hypothesis import given
from hypothesis import strategies as st

from scraper.matching import passages
from scraper.matching import thresholds as t

IDS = st.integers(min_value=0, max_value=40)
RUNS = st.lists(IDS, max_size=30)


@given(RUNS, RUNS, RUNS)
def test_every_text_with_a_run_keeps_the_guaranteed_hashes(before: list[int], run: list[int], after: list[int]) -> None:
    guaranteed = passages.guaranteed(passages.all_hashes(passages.pack(run)))
    assert guaranteed <= set(passages.sample(passages.pack([*before, *run, *after])))
    assert bool(guaranteed) == (len(run) >= passages.PASSAGE_GUARANTEE)


@given(RUNS, RUNS, RUNS)
def test_runs_across_a_cut_are_not_guaranteed(first: list[int], second: list[int], between: list[int]) -> None:
    hashes = passages.all_hashes(passages.pack([*first, *second]))
    guaranteed = passages.guaranteed(hashes, [len(first)])
    assert guaranteed <= set(passages.sample(passages.pack([*first, *between, *second])))
    if max(len(first), len(second)) >= passages.PASSAGE_GUARANTEE:
        assert guaranteed


def test_a_short_run_guarantees_nothing() -> None:
    words = list(range(passages.PASSAGE_GUARANTEE - 1))
    assert passages.guaranteed(passages.all_hashes(passages.pack(words))) == set()
    assert len(passages.all_hashes(passages.pack(words))) == t.PASSAGE_WINDOW - 1
