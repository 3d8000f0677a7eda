"""Queries of `doctor --reparse`: captures of first readings, and replacement of a wrongly parsed wording."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scraper.matching.model import RevisionKey
from scraper.model import Role
from scraper.store.codec import scalar, update
from scraper.store.statements import wording_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.model import Wording
    from scraper.store import Store

# Revisions with a replaced rendering are left out: the current one can no longer be distinguished from the first.
_FIRST_READ = """
SELECT c.id, c.parser, o.role, json_group_array(json_array(r.statement_id, r.number)) FROM captures c
JOIN bodies b ON b.sha256 = c.sha256 AND b.packed <> x''
JOIN revisions r ON r.first_seen_at = c.captured_at
JOIN statements s ON s.id = r.statement_id
LEFT JOIN sources o ON o.name = c.source
WHERE c.parser IS NOT NULL AND c.outcome = 'ok' AND NOT EXISTS (SELECT 1 FROM renderings o WHERE o.revision_id = r.id)
GROUP BY c.id ORDER BY c.id
"""


def first_read(store: Store) -> Iterator[tuple[int, str, Role | None, frozenset[RevisionKey]]]:
    """Yield (capture id, parser, role, revisions first seen in it) of captures whose bodies are stored, ordered by id.

    The role is that of the capture's source, None if that was never polled.
    """
    for capture_id, parser, role, keys in store.database.execute(_FIRST_READ).fetchall():
        yield capture_id, parser, Role(role) if role else None, frozenset(RevisionKey(*key) for key in json.loads(keys))


def replace_last_read(store: Store, statement_id: int, parser: str, old: Wording, new: Wording, version: int) -> None:
    """Replace the wording that a parser last read, and that of the revision in which it is stored."""
    db = store.database
    key = {"statement_id": statement_id, "parser": parser}
    sql = "SELECT revision FROM parsed_texts WHERE statement_id = ? AND parser = ?"
    revision = scalar(db, sql, list(key.values()))
    if revision is None:
        update(db, "parsed_texts", key, {"title": new.title, "text": new.text, "version": version})
    else:
        replace_wording(store, RevisionKey(statement_id, revision), parser, old, new)
        update(db, "parsed_texts", key, {"version": version})


def replace_wording(store: Store, key: RevisionKey, parser: str, old: Wording, new: Wording) -> None:
    """Replace a revision's wording with the one that the current parser reads, and update the fingerprint index.

    Readings of other parsers keep the old wording, because each parser is compared with its own last reading: otherwise
    their next reading would differ from the new wording and count as a revision.
    """
    db = store.database
    store.fingerprints.remove(key)
    db.execute(
        "UPDATE parsed_texts SET revision = NULL, title = ?, text = ?"
        " WHERE statement_id = ? AND revision = ? AND parser <> ?",
        [old.title, old.text, *key, parser],
    )
    statement_id, number = key
    update(db, "revisions", {"statement_id": statement_id, "number": number}, wording_columns(new))
    update(db, "statements", {"id": statement_id, "revision": number}, {"title": new.title})
    store.fingerprints.add(key)
