"""The words and shapes of English that make a difference material: numbers, dates, offices, negations (pure)."""

from __future__ import annotations

import re

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
_NEGATIONS = frozenset("not no never none neither nor nobody nothing nowhere without cannot".split())
MODALS = frozenset("will would shall should may might can could must ought".split())

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
ENDS_SENTENCE = re.compile(r"[^\w\s]*[.!?…][^\w\s]*\s")
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
    return "title of office" if key in _OFFICES else None


def is_negation(key: str, before: str) -> bool:
    """Whether a word negates; the "t" of "isn’t" is a word of its own here."""
    return key in _NEGATIONS or (key == "t" and before.endswith("n"))


def is_abbreviation(word: str, gap: str) -> bool:
    """Whether the full stop after a word is its own ("U.S.", "Mr.") rather than the sentence's."""
    return gap.startswith(".") and (len(word) == 1 or word.lower() in _ABBREVIATIONS)
