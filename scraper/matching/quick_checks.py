"""Checks of a statement before a unit is compared with it, cheaper than to cut its whole text into words (pure)."""

import unicodedata
from collections.abc import Iterable, Sequence

from scraper.matching import thresholds as t
from scraper.matching.quotation_alignment import shared_blocks
from scraper.text.tokens import Words


def has_words(text: str, keys: Iterable[str]) -> bool:
    """Return False if a text lacks one of these words for certain."""
    folded = text.casefold()
    return all(key in folded for key in keys) or not unicodedata.is_normalized("NFKC", folded)


def may_align(text: str, keys: Sequence[str], ids: Sequence[int], at: int) -> bool:
    """Return False if a statement has too little of a unit around the run at `at`, which they share.

    Most runs of four words are equal by chance.
    """
    # Without its first letter, which may be a capital: to fold the case of a whole text costs as much as the rest.
    rest = max(keys[at : at + t.PASSAGE_WORDS], key=len)[1:]
    if not rest or not 0 < text.count(rest) <= t.RUN_PLACES:
        return True
    reach = 2 * len(" ".join(keys))
    place = text.find(rest)
    while place >= 0:
        around = Words(text[max(0, place - reach) : place + reach])
        if sum(size for _, _, size in shared_blocks(ids, around, 0, len(around))) >= t.ALTERED_WORDS:
            return True
        place = text.find(rest, place + 1)
    return False
