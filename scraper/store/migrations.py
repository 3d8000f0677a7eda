"""Migrations of the database, in order. Add one for every change of the schema."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlite_utils import Migrations

from scraper.store.schema import COPIES, OUTBOX, TABLES, YIELDS

if TYPE_CHECKING:
    from sqlite_utils import Database


# "swir" in ASCII: marks a SQLite file as a database of statewire.
APPLICATION_ID = 0x73776972
SCHEMA_VERSION = 8
# The first schema whose fingerprints are computed like those of the current one.
FINGERPRINTS_SINCE = 7

migrations = Migrations("statewire")


@migrations()
def first_schema(db: Database) -> None:
    """Create the tables of statements, wordings, events and captures."""
    for statement in _statements(TABLES):
        db.execute(statement)
    enable_search(db)


@migrations()
def copies_on_pages(db: Database) -> None:
    """Create the tables of pages of other sites, their wordings, and the statements that they carry."""
    for statement in _statements(COPIES):
        db.execute(statement)


@migrations()
def outbox_of_alerts(db: Database) -> None:
    """Create the tables of messages and of the events in them."""
    for statement in _statements(OUTBOX):
        db.execute(statement)


@migrations()
def yields_by_hour(db: Database) -> None:
    """Create the table of hourly arrivals, and an index from bodies to captures."""
    for statement in _statements(YIELDS):
        db.execute(statement)


@migrations()
def pace_and_budget(db: Database) -> None:
    """Add the polling interval of a source, which follows its news, and the requests of a host on its last day."""
    db.execute("ALTER TABLE sources ADD COLUMN interval_s INTEGER")
    db.execute("ALTER TABLE hosts ADD COLUMN counted_on TEXT")  # the UTC day of `requests`
    db.execute("ALTER TABLE hosts ADD COLUMN requests INTEGER NOT NULL DEFAULT 0")


@migrations()
def delivered_mail_may_go(db: Database) -> None:
    """Allow removing the bytes of a delivered message; every other change of them stays forbidden."""
    db.execute("DROP TRIGGER messages_stay_frozen")
    db.execute(
        "CREATE TRIGGER messages_stay_frozen BEFORE UPDATE OF raw, message_id ON messages WHEN old.raw IS NOT NULL"
        " AND NOT (old.state = 'sent' AND new.raw = x'' AND new.message_id IS old.message_id)"
        " BEGIN SELECT raise(ABORT, 'a frozen message is never changed'); END"
    )


@migrations()
def fingerprints_by_another_hash(db: Database) -> None:
    """Clear the fingerprints; `connect` computes them again from the texts after all migrations."""
    db.execute("DELETE FROM fingerprints")


@migrations()
def reasons_as_data(db: Database) -> None:
    """Add the reasons of an event that compare two wordings, as JSON; NULL for none, and in events of before."""
    db.execute("ALTER TABLE events ADD COLUMN changes TEXT CHECK (changes IS NULL OR json_valid(changes))")


def enable_search(db: Database) -> None:
    """(Re)build full-text search over all revisions. Call after each `transform()`, which drops its triggers."""
    revisions = db.table("revisions")
    if revisions.detect_fts():
        revisions.disable_fts()
    revisions.enable_fts(["title", "text"], create_triggers=True, tokenize="unicode61 remove_diacritics 2")
    # The default trigger rewrites the index on every update, and each poll that sees a revision is an update.
    db.execute("DROP TRIGGER revisions_au")
    db.execute(
        "CREATE TRIGGER revisions_au AFTER UPDATE OF title, text ON revisions BEGIN"
        " INSERT INTO revisions_fts (revisions_fts, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);"
        " INSERT INTO revisions_fts (rowid, title, text) VALUES (new.id, new.title, new.text); END"
    )


def _statements(script: str) -> list[str]:
    """Split a script into its statements. The semicolons inside a trigger do not split it."""
    found, pending = [], ""
    for line in script.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            found.append(pending)
            pending = ""
    return found
