"""Queries of a phrase in all wordings of all statements.

A phrase is found as the full-text index has it: its whole words in a row, in a title or a text. Letter case, accents
and signs make no difference; a word with an ending, such as a Korean particle, is another word. The earlier renderings
of a revision have the same words.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from scraper.model import Precision, PublicationState
from scraper.rules import phrase_uses
from scraper.rules.phrase_uses import PhraseTurn, PhraseUse, RevisionTimes, SameWords
from scraper.rules.statement_history import REPOST_WORDS
from scraper.serialize import parse_utc
from scraper.store import search
from scraper.store.codec import Table
from scraper.store.entries import SPEAKER_SQL
from scraper.text import contexts
from scraper.text.contexts import Context

MAX_CHARS: Final = 300
"""Longest phrase that is looked up."""

_PRECISIONS: Final = {each.value: each for each in Precision}
_STATES: Final = {each.value: each for each in PublicationState}
_FOUND = """
SELECT r.id, r.statement_id, r.number FROM revisions_fts JOIN revisions r ON r.id = revisions_fts.rowid
WHERE revisions_fts MATCH ?
"""
_STATEMENTS = f"""
SELECT s.id, s.title, {SPEAKER_SQL}, s.type, s.published_at, s.precision, s.first_seen_at, s.state, s.revision
FROM statements s WHERE s.id IN (SELECT value FROM json_each(?))
"""  # noqa: S608
_REVISIONS = """
SELECT statement_id, number, first_seen_at, turned_at FROM revisions
WHERE statement_id IN (SELECT value FROM json_each(?)) ORDER BY statement_id, number
"""
# The index on `words_sha256` alone finds the few words that several revisions have.
_SAME_WORDS = f"""
SELECT r.words_sha256, s.authority, r.statement_id, r.number FROM revisions r JOIN statements s ON s.id = r.statement_id
WHERE r.words_sha256 IN (SELECT words_sha256 FROM revisions GROUP BY words_sha256 HAVING count(*) > 1)
    AND r.words >= {REPOST_WORDS}
ORDER BY r.words_sha256, s.authority, r.statement_id, r.number
"""  # noqa: S608
_TEXTS = "SELECT id, title, text FROM revisions WHERE id IN (SELECT value FROM json_each(?))"


class PhraseDetails(NamedTuple):
    """Words around a phrase in a statement, of its text or else its title, and the turns that brought or dropped it."""

    context: Context
    turns: tuple[PhraseTurn, ...]


class Phrases(Table):
    """Queries of phrases."""

    def find(self, phrase: str) -> list[PhraseUse]:
        """Return the uses of a phrase, the newest first; none for a phrase without a letter or digit."""
        expression = search.exact(phrase)
        having: dict[int, dict[int, int]] = {}
        for revision_id, statement_id, number in self._db.execute(_FOUND, [expression]) if expression else ():
            having.setdefault(statement_id, {})[number] = revision_id
        if not having:
            return []
        uses = []
        for statement_id, title, speaker, type_, *times, state, current in self._db.execute(_STATEMENTS, [(*having,)]):
            found = having[statement_id]
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
                revisions=(*sorted(found),),
                revision_id=found.get(current) or found[max(found)],
            )
            uses.append(use)
        originals = phrase_uses.originals(SameWords(*row) for row in self._db.execute(_SAME_WORDS))
        return phrase_uses.merge_reposts(uses, originals)

    def details(self, phrase: str, uses: Sequence[PhraseUse]) -> dict[int, PhraseDetails]:
        """Return the details of uses of a phrase by the ids of their statements."""
        texts = self._db.execute(_TEXTS, [tuple(use.revision_id for use in uses)])
        found = {revision_id: contexts.find(phrase, text, title) for revision_id, title, text in texts}
        times: dict[int, list[RevisionTimes]] = {}
        revisions = self._db.execute(_REVISIONS, [tuple(use.statement_id for use in uses)])
        for statement_id, number, seen, turned in revisions:
            known = RevisionTimes(number, parse_utc(seen), parse_utc(turned) if turned else None)
            times.setdefault(statement_id, []).append(known)
        return {
            use.statement_id: PhraseDetails(
                found[use.revision_id], tuple(phrase_uses.turns(times[use.statement_id], {*use.revisions}))
            )
            for use in uses
        }
