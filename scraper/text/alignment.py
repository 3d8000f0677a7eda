"""Alignment of two texts by their values: stretches that changed, and values that are only written otherwise (pure).

Equal sentences are found first, and values are read only in the sentences between them. The result for two texts is
that for the same texts in the other order, turned round.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from scraper.text import notes, values
from scraper.text.normalize import join_words
from scraper.text.sides import Side
from scraper.text.values import Value

# An alignment takes a bit for each pair of words: past this (32 MB) a stretch counts as changed as a whole.
_MAX_PAIRS = 2**28
_NOUNS = {"modal": "words", "negation": "words", "ordinal": "number", "": "word"}


class Change(NamedTuple):
    """Words [b0, b1) of the old text and [a0, a1) of the new one that differ.

    If they differ in spelling only (`is_same`), `label` names what is the same; it is "" if another change names it.
    """

    b0: int
    b1: int
    a0: int
    a1: int
    is_same: bool = False
    label: str = ""


def align(old: Side, new: Side) -> Iterator[Change]:
    """Yield the stretches of two texts that differ, in order."""
    lefts, rights = [*old.starts, len(old.keys)], [*new.starts, len(new.keys)]
    sentences = aligned([old.joined(s) for s in old.sentences()], [new.joined(s) for s in new.sentences()])
    b0 = a0 = 0
    for start, stop, other in (*sentences, (len(old.starts), len(old.starts), len(new.starts))):
        b1, a1 = lefts[start], rights[other]
        if b0 < b1 or a0 < a1:
            yield from _with_verbs(_Block(old, new, (b0, b1, a0, a1)).changes())
        b0, a0 = lefts[stop], rights[other + stop - start]


def aligned(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield equal stretches by a longest common subsequence; past `_MAX_PAIRS` only those at the two ends.

    A stretch is (first, stop) in the old sequence and first in the new one.
    """
    head, tail = equal_ends(old, new)
    if head:
        yield 0, head, 0
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(left) * len(right) <= _MAX_PAIRS:
        # Of several longest subsequences the same one has to be found from both sides.
        is_turned = left > right  # type: ignore[operator]
        pair = (right, left) if is_turned else (left, right)
        for block in LCSseq.opcodes(*pair).as_matching_blocks()[:-1]:
            a, b = (block.b, block.a) if is_turned else (block.a, block.b)
            yield head + a, head + a + block.size, head + b
    if tail:
        yield len(old) - tail, len(old), len(new) - tail


