"""Reading of the gaps between aligned runs: cut sentences, page furniture, other prose or changed words (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scraper.matching import joined_words, moved, page_words, phrases
from scraper.matching import thresholds as t
from scraper.matching.model import WordChange
from scraper.model import Grade, Reason, Span
from scraper.text import diff
from scraper.text.normalize import visible_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scraper.matching.align import Alignment, Run
    from scraper.text.tokens import Excerpt, Words

_ELLIPSIS = re.compile(r"…|\.\.\.|\[\s*\]|\(\s*\)")
_QUOTED = re.compile(r"[“\"]\W*\Z"), re.compile(r"\A\W*[”\"]")


@dataclass(slots=True)
class GapReading:
    """Meaning of an alignment, gap by gap.

    `changes` are words that differ inside a passage. `exchanged` are whole sentences between two
    passages that other prose replaces; `replaced` counts their words and those of other prose that
    continues the line of a passage, `cut` those of sentences that are simply missing. `beside` counts
    words of prose right before or after all passages, if the statement begins earlier or continues;
    `supplanted` counts those of these two edges with enough prose to replace the missing words. `same` counts
    words that differ in typography only ("D.C." and "DC", letters lost to a wrong character set).
    `moved` are runs out of order, except `blocks`: whole paragraphs of the statement in another order.
    `glued` are words of the page that are joined to a sentence of a passage, before or after it.
    `passages` are the aligned passages as word ranges (statement, page) without the gaps that separate them.
    """

    changes: list[WordChange] = field(default_factory=list)
    passages: list[WordChange] = field(default_factory=list)
    exchanged: list[WordChange] = field(default_factory=list)
    replaced: int = 0
    beside: int = 0
    supplanted: int = 0
    cut: int = 0
    same: int = 0
    moved: list[WordChange] = field(default_factory=list)
    glued: list[WordChange] = field(default_factory=list)
    blocks: list[WordChange] = field(default_factory=list)


def read(
    source: Words, page: Words, alignment: Alignment, titles: Sequence[str] = ("",), *, has_title: bool = True
) -> GapReading:
    """Classify each gap. The alignment must not be empty.

    `titles` are the keys of the statement's title and of the page's, if known. `has_title`: the page has the title of
    the statement or of another of its kind. Then paragraphs between two passages replace the statement's own; in a
    report they are the reporter's.
    """
    reading = GapReading()
    chain, title = alignment.chain, titles[0]
    elsewhere = _read_moved(source, page, alignment, reading)
    if len(chain) > 1 and page_words.find_glued(source, page, chain[1].source, chain[1].page, title) is not None:
        chain = chain[1:]  # "Child LaborChild labor": the title has the first word too
    start = _head(source, page, chain[0], title, reading)
    last = chain[0]
    for run in chain[1:]:
        gap = _shift(source, page, WordChange(last.source_end, run.source, last.page_end, run.page), last.length)
        if (separator := _separator(source, page, gap, has_title, reading)) is not None:
            reading.passages.append(WordChange(start[0], separator.source, start[1], separator.page))
            start = separator.source_end, separator.page_end
        last = run
    end = _tail(source, page, last, reading)
    if _is_quoted(page, chain[0].page, last.page_end):
        reading.supplanted = 0
    reading.passages.append(WordChange(start[0], end[0], start[1], end[1]))
    reading.passages.extend(elsewhere)
    # Moved words are not missing in their old place.
    missing = sum(run.length for run in alignment.moved)
    reading.cut = max(0, reading.cut - missing)
    _add_glued(source, page, titles, reading)
    return reading


def _read_moved(source: Words, page: Words, alignment: Alignment, reading: GapReading) -> list[WordChange]:
    """Record the runs out of order; return their passages."""
    found: list[WordChange] = []
    for block in moved.read(source, page, alignment):
        if block.is_whole:
            reading.blocks.append(block.place)
            reading.changes.extend(block.changes)
            found.append(block.place)
            continue
        found.extend(block.runs)
        # On a page with the body twice, words out of order belong to the other body.
        if not alignment.repeated:
            reading.moved.extend(block.runs)
    return found


def _add_glued(source: Words, page: Words, titles: Sequence[str], reading: GapReading) -> None:
    """Extend the passages by the words of the page that are joined to their first or last sentence."""
    order = sorted(range(len(reading.passages)), key=lambda at: reading.passages[at].page)
    lowest = 0
    for place, at in enumerate(order):
        passage = reading.passages[at]
        highest = reading.passages[order[place + 1]].page if place + 1 < len(order) else len(page)
        start = joined_words.find_before(source, page, passage, lowest, titles)
        end = joined_words.find_after(source, page, passage, highest)
        ours = passage.source, passage.source_end
        if start < passage.page:
            reading.glued.append(WordChange(ours[0], ours[0], start, passage.page))
        if end > passage.page_end:
            reading.glued.append(WordChange(ours[1], ours[1], passage.page_end, end))
        reading.passages[at] = WordChange(*ours, start, end)
        lowest = end


def _shift(source: Words, page: Words, gap: WordChange, room: int) -> WordChange:
    """Move a pure loss or insertion to where people see it: "A b. [A c.] A d." rather than "A [b. A c. A] d."."""
    s0, s1, p0, p1 = gap
    if (s0 == s1) == (p0 == p1):
        return gap
    words, first, stop = (page, p0, p1) if s0 == s1 else (source, s0, s1)
    for back in range(min(room, t.NEAR_GAP_WORDS) + 1):
        moved = WordChange(s0 - back, s1 - back, p0 - back, p1 - back)
        if _is_marked(page, moved) or (words.opens_sentence(first - back) and words.opens_sentence(stop - back)):
            return moved
        if back < room and words.ids[first - back - 1] != words.ids[stop - back - 1]:
            break
    return gap


def _is_marked(page: Words, gap: WordChange) -> bool:
    """Return True if the page has dots for all the words of a gap: "[…]" marks a cut."""
    return gap.page == gap.page_end and gap.source < gap.source_end and bool(_ELLIPSIS.search(page.gap(gap.page)))


def _separator(source: Words, page: Words, gap: WordChange, has_title: bool, reading: GapReading) -> WordChange | None:
    """Return the part of a gap that separates two passages, or None for one inside a passage; record its meaning."""
    s0, s1, p0, p1 = gap
    if not gap.size:
        return None
    if page_words.is_same(source, page, (s0, s1), (p0, p1)):
        reading.same += s1 - s0
        return None
    if _is_marked(page, gap):
        reading.cut += s1 - s0
        return gap
    own_lines = page.opens_line(p0) and page.opens_line(p1)
    if s0 == s1 and (source.opens_line(s0) or own_lines):
        return gap  # page furniture between paragraphs, or blocks of its own within one
    if _is_of_sentences(source, page, gap):
        if (has_title or not own_lines) and any(
            page_words.has_sentence(page, first, stop, in_line=not own_lines)
            for first, stop in _without_blocks(reading, p0, p1)
        ):
            reading.replaced += max(s1 - s0, min(p1 - p0, t.LONG_SENTENCE_WORDS))
            reading.exchanged.append(gap)
        reading.cut += s1 - s0
        return gap
    if gap.size > t.MAX_CHANGE_WORDS:
        return _split_long(source, page, gap, reading)
    reading.changes.append(gap)
    return None


def _without_blocks(reading: GapReading, first: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of page words [first, stop) that are no paragraph of the statement in another order."""
    for block in reading.blocks:
        if first < block.page_end and block.page < stop:
            yield first, block.page
            first = block.page_end
    yield first, stop


