"""Words of a text as hashes for alignment, with positions and starts of sentences and lines (pure)."""

from __future__ import annotations

import re
import struct
import unicodedata
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate, compress, count, islice
from operator import add, sub
from typing import NamedTuple

import xxhash

from scraper.text import lexicon, normalize, quotations, signs

# A word as written: letters and digits with invisible characters or combining accents between them.
_WRITTEN = re.compile(
    r"[^\W_]+(?:[\u00ad\u0300-\u036f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+[^\W_]*)*"
)
# Characters that are not both printable and normal (NFKC), and no part of a word either.
_NO_WORDS = "\t\r\u00a0\u202f\u2026"
_CHUNK = re.compile(r"\S+")
_MASK = (1 << 63) - 1


class Excerpt(NamedTuple):
    """A part of a text with the spans of its characters that are in quotation marks in the whole text."""

    text: str
    quotations: tuple[tuple[int, int], ...]


class Words:
    """A text cut into its words (those of `scraper.text.normalize.words`), each with a 63-bit hash and its position.

    Everything is computed on first use, because most texts that an index returns are only searched.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def _apart(self) -> str | None:
        """The folded text with a blank for each sign, if its words keep their positions in it."""
        folded = _fold_in_place(self.text)
        return None if folded is None else normalize.blank_signs(folded)

    @cached_property
    def _by_line(self) -> tuple[list[str], tuple[list[int], list[int]]]:
        """The words and their positions in a text whose words move when it is folded."""
        return _locate_by_line(self.text)

    @cached_property
    def keys(self) -> list[str]:
        """The words, normalized and in order."""
        return self._by_line[0] if self._apart is None else self._apart.split()

    @property
    def quick_keys(self) -> list[str]:
        """The words, where their positions are not needed: in some texts these take longer to find."""
        return normalize.words(self.text) if self._apart is None else self.keys

    @cached_property
    def ids(self) -> list[int]:
        """The hash of each word, of 63 bits."""
        # One call encodes all words. A cache of the hashes of words costs as much as the hashing.
        encoded = " ".join(self.keys).encode("utf-8", "replace").split()
        return [value & _MASK for value in map(xxhash.xxh3_64_intdigest, encoded)]

    @cached_property
    def places(self) -> tuple[list[int], list[int]]:
        """The first characters and the ends of the words, as two lists of offsets."""
        return self._by_line[1] if self._apart is None else _locate_all(self._apart)

    @cached_property
    def packed(self) -> bytes:
        """The hashes of the words as bytes, eight for each, in which a run of words is found fast."""
        return struct.pack(f"<{len(self.ids)}q", *self.ids)

    def span(self, first: int, stop: int) -> tuple[int, int]:
        """Return the character span of the words [first, stop), which must not be empty."""
        starts, ends = self.places
        return starts[first], ends[stop - 1]

    def written(self, first: int, stop: int) -> str:
        """Return the text from word `first` to the word before `stop`; empty for an empty range."""
        return self.text[slice(*self.span(first, stop))] if first < stop else ""

    @cached_property
    def signs(self) -> tuple[dict[int, str], dict[int, str]]:
        """The signs of values (see `scraper.text.signs`) before and after words, by the index of the word."""
        # An invisible character beside a sign changes nothing.
        text, removed = normalize.remove_format(self.text)
        starts = self.places[0]
        return signs.by_word(text, [at - bisect_left(removed, at) for at in starts] if removed else starts)

    def wording_key(self) -> str:
        """Return the key of the wording (see `normalize.wording_key`)."""
        if self._apart is None:
            return normalize.wording_key(self.text)
        with_signs = signs.set_signs(self.text, self._apart)
        return normalize.join_words(self.keys if with_signs is self._apart else with_signs.split())

    def signed(self, index: int) -> str:
        """Return a word with the signs that belong to it: two words with other signs are not equal."""
        before, after = self.signs
        return f"{before.get(index, '')}{self.keys[index]}{after.get(index, '')}"

    @cached_property
    def quotations(self) -> list[tuple[int, int]]:
        """The spans of characters in quotation marks, in order."""
        return quotations.find(self.text)

    def span_with_signs(self, first: int, stop: int) -> tuple[int, int]:
        """Return the character span of the words [first, stop), which must not be empty, with the signs at its ends."""
        (start, end), (before, after) = self.span(first, stop), self.signs
        if first in before and (sign := signs.SIGN.search(self.text, start - len(self.gap(first)))):
            start = min(start, sign.start())
        if stop - 1 in after:
            found = signs.SIGN.finditer(self.text, end, end + len(self.gap(stop)))
            end = max((match.end() for match in found), default=end)
        return start, end

    def excerpt(self, first: int, stop: int) -> Excerpt:
        """Return the text from word `first` to the word before `stop` with the signs at its ends."""
        if first >= stop:
            return Excerpt("", ())
        start, end = self.span_with_signs(first, stop)
        inside = (
            (max(at, start) - start, min(to, end) - start) for at, to in self.quotations if at < end and start < to
        )
        return Excerpt(self.text[start:end], tuple(inside))

    def gap(self, index: int) -> str:
        """Return the text between a word and the word before it."""
        starts, ends = self.places
        return self.text[ends[index - 1] if index else 0 : starts[index] if index < len(starts) else None]

    def opens_line(self, index: int) -> bool:
        """Return True if a word is the first of a line (or the text ends before it)."""
        return index in {0, len(self.keys)} or "\n" in self.gap(index)

    def opens_sentence(self, index: int) -> bool:
        """Return True if a word is the first of a sentence or a line (or the text ends before it)."""
        starts, ends = self.places
        if index in {0, len(starts)}:
            return True
        gap = self.text[ends[index - 1] : starts[index]]
        if gap == " ":
            return False
        if "\n" in gap:
            return True
        last = self.text[starts[index - 1] : ends[index - 1]]
        return lexicon.ENDS_SENTENCE.match(gap) is not None and not lexicon.is_abbreviation(last, gap)

    def sentence_starts(self) -> list[int]:
        """Return the first words of all sentences and lines."""
        starts, ends = self.places
        # Most words follow a single blank and open nothing.
        text, gaps = self.text, map(sub, islice(starts, 1, None), ends)
        after_more = [at for at, gap in enumerate(gaps, 1) if gap != 1 or text[ends[at - 1]] != " "]
        return [0, *filter(self.opens_sentence, after_more)] if starts else []

    def sentence_start(self, index: int, lowest: int = 0) -> int:
        """Return the first word of the sentence that a word is in, not before `lowest`."""
        while index > max(lowest, 0) and not self.opens_sentence(index):
            index -= 1
        return index

    def sentence_end(self, index: int, highest: int | None = None) -> int:
        """Return the end of the sentence that the word before `index` is in, not after `highest`."""
        limit = len(self.keys) if highest is None else highest
        while index < limit and not self.opens_sentence(index):
            index += 1
        return index

    def line_start(self, index: int, lowest: int) -> int:
        """Return the first word of the line that a word is in, not before `lowest`."""
        starts, _ = self.places
        if index >= len(starts):
            return max(lowest, 0, index)
        return max(lowest, 0, bisect_left(starts, self.text.rfind("\n", 0, starts[index])))

    def line_end(self, index: int, highest: int) -> int:
        """Return the end of the line that the word before `index` is in, not after `highest`."""
        starts, ends = self.places
        at = self.text.find("\n", ends[index - 1] if index else 0)
        return min(highest, len(starts) if at < 0 else bisect_left(starts, at))

    def lines(self) -> Iterator[list[str]]:
        """Return the words of each line, in order."""
        if self._apart is not None:
            return map(str.split, self._apart.split("\n"))
        return map(normalize.words, self.text.split("\n"))


def _locate_by_line(text: str) -> tuple[list[str], tuple[list[int], list[int]]]:
    """Return the words and their positions, found line by line, because few lines need the slow method."""
    keys, starts, ends = list[str](), list[int](), list[int]()
    at = 0
    for line in text.splitlines(keepends=True):
        folded = line.casefold()
        apart = normalize.blank_signs(folded) if len(folded) == len(line) else ""
        if (fast := normalize.words(line)) == apart.split():
            keys.extend(fast)
            line_starts, line_ends = _locate_all(apart)
            starts.extend(at + start for start in line_starts)
            ends.extend(at + end for end in line_ends)
        else:
            for chunk in _CHUNK.finditer(line):
                for key, start, end in _locate(chunk.group()):
                    keys.append(key)
                    starts.append(at + chunk.start() + start)
                    ends.append(at + chunk.start() + end)
        at += len(line)
    return keys, (starts, ends)


def _locate_all(apart: str) -> tuple[list[int], list[int]]:
    """Return the first characters and the ends of the words of a text that has only blanks between them."""
    # One blank ends each part, so that the lengths and the number of parts before it add up to the position.
    lengths = list(map(len, apart.replace("\n", " ").split(" ")))
    ends = list(compress(map(add, accumulate(lengths), count()), lengths))
    return list(map(sub, ends, filter(None, lengths))), ends


def _fold_in_place(written: str) -> str | None:
    """Return the case-folded text if its words keep their positions in it, or None if `_locate_by_line` is needed."""
    if written.isascii():
        return written.casefold()
    spaced = written
    for sign in _NO_WORDS:
        spaced = spaced.replace(sign, " ")
    folded = spaced.casefold()
    # Printable text has no invisible characters, so that no character in it can join two words.
    is_plain = len(folded) == len(written) and spaced.replace("\n", " ").isprintable()
    return folded if is_plain and unicodedata.is_normalized("NFKC", folded) else None


def _locate(chunk: str) -> list[tuple[str, int, int]]:
    """Return the words of a chunk without white space; if their positions are ambiguous, each has the chunk's span."""
    keys = normalize.words(chunk)
    runs = [(key, *match.span()) for match in _WRITTEN.finditer(chunk) for key in normalize.words(match.group())]
    return runs if [key for key, _, _ in runs] == keys else [(key, 0, len(chunk)) for key in keys]


class WordsCache:
    """Cache keyed by the text itself, so that no entry is ever out of date. Evicts the least recently used first.

    `max_chars` bounds the sum of the lengths of its texts.
    """

    def __init__(self, max_chars: int) -> None:
        self._room = max_chars
        self._entries: OrderedDict[str, Words] = OrderedDict()

    def get(self, text: str) -> Words:
        """Return the words of a text. A text longer than the bound is not cached."""
        if text in self._entries:
            self._entries.move_to_end(text)
            return self._entries[text]
        words = self._entries[text] = Words(text)
        self._room -= len(text)
        while self._room < 0:
            evicted, _ = self._entries.popitem(last=False)
            self._room += len(evicted)
        return words
