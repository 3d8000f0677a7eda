"""Editions of one series: statements of one title apart from its year or number, such as yearly messages (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from scraper.model import Precision
from scraper.text import lexicon, normalize
from scraper.text.sides import Side

# Fewer words, or characters, that are left of a title are no evidence of a series; longer titles are none of one.
_KEY_WORDS = range(2, 60)
_KEY_CHARS = 10
# With a smaller share of sentences in common, two texts only have their title in common.
_SHARE = 0.25
# Longer texts are not compared sentence by sentence.
_MAX_COMPARED_CHARS = 40_000


@dataclass(frozen=True, slots=True)
class Edition:
    """Statement of a series, with its current text."""

    id: int
    title: str
    published_at: datetime
    precision: Precision | None
    text: str


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """Sentence that one edition has and the other one has not."""

    is_new: bool
    text: str


def edition_key(title: str) -> str:
    """Return the words of a title without numbers and dates, which all editions of a series share; "" if it has few.

    Months and days of the week are left out only beside a number: without one, "May Day" is a name.
    """
    words = normalize.words(title)
    if any(any(map(str.isdigit, word)) for word in words):
        words = [word for word in words if not (any(map(str.isdigit, word)) or _is_of_date(word))]
    key = " ".join(words)
    return key if len(words) in _KEY_WORDS and len(key) >= _KEY_CHARS else ""


def _is_of_date(word: str) -> bool:
    return word in lexicon.MONTHS or lexicon.word_kind(word, capital=True) == "date"


def describe_difference(before: str, after: str) -> str:
    """Describe in a phrase which sentences of one edition another one has; "" if the texts are too long to compare."""
    if len(before) + len(after) > _MAX_COMPARED_CHARS:
        return ""
    olds, news = _sentences(before), _sentences(after)
    if not _is_of_series(olds, news):
        return "another text"
    changes = [(len(olds - news), "dropped"), (len(news - olds), "new")]
    said = [f"{normalize.count(number, 'sentence')} {change}" for number, change in changes if number]
    return ", ".join(said) or "the same sentences"


def is_of_series(before: str, after: str) -> bool:
    """Return True if two texts share so many sentences that one is the edition before the other."""
    is_short = len(before) + len(after) <= _MAX_COMPARED_CHARS
    return is_short and _is_of_series(_sentences(before), _sentences(after))


def _is_of_series(olds: set[str], news: set[str]) -> bool:
    return len(olds & news) >= _SHARE * min(len(olds), len(news))


def _sentences(text: str) -> set[str]:
    side = Side(text)
    return set(map(side.joined, side.sentences()))


def compare_sentences(before: str, after: str) -> Iterator[SentenceChange]:
    """Yield the sentences that were dropped since the edition before and those that are new, in order."""
    old, new = Side(before), Side(after)
    olds, news = list(old.sentences()), list(new.sentences())
    before_keys, after_keys = list(map(old.joined, olds)), list(map(new.joined, news))
    for kind, o0, o1, n0, n1 in SequenceMatcher(None, before_keys, after_keys, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from (SentenceChange(False, _written(old, each)) for each in olds[o0:o1])
            yield from (SentenceChange(True, _written(new, each)) for each in news[n0:n1])


def _written(side: Side, sentence: range) -> str:
    start, end = side.span(sentence.start, sentence.stop)
    return " ".join(side.text[start:end].split())
