"""Queries of a phrase in all wordings of all statements.

A phrase is found as the full-text index has it: its whole words in a row, in a title or a text. Letter case, accents
and signs make no difference; a word with an ending, such as a Korean particle, is another word. The earlier renderings
of a revision have the same words.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from scraper.model import Precision, PublicationState
from scraper.rules import phrase_uses
from scraper.rules.phrase_uses import PhraseTurn, PhraseUse, RevisionTimes, SameWords
from scraper.rules.revisions import REPOST_WORDS
from scraper.serialize import parse_utc
from scraper.store import search
from scraper.store.codec import Table
from scraper.text import contexts
from scraper.text.contexts import Context

MAX_CHARS: Final = 300
"""Longest phrase that is looked up."""

_PRECISIONS: Final = {each.value: each for each in Precision}
_STATES: Final = {each.value: each for each in PublicationState}
_FOUND = "SELECT r.{} FROM revisions_fts JOIN revisions r ON r.id = revisions_fts.rowid WHERE revisions_fts MATCH ?1"
_REVISIONS = _FOUND.format("id, r.statement_id, r.number")
_STATEMENTS = f"""
SELECT id, title, coalesce(speaker, bureau, byline), type, published_at, precision, first_seen_at, state, revision
FROM statements WHERE id IN ({_FOUND.format("statement_id")})
"""  # noqa: S608 - all of it is ours
_CHANGED = f"""
SELECT statement_id, number, first_seen_at, turned_at FROM revisions WHERE statement_id IN (
    SELECT statement_id FROM revisions WHERE number > 1 INTERSECT {_FOUND.format("statement_id")}
) ORDER BY statement_id, number
"""  # noqa: S608
# The index on `words_sha256` alone finds the few words that several revisions have.
_SAME_WORDS = f"""
SELECT r.words_sha256, s.authority, r.statement_id, r.number FROM revisions r JOIN statements s ON s.id = r.statement_id
WHERE r.words_sha256 IN (SELECT words_sha256 FROM revisions GROUP BY words_sha256 HAVING count(*) > 1)
    AND r.words >= {REPOST_WORDS}
ORDER BY r.words_sha256, s.authority, r.statement_id, r.number
"""  # noqa: S608
_TEXTS = "SELECT id, title, text FROM revisions WHERE id IN (SELECT value FROM json_each(?))"


class Phrases(Table):
    """Queries of phrases."""

    def find(self, phrase: str) -> list[PhraseUse]:
        """Return the uses of a phrase, the newest first; none for a phrase without a letter or digit."""
        expression = search.exact(phrase)
        if not expression:
            return []
        having: dict[int, dict[int, int]] = {}
        for revision_id, statement_id, number in self._db.execute(_REVISIONS, [expression]):
            having.setdefault(statement_id, {})[number] = revision_id
        turns = self._turns(expression, having)
        uses = []
        for statement_id, title, speaker, type_, *times, state, current in self._db.execute(_STATEMENTS, [expression]):
            found = having[statement_id]
            numbers = tuple(sorted(found))
            published, precision, first_seen = times
            use = PhraseUse(
                statement_id,
                title,
                speaker,
                type_,
                parse_utc(published) if published else None,
                _PRECISIONS.get(precision),
                parse_utc(first_seen),
                _STATES[state],
                is_current=current in found,
                revisions=numbers,
                revision_id=found.get(current) or found[numbers[-1]],
                turns=turns.get(statement_id, ()),
            )
            uses.append(use)
        originals = phrase_uses.originals(SameWords(*row) for row in self._db.execute(_SAME_WORDS))
        return phrase_uses.merge_reposts(uses, originals)

    def contexts(self, phrase: str, uses: Iterable[PhraseUse]) -> dict[int, Context]:
        """Return the words around a phrase for each use by the id of its statement: in its text, else in its title."""
        statements = {use.revision_id: use.statement_id for use in uses}
        texts = self._db.execute(_TEXTS, [tuple(statements)])
        return {statements[revision_id]: contexts.find(phrase, text, title) for revision_id, title, text in texts}

    def _turns(self, expression: str, having: dict[int, dict[int, int]]) -> dict[int, tuple[PhraseTurn, ...]]:
        turns = {}
        for statement_id, rows in groupby(self._db.execute(_CHANGED, [expression]), key=lambda row: row[0]):
            times = [
                RevisionTimes(number, parse_utc(seen), parse_utc(turned) if turned else None)
                for _, number, seen, turned in rows
            ]
            turns[statement_id] = tuple(phrase_uses.turns(times, having[statement_id].keys()))
        return turns
