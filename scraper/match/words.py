"""The words of a text as numbers, with where each stands and where sentences and lines begin (pure)."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import xxhash

from scraper import lexicon, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WORD = re.compile(r"[^\W_]+")
# A word as it is written: letters and digits with invisible characters or loose accents between them.
_WRITTEN = re.compile(
    r"[^\W_]+(?:[\u00ad\u0300-\u036f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+[^\W_]*)*"
)
_CHUNK = re.compile(r"\S+")
_CACHED_WORDS = 100_000
_MASK = (1 << 63) - 1


class _Ids(dict[str, int]):
    """Hashes of words seen before; emptied when full, so that no page can fill the memory."""

    def __missing__(self, key: str) -> int:
        if len(self) >= _CACHED_WORDS:
            self.clear()
        value = self[key] = xxhash.xxh3_64_intdigest(key.encode("utf-8", "replace")) & _MASK
        return value


_IDS = _Ids()


class Words:
    """A text cut into its words (those of `scraper.text.words`), each with a 63-bit hash and its characters.

    Work that only an alignment needs is done when it is first asked for.
    """

    def __init__(self, text_: str) -> None:
        self.text = text_
        self._places: tuple[list[int], list[int]] | None = None
        self.keys = text.words(text_)
        if self._differs_in_length():
            self.keys = self._place_by_line()
        self.ids: NDArray[np.int64] = np.fromiter(map(_IDS.__getitem__, self.keys), np.int64, len(self.keys))

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def places(self) -> tuple[list[int], list[int]]:
        """First character and end of each word."""
        if self._places is None:
            found = [match.span() for match in _WORD.finditer(self.text.casefold())]
            self._places = [start for start, _ in found], [end for _, end in found]
        return self._places

    def span(self, first: int, stop: int) -> tuple[int, int]:
        """The characters of the words [first, stop), which must not be empty."""
        starts, ends = self.places
        return starts[first], ends[stop - 1]

    def gap(self, index: int) -> str:
        """What stands before a word, after the word before it."""
        starts, ends = self.places
        return self.text[ends[index - 1] if index else 0 : starts[index] if index < len(starts) else None]

    def opens_line(self, index: int) -> bool:
        """Whether a word is the first of a line (or the text ends before it)."""
        return index in {0, len(self.keys)} or "\n" in self.gap(index)

    def opens_sentence(self, index: int) -> bool:
        """Whether a word is the first of a sentence or a line (or the text ends before it)."""
        if self.opens_line(index):
            return True
        gap = self.gap(index)
        starts, ends = self.places
        last = self.text[starts[index - 1] : ends[index - 1]]
        return lexicon.ENDS_SENTENCE.match(gap) is not None and not lexicon.is_abbreviation(last, gap)

    def sentence_start(self, index: int, lowest: int = 0) -> int:
        """The first word of the sentence that a word is in, not before `lowest`."""
        while index > max(lowest, 0) and not self.opens_sentence(index):
            index -= 1
        return index

    def sentence_end(self, index: int, highest: int | None = None) -> int:
        """The end of the sentence that the word before `index` is in, not after `highest`."""
        limit = len(self.keys) if highest is None else highest
        while index < limit and not self.opens_sentence(index):
            index += 1
        return index

    def line_start(self, index: int, lowest: int) -> int:
        """The first word of the line that a word is in, not before `lowest`."""
        starts, _ = self.places
        if index >= len(starts):
            return max(lowest, 0, index)
        return max(lowest, 0, bisect_left(starts, self.text.rfind("\n", 0, starts[index])))

    def line_end(self, index: int, highest: int) -> int:
        """The end of the line that the word before `index` is in, not after `highest`."""
        starts, ends = self.places
        at = self.text.find("\n", ends[index - 1] if index else 0)
        return min(highest, len(starts) if at < 0 else bisect_left(starts, at))

    def _differs_in_length(self) -> bool:
        """Whether places in the case-folded text are not those of the text itself, or its words are others."""
        if self.text.isascii():
            return False
        folded = self.text.casefold()
        if len(folded) != len(self.text):
            return True
        # Printable text has no invisible characters, so that nothing in it can join two words.
        is_plain = unicodedata.is_normalized("NFKC", folded) and self.text.replace("\n", " ").isprintable()
        return not is_plain and _WORD.findall(folded) != self.keys

    def _place_by_line(self) -> list[str]:
        """The words with their places, line by line, because few lines need the slow way."""
        keys, starts, ends = list[str](), list[int](), list[int]()
        at = 0
        for line in self.text.splitlines(keepends=True):
            folded = line.casefold()
            if len(folded) == len(line) and (fast := text.words(line)) == _WORD.findall(folded):
                keys.extend(fast)
                for match in _WORD.finditer(folded):
                    starts.append(at + match.start())
                    ends.append(at + match.end())
            else:
                for chunk in _CHUNK.finditer(line):
                    for key, start, end in _placed(chunk.group()):
                        keys.append(key)
                        starts.append(at + chunk.start() + start)
                        ends.append(at + chunk.start() + end)
            at += len(line)
        self._places = starts, ends
        return keys


def _placed(chunk: str) -> list[tuple[str, int, int]]:
    """The words of a stretch without white space; all with its own place where they cannot be told apart in it."""
    keys = text.words(chunk)
    runs = [(key, *match.span()) for match in _WRITTEN.finditer(chunk) for key in text.words(match.group())]
    return runs if [key for key, _, _ in runs] == keys else [(key, 0, len(chunk)) for key in keys]
