"""Signs that belong to a value: currency, per cent, minus, comparison and the marks between digits (pure).

All other signs are typography. A sign belongs to the word after it, or to the word before it where it follows a number
("12 %", "58 €").
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

# Category Sc of the basic plane.
CURRENCY: Final = (
    "$\u00a2-\u00a5\u058f\u060b\u07fe\u07ff\u09f2\u09f3\u09fb\u0af1\u0bf9\u0e3f\u17db\u20a0-\u20c0\ua838\ufdfc\ufe69"
    "\uff04\uffe0\uffe1\uffe5\uffe6"
)
"""The signs of all currencies, as the inside of a character class."""
MINUS: Final = "\\-\u2010-\u2013\u2212\ufe63\uff0d"
"""The signs that may stand for minus, as the inside of a character class."""
RANGE: Final = "\u2013"
"""The sign between two numbers of a range; a hyphen is a minus."""
_PERCENT = "%\u066a\ufe6a\uff05\u2030\u2031"
_COMPARISONS = "<>\u2264-\u2267\u2a7d\u2a7e\u00b1\uff1c\uff1e"
_BETWEEN_DIGITS = ".,:/\u2044\uff0e\uff0c\uff1a\uff0f"
_BLANK = "[ \u00a0\u202f\u2009]"
# What is asked of a mark between digits, and of any other sign; each looks back over the sign itself.
_OF_MARKS = (
    # Commas before three digits, and several points before three digits each, group the digits of one number.
    r"(?<=\d[,\uff0c])(?!\d{3}(?!\d))",
    r"(?<=\d[.\uff0e])(?!\d{3}\.\d{3})(?<!\.\d{3}[.\uff0e])",
    r"(?<=\d[:\uff1a])",
    r"(?<=\d[/\u2044\uff0f])(?<!\d{4}.)",
    # A decimal point with nothing before it: ".5".
    r"(?<=[.\uff0e])(?<![\w.\uff0e\u2026].)",
)
# "May 5, 200 men" has two numbers, "5,200" has one.
_OF_LISTS = r"(?<=\d[,\uff0c])(?=\s\d{3}(?!\d))"
_OF_SIGNS = (
    f"(?<=[{CURRENCY}])",
    # A range ("5 -12") and a hyphen ("G-7") are no minus.
    rf"(?<=[{MINUS}])(?<!\d.)(?<!\d\s.)(?<![^\s(\[“\"‘'{_COMPARISONS}{CURRENCY}].)"
    rf"(?:(?=(?:[A-Za-z]{{0,3}}[{CURRENCY}])?\.?\d)|(?<=\u2212)(?=\s\d))",
    # "5–12 May" is a range, "5, 12 May" is none.
    rf"(?<=\d[{MINUS}])(?=\d)",
    rf"(?<=\d[{_PERCENT}])|(?<=\d{_BLANK}[{_PERCENT}])|(?:(?<=\d\u00b0)|(?<=\d{_BLANK}\u00b0))(?!\d)",
    r"(?<=\d[+\uff0b])(?![\w+])",
    rf"(?<=[{_COMPARISONS}])(?=\s?[{MINUS}]?(?:[A-Za-z]{{0,3}}[{CURRENCY}])?\.?\d)",
)
# The first set of characters lets the search skip all others at once.
SIGN: Final = re.compile(
    rf"[{CURRENCY}{MINUS}{_PERCENT}{_COMPARISONS}{_BETWEEN_DIGITS}+\uff0b\u00b0]"
    rf"(?:(?<=[{_BETWEEN_DIGITS}])(?:(?=\d)(?:{'|'.join(_OF_MARKS)})|{_OF_LISTS})"
    rf"|(?<![{_BETWEEN_DIGITS}])(?:{'|'.join(_OF_SIGNS)}))"
)
"""A sign that belongs to a value, in a text as written or folded."""
_VULGAR = re.compile("[\u00bc-\u00be\u2150-\u215e]")
_CANONICAL = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "-"),
    **dict.fromkeys("\u066a\ufe6a\uff05", "%"),
    **dict.fromkeys("\u2266\u2a7d", "\u2264"),
    **dict.fromkeys("\u2267\u2a7e", "\u2265"),
    **dict.fromkeys(",\uff0e\uff0c", "."),
    **dict.fromkeys("\u2044\uff0f", "/"),
    "\ufe69": "$",
    "\uff04": "$",
    "\uffe0": "\u00a2",
    "\uffe1": "\u00a3",
    "\uffe5": "\u00a5",
    "\uffe6": "\u20a9",
    "\uff1a": ":",
    "\uff1c": "<",
    "\uff1e": ">",
    "\uff0b": "+",
}
_AFTER_A_NUMBER = frozenset("%\u2030\u2031\u00b0+")
_IS_NUMBER_NEXT = re.compile(rf"[{MINUS}]?{_BLANK}?[{MINUS}]?\.?\d")
_IS_WORD_NEXT = re.compile(r"[^\W_]")
_IS_WORD_LAST = re.compile(rf"\w{_BLANK}?\Z")


def set_signs(text: str, apart: str) -> str:
    """Return `apart`, a text folded and with blanks for all signs, with those set apart that belong to a value.

    `text` is the same before its signs became blanks, as written or folded: each character is at its place in `apart`.
    """
    parts, at = [], 0
    for match in SIGN.finditer(text):
        parts += [apart[at : match.start()], _CANONICAL.get(match.group(), match.group())]
        at = match.end()
    return " ".join([*parts, apart[at:]]) if parts else apart


def by_word(text: str, starts: Sequence[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Return the signs before and after the words at these offsets of a text, by the index of the word."""
    before, after = dict[int, str](), dict[int, str]()
    for at, sign in _find(text):
        word = bisect_left(starts, at)
        if word and (word == len(starts) or _is_behind(text, at, sign)):
            after[word - 1] = after.get(word - 1, "") + sign
        elif word < len(starts):
            before[word] = before.get(word, "") + sign
    for match in _VULGAR.finditer(text):
        # NFKC makes two numbers with a stroke of it, at one place.
        before[bisect_right(starts, match.start()) - 1] = "/"
    return before, after


def _find(text: str) -> Iterator[tuple[int, str]]:
    for match in SIGN.finditer(text):
        at, sign = match.start(), _CANONICAL.get(match.group(), match.group())
        yield at, RANGE if sign == "-" and text[at - 1 : at].isdigit() else sign


def _is_behind(text: str, at: int, sign: str) -> bool:
    """Return True if a sign belongs to the word before it: "12 %", "58 €", but not "€58"."""
    if sign in _AFTER_A_NUMBER:
        return True
    if sign == RANGE or not sign.strip("".join(_BETWEEN_DIGITS)) or sign in "-<>\u2264\u2265\u00b1":
        return False
    if _IS_NUMBER_NEXT.match(text, at + 1) or _IS_WORD_NEXT.match(text, at + 1):
        return False
    return _IS_WORD_LAST.search(text, max(0, at - 2), at) is not None
