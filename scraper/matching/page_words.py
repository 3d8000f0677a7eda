"""Words of a page beside or in place of a statement's: sentences or page furniture, or other typography only (pure).

Typography: words that are joined, glued to a neighbour, or have damaged characters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scraper.matching import phrases
from scraper.matching import thresholds as t
from scraper.text import footnotes, normalize
from scraper.text.mojibake import REPLACEMENT

if TYPE_CHECKING:
    from scraper.text.tokens import Words

SENTENCE_END = re.compile(r"[.!?]")
# Words of sites about their pages and themselves; three in a hundred of State's own sentences have such a word.
_FURNITURE = frozenset(
    "article articles author authors blog browser caption click comments content cookies copyright credit disclaimer "
    "distributed donate download edited editing editor editors email emailed excerpt facebook gazette headlines https "
    "inbox journalism liability link logged login news newsletter newsletters newspaper newsroom original originally "
    "page pages permission photo photos post posted posts privacy published publisher publishers publishes publishing "
    "reader readers reprinted reproduced republished reserved reuters sponsored statement stories story subscribe "
    "subscribed subscriber subscribers subscription transcript translated tweet twitter unsubscribe updated "
    "version warranty website www".split()
)


def before_call(page: Words, first: int, stop: int) -> int:
    """Return the end of the words before a site's call to read on: "… the Foreign Minister Continue reading"."""
    for call in phrases.READ_ON.get(page.keys[stop - 1], ()):
        at = stop - len(call)
        if first < at and tuple(page.keys[at:stop]) == call and page.written(at, at + 1)[0].isupper():
            return at
    return stop


def opens_call(page: Words, at: int) -> bool:
    """Return True if a word is the first of a site's call to read on, and not of a line."""
    stops = range(at + 1, min(at + phrases.LONGEST_CALL, len(page)) + 1)
    return any(before_call(page, at - 1, stop) == at for stop in stops)


def has_sentence(page: Words, first: int, stop: int, *, in_line: bool = False) -> bool:
    """Return True if the words include a sentence; `in_line`, in the statement's line, any long one counts."""
    at = first
    while stop - at >= t.SENTENCE_WORDS:
        end = page.sentence_end(at + 1, stop)
        if _is_sentence(page, at, end) or (in_line and _is_long(page, at, end)):
            return True
        at = end
    return False


def count_before(page: Words, index: int, enough: int) -> int:
    """Count the words of sentences right before a word, until there are `enough`."""
    at = index
    while at > 0 and index - at < enough:
        start = page.sentence_start(at - 1, at - t.MAX_SENTENCE_WORDS)
        if not _is_sentence(page, start, at):
            break
        at = start
    return index - at


def count_after(page: Words, index: int, enough: int) -> int:
    """Count the words of sentences right after the word before `index`, until there are `enough`."""
    at = index
    while at < len(page) and at - index < enough:
        end = page.sentence_end(at + 1, at + t.MAX_SENTENCE_WORDS)
        if not _is_sentence(page, at, end):
            break
        at = end
    return at - index


def _is_long(page: Words, first: int, stop: int) -> bool:
    return stop - first >= t.IN_LINE_WORDS and SENTENCE_END.search(page.gap(stop)) is not None


def _is_sentence(page: Words, first: int, stop: int) -> bool:
    """Return True if words end with a full stop, are not mostly names as in titles, and none is page furniture."""
    if stop - first < t.SENTENCE_WORDS or not SENTENCE_END.search(page.gap(stop)):
        return False
    starts, _ = page.places
    initials = [page.text[starts[at]] for at in range(first, stop)]
    # Many scripts have no capital letters.
    small = sum(not letter.isupper() for letter in initials)
    return small >= t.SHARE_SMALL * (stop - first) and _FURNITURE.isdisjoint(page.keys[first:stop])


def is_same(source: Words, page: Words, ours: tuple[int, int], theirs: tuple[int, int]) -> bool:
    """Return True if two word ranges [first, stop) are equal if joined, or except for characters lost in the page.

    Footnote marks are equal to others and to none: a site may number them anew, or leave them out.
    """
    first, stop = ours
    if _has_marks_only(source, ours) and _has_marks_only(page, theirs):
        return True
    wanted = normalize.join_words(source.keys[first:stop])
    if theirs[0] == theirs[1]:
        # "à la" as "� la": a mark for each lost letter.
        return 0 < len(wanted) <= page.gap(theirs[0]).count(REPLACEMENT)
    if wanted == normalize.join_words(page.keys[slice(*theirs)]):
        return _signed(source, ours) == _signed(page, theirs)
    if theirs[1] - theirs[0] > t.NEAR_GAP_WORDS:
        return False
    start, end = page.span(*theirs)
    return first < stop and _matches_damaged(source.written(first, stop), page.text, start, end)


def _signed(words: Words, place: tuple[int, int]) -> str:
    return normalize.join_words(map(words.signed, range(*place)))


def _has_marks_only(words: Words, place: tuple[int, int]) -> bool:
    return all(footnotes.is_mark(words.written(at, at + 1)) for at in range(*place))


def _matches_damaged(wanted: str, page: str, start: int, end: int) -> bool:
    """Return True if page characters [start, end), with the marks of lost ones around them, can be the wanted text."""
    before, after = page[max(0, start - 3) : start], page[end : end + 3]
    start -= len(before) - len(before.rstrip(REPLACEMENT))
    end += len(after) - len(after.lstrip(REPLACEMENT))
    shown = page[start:end]
    if REPLACEMENT not in shown:
        return False
    pattern = r"\W*?.{0,2}".join(re.escape(part.casefold()) for part in re.split(f"{REPLACEMENT}+", shown))
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
    word = page.written(at, at + 1)
    if word[extra : extra + 1].isupper() and not word[extra - 1].isupper():
        return at
    line = normalize.join_words(page.keys[page.line_start(at, at - t.TITLE_LINE_WORDS) : stop])
    return at if title and line.endswith(title + normalize.join_words(source.keys[:count])) else None
