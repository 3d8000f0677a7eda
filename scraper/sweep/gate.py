"""Choice of the texts that may carry or quote a statement, by the runs of words that they share with an index.

All texts in which a trace finds something share runs of words with one statement: twelve words in a row, and rare ones,
if they are a copy, and most of a sentence if they quote it, with or without a change. Most texts share runs of four
words with many statements, by chance. The gate decides by the runs alone, by the rules of `matching` as far as these
can be checked without the statement's words; what passes is compared. Its loss is measured by `benchmarks.sweep`.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from scraper.matching import fingerprints, joined_words
from scraper.matching import thresholds as t
from scraper.sweep import shingles
from scraper.sweep.hash_table import HASH_BITS, HashTable
from scraper.sweep.index_format import COMMON
from scraper.text.tokens import Words

Numbers = NDArray[Any]
Flags = NDArray[np.bool_]
_SURE_WORDS = t.RUN_WORDS
# Two runs of one statement, apart by a changed word or a few.
_NEAR_WORDS = 16
# A sentence of a statement has at most so many words in no known run, or such a share of its words.
_STRANGE_WORDS = 2
_STRANGE_SHARE = 1 - t.ALTERED_SHARE
_PLACE_BITS = 32
_WORD_MASK = np.uint64((1 << 63) - 1)
_REACH_WORDS = 100
_MARK = re.compile("[“”„‟«»\"‘’‚‹›']")


class Suspicion(NamedTuple):
    """Possible content of a text: a copy, or quotations in some ranges of its words."""

    may_copy: bool
    units: frozenset[tuple[int, int]] = frozenset()

    def __bool__(self) -> bool:
        return self.may_copy or bool(self.units)


NOTHING: Final = Suspicion(may_copy=False)
COPY: Final = Suspicion(may_copy=True)


@dataclass(frozen=True, slots=True)
class Gate:
    """Gate over the runs of an index: `runs` is the set of all of them, `table` has the rows of those it keeps."""

    runs: Numbers
    run_bits: int
    table: HashTable

    def suspect(self, words: Words) -> Suspicion:
        """Return what a text may have of statements."""
        packed = _packed(words.quick_keys)
        is_known = shingles.contains(self.runs, shingles.run_hashes(packed, self.run_bits))
        places = np.flatnonzero(is_known)
        if not len(places):
            return NOTHING
        hashes = _hashes(packed, places)
        queries, entries = self.table.matches(hashes)
        rows = self.table.rows[entries].astype(np.int64)
        is_rare = rows != COMMON
        is_kept, is_common = np.zeros((2, len(places)), dtype=bool)
        is_kept[queries] = True
        is_common[queries[~is_rare]] = True
        known = _Known(places, hashes, queries[is_rare], rows[is_rare])
        starts, chosen = _windows(places, hashes, is_kept)
        is_free = np.zeros(len(is_known), dtype=bool)  # windows of common runs, which may be of any row
        is_free[starts[is_common[chosen]]] = True
        is_owned = ~is_common[chosen]
        windows = known.at(starts[is_owned], chosen[is_owned])
        ranges = _ranges(windows, is_free)
        if known.has_score(ranges[0][ranges[2] - ranges[1] >= _SURE_WORDS]):
            return COPY
        shared = known.all()
        near = _near(shared)
        common = _common_ranges(is_free)
        if not (len(ranges[0]) or len(near[0]) or common):
            return NOTHING
        return _Sentences(words, is_known, shared).quotations(ranges, near, common)


class Shared(NamedTuple):
    """Runs of words that a text shares with rows of an index: row, place in the text and weight of each, sorted."""

    rows: Numbers
    places: Numbers
    weights: Numbers


Ranges = tuple[Numbers, Numbers, Numbers]  # rows, first words, words after the last ones


@dataclass(frozen=True, slots=True)
class _Known:
    """Known runs of a text: place and hash of each, and for those with rows (index of the run, row), in order."""

    places: Numbers
    hashes: Numbers
    indexes: Numbers
    rows: Numbers

    @property
    def weights(self) -> Numbers:
        """Weight of each run: 1 / its rows."""
        counts = np.bincount(self.indexes, minlength=len(self.places))
        found: Numbers = 1.0 / np.maximum(counts, 1)
        return found

    def has_score(self, rows: Numbers) -> bool:
        """Return True if one of some rows has the score that a copy needs: of half of the runs, as `matcher` has it."""
        if not len(rows):
            return False
        is_sampled = (self.hashes[self.indexes] & 1) == 1
        _, first = np.unique(np.stack([self.hashes[self.indexes], self.rows]), axis=1, return_index=True)
        is_first = np.zeros(len(self.rows), dtype=bool)
        is_first[first] = True
        counted = is_sampled & is_first & np.isin(self.rows, rows)
        of_row, inverse = np.unique(self.rows[counted], return_inverse=True)
        scores = np.bincount(inverse, weights=self.weights[self.indexes[counted]], minlength=len(of_row))
        return bool((scores >= t.CANDIDATE_SCORE).any())

    def all(self) -> Shared:
        """Return all runs with their rows."""
        return _sorted(self.rows, self.places[self.indexes], self.weights[self.indexes])

    def at(self, places: Numbers, chosen: Numbers) -> Shared:
        """Return the rows of some runs, with other places for them."""
        first, stop = np.searchsorted(self.indexes, chosen, "left"), np.searchsorted(self.indexes, chosen, "right")
        counts = stop - first
        entries = np.arange(int(counts.sum())) + np.repeat(first - np.cumsum(counts) + counts, counts)
        return _sorted(self.rows[entries], np.repeat(places, counts), np.repeat(self.weights[chosen], counts))


def _sorted(rows: Numbers, places: Numbers, weights: Numbers) -> Shared:
    order = np.argsort(rows << _PLACE_BITS | places, kind="stable")
    return Shared(rows[order], places[order], weights[order])


def _packed(keys: Sequence[str]) -> bytes:
    """Return what `Words.packed` is, found faster."""
    encoded = " ".join(keys).encode("utf-8", "replace").split()
    digests = np.fromiter(map(xxhash.xxh3_64_intdigest, encoded), dtype=np.uint64, count=len(encoded))
    return (digests & _WORD_MASK).astype("<u8").tobytes()


def _hashes(packed: bytes, places: Numbers) -> Numbers:
    """Return the fingerprints of the runs at some places."""
    size = fingerprints.ID_BYTES
    digest = xxhash.xxh3_64_intdigest
    length = size * t.SHINGLE_WORDS
    found = [digest(packed[size * at : size * at + length]) for at in places.tolist()]
    # As `fingerprints.all_hashes` makes them: 48 bits, signed.
    mask, half = np.uint64((1 << HASH_BITS) - 1), np.int64(1 << (HASH_BITS - 1))
    return (np.array(found, dtype=np.uint64) & mask).astype(np.int64) - half


def _windows(places: Numbers, hashes: Numbers, is_kept: Flags) -> tuple[Numbers, Numbers]:
    """Return the first places of the windows whose run is kept, and the index of that run in `places`.

    A window is three neighbouring runs, all known; the index of a text with these words keeps the smallest hash.
    """
    if len(places) < t.WINDOW_SHINGLES:
        return places[:0], places[:0]
    at = np.flatnonzero(places[2:] - places[:-2] == t.WINDOW_SHINGLES - 1)
    one, two, three = hashes[at], hashes[at + 1], hashes[at + 2]
    chosen = at + np.where(one <= two, np.where(one <= three, 0, 2), np.where(two <= three, 1, 2))
    kept = is_kept[chosen]
    return places[at[kept]], chosen[kept]


def _ranges(windows: Shared, is_free: Flags) -> Ranges:
    """Return the words in a row that a row has, by windows one after the other: at least six words.

    A window of a common run, whose rows are not known, may be of any row.
    """
    if not len(windows.places):
        return windows.rows, windows.places, windows.places
    # Places without the windows of common runs, which are no gaps.
    ranks = windows.places - np.cumsum(is_free)[windows.places]
    is_next = (np.diff(windows.rows) == 0) & (np.diff(ranks) == 1)
    begins = np.flatnonzero(np.concatenate([[True], ~is_next]))
    ends = np.concatenate([begins[1:], [len(windows.places)]]) - 1
    low, high = windows.places[begins], windows.places[ends]
    # The windows of common runs right before and after them.
    at = np.arange(len(is_free) + 2)
    is_bound = np.concatenate([[True], ~is_free, [True]])  # from the place before the first one
    before = np.maximum.accumulate(np.where(is_bound, at, 0))
    after = np.minimum.accumulate(np.where(is_bound, at, len(at))[::-1])[::-1]
    low, high = before[low], after[high + 2] - 2
    return windows.rows[begins], low, high + fingerprints.GUARANTEED_WORDS


def _common_ranges(is_free: Flags) -> list[tuple[int, int]]:
    """Return the words in a row that too many statements have: a sentence of them is one of the last such statement."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_free, [False]]).astype(np.int8)))
    first, stop = edges[::2], edges[1::2] + fingerprints.GUARANTEED_WORDS - 1
    return list(zip(first.tolist(), stop.tolist(), strict=True))


