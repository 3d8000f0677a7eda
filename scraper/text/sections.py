"""Sections of a text: the heading below which a place is (pure).

Headings are kept as texts, not as places: rendering data that survives an edit, and the removal of lines around it.
"""

from bisect import bisect_right
from collections.abc import Collection

from scraper.text.normalize import truncate

_MAX_CHARS = 120


class Sections:
    """Sections of one text. A paragraph that is among `headings` begins one."""

    def __init__(self, text: str, headings: Collection[str]) -> None:
        self._starts: list[int] = []
        self._names: list[str] = []
        known, at = frozenset(headings), 0
        for paragraph in text.split("\n\n") if known else ():
            if paragraph in known:
                self._starts.append(at)
                self._names.append(truncate(" ".join(paragraph.split()), _MAX_CHARS))
            at += len(paragraph) + 2

    def at(self, place: int) -> str:
        """Return the heading above a place, in characters of the text; that heading itself is below it. "" if none."""
        index = bisect_right(self._starts, place)
        return self._names[index - 1] if index else ""
