"""Comparison of two wordings: the words that differ, the grade of the difference and the reasons for it (pure).

The grades are those of `model.Grade`. A difference is **material** when it touches a number, an
amount, a date, an ordinal, a name, a title of office, a negation, a modal verb or a quotation, or
when a whole sentence was added, removed or moved; every other change of words is **minor**; a
change of letter case, punctuation or typography alone is **cosmetic**.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from rapidfuzz.distance import LCSseq

from scraper.model import Grade, Reason
from scraper.text import footnotes, lexicon, negation
from scraper.text.normalize import join_words, truncate, visible_key, word_key
from scraper.text.tokens import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_REASONS = 12
_QUOTE_CHARS = 160
# Fewer words between two sentence marks are a heading, an initial or a list number.
_SENTENCE_WORDS = 3
# Less than 1: stray matches of "the" and "of" align a few words of a removed sentence.
_SENTENCE_SHARE = 0.8
# An alignment takes a bit for each pair of words: past this (32 MB) a stretch counts as changed as a whole.
_MAX_PAIRS = 2**28

# Tokens [b0, b1) before and [a0, a1) after.
_Stretch = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Hunk:
    """A stretch that differs: character spans into the text before and the text after (either may be empty)."""

    before: tuple[int, int]
    after: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """Result of a comparison. `grade` is None if nothing visible differs; cosmetic differences have no hunks."""

    grade: Grade | None
    reasons: tuple[Reason, ...] = ()
    hunks: tuple[Hunk, ...] = ()

    def reason_lines(self) -> tuple[str, ...]:
        """Return the `weightiest` reasons as text."""
        return tuple(map(str, weightiest(self.reasons)))


def weightiest(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return at most `MAX_REASONS` reasons, the highest grade first, then one (no label) that counts the others."""
    ordered = sorted(reasons, key=lambda reason: -reason.grade.rank)
    if (more := len(ordered) - MAX_REASONS) > 0:
        ordered[MAX_REASONS:] = [Reason("", f"and {more} more", "", Grade.COSMETIC)]
    return tuple(ordered)


def compare(before: str, after: str, language: str | None = None) -> Difference:
    """Compare two titles or two bodies. `language` is the declared one, for texts that are too short to show theirs."""
    if visible_key(before) == visible_key(after):
        return Difference(None)
    if word_key(before) == word_key(after):
        return Difference(Grade.COSMETIC)
    old, new, raw = _sides(before, after, language)
    reasons, covered_old, covered_new = _sentences(old, new)
    merged = _merged(raw)
    for b0, b1, a0, a1 in merged:
        left = [i for i in range(b0, b1) if i not in covered_old]
        right = [i for i in range(a0, a1) if i not in covered_new]
        reasons.extend(_reasons(old, new, left, right))
    grade = max((r.grade for r in reasons), key=lambda g: g.rank, default=Grade.MINOR)
    return Difference(
        grade,
        tuple(dict.fromkeys(reasons)),
        tuple(Hunk(old.span(b0, b1), new.span(a0, a1)) for b0, b1, a0, a1 in _whole_numbers(merged, old, new)),
    )


