"""What lies between the links of an alignment: cut sentences, page furniture, other prose, or changed words (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from scraper.matching import sentences, typography
from scraper.matching import thresholds as t
from scraper.model import Grade, Span
from scraper.text import diff
from scraper.text.normalize import visible_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scraper.matching.align import Alignment, Run
    from scraper.text.tokens import Words

_ELLIPSIS = re.compile(r"…|\.\.\.|\[\s*\]|\(\s*\)")
_QUOTED = re.compile(r"[“\"]\W*\Z"), re.compile(r"\A\W*[”\"]")


class WordChange(NamedTuple):
    """Words [source, source_end) of the statement for which words [page, page_end) stand in the page."""

    source: int
    source_end: int
    page: int
    page_end: int

    @property
    def size(self) -> int:
        """How many words it concerns, on the side where there are more."""
        return max(self.source_end - self.source, self.page_end - self.page)


@dataclass(slots=True)
class GapReading:
    """What an alignment means, gap by gap.

    `changes` are words that differ inside a passage. `exchanged` are whole sentences between two
    passages in whose place other prose stands; `replaced` counts their words and those of other prose that
    goes on in the line of a passage, `cut` those of sentences that are simply not there. `beside` counts
    words of prose right before or after all that is found, where the statement begins earlier or goes on;
    `supplanted` says at how many of these two edges it is enough to stand for what is missing there. `same` counts
    words that differ on paper only ("D.C." and "DC", letters lost to a wrong character set).
    `passages` are the aligned passages as word ranges (statement, page) without what parts them.
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


def read(source: Words, page: Words, alignment: Alignment, title: str = "", *, is_called: bool = True) -> GapReading:
    """Say of each gap what it is. The alignment must not be empty.

    `title` is the key of the statement's title. `is_called` says that the page is called like the statement, or
    like another of its kind: then paragraphs between two passages stand in the place of the statement's own,
    where in a report they are the reporter's.
    """
    reading = GapReading()
    chain = alignment.chain
    if len(chain) > 1 and typography.glued(source, page, chain[1].source, chain[1].page, title) is not None:
        chain = chain[1:]  # "Child LaborChild labor": the title has the first word too
    start = _head(source, page, chain[0], title, reading)
    held = chain[0]
    for run in chain[1:]:
        gap = _slid(source, page, WordChange(held.source_end, run.source, held.page_end, run.page), held.length)
        if (parting := _parting(source, page, gap, is_called, reading)) is not None:
            reading.passages.append(WordChange(start[0], parting.source, start[1], parting.page))
            start = parting.source_end, parting.page_end
        held = run
    end = _tail(source, page, held, reading)
    if _is_quoted(page, chain[0].page, held.page_end):
        reading.supplanted = 0
    reading.passages.append(WordChange(start[0], end[0], start[1], end[1]))
    for run in alignment.moved:
        place = WordChange(run.source, run.source_end, run.page, run.page_end)
        reading.passages.append(place)
        # Whatever stands out of order on a page with the body twice is the other body's.
        if not alignment.repeated:
            reading.moved.append(place)
    # What moved away is no longer missing in its old place.
    missing = sum(run.length for run in alignment.moved)
    reading.cut = max(0, reading.cut - missing)
    return reading


def _slid(source: Words, page: Words, gap: WordChange, room: int) -> WordChange:
    """Words only lost or only put in, where people would see it: "A b. [A c.] A d." rather than "A [b. A c. A] d."."""
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
    """Whether dots stand in the page for all the words of a gap: "[…]" says that something was cut."""
    return gap.page == gap.page_end and gap.source < gap.source_end and bool(_ELLIPSIS.search(page.gap(gap.page)))


def _parting(source: Words, page: Words, gap: WordChange, is_called: bool, reading: GapReading) -> WordChange | None:
    """What parts two passages, None where a gap lies inside one; what it means is noted."""
    s0, s1, p0, p1 = gap
    if s0 == s1 and p0 == p1:
        return None
    if typography.is_same(source, page, (s0, s1), (p0, p1)):
        reading.same += s1 - s0
        return None
    if _is_marked(page, gap):
        reading.cut += s1 - s0
        return gap
    own_lines = page.opens_line(p0) and page.opens_line(p1)
    if s0 == s1 and (source.opens_line(s0) or own_lines):
        return gap  # page furniture between paragraphs, or blocks of its own within one
    whole = source.opens_sentence(s0) and source.opens_sentence(s1)
    if s0 < s1 and whole and (p0 == p1 or (page.opens_sentence(p0) and page.opens_sentence(p1))):
        if (is_called or not own_lines) and sentences.has_sentence(page, p0, p1, in_line=not own_lines):
            reading.replaced += max(s1 - s0, min(p1 - p0, t.LONG_SENTENCE_WORDS))
            reading.exchanged.append(gap)
        reading.cut += s1 - s0
        return gap
    if gap.size > t.MAX_CHANGE_WORDS:
        return _far(source, page, gap, reading)
    reading.changes.append(gap)
    return None


def _far(source: Words, page: Words, gap: WordChange, reading: GapReading) -> WordChange:
    """A gap too long for one change: the ends of the broken sentences are changes, what is between is cut."""
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
    """Where the first passage begins: a sentence whose beginning differs begins with a change."""
    if (at := typography.glued(source, page, first.source, first.page, title)) is not None:
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
    if typography.is_same(source, page, ours, (theirs, first.page)):
        reading.same += first.source - opening
    else:
        reading.changes.append(WordChange(opening, first.source, theirs, first.page))
    return opening, theirs


