"""Articles of `sweep_pages` that carry a statement: copies, quotations and translations, each with its right answer."""

import html
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Final

from benchmarks import other_pages, pages, quotations
from benchmarks.sweep_sites import Markup, News
from scraper.matching import IndexedText, RevisionKey
from scraper.store import Store
from scraper.text import normalize
from scraper.text.tokens import Words

_TRIES = 200
_WHOLE = (
    "plain",
    "a year later",
    "country prefix",
    "joined",
    "sentences split",
    "br",
    "nbsp",
    "quote marks",
    "newswire",
)
_UNTITLED = ("bare", "rewritten title")
_CUT = ("lead", "lead, bare", "middle cut", "paragraphs lost")
_WORD = re.compile(r"(?<= )[a-z]{5,}(?= [a-z])")
_NUMBER = re.compile(r"\b\d[\d,]*\b")
_NEGATION = re.compile(r"\b(?:not|never|no longer) (?=[a-z])")
_SAID: Final = (
    "The Department of State said in a statement on Tuesday.",
    "The statement was released by the State Department’s press office.",
)
_TYPOGRAPHY = {
    "“": "&ldquo;",
    "”": "&rdquo;",
    "’": "&rsquo;",
    "‘": "&#8216;",
    "—": "&mdash;",
    "–": "&#x2013;",
    "&": "&amp;",
}


@dataclass(frozen=True, slots=True)
class Planted:
    """Article that carries a revision of a statement; `quoted` is what it has of it, "" for the whole."""

    kind: str
    guid: str
    url: str
    revision: int
    title: str
    paragraphs: Sequence[str]
    published_at: datetime | None
    origin: str = ""
    quoted: str = ""
    is_bare: bool = False
    is_foreign: bool = False  # in another language than English
    is_text: bool = False  # a record of a WET file


class Statements:
    """Statements of a database, read when they are asked for. Ids are kept, texts are not."""

    def __init__(self, database: Path) -> None:
        self._store = Store(database)
        rows = [(row.id, row.revision > 1) for row in self._store.statements.find()]
        self._ids = sorted(row for row, _ in rows)
        self._revised = sorted(row for row, is_revised in rows if is_revised)

    def some(self, rng: random.Random, *, revised: bool) -> pages.Corpus:
        """Return one statement with all its revisions. Raise `SystemExit` if there is none."""
        ids = self._revised if revised else self._ids
        if not ids:
            raise SystemExit(f"{self._store.path} has no {'revised ' if revised else ''}statement")
        statement = self._store.statements.by_id(rng.choice(ids))
        assert statement is not None
        found = {
            RevisionKey(statement.id, each.number): IndexedText(
                title=each.wording.title,
                words=Words(each.wording.text),
                digest=str(each.number),
                guid=statement.guid,
                url=statement.url,
                published_at=statement.published_at,
                is_current=each.number == statement.revision,
            )
            for each in self._store.statements.revisions(statement.id)
        }
        return pages.Corpus(found, {statement.id: RevisionKey(statement.id, statement.revision)})

    def close(self) -> None:
        """Close the database."""
        self._store.close()


class Planter:
    """Generator of articles that carry statements of a database, each kind as often as the others."""

    def __init__(self, statements: Statements, news: News) -> None:
        self._statements = statements
        self._news = news

    def article(self, rng: random.Random, kind: str) -> Planted:
        """Return an article of a kind, of the first random statement that allows it."""
        for _ in range(_TRIES):
            corpus = self._statements.some(rng, revised=kind == "outdated")
            ((key, text),) = ((key, text) for key, text in corpus.revisions.items() if text.is_current)
            if found := next(KINDS[kind](self, rng, corpus, text), None):
                return self._made(kind, found, key, text)
        raise SystemExit(f"no statement of the database allows the kind “{kind}”")

    def _made(self, kind: str, found: "_Draft", key: RevisionKey, text: IndexedText) -> Planted:
        return Planted(
            kind=kind,
            guid=text.guid,
            url=text.url,
            revision=found.revision or key.revision,
            title=found.title,
            paragraphs=found.paragraphs,
            published_at=text.published_at,
            origin=text.url if found.has_origin else "",
            quoted=found.quoted,
            is_bare=found.is_bare,
            is_foreign=kind == "translation",
            is_text=kind.startswith("WET"),
        )

    # Kinds: drafts of one statement, none if it does not allow the kind

    def copies(self, rng: random.Random, corpus: pages.Corpus, wanted: Sequence[str]) -> "Iterator[_Draft]":
        """Yield copies of the kinds of `other_pages` that have these names."""
        (statement,) = corpus.current
        text = corpus.revisions[corpus.current[statement]]
        docs = other_pages.Docs(corpus, pages.half_of(text.guid), rng.randrange(10**9), set())
        made = [*docs.shown(text), *docs.cut(text), *docs.altered(text), *docs.old()]
        fitting = [doc for doc in made if doc.kind in wanted]
        if fitting:
            doc = rng.choice(fitting)
            has_origin = doc.title == text.title and rng.random() < 0.3
            revision = 1 if doc.kind == "revision 1" else 0
            yield _Draft(doc.title, doc.paragraphs, is_bare=doc.bare, has_origin=has_origin, revision=revision)

    def changed(
        self, rng: random.Random, text: IndexedText, pattern: re.Pattern[str], after: str
    ) -> "Iterator[_Draft]":
        """Yield a whole copy with one change."""
        body = text.words.text
        if places := list(pattern.finditer(body)):
            place = rng.choice(places)
            body = body[: place.start()] + after + body[place.end() :]
            yield _Draft(text.title, body.split("\n\n"), quoted=place.group())

    def quotation(self, rng: random.Random, corpus: pages.Corpus, wanted: str) -> "Iterator[_Draft]":
        """Yield news with a quotation of the kinds of `quotations` whose name begins so."""
        ((statement, key),) = corpus.current.items()
        text = corpus.revisions[key]
        words = normalize.join_words(text.words.keys)
        one = pages.Corpus({RevisionKey(statement, 1): text}, {statement: RevisionKey(statement, 1)})
        news = quotations.News(one, pages.half_of(text.guid), rng.randrange(10**9), set(), words)
        cases = takewhile(lambda case: not case.kind.startswith(quotations.ASKED), news.all(1))
        if fitting := [case for case in cases if case.kind.startswith(wanted)]:
            case = rng.choice(fitting)
            around = self._news.paragraphs(rng, "en", 1500)
            paragraphs = [*around[:2], *case.text.split("\n"), *around[2:]]
            if wanted == "lead":
                paragraphs = [*case.text.split("\n"), rng.choice(_SAID), *around]
            yield _Draft(self._news.headline(rng, "en"), paragraphs, quoted=case.quoted)

    def dressed(
        self, rng: random.Random, corpus: pages.Corpus, dress: Callable[[random.Random, str], str]
    ) -> "Iterator[_Draft]":
        """Yield news with a verbatim quotation whose markup is dressed."""
        for draft in self.quotation(rng, corpus, "exact"):
            paragraphs = [Markup(dress(rng, one)) if draft.quoted in one else one for one in draft.paragraphs]
            yield _Draft(draft.title, paragraphs, quoted=draft.quoted)

    def translation(self, rng: random.Random, text: IndexedText) -> "Iterator[_Draft]":
        """Yield an article that names the statement as its source; its language is that of its site."""
        yield _Draft("", (), has_origin=True)


