"""Values in a text: numbers, amounts, dates, times and names, each with a key that no spelling changes (pure).

A text is cut into values of one word or more. Two values are the same if their keys are equal, or if one of the other
keys of either is: "12/5/2026" is two days, "¥" two currencies. A word without a value has its plain form as key.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple, Self

from scraper.text import footnotes, lexicon, money, names, numerals, times
from scraper.text.numerals import Number
from scraper.text.tokens import Words

_COMPARISONS = {
    "<": ("less than", "fewer than", "under", "below"),
    ">": ("more than", "greater than", "over", "above"),
    "\u2265": ("at least", "no less than", "no fewer than", "not less than"),
    "\u2264": ("at most", "up to", "no more than", "not more than"),
    "-": ("minus", "negative"),
}
_PHRASES = sorted(
    ((tuple(phrase.split()), sign) for sign, phrases in _COMPARISONS.items() for phrase in phrases),
    key=lambda pair: -len(pair[0]),
)
_PHRASE_STARTS = frozenset(phrase[0] for phrase, _ in _PHRASES)
_PHRASE_WORDS = frozenset(word for phrase, _ in _PHRASES for word in phrase)
_SIGN = re.compile("[-<>\u2264\u2265\u00b1]")
_MONEY_LETTERS = {"k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
_SIGN_UNITS = {"%": "percent", "\u2030": "permille", "\u2031": "basis point"}
_DEGREES = {"c": "celsius", "f": "fahrenheit"}
# "The 12th", "a million", "a year": before any other word than those of values they have no value.
_ARTICLES = frozenset(("a", "an", "the"))
_SHARES = frozenset(("percent", "permille", "percentage point", "basis point"))
_APOSTROPHES = frozenset("'’\u02bc")  # never the empty string at the end of a text


class Value(NamedTuple):
    """Words [first, stop) of a text with one value. `kind` makes a change of it material; it is "" for plain words."""

    first: int
    stop: int
    key: str
    kind: str = ""
    others: frozenset[str] = frozenset()

    def is_same(self, other: Self) -> bool:
        """Return True if both have the same value, in whatever spelling."""
        mine, theirs = self.others | {self.key}, other.others | {other.key}
        return not mine.isdisjoint(theirs)


def find(words: Words, first: int, stop: int) -> Iterator[Value]:
    """Yield the values of the words [first, stop), in order; every word belongs to one."""
    at, starts, capitals, after_article = first, _starts(), _starts_in_capitals(), _after_article()
    text, keys, (firsts, ends), (signs, _) = words.text, words.keys, words.places, words.signs
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
            is_signed = at + 1 in signs or (key == "u" and at + 2 in signs)
            if begins or is_signed or text[ends[at] : ends[at] + 1] in _APOSTROPHES:
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
    return frozenset(offices) | _PHRASE_STARTS | numerals.STARTS | times.STARTS | {"can", "cannot"}


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
    return _starts() | frozenset(offices) | numerals.PARTS | times.PARTS | money.words() | names.SMALL | _PHRASE_WORDS


def is_apart(words: Words, at: int) -> bool:
    """Return True if a word is a value of its own, whatever stands beside it: no other value has such a word."""
    start, end = words.span(at, at + 1)
    if not words.text[start].islower() or words.keys[at] in _listed() or not words.keys[at].isalpha():
        return False
    before, after = words.signs
    is_contracted = words.text[start - 1 : start] in _APOSTROPHES or words.text[end : end + 1] in _APOSTROPHES
    return not (is_contracted or at in before or at in after or at + 1 in before)


def _at(words: Words, at: int, stop: int) -> Iterator[Value]:
    key = words.keys[at]
    if (key[0].isdigit() or key in _starts()) and (value := _measured_at(words, at, stop)) is not None:
        yield value
    elif _is_before_number(words, at, stop) and (quantity := _quantity(words, at, stop)) is not None:
        yield quantity
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


def _measured_at(words: Words, at: int, stop: int) -> Value | None:
    """Return the date, the time or the quantity that begins with a word, or None."""
    if footnotes.is_mark(words.written(at, at + 1)):
        return Value(at, at + 1, words.keys[at])
    if date := times.find_date(words, at, stop):
        return Value(at, date.stop, f"date {date.key}", "date", frozenset(f"date {other}" for other in date.others))
    if time := times.find_time(words, at, stop):
        return Value(at, time.stop, f"time {time.key}", "time")
    return _quantity(words, at, stop)


def _is_before_number(words: Words, at: int, stop: int) -> bool:
    """Return True if a word may be the code of a currency ("USD 58") or stand before its sign ("US$58", "U.S.$58")."""
    before, _ = words.signs
    if at + 1 in before or (at + 2 in before and words.keys[at] == "u"):
        return True
    following = words.keys[at + 1] if at + 1 < stop else " "
    return following[0].isdigit() or (following in numerals.STARTS and money.code_before(words, at) is not None)


def _kind_of_part(key: str) -> str:
    if lexicon.is_negation(key):
        return "negation"
    return "modal" if lexicon.is_modal(key, named=False, beside_number=False) else ""


def _quantity(words: Words, at: int, stop: int) -> Value | None:
    """Return the number that begins with a word, with the comparison before it and its currency or unit."""
    sign, start = _comparison(words, at, stop)
    found = _number(words, start, stop)
    if found is None:
        return _single_unit(words, at, stop)
    number_at, number = found
    if start > at and (times.find_date(words, start, stop) or times.find_time(words, start, stop)):
        return None
    if number.is_ordinal:
        return Value(at, number.stop, f"ordinal {number.key}", "ordinal") if start == at else None
    signs_before, signs_after = words.signs
    before = "".join(signs_before.get(i, "") for i in range(start, number_at + 1)).strip("./:")
    after = "".join(signs_after.get(i, "") for i in range(number_at, number.stop))
    sign += "".join(_SIGN.findall(before)) + ("+" if "+" in after else "")
    currencies = _currency_before(words, start, number_at, _SIGN.sub("", before))
    return _measured(words, _Parts(at, stop, sign, currencies, after, number_at), number)


class _Parts(NamedTuple):
    """Parts of a quantity that stand before its unit. `first` is its first word, `number_at` that of its number."""

    first: int
    limit: int
    sign: str
    currencies: tuple[str, ...]
    after: str
    number_at: int


def _measured(words: Words, parts: _Parts, number: Number) -> Value | None:
    """Return a quantity with the currency or unit that follows its number."""
    currencies, stop, unit = parts.currencies, number.stop, ""
    signs = [sign for sign in parts.after if sign not in "+\u00b0"]
    if signs and signs[0] in _SIGN_UNITS:
        unit = _SIGN_UNITS[signs[0]]
    elif signs:
        currencies = currencies or money.by_sign(signs[0])
    named = None if unit else money.after_number(words, stop, parts.limit)
    if named is not None and (not currencies or named.keys[0] in currencies):
        currencies, stop = named.keys, named.stop
    glued = number.glued
    if glued in _MONEY_LETTERS and (currencies or glued == "k"):
        number = number.times(_MONEY_LETTERS[glued], number.stop)
    elif glued and (unit := money.glued_unit(glued) or "") == "" and glued != "m":
        return None
    if glued == "m" and not currencies:
        millions = number.times(10**6, number.stop)
        others = frozenset((f"{parts.sign}{number.key} meter",))
        return Value(parts.first, stop, f"{parts.sign}{millions.key} ", "amount", others)
    if "\u00b0" in parts.after and stop < parts.limit and words.keys[stop] in _DEGREES:
        stop, unit = stop + 1, _DEGREES[words.keys[stop]]
    if not currencies and not unit and (found := money.unit_after(words, stop, parts.limit)) is not None:
        stop, unit = found
    return _value(words, parts, replace(number, stop=stop), currencies, unit)


def _value(words: Words, parts: _Parts, number: Number, currencies: tuple[str, ...], unit: str) -> Value:
    first, sign = parts.first, parts.sign
    if unit == "basis point" and number.value is not None:
        number, unit = replace(number, value=number.value / 100), "percentage point"
    keys = [f"{sign}{number.key} {measure}" for measure in (*currencies, unit) if measure] or [f"{sign}{number.key} "]
    if unit == "pound":
        keys.append(f"{sign}{number.key} GBP")
    written = words.text[slice(*words.span(parts.number_at, number.stop))]
    if not (sign or currencies or unit) and (time := times.is_like_time(written)):
        keys.append(f"time {time}")
    if currencies or unit in _SHARES or number.is_scaled:
        kind = "amount"
    elif not (sign or unit) and lexicon.YEAR.fullmatch(written):
        kind = "date"
    else:
        # "One" is also a pronoun and an article.
        kind = "" if words.keys[first] == "one" and number.stop == first + 1 else "number"
    return Value(first, number.stop, keys[0], kind, frozenset(keys[1:]))


def _comparison(words: Words, at: int, stop: int) -> tuple[str, int]:
    """Return the sign for the comparison that begins with a word, "" if none does, and the word after it."""
    if words.keys[at] in _PHRASE_STARTS:
        for phrase, sign in _PHRASES:
            end = at + len(phrase)
            if end < stop and tuple(words.keys[at:end]) == phrase:
                return sign, end
    return "", at


def _number(words: Words, at: int, stop: int) -> tuple[int, Number] | None:
    """Return the number that begins with a word, or after the code or letters of its currency, and its first word."""
    before, _ = words.signs
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
    if start < number_at and (code := money.code_before(words, start)) is not None and not sign:
        return (code,)
    return money.before_number(words, number_at, sign)[0] if sign else ()


def _single_unit(words: Words, at: int, stop: int) -> Value | None:
    """Return "a year", which is one year."""
    if words.keys[at] not in {"a", "an"} or (found := money.unit_after(words, at + 1, stop)) is None:
        return None
    return Value(at, found[0], f"1 {found[1]}")
