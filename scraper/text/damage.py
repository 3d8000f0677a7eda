"""Damaged texts: those that lost characters (U+FFFD) or are garbled, and lost words from another rendering (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from scraper.text.mojibake import REPLACEMENT, fix_mojibake

if TYPE_CHECKING:
    from scraper.model import Wording

_CACHE_SIZE, _CACHED_CHARS = 512, 100_000

# The alignment takes a bit for each pair of words: 50 MB for two texts of 20,000 words, more than any briefing has.
_MAX_PAIRS = 400_000_000
# Lost bytes, and what is left of the other bytes of the same character ("keepersâ\ufffd\ufffd").
_LOST = re.compile(f"[\x80-\xff]{{0,2}}{REPLACEMENT}+[\x80-\xff]{{0,2}}")
_SPACE = re.compile(r"(\s+)")


def is_damaged(read: Wording, known: Wording) -> bool:
    """Return True if only the newly read wording has lost or garbled characters: a wrong character set is no change."""
    return read != known and _has_damage(read) and not _has_damage(known)


def _has_damage(wording: Wording) -> bool:
    # Polls return the same texts hundreds of times; a few huge ones are not worth their memory.
    return _cached_damage(wording) if len(wording.text) <= _CACHED_CHARS else _is_damaged(wording)


def _is_damaged(wording: Wording) -> bool:
    return any(REPLACEMENT in part or fix_mojibake(part) != part for part in (wording.title, wording.text))


_cached_damage = lru_cache(maxsize=_CACHE_SIZE)(_is_damaged)
clear_cache = _cached_damage.cache_clear
"""Clear the cache of `is_damaged`."""


def restore_lost(parts: Sequence[str], known: str) -> tuple[str, ...]:
    """Replace words with lost characters by the words at their place in `known`, as far as these fit.

    A word fits if what is left of the letters and digits stands in it, in order. Other words stay as they are.
    """
    pieces = [_SPACE.split(part) for part in parts]
    places = [(row, at) for row, line in enumerate(pieces) for at in range(0, len(line), 2) if line[at]]
    words, wanted = [pieces[row][at] for row, at in places], known.split()
    if len(words) * len(wanted) > _MAX_PAIRS:
        return tuple(parts)
    from rapidfuzz.distance import Levenshtein  # few texts are damaged

    for block in Levenshtein.opcodes(wanted, words):
        own, other = places[block.dest_start : block.dest_end], wanted[block.src_start : block.src_end]
        for at, (row, piece) in enumerate(own):
            word = other[at] if at < len(other) else ""
            if _fits(pieces[row][piece], word):
                pieces[row][piece] = word
    return tuple("".join(line) for line in pieces)


def is_mostly_lost(parts: Iterable[str]) -> bool:
    """Return True if more than half of the words have lost characters: then nothing can be said about the text."""
    words = [word for part in parts for word in part.split()]
    return 2 * sum(REPLACEMENT in word for word in words) > len(words)


def _fits(damaged: str, word: str) -> bool:
    """Return True if a word may be what a damaged one was."""
    letters = iter(word)
    return REPLACEMENT in damaged and all(it in letters for it in _LOST.sub("", damaged) if it.isalnum())
