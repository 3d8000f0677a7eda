"""Builder of wordings, and the keys by which two are compared: words for a revision, characters for a touch (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from scraper.model import Wording
from scraper.text import normalize

# Cached texts: more than all monitored lists name at a time. Years of pages need not fit.
_CACHE_SIZE = 512


@dataclass(frozen=True, slots=True)
class WordingKeys:
    """Keys by which two wordings are compared: words decide on a revision, visible characters on a touch.

    `word_count` is the length of the body.
    """

    title_words: str
    body_words: str
    title_visible: str
    body_visible: str
    word_count: int

    @property
    def body_sha256(self) -> str:
        """Hash that is equal for two bodies with the same words."""
        return normalize.key_sha256(self.body_words)

    @property
    def words(self) -> tuple[str, str]:
        """Key that is equal for two wordings of the same revision."""
        return self.title_words, self.body_words

    @property
    def visible(self) -> tuple[str, str]:
        """Key that is equal for two wordings without a different visible character."""
        return self.title_visible, self.body_visible


@lru_cache(maxsize=_CACHE_SIZE)
def wording_keys(wording: Wording) -> WordingKeys:
    """Compute the keys of `scraper.text.normalize`, cached: polls return the same texts hundreds of times."""
    words = normalize.words(wording.text)
    return WordingKeys(
        normalize.word_key(wording.title),
        normalize.join_words(words),
        normalize.visible_key(wording.title),
        normalize.visible_key(wording.text),
        len(words),
    )


@lru_cache(maxsize=_CACHE_SIZE)
def build_wording(title: str, paragraphs: tuple[str, ...], byline: str | None) -> Wording:
    """Build the wording of a title and paragraphs, without those of the byline."""
    return Wording(title, normalize.join(normalize.without_byline(paragraphs, byline)))


def clear_cache() -> None:
    """Clear the keys that are cached for the next poll."""
    wording_keys.cache_clear()
    build_wording.cache_clear()
