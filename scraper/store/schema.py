"""SQL of the schema, as a new database gets it; `upgrade` brings earlier ones to it.

All times are UTC as `2026-11-23T21:39:05Z`, all lists JSON. A column `…_id` holds the `id` of a row of another table;
`revision` is the number of a revision of its statement. Indexes, triggers and views are in `schema_views`.
"""

from scraper.store import schema_evidence, schema_page_saves, schema_searches

TABLES = """
CREATE TABLE sources (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    first_filled_at TEXT,
    last_attempt_at TEXT,
    last_success_at TEXT,
    last_items INTEGER,         -- items in its last usable response
    failures INTEGER NOT NULL,  -- runs without a usable response, in a row
    serving TEXT,               -- the endpoint of that response
    incident TEXT,              -- kind of the event that reported its problem, NULL if it has none
    incident_since_at TEXT,
    incident_detail TEXT,
    next_due_at TEXT,
    interval_s INTEGER          -- from its last run to the next one
) STRICT;

CREATE TABLE hosts (            -- throttle state between runs
    host TEXT PRIMARY KEY,
    last_request_at TEXT,
    not_before_at TEXT,
    robots_text TEXT,
    robots_fetched_at TEXT,
    counted_on TEXT,            -- the UTC day of `requests`
    requests INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE endpoints (        -- URLs that are polled
    url TEXT PRIMARY KEY,
    clock_at TEXT,              -- newest time that its responses state for themselves
    etag TEXT,
    last_modified TEXT,
    unmodified INTEGER NOT NULL DEFAULT 0,  -- responses 304 since the last full one
    first_page TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(first_page)),       -- URLs on the first page of its list
    unread_url TEXT,            -- page of the list at which the next run goes on
    unread_until TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(unread_until))    -- URLs that end it
) STRICT;

CREATE TABLE last_readings (    -- of lists of State's whose body would bring nothing again
    url TEXT PRIMARY KEY,
    key TEXT NOT NULL,          -- hash of the body and of all else that its reading depends on
    parser TEXT NOT NULL,
    items INTEGER NOT NULL,     -- of the list; and those of them:
    undated INTEGER NOT NULL,
    untitled INTEGER NOT NULL,
    textless INTEGER NOT NULL,
    seen_at TEXT NOT NULL,      -- last response with the same body
    statement_ids TEXT NOT NULL CHECK (json_valid(statement_ids)),
    state_sha256 TEXT NOT NULL  -- of what was stored of these statements after it
) STRICT;

CREATE TABLE arrivals (         -- items that endpoints delivered in each hour in which they were polled
    source TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    hour_at TEXT NOT NULL CHECK (hour_at GLOB '????-??-??T??:00:00Z'),
    news INTEGER NOT NULL,      -- statements published, or pages of mirrors that were new
    reads INTEGER NOT NULL,     -- lists that were read; the sums over them:
    items INTEGER NOT NULL,
    undated INTEGER NOT NULL,
    untitled INTEGER NOT NULL,
    textless INTEGER NOT NULL,
    PRIMARY KEY (source, endpoint, hour_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE bodies (
    sha256 TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    packed BLOB NOT NULL        -- zlib; empty once retention has removed it
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

CREATE TABLE statements (
    id INTEGER PRIMARY KEY,
    authority TEXT NOT NULL,
    guid TEXT NOT NULL,
    guid_derived INTEGER NOT NULL,
    number TEXT,                -- the authority's own number in the guid or the URL
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
    clock_at TEXT,              -- newest time that a response which carried it states for itself
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,  -- number of the current revision
    source TEXT NOT NULL,       -- the first source to carry it
    first_seen_at TEXT NOT NULL CHECK (first_seen_at GLOB '????-??-??T??:??:??Z'),
    last_seen_at TEXT NOT NULL CHECK (last_seen_at GLOB '????-??-??T??:??:??Z'),
    claimed INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1)),   -- known by the link of another site only
    standing INTEGER NOT NULL DEFAULT 0 CHECK (standing IN (0, 1)), -- a standing page: its URL identifies it
    UNIQUE (authority, guid)
) STRICT;

CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    statement_id INTEGER NOT NULL REFERENCES statements (id),
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    words INTEGER NOT NULL,
    words_sha256 TEXT NOT NULL, -- of the body's words and signs, without spaces
    grade TEXT,
    first_seen_at TEXT NOT NULL CHECK (first_seen_at GLOB '????-??-??T??:??:??Z'),
    last_seen_at TEXT NOT NULL CHECK (last_seen_at GLOB '????-??-??T??:??:??Z'),
    turned_at TEXT,             -- time of the last event by which the statement changed to it
    headings TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(headings)),   -- those of its paragraphs that are headings
    UNIQUE (statement_id, number)
) STRICT;

CREATE TABLE renderings (       -- earlier renderings of a revision
    revision_id INTEGER NOT NULL REFERENCES revisions (id),
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    replaced_at TEXT NOT NULL
) STRICT;

CREATE TABLE parsed_texts (     -- the wording that each parser last read of a statement
    statement_id INTEGER NOT NULL REFERENCES statements (id),
    parser TEXT NOT NULL,
    revision INTEGER,           -- with this wording; if NULL, the wording is:
    title TEXT,
    text TEXT,
    version INTEGER NOT NULL DEFAULT 0,     -- `parsers.VERSION` of that reading
    PRIMARY KEY (statement_id, parser)
) STRICT, WITHOUT ROWID;

CREATE TABLE held_texts (       -- texts that a check does not let be compared, until they have stood for a day
    subject TEXT NOT NULL,      -- statement or page
    subject_id INTEGER NOT NULL,
    words_sha256 TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    looks INTEGER NOT NULL,
    PRIMARY KEY (subject, subject_id, words_sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE fingerprints (     -- of each wording (the first revision that has it): hashes that find it; no references,
    hash INTEGER NOT NULL,      -- for it is derived from the texts: `statewire doctor` compares it with them
    statement_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (hash, statement_id, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE statement_urls (   -- every URL at which a statement was seen
    url TEXT NOT NULL,
    statement_id INTEGER NOT NULL REFERENCES statements (id),
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    claimed INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1)),   -- known by the link of another site only
    PRIMARY KEY (url, statement_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rechecks (         -- of a statement's own URL
    statement_id INTEGER PRIMARY KEY REFERENCES statements (id),
    source TEXT NOT NULL,       -- that of the statement, or one that watches its page, for the index on what is due
    last_checked_at TEXT,
    next_check_at TEXT NOT NULL,
    misses INTEGER NOT NULL DEFAULT 0,
    missing_since_at TEXT,
    interval_s INTEGER          -- of a standing page: from its last check to the next one
) STRICT;

CREATE TABLE standing_pages (   -- pages that lists of standing pages name
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    list_url TEXT NOT NULL,     -- of the document that names it; empty if the configuration does
    list_key TEXT NOT NULL,     -- hash of the list's configuration; empty until that list was read as a whole
    is_new INTEGER NOT NULL CHECK (is_new IN (0, 1)),   -- the list had been read as a whole before it named the page
    modified_at TEXT,           -- last change that a sitemap states
    listed_at TEXT NOT NULL,    -- the list named it first
    unlisted_at TEXT,           -- the list no longer named it
    statement_id INTEGER REFERENCES statements (id),    -- NULL until the page was read
    PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;

CREATE TABLE pages (            -- pages of mirrors
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    title TEXT NOT NULL,
    relation TEXT NOT NULL,     -- that of its best copy, else unsourced, quoted, sibling, none
    published_at TEXT,
    precision TEXT,
    language TEXT,
    claims_department INTEGER NOT NULL,
    claimed_urls TEXT NOT NULL CHECK (json_valid(claimed_urls)),
    via TEXT NOT NULL CHECK (json_valid(via)),
    quotes TEXT NOT NULL CHECK (json_valid(quotes)),
    parser TEXT NOT NULL,       -- of the stored wording
    listed_sha256 TEXT,         -- of the text that a feed last gave of it
    traced_revision_id INTEGER NOT NULL,    -- newest revision that it was compared with; 0 for none
    unsourced_at TEXT,          -- time of the event that no statement carries what it claims
    first_seen_at TEXT NOT NULL CHECK (first_seen_at GLOB '????-??-??T??:??:??Z'),
    last_seen_at TEXT NOT NULL CHECK (last_seen_at GLOB '????-??-??T??:??:??Z'),
    next_check_at TEXT,         -- NULL if it is not checked again
    backfill INTEGER NOT NULL,  -- it existed before monitoring began
    is_document INTEGER NOT NULL DEFAULT 0 CHECK (is_document IN (0, 1)),   -- 0 if only its text in a list is known
    parser_version INTEGER NOT NULL DEFAULT 0,  -- `parsers.VERSION` of the last reading
    is_searched INTEGER NOT NULL DEFAULT 0 CHECK (is_searched IN (0, 1)),   -- for quotations
    is_date_listed INTEGER NOT NULL DEFAULT 0 CHECK (is_date_listed IN (0, 1))  -- only a list of its site dates it
) STRICT;

CREATE TABLE page_urls (        -- other URLs of a page, which name its own one as canonical
    url TEXT PRIMARY KEY,
    page_id INTEGER NOT NULL REFERENCES pages (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE page_wordings (
    id INTEGER PRIMARY KEY,
    page_id INTEGER NOT NULL REFERENCES pages (id),
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,         -- the page's own text
    shown TEXT NOT NULL,        -- all text that is visible on it, in which copies are searched
    words_sha256 TEXT NOT NULL, -- of the text's words and signs, without spaces
    first_seen_at TEXT NOT NULL CHECK (first_seen_at GLOB '????-??-??T??:??:??Z'),
    last_seen_at TEXT NOT NULL CHECK (last_seen_at GLOB '????-??-??T??:??:??Z'),
    UNIQUE (page_id, number)
) STRICT;

CREATE TABLE copies (           -- matches of pages with statements
    page_id INTEGER NOT NULL REFERENCES pages (id),
    statement_id INTEGER NOT NULL REFERENCES statements (id),
    revision INTEGER NOT NULL,
    relation TEXT NOT NULL,     -- to that very revision
    coverage REAL NOT NULL,
    fidelity REAL NOT NULL,
    grade TEXT,
    differences TEXT NOT NULL CHECK (json_valid(differences)),
    evidence TEXT NOT NULL CHECK (json_valid(evidence)),
    spans TEXT NOT NULL CHECK (json_valid(spans)),  -- [[statement], [page]] as characters of text and shown
    runner_up_id INTEGER,          -- id of the statement that matched second best
    first_seen_at TEXT NOT NULL CHECK (first_seen_at GLOB '????-??-??T??:??:??Z'),
    last_seen_at TEXT NOT NULL CHECK (last_seen_at GLOB '????-??-??T??:??:??Z'),
    misses INTEGER NOT NULL DEFAULT 0,
    missing_since_at TEXT,
    gone_at TEXT,
    outdated INTEGER NOT NULL DEFAULT 0 CHECK (outdated IN (0, 1)),     -- State has replaced that revision
    PRIMARY KEY (page_id, statement_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE quotations (       -- passages of pages that quote statements
    page_id INTEGER NOT NULL REFERENCES pages (id),
    statement_id INTEGER NOT NULL REFERENCES statements (id),
    revision INTEGER NOT NULL,
    quote TEXT NOT NULL,        -- the page's words
    wording TEXT NOT NULL,      -- those of the statement
    place TEXT NOT NULL CHECK (json_valid(place)),      -- of the quote, as characters [start, end) of the text shown
    is_altered INTEGER NOT NULL CHECK (is_altered IN (0, 1)),
    grade TEXT,
    changes TEXT NOT NULL CHECK (json_valid(changes)),  -- reasons that compare the two
    others TEXT NOT NULL CHECK (json_valid(others)),    -- ids of other statements with the same words
    first_seen_at TEXT NOT NULL CHECK (first_seen_at GLOB '????-??-??T??:??:??Z'),
    last_seen_at TEXT NOT NULL CHECK (last_seen_at GLOB '????-??-??T??:??:??Z'),
    looks INTEGER NOT NULL,     -- captures of the page that had it
    reported INTEGER NOT NULL CHECK (reported IN (0, 1)),   -- an event names it
    gone_at TEXT,
    PRIMARY KEY (page_id, statement_id, quote)
) STRICT, WITHOUT ROWID;

CREATE TABLE claims (           -- URLs of State's that pages of a mirror claim, and that wait for a request
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    claimed_at TEXT NOT NULL,
    PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;

CREATE TABLE claim_counts (     -- claims of a mirror that were requested
    source TEXT PRIMARY KEY,
    counted_on TEXT NOT NULL,   -- the UTC day of `requests`
    requests INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    detected_at TEXT NOT NULL CHECK (detected_at GLOB '????-??-??T??:??:??Z'),
    statement_id INTEGER REFERENCES statements (id),
    guid TEXT,
    url TEXT,
    title TEXT,
    grade TEXT,
    reasons TEXT NOT NULL CHECK (json_valid(reasons)),  -- in words for people
    part TEXT,
    before TEXT,
    after TEXT,
    source TEXT NOT NULL,
    backfill INTEGER NOT NULL,  -- already the case when monitoring began
    page_url TEXT,
    page_title TEXT,
    relation TEXT,
    revision INTEGER,
    coverage REAL,
    fidelity REAL,
    changes TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(changes)),     -- the reasons that compare two wordings
    outdated INTEGER NOT NULL DEFAULT 0 CHECK (outdated IN (0, 1))
) STRICT;

CREATE TABLE messages (         -- one to one recipient, from the first event in it until it is delivered
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,   -- the occasion for which it was opened, so that it is opened once
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,    -- an e-mail address or the URL of a webhook
    watches TEXT NOT NULL CHECK (json_valid(watches)),
    statement_id INTEGER REFERENCES statements (id),    -- NULL for digests and messages about no statement
    note TEXT,                  -- why it was held back; NULL for most
    due_at TEXT NOT NULL CHECK (due_at GLOB '????-??-??T??:??:??Z'),
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'retrying', 'sent', 'refused', 'muted')),
    message_id TEXT,            -- the header Message-ID; the id of the row is `outbox_id` elsewhere
    subject TEXT,
    raw BLOB,                   -- the bytes of every attempt; empty once retention has removed them
    attempts INTEGER NOT NULL DEFAULT 0,
    first_failed_at TEXT,       -- start of the current series of failed attempts
    next_attempt_at TEXT,
    last_error TEXT,            -- in the server's words
    created_at TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??Z'),
    rendered_at TEXT,
    sent_at TEXT,
    actor TEXT NOT NULL DEFAULT 'monitor',  -- the one whose actions it reports: state, if there is one of State's
    CHECK (state NOT IN ('sending', 'retrying', 'sent') OR raw IS NOT NULL)
) STRICT;

CREATE TABLE alerts (           -- an event for a recipient: once for each channel
    event_id INTEGER NOT NULL REFERENCES events (id),
    recipient TEXT NOT NULL,
    channel TEXT NOT NULL,
    outbox_id INTEGER NOT NULL REFERENCES messages (id),
    reasons_by_watch TEXT NOT NULL CHECK (json_valid(reasons_by_watch)),    -- {watch: reason}
    muted INTEGER NOT NULL DEFAULT 0,   -- it was muted when its message was rendered
    PRIMARY KEY (event_id, recipient, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_cursor (     -- one row: alerts have been queued for the events up to this one; 0 for none
    id INTEGER PRIMARY KEY CHECK (id = 1),
    event_id INTEGER NOT NULL
) STRICT;
INSERT INTO alert_cursor VALUES (1, 0);

CREATE TABLE withheld (         -- counts of what budgets, quotas and other guards withheld
    guard TEXT NOT NULL,
    subject TEXT NOT NULL,      -- a host, a source, a recipient or a watch
    count INTEGER NOT NULL,
    since_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    closed_at TEXT              -- time of the operator's mail that names it; NULL while it grows
) STRICT;

CREATE TABLE mutes (
    id INTEGER PRIMARY KEY,
    statement_id INTEGER REFERENCES statements (id),
    source TEXT,
    since_at TEXT NOT NULL,
    until_at TEXT,
    CHECK ((statement_id IS NULL) <> (source IS NULL))
) STRICT;
"""
TABLES += schema_evidence.TABLES + schema_searches.TABLES + schema_page_saves.TABLES
