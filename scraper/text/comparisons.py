"""Comparisons in words ("more than", "at least") and the signs that stand for them (pure)."""

from typing import Final

from scraper.text.tokens import Words

_PHRASES_BY_SIGN = {
    "<": ("less than", "fewer than", "under", "below"),
    ">": ("more than", "greater than", "over", "above"),
    "\u2265": ("at least", "no less than", "no fewer than", "not less than"),
    "\u2264": ("at most", "up to", "no more than", "not more than"),
    "-": ("minus", "negative"),
}
_PHRASES = sorted(
    ((tuple(phrase.split()), sign) for sign, phrases in _PHRASES_BY_SIGN.items() for phrase in phrases),
    key=lambda pair: -len(pair[0]),
)
STARTS: Final = frozenset(phrase[0] for phrase, _ in _PHRASES)
"""The words with which a comparison begins."""
WORDS: Final = frozenset(word for phrase, _ in _PHRASES for word in phrase)
"""The words that comparisons consist of."""


def find(words: Words, at: int, stop: int) -> tuple[str, int]:
    """Return the sign for the comparison that begins with a word, "" if none does, and the word after it."""
    if words.keys[at] in STARTS:
        for phrase, sign in _PHRASES:
            end = at + len(phrase)
            if end <= stop and tuple(words.keys[at:end]) == phrase:
                return sign, end
    return "", at
