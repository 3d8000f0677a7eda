"""Places at which a text may be cut: never inside a value ("$58 million", "May 12, 2026") or a character (pure)."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import regex

from scraper.text import values
from scraper.text.tokens import Words

# Characters before and after a place that decide what is a value there.
_BEFORE, _AFTER = 1_000, 300
# So far from a place the end of a character is looked for.
_AROUND = 64
_AT_LEAST = 0.6
# What is longer is no value, but a text without blanks.
_LONGEST_VALUE = 100
# Blanks, and the stops of scripts that have no blanks.
_BREAK = re.compile(r"\s|[\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f]")
_CHARACTER = regex.compile(r"\X")
_DIGIT = re.compile(r"[\d$€£¥%]")
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def places(text: str, *, beside_numbers: bool = False) -> Iterator[tuple[int, bool]]:
    """Yield each offset at which a text may be cut, and True if a sentence begins there; never the first word.

    A number stays with the word or sign before it ("UNSCR 2231", "$ 58") and with the word after it ("15 août 2026"),
    also where they are no value here, unless a stop stands between them or `beside_numbers` is set.
    """
    return _places(text, _gaps(text), beside_numbers=beside_numbers)


class _Gap(NamedTuple):
    """Characters between two values, from `end` to `start`, and the offsets at which they may be cut."""

    end: int
    start: int
    opens: bool
    breaks: list[int]


def _gaps(text: str) -> Iterator[_Gap]:
    words = Words(text)
    starts, ends = words.places
    for value in values.find(words, 0, len(words)):
        if value.first:
            end, start = ends[value.first - 1], starts[value.first]
            breaks = [found.end() for found in _BREAK.finditer(text, end, start)]
            yield _Gap(end, start, words.opens_sentence(value.first), breaks)


def _places(text: str, gaps: Iterable[_Gap], *, beside_numbers: bool) -> Iterator[tuple[int, bool]]:
    for gap in gaps:
        if gap.opens or beside_numbers:
            breaks = gap.breaks
        else:
            breaks = _apart_from_numbers(text, gap.end, gap.start, gap.breaks)
        if breaks:
            yield breaks[-1], gap.opens


def _apart_from_numbers(text: str, end: int, start: int, breaks: list[int]) -> list[int]:
    """Return the breaks between the words that end and start here at which no number loses what belongs to it."""
    is_after, is_before = text[end - 1].isdigit(), text[start].isdigit()
    if is_after and (is_before or text[end:start].isspace()):
        return []
    return [at for at in breaks if text[at:start].strip()] if is_before else breaks


def last_place(text: str, most: int) -> int:
    """Return the last offset up to `most` at which to cut: before a sentence if that keeps enough, else a value.

    A text without such a place is cut between two characters as they are seen, and not beside a digit.
    """
    if len(text) <= most:
        return len(text)
    start = max(0, most - _BEFORE)
    part = text[start : most + _AFTER]
    gaps = list(_gaps(part))
    for beside_numbers in (False, True):  # beside a number if there is no other place, as in a table
        possible = _places(part, gaps, beside_numbers=beside_numbers)
        found = [(start + at, opens) for at, opens in possible if start + at <= most]
        sentences = [at for at, opens in found if opens and at >= most * _AT_LEAST]
        if sentences:
            return sentences[-1]
        if found and found[-1][0] >= most - _LONGEST_VALUE:
            return found[-1][0]
    ends = [end for end in _characters(text, most) if end <= most]
    return max((end for end in ends if not _DIGIT.search(text, end - 1, end + 1)), default=max(ends, default=most))


def first_place(text: str, least: int) -> int:
    """Return the first offset from `least` on at which to cut, as `last_place` does."""
    if least <= 0:
        return 0
    start = max(0, least - _AFTER)
    size = len(text) - least
    part = text[start : least + _BEFORE]
    gaps = list(_gaps(part))
    for beside_numbers in (False, True):
        possible = _places(part, gaps, beside_numbers=beside_numbers)
        found = [(start + at, opens) for at, opens in possible if start + at >= least]
        sentences = [at for at, opens in found if opens and len(text) - at >= size * _AT_LEAST]
        if sentences:
            return sentences[0]
        if found and found[0][0] <= least + _LONGEST_VALUE:
            return found[0][0]
    ends = [end for end in _characters(text, least) if end >= least]
    return min((end for end in ends if not _DIGIT.search(text, end - 1, end + 1)), default=min(ends, default=least))


def _characters(text: str, at: int) -> list[int]:
    """Return the ends of the characters, as they are seen, around an offset."""
    start = max(0, at - _AROUND)
    # regex looks back over all the letters of flags before a place, for each of them anew.
    before = max(0, start - _AROUND)
    before -= (before - len(text[:before].rstrip(_FLAG_LETTERS))) % 2  # a flag is two letters
    found = _CHARACTER.finditer(text[before : at + _AROUND], start - before)
    return [before + match.end() for match in found if before + match.end() < at + _AROUND]


def shorten(text: str, chars: int) -> str:
    """Cut a text to at most `chars` characters, an ellipsis included."""
    return text if len(text) <= chars else text[: last_place(text, chars - 1)].rstrip() + "…"
