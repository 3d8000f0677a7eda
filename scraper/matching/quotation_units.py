"""Sentences and quotations of a page, each a unit that may quote a statement (pure).

A unit is a sentence, or a quotation in quotation marks; an attribution that splits a quotation ("…," he said, "…") is
no part of it. Words in brackets are an editor's, and an ellipsis is a cut: both are left out of the words that are
compared.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scraper.matching import page_words
from scraper.matching import thresholds as t
from scraper.text.tokens import Words

_CUT = re.compile(r"…|\.\s?\.\s?\.|\[\s*\]")
_ENDS = re.compile(r"[.!?…]\W*\Z")
_INTRODUCED = re.compile(r":\s*\n")
_BRACKET = re.compile(r"\[[^\[\]\n]{0,80}\]")


@dataclass(frozen=True, slots=True)
class Unit:
    """Words of a page that may quote a statement: their indexes in order.

    Before the places in `cuts`, as positions in `words`, the page says that it has left something out. `is_marked`: it
    stands in quotation marks. `is_explained`: a part of it is one of a copy, which can end where a word was changed.
    `is_cut_short`: a site has cut it at its end, as a teaser; a second unit is without the last word. `is_asked`: a
    person asks about it, and nothing is reported.
    """

    words: tuple[int, ...]
    cuts: frozenset[int]
    is_marked: bool
    is_explained: bool = False
    is_cut_short: bool = False
    is_asked: bool = False

    @property
    def first(self) -> int:
        """The first word of the page."""
        return self.words[0]

    @property
    def stop(self) -> int:
        """The word of the page after the last one."""
        return self.words[-1] + 1


def units(page: Words, free: bytes | bytearray) -> Iterator[Unit]:
    """Yield the units of a page, unless `free`, one byte for each word, is 0 for all of their words."""
    marked, starts = _marked_ranges(page), page.sentence_starts()
    joined: list[tuple[int, int]] = []
    for first, stop in marked:
        pieces = list(_sentences(starts, first, stop))
        if joined and _continues(page, joined[-1], first):
            joined.append(pieces.pop(0))
        else:
            yield from _unit(page, joined, free, is_marked=True)
            joined = [pieces.pop(0)]
        if pieces:
            yield from _unit(page, joined, free, is_marked=True)
            for piece in pieces[:-1]:
                yield from _unit(page, [piece], free, is_marked=True)
            joined = [pieces[-1]]
    yield from _unit(page, joined, free, is_marked=True)
    at = 0
    for first, stop in (*marked, (len(page), len(page))):
        for piece in _sentences(starts, at, first):
            if piece[1] - piece[0] < t.BARE_QUOTE_WORDS:
                continue
            if any(free[slice(*piece)]):  # else all of it is a copy, which needs no search for colons
                for part in _after_colons(page, *piece):
                    yield from _bare(page, *part, free)
        at = max(at, stop)


def _bare(page: Words, first: int, stop: int, free: bytes | bytearray) -> Iterator[Unit]:
    """Yield the unit of a sentence without quotation marks, unless it has no end: a headline, or an entry of a menu.

    What a line with a colon introduces is neither, nor is a line of many words: these can be cut without a sign.
    """
    end = page_words.before_call(page, first, stop)
    if _CUT.search(page.gap(end)):
        for last in (end, end - 1):  # the last word may be cut, too
            yield from _unit(page, [(first, last)], free, is_cut_short=True)
    elif end == stop and page_words.SENTENCE_END.search(page.gap(end)):
        yield from _unit(page, [(first, end)], free)
    elif end < stop or _INTRODUCED.search(page.gap(first)) or end - first >= t.UNENDED_WORDS:
        yield from _unit(page, [(first, end)], free, is_cut_short=True)


def _unit(
    page: Words,
    pieces: list[tuple[int, int]],
    free: bytes | bytearray,
    *,
    is_marked: bool = False,
    is_cut_short: bool = False,
) -> Iterator[Unit]:
    least = t.QUOTED_WORDS if is_marked else t.BARE_QUOTE_WORDS
    if sum(stop - first for first, stop in pieces) < least:
        return
    if not any(any(free[first:stop]) for first, stop in pieces):
        return
    found: list[int] = []
    cuts = set[int]()
    for first, stop in pieces:
        start, end = page.span(first, stop)
        if not ("[" in page.text[start - len(page.gap(first)) : end] or _CUT.search(page.text, start, end)):
            found.extend(range(first, stop))
            continue
        noted = _bracketed(page, first, stop)
        for index in range(first, stop):
            if index in noted:
                continue
            if found and found[-1] == index - 1 and _CUT.search(page.gap(index)):
                cuts.add(len(found))
            found.append(index)
    if least <= len(found) <= t.MAX_QUOTE_WORDS:
        is_explained = not all(all(free[first:stop]) for first, stop in pieces)
        yield Unit(tuple(found), frozenset(cuts), is_marked, is_explained, is_cut_short)


def _marked_ranges(page: Words) -> list[tuple[int, int]]:
    if not page.quotations:
        return []
    starts = page.places[0]
    ranges = ((bisect_left(starts, start), bisect_left(starts, end)) for start, end in page.quotations)
    return [(first, stop) for first, stop in ranges if first < stop]


def _sentences(starts: Sequence[int], first: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the sentences between two words; `starts` are the first words of all sentences."""
    inner = starts[bisect_right(starts, first) : bisect_left(starts, stop)]
    if first < stop:
        yield from pairwise((first, *inner, stop))


def _after_colons(page: Words, first: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a sentence that colons divide, if a capital follows: "The Department said: We will…"."""
    at = first
    if ":" not in page.text[slice(*page.span(first, stop))]:
        yield first, stop
        return
    for index in range(first + 1, stop):
        if ":" in page.gap(index) and page.text[page.places[0][index]].isupper():
            yield at, index
            at = index
    yield at, stop


def _continues(page: Words, piece: tuple[int, int], first: int) -> bool:
    """Return True if a quotation goes on, after a short attribution in the same line, in the same sentence."""
    between = page.text[page.span(*piece)[1] : page.places[0][first]]
    if "\n" in between or first - piece[1] > t.ATTRIBUTION_WORDS:
        return False
    closing = between.partition(" ")[0]
    return first > piece[1] and not _ENDS.search(closing.rstrip("”\"’»'"))


def _bracketed(page: Words, first: int, stop: int) -> set[int]:
    start, end = page.span(first, stop)
    start, end = start - len(page.gap(first)), end + 1
    if "[" not in page.text[start:end]:
        return set()
    starts = page.places[0]
    found = set[int]()
    for match in _BRACKET.finditer(page.text, start, end):
        found.update(range(bisect_left(starts, match.start()), bisect_left(starts, match.end())))
    return found
