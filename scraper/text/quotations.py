"""Passages of a text in quotation marks (pure).

A mark without its partner quotes up to the end of its line, or, if the next mark closes it in a later line, up to that.
"""

import re
from collections.abc import Iterator

# Of an apostrophe only what may be a quotation mark: not between two letters, as in "isn’t".
_MARK = re.compile(
    r"[“”„‟«»\"＂〝〞「」『』‘’‚‛‹›'](?:(?<=[“”„‟«»\"＂〝〞「」『』‹›])"
    r"|(?<=['‘‚‛])(?<!\w.)(?=\w)|(?<=['’])(?:(?<=[^\W\d_].)|(?<=[.,;:!?…)].))(?!\w))"
)
_DOUBLE = frozenset('“”„‟«»"＂〝〞「」『』')
_OPENING = frozenset("“„‟«〝「『‘‚‛‹")
_CLOSING = frozenset("”»〞」』’›")
_STRAIGHT = frozenset("\"＂'")
# German closes with the mark by which English opens, and turns the French ones round.
_CLOSES_TOO = {"„": "“", "‚": "‘", "»": "«", "›": "‹"}
_OPENING_TOO = frozenset("»›”")
_MAX_CHARS = 2000


def find(text: str) -> list[tuple[int, int]]:
    """Return the spans of characters between quotation marks, in order and without overlap."""
    marks = list(_MARK.finditer(text))
    found = _spans(text, [(mark.start(), mark.group()) for mark in marks if mark.group() in _DOUBLE])
    # A single mark is often an apostrophe ("the workers’ towns"): it quotes only with its partner in the same line.
    single = _pairs(text, [(mark.start(), mark.group()) for mark in marks if mark.group() not in _DOUBLE])
    return _merged(sorted([*found, *single]))


def _spans(text: str, marks: list[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    opened, by = -1, ""
    for at, mark in marks:
        if opened >= 0 and _closes(text, at, mark, by):
            is_near = at - opened <= _MAX_CHARS
            yield opened + 1, at if is_near else _line_end(text, opened, at)
            opened = -1
        elif _opens(text, at, mark):
            if opened >= 0:
                yield opened + 1, _line_end(text, opened, at)
            opened, by = at, mark
    if opened >= 0:
        yield opened + 1, _line_end(text, opened, len(text))


def _pairs(text: str, marks: list[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    opened, by, last = -1, "", 0
    for at, mark in marks:
        if text.find("\n", last, at) >= 0:
            opened = -1
        last = at
        if _opens(text, at, mark) and not (opened >= 0 and _CLOSES_TOO.get(by) == mark):
            opened, by = at, mark
        elif opened >= 0 and _closes(text, at, mark, by):
            yield opened + 1, at
            opened = -1


def _opens(text: str, at: int, mark: str) -> bool:
    is_before_word, is_after_blank = text[at + 1 : at + 2].isalnum(), not text[at - 1 : at].strip()
    if mark in _STRAIGHT:
        return is_after_blank or (is_before_word and not text[at - 1].isalnum())
    # German quotes »so«, Swedish ”so”.
    return mark in _OPENING or (mark in _OPENING_TOO and is_before_word and is_after_blank)


def _closes(text: str, at: int, mark: str, by: str) -> bool:
    if by in _STRAIGHT or mark in _STRAIGHT:
        # A straight mark before a word opens another quotation, and the one before it has no end.
        return mark == by or ((mark in _STRAIGHT) != (by in _STRAIGHT) and not _opens(text, at, mark))
    return mark in _CLOSING or _CLOSES_TOO.get(by) == mark


def _line_end(text: str, at: int, limit: int) -> int:
    end = text.find("\n", at, limit)
    return limit if end < 0 else end


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
