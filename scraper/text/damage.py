"""Repair of lost characters (U+FFFD) in a text with the words of another rendering of the same text (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from scraper.text.mojibake import REPLACEMENT

# The alignment takes a bit for each pair of words: 50 MB for two texts of 20,000 words, more than any briefing has.
_MAX_PAIRS = 400_000_000
# Lost bytes, and what is left of the other bytes of the same character ("keepersâ\ufffd\ufffd").
_LOST = re.compile(f"[\x80-\xff]{{0,2}}{REPLACEMENT}+[\x80-\xff]{{0,2}}")
_SPACE = re.compile(r"(\s+)")


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
