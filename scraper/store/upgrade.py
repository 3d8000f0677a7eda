"""Creation of the schema and upgrades of earlier ones. Call the functions inside a unit of work."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from scraper.rules import state_hosts
from scraper.store import search
from scraper.store.schema import TABLES
from scraper.store.schema_views import INDEXES_TRIGGERS_VIEWS
from scraper.text import normalize

if TYPE_CHECKING:
    from sqlite_utils import Database

# "swir" in ASCII: marks a SQLite file as a database of statewire.
APPLICATION_ID = 0x73776972
SCHEMA_VERSION = 17
_SAME_FINGERPRINTS = 14  # from this schema on, the index keeps the same hashes of a text

# Names change, endpoints get columns, and reasons without data become remarks. No table is copied: a large file needs
# no room for another.
_FROM_8 = """
DROP TABLE _sqlite_migrations;
ALTER TABLE looks RENAME TO renderings;
ALTER TABLE readings RENAME TO parsed_texts;
ALTER TABLE addresses RENAME TO statement_urls;
ALTER TABLE checks RENAME TO rechecks;
ALTER TABLE filing RENAME TO alert_cursor;
ALTER TABLE yields RENAME TO arrivals;
ALTER TABLE endpoints ADD COLUMN first_page TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(first_page));
ALTER TABLE endpoints ADD COLUMN unread_url TEXT;
ALTER TABLE endpoints ADD COLUMN unread_until TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(unread_until));
CREATE TABLE page_urls (url TEXT PRIMARY KEY, page_id INTEGER NOT NULL REFERENCES pages (id)) STRICT, WITHOUT ROWID;
ALTER TABLE parsed_texts ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pages ADD COLUMN parser_version INTEGER NOT NULL DEFAULT 0;
CREATE TABLE held_texts (
    subject TEXT NOT NULL,
    subject_id INTEGER NOT NULL,
    words_sha256 TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    looks INTEGER NOT NULL,
    PRIMARY KEY (subject, subject_id, words_sha256)
) STRICT, WITHOUT ROWID;
ALTER TABLE hosts RENAME COLUMN not_before TO not_before_at;
ALTER TABLE endpoints RENAME COLUMN clock TO clock_at;
ALTER TABLE arrivals RENAME COLUMN hour TO hour_at;
ALTER TABLE statements RENAME COLUMN clock TO clock_at;
ALTER TABLE revisions RENAME COLUMN statement TO statement_id;
ALTER TABLE renderings RENAME COLUMN revision TO revision_id;
ALTER TABLE renderings RENAME COLUMN until_at TO replaced_at;
ALTER TABLE parsed_texts RENAME COLUMN statement TO statement_id;
ALTER TABLE fingerprints RENAME COLUMN statement TO statement_id;
ALTER TABLE statement_urls RENAME COLUMN statement TO statement_id;
ALTER TABLE rechecks RENAME COLUMN statement TO statement_id;
ALTER TABLE pages RENAME COLUMN traced_upto TO traced_revision_id;
ALTER TABLE page_wordings RENAME COLUMN page TO page_id;
ALTER TABLE copies RENAME COLUMN page TO page_id;
ALTER TABLE copies RENAME COLUMN statement TO statement_id;
ALTER TABLE copies RENAME COLUMN runner_up TO runner_up_id;
ALTER TABLE copies RENAME COLUMN missing_since TO missing_since_at;
ALTER TABLE events RENAME COLUMN at TO detected_at;
ALTER TABLE events RENAME COLUMN statement TO statement_id;
ALTER TABLE messages RENAME COLUMN statement TO statement_id;
ALTER TABLE alerts RENAME COLUMN event TO event_id;
ALTER TABLE alerts RENAME COLUMN message TO outbox_id;
ALTER TABLE alerts RENAME COLUMN asked TO reasons_by_watch;
ALTER TABLE alert_cursor RENAME COLUMN only TO id;
ALTER TABLE alert_cursor RENAME COLUMN upto TO event_id;
ALTER TABLE mutes RENAME COLUMN statement TO statement_id;
ALTER TABLE mutes RENAME COLUMN since TO since_at;
ALTER TABLE mutes RENAME COLUMN until TO until_at;
UPDATE events SET changes = (
    SELECT json_group_array(json_array('', value, '', 'cosmetic', json('false'))) FROM json_each(events.reasons)
) WHERE json_array_length(changes) <> json_array_length(reasons);
"""
# Other hosts under state.gov are namespaces of their own: their statements get their own authority, and the others lose
# the URLs there. A guid that was derived from a page does not say whose it is; the oldest URL does.
_FROM_10 = """
ALTER TABLE statements ADD COLUMN claimed INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1));
ALTER TABLE statement_urls ADD COLUMN claimed INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1));
CREATE TABLE claims (
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    claimed_at TEXT NOT NULL,
    PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;
CREATE TABLE claim_counts (source TEXT PRIMARY KEY, counted_on TEXT NOT NULL, requests INTEGER NOT NULL) STRICT;
CREATE TEMP TABLE other_hosts AS
SELECT u.statement_id, u.url, namespace(u.url) AS host,
       row_number() OVER (PARTITION BY u.statement_id ORDER BY u.first_seen_at, u.url) = 1 AS is_oldest
FROM statement_urls u JOIN statements s ON s.id = u.statement_id
WHERE s.authority = 'state.gov' AND u.url LIKE '%state.gov%';
DELETE FROM other_hosts WHERE host IS NULL;
UPDATE OR IGNORE statements SET authority = o.host, guid = replace(guid, '//www.state.gov/', '//' || o.host || '/')
FROM other_hosts o
WHERE o.statement_id = statements.id AND o.is_oldest AND o.host <> 'state.gov'
    AND (guid_derived OR namespace(guid) = o.host);
DELETE FROM other_hosts WHERE statement_id IN (SELECT id FROM statements WHERE authority <> 'state.gov')
    OR statement_id NOT IN (SELECT statement_id FROM other_hosts WHERE host = 'state.gov');
UPDATE statements SET url = (
    SELECT u.url FROM statement_urls u JOIN other_hosts o USING (statement_id, url)
    WHERE statement_id = statements.id AND o.host = 'state.gov' ORDER BY u.last_seen_at DESC LIMIT 1
) WHERE (id, url) IN (SELECT statement_id, url FROM other_hosts WHERE host <> 'state.gov');
DELETE FROM statement_urls
WHERE (statement_id, url) IN (SELECT statement_id, url FROM other_hosts WHERE host <> 'state.gov');
DROP TABLE other_hosts;
"""
# Messages name the one whose actions they report. Only that of messages that wait matters, or of a day ago.
_FROM_11 = """
ALTER TABLE messages ADD COLUMN actor TEXT NOT NULL DEFAULT 'monitor';
UPDATE messages SET actor = 'third party' WHERE kind IN ('instant', 'digest');
UPDATE messages SET actor = 'state' WHERE id IN (
    SELECT outbox_id FROM alerts JOIN events ON events.id = event_id WHERE events.kind LIKE 'statement.%'
);
CREATE TABLE withheld (
    guard TEXT NOT NULL,
    subject TEXT NOT NULL,
    count INTEGER NOT NULL,
    since_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    closed_at TEXT
) STRICT;
"""
# Signs of values count as words, so that a text with such a sign has another hash: since schema 10 currencies, per cent
# and minus ("$58" is not "€58"), since 13 leading decimal points, ranges, and commas between two numbers.
_FROM_12 = """
UPDATE revisions SET words_sha256 = wording_sha256(text);
UPDATE page_wordings SET words_sha256 = wording_sha256(text);
"""
# The index also finds sentences, and quotations are kept.
_FROM_13 = """
DROP TABLE fingerprints;
CREATE TABLE fingerprints (
    hash INTEGER NOT NULL,
    statement_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (hash, statement_id, revision)
) STRICT, WITHOUT ROWID;
CREATE TABLE quotations (
    page_id INTEGER NOT NULL REFERENCES pages (id),
    statement_id INTEGER NOT NULL REFERENCES statements (id),
    revision INTEGER NOT NULL,
    quote TEXT NOT NULL,
    wording TEXT NOT NULL,
    place TEXT NOT NULL CHECK (json_valid(place)),
    is_altered INTEGER NOT NULL CHECK (is_altered IN (0, 1)),
    grade TEXT,
    changes TEXT NOT NULL CHECK (json_valid(changes)),
    others TEXT NOT NULL CHECK (json_valid(others)),
    first_seen_at TEXT NOT NULL CHECK (first_seen_at GLOB '????-??-??T??:??:??Z'),
    last_seen_at TEXT NOT NULL CHECK (last_seen_at GLOB '????-??-??T??:??:??Z'),
    looks INTEGER NOT NULL,
    reported INTEGER NOT NULL CHECK (reported IN (0, 1)),
    gone_at TEXT,
    PRIMARY KEY (page_id, statement_id, quote)
) STRICT, WITHOUT ROWID;
ALTER TABLE pages ADD COLUMN is_searched INTEGER NOT NULL DEFAULT 0 CHECK (is_searched IN (0, 1));
"""
# Due rechecks are found by source, and a list with the same body is not read again; all other changes are indexes.
_FROM_14 = """
ALTER TABLE rechecks RENAME TO rechecks_14;
CREATE TABLE rechecks (
    statement_id INTEGER PRIMARY KEY REFERENCES statements (id),
    source TEXT NOT NULL,
    last_checked_at TEXT,
    next_check_at TEXT NOT NULL,
    misses INTEGER NOT NULL DEFAULT 0,
    missing_since_at TEXT
) STRICT;
INSERT INTO rechecks SELECT r.statement_id, s.source, r.last_checked_at, r.next_check_at, r.misses, r.missing_since_at
FROM rechecks_14 r JOIN statements s ON s.id = r.statement_id;
DROP TABLE rechecks_14;
CREATE TABLE last_readings (
    url TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    parser TEXT NOT NULL,
    items INTEGER NOT NULL,
    undated INTEGER NOT NULL,
    untitled INTEGER NOT NULL,
    textless INTEGER NOT NULL,
    seen_at TEXT NOT NULL,
    statement_ids TEXT NOT NULL CHECK (json_valid(statement_ids)),
    state_sha256 TEXT NOT NULL
) STRICT;
"""
# The text of a page in a list had the date of the list. What evidence bundles contain is kept. Search services are
# asked for the copies of new statements. Standing pages are watched, and texts have their headings.
_FROM_15 = """
ALTER TABLE pages ADD COLUMN is_date_listed INTEGER NOT NULL DEFAULT 0 CHECK (is_date_listed IN (0, 1));
UPDATE pages SET is_date_listed = 1 WHERE NOT is_document AND published_at IS NOT NULL;
CREATE TABLE exported_captures (
    capture_id INTEGER NOT NULL REFERENCES captures (id),
    subject TEXT NOT NULL,
    subject_id INTEGER NOT NULL,
    PRIMARY KEY (capture_id, subject, subject_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE searches (
    source TEXT PRIMARY KEY,
    enabled_at TEXT NOT NULL,
    statement_id INTEGER NOT NULL,
    refusals INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE search_queries (
    source TEXT NOT NULL,
    statement_id INTEGER NOT NULL REFERENCES statements (id),
    phrase TEXT NOT NULL,
    first_due_at TEXT NOT NULL,
    due_at TEXT,
    not_before_at TEXT,
    rounds INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    answered_at TEXT,
    found INTEGER NOT NULL DEFAULT 0,
    left_out INTEGER NOT NULL DEFAULT 0,
    is_past INTEGER NOT NULL CHECK (is_past IN (0, 1)),
    PRIMARY KEY (source, statement_id, phrase)
) STRICT, WITHOUT ROWID;
CREATE TABLE search_results (
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    statement_id INTEGER NOT NULL REFERENCES statements (id),
    is_past INTEGER NOT NULL CHECK (is_past IN (0, 1)),
    found_at TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    settled_at TEXT,
    PRIMARY KEY (source, url, statement_id)
) STRICT, WITHOUT ROWID;
ALTER TABLE statements ADD COLUMN standing INTEGER NOT NULL DEFAULT 0 CHECK (standing IN (0, 1));
ALTER TABLE revisions ADD COLUMN headings TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(headings));
ALTER TABLE rechecks ADD COLUMN interval_s INTEGER;
CREATE TABLE standing_pages (
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    list_url TEXT NOT NULL,
    list_key TEXT NOT NULL,
    is_new INTEGER NOT NULL CHECK (is_new IN (0, 1)),
    modified_at TEXT,
    listed_at TEXT NOT NULL,
    unlisted_at TEXT,
    statement_id INTEGER REFERENCES statements (id),
    PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;
"""
# Pages are saved by the Internet Archive, and records of imported bundles are kept.
_FROM_16 = """
CREATE TABLE imported_records (
    content_sha256 TEXT PRIMARY KEY,
    facts TEXT NOT NULL CHECK (json_valid(facts))
) STRICT, WITHOUT ROWID;
CREATE TABLE page_saves (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    since_at TEXT NOT NULL,
    with_errors INTEGER NOT NULL CHECK (with_errors IN (0, 1)),
    due_at TEXT,
    job TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    polls INTEGER NOT NULL DEFAULT 0,
    requested_at TEXT,
    saved_at TEXT,
    problem TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE page_save_readers (
    save_id INTEGER NOT NULL REFERENCES page_saves (id),
    event_id INTEGER NOT NULL REFERENCES events (id),
    watch TEXT NOT NULL,
    recipient TEXT NOT NULL,
    outbox_id INTEGER REFERENCES messages (id),
    PRIMARY KEY (save_id, event_id, watch, recipient)
) STRICT, WITHOUT ROWID;
CREATE TABLE page_save_service (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    event_id INTEGER NOT NULL,
    counted_on TEXT,
    requests INTEGER NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0,
    not_before_at TEXT,
    problem TEXT NOT NULL DEFAULT ''
) STRICT;
"""
UPGRADES: Final = {
    8: _FROM_8,
    9: "",
    10: _FROM_10,
    11: _FROM_11,
    12: _FROM_12,
    13: _FROM_13,
    14: _FROM_14,
    15: _FROM_15,
    16: _FROM_16,
}
"""Script that upgrades the tables of each earlier schema to the next one; add one for every change of `TABLES`."""

_REST = f"""{INDEXES_TRIGGERS_VIEWS}{search.SCHEMA}
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""


def create(db: Database) -> None:
    """Create the schema in an empty database."""
    _run(db, TABLES + _REST)


def upgrade(db: Database, version: int) -> None:
    """Upgrade a database of an earlier schema. Foreign keys must not be enforced."""
    # A column of a table cannot be renamed while a view or a trigger names another one that is gone.
    made = db.execute("SELECT type, name FROM sqlite_master WHERE type IN ('view', 'trigger', 'index') AND sql <> ''")
    for kind, name in made.fetchall():
        db.execute(f'DROP {kind} "{name}"')
    db.conn.create_function("wording_sha256", 1, _wording_sha256, deterministic=True)
    db.conn.create_function("namespace", 1, state_hosts.namespace, deterministic=True)
    _run(db, "".join(UPGRADES[earlier] for earlier in range(version, SCHEMA_VERSION)) + _REST)
    if version < _SAME_FINGERPRINTS:
        from scraper.store.fingerprints import Fingerprints  # loads the matcher, which only an upgrade needs here

        Fingerprints(db).rebuild()


def rebuild_search(db: Database) -> None:
    """Build full-text search over all revisions again."""
    _run(db, search.SCHEMA)


def _wording_sha256(text: str) -> str:
    return normalize.key_sha256(normalize.wording_key(text))


def _run(db: Database, script: str) -> None:
    """Run a script inside the open transaction, which `executescript` would commit."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            db.execute(pending)
            pending = ""
