"""Migrations of the database, in order. Add one for every change of the schema.

Foreign keys are not enforced while they run, so that a table to which others refer can be replaced.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlite_utils import Migrations

from scraper.store.schema import COPIES, OUTBOX, TABLES, YIELDS

if TYPE_CHECKING:
    from sqlite_utils import Database


# "swir" in ASCII: marks a SQLite file as a database of statewire.
APPLICATION_ID = 0x73776972
SCHEMA_VERSION = 9
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
def pages_know_their_documents(db: Database) -> None:
    """Record if a page was read itself, or only its text in a list; before, the name of the parser implied it."""
    db.execute("ALTER TABLE pages ADD COLUMN is_document INTEGER NOT NULL DEFAULT 0 CHECK (is_document IN (0, 1))")
    db.execute("UPDATE pages SET is_document = 1 WHERE parser = 'mirror-page'")


# SQLite cannot change a CHECK, so the table is copied.
_MESSAGE_STATES = """
DROP VIEW outbox;
CREATE TABLE new_messages (     -- one to one recipient, from the first event in it until it is delivered
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,   -- the occasion for which it was opened, so that it is opened once
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,    -- an e-mail address or the URL of a webhook
    watches TEXT NOT NULL CHECK (json_valid(watches)),
    statement INTEGER REFERENCES statements (id),   -- NULL for digests and messages about no statement
    note TEXT,                  -- why it was held back; NULL for most
    due_at TEXT NOT NULL CHECK (due_at GLOB '????-??-??T??:??:??Z'),
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'retrying', 'sent', 'refused', 'muted')),
    message_id TEXT,
    subject TEXT,
    raw BLOB,                   -- the bytes of every attempt
    attempts INTEGER NOT NULL DEFAULT 0,
    first_failed_at TEXT,       -- start of the current series of failed attempts
    next_attempt_at TEXT,
    last_error TEXT,            -- in the server's words
    created_at TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??Z'),
    rendered_at TEXT,
    sent_at TEXT,
    CHECK (state NOT IN ('sending', 'retrying', 'sent') OR raw IS NOT NULL)
) STRICT;
INSERT INTO new_messages SELECT id, key, kind, channel, recipient, watches, statement, note, due_at,
    CASE state WHEN 'pending' THEN 'queued' WHEN 'frozen' THEN iif(last_error IS NULL, 'sending', 'retrying')
               WHEN 'failed' THEN 'refused' ELSE state END,
    message_id, subject, raw, attempts, first_failed_at, next_attempt_at, last_error, created_at, frozen_at, sent_at
FROM messages;
DROP TABLE messages;
ALTER TABLE new_messages RENAME TO messages;
CREATE INDEX messages_waiting ON messages (ifnull(next_attempt_at, due_at))
    WHERE state IN ('queued', 'sending', 'retrying');
CREATE INDEX messages_by_statement ON messages (statement, recipient);
CREATE INDEX messages_by_state ON messages (state);
CREATE TRIGGER messages_keep_their_bytes BEFORE UPDATE OF raw, message_id ON messages WHEN old.raw IS NOT NULL
    AND NOT (old.state = 'sent' AND new.raw = x'' AND new.message_id IS old.message_id)
BEGIN SELECT raise(ABORT, 'a rendered message is never changed'); END;
CREATE VIEW outbox AS
SELECT m.id, m.state, m.kind, m.channel, m.recipient, m.subject,
       (SELECT group_concat(value, '; ') FROM json_each(m.watches)) AS watches,
       (SELECT count(*) FROM alerts a WHERE a.message = m.id) AS events, s.title, m.due_at, m.attempts,
       m.next_attempt_at, m.last_error, m.note, m.created_at, m.rendered_at, m.sent_at, m.statement
