"""Whether a watch wants to hear of an event, and why or why not in words (pure).

- Words and phrases are found whole, whatever stands between their words: "Mekong-U.S." and a line break are alike.
- "US" is no "us": two or three capitals, or letters with points, are an abbreviation and fit only one, written either
  way ("U.S."). Longer ones are words like others: "ASEAN" fits "Asean".
- A country is known by its tag, or by its name in the title; names are those of State's own country menu, where
  "Turkey (Türkiye)" has two and "Bahamas, The" is "Bahamas".
- What was so when the watch began is history, and told to nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from scraper.alerts.model import WatchVerdict
from scraper.config.alerts import About, Topic
from scraper.model import EventKind, Relation
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.alerts.model import Subject
    from scraper.config.alerts import Watch
    from scraper.model import Event

_TOPICS = {
    EventKind.PUBLISHED: Topic.PUBLISHED,
    EventKind.REVISED: Topic.REVISED,
    EventKind.RETITLED: Topic.RETITLED,
    EventKind.TOUCHED: Topic.TOUCHED,
    EventKind.REATTRIBUTED: Topic.REATTRIBUTED,
    EventKind.MOVED: Topic.MOVED,
    EventKind.REPOSTED: Topic.REPOSTED,
    EventKind.WITHDRAWN: Topic.WITHDRAWN,
    EventKind.RESTORED: Topic.RESTORED,
    EventKind.COPY_GONE: Topic.GONE,
    EventKind.UNSOURCED: Topic.UNSOURCED,
}
_RELATIONS = {
    Relation.VERBATIM: Topic.COPIED,
    Relation.EXCERPT: Topic.COPIED,
    Relation.TRANSLATED: Topic.COPIED,
    Relation.ALTERED: Topic.ALTERED,
    Relation.SUPERSEDED: Topic.SUPERSEDED,
}
_GRADED = frozenset({Topic.REVISED, Topic.RETITLED, Topic.TOUCHED, Topic.ALTERED, Topic.SUPERSEDED})

_DOTTED = re.compile(r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?![^\W_])")
_ABBREVIATION_CHARS = 3
_SHORT = re.compile(rf"{_DOTTED.pattern}|(?<![^\W_])[^\W\d_]{{2,{_ABBREVIATION_CHARS}}}(?![^\W_])")
# Chinese and Japanese have no blanks between words, so what is whole there cannot be told.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
# A "Secretary of State" after one of these is another office.
_NO_OTHER_OFFICE = "".join(f"(?<! {rank})" for rank in ("deputy", "assistant", "under", "associate"))
_ARTICLE = re.compile("^ the(?= )|(?<= )the $")
_TOLD_MATCHES = 3


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text, each between blanks, and which of them are written as abbreviations."""

    line: str
    abbreviations: frozenset[str]


def topics(event: Event) -> tuple[Topic, ...]:
    """What an event is in the words of a watch's `when`; nothing where no watch can ask for it (a source's trouble).

    A copy can be two things: of a wording that State has replaced, and altered on top of that.
    """
    if event.kind in _TOPICS:
        return (_TOPICS[event.kind],)
    if event.kind not in {EventKind.COPY_FOUND, EventKind.COPY_CHANGED} or event.relation not in _RELATIONS:
        return ()
    topic = _RELATIONS[event.relation]
    # Its grade does not tell: that of what State has changed since counts in it. Of what is no word for word copy of
    # the replaced wording either, fewer than all words are the same (none were compared in a translation).
    if topic is Topic.SUPERSEDED and event.fidelity is not None and 0 < event.fidelity < 1:
        return Topic.ALTERED, topic
    return (topic,)


def judge(event: Event, subject: Subject, watch: Watch) -> WatchVerdict:
    """Whether a watch wants to hear of an event about this subject, with the reason as it is told to readers."""
    if not watch.enabled:
        return WatchVerdict(False, "the watch is switched off")
    if event.backfill:
        return WatchVerdict(False, "was so when the watch began")
    told = topics(event)
    if not told:
        return WatchVerdict(False, "is nothing that a watch can ask for")
    asked = [topic for topic in told if topic in watch.when]
    if not asked:
        return WatchVerdict(False, f"does not ask for {' or '.join(told)}")
    is_graded = not _GRADED.isdisjoint(asked)
    if is_graded and event.grade is not None and event.grade.rank < watch.at_least.rank:
        return WatchVerdict(False, f"its grade is {event.grade}, the watch asks for at least {watch.at_least}")
    asks = f"asks for {' and '.join(asked)}" + (f", at least {watch.at_least}" if is_graded else "")
    if watch.about == About():
        return WatchVerdict(True, asks)
    matches = list(_matches(subject, watch.about))
    if not matches:
        return WatchVerdict(False, "nothing that it is about occurs")
    more = len(matches) - _TOLD_MATCHES
    named = ", ".join(matches[:_TOLD_MATCHES]) + (f" and {more} more" if more > 0 else "")
    return WatchVerdict(True, f"{asks}; matched {named}")


def _matches(subject: Subject, about: About) -> Iterator[str]:
    """Every entry that fits, in words."""
    everything = _said(subject.title, subject.text, subject.changed) if about.words else None
    for entry in about.words:
        if everything and _occurs(entry, everything):
            yield f"the {'phrase' if ' ' in entry else 'word'} “{entry}”"
    yield from (f"the country “{entry}”" for entry in about.countries if _is_concerned(entry, subject))
    kind = normalize.word_key(subject.type)
    yield from (f"the type “{entry}”" for entry in about.types if normalize.word_key(entry) == kind)
    yield from (f"the speaker “{entry}”" for entry in about.speakers if _speaks(entry, subject.byline))
    yield from (f"the source “{entry}”" for entry in about.sources if entry in subject.sources)


def _words(*parts: str) -> _Words:
    """The words of texts. No phrase reaches from one text into the next."""
    lines = (" ".join(normalize.words(_DOTTED.sub(lambda dotted: dotted[0].replace(".", ""), part))) for part in parts)
    short = (found for part in parts for found in _SHORT.findall(part) if "." in found or found.isupper())
    return _Words(f" {' | '.join(lines)} ", frozenset(map(normalize.word_key, short)))


# The texts of an event are kept for the next watch, what watches ask for is kept for the next event.
_said = lru_cache(maxsize=16)(_words)
_wanted = lru_cache(maxsize=4096)(_words)


def _occurs(entry: str, where: _Words) -> bool:
    wanted = _wanted(entry)
    key = wanted.line.strip()
    if key in wanted.abbreviations and len(key) <= _ABBREVIATION_CHARS:
        return key in where.abbreviations
    return (key if _UNSPACED.search(key) else wanted.line) in where.line


def _is_concerned(country: str, subject: Subject) -> bool:
    wanted = _names(country)
    tagged = {name for tag in subject.countries for name in _names(tag)}
    if wanted & tagged:
        return True
    title = _said(subject.title).line
    for name in tagged:
        # In a title about South Sudan nothing is said of Sudan.
        if any(part in name for part in wanted):
            title = title.replace(name, " | ")
    return any(name in title for name in wanted)


def _names(country: str) -> set[str]:
    """The names of a country as State's menu gives them, in words between blanks."""
    names = (_ARTICLE.sub("", _wanted(part).line) for part in re.split(r"[()]", country))
    return {name for name in names if name.strip()}


def _speaks(entry: str, byline: str) -> bool:
    return re.search(_NO_OTHER_OFFICE + re.escape(_wanted(entry).line), _said(byline).line) is not None
