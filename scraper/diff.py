"""Two wordings -> what differs between them, how much that matters and why (pure).

The grades are those of `model.Grade`. A difference is **material** when it touches a number, an
amount, a date, an ordinal, a name, a title of office, a negation, a modal verb or a quotation, or
when a whole sentence was added, removed or moved; every other change of words is **minor**; a
change of letter case, punctuation or typography alone is **cosmetic**.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from rapidfuzz.distance import LCSseq

from scraper import lexicon
from scraper.model import Grade
from scraper.text import visible_key, word_key, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_REASONS = 12
_QUOTE_CHARS = 160
# Below this a run between two sentence marks is a heading, an initial or a list number.
_SENTENCE_WORDS = 3
# Stray matches of "the" and "of" keep a few words of a removed sentence alive in the alignment.
_SENTENCE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Token:
    """A word in its place: `key` as compared, `start` and `end` into the text."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a difference has its grade: a label ("amount", "sentence removed") and the words on either side."""

    label: str
    before: str
    after: str
    grade: Grade

    def __str__(self) -> str:
        if self.before and self.after:
            return f"{self.label}: {self.before} → {self.after}"
        return f"{self.label}: {self.before or self.after}"


@dataclass(frozen=True, slots=True)
class Hunk:
    """One stretch that differs: character spans into the text before and the text after (either may be empty)."""

    before: tuple[int, int]
    after: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs. `grade` is None when nothing visible does; cosmetic differences have no hunks."""

    grade: Grade | None
    reasons: tuple[Reason, ...] = ()
    hunks: tuple[Hunk, ...] = ()

    def told(self) -> tuple[str, ...]:
        """The reasons as a person reads them, the weightiest first, at most `MAX_REASONS`."""
        ordered = sorted(self.reasons, key=lambda reason: -reason.grade.rank)
        told = [str(reason) for reason in ordered[:MAX_REASONS]]
        more = len(ordered) - len(told)
        return (*told, f"and {more} more") if more else tuple(told)


def compare(before: str, after: str) -> Difference:
    """What differs between two titles or two bodies."""
    if visible_key(before) == visible_key(after):
        return Difference(None)
    if word_key(before) == word_key(after):
        return Difference(Grade.COSMETIC)
    old, new = _Side(before), _Side(after)
    raw = tuple(_unequal(old.keys, new.keys))
    reasons, told_old, told_new = _sentences(old, new, raw)
    merged = tuple(_merged(raw))
    for b0, b1, a0, a1 in merged:
        left = [i for i in range(b0, b1) if i not in told_old]
        right = [i for i in range(a0, a1) if i not in told_new]
        reasons.extend(_reasons(old, new, left, right))
    grade = max((r.grade for r in reasons), key=lambda g: g.rank, default=Grade.MINOR)
    return Difference(
        grade,
        tuple(dict.fromkeys(reasons)),
        tuple(Hunk(old.span(b0, b1), new.span(a0, a1)) for b0, b1, a0, a1 in _whole_numbers(merged, old, new)),
    )


class _Side:
    """One text, cut into tokens and sentences once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.keys = [token.key for token in self.tokens]
        self.starts = _sentence_starts(text, self.tokens)
        # In a headline every word is capitalised, so that capitals name nobody.
        capitals = sum(self.text[token.start].isupper() for token in self.tokens)
        self.is_headline = capitals * 2 > len(self.tokens)
        self.quoted = _quoted(text)

    def span(self, first: int, stop: int) -> tuple[int, int]:
        """The characters of tokens [first, stop); for none of them, the place where they would stand."""
        if first < stop:
            return self.tokens[first].start, self.tokens[stop - 1].end
        at = self.tokens[first - 1].end if first else 0
        return at, at

    def is_glued(self, index: int) -> bool:
        """Whether a token goes on with the number before it ("4.5", "1,000")."""
        if not 0 < index < len(self.tokens):
            return False
        last, token = self.tokens[index - 1], self.tokens[index]
        return self.text[last.end : token.start] in {".", ","} and last.key.isdigit() and token.key.isdigit()

    def sentences(self) -> Iterator[range]:
        """Token ranges of the sentences that are long enough to be one."""
        bounds = [*self.starts, len(self.tokens)]
        for start, stop in pairwise(bounds):
            if stop - start >= _SENTENCE_WORDS:
                yield range(start, stop)

    def words(self, indexes: Sequence[int]) -> str:
        """The text from the first of some tokens to the last, widened to whole numbers and amounts."""
        if not indexes:
            return ""
        start, end = self.tokens[indexes[0]].start, self.tokens[indexes[-1]].end
        if any(lexicon.is_number(self.keys[i]) for i in indexes):
            start, end = _widened(self.text, start, end)
        return _shortened(" ".join(self.text[start:end].split()))

    def kind(self, index: int) -> str | None:
        """What makes a word weigh more than others, None for a plain one."""
        key, token = self.keys[index], self.tokens[index]
        before = self.keys[index - 1] if index else ""
        if lexicon.is_number(key):
            return "amount" if self._is_amount(index) else lexicon.number_kind(key, before)
        if key in lexicon.MODALS and self.text[token.start].islower():
            return "modal"
        if lexicon.is_negation(key, before):
            return "negation"
        if (kind := lexicon.word_kind(key, capital=self.text[token.start].isupper())) is not None:
            return kind
        if self._is_name(index):
            return "name"
        return "quotation" if any(start <= token.start < end for start, end in self.quoted) else None

    def _is_amount(self, index: int) -> bool:
        start, end = _widened(self.text, self.tokens[index].start, self.tokens[index].end)
        return lexicon.AMOUNT.search(self.text[start:end]) is not None

    def _is_name(self, index: int) -> bool:
        token = self.tokens[index]
        word = self.text[token.start : token.end]
        if self.is_headline or not word[0].isupper() or self.text[token.start - 1 : token.start] in {"/", "@"}:
            return False
        return index not in self.starts or (len(word) > 1 and word.isupper())


