"""The fingerprints of a text: a sample of the hashes of its overlapping runs of words (pure)."""

from __future__ import annotations

import hashlib
import re
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import xxhash

from scraper import text
from scraper.match import thresholds as t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scraper.match.words import Words

_FACTOR = 0x9E3779B97F4A7C15
_MIX = 0xFF51AFD7ED558CCD
_POWERS = tuple(np.uint64(pow(_FACTOR, place, 1 << 64)) for place in range(t.SHINGLE_WORDS + 1))
_SITE_NAME = re.compile(r"\s[–—|-]\s")
_LONG_WORD = 12


def shingles(ids: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """One hash for each run of `size` words, at most `SHINGLE_WORDS`: len(ids) - size + 1 of them, none for less."""
    count = len(ids) - size + 1
    if count <= 0:
        return np.empty(0, np.int64)
    words = ids.view(np.uint64)
    total = np.zeros(count, np.uint64)
    for place in range(size):
        total += words[place : place + count] * _POWERS[size - place]
    total ^= total >> np.uint64(33)
    total *= np.uint64(_MIX)
    total ^= total >> np.uint64(29)
    return total.view(np.int64)


def sample(ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The kept hashes in order, and the word at which the run of each begins.

    FracMinHash: a hash is kept by its own value alone, so that two texts keep the same ones of what
    they share, whatever their lengths.
    """
    hashes = shingles(ids, t.SHINGLE_WORDS)
    places = np.flatnonzero(hashes % t.SAMPLE_ONE_IN == 0)
    return hashes[places], places


def title_hash(title: str) -> int | None:
    """The hash of a whole title, for finding it among the lines of a page; None for what is too short or too long."""
    return _line_hash(text.words(title)) if len(title) <= t.TITLE_LINE_WORDS * _LONG_WORD else None


def _line_hash(keys: Sequence[str]) -> int | None:
    if not t.TITLE_MIN_WORDS <= len(keys) <= t.TITLE_LINE_WORDS:
        return None
    return xxhash.xxh3_64_intdigest(" ".join(keys).encode("utf-8", "replace")) - (1 << 63)


def of_lines(page: Words, title: str | None) -> set[int]:
    """The hashes of what could be titles: the page's own, with and without a site's name, and its first lines."""
    found = {title_hash(part) for part in (title, *_SITE_NAME.split(title))} if title else set[int | None]()
    found.update(map(_line_hash, islice(filter(None, page.lines()), t.MAX_TITLE_LINES)))
    return {value for value in found if value is not None}


def of_revision(title: str, body: Words) -> list[int]:
    """The distinct hashes that a revision is found by, sorted: the sample of its body, and its title as one."""
    hashes, _ = sample(body.ids)
    found = {int(value) for value in hashes}
    if (whole := title_hash(title)) is not None:
        found.add(whole)
    return sorted(found)


def digest(body: Words) -> str:
    """The hash by which bodies with the same words are one: SHA-256 of the words without spaces."""
    return hashlib.sha256(text.joined(body.keys).encode("utf-8", "replace")).hexdigest()
