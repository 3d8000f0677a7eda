"""Fingerprints of a text: a sample of the hashes of its overlapping runs of words, and hashes of titles (pure)."""

from __future__ import annotations

import re
import struct
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import xxhash

from scraper.matching import thresholds as t
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.text.tokens import Words

_ID_BYTES = 8
_SHINGLE_BYTES = _ID_BYTES * t.SHINGLE_WORDS
# SQLite stores signed numbers.
_HALF = 1 << 63
_SITE_NAME = re.compile(r"\s[–—|-]\s")
_LONG_WORD = 12


class ShingleSample(NamedTuple):
    """Sampled hashes of a text, in its order, and the index of the word at which the run of each begins."""

    hashes: list[int]
    places: list[int]


def sample(ids: Sequence[int]) -> ShingleSample:
    """Sample the hashes of the overlapping runs of `SHINGLE_WORDS` words.

    FracMinHash: a hash is sampled by its own value alone, so that two texts have the same sample of the
    runs that they share, whatever their lengths.
    """
    packed = struct.pack(f"<{len(ids)}q", *ids)
    hash_of = xxhash.xxh3_64_intdigest
    starts = range(0, len(packed) - _SHINGLE_BYTES + 1, _ID_BYTES)
    sampled = [
        (value - _HALF, at // _ID_BYTES)
        for at in starts
        if not (value := hash_of(packed[at : at + _SHINGLE_BYTES])) % t.SAMPLE_ONE_IN
    ]
    return ShingleSample([value for value, _ in sampled], [place for _, place in sampled])


def title_hash(title: str) -> int | None:
    """Return the hash that finds a whole title among the lines of a page; None if it is too short or too long."""
    return _line_hash(normalize.words(title)) if len(title) <= t.TITLE_LINE_WORDS * _LONG_WORD else None


def _line_hash(keys: Sequence[str]) -> int | None:
    if not t.TITLE_MIN_WORDS <= len(keys) <= t.TITLE_LINE_WORDS:
        return None
    return xxhash.xxh3_64_intdigest(" ".join(keys).encode("utf-8", "replace")) - _HALF


def line_hashes(page: Words, title: str | None) -> set[int]:
    """Return hashes of possible titles: the page's own, with and without a site's name, and its first lines."""
    found = {title_hash(part) for part in (title, *_SITE_NAME.split(title))} if title else set[int | None]()
    found.update(map(_line_hash, islice(filter(None, page.lines()), t.MAX_TITLE_LINES)))
    return {value for value in found if value is not None}


def revision_hashes(title: str, body: Words) -> list[int]:
    """Return the distinct hashes by which a revision is found, sorted: the sample of its body and the title's hash."""
    found = set(sample(body.ids).hashes)
    if (whole := title_hash(title)) is not None:
        found.add(whole)
    return sorted(found)
