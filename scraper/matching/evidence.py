"""Words of a statement that prove nothing when a page has them, too (pure).

These are standing paragraphs (contacts, "About the Bureau", legal notes), quotations in both texts, and words that
other statements have, too, on a page without the statement's opening sentence. They are left out of the strength that
makes a page a copy. On a page that names the statement, words count by their rarity alone.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from scraper.matching import page_words, phrases
from scraper.matching import thresholds as t
from scraper.matching.align import Alignment
from scraper.text.tokens import Words

_ADDRESS = re.compile(r"\w@\w")


def quoted(words: Words) -> bytearray:
    """Return one byte for each word: 1 if it stands in quotation marks."""
    return _marked(words, words.quotations)


def unproven(statement: Words, page_quoted: bytes | bytearray, alignment: Alignment) -> bytearray:
    """Return one byte for each word of a statement: 1 for standing paragraphs and for quotations in both texts."""
    mask = _marked(statement, _standing_lines(statement.text))
    if any(page_quoted):
        ours = quoted(statement)
        # A statement that is all in quotation marks is itself the quotation.
        if any(ours) and sum(ours) < t.SHARE_ALL_QUOTED * len(statement):
            for run in (*alignment.chain, *alignment.moved):
                for at in range(run.length):
                    mask[run.source + at] |= ours[run.source + at] & page_quoted[run.page + at]
    return mask


class Proof(NamedTuple):
    """Proof in the words that a page shares with a statement.

    `rarity` is the mean weight of their runs, from 0 to 1; `is_own`: no other statement has all of a sentence of them.
    """

    rarity: float
    is_own: bool = False


def rarity(hashes: Sequence[int], weights: Mapping[int, float], mask: bytes | bytearray, *, has_opening: bool) -> float:
    """Return the mean weight of the fingerprints of a statement that have one, from 0 to 1; 1 if none has.

    `hashes` are those of all its runs, in order; `mask` has one byte for each of its words, or is empty. `weights` has
    1 / statements for fingerprints that the page shares with the statement, 0 for one of too many. Those with a word in
    `mask` weigh nothing, and so do those that other statements have unless the page `has_opening`, the statement's own.
    """
    shared = [(weights[value], at) for at, value in enumerate(hashes) if value in weights]
    counted = (weight for weight, at in shared if not any(mask[at : at + t.SHINGLE_WORDS]))
    return sum(weight for weight in counted if has_opening or weight == 1) / len(shared) if shared else 1.0


def has_opening(statement: Words, alignment: Alignment) -> bool:
    """Return True if the page has half or more of the sentence with which a statement begins."""
    length = statement.sentence_end(min(t.OPENING_WORDS, len(statement)))
    found = sum(max(0, min(run.source_end, length) - run.source) for run in (*alignment.chain, *alignment.moved))
    return 2 * found >= length


def is_closing_block(statement: Words, page: Words, alignment: Alignment) -> bool:
    """Return True if only a statement's last paragraph is found, whole and unquoted, at the end of another text.

    Standing paragraphs are in this place, also those that no known statement shares yet.
    """
    last, start = alignment.chain[-1], len(statement)
    # Below the last paragraph may be a mark of the end or a short note.
    while start and len(statement) - start < t.STANDING_WORDS:
        start = statement.line_start(start - 1, 0)
    before = sum(run.length for run in (*alignment.chain, *alignment.moved) if run.source < start)
    first = next((run for run in alignment.chain if run.source >= start), last)
    if not start or before >= t.MOVED_WORDS or not page.opens_line(first.page):
        return False
    is_alone = page_words.count_before(page, first.page, 1) > 0 and not page_words.count_after(page, last.page_end, 1)
    return is_alone and '"' not in page.gap(first.page) and "“" not in page.gap(first.page)


def _standing_lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield the character spans of standing paragraphs after the first paragraph, with those below their headings."""
    at, under_heading = 0, False
    for line in text.split("\n"):
        if words := line.strip():
            begins = words.casefold().replace("'", "’").startswith(phrases.STANDING)
            is_standing = begins or _ADDRESS.search(words) is not None
            if at and (is_standing or under_heading):
                yield at, at + len(line)
            under_heading = is_standing and len(words) <= t.HEADING_CHARS and not words.endswith(".")
        at += len(line) + 1


def _marked(words: Words, spans: Iterable[tuple[int, int]]) -> bytearray:
    mask = bytearray(len(words))
    starts: list[int] = []
    for start, end in spans:
        starts = starts or words.places[0]
        first, stop = bisect_left(starts, start), bisect_left(starts, end)
        mask[first:stop] = b"\1" * (stop - first)
    return mask