@dataclass(frozen=True, slots=True)
class _Draft:
    """Content of an article; revision 0 is the current one."""

    title: str
    paragraphs: Sequence[str]
    quoted: str = ""
    is_bare: bool = False
    has_origin: bool = False
    revision: int = 0


def _entities(rng: random.Random, paragraph: str) -> str:
    """Write typography as entities, and some blanks as &nbsp;."""
    shown = re.sub("[“”‘’—–&]", lambda sign: _TYPOGRAPHY[sign[0]], paragraph)
    return " ".join(f"{word}&nbsp;" if rng.random() < 0.05 else word for word in shown.split(" ")).replace("; ", ";")


def _tags(rng: random.Random, paragraph: str) -> str:
    """Put words into inline elements."""
    forms = (
        "<em>{}</em>",
        "<strong>{}</strong>",
        '<a href="/topic/{0}" class="tag">{0}</a>',
        '<span data-x="1">{}</span>',
    )
    words = html.escape(paragraph, quote=False).split(" ")
    return " ".join(
        rng.choice(forms).format(word) if rng.random() < 0.15 and word.isalpha() else word for word in words
    )


def _lines(rng: random.Random, paragraph: str) -> str:
    """Break lines in the markup at 60 columns, and some of them for the reader too."""
    lines, line = [], ""
    for word in html.escape(paragraph, quote=False).split(" "):
        line = f"{line} {word}".strip()
        if len(line) > 60:
            lines.append(line + (" <br>" if rng.random() < 0.3 else ""))
            line = ""
    return "\n      ".join([*lines, line])


_Maker = Callable[[Planter, random.Random, pages.Corpus, IndexedText], Iterator[_Draft]]
KINDS: Final[dict[str, _Maker]] = {
    "copy": lambda own, rng, corpus, _: own.copies(rng, corpus, _WHOLE),
    "copy without title": lambda own, rng, corpus, _: own.copies(rng, corpus, _UNTITLED),
    "cut copy": lambda own, rng, corpus, _: own.copies(rng, corpus, _CUT),
    "copy, word changed": lambda own, rng, _, text: own.changed(rng, text, _WORD, "harbour"),
    "copy, number changed": lambda own, rng, _, text: own.changed(rng, text, _NUMBER, "777"),
    "copy, negation out": lambda own, rng, _, text: own.changed(rng, text, _NEGATION, ""),
    "outdated": lambda own, rng, corpus, _: own.copies(rng, corpus, ("revision 1",)),
    "quotation of 8-14 words": lambda own, rng, corpus, _: own.quotation(rng, corpus, "exact 8-14"),
    "quotation of 15 and more": lambda own, rng, corpus, _: own.quotation(rng, corpus, "exact 15+"),
    "quotation of a paragraph": lambda own, rng, corpus, _: own.quotation(rng, corpus, "paragraph"),
    "quotation, word changed": lambda own, rng, corpus, _: own.quotation(rng, corpus, "word 15+"),
    "quotation, number changed": lambda own, rng, corpus, _: own.quotation(rng, corpus, "number 15+"),
    "quotation, split": lambda own, rng, corpus, _: own.quotation(rng, corpus, "split"),
    "quotation, entities": lambda own, rng, corpus, _: own.dressed(rng, corpus, _entities),
    "quotation, tags": lambda own, rng, corpus, _: own.dressed(rng, corpus, _tags),
    "quotation, lines": lambda own, rng, corpus, _: own.dressed(rng, corpus, _lines),
    "lead": lambda own, rng, corpus, _: own.quotation(rng, corpus, "lead"),
    "translation": lambda own, rng, _, text: own.translation(rng, text),
    "WET copy": lambda own, rng, corpus, _: own.copies(rng, corpus, _WHOLE),
    "WET quotation": lambda own, rng, corpus, _: own.quotation(rng, corpus, "exact 15+"),
}
