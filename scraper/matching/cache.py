"""Cache of the last used texts, cut into words, up to a total number of words."""

from __future__ import annotations

from collections import OrderedDict

from scraper.text.tokens import Words


class WordsCache:
    """Cache keyed by the text itself, so that no entry is ever out of date. Evicts the least recently used first."""

    def __init__(self, max_words: int) -> None:
        self._room = max_words
        self._entries: OrderedDict[str, Words] = OrderedDict()

    def get(self, text: str) -> Words:
        """Return the words of a text. A text longer than the bound is not cached."""
        if text in self._entries:
            self._entries.move_to_end(text)
            return self._entries[text]
        words = self._entries[text] = Words(text)
        self._room -= len(words)
        while self._room < 0:
            _, evicted = self._entries.popitem(last=False)
            self._room += len(evicted)
        return words