def _is_of_sentences(source: Words, page: Words, gap: WordChange) -> bool:
    """Return True if a gap holds whole sentences of the statement, and of the page whole sentences or nothing."""
    s0, s1, p0, p1 = gap
    whole = s0 < s1 and source.opens_sentence(s0) and source.opens_sentence(s1)
    return whole and (p0 == p1 or (page.opens_sentence(p0) and page.opens_sentence(p1)))


def _split_long(source: Words, page: Words, gap: WordChange, reading: GapReading) -> WordChange:
    """Split a gap that is too long for one change: ends of broken sentences are changes, the rest between is cut."""
    left = source.sentence_end(gap.source, gap.source_end)
    right = source.sentence_start(gap.source_end, left)
    reading.cut += right - left
    if _is_cut_short(page, gap.page):
        reading.cut += left - gap.source
        left = gap.source
    edges = (
        WordChange(gap.source, left, gap.page, gap.page),
        WordChange(right, gap.source_end, gap.page_end, gap.page_end),
    )
    reading.changes.extend(edge for edge in edges if edge.size)
    return WordChange(left, right, gap.page, gap.page_end)


def _head(source: Words, page: Words, first: Run, title: str, reading: GapReading) -> tuple[int, int]:
    """Return the start of the first passage. A sentence whose beginning differs begins with a change."""
    if (at := page_words.find_glued(source, page, first.source, first.page, title)) is not None:
        reading.same += first.source
        return 0, at
    opening = source.sentence_start(first.source)
    theirs = page.sentence_start(first.page, max(0, first.page - t.MAX_CHANGE_WORDS))
    reading.cut += opening
    if opening:
        _note_before(source, page, first, reading)
    if opening == first.source:
        return first.source, first.page
    if _ELLIPSIS.search(page.gap(first.page)):
        reading.cut += first.source - opening
        return first.source, first.page
    ours = opening, first.source
    if page_words.is_same(source, page, ours, (theirs, first.page)):
        reading.same += first.source - opening
    else:
        reading.changes.append(WordChange(opening, first.source, theirs, first.page))
    return opening, theirs


