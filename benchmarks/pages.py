"""Generator of pages from real statements, as other sites make them, each with its right answer; seeded."""

from __future__ import annotations

import hashlib
import random
import re
import shutil
import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper.matching import IndexedText, PageToMatch, RevisionKey
from scraper.model import Relation
from scraper.serialize import parse_utc
from scraper.store import Store
from scraper.sweep import index_build
from scraper.sweep.index_file import IndexFile
from scraper.text.tokens import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from scraper.matching.model import Index

HALVES = ("tuned", "judged")
MIN_LEAD_WORDS = 60
_COPIES = frozenset({Relation.VERBATIM, Relation.EXCERPT, Relation.ALTERED})
_EDITION = r"\b20[12]\d\b|\b\d+(?:st|nd|rd|th)\b"
_ORDINALS = {1: "st", 2: "nd", 3: "rd"}


@dataclass(frozen=True, slots=True)
class Case:
    """Page, and the relations of the statements that it carries, by row; empty if it carries none."""

    kind: str
    page: PageToMatch
    wanted: dict[int, Relation]
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Corpus:
    """Real statements: all revisions, and the current one of each."""

    revisions: dict[RevisionKey, IndexedText]
    current: dict[int, RevisionKey]

    def half(self, name: str) -> list[RevisionKey]:
        """Return the current revisions of one half (see `half_of`)."""
        return [key for key in self.current.values() if half_of(self.revisions[key].guid) == name]


def index_without(database: Path, folder: Path, out: Collection[int] = ()) -> Index:
    """Return the wordings of a database without those of some statements, as an index file in a folder."""
    known = folder / "known.db"
    shutil.copy(database, known)
    with Store(known) as store:
        store.database.execute("PRAGMA foreign_keys = OFF")
        with store.unit():
            for statement in out:
                for table in ("revisions", "statement_urls"):
                    store.database.execute(f"DELETE FROM {table} WHERE statement_id = ?", [statement])
                store.database.execute("DELETE FROM statements WHERE id = ?", [statement])
            store.fingerprints.rebuild()
        index_build.build(store, folder / "known.index")
    return IndexFile(folder / "known.index").fingerprints


def half_of(guid: str) -> str:
    """Return the half of a statement, by a hash of its guid."""
    return HALVES[hashlib.sha256(guid.encode()).digest()[0] & 1]


def load(database: Path) -> Corpus:
    """Read a database that `statewire import` made."""
    revisions, current = {}, {}
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        for row in connection.execute(
            "SELECT s.id, r.number, r.title, r.text, r.words_sha256, s.guid, s.url, s.published_at,"
            " r.number = s.revision"
            " FROM revisions r JOIN statements s ON s.id = r.statement_id ORDER BY s.id, r.number"
        ):
            key = RevisionKey(row[0], row[1])
            revisions[key] = IndexedText(
                title=row[2],
                words=Words(row[3]),
                digest=row[4],
                guid=row[5],
                url=row[6],
                published_at=parse_utc(row[7]) if row[7] else None,
                is_current=bool(row[8]),
            )
            if row[8]:
                current[key.statement_id] = key
    return Corpus(revisions, current)


def template(title: str) -> str:
    """Return the first three words of a title, without case and punctuation, which titles of one kind share."""
    return " ".join(re.sub(r"[^\w\s]", " ", title.casefold()).split()[:3])


def held_out(corpus: Corpus) -> set[int]:
    """Return one in six statements, to be left out of the index; half of them have others of their kind in it."""
    return {
        key.statement_id
        for key, text in corpus.revisions.items()
        if hashlib.sha256(b"held out" + text.guid.encode()).digest()[0] % 6 == 0 and key.revision == 1
        if len([k for k in corpus.revisions if k.statement_id == key.statement_id]) == 1
    }


