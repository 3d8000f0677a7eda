"""Filter of a watch: matches an event against the rule and gives the reason in words (pure).

- Words and phrases are matched whole, whatever separates their words: "Mekong-U.S." and a line break are alike. In
  scripts without blanks between words they are matched wherever their characters stand in a row.
- "US" does not match "us": two or three capitals, or letters with points, are an abbreviation and match only an
  abbreviation, written either way ("U.S."). Longer ones are ordinary words: "ASEAN" matches "Asean".
- A country is matched by its tag, or by its name in the title; names are those of State's own country menu, where
  "Turkey (Türkiye)" has two and "Bahamas, The" is "Bahamas".
- Events of the time before the monitor began are history; no watch fires for them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from scraper.alerts.event_specs import GRADED_TOPICS, topics
from scraper.alerts.model import WatchVerdict
from scraper.config.alerts import About
from scraper.text import normalize, scripts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.alerts.model import FilterFields
    from scraper.config.alerts import Watch
    from scraper.model import Event

_DOTTED = re.compile(r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?![^\W_])")
_ABBREVIATION_CHARS = 3
_SHORT = re.compile(rf"{_DOTTED.pattern}|(?<![^\W_])[^\W\d_]{{2,{_ABBREVIATION_CHARS}}}(?![^\W_])")
# "Secretary of State" after one of these ranks is another office.
_NO_OTHER_OFFICE = "".join(f"(?<! {rank})" for rank in ("deputy", "assistant", "under", "associate"))
_ARTICLE = re.compile("^ the(?= )|(?<= )the $")
_MAX_NAMED_MATCHES = 3


@dataclass(frozen=True, slots=True)
class _WordSet:
    """Words of a text, each between blanks, and those among them that are written as abbreviations."""

    line: str
    abbreviations: frozenset[str]


def judge(event: Event, fields: FilterFields, watch: Watch) -> WatchVerdict:
    """Match an event with these fields against a watch. Return the verdict with the reason that readers see."""
    if not watch.enabled:
        return WatchVerdict(False, "the watch is disabled")
    if event.backfill:
        return WatchVerdict(False, "was already there when monitoring began")
    found = topics(event)
    if not found:
        return WatchVerdict(False, "is not an event that a watch can select")
    wanted = [topic for topic in found if topic in watch.when]
    if not wanted:
        return WatchVerdict(False, f"does not select {' or '.join(found)}")
    is_graded = not GRADED_TOPICS.isdisjoint(wanted)
    if is_graded and event.grade is not None and event.grade.rank < watch.at_least.rank:
        return WatchVerdict(False, f"its grade is {event.grade}, the watch requires at least {watch.at_least}")
    asks = f"selects {' and '.join(wanted)}" + (f", at least {watch.at_least}" if is_graded else "")
    if watch.about == About():
        return WatchVerdict(True, asks)
    matches = list(_matches(fields, watch.about))
    if not matches:
        return WatchVerdict(False, "none of its subjects occurs")
    more = len(matches) - _MAX_NAMED_MATCHES
    named = ", ".join(matches[:_MAX_NAMED_MATCHES]) + (f" and {more} more" if more > 0 else "")
    return WatchVerdict(True, f"{asks}; matched {named}")


def _matches(fields: FilterFields, about: About) -> Iterator[str]:
    """Yield every entry that matches, in words."""
    words = _subject_words(fields.title, fields.text, fields.changed) if about.words else None
    for entry in about.words:
        if words and _occurs(entry, words):
            yield f"the {'phrase' if ' ' in entry else 'word'} “{entry}”"
    yield from (f"the country “{entry}”" for entry in about.countries if _is_about_country(entry, fields))
    kind = normalize.word_key(fields.type)
    yield from (f"the type “{entry}”" for entry in about.types if normalize.word_key(entry) == kind)
    yield from (f"the speaker “{entry}”" for entry in about.speakers if _speaks(entry, fields.byline))
    yield from (f"the source “{entry}”" for entry in about.sources if entry in fields.sources)


def _words(*parts: str) -> _WordSet:
    """Return the words of texts. No phrase reaches from one text into the next."""
    lines = (" ".join(scripts.words(_DOTTED.sub(lambda dotted: dotted[0].replace(".", ""), part))) for part in parts)
    spaced = map(scripts.without_unspaced, parts)
    short = (found for part in spaced for found in _SHORT.findall(part) if "." in found or found.isupper())
    return _WordSet(f" {' | '.join(lines)} ", frozenset("".join(scripts.words(found)) for found in short))


# The words of an event's texts are cached for the next watch, the entries of watches for the next event.
_subject_words = lru_cache(maxsize=16)(_words)
_entry_words = lru_cache(maxsize=4096)(_words)


def _occurs(entry: str, words: _WordSet) -> bool:
    wanted = _entry_words(entry)
    key = wanted.line.strip()
    if key in wanted.abbreviations and len(key) <= _ABBREVIATION_CHARS:
        return key in words.abbreviations
    return any(f" {form} " in words.line for form in scripts.inflections(key))


def _is_about_country(country: str, fields: FilterFields) -> bool:
    wanted = _names(country)
    tagged = {name for tag in fields.countries for name in _names(tag)}
    if wanted & tagged:
        return True
    title = _subject_words(fields.title).line
    for name in tagged:
        # A title about South Sudan does not mention Sudan.
        if any(part in name for part in wanted):
            title = title.replace(name, " | ")
    return any(name in title for name in wanted)


def _names(country: str) -> set[str]:
    """Return the names of a country as State's menu gives them, as words between blanks."""
    names = (_ARTICLE.sub("", _entry_words(part).line) for part in re.split(r"[()]", country))
    return {name for name in names if name.strip()}


def _speaks(entry: str, byline: str) -> bool:
    return re.search(_NO_OTHER_OFFICE + re.escape(_entry_words(entry).line), _subject_words(byline).line) is not None
