"""A page on which UTF-8 was read as Windows-1252 ("donâ€™t", "EspaÃ±a"): its text as it was meant, and the way back.

Of all that can be misread so, these are signs and the letters of Latin alphabets; what
stands for them stands for nothing else ("É”" might).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from scraper.model import Span

# What stands for bytes 0x80 to 0xBF.
_TAIL = (
    "\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201e\u2020-\u2022"
    "\u2026\u2030\u2039\u203a\u20ac\u2122"
)
_MISREAD = re.compile(f"â[€\u0080][{_TAIL}\ufffd]|[ÂÃÄÅ][{_TAIL}]")
# Windows-1252 has no character for its last byte, which is lost on the way.
_CLOSING_QUOTE = "â€\ufffd", "â\u0080\ufffd"


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
    for found in _MISREAD.finditer(text):
        if (meant := _meant(found.group())) is None:
            continue
        pieces += (text[at : found.start()], meant)
        length += found.start() - at
        places.append(length)
        written.append(found.span())
        length += 1
        at = found.end()
    return Mended("".join([*pieces, text[at:]]), tuple(places), tuple(written)) if places else None


def _meant(misread: str) -> str | None:
    """The one character that stands behind some; None where there is none."""
    if misread in _CLOSING_QUOTE:
        return "”"
    try:
        meant = b"".join(bytes([ord(c)]) if ord(c) < 256 else c.encode("cp1252") for c in misread).decode()
    except UnicodeError:
        return None
    return meant if len(meant) == 1 else None
