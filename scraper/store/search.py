"""Full-text search: its index, a user's query in FTS5 syntax, and snippets of the text as it was published."""

from __future__ import annotations

import unicodedata
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from scraper.errors import InputError
from scraper.store.codec import Table
from scraper.store.filters import EVERY_STATEMENT, StatementFilter
from scraper.text import normalize, scripts, search_terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlite_utils import Database

# The usual trigger rewrites the index on every update, and each poll that sees a revision is an update. `search_text`
# is `text.scripts.index_text` on our connections: only triggers call it, so that any tool can read the file.
SCHEMA = """
DROP TABLE IF EXISTS revisions_fts;
DROP VIEW IF EXISTS search_texts;
DROP TABLE IF EXISTS folded_texts;
CREATE TABLE folded_texts (     -- the form in which search has a revision, where it differs from the revision's own
    revision_id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE VIEW search_texts AS
SELECT r.id AS revision_id, ifnull(f.title, r.title) AS title, ifnull(f.text, r.text) AS text
FROM revisions r LEFT JOIN folded_texts f ON f.revision_id = r.id;
CREATE VIRTUAL TABLE revisions_fts USING fts5 (
    title, text, content = 'search_texts', content_rowid = 'revision_id',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* M* N* Co'"
);
INSERT INTO folded_texts SELECT id, search_text(title), search_text(text) FROM revisions
WHERE search_text(title) <> title OR search_text(text) <> text;
INSERT INTO revisions_fts (revisions_fts) VALUES ('rebuild');
DROP TRIGGER IF EXISTS revisions_ai;
CREATE TRIGGER revisions_ai AFTER INSERT ON revisions BEGIN
    INSERT INTO folded_texts SELECT new.id, search_text(new.title), search_text(new.text)
    WHERE search_text(new.title) <> new.title OR search_text(new.text) <> new.text;
    INSERT INTO revisions_fts (rowid, title, text)
    SELECT revision_id, title, text FROM search_texts WHERE revision_id = new.id;
END;
DROP TRIGGER IF EXISTS revisions_ad;
CREATE TRIGGER revisions_ad AFTER DELETE ON revisions BEGIN
    INSERT INTO revisions_fts (revisions_fts, rowid, title, text)
    SELECT 'delete', old.id, ifnull(f.title, old.title), ifnull(f.text, old.text)
    FROM (SELECT 1) LEFT JOIN folded_texts f ON f.revision_id = old.id;
    DELETE FROM folded_texts WHERE revision_id = old.id;
END;
DROP TRIGGER IF EXISTS revisions_au;
CREATE TRIGGER revisions_au AFTER UPDATE OF title, text ON revisions BEGIN
    INSERT INTO revisions_fts (revisions_fts, rowid, title, text)
    SELECT 'delete', old.id, ifnull(f.title, old.title), ifnull(f.text, old.text)
    FROM (SELECT 1) LEFT JOIN folded_texts f ON f.revision_id = old.id;
    DELETE FROM folded_texts WHERE revision_id = old.id;
    INSERT INTO folded_texts SELECT new.id, search_text(new.title), search_text(new.text)
    WHERE search_text(new.title) <> new.title OR search_text(new.text) <> new.text;
    INSERT INTO revisions_fts (rowid, title, text)
    SELECT revision_id, title, text FROM search_texts WHERE revision_id = new.id;
END;
"""

