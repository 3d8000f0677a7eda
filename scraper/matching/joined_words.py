"""Words of a page that are joined to a sentence of the statement, in its line and without an end of sentence (pure).

Not joined are what sites write in the line of a text: titles, datelines, by-lines, calls to read on; a reporter's
"the Department said"; and all around a quotation that the page itself marks.
"""

import re
from collections.abc import Collection, Sequence

from scraper.matching import page_words, phrases
from scraper.matching import thresholds as t
from scraper.matching.model import WordChange
from scraper.text import lexicon, normalize
from scraper.text.tokens import Words

_OPENS_QUOTE = re.compile(r"[“„«‘\"]\W*\Z")
_CLOSES_QUOTE = re.compile(r"\A\W*[”“»’\"]")
_CUT = re.compile(r"…|\.\.\.")
# Signs between a dateline, a by-line or a call and the text.
_DIVIDES = re.compile(r"[|•·»›→/()\[\]<>*#–—]|\s-+\s|--")
# Words with which State begins sentences; in the middle of one they have no capital letter.
_OPENERS = frozenset(
    "a all also an and as at both but by during each for from he her his i if in it its many my on our over she since "
    "that the their there these they this those through to today under we when while with you".split()
)


def find_before(source: Words, page: Words, passage: WordChange, lowest: int, titles: Collection[str]) -> int:
    """Return the first page word that is joined to the beginning of a passage, `passage.page` if none is.

    Words before `lowest` belong to another passage. `titles` are keys of titles of the statement and of the page.
    """
    at = passage.page
    if not source.opens_sentence(passage.source) or page.opens_sentence(at):
        return at
    start = page.sentence_start(at, max(lowest, at - t.MAX_CHANGE_WORDS))
    gap = page.gap(at)
    if at - start >= t.MAX_CHANGE_WORDS or _CUT.search(gap) or _has_marks_only(source, page, start, at):
        return at
    if _OPENS_QUOTE.search(gap) and not _OPENS_QUOTE.search(source.gap(passage.source)):
        return at
    keys = page.keys[start:at]
    if _is_title(page, at, titles):
        return at
    if has_doubt(keys):
        return start
    if ":" in gap or _is_attribution(keys, is_before=True):
        return at
    if _DIVIDES.search(gap):
        return start if _is_prose(page, start, at) else at
    ours, theirs = source.written(passage.source, passage.source + 1), page.written(at, at + 1)
    if ours[0].isupper() and theirs[0].islower():
        return start
    if source.keys[passage.source] in _OPENERS and theirs[0].isupper():
        return at  # "Our staff On May 12": two blocks in one line
    return start if _count_small(page, start, at) else at


def find_after(source: Words, page: Words, passage: WordChange, highest: int) -> int:
    """Return the end of the page words that are joined to the end of a passage, `passage.page_end` if none is.

    Words from `highest` belong to another passage.
    """
    at = passage.page_end
    if not source.opens_sentence(passage.source_end) or page.opens_sentence(at):
        return at
    end = page.sentence_end(at, min(highest, at + t.MAX_CHANGE_WORDS))
    gap, ours = page.gap(at), source.gap(passage.source_end)
    if end - at >= t.MAX_CHANGE_WORDS or _CUT.search(gap) or _has_marks_only(source, page, at, end):
        return at
    if _CLOSES_QUOTE.search(gap) and not _CLOSES_QUOTE.search(ours):
        return at
    keys = page.keys[at:end]
    if _is_attribution(keys, is_before=False) or _is_call(keys):
        return at
    if _DIVIDES.search(gap):
        return end if _is_prose(page, at, end) else at
    # A heading or the last line of a list has no full stop: then the page's words need one to be a sentence with it.
    if not page_words.SENTENCE_END.search(ours) and not page_words.SENTENCE_END.search(page.gap(end)):
        return at
    is_joined = page.written(at, at + 1)[0].islower() or "," in gap or ";" in gap
    return end if is_joined else at


def is_lead_in(keys: Sequence[str]) -> bool:
    """Return True if words before a sentence name who said it, or deny it."""
    return has_doubt(keys) or _is_attribution(keys, is_before=True)


def has_verb_of_saying(keys: Sequence[str]) -> bool:
    """Return True if words have a verb of saying: "the Department states", but not "the United States"."""
    return any(
        key in phrases.SAYING and (key != "states" or (at > 0 and keys[at - 1] not in phrases.COUNTRIES))
        for at, key in enumerate(keys)
    )


def has_doubt(keys: Sequence[str]) -> bool:
    """Return True if words deny or doubt the sentence to which they are joined."""
    return any(lexicon.is_negation(key) or key in phrases.DOUBT for key in keys)


def _has_marks_only(source: Words, page: Words, first: int, stop: int) -> bool:
    return page_words.is_same(source, page, (0, 0), (first, stop))


def _is_attribution(keys: Sequence[str], *, is_before: bool) -> bool:
    """Return True if words name who said it: "the Department said on Tuesday that", "according to the Department"."""
    if has_doubt(keys) or not has_verb_of_saying(keys):
        return False
    return not is_before or keys[0] == "according" or keys[-1] == "that" or keys[-1] in phrases.SAYING


def _is_call(keys: Sequence[str]) -> bool:
    return keys[0] in phrases.CALLS and len(keys) <= t.IN_LINE_WORDS


def _is_title(page: Words, at: int, titles: Collection[str]) -> bool:
    """Return True if the line before a word is a title, whole or its beginning, perhaps after a site's words."""
    line = normalize.join_words(page.keys[page.line_start(at, at - t.TITLE_LINE_WORDS) : at])
    return any(title and (line.endswith(title) or title.startswith(line)) for title in titles)


def _count_small(page: Words, first: int, stop: int) -> int:
    """Count the words that begin with a small letter and are no call to the reader."""
    starts, _ = page.places
    return sum(page.text[starts[at]].islower() and page.keys[at] not in phrases.CALLS for at in range(first, stop))


def _is_prose(page: Words, first: int, stop: int) -> bool:
    """Return True if words beside a dividing sign are more than names, as in datelines."""
    return _count_small(page, first, stop) >= max(2, (stop - first) / 2)
