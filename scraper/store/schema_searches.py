"""SQL of the tables of searches, a part of `schema.TABLES`."""

TABLES = """
CREATE TABLE searches (         -- sources that search for statements
    source TEXT PRIMARY KEY,
    enabled_at TEXT NOT NULL,   -- time of the first run
    statement_id INTEGER NOT NULL,  -- newest statement that was looked at; 0 for none
    refusals INTEGER NOT NULL DEFAULT 0     -- last runs in a row in which the service refused a request
) STRICT;

CREATE TABLE search_queries (   -- phrases of statements, for one search service
    source TEXT NOT NULL,
    statement_id INTEGER NOT NULL REFERENCES statements (id),
    phrase TEXT NOT NULL,
    first_due_at TEXT NOT NULL,
    due_at TEXT,                -- of the round; NULL after the last one
    not_before_at TEXT,         -- until then it is not asked again in this round; NULL for no wait
    rounds INTEGER NOT NULL DEFAULT 0,      -- that are over
    attempts INTEGER NOT NULL DEFAULT 0,    -- requests without a usable answer in this round
    answered_at TEXT,           -- of the last answer
    found INTEGER NOT NULL DEFAULT 0,       -- results of the last answer
    left_out INTEGER NOT NULL DEFAULT 0,    -- those of them that are no pages to fetch
    is_past INTEGER NOT NULL CHECK (is_past IN (0, 1)),     -- an operator asked for statements of the past
    PRIMARY KEY (source, statement_id, phrase)
) STRICT, WITHOUT ROWID;

CREATE TABLE search_results (   -- pages that a search service named for a statement
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    statement_id INTEGER NOT NULL REFERENCES statements (id),
    is_past INTEGER NOT NULL CHECK (is_past IN (0, 1)),
    found_at TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,       -- requests that got no response
    settled_at TEXT,            -- NULL while it waits for a request
    PRIMARY KEY (source, url, statement_id)
) STRICT, WITHOUT ROWID;
"""
