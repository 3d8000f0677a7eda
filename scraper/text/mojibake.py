"""Repair of garbled text: UTF-8 that was decoded by another character set, and entities escaped twice (pure).

Each repair keeps the positions in the original text.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html.entities import html5

from scraper.model import Span

# Replaces a character that could not be decoded.
REPLACEMENT = "\ufffd"
# Bytes above 127 read as Latin-1: no text has such controls, except the line end U+0085.
C1_CONTROL = re.compile("[\u0080-\u0084\u0086-\u009f]")

# UTF-8 read as Windows-1252: "keepersâ€™", "cafÃ©", "isÂ the" (a no-break space). The second characters stand for bytes
# 0x80 to 0xBF. A character that may close a quotation after a capital letter is no such sign ("SÃO JOÃ”", "„Ä“").
_OPENING = "\u00ab\u2018\u201a\u201c\u201e\u2039"
_CLOSING = "\u00bb\u2013\u2014\u2018-\u201e\u2026\u203a"
_TAIL = (
    "\u0080-\u00ba\u00bc-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2020-\u2022\u2030\u2039"
    "\u20ac\u2122"
)
_CAPITAL = "A-Z\u00c0-\u00de"
_MOJIBAKE = re.compile(
    f"â[€\u0080][{_TAIL}{_CLOSING}{REPLACEMENT}]|[ÂÃÄÅ][{_TAIL}]|(?<![{_CAPITAL}{_OPENING}])(?:[ÃÄÅ][{_CLOSING}]|Â )"
)
_QUOTED_CAPITALS = re.compile(f"(?:(?<=[{_CAPITAL}{_OPENING}])[ÂÃÄÅ]|^Â)[{_CLOSING}](?!\\w)")
# "Ă, Â and Î", "À Â Ä": a letter of a text that has other accented letters, and no garbled space.
_LONE_A = re.compile(r"(?<!\S)Â(?= )")
_ACCENTED = re.compile("[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]")
# Windows-1252 has no character for the last byte of a closing quotation mark; a no-break space often becomes a space.
_INTENDED = {f"â€{REPLACEMENT}": "”", f"â\u0080{REPLACEMENT}": "”", "Â ": " "}
# The same, once more garbled or with "?" in place of the byte; Windows-1251 lacks that of an opening single mark.
_LOST = f"(?:[?{REPLACEMENT}]|ï¿½)"
_LOST_BYTES = (
    (re.compile(f"â€{_LOST}"), "â€\u009d"),
    (re.compile(f"Ã¢â‚¬Â?{_LOST}"), "Ã¢â‚¬Â\u009d"),
    (re.compile(f"вЂ{_LOST}"), "вЂ\u0098"),
)
# A first byte of UTF-8 that was wrongly decoded twice, and the beginning of a following one.
_TWICE = re.compile(f"Ã(?![\u00a0-\u00a1\u00a3-\u00bf])[{_TAIL}{_CLOSING}](?:[ÂÅÆË]|â[€‚„])")

# The character sets that UTF-8 is wrongly decoded by. A first byte of UTF-8 and a following one give a pair that is
# rare in any language: only a text with such a pair is worth the work of the library.
_CHARACTER_SETS = ("cp1252", "cp1251", "cp1250", "cp1253", "cp1254", "cp1257", "iso8859_2", "mac_roman", "cp437")


def _characters(first: int, last: int) -> str:
    """Return a regular expression's set of the characters that some bytes above 127 stand for in `_CHARACTER_SETS`."""
    found = {
        bytes([byte]).decode(each, "ignore") or chr(byte)
        for byte in range(first, last + 1)
        for each in (*_CHARACTER_SETS, "latin-1")
    }
    return "".join(sorted(found))


# The same without the help of the library, for a line that is UTF-8 in them as a whole. A right text is that by chance
# only where it is short, so it takes a quotation mark or dash, or three other characters.
_OTHER_SETS = ("koi8_r", "cp1256", "cp1258", "cp850", "cp866", "cp1255", "cp874")
# What the first byte of a character of UTF-8 is in these sets: no quotation mark or dash, which most texts have.
_FIRST_CHARS = frozenset("".join(bytes(range(0xC2, 0xF5)).decode(each, "ignore") for each in _OTHER_SETS))
_FIRST = re.compile(f"[{re.escape(''.join(sorted(_FIRST_CHARS)))}]")
_SIGNS = frozenset("‘’“”„–—…«»")
_MIN_READ = 3
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
# Replaces the bytes of ASCII in UTF-8 by blanks.
_BLANK_ASCII = bytes(32 if byte < 128 else byte for byte in range(256))

