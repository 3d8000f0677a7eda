"""Fingerprints of a text, by which statements and their sentences are found: hashes of word runs and titles (pure).

The index keeps a winnowed sample of the overlapping runs of four words of each wording (Schleimer, Wilkerson, Aiken:
"Winnowing: Local Algorithms for Document Fingerprinting", 2003): the smallest of every `WINDOW_SHINGLES` neighbouring
hashes, so that two texts that share `GUARANTEED_WORDS` words in a row share a hash for certain. A sentence is looked up
by all of its runs, a whole page by one in two of those that the index would keep of it.
"""

from __future__ import annotations

import re
import struct
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import xxhash

from scraper.matching import thresholds as t
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from scraper.matching.model import Index, RevisionKey
    from scraper.text.tokens import Words

ID_BYTES: Final = 8
"""Bytes of the hash of a word in a packed text."""
_RUN_BYTES = ID_BYTES * t.SHINGLE_WORDS
_BITS = 48
_MASK, _HALF = (1 << _BITS) - 1, 1 << (_BITS - 1)
_SITE_NAME = re.compile(r"\s[–—|-]\s")
_LONG_WORD = 12

GUARANTEED_WORDS: Final = t.SHINGLE_WORDS + t.WINDOW_SHINGLES - 1
"""Words in a row that two texts share for a hash in common, whatever surrounds them."""


class PageRuns:
    """Runs of words of one page: their hashes, and the statements that the index has for them, asked for once."""

    def __init__(self, index: Index, page: Words) -> None:
        self.hashes = all_hashes(page.packed)
        self._index = index
        self._asked = set[int]()
        self._found: dict[int, Sequence[RevisionKey]] = {}

    def postings(self, hashes: Iterable[int]) -> Mapping[int, Sequence[RevisionKey]]:
        """Return what `Index.postings` returns for some hashes.

        The mapping is shared and grows: it has what was returned for other hashes before, and will have more.
        """
        if asked := set(hashes) - self._asked:
            self._asked |= asked
            self._found |= self._index.postings(list(asked))
        return self._found


class Sample(NamedTuple):
    """Sampled hashes of a text, in its order, and the index of the word at which the run of each begins."""

    hashes: list[int]
    places: list[int]


def pack(ids: Sequence[int]) -> bytes:
    """Return the hashes of words as bytes, in which a run of words is found fast: see `find`."""
    return struct.pack(f"<{len(ids)}q", *ids)


def find(packed: bytes, run: bytes, start: int = 0) -> int:
    """Return the first word from `start` on at which a packed run of words stands in a packed text, or -1."""
    at = packed.find(run, start * ID_BYTES)
    while at >= 0 and at % ID_BYTES:
        at = packed.find(run, at + 1)
    return at // ID_BYTES if at >= 0 else -1


def all_hashes(packed: bytes) -> list[int]:
    """Return the hash of each run of `SHINGLE_WORDS` words of a packed text, in order: 48 bits, signed for SQLite."""
    hash_of = xxhash.xxh3_64_intdigest
    starts = range(0, len(packed) - _RUN_BYTES + 1, ID_BYTES)
    return [(hash_of(packed[at : at + _RUN_BYTES]) & _MASK) - _HALF for at in starts]


def guaranteed(hashes: Sequence[int], cuts: Collection[int] = ()) -> set[int]:
    """Return those hashes of a passage that the index keeps of every text which has the passage.

    `hashes` are those of all its runs, in order. `cuts` are positions in its words before which the text may have more
    words. None is guaranteed for fewer than `GUARANTEED_WORDS` words.
    """
    size = t.WINDOW_SHINGLES
    last = len(hashes) - size + 1
    if not cuts:
        return winnow(hashes) if last > 0 else set()
    # A window that begins here has words on both sides of a cut.
    cut = {at for place in cuts for at in range(place - GUARANTEED_WORDS + 1, place)}
    return {min(hashes[at : at + size]) for at in range(last) if at not in cut}


def sparse_sample(hashes: Sequence[int]) -> Sample:
    """Return one in two of the hashes that the index would keep of a text, by their own values, with all their places.

    `hashes` are those of all its runs, in order.
    """
    kept = {value for value in winnow(hashes) if value & 1}
    places = [at for at, value in enumerate(hashes) if value in kept]
    return Sample([hashes[at] for at in places], places)


def winnow(hashes: Sequence[int]) -> set[int]:
    """Return the hashes that the index keeps of a text, from those of all its runs, in order."""
    if len(hashes) < t.WINDOW_SHINGLES:
        return set(hashes)
    # `min` of each window takes twice as long.
    least = hashes
    for _ in range(t.WINDOW_SHINGLES - 1):
        least = [one if one < other else other for one, other in pairwise(least)]
    return set(least)


def title_hash(title: str) -> int | None:
    """Return the hash that finds a whole title among the lines of a page; None if it is too short or too long."""
    return _line_hash(normalize.words(title)) if len(title) <= t.TITLE_LINE_WORDS * _LONG_WORD else None


def _line_hash(keys: Sequence[str]) -> int | None:
    if not t.TITLE_MIN_WORDS <= len(keys) <= t.TITLE_LINE_WORDS:
        return None
    return (xxhash.xxh3_64_intdigest(" ".join(keys).encode("utf-8", "replace")) & _MASK) - _HALF


def line_hashes(page: Words, title: str | None) -> set[int]:
    """Return hashes of possible titles: the page's own, with and without a site's name, and its first lines."""
    found = {title_hash(part) for part in (title, *_SITE_NAME.split(title))} if title else set[int | None]()
    found.update(map(_line_hash, islice(filter(None, page.lines()), t.MAX_TITLE_LINES)))
    return {value for value in found if value is not None}


def revision_hashes(title: str, body: Words) -> list[int]:
    """Return the distinct hashes that the index keeps of a revision, sorted: of its body, and that of its title."""
    found = winnow(all_hashes(body.packed))
    if (whole := title_hash(title)) is not None:
        found.add(whole)
    return sorted(found)
