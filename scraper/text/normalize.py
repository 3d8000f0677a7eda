"""What the words of a text are, and which differences between two texts are none (pure)."""

from __future__ import annotations

import re
import unicodedata
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


# A word is a run of letters and digits. Combining marks that NFKC leaves apart (Arabic vowels) are neither.
_WORD = re.compile(r"[^\W_]+")
_GROUPS_OF_DIGITS = re.compile(r"(?<![^ ])\d{1,3}(?: \d{3})+(?![^ ])")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d) (?=\d)")
# Any letter that no text has would do.
_BESIDE = "\u0298"
_UNWANTED = {"Cc", "Cs", "Co", "Cn"}
# Category Cf: invisible, without meaning between letters (zero-width characters, bidi controls, soft
# hyphen, tags). As a class, because asking for the category of each character of a text is slow.
FORMAT = (
    "[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)
_FORMAT = re.compile(FORMAT)
# Embeddings, overrides and isolates of writing direction: what follows them on the line would be turned as well.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
# What stands for a character that could not be decoded.
REPLACEMENT = "\ufffd"
# Bytes above 127 read as Latin-1: no text has such controls, but for the line end U+0085.
C1_CONTROL = re.compile("[\u0080-\u0084\u0086-\u009f]")
_LEAD_CHARS = 200
_MAX_MARKS = 30
# Combining marks are no word characters for `re`, nor general punctuation: a long run of them is in one of these.
_NO_WORDS = re.compile(r"[^\w\s\x00-\x7f\u2010-\u206f]{31,}")
_WHITE_SPACE = str.maketrans("\n\t\u00a0\u202f\u2009", "     ")


def words(text: str) -> list[str]:
    """The letter-and-digit runs of a text after NFKC and case folding, in order."""
    return _WORD.findall(unicodedata.normalize("NFKC", _bare(text)).casefold())


def word_key(text: str) -> str:
    """The words joined (see `joined`). Texts with equal keys have the same wording ("D.C." = "DC")."""
    return join_words(words(text))


def join_words(words: Iterable[str]) -> str:
    """Words without what parts them, but for numbers: "2.5" is not "25". Groups of three digits are one ("1,000")."""
    line = _GROUPS_OF_DIGITS.sub(lambda number: number.group().replace(" ", ""), " ".join(words))
    return _BETWEEN_NUMBERS.sub(_BESIDE, line).replace(" ", "")


def visible_key(text: str) -> str:
    """The visible characters (NFC, all white space left out). Texts with equal keys look the same."""
    return "".join(unicodedata.normalize("NFC", _bare(text)).split())


def clean(text: str) -> str:
    """One line fit to be stored and shown: no control characters or lone surrogates, white space folded.

    A control character above 127 stands for a letter that was misread, and is marked as one that is lost.
    """
    return " ".join(_safe(text).split())


def clean_block(text: str) -> str:
    """As `clean`, line by line: the line breaks that a paragraph has (from `<br>`) stay, empty lines go."""
    lines = (" ".join(line.split()) for line in _safe(text).splitlines())
    return "\n".join(line for line in lines if line)


def strip_bidi_controls(text: str) -> str:
    """Without what would turn the words after it around."""
    return text.translate(_TURNING)


def join(paragraphs: Sequence[str]) -> str:
    """A body as it is stored and compared: paragraphs parted by one empty line."""
    return "\n\n".join(paragraphs)


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs that `join` joined."""
    return tuple(p for p in re.split(r"\n\s*\n", text) if p.strip())


def without_byline(body: Sequence[str], byline: str | None) -> tuple[str, ...]:
    """The body without its leading paragraphs that together have the byline's words.

    State repeats the byline as the first paragraphs of the body; who speaks is a field of its own.
    """
    wanted = word_key(byline or "")
    had = ""
    for count, paragraph in enumerate(body, start=1):
        had += word_key(paragraph)
        if wanted and had == wanted:
            return tuple(body[count:])
        if not wanted.startswith(had):
            break
    return tuple(body)


def truncate(text: str, chars: int) -> str:
    """The text, or as much of its beginning as fits into so many characters with an ellipsis."""
    return text if len(text) <= chars else text[: chars - 1].rstrip() + "…"


def first_difference(before: str, after: str) -> tuple[str, str]:
    """The first paragraphs of two bodies that do not look the same, from a little before where they part.

    Where one body ends first, what the other has more.
    """
    olds, news = paragraphs(before), paragraphs(after)
    for old, new in zip(olds, news, strict=False):
        if visible_key(old) != visible_key(new):
            alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
            start = max(0, alike - _LEAD_CHARS)
            return ("…" if start else "") + old[start:], ("…" if start else "") + new[start:]
    return join(olds[len(news) :]), join(news[len(olds) :])


def _bare(text: str) -> str:
    return text if text.isascii() else _bounded(_FORMAT.sub("", text))


def _bounded(text: str) -> str:
    """The text with at most `_MAX_MARKS` combining marks in a row (the stream-safe format of UAX #15).

    Normalising a longer run takes time that grows with its square.
    """

    def without_excess(run: re.Match[str]) -> str:
        kept, marks = [], 0
        for character in run.group():
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks <= _MAX_MARKS:
                kept.append(character)
        return "".join(kept)

    return _NO_WORDS.sub(without_excess, text)


def _safe(text: str) -> str:
    if not text.isascii():
        text = _bounded(text)
    if text.isprintable():
        return text
    text = text.replace("\r", "\n")
    if text.translate(_WHITE_SPACE).isprintable():
        return text
    text = C1_CONTROL.sub(REPLACEMENT, text)
    return "".join(c if c in "\n\t" or unicodedata.category(c) not in _UNWANTED else " " for c in text)