class _Side:
    """One of the two texts, cut into tokens and sentences once."""

    def __init__(self, text: str) -> None:
        self.text = text
        words = Words(text)
        self.keys = words.keys
        self.starts = words.sentence_starts()
        self._openings = frozenset(self.starts)
        self._places = words.places
        initials = [text[at] for at in self._places[0]]
        self._has_capital = [initial.isupper() for initial in initials]
        self.lowercase_keys = {key for key, initial in zip(self.keys, initials, strict=True) if initial.islower()}
        # In a headline every word is capitalised, so that a capital letter does not mark a name.
        self._is_headline = lexicon.is_headline(self.lowercase_keys)
        self._quotes = [match.span() for match in lexicon.QUOTED.finditer(text)]
        self.capitalized_keys = {
            key for i, key in enumerate(self.keys) if self._has_capital[i] and not self._is_capital_forced(i)
        }
        # Set by `compare`: words that are names wherever they have a capital, and each changed token
        # with the end of its stretch and the number of tokens that replaced the stretch.
        self.names: set[str] = set()
        self.changed: dict[int, tuple[int, int]] = {}
        # Negations of another language than English, of which those of English are none.
        self.negations: list[negation.Negation] | None = None

    def span(self, first: int, stop: int) -> tuple[int, int]:
        """Return the characters of tokens [first, stop); for an empty range, the position where they would stand."""
        starts, ends = self._places
        if first < stop:
            return starts[first], ends[stop - 1]
        at = ends[first - 1] if first else 0
        return at, at

    def is_glued(self, index: int) -> bool:
        """Return True if a token continues the number before it ("4.5", "1,000")."""
        if not 0 < index < len(self.keys):
            return False
        starts, ends = self._places
        is_joined = self.text[ends[index - 1] : starts[index]] in {".", ","}
        return is_joined and self.keys[index - 1].isdigit() and self.keys[index].isdigit()

    def sentences(self) -> Iterator[range]:
        """Return the token ranges of the sentences, in order; together they cover all tokens."""
        return (range(*bounds) for bounds in pairwise([*self.starts, len(self.keys)]))

    def joined(self, sentence: range) -> str:
        """Return the words of a sentence as one string, by which it is compared."""
        return " ".join(self.keys[sentence.start : sentence.stop])

    def words(self, indexes: Sequence[int]) -> str:
        """Return the text from the first token to the last, widened to whole numbers, amounts and contractions."""
        if not indexes:
            return ""
        first = indexes[0]
        if self._is_contracted(first):
            first -= 1
        start, end = self.span(first, indexes[-1] + 1)
        if any(lexicon.is_number(self.keys[i]) for i in indexes):
            start, end = _widened(self.text, start, end)
        return truncate(" ".join(self.text[start:end].split()), _QUOTE_CHARS)

    def kind(self, index: int) -> str | None:
        """Return the kind that makes a change of this word material, or None for a plain word."""
        key, capital = self.keys[index], self._has_capital[index]
        if lexicon.is_number(key):
            if footnotes.is_mark(self.text[slice(*self.span(index, index + 1))]):
                return None
            before = self.keys[index - 1] if index else ""
            return "amount" if self._is_amount(index) else lexicon.number_kind(key, before)
        named = capital and not self._is_capital_forced(index)
        near = self.keys[max(0, index - 1) : index + 2]
        if lexicon.is_modal(key, named=named, beside_number=capital and any(map(lexicon.is_number, near))):
            return "modal"
        if self.negations is None and self._is_negation(index):
            return "negation"
        if (kind := lexicon.word_kind(key, capital=capital)) is not None:
            return kind
        if self._is_name(index):
            return "name"
        return "quotation" if self._is_quoted(self._places[0][index]) else None

    def _is_capital_forced(self, index: int) -> bool:
        """Return True if a capital letter has no meaning here: in a headline, at the start of a sentence."""
        return self._is_headline or index in self._openings

    def changed_negations(self, indexes: Sequence[int]) -> Counter[str]:
        """Return how often each negation of another language occurs among the changed words of these."""
        changed = [self.span(i, i + 1) for i in indexes if i in self.changed] if self.negations else []
        starts = [start for start, _ in changed]
        return Counter(
            found.key for found in self.negations or () if any(_overlaps(span, changed, starts) for span in found.spans)
        )

    def _is_negation(self, index: int) -> bool:
        """Return True for an English negation, but not for the "No." before a number."""
        starts, ends = self._places
        key, after = self.keys[index], self.keys[index + 1 : index + 2]
        if key == "no" and after and after[0].isdigit() and self.text[ends[index] : starts[index + 1]].startswith("."):
            return False
        return lexicon.is_negation(key) or self._is_contracted(index)

    def _is_contracted(self, index: int) -> bool:
        """Return True for the "t" of "isn’t", which is a token of its own."""
        return self.keys[index] == "t" and index > 0 and self.keys[index - 1].endswith("n")

    def _is_amount(self, index: int) -> bool:
        start, end = _widened(self.text, *self.span(index, index + 1))
        return lexicon.AMOUNT.search(self.text[start:end]) is not None

    def _is_name(self, index: int) -> bool:
        start, end = self.span(index, index + 1)
        word = self.text[start:end]
        is_in_url = self.text[start - 1 : start] in {"/", "@"}
        if self._is_headline or not self._has_capital[index] or is_in_url or word == "I":
            return False
        if index in self._openings:
            return (len(word) > 1 and word.isupper()) or self.keys[index] in self.names
        return True

    def _is_quoted(self, at: int) -> bool:
        place = bisect_right(self._quotes, (at, len(self.text))) - 1
        return place >= 0 and at < self._quotes[place][1]


