"""Table of texts that a check does not let be compared, until they are released or contradicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scraper.rules.holding import HeldSubject, HeldText, look_again
from scraper.store.codec import Table, insert, load, to_row

if TYPE_CHECKING:
    from datetime import datetime

# A source that sends another text at each look must not fill the disk.
_MAX_PER_SUBJECT = 20


class HeldTexts(Table):
    """Table of held texts, by statement or page and by a hash of their words."""

    def get(self, subject: HeldSubject, subject_id: int, key: str) -> HeldText | None:
        """Return what is known of a text by its earlier looks; None if there is none."""
        sql = "SELECT * FROM held_texts WHERE subject = ? AND subject_id = ? AND words_sha256 = ?"
        return next(iter(load(HeldText, self._db, sql, [subject, subject_id, key])), None)

    def look(self, subject: HeldSubject, subject_id: int, key: str, at: datetime) -> HeldText:
        """Record one more look at a text and return what is known of it, this look included."""
        where = {"subject": subject, "subject_id": subject_id, "words_sha256": key}
        held = look_again(self.get(subject, subject_id, key), at)
        insert(self._db, "held_texts", where | to_row(held), replace=True)
        self._db.execute(
            "DELETE FROM held_texts WHERE subject = ? AND subject_id = ? AND words_sha256 NOT IN (SELECT words_sha256"
            " FROM held_texts WHERE subject = ? AND subject_id = ? ORDER BY last_seen_at DESC, looks DESC LIMIT ?)",
            [subject, subject_id, subject, subject_id, _MAX_PER_SUBJECT],
        )
        return held

    def clear(self, subject: HeldSubject, subject_id: int) -> None:
        """Forget what is held of a statement or a page: a look that counts has shown its text."""
        self._db.execute("DELETE FROM held_texts WHERE subject = ? AND subject_id = ?", [subject, subject_id])