def _tail(source: Words, page: Words, last: Run, reading: GapReading) -> tuple[int, int]:
    """Return the end of the last passage. A sentence that breaks off, as leads do, is cut and not changed."""
    closing = source.sentence_end(last.source_end)
    theirs = page.sentence_end(last.page_end, min(len(page), last.page_end + t.MAX_CHANGE_WORDS))
    rest = len(source) - closing
    reading.cut += rest
    if closing == last.source_end:
        if rest:
            _note_after(source, page, last, reading)
        return last.source_end, last.page_end
    if page_words.is_same(source, page, (last.source_end, closing), (last.page_end, theirs)):
        reading.same += closing - last.source_end
        return closing, theirs
    if _is_cut_short(page, last.page_end) or rest:
        _note_after(source, page, last, reading)
        reading.cut += closing - last.source_end
        return last.source_end, last.page_end
    reading.changes.append(WordChange(last.source_end, closing, last.page_end, theirs))
    return closing, theirs


def _note_before(source: Words, page: Words, first: Run, reading: GapReading) -> None:
    """Record prose before the first passage although the statement begins earlier; dots mean that it was cut."""
    if _ELLIPSIS.search(page.gap(first.page)):
        return
    if any(block.page < first.page <= block.page_end + t.NEAR_GAP_WORDS for block in reading.blocks):
        return  # the statement's own paragraphs in another order
    start = page.line_start(first.page, first.page - t.LONG_SENTENCE_WORDS)
    reading.replaced += first.page - start if page_words.has_sentence(page, start, first.page, in_line=True) else 0
    _note_beside(page_words.count_before(page, first.page, first.source), first.source, len(source), reading)


def _note_after(source: Words, page: Words, last: Run, reading: GapReading) -> None:
    """Record prose after the last passage although the statement continues; dots, or no full stop, mean a cut."""
    gap = page.gap(last.page_end)
    if _ELLIPSIS.search(gap) or (page.opens_line(last.page_end) and not page_words.SENTENCE_END.search(gap)):
        return
    if any(block.page - t.NEAR_GAP_WORDS <= last.page_end < block.page_end for block in reading.blocks):
        return
    end = page.line_end(last.page_end, last.page_end + t.LONG_SENTENCE_WORDS)
    reading.replaced += end - last.page_end if page_words.has_sentence(page, last.page_end, end, in_line=True) else 0
    missing = len(source) - last.source_end
    _note_beside(page_words.count_after(page, last.page_end, missing), missing, len(source), reading)


def _note_beside(count: int, missing: int, total: int, reading: GapReading) -> None:
    """Record `count` words of prose at an edge at which `missing` words of the statement are missing."""
    reading.beside += count
    reading.supplanted += missing >= t.SHARE_EDGE * total and count >= t.SHARE_SUPPLANTED * missing


