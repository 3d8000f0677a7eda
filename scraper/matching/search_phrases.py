"""Choice of the phrases of a statement by which search services find its copies (pure).

A phrase is a run of words as the text has them, so that any service that searches for exact words finds it. What
services treat in ways of their own is in none: numbers, signs, abbreviations, hyphens, apostrophes, quotation marks.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from scraper.matching import fingerprints
from scraper.matching import thresholds as t
from scraper.matching.model import Index, RevisionKey
from scraper.text.tokens import Words

MIN_WORDS: Final = fingerprints.GUARANTEED_WORDS
"""Least words of a phrase: of so many the index says how many statements have them."""
MAX_WORDS: Final = 8
"""Most words: each further one is one more that a copy may have changed."""
MAX_PHRASES: Final = 3
_WANTED = 2
# Fewer words than this are a caption or a notice.
_MIN_TEXT_WORDS = 25
# A repost and its original share all phrases; what more statements share is template text.
_MAX_OTHERS = 2
_MAX_WORD_CHARS = 25
_OPENING, _CLOSING = "“\"(‘'[", "”\")’'].,;:!?…"


class _Candidate(NamedTuple):
    """Run of words, in the order of preference: rare as a whole and in its parts, in plain letters, of long words."""

    others: int
    parts: int
    accented: int
    shortness: int
    first: int
    stop: int


def choose(title: str, words: Words, index: Index, own: Collection[int]) -> tuple[str, ...]:
    """Return up to three phrases of a wording that the fewest other statements have, in the order of the text.

    They are spread over the text, and the same for the same index. `own` are the ids of the statements with just these
    words. A text that is too short or made of template text gives its title, if that can be searched for and is not
    shared, or nothing.
    """
    candidates = sorted(_candidates(words, index, own)) if len(words) >= _MIN_TEXT_WORDS else []
    chosen = _spread(candidates, len(words))
    if not chosen:
        return _of_title(title, index, own)
    return tuple(words.written(each.first, each.stop) for each in sorted(chosen, key=lambda each: each.first))


def _spread(candidates: Sequence[_Candidate], size: int) -> list[_Candidate]:
    """Return the best candidate of each third of the text; if only one third has any, a second one of that.

    None that more other statements have than the best one of all.
    """
    best: dict[int, _Candidate] = {}
    candidates = [each for each in candidates if each.others == candidates[0].others]
    for each in candidates:
        best.setdefault(each.first * MAX_PHRASES // size, each)
    chosen = list(best.values())
    for each in candidates:
        if len(chosen) >= _WANTED:
            break
        if all(each.stop <= other.first or other.stop <= each.first for other in chosen):
            chosen.append(each)
    return chosen


def _candidates(words: Words, index: Index, own: Collection[int]) -> Iterator[_Candidate]:
    hashes = fingerprints.all_hashes(words.packed)
    others = _count_others(index.postings(hashes), own)
    for first, stop in _runs(words):
        runs = hashes[first : stop - t.SHINGLE_WORDS + 1]
        # A statement that has the phrase has each of these hashes.
        shared = min(others.get(value, 0) for value in fingerprints.guaranteed(runs))
        if shared <= _MAX_OTHERS:
            written = words.written(first, stop)
            accented = sum(not each.isascii() for each in written.split())
            yield _Candidate(shared, sum(others.get(value, 0) for value in runs), accented, -len(written), first, stop)


def _count_others(postings: Mapping[int, Sequence[RevisionKey]], own: Collection[int]) -> dict[int, int]:
    """Return the number of other statements with each hash; one of too many has no keys, and counts as the bound."""
    return {
        value: len({key.statement_id for key in keys} - set(own)) if keys else t.COMMON_STATEMENTS
        for value, keys in postings.items()
    }


def _runs(words: Words) -> Iterator[tuple[int, int]]:
    """Yield the runs of words [first, stop) that can be searched for, none across a mark or a line."""
    start = 0
    for at in range(len(words) + 1):
        if at < len(words) and _is_plain(words, at):
            if words.gap(at) == " " and start < at:
                continue
            yield from _within(start, at)
            start = at
        else:
            yield from _within(start, at)
            start = at + 1


def _within(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the longest runs between two marks that are not too long."""
    size = min(stop - start, MAX_WORDS)
    if size >= MIN_WORDS:
        yield from ((first, first + size) for first in range(start, stop - size + 1))


def _is_plain(words: Words, at: int) -> bool:
    """Return True for a word of letters only that stands by itself, not in an abbreviation or a compound."""
    start, end = words.span(at, at + 1)
    before, after, following = words.text[start - 1 : start], words.text[end : end + 1], words.text[end + 1 : end + 2]
    opens = start == 0 or before.isspace() or before in _OPENING
    closes = not after or after.isspace() or (after in _CLOSING and not following.isalnum())
    return opens and closes and end - start <= _MAX_WORD_CHARS and words.text[start:end].isalpha()


def _of_title(title: str, index: Index, own: Collection[int]) -> tuple[str, ...]:
    """Return a title of one plain run of words that no other statements have, or nothing."""
    words, whole = Words(title), fingerprints.title_hash(title)
    if whole is None or not MIN_WORDS <= len(words) <= 2 * MAX_WORDS:
        return ()
    is_plain = all(_is_plain(words, at) and (at == 0 or words.gap(at) == " ") for at in range(len(words)))
    is_rare = _count_others(index.postings([whole]), own).get(whole, 0) == 0
    return (words.written(0, len(words)),) if is_plain and is_rare else ()
