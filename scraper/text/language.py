"""Is a text English? By its function words, which no other language has in such numbers (pure)."""

from __future__ import annotations

from scraper.text import normalize

# A third of the words of English prose are of these; of other languages' a few in a hundred.
_FUNCTION_WORDS = frozenset(
    "the of and to in that is for on with as by are be this from at it was our we have has will its their".split()
)
_SHARE = 0.12
_ENOUGH_WORDS = 30
_LOOKED_AT_CHARS = 20_000


def is_foreign(body: str) -> bool:
    """Whether a text is long enough to tell and not in English."""
    body = body[:_LOOKED_AT_CHARS]
    words = normalize.words(body)
    if len(words) < _ENOUGH_WORDS:
        # Chinese and Thai have no blanks between words.
        return sum(not char.isascii() and char.isalpha() for char in body) > 2 * _ENOUGH_WORDS
    return sum(word in _FUNCTION_WORDS for word in words) < _SHARE * len(words)
