"""Normal forms of texts: words, keys for comparing, cleaning of control characters, paragraphs, truncation (pure)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import takewhile

from scraper.text import signs
from scraper.text.mojibake import C1_CONTROL, REPLACEMENT, fix_mojibake

# A word is a run of letters and digits. Combining marks that NFKC does not compose (Arabic vowels) are neither.
_NO_WORD = re.compile(r"[^\w\n]|_")
# A replacement of one character at a time is three times faster than a regular expression while they are few. Most
# texts have no signs but these; to find all characters of a text takes longer than to replace them.
_MAX_REPLACED = 60
_FREQUENT_SIGNS = ".,-’'“”\"():;–—?!/$‘…%&[]@*#_+«»•|"
# A search for a blank is many times faster than one for a digit before it.
_TWO_NUMBERS = re.compile(r" (?<=\d )\d")
_BETWEEN_NUMBERS = re.compile(r" (?=\d)(?:(?<=\d )|(?<=\d, ))")
_GROUPS_OF_DIGITS = re.compile(r"(?<![^ ])\d{1,3}(?: \d{3})+(?![^ ])")
_HAS_GROUP = re.compile(r" (?<=\d )\d{3}(?![^ ])")
_BEFORE_NUMBER = re.compile(r" (?<=\d )(?=\d)")
# Any letter that occurs in no text serves.
_NUMBER_SEPARATOR = "\u0298"
_UNWANTED = {"Cc", "Cs", "Co", "Cn"}
# Category Cf: invisible, without meaning between letters (zero-width characters, bidi controls, soft
# hyphen, tags). A character class, because `unicodedata.category` for each character of a text is slow.
FORMAT = (
    "[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)
_FORMAT = re.compile(FORMAT)
# Embeddings, overrides and isolates of writing direction: they would also reverse the text after them on the line.
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_LEAD_CHARS = 200
_MAX_MARKS = 30
# For `re`, combining marks are neither word characters nor general punctuation: a match includes any long run of them.
_NO_WORDS = re.compile(r"[^\w\s\x00-\x7f\u2010-\u206f]{31,}")
# All combining marks are among these; few texts in Latin letters have any of them.
_MAY_BE_MARK = re.compile("[\u0300-\u200f\u2070-\U0010ffff]")
_WHITE_SPACE = str.maketrans("\n\t\u00a0\u202f\u2009", "     ")


def words(text: str) -> list[str]:
    """Return the runs of letters and digits of a text after NFKC and case folding, in order."""
    return blank_signs(fold(text)).split()


def blank_signs(folded: str) -> str:
    """Return a folded text with a blank for each character that is neither letter nor digit; line ends stay."""
    for char in _FREQUENT_SIGNS:
        folded = folded.replace(char, " ")
    if folded.replace(" ", "").replace("\n", "").isalnum():
        return folded
    others = {char for char in set(folded) if not char.isalnum()} - {" ", "\n"}
    if len(others) > _MAX_REPLACED:
        return _NO_WORD.sub(" ", folded)
    for char in others:
        folded = folded.replace(char, " ")
    return folded


def fold(text: str) -> str:
    """Return a text after NFKC and case folding, without invisible characters."""
    return unicodedata.normalize("NFKC", _strip_format(text)).casefold()


def word_key(text: str) -> str:
    """Return the joined words (see `join_words`), by which titles and labels are compared: signs do not count."""
    return join_words(words(text))


def has_key(text: str, key: str) -> bool:
    """Return True if a text has this `word_key`. The length alone excludes most lines of a page."""
    # Beyond ASCII, one character may stand for many.
    return (len(text) >= len(key) or not text.isascii()) and word_key(text) == key


def wording_key(text: str) -> str:
    """Return the joined words and signs of values. Texts with equal keys have the same wording ("D.C." = "DC").

    "$58" is not "€58", "12" is not "-12" and "2.5" is not "2–5"; all other signs are typography.
    """
    return measure_wording(text)[0]


def measure_wording(text: str) -> tuple[str, int]:
    """Return the `wording_key` of a text and the number of its words."""
    folded = fold(text)
    apart = blank_signs(folded)
    found = apart.split()
    with_signs = signs.set_signs(folded, apart)
    return join_words(found if with_signs is apart else with_signs.split()), len(found)


def join_words(words: Iterable[str]) -> str:
    """Join words, but keep numbers apart: "2.5" is not "25". Groups of three digits are one number ("1,000")."""
    line = " ".join(words)
    if _TWO_NUMBERS.search(line):
        if _HAS_GROUP.search(line):
            line = _GROUPS_OF_DIGITS.sub(lambda number: number.group().replace(" ", ""), line)
        line = _BEFORE_NUMBER.sub(_NUMBER_SEPARATOR, line)
    return line.replace(" ", "")


def key_sha256(key: str) -> str:
    """Return the SHA-256 of a key in hex: of `wording_key`, it is equal for texts with the same wording."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def visible_key(text: str) -> str:
    """Return the visible characters (NFC). Texts with equal keys look the same.

    White space counts only between numbers: "May 5, 200" is not "May 5,200", nor is "2 1/2" "21/2".
    """
    line = " ".join(unicodedata.normalize("NFC", _strip_format(text)).split())
    return _BETWEEN_NUMBERS.sub("\n", line).replace(" ", "")


