"""Tests of the hashes that the index keeps: those that are guaranteed for a sentence, and the sample for a page."""

from hypothesis import given
from hypothesis import strategies as st

from scraper.matching import fingerprints
from scraper.matching import thresholds as t

IDS = st.integers(min_value=0, max_value=40)
RUNS = st.lists(IDS, max_size=30)


def kept(ids: list[int]) -> set[int]:
    return fingerprints.winnow(fingerprints.all_hashes(fingerprints.pack(ids)))


@given(RUNS, RUNS, RUNS)
def test_every_text_with_a_run_keeps_the_guaranteed_hashes(before: list[int], run: list[int], after: list[int]) -> None:
    guaranteed = fingerprints.guaranteed(fingerprints.all_hashes(fingerprints.pack(run)))
    assert guaranteed <= kept([*before, *run, *after])
    assert bool(guaranteed) == (len(run) >= fingerprints.GUARANTEED_WORDS)


@given(RUNS, RUNS, RUNS)
def test_runs_across_a_cut_are_not_guaranteed(first: list[int], second: list[int], between: list[int]) -> None:
    hashes = fingerprints.all_hashes(fingerprints.pack([*first, *second]))
    guaranteed = fingerprints.guaranteed(hashes, [len(first)])
    assert guaranteed <= kept([*first, *between, *second])
    if max(len(first), len(second)) >= fingerprints.GUARANTEED_WORDS:
        assert guaranteed


def test_a_short_run_guarantees_nothing() -> None:
    words = list(range(fingerprints.GUARANTEED_WORDS - 1))
    assert fingerprints.guaranteed(fingerprints.all_hashes(fingerprints.pack(words))) == set()
    assert len(fingerprints.all_hashes(fingerprints.pack(words))) == t.WINDOW_SHINGLES - 1


@given(RUNS, st.lists(IDS, min_size=fingerprints.GUARANTEED_WORDS, max_size=30), RUNS)
def test_a_sparse_sample_of_a_page_has_what_the_index_keeps_of_a_statement_in_it(
    before: list[int], run: list[int], after: list[int]
) -> None:
    page = fingerprints.all_hashes(fingerprints.pack([*before, *run, *after]))
    sample = fingerprints.sparse_sample(page)
    sure = fingerprints.guaranteed(fingerprints.all_hashes(fingerprints.pack(run)))
    assert {value for value in sure if value & 1} <= set(sample.hashes)
    assert set(sample.hashes) <= fingerprints.winnow(page)
    assert sample.places == [at for at, value in enumerate(page) if value in set(sample.hashes)]
    assert sample.hashes == [page[at] for at in sample.places]


def test_of_a_text_with_few_runs_all_are_kept() -> None:
    hashes = fingerprints.all_hashes(fingerprints.pack([1, 2, 3, 4, 5]))
    assert fingerprints.winnow(hashes) == set(hashes)
    assert len(hashes) == 2


def test_half_of_the_runs_are_kept_and_a_quarter_sampled() -> None:
    hashes = fingerprints.all_hashes(fingerprints.pack(range(4000)))
    assert 1900 < len(fingerprints.winnow(hashes)) < 2100
    assert 900 < len(fingerprints.sparse_sample(hashes).hashes) < 1100
    assert all(-(1 << 47) <= value < 1 << 47 for value in hashes)