class Pages:
    """Generator of the pages of one half, with one seed."""

    def __init__(self, corpus: Corpus, half: str, seed: int) -> None:
        self._corpus = corpus
        self._rng = random.Random(f"{half} {seed}")
        self._out = held_out(corpus)
        self._titles = [corpus.revisions[key].title for key in corpus.current.values()]
        self._keys = corpus.half(half)
        self._known = [key for key in self._keys if key.statement_id not in self._out]
        self._vocabulary = [word for key in self._keys[:80] for word in self._text(key).words.text.split()]
        kinds: dict[str, int] = defaultdict(int)
        for key in corpus.current.values():
            if key.statement_id not in self._out:
                kinds[template(corpus.revisions[key].title)] += 1
        self._kinds = kinds
        self._digests = {text.digest for key, text in corpus.revisions.items() if key.statement_id not in self._out}
        self._unknown = [self._text(key).words.text for key in self._keys if key.statement_id in self._out]

    def _text(self, key: RevisionKey) -> IndexedText:
        return self._corpus.revisions[key]

    # Copies

    def copies(self) -> Iterator[Case]:
        """Yield one page of each kind for every known statement."""
        for key in self._known:
            text = self._text(key)
            body, whole = text.words.text, {key.statement_id: Relation.VERBATIM}
            yield Case("wrapped", self._wrap(text, body), whole)
            yield Case("doubled", self._wrap(text, body + "\n\n" + text.title + "\n\n" + body), whole)
            yield Case("quote marks", self._wrap(text, re.sub(r"(?m)^(?=\S)", "“", body)), whole)
            if re.search("[–—’“”]", body):
                yield Case("lost characters", self._wrap(text, re.sub("[–—’“”]", "\ufffd", body)), whole)
            if len(text.words) >= MIN_LEAD_WORDS:
                yield Case("lead", self._lead(text), {key.statement_id: Relation.EXCERPT})
            if re.search(r"(?<=[a-z]) today(?= [a-z])", body):
                altered = re.sub(r"(?<=[a-z]) today(?= [a-z])", "", body)
                yield Case("today out", self._wrap(text, altered), {key.statement_id: Relation.ALTERED})
            for name, change in self._changes().items():
                if len(text.words) >= 40:
                    altered = self._altered(body, change)
                    yield Case(f"altered: {name}", self._wrap(text, altered), {key.statement_id: Relation.ALTERED})
        yield from self._three()

    def _three(self) -> Iterator[Case]:
        keys = self._rng.sample(self._known, len(self._known))
        for at in range(0, len(keys) - 2, 3):
            chosen = [self._text(key) for key in keys[at : at + 3]]
            body = "\n\n".join(f"{text.title}\n\n{text.words.text}" for text in chosen)
            page = self._wrap(chosen[0], body, title="Press releases of the week")
            yield Case("three", page, {key.statement_id: Relation.VERBATIM for key in keys[at : at + 3]})

    def _lead(self, text: IndexedText) -> PageToMatch:
        words = list(re.finditer(r"\S+", text.words.text))
        end = words[max(1, round(len(words) * self._rng.uniform(0.2, 0.3))) - 1].end()
        tail = self._rng.choice(["", "…", "...", " […]", " Read more", "\nRead more"])
        return self._wrap(text, text.words.text[:end] + tail)

    def _changes(self) -> dict[str, Callable[[str], str]]:
        rng = self._rng
        return {
            "other words": lambda _: rng.choice(self._vocabulary),
            "left out": lambda _: "",
            "put in": lambda word: f"{word} {rng.choice(self._vocabulary)}",
            "spun": lambda word: word[::-1] if word.isalpha() else str(rng.randrange(2, 99)),
            "mixed": lambda word: rng.choice(
                [rng.choice(self._vocabulary), "", f"{word} {rng.choice(self._vocabulary)}"]
            ),
        }

    def _altered(self, body: str, change: Callable[[str], str]) -> str:
        """Change one word in ten."""
        parts = re.split(r"(\s+)", body)
        places = [at for at in range(0, len(parts), 2) if re.search(r"\w", parts[at])]
        for at in self._rng.sample(places, max(1, round(len(places) * 0.1))):
            parts[at] = change(parts[at])
        return "".join(parts)

    def outdated(self) -> Iterator[Case]:
        """Yield pages with the first revision of each statement that was revised."""
        for key, text in self._corpus.revisions.items():
            if (
                key.revision == 1
                and not text.is_current
                and half_of(text.guid) == half_of(self._text(self._keys[0]).guid)
            ):
                yield Case("revision 1", self._wrap(text, text.words.text), {key.statement_id: Relation.VERBATIM}, 1)

    # Pages that are no copies

    def siblings(self) -> Iterator[Case]:
        """Yield unknown statements whose kind has known ones, and next year's editions of national-day messages."""
        for key in self._keys:
            text = self._text(key)
            if key.statement_id in self._out and self._kinds[template(text.title)] and text.digest not in self._digests:
                yield Case("sibling", self._wrap(text, text.words.text), {})
        for key in self._known:
            text = self._text(key)
            if re.search(r"\bday\b|anniversary", text.title, re.IGNORECASE) and 60 <= len(text.words) <= 900:
                for reworded in (1, 2, 3):
                    page = self._next_year(text, reworded)
                    # Without a date and a changed year only an expert could distinguish it from an altered copy.
                    if page.date or not set(re.findall(_EDITION, page.text)) <= set(
                        re.findall(_EDITION, text.words.text)
                    ):
                        yield Case("next year’s", page, {})

    def none(self, count: int) -> Iterator[Case]:
        """Yield pages without known text: unknown statements of no known kind, and text that only sounds like State."""
        unknown = [
            self._text(key)
            for key in self._keys
            if key.statement_id in self._out and not self._kinds[template(self._text(key).title)]
        ]
        for number in range(count):
            if number % 2 and unknown:
                text = self._rng.choice(unknown)
                yield Case("none: unknown", self._wrap(text, text.words.text), {})
            else:
                text = self._text(self._rng.choice(self._known))
                yield Case("none: babble", self._wrap(text, self._babble(), title=self._rng.choice(self._titles)), {})

    def _next_year(self, text: IndexedText, reworded: int) -> PageToMatch:
        body = re.sub(r"\b20[12]\d\b", lambda m: str(int(m.group()) + 1), text.words.text)
        body = re.sub(r"\b(\d+)(?:st|nd|rd|th)\b", lambda m: _ordinal(int(m.group(1)) + 1), body)
        sentences = re.split(r"(?<=[.!?])(\s+)", body)
        pool = [s for other in self._unknown for s in re.split(r"(?<=[.!?])\s+", other) if 8 <= len(s.split()) <= 40]
        for at in self._rng.sample(range(0, len(sentences), 2), min(reworded, len(sentences[::2]) - 1)):
            sentences[at] = self._rng.choice(pool)
        when = text.published_at and text.published_at + timedelta(days=364)
        page = self._wrap(text, "".join(sentences))
        title = page.title and re.sub(r"20[12]\d", lambda m: str(int(m.group()) + 1), page.title)
        return PageToMatch(page.text, title, when if page.date else None)

    def _babble(self) -> str:
        """Return text that sounds like State and quotes no statement: runs of three words, each from another one."""
        paragraphs = []
        for _ in range(self._rng.randrange(3, 9)):
            words: list[str] = []
            while len(words) < self._rng.randrange(30, 90):
                source = self._text(self._rng.choice(self._known)).words.text.split()
                at = self._rng.randrange(max(1, len(source) - 3))
                words.extend(source[at : at + 3])
            paragraphs.append(" ".join(words) + ".")
        return "\n\n".join(paragraphs)

    # The page around it

    def _wrap(self, text: IndexedText, body: str, title: str | None = None) -> PageToMatch:
        """Wrap a body in menus, neighbours' titles, attribution and advertisements."""
        rng = self._rng
        shown = title or text.title
        site = rng.choice([" – United States Department of State", " - World News Daily", " | The Capital Gazette", ""])
        popular = "\n".join(rng.sample(self._titles, 4))
        top = f"Home\nPolitics\nBusiness\nSports\nAbout us\nHome > Politics > {shown[:30]}\n{shown}{site}\n{shown}"
        top += rng.choice(["\n", "\nBy Staff Writer\n", "\nShare on Facebook Tweet Email\n"])
        bottom = rng.choice(["", f"\nOfficial news published at {text.url}\n", "\nSource: press office\n"])
        bottom += f"\nMost popular\n{popular}\n"
        bottom += f"Previous post {rng.choice(self._titles)}\nNext post {rng.choice(self._titles)}\n"
        bottom += (
            "Leave a comment\nYour email address will not be published. Required fields are marked.\n© World News Daily"
        )
        knows = rng.random() < 0.5
        later = timedelta(minutes=rng.randrange(5, 2000))
        return PageToMatch(
            f"{top}\n{body}\n{bottom}",
            f"{shown}{site}" if rng.random() < 0.7 else None,
            text.published_at + later if knows and text.published_at else None,
        )


def cases(pages: Pages, none: int) -> Sequence[Case]:
    """Return all pages of one half."""
    return [*pages.copies(), *pages.outdated(), *pages.siblings(), *pages.none(none)]


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else _ORDINALS.get(number % 10, "th")
    return f"{number}{ending}"
