"""Alignment of a statement with a page: equal runs of words, and the best chain of them (pure).

Runs of four equal words are found by hash wherever they are in the page, grown to their full length
and chained by dynamic programming, so that other text, a second copy of the body or another
statement on the page costs nothing. Words are compared one by one only between the links of the
chain, with a longest common subsequence, in windows of bounded size.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import nsmallest
from itertools import accumulate
from math import log2
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import LCSseq

from scraper.matching import page_words, phrases
from scraper.matching import thresholds as t

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scraper.text.tokens import Words


class Run(NamedTuple):
    """A run of `length` equal words from word `source` of the statement and word `page` of the page."""

    source: int
    page: int
    length: int

    @property
    def source_end(self) -> int:
        """The word of the statement after the run."""
        return self.source + self.length

    @property
    def page_end(self) -> int:
        """The word of the page after the run."""
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
        """The number of words of the statement that stand in the page."""
        return sum(run.length for run in self.chain) + sum(run.length for run in self.moved)


class Seeds:
    """A page prepared for alignment with any number of statements: the places of its runs of words.

    `seeds` are the hashes of the runs of `SEED_WORDS` words of a text, in order.
    """

    def __init__(self, page: Words, seeds: Sequence[int]) -> None:
        self.page = page
        # Most occur once: these are their last places, and all places of the others.
        self._last = dict(zip(seeds, range(len(seeds)), strict=True))
        self._repeated: dict[int, list[int]] = defaultdict(list)
        for place, last in enumerate(map(self._last.__getitem__, seeds)):
            if place != last:
                self._repeated[seeds[place]].append(place)
        for seed, places in self._repeated.items():
            # A phrase that the page repeats often is looked up at its first `SEED_REPEATS` places only.
            self._repeated[seed] = [*places, self._last[seed]][: t.SEED_REPEATS]

    def align(
        self, source: Words, seeds: Sequence[int], free: bytes | bytearray, title: Sequence[str] = ()
    ) -> Alignment:
        """Align a statement with this page, within the words for which `free`, one byte for each word, is 1.

        `seeds` are the statement's. Runs of words that are also in the statement's title are no passage if they stand
        apart: they are the title.
        """
        blocks = list(_without_chance(self.runs(seeds, free)))
        main = _without_outliers(_chain(blocks))
        links = [_within_sentences(source, self.page, run) for run in main]
        chain = list(_fill_gaps(source, self.page, links, free))
        trimmed = _trim_ends(source, self.page, _without_call(self.page, chain), title)
        filled = tuple(_without_other_signs(source, self.page, trimmed))
        if not filled:
            return Alignment(())
        chosen = set(main)
        rest = [run for run in blocks if run not in chosen and run.length >= t.MOVED_WORDS]
        rest = [run for run in rest if _count_own(source, run, title) >= t.MOVED_WORDS]
        moved, repeated = _beside(
            source, self.page, filled, sorted(rest, key=lambda run: -run.length)[: t.MAX_BLOCKS_BESIDE]
        )
        return Alignment(filled, tuple(sorted(moved)), tuple(sorted(repeated)))

    def runs(self, seeds: Sequence[int], free: bytes | bytearray) -> list[Run]:
        """Return at most `MAX_BLOCKS` equal runs of `SEED_WORDS` or more words, none part of another, in page order."""
        blocks = list[Run]()
        growing: dict[int, list[int]] = {}  # by diagonal: first seed of a run, and number of seeds
        for at, last in enumerate(map(self._last.get, seeds)):
            if last is None:
                continue
            for place in self._repeated.get(seeds[at]) or (last,):
                if not (free[place] and free[place + t.SEED_WORDS - 1]):
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
            # Of equally long blocks, take those of the first diagonal: any order serves, as long as it is fixed.
            blocks = nsmallest(t.MAX_BLOCKS, blocks, key=lambda run: (-run.length, run.page - run.source, run.page))
        return sorted(blocks, key=lambda run: (run.page, run.source))


def _block(diagonal: int, first: int, count: int) -> Run:
    return Run(first, first + diagonal, count + t.SEED_WORDS - 1)


def _without_chance(blocks: Sequence[Run]) -> Iterator[Run]:
    """Yield the blocks in page order, without short ones whose page words an earlier long block includes."""
    reached = 0
    for run in blocks:
        if run.length >= t.LONG_BLOCK_WORDS:
            reached = max(reached, run.page_end)
            yield run
        elif run.page_end > reached:
            yield run


def _within_sentences(source: Words, page: Words, run: Run) -> Run:
    """Trim a run by words of the sentence after or before that are equal by chance."""
    first, last = 0, run.length
    # At the ends of the text, the few words that such a run lacks are differences and not another sentence.
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
    """Return the heaviest chain of blocks that keeps the order of both texts; its weight is words minus gap costs."""
    score = [float(run.length) for run in blocks]
    before = [-1] * len(blocks)
    ends = [(run.source_end, run.page_end, run.length) for run in blocks]
    for i, (source, page, length) in enumerate(blocks):
        best = score[i]
        for j in range(i - 1, max(0, i - t.CHAIN_LOOKBACK) - 1, -1):
            # The shortest gap costs as much as this: most blocks are rejected here, without a logarithm.
            if score[j] + length - t.GAP_COST < best:
                continue
            source_end, page_end, other = ends[j]
            gap_source, gap_page = source - source_end, page - page_end
            overlap, gap = 0, gap_source + gap_page
            if gap_source < 0 or gap_page < 0:
                overlap, gap = max(-gap_source, -gap_page), max(gap_source, gap_page, 0)
            # Blocks may overlap if a word occurs twice, but each must add words of its own.
            if overlap >= length or overlap >= other or score[j] + length - overlap - t.GAP_COST < best:
                continue
            gain = score[j] + length - overlap - t.GAP_COST * log2(2 + gap)
            if gain > best or (gain == best and before[i] >= 0):
                best, before[i] = gain, j
        score[i] = best
    at = max(range(len(score)), key=score.__getitem__, default=-1)
    found = list[Run]()
    while at >= 0:
        found.append(blocks[at])
        at = before[at]
    return found[::-1]


def _without_outliers(chain: Sequence[Run]) -> list[Run]:
    """Remove groups of runs that are far from all others and too short to be more than chance."""
    groups: list[list[Run]] = []
    for run in chain:
        if groups:
            last = groups[-1][-1]
            gap_source, gap_page = run.source - last.source_end, run.page - last.page_end
            # A run that follows at once on the page is not chance, however much the page leaves out before it.
            if max(gap_source, gap_page) <= t.FAR_GAP_WORDS or gap_page <= t.NEAR_RUN_WORDS:
                groups[-1].append(run)
                continue
        groups.append([run])
    weights = [sum(run.length for run in group) for group in groups]
    least = min(t.MOVED_WORDS, max(weights, default=0))
    return [run for group, weight in zip(groups, weights, strict=True) if weight >= least for run in group]


def count_beyond(words: Sequence[str], phrase: Sequence[str]) -> int:
    """Count the words beyond the longest part of a phrase among them."""
    if len(words) >= t.EDGE_WORDS + len(phrase):
        return len(words) - len(phrase)  # enough for all that ask
    if set(phrase).isdisjoint(words):
        return len(words)  # most runs: the search below takes twenty times as long
    return len(words) - SequenceMatcher(None, words, phrase, autojunk=False).find_longest_match().size


def _trim_ends(source: Words, page: Words, chain: Sequence[Run], title: Sequence[str]) -> tuple[Run, ...]:
    """Remove ends of the chain in other lines (a title, a teaser) that add fewer words than the gap to them costs."""
    first, last = 0, len(chain)
    breaks = [at for at in range(1, len(chain)) if _has_break(page, chain[at - 1], chain[at])]
    # The number of words in all runs before each one.
    before = [0, *accumulate(_count_own(source, run, title) for run in chain)] if breaks else []
    for at in breaks:
        if _is_apart(source, page, chain[at - 1], chain[at], before[at] - before[first]):
            first = at
    for at in reversed(breaks):
        if at > first and _is_apart(source, page, chain[at - 1], chain[at], before[last] - before[at]):
            last = at
    return tuple(chain[first:last])


def _without_call(page: Words, chain: Sequence[Run]) -> Sequence[Run]:
    """Leave out words of a site's call to read on, by which a passage ends: "… will… Read More" has no "will read"."""
    if not chain:
        return chain
    *others, last = chain
    first = others[-1].page_end - 1 if others else last.page
    for stop in range(last.page_end, min(last.page_end + phrases.LONGEST_CALL, len(page)) + 1):
        at = page_words.before_call(page, first, stop)
        if at <= last.page:
            return others
        if at < last.page_end:
            return [*others, last._replace(length=at - last.page)]
    return chain


