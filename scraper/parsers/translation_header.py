"""Reader of the lines above the text of a translation: department, office, type, speaker, place, date (pure).

Each of them may be missing, and they come in any order. Only a line that is nothing but one of them belongs to the
header, which ends at the first other line: a sentence of the text is never taken for a part of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scraper import urls
from scraper.parsers import local_dates, vocabulary
from scraper.parsers.local_names import ENGLISH, Names, fold, key, languages, names
from scraper.parsers.page_furniture import PageFields
from scraper.text import normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scraper.parsers.dates import DatedTime
    from scraper.parsers.page_furniture import PageMeta

TRANSLATION = "Translation"
"""Type that State gives to all translations; the one in the header says more."""
_MAX_LINES = 14
_MAX_CHARS = 160
_MAX_NAME_CHARS, _MAX_NAME_WORDS, _MAX_POST_WORDS = 60, 7, 10
_MAX_PIECES = 6
_MAX_NOTICE_CHARS = 500
_SEPARATOR = re.compile(r"(\s?[,،，、–—|]\s?|\s-\s)")
_COMMA = re.compile(r"\s?[,،，、]\s?")
_NO_NAME = re.compile(r"[\d?!:;…\"«»“”„|()\[\]。！？：；؟؛۔।/]")
_ENDS_SENTENCE = re.compile(r"\w{3}\.\Z")
_PARTICLES = frozenset(
    "a al an au aux bin bint d da das de del della den der di do dos du el en em i ibn in la las le les los na no of "
    "the u und v van von y à в у на".split()
)
# A name in scripts without capitals: an initial, or a dot between given name and surname. Chinese surnames are short.
_INITIAL = re.compile(r"(?:\A|\s)\w\.(?:\s|\Z)")
_HAN_NAME = r"(?:[\u3400-\u9fff]{1,5}|[A-Z])"
_DOTTED = re.compile(rf"{_HAN_NAME}(?:[·•・]{_HAN_NAME}){{1,3}}|[\u30a0-\u30ffA-Z.=＝]{{3,30}}")
_HAN_OR_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_ORIGINAL = re.compile(r"\A(\S[^:：]{1,80}?)[\s:：]{0,4}(https?://\S{1,400})")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|(?<=[。।۔؟])")
# Fields of a header by name, as written.
_Fields = dict[str, str]
_STRONG = frozenset({"department", "office", "embassy"})


def read(body: Sequence[str], title: str, meta: PageMeta, language: str | None) -> tuple[tuple[str, ...], PageFields]:
    """Return the text of a translation without its header and courtesy notices, and the fields of the page.

    The fields in `meta` count before those of the header. If the page does not name one of the known languages, the
    one in which most of the header can be read is taken.
    """
    candidates = (language,) if language in languages() else (ENGLISH, *languages())
    readers = [_Reader(each, title) for each in candidates]
    read_by = [(*reader.split(body), reader) for reader in readers]
    # The first of equals; English has the fewest names.
    fields, rest, reader = max(read_by, key=lambda found: len(found[0]))
    return rest, reader.header(fields, meta)


class _Reader:
    """Reader of the header lines of one language."""

    def __init__(self, language: str, title: str) -> None:
        self._language = language
        self._names: Names = names(language)
        self._title = normalize.word_key(title)
        known = self._names
        self._lookups: tuple[tuple[str, Callable[[str], bool]], ...] = (
            ("department", known.department.__contains__),
            ("office", known.offices.__contains__),
            ("type", known.kinds.__contains__),
            ("place", known.places.__contains__),
            ("release", known.release.__contains__),
        )

    def split(self, body: Sequence[str]) -> tuple[_Fields, tuple[str, ...]]:
        """Return the fields of the header above a text, and the text without header and notices."""
        body = self._without_notices(body)
        lines = list(_lines(body))
        found: _Fields = {}
        count = 0
        while count < len(lines):
            used, fields = self._next(lines[count:], found)
            if not used or any(field in found and field != "place" for field in fields):
                break
            if "place" in fields and "place" in found:
                fields["place"] = f"{found['place']}, {fields['place']}"
            found |= fields
            count += used
        rest = _without_lines(body, count)
        if not _is_header(found) and not self._is_day_alone(found, rest):
            return {}, tuple(body)
        return found, self._without_notices(rest)

    def header(self, found: _Fields, meta: PageMeta) -> PageFields:
        """Return the fields of a page: those in its markup, else those found in its header."""
        line = meta.byline or found.get("byline") or found.get("office") or found.get("embassy")
        speaker, office = self._attribution(line) if line else (None, None)
        kind = self._kind(meta.type)
        own = self._kind(found.get("type"))
        bureau = office or found.get("office") or found.get("embassy")
        return PageFields(
            type=own if own and kind in {None, TRANSLATION} else kind or meta.type,
            byline=line,
            speaker=speaker,
            bureau=self._names.offices.get(key(bureau), bureau) if bureau else None,
            place=meta.place or found.get("place"),
            dated=self._day(meta.date) or self._day(found.get("date")),
            language=self._language if found and self._language != ENGLISH else None,
        )

    def _kind(self, line: str | None) -> str | None:
        if not line or len(line) > _MAX_CHARS:
            return None
        return vocabulary.document_type(line) or self._names.kinds.get(key(line))

    def _day(self, line: str | None) -> DatedTime | None:
        return local_dates.parse_day(line, self._language) if line else None

    def _is_day_alone(self, found: _Fields, rest: Sequence[str]) -> bool:
        """Return True if a header is a day and no other line, unless the text has more such lines, as a chronology."""
        return found.keys() == {"date"} and self._day(found["date"]) is not None and not any(map(self._day, rest))

    def _next(self, lines: Sequence[str], found: _Fields) -> tuple[int, _Fields]:
        """Return the number of lines that the next part of a header takes, 0 at the end of it, and its fields."""
        line = lines[0]
        if fields := self._fields(line):
            return 1, fields
        if len(lines) < 2:
            return 0, {}
        if len(lines[1]) <= _MAX_CHARS and key(lines[1]) in self._names.posts and _is_name(line):
            return 2, {"byline": f"{line}, {lines[1]}"}
        after = self._fields(lines[1])
        if after and self._attribution(line)[0]:
            return 1, {"byline": line}
        if found and "date" in after and self._is_city(line):
            return 1, {"place": line}
        return 0, {}

    def _fields(self, line: str) -> _Fields:
        """Return the fields that a line gives if it is nothing else, else none."""
        if len(line) > _MAX_CHARS:
            return {}
        if self._title and normalize.word_key(line) == self._title:
            return {"title": line}
        if fields := self._single(line):
            return fields
        speaker, office = self._attribution(line)
        if speaker and (office or _COMMA.search(line) or (_is_capitalised(speaker) and not line.isupper())):
            return {"byline": line} | ({"office": office} if office else {})
        pieces = _SEPARATOR.split(line)
        return self._compound(pieces) if 1 < len(pieces) < 2 * _MAX_PIECES else {}

    def _single(self, line: str) -> _Fields:
        written = key(line)
        for field, has in self._lookups:
            if has(written):
                return {field: line}
        if local_dates.is_numeric(line) or self._day(line):
            return {"date": line}
        return {"embassy": line} if self._is_embassy(line) else {}

    def _compound(self, pieces: Sequence[str]) -> _Fields:
        """Return the fields of a line in parts ("Washington, le 22 décembre 2022") if each part is one, else none."""
        for end in range(len(pieces), 0, -2):
            first = self._single("".join(pieces[:end]))
            if first and end == len(pieces):
                return first
            others = self._compound(pieces[end + 1 :]) if first else {}
            if others and first.keys().isdisjoint(others):
                return first | others
        return {}

    def _is_embassy(self, line: str) -> bool:
        """Return True for an embassy of the United States, with or without its city or country."""
        words = line.split()
        if len(words) > _MAX_NAME_WORDS + _MAX_POST_WORDS or _NO_NAME.search(line):
            return False
        for count in range(len(words), 0, -1):
            if key(" ".join(words[:count])) in self._names.embassy:
                place = " ".join(words[count:])
                return not place or (_is_capitalised(words[-1]) and _is_name(place))
        return False

    def _is_city(self, line: str) -> bool:
        """Return True for "City, Country"."""
        if len(line) > _MAX_CHARS:
            return False
        *places, country = _COMMA.split(line)
        return 0 < len(places) <= 2 and key(country) in self._names.countries and all(map(_is_name, places))

    def _attribution(self, line: str) -> tuple[str | None, str | None]:
        """Return speaker and office of a byline: "NAME, post", "post, NAME", "post NAME", "office, NAME", or an office.

        (None, None) for a line that is none of these.
        """
        if len(line) > _MAX_CHARS:
            return None, None
        known = self._names
        if key(line) in known.offices:
            return None, line
        for comma in _COMMA.finditer(line):
            before, after = line[: comma.start()], line[comma.end() :]
            if key(after) in known.posts and _is_name(before):
                return before, None
            if key(before) in known.posts and _is_name(after):
                return after, None
            if key(before) in known.offices and _is_name(after) and _is_capitalised(after):
                return after, before
        return self._beside_post(line), None

    def _beside_post(self, line: str) -> str | None:
        """Return the name beside a post without a comma."""
        if _HAN_OR_KANA.search(line):
            parts = [(line[:at], line[at:]) for at in range(1, min(len(line), _MAX_NAME_CHARS))]
            for before, after in [*reversed(parts), *((after, before) for before, after in parts)]:
                if key(before) in self._names.posts and _DOTTED.fullmatch(after):
                    return after
            return None
        words = line.split()
        for count in range(min(len(words) - 1, _MAX_POST_WORDS), 0, -1):
            name = " ".join(words[count:])
            if key(" ".join(words[:count])) in self._names.posts:
                is_whole = " " in name and _is_capitalised(name)
                return name if _is_name(name) and (is_whole or _INITIAL.search(name)) else None
        return None

    def _without_notices(self, body: Sequence[str]) -> tuple[str, ...]:
        """Remove the lines at both ends that say that the page is a courtesy translation, or link to its original."""
        body = self._without_first_notices(body)
        end = self._without_first_notices(_reversed(body[-_MAX_LINES:]))
        return (*body[:-_MAX_LINES], *_reversed(end))

    def _without_first_notices(self, body: Sequence[str]) -> tuple[str, ...]:
        count = next((n for n, line in enumerate(_lines(body)) if not self._is_notice(line)), 0)
        return _without_lines(body, count) if count else tuple(body)

    def _is_notice(self, line: str) -> bool:
        if len(line) > _MAX_NOTICE_CHARS:
            return False
        if (link := _ORIGINAL.fullmatch(line)) and key(link[1]) in self._names.original:
            return urls.is_state(urls.host(link[2]))
        return any(_is_courtesy(line, stems) for stems in self._names.courtesy)


def _is_courtesy(line: str, stems: Sequence[Sequence[str]]) -> bool:
    """Return True for a courtesy notice: it has a stem of each list, and each of its sentences has two of them."""
    said = [
        {n for n, each in enumerate(stems) if any(stem in sentence for stem in each)}
        for sentence in map(fold, _SENTENCE_END.split(line))
        if sentence
    ]
    return all(len(each) > 1 for each in said) and len(set[int]().union(*said)) == len(stems)


def _is_header(found: _Fields) -> bool:
    """Return True if the lines at the top are a header: one that cannot be text, or two of different kinds."""
    return not _STRONG.isdisjoint(found) or len(found) > 1 or _is_capitalised(found.get("byline", ""))


def _lines(body: Sequence[str]) -> Iterator[str]:
    """Yield the first lines of a text; a paragraph may have line breaks."""
    count = 0
    for paragraph in body[:_MAX_LINES]:
        for line in paragraph.split("\n", _MAX_LINES)[:_MAX_LINES]:
            yield line
            if (count := count + 1) == _MAX_LINES:
                return


def _without_lines(body: Sequence[str], count: int) -> tuple[str, ...]:
    """Remove the first lines of a text."""
    for n, paragraph in enumerate(body):
        lines = paragraph.split("\n")
        if count < len(lines):
            return ("\n".join(lines[count:]), *body[n + 1 :])
        count -= len(lines)
    return ()


def _reversed(body: Sequence[str]) -> tuple[str, ...]:
    """Return a text with its lines in reverse order."""
    return tuple("\n".join(paragraph.split("\n")[::-1]) for paragraph in reversed(body))


def _is_name(text: str) -> bool:
    """Return True if a text has the shape of a person's name; in scripts with capitals each word begins with one."""
    return (
        0 < len(text) <= _MAX_NAME_CHARS
        and _NO_NAME.search(text) is None
        and _ENDS_SENTENCE.search(text) is None
        and len(words := text.split()) <= _MAX_NAME_WORDS
        and all(map(_is_name_word, words))
    )


def _is_name_word(word: str) -> bool:
    word = word.strip(".,،«»'’")
    return word[:1] == word[:1].upper() or word.lower() in _PARTICLES


def _is_capitalised(text: str) -> bool:
    return text[:1] != text[:1].lower()
