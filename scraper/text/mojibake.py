"""A page on which UTF-8 was read as Windows-1252 ("donâ€™t"): its text as it was meant, and the way back (pure)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from scraper.model import Span
from scraper.text import normalize as texts


@dataclass(frozen=True, slots=True)
class Mended:
    """A text as it was meant. `places` are those of its characters that were misread, `written` where each stands."""

    text: str
    places: tuple[int, ...]
    written: tuple[tuple[int, int], ...]

    def as_written(self, span: Span) -> Span:
        """A passage with its page's characters as they stand."""
        start, end = span.page
        return Span(span.statement, (self._written(start)[0], self._written(end - 1)[1]))

    def _written(self, at: int) -> tuple[int, int]:
        """Where a character stands."""
        before = bisect_right(self.places, at) - 1
        if before < 0:
            return at, at + 1
        start, end = self.written[before]
        beyond = at - self.places[before]
        return (start, end) if beyond == 0 else (end + beyond - 1, end + beyond)


def mend(text: str) -> Mended | None:
    """The text as it was meant; None where nothing in it was misread."""
    pieces: list[str] = []
    places: list[int] = []
    written: list[tuple[int, int]] = []
    at = length = 0
    for found, character in texts.misread(text):
        pieces += (text[at : found.start()], character)
        length += found.start() - at
        places.append(length)
        written.append(found.span())
        length += 1
        at = found.end()
    return Mended("".join([*pieces, text[at:]]), tuple(places), tuple(written)) if places else None