def _without_other_signs(source: Words, page: Words, chain: Sequence[Run]) -> Iterator[Run]:
    """Yield the runs without the words that have other signs of a value on the page: "$58" is not "€58"."""
    ours, theirs = source.signs, page.signs
    marked = sorted({*ours[0], *ours[1]}), sorted({*theirs[0], *theirs[1]})
    for run in chain:
        at = {i - run.source for i in _within(marked[0], run.source, run.source_end)}
        at |= {i - run.page for i in _within(marked[1], run.page, run.page_end)}
        start = 0
        for place in sorted(at):
            if source.signed(run.source + place) != page.signed(run.page + place):
                if start < place:
                    yield Run(run.source + start, run.page + start, place - start)
                start = place + 1
        if start < run.length:
            yield Run(run.source + start, run.page + start, run.length - start)


def _within(places: Sequence[int], first: int, stop: int) -> Sequence[int]:
    return places[bisect_left(places, first) : bisect_left(places, stop)]


def _count_own(source: Words, run: Run, title: Sequence[str]) -> int:
    """Count the words of a run that are not just the title's."""
    return count_beyond(source.keys[run.source : run.source_end], title)


def _has_break(page: Words, left: Run, right: Run) -> bool:
    """Return True if words of the page and a line break stand between two runs."""
    start, end = page.span(left.page_end - 1, right.page + 1)
    return right.page > left.page_end and "\n" in page.text[start:end]