def _near(shared: Shared) -> Ranges:
    """Return the words from a run to another one of the same row that is near, with a changed word between them."""
    gaps = np.diff(shared.places)
    at = np.flatnonzero((np.diff(shared.rows) == 0) & (gaps > t.SHINGLE_WORDS) & (gaps <= _NEAR_WORDS))
    return shared.rows[at], shared.places[at], shared.places[at + 1] + t.SHINGLE_WORDS


class _Sentences:
    """Sentences of a text, with what is known of their words."""

    def __init__(self, words: Words, is_known: Flags, shared: Shared) -> None:
        self._words = words
        self._count = len(is_known) + t.SHINGLE_WORDS - 1
        covered = np.zeros(self._count, dtype=bool)
        for at in range(t.SHINGLE_WORDS):
            covered[at : at + len(is_known)] |= is_known
        self._strange: list[int] = np.concatenate([[0], np.cumsum(~covered)]).tolist()
        self._shared = shared
        self._keys = shared.rows << _PLACE_BITS | shared.places
        self._units: dict[tuple[int, int], list[tuple[int, int]]] = {}

    def quotations(self, ranges: Ranges, near: Ranges, common: Sequence[tuple[int, int]]) -> Suspicion:
        """Return the sentences, and quotations in quotation marks, which a row may have too.

        `common` are words in a row that too many rows have for their runs to be listed.
        """
        if len(self._words) != self._count:
            return COPY
        found, refused = set[tuple[int, int]](), set[tuple[int, tuple[int, int]]]()
        for first, stop in {*common, *((first, stop) for _, first, stop in _triples(ranges))}:
            if self._has_marked(first, stop):
                found.add((first, stop))
            found |= {unit for unit in self._around(first, stop) if self._is_whole(unit, first, stop)}
        strong = _strong_rows(self._shared)
        for row, first, stop in (*_triples(_of_rows(ranges, strong)), *_triples(_of_rows(near, strong))):
            for unit in self._around(first, stop):
                if unit in found or (row, unit) in refused:
                    continue
                if self._is_altered(unit, row):
                    found.add(unit)
                else:
                    refused.add((row, unit))
        return Suspicion(may_copy=False, units=frozenset(found))

    def _has_marked(self, first: int, stop: int) -> bool:
        """Return True if words in a row are all that stands between two quotation marks."""
        marks = self._marks[bisect_left(self._marks, first) : bisect_right(self._marks, stop)]
        return any(end - start >= t.QUOTED_WORDS for start, end in pairwise(marks))

    def _around(self, first: int, stop: int) -> list[tuple[int, int]]:
        """Return the ranges of words that may be quoted around some words: their sentence, and parts of it."""
        key = (first, stop)
        if key not in self._units:
            self._units[key] = self._find_units(first, stop)
        return self._units[key]

    def _find_units(self, first: int, stop: int) -> list[tuple[int, int]]:
        at = bisect_right(self._openings, first)
        start = max(self._openings[at - 1], first - _REACH_WORDS)
        end = min(self._openings[at] if at < len(self._openings) else self._count, stop + _REACH_WORDS)
        if end < stop:
            # The words go on in the next sentence: what is quoted ends here, or begins there.
            return [*self._find_units(first, end), *self._find_units(end, stop)] if end > first else []
        inner = self._after_sign(start, first), self._before_sign(stop, end)
        keys, found = self._words.keys, {(start, end), inner}
        if joined_words.has_verb_of_saying(keys[start:first]):
            found |= {(first, each) for each in (end, inner[1])}
        if joined_words.has_verb_of_saying(keys[stop:end]):
            found |= {(each, stop) for each in (start, inner[0], first)}
        return sorted(filter(self._is_like, found))

    def _is_like(self, unit: tuple[int, int]) -> bool:
        """Return True if words are enough for a quotation, and nearly all of them are in runs of any statement."""
        first, stop = unit
        least = t.QUOTED_WORDS if self._is_marked(first) else t.BARE_QUOTE_WORDS
        strange = self._strange[stop] - self._strange[first]
        return stop - first >= least and strange <= max(_STRANGE_WORDS, _STRANGE_SHARE * (stop - first))

    def _is_whole(self, unit: tuple[int, int], first: int, stop: int) -> bool:
        """Return True if words in a row are all of what may be quoted."""
        return first <= unit[0] and unit[1] <= stop

    def _is_altered(self, unit: tuple[int, int], row: int) -> bool:
        """Return True if a row shares enough with what may be quoted."""
        first, stop = unit
        low = int(np.searchsorted(self._keys, row << _PLACE_BITS | first))
        high = int(np.searchsorted(self._keys, row << _PLACE_BITS | max(first, stop - t.SHINGLE_WORDS + 1)))
        places, weight = self._shared.places[low:high].tolist(), float(self._shared.weights[low:high].sum())
        covered, end = 0, 0
        for at in places:
            covered += at + t.SHINGLE_WORDS - max(end, at)
            end = at + t.SHINGLE_WORDS
        return weight >= t.SINGLE_WEIGHT and covered >= t.MARKED_COVER * (stop - first)

    def _after_sign(self, start: int, first: int) -> int:
        """Return the word behind the last quotation mark or colon before a range."""
        at = bisect_right(self._marks, first) - 1
        mark = max(start, self._marks[at]) if at >= 0 else start
        return next((at for at in range(first, mark, -1) if ":" in self._words.gap(at)), mark)

    def _before_sign(self, stop: int, end: int) -> int:
        """Return the word behind which the first quotation mark after a range stands."""
        at = bisect_left(self._marks, stop)
        return min(end, self._marks[at]) if at < len(self._marks) else end

    @cached_property
    def _openings(self) -> list[int]:
        """The first words of all sentences."""
        return self._words.sentence_starts()

    @cached_property
    def _marks(self) -> list[int]:
        """The words before which, or behind the last of which, a quotation mark stands, in order."""
        starts = self._words.places[0]
        return sorted({bisect_left(starts, mark.start()) for mark in _MARK.finditer(self._words.text)})

    def _is_marked(self, at: int) -> bool:
        place = bisect_left(self._marks, at)
        return place < len(self._marks) and self._marks[place] == at


def _strong_rows(shared: Shared) -> Numbers:
    """Return the rows whose runs have the weight that an alteration needs."""
    rows, inverse = np.unique(shared.rows, return_inverse=True)
    found: Numbers = rows[np.bincount(inverse, weights=shared.weights, minlength=len(rows)) >= t.SINGLE_WEIGHT]
    return found


def _of_rows(ranges: Ranges, rows: Numbers) -> Ranges:
    is_wanted = np.isin(ranges[0], rows)
    return ranges[0][is_wanted], ranges[1][is_wanted], ranges[2][is_wanted]


def _triples(ranges: Ranges) -> list[tuple[int, int, int]]:
    rows, first, stop = ranges
    return list(zip(rows.tolist(), first.tolist(), stop.tolist(), strict=True))