_RUN = re.compile(r"[^\W_]+(?:[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]+[^\W_]+)*")


@lru_cache(maxsize=16)
def tokens(text: str) -> tuple[Token, ...]:
    """The words of a text with where they stand; the same words, in the same order, as `text.words`."""
    found: list[Token] = []
    for match in _RUN.finditer(text):
        found.extend(Token(key, match.start(), match.end()) for key in words(match.group()))
    return tuple(found)


def _unequal(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Stretches of unequal tokens from a longest common subsequence: (b0, b1, a0, a1), in order.

    Stretches whose words are equal once joined ("D.C." and "DC") are none.
    """
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    b0, a0 = head, head
    equal = [
        (op.src_start + head, op.src_end + head, op.dest_start + head)
        for op in LCSseq.opcodes(old[head : len(old) - tail], new[head : len(new) - tail])
        if op.tag == "equal"
    ]
    for start, stop, other in [*equal, (len(old) - tail, len(old) - tail, len(new) - tail)]:
        if (b0, a0) != (start, other) and "".join(old[b0:start]) != "".join(new[a0:other]):
            yield b0, start, a0, other
        b0, a0 = stop, other + stop - start


def _merged(raw: Sequence[tuple[int, int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Neighbouring stretches parted by fewer equal words than either changes are one change to a reader."""
    held: tuple[int, int, int, int] | None = None
    for b0, b1, a0, a1 in raw:
        if held is not None:
            gap = b0 - held[1]
            if gap <= min(max(held[1] - held[0], held[3] - held[2]), max(b1 - b0, a1 - a0)):
                held = (held[0], b1, held[2], a1)
                continue
            yield held
        held = (b0, b1, a0, a1)
    if held is not None:
        yield held


def _whole_numbers(
    merged: Sequence[tuple[int, int, int, int]], old: _Side, new: _Side
) -> Iterator[tuple[int, int, int, int]]:
    """Stretches widened to the digits that they cut off: "4.5" became "8.5", not its 4 an 8."""
    had = 0
    for (b0, b1, a0, a1), following in zip(merged, [*merged[1:], (len(old.keys), 0, 0, 0)], strict=True):
        while b0 > had and a0 and old.is_glued(b0) and new.is_glued(a0):
            b0, a0 = b0 - 1, a0 - 1
        while b1 < following[0] and old.is_glued(b1) and new.is_glued(a1):
            b1, a1 = b1 + 1, a1 + 1
        had = b1
        yield b0, b1, a0, a1


def _sentences(
    old: _Side, new: _Side, raw: Sequence[tuple[int, int, int, int]]
) -> tuple[list[Reason], set[int], set[int]]:
    """Whole sentences removed, added or moved, and the tokens on either side that they account for."""
    gone = {i for b0, b1, _, _ in raw for i in range(b0, b1)}
    come = {i for _, _, a0, a1 in raw for i in range(a0, a1)}
    removed = {tuple(old.keys[i] for i in s): s for s in old.sentences() if _mostly(s, gone)}
    added = {tuple(new.keys[i] for i in s): s for s in new.sentences() if _mostly(s, come)}
    reasons, told_old, told_new = [], set[int](), set[int]()
    for key, place in removed.items():
        if _is_rewritten(place, raw, old_side=True):
            continue
        label = "sentence moved" if key in added else "sentence removed"
        reasons.append(Reason(label, _quote(old, place), "", Grade.MATERIAL))
        told_old.update(place)
    for key, place in added.items():
        if key in removed:
            told_new.update(place)
        elif not _is_rewritten(place, raw, old_side=False):
            reasons.append(Reason("sentence added", "", _quote(new, place), Grade.MATERIAL))
            told_new.update(place)
    return reasons, told_old, told_new


def _mostly(sentence: range, changed: set[int]) -> bool:
    return sum(i in changed for i in sentence) >= _SENTENCE_SHARE * len(sentence)


def _is_rewritten(sentence: range, raw: Sequence[tuple[int, int, int, int]], *, old_side: bool) -> bool:
    """Whether a short sentence was replaced word for word in place: then the words tell more than the loss."""
    for b0, b1, a0, a1 in raw:
        mine, other = ((b0, b1), a1 - a0) if old_side else ((a0, a1), b1 - b0)
        if mine[0] <= sentence.start and sentence.stop <= mine[1]:
            return 0 < other < _SENTENCE_WORDS
    return False


def _quote(side: _Side, place: range) -> str:
    start, end = side.span(place.start, place.stop)
    return f"“{_shortened(' '.join(side.text[start:end].split()))}”"


def _reasons(old: _Side, new: _Side, left: Sequence[int], right: Sequence[int]) -> Iterator[Reason]:
    """Why one stretch matters: one reason a kind of word in it, or that words changed at all."""
    if not left and not right:
        return
    only_left, only_right = _unshared(old, left, new, right), _unshared(new, right, old, left)
    by_kind: dict[str, tuple[list[int], list[int]]] = {}
    for side, indexes, place in ((old, only_left, 0), (new, only_right, 1)):
        for index in indexes:
            if (kind := side.kind(index)) is not None:
                by_kind.setdefault(kind, ([], []))[place].append(index)
    for kind, (lost, won) in by_kind.items():
        if lost and won:
            yield Reason(kind, _listed(old, lost), _listed(new, won), Grade.MATERIAL)
        else:  # One word alone says little: told with the words around it and those that took its place.
            label = kind if left and right else f"{kind} removed" if left else f"{kind} added"
            yield Reason(label, old.words(left), new.words(right), Grade.MATERIAL)
    if not by_kind:
        label = "words changed" if left and right else "words removed" if left else "words added"
        yield Reason(label, old.words(left), new.words(right), Grade.MINOR)


def _unshared(side: _Side, indexes: Sequence[int], other: _Side, others: Sequence[int]) -> list[int]:
    """The tokens of one side that the other side of the same stretch does not have."""
    had = Counter(other.keys[i] for i in others)
    rest = []
    for index in indexes:
        if had[side.keys[index]]:
            had[side.keys[index]] -= 1
        else:
            rest.append(index)
    return rest


def _listed(side: _Side, indexes: Sequence[int]) -> str:
    """Words in place: neighbours as one phrase, others parted by a comma, each phrase once."""
    phrases: list[list[int]] = []
    for index in indexes:
        if phrases and index == phrases[-1][-1] + 1:
            phrases[-1].append(index)
        else:
            phrases.append([index])
    return ", ".join(dict.fromkeys(side.words(phrase) for phrase in phrases))


def _sentence_starts(text: str, found: Sequence[Token]) -> list[int]:
    """Indexes of the tokens that open a sentence or a paragraph."""
    starts = []
    for index, token in enumerate(found):
        if index == 0:
            starts.append(0)
            continue
        last = found[index - 1]
        gap = text[last.end : token.start]
        if "\n" in gap or (
            lexicon.ENDS_SENTENCE.match(gap) and not lexicon.is_abbreviation(text[last.start : last.end], gap)
        ):
            starts.append(index)
    return starts


def _quoted(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in lexicon.QUOTED.finditer(text)]


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """A number with the rest of its digits, its currency sign and its unit: "4" in "$4.5 million" is all of that."""
    for match in lexicon.QUANTITY.finditer(text, max(0, start - 40), min(len(text), end + 40)):
        if match.start() <= start and end <= match.end():
            return match.span()
    return start, end


def _shortened(words_: str) -> str:
    return words_ if len(words_) <= _QUOTE_CHARS else words_[: _QUOTE_CHARS - 1].rstrip() + "…"
