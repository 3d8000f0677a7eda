"""Where the words of a statement stand in a page: equal runs of words, and the best chain of them (pure).

Runs of four equal words are found by hash wherever they are in the page, grown to their full length
and chained by dynamic programming, so that other text, a second copy of the body or another
statement on the page costs nothing. Only between the links of the chain are words compared one by
one, with a longest common subsequence, in windows of bounded size.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rapidfuzz.distance import LCSseq

from scraper.match import thresholds as t
from scraper.match.fingerprints import shingles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from scraper.match.words import Words


class Run(NamedTuple):
    """Equal words: `length` of them from word `source` of the statement and word `page` of the page."""

    source: int
    page: int
    length: int

    @property
    def source_end(self) -> int:
        """The word of the statement after it."""
        return self.source + self.length

    @property
    def page_end(self) -> int:
        """The word of the page after it."""
        return self.page + self.length


@dataclass(frozen=True, slots=True)
class Alignment:
    """The chain in order of both texts, runs that stand out of order, and runs of a second copy of the body.

    `moved` covers words of the statement that the chain does not, `repeated` only words that it does.
    """

    chain: tuple[Run, ...]
    moved: tuple[Run, ...] = ()
    repeated: tuple[Run, ...] = ()

    @property
    def matched(self) -> int:
        """How many words of the statement stand in the page."""
        return sum(run.length for run in self.chain) + sum(run.length for run in self.moved)

    @property
    def longest(self) -> int:
        """The length of the longest run."""
        return max((run.length for run in (*self.chain, *self.moved)), default=0)


class Seeds:
    """A page prepared for being aligned with any number of statements."""

    def __init__(self, page: Words) -> None:
        self.page = page
        hashes = shingles(page.ids, t.SEED_WORDS)
        self._order = np.argsort(hashes, kind="stable")
        self._sorted = hashes[self._order]

    def align(self, source: Words, free: NDArray[np.bool_] | None = None, title: Sequence[str] = ()) -> Alignment:
        """The alignment of a statement with this page; only words where `free` is true are looked at.

        Runs of words that the statement's title has too are no passage where they stand apart: there it is the title.
        """
        blocks = self._blocks(source, free)
        main = _core(blocks, _chain(blocks))
        links = [_within_sentences(source, self.page, _run(blocks, i)) for i in main]
        chain = list(_filled(source, self.page, links, free))
        filled = _trimmed(source, self.page, chain, title)
        if not filled:
            return Alignment(())
        chosen = set(main)
        rest = [_run(blocks, i) for i in range(len(blocks)) if i not in chosen and blocks[i, 2] >= t.MOVED_WORDS]
        rest = [run for run in rest if _own(source, [run], title) >= t.MOVED_WORDS]
        moved, repeated = _beside(
            source, self.page, filled, sorted(rest, key=lambda run: -run.length)[: t.MAX_BLOCKS_BESIDE]
        )
        return Alignment(filled, tuple(sorted(moved)), tuple(sorted(repeated)))

    def _blocks(self, source: Words, free: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        """Maximal equal runs of at least `SEED_WORDS` words as rows (source, page, length), by place in the page."""
        wanted = shingles(source.ids, t.SEED_WORDS)
        first = np.searchsorted(self._sorted, wanted, "left")
        count = np.searchsorted(self._sorted, wanted, "right") - first
        # A phrase that the page says over and over is looked up where it says it first.
        count = np.minimum(count, t.SEED_REPEATS)
        at = np.repeat(np.arange(len(wanted)), count)
        within = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
        place = self._order[np.repeat(first, count) + within]
        if free is not None and len(place):
            kept = free[place] & free[place + t.SEED_WORDS - 1]
            at, place = at[kept], place[kept]
        if not len(at):
            return np.empty((0, 3), np.int64)
        order = np.lexsort((place, place - at))
        at, place = at[order], place[order]
        breaks = np.flatnonzero((np.diff(place - at) != 0) | (np.diff(place) != 1)) + 1
        starts = np.concatenate([[0], breaks])
        lengths = np.diff(np.concatenate([starts, [len(at)]])) + t.SEED_WORDS - 1
        blocks = np.stack([at[starts], place[starts], lengths], axis=1)
        if len(blocks) > t.MAX_BLOCKS:
            blocks = blocks[np.argsort(-lengths, kind="stable")[: t.MAX_BLOCKS]]
        return _without_chance(blocks[np.lexsort((blocks[:, 0], blocks[:, 1]))])


def _without_chance(blocks: NDArray[np.int64]) -> NDArray[np.int64]:
    """The blocks, by place in the page, without the short ones whose words a long one before them has anyway."""
    _, page, length = blocks.T
    is_long = length >= t.LONG_BLOCK_WORDS
    reached = np.maximum.accumulate(np.where(is_long, page + length, 0))
    kept: NDArray[np.int64] = blocks[is_long | (page + length > reached)]
    return kept


def _run(blocks: NDArray[np.int64], index: int) -> Run:
    source, page, length = blocks[index]
    return Run(int(source), int(page), int(length))


def _within_sentences(source: Words, page: Words, run: Run) -> Run:
    """A run without the first words of the next sentence, or the last of the one before, that it shares by chance."""
    first, last = 0, run.length
    # At the ends of the text the few words that such a run lacks are differences, and no other sentence.
    opens = run.source <= t.NEAR_RUN_WORDS
    ends = len(source) - run.source_end <= t.NEAR_RUN_WORDS
    for size in range(1, min(t.SEED_WORDS, run.length)):
        if _is_boundary(source, page, run.source + size, run.page + size) and not first:
            first = 0 if opens or _is_boundary(source, page, run.source, run.page) else size
        if _is_boundary(source, page, run.source_end - size, run.page_end - size) and last == run.length:
            last -= 0 if ends or _is_boundary(source, page, run.source_end, run.page_end) else size
    return Run(run.source + first, run.page + first, last - first) if first < last else run


def _is_boundary(source: Words, page: Words, ours: int, theirs: int) -> bool:
    return source.opens_sentence(ours) and page.opens_sentence(theirs)


def _chain(blocks: NDArray[np.int64]) -> list[int]:
    """The heaviest chain of blocks that keeps the order of both texts: words less what the gaps cost."""
    count = len(blocks)
    if not count:
        return []
    source, page, length = blocks.T
    source_end, page_end = source + length, page + length
    score = length.astype(np.float64)
    before = np.full(count, -1)
    for i in range(1, count):
        low = max(0, i - t.CHAIN_LOOKBACK)
        gap_source, gap_page = source[i] - source_end[low:i], page[i] - page_end[low:i]
        overlap = np.maximum(0, np.maximum(-gap_source, -gap_page))
        cost = t.GAP_COST * np.log2(2 + np.maximum(gap_source, 0) + np.maximum(gap_page, 0))
        gain = score[low:i] + length[i] - overlap - cost
        # Blocks may overlap where a word stands twice, but each must bring words of its own.
        gain[(overlap >= length[i]) | (overlap >= length[low:i])] = -1.0
        best = int(np.argmax(gain))
        if gain[best] > score[i]:
            score[i], before[i] = gain[best], low + best
    at = int(np.argmax(score))
    found = []
    while at >= 0:
        found.append(at)
        at = int(before[at])
    return found[::-1]


def _core(blocks: NDArray[np.int64], chain: list[int]) -> list[int]:
    """The chain without what stands far from all else and is too short to be more than chance."""
    groups: list[list[int]] = []
    for index in chain:
        if groups:
            last = blocks[groups[-1][-1]]
            gap = blocks[index, :2] - last[:2] - last[2]
        # What follows at once on the page is no chance, however much the page leaves out before it.
        if groups and (int(gap.max()) <= t.FAR_GAP_WORDS or int(gap[1]) <= t.NEAR_RUN_WORDS):
            groups[-1].append(index)
        else:
            groups.append([index])
    weights = [int(blocks[group, 2].sum()) for group in groups]
    least = min(t.MOVED_WORDS, max(weights, default=0))
    return [index for group, weight in zip(groups, weights, strict=True) if weight >= least for index in group]


def beyond(words: Sequence[str], phrase: Sequence[str]) -> int:
    """How many words there are beyond the longest piece of a phrase among them."""
    if len(words) >= 2 * len(phrase):
        return len(words) - len(phrase)
    return len(words) - SequenceMatcher(None, words, phrase, autojunk=False).find_longest_match().size


def _trimmed(source: Words, page: Words, chain: Sequence[Run], title: Sequence[str]) -> tuple[Run, ...]:
    """The chain without ends in other lines (a title, a teaser) that bring less than the gap to them costs."""
    first, last = 0, len(chain)
    breaks = [at for at in range(1, len(chain)) if _has_break(page, chain[at - 1], chain[at])]
    for at in breaks:
        if _is_apart(source, page, chain[at - 1], chain[at], _own(source, chain[first:at], title)):
            first = at
    for at in reversed(breaks):
        if at > first and _is_apart(source, page, chain[at - 1], chain[at], _own(source, chain[at:last], title)):
            last = at
    return tuple(chain[first:last])


def _own(source: Words, runs: Sequence[Run], title: Sequence[str]) -> int:
    """How many words of some runs are not just the title's."""
    return sum(beyond(source.keys[run.source : run.source_end], title) for run in runs)


