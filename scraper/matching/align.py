"""Where the words of a statement stand in a page: equal runs of words, and the best chain of them (pure).

Runs of four equal words are found by hash wherever they are in the page, grown to their full length
and chained by dynamic programming, so that other text, a second copy of the body or another
statement on the page costs nothing. Only between the links of the chain are words compared one by
one, with a longest common subsequence, in windows of bounded size.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import nsmallest
from itertools import islice
from math import log2
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import LCSseq

from scraper.matching import thresholds as t

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scraper.text.tokens import Words


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
        self._places: dict[int, tuple[int, ...]] = {}
        for place, seed in enumerate(_seeds(page)):
            if seed not in self._places:
                self._places[seed] = (place,)
            # A phrase that the page says over and over is looked up where it says it first.
            elif len(self._places[seed]) < t.SEED_REPEATS:
                self._places[seed] += (place,)

    def align(self, source: Words, free: bytes | bytearray | None = None, title: Sequence[str] = ()) -> Alignment:
        """The alignment of a statement with this page; only words where `free`, a byte a word, is 1 are looked at.

        Runs of words that the statement's title has too are no passage where they stand apart: there it is the title.
        """
        blocks = list(_without_chance(self.runs(source, free)))
        main = _core(_chain(blocks))
        links = [_within_sentences(source, self.page, run) for run in main]
        chain = list(_filled(source, self.page, links, free))
        filled = _trimmed(source, self.page, chain, title)
        if not filled:
            return Alignment(())
        chosen = set(main)
        rest = [run for run in blocks if run not in chosen and run.length >= t.MOVED_WORDS]
        rest = [run for run in rest if _own(source, [run], title) >= t.MOVED_WORDS]
        moved, repeated = _beside(
            source, self.page, filled, sorted(rest, key=lambda run: -run.length)[: t.MAX_BLOCKS_BESIDE]
        )
        return Alignment(filled, tuple(sorted(moved)), tuple(sorted(repeated)))

    def runs(self, source: Words, free: bytes | bytearray | None = None) -> list[Run]:
        """Equal runs of at least `SEED_WORDS` words, none part of a longer one, at most `MAX_BLOCKS`; in page order."""
        blocks = list[Run]()
        growing: dict[int, list[int]] = {}  # by diagonal: the seed that a run begins with, and how many it has
        for at, places in enumerate(map(self._places.get, _seeds(source))):
            for place in places or ():
                if free is not None and not (free[place] and free[place + t.SEED_WORDS - 1]):
                    continue
                diagonal = place - at
                run = growing.get(diagonal)
                if run is not None and run[0] + run[1] == at:
                    run[1] += 1
                    continue
                if run is not None:
                    blocks.append(_block(diagonal, *run))
                growing[diagonal] = [at, 1]
        blocks += [_block(diagonal, *run) for diagonal, run in growing.items()]
        if len(blocks) > t.MAX_BLOCKS:
            # Of equally long ones those of the first diagonal: any order will do, as long as it is one.
            blocks = nsmallest(t.MAX_BLOCKS, blocks, key=lambda run: (-run.length, run.page - run.source, run.page))
        return sorted(blocks, key=lambda run: (run.page, run.source))


def _block(diagonal: int, first: int, count: int) -> Run:
    return Run(first, first + diagonal, count + t.SEED_WORDS - 1)


def _seeds(text: Words) -> Iterator[int]:
    """A hash, for this process, of each `SEED_WORDS` words in a row."""
    return map(hash, zip(*(islice(text.ids, place, None) for place in range(t.SEED_WORDS)), strict=False))


def _without_chance(blocks: Sequence[Run]) -> Iterator[Run]:
    """The blocks, by place in the page, without the short ones whose words a long one before them has anyway."""
    reached = 0
    for run in blocks:
        if run.length >= t.LONG_BLOCK_WORDS:
            reached = max(reached, run.page_end)
            yield run
        elif run.page_end > reached:
            yield run


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


def _chain(blocks: Sequence[Run]) -> list[Run]:
    """The heaviest chain of blocks that keeps the order of both texts: words less what the gaps cost."""
    score = [float(run.length) for run in blocks]
    before = [-1] * len(blocks)
    ends = [(run.source_end, run.page_end, run.length) for run in blocks]
    for i, (source, page, length) in enumerate(blocks):
        best = score[i]
        for j in range(i - 1, max(0, i - t.CHAIN_LOOKBACK) - 1, -1):
            # The shortest gap costs as much as this: most blocks are left out here, and need no logarithm.
            if score[j] + length - t.GAP_COST < best:
                continue
            source_end, page_end, other = ends[j]
            gap_source, gap_page = source - source_end, page - page_end
            overlap, gap = 0, gap_source + gap_page
            if gap_source < 0 or gap_page < 0:
                overlap, gap = max(-gap_source, -gap_page), max(gap_source, gap_page, 0)
            # Blocks may overlap where a word stands twice, but each must bring words of its own.
            if overlap >= length or overlap >= other or score[j] + length - overlap - t.GAP_COST < best:
                continue
            gain = score[j] + length - overlap - t.GAP_COST * log2(2 + gap)
            if gain > best or (gain == best and before[i] >= 0):
                best, before[i] = gain, j
        score[i] = best
    at = score.index(max(score)) if score else -1
    found = list[Run]()
    while at >= 0:
        found.append(blocks[at])
        at = before[at]
    return found[::-1]


def _core(chain: Sequence[Run]) -> list[Run]:
    """The chain without what stands far from all else and is too short to be more than chance."""
    groups: list[list[Run]] = []
    for run in chain:
        if groups:
            last = groups[-1][-1]
            gap_source, gap_page = run.source - last.source_end, run.page - last.page_end
            # What follows at once on the page is no chance, however much the page leaves out before it.
            if max(gap_source, gap_page) <= t.FAR_GAP_WORDS or gap_page <= t.NEAR_RUN_WORDS:
                groups[-1].append(run)
                continue
        groups.append([run])
    weights = [sum(run.length for run in group) for group in groups]
    least = min(t.MOVED_WORDS, max(weights, default=0))
    return [run for group, weight in zip(groups, weights, strict=True) if weight >= least for run in group]


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


def _filled(source: Words, page: Words, links: Sequence[Run], free: bytes | bytearray | None) -> Iterator[Run]:
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


def _around(source: Words, page: Words, link: Run, free: bytes | bytearray | None, *, before: bool) -> Iterator[Run]:
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
        runs = [run for run in runs if all(free[run.page : run.page_end])]
    yield from sorted(_near(source, page, link, runs[::-1] if before else runs))


def _common(source: Words, page: Words, ours: tuple[int, int], theirs: tuple[int, int]) -> list[Run]:
    left, right = source.ids[slice(*ours)], page.ids[slice(*theirs)]
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
    ours, theirs = bytearray(len(source)), bytearray(len(page))
    for run in chain:
        ours[run.source : run.source_end] = theirs[run.page : run.page_end] = b"\1" * run.length
    moved, repeated = list[Run](), list[Run]()
    for run in rest:
        taken = theirs[run.page : run.page_end]
        if (part := _open_part(run, bytes(map(or_, taken, ours[run.source : run.source_end])))) is not None:
            moved.append(part)
            ours[part.source : part.source_end] = b"\1" * part.length
        elif (part := _open_part(run, taken)) is not None:
            repeated.append(part)
        else:
            continue
        theirs[part.page : part.page_end] = b"\1" * part.length
    return moved, repeated


def _open_part(run: Run, taken: bytes | bytearray) -> Run | None:
    """The longest part of a run whose words are not taken (0, else 1), None where that is too short."""
    length = max(map(len, taken.split(b"\1")))
    if length < t.MOVED_WORDS:
        return None
    at = taken.find(bytes(length))
    return Run(run.source + at, run.page + at, length)
