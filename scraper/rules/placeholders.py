"""Rules that recognise what a site shows in place of a title or a text: nothing, a draft, a password form (pure)."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from scraper.text import normalize

if TYPE_CHECKING:
    from scraper.model import Item


class Absence(StrEnum):
    """Kind of that which stands in the place of a text that is not there."""

    BLANK = "blank"
    FILE = "file"
    LOCKED = "locked"


ABSENCES: Final[dict[str, str]] = {
    Absence.BLANK: "the page has no text any more",
    Absence.FILE: "the text gave way to an embedded file",
    Absence.LOCKED: "the text gave way to a password form",
}
"""Phrases for people, by what stands in the place of a text."""

# WordPress calls a post without a title so, and one that was never saved.
_NO_TITLES = frozenset({"", "autodraft", "notitle", "untitled"})
# WordPress sets these before the title of a post that needs a password, or that only editors see.
_LOCKED = re.compile(
    r"(?:protected|private|protegid[oa]|privad[oa]|protégée?|privée?|geschützt|privat|защищено|личное|محمي|خاص|受保護|保护)"
    r"\s?(?::|：)\s*",
    re.IGNORECASE,
)
_PASSWORD = re.compile(
    r"\b(?:password[- ]protected|(?:is a|this) protected post|enter (?:your|the) password)\b", re.IGNORECASE
)
# Lengths of the labels and forms in the place of a text. What is longer is a text, whatever else the item has.
_MAX_LABEL_WORDS, _MAX_LABEL_CHARS = 60, 20_000
_CACHE_SIZE = 512


def is_label(paragraphs: tuple[str, ...]) -> bool:
    """Return True if some paragraphs are short enough for a label or a form."""
    return sum(map(len, paragraphs)) <= _MAX_LABEL_CHARS and _has_few_words(paragraphs)


# Cached: polls return the same texts hundreds of times.
@lru_cache(maxsize=_CACHE_SIZE)
def _has_few_words(paragraphs: tuple[str, ...]) -> bool:
    counts = accumulate(len(normalize.words(paragraph)) for paragraph in paragraphs)
    return all(words <= _MAX_LABEL_WORDS for words in counts)


def is_no_title(title: str) -> bool:
    """Return True for an empty title, or one that stands for a missing title."""
    return normalize.word_key(title) in _NO_TITLES


def real_title(title: str, known: str) -> str:
    """Return the title of a known statement as an item gives it: the known one if the item shows a placeholder."""
    if title == known or is_no_title(title):
        return known
    lock = _LOCKED.match(title)
    return known if lock and normalize.word_key(title[lock.end() :]) == normalize.word_key(known) else title


def is_locked(title: str, paragraphs: tuple[str, ...]) -> bool:
    """Return True if the text of an item only asks for a password."""
    if not is_label(paragraphs):
        return False
    text = normalize.join(paragraphs)
    return _PASSWORD.search(text) is not None or (not text and _LOCKED.match(title) is not None)


def absence_of(item: Item, known_words: int) -> str | None:
    """Return what stands in place of the text of an item, None if it has one or names none.

    `known_words` is the length of the text that is known, 0 for none: a file in place of a label is no change.
    """
    if is_locked(item.title, item.paragraphs or ()) and (item.paragraphs or item.absence):
        return Absence.LOCKED
    return None if item.absence == Absence.FILE and known_words <= _MAX_LABEL_WORDS else item.absence


clear_cache = _has_few_words.cache_clear
"""Clear the cache of `is_label`."""