def _has_break(page: Words, left: Run, right: Run) -> bool:
    """Whether words of the page stand between two runs, and a line break."""
    start, end = page.span(left.page_end - 1, right.page + 1)
    return right.page > left.page_end and "\n" in page.text[start:end]


def _is_apart(source: Words, page: Words, left: Run, right: Run, count: int) -> bool:
    """Whether the `count` words on the far side of a gap are fewer than those that differ in it."""
    whole = _is_boundary(source, page, left.source_end, left.page_end)
    whole = whole and _is_boundary(source, page, right.source, right.page)
    return not count or (not whole and count < max(right.source - left.source_end, right.page - left.page_end))


def _filled(source: Words, page: Words, links: Sequence[Run], free: NDArray[np.bool_] | None) -> Iterator[Run]:
    """The links without their overlaps, with the short equal runs between and around them."""
    held: Run | None = None
    for link in links:
        if held is None:
            runs = list(_around(source, page, link, free, before=True))
            yield from runs
        else:
            overlap = max(0, held.source_end - link.source, held.page_end - link.page)
            link = Run(link.source + overlap, link.page + overlap, link.length - overlap)
            yield held
            yield from _between(source, page, held, link)
        held = link
    if held is not None:
        yield held
        yield from _around(source, page, held, free, before=False)


