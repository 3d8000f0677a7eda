"""Checks of a statement before a unit is compared with it, cheaper than to cut its whole text into words (pure)."""

import unicodedata
from collections.abc import Iterable, Sequence

from scraper.matching import passages
from scraper.matching import thresholds as t
from scraper.matching.quotation_alignment import shared_blocks
from scraper.text import normalize
from scraper.text.tokens import Words


def has_words(text: str, keys: Iterable[str]) -> bool:
    """Return False if a text lacks one of these words for certain."""
    folded = normalize.remove_format(text)[0].casefold()
    return all(key in folded for key in keys) or not unicodedata.is_normalized("NFKC", folded)


def may_align(text: str, keys: Sequence[str], ids: Sequence[int], at: int) -> bool:
    """Return False if a statement has too little of a unit around the run at `at`, which they share.

    Most runs of four words are equal by chance.
    """
    folded = text.casefold()
    run = slice(at, at + t.PASSAGE_WORDS)
    longest, packed = max(keys[run], key=len), passages.pack(ids[run])
    if folded.count(longest) > t.RUN_PLACES:
        return True
    reach, has_run = 2 * len(" ".join(keys)), False
    place = folded.find(longest)
    while place >= 0:
        around = Words(folded[max(0, place - reach) : place + reach])
        has_run |= passages.find(around.packed, packed) >= 0
        if sum(size for _, _, size in shared_blocks(ids, around, 0, len(around))) >= t.ALTERED_WORDS:
            return True
        place = folded.find(longest, place + 1)
    return not has_run  # it stands elsewhere, written otherwise
