"""Names in the headers of translations, from the files in `data`: loaded when the first translation is read (pure)."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

from scraper.parsers import vocabulary
from scraper.text import normalize

ENGLISH = "en"
# Marks that writers leave out or that have several forms: accents of Latin and Cyrillic letters, Hebrew and Arabic
# vowels, hamza, tatweel, and the dot below of Hindi and Bengali letters.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u0640\u064b-\u065f\u0670\u093c\u09bc]")
# Letters and signs with one meaning, in one form: Arabic and Persian yeh, kaf and heh, apostrophes, quotes, hyphens.
_ONE_FORM = str.maketrans(
    {"ی": "ي", "ى": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ھ": "ه", "ۃ": "ه", "ە": "ه", "ı": "i"}
    | dict.fromkeys("’‘ʼʻ`´׳", "'")
    | dict.fromkeys("‐‑‒–—", "-")
    | {"״": '"'}
)
_UNWRITTEN = re.compile(r"[\s.॰]+")


class Names(NamedTuple):
    """Names of one language and of English; sets and keys of mappings as `key` returns them."""

    department: frozenset[str]
    offices: Mapping[str, str]  # to State's English name
    kinds: Mapping[str, str]  # to State's English type
    posts: frozenset[str]
    places: frozenset[str]
    countries: frozenset[str]
    release: frozenset[str]
    embassy: frozenset[str]
    original: frozenset[str]
    courtesy: tuple[tuple[tuple[str, ...], ...], ...]  # for each language four lists of stems, folded


def fold(text: str) -> str:
    """Return a line without case, accents and other variants in writing, with ASCII digits and single spaces."""
    bare = _MARKS.sub("", unicodedata.normalize("NFD", normalize.fold(text))).translate(_ONE_FORM)
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() and not c.isascii() else c for c in bare)
    return " ".join(unicodedata.normalize("NFC", digits).split())


def key(text: str) -> str:
    """Return what two spellings of a name have in common: the folded letters and signs without spaces and points."""
    return _UNWRITTEN.sub("", fold(text))


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Return the languages whose headers are known, without English."""
    return tuple(language for language in _sections() if language != ENGLISH)


@lru_cache(maxsize=64)
def names(language: str) -> Names:
    """Return the names of a language; those of English alone if it is not one of `languages`."""
    sections = [_sections().get(each, {}) for each in (ENGLISH, language)]

    def keys(name: str) -> frozenset[str]:
        return frozenset(key(entry) for section in sections for entry in section.get(name, ()))

    def english(name: str, known: Iterable[str] = ()) -> dict[str, str]:
        found = {key(each): each for each in known}
        for section in sections:
            found |= {key(entry): own for own, entries in section.get(name, {}).items() for entry in entries}
        return found

    return Names(
        department=keys("department"),
        offices=english("offices"),
        kinds=english("kinds", vocabulary.TYPES),
        posts=keys("posts"),
        places=keys("places"),
        countries=frozenset(map(key, _of_cldr(language).get("countries", ()))),
        release=keys("release"),
        embassy=keys("embassy"),
        original=keys("original"),
        courtesy=tuple(
            tuple(tuple(map(fold, stems)) for stems in section["courtesy"])
            for section in sections
            if "courtesy" in section
        ),
    )


class Calendar(NamedTuple):
    """Words of dates in one language, folded: names of months with their number, and words that say nothing more."""

    months: Mapping[str, int]
    solar_months: Mapping[str, int]
    words: frozenset[str]


@lru_cache(maxsize=64)
def calendar(language: str) -> Calendar:
    """Return the words of dates in a language; no months if it is unknown."""
    section = _sections().get(language, {})
    of_cldr = _of_cldr(language)
    return Calendar(
        months=_numbered(of_cldr.get("months", ())) | _numbered(section.get("more_months", ())),
        solar_months=_numbered(section.get("solar_months", ())),
        words=frozenset(map(fold, [*of_cldr.get("weekdays", ()), *section.get("date_words", ())])),
    )


def _numbered(months: Iterable[Iterable[str]]) -> dict[str, int]:
    return {fold(name): number for number, names in enumerate(months, start=1) for name in names}


@lru_cache(maxsize=1)
def _sections() -> dict[str, Any]:
    return tomllib.loads(_file("translations.toml"))


@lru_cache(maxsize=64)
def _of_cldr(language: str) -> dict[str, Any]:
    names: dict[str, Any] = json.loads(_file("cldr.json")).get(language, {})
    return names


def _file(name: str) -> str:
    return resources.files(__package__).joinpath("data", name).read_text("utf-8")
