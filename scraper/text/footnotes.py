"""Footnote marks: which superscript number is one, and its form in a text (pure).

A mark is written as superscript digits after a blank ("since 2019 ¹"). It is a word, but never a number of the text.
"""

from __future__ import annotations

import re

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# "1", "[12]", "(3)", "1, 2", "4–6".
_NUMBERS = re.compile(r"[\[(]?\s?(\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,9})\s?[\])]?")
_DIGITS = re.compile(r"(?<=[^\W_])[⁰¹²³⁴-⁹]{1,9}(?![^\W_])")
_MARK = re.compile(r"[⁰¹²³⁴-⁹]{1,9}")
_SIGN = re.compile(r"[^\W_]|[*†‡§¶#]")
_BEFORE_CHARS = 40
# "m²", "x²", "mc²": letters that a power follows. A mark follows words, and numbers of more than one digit.
_BASE = re.compile(r"(?<![^\W_])(?:[^\W\d_]|km|cm|mm|dm|nm|µm|ft|yd|mi|in|sec|mc)\Z")
_UNIT_POWERS = frozenset("23")
_POWER_OF_TEN = re.compile(r"(?<![\d.,])10\Z")
_DAY = re.compile(r"\b[A-Z][^\W\d_]{2,11}\.?\s10\Z")  # "June 10"
_TIMES = re.compile(r"[×·*x]\s?10\Z", re.IGNORECASE)


def is_mark(written: str) -> bool:
    """Return True if a word, as written, is a footnote mark."""
    return not written.isascii() and _MARK.fullmatch(written) is not None


def mark(before: str, written: str, *, is_linked: bool) -> str | None:
    """Return a superscript as it stands in the text, or None if it is no footnote mark: "1st", "m²", "10⁶".

    `before` is the text before it, `written` its own. A superscript that links to a note is a mark if
    it has a letter, a digit or a sign of footnotes.
    """
    found = _NUMBERS.fullmatch(written.strip())
    if found is None:
        # An anchor without text, or a comma in the link, is no mark to set apart.
        return f" {written.strip()}" if is_linked and _SIGN.search(written) else None
    numbers = found.group(1)
    if not is_linked and is_power(before, numbers):
        return None
    return f" {numbers.translate(_SUPERSCRIPT)}"


def is_power(before: str, numbers: str) -> bool:
    """Return True if a superscript number raises what stands before it to a power."""
    before = before[-_BEFORE_CHARS:]
    if base := _BASE.search(before):
        return len(base.group()) == 1 or numbers in _UNIT_POWERS
    if _POWER_OF_TEN.search(before) is None:
        return False
    return _TIMES.search(before) is not None or _DAY.search(before) is None


def set_apart(text: str) -> str:
    """Insert a blank before each footnote mark that is written as superscript digits: "2019¹" is not 20191."""
    if text.isascii():
        return text
    return _DIGITS.sub(
        lambda found: found.group() if _is_raised(text, found.start(), found.group()) else f" {found.group()}", text
    )


def _is_raised(text: str, at: int, digits: str) -> bool:
    plain = digits.translate({ord(raised): digit for digit, raised in zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True)})
    return is_power(text[max(0, at - _BEFORE_CHARS) : at], plain)