def _between(source: Words, page: Words, left: Run, right: Run) -> Iterator[Run]:
    """Equal runs in the gap between two links: all where it is short or mostly equal, else those near what is sure."""
    gap_source, gap_page = right.source - left.source_end, right.page - left.page_end
    if not gap_source or not gap_page or gap_source * gap_page > t.MAX_GAP_PRODUCT:
        return
    runs = _common(source, page, (left.source_end, right.source), (left.page_end, right.page))
    shared = sum(run.length for run in runs)
    if max(gap_source, gap_page) <= t.NEAR_GAP_WORDS or shared >= t.SHARED_GAP_SHARE * max(gap_source, gap_page):
        yield from runs
        return
    kept = set(_near(source, page, left, runs)) | set(_near(source, page, right, runs[::-1]))
    yield from (run for run in runs if run in kept)


def _around(source: Words, page: Words, link: Run, free: NDArray[np.bool_] | None, *, before: bool) -> Iterator[Run]:
    """Short equal runs just before the first link, or just after the last, on the same lines of both texts."""
    window = t.EDGE_WORDS
    if before:
        ours = (source.line_start(link.source, link.source - window), link.source)
        theirs = (page.line_start(link.page, link.page - window), link.page)
    else:
        ours = (link.source_end, source.line_end(link.source_end, link.source_end + window))
        theirs = (link.page_end, page.line_end(link.page_end, link.page_end + window))
    runs = _common(source, page, ours, theirs)
    if free is not None:
        runs = [run for run in runs if free[run.page : run.page_end].all()]
    yield from sorted(_near(source, page, link, runs[::-1] if before else runs))


def _common(source: Words, page: Words, ours: tuple[int, int], theirs: tuple[int, int]) -> list[Run]:
    left, right = source.ids[slice(*ours)].tolist(), page.ids[slice(*theirs)].tolist()
    return [
        Run(ours[0] + op.src_start, theirs[0] + op.dest_start, op.src_end - op.src_start)
        for op in LCSseq.opcodes(left, right)
        if op.tag == "equal"
    ]


def _near(source: Words, page: Words, anchor: Run, runs: Sequence[Run]) -> Iterator[Run]:
    """Of runs that lead away from an anchor, those that each stand near the one before in both texts.

    Where both texts begin a sentence at its end, a few equal words of the next ones are chance.
    """
    held = anchor
    for run in runs:
        gap_source = max(run.source - held.source_end, held.source - run.source_end)
        gap_page = max(run.page - held.page_end, held.page - run.page_end)
        reach = t.NEAR_RUN_WORDS * min(run.length, t.SEED_WORDS)
        ours, theirs = (held.source_end, held.page_end) if run.source > held.source else (held.source, held.page)
        is_chance = run.length < t.SEED_WORDS and _is_boundary(source, page, ours, theirs)
        if max(gap_source, gap_page) <= reach and not is_chance:
            yield run
            held = run


def _beside(source: Words, page: Words, chain: Sequence[Run], rest: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """Of the blocks outside the chain, longest first: what covers new words of the statement, and what does not."""
    ours, theirs = np.zeros(len(source), bool), np.zeros(len(page), bool)
    for run in chain:
        ours[run.source : run.source_end] = True
        theirs[run.page : run.page_end] = True
    moved, repeated = list[Run](), list[Run]()
    for run in rest:
        taken = theirs[run.page : run.page_end]
        if (part := _open_part(run, taken | ours[run.source : run.source_end])) is not None:
            moved.append(part)
            ours[part.source : part.source_end] = True
        elif (part := _open_part(run, taken)) is not None:
            repeated.append(part)
        else:
            continue
        theirs[part.page : part.page_end] = True
    return moved, repeated


def _open_part(run: Run, taken: NDArray[np.bool_]) -> Run | None:
    """The longest part of a run that is not taken, None where that is too short."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], taken, [True]])))
    starts, lengths = edges[::2], np.diff(edges)[::2]
    if not len(starts) or lengths.max() < t.MOVED_WORDS:
        return None
    at = int(np.argmax(lengths))
    return Run(run.source + int(starts[at]), run.page + int(starts[at]), int(lengths[at]))
