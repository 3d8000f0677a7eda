"""The migrations of the database, in order; every later change of the schema is one more."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlite_utils import Migrations

from scraper.store.schema import COPIES, OUTBOX, TABLES, YIELDS

if TYPE_CHECKING:
    from sqlite_utils import Database


# "swir" in ASCII: tells a database of ours from any other SQLite file.
APPLICATION_ID = 0x73776972
SCHEMA_VERSION = 7
# The first schema whose fingerprints are made as they are today.
FINGERPRINTS_SINCE = 7

migrations = Migrations("statewire")


@migrations()
def first_schema(db: Database) -> None:
    """Statements, their wordings, what happened, and what was fetched."""
    for statement in _statements(TABLES):
        db.execute(statement)
    enable_search(db)


@migrations()
def copies_on_pages(db: Database) -> None:
    """Pages of other sites, their wordings, and the statements that they carry."""
    for statement in _statements(COPIES):
        db.execute(statement)


@migrations()
def outbox_of_alerts(db: Database) -> None:
    """Messages on their way to people, and the events that they tell of."""
    for statement in _statements(OUTBOX):
        db.execute(statement)


@migrations()
def yields_by_hour(db: Database) -> None:
    """What each endpoint usually brings; and which captures a body belongs to."""
    for statement in _statements(YIELDS):
        db.execute(statement)


@migrations()
def pace_and_budget(db: Database) -> None:
    """How often each source is asked, as news came, and how many requests each host had on its last day."""
    db.execute("ALTER TABLE sources ADD COLUMN interval_s INTEGER")
    db.execute("ALTER TABLE hosts ADD COLUMN counted_on TEXT")  # the UTC day of `requests`
    db.execute("ALTER TABLE hosts ADD COLUMN requests INTEGER NOT NULL DEFAULT 0")


@migrations()
def delivered_mail_may_go(db: Database) -> None:
    """The bytes of a message are never changed, but may be let go of once it was delivered."""
    db.execute("DROP TRIGGER messages_stay_frozen")
    db.execute(
        "CREATE TRIGGER messages_stay_frozen BEFORE UPDATE OF raw, message_id ON messages WHEN old.raw IS NOT NULL"
        " AND NOT (old.state = 'sent' AND new.raw = x'' AND new.message_id IS old.message_id)"
        " BEGIN SELECT raise(ABORT, 'a frozen message is never changed'); END"
    )


@migrations()
def fingerprints_by_another_hash(db: Database) -> None:
    """What revisions are found by is taken anew from their texts, after all steps and by today's code."""
    db.execute("DELETE FROM fingerprints")


def enable_search(db: Database) -> None:
    """(Re)build full-text search over all revisions; `transform()` drops its triggers, so follow each with this."""
    revisions = db.table("revisions")
    if revisions.detect_fts():
        revisions.disable_fts()
    revisions.enable_fts(["title", "text"], create_triggers=True, tokenize="unicode61 remove_diacritics 2")
    # The trigger as it comes rewrites the index on every update, and each sight of a revision is one.
    db.execute("DROP TRIGGER revisions_au")
    db.execute(
        "CREATE TRIGGER revisions_au AFTER UPDATE OF title, text ON revisions BEGIN"
        " INSERT INTO revisions_fts (revisions_fts, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);"
        " INSERT INTO revisions_fts (rowid, title, text) VALUES (new.id, new.title, new.text); END"
    )


def _statements(script: str) -> list[str]:
    """A script cut into its statements; a trigger's own semicolons do not cut it."""
    found, held = [], ""
    for line in script.splitlines():
        held += line + "\n"
        if sqlite3.complete_statement(held):
            found.append(held)
            held = ""
    return found
