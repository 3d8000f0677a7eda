"""SQL of the schema, one script for each migration that creates tables; a new column goes into `migrations`.

All times are UTC as `2026-11-23T21:39:05Z`, all lists JSON. The views are for people who open the file in Datasette.
"""

TABLES = """
CREATE TABLE sources (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    first_filled_at TEXT,
    last_attempt_at TEXT,
    last_success_at TEXT,
    last_items INTEGER,         -- items in its last good answer
    failures INTEGER NOT NULL,  -- runs without a good answer, in a row
    serving TEXT,               -- the endpoint that gave it
    incident TEXT,              -- the kind of trouble it is in, NULL when it is well
    incident_since_at TEXT,
    incident_detail TEXT,
    next_due_at TEXT
) STRICT;

CREATE TABLE bodies (
    sha256 TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    packed BLOB NOT NULL        -- zlib
) STRICT;

CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    final_url TEXT NOT NULL,
    captured_at TEXT NOT NULL CHECK (captured_at GLOB '????-??-??T??:??:??Z'),
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    status INTEGER,
    headers TEXT NOT NULL CHECK (json_valid(headers)),
    sha256 TEXT REFERENCES bodies (sha256),
    parser TEXT,
    items INTEGER,
    stale INTEGER NOT NULL DEFAULT 0,
    problems TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(problems))
) STRICT;
CREATE UNIQUE INDEX captures_once ON captures (source, url, captured_at, ifnull(sha256, ''));
CREATE INDEX captures_by_url ON captures (url, captured_at);

CREATE TABLE endpoints (        -- addresses that are asked again and again
    url TEXT PRIMARY KEY,
    clock TEXT,                 -- the newest time that its answers gave for themselves
    etag TEXT,
    last_modified TEXT,
    unmodified INTEGER NOT NULL DEFAULT 0   -- answers 304 since the last full one
) STRICT;

CREATE TABLE statements (
    id INTEGER PRIMARY KEY,
    authority TEXT NOT NULL,
    guid TEXT NOT NULL,
    guid_derived INTEGER NOT NULL,
    number TEXT,                -- the authority's own number in the guid or the address
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    type TEXT,
    byline TEXT,
    speaker TEXT,
    bureau TEXT,
    place TEXT,
    language TEXT,
    countries TEXT NOT NULL CHECK (json_valid(countries)),
    subjects TEXT NOT NULL CHECK (json_valid(subjects)),
    links TEXT NOT NULL CHECK (json_valid(links)),
    published_at TEXT,
    precision TEXT,
    modified_at TEXT,
    clock TEXT,                 -- the newest time that an answer which carried it gave for itself
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,  -- the number of the revision that stands
    source TEXT NOT NULL,       -- where it was first seen
    first_seen_at TEXT NOT NULL CHECK (first_seen_at GLOB '????-??-??T??:??:??Z'),
    last_seen_at TEXT NOT NULL CHECK (last_seen_at GLOB '????-??-??T??:??:??Z'),
    UNIQUE (authority, guid)
) STRICT;
CREATE INDEX statements_by_number ON statements (number);
CREATE INDEX statements_by_time ON statements (published_at);

CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    statement INTEGER NOT NULL REFERENCES statements (id),
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    words INTEGER NOT NULL,
    words_sha256 TEXT NOT NULL, -- of the body's words, without spaces
    grade TEXT,
    first_seen_at TEXT NOT NULL CHECK (first_seen_at GLOB '????-??-??T??:??:??Z'),
    last_seen_at TEXT NOT NULL CHECK (last_seen_at GLOB '????-??-??T??:??:??Z'),
    turned_at TEXT,             -- when an event last told that the statement turned to it
    UNIQUE (statement, number)
) STRICT;
CREATE INDEX revisions_by_words ON revisions (words_sha256);

CREATE TABLE looks (            -- renderings that a revision had before its present one
    revision INTEGER NOT NULL REFERENCES revisions (id),
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    until_at TEXT NOT NULL
) STRICT;
CREATE INDEX looks_by_revision ON looks (revision);

CREATE TABLE readings (         -- what each parser last read of a statement
    statement INTEGER NOT NULL REFERENCES statements (id),
    parser TEXT NOT NULL,
    revision INTEGER,           -- the number of the revision that it read, else its own wording:
    title TEXT,
    text TEXT,
    PRIMARY KEY (statement, parser)
) STRICT, WITHOUT ROWID;

CREATE TABLE fingerprints (     -- of each wording (the first revision that has it): a sample of its runs of five words
    hash INTEGER NOT NULL,
    statement INTEGER NOT NULL REFERENCES statements (id),
    revision INTEGER NOT NULL,
    PRIMARY KEY (hash, statement, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE addresses (
    url TEXT NOT NULL,
    statement INTEGER NOT NULL REFERENCES statements (id),
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    PRIMARY KEY (url, statement)
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_by_statement ON addresses (statement);

CREATE TABLE checks (           -- looks at a statement's own address
    statement INTEGER PRIMARY KEY REFERENCES statements (id),
    last_checked_at TEXT,
    next_check_at TEXT NOT NULL,
    misses INTEGER NOT NULL DEFAULT 0,
    missing_since_at TEXT
) STRICT;
CREATE INDEX checks_due ON checks (next_check_at);

CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??Z'),
    statement INTEGER REFERENCES statements (id),
    guid TEXT,
    url TEXT,
    title TEXT,
    grade TEXT,
    reasons TEXT NOT NULL CHECK (json_valid(reasons)),
    part TEXT,
    before TEXT,
    after TEXT,
    source TEXT NOT NULL,
    backfill INTEGER NOT NULL
) STRICT;
CREATE INDEX events_by_time ON events (at);
CREATE INDEX events_by_statement ON events (statement);
CREATE TRIGGER events_stand BEFORE UPDATE ON events
BEGIN SELECT raise(ABORT, 'an event is never changed'); END;

CREATE TABLE hosts (            -- what politeness must remember between runs
    host TEXT PRIMARY KEY,
    last_request_at TEXT,
    not_before TEXT,
    robots_text TEXT,
    robots_fetched_at TEXT
) STRICT;

CREATE VIEW statement_list AS
SELECT s.id, s.title, s.published_at, s.type, s.byline, s.state, s.url,
       (SELECT count(*) FROM revisions r WHERE r.statement = s.id) AS revisions,
       s.first_seen_at, s.last_seen_at
FROM statements s ORDER BY s.published_at DESC;

CREATE VIEW wordings AS
SELECT r.statement, s.title AS statement_title, r.number, r.title, r.text, r.words, r.grade,
       r.first_seen_at, r.last_seen_at, r.number = s.revision AS stands
FROM revisions r JOIN statements s ON s.id = r.statement ORDER BY r.statement, r.number;

CREATE VIEW what_happened AS
SELECT at, kind, grade, title,
       (SELECT group_concat(value, '; ') FROM json_each(reasons)) AS reasons, before, after, source, url, statement
FROM events WHERE NOT backfill ORDER BY at DESC, id DESC;

CREATE VIEW requests AS
SELECT captured_at, source, url, status, outcome, detail, items, stale FROM captures ORDER BY captured_at DESC;
"""
COPIES = """
CREATE TABLE pages (            -- documents of other sites
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    title TEXT NOT NULL,
    relation TEXT NOT NULL,     -- that of its best copy, else unsourced, sibling, none
    published_at TEXT,
    precision TEXT,
    language TEXT,
    claims_department INTEGER NOT NULL,
    claimed_urls TEXT NOT NULL CHECK (json_valid(claimed_urls)),
    via TEXT NOT NULL CHECK (json_valid(via)),
    quotes TEXT NOT NULL CHECK (json_valid(quotes)),
    parser TEXT NOT NULL,       -- which parser's sight of it this is
    listed_sha256 TEXT,         -- of what a feed last gave for its text
    traced_upto INTEGER NOT NULL,   -- the newest revision (by row) that it was compared with
    unsourced_at TEXT,          -- when an event told that nothing carries what it claims
    first_seen_at TEXT NOT NULL CHECK (first_seen_at GLOB '????-??-??T??:??:??Z'),
    last_seen_at TEXT NOT NULL CHECK (last_seen_at GLOB '????-??-??T??:??:??Z'),
    next_check_at TEXT,         -- NULL: it need not be looked at again
    backfill INTEGER NOT NULL   -- it was there when the watch began
) STRICT;
CREATE INDEX pages_due ON pages (source, next_check_at);
CREATE INDEX pages_by_sight ON pages (source, first_seen_at);

CREATE TABLE page_wordings (
    id INTEGER PRIMARY KEY,
    page INTEGER NOT NULL REFERENCES pages (id),
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,         -- the page's own text
    shown TEXT NOT NULL,        -- all that is visible on it, in which copies are looked for
    words_sha256 TEXT NOT NULL, -- of the text's words, without spaces
    first_seen_at TEXT NOT NULL CHECK (first_seen_at GLOB '????-??-??T??:??:??Z'),
    last_seen_at TEXT NOT NULL CHECK (last_seen_at GLOB '????-??-??T??:??:??Z'),
    UNIQUE (page, number)
) STRICT;

CREATE TABLE copies (           -- what ties a page to a statement
    page INTEGER NOT NULL REFERENCES pages (id),
    statement INTEGER NOT NULL REFERENCES statements (id),
    revision INTEGER NOT NULL,
    relation TEXT NOT NULL,
    fit TEXT NOT NULL,          -- the relation to that very revision
    coverage REAL NOT NULL,
    fidelity REAL NOT NULL,
    grade TEXT,
    differences TEXT NOT NULL CHECK (json_valid(differences)),
    evidence TEXT NOT NULL CHECK (json_valid(evidence)),
    spans TEXT NOT NULL CHECK (json_valid(spans)),  -- [[statement], [page]] as characters of text and shown
    runner_up INTEGER,
    first_seen_at TEXT NOT NULL CHECK (first_seen_at GLOB '????-??-??T??:??:??Z'),
    last_seen_at TEXT NOT NULL CHECK (last_seen_at GLOB '????-??-??T??:??:??Z'),
    misses INTEGER NOT NULL DEFAULT 0,
    missing_since TEXT,
    gone_at TEXT,
    PRIMARY KEY (page, statement)
) STRICT, WITHOUT ROWID;
CREATE INDEX copies_by_statement ON copies (statement);

ALTER TABLE events ADD COLUMN page_url TEXT;
ALTER TABLE events ADD COLUMN page_title TEXT;
ALTER TABLE events ADD COLUMN relation TEXT;
ALTER TABLE events ADD COLUMN revision INTEGER;
ALTER TABLE events ADD COLUMN coverage REAL;
ALTER TABLE events ADD COLUMN fidelity REAL;
CREATE INDEX events_by_page ON events (page_url) WHERE page_url IS NOT NULL;

DROP VIEW what_happened;
CREATE VIEW what_happened AS
SELECT at, kind, relation, grade, title,
       (SELECT group_concat(value, '; ') FROM json_each(reasons)) AS reasons, before, after, page_url, source, url,
       statement
FROM events WHERE NOT backfill ORDER BY at DESC, id DESC;

CREATE VIEW copy_list AS
SELECT s.title, p.url, c.relation, c.revision, c.coverage, c.fidelity, c.grade,
       (SELECT group_concat(value, '; ') FROM json_each(c.differences)) AS differences,
       c.first_seen_at, c.last_seen_at, c.gone_at, p.source, c.statement, c.page
FROM copies c JOIN pages p ON p.id = c.page JOIN statements s ON s.id = c.statement ORDER BY c.first_seen_at DESC;
"""
OUTBOX = """
CREATE TABLE messages (         -- one to one recipient, from the first event in it until it is delivered
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,   -- what it was opened for, so that nothing opens it twice
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,    -- a mail address or the address of a webhook
    watches TEXT NOT NULL CHECK (json_valid(watches)),
    statement INTEGER REFERENCES statements (id),   -- NULL for digests and what is about no statement
    note TEXT,                  -- why it was held back; NULL for most
    due_at TEXT NOT NULL CHECK (due_at GLOB '????-??-??T??:??:??Z'),
    state TEXT NOT NULL CHECK (state IN ('pending', 'frozen', 'sent', 'failed', 'muted')),
    message_id TEXT,
    subject TEXT,
    raw BLOB,                   -- the bytes of every attempt
    attempts INTEGER NOT NULL DEFAULT 0,
    first_failed_at TEXT,       -- when the present row of vain attempts began
    next_attempt_at TEXT,
    last_error TEXT,            -- in the server's words
    created_at TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??Z'),
    frozen_at TEXT,
    sent_at TEXT,
    CHECK (state NOT IN ('frozen', 'sent') OR raw IS NOT NULL)
) STRICT;
CREATE INDEX messages_waiting ON messages (ifnull(next_attempt_at, due_at)) WHERE state IN ('pending', 'frozen');
CREATE INDEX messages_by_statement ON messages (statement, recipient);
CREATE INDEX messages_by_state ON messages (state);
CREATE TRIGGER messages_stay_frozen BEFORE UPDATE OF raw, message_id ON messages WHEN old.raw IS NOT NULL
BEGIN SELECT raise(ABORT, 'a frozen message is never changed'); END;

CREATE TABLE alerts (           -- an event addressed to a recipient: once for each channel
    event INTEGER NOT NULL REFERENCES events (id),
    recipient TEXT NOT NULL,
    channel TEXT NOT NULL,
    message INTEGER NOT NULL REFERENCES messages (id),
    asked TEXT NOT NULL CHECK (json_valid(asked)),  -- {watch: because}
    muted INTEGER NOT NULL DEFAULT 0,               -- it was muted when its message was written
    PRIMARY KEY (event, recipient, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX alerts_by_message ON alerts (message);

CREATE TABLE mutes (
    id INTEGER PRIMARY KEY,
    statement INTEGER REFERENCES statements (id),
    source TEXT,
    since TEXT NOT NULL,
    until TEXT,
    CHECK ((statement IS NULL) <> (source IS NULL))
) STRICT;

CREATE TABLE filing (           -- the events up to here have been turned into alerts
    only INTEGER PRIMARY KEY CHECK (only = 1),
    upto INTEGER NOT NULL
) STRICT;
INSERT INTO filing SELECT 1, ifnull(max(id), 0) FROM events;    -- what happened before there were alerts is no news

CREATE VIEW outbox AS
SELECT m.id, m.state, m.kind, m.channel, m.recipient, m.subject,
       (SELECT group_concat(value, '; ') FROM json_each(m.watches)) AS watches,
       (SELECT count(*) FROM alerts a WHERE a.message = m.id) AS events, s.title, m.due_at, m.attempts,
       m.next_attempt_at, m.last_error, m.note, m.created_at, m.frozen_at, m.sent_at, m.statement
FROM messages m LEFT JOIN statements s ON s.id = m.statement ORDER BY m.created_at DESC, m.id DESC;
"""
YIELDS = """
CREATE TABLE yields (           -- what endpoints brought in each hour of the clock in which they were asked
    source TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    hour TEXT NOT NULL CHECK (hour GLOB '????-??-??T??:00:00Z'),
    news INTEGER NOT NULL,      -- statements published, or pages of others that were new
    reads INTEGER NOT NULL,     -- lists that were read; the sums over them:
    items INTEGER NOT NULL,
    undated INTEGER NOT NULL,
    untitled INTEGER NOT NULL,
    textless INTEGER NOT NULL,
    PRIMARY KEY (source, endpoint, hour)
) STRICT, WITHOUT ROWID;

CREATE INDEX captures_by_body ON captures (sha256) WHERE sha256 IS NOT NULL;
"""
