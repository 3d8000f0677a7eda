"""Rules that recognise a page which stands in place of an article: consent, payment, login, captcha, scripts (pure).

Such a page says nothing about the article: it is neither changed nor gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scraper.rules.wall_marks import Wall, strong, weak
from scraper.text import normalize, scripts

# A label or a name, not a sentence.
_MAX_LABEL_WORDS = 7
_MAX_OTHER_WORDS = 40
# An article about cookies or subscriptions is longer than the pages that ask for them.
_MAX_WORDS = 400
# Of a longer paragraph, only the sentences with the phrases of a wall count.
_MAX_PARAGRAPH_WORDS = 60
_MAX_CHARS = 2_000
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n")
# A strong phrase alone is enough, of weak ones it takes two.
_STRONG_WEIGHT, _MIN_WEIGHT = 2, 2


def wall_of(title: str, paragraphs: Iterable[str]) -> Wall | None:
    """Return the wall that a page is, by its text without frame; None for an article.

    All sentences, but for 40 words, have to be in paragraphs with the phrases of a wall.
    """
    parts = list[tuple[str, int]]()
    words = 0
    for paragraph in paragraphs:
        parts += _parts(paragraph)
        words = sum(length for _, length in parts)
        if words > _MAX_WORDS:
            return None
    counts, weights = dict.fromkeys(Wall, 0), dict.fromkeys(Wall, 0)
    weak_seen = set[tuple[Wall, int]]()
    other = 0
    for part, length in parts:
        walls = set[Wall]()
        for wall in Wall:
            weak_here = {(wall, at) for at, form in enumerate(weak(wall)) if form.search(part)}
            is_strong = strong(wall).search(part) is not None
            if is_strong or weak_here:
                walls.add(wall)
                counts[wall] += length
                weights[wall] += _STRONG_WEIGHT * is_strong + len(weak_here - weak_seen)
                weak_seen |= weak_here
        if not walls and length > _MAX_LABEL_WORDS and normalize.word_key(part) != normalize.word_key(title):
            other += length
    found = max((wall for wall in Wall if weights[wall] >= _MIN_WEIGHT), key=lambda wall: counts[wall], default=None)
    return found if found and other <= min(_MAX_OTHER_WORDS, words - other) else None


def _parts(paragraph: str) -> Iterator[tuple[str, int]]:
    """Yield a paragraph, or the sentences of a long one, with their number of words."""
    length = scripts.length(paragraph)
    if not _MAX_PARAGRAPH_WORDS < length <= _MAX_WORDS:
        yield paragraph[:_MAX_CHARS], length
        return
    for sentence in filter(str.strip, _SENTENCE_END.split(paragraph)):
        yield sentence[:_MAX_CHARS], scripts.length(sentence)


def has_mark(text: str) -> bool:
    """Return True if a text, one paragraph a line, has the phrases of a paywall or a login among others."""
    lines = text.split("\n")
    return any(
        strong(wall).search(line[:_MAX_CHARS]) for wall in (Wall.PAYMENT, Wall.LOGIN, Wall.ADVERTS) for line in lines
    )


def is_same_page(title: str, text: str, known_title: str, known_text: str) -> bool:
    """Return True if a page shows the headline that it had, or five words in a row of its earlier text.

    A page with neither shows something else in its place, in whatever words.
    """
    now, known = normalize.word_key(title), normalize.word_key(known_title)
    if known and (now == known or (len(now) >= _MIN_KEY and (now in known or known in now))):
        return True
    return not _runs(text).isdisjoint(_runs(known_text))


_MIN_KEY = 15
_RUN = 5


def _runs(text: str) -> set[tuple[str, ...]]:
    words = normalize.words(text)
    return set(zip(*(words[at:] for at in range(_RUN)), strict=False))
