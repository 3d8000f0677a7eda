"""English words and patterns that make a difference material (numbers, offices), or show the language (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from scraper.text import normalize

_NUMBER_WORDS = frozenset(
    "zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand "
    "thousands million millions billion billions trillion dozen dozens half percent".split()
)
_FREQUENCIES = frozenset(("once", "twice", "thrice"))
_ORDINAL_WORDS = frozenset(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth fortieth fiftieth sixtieth "
    "seventieth eightieth ninetieth hundredth".split()
)
MONTH_NAMES: Final = tuple(
    "january february march april may june july august september october november december".split()
)
MONTHS: Final = {form: number for number, name in enumerate(MONTH_NAMES, start=1) for form in (name, name[:3])} | {
    "sept": 9
}
"""Numbers of the months, 1 to 12, by their English names and abbreviations."""
_WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
_MAGNITUDES = frozenset(
    "hundred hundreds thousand thousands million millions billion billions trillion trillions percent".split()
)
# "may" and "march" are months only with a capital letter; "second" is an ordinal, rarely a unit.
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
_CONDITIONS = frozenset("if unless except only until".split())
_MODALS = frozenset("will would shall should may might can could must ought".split())
# Words of more than three letters that a headline has in lower case.
_SMALL_IN_HEADLINES = frozenset(
    "about across after against among around before behind between beyond concerning despite during following from "
    "into onto over regarding than that their through throughout toward towards under until upon versus with within "
    "without".split()
)

# A third of the words of English prose are among these; in other languages, a few in a hundred.
_FUNCTION_WORDS = frozenset(
    "the of and to in that is for on with as by are be this from at it was our we have has will its their".split()
)
_FUNCTION_SHARE = 0.12
_MIN_WORDS = 30
_EXAMINED_CHARS = 20_000

APOSTROPHES: Final = frozenset("'’\u02bc")
"""The signs that may be an apostrophe."""
YEAR: Final = re.compile(r"(?:1[89]|20|21)\d\d")
"""Pattern of a word that is a year, in full."""
_ORDINAL_NUMBER = re.compile(r"\d+(?:st|nd|rd|th)")

# Possessive, so that a million full stops in a row are read once.
ENDS_SENTENCE = re.compile(r"[^\w\s.!?…]*+[.!?…][^\w\s]*+\s")
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr st sr jr gen col lt sgt amb sen rep gov no vs etc inc ltd co prof rev hon sec pres adm maj capt cmdr "
    "asst dept brig atty jan feb mar apr jun jul aug sep sept oct nov dec".split()
)


def is_number(key: str) -> bool:
    """Return True if a word (case-folded) contains digits or is a number in letters, cardinal or ordinal."""
    return any(c.isdigit() for c in key) or key in _NUMBER_WORDS or key in _ORDINAL_WORDS


def frequency_of(key: str) -> str | None:
    """Return a word that says how often by itself ("twice"), or None for any other word."""
    return key if key in _FREQUENCIES else None


def is_magnitude(key: str) -> bool:
    """Return True for a word that makes a number an amount: "million", "percent"."""
    return key in _MAGNITUDES


def number_kind(key: str, before: str) -> str:
    """Return the kind of a number: "ordinal", "date" (a year, or a number after the name of a month) or "number"."""
    if key in _ORDINAL_WORDS or _ORDINAL_NUMBER.fullmatch(key):
        return "ordinal"
    return "date" if YEAR.fullmatch(key) or before in MONTHS else "number"


def word_kind(key: str, *, capital: bool) -> str | None:
    """Return the kind of a word without digits: "date" (month, weekday), "title of office", or None."""
    if capital and (key in MONTHS or key in _WEEKDAYS):
        return "date"
    return "title of office" if key in _OFFICES and (capital or key not in _OFFICES_IN_CAPITALS) else None


def is_modal(key: str, *, named: bool, beside_number: bool) -> bool:
    """Return True if a word is a modal verb. `named`: its capital letter makes it a name (Will, or the month May).

    If a capital has no meaning (headline, first word of a sentence), a number beside the word marks the month.
    """
    return key in _MODALS and not named and not (key == "may" and beside_number)


def is_negation(key: str) -> bool:
    """Return True if a word negates by itself."""
    return key in _NEGATIONS


def is_condition(key: str) -> bool:
    """Return True if a word makes a condition or an exception of the words after it."""
    return key in _CONDITIONS


def is_headline(lowercase_keys: Iterable[str]) -> bool:
    """Return True if a text whose lower-case words are these has a capital on every word that can have one."""
    return all(len(key) <= 3 or key in _SMALL_IN_HEADLINES for key in lowercase_keys)


def is_abbreviation(word: str, gap: str) -> bool:
    """Return True if the full stop after a word belongs to an abbreviation ("U.S.", "Mr.") and ends no sentence."""
    is_letter = len(word) == 1 and word.isalpha()
    return gap.startswith(".") and (is_letter or word.lower() in _ABBREVIATIONS)


def is_foreign(body: str) -> bool:
    """Return True if a text is long enough to judge and not in English."""
    body = body[:_EXAMINED_CHARS]
    words = normalize.words(body)
    if len(words) < _MIN_WORDS:
        # Chinese and Thai have no blanks between words.
        return sum(not char.isascii() and char.isalpha() for char in body) > 2 * _MIN_WORDS
    return sum(word in _FUNCTION_WORDS for word in words) < _FUNCTION_SHARE * len(words)
