"""Comparison of two wordings: the words that differ, the grade of the difference and the reasons for it (pure).

The grades are those of `model.Grade`. A difference is **material** if it changes the value of a number,
an amount, a date, a time, an ordinal or a name, if it changes a title of office, a negation, a modal
verb or words in quotation marks, if a word gives way to its opposite or a unit to another one, or if a
whole sentence was added, removed or moved. Every other change of words is **minor**, and so is the same
value in another spelling, which has a reason that says so. A change of letter case, punctuation or typography alone is
**cosmetic**; signs that belong to a value (`signs`) are no typography.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from scraper.model import Grade, Reason
from scraper.text import lexicon, money, names, negation
from scraper.text.alignment import align, equal_ends
from scraper.text.normalize import join_words, truncate, visible_key, wording_key
from scraper.text.reasons import weightiest
from scraper.text.sections import Sections
from scraper.text.sides import QUOTE_CHARS, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from scraper.text.alignment import Change
    from scraper.text.tokens import Excerpt

# Fewer words between two sentence marks are a heading, an initial or a list number.
_SENTENCE_WORDS = 3
# Less than 1: stray matches of "the" and "of" align a few words of a removed sentence.
_SENTENCE_SHARE = 0.8
# In longer stretches that were rewritten, two words of opposite meaning, or two units, are there by chance.
_MAX_REPLACED_WORDS = 12

# Each only with its like: gold is a currency of Zimbabwe, but "gold" → "a day" is no change of a unit.
_EXCHANGES = (("unit", money.unit_of), ("currency", money.currency_of), ("frequency", lexicon.frequency_of))

# Words [b0, b1) before and [a0, a1) after.
_Stretch = tuple[int, int, int, int]
# Names the section of a change by its old words and its new ones, which are numbers of words.
_SectionFinder: TypeAlias = "Callable[[Sequence[int], Sequence[int]], str]"


@dataclass(frozen=True, slots=True)
class Hunk:
    """A stretch that differs: character spans into the text before and the text after (either may be empty)."""

    before: tuple[int, int]
    after: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """Result of a comparison. `grade` is None if nothing visible differs; cosmetic differences have no hunks.

    `is_spelling`: the words and values are the same, and some are written otherwise.
    """

    grade: Grade | None
    reasons: tuple[Reason, ...] = ()
    hunks: tuple[Hunk, ...] = ()
    is_spelling: bool = False

    def reason_lines(self) -> tuple[str, ...]:
        """Return the `weightiest` reasons as text."""
        return tuple(map(str, weightiest(self.reasons)))


def compare(
    before: str | Excerpt, after: str | Excerpt, language: str | None = None, headings: Collection[str] = ()
) -> Difference:
    """Compare two titles, two bodies, or two excerpts of them, of which the whole text decides what is quoted.

    `language` is the declared one, for texts that are too short to show theirs. `headings` are the paragraphs of either
    body that are headings: each reason names the one above it.
    """
    old_text, new_text = _text(before), _text(after)
    if visible_key(old_text) == visible_key(new_text):
        return Difference(None)
    if wording_key(old_text) == wording_key(new_text):
        return Difference(Grade.COSMETIC)
    old, new = Side(before), Side(after)
    found = _set_up(old, new, language)
    section_of = _section_finder(old, new, headings)
    reasons, covered_old, covered_new = _sentences(old, new, section_of)
    merged = _merged(old, new, (_stretch(change) for change in found if not change.is_same))
    for b0, b1, a0, a1 in merged:
        left = [i for i in range(b0, b1) if i not in covered_old]
        right = [i for i in range(a0, a1) if i not in covered_new]
        section = section_of(left, right)
        reasons.extend(replace(reason, section=section) for reason in _reasons(old, new, left, right))
    respelled = list(_same_values(old, new, found, section_of))
    is_spelling = bool(respelled) and not reasons
    reasons.extend(respelled)
    differing = (_trimmed(old, new, stretch) for stretch in _joined(merged, found))
    hunks = [Hunk(old.span(b0, b1), new.span(a0, a1)) for b0, b1, a0, a1 in differing]
    if not reasons:  # signs that stand at no word, or differences after the part of a value that is quoted
        hunk = _changed_part(old_text, new_text)
        hunks = hunks or [hunk]
        section = Sections(new_text, headings).at(hunk.after[0])
        reasons.append(Reason("words changed", *_quoted_from(hunk, old_text, new_text), Grade.MINOR, section=section))
    grade = max((r.grade for r in reasons), key=lambda g: g.rank)
    return Difference(grade, tuple(dict.fromkeys(reasons)), tuple(hunks), is_spelling)


def _section_finder(old: Side, new: Side, headings: Collection[str]) -> _SectionFinder:
    """Return a function that names the section of a change, of which the old and the new words are given."""
    if not headings:
        return lambda left, right: ""
    before, after = Sections(old.text, headings), Sections(new.text, headings)

    def section_of(left: Sequence[int], right: Sequence[int]) -> str:
        sections, side, words = (after, new, right) if right else (before, old, left)
        return sections.at(side.span(words[0], words[0] + 1)[0]) if words else ""

    return section_of


def _changed_part(before: str, after: str) -> Hunk:
    """Return the characters of both texts between those that are equal at the beginning and at the end."""
    head, tail = equal_ends(before, after)
    return Hunk((head, len(before) - tail), (head, len(after) - tail))


def _quoted_from(hunk: Hunk, before: str, after: str) -> tuple[str, str]:
    """Return both texts from a little before a hunk."""
    start = max(0, hunk.before[0] - QUOTE_CHARS // 2)
    return truncate(before[start:], QUOTE_CHARS), truncate(after[start:], QUOTE_CHARS)


def _text(given: str | Excerpt) -> str:
    return given if isinstance(given, str) else given.text


def _set_up(old: Side, new: Side, language: str | None) -> list[Change]:
    """Find the changes, and set the names, negations and changed words of both texts."""
    # Both orders of two texts are in one language.
    one, other = sorted((old.text, new.text))
    spoken = negation.language(f"{one}\n{other}", language)
    if spoken is not None and negation.is_known(spoken):
        old.negations, new.negations = negation.find(old.text, spoken), negation.find(new.text, spoken)
    old.names = new.names = (old.capitalized_keys | new.capitalized_keys) - old.lowercase_keys - new.lowercase_keys
    found = list(align(old, new))
    for b0, b1, a0, a1 in (_stretch(change) for change in found if not change.is_same):
        old.changed |= {i: (b1, a1 - a0) for i in range(b0, b1) if i not in old.notes}
        new.changed |= {i: (a1, b1 - b0) for i in range(a0, a1) if i not in new.notes}
    return found


def _stretch(change: Change) -> _Stretch:
    return change.b0, change.b1, change.a0, change.a1


def _same_values(old: Side, new: Side, found: Iterable[Change], section_of: _SectionFinder) -> Iterator[Reason]:
    """Yield a reason for each value that is written otherwise."""
    for change in found:
        if not change.label:
            continue
        left, right = list(range(change.b0, change.b1)), list(range(change.a0, change.a1))
        if left and right and old.is_ending(change.b0) != new.is_ending(change.a0):
            left, right = old.with_verb(left), new.with_verb(right)
        before, after = old.words(left), new.words(right)
        if before != after:
            yield Reason(change.label, before, after, Grade.MINOR, section=section_of(left, right))


def _joined(merged: Iterable[_Stretch], found: Iterable[Change]) -> list[_Stretch]:
    """Return all stretches that differ, in order, with those that touch or overlap as one."""
    joined: list[_Stretch] = []
    for b0, b1, a0, a1 in sorted([*merged, *(_stretch(change) for change in found if change.is_same)]):
        if joined and (b0 <= joined[-1][1] and a0 <= joined[-1][3]):
            last = joined[-1]
            joined[-1] = last[0], max(b1, last[1]), min(a0, last[2]), max(a1, last[3])
        else:
            joined.append((b0, b1, a0, a1))
    return joined


def _trimmed(old: Side, new: Side, stretch: _Stretch) -> _Stretch:
    """Return a stretch without equal words at its ends ("million"), but with all the digits of a number."""
    b0, b1, a0, a1 = stretch
    while (
        b0 < b1 and a0 < a1 and old.signed[b0] == new.signed[a0] and not (old.is_glued(b0 + 1) or new.is_glued(a0 + 1))
    ):
        b0, a0 = b0 + 1, a0 + 1
    while (
        b0 < b1
        and a0 < a1
        and old.signed[b1 - 1] == new.signed[a1 - 1]
        and not (old.is_glued(b1 - 1) or new.is_glued(a1 - 1))
    ):
        b1, a1 = b1 - 1, a1 - 1
    return b0, b1, a0, a1


def _merged(old: Side, new: Side, raw: Iterable[_Stretch]) -> list[_Stretch]:
    """Join neighbours with no more equal words between them than each changes: to a reader they are one change."""
    merged: list[_Stretch] = []
    last_size = 0
    for b0, b1, a0, a1 in raw:
        lost, lost_end, won, won_end = _trimmed(old, new, (b0, b1, a0, a1))
        size = max(lost_end - lost, won_end - won)
        if merged and b0 - merged[-1][1] <= min(last_size, size):
            merged[-1] = merged[-1][0], b1, merged[-1][2], a1
            first_lost, last_lost, first_won, last_won = _trimmed(old, new, merged[-1])
            last_size = max(last_lost - first_lost, last_won - first_won)
        else:
            merged.append((b0, b1, a0, a1))
            last_size = size
    return merged


def _sentences(old: Side, new: Side, section_of: _SectionFinder) -> tuple[list[Reason], set[int], set[int]]:
    """Return the reasons of whole sentences removed, added or moved, and the old and new tokens that they cover."""
    removed, added = _changed_sentences(old), _changed_sentences(new)
    reasons, covered_old, covered_new = [], set[int](), set[int]()

    def of_old(label: str, place: range) -> Reason:
        return Reason(label, _quote(old, place), "", Grade.MATERIAL, section=section_of(place, ()))

    def of_new(label: str, place: range) -> Reason:
        return Reason(label, "", _quote(new, place), Grade.MATERIAL, section=section_of((), place))

    for key in dict.fromkeys((*removed, *added)):
        gone, come = removed.get(key, []), added.get(key, [])
        moved = min(len(gone), len(come))
        reasons += [of_old("sentence moved", place) for place in gone[:moved]]
        gone[moved:] = [place for place in gone[moved:] if not _is_rewritten(old, place)]
        come[moved:] = [place for place in come[moved:] if not _is_rewritten(new, place)]
        reasons += [of_old("sentence removed", place) for place in gone[moved:]]
        reasons += [of_new("sentence added", place) for place in come[moved:]]
        covered_old.update(*gone)
        covered_new.update(*come)
    return reasons, covered_old, covered_new


def _changed_sentences(side: Side) -> dict[str, list[range]]:
    """Return the sentences of `_SENTENCE_WORDS` or more words of which most words changed, by their words."""
    found: dict[str, list[range]] = {}
    for sentence in side.sentences():
        is_long = len(sentence) >= _SENTENCE_WORDS
        if is_long and sum(i in side.changed for i in sentence) >= _SENTENCE_SHARE * len(sentence):
            found.setdefault(side.joined(sentence), []).append(sentence)
    return found


def _is_rewritten(side: Side, sentence: range) -> bool:
    """Return True if one or two words replaced the sentence: then these say more than its loss."""
    stop, others = side.changed.get(sentence.start, (0, 0))
    return sentence.stop <= stop and 0 < others < _SENTENCE_WORDS


def _quote(side: Side, place: range) -> str:
    start, end = side.span(place.start, place.stop)
    return f"“{truncate(' '.join(side.text[start:end].split()), QUOTE_CHARS)}”"


def _reasons(old: Side, new: Side, left: Sequence[int], right: Sequence[int]) -> Iterator[Reason]:
    """Yield the reasons of one stretch: one for each kind of changed word, or one that words changed at all."""
    olds, news = _by_kind(old, left), _by_kind(new, right)
    is_changed = any(i in old.changed for i in left) or any(i in new.changed for i in right)
    is_same = join_words(map(old.signed.__getitem__, left)) == join_words(map(new.signed.__getitem__, right))
    if not is_changed or (is_same and not (olds or news)):
        return  # Apart from whole sentences, which have reasons of their own, nothing changed.
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
        replaced = _replaced(old, new, left, right)
        yield replaced or Reason(f"words {change}", *quoted, Grade.MINOR)


def _replaced(old: Side, new: Side, left: Sequence[int], right: Sequence[int]) -> Reason | None:
    """Return the reason that a word gave way to its opposite, or a unit or frequency to another one, or None."""
    if max(len(left), len(right)) > _MAX_REPLACED_WORDS:
        return None
    ours, theirs = ([side.keys[i] for i in indexes] for side, indexes in ((old, left), (new, right)))
    pairs = [("opposite", names.find_opposites(ours, theirs))]
    pairs += [(label, _exchanged(ours, theirs, meaning)) for label, meaning in _EXCHANGES]
    for label, found in pairs:
        if found is not None:
            own, their = found
            return Reason(label, old.words(left[own : own + 1]), new.words(right[their : their + 1]), Grade.MATERIAL)
    return None


def _exchanged(
    ours: Sequence[str], theirs: Sequence[str], meaning: Callable[[str], str | None]
) -> tuple[int, int] | None:
    """Return the places of two words with another meaning of one kind, if neither list has that of the other."""
    mine, their = (
        {found: place for place, key in enumerate(keys) if (found := meaning(key))} for keys in (ours, theirs)
    )
    if not (mine and their) or mine.keys() & their.keys():
        return None
    return next(iter(mine.values())), next(iter(their.values()))


def _change(lost: object, won: object) -> str:
    """Return the word for what happened between two sides of which each has something, or not."""
    return "removed" if not won else "changed" if lost else "added"


def _by_kind(side: Side, indexes: Sequence[int]) -> dict[str, list[int]]:
    """Return the changed words of the kinds that make a change material."""
    found: dict[str, list[int]] = {}
    for index in indexes:
        if index in side.changed and (kind := side.kind(index)) is not None:
            found.setdefault(kind, []).append(index)
    return found


def _listed(side: Side, indexes: Sequence[int]) -> str:
    """List words in order: neighbours as one phrase, others separated by a comma, each phrase once."""
    phrases: list[list[int]] = []
    for index in indexes:
        if phrases and index == phrases[-1][-1] + 1:
            phrases[-1].append(index)
        else:
            phrases.append([index])
    return truncate(", ".join(dict.fromkeys(side.words(phrase) for phrase in phrases)), QUOTE_CHARS)
