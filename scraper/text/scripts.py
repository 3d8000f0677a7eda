"""Words of every script, for search and for watches (pure).

Texts and what is searched in them are folded alike: NFKC, case folding, without the marks that are optional in writing
(Arabic vowels and tatweel, Hebrew points, Greek accents, Cyrillic stress, the dot that case folding leaves of "İ").
Marks that spell a vowel or a tone (Devanagari, Thai) are parts of their letters, and so are accents of Latin letters.

Chinese, Japanese, Thai, Lao, Khmer, Burmese and some others have no blanks between words. There a word is found
wherever its characters stand in a row. The full-text index has them as overlapping pairs ("湄公 公河 河").
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import regex

from scraper.text import normalize

# Letters, digits and marks of the scripts without blanks; of the common signs, the prolonged sound mark of Japanese.
_CHAR = (
    r"[[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Bopo}\p{sc=Yiii}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}\p{sc=Java}"
    r"\p{sc=Lana}\p{sc=Tale}\p{sc=Talu}\p{sc=Tavt}\p{sc=Ahom}ー]&&[\p{L}\p{N}]]"
)
# A character is a letter with its marks.
_RUN = rf"{_CHAR}[{_CHAR}\p{{M}}]*+"
_UNSPACED = regex.compile(rf"(?V1){_RUN}")
_CLUSTERS = regex.compile(rf"(?V1){_CHAR}\p{{M}}*+")
# A word of the other scripts is a run of letters and digits with their marks.
_TOKEN = regex.compile(rf"(?V1)(?P<run>{_RUN})|(?:[[\p{{L}}\p{{N}}]--{_CHAR}]\p{{M}}*+)++")
# The same in a text as it is written: invisible characters and tatweel belong to the word around them.
_WRITTEN = regex.compile(
    rf"(?V1){_CHAR}[\p{{M}}\p{{Cf}}\uff9e\uff9f]*+|(?:[[\p{{L}}\p{{N}}]--{_CHAR}][\p{{M}}\p{{Cf}}]*+)++"
)
# Characters that folding leaves as they are, or changes as SQLite's tokenizer does: those of most texts in English and
# other languages of Europe, Vietnamese and Russian; and of Arabic, Persian, Urdu and Hindi.
_EUROPEAN = (
    r"\x00-\x7f\u00a0-\u00a7\u00a9\u00ab\u00b0\u00b6\u00b7\u00bb\u00c0-\u00de\u00e0-\u012f\u0134-\u013e\u0141-\u0148"
    r"\u014a-\u017e\u01a0\u01a1\u01af\u01b0\u0401-\u045f\u1ea0-\u1ef9\u2010-\u2027\u20ac"
)
_IS_EUROPEAN = regex.compile(f"[{_EUROPEAN}]*+")
_IS_PLAIN = regex.compile(
    rf"[{_EUROPEAN}\u060c\u061b\u061f-\u063a\u0641-\u064a\u0660-\u066f\u0671-\u0674\u0679-\u06d5\u06ee-\u06fc"
    r"\u0901-\u0928\u092a-\u0930\u0932\u0933\u0935-\u0939\u093d-\u0950\u0960-\u096f]*+"
)
# Marks that the scripts of these blocks leave out or add; those of other scripts spell a sound of their own.
_OPTIONAL = regex.compile(
    r"(?V1)[[\p{M}&&[\p{sc=Zinh}\p{sc=Grek}\p{sc=Cyrl}\p{sc=Hebr}\p{sc=Arab}\p{sc=Syrc}\p{sc=Mong}]]\u0640--[\u3099\u309a]]"
)
# NFKC decomposes the vowel AM and leaves a tone between its halves, before or after the first.
_AM = regex.compile(r"([\u0e4d\u0ecd])([\u0e48-\u0e4b\u0ec8-\u0ecb])(?=[\u0e32\u0eb2])")
# Greek capitals have no accents.
_GREEK = regex.compile(r"\p{sc=Grek}++")
POINTED = r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?![^\W_])"
"""Pattern of an abbreviation with a point between its letters, such as U.S."""
# The same without its first letter: a search for a point is many times faster than one for a letter.
_POINTS = re.compile(r"\.(?<=[^\W\d_]\.)(?<![^\W_][^\W\d_]\.)[^\W\d_](?:\.[^\W\d_])*(?![^\W_])")
_GAP = "·"
# Korean writes these behind a noun without a blank; as in other scripts, a longer word is another word.
_KOREAN_PARTICLES = (
    "은 는 이 가 을 를 의 에 에서 에게 에게서 께 께서 로 으로 로서 으로서 로써 으로써 로부터 으로부터 와 "
    "과 랑 이랑 하고 도 만 부터 까지 조차 마저 보다 처럼 이나 나 라도 이라도 이며 며 이고 이다 라고 "
    "이라고 라는 이라는 에는 에도 에만 에의 에서는 에서도 에서의 에게는 에게도 로는 으로는 로의 으로의 "
    "와는 와도 와의 과는 과도 과의 까지의 부터의 만의 들 들은 들이 들을 들의 들에 들에게 들과 들도"
).split()
_ENDS_IN_KOREAN = regex.compile(r"\p{sc=Hang}$")


class Place(NamedTuple):
    """A word, or a character of a script without blanks: its folded form, and its span in the text as written."""

    key: str
    start: int
    end: int


def is_plain(text: str) -> bool:
    """Return True if a text needs no folding of our own for the full-text index."""
    return text.isascii() or _IS_PLAIN.fullmatch(text) is not None


def fold_marks(text: str) -> str:
    """Return a text after NFKC and case folding, without optional marks and invisible characters."""
    folded = normalize.fold(text)
    if folded.isascii():
        return folded
    folded = _GREEK.sub(lambda run: unicodedata.normalize("NFD", run.group()), folded)
    marked: str = _AM.sub(r"\2\1", _OPTIONAL.sub("", folded))
    return marked


def words(text: str) -> list[str]:
    """Return the words of a text, folded; each character of a script without blanks is a word of its own.

    Between two runs of such characters that something separates stands a word that no text has.
    """
    if _IS_EUROPEAN.fullmatch(text):
        return normalize.words(text)
    found: list[str] = []
    after_run = False
    for match in _TOKEN.finditer(fold_marks(text)):
        is_run = match["run"] is not None
        if is_run and after_run:
            found.append(_GAP)
        found.extend(_CLUSTERS.findall(match.group()) if is_run else [match.group()])
        after_run = is_run
    return found


def has_word(text: str) -> bool:
    """Return True if a text has a word of a letter or a digit, which full-text search can find."""
    return any(char.isalnum() for word in words(text) for char in word)


def length(text: str) -> int:
    """Return the number of words of a text; two characters of a script without blanks count as one word."""
    found = words(text)
    return len(found) if text.isascii() else len(found) - sum(map(len, _UNSPACED.findall(text))) // 2


def inflections(phrase: str) -> tuple[str, ...]:
    """Return a folded phrase in the forms in which texts have it: itself, and in Korean with each particle."""
    if not _ENDS_IN_KOREAN.search(phrase):
        return (phrase,)
    return (phrase, *(phrase + particle for particle in _KOREAN_PARTICLES))


def without_points(text: str) -> str:
    """Return a text with its abbreviations without points: "the US." for "the U.S."."""
    return _POINTS.sub(lambda points: points[0].replace(".", ""), text)


def without_unspaced(text: str) -> str:
    """Replace the characters of scripts without blanks by blanks, so that the words beside them stand alone."""
    return text if text.isascii() else _UNSPACED.sub(lambda run: " " * len(run.group()), text)


def index_text(text: str) -> str:
    """Return a text as the full-text index has it: its folded words, with pairs for scripts without blanks.

    Other characters are left out: SQLite takes those that it does not know, or that are for private use, for letters.
    The last character of a run stands alone after its pair, so that every character begins a token.
    """
    return text if is_plain(text) else _index_words(fold_marks(text))


def index_phrase(text: str) -> tuple[str, bool]:
    """Return what is searched as the index has it, and True if its last token is only the beginning of one there."""
    folded = text if is_plain(text) else fold_marks(text)
    last = deque(_TOKEN.finditer(folded), maxlen=1)
    if not last or last[0]["run"] is None:
        return _index_words(folded), False
    pairs = _pairs(last[0].group())
    return " ".join([_index_words(folded[: last[0].start()]), *(pairs[:-1] or pairs)]), len(pairs) == 1


def places(text: str) -> Iterator[Place]:
    """Yield the words of a text (see `words`, but without what separates runs) with their spans, accents dropped."""
    for match in _WRITTEN.finditer(text):
        if key := bare(match.group()):
            yield Place(key, *match.span())


def bare(text: str) -> str:
    """Return a text folded and without its accents, as SQLite's tokenizer compares it."""
    folded = fold_marks(text)
    if folded.isascii():
        return folded
    letters: str = _OPTIONAL.sub("", unicodedata.normalize("NFD", folded))
    return letters


def name_line(text: str) -> str:
    """Return the words of a name, or of a text with names, between single blanks, as names are compared.

    Letter case, accents and signs do not count: a keyboard may lack the "ô" and the "’" of "Côte d’Ivoire".
    """
    return " ".join(words(bare(without_points(text))))


def name_key(name: str) -> str:
    """Return the joined words of a name or label that is compared as a whole; see `name_line`."""
    return normalize.word_key(bare(name))


def _index_words(folded: str) -> str:
    found = _TOKEN.finditer(folded)
    return " ".join(" ".join(_pairs(word.group())) if word["run"] is not None else word.group() for word in found)


def _pairs(run: str) -> list[str]:
    characters = _CLUSTERS.findall(run)
    return [*map("".join, pairwise(characters)), characters[-1]]
