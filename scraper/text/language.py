"""Detection of texts that are long enough to judge and not in English, by the share of function words (pure)."""

from __future__ import annotations

from scraper.text import normalize

# A third of the words of English prose are among these; in other languages, a few in a hundred.
_FUNCTION_WORDS = frozenset(
    "the of and to in that is for on with as by are be this from at it was our we have has will its their".split()
)
_SHARE = 0.12
_MIN_WORDS = 30
_EXAMINED_CHARS = 20_000


def is_foreign(body: str) -> bool:
    """Return True if a text is long enough to judge and not in English."""
    body = body[:_EXAMINED_CHARS]
    words = normalize.words(body)
    if len(words) < _MIN_WORDS:
        # Chinese and Thai have no blanks between words.
        return sum(not char.isascii() and char.isalpha() for char in body) > 2 * _MIN_WORDS
    return sum(word in _FUNCTION_WORDS for word in words) < _SHARE * len(words)