FROM messages m LEFT JOIN statements s ON s.id = m.statement ORDER BY m.created_at DESC, m.id DESC;
"""


@migrations()
def message_states(db: Database) -> None:
    """Rename the states of messages and the time of rendering; tell a first attempt from a later one."""
    for statement in _statements(_MESSAGE_STATES):
        db.execute(statement)


@migrations()
def reasons_as_data(db: Database) -> None:
    """Add the reasons of an event that compare two wordings, as JSON; earlier events have none."""
    db.execute("ALTER TABLE events ADD COLUMN changes TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(changes))")


_OUTDATED = """
ALTER TABLE copies ADD COLUMN outdated INTEGER NOT NULL DEFAULT 0 CHECK (outdated IN (0, 1));
UPDATE copies SET outdated = 1 WHERE relation = 'superseded';
UPDATE copies SET relation = fit;
UPDATE pages SET relation = ifnull((
    SELECT c.relation FROM copies c WHERE c.page = pages.id AND c.outdated AND c.gone_at IS NULL
    ORDER BY c.coverage DESC LIMIT 1
), 'none') WHERE relation = 'superseded';

ALTER TABLE events ADD COLUMN outdated INTEGER NOT NULL DEFAULT 0 CHECK (outdated IN (0, 1));
DROP TRIGGER events_stand;
-- The relation to the revision stands in the words of a change ("superseded (altered) of revision 1"), and in the copy
-- if that is still of the same revision; any other event says no more than its measures.
UPDATE events SET outdated = 1, relation = coalesce(
    CASE WHEN after LIKE 'superseded (%' THEN substr(after, 13, instr(after, ')') - 13) END,
    (SELECT c.relation FROM copies c JOIN pages p ON p.id = c.page
     WHERE p.url = events.page_url AND c.statement = events.statement AND c.revision = events.revision),
    CASE WHEN fidelity > 0 AND fidelity < 1 THEN 'altered' WHEN coverage < 1 THEN 'excerpt' ELSE 'verbatim' END
) WHERE relation = 'superseded';
ALTER TABLE copies DROP COLUMN fit;
CREATE TRIGGER events_stand BEFORE UPDATE ON events
BEGIN SELECT raise(ABORT, 'an event is never changed'); END;

DROP VIEW what_happened;
CREATE VIEW what_happened AS
SELECT at, kind, relation, outdated, grade, title,
       (SELECT group_concat(value, '; ') FROM json_each(reasons)) AS reasons, before, after, page_url, source, url,
       statement
FROM events WHERE NOT backfill ORDER BY at DESC, id DESC;
DROP VIEW copy_list;
CREATE VIEW copy_list AS
SELECT s.title, p.url, c.relation, c.outdated, c.revision, c.coverage, c.fidelity, c.grade,
       (SELECT group_concat(value, '; ') FROM json_each(c.differences)) AS differences,
       c.first_seen_at, c.last_seen_at, c.gone_at, p.source, c.statement, c.page
FROM copies c JOIN pages p ON p.id = c.page JOIN statements s ON s.id = c.statement ORDER BY c.first_seen_at DESC;
"""


@migrations()
def outdated_beside_the_relation(db: Database) -> None:
    """Keep the relation of a copy to its revision, and beside it if State has replaced that revision."""
    for statement in _statements(_OUTDATED):
        db.execute(statement)


_ALL_REASONS = """
DROP TRIGGER events_stand;
UPDATE events SET changes = (
    SELECT json_group_array(json_array('', value, '', 'cosmetic', json('false'))) FROM json_each(events.reasons)
) WHERE json_array_length(changes) <> json_array_length(reasons);
CREATE TRIGGER events_stand BEFORE UPDATE ON events
BEGIN SELECT raise(ABORT, 'an event is never changed'); END;
"""


@migrations()
def every_reason_as_data(db: Database) -> None:
    """Keep the reasons that compare no wordings as data too; those of earlier events become remarks."""
    for statement in _statements(_ALL_REASONS):
        db.execute(statement)


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