def _unequal(old: _Side, new: _Side) -> Iterator[_Stretch]:
    """Yield the stretches of unequal tokens, in order, without those whose joined words are equal ("D.C.", "DC")."""
    b0 = a0 = 0
    for start, stop, other in (*_equal(old, new), (len(old.keys), len(old.keys), len(new.keys))):
        if join_words(old.keys[b0:start]) != join_words(new.keys[a0:other]):
            yield b0, start, a0, other
        b0, a0 = stop, other + stop - start


def _equal(old: _Side, new: _Side) -> Iterator[tuple[int, int, int]]:
    """Yield the stretches of equal tokens, in order: first and stop in the old text, first in the new.

    Equal sentences are found first and equal words between them, so that long texts cost little.
    """
    lefts, rights = [*old.starts, len(old.keys)], [*new.starts, len(new.keys)]
    sentences = _aligned([old.joined(s) for s in old.sentences()], [new.joined(s) for s in new.sentences()])
    b0 = a0 = 0
    for start, stop, other in (*sentences, (len(old.starts), len(old.starts), len(new.starts))):
        b1, a1 = lefts[start], rights[other]
        for first, last, place in _aligned(old.keys[b0:b1], new.keys[a0:a1]):
            yield b0 + first, b0 + last, a0 + place
        b0, a0 = lefts[stop], rights[other + stop - start]
        yield b1, b0, a1


