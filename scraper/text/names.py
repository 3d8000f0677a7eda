"""Words with one value in several spellings: names, offices, contractions, British and American, accents (pure).

The lists are data files in `data`, each with its source. They are read on first use.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from scraper.text.lexicon import APOSTROPHES
from scraper.text.tokens import Words

_LETTERS = re.compile(r"[^\W\d_]+")
_DATA = Path(__file__).parent / "data"
# Letters that decompose into no letter with an accent.
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)
# What "n’t" leaves of a verb is the verb, but for these.
_CONTRACTED = {"won": "will", "shan": "shall"}
_BEFORE_NOT = frozenset(
    "do does did is are was were has have had would could should must need might ought dare".split()
)
_ENDINGS = {"ll": ("will",), "re": ("are",), "ve": ("have",), "m": ("am",), "d": ("would", "had"), "s": ("is", "has")}
_AFTER_APOSTROPHE = frozenset(_ENDINGS) | {"t"}
_SUBJECTS = frozenset("i you he she it we they that there here what who where how when".split())
_ALWAYS_VERBS = frozenset(("ll", "re", "ve"))
_IN_CAPITALS = frozenset(("PM", "VP", "FM"))
SMALL: Final = frozenset("of and the for in on to de del la d s al as sar".split())
"""Words in small letters that are parts of names."""


class Phrase(NamedTuple):
    """Words up to word `stop` with one value; `others` are values that they may have too."""

    stop: int
    key: str
    others: tuple[str, ...] = ()


class _Form(NamedTuple):
    """One spelling in a list: its words, which of them stand in capitals, and the key of its row."""

    words: tuple[str, ...]
    in_capitals: tuple[bool, ...]
    key: str


def rows(name: str) -> list[str]:
    """Return the rows of a data file without its remarks."""
    text = (_DATA / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def forms(name: str) -> Mapping[str, Sequence[_Form]]:
    """Return the spellings of a list ("key: form, form") by their first word, the longest first."""
    found: dict[str, list[_Form]] = {}
    for row in rows(name):
        key, _, listed = row.partition(": ")
        for written in listed.split(", "):
            parts = written.replace("'", " ").split()
            form = _Form(tuple(part.lower() for part in parts), tuple(part.isupper() for part in parts), key)
            found.setdefault(form.words[0], []).append(form)
    return {first: sorted(those, key=lambda form: -len(form.words)) for first, those in found.items()}


@cache
def _spellings() -> Mapping[str, str]:
    return dict(row.split() for row in rows("spelling.txt"))


def plain(key: str) -> str:
    """Return a folded word as America spells it, without the accents of Latin letters."""
    if not key.isascii():
        key = "".join(map(_base, key.translate(_PLAIN_LETTERS)))
    return _spellings().get(key, key)


def american(text: str) -> str:
    """Return a text with its words as America spells them; a capital stays one."""
    return _LETTERS.sub(lambda word: _in_case_of(word[0], _spellings().get(word[0].casefold(), word[0])), text)


def _in_case_of(model: str, word: str) -> str:
    if model.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


def _base(letter: str) -> str:
    first = letter if letter.isascii() else unicodedata.normalize("NFD", letter)[0]
    return first if first.isascii() else letter


def begins_form(key: str) -> bool:
    """Return True if a folded word begins a name or an office that has several forms: most words begin none."""
    first = plain(key)
    return first in forms("names.txt") or first in forms("offices.txt")


def find_name(words: Words, at: int, limit: int) -> Phrase | None:
    """Return the country, body or city that has several names, or None."""
    found = _match(words, at, limit, "names.txt")
    if found is None or not all(_has_capital(words, i) or words.keys[i] in SMALL for i in range(at, found.stop)):
        return None
    return found


def find_office(words: Words, at: int, limit: int) -> Phrase | None:
    """Return the office that has a short form ("Sec.", "PM"), or None."""
    found = _match(words, at, limit, "offices.txt")
    if found is None:
        return None
    form = words.written(at, found.stop)
    if found.stop > at + 1 or form in _IN_CAPITALS:
        return found
    # "Gen. Lind", "Gen Lind"; but not "Sec. 5" of a law, nor "gen z".
    after = words.written(found.stop, found.stop + 1) if found.stop < len(words) else ""
    is_before_name = after[:1].isupper() and words.gap(found.stop) in {" ", ". ", "\u00a0", ".\u00a0"}
    is_number_next = after[:1].isdigit() and "[" not in words.gap(found.stop)  # "Sec.[1]" has a note mark
    is_short = form[:1].isupper() and not is_number_next and (is_before_name or words.gap(found.stop)[:1] == ".")
    return found if is_short else None


def find_contraction(words: Words, at: int, limit: int) -> list[Phrase]:
    """Return the words that a contraction stands for ("don’t": "do", "not"), each with its end; empty if it is none."""
    key = words.keys[at]
    following = words.keys[at + 1] if at + 1 < limit else ""
    if key == "cannot":
        return [Phrase(at + 1, "cannot")]
    if key == "can" and (following == "not" or (following == "t" and words.gap(at + 1) in APOSTROPHES)):
        return [Phrase(at + 2, "cannot")]
    if following not in _AFTER_APOSTROPHE or words.gap(at + 1) not in APOSTROPHES:
        return []
    if following == "t":
        verb = _CONTRACTED.get(key, key[:-1])
        is_verb = key in _CONTRACTED or (key.endswith("n") and verb in _BEFORE_NOT)
        return [Phrase(at + 1, verb), Phrase(at + 2, "not")] if is_verb else []
    if key == "let" and following == "s":
        return [Phrase(at + 1, key), Phrase(at + 2, "us")]
    if key in _SUBJECTS or following in _ALWAYS_VERBS:
        first, *others = _ENDINGS[following]
        return [Phrase(at + 1, key), Phrase(at + 2, first, tuple(others))]
    return []


def _match(words: Words, at: int, limit: int, name: str) -> Phrase | None:
    """Return the longest form of a list that stands at a word. Its words are separated by blanks, hyphens or points."""
    for form in forms(name).get(plain(words.keys[at]), ()):
        stop = at + len(form.words)
        if stop > limit or any(plain(words.keys[at + i]) != word for i, word in enumerate(form.words)):
            continue
        gaps = (words.gap(i) for i in range(at + 1, stop))
        # "U. S." and "U.S.", but not "the U. S went" of two sentences.
        is_one = all(gap in {" ", "-", "\u2011", ".", ". ", "\u00a0", "’", "'"} for gap in gaps)
        in_capitals = (
            words.written(at + i, at + i + 1).isupper() or not upper for i, upper in enumerate(form.in_capitals)
        )
        if is_one and all(in_capitals):
            return Phrase(stop, form.key)
    return None


def _has_capital(words: Words, at: int) -> bool:
    return words.text[words.places[0][at]].isupper()


@cache
def _opposites() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows("opposites.txt"):
        one, other = row.split()
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in found.items()}


@cache
def _irregular() -> Mapping[str, str]:
    return dict(row.split() for row in rows("irregular.txt"))


_SUFFIXES = (
    ("", ""), ("s", ""), ("es", ""), ("ies", "y"), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"),
)  # fmt: skip


def lemmas(key: str) -> set[str]:
    """Return all words of which a folded English word may be an inflected form, itself included."""
    key = plain(key)
    found = {_irregular().get(key, key)}
    for suffix, ending in _SUFFIXES:
        if key.endswith(suffix):
            stem = key[: len(key) - len(suffix)]
            found.add(stem + ending)
            if suffix and not ending and stem[-1:] == stem[-2:-1]:
                found.add(stem[:-1])  # "banned"
    return found


def _with_opposite(key: str) -> set[str]:
    return lemmas(key) & _opposites().keys()


def find_opposites(ours: Sequence[str], theirs: Sequence[str]) -> tuple[int, int] | None:
    """Return the places of two words of opposite meaning, one among each of two lists of folded words, or None."""
    listed = [(place, _with_opposite(key)) for place, key in enumerate(theirs)]
    for place, key in enumerate(ours):
        wanted = frozenset().union(*(_opposites()[lemma] for lemma in _with_opposite(key)))
        for other, known in listed:
            if wanted & known:
                return place, other
    return None
