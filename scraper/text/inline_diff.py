"""Inline diff for a reader: the text with removed and added words in place, cut to passages around changes (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby, takewhile
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from scraper.text.diff import Difference, Hunk

_CONTEXT_WORDS = 12
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
# Two renderings of more strings are compared paragraph by paragraph only: both at once would take too long.
_MAX_COMPARED_CHUNKS = 20_000
# More signs and blanks between two words are not looked through.
_LONGEST_GAP = 100
_LAST_GAP = re.compile(r"[\W_]+\Z")
# Signs that belong to a number and are not among its words: "$80" became "$58", not its 80 a 58.
_SIGNS_BEFORE = frozenset("$€£¥₹₩")
_SIGN_AFTER = "%"


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


@dataclass(frozen=True, slots=True)
class Marked:
    """Paragraph in full, with what was removed from it and added to it."""

    stretches: tuple[Stretch, ...]

    @property
    def is_changed(self) -> bool:
        """True if it differs."""
        return any(stretch.mark is not Mark.SAME for stretch in self.stretches)


def passages(before: str, after: str, difference: Difference) -> tuple[Passage, ...]:
    """Return the changes with the words around them, by paragraph; paragraphs without a change are left out."""
    return tuple(_passages(_attach_blanks(_slide([*stretches(before, after, _with_signs(before, after, difference))]))))


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


def whole(before: str, after: str, difference: Difference) -> tuple[Marked, ...]:
    """Return the new text in full, paragraph by paragraph, with removed words in place.

    If the words are the same (a cosmetic difference), what is rendered otherwise is marked.
    """
    if difference.hunks:
        found = _attach_blanks(_slide([*_whole(before, after, _with_signs(before, after, difference))]))
    elif difference.grade is None:
        found = [Stretch(Mark.SAME, after)]
    else:
        found = list(_renderings(before, after))
    return tuple(_paragraphs(found))


def _whole(before: str, after: str, difference: Difference) -> Iterator[Stretch]:
    """Yield the new text with removed words in place."""
    at = 0
    for hunk in difference.hunks:
        start, changed = _changed(before, after, hunk)
        yield Stretch(Mark.SAME, after[at:start])
        yield from changed
        at = start + _length_after(changed)
    yield Stretch(Mark.SAME, after[at:])


def _renderings(before: str, after: str) -> Iterator[Stretch]:
    """Yield the new rendering of the same words with the old one in place."""
    olds, news = _PARAGRAPH_BREAK.split(before), _PARAGRAPH_BREAK.split(after)
    if len(olds) == len(news):
        for old, new in zip(olds, news, strict=True):
            yield from compare_renderings(old, new).stretches if old != new else (Stretch(Mark.SAME, new),)
            yield Stretch(Mark.SAME, "\n\n")
    elif len(before.split()) + len(after.split()) <= _MAX_COMPARED_CHUNKS:
        yield from compare_renderings(before, after).stretches
    else:
        yield Stretch(Mark.SAME, after)


def _slide(found: list[Stretch]) -> list[Stretch]:
    """Move words that were only removed, or only added, so that they begin after a stop and end with one.

    Spans are those of words: of "It rains. It pours." with a new second sentence, "It pours" is new and the stop after
    "rains" as old as that after "pours".
    """
    moved = [Stretch(Mark.SAME, ""), *found, Stretch(Mark.SAME, "")]
    for at in range(1, len(moved) - 1):
        before, changed, after = moved[at - 1 : at + 2]
        if changed.mark is Mark.SAME or not before.mark is after.mark is Mark.SAME:
            continue
        kept, text = before.text, changed.text
        if changed.mark is Mark.ADDED:
            end = before.text[-_LONGEST_GAP:]
            kept = before.text[: len(before.text) - len(end)] + _LAST_GAP.sub("", end)
            text = before.text[len(kept) :] + text
        marks = len(list(takewhile(_is_same_sign, zip(text, after.text, strict=False))))
        if marks and text[marks : marks + 1].isspace():
            moved[at - 1] = Stretch(Mark.SAME, kept + text[:marks])
            moved[at] = Stretch(changed.mark, text[marks:] + after.text[:marks])
            moved[at + 1] = Stretch(Mark.SAME, after.text[marks:])
    return [stretch for stretch in moved if stretch.text]


def _is_same_sign(pair: tuple[str, str]) -> bool:
    one, other = pair
    return one == other and not (one.isalnum() or one.isspace())


def _paragraphs(found: Iterable[Stretch]) -> Iterator[Marked]:
    """Group stretches into paragraphs. A break in words that were removed, too, begins another one."""
    run = list[Stretch]()
    for stretch in found:
        first, *more = _PARAGRAPH_BREAK.split(stretch.text)
        run.append(Stretch(stretch.mark, first))
        for paragraph in more:
            yield from _marked(run)
            run = [Stretch(stretch.mark, paragraph)]
    yield from _marked(run)


def _marked(run: Iterable[Stretch]) -> Iterator[Marked]:
    """Yield a paragraph unless it is empty; blanks at the ends of a change are not part of it."""
    cut = list[Stretch]()
    for stretch in run:
        text = stretch.text.strip()
        if stretch.mark is Mark.SAME or not text:
            cut.append(Stretch(Mark.SAME, stretch.text))
            continue
        start = stretch.text.index(text)
        edges = stretch.text[:start], stretch.text[start + len(text) :]
        cut += [Stretch(Mark.SAME, edges[0]), Stretch(stretch.mark, text), Stretch(Mark.SAME, edges[1])]
    joined = [
        Stretch(mark, "".join(each.text for each in group)) for mark, group in groupby(cut, key=lambda each: each.mark)
    ]
    filled = tuple(each for each in joined if each.text)
    if any(each.text.strip() for each in filled):
        yield Marked(filled)


def stretches(before: str, after: str, difference: Difference) -> Iterator[Stretch]:
    """Yield the new text with removed words in place; unchanged text is cut to the words next to a change."""
    at = 0
    for number, hunk in enumerate(difference.hunks):
        start, changed = _changed(before, after, hunk)
        yield from _shorten(after[at:start], is_first=number == 0, is_last=False)
        yield from changed
        at = start + _length_after(changed)
    yield from _shorten(after[at:], is_first=not difference.hunks, is_last=True)


def _changed(before: str, after: str, hunk: Hunk) -> tuple[int, list[Stretch]]:
    """Return where a hunk begins in the new text, and its stretches; each text has its own signs beside the words."""
    old, new = _beside(before, hunk.before), _beside(after, hunk.after)
    if old.words and new.words and not old.has_signs_of(new):
        first, last = _common(old.above, new.above), _common(old.below[::-1], new.below[::-1])
        found = [
            Stretch(Mark.SAME, new.above[:first]),
            Stretch(Mark.REMOVED, old.above[first:] + old.words + old.below[: len(old.below) - last]),
            Stretch(Mark.ADDED, new.above[first:] + new.words + new.below[: len(new.below) - last]),
            Stretch(Mark.SAME, new.below[len(new.below) - last :]),
        ]
        start = hunk.after[0] - len(new.above)
    elif old.words and not new.words and old.below != new.below:
        start, found = hunk.after[0], _in_one_text(Mark.REMOVED, old, new.below)
    elif new.words and not old.words and old.below != new.below:
        start, found = hunk.after[0] - len(new.above), _in_one_text(Mark.ADDED, new, old.below)
    else:
        start = hunk.after[0]
        found = [Stretch(Mark.REMOVED, before[slice(*_removed_span(before, hunk))]), Stretch(Mark.ADDED, new.words)]
    return start, [stretch for stretch in found if stretch.text]


class _Beside(NamedTuple):
    """Words of one side of a hunk, and the signs and blanks above and below them, up to the next words."""

    above: str
    words: str
    below: str

    def has_signs_of(self, other: _Beside) -> bool:
        """Return True if the signs are the same; blanks do not count."""
        return all(one.split() == two.split() for one, two in ((self.above, other.above), (self.below, other.below)))


def _beside(text: str, span: tuple[int, int]) -> _Beside:
    start, stop = span
    first, last = _end_of_word(text, start), stop
    while last < min(len(text), stop + _LONGEST_GAP) and not text[last].isalnum():
        last += 1
    return _Beside(text[first:start], text[start:stop], text[stop:last])


def _in_one_text(mark: Mark, one: _Beside, instead: str) -> list[Stretch]:
    """Return the stretches of words that only one text has; `instead` are the signs in their place in the other.

    Of "He left.” It rains." and "He left.”", the first has no quotation mark after "rains".
    """
    text = one.above + one.words
    first = _common(text, instead)
    last = _common(one.below[::-1], instead[first:][::-1])
    own = Stretch(mark, text[first:] + one.below[: len(one.below) - last])
    other = instead[first : len(instead) - last]
    # A blank is no change: the new text keeps it.
    if other.strip():
        others = [Stretch(Mark.ADDED if mark is Mark.REMOVED else Mark.REMOVED, other)]
    else:
        others = [Stretch(Mark.SAME, other)] if mark is Mark.REMOVED else []
    ends = Stretch(Mark.SAME, instead[:first]), Stretch(Mark.SAME, instead[len(instead) - last :])
    return [ends[0], *([own, *others] if mark is Mark.REMOVED else [*others, own]), ends[1]]


def _common(one: str, other: str) -> int:
    """Return the number of characters with which both texts begin."""
    return len(list(takewhile(_is_same, zip(one, other, strict=False))))


def _is_same(pair: tuple[str, str]) -> bool:
    return pair[0] == pair[1]


def _end_of_word(text: str, end: int) -> int:
    """Return the end of the last word before a place, as far as signs are looked through."""
    first = max(0, end - _LONGEST_GAP)
    while end > first and not text[end - 1].isalnum():
        end -= 1
    return end


def _length_after(found: Iterable[Stretch]) -> int:
    return sum(len(stretch.text) for stretch in found if stretch.mark is not Mark.REMOVED)


def _removed_span(before: str, hunk: Hunk) -> tuple[int, int]:
    """Return the span of the removed words, with the blank or full stop beside them if nothing replaces them."""
    start, end = hunk.before
    if hunk.after[0] == hunk.after[1]:
        start = _end_of_word(before, start)
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


def _with_signs(before: str, after: str, difference: Difference) -> Difference:
    """Return a difference whose numbers have the currency and percent signs beside them, which are part of them.

    A sign that both texts have stays where it is if only one of them has a number beside it.
    """
    return replace(difference, hunks=tuple(_with_sign(before, after, hunk) for hunk in difference.hunks))


def _with_sign(before: str, after: str, hunk: Hunk) -> Hunk:
    olds, news = _signs(before, *hunk.before), _signs(after, *hunk.after)
    spans = []
    for (start, end), own, other in ((hunk.before, olds, news), (hunk.after, news, olds)):
        is_moved = [bool(mine[1] and (their[1] or mine[0] != their[0])) for mine, their in zip(own, other, strict=True)]
        spans.append((start - is_moved[0], end + is_moved[1]))
    return Hunk(*spans)


def _signs(text: str, start: int, end: int) -> tuple[tuple[str, bool], tuple[str, bool]]:
    """Return the character before and the one after a span, each with True if it is a sign of a number within."""
    first, last = text[start - 1 : start] if start else "", text[end : end + 1]
    is_filled = start < end
    return (
        (first, is_filled and first in _SIGNS_BEFORE and text[start].isdigit()),
        (last, is_filled and last == _SIGN_AFTER and text[end - 1].isdigit()),
    )


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
