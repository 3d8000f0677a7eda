"""Distinction of a page's sentences from page furniture, and counts of sentence words beside a passage (pure)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scraper.matching import thresholds as t

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
