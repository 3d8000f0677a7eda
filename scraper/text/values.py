"""Values in a text: numbers, amounts, dates, times and names, each with a key that no spelling changes (pure).

A text is cut into values of one word or more. Two values are the same if their keys are equal, or if the key of one is
among the other keys of the other: "12/5/2026" is two days, "¥" two currencies. A word without a value has its plain
form as key.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple, Self

from scraper.text import comparisons, footnotes, lexicon, money, names, numerals, signs, times
from scraper.text.lexicon import APOSTROPHES
from scraper.text.numerals import Number
from scraper.text.signs import RANGE
from scraper.text.tokens import Words

_SIGN = re.compile("[-<>\u2264\u2265\u00b1]")
_MONEY_LETTERS = {"k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
_SIGN_UNITS = {"%": "percent", "\u2030": "permille", "\u2031": "basis point"}
_POUNDS = frozenset(("pound", "pounds"))
# Nothing but a dash between two numbers, and the signs of their currencies or shares.
_BLANK_OR_SIGN = re.compile(rf"[%\u2030]?[ \u00a0\u202f][{signs.CURRENCY}]?")
_JOINT = re.compile(rf"[%\u2030\s]{{0,3}}[{signs.MINUS}\u2014][{signs.CURRENCY}\s]{{0,3}}")
_DEGREES = {"c": "celsius", "f": "fahrenheit"}
# "The 12th", "a million", "a year": before any other word than those of values they have no value.
_ARTICLES = frozenset(("a", "an", "the"))
_SHARES = frozenset(("percent", "permille", "percentage point", "basis point"))


class Value(NamedTuple):
    """Words [first, stop) of a text with one value. `kind` makes a change of it material; it is "" for plain words."""

    first: int
    stop: int
    key: str
    kind: str = ""
    others: frozenset[str] = frozenset()

    def is_same(self, other: Self) -> bool:
        """Return True if both have the same value, in whatever spelling.

        Of two values that may each be another one ("5/6/2026", "6/5/2026"), only the first keys count.
        """
        is_either_sure = not (self.others and other.others)
        return self.key == other.key or (is_either_sure and (self.key in other.others or other.key in self.others))


def find(words: Words, first: int, stop: int) -> Iterator[Value]:
    """Yield the values of the words [first, stop), in order; every word belongs to one."""
    at, starts, capitals, after_article = first, _starts(), _starts_in_capitals(), _after_article()
    text, keys, (firsts, ends), (signed, _) = words.text, words.keys, words.places, words.signs
    while at < stop:
        end = words.line_end(at + 1, stop)
        while at < end:
            # Most words begin nothing that has a value, and are passed over at once.
            key, following = keys[at], keys[at + 1] if at + 1 < end else " "
            form = names.plain(key)
            if text[firsts[at]].islower():
                begins = key in starts and (
                    key not in _ARTICLES or following in after_article or following[0].isdigit()
                )
            else:
                begins = form in capitals or key[0].isdigit() or following[0].isdigit() or following in numerals.STARTS
            is_signed = at + 1 in signed or (key == "u" and at + 2 in signed)
            if begins or is_signed or key[-1].isdigit() or text[ends[at] : ends[at] + 1] in APOSTROPHES:
                for value in _at(words, at, end):
                    yield value
                    at = value.stop
            else:
                yield Value(at, at + 1, form)
                at += 1


@cache
def _starts() -> frozenset[str]:
    """Return the words with which a value may begin although they are in small letters."""
    offices = (first for first, those in names.forms("offices.txt").items() if len(those[0].words) > 1)
    return frozenset(offices) | comparisons.STARTS | numerals.STARTS | times.STARTS | {"can", "cannot"}


@cache
def _starts_in_capitals() -> frozenset[str]:
    """Return the words with which a value may begin if they have a capital, but for the code before a number."""
    return _starts() | names.forms("names.txt").keys() | names.forms("offices.txt").keys() | times.SHORT_NAMES


@cache
def _after_article() -> frozenset[str]:
    """Return the words with which a value may go on after an article ("a million", "the 12th", "the Hague")."""
    named = (form.words[1] for first in _ARTICLES for form in names.forms("names.txt").get(first, ()))
    return _listed() | frozenset(named)


@cache
def _listed() -> frozenset[str]:
    """Return the words in small letters that values consist of."""
    offices = (word for those in names.forms("offices.txt").values() for form in those for word in form.words)
    return (
        _starts() | frozenset(offices) | numerals.PARTS | times.PARTS | money.words() | names.SMALL | comparisons.WORDS
    )


def is_apart(words: Words, at: int) -> bool:
    """Return True if a word is a value of its own, whatever stands beside it: no other value has such a word."""
    start, end = words.span(at, at + 1)
    if not words.text[start].islower() or words.keys[at] in _listed() or not words.keys[at].isalpha():
        return False
    before, after = words.signs
    is_contracted = words.text[start - 1 : start] in APOSTROPHES or words.text[end : end + 1] in APOSTROPHES
    return not (is_contracted or at in before or at in after or at + 1 in before)


def _at(words: Words, at: int, stop: int) -> Iterator[Value]:
    key = words.keys[at]
    if (key[0].isdigit() or key in _starts()) and (found := _measured_at(words, at, stop)):
        yield from found
    elif _is_before_number(words, at, stop) and (quantity := _quantity(words, at, stop)):
        yield from quantity
    elif names.begins_form(key) and (named := _named(words, at, stop)) is not None:
        yield named
    elif key == "no" and words.gap(at + 1)[:1] == "." and at + 1 < stop and words.keys[at + 1][0].isdigit():
        yield Value(at, at + 1, "number")
    elif short := times.find_short_name(words, at):
        yield Value(at, at + 1, short, "date")
    elif parts := names.find_contraction(words, at, stop):
        start = at
        for part in parts:
            yield Value(start, part.stop, part.key, _kind_of_part(part.key), frozenset(part.others))
            start = part.stop
    else:
        yield Value(at, at + 1, names.plain(key))


def _named(words: Words, at: int, stop: int) -> Value | None:
    """Return the name or the office that begins with a word, or None."""
    if (name := names.find_name(words, at, stop)) is not None:
        return Value(at, name.stop, f"name {name.key}", "name")
    office = names.find_office(words, at, stop)
    return None if office is None else Value(at, office.stop, office.key, "title of office")


def _measured_at(words: Words, at: int, stop: int) -> tuple[Value, ...]:
    """Return the date, the time or the quantity that begins with a word, or the ends of a range; empty without one."""
    if footnotes.is_mark(words.written(at, at + 1)):
        return (Value(at, at + 1, words.keys[at]),)
    if date := times.find_date(words, at, stop):
        return (Value(at, date.stop, f"date {date.key}", "date", frozenset(f"date {other}" for other in date.others)),)
    if time := times.find_time(words, at, stop):
        return (Value(at, time.stop, f"time {time.key}", "time"),)
    return _quantity(words, at, stop)


def _is_before_number(words: Words, at: int, stop: int) -> bool:
    """Return True if a word may be the code of a currency ("USD 58") or stand before its sign ("US$58", "U.S.$58")."""
    before, _ = words.signs
    if at + 1 in before or (at + 2 in before and words.keys[at] == "u") or money.code_in(words, at):
        return True
    following = words.keys[at + 1] if at + 1 < stop else " "
    return following[0].isdigit() or (following in numerals.STARTS and money.code_before(words, at) is not None)


def _kind_of_part(key: str) -> str:
    if lexicon.is_negation(key):
        return "negation"
    return "modal" if lexicon.is_modal(key, named=False, beside_number=False) else ""


def _quantity(words: Words, at: int, stop: int) -> tuple[Value, ...]:
    """Return the number that begins with a word, with the comparison before it and its currency or unit.

    The first number of a range ("5–6%", "5 to 6 million") has the currency, unit and magnitude of the second. The
    second has those of the first if no blank stands between them, or if the first takes the magnitude of the second
    ("$5 to 6 million"): in "$5 million to 10 million people" only the first is of dollars.
    """
    first = _read(words, at, stop)
    if first is None:
        single = _single_unit(words, at, stop)
        return () if single is None else (single,)
    start, is_tight = _after_joint(words, first.number.stop, stop)
    second = _read(words, start, stop) if start else None
    if second is None or not first.may_share(second):
        return (first.value(words),)
    low = first.shared(second)
    high = second.shared(first) if is_tight or low.number.factor != first.number.factor else second
    joint = [Value(i, i + 1, words.keys[i]) for i in range(first.number.stop, start)]
    return (low.value(words), *joint, high.value(words))


def _after_joint(words: Words, at: int, stop: int) -> tuple[int, bool]:
    """Return the word after the dash or the "to" of a range that stands before or at a word, 0 without one.

    Also return whether it is a dash without a blank.
    """
    if at >= stop:
        return 0, False
    if words.keys[at] == "to":
        is_between = (
            at + 1 < stop and _BLANK_OR_SIGN.fullmatch(words.gap(at)) and _BLANK_OR_SIGN.match(words.gap(at + 1))
        )
        return (at + 1 if is_between else 0), False
    gap = words.gap(at)
    return (at if _JOINT.fullmatch(gap) else 0), not re.search(r"\s", gap)


class _Quantity(NamedTuple):
    """Number with its comparison (`sign`), and its currencies or unit. Its words are [first, number.stop).

    `is_length`: the "m" behind its digits is of meters or of millions, and the number is that of the millions.
    """

    first: int
    number_at: int
    number: Number
    sign: str
    currencies: tuple[str, ...] = ()
    unit: str = ""
    is_length: bool = False

    def may_share(self, other: Self) -> bool:
        """Return True if this and another quantity can be the ends of a range."""
        if self.number.is_ordinal or other.number.is_ordinal or self.number.value is None or other.number.value is None:
            return False
        if other.sign:  # "5 to more than 10"
            return False
        is_one_measure = all(
            not (mine and theirs) or mine == theirs
            for mine, theirs in ((self.currencies, other.currencies), (self.unit, other.unit))
        )
        return is_one_measure and self.number.value < other.number.value

    def shared(self, other: Self) -> Self:
        """Return the quantity with the measure and the magnitude of the other end of its range where it has none."""
        number = self.number
        if other.number.factor > 1 and not number.is_scaled:
            number = number.times(other.number.factor, number.stop)
        measured = self if self.currencies or self.unit else other
        return self._replace(number=number, currencies=measured.currencies, unit=measured.unit)

    def value(self, words: Words) -> Value:
        """Return the value."""
        number, sign, unit = self.number, self.sign, self.unit
        if number.is_ordinal:
            return Value(self.first, number.stop, f"ordinal {number.key}", "ordinal")
        if self.is_length:
            others = frozenset((f"{sign}{number.value and number.value / 10**6} meter",))
            return Value(self.first, number.stop, f"{sign}{number.key} ", "amount", others)
        if unit == "basis point" and number.value is not None:
            number, unit = replace(number, value=number.value / 100), "percentage point"
        keys = [f"{sign}{number.key} {measure}" for measure in (*self.currencies, unit) if measure]
        keys = keys or [f"{sign}{number.key} "]
        if unit == "pound" and words.keys[number.stop - 1] in _POUNDS:
            keys.append(f"{sign}{number.key} GBP")
        written = words.text[slice(*words.span(self.number_at, number.stop))]
        is_plain = not (sign or self.currencies or unit)
        if is_plain and (time := times.is_like_time(written)):
            keys.append(f"time {time}")
        return Value(self.first, number.stop, keys[0], self._kind(words, written, unit), frozenset(keys[1:]))

    def _kind(self, words: Words, written: str, unit: str) -> str:
        if self.currencies or unit in _SHARES or self.number.is_scaled:
            return "amount"
        if not (self.sign or unit) and lexicon.YEAR.fullmatch(written):
            return "date"
        # "One" is also a pronoun and an article.
        return "" if words.keys[self.first] == "one" and self.number.stop == self.first + 1 else "number"


def _read(words: Words, at: int, stop: int) -> _Quantity | None:
    """Return the quantity that begins with a word, or None."""
    sign, start = comparisons.find(words, at, stop)
    found = _number(words, start, stop) if start < stop else None
    if found is None:
        return None
    number_at, number = found
    if start > at and (times.find_date(words, start, stop) or times.find_time(words, start, stop)):
        return None
    if number.is_ordinal:
        return _Quantity(at, number_at, number, "") if start == at else None
    signs_before, signs_after = words.signs
    before = "".join(signs_before.get(i, "") for i in range(start, number_at + 1)).strip(f"./:{RANGE}")
    after = "".join(signs_after.get(i, "") for i in range(number_at, number.stop))
    sign += "".join(_SIGN.findall(before)) + ("+" if "+" in after else "")
    currencies = _currency_before(words, start, number_at, _SIGN.sub("", before))
    return _measured(words, _Quantity(at, number_at, number, sign, currencies), after, stop)


def _measured(words: Words, found: _Quantity, after: str, limit: int) -> _Quantity | None:
    """Return a quantity with the currency or unit that follows its number; `after` are the signs behind its digits."""
    number, currencies, unit = found.number, found.currencies, ""
    sign = after.strip("+\u00b0")[:1]
    if sign in _SIGN_UNITS:
        unit = _SIGN_UNITS[sign]
    elif sign:
        currencies = currencies or money.by_sign(sign)
    number = _with_letter(words, number, limit, has_currency=bool(currencies))
    named = None if unit else money.after_number(words, number.stop, limit)
    if named is not None and (not currencies or named.keys[0] in currencies):
        currencies, number = named.keys, replace(number, stop=named.stop)
    glued = number.glued
    if glued in _MONEY_LETTERS and (currencies or glued == "k"):
        number = number.times(_MONEY_LETTERS[glued], number.stop)
    elif glued and (unit := money.glued_unit(glued) or "") == "" and glued != "m":
        return None
    if "\u00b0" in after:
        has_scale = number.stop < limit and words.keys[number.stop] in _DEGREES
        unit = _DEGREES[words.keys[number.stop]] if has_scale else "degree"
        number = replace(number, stop=number.stop + has_scale)
    if not currencies and not unit and (following := _unit_after(words, number, limit)) is not None:
        number, unit = replace(number, stop=following[0]), following[1]
    is_length = glued == "m" and not currencies and not unit
    if glued == "m" and not currencies:
        number = number.times(10**6, number.stop)
    return found._replace(number=number, currencies=currencies, unit=unit, is_length=is_length)


def _with_letter(words: Words, number: Number, limit: int, *, has_currency: bool) -> Number:
    """Return a number with a letter of magnitude that a blank separates from its digits: "$5 M", "58 m"."""
    at = number.stop
    if number.glued or number.is_scaled or at >= limit or words.gap(at) not in numerals.BLANKS:
        return number
    letter = words.written(at, at + 1)
    if letter.lower() in _MONEY_LETTERS and money.after_number(words, at + 1, limit) is not None:  # "5 M US$"
        has_currency = True
    is_letter = letter.lower() in _MONEY_LETTERS if has_currency else letter == "m"
    return replace(number, stop=at + 1, glued=letter.lower()) if is_letter else number


def _unit_after(words: Words, number: Number, limit: int) -> tuple[int, str] | None:
    at = number.stop
    if words.keys[at - 1] == "half" and words.keys[at : at + 1] == ["a"]:  # "half a percent"
        at += 1
    return money.unit_after(words, at, limit)


def _number(words: Words, at: int, stop: int) -> tuple[int, Number] | None:
    """Return the number that begins with a word, or after the code or letters of its currency, and its first word."""
    before, _ = words.signs
    if letters := money.code_in(words, at):
        number = numerals.find(words, at, stop, letters)
        return None if number is None else (at, number)
    for number_at in range(at, min(at + 3, stop)):
        if number_at > at and not _is_currency(words, at, number_at, before.get(number_at, "")):
            continue
        if (number := numerals.find(words, number_at, stop)) is not None:
            return number_at, number
    return None


def _is_currency(words: Words, at: int, number_at: int, sign: str) -> bool:
    """Return True if the words [at, number_at) are the code of a currency, or the letters before its sign."""
    if money.before_number(words, number_at, sign)[1] == at:
        return True
    gap = words.gap(number_at).strip(" .\u00a0\u202f-\u2212")
    return number_at == at + 1 and not gap and money.code_before(words, at) is not None


def _currency_before(words: Words, start: int, number_at: int, sign: str) -> tuple[str, ...]:
    if letters := money.code_in(words, start):
        return (words.written(start, start + 1)[:letters],)
    if start < number_at and (code := money.code_before(words, start)) is not None and not sign:
        return (code,)
    return money.before_number(words, number_at, sign)[0] if sign else ()


def _single_unit(words: Words, at: int, stop: int) -> Value | None:
    """Return "a year", which is one year."""
    if words.keys[at] not in {"a", "an"} or (found := money.unit_after(words, at + 1, stop)) is None:
        return None
    return Value(at, found[0], f"1 {found[1]}")
