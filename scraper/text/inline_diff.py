"""Inline diff for a reader: the text with removed and added words in place, cut to passages around changes (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from typing import TYPE_CHECKING

from rapidfuzz.distance import LCSseq

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scraper.text.diff import Difference, Hunk

_CONTEXT_WORDS = 12
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
# Signs that belong to a number and are not among its words: "$80" became "$58", not its 80 a 58.
_SIGN_BEFORE = re.compile(r"[$€£¥₹₩]\Z")
_SIGN_AFTER = re.compile(r"\A%")


class Mark(StrEnum):
    """Kind of a stretch of text: in both texts, only before, only after, or left out here."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A text with its mark; the text of a skipped stretch is the number of words that are left out."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Changes in one paragraph with the words around them. `is_cut_before`, `is_cut_after`: text is left out there."""

    stretches: tuple[Stretch, ...]
    is_cut_before: bool = False
    is_cut_after: bool = False

    @property
    def before(self) -> tuple[Stretch, ...]:
        """The passage before the change; empty if nothing was removed."""
        return self._side(Mark.REMOVED)

    @property
    def after(self) -> tuple[Stretch, ...]:
        """The passage after the change; empty if nothing was added."""
        return self._side(Mark.ADDED)

    def _side(self, mark: Mark) -> tuple[Stretch, ...]:
        if all(stretch.mark is not mark for stretch in self.stretches):
            return ()
        return tuple(stretch for stretch in self.stretches if stretch.mark in {Mark.SAME, mark})


def passages(before: str, after: str, difference: Difference) -> tuple[Passage, ...]:
    """Return the changes with the words around them, by paragraph; paragraphs without a change are left out."""
    return tuple(_passages(_attach_blanks(_attach_signs(stretches(before, after, difference)))))


def compare_renderings(before: str, after: str) -> Passage:
    """Compare two renderings of the same words by the strings between blanks."""
    olds, news = re.findall(r"\s*\S+", before), re.findall(r"\s*\S+", after)
    found = list[Stretch]()
    b0 = a0 = 0
    for block in LCSseq.opcodes([o.strip() for o in olds], [n.strip() for n in news]).as_matching_blocks():
        for mark, chunks in (
            (Mark.REMOVED, olds[b0 : block.a]),
            (Mark.ADDED, news[a0 : block.b]),
            (Mark.SAME, news[block.b : block.b + block.size]),
        ):
            found += [Stretch(mark, "".join(chunks))] if chunks else []
        b0, a0 = block.a + block.size, block.b + block.size
    return Passage(tuple(found))


def stretches(before: str, after: str, difference: Difference) -> Iterator[Stretch]:
    """Yield the new text with removed words in place; unchanged text is cut to the words next to a change."""
    at = 0
    for number, hunk in enumerate(difference.hunks):
        yield from _shorten(after[at : hunk.after[0]], is_first=number == 0, is_last=False)
        if hunk.before[0] < hunk.before[1]:
            yield Stretch(Mark.REMOVED, before[slice(*_removed_span(before, hunk))])
        if hunk.after[0] < hunk.after[1]:
            yield Stretch(Mark.ADDED, after[slice(*hunk.after)])
        at = hunk.after[1]
    yield from _shorten(after[at:], is_first=not difference.hunks, is_last=True)


def _removed_span(before: str, hunk: Hunk) -> tuple[int, int]:
    """Return the span of the removed words, with the blank or full stop beside them if nothing replaces them."""
    start, end = hunk.before
    if hunk.after[0] == hunk.after[1]:
        while start and not before[start - 1].isalnum():
            start -= 1
        while not start and end < len(before) and not before[end].isalnum():
            end += 1
    return start, end


def _shorten(same: str, *, is_first: bool, is_last: bool) -> Iterator[Stretch]:
    """Yield unchanged text, cut to the words next to a change."""
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


def _attach_signs(found: Iterable[Stretch]) -> list[Stretch]:
    """Move currency and percent signs to the changed number beside them, of which they are a part."""
    attached = list(found)
    for at, stretch in enumerate(attached):
        if stretch.mark is not Mark.SAME:
            continue
        text = stretch.text
        ahead, behind = range(at + 1, len(attached)), range(at - 1, -1, -1)
        for places, edge, pattern in ((ahead, 0, _SIGN_BEFORE), (behind, -1, _SIGN_AFTER)):
            run = list(takewhile(lambda i: attached[i].mark in {Mark.REMOVED, Mark.ADDED}, places))
            sign = pattern.search(text)
            if sign is None or not run or not all(attached[i].text[edge].isdigit() for i in run):
                continue
            for i in run:
                changed = attached[i].text
                joined = changed + sign.group() if edge else sign.group() + changed
                attached[i] = Stretch(attached[i].mark, joined)
            text = text[: sign.start()] + text[sign.end() :]
        attached[at] = Stretch(Mark.SAME, text)
    return [stretch for stretch in attached if stretch.text]


def _attach_blanks(found: list[Stretch]) -> list[Stretch]:
    """Move the blank before an addition that precedes punctuation into the addition: the old text has none there."""
    spaced = list(found)
    for at in range(1, len(spaced) - 1):
        before, added, after = spaced[at - 1 : at + 2]
        is_between = (before.mark, added.mark, after.mark) == (Mark.SAME, Mark.ADDED, Mark.SAME)
        if is_between and not after.text[0].isspace() and before.text != (bare := before.text.rstrip(" ")):
            spaced[at - 1] = Stretch(Mark.SAME, bare)
            spaced[at] = Stretch(Mark.ADDED, before.text[len(bare) :] + added.text)
    return [stretch for stretch in spaced if stretch.text]


def _passages(found: Iterable[Stretch]) -> Iterator[Passage]:
    """Group stretches into passages, split at skipped stretches and at the ends of paragraphs."""
    run, is_cut = list[Stretch](), False
    for stretch in found:
        if stretch.mark is Mark.SKIPPED:
            yield from _passage(run, is_cut, True)
            run, is_cut = [], True
            continue
        first, *more = _PARAGRAPH_BREAK.split(stretch.text)
        run += [Stretch(stretch.mark, first)] if first else []
        for paragraph in more:
            yield from _passage(run, is_cut, False)
            run, is_cut = [Stretch(stretch.mark, paragraph)] if paragraph else [], False
    yield from _passage(run, is_cut, False)


def _passage(run: list[Stretch], is_cut_before: bool, is_cut_after: bool) -> Iterator[Passage]:
    # A removed paragraph can include the full stop of the paragraph before, which is no change to that paragraph.
    if any(stretch.mark is not Mark.SAME and any(map(str.isalnum, stretch.text)) for stretch in run):
        yield Passage(tuple(run), is_cut_before, is_cut_after)