def clean(text: str) -> str:
    """Return one line that is safe to store and show: no control characters or lone surrogates, white space folded.

    A control character above 127 is part of a wrongly decoded letter. If that cannot be repaired, it becomes U+FFFD.
    """
    return " ".join(_safe(text).split())


def clean_block(text: str) -> str:
    """Clean each line as `clean` does: the line breaks of a paragraph (from `<br>`) stay, empty lines are removed."""
    safe = _safe(text)
    if safe.isprintable():
        return " ".join(safe.split())  # most paragraphs: one line
    lines = (" ".join(line.split()) for line in safe.splitlines())
    return "\n".join(line for line in lines if line)


def strip_bidi_controls(text: str) -> str:
    """Remove the characters that would reverse the writing direction of the words after them."""
    return text.translate(_BIDI_CONTROLS)


def is_formula(cell: str) -> bool:
    """Return True if a spreadsheet may take a cell of text for a formula.

    It begins with one of = + - @ in any spelling (full-width, small, raised), perhaps after blanks or invisible
    characters, or with a tab or a line end.
    """
    if cell.startswith(("\t", "\r", "\n")):
        return True
    first = _FORMAT.sub("", cell[:_LEAD_CHARS]).lstrip()[:1]
    return unicodedata.normalize("NFKC", first).replace("\u2212", "-").startswith(("=", "+", "-", "@"))


def join(paragraphs: Sequence[str]) -> str:
    """Join paragraphs to a body as it is stored and compared, separated by one empty line."""
    return "\n\n".join(paragraphs)


def paragraphs(text: str) -> tuple[str, ...]:
    """Split a body into the paragraphs that `join` joined."""
    return tuple(p for p in re.split(r"\n\s*\n", text) if p.strip())


def without_byline(body: Sequence[str], byline: str | None) -> tuple[str, ...]:
    """Remove the leading paragraphs of a body that together have the byline's words.

    State repeats the byline as the first paragraphs of the body; the speaker is a field of its own.
    """
    wanted = word_key(byline) if byline else ""
    if not wanted:
        return tuple(body)
    seen = ""
    for count, paragraph in enumerate(body, start=1):
        seen += word_key(paragraph)
        if seen == wanted:
            return tuple(body[count:])
        if not wanted.startswith(seen):
            break
    return tuple(body)


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 statement`, `2 statements`, `2 copies`."""
    return f"1 {noun}" if number == 1 else f"{number:,} {plural(noun)}"


def plural(noun: str) -> str:
    """Return the plural of a noun: `statements`, `watches`, `copies`."""
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith("ch") else f"{noun}s"


def truncate(text: str, chars: int) -> str:
    """Cut a text to at most `chars` characters, an ellipsis included."""
    return text if len(text) <= chars else text[: chars - 1].rstrip() + "…"


def first_difference(before: str, after: str) -> tuple[str, str]:
    """Return the first paragraphs of two bodies that look different, from `_LEAD_CHARS` before their difference.

    If one body ends before a difference, return the further paragraphs of the other.
    """
    olds, news = paragraphs(before), paragraphs(after)
    for old, new in zip(olds, news, strict=False):
        if visible_key(old) != visible_key(new):
            alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
            start = max(0, alike - _LEAD_CHARS)
            return ("…" if start else "") + old[start:], ("…" if start else "") + new[start:]
    return join(olds[len(news) :]), join(news[len(olds) :])


def remove_format(text: str) -> tuple[str, list[int]]:
    """Return a text without invisible characters, and where they were."""
    removed = [match.start() for match in _FORMAT.finditer(text)] if _may_have_format(text) else []
    return (_FORMAT.sub("", text) if removed else text), removed


def _strip_format(text: str) -> str:
    if text.isascii():
        return text
    return _limit_marks(_FORMAT.sub("", text) if _may_have_format(text) else text)


def _may_have_format(text: str) -> bool:
    """Return False if a text has no invisible characters for certain: they are not printable."""
    return not (text.isascii() or text.replace("\n", " ").replace("\u00a0", " ").isprintable())


def _limit_marks(text: str) -> str:
    """Cut runs of combining marks to `_MAX_MARKS` (the stream-safe format of UAX #15).

    Normalising a longer run takes time that grows with its square.
    """

    def without_excess(run: re.Match[str]) -> str:
        if not any(map(unicodedata.combining, run.group())):
            return run.group()  # emoji, for example
        kept, marks = [], 0
        for character in run.group():
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks <= _MAX_MARKS:
                kept.append(character)
        return "".join(kept)

    return _NO_WORDS.sub(without_excess, text) if _MAY_BE_MARK.search(text) else text


def _safe(text: str) -> str:
    if not text.isascii():
        text = _limit_marks(text)
    if text.isprintable():
        return text
    text = text.replace("\r", "\n")
    if text.translate(_WHITE_SPACE).isprintable():
        return text
    if C1_CONTROL.search(text):
        text = C1_CONTROL.sub(REPLACEMENT, fix_mojibake(text))
    return "".join(c if c in "\n\t" or unicodedata.category(c) not in _UNWANTED else " " for c in text)
