"""Choice of the texts that may carry or quote a statement, by the runs of words that they share with an index.

All texts that a trace finds something in share runs of words with one statement: six words in a row if they quote it in
quotation marks, eight without, and more, or several near each other, if words are changed. Most texts share single runs
of four words with many statements, by chance. The gate looks for more than that; it compares no words, and what passes
it is traced. Its loss is measured by `benchmarks.sweep`.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from scraper.matching import fingerprints
from scraper.matching import thresholds as t
from scraper.sweep import shingles
from scraper.sweep.hash_table import HashTable
from scraper.sweep.index_format import COMMON
from scraper.text.tokens import Words

Numbers = NDArray[Any]
# Windows of six words, of which the index has one run for certain: so many in a row are eight words.
_BARE_WINDOWS = t.BARE_QUOTE_WORDS - fingerprints.GUARANTEED_WORDS + 1
# Two runs of one statement, apart by at least a changed word and at most a sentence's part.
_NEAR_WORDS = 16
_STRANGE_WORDS = 2
_STRANGE_SHARE = 0.25
_QUOTES = frozenset("“”„‟«»\"‘’‚‹›'")


class Shared(NamedTuple):
    """Runs of words that a text shares with rows of an index: pairs of (row, place in the text), sorted."""

    rows: Numbers
    places: Numbers


@dataclass(frozen=True, slots=True)
class Gate:
    """Gate over the runs of an index: `runs` is the set of all of them, `table` has the rows of those it keeps."""

    runs: Numbers
    run_bits: int
    table: HashTable

    def admits(self, words: Words) -> bool:
        """Return True if a text may carry or quote a statement."""
        packed = words.packed
        is_known = shingles.contains(self.runs, shingles.run_hashes(packed, self.run_bits))
        places = np.flatnonzero(is_known)
        if not len(places):
            return False
        hashes = _hashes(packed, places)
        first, stop = self.table.find(hashes)
        # A run that seems to be known, and is not kept, is one of those that the sample leaves out, or of no text.
        windows, chosen = _windows(places, hashes, first < stop)
        is_common = np.zeros(len(places), dtype=bool)
        is_kept = first < stop
        is_common[is_kept] = self.table.rows[first[is_kept]] == COMMON
        in_windows = _expand(self.table, windows, chosen, first, stop, is_common)
        if _has_row(in_windows, windows, is_common[chosen]):
            return True
        singles = np.flatnonzero(is_kept & ~is_common)
        shared = _expand(self.table, places[singles], singles, first, stop, is_common)
        if _has_near(words, shared, is_known):
            return True
        return bool(len(in_windows.places)) and _is_marked(words, np.unique(in_windows.places))


def _hashes(packed: bytes, places: Numbers) -> Numbers:
    """Return the fingerprints of the runs at some places."""
    size = fingerprints.ID_BYTES
    digest = xxhash.xxh3_64_intdigest
    length = size * t.SHINGLE_WORDS
    found = [digest(packed[size * at : size * at + length]) for at in places.tolist()]
    mask = np.uint64((1 << 48) - 1)
    return (np.array(found, dtype=np.uint64) & mask).astype(np.int64) - np.int64(1 << 47)


def _windows(places: Numbers, hashes: Numbers, is_kept: Numbers) -> tuple[Numbers, Numbers]:
    """Return the first places of the windows whose run is kept, and the index of that run in `places`.

    A window is three neighbouring runs, all known; the index of a text with these words keeps the smallest hash.
    """
    if len(places) < t.WINDOW_SHINGLES:
        return places[:0], places[:0]
    at = np.flatnonzero(places[2:] - places[:-2] == t.WINDOW_SHINGLES - 1)
    three = np.stack([hashes[at], hashes[at + 1], hashes[at + 2]])
    chosen = at + np.argmin(three, axis=0)
    kept = is_kept[chosen]
    return places[at[kept]], chosen[kept]


def _expand(
    table: HashTable, places: Numbers, chosen: Numbers, first: Numbers, stop: Numbers, is_common: Numbers
) -> Shared:
    """Return a pair for each row that has the run at a place; those of common runs are left out."""
    rare = ~is_common[chosen]
    places, chosen = places[rare], chosen[rare]
    counts = stop[chosen] - first[chosen]
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    entries = np.arange(total) + np.repeat(first[chosen] - (ends - counts), counts)
    rows, at = table.rows[entries].astype(np.int64), np.repeat(places, counts)
    order = np.lexsort((at, rows))
    return Shared(rows[order], at[order])


def _has_row(shared: Shared, windows: Numbers, is_common: Numbers) -> bool:
    """Return True if a row has windows in a row; a window of a common run, whose rows are not known, may be of any."""
    if not len(shared.places):
        return False
    # Places without the windows of common runs, which are no gaps.
    common = windows[is_common]
    ranks = shared.places - np.searchsorted(common, shared.places)
    is_next = (np.diff(shared.rows) == 0) & (np.diff(ranks) == 1)
    starts = np.concatenate([[True], ~is_next])
    begins = np.flatnonzero(starts)
    ends = np.concatenate([begins[1:], [len(starts)]]) - 1
    low, high = shared.places[begins], shared.places[ends]
    # Windows of common runs right before and after belong to it.
    low, high = _with_common(low, common, -1), _with_common(high, common, 1)
    return bool((high - low + 1 >= _BARE_WINDOWS).any())


def _with_common(places: Numbers, common: Numbers, step: int) -> Numbers:
    found = places
    for _ in range(_BARE_WINDOWS - 1):
        found = np.where(np.isin(found + step, common), found + step, found)
    return found


def _has_near(words: Words, shared: Shared, is_known: NDArray[np.bool_]) -> bool:
    """Return True if a row has two runs in one sentence, and nearly all words between them are in known runs."""
    if len(shared.places) < 2:
        return False
    gaps = np.diff(shared.places)
    is_near = (np.diff(shared.rows) == 0) & (gaps > t.SHINGLE_WORDS) & (gaps <= _NEAR_WORDS)
    if not is_near.any():
        return False
    # The number of words before each that are in no known run.
    covered = np.zeros(len(is_known) + t.SHINGLE_WORDS - 1, dtype=bool)
    for at in range(t.SHINGLE_WORDS):
        covered[at : at + len(is_known)] |= is_known
    strange = np.concatenate([[0], np.cumsum(~covered)])
    first, last = shared.places[:-1][is_near], shared.places[1:][is_near]
    length = last - first + t.SHINGLE_WORDS
    few = strange[last] - strange[first] <= np.maximum(_STRANGE_WORDS, length * _STRANGE_SHARE)
    pairs = set(zip(first[few].tolist(), last[few].tolist(), strict=True))
    return any(
        not any(words.opens_sentence(at) for at in range(start + 1, end + t.SHINGLE_WORDS)) for start, end in pairs
    )


def _is_marked(words: Words, places: Numbers) -> bool:
    """Return True if the words at one of the places begin behind a quotation mark."""
    return any(not _QUOTES.isdisjoint(words.gap(at)) for at in places.tolist())
