"""Sorted arrays of hashes with the rows that have them, and the search in them for many hashes at once (pure)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]
HASH_BITS: Final = 48
"""Bits of a fingerprint."""
_HALF = 1 << (HASH_BITS - 1)
# The highest bits of a hash name its bucket, and the others are kept: they have at most 32 bits.
MIN_BUCKET_BITS: Final = 16
MAX_BUCKET_BITS: Final = 28
_BUCKET_SIZE = 8


def text_key(text: str) -> int:
    """Return a hash of 64 bits of a text, cut from a strong one: no URL can be made to have that of another."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "little")


def sorted_pairs(pairs: Iterable[tuple[int, int]]) -> tuple[Numbers, Numbers]:
    """Return (hash of 64 bits, row) as two arrays sorted by hash; rows with one hash keep their order."""
    found = list(pairs)
    keys = np.array([key for key, _ in found], dtype="<u8")
    rows = np.array([row for _, row in found], dtype="<u4")
    order = np.argsort(keys, kind="stable")
    return keys[order], rows[order]


def rows_of(keys: Numbers, rows: Numbers, wanted: int) -> list[int]:
    """Return the rows that have a hash, from arrays of `sorted_pairs`."""
    first, stop = np.searchsorted(keys, np.uint64(wanted), "left"), np.searchsorted(keys, np.uint64(wanted), "right")
    found: list[int] = rows[first:stop].tolist()
    return found


def bucket_bits(count: int) -> int:
    """Return the bits that name the bucket in a table of `count` hashes."""
    return min(max(MIN_BUCKET_BITS, (count // _BUCKET_SIZE).bit_length()), MAX_BUCKET_BITS)


def unsigned(hashes: Numbers) -> Numbers:
    """Convert fingerprints, which are signed, to numbers that have the same order."""
    return (hashes + np.int64(_HALF)).astype(np.uint64)


@dataclass(frozen=True, slots=True)
class HashTable:
    """Fingerprints with their rows, sorted: the first of each bucket, the low bits of all, and the row of each."""

    bits: int
    starts: Numbers
    lows: Numbers
    rows: Numbers

    @classmethod
    def of(cls, starts: Numbers, lows: Numbers, rows: Numbers) -> Self:
        """Return the table of some arrays; the number of buckets follows from the first."""
        return cls((len(starts) - 1).bit_length() - 1, starts, lows, rows)

    def matches(self, hashes: Numbers) -> tuple[Numbers, Numbers]:
        """Return every pair of a fingerprint and an entry that has it, as the indexes of both, in order.

        A bucket has about eight entries, so that all of them are compared at once: that takes less than a search.
        """
        low_bits = np.uint64(HASH_BITS - self.bits)
        wanted = unsigned(hashes)
        buckets = (wanted >> low_bits).astype(np.int64)
        lows = (wanted & ((np.uint64(1) << low_bits) - np.uint64(1))).astype(np.uint32)
        first = self.starts[buckets].astype(np.int64)
        counts = self.starts[buckets + 1].astype(np.int64) - first
        ends = np.cumsum(counts)
        entries = np.arange(int(counts.sum())) + np.repeat(first - ends + counts, counts)
        queries = np.repeat(np.arange(len(hashes)), counts)
        is_equal = self.lows[entries] == lows[queries]
        return queries[is_equal], entries[is_equal]
