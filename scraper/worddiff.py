"""A difference as a person reads it: the text with what was removed and added in its place (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.diff import Difference, Hunk

_CONTEXT_WORDS = 12


class Mark(StrEnum):
    """What a stretch of text is: in both texts, only before, only after, or left out here."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some text with its mark; of a skipped stretch, how many words are left out is its text."""

    mark: Mark
    text: str


def stretches(before: str, after: str, difference: Difference) -> Iterator[Stretch]:
    """The text after the change, with what was removed in its place; what did not change is shortened to its edges."""
    at = 0
    for number, hunk in enumerate(difference.hunks):
        yield from _shortened(after[at : hunk.after[0]], is_first=number == 0, is_last=False)
        if hunk.before[0] < hunk.before[1]:
            yield Stretch(Mark.REMOVED, before[slice(*_removed(before, hunk))])
        if hunk.after[0] < hunk.after[1]:
            yield Stretch(Mark.ADDED, after[slice(*hunk.after)])
        at = hunk.after[1]
    yield from _shortened(after[at:], is_first=not difference.hunks, is_last=True)


def _removed(before: str, hunk: Hunk) -> tuple[int, int]:
    """Where the removed words stand. Those that nothing replaces take along the blank or full stop beside them."""
    start, end = hunk.before
    if hunk.after[0] == hunk.after[1]:
        while start and not before[start - 1].isalnum():
            start -= 1
        while not start and end < len(before) and not before[end].isalnum():
            end += 1
    return start, end


def _shortened(same: str, *, is_first: bool, is_last: bool) -> Iterator[Stretch]:
    """Unchanged text, cut to the words next to a change."""
    spans = [match.span() for match in re.finditer(r"\S+", same)]
    head = 0 if is_first else _CONTEXT_WORDS
    tail = 0 if is_last else _CONTEXT_WORDS
    left_out = len(spans) - head - tail
    if left_out <= _CONTEXT_WORDS:
        if same:
            yield Stretch(Mark.SAME, same)
        return
    if head:
        yield Stretch(Mark.SAME, same[: spans[head - 1][1]])
    yield Stretch(Mark.SKIPPED, str(left_out))
    if tail:
        yield Stretch(Mark.SAME, same[spans[-tail][0] :])