def equal_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Return the numbers of equal items at the beginning and at the end of two sequences, without overlap."""
    head = tail = 0
    shorter = min(len(old), len(new))
    while head < shorter and old[head] == new[head]:
        head += 1
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail


def _with_verbs(changes: Iterable[Change]) -> Iterator[Change]:
    """Join the verb of a contraction to a change that follows at once: "isn’t" became "is", not its "t" nothing.

    One always follows: only one of the texts has the "t".
    """
    verb: Change | None = None
    for change in changes:
        if verb is not None:
            if not change.is_same and (change.b0, change.a0) == (verb.b1, verb.a1):
                change = change._replace(b0=verb.b0, a0=verb.a0)
            else:
                yield verb
        verb = change if change.is_same and not change.label else None
        if verb is None:
            yield change


class _Block:
    """Sentences of both texts between two equal ones."""

    def __init__(self, old: Side, new: Side, block: tuple[int, int, int, int]) -> None:
        self._old, self._new = old, new
        b0, b1, a0, a1 = block
        head, tail = equal_ends(old.signed[b0:b1], new.signed[a0:a1])
        # Values may have begun before the first word that differs, but not before a word that is in none.
        while head and not (values.is_apart(old.parts, b0 + head - 1) and values.is_apart(new.parts, a0 + head - 1)):
            head -= 1
        while tail and not (values.is_apart(old.parts, b1 - tail) and values.is_apart(new.parts, a1 - tail)):
            tail -= 1
        self._b, self._b1, self._a, self._a1 = b0 + head, b1 - tail, a0 + head, a1 - tail
        left, right = notes.find(old.parts, self._b, self._b1), notes.find(new.parts, self._a, self._a1)
        if left or right:
            texts = " ".join(old.keys[self._b : self._b1]), " ".join(new.keys[self._a : self._a1])
            lone = notes.unmatched((old.parts, left), (new.parts, right), texts)
            for side, found in zip((old, new), lone, strict=True):
                for note in found:
                    side.notes |= dict.fromkeys(range(note.first, note.stop), note.label)

    def changes(self) -> Iterator[Change]:
        ours = [value for value in self._old.values(self._b, self._b1) if value.first not in self._old.notes]
        theirs = [value for value in self._new.values(self._a, self._a1) if value.first not in self._new.notes]
        i = j = 0
        matched = list(aligned([value.key for value in ours], [value.key for value in theirs]))
        for start, stop, other in (*matched, (len(ours), len(ours), len(theirs))):
            yield from self._between(ours[i:start], theirs[j:other])
            for own, their in zip(ours[start:stop], theirs[other : other + stop - start], strict=True):
                yield from self._equal(own, their)
            i, j = stop, other + stop - start
        yield from self._notes_up_to(self._b1, self._a1)

    def _between(self, ours: list[Value], theirs: list[Value]) -> Iterator[Change]:
        """Yield what is left of values with other first keys, without those at both ends that are the same."""
        head = tail = 0
        shorter = min(len(ours), len(theirs))
        while head < shorter and ours[head].is_same(theirs[head]):
            head += 1
        while tail < shorter - head and ours[-1 - tail].is_same(theirs[-1 - tail]):
            tail += 1
        for own, their in zip(ours[:head], theirs[:head], strict=True):
            yield from self._equal(own, their)
        left, right = ours[head : len(ours) - tail], theirs[head : len(theirs) - tail]
        if left or right:
            yield from self._notes_up_to(left[0].first if left else self._b, right[0].first if right else self._a)
            b0, a0 = self._b, self._a
            self._b, self._a = left[-1].stop if left else b0, right[-1].stop if right else a0
            has_value = any(value.kind for value in (*left, *right))
            if has_value or self._is_written_otherwise(b0, self._b, a0, self._a):
                yield Change(b0, self._b, a0, self._a)
        for own, their in zip(ours[len(ours) - tail :], theirs[len(theirs) - tail :], strict=True):
            yield from self._equal(own, their)

    def _equal(self, own: Value, their: Value) -> Iterator[Change]:
        yield from self._notes_up_to(own.first, their.first)
        self._b, self._a = own.stop, their.stop
        if self._is_written_otherwise(*own[:2], *their[:2]):
            kind = own.kind or their.kind
            if not kind and self._old.has_capital(own.first) and self._new.has_capital(their.first):
                kind = "name"
            noun = _NOUNS.get(kind, kind)
            is_verb = self._is_verb_of_contraction(own.stop, their.stop)
            label = "" if is_verb else f"same {noun}, written otherwise"
            yield Change(own.first, own.stop, their.first, their.stop, True, label)

    def _notes_up_to(self, b: int, a: int) -> Iterator[Change]:
        """Yield the words in an editor's brackets before the words `b` and `a`."""
        if self._b < b or self._a < a:
            label = self._old.notes[self._b] if self._b < b else self._new.notes[self._a]
            change = "added" if self._b == b else "removed" if self._a == a else "changed"
            yield Change(self._b, b, self._a, a, True, f"{label} {change}")
        self._b, self._a = b, a

    def _is_written_otherwise(self, b0: int, b1: int, a0: int, a1: int) -> bool:
        ours, theirs = self._old.signed[b0:b1], self._new.signed[a0:a1]
        return ours != theirs and join_words(ours) != join_words(theirs)

    def _is_verb_of_contraction(self, b: int, a: int) -> bool:
        """Return True if one text goes on with "n’t": the reason of "not" quotes its verb too."""
        return (self._old.keys[b : b + 1] == ["t"]) != (self._new.keys[a : a + 1] == ["t"])