def _is_quoted(page: Words, first: int, stop: int) -> bool:
    """Return True if page words stand in quotation marks: then the words around them are the reporter's."""
    opening, closing = _QUOTED
    return bool(opening.search(page.gap(first)) and closing.search(page.gap(stop)))


def _is_cut_short(page: Words, index: int) -> bool:
    """Return True if a page breaks off before a word: with a line, by dots, or by a call to read on."""
    is_marked = page.opens_line(index) or _ELLIPSIS.search(page.gap(index)) is not None
    return is_marked or page_words.opens_call(page, index)


def spans(source: Words, page: Words, passages: Sequence[WordChange]) -> tuple[Span, ...]:
    """Return the passages as character spans of both texts."""
    return tuple(
        Span(source.span(p.source, p.source_end), page.span(p.page, p.page_end))
        for p in passages
        if p.source < p.source_end and p.page < p.page_end
    )


def differences(source: Words, page: Words, reading: GapReading) -> tuple[Grade | None, tuple[Reason, ...]]:
    """Compare the words inside the passages: the grade, None if even the typography is equal, and the reasons."""
    reasons: list[Reason] = []
    for ours, theirs in _contexts(source, page, reading):
        reasons.extend(diff.compare(ours, theirs).reasons)
        # A hundred values in another spelling must not hide a changed one.
        if len(reasons) >= t.MAX_DIFFERENCES and any(reason.grade is Grade.MATERIAL for reason in reasons):
            break
    reasons.extend(
        Reason("doubt added", "", _quoted(page, place.page, place.page_end), Grade.MATERIAL)
        for place in reading.glued
        if not phrases.DOUBT.isdisjoint(page.keys[place.page : place.page_end])
    )
    reasons.extend(Reason("sentence moved", _quoted(source, *place[:2]), "", Grade.MATERIAL) for place in reading.moved)
    for place in reading.exchanged:
        after = _quoted(page, place.page, place.page_end)
        reasons.append(Reason("sentence replaced", _quoted(source, *place[:2]), after, Grade.MATERIAL))
    distinct = tuple(dict.fromkeys(reasons))
    if len(distinct) > t.MAX_DIFFERENCES:
        distinct = tuple(sorted(distinct, key=lambda reason: -reason.grade.rank))[: t.MAX_DIFFERENCES]
    if distinct:
        return max((reason.grade for reason in distinct), key=lambda grade: grade.rank), distinct
    if reading.changes or reading.glued:
        return Grade.MINOR, ()
    pairs = ((source.written(p.source, p.source_end), page.written(p.page, p.page_end)) for p in reading.passages)
    looks_equal = reading.same == 0 and all(
        not (own and their) or own == their or visible_key(own) == visible_key(their) for own, their in pairs
    )
    return None if looks_equal else Grade.COSMETIC, ()


def _quoted(words: Words, first: int, stop: int) -> str:
    return " ".join(words.written(first, stop).split())[:160]


def _contexts(source: Words, page: Words, reading: GapReading) -> Iterator[tuple[Excerpt, Excerpt]]:
    """Yield the changes with the words around them: neighbours together, each passage on its own."""
    changes = sorted((*reading.changes, *reading.glued))
    for passage in reading.passages:
        inside = [c for c in changes if passage.source <= c.source and c.source_end <= passage.source_end]
        inside = [c for c in inside if passage.page <= c.page and c.page_end <= passage.page_end]
        group: list[WordChange] = []
        for change in inside:
            far = group and change.source - group[-1].source_end > 2 * t.CONTEXT_WORDS
            long = group and change.source_end - group[0].source > t.MAX_CONTEXT_WORDS
            if far or long:
                yield _context(source, page, passage, group)
                group = []
            group.append(change)
        if group:
            yield _context(source, page, passage, group)


def _context(source: Words, page: Words, passage: WordChange, group: Sequence[WordChange]) -> tuple[Excerpt, Excerpt]:
    first, last = group[0], group[-1]
    before = min(first.source - passage.source, first.page - passage.page, t.CONTEXT_WORDS)
    after = min(passage.source_end - last.source_end, passage.page_end - last.page_end, t.CONTEXT_WORDS)
    ours = source.excerpt(first.source - before, last.source_end + after)
    return ours, page.excerpt(first.page - before, last.page_end + after)
