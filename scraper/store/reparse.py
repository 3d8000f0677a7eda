"""What wordings were first read from, and how one is put right that was misread: no revision, no news."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scraper.matching.model import RevisionKey
from scraper.rules.wordings import wording_keys
from scraper.store.statements import words_sha256

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.model import Wording
    from scraper.store import Store

# A rendering that was touched since cannot be told from the first one any more.
_FIRST_READ = """
SELECT c.id, c.parser, json_group_array(json_array(r.statement, r.number)) FROM captures c
JOIN bodies b ON b.sha256 = c.sha256 AND b.packed <> x''
JOIN revisions r ON r.first_seen_at = c.captured_at
JOIN statements s ON s.id = r.statement
WHERE c.parser IS NOT NULL AND c.outcome = 'ok' AND NOT EXISTS (SELECT 1 FROM looks l WHERE l.revision = r.id)
GROUP BY c.id ORDER BY c.id
"""


def first_read(store: Store) -> Iterator[tuple[int, str, frozenset[RevisionKey]]]:
    """Captures whose bodies are kept, by row: the parser that read each, and the wordings that were new at its time."""
    for row, parser, keys in store.database.execute(_FIRST_READ).fetchall():
        yield row, parser, frozenset(RevisionKey(*key) for key in json.loads(keys))


def replace_wording(store: Store, key: RevisionKey, parser: str, old: Wording, new: Wording) -> None:
    """Put the wording that today's parser reads in the place of a revision's; the index is kept in step. Within a unit.

    What other parsers read stays as it was, for each is compared with itself; else their next sight, being
    unlike the new wording, would be taken for a revision.
    """
    db, where = store.database, [key.statement_id, key.revision]
    store.fingerprints.remove(key)
    db.execute(
        "UPDATE readings SET revision = NULL, title = ?, text = ? WHERE statement = ? AND revision = ? AND parser <> ?",
        [old.title, old.text, *where, parser],
    )
    db.execute(
        "UPDATE revisions SET title = ?, text = ?, words = ?, words_sha256 = ? WHERE statement = ? AND number = ?",
        [new.title, new.text, wording_keys(new).word_count, words_sha256(new), *where],
    )
    db.execute("UPDATE statements SET title = ? WHERE id = ? AND revision = ?", [new.title, *where])
    store.fingerprints.add(key)
