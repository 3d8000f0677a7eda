"""Numbers in a text, in digits or in English words, and their values (pure).

Digits are grouped by commas, blanks, apostrophes or, more than once, by points ("1.000.000"), or as in India
("5,00,000"). A point before digits is a decimal point, and so is a comma that groups nothing ("2,5"). Fractions
("½", "3/4", "1 1/2", "two-thirds", "a third of"), ordinals, and words and letters of magnitude ("5 million", "5bn") are
read, too.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Self

from scraper.text import footnotes
from scraper.text.tokens import Words


def _ascending(words: str, first: int, step: int = 1) -> dict[str, int]:
    return {word: first + step * place for place, word in enumerate(words.split())}


_UNITS = _ascending("one two three four five six seven eight nine", 1)
_BELOW_TWENTY = _UNITS | _ascending(
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 10
)
_TENS = _ascending("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10)
_UNIT_ORDINALS = _ascending("first second third fourth fifth sixth seventh eighth ninth", 1)
_ORDINALS = (
    _UNIT_ORDINALS
    | _ascending(
        "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth", 10
    )
    | _ascending("twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth", 20, 10)
)
_HUNDREDTH = {"hundredth": 100}
SMALL: Final = _BELOW_TWENTY | _ORDINALS
"""Numbers from 1 to 20, and the ordinals of the tens, by the one word that names them."""
_LARGE = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_LARGE_ORDINALS = {"thousandth": 10**3, "millionth": 10**6, "billionth": 10**9}
_SHORT = {"mn": 10**6, "mln": 10**6, "bn": 10**9, "bln": 10**9, "tn": 10**12, "trn": 10**12}
_MAGNITUDES = {"hundred": 100, "dozen": 12} | _LARGE | _SHORT
_PARTS = _ascending("halves thirds quarters fifths sixths sevenths eighths ninths tenths", 2) | {"fourths": 4}
_ONE_PART = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_GLUED = re.compile(r"(\d+)([^\W\d_]*)")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2}){1,9},\d{3}(?!\d)")
_VULGAR = re.compile(r"(\d*)([\u00bc-\u00be\u2150-\u215e\u2189])")
_ORDINAL_ENDINGS = frozenset(("st", "nd", "rd", "th"))
_ALONE = _HUNDREDTH | _LARGE_ORDINALS
_WHOLE = frozenset(_LARGE) | {"hundred"}
_GROUPED_BY = frozenset(",'’. \u00a0\u202f\u2009")
BLANKS = frozenset(" \u00a0\u202f")
_JOINTS = BLANKS | frozenset("-\u2010\u2011")
# Python converts no more than 4,300 digits, and longer numbers than this are no quantities.
_MAX_DIGITS = 40
_GROUP_DIGITS = 3
_MAX_MAGNITUDES = 3


@dataclass(frozen=True, slots=True)
class Number:
    """A number that ends before word `stop`.

    `value` is None if it has more digits than a quantity; `written` has them. `glued` are letters behind its digits
    that are no magnitude of every number ("5km", "58m"). `factor` is that of its words of magnitude; `is_scaled`: it
    has such words, or "hundred".
    """

    stop: int
    value: Fraction | None
    written: str = ""
    glued: str = ""
    is_scaled: bool = False
    factor: int = 1
    is_ordinal: bool = False

    @property
    def key(self) -> str:
        """The value in its only form."""
        return self.written if self.value is None else str(self.value)

    def times(self, factor: int, stop: int) -> Self:
        """Return the number with a word of magnitude, which ends before word `stop`."""
        value = self.value and self.value * factor
        written = f"{self.written} {factor}"
        return replace(
            self, stop=stop, value=value, written=written, glued="", is_scaled=True, factor=self.factor * factor
        )


def find(words: Words, at: int, limit: int, skipped: int = 0) -> Number | None:
    """Return the number that begins with a word, after `skipped` letters, and ends before `limit`, or None."""
    key = words.keys[at]
    if key[skipped].isdigit():
        return _vulgar(words, at, limit) or _in_digits(words, at, limit, skipped)
    if key not in STARTS:
        return None
    return _Spelled(words, limit).read(at)


def is_joined(words: Words, at: int) -> bool:
    """Return True if a blank or a hyphen stands between a word and the word before it."""
    return words.gap(at) in _JOINTS


def is_magnitude(key: str) -> bool:
    """Return True for "million" and other words that multiply the number before them."""
    return key in _MAGNITUDES


def _vulgar(words: Words, at: int, limit: int) -> Number | None:
    """Return "½" and "1½", which are two or three words at one place."""
    found = _VULGAR.fullmatch(words.written(at, at + 1))
    if found is None:
        return None
    stop, (_, end) = at + 1, words.span(at, at + 1)
    while stop < limit and words.places[0][stop] < end:
        stop += 1
    part = Fraction(unicodedata.numeric(found[2])).limit_denominator(10)
    return _with_magnitude(words, Number(stop, int(found[1] or 0) + part), limit)


def _has_point_before(words: Words, at: int) -> bool:
    """Return True if a decimal point stands before a word and no digit before that: ".5"."""
    start = words.places[0][at]
    return words.text[start - 1 : start] == "." and not words.text[start - 2 : start - 1].isalnum()


def _part_after(words: Words, at: int, limit: int, gap: str) -> Fraction | None:
    """Return the fraction of a mixed number ("1 1/2") that begins with a word, or None."""
    if gap not in BLANKS or at + 1 >= limit or words.gap(at + 1) not in {"/", "\u2044"}:
        return None
    above, below = words.keys[at : at + 2]
    is_short = above.isdecimal() and below.isdecimal() and len(above) == len(below) == 1
    return Fraction(int(above), int(below)) if is_short and 0 < int(above) < int(below) else None


def _in_digits(words: Words, at: int, limit: int, skipped: int) -> Number | None:
    """Return the number in digits that begins with a word after `skipped` letters, or None."""
    first = _GLUED.fullmatch(words.keys[at][skipped:])
    if first is None or footnotes.is_mark(words.written(at, at + 1)):
        return None
    if not skipped and _has_point_before(words, at):
        digits, glued, stop = "0", first[2], at + 1
        decimals = first[1]
    else:
        digits, glued, stop = _grouped(words, at, limit, first)
        decimals = ""
    if not (glued or decimals) and stop < limit and (after := _GLUED.fullmatch(words.keys[stop])):
        gap = words.gap(stop)
        if gap in {"/", "\u2044"}:
            return _ratio(digits, after, stop)
        if gap == "." or (gap == "," and len(after[1]) != _GROUP_DIGITS):
            decimals, glued = after.groups()
            stop += 1
        elif (part := _part_after(words, stop, limit, gap)) is not None and len(digits) <= _GROUP_DIGITS:
            return _with_magnitude(words, Number(stop + 2, int(digits) + part), limit)
    value = None
    if len(digits) + len(decimals) <= _MAX_DIGITS:
        value = Fraction(int(digits + decimals), 10 ** len(decimals))
    number = Number(stop, value, f"{digits.lstrip('0')}.{decimals.rstrip('0')}", glued)
    if glued in _ORDINAL_ENDINGS:
        return replace(number, glued="", is_ordinal=True)
    if glued in _SHORT:
        return number.times(_SHORT[glued], stop)
    return number if glued else _with_magnitude(words, number, limit)


def _grouped(words: Words, at: int, limit: int, first: re.Match[str]) -> tuple[str, str, int]:
    """Return the digits of all groups of a number, the letters behind the last one, and the word after them."""
    digits, glued = first.groups()
    start = words.places[0][at]
    if indian := _INDIAN.match(words.text, start):
        groups = indian.group().split(",")
        if words.keys[at : min(limit, at + len(groups))] == groups:
            return "".join(groups), "", at + len(groups)
    stop, groups, by = at + 1, [digits], ""
    while not glued and len(digits) <= _GROUP_DIGITS and stop < limit:
        gap, group = words.gap(stop), _GLUED.fullmatch(words.keys[stop])
        if group is None or len(group[1]) != _GROUP_DIGITS or gap not in _GROUPED_BY or (by and gap != by):
            break
        groups.append(group[1])
        glued, by, stop = group[2], gap, stop + 1
    if by == "." and len(groups) == 2:
        return digits, "", at + 1
    return "".join(groups), glued, stop


def _ratio(digits: str, after: re.Match[str], at: int) -> Number | None:
    """Return "3/4"; "2020/21" and "9/11/2001" are none."""
    if after[2] or len(digits) > _GROUP_DIGITS or len(after[1]) > _GROUP_DIGITS or not int(after[1]):
        return None
    return Number(at + 1, Fraction(int(digits), int(after[1])))


def _with_magnitude(words: Words, number: Number, limit: int) -> Number:
    """Return a number with the words of magnitude after it: "5 hundred thousand", "two and a half million"."""
    stop = number.stop
    if number.value is not None and words.keys[stop : min(limit, stop + 3)] == ["and", "a", "half"]:
        number = replace(number, stop=stop + 3, value=number.value + Fraction(1, 2))
    for _ in range(_MAX_MAGNITUDES):
        key = words.keys[number.stop] if number.stop < limit and is_joined(words, number.stop) else ""
        if key not in _MAGNITUDES:
            break
        number = number.times(_MAGNITUDES[key], number.stop + 1)
    return number


class _Spelled:
    """Reader of one number in words."""

    def __init__(self, words: Words, limit: int) -> None:
        self._words = words
        self._limit = limit

    def read(self, at: int) -> Number | None:
        key = self._words.keys[at]
        if key in {"a", "an"}:
            following = self._key(at + 1)
            if following in _ONE_PART and self._key(at + 2) == "of":
                return self._of_magnitude(Number(at + 2, Fraction(1, _ONE_PART[following])))
            if following not in _MAGNITUDES or following in _SHORT:
                return None
            return self._whole(at) if following in _WHOLE else self._a_dozen(at)
        if key == "half":
            return self._half(at)
        if key == "zero":
            return Number(at + 1, Fraction(0))
        if key in _ALONE:
            return Number(at + 1, Fraction(_ALONE[key]), is_ordinal=True)
        return self._fraction_or(self._whole(at))

    def _a_dozen(self, at: int) -> Number:
        return _with_magnitude(self._words, Number(at + 1, Fraction(1)), self._limit)

    def _of_magnitude(self, part: Number) -> Number:
        """Return "a quarter of a million"; without a magnitude, the part."""
        at = part.stop
        if [self._key(at), self._key(at + 1)] == ["of", "a"] and self._key(at + 2) in _LARGE:
            return part.times(_LARGE[self._key(at + 2)], at + 3)
        return part

    def _key(self, at: int) -> str:
        """Return a word if it belongs to the one before it, else an empty string."""
        return self._words.keys[at] if at < self._limit and is_joined(self._words, at) else ""

    def _half(self, at: int) -> Number:
        skipped = at + 2 if self._key(at + 1) in {"a", "an"} else at + 1
        whole = _with_magnitude(self._words, Number(skipped, Fraction(1, 2)), self._limit)
        return whole if whole.is_scaled else Number(at + 1, Fraction(1, 2))

    def _whole(self, at: int) -> Number:
        """Return "two hundred and five thousand three hundred": groups below a thousand, each with less weight."""
        total, weight, stop, end, is_scaled = 0, 10**15, at, at, False
        while True:
            value, after, is_ordinal, has_hundred = self._below_thousand(stop)
            is_scaled |= has_hundred
            stop = after
            key = self._key(stop)
            if is_ordinal or key in _LARGE_ORDINALS:
                factor = 1 if is_ordinal else _LARGE_ORDINALS[key]
                return Number(stop + (not is_ordinal), Fraction(total + value * factor), is_ordinal=True)
            factor = _LARGE.get(key, 1)
            if factor >= weight:  # "one thousand and two thousand" are two numbers
                return Number(end, Fraction(total), is_scaled=True)
            if factor == 1:
                total += value
                break
            total, weight, stop, is_scaled = total + value * factor, factor, stop + 1, True
            end = stop
            start = stop + (self._key(stop) == "and")
            if self._key(start) not in _COUNTS:
                break
            stop = start
        number = Number(stop, Fraction(total), is_scaled=is_scaled)
        return _with_magnitude(self._words, self._with_decimals(number), self._limit)

    def _below_thousand(self, at: int) -> tuple[int, int, bool, bool]:
        """Return a value below a thousand, the word after it, and whether it is an ordinal and has a hundred."""
        value, stop, is_ordinal = self._below_hundred(at)
        key = self._key(stop)
        if is_ordinal or stop == at or key not in {"hundred", "hundredth"}:
            return value, stop, is_ordinal, False
        value, stop = 100 * value, stop + 1
        if key == "hundredth":
            return value, stop, True, True
        start = stop + (self._key(stop) == "and")
        if self._key(start) in _COUNTS:
            rest, after, is_ordinal = self._below_hundred(start)
            # "One hundred and two hundred" are two numbers.
            if self._key(after) not in {"hundred", "hundredth"}:
                return value + rest, after, is_ordinal, True
        return value, stop, False, True

    def _below_hundred(self, at: int) -> tuple[int, int, bool]:
        key = self._words.keys[at]
        if key in {"a", "an"}:
            return 1, at + 1, False
        if key in _TENS:
            following = self._key(at + 1)
            if following in _UNITS:
                return _TENS[key] + _UNITS[following], at + 2, False
            if following in _UNIT_ORDINALS and not self._is_part(at + 1):
                return _TENS[key] + _UNIT_ORDINALS[following], at + 2, True
            return _TENS[key], at + 1, False
        if key in _BELOW_TWENTY:
            return _BELOW_TWENTY[key], at + 1, False
        return (_ORDINALS[key], at + 1, True) if key in _ORDINALS else (0, at, False)

    def _is_part(self, at: int) -> bool:
        return self._words.keys[at] in _PARTS

    def _with_decimals(self, number: Number) -> Number:
        """Return "one point five"."""
        if self._key(number.stop) != "point" or number.value is None:
            return number
        digits, stop = "", number.stop + 1
        while (key := self._key(stop)) in _UNITS or key == "zero":
            digits += str(_UNITS.get(key, 0))
            stop += 1
        if not 0 < len(digits) <= _MAX_DIGITS:
            return number
        return replace(number, stop=stop, value=number.value + Fraction(int(digits), 10 ** len(digits)))

    def _fraction_or(self, number: Number) -> Number:
        """Return "two-thirds" or "one quarter" if a part follows a count, else the number."""
        key = self._key(number.stop)
        count = number.value
        if count is None or number.is_ordinal or number.is_scaled or count.denominator != 1:
            return number
        part = _ONE_PART.get(key) if count == 1 else _PARTS.get(key)
        return number if part is None else Number(number.stop + 1, count / part)


_COUNTS = frozenset(_BELOW_TWENTY) | frozenset(_TENS) | frozenset(_ORDINALS)
STARTS: Final = _COUNTS | frozenset(_ALONE) | {"a", "an", "half", "zero"}
"""The words with which a number in words begins."""
PARTS: Final = STARTS | frozenset(_MAGNITUDES) | frozenset(_PARTS) | frozenset(_ONE_PART) | {"and", "of", "point"}
"""The words that numbers in words consist of."""
