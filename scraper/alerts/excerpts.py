"""Excerpts for mails: the difference of two texts, or one text in full, both within a budget of characters (pure).

Text that does not fit is cut from the middle, because beginnings and ends matter most; a line states how much is
missing and which command shows it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate

from scraper.alerts.content import Body, Excerpt, Gap
from scraper.alerts.format import one_line, safe_block
from scraper.model import Grade
from scraper.text import cuts, diff
from scraper.text.inline_diff import Mark, Passage, Stretch, compare_renderings, passages
from scraper.text.normalize import count, paragraphs

# Characters that the markup of a stretch adds to its text.
_STRETCH_CHARS = 60
_MAX_WORD_CHARS = 40


def changed(label: str, pairs: Iterable[tuple[str, str]], chars: int, command: str) -> tuple[Excerpt, ...]:
    """Return the passages in which the `safe_block` forms of each pair differ, before and after; () if none differ."""
    found = [passage for before, after in pairs for passage in _passages(safe_block(before), safe_block(after))]
    return (Excerpt(label, tuple(_fit(found, chars, command))),) if found else ()


# The same two texts are rendered at several lengths until a mail is short enough, and in the mails of many readers.
@lru_cache(maxsize=64)
def _passages(before: str, after: str) -> tuple[Passage, ...]:
    difference = diff.compare(before, after)
    if difference.grade is Grade.COSMETIC:
        return (compare_renderings(before, after),)
    return passages(before, after, difference)


def replaced(label: str, before: str | None, after: str | None) -> tuple[Excerpt, ...]:
    """Return the values that an event holds, before and after, for use where the full texts are not available."""
    sides = ((Mark.REMOVED, one_line(before, 400)), (Mark.ADDED, one_line(after, 400)))
    found = tuple(Passage((Stretch(mark, words),)) for mark, words in sides if words)
    return (Excerpt(label, found),) if found else ()


def body(label: str, text: str, chars: int, command: str) -> tuple[Body, ...]:
    """Return a text in full, or its beginning and its end; nothing for an empty text."""
    text = safe_block(text)
    if len(text) <= chars:
        return (Body(label, paragraphs(text)),) if text else ()
    head, tail = text[: cuts.last_place(text, chars // 2)], text[cuts.first_place(text, len(text) - chars // 2) :]
    left_out = text[len(head) : len(text) - len(tail)]
    # The words of scripts without blanks are not countable.
    of_words = len(left_out.split())
    omitted = (
        count(of_words, "word") if len(left_out) < _MAX_WORD_CHARS * of_words else count(len(left_out), "character")
    )
    return (
        Body(
            label,
            (
                *paragraphs(head.rstrip()),
                Gap(f"{omitted} left out here; all of it: {command}", command),
                *paragraphs(tail),
            ),
        ),
    )


def _fit(found: Sequence[Passage], chars: int, command: str) -> Iterator[Passage | Gap]:
    """Yield as many passages from the beginning and from the end as fit, with a gap between them."""
    parts = [part for passage in found for part in _split(passage, chars // 4)]
    sizes = [_size(part.stretches) for part in parts]
    if sum(sizes) <= chars:
        yield from parts
        return
    head, tail = _count_fitting(sizes, chars // 2), _count_fitting(sizes[::-1], chars // 2)
    yield from parts[:head]
    omitted = count(len(parts) - head - tail, "passage")
    yield Gap(f"{omitted} with changes left out here; all of them: {command}", command)
    yield from parts[len(parts) - tail :]


def _count_fitting(sizes: Sequence[int], room: int) -> int:
    return bisect_right(list(accumulate(sizes)), room)


def _size(stretches: Iterable[Stretch]) -> int:
    return sum(len(stretch.text) + _STRETCH_CHARS for stretch in stretches)


def _split(passage: Passage, chars: int) -> Iterator[Passage]:
    """Split a passage into parts of about `chars` characters: a changed passage can be as long as an article."""
    if _size(passage.stretches) <= chars:
        yield passage
        return
    runs: list[list[Stretch]] = [[]]
    for stretch in passage.stretches:
        for number, text in enumerate(_pieces(stretch, chars - _STRETCH_CHARS - _size(runs[-1]), chars)):
            if number:
                runs.append([])
            runs[-1].append(Stretch(stretch.mark, text))
    last = len(runs) - 1
    for number, run in enumerate(runs):
        yield replace(
            passage,
            stretches=tuple(run),
            is_cut_before=passage.is_cut_before if number == 0 else True,
            is_cut_after=passage.is_cut_after if number == last else True,
        )


def _pieces(stretch: Stretch, room: int, chars: int) -> Iterator[str]:
    """Yield a stretch in pieces of at most about `chars` characters, the first of at most `room` if it can end there.

    No piece begins between two stretches: the words before and after a change can be one value.
    """
    text, start = stretch.text, 0
    limit = room if stretch.mark is Mark.SAME else max(room, chars)
    ends = [at for at, _ in cuts.places(text)] if len(text) > limit else []
    while len(text) - start > limit:
        following = bisect_right(ends, start)
        last = bisect_right(ends, start + limit) - 1
        end = ends[max(last, following)] if following < len(ends) else len(text)
        if end > start + chars:
            end = start + cuts.last_place(text[start:end], chars)
        yield text[start:end]
        start, limit = end, chars
    if start < len(text):
        yield text[start:]