_ENTITY = re.compile(r"&(?:#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|([A-Za-z][A-Za-z0-9]{1,31}));")
# Only these are suspicious before a character of ASCII.
_BEFORE_ASCII = frozenset("ÂÃ")
_SUSPECT = re.compile(
    f"[{_characters(0xC2, 0xF4)}][{_characters(0x80, 0xBF)}{REPLACEMENT}]|[{''.join(_BEFORE_ASCII)}][ ?]"
    r"|&(?:#[xX]?[0-9a-fA-F]|[A-Za-z])[A-Za-z0-9]{1,31};"
)
# Texts that are repaired together are joined with it: it stands in no cleaned text, and ends a line.
_SEPARATOR = "\x1e"
_LINE_END = re.compile(r"[\n\x1e]")
# The length of a stretch that is repaired as a whole, and of the text before a pair that helps to judge it.
_PIECE_CHARS, _LEFT_CHARS = 1_000, 400
# Text is seen escaped up to three times too often.
_MAX_ESCAPES = 4


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
    """Repair a text and keep the original positions; return None if nothing in it was garbled.

    Takes linear time: a stretch of at most `_PIECE_CHARS` characters around each suspicious pair is repaired on its
    own. What one character set garbled elsewhere in the text counts as garbled by it everywhere.
    """
    if "&" not in text and not _may_be_garbled(text):
        return None
    whole = {(start, end): _aligned(text[start:end], fixed) for start, end, fixed in _whole_lines(text)}
    pieces = sorted([*whole, *_apart_from(list(whole), _pieces(text))])
    charsets: dict[str, None] = {}
    # Where other accented letters are right, a lone "Â" is a letter as well.
    accented = (
        "Â" in text
        and _LONE_A.search(text) is not None
        and _ACCENTED.search(_LONE_A.sub("", _MOJIBAKE.sub("", text))) is not None
    )
    repaired = [
        whole.get((start, end)) or _repaired(text[start:end], charsets, accented=accented) for start, end in pieces
    ]
    joined: list[str] = []
    repaired_at: list[int] = []
    spans: list[tuple[int, int]] = []
    at = length = 0
    for (start, end), once in zip(pieces, repaired, strict=True):
        piece = once or _by_charset(text[start:end], charsets)
        if piece is None:
            continue
        joined += (text[at:start], piece.text)
        length += start - at
        repaired_at += [length + offset for offset in piece.repaired_at]
        spans += [(start + first, start + last) for first, last in piece.original_spans]
        length += len(piece.text)
        at = end
    return RepairedText("".join([*joined, text[at:]]), tuple(repaired_at), tuple(spans)) if repaired_at else None


def fix_mojibake(text: str) -> str:
    """Replace garbled characters and entities escaped twice by the intended characters."""
    repaired = repair(text)
    return repaired.text if repaired else text


def fix_parts(parts: Sequence[str]) -> list[str]:
    """Repair texts of one document, such as its title and paragraphs: what garbled one of them garbled all."""
    return fix_mojibake(_SEPARATOR.join(parts)).split(_SEPARATOR) if parts else []


def _may_be_garbled(text: str) -> bool:
    """Return False if neither `_SUSPECT` nor `_whole_lines` finds anything in a text without "&".

    This takes a tenth of their time: a text has few different runs of characters outside ASCII, most of them one
    quotation mark or dash.
    """
    runs = () if text.isascii() else set(text.encode("utf-8", "replace").translate(_BLANK_ASCII).split())
    return any(
        _SUSPECT.search(run)
        or not _BEFORE_ASCII.isdisjoint(run)
        or (not _FIRST_CHARS.isdisjoint(run) and (len(run) > 1 or f"{run} " in text))
        for run in map(bytes.decode, runs)
    )


