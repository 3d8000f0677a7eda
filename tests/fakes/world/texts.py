"""Invented texts by number, without long common runs of words, and their changes by grade."""

from __future__ import annotations

import random
from functools import cache

_SYLLABLES = "ba de fi go lu ma ne ri so tu va ke".split()
# As many words as a language has in daily use, so that caches by word fill up soon.
_WORDS = sorted({"".join(random.Random(n).choices(_SYLLABLES, k=3 + n % 2)) for n in range(4000)})
_JOINTS = "of in with for by from under before after near".split()
_DEEDS = "will met have asked has said thanked were made is seen and".split()
_OPENERS = ("The", "Both", "We", "It is the", "Nobody but the", "Café and")
PARAGRAPHS = 5


@cache
def paragraphs(number: int) -> tuple[str, ...]:
    """Return the text with a number; its first paragraph begins with the sentence that changes."""
    some = random.Random(f"text {number}")
    first = (
        f"The {_word(some)} agreed that {some.randrange(20, 900)} {_word(some)} would go to {_word(some).title()}, who"
    )
    rest = [" ".join(_sentence(some) for _ in range(2)) for _ in range(PARAGRAPHS)]
    return (
        f"{first} {_word(some)} them. {rest[0]}",
        *rest[1:-1],
        f"{rest[-1]} That is {some.randrange(20, 900)} a year.",
    )


def title(number: int) -> str:
    """Return the title with a number."""
    some = random.Random(f"title {number}")
    return f"Lamps for the {_word(some)} of {_word(some).title()} and {_word(some).title()}"


def material(body: tuple[str, ...], place: int = 0) -> tuple[str, ...]:
    """Change a number in one paragraph."""
    words = body[place].split(" ")
    at = next(at for at, word in enumerate(words) if word.isdigit())
    return _put(body, place, [*words[:at], str(int(words[at]) + 1000), *words[at + 1 :]])


def minor(body: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one plain word of the first paragraph."""
    words = body[0].split(" ")
    return _put(body, 0, [*words[:-1], "flood."])


def touched(body: tuple[str, ...]) -> tuple[str, ...]:
    """Change punctuation only."""
    return (body[0].replace(", who", " – who"), *body[1:])


def _put(body: tuple[str, ...], place: int, words: list[str]) -> tuple[str, ...]:
    return (*body[:place], " ".join(words), *body[place + 1 :])


def _sentence(some: random.Random) -> str:
    parts = [some.choice(_OPENERS), _word(some)]
    for _ in range(some.choice((4, 5, 6))):
        parts += [some.choice(_DEEDS), "the", _word(some), some.choice(_JOINTS), _word(some)]
    return f"{' '.join(parts)}."


def _word(some: random.Random) -> str:
    return some.choice(_WORDS)
