"""Database of many rows, made with a few SQL statements: rows as the program stores them, with next to no text."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from samples import FEED_URL, NOON

from scraper.serialize import format_utc
from scraper.store import Store

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = ("state", "gazette", "herald")
# One statement an hour, of which the last is an hour old. Each has a page, a copy, a quotation, a capture, and a mail.
_FILL = """
CREATE TEMP TABLE n (i INTEGER PRIMARY KEY, at TEXT);
WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < :count)
INSERT INTO n SELECT i, strftime('%Y-%m-%dT%H:%M:%SZ', :now, (i - 1 - :count) || ' hours') FROM numbers;
INSERT INTO statements (id, authority, guid, guid_derived, number, url, title, type, byline, countries, subjects, links,
    published_at, precision, state, revision, source, first_seen_at, last_seen_at)
SELECT i, 'state', 'https://www.state.gov/?post_type=state_press_release&p=' || i, 0, i,
    'https://www.state.gov/lamps-' || i, 'Lamps of harbour ' || i, iif(i % 3, 'Press Statement', 'Remarks'),
    'Rosalind P. Quill, Secretary of State', iif(i % 5, '[]', '["Laos"]'), '[]', '[]', at, 'second',
    iif(i % 50, 'current', 'withdrawn'), 1 + (i % 20 = 0), 'state', at, at FROM n;
INSERT INTO revisions (statement_id, number, title, text, words, words_sha256, first_seen_at, last_seen_at)
SELECT i, number, 'Lamps of harbour ' || i, 'The minister of harbour ' || i || ' has lamps.', 7, i || '-' || number, at,
    at
FROM n JOIN (SELECT 1 AS number UNION SELECT 2) ON number = 1 OR i % 20 = 0;
INSERT INTO parsed_texts (statement_id, parser, revision) SELECT i, 'feed', 1 FROM n;
INSERT INTO fingerprints SELECT i * 7919 % 1000003 * 8 + k, i, 1 FROM n, (SELECT 1 AS k UNION SELECT 2 UNION SELECT 3);
INSERT INTO statement_urls (url, statement_id, first_seen_at, last_seen_at)
SELECT 'https://www.state.gov/lamps-' || i || '/', i, at, at FROM n;
-- All are overdue that another source has: a source that is not polled any more.
INSERT INTO rechecks (statement_id, source, next_check_at) SELECT i, iif(i % 2, 'state', 'gone'),
    strftime('%Y-%m-%dT%H:%M:%SZ', :now, iif(i % 2, '+2 days', '-2 days')) FROM n;
INSERT INTO pages (id, url, source, title, relation, published_at, precision, claims_department, claimed_urls, via,
    quotes, parser, traced_revision_id, unsourced_at, first_seen_at, last_seen_at, next_check_at, backfill, is_document,
    is_searched)
SELECT i, 'https://gazette.example/' || i || '/', 'gazette', 'Lamps ' || i,
    CASE i % 4 WHEN 0 THEN 'none' WHEN 1 THEN 'verbatim' WHEN 2 THEN 'altered' ELSE 'quoted' END, at, 'second', 1, '[]',
    '[]', '[]', 'mirror-page', 1000000000, NULL, at, at,
    strftime('%Y-%m-%dT%H:%M:%SZ', :now, '+2 days'), 0, 1, 1 FROM n;
INSERT INTO page_wordings (page_id, number, title, text, shown, words_sha256, first_seen_at, last_seen_at)
SELECT i, 1, 'Lamps ' || i, 'Lamps.', 'Lamps.', i, at, at FROM n;
INSERT INTO page_urls SELECT 'https://gazette.example/amp/' || i, i FROM n;
INSERT INTO copies (page_id, statement_id, revision, relation, coverage, fidelity, differences, evidence, spans,
    first_seen_at, last_seen_at, gone_at)
SELECT i, i, 1, iif(i % 4 = 1, 'verbatim', 'altered'), 1.0, 1.0, '[]', '[]', '[[[0, 5], [0, 5]]]', at, at,
    iif(i % 40, NULL, at)
FROM n;
INSERT INTO quotations SELECT i, i, 1, 'lamps of harbour ' || i, 'lamps of harbour ' || i, '[0, 5]', i % 4 = 0, NULL,
    '[]', '[]', at, at, 2, 1, NULL FROM n;
INSERT INTO bodies SELECT printf('%064d', i), 10, x'' FROM n;
INSERT INTO captures (source, url, final_url, captured_at, outcome, detail, status, headers, sha256, parser, items)
SELECT iif(i % 2, 'state', 'gazette'), iif(i % 2, :feed, 'https://gazette.example/' || i || '/'), :feed, at, 'ok', '',
    200, '[]', printf('%064d', i), 'feed', 10 FROM n;
INSERT INTO events (kind, detected_at, statement_id, guid, url, title, reasons, changes, source, backfill, page_url,
    page_title, relation, revision, coverage, fidelity)
SELECT 'statement.published', at, i, 'https://www.state.gov/?post_type=state_press_release&p=' || i,
    'https://www.state.gov/lamps-' || i, 'Lamps of harbour ' || i, '[]', '[]', 'state', 0, NULL, NULL, NULL, 1, NULL,
    NULL
FROM n
UNION ALL SELECT 'copy.found', at, i, NULL, NULL, 'Lamps of harbour ' || i, '[]', '[]', 'gazette', 0,
    'https://gazette.example/' || i || '/', 'Lamps ' || i, 'altered', 1, 1.0, 1.0 FROM n
ORDER BY at;
INSERT INTO messages (key, kind, channel, recipient, watches, statement_id, due_at, state, message_id, subject, raw,
    attempts, created_at, rendered_at, sent_at)
SELECT 'key ' || i, 'instant', 'mail', 'desk@example.org', '["All"]', i, at, 'sent', '<' || i || '>', 'Lamps', x'00', 1,
    at, at, at FROM n;
INSERT INTO alerts (event_id, recipient, channel, outbox_id, reasons_by_watch)
SELECT i, 'desk@example.org', 'mail', i, '{"All": "everything"}' FROM n;
UPDATE alert_cursor SET event_id = (SELECT max(id) FROM events);
INSERT INTO sources (name, role, first_filled_at, last_attempt_at, last_success_at, failures)
VALUES ('state', 'canonical', :first, :last, :last, 0), ('gazette', 'mirror', :first, :last, :last, 0),
    ('herald', 'mirror', :first, :last, :last, 0);
"""


def fill(path: Path, count: int, *, analyzed: bool) -> None:
    """Write a database of so many statements; `analyzed` is as after the daemon's nightly ANALYZE."""
    values = {"count": count, "now": format_utc(NOON), "feed": FEED_URL}
    values |= {"first": format_utc(NOON - timedelta(days=900)), "last": format_utc(NOON - timedelta(hours=1))}
    with Store(path) as store:
        db = store.database
        db.execute("PRAGMA temp_store = MEMORY")
        with store.unit():
            for statement in _FILL.split(";\n"):
                if statement.strip():
                    db.execute(statement, {name: value for name, value in values.items() if f":{name}" in statement})
            if analyzed:
                db.execute("ANALYZE")