_SNIPPET_WORDS = 24
_WORDS_BEFORE = 8
_MARK = "**"
# No stored text has a control character.
_PIECE_MARK = "\x02"
MOST_RANKED: Final = 2_000
"""Number of matches that a search of the pages ranks."""
MOST_TERMS: Final = 16
"""Number of words and phrases that a search of the pages takes: the time of a snippet grows with its square."""
_CUT = "…"
# Ranks the newest matches only: of a word that most texts have, all would take seconds.
_NEWEST = """
SELECT r.id, r.statement_id, r.number, r.number = s.revision
FROM (
    SELECT rowid AS id, bm25(revisions_fts, 4.0, 1.0) AS score FROM revisions_fts
    WHERE revisions_fts MATCH ? AND {} ORDER BY rowid DESC LIMIT ?
) f JOIN revisions r ON r.id = f.id JOIN statements s ON s.id = r.statement_id
ORDER BY f.score, r.id DESC
"""
_OF_STATEMENT = """EXISTS (
    SELECT 1 FROM revisions r JOIN statements s ON s.id = r.statement_id WHERE r.id = revisions_fts.rowid AND {}
)"""
_SNIPPET = """
SELECT r.title, r.text, snippet(revisions_fts, -1, ?1, ?1, ?2, ?3)
FROM revisions_fts JOIN revisions r ON r.id = revisions_fts.rowid
WHERE revisions_fts MATCH ?4 AND revisions_fts.rowid = ?5
"""
_CARRIERS = """
SELECT DISTINCT r.statement_id FROM revisions_fts JOIN revisions r ON r.id = revisions_fts.rowid
WHERE revisions_fts MATCH ?
"""


class Query:
    """Search of all revisions for the phrases of a user: every word has to occur, quoted words together."""

    def __init__(self, db: Database, query: str) -> None:
        self._db = db
        self._phrases = search_terms.parse(query)
        self._expression = " AND ".join(map(_term, self._phrases))

    @property
    def terms(self) -> int:
        """Number of different words and phrases."""
        return len(self._phrases)

    def newest_matches(
        self, most: int, wanted: StatementFilter = EVERY_STATEMENT
    ) -> Iterator[tuple[int, int, int, bool]]:
        """Yield (revision id, statement id, revision number, True if it is current) of the `most` newest matches.

        They are revisions of the wanted statements. The best match comes first; a negative number means all.
        """
        if self._phrases:
            where, values = wanted.where()
            condition = "1" if wanted == EVERY_STATEMENT else _OF_STATEMENT.format(where)
            yield from self._db.execute(_NEWEST.format(condition), [self._expression, *values, most])

    def snippet(self, revision_id: int, mark: str = _MARK) -> str:
        """Return a part of a matching revision, with **marks** around what was found."""
        values = [mark, _CUT, _SNIPPET_WORDS, self._expression, revision_id]
        title, text, snippet = self._db.execute(_SNIPPET, values).fetchone()
        return snippet if is_plain(title, text) else _snippet(title, text, self._phrases, mark)


class SearchHit(NamedTuple):
    """A statement of which a revision matches a search. The snippet has pieces, each with True if it was found."""

    statement_id: int
    revision: int
    is_current: bool
    snippet: tuple[tuple[str, bool], ...]


class Search(Table):
    """Search for readers: each statement once, among a bounded number of matches."""

    def find(self, query: str, limit: int, most: int = MOST_RANKED) -> tuple[list[SearchHit], bool]:
        """Return the best matches among the `most` newest matching revisions, and True if there are more than those.

        Of several revisions of a statement that match, the current one is found, else the best. Nothing in a query is
        an operator; see `Statements.search`. Raise `InputError` for more than `MOST_TERMS` words and phrases.
        """
        sought = Query(self._db, query)
        if sought.terms > MOST_TERMS:
            raise InputError(f"a search takes {MOST_TERMS} words or phrases; this one has {sought.terms}")
        found = list(sought.newest_matches(most + 1))
        chosen: dict[int, tuple[int, int, bool]] = {}
        for revision_id, statement_id, number, is_current in found[:most]:
            if statement_id not in chosen or is_current:
                chosen[statement_id] = (revision_id, number, bool(is_current))
        hits = [
            SearchHit(statement_id, number, is_current, _pieces(sought.snippet(revision_id, _PIECE_MARK)))
            for statement_id, (revision_id, number, is_current) in islice(chosen.items(), limit)
        ]
        return hits, len(found) > most or len(chosen) > limit


def _pieces(snippet: str) -> tuple[tuple[str, bool], ...]:
    pieces = snippet.split(_PIECE_MARK)
    return tuple((piece, bool(number % 2)) for number, piece in enumerate(pieces) if piece)


