"""Search for sentences of statements that a page quotes: each with the wording it is from, and what it alters (pure).

Every unit of the page (see `quotation_units`) is looked up by the hashes of its runs of four words. A statement that
has all of its words in a row is quoted word for word. Otherwise the unit is aligned with the statements that share
most: cuts and changes of tense or person are quoting, any other difference is an alteration. An alteration is an
accusation, so that it needs most of the sentence in order, few differences, and words that no other statement has.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from scraper.matching import joined_words, passages, phrases
from scraper.matching import thresholds as t
from scraper.matching.model import Index, IndexedText, RevisionKey
from scraper.matching.quotation_units import Unit, units
from scraper.model import Grade, Reason
from scraper.text import diff, fitting
from scraper.text.tokens import Words

_MARKS = frozenset("“”„‟«»\"‘’‚‹›'")
_VALUES = frozenset({"number", "amount", "date", "time"})
_SLOTS = frozenset({"name", "title of office", "ordinal", "date"})


@dataclass(frozen=True, slots=True)
class Quotation:
    """Passage of a page that quotes a statement.

    `page` and `statement` are spans of characters in the two texts. It is altered if it has `reasons`. `others` are the
    other statements that have the same words.
    """

    key: RevisionKey
    page: tuple[int, int]
    statement: tuple[int, int]
    is_altered: bool
    grade: Grade | None
    reasons: tuple[Reason, ...]
    others: tuple[int, ...]
    outdated: bool
    words: int


@dataclass(frozen=True, slots=True)
class _Found:
    """A unit in one revision: its words [first, stop) of the statement, and the difference if it is altered.

    `sizes` has the numbers of words of either side of each difference, `weight` that of the shared runs (see `_Hits`).
    """

    unit: Unit
    key: RevisionKey
    text: IndexedText
    first: int
    stop: int
    difference: diff.Difference | None = None
    others: tuple[int, ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()
    weight: float = 0.0


class QuotationFinder:
    """Finder of quotations in pages, over an index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._texts_left = 0

    def find(self, page: Words, free: bytes | bytearray, date: datetime | None) -> tuple[Quotation, ...]:
        """Return the quotations of a page in the words for which `free`, one byte for each word, is 1, in order.

        `date` is that of the page: of several statements with the same words, the last one before it is quoted. At most
        `thresholds.MAX_QUOTE_TEXTS` revisions are read, for quotations in quotation marks first.
        """
        self._texts_left = t.MAX_QUOTE_TEXTS
        asked = [(unit, passages.pack([page.ids[at] for at in unit.words])) for unit in units(page, free)]
        hashes = [passages.all_hashes(packed) for _, packed in asked]
        postings = self._index.passages(list({value for values in hashes for value in values}))
        found = list[_Found]()
        for (unit, packed), values in zip(asked, hashes, strict=True):
            if self._texts_left <= 0:
                break
            hits = _Hits.count(values, postings)
            if hits.places and (one := self._quoted(page, unit, packed, hits, date)) is not None:
                found.append(one)
        found.sort(key=lambda each: each.unit.first)
        supported = {each.key.statement_id for each in found if each.difference is None}
        kept = [each for each in found if _is_grounded(each, is_supported=each.key.statement_id in supported)]
        return tuple(_joined([_quotation(page, each) for each in kept]))

    def _quoted(self, page: Words, unit: Unit, packed: bytes, hits: "_Hits", date: datetime | None) -> _Found | None:
        count = len(unit.words) - t.PASSAGE_WORDS + 1 - hits.common
        if (exact := self._exact(unit, packed, hits.most(count // t.PASSAGE_WINDOW), date)) is not None:
            # All hashes that the index keeps are equal, and so are the words.
            same = {key.statement_id for key, places in hits.places.items() if places == hits.places[exact.key]}
            return replace(exact, others=tuple(sorted(same - {exact.key.statement_id})))
        # One changed word changes so many runs; of those beside it, the index may keep others.
        least = (count - 2 * t.PASSAGE_WORDS) // t.PASSAGE_WINDOW
        share = t.MARKED_COVER if unit.is_marked else t.BARE_COVER
        likely = [
            key
            for key in hits.least(max(1, least))
            if hits.weight(key) >= t.SINGLE_WEIGHT and hits.cover(key) >= share * len(unit.words)
        ]
        likely.sort(key=lambda key: (-hits.weight(key), key))
        aligned = [self._aligned(page, unit, packed, hits, key) for key in likely[: t.QUOTED_CANDIDATES]]
        found = [each for each in aligned if each is not None]
        return min(
            found, key=lambda each: (each.difference is not None, _size(each.difference), each.key), default=None
        )

    def _text(self, key: RevisionKey) -> IndexedText:
        self._texts_left -= 1
        return self._index.text(key)

    def _exact(self, unit: Unit, packed: bytes, likely: Sequence[RevisionKey], date: datetime | None) -> _Found | None:
        """Return the revision that has all words of a unit in a row, apart from what the page says that it cut.

        Of several it is that of the last statement before a date; see `_rank`.
        """
        if not likely:
            return None
        sources = self._index.sources(likely)
        for key in sorted(likely, key=lambda key: _rank(key, *sources[key], date))[: t.EXACT_CANDIDATES]:
            text = self._text(key)
            if (place := _locate(text.words, packed, unit.cuts)) is not None:
                return _Found(unit, key, text, *place)
        return None

    def _aligned(self, page: Words, unit: Unit, packed: bytes, hits: "_Hits", key: RevisionKey) -> _Found | None:
        text = self._text(key)
        source = text.words
        diagonals: dict[int, int] = defaultdict(int)
        for at in hits.places[key]:
            run = packed[8 * at : 8 * (at + t.PASSAGE_WORDS)]
            if (place := passages.find(source.packed, run)) >= 0:
                diagonals[place - at] += 1
        if not diagonals:
            return None
        count = len(unit.words)
        diagonal = max(diagonals, key=lambda each: (diagonals[each], -each))
        slack = max(t.QUOTE_SLACK_WORDS, count // 2)
        low, high = max(0, diagonal - slack), min(len(source), diagonal + count + slack)
        ours = [page.ids[at] for at in unit.words]
        blocks = [
            (low + block.b, block.a, block.size)
            for block in LCSseq.opcodes(ours, source.ids[low:high]).as_matching_blocks()
            if block.size
        ]
        return _aligned_unit(page, unit, _Found(unit, key, text, 0, 0), blocks, hits.weight(key))


class _Hits:
    """Revisions that share hashes with a unit: the places of the runs in it, and the weight of each.

    `common` is an upper limit of the runs that too many statements have.
    """

    def __init__(self) -> None:
        self.places: dict[RevisionKey, list[int]] = defaultdict(list)
        self._weights: dict[RevisionKey, float] = defaultdict(float)
        self.common = 0

    @classmethod
    def count(cls, values: Sequence[int], postings: Mapping[int, Sequence[RevisionKey]]) -> "_Hits":
        hits = cls()
        for at, value in enumerate(values):
            keys = postings.get(value)
            if not keys:
                # Which of its neighbours the index left out is not known.
                hits.common += keys is not None and t.PASSAGE_WINDOW
                continue
            statements = len({key.statement_id for key in keys})
            for key in keys:
                hits.places[key].append(at)
                hits._weights[key] += 1 / statements
        return hits

    def most(self, count: int) -> list[RevisionKey]:
        """Return the revisions that share the most runs; none if these are fewer than so many."""
        most = max(map(len, self.places.values()))
        return self.least(most) if most >= count else []

    def least(self, count: int) -> list[RevisionKey]:
        """Return the revisions that share so many runs or more."""
        return [key for key, places in self.places.items() if len(places) >= count]

    def cover(self, key: RevisionKey) -> int:
        """Return the number of words of the unit that are in runs which a revision shares."""
        covered, end = 0, 0
        for at in self.places[key]:
            covered += at + t.PASSAGE_WORDS - max(end, at)
            end = at + t.PASSAGE_WORDS
        return covered

    def weight(self, key: RevisionKey) -> float:
        """Return the sum of 1 / statements over the runs that a revision shares."""
        return self._weights[key]


def _locate(source: Words, packed: bytes, cuts: frozenset[int]) -> tuple[int, int] | None:
    """Return the words [first, stop) of a statement that a unit quotes, cut where the page says so, or None."""
    bounds = [0, *sorted(cuts), len(packed) // 8]
    first, at = -1, 0
    for start, stop in pairwise(bounds):
        place = passages.find(source.packed, packed[8 * start : 8 * stop], at)
        if place < 0:
            return None
        first, at = place if first < 0 else first, place + stop - start
    return first, at


def _aligned_unit(
    page: Words, unit: Unit, found: _Found, blocks: list[tuple[int, int, int]], weight: float
) -> _Found | None:
    """Return a unit that is aligned with a statement, as a quotation or as an alteration; None if it is neither."""
    source = found.text.words
    blocks = _without_strays(_compact(source, blocks))
    count, matched = len(unit.words), sum(size for _, _, size in blocks)
    if not blocks or matched < t.ALTERED_WORDS:
        return None
    ours = [page.keys[at] for at in unit.words]
    (first, opening, _), (last, closing, size) = blocks[0], blocks[-1]
    stop, closing = last + size, closing + size
    before = _edge(page, unit, ours[:opening], first - source.sentence_start(first), is_before=True)
    after = _edge(page, unit, ours[closing:], source.sentence_end(stop) - stop, is_before=False)
    if before is None or after is None:
        return None
    head, tail = before.left_out, count - after.left_out
    first, stop = first - before.replaced, stop + after.replaced
    kept = tail - head
    if kept < t.QUOTED_WORDS or matched < t.ALTERED_SHARE * kept:
        return None
    serious = [
        hunk
        for hunk in _hunks(source, ours, blocks, (first, stop), (head, tail), unit.cuts)
        if not fitting.is_quoting(*hunk)
    ]
    place = replace(found, unit=replace(unit, words=unit.words[head:tail]), first=first, stop=stop)
    if before.is_part or after.is_part:
        return place if not serious and kept >= t.PART_WORDS and weight >= t.PART_WEIGHT else None
    if not serious:
        return place
    if len(serious) > 1 + kept // t.WORDS_PER_ALTERATION or weight < t.SINGLE_WEIGHT:
        return None
    difference = diff.compare(source.excerpt(first, stop), page.excerpt(place.unit.first, place.unit.stop))
    if difference.grade in {None, Grade.COSMETIC}:
        return place
    sizes = tuple((len(before), len(after)) for before, after, _ in serious)
    return replace(place, difference=difference, sizes=sizes, weight=weight)


def _is_grounded(found: _Found, *, is_supported: bool) -> bool:
    """Return True if an alteration has ground enough to be reported.

    `is_supported`: the page quotes the same statement elsewhere, word for word. Otherwise one word for another one is
    ground enough; a longer change needs more words that only this statement has. Sentences of one form differ in the
    names in their slots, and each is a sentence of its own.
    """
    if found.difference is None:
        return not found.unit.is_explained
    labels = {reason.label for reason in found.difference.reasons}
    if found.unit.is_explained and not (found.unit.is_marked or labels <= _VALUES):
        return False  # a copy that a site has cut and gone on from
    if is_supported:
        return True
    if len(found.sizes) > 1:
        return False
    kept = len(found.unit.words)
    # In quotation marks every change is one of a quotation, too.
    if (named := {label for label in labels if not label.startswith("quotation")}) and named <= _SLOTS:
        return kept >= t.SLOT_WORDS and found.weight >= t.ALTERED_WEIGHT
    is_single = found.sizes == ((1, 1),) or any(label.startswith("negation") for label in labels)
    return is_single or (
        kept >= t.REWORDED_WORDS
        and max(found.sizes[0]) <= t.REWORDED_SIZE
        and min(found.sizes[0]) > 0
        and found.weight >= t.ALTERED_WEIGHT
    )


class _Edge(NamedTuple):
    """Words of a unit beside those that a statement has.

    The number that is left out of the unit, the number of the statement's words that they replace, and True if the
    statement's sentence goes on where the unit's words begin to be the reporter's.
    """

    left_out: int = 0
    replaced: int = 0
    is_part: bool = False


def _edge(page: Words, unit: Unit, keys: Sequence[str], room: int, *, is_before: bool) -> _Edge | None:
    """Decide what the words before or after the shared ones are; None for a denial, which is no quotation.

    `room` is the number of words that the statement's sentence has there.
    """
    if not keys:
        return _Edge()
    gap = page.gap(unit.words[len(keys)] if is_before else unit.words[-len(keys)])
    if unit.is_marked:
        # A quotation within the quotation.
        return _Edge(left_out=len(keys)) if _MARKS & set(gap) else _Edge(replaced=min(room, len(keys)))
    if joined_words.has_doubt(keys) and len(keys) > 1:
        return None
    if is_before:
        is_attributed = ":" in gap or joined_words.is_lead_in(keys)
    else:
        is_attributed = not phrases.SAYING.isdisjoint(keys) and len(keys) <= t.ATTRIBUTION_WORDS
    if room == 0 or is_attributed:
        return _Edge(left_out=len(keys))
    if len(keys) <= min(room, t.REPLACED_WORDS):
        return _Edge(replaced=len(keys))
    return _Edge(left_out=len(keys), is_part=True) if len(keys) >= t.PART_EDGE_WORDS else None


def _compact(source: Words, blocks: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Move words from a run to the one after it where they stand beside it in the statement, too.

    Of several places of a word, a longest common subsequence takes the first one.
    """
    compact = list(blocks)
    for at in range(len(compact) - 1, 0, -1):
        (before, before_unit, size), (start, unit_start, length) = compact[at - 1], compact[at]
        while size and unit_start == before_unit + size and source.ids[start - 1] == source.ids[before + size - 1]:
            start, unit_start, length, size = start - 1, unit_start - 1, length + 1, size - 1
        compact[at - 1], compact[at] = (before, before_unit, size), (start, unit_start, length)
    return [block for block in compact if block[2]]


def _without_strays(blocks: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Leave out short runs at the ends that stand far from the others: they are equal by chance."""
    kept = list(blocks)
    while len(kept) > 1 and kept[0][2] < t.NEAR_RUN_WORDS and _gap(kept[0], kept[1]) > kept[0][2]:
        kept.pop(0)
    while len(kept) > 1 and kept[-1][2] < t.NEAR_RUN_WORDS and _gap(kept[-2], kept[-1]) > kept[-1][2]:
        kept.pop()
    return kept


def _gap(one: tuple[int, int, int], other: tuple[int, int, int]) -> int:
    return max(other[0] - one[0] - one[2], other[1] - one[1] - one[2])


def _hunks(
    source: Words,
    ours: list[str],
    blocks: list[tuple[int, int, int]],
    theirs: tuple[int, int],
    mine: tuple[int, int],
    cuts: frozenset[int],
) -> Iterator[tuple[list[str], list[str], bool]]:
    """Yield (words of the statement, words of the page, the page says that it cut there) of each difference."""
    at, place = theirs[0], mine[0]
    for start, unit_start, size in (*blocks, (theirs[1], mine[1], 0)):
        if at < start or place < unit_start:
            is_cut = any(place <= cut <= unit_start for cut in cuts)
            yield source.keys[at:start], ours[place:unit_start], is_cut
        at, place = start + size, unit_start + size


def _rank(
    key: RevisionKey, published: datetime | None, is_current: bool, date: datetime | None
) -> tuple[bool, float, bool, int, RevisionKey]:
    """Return the sort key of a source: the last one before a date, the first one if there is none; its last wording."""
    is_later, age = False, 0.0
    if published is not None:
        is_later = date is not None and published > date + t.DATE_BEFORE
        age = abs((date - published).total_seconds()) if date else published.timestamp()
    return is_later, age, not is_current, -key.revision, key


def _size(difference: diff.Difference | None) -> int:
    if difference is None:
        return 0
    return sum(hunk.before[1] - hunk.before[0] + hunk.after[1] - hunk.after[0] for hunk in difference.hunks)


def _quotation(page: Words, found: _Found) -> Quotation:
    difference = found.difference
    return Quotation(
        key=found.key,
        page=page.span(found.unit.first, found.unit.stop),
        statement=found.text.words.span(found.first, found.stop),
        is_altered=difference is not None,
        grade=difference.grade if difference else None,
        reasons=difference.reasons if difference else (),
        others=found.others,
        outdated=not found.text.is_current,
        words=len(found.unit.words),
    )


def _joined(found: Sequence[Quotation]) -> list[Quotation]:
    """Return quotations with those that follow each other in both texts, word for word, as one."""
    joined: list[Quotation] = []
    for each in found:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.key == each.key
            and not (last.is_altered or each.is_altered)
            and 0 <= each.statement[0] - last.statement[1] <= t.JOINED_CHARS
            and 0 <= each.page[0] - last.page[1] <= t.JOINED_CHARS
        ):
            joined[-1] = replace(
                last,
                page=(last.page[0], each.page[1]),
                statement=(last.statement[0], each.statement[1]),
                others=tuple(sorted({*last.others} & {*each.others})),
                words=last.words + each.words,
            )
        else:
            joined.append(each)
    return joined