def _aligned(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield equal stretches by a longest common subsequence; past `_MAX_PAIRS` only those at the two ends."""
    head = tail = 0
    shorter = min(len(old), len(new))
    while head < shorter and old[head] == new[head]:
        head += 1
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    if head:
        yield 0, head, 0
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(left) * len(right) <= _MAX_PAIRS:
        for block in LCSseq.opcodes(left, right).as_matching_blocks()[:-1]:
            yield head + block.a, head + block.a + block.size, head + block.b
    if tail:
        yield len(old) - tail, len(old), len(new) - tail


def _merged(raw: Iterable[_Stretch]) -> list[_Stretch]:
    """Join neighbours with no more equal words between them than each changes: to a reader they are one change."""
    merged: list[_Stretch] = []
    for b0, b1, a0, a1 in raw:
        if merged:
            last_b0, last_b1, last_a0, last_a1 = merged[-1]
            if b0 - last_b1 <= min(max(last_b1 - last_b0, last_a1 - last_a0), max(b1 - b0, a1 - a0)):
                merged[-1] = last_b0, b1, last_a0, a1
                continue
        merged.append((b0, b1, a0, a1))
    return merged


def _whole_numbers(merged: Sequence[_Stretch], old: _Side, new: _Side) -> Iterator[_Stretch]:
    """Widen stretches to the digits that they cut off: "4.5" became "8.5", not its 4 an 8."""
    had = 0
    for (b0, b1, a0, a1), following in zip(merged, [*merged[1:], (len(old.keys), 0, 0, 0)], strict=True):
        while b0 > had and a0 and old.is_glued(b0) and new.is_glued(a0):
            b0, a0 = b0 - 1, a0 - 1
        while b1 < following[0] and old.is_glued(b1) and new.is_glued(a1):
            b1, a1 = b1 + 1, a1 + 1
        had = b1
        yield b0, b1, a0, a1


def _sentences(old: _Side, new: _Side) -> tuple[list[Reason], set[int], set[int]]:
    """Return the reasons of whole sentences removed, added or moved, and the old and new tokens that they cover."""
    removed, added = _changed_sentences(old), _changed_sentences(new)
    reasons, covered_old, covered_new = [], set[int](), set[int]()
    for key in dict.fromkeys((*removed, *added)):
        gone, come = removed.get(key, []), added.get(key, [])
        moved = min(len(gone), len(come))
        reasons += [Reason("sentence moved", _quote(old, place), "", Grade.MATERIAL) for place in gone[:moved]]
        gone[moved:] = [place for place in gone[moved:] if not _is_rewritten(old, place)]
        come[moved:] = [place for place in come[moved:] if not _is_rewritten(new, place)]
        reasons += [Reason("sentence removed", _quote(old, place), "", Grade.MATERIAL) for place in gone[moved:]]
        reasons += [Reason("sentence added", "", _quote(new, place), Grade.MATERIAL) for place in come[moved:]]
        covered_old.update(*gone)
        covered_new.update(*come)
    return reasons, covered_old, covered_new


def _changed_sentences(side: _Side) -> dict[str, list[range]]:
    """Return the sentences of `_SENTENCE_WORDS` or more words of which most words changed, by their words."""
    found: dict[str, list[range]] = {}
    for sentence in side.sentences():
        is_long = len(sentence) >= _SENTENCE_WORDS
        if is_long and sum(i in side.changed for i in sentence) >= _SENTENCE_SHARE * len(sentence):
            found.setdefault(side.joined(sentence), []).append(sentence)
    return found


def _is_rewritten(side: _Side, sentence: range) -> bool:
    """Return True if one or two words replaced the sentence: then these say more than its loss."""
    stop, others = side.changed.get(sentence.start, (0, 0))
    return sentence.stop <= stop and 0 < others < _SENTENCE_WORDS


def _sides(before: str, after: str, language: str | None) -> tuple[_Side, _Side, tuple[_Stretch, ...]]:
    """Return both texts, each with its names, negations and changed words, and the stretches that differ."""
    old, new = _Side(before), _Side(after)
    spoken = negation.language(f"{before}\n{after}", language)
    if spoken is not None and negation.is_known(spoken):
        old.negations, new.negations = negation.find(before, spoken), negation.find(after, spoken)
    old.names = new.names = (old.capitalized_keys | new.capitalized_keys) - old.lowercase_keys - new.lowercase_keys
    raw = tuple(_unequal(old, new))
    old.changed = {i: (b1, a1 - a0) for b0, b1, a0, a1 in raw for i in range(b0, b1)}
    new.changed = {i: (a1, b1 - b0) for b0, b1, a0, a1 in raw for i in range(a0, a1)}
    return old, new, raw


def _quote(side: _Side, place: range) -> str:
    start, end = side.span(place.start, place.stop)
    return f"“{truncate(' '.join(side.text[start:end].split()), _QUOTE_CHARS)}”"


def _reasons(old: _Side, new: _Side, left: Sequence[int], right: Sequence[int]) -> Iterator[Reason]:
    """Yield the reasons of one stretch: one for each kind of changed word, or one that words changed at all."""
    is_changed = any(i in old.changed for i in left) or any(i in new.changed for i in right)
    if not is_changed or join_words(map(old.keys.__getitem__, left)) == join_words(map(new.keys.__getitem__, right)):
        return  # Apart from whole sentences, which have reasons of their own, nothing changed.
    olds, news = _by_kind(old, left), _by_kind(new, right)
    change = _change(left, right)
    quoted = old.words(left), new.words(right)
    for kind in olds | news:
        before, after = _listed(old, olds.get(kind, ())), _listed(new, news.get(kind, ()))
        if before and after and before != after:
            yield Reason(kind, before, after, Grade.MATERIAL)
        else:  # A single word says little: quote it with the words around it and those that replaced it.
            yield Reason(kind if change == "changed" else f"{kind} {change}", *quoted, Grade.MATERIAL)
    lost, won = old.changed_negations(left), new.changed_negations(right)
    if lost != won:
        yield Reason(f"negation {_change(lost, won)}", *quoted, Grade.MATERIAL)
    elif not (olds or news):
        yield Reason(f"words {change}", *quoted, Grade.MINOR)


def _change(lost: object, won: object) -> str:
    """Return the word for what happened between two sides of which each has something, or not."""
    return "removed" if not won else "changed" if lost else "added"


def _by_kind(side: _Side, indexes: Sequence[int]) -> dict[str, list[int]]:
    """Return the changed words of the kinds that make a change material."""
    found: dict[str, list[int]] = {}
    for index in indexes:
        if index in side.changed and (kind := side.kind(index)) is not None:
            found.setdefault(kind, []).append(index)
    return found


def _listed(side: _Side, indexes: Sequence[int]) -> str:
    """List words in order: neighbours as one phrase, others separated by a comma, each phrase once."""
    phrases: list[list[int]] = []
    for index in indexes:
        if phrases and index == phrases[-1][-1] + 1:
            phrases[-1].append(index)
        else:
            phrases.append([index])
    return truncate(", ".join(dict.fromkeys(side.words(phrase) for phrase in phrases)), _QUOTE_CHARS)


def _overlaps(span: tuple[int, int], others: Sequence[tuple[int, int]], starts: Sequence[int]) -> bool:
    """Return True if a span overlaps one of the others, which are in order and begin at `starts`."""
    place = bisect_left(starts, span[1]) - 1
    return place >= 0 and others[place][1] > span[0]


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a number to all its digits, its currency sign and its unit: "4" in "$4.5 million" to all of that."""
    for match in lexicon.QUANTITY.finditer(text, max(0, start - 40), min(len(text), end + 40)):
        if match.start() <= start and end <= match.end():
            return match.span()
    return start, end
