"""Checks of a statement before a unit is compared with it, cheaper than to cut its whole text into words (pure)."""

import unicodedata
from collections.abc import Iterable, Sequence

from scraper.matching import thresholds as t
from scraper.matching.quotation_alignment import count_words, shared_blocks
from scraper.text import normalize
from scraper.text.tokens import Words

_REACH = 2  # lengths of a unit: a statement may have words that the page left out


def has_text(text: str, part: str) -> bool:
    """Return True if a text certainly has the words of a part, for it has them as written, between other words."""
    at = text.find(part)
    end = at + len(part)
    return at >= 0 and not (text[max(0, at - 1) : at].isalnum() or text[end : end + 1].isalnum())


def has_words(text: str, keys: Iterable[str]) -> bool:
    """Return False if a text lacks one of these words for certain."""
    # Invisible characters, which are not printable, and signs that NFKC changes hide words from a plain search.
    is_plain = text.replace("\n", " ").isprintable()
    folded = (text if is_plain else normalize.remove_format(text)[0]).casefold()
    return all(key in folded for key in keys) or not unicodedata.is_normalized("NFKC", folded)


def may_align(text: str, keys: Sequence[str], ids: Sequence[int], at: int) -> bool:
    """Return False if a statement has too few words of a unit around a run that they share.

    `keys` and `ids` are the words of the unit and their hashes, `at` is the position of the run in it. The places of
    its longest word are examined, twice the unit's length in characters to either side. Most runs of four words are
    equal by chance.
    """
    folded = text.casefold()
    run = slice(at, at + t.SHINGLE_WORDS)
    longest, shared = max(keys[run], key=len), f" {' '.join(keys[run])} "
    if folded.count(longest) > t.WORD_PLACES:
        return True
    reach, has_run = _REACH * len(" ".join(keys)), False
    place = folded.find(longest)
    while place >= 0:
        around = Words(folded[max(0, place - reach) : place + reach])
        has_run = has_run or shared in f" {' '.join(around.keys)} "
        # Most have so few words of the unit that their order does not matter.
        has_enough = sum(map(set(around.keys).__contains__, keys)) >= t.ALTERED_WORDS
        if has_enough and count_words(shared_blocks(ids, around, 0, len(around))) >= t.ALTERED_WORDS:
            return True
        place = folded.find(longest, place + 1)
    return not has_run  # it stands elsewhere, written otherwise
