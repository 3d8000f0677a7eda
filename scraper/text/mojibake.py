"""Repair of UTF-8 that was decoded as Windows-1252 ("donâ€™t"), with the positions in the original text (pure)."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scraper.model import Span
from scraper.text.normalize import C1_CONTROL, REPLACEMENT

if TYPE_CHECKING:
    from scraper.model import Wording


# UTF-8 read as Windows-1252: "keepersâ€™", "cafÃ©", "isÂ the" (a no-break space). The second characters stand for bytes
# 0x80 to 0xBF. A character that may close a quotation after a capital letter is no such sign ("SÃO JOÃ”").
_CLOSING = "\u00bb\u2013\u2014\u2018-\u201e\u2026\u203a"
_TAIL = (
    "\u0080-\u00ba\u00bc-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2020-\u2022\u2030\u2039"
    "\u20ac\u2122"
)
_CAPITAL = "A-Z\u00c0-\u00de"
_LEADS = "âÂÃÄÅ"
_MOJIBAKE = re.compile(
    f"â[€\u0080][{_TAIL}{_CLOSING}{REPLACEMENT}]|[ÂÃÄÅ][{_TAIL}]|(?<![{_CAPITAL}])(?:[ÃÄÅ][{_CLOSING}]|Â )"
)
# Windows-1252 has no character for the last byte of a closing quotation mark; a no-break space often becomes a space.
_INTENDED = {f"â€{REPLACEMENT}": "”", f"â\u0080{REPLACEMENT}": "”", "Â ": " "}


@dataclass(frozen=True, slots=True)
class RepairedText:
    """A repaired text. `repaired_at` are the offsets of repaired characters, `original_spans` their original spans."""

    text: str
    repaired_at: tuple[int, ...]
    original_spans: tuple[tuple[int, int], ...]

    def in_original(self, span: Span) -> Span:
        """Convert the page side of a span from the repaired text to the original."""
        start, end = span.page
        return Span(span.statement, (self._original_span(start)[0], self._original_span(end - 1)[1]))

    def _original_span(self, at: int) -> tuple[int, int]:
        before = bisect_right(self.repaired_at, at) - 1
        if before < 0:
            return at, at + 1
        start, end = self.original_spans[before]
        beyond = at - self.repaired_at[before]
        return (start, end) if beyond == 0 else (end + beyond - 1, end + beyond)


def repair(text: str) -> RepairedText | None:
    """Repair a text and keep the original positions; return None if it has no mojibake."""
    pieces: list[str] = []
    repaired_at: list[int] = []
    spans: list[tuple[int, int]] = []
    at = length = 0
    for found in _MOJIBAKE.finditer(text) if any(lead in text for lead in _LEADS) else ():
        character = _intended(found.group())
        if character is None:
            continue
        pieces += (text[at : found.start()], character)
        length += found.start() - at
        repaired_at.append(length)
        spans.append(found.span())
        length += 1
        at = found.end()
    return RepairedText("".join([*pieces, text[at:]]), tuple(repaired_at), tuple(spans)) if repaired_at else None


def fix_mojibake(text: str) -> str:
    """Replace UTF-8 that was read as Windows-1252 by the intended characters."""
    repaired = repair(text)
    return repaired.text if repaired else text


def _intended(garbled: str) -> str | None:
    if garbled in _INTENDED:
        return _INTENDED[garbled]
    character = b"".join(bytes([ord(c)]) if ord(c) < 256 else c.encode("cp1252") for c in garbled).decode()
    return None if C1_CONTROL.match(character) else character


def is_damaged(read: Wording, known: Wording) -> bool:
    """Return True if only the newly read wording has lost or garbled characters: a wrong character set is no change."""
    return _is_damaged(read) and not _is_damaged(known)


def _is_damaged(wording: Wording) -> bool:
    return any(REPLACEMENT in part or fix_mojibake(part) != part for part in (wording.title, wording.text))
