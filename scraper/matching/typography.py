"""Detection of words that differ in typography only: joined, glued to a neighbour or damaged characters (pure)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scraper.matching import thresholds as t
from scraper.text import normalize

if TYPE_CHECKING:
    from scraper.text.tokens import Words

_DAMAGE = "\ufffd"


def is_same(source: Words, page: Words, ours: tuple[int, int], theirs: tuple[int, int]) -> bool:
    """Return True if two word ranges [first, stop) are equal if joined, or except for characters lost in the page."""
    first, stop = ours
    wanted = normalize.join_words(source.keys[first:stop])
    if theirs[0] == theirs[1]:
        # "à la" as "� la": a mark for each lost letter.
        return 0 < len(wanted) <= page.gap(theirs[0]).count(_DAMAGE)
    if wanted == normalize.join_words(page.keys[slice(*theirs)]):
        return True
    if theirs[1] - theirs[0] > t.NEAR_GAP_WORDS:
        return False
    start, end = page.span(*theirs)
    return first < stop and _matches_damaged(source.text[slice(*source.span(first, stop))], page.text, start, end)


def _matches_damaged(wanted: str, page: str, start: int, end: int) -> bool:
    """Return True if page characters [start, end), with the marks of lost ones around them, can be the wanted text."""
    before, after = page[max(0, start - 3) : start], page[end : end + 3]
    start -= len(before) - len(before.rstrip(_DAMAGE))
    end += len(after) - len(after.lstrip(_DAMAGE))
    shown = page[start:end]
    if _DAMAGE not in shown:
        return False
    pattern = r"\W*?.{0,2}".join(re.escape(part.casefold()) for part in re.split(f"{_DAMAGE}+", shown))
    return re.fullmatch(pattern, wanted.casefold(), re.DOTALL) is not None


def find_glued(source: Words, page: Words, count: int, stop: int, title: str) -> int | None:
    """Return the page word whose end begins the source, glued to a title or another word ("ProtasevichThe").

    All of the first `count` source words must stand before page word `stop`; else return None. `title` is the key of
    the statement's title.
    """
    if not 0 < count <= t.NEAR_GAP_WORDS:
        return None
    wanted, at, room = "".join(source.keys[:count]), stop, 0
    while at > 0 and room < len(wanted):
        at -= 1
        room += len(page.keys[at])
    extra = room - len(wanted)
    if extra <= 0 or not "".join(page.keys[at:stop]).endswith(wanted):
        return None
    start, end = page.span(at, at + 1)
    word = page.text[start:end]
    if word[extra : extra + 1].isupper() and not word[extra - 1].isupper():
        return at
    line = normalize.join_words(page.keys[page.line_start(at, at - t.TITLE_LINE_WORDS) : stop])
    return at if title and line.endswith(title + normalize.join_words(source.keys[:count])) else None
