"""SQL of the tables of pages that the Internet Archive is asked to save, a part of `schema.TABLES`."""

TABLES = """
CREATE TABLE page_saves (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    since_at TEXT NOT NULL,     -- of the last event for which it is saved
    with_errors INTEGER NOT NULL CHECK (with_errors IN (0, 1)),     -- the absence of the page is saved
    due_at TEXT,                -- of the next request; NULL once it is saved or given up
    job TEXT,                   -- of the service, while it works on it
    attempts INTEGER NOT NULL DEFAULT 0,    -- requests to save it
    polls INTEGER NOT NULL DEFAULT 0,       -- requests for the result of the job
    requested_at TEXT,          -- last request to save it
    saved_at TEXT,              -- time of the save, which is a part of its URL
    problem TEXT NOT NULL DEFAULT ''        -- why the last attempt failed, or why it was given up
) STRICT;

CREATE TABLE page_save_readers (     -- recipients whose next mail names a save
    save_id INTEGER NOT NULL REFERENCES page_saves (id),
    event_id INTEGER NOT NULL REFERENCES events (id),
    watch TEXT NOT NULL,
    recipient TEXT NOT NULL,
    outbox_id INTEGER REFERENCES messages (id),     -- the mail that names it; NULL until there is one
    PRIMARY KEY (save_id, event_id, watch, recipient)
) STRICT, WITHOUT ROWID;

CREATE TABLE page_save_service (     -- one row, from the first run on
    id INTEGER PRIMARY KEY CHECK (id = 1),
    event_id INTEGER NOT NULL,  -- alerts about the events up to this one were looked at
    counted_on TEXT,            -- the UTC day of `requests`
    requests INTEGER NOT NULL DEFAULT 0,    -- for saves
    refusals INTEGER NOT NULL DEFAULT 0,    -- in a row
    not_before_at TEXT,         -- nothing is requested until then
    problem TEXT NOT NULL DEFAULT ''        -- of the last refusal
) STRICT;
"""

INDEXES = """
CREATE INDEX page_saves_open ON page_saves (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX page_saves_by_url ON page_saves (url, requested_at);
CREATE INDEX page_save_readers_waiting ON page_save_readers (recipient) WHERE outbox_id IS NULL;
"""