def _apart_from(taken: Sequence[tuple[int, int]], pieces: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the pieces that overlap none of the stretches `taken`, which are in order."""
    ends = [end for _, end in taken]
    for piece in pieces:
        after = bisect_right(ends, piece[0])
        if after == len(taken) or taken[after][0] >= piece[1]:
            yield piece


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of lines that have a suspicious pair, in order and apart from each other."""
    end = 0
    while found := _SUSPECT.search(text, end):
        at = found.start()
        start = max(end, *(text.rfind(each, end, at) + 1 for each in ("\n", _SEPARATOR)))
        if at - start > _LEFT_CHARS:
            start = text.find(" ", at - _LEFT_CHARS, at) + 1 or at
        line_end = _LINE_END.search(text, found.end())
        end = line_end.start() if line_end else len(text)
        if end - start > _PIECE_CHARS:
            cut = text.rfind(" ", found.end(), start + _PIECE_CHARS)
            end = cut if cut >= 0 else start + _PIECE_CHARS
        yield start, end


def _repaired(piece: str, charsets: dict[str, None], *, accented: bool) -> RepairedText | None:
    exact = _by_pattern(piece, accented=accented)
    settled = _settled(piece, charsets, accented=accented)
    if exact is not None and exact.text == settled:
        return exact
    return None if settled == piece else _aligned(piece, settled)


def _whole_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the spans of lines, or of parts of long ones, that are UTF-8 in one of `_OTHER_SETS`, and their text."""
    if _FIRST.search(text) is None:
        return  # most texts: their only characters outside ASCII are quotation marks and dashes
    end = 0
    while found := _NOT_ASCII.search(text, end):
        start = max(end, *(text.rfind(each, end, found.start()) + 1 for each in ("\n", _SEPARATOR)))
        if found.start() - start > _LEFT_CHARS:
            start = found.start()
        line_end = _LINE_END.search(text, found.start(), start + _PIECE_CHARS)
        end = line_end.start() if line_end else min(len(text), start + _PIECE_CHARS)
        if line_end is None and end < len(text) and (cut := text.rfind(" ", found.start(), end)) > 0:
            end = cut
        if (fixed := _read_whole(text[start:end])) is not None:
            yield start, end, fixed


def _read_whole(line: str) -> str | None:
    """Return a line that is UTF-8 as a whole in one of `_OTHER_SETS`, and in no other."""
    first = _NOT_ASCII.search(line)
    if (
        first is None
        or first.group()[0] not in _FIRST_CHARS
        or (first.end() - first.start() == 1 and line[first.end() : first.end() + 1] != " ")
    ):
        return None  # most lines end here: a character of UTF-8 has two bytes at least
    for charset in _OTHER_SETS:
        if _read_by(first.group(), charset) is None and _read_by(first.group() + "\u00a0", charset) is None:
            continue
        fixed = _read_by(line, charset) or _read_by(_with_spaces(line, charset), charset)
        others = [] if fixed is None else [each for each in fixed if not each.isascii()]
        is_evident = len(others) >= _MIN_READ or not _SIGNS.isdisjoint(others)
        if fixed and is_evident and all(_read_by(line, each) is None for each in _CHARACTER_SETS):
            return fixed.replace("\u00a0", " ")
    return None


def _read_by(line: str, charset: str) -> str | None:
    try:
        fixed = line.encode(charset).decode()
    except UnicodeError:
        return None
    return None if C1_CONTROL.search(fixed) else fixed


def _with_spaces(line: str, charset: str) -> str:
    """Undo the cleaning of no-break spaces, which are bytes of UTF-8: a space after the first bytes of a character."""
    first, first_of_three, following = (
        re.escape(bytes(range(*each)).decode(charset, "ignore")) for each in ((0xC2, 0xF5), (0xE0, 0xF0), (0x80, 0xC0))
    )
    return re.sub(f"(?<=[{first}]) |(?<=[{first_of_three}][{following}]) ", "\u00a0", line)


def _by_pattern(piece: str, *, accented: bool) -> RepairedText | None:
    """Repair UTF-8 that was read as Windows-1252 or Latin-1, character by character."""
    pieces: list[str] = []
    repaired_at: list[int] = []
    spans: list[tuple[int, int]] = []
    at = length = 0
    for found in _MOJIBAKE.finditer(piece):
        character = _intended(found.group())
        if character is None or (accented and _LONE_A.match(piece, found.start())):
            continue
        pieces += (piece[at : found.start()], character)
        length += found.start() - at
        repaired_at.append(length)
        spans.append(found.span())
        length += 1
        at = found.end()
    return RepairedText("".join([*pieces, piece[at:]]), tuple(repaired_at), tuple(spans)) if repaired_at else None


def _intended(garbled: str) -> str | None:
    if garbled in _INTENDED:
        return _INTENDED[garbled]
    character = b"".join(bytes([ord(c)]) if ord(c) < 256 else c.encode("cp1252") for c in garbled).decode()
    return None if C1_CONTROL.match(character) else character


def _settled(piece: str, charsets: dict[str, None], *, accented: bool) -> str:
    """Undo doubled escapes and wrong decoding until nothing changes; note the character sets that did it."""
    from ftfy.badness import is_bad  # slow to import, and few texts need it

    piece = _unescaped(piece)
    for pattern, whole in _LOST_BYTES:
        piece = pattern.sub(whole, piece)
    exact = _by_pattern(piece, accented=accented)
    # Two letters that are right may look bad side by side once they are repaired ("á”“"): they are not judged again.
    looks_bad = is_bad(_masked(exact) if exact else piece)
    if (looks_bad or _TWICE.search(piece)) and not _QUOTED_CAPITALS.search(piece):
        fixed = _by_library(piece, exact, charsets, looks_bad=looks_bad)
        if fixed is not None:
            # The library leaves what is beside a letter that is right ("àÅ¡").
            left = _by_pattern(fixed, accented=accented)
            return left.text if left else fixed
    return exact.text if exact else piece


def _by_library(piece: str, exact: RepairedText | None, charsets: dict[str, None], *, looks_bad: bool) -> str | None:
    """Return a piece as `ftfy` repairs it, or None if `exact` is as good, or the piece only looks garbled."""
    from ftfy import TextFixerConfig, apply_plan, fix_encoding_and_explain

    fixed, plan = fix_encoding_and_explain(piece, TextFixerConfig())
    steps = list(plan or ())
    first = next((at for at, step in enumerate(steps, start=1) if step.action in {"decode", "apply"}), 0)
    if exact and apply_plan(piece, [*steps[:first]]) == exact.text:
        return None
    if not looks_bad and not any(step.action == "decode" for step in steps):
        return None  # it only looks like text that was decoded twice
    controls = len(C1_CONTROL.findall(fixed))
    if not steps or (controls and controls >= len(C1_CONTROL.findall(piece))):
        return None  # controls have no meaning, so this was no UTF-8
    charsets.update((step.parameter, None) for step in steps if step.action == "encode")
    return fixed.replace("\u00a0", " ")


def _masked(repaired: RepairedText) -> str:
    characters = list(repaired.text)
    for at in repaired.repaired_at:
        characters[at] = "x"
    return "".join(characters)


def _unescaped(piece: str) -> str:
    for _ in range(_MAX_ESCAPES):
        before = piece
        piece = _ENTITY.sub(_meant, piece)
        if piece == before:
            break
    return piece


def _meant(entity: re.Match[str]) -> str:
    name = entity.group(1)
    if name and f"{name};" not in html5:
        return entity.group()
    character = html.unescape(entity.group())
    return character if character.isprintable() or C1_CONTROL.match(character) else " "


def _by_charset(piece: str, charsets: dict[str, None]) -> RepairedText | None:
    """Repair a piece that shows no sign of its own, if it is UTF-8 in a character set that garbled the rest."""
    for charset in charsets:
        try:
            fixed = piece.encode(charset).decode()
        except UnicodeError:
            continue
        if fixed != piece and not C1_CONTROL.search(fixed):
            return _aligned(piece, fixed)
    return None


def _aligned(original: str, repaired: str) -> RepairedText:
    """Return a repaired piece with the original spans of its changed characters, to the nearest equal character."""
    from rapidfuzz.distance import Levenshtein  # few texts are garbled

    found: dict[int, tuple[int, int]] = {}
    start = at = 0
    equal = [op for op in Levenshtein.opcodes(original, repaired) if op.tag == "equal"]
    for op in equal:
        if start < op.src_start and at == op.dest_start:
            found[at] = (start, op.src_start + 1)  # what is only removed belongs to the next character
        else:
            found |= _spread(start, op.src_start, at, op.dest_start)
        start, at = op.src_end, op.dest_end
    if start < len(original) and at == len(repaired):
        found[at - 1] = (found.get(at - 1, (start - 1, start))[0], len(original))
    else:
        found |= _spread(start, len(original), at, len(repaired))
    return RepairedText(repaired, tuple(found), tuple(found.values()))


def _spread(start: int, end: int, first: int, last: int) -> dict[int, tuple[int, int]]:
    """Return the offsets from `first` to `last`, each with its share of the original stretch `start` to `end`."""
    length, count = end - start, last - first
    return {first + i: (start + i * length // count, start + (i + 1) * length // count) for i in range(count)}
