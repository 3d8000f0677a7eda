"""SQL of the indexes, triggers and views of the schema. The views are for people who open the file in Datasette."""

from scraper.store import schema_page_saves

INDEXES_TRIGGERS_VIEWS = """
CREATE UNIQUE INDEX captures_unique ON captures (source, url, captured_at, ifnull(sha256, ''));
CREATE INDEX captures_by_url ON captures (url, captured_at);
CREATE INDEX captures_by_source ON captures (source, captured_at);
CREATE INDEX captures_by_time ON captures (captured_at);
CREATE INDEX captures_by_body ON captures (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX exported_captures_by_subject ON exported_captures (subject, subject_id);
CREATE INDEX statements_by_number ON statements (number);
CREATE INDEX statements_by_guid ON statements (guid);
CREATE INDEX statements_by_time ON statements (published_at);
CREATE INDEX statements_listed ON statements (coalesce(published_at, first_seen_at));
CREATE INDEX statements_by_source ON statements (source, coalesce(published_at, first_seen_at));
CREATE INDEX revisions_by_words ON revisions (words_sha256);
CREATE INDEX renderings_by_revision ON renderings (revision_id);
CREATE INDEX statement_urls_by_statement ON statement_urls (statement_id);
CREATE INDEX rechecks_due ON rechecks (source, next_check_at);
CREATE INDEX pages_due ON pages (source, next_check_at);
CREATE INDEX pages_by_time ON pages (source, first_seen_at);
CREATE INDEX page_urls_by_page ON page_urls (page_id);
CREATE INDEX copies_by_statement ON copies (statement_id);
CREATE INDEX copies_by_time ON copies (first_seen_at, page_id, statement_id, gone_at);
CREATE INDEX quotations_by_statement ON quotations (statement_id);
CREATE INDEX quotations_by_time ON quotations (first_seen_at);
CREATE INDEX pages_unsearched ON pages (source) WHERE NOT is_searched;
CREATE INDEX pages_unsourced ON pages (source, first_seen_at) WHERE relation = 'unsourced';
CREATE INDEX search_queries_due ON search_queries (source, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX search_queries_answered ON search_queries (source, answered_at);
CREATE INDEX search_results_waiting ON search_results (source) WHERE settled_at IS NULL;
CREATE INDEX events_by_time ON events (detected_at);
CREATE INDEX events_by_source ON events (source, detected_at);
CREATE INDEX events_by_statement ON events (statement_id);
CREATE INDEX events_by_page ON events (page_url) WHERE page_url IS NOT NULL;
CREATE INDEX messages_waiting ON messages (channel, actor <> 'state', attempts, ifnull(next_attempt_at, due_at))
    WHERE state IN ('queued', 'sending', 'retrying');
CREATE INDEX messages_queued ON messages (recipient, channel, kind, actor, due_at) WHERE state = 'queued';
CREATE INDEX messages_by_statement ON messages (statement_id, recipient, channel, due_at);
CREATE INDEX messages_by_state ON messages (state);
CREATE INDEX messages_by_time ON messages (created_at);
CREATE INDEX alerts_by_message ON alerts (outbox_id);
CREATE UNIQUE INDEX withheld_open ON withheld (guard, subject) WHERE closed_at IS NULL;
CREATE INDEX withheld_by_time ON withheld (last_at);
CREATE INDEX withheld_closed ON withheld (closed_at) WHERE closed_at IS NOT NULL;

CREATE TRIGGER events_immutable BEFORE UPDATE ON events
BEGIN SELECT raise(ABORT, 'an event is never changed'); END;

CREATE TRIGGER messages_raw_immutable BEFORE UPDATE OF raw, message_id ON messages WHEN old.raw IS NOT NULL
    AND NOT (old.state = 'sent' AND new.raw = x'' AND new.message_id IS old.message_id)
BEGIN SELECT raise(ABORT, 'a rendered message is never changed'); END;

CREATE VIEW statement_list AS
SELECT s.id AS statement_id, s.title, s.published_at, s.type, s.byline, s.state, s.url,
       (SELECT count(*) FROM revisions r WHERE r.statement_id = s.id) AS revisions,
       s.first_seen_at, s.last_seen_at
FROM statements s ORDER BY s.published_at DESC;

CREATE VIEW revision_list AS
SELECT r.statement_id, s.title AS statement_title, r.number, r.title, r.text, r.words, r.grade,
       r.first_seen_at, r.last_seen_at, r.number = s.revision AS is_current
FROM revisions r JOIN statements s ON s.id = r.statement_id ORDER BY r.statement_id, r.number;

-- Without the events of sources: their URLs and reasons can have secrets of the operator's.
CREATE VIEW event_list AS
SELECT detected_at, kind, relation, outdated, grade, title,
       (SELECT group_concat(value, '; ') FROM json_each(reasons)) AS reasons, before, after, page_url, page_title,
       source, url, statement_id
FROM events WHERE NOT backfill AND kind NOT LIKE 'source.%' ORDER BY detected_at DESC, id DESC;

CREATE VIEW capture_list AS
SELECT captured_at, source, url, status, outcome, detail, items, stale FROM captures ORDER BY captured_at DESC;

CREATE VIEW copy_list AS
SELECT s.title, p.url, c.relation, c.outdated, c.revision, c.coverage, c.fidelity, c.grade,
       (SELECT group_concat(value, '; ') FROM json_each(c.differences)) AS differences,
       c.first_seen_at, c.last_seen_at, c.gone_at, p.source, c.statement_id, c.page_id
FROM copies c JOIN pages p ON p.id = c.page_id JOIN statements s ON s.id = c.statement_id
ORDER BY c.first_seen_at DESC;

CREATE VIEW outbox AS
SELECT m.id AS outbox_id, m.state, m.kind, m.channel, m.recipient, m.subject,
       (SELECT group_concat(value, '; ') FROM json_each(m.watches)) AS watches,
       (SELECT count(*) FROM alerts a WHERE a.outbox_id = m.id) AS events, s.title, m.due_at, m.attempts,
       m.next_attempt_at, m.last_error, m.note, m.created_at, m.rendered_at, m.sent_at, m.statement_id
FROM messages m LEFT JOIN statements s ON s.id = m.statement_id ORDER BY m.created_at DESC, m.id DESC;
"""
INDEXES_TRIGGERS_VIEWS += schema_page_saves.INDEXES
