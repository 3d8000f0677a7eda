"""Passages that stand in another order than in the statement: whole paragraphs, or parts of them (pure)."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from scraper.matching import page_words
from scraper.matching import thresholds as t
from scraper.matching.align import Alignment, Run
from scraper.matching.model import WordChange
from scraper.text.tokens import Words


class MovedBlock(NamedTuple):
    """Runs out of order that follow each other in both texts, with the words that differ between and beside them.

    `is_whole`: `place` is one or more whole paragraphs of the statement.
    """

    place: WordChange
    changes: tuple[WordChange, ...]
    runs: tuple[WordChange, ...]
    is_whole: bool


def read(source: Words, page: Words, alignment: Alignment) -> list[MovedBlock]:
    """Join the runs out of order to blocks, in page order."""
    chain = alignment.chain
    taken = [(run.source, run.source_end, run.page, run.page_end) for run in (*chain, *alignment.moved)]
    return [_block(source, page, runs, taken) for runs in _groups(alignment.moved, taken)]


def _groups(moved: Sequence[Run], taken: Sequence[tuple[int, int, int, int]]) -> Iterator[list[Run]]:
    group: list[Run] = []
    for run in sorted(moved, key=lambda run: run.page):
        if group and not _is_next(group[-1], run, taken):
            yield group
            group = []
        group.append(run)
    if group:
        yield group


def _is_next(left: Run, right: Run, taken: Sequence[tuple[int, int, int, int]]) -> bool:
    gap = WordChange(left.source_end, right.source, left.page_end, right.page)
    is_near = min(right.source - left.source_end, right.page - left.page_end) >= 0 and gap.size <= t.NEAR_GAP_WORDS
    return is_near and not _is_taken(gap, taken)


def _is_taken(gap: WordChange, taken: Sequence[tuple[int, int, int, int]]) -> bool:
    return any(
        max(gap.source, s0) < min(gap.source_end, s1) or max(gap.page, p0) < min(gap.page_end, p1)
        for s0, s1, p0, p1 in taken
    )


def _block(source: Words, page: Words, runs: Sequence[Run], taken: Sequence[tuple[int, int, int, int]]) -> MovedBlock:
    first, last = runs[0], runs[-1]
    start = WordChange(
        source.sentence_start(first.source, first.source - t.NEAR_GAP_WORDS),
        first.source,
        page.sentence_start(first.page, first.page - t.NEAR_GAP_WORDS),
        first.page,
    )
    end = WordChange(
        last.source_end,
        source.sentence_end(last.source_end, min(len(source), last.source_end + t.NEAR_GAP_WORDS)),
        last.page_end,
        page.sentence_end(last.page_end, min(len(page), last.page_end + t.NEAR_GAP_WORDS)),
    )
    # Words of the page beside a whole paragraph are no part of it, unless they are joined to its sentence.
    if start.source == start.source_end or _is_taken(start, taken):
        start = WordChange(first.source, first.source, first.page, first.page)
    if end.source == end.source_end or _is_taken(end, taken):
        end = WordChange(last.source_end, last.source_end, last.page_end, last.page_end)
    between = (WordChange(left.source_end, right.source, left.page_end, right.page) for left, right in pairwise(runs))
    return MovedBlock(
        place=WordChange(start.source, end.source_end, start.page, end.page_end),
        changes=tuple(gap for gap in (start, *between, end) if gap.size and not _is_same(source, page, gap)),
        runs=tuple(WordChange(run.source, run.source_end, run.page, run.page_end) for run in runs),
        is_whole=source.opens_line(start.source) and source.opens_line(end.source_end),
    )


def _is_same(source: Words, page: Words, gap: WordChange) -> bool:
    return page_words.is_same(source, page, (gap.source, gap.source_end), (gap.page, gap.page_end))
