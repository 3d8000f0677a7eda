"""Whether two stretches of words differ on paper only: joined, glued to a neighbour, or damaged on the way (pure)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scraper import text
from scraper.match import thresholds as t

if TYPE_CHECKING:
    from scraper.match.words import Words

_DAMAGE = "\ufffd"
# What UTF-8 looks like when it is read as Windows-1252: two characters or more of those that stand for bytes above 127.
_HIGH = (
    "[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201e\u2020-\u2022"
    "\u2026\u2030\u2039\u203a\u20ac\u2122]"
)
_MISREAD = re.compile(f"{_HIGH}{{2,}}")
_MISREAD_END = re.compile(f"{_HIGH}{{0,3}}")


def is_same(source: Words, page: Words, ours: tuple[int, int], theirs: tuple[int, int]) -> bool:
    """Whether two word ranges [first, stop) are equal once joined, or but for characters that the page has lost."""
    first, stop = ours
    wanted = text.joined(source.keys[first:stop])
    if theirs[0] == theirs[1]:
        # "à la" as "� la": a mark for each letter that is gone.
        return 0 < len(wanted) <= page.gap(theirs[0]).count(_DAMAGE)
    if wanted == text.joined(page.keys[slice(*theirs)]):
        return True
    if theirs[1] - theirs[0] > t.NEAR_GAP_WORDS:
        return False
    start, end = page.span(*theirs)
    reach = _MISREAD_END.match(page.text, end)
    if reach and text.word_key(repaired(page.text[start : reach.end()])) == wanted:
        return True
    return first < stop and _is_damaged(source.text[slice(*source.span(first, stop))], page.text, start, end)


def repaired(misread: str) -> str:
    """A text with what was UTF-8 read as Windows-1252 read rightly: "â€™" is an apostrophe."""
    return _MISREAD.sub(_reread, misread)


def _reread(run: re.Match[str]) -> str:
    try:
        return b"".join(bytes([ord(c)]) if ord(c) < 256 else c.encode("cp1252") for c in run.group()).decode()
    except UnicodeDecodeError:
        return run.group()


def _is_damaged(wanted: str, page: str, start: int, end: int) -> bool:
    """Whether page characters [start, end), with the marks of lost ones around them, can be what is wanted."""
    before, after = page[max(0, start - 3) : start], page[end : end + 3]
    start -= len(before) - len(before.rstrip(_DAMAGE))
    end += len(after) - len(after.lstrip(_DAMAGE))
    shown = page[start:end]
    if _DAMAGE not in shown:
        return False
    pattern = r"\W*?.{0,2}".join(re.escape(part.casefold()) for part in re.split(f"{_DAMAGE}+", shown))
    return re.fullmatch(pattern, wanted.casefold(), re.DOTALL) is not None


def glued(source: Words, page: Words, count: int, stop: int, title: str) -> int | None:
    """The page word that the first words of a source end, glued to a title or another word ("ProtasevichThe").

    All `count` of them are to stand before page word `stop`; `title` is the key of the statement's title. None where
    they do not.
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
    line = text.joined(page.keys[page.line_start(at, at - t.TITLE_LINE_WORDS) : stop])
    return at if title and line.endswith(title + text.joined(source.keys[:count])) else None