def _is_apart(source: Words, page: Words, left: Run, right: Run, count: int) -> bool:
    """Return True if the `count` words on the far side of a gap are fewer than those that differ in it."""
    whole = _is_boundary(source, page, left.source_end, left.page_end)
    whole = whole and _is_boundary(source, page, right.source, right.page)
    return not count or (not whole and count < max(right.source - left.source_end, right.page - left.page_end))


def _fill_gaps(source: Words, page: Words, links: Sequence[Run], free: bytes | bytearray) -> Iterator[Run]:
    """Yield the links without their overlaps, and the short equal runs between and around them."""
    last: Run | None = None
    for link in links:
        if last is None:
            runs = list(_around(source, page, link, free, before=True))
            yield from runs
        else:
            overlap = max(0, last.source_end - link.source, last.page_end - link.page)
            link = Run(link.source + overlap, link.page + overlap, link.length - overlap)
            yield last
            yield from _between(source, page, last, link)
        last = link
    if last is not None:
        yield last
        yield from _around(source, page, last, free, before=False)


def _between(source: Words, page: Words, left: Run, right: Run) -> Iterator[Run]:
    """Yield the equal runs in the gap between two links: all if it is short or mostly equal, else those near a link."""
    gap_source, gap_page = right.source - left.source_end, right.page - left.page_end
    if not gap_source or not gap_page or gap_source * gap_page > t.MAX_GAP_PRODUCT:
        return
    runs = _common(source, page, (left.source_end, right.source), (left.page_end, right.page))
    shared = sum(run.length for run in runs)
    if max(gap_source, gap_page) <= t.NEAR_GAP_WORDS or shared >= t.SHARED_GAP_SHARE * max(gap_source, gap_page):
        yield from runs
        return
    near = set(_near(source, page, left, runs)) | set(_near(source, page, right, runs[::-1]))
    yield from (run for run in runs if run in near)


def _around(source: Words, page: Words, link: Run, free: bytes | bytearray, *, before: bool) -> Iterator[Run]:
    """Yield short equal runs just before the first link, or just after the last, on the same lines of both texts."""
    window = t.EDGE_WORDS
    if before:
        ours = (source.line_start(link.source, link.source - window), link.source)
        theirs = (page.line_start(link.page, link.page - window), link.page)
    else:
        ours = (link.source_end, source.line_end(link.source_end, link.source_end + window))
        theirs = (link.page_end, page.line_end(link.page_end, link.page_end + window))
    runs = [run for run in _common(source, page, ours, theirs) if all(free[run.page : run.page_end])]
    yield from sorted(_near(source, page, link, runs[::-1] if before else runs))


def _common(source: Words, page: Words, ours: tuple[int, int], theirs: tuple[int, int]) -> list[Run]:
    left, right = source.ids[slice(*ours)], page.ids[slice(*theirs)]
    return [
        Run(ours[0] + op.src_start, theirs[0] + op.dest_start, op.src_end - op.src_start)
        for op in LCSseq.opcodes(left, right)
        if op.tag == "equal"
    ]


def _near(source: Words, page: Words, anchor: Run, runs: Sequence[Run]) -> Iterator[Run]:
    """Yield those runs, which lead away from an anchor, that each stand near the one before in both texts.

    If both texts begin a sentence at the end of a run, a few equal words after it are chance.
    """
    last = anchor
    for run in runs:
        gap_source = max(run.source - last.source_end, last.source - run.source_end)
        gap_page = max(run.page - last.page_end, last.page - run.page_end)
        reach = t.NEAR_RUN_WORDS * min(run.length, t.SEED_WORDS)
        ours, theirs = (last.source_end, last.page_end) if run.source > last.source else (last.source, last.page)
        is_chance = run.length < t.SEED_WORDS and _is_boundary(source, page, ours, theirs)
        if max(gap_source, gap_page) <= reach and not is_chance:
            yield run
            last = run


def _beside(source: Words, page: Words, chain: Sequence[Run], rest: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """Split the blocks outside the chain, longest first, into those with new words of the statement and repeats."""
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
    """Return the longest part of a run whose words are not taken (0, else 1), or None if that is too short."""
    length = max(map(len, taken.split(b"\1")))
    if length < t.MOVED_WORDS:
        return None
    at = taken.find(bytes(length))
    return Run(run.source + at, run.page + at, length)
