"""Editions of one series: statements of one title apart from its year or number, such as yearly messages (pure)."""

from scraper.text import lexicon, normalize
from scraper.text.sides import Side

# Fewer words, or characters, that are left of a title are no evidence of a series; longer titles are none of one.
_KEY_WORDS = range(2, 60)
_KEY_CHARS = 10
# With a smaller share of sentences in common, two texts only have their title in common.
_SHARE = 0.25
# Longer texts are not compared sentence by sentence.
_MAX_COMPARED_CHARS = 40_000


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
    olds, news = (set(map(side.joined, side.sentences())) for side in (Side(before), Side(after)))
    if len(olds & news) < _SHARE * min(len(olds), len(news)):
        return "another text"
    changes = [(len(olds - news), "dropped"), (len(news - olds), "new")]
    said = [f"{normalize.count(number, 'sentence')} {change}" for number, change in changes if number]
    return ", ".join(said) or "the same sentences"
