"""Currencies and units that belong to a number, by their signs, codes and names (pure)."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from scraper.text import names
from scraper.text.tokens import Words

_MAX_WORDS = 4
_BLANK = " \u00a0\u202f\u2009"
_BLANKS = frozenset(_BLANK)
_GLUED_CODE = re.compile(r"([A-Z]{3})\d")
_AFTER_US = re.compile(rf"\.[{_BLANK}]?\$")


class Measure(NamedTuple):
    """Currencies or a unit that end before word `stop`; of a sign that several currencies have, all of them."""

    stop: int
    keys: tuple[str, ...]


@cache
def _by_sign() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, signs, _ in _currencies():
        for sign in signs:
            found[sign] = (*found.get(sign, ()), code)
    return found


@cache
def _currencies() -> Sequence[tuple[str, Sequence[str], Sequence[str]]]:
    split = (row.split("|") for row in names.rows("currencies.txt"))
    return [(code.strip(), signs.split(), listed.strip().split(", ")) for code, signs, listed in split]


@cache
def _currency_names() -> Mapping[tuple[str, ...], str]:
    found = {tuple(name.split()): code for code, _, listed in _currencies() for name in listed if name}
    american = {("u", "s", *name[1:]): code for name, code in found.items() if name[0] == "us"}
    return found | american


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for code, _, _ in _currencies())


@cache
def _units() -> Mapping[tuple[str, ...], str]:
    found = dict[tuple[str, ...], str]()
    for row in names.rows("units.txt"):
        key, _, listed = row.partition(": ")
        found |= {tuple(form.split()): key for form in listed.split(", ")}
    return found


@cache
def words() -> frozenset[str]:
    """Return the words in small letters that currencies and units consist of."""
    return frozenset(word for form in (*_currency_names(), *_units()) for word in form)


def by_sign(sign: str) -> tuple[str, ...]:
    """Return the currencies of a sign; a sign of none in use stands for itself."""
    return _by_sign().get(sign, (sign,))


def before_number(words: Words, at: int, sign: str) -> tuple[tuple[str, ...], int]:
    """Return the currencies of a number by the sign before it and letters before that ("US$"), and the first word."""
    gap = words.gap(at)
    if at and sign and gap.lstrip(_BLANK)[:1] == sign[:1]:
        letters = words.written(at - 1, at)
        # "US $58", but not "A $58 million grant".
        is_near = gap[:1] == sign[:1] or len(letters) > 1
        if is_near and letters + sign in _by_sign():
            return _by_sign()[letters + sign], at - 1
        if is_near and letters in by_sign(sign):  # "USD$58"
            return (letters,), at - 1
    elif at > 1 and sign == "$" and _AFTER_US.match(gap) and words.keys[at - 2 : at] == ["u", "s"]:
        return ("USD",), at - 2
    return by_sign(sign) if sign else (), at


def code_before(words: Words, at: int) -> str | None:
    """Return the currency whose code ("USD 58", "RMB 58") or short name stands at a word before a number."""
    written = words.written(at, at + 1)
    if written in _codes():
        return written
    return _by_sign()[written][0] if written in _by_sign() else None


def code_in(words: Words, at: int) -> int:
    """Return the length of the code of a currency that is glued to the digits after it ("USD58"), or 0."""
    found = _GLUED_CODE.match(words.text, words.places[0][at])
    return len(found[1]) if found and found[1] in _codes() else 0


def after_number(words: Words, at: int, limit: int) -> Measure | None:
    """Return the currency by its name or code that begins with the word after a number, or None."""
    if at >= limit or not _is_near(words, at):
        return None
    if (written := words.written(at, at + 1)) in _codes():
        return Measure(at + 1, (written,))
    if (sign := words.signs[1].get(at)) and written + sign in _by_sign():  # "5 US$"
        return Measure(at + 1, _by_sign()[written + sign])
    found = _longest(words, at, limit, _currency_names())
    return None if found is None else Measure(found[0], (found[1],))


def unit_after(words: Words, at: int, limit: int) -> tuple[int, str] | None:
    """Return the unit that begins with the word after a number, as (word after it, key), or None."""
    return _longest(words, at, limit, _units()) if at < limit and _is_near(words, at) else None


def unit_of(key: str) -> str | None:
    """Return the unit that a folded word names by itself ("years"), or None."""
    return _units().get((names.plain(key),))


def currency_of(key: str) -> str | None:
    """Return the currency that a folded word names by itself ("euros"), or None."""
    return _currency_names().get((names.plain(key),))


def glued_unit(letters: str) -> str | None:
    """Return the unit of letters glued to a number ("5km"), or None."""
    return _units().get((letters,))


def _is_near(words: Words, at: int) -> bool:
    gap = words.gap(at)
    return gap in _BLANKS or gap in {"-", "\u2011"} or gap.strip(" \u00a0\u202f-%") == "" != gap


def _longest(words: Words, at: int, limit: int, listed: Mapping[tuple[str, ...], str]) -> tuple[int, str] | None:
    keys = [names.plain(key) for key in words.keys[at : min(limit, at + _MAX_WORDS)]]
    for count in range(len(keys), 0, -1):
        if (found := listed.get(tuple(keys[:count]))) is not None:
            gaps = (words.gap(i) for i in range(at + 1, at + count))
            if all(gap in {" ", "\u00a0", "-", "/", ".", ". "} for gap in gaps):
                return at + count, found
    return None
