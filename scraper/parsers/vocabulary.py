"""Labels of State's documents as parsers recognize them: types, countries, offices, bylines (pure)."""

from __future__ import annotations

import re

from scraper.rules.state_menus import COUNTRIES, DOCUMENT_TYPES
from scraper.text import normalize

_OFFICE = re.compile(
    r"(?:the )?(?:u\.?s\.? |united states )?"
    r"(?:office|bureau|department|mission|embassy|under secretary) (?:of|for|to)\b"
    r"|global engagement center\b",
    re.IGNORECASE,
)
_POST = re.compile(
    r"\b(?:secretary|director|minister|envoy|coordinator|ambassador|spokes(?:person|man|woman)|counselor)\b",
    re.IGNORECASE,
)
# Forms in which a first line is a byline if no field names one. Nine in ten bylines have them.
_PLAIN_BYLINE = re.compile(
    r"Office of the (?:Spokesperson|Spokesman)"
    r"|[^,:;!?\n]{3,60}, (?:Deputy |Acting )?Secretary of State"
    r"|[^,:;!?\n]{3,60}, (?:Principal )?(?:Deputy )?(?:Department )?Spokesperson"
)
_SMALL_WORDS = {"of", "the", "and", "for", "in", "on", "to", "at", "a"}
_MAX_LABEL_CHARS = 160


def slug(name: str) -> str:
    """Return a label as WordPress writes it in a URL or a class: lower case, words joined by hyphens."""
    return "-".join(normalize.words(name.replace("’", "").replace(".", "")))


_TYPE_BY_KEY = {normalize.word_key(name): name for name in DOCUMENT_TYPES}
TYPE_BY_SLUG = {slug(name): name for name in DOCUMENT_TYPES}
_COUNTRY_KEYS = frozenset(normalize.word_key(name) for name in COUNTRIES)
COUNTRY_BY_SLUG = {slug(name): name for name in COUNTRIES}

# Longest first, so that "Press Statement" is found before "Statement".
TYPES = tuple(sorted(_TYPE_BY_KEY.values(), key=len, reverse=True))


def document_type(line: str | None) -> str | None:
    """Return the type of document that a line names, or None."""
    return _TYPE_BY_KEY.get(normalize.word_key(line)) if line and len(line) <= _MAX_LABEL_CHARS else None


def is_release(name: str | None) -> bool:
    """Return True if a type of document is that of a release, which State publishes once, on its date."""
    return document_type(name) not in {None, "Biography"}


def is_country(name: str) -> bool:
    """Return True if a label is a country as State names it."""
    return normalize.word_key(name) in _COUNTRY_KEYS


def is_office(line: str) -> bool:
    """Return True if a line is the name of an office rather than of a person."""
    return len(line) <= _MAX_LABEL_CHARS and _OFFICE.match(line) is not None


def names_post(line: str) -> bool:
    """Return True if a line names a post, such as "Jane Roe, Deputy Spokesman"."""
    return len(line) <= _MAX_LABEL_CHARS and _POST.search(line) is not None


def is_plain_byline(line: str) -> bool:
    """Return True if a line can only be a byline: the Spokesperson's office, or a name with one of the usual posts."""
    return len(line) <= _MAX_LABEL_CHARS and _PLAIN_BYLINE.fullmatch(line) is not None


def attribution(byline: str | None) -> tuple[str | None, str | None]:
    """Return speaker and bureau of a byline: ("Jane Roe", None) or (None, "Office of the Spokesperson")."""
    if not byline:
        return None, None
    if is_office(byline):
        return None, byline
    name, comma, _ = byline.partition(",")
    return (None, None) if not comma or _POST.search(name) else (name.strip() or None, None)


def title_of_slug(label: str) -> str:
    """Return a slug as a name: "Office of the Spokesperson" for `office-of-the-spokesperson`."""
    words = label.split("-")
    return " ".join(w if n and w in _SMALL_WORDS else w[:1].upper() + w[1:] for n, w in enumerate(words))
