"""Conditions of watches and of the command line: which of them a statement, copy or event fulfils (pure).

- Words and phrases are matched whole, whatever separates their words: "Mekong-U.S." and a line break are alike. In
  scripts without blanks between words they are matched wherever their characters stand in a row.
- "US" does not match "us": two or three capitals, or letters with points, are an abbreviation and match only an
  abbreviation, written either way ("U.S."). Longer ones are ordinary words: "ASEAN" matches "Asean".
- A country is matched by its tag, or by its name in the title; names are those of State's own country menu, where
  "Turkey (Türkiye)" has two and "Bahamas, The" is "Bahamas".
- In the names of countries, types and speakers, letter case, accents and signs do not count (`scripts.name_line`).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import Final, NamedTuple

from scraper.alerts.model import FilterFields
from scraper.config.groups import Group, Line
from scraper.config.names import name_key
from scraper.text import scripts

_ABBREVIATION_CHARS = 3
_SHORT = re.compile(rf"{scripts.POINTED}|(?<![^\W_])[^\W\d_]{{2,{_ABBREVIATION_CHARS}}}(?![^\W_])")
# "Secretary of State" after one of these ranks is another office.
_NO_OTHER_OFFICE = "".join(f"(?<! {rank})" for rank in ("deputy", "assistant", "under", "associate"))
_ARTICLE = re.compile("^ the(?= )|(?<= )the $")
_MAX_NAMED = 3


@dataclass(frozen=True)
class _WordSet:
    """Words of texts: `line` has each between blanks. No phrase reaches from one text into the next."""

    parts: tuple[str, ...]

    @cached_property
    def line(self) -> str:
        return f" {' | '.join(map(_word_line, self.parts))} "

    @cached_property
    def abbreviations(self) -> frozenset[str]:
        """Words that are written as abbreviations. They take longer than the line, and few entries need them."""
        spaced = map(scripts.without_unspaced, self.parts)
        short = (found for part in spaced for found in _SHORT.findall(part) if "." in found or found.isupper())
        return frozenset("".join(scripts.words(found)) for found in short)


class Condition(NamedTuple):
    """One entry of a line, such as ("countries", "Laos")."""

    kind: str
    entry: str

    @property
    def words(self) -> str:
        """The condition in words: the country “Laos”."""
        singular = CONDITIONS[self.kind].singular
        return f"the {'phrase' if self.kind == 'words' and ' ' in self.entry else singular} “{self.entry}”"


Check = Callable[[Condition], bool]


def checker(fields: FilterFields) -> Check:
    """Return a check of conditions: True for those that a statement, copy or event with these fields fulfils."""
    return lambda condition: CONDITIONS[condition.kind].is_met(condition.entry, fields)


def matches(node: Line | Group, test: Check) -> tuple[Condition, ...] | None:
    """Return the conditions by which something matches, or None if it does not match.

    They are empty if nothing was required, or only that conditions are absent. Of what must all match, the first
    condition of each part comes first.
    """
    if isinstance(node, Line):
        return tuple(each for entry in node.entries if test(each := Condition(node.kind, entry))) or None
    required = [matches(part, test) for part in node.all]
    alternatives = [found for part in node.any if (found := matches(part, test)) is not None]
    if (node.any and not alternatives) or any(matches(part, test) is not None for part in node.none):
        return None
    if any(found is None for found in required):
        return None
    firsts = chain.from_iterable((found or ())[:1] for found in required)
    rest = chain.from_iterable((found or ())[1:] for found in required)
    return (*firsts, *chain.from_iterable(alternatives), *rest)


def obstacles(group: Group, test: Check) -> Iterator[str]:
    """Yield in words why a group does not match; nothing if it does."""
    for part in group.none:
        if (found := matches(part, test)) is not None:
            yield f"excluded by {name_some(found) or 'what is absent'}"
    missing = [part for part in group.all if matches(part, test) is None]
    # A reader may have seen the name of the country in the text.
    place = " (countries are looked for in State’s tags and the title only)"
    for part in missing:
        yield f"lacks {_describe(part)}{place if _has_countries(part) else ''}"
    if group.any and all(matches(part, test) is None for part in group.any):
        yield f"none of its subjects occurs{place if any(map(_has_countries, group.any)) else ''}"


def name_some(found: tuple[Condition, ...]) -> str:
    """Return at most three conditions in words, and the number of the others."""
    more = len(found) - _MAX_NAMED
    return ", ".join(each.words for each in found[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _has_countries(node: Line | Group) -> bool:
    if isinstance(node, Line):
        return node.kind == "countries"
    return any(map(_has_countries, (*node.all, *node.any)))


def _describe(node: Line | Group) -> str:
    if isinstance(node, Group):
        is_simple = node.any and not (node.all or node.none)
        return " or ".join(map(_describe, node.any)) if is_simple else "what stands under all"
    named = [Condition(node.kind, entry).words for entry in node.entries[:_MAX_NAMED]]
    more = [f"{len(node.entries) - _MAX_NAMED} more"] if len(node.entries) > _MAX_NAMED else []
    return " or ".join([*named, *more])


def _has_word(entry: str, fields: FilterFields) -> bool:
    return _occurs(entry, _subject_words(fields.title, fields.text, fields.changed))


def _is_of_type(entry: str, fields: FilterFields) -> bool:
    return bool(fields.type) and scripts.name_key(entry) == scripts.name_key(fields.type)


def _words(*parts: str) -> _WordSet:
    return _WordSet(parts)


def _word_line(text: str) -> str:
    return " ".join(scripts.words(scripts.without_points(text)))


# The words of an event's texts are cached for the next watch, the entries of watches for the next event.
_subject_words = lru_cache(maxsize=16)(_words)
_entry_words = lru_cache(maxsize=4096)(_words)


def _occurs(entry: str, words: _WordSet) -> bool:
    wanted = _entry_words(entry)
    key = wanted.line.strip()
    if len(key) <= _ABBREVIATION_CHARS and key in wanted.abbreviations:
        return key in words.abbreviations
    return any(f" {form} " in words.line for form in scripts.inflections(key))


def _is_about_country(country: str, fields: FilterFields) -> bool:
    tagged = frozenset(name for tag in fields.countries for name in country_names(tag))
    return is_about(country_names(country), tagged, title_words(fields.title))


def is_about(names: frozenset[str], tagged: frozenset[str], title: str) -> bool:
    """Return True if one of the names of a country is among those of the tags, or in the title as `title_words`."""
    if names & tagged:
        return True
    for name in tagged:
        # A title about South Sudan does not mention Sudan.
        if any(part in name for part in names):
            title = title.replace(name, " | ")
    return any(name in title for name in names)


@lru_cache(maxsize=64)
def title_words(title: str) -> str:
    """Return the words of a title as names are compared, each between blanks."""
    return f" {scripts.name_line(title)} "


@lru_cache(maxsize=4096)
def country_names(country: str) -> frozenset[str]:
    """Return the names of a country as State's menu gives them, as words between blanks."""
    names = (_ARTICLE.sub("", f" {scripts.name_line(part)} ") for part in re.split(r"[()]", country))
    return frozenset(name for name in names if name.strip())


def is_byline_of(entry: str, byline: str) -> bool:
    """Return True if a byline has the words of an entry, not as a part of another office."""
    return re.search(_NO_OTHER_OFFICE + re.escape(_byline_words(entry)), _byline_words(byline)) is not None


@lru_cache(maxsize=4096)
def _byline_words(byline: str) -> str:
    return f" {scripts.name_line(byline)} "


class ConditionSpec(NamedTuple):
    """Name of one condition of a kind, and the test of an entry against the fields of something."""

    singular: str
    is_met: Callable[[str, FilterFields], bool]


CONDITIONS: Final = {
    "words": ConditionSpec("word", _has_word),
    "countries": ConditionSpec("country", _is_about_country),
    "types": ConditionSpec("type", _is_of_type),
    "speakers": ConditionSpec("speaker", lambda entry, fields: is_byline_of(entry, fields.byline)),
    "sources": ConditionSpec("source", lambda entry, fields: name_key(entry) in map(name_key, fields.sources)),
}
"""Each kind of condition, by the name of its line in a watch."""
