"""Words and quoted phrases of a search, and their description (pure)."""

import re
from collections.abc import Sequence

from scraper.text import normalize, scripts

# As `site-search.js` has them: the pages themselves write “quotation marks”.
_QUOTES = re.compile('["“”„«»]')
_MOST_NAMED = 5
_MAX_CHARS = 100


def quote(term: str) -> str:
    """Return an argument as a part of a query: with quotation marks if it has a blank, unless it has some itself."""
    return f'"{term}"' if " " in term and not _QUOTES.search(term) else term


def parse(query: str) -> list[str]:
    """Return each word of a query, and each quoted phrase, once."""
    parts = _QUOTES.split(normalize.clean(query))
    terms: list[str] = []
    for index, part in enumerate(parts):
        wanted = [part] if index % 2 else part.split()
        terms.extend(phrase.strip() for phrase in wanted if scripts.words(phrase))
    return list(dict.fromkeys(terms))


def has_phrase(terms: Sequence[str]) -> bool:
    """Return True if there is a phrase of several words among the terms of a search."""
    return any(map(_is_phrase, terms))


def describe(terms: Sequence[str]) -> str:
    """Return what was searched, at least one term: the word “lamps”, or all of “lamps” and “the boats” (in a row)."""
    if len(terms) == 1:
        noun, place = ("words", " in a row") if _is_phrase(terms[0]) else ("word", "")
        return f"the {noun} “{normalize.truncate(terms[0], _MAX_CHARS)}”{place}"
    named = [
        f"“{normalize.truncate(term, _MAX_CHARS)}”{' (in a row)' if _is_phrase(term) else ''}"
        for term in terms[:_MOST_NAMED]
    ]
    if more := len(terms) - len(named):
        return f"all of {', '.join(named)} and {normalize.count(more, 'more term')}"
    return f"all of {', '.join(named[:-1])} and {named[-1]}"


def _is_phrase(term: str) -> bool:
    return " " in term
