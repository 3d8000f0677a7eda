"""Place of a phrase in a text, with the words around it (pure)."""

import re
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from scraper.text import scripts
from scraper.text.normalize import clean, strip_bidi_controls

_CHARS_BEFORE, _CHARS_AFTER = 90, 150
_MAX_PHRASE_PLACES = 400
_WORD = re.compile(r"[^\W_]+")
# Nor an accent, which belongs to the letter before it.
_NO_LETTER_AFTER = r"(?![^\W_]|[\u0300-\u036f])"
_BLANK = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Context:
    """Words of a text around a phrase, each part as one line: `before`, the phrase as it is written, `after`."""

    before: str
    words: str
    after: str


def find(phrase: str, *texts: str) -> Context:
    """Return the words around the first place at which one of the texts has the words of a phrase in a row.

    Case, accents and what stands between the words make no difference, as in search (see `text.scripts`). If no text
    has them, return the beginning of the first one.
    """
    for look in (_plain_place, _folded_place):  # the first is fast and finds most, the second all
        for text in texts:
            if place := look(text, phrase):
                return around(text, place)
    return around(texts[0], (0, 0))


def _plain_place(text: str, phrase: str) -> tuple[int, int] | None:
    """Return the place of a phrase in ASCII, unless accents or invisible characters are in its way."""
    lower = text.lower()
    if not phrase.isascii() or len(lower) != len(text):
        return None
    for found in _pattern(phrase).finditer(lower):
        if found.start() == 0 or not lower[found.start() - 1].isalnum():
            return found.span()
    return None


@lru_cache(maxsize=16)
def _pattern(phrase: str) -> re.Pattern[str]:
    return re.compile(r"[\W_]+".join(map(re.escape, _WORD.findall(phrase.lower()))) + _NO_LETTER_AFTER)


def _folded_place(text: str, phrase: str) -> tuple[int, int] | None:
    keys = [place.key for place in islice(scripts.places(phrase), _MAX_PHRASE_PLACES)]
    recent: deque[scripts.Place] = deque(maxlen=len(keys))
    for place in scripts.places(text) if keys else ():
        recent.append(place)
        if [each.key for each in recent] == keys:
            return recent[0].start, place.end
    return None


def around(text: str, span: tuple[int, int]) -> Context:
    """Return the context of a span of a text. Cuts are at blanks if there are some, and are marked with "…"."""
    start, end = span
    first, last = max(0, start - _CHARS_BEFORE), min(len(text), end + _CHARS_AFTER)
    before, after = text[first:start], text[end:last]
    if first and (blank := _BLANK.search(before)):
        before = before[blank.end() :]
    if last < len(text):
        after = after[: max((blank.start() for blank in _BLANK.finditer(after)), default=len(after))]
    return Context(
        ("…" if first else "") + _line(before), _line(text[start:end]), _line(after) + ("…" if last < len(text) else "")
    )


def _line(text: str) -> str:
    """Return a part of a text as one line, with a blank at its ends where it has one."""
    line = strip_bidi_controls(clean(text))
    return f"{' ' * text[:1].isspace()}{line}{' ' * (bool(line) and text[-1:].isspace())}"
