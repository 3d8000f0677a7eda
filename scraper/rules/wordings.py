"""Wordings and the keys by which two of them are compared (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from scraper.model import Wording
from scraper.text import normalize

# Texts whose keys are remembered: more than the lists of a watch name at a time, for years of pages need not be.
_REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class WordingKeys:
    """By what two wordings are compared: words decide what is a revision, looks what was touched.

    `word_count` is the length of the body.
    """

    title_words: str
    body_words: str
    title_visible: str
    body_visible: str
    word_count: int

    @property
    def words(self) -> tuple[str, str]:
        """Equal for two wordings that are the same revision."""
        return self.title_words, self.body_words

    @property
    def visible(self) -> tuple[str, str]:
        """Equal for two wordings between which no visible character differs."""
        return self.title_visible, self.body_visible


@lru_cache(maxsize=_REMEMBERED)
def wording_keys(wording: Wording) -> WordingKeys:
    """The keys of `scraper.text.normalize`, computed once a wording: polls bring the same texts hundreds of times."""
    words = normalize.words(wording.text)
    return WordingKeys(
        normalize.word_key(wording.title),
        normalize.join_words(words),
        normalize.visible_key(wording.title),
        normalize.visible_key(wording.text),
        len(words),
    )


@lru_cache(maxsize=_REMEMBERED)
def build_wording(title: str, paragraphs: tuple[str, ...], byline: str | None) -> Wording:
    """A title and a body as they count: the byline's paragraphs are no wording."""
    return Wording(title, normalize.join(normalize.without_byline(paragraphs, byline)))


def clear_cache() -> None:
    """Let go of the keys that are kept for the next poll."""
    wording_keys.cache_clear()
    build_wording.cache_clear()
