"""SQL of the tables of evidence bundles, a part of `schema.TABLES`."""

TABLES = """
CREATE TABLE exported_captures (     -- in evidence bundles, so that retention keeps them with their bodies
    capture_id INTEGER NOT NULL REFERENCES captures (id),
    subject TEXT NOT NULL,      -- statement or page
    subject_id INTEGER NOT NULL,
    PRIMARY KEY (capture_id, subject, subject_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE imported_records (      -- of imported bundles: what their exporters knew beyond the responses
    content_sha256 TEXT PRIMARY KEY,    -- of all that follows from the responses of the bundle
    facts TEXT NOT NULL CHECK (json_valid(facts))
) STRICT, WITHOUT ROWID;
"""
