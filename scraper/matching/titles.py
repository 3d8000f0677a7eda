"""Comparison of titles: a statement's own, another edition's of its series, another one's of its kind (pure)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from rapidfuzz.distance import LCSseq

from scraper.matching import thresholds as t
from scraper.text import lexicon, normalize, numerals, values
from scraper.text.tokens import Words

_STOP_WORDS = frozenset("a an and at by for from in of on s the to with".split())
# Words before the number of an edition.
_SERIES = frozenset(
    "bulletin chapter circular day digest edition episode installment issue meeting newsletter no note notice number "
    "part phase report round schedule session update version vol volume week".split()
)
_ALSO_VERBS = frozenset({"may", "march"})
_ROMAN = {name: number for number, name in enumerate("i ii iii iv v vi vii viii ix x xi xii".split(), start=1)}
_NUMERALS = numerals.SMALL | _ROMAN


class TitleRelation(StrEnum):
    """Relation of a page's title to a statement's title."""

    SAME = "the title is the statement’s"
    OTHER_EDITION = "the title is another edition’s"
    OTHER_NAME = "the title names another"
    UNKNOWN = "the title is no evidence"


def compare_titles(statement: str, page: str, published_at: datetime | None) -> TitleRelation:
    """Compare a statement's title with a page's title, or a line of the page, that may have a site's name around it."""
    ours, theirs = normalize.words(statement), normalize.words(page)
    if not ours or not theirs:
        return TitleRelation.UNKNOWN
    if rest := _around_title(ours, theirs):
        years = {word for word in rest if lexicon.YEAR.fullmatch(word)}
        if years and published_at and str(published_at.year) not in years and len(rest) <= t.TITLE_EXTRA_WORDS:
            return TitleRelation.OTHER_EDITION
        return TitleRelation.SAME
    glued = len(ours) >= t.TITLE_WORDS and "".join(theirs).startswith("".join(ours))
    if ours == theirs or (glued and not _continues_number(ours, theirs)):
        return TitleRelation.SAME
    if len(theirs) > t.TITLE_LINE_WORDS:
        return TitleRelation.UNKNOWN
    if LCSseq.similarity(ours, theirs) < t.TITLE_SHARE * len(ours):
        return TitleRelation.UNKNOWN
    return _compare_different(Words(statement), Words(page))


def compare_title_lines(
    statement: str, lines: Iterable[str], published_at: datetime | None
) -> tuple[TitleRelation, str]:
    """Return the first relation other than `UNKNOWN` among lines, the nearest to the passage first, and its line."""
    for line in lines:
        if len(normalize.words(statement)) >= t.TITLE_WORDS or normalize.word_key(line) == normalize.word_key(
            statement
        ):
            found = compare_titles(statement, line, published_at)
            if found is not TitleRelation.UNKNOWN:
                return found, line
    return TitleRelation.UNKNOWN, ""


def _around_title(ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Return the words before and after a title within a longer one; empty if it is not in it."""
    for at in range(len(theirs) - len(ours) + 1):
        if theirs[at] == ours[0] and list(theirs[at : at + len(ours)]) == list(ours):
            return [*theirs[:at], *theirs[at + len(ours) :]]
    return []


def _continues_number(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Return True if the last word of a title is a number that is longer in a page's title: "Report 1", "Report 13"."""
    last = theirs[min(len(ours), len(theirs)) - 1]
    return last != ours[-1] and all(key in _NUMERALS or key.isdigit() for key in (ours[-1], last))


def _compare_different(ours: Words, theirs: Words) -> TitleRelation:
    """Compare the words that differ in two titles of which the page's has half of the statement's words or more."""
    changed = [op for op in LCSseq.opcodes(ours.keys, theirs.keys) if op.tag != "equal"]
    lost = [at for op in changed for at in range(op.src_start, op.src_end)]
    won = [at for op in changed for at in range(op.dest_start, op.dest_end)]
    marks_lost, marks_won = _edition_marks(ours, lost), _edition_marks(theirs, won)
    if any(marks_lost[kind] - found and found - marks_lost[kind] for kind, found in marks_won.items()):
        return TitleRelation.OTHER_EDITION
    marks = {mark for kind, found in marks_won.items() for mark in found & marks_lost[kind]}
    names_lost = [at for at in lost if ours.keys[at] not in _STOP_WORDS and _value(ours.keys[at]) not in marks]
    names_won = [at for at in won if theirs.keys[at] not in _STOP_WORDS and _value(theirs.keys[at]) not in marks]
    if marks and not names_lost:
        return TitleRelation.SAME  # "12 May" for "May 12"
    return TitleRelation.OTHER_NAME if names_lost and names_won else TitleRelation.UNKNOWN


def _edition_marks(title: Words, places: Iterable[int]) -> dict[str, set[str]]:
    """Return the marks of an edition among some words of a title, by kind: "year", "weekday", and "number".

    Months, days and other numbers are all of the kind "number", each by its value in digits.
    """
    marks: dict[str, set[str]] = {"year": set(), "weekday": set(), "number": set()}
    amounts = {
        at
        for value in values.find(title, 0, len(title))
        if value.kind == "amount"
        for at in range(value.first, value.stop)
    }
    for at in places:
        key = title.keys[at]
        if lexicon.YEAR.fullmatch(key):
            marks["year"].add(key)
        elif key in lexicon.MONTHS and _is_beside_number(title, at):
            marks["number"].add(_value(key))
        elif lexicon.word_kind(key, capital=True) == "date" and key not in lexicon.MONTHS:
            marks["weekday"].add(key)
        elif _is_edition_number(title, at, is_amount=at in amounts):
            marks["number"].add(_value(key))
    return marks


def _value(key: str) -> str:
    """Return the digits of a month's name, a numeral or an ordinal; other words as they are."""
    if number := lexicon.MONTHS.get(key) or _NUMERALS.get(key):
        return str(number)
    return key.rstrip("stndrh").lstrip("0") if key[0].isdigit() else key


def _is_beside_number(title: Words, at: int) -> bool:
    beside = title.keys[max(0, at - 1) : at] + title.keys[at + 1 : at + 2]
    return title.keys[at] not in _ALSO_VERBS or any(any(c.isdigit() for c in key) for key in beside)


def _is_edition_number(title: Words, at: int, *, is_amount: bool) -> bool:
    """Return True if a word numbers an edition ("Situation Report 13", "May 12"); False if it counts things."""
    key, gap = title.keys[at], title.gap(at)
    before = title.keys[at - 1] if at else ""
    after = title.keys[at + 1] if at + 1 < len(title) else ""
    if before in _SERIES or gap.endswith("#"):
        return lexicon.is_number(key) or key in _NUMERALS
    if not lexicon.is_number(key) or is_amount:
        return False
    if (
        lexicon.number_kind(key, before) != "number"
        or after in lexicon.MONTHS
        or lexicon.number_kind(after, "") == "ordinal"
    ):
        return True
    # "13 – Floods" and "13 on Floods" number the report; "13 Americans" counts them.
    return not after or after in _STOP_WORDS or title.gap(at + 1).strip() not in {"", "-"} or after.isdigit()
