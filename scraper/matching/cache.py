"""Keeps the texts last asked for cut into words, up to a number of words in all."""

from __future__ import annotations

from collections import OrderedDict

from scraper.text.tokens import Words


class WordsCache:
    """By the text itself, so that nothing kept can be out of date. The least recently used go first."""

    def __init__(self, max_words: int) -> None:
        self._room = max_words
        self._kept: OrderedDict[str, Words] = OrderedDict()

    def get(self, text: str) -> Words:
        """The words of a text; one longer than the bound is not kept at all."""
        if text in self._kept:
            self._kept.move_to_end(text)
            return self._kept[text]
        words = self._kept[text] = Words(text)
        self._room -= len(words)
        while self._room < 0:
            _, gone = self._kept.popitem(last=False)
            self._room += len(gone)
        return words
