"""Full-text search: its index, a user's query in FTS5 syntax, and snippets of the text as it was published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scraper.text import normalize, scripts

if TYPE_CHECKING:
    from collections.abc import Sequence

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
_CUT = "…"
_MATCHES = """
SELECT r.statement_id, r.number, r.title, r.text, snippet(revisions_fts, -1, ?1, ?1, ?2, ?3)
FROM revisions_fts JOIN revisions r ON r.id = revisions_fts.rowid
WHERE revisions_fts MATCH ?4 ORDER BY bm25(revisions_fts, 4.0, 1.0), r.id LIMIT ?5
"""


def matching_revisions(db: Database, query: str, limit: int) -> list[tuple[int, int, str]]:
    """Return (statement id, revision number, snippet with **marks**) of matching revisions, the best match first."""
    phrases = _phrases(query)
    if not phrases:
        return []
    rows = db.execute(_MATCHES, [_MARK, _CUT, _SNIPPET_WORDS, " AND ".join(map(_term, phrases)), limit]).fetchall()
    return [
        (statement_id, number, snippet if is_plain(title, text) else _snippet(title, text, phrases))
        for statement_id, number, title, text, snippet in rows
    ]


def is_plain(*texts: str) -> bool:
    """Return True if the index has these texts as they are, so that SQLite's own snippets show them."""
    return all(map(scripts.is_plain, texts))


def _phrases(query: str) -> list[str]:
    """Return each word of a query, and each quoted phrase."""
    parts = normalize.clean(query).split('"')
    phrases: list[str] = []
    for index, part in enumerate(parts):
        wanted = [part] if index % 2 else part.split()
        phrases.extend(phrase.strip() for phrase in wanted if scripts.words(phrase))
    return phrases


def _term(phrase: str) -> str:
    """Return a phrase as a string of FTS5, in which nothing is an operator."""
    text, is_beginning = scripts.index_phrase(phrase)
    # NFKC makes a quotation mark of its full-width form.
    forms = scripts.inflections(text.replace('"', " ").strip())
    return "(" + " OR ".join(f'"{form}"' + (" *" if is_beginning else "") for form in forms) + ")"


def _snippet(title: str, text: str, phrases: Sequence[str]) -> str:
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
                _MARK,
                shown[places[begin].start : places[until - 1].end],
                _MARK,
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
