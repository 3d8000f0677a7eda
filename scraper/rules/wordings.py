"""Builder of wordings, and the keys by which two are compared: words for a revision, characters for a touch (pure).

Words include the signs of values ("$", "%", minus): see `normalize.wording_key`.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from scraper.model import Wording
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scraper.text.diff import Difference

# Cached texts: more than all monitored lists name at a time. Years of pages need not fit.
_CACHE_SIZE = 512
EXCERPT_CHARS: Final = 400
"""Limit of the passages that an event quotes."""


class WordingKeys:
    """Keys by which two wordings are compared: words decide on a revision, visible characters on a touch.

    Each is computed when it is first asked for: the visible characters of most texts never are.
    """

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, WordingKeys) and self._all_words == other._all_words and self.visible == other.visible
        )

    def __hash__(self) -> int:
        return hash(self._all_words)

    @property
    def _all_words(self) -> tuple[str, str, int]:
        return (*self.words, self.word_count)

    @cached_property
    def _measured(self) -> tuple[str, int]:
        return normalize.measure_wording(self._wording.text)

    @cached_property
    def title_words(self) -> str:
        """Key that is equal for two titles with the same words."""
        return normalize.wording_key(self._wording.title)

    @property
    def body_words(self) -> str:
        """Key that is equal for two bodies with the same words."""
        return self._measured[0]

    @property
    def word_count(self) -> int:
        """Length of the body in words."""
        return self._measured[1]

    @cached_property
    def title_visible(self) -> str:
        """Key that is equal for two titles without a different visible character."""
        return normalize.visible_key(self._wording.title)

    @cached_property
    def body_visible(self) -> str:
        """Key that is equal for two bodies without a different visible character."""
        return normalize.visible_key(self._wording.text)

    @cached_property
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
    """Return the keys of a wording, cached: polls return the same texts hundreds of times."""
    return WordingKeys(wording)


@lru_cache(maxsize=_CACHE_SIZE)
def build_wording(title: str, paragraphs: tuple[str, ...], byline: str | None) -> Wording:
    """Build the wording of a title and paragraphs, without those of the byline."""
    return Wording(title, normalize.join(normalize.without_byline(paragraphs, byline)))


def has_news(read: Iterable[Wording], had: Iterable[Wording]) -> bool:
    """Return True if each reading has a title or a body that no wording had before.

    A title and a body of two earlier wordings are what a cache shows that was filled between two changes.
    """
    keys = [wording_keys(wording) for wording in had]
    titles, bodies = {key.title_words for key in keys}, {key.body_words for key in keys}
    readings = [wording_keys(wording) for wording in read]
    return all(key.title_words not in titles or key.body_words not in bodies for key in readings)


def changed_passages(difference: Difference, before: str, after: str) -> tuple[str, str]:
    """Return the changed passages of both sides, in order, joined by an ellipsis."""
    lost = " … ".join(before[slice(*h.before)] for h in difference.hunks if h.before[0] < h.before[1])
    won = " … ".join(after[slice(*h.after)] for h in difference.hunks if h.after[0] < h.after[1])
    return normalize.truncate(lost, EXCERPT_CHARS), normalize.truncate(won, EXCERPT_CHARS)


def clear_cache() -> None:
    """Clear the keys that are cached for the next poll."""
    wording_keys.cache_clear()
    build_wording.cache_clear()
