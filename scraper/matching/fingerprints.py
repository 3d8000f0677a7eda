"""The fingerprints of a text: a sample of the hashes of its overlapping runs of words (pure)."""

from __future__ import annotations

import hashlib
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
# What SQLite stores are signed numbers.
_HALF = 1 << 63
_SITE_NAME = re.compile(r"\s[–—|-]\s")
_LONG_WORD = 12


class ShingleSample(NamedTuple):
    """Hashes that are kept of a text, in its order, and the word at which the run of each begins."""

    hashes: list[int]
    places: list[int]


def sample(ids: Sequence[int]) -> ShingleSample:
    """The kept hashes of the overlapping runs of `SHINGLE_WORDS` words, in order, and where the run of each begins.

    FracMinHash: a hash is kept by its own value alone, so that two texts keep the same ones of what
    they share, whatever their lengths.
    """
    packed = struct.pack(f"<{len(ids)}q", *ids)
    of = xxhash.xxh3_64_intdigest
    starts = range(0, len(packed) - _SHINGLE_BYTES + 1, _ID_BYTES)
    kept = [
        (value - _HALF, at // _ID_BYTES)
        for at in starts
        if not (value := of(packed[at : at + _SHINGLE_BYTES])) % t.SAMPLE_ONE_IN
    ]
    return ShingleSample([value for value, _ in kept], [place for _, place in kept])


def title_hash(title: str) -> int | None:
    """The hash of a whole title, for finding it among the lines of a page; None for what is too short or too long."""
    return _line_hash(normalize.words(title)) if len(title) <= t.TITLE_LINE_WORDS * _LONG_WORD else None


def _line_hash(keys: Sequence[str]) -> int | None:
    if not t.TITLE_MIN_WORDS <= len(keys) <= t.TITLE_LINE_WORDS:
        return None
    return xxhash.xxh3_64_intdigest(" ".join(keys).encode("utf-8", "replace")) - _HALF


def of_lines(page: Words, title: str | None) -> set[int]:
    """The hashes of what could be titles: the page's own, with and without a site's name, and its first lines."""
    found = {title_hash(part) for part in (title, *_SITE_NAME.split(title))} if title else set[int | None]()
    found.update(map(_line_hash, islice(filter(None, page.lines()), t.MAX_TITLE_LINES)))
    return {value for value in found if value is not None}


def of_revision(title: str, body: Words) -> list[int]:
    """The distinct hashes that a revision is found by, sorted: the sample of its body, and its title as one."""
    found = set(sample(body.ids).hashes)
    if (whole := title_hash(title)) is not None:
        found.add(whole)
    return sorted(found)


def digest(body: Words) -> str:
    """The hash by which bodies with the same words are one: SHA-256 of the words without spaces."""
    return hashlib.sha256(normalize.join_words(body.keys).encode("utf-8", "replace")).hexdigest()
