"""The words and shapes of English that make a difference material: numbers, dates, offices, negations (pure)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMBER_WORDS = frozenset(
    "zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand "
    "thousands million millions billion billions trillion dozen dozens half percent".split()
)
_ORDINAL_WORDS = frozenset(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth fortieth fiftieth hundredth".split()
)
_MONTHS = frozenset(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
# "may" and "march" are months only with a capital letter; "second" an ordinal, rarely a unit.
_OFFICES = frozenset(
    "secretary undersecretary minister ministers premier president vice ambassador ambassadors spokesperson "
    "spokesman spokeswoman envoy envoys director administrator chancellor king queen prince princess emir sultan "
    "sheikh pope governor senator representative congressman congresswoman general admiral colonel commander chief "
    "chair chairman chairwoman chairperson counselor commissioner attaché consul deputy acting assistant prime "
    "judge justice mayor speaker leader coordinator".split()
)
# These name an office with a capital letter only: "bring to justice", "general elections".
_OFFICES_IN_CAPITALS = frozenset("acting general justice".split())
_NEGATIONS = frozenset("not no never none neither nor nobody nothing nowhere without cannot".split())
_MODALS = frozenset("will would shall should may might can could must ought".split())
# Longer words that a headline writes small.
_SMALL_IN_HEADLINES = frozenset(
    "about across after against among around before behind between beyond concerning despite during following from "
    "into onto over regarding than that their through throughout toward towards under until upon versus with within "
    "without".split()
)

_YEAR = re.compile(r"(?:1[89]|20|21)\d\d")
_ORDINAL_NUMBER = re.compile(r"\d+(?:st|nd|rd|th)")

_MAGNITUDE = r"(?:hundred|thousand|million|billion|trillion|percent|per\s+cent)"
_CURRENCY = r"(?:US\$|USD|EUR|GBP|[$€£¥₹₩])"
# Bounded repeats: each of these is run over pages that others wrote.
QUANTITY = re.compile(
    rf"(?:{_CURRENCY}\s?)?\d[\d.,]{{0,30}}(?<=\d)(?:st\b|nd\b|rd\b|th\b)?(?:\s?%|[\s-]{_MAGNITUDE}\b)?"
    rf"|\b\w{{2,12}}[\s-]{_MAGNITUDE}\b",
    re.IGNORECASE,
)
AMOUNT = re.compile(rf"{_CURRENCY}|%|{_MAGNITUDE}", re.IGNORECASE)
QUOTED = re.compile(r"“[^”“]{1,2000}”|\"[^\"\n]{1,2000}\"")
# Possessive, so that a million full stops in a row are read once.
ENDS_SENTENCE = re.compile(r"[^\w\s.!?…]*+[.!?…][^\w\s]*+\s")
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr st sr jr gen col lt sgt amb sen rep gov no vs etc inc ltd co prof rev hon".split()
)


def is_number(key: str) -> bool:
    """Whether a word (case-folded) has digits in it or is a number in letters, cardinal or ordinal."""
    return any(c.isdigit() for c in key) or key in _NUMBER_WORDS or key in _ORDINAL_WORDS


def number_kind(key: str, before: str) -> str:
    """Of a number: "ordinal", "date" (a year, or what follows a month's name) or "number"."""
    if key in _ORDINAL_WORDS or _ORDINAL_NUMBER.fullmatch(key):
        return "ordinal"
    return "date" if _YEAR.fullmatch(key) or before in _MONTHS else "number"


def word_kind(key: str, *, capital: bool) -> str | None:
    """Of a word without digits: "date" (month, weekday), "title of office", or None."""
    if capital and (key in _MONTHS or key in _WEEKDAYS):
        return "date"
    return "title of office" if key in _OFFICES and (capital or key not in _OFFICES_IN_CAPITALS) else None


def is_modal(key: str, *, named: bool, beside_number: bool) -> bool:
    """Whether a word is a modal verb. `named` says that its capital letter makes it a name: Will, or the month May.

    The month is told by a number beside it where a capital says nothing (a headline, the first word of a sentence).
    """
    return key in _MODALS and not named and not (key == "may" and beside_number)


def is_negation(key: str) -> bool:
    """Whether a word negates by itself."""
    return key in _NEGATIONS


def is_headline(smalls: Iterable[str]) -> bool:
    """Whether a text with these words in small letters has a capital on every word that can have one."""
    return all(len(key) <= 3 or key in _SMALL_IN_HEADLINES for key in smalls)


def is_abbreviation(word: str, gap: str) -> bool:
    """Whether the full stop after a word is its own ("U.S.", "Mr.") rather than the sentence's."""
    is_letter = len(word) == 1 and word.isalpha()
    return gap.startswith(".") and (is_letter or word.lower() in _ABBREVIATIONS)