def may_have(db: Database, entry: str) -> Iterator[int]:
    """Yield the ids of the statements of which a revision may have a word or phrase of a watch: all that do, and more.

    The full-text index finds the words in any order. A watch also finds a word whose letters have points between them;
    only one in which folding makes two letters of one, such as "S.ß.", is missed then.
    """
    # The points of the index were left out of composed letters: "S.Ś1" has one, its letters taken apart have none.
    spelled = scripts.without_points(unicodedata.normalize("NFC", entry))
    # What separates two runs of characters without blanks is a word too, and none of the index.
    found = [word for word in scripts.words(spelled) if any(map(str.isalnum, word))]
    terms = (f"({_term(word)} OR {_quoted(' '.join(word))})" for word in found)
    if found:
        yield from (statement_id for (statement_id,) in db.execute(_CARRIERS, [" AND ".join(terms)]))


def title_may_have(db: Database, phrases: Iterable[str]) -> Iterator[int]:
    """Yield the ids of the statements of which a title may have one of these phrases: all that do, and more."""
    terms = " OR ".join(_term(phrase) for phrase in phrases if scripts.words(phrase))
    if terms:
        yield from (statement_id for (statement_id,) in db.execute(_CARRIERS, [f"title : ({terms})"]))


def is_plain(*texts: str) -> bool:
    """Return True if the index has these texts as they are, so that SQLite's own snippets show them."""
    return all(map(scripts.is_plain, texts))


def exact(phrase: str) -> str:
    """Return a query of FTS5 for the whole words of a phrase in a row, without their inflections; "" if it has none."""
    cleaned = normalize.clean(phrase)
    if not scripts.has_word(cleaned):
        return ""
    text, is_beginning = _indexed(cleaned)
    return _quoted(text) + (" *" if is_beginning else "")


def _term(phrase: str) -> str:
    """Return a phrase as a string of FTS5, in which nothing is an operator."""
    text, is_beginning = _indexed(phrase)
    return "(" + " OR ".join(_quoted(form) + (" *" if is_beginning else "") for form in scripts.inflections(text)) + ")"


def _indexed(phrase: str) -> tuple[str, bool]:
    """Return a phrase as the index has it, and True if its last token is only the beginning of one there."""
    text, is_beginning = scripts.index_phrase(phrase)
    # NFKC makes a quotation mark of its full-width form.
    return text.replace('"', " ").strip(), is_beginning


def _quoted(text: str) -> str:
    return f'"{text}"'


def _snippet(title: str, text: str, phrases: Sequence[str], mark: str) -> str:
    """Return the words around the first place where the phrases occur, as they are written."""
    forms = (form for phrase in phrases for form in scripts.inflections(phrase))
    wanted = [[place.key for place in scripts.places(form)] for form in forms]
    shown, places, found = _located(title, wanted)
    if not found:
        shown, places, found = _located(text, wanted)
    first = max(0, (found[0][0] if found else 0) - _WORDS_BEFORE)
    stop = min(len(places), first + _SNIPPET_WORDS)
    start = places[first].start if first else 0
    end = places[stop - 1].end if stop < len(places) else len(shown)
    marked, at = [_CUT if first else ""], start
    for begin, until in found:
        if until <= stop:
            marked += [
                shown[at : places[begin].start],
                mark,
                shown[places[begin].start : places[until - 1].end],
                mark,
            ]
            at = places[until - 1].end
    return "".join([*marked, shown[at:end], _CUT if end < len(shown) else ""])


def _located(text: str, wanted: Sequence[Sequence[str]]) -> tuple[str, list[scripts.Place], list[tuple[int, int]]]:
    places = list(scripts.places(text))
    return text, places, _occurrences([place.key for place in places], wanted)


def _occurrences(keys: Sequence[str], wanted: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Return the ranges of words that are one of the phrases, in order and without overlaps."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(keys):
        hit = next((len(phrase) for phrase in wanted if list(keys[at : at + len(phrase)]) == list(phrase)), 0)
        if hit:
            found.append((at, at + hit))
        at += hit or 1
    return found