def _tail(source: Words, page: Words, last: Run, reading: GapReading) -> tuple[int, int]:
    """Where the last passage ends. A sentence that breaks off, as leads do, is cut and not changed."""
    closing = source.sentence_end(last.source_end)
    theirs = page.sentence_end(last.page_end, min(len(page), last.page_end + t.MAX_CHANGE_WORDS))
    rest = len(source) - closing
    reading.cut += rest
    if closing == last.source_end:
        if rest:
            _note_after(source, page, last, reading)
        return last.source_end, last.page_end
    if typography.is_same(source, page, (last.source_end, closing), (last.page_end, theirs)):
        reading.same += closing - last.source_end
        return closing, theirs
    if _is_cut_short(page, last.page_end) or rest:
        _note_after(source, page, last, reading)
        reading.cut += closing - last.source_end
        return last.source_end, last.page_end
    reading.changes.append(WordChange(last.source_end, closing, last.page_end, theirs))
    return closing, theirs


def _note_before(source: Words, page: Words, first: Run, reading: GapReading) -> None:
    """Prose before the first passage although the statement begins earlier; dots say that it was cut."""
    if _ELLIPSIS.search(page.gap(first.page)):
        return
    start = page.line_start(first.page, first.page - t.LONG_SENTENCE_WORDS)
    reading.replaced += first.page - start if sentences.has_sentence(page, start, first.page, in_line=True) else 0
    _note_beside(sentences.before(page, first.page, first.source), first.source, len(source), reading)


def _note_after(source: Words, page: Words, last: Run, reading: GapReading) -> None:
    """Prose after the last passage although the statement goes on otherwise; dots, or no full stop, say it was cut."""
    gap = page.gap(last.page_end)
    if _ELLIPSIS.search(gap) or (page.opens_line(last.page_end) and not sentences.SENTENCE_END.search(gap)):
        return
    end = page.line_end(last.page_end, last.page_end + t.LONG_SENTENCE_WORDS)
    reading.replaced += end - last.page_end if sentences.has_sentence(page, last.page_end, end, in_line=True) else 0
    missing = len(source) - last.source_end
    _note_beside(sentences.after(page, last.page_end, missing), missing, len(source), reading)


def _note_beside(count: int, missing: int, total: int, reading: GapReading) -> None:
    """So many words of prose stand where so many of the statement's are missing."""
    reading.beside += count
    reading.supplanted += missing >= t.SHARE_EDGE * total and count >= t.SHARE_SUPPLANTED * missing


def _is_quoted(page: Words, first: int, stop: int) -> bool:
    """Whether page words stand in quotation marks: then what is around them is the reporter's."""
    opening, closing = _QUOTED
    return bool(opening.search(page.gap(first)) and closing.search(page.gap(stop)))


def _is_cut_short(page: Words, index: int) -> bool:
    """Whether a page breaks off before a word: a line ends without a full stop, or dots stand for the rest."""
    return page.opens_line(index) or _ELLIPSIS.search(page.gap(index)) is not None


def spans(source: Words, page: Words, passages: Sequence[WordChange]) -> tuple[Span, ...]:
    """The passages as characters of both texts."""
    return tuple(
        Span(source.span(p.source, p.source_end), page.span(p.page, p.page_end))
        for p in passages
        if p.source < p.source_end and p.page < p.page_end
    )


def differences(source: Words, page: Words, reading: GapReading) -> tuple[Grade | None, tuple[diff.Reason, ...]]:
    """What differs inside the passages, graded and with reasons."""
    reasons: list[diff.Reason] = []
    for before, after in _contexts(source, page, reading):
        reasons.extend(diff.compare(before, after).reasons)
        if len(reasons) >= t.MAX_DIFFERENCES:
            break
    reasons.extend(diff.Reason("sentence moved", _quoted(source, place), "", Grade.MATERIAL) for place in reading.moved)
    for place in reading.exchanged:
        before, after = _quoted(source, place), page.text[slice(*page.span(place.page, place.page_end))]
        reasons.append(diff.Reason("sentence replaced", before, " ".join(after.split())[:160], Grade.MATERIAL))
    told = tuple(dict.fromkeys(reasons))[: t.MAX_DIFFERENCES]
    if told:
        return max((reason.grade for reason in told), key=lambda grade: grade.rank), told
    if reading.changes:
        return Grade.MINOR, ()
    pairs = (
        (source.text[slice(*span.statement)], page.text[slice(*span.page)])
        for span in spans(source, page, reading.passages)
    )
    looks_equal = reading.same == 0 and all(
        ours == theirs or visible_key(ours) == visible_key(theirs) for ours, theirs in pairs
    )
    return None if looks_equal else Grade.COSMETIC, ()


def _quoted(source: Words, passage: WordChange) -> str:
    start, end = source.span(passage.source, passage.source_end)
    return " ".join(source.text[start:end].split())[:160]


def _contexts(source: Words, page: Words, reading: GapReading) -> Iterator[tuple[str, str]]:
    """The changes with the words around them, neighbours together, each passage on its own."""
    for passage in reading.passages:
        inside = [c for c in reading.changes if passage.source <= c.source and c.source_end <= passage.source_end]
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


def _context(source: Words, page: Words, passage: WordChange, group: Sequence[WordChange]) -> tuple[str, str]:
    first, last = group[0], group[-1]
    before = min(first.source - passage.source, first.page - passage.page, t.CONTEXT_WORDS)
    after = min(passage.source_end - last.source_end, passage.page_end - last.page_end, t.CONTEXT_WORDS)
    ours = _text(source, first.source - before, last.source_end + after)
    theirs = _text(page, first.page - before, last.page_end + after)
    return ours, theirs


def _text(words: Words, first: int, stop: int) -> str:
    """The characters of some words with the punctuation that ends them; empty for none."""
    if first >= stop:
        return ""
    start, end = words.span(first, stop)
    return words.text[start:end]
