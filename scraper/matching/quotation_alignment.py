"""Alignment of a unit of a page with a statement: a quotation, an alteration with its ground, or neither (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from scraper.matching import joined_words
from scraper.matching import thresholds as t
from scraper.matching.model import IndexedText, RevisionKey
from scraper.matching.quotation_units import Unit
from scraper.model import Grade
from scraper.pages import QuotationVerdict
from scraper.text import diff, fitting
from scraper.text.tokens import Words

_MARKS = frozenset("“”„‟«»\"‘’‚‹›'")
_VALUES = frozenset({"number", "amount", "date", "time"})
_SLOTS = frozenset({"name", "title of office", "ordinal", "date"})


@dataclass(frozen=True, slots=True)
class QuotedUnit:
    """A unit in one revision: its words [first, stop) of the statement, and the difference, if it is not verbatim.

    `sizes` has the numbers of words of either side of each difference, `weight` that of the shared runs (see `Hits`).
    """

    unit: Unit
    key: RevisionKey
    text: IndexedText
    first: int
    stop: int
    difference: diff.Difference | None = None
    verdict: QuotationVerdict = QuotationVerdict.VERBATIM
    others: tuple[int, ...] = ()
    has_all_others: bool = True
    sizes: tuple[tuple[int, int], ...] = ()
    weight: float = 0.0

    @property
    def is_altered(self) -> bool:
        """True if it has a difference that is no fitting."""
        return self.verdict is QuotationVerdict.ALTERED


def shared_blocks(ours: Sequence[int], source: Words, low: int, high: int) -> list[tuple[int, int, int]]:
    """Return the runs of words that a unit shares with the words [low, high) of a statement, in order.

    Each is (first word of the statement, position in the unit, number of words). Those equal by chance are left out.
    """
    opcodes = LCSseq.opcodes(ours, source.ids[low:high])
    blocks = [(low + block.b, block.a, block.size) for block in opcodes.as_matching_blocks() if block.size]
    return _without_strays(_compact(source, blocks))


def count_words(blocks: Sequence[tuple[int, int, int]]) -> int:
    """Return the number of words in shared runs."""
    return sum(size for _, _, size in blocks)


def align_unit(
    page: Words, unit: Unit, found: QuotedUnit, blocks: list[tuple[int, int, int]], weight: float
) -> QuotedUnit | None:
    """Return a unit that is aligned with a statement, as a quotation or as an alteration; None if it is neither."""
    source = found.text.words
    blocks = _within_sentences(source, blocks, len(unit.words))
    count, matched = len(unit.words), count_words(blocks)
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
    if kept < (t.QUOTED_WORDS if unit.is_marked else t.BARE_QUOTE_WORDS) or matched < t.ALTERED_SHARE * kept:
        return None
    hunks = list(_hunks(source, ours, blocks, (first, stop), (head, tail), unit.cuts))
    serious = [hunk for hunk in hunks if not fitting.is_quoting(*hunk)]
    place = replace(found, unit=replace(unit, words=unit.words[head:tail]), first=first, stop=stop)
    if before.is_part or after.is_part:
        has_ground = not serious and kept >= t.PART_WORDS and weight >= t.PART_WEIGHT
    else:
        is_likely = len(serious) <= 1 + kept // t.WORDS_PER_ALTERATION and weight >= t.SINGLE_WEIGHT
        has_ground = not serious or unit.is_asked or is_likely
    if not has_ground:
        return None
    if all(is_cut and not after for _, after, is_cut in hunks):
        return place
    span = place.unit.first, place.unit.stop
    # The quotation marks around what a person asks about are none of the text.
    mine = page.written(*span) if unit.is_asked else page.excerpt(*span)
    difference = diff.compare(source.excerpt(first, stop), mine)
    if difference.grade in {None, Grade.COSMETIC}:
        return place
    if difference.is_spelling or not serious:
        return replace(place, difference=difference, verdict=QuotationVerdict.FITTED)
    sizes = tuple((len(before), len(after)) for before, after, _ in serious)
    return replace(place, difference=difference, verdict=QuotationVerdict.ALTERED, sizes=sizes, weight=weight)


def is_grounded(found: QuotedUnit, *, is_supported: bool) -> bool:
    """Return True if an alteration has ground enough to be reported.

    `is_supported`: the page quotes the same statement elsewhere, word for word. Otherwise one word for another one is
    ground enough; a longer change needs more words that only this statement has. Sentences of one form differ in the
    names in their slots, and each is a sentence of its own.
    """
    if found.difference is None or not found.is_altered:
        return not found.unit.is_explained
    if found.unit.is_cut_short:
        return False
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
        if _MARKS & set(gap):
            return _Edge(left_out=len(keys))  # a quotation within the quotation
        # To the end of the sentence, if it is near.
        return _Edge(replaced=room if room <= len(keys) + t.REPLACED_WORDS else len(keys))
    if joined_words.has_doubt(keys) and len(keys) > 1:
        return None
    if is_before:
        is_attributed = ":" in gap or joined_words.is_lead_in(keys)
    else:
        # An attribution after a sentence is set off from it: "…, the Department said."
        is_attributed = bool(gap.strip()) and len(keys) <= t.ATTRIBUTION_WORDS and joined_words.has_verb_of_saying(keys)
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


def _within_sentences(source: Words, blocks: list[tuple[int, int, int]], count: int) -> list[tuple[int, int, int]]:
    """Leave out, at the ends of the shared runs, a word or two of the statement's sentences before and after.

    "…, the Department said" shares "the" with a next sentence that begins with it. `count` is the unit's words.
    """
    trimmed = list(blocks)
    for words in range(1, t.REPLACED_WORDS + 1):
        start, place, size = trimmed[-1] if trimmed else (0, count, 0)
        if words < size and place + size < count and source.opens_sentence(start + size - words):
            trimmed[-1] = (start, place, size - words)
            break
    for words in range(1, t.REPLACED_WORDS + 1):
        start, place, size = trimmed[0] if trimmed else (0, 0, 0)
        if words < size and place > 0 and source.opens_sentence(start + words):
            trimmed[0] = (start + words, place + words, size - words)
            break
    return trimmed


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
