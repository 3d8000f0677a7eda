"""Comparison of titles: the statement's, another edition's, another name's or no evidence (pure)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from rapidfuzz.distance import LCSseq

from scraper.matching import thresholds as t
from scraper.text import lexicon, normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

_YEAR = re.compile(r"(?:19|20|21)\d\d")
_STOP_WORDS = frozenset("a an and at by for from in of on s the to with".split())


class TitleRelation(StrEnum):
    """Relation of a page's title to a statement's title."""

    SAME = "the title is the statement’s"
    OTHER_EDITION = "the title is another edition’s"
    OTHER_NAME = "the title names another"
    UNKNOWN = "the title is no evidence"


def compare(statement: str, page: str, published_at: datetime | None) -> TitleRelation:
    """Compare a statement's title with a page's title, or a line of the page, that may have a site's name around it."""
    ours, theirs = normalize.words(statement), normalize.words(page)
    if not ours or not theirs:
        return TitleRelation.UNKNOWN
    if rest := _around(ours, theirs):
        years = {word for word in rest if _YEAR.fullmatch(word)}
        if years and published_at and str(published_at.year) not in years and len(rest) <= t.TITLE_EXTRA_WORDS:
            return TitleRelation.OTHER_EDITION
        return TitleRelation.SAME
    glued = "".join(ours)
    if ours == theirs or (len(ours) >= t.TITLE_WORDS and "".join(theirs).startswith(glued)):
        return TitleRelation.SAME
    if len(theirs) > t.TITLE_LINE_WORDS:
        return TitleRelation.UNKNOWN
    return _related(ours, theirs)


def compare_lines(statement: str, lines: Iterable[str], published_at: datetime | None) -> tuple[TitleRelation, str]:
    """Return the first relation other than `UNKNOWN` among lines, the nearest to the passage first, and its line."""
    for line in lines:
        if len(normalize.words(statement)) >= t.TITLE_WORDS or normalize.word_key(line) == normalize.word_key(
            statement
        ):
            found = compare(statement, line, published_at)
            if found is not TitleRelation.UNKNOWN:
                return found, line
    return TitleRelation.UNKNOWN, ""


def _around(ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Return the words before and after a title within a longer one; empty if it is not in it."""
    for at in range(len(theirs) - len(ours) + 1):
        if theirs[at] == ours[0] and list(theirs[at : at + len(ours)]) == list(ours):
            return [*theirs[:at], *theirs[at + len(ours) :]]
    return []


def _related(ours: Sequence[str], theirs: Sequence[str]) -> TitleRelation:
    """Compare the words that differ, if the page's title shares half of the statement's words or more."""
    lost, won, shared = list[str](), list[str](), 0
    for op in LCSseq.opcodes(ours, theirs):
        if op.tag == "equal":
            shared += op.src_end - op.src_start
        else:
            lost.extend(ours[op.src_start : op.src_end])
            won.extend(theirs[op.dest_start : op.dest_end])
    if shared < t.TITLE_SHARE * len(ours):
        return TitleRelation.UNKNOWN
    numbers_lost, numbers_won = _edition_marks(lost), _edition_marks(won)
    if numbers_lost and numbers_won and numbers_lost != numbers_won:
        return TitleRelation.OTHER_EDITION
    names_lost = [word for word in lost if word not in _STOP_WORDS]
    names_won = [word for word in won if word not in _STOP_WORDS]
    return TitleRelation.OTHER_NAME if names_lost and names_won else TitleRelation.UNKNOWN


def _edition_marks(words: Iterable[str]) -> set[str]:
    """Return the words that distinguish editions: numbers, ordinals, months."""
    return {w for w in words if lexicon.is_number(w) or (w != "may" and lexicon.word_kind(w, capital=True) == "date")}
