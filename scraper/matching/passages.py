"""Hashes by which a single sentence is found: a winnowed sample of a text's overlapping runs of four words (pure).

Winnowing (Schleimer, Wilkerson, Aiken: "Winnowing: Local Algorithms for Document Fingerprinting", 2003) keeps the
smallest of every `PASSAGE_WINDOW` neighbouring hashes, so that two texts that share `PASSAGE_GUARANTEE` words in a row
share a hash for certain.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Final

import xxhash

from scraper.matching import thresholds as t

_ID_BYTES = 8
_BITS = 48
_MASK, _HALF = (1 << _BITS) - 1, 1 << (_BITS - 1)
PASSAGE_GUARANTEE: Final = t.PASSAGE_WORDS + t.PASSAGE_WINDOW - 1
"""Words in a row that two texts share for a hash in common, whatever surrounds them."""


def pack(ids: Sequence[int]) -> bytes:
    """Return the hashes of words as bytes, in which a run of words is found fast: see `find`."""
    return struct.pack(f"<{len(ids)}q", *ids)


def find(packed: bytes, run: bytes, start: int = 0) -> int:
    """Return the first word from `start` on at which a packed run of words stands in a packed text, or -1."""
    at = packed.find(run, start * _ID_BYTES)
    while at >= 0 and at % _ID_BYTES:
        at = packed.find(run, at + 1)
    return at // _ID_BYTES if at >= 0 else -1


def all_hashes(packed: bytes) -> list[int]:
    """Return the hash of each run of `PASSAGE_WORDS` words of a packed text, in order: 48 bits, signed for SQLite."""
    hash_of, size = xxhash.xxh3_64_intdigest, t.PASSAGE_WORDS * _ID_BYTES
    return [(hash_of(packed[at : at + size]) & _MASK) - _HALF for at in range(0, len(packed) - size + 1, _ID_BYTES)]


def guaranteed(hashes: Sequence[int], cuts: Iterable[int] = ()) -> set[int]:
    """Return those hashes of a passage that the index keeps of every text which has the passage.

    `hashes` are those of all its runs, in order. `cuts` are positions in its words before which the text may have more
    words. None is guaranteed for fewer than `PASSAGE_GUARANTEE` words.
    """
    size = t.PASSAGE_WINDOW
    last = len(hashes) - size + 1
    # A window that begins here has words on both sides of a cut.
    cut = {at for place in cuts for at in range(place - PASSAGE_GUARANTEE + 1, place)}
    return {min(hashes[at : at + size]) for at in range(last) if at not in cut}


def sample(packed: bytes) -> list[int]:
    """Return the hashes of a packed text that the index keeps, distinct and sorted."""
    hashes = all_hashes(packed)
    if len(hashes) < t.PASSAGE_WINDOW:
        return sorted(set(hashes))
    windows = zip(*(hashes[at:] for at in range(t.PASSAGE_WINDOW)), strict=False)
    return sorted(set(map(min, windows)))
