"""Brackets that an editor adds to a text: note marks, "[sic]", remarks, the acronym of a name before it (pure).

They are no words of the text. A bracket without a mark of the editor counts as a part of the text if it negates.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from scraper.text import comparisons, lexicon, numerals
from scraper.text.lexicon import APOSTROPHES
from scraper.text.tokens import Words

_BRACKET = re.compile(r"\[[^\[\]\n]{1,200}\]|\([“\"‘']?(?:[A-Z]\.?){2,10}s?[”\"’']?\)")
_MARK = re.compile(
    r"\[\s?(?:(?:note|fn|n|ref)(?:\.\s?|\s|(?=\d)))?"
    r"(?:\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,9}|[a-z]|[ivx]{1,6}|citation needed)\s?\]",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r"\[\s?sic\b|\b(?:ed|eds|editor|editors|trans|translator)\.?(?:['’]s)?(?:\snote)?\s?\]"
    r"|\[\s?(?:ed|editor|editors|translator)(?:['’]s?)?\.?(?:\s|:|note)|\bemphasis\s(?:added|mine|ours|in)",
    re.IGNORECASE,
)
_SKIPPED_IN_ACRONYMS = frozenset("of and the for in on to with de du la".split())
_LOOK_BACK_WORDS = 16
# Two words in small letters have any two initials by chance.
_MIN_PLAIN_LETTERS = 3


class Note(NamedTuple):
    """Words [first, stop) in brackets. `label` names their kind; `is_marked` if they say that they are the editor's."""

    first: int
    stop: int
    label: str
    is_marked: bool


def find(words: Words, first: int, stop: int) -> list[Note]:
    """Return the brackets among the words [first, stop) that may be an editor's."""
    if first >= stop:
        return []
    starts, ends = words.places
    found = []
    for match in _BRACKET.finditer(words.text, max(0, starts[first] - 1), min(len(words.text), ends[stop - 1] + 3)):
        begin, end = bisect_left(starts, match.start(), first, stop), bisect_left(starts, match.end(), first, stop)
        if begin < end and (note := _note(words, begin, end, match.group())) is not None:
            found.append(note)
    return found


def _note(words: Words, first: int, stop: int, written: str) -> Note | None:
    if written.startswith("("):
        return Note(first, stop, "acronym", True) if _is_acronym(words, first, stop) else None
    if _REMARK.search(written):
        return Note(first, stop, "editor’s note", True)
    if _MARK.fullmatch(written):
        is_number = stop < len(words) and numerals.is_magnitude(words.keys[stop])
        return None if is_number else Note(first, stop, "note mark", True)
    # "[not]", "$5 [million]", "[more than] 5"
    if any(lexicon.is_negation(key) or numerals.is_magnitude(key) for key in words.keys[first:stop]):
        return None
    if comparisons.find(words, first, stop)[1] == stop:
        return None
    return Note(first, stop, "editor’s bracket", False)


def _is_acronym(words: Words, first: int, stop: int) -> bool:
    """Return True if letters in brackets are the initials of the words before them, small words and endings apart."""
    letters = "".join(words.keys[first:stop])
    if words.written(stop - 1, stop).endswith("s"):
        letters = letters[:-1]
    counts, has_capitals = {0}, True  # the numbers of letters, from the last one, that the words so far may stand for
    for at in range(first - 1, max(-1, first - 1 - _LOOK_BACK_WORDS), -1):
        key, gap = words.keys[at], words.gap(at)
        is_skipped = key in _SKIPPED_IN_ACRONYMS or gap == "-" or gap in APOSTROPHES
        initials = {n + 1 for n in counts if letters[-1 - n] == key[0]}
        has_capitals = has_capitals and (is_skipped or words.text[words.places[0][at]].isupper())
        if len(letters) in initials:
            return has_capitals or len(letters) >= _MIN_PLAIN_LETTERS
        counts = initials | (counts if is_skipped else set())
    return False


def unmatched(
    ours: tuple[Words, Sequence[Note]], theirs: tuple[Words, Sequence[Note]], others: tuple[str, str]
) -> tuple[list[Note], list[Note]]:
    """Return the notes of either text that the other lacks, and that are an editor's for that reason.

    `others` are the words of both texts, joined by blanks: words that the other text has without brackets are no note.
    """
    left, right = (_by_words(words, notes) for words, notes in (ours, theirs))
    kept = left.keys() & right.keys()
    found = []
    for own, other, text in ((left, right, others[1]), (right, left, others[0])):
        # Where both have brackets of their own, words in brackets changed.
        is_alone = all(key in kept or note.is_marked for key, same in other.items() for note in same)
        lone = [(key, note) for key, same in own.items() if key not in kept for note in same]
        found.append([note for key, note in lone if note.is_marked or (is_alone and f" {key} " not in f" {text} ")])
    return found[0], found[1]


def _by_words(words: Words, notes: Sequence[Note]) -> dict[str, list[Note]]:
    found: dict[str, list[Note]] = {}
    for note in notes:
        found.setdefault(" ".join(words.keys[note.first : note.stop]), []).append(note)
    return found
