"""Whether words of a page are somebody's sentences, and how many stand in a row; or page furniture (pure)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scraper.matching import thresholds as t

if TYPE_CHECKING:
    from scraper.text.tokens import Words

SENTENCE_END = re.compile(r"[.!?]")
# What sites say of their pages and of themselves; of State's own sentences three in a hundred have such a word.
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
    """Whether there is a sentence among words of a page; in the very line of a statement, whatever it speaks of."""
    at = first
    while stop - at >= t.SENTENCE_WORDS:
        end = page.sentence_end(at + 1, stop)
        if _is_sentence(page, at, end) or (in_line and _is_long(page, at, end)):
            return True
        at = end
    return False


def before(page: Words, index: int, enough: int) -> int:
    """How many words of sentences stand right before a word; counted until there are `enough`."""
    at = index
    while at > 0 and index - at < enough:
        start = page.sentence_start(at - 1, at - t.MAX_SENTENCE_WORDS)
        if not _is_sentence(page, start, at):
            break
        at = start
    return index - at


def after(page: Words, index: int, enough: int) -> int:
    """How many words of sentences stand right after the word before `index`; counted until there are `enough`."""
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
    """Whether words end with a full stop, are not mostly names, as titles are, and none is what sites say of pages."""
    if stop - first < t.SENTENCE_WORDS or not SENTENCE_END.search(page.gap(stop)):
        return False
    starts, _ = page.places
    initials = [page.text[starts[at]] for at in range(first, stop)]
    # Many scripts know no capital letters.
    small = sum(not letter.isupper() for letter in initials)
    return small >= t.SHARE_SMALL * (stop - first) and _FURNITURE.isdisjoint(page.keys[first:stop])
