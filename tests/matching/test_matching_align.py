"""Tests of equal runs of words and their best chain, against a plain search."""

from __future__ import annotations

from itertools import pairwise
from math import log2

from hypothesis import given
from hypothesis import strategies as st
from match_support import seeds

from scraper.matching import thresholds as t
from scraper.matching.align import Run, Seeds, _chain, _has_break, _is_apart, _trim_ends, count_beyond
from scraper.text.tokens import Words


@given(st.text("ab", max_size=60), st.text("ab", max_size=60))
def test_seeds_grow_into_every_longest_run_of_equal_words(ours: str, theirs: str) -> None:
    source, page = Words(" ".join(ours)), Words(" ".join(theirs))

    def begins(at: int, place: int) -> bool:
        return min(at, place) >= 0 and ours[at : at + 4] == theirs[place : place + 4] and len(ours[at : at + 4]) == 4

    def length(at: int, place: int) -> int:
        return next(n for n in range(4, 61) if not begins(at + n - 3, place + n - 3))

    starts = [(a, p) for a in range(len(ours)) for p in range(len(theirs)) if begins(a, p) and not begins(a - 1, p - 1)]
    runs = sorted((Run(a, p, length(a, p)) for a, p in starts), key=lambda run: (run.page, run.source))
    often = any(sum(begins(a, p) for p in range(len(theirs))) > t.SEED_REPEATS for a in range(len(ours)))
    assert often or Seeds(page, seeds(page)).runs(seeds(source), b"\1" * len(page)) == runs


def test_a_run_ends_where_words_are_explained_and_begins_after_them() -> None:
    page = Words("one two three four five six seven eight nine ten")
    assert Seeds(page, seeds(page)).runs(seeds(page), b"\1" * 10) == [Run(0, 0, 10)]
    for taken in range(10):
        free = bytearray(b"\1" * 10)
        free[taken] = 0
        found = [run for run in Seeds(page, seeds(page)).runs(seeds(page), free) if run.source == run.page]
        assert sum(run.length for run in found) >= 5
        assert all(free[run.page] and free[run.page_end - 1] for run in found)


def test_of_too_many_runs_the_longest_are_kept() -> None:
    long = " ".join(f"long{n}" for n in range(30))
    # Each letter of an alphabet four times, among words that stand nowhere else.
    short = [f"{'abcdefgh'[n % 8]} " * 4 + f"only{n}" for n in range(600)]
    source, page = Words(" ".join([*short, long])), Words(" ".join([*short[::-1], long]).replace("only", "other"))
    found = Seeds(page, seeds(page)).runs(seeds(source), b"\1" * len(page))
    assert len(found) == t.MAX_BLOCKS
    assert Run(len(source) - 30, len(page) - 30, 30) in found
    assert found == sorted(found, key=lambda run: (run.page, run.source))


RUNS = st.lists(st.builds(Run, st.integers(0, 60), st.integers(0, 60), st.integers(4, 14)), max_size=40, unique=True)


def gain(left: Run, right: Run) -> float | None:
    """Return the gain of a run after another one; None if it may not follow."""
    gaps = right.source - left.source_end, right.page - left.page_end
    overlap = max(0, *(-gap for gap in gaps))
    if overlap >= min(left.length, right.length):
        return None
    return right.length - overlap - t.GAP_COST * log2(2 + sum(max(gap, 0) for gap in gaps))


def weight(chain: list[Run]) -> float:
    gains = [gain(left, right) for left, right in pairwise(chain)]
    assert None not in gains
    return (chain[0].length if chain else 0) + sum(filter(None, gains))


@given(RUNS)
def test_no_other_chain_weighs_more(runs: list[Run]) -> None:
    blocks = sorted(runs, key=lambda run: (run.page, run.source))
    best = list[float]()
    for at, run in enumerate(blocks):
        after = [best[n] + won for n, other in enumerate(blocks[:at]) if (won := gain(other, run)) is not None]
        best.append(max([run.length, *after]))
    assert abs(weight(_chain(blocks)) - max(best, default=0)) < 1e-6


def test_a_chain_looks_back_so_far_and_no_further() -> None:
    first, last = Run(0, 0, 100), Run(2000, 2000, 100)
    # In the statement they stand after the last one, so that it cannot follow them.
    between = [Run(9000 - 5 * n, 200 + 5 * n, 4) for n in range(t.CHAIN_LOOKBACK)]
    assert _chain([first, *between[1:], last]) == [first, last]
    assert last not in _chain([first, *between, last])


def test_an_end_in_another_line_with_fewer_words_than_its_gap_is_removed() -> None:
    source = Words(" ".join(f"lamp{at}" for at in range(70)))
    words = [f"lamp{at}" for at in range(40)], [f"other{at}" for at in range(9)], [f"lamp{at}" for at in range(55, 61)]
    long, short = Run(0, 0, 40), Run(55, 50, 6)
    same_line, other_line = (
        Words(" ".join([*words[0], *words[1]]) + between + " ".join(["more", *words[2], "end"])) for between in " \n"
    )
    assert _trim_ends(source, same_line, [long, short], ()) == (long, short)
    assert _trim_ends(source, other_line, [long, short], ()) == (long,)

    first = Words(" ".join(["more", *words[2], "end"]) + "\n" + " ".join([*words[1], *words[0]]))
    turned = Words(" ".join([*words[2], *(f"lamp{at}" for at in range(61, 76)), *words[0]]))
    chain = [Run(0, 1, 6), Run(21, 17, 40)]
    assert _trim_ends(turned, first, chain, ()) == (chain[1],)


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=6),
    st.lists(st.booleans(), min_size=200, max_size=200),
    st.sampled_from(["", "w3 w4 w5", "w1 w2 w20"]),
)
def test_ends_are_trimmed_by_the_own_words_of_all_runs_beyond_a_gap(gaps, breaks, named: str) -> None:
    source, title = Words(" ".join(f"w{at}" for at in range(120))), named.split()
    page = Words("".join(f"p{at}{chr(10) if is_end else ' '}" for at, is_end in enumerate(breaks)))
    chain, ours, theirs = list[Run](), 0, 0
    for length, before, beside in gaps:
        chain.append(Run(ours + before, theirs + beside, length))
        ours, theirs = chain[-1].source_end, chain[-1].page_end

    def own(runs: list[Run]) -> int:
        return sum(count_beyond(source.keys[run.source : run.source_end], title) for run in runs)

    first, last = 0, len(chain)
    ends = [at for at in range(1, len(chain)) if _has_break(page, chain[at - 1], chain[at])]
    for at in ends:
        if _is_apart(source, page, chain[at - 1], chain[at], own(chain[first:at])):
            first = at
    for at in reversed(ends):
        if at > first and _is_apart(source, page, chain[at - 1], chain[at], own(chain[at:last])):
            last = at
    assert _trim_ends(source, page, chain, title) == tuple(chain[first:last])


def test_words_beyond_a_phrase() -> None:
    assert count_beyond("a b c d".split(), ()) == 4
    assert count_beyond("a b c d".split(), "x y".split()) == 4
    assert count_beyond("a b c d".split(), "x b c y".split()) == 2
    # Of a long run, at least what a phrase that is all in it would leave.
    assert count_beyond(["a"] * (t.EDGE_WORDS + 2), "b a".split()) == t.EDGE_WORDS
