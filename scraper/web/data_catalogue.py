"""Descriptions of the public views for Datasette, and its ready queries, which answer questions of the README."""

from typing import Any, Final

from scraper.store.outlets import DELAY_S_SQL

DESCRIPTION: Final = (
    "What statewire has recorded, as tables: each also as JSON and CSV, with filters and facets. All times are UTC."
)
_TIMES = {
    "first_seen_at": "Time at which statewire first saw it (UTC)",
    "last_seen_at": "Time at which statewire last saw it (UTC)",
}
_STATEMENT = {"statement_id": "Number of the statement; its page is a link"}
_TABLES: Final[dict[str, dict[str, Any]]] = {
    "statement_list": {
        "title": "Statements",
        "description": "One row a statement of State, with the text's newest title. The texts are in “Revisions”.",
        "sort_desc": "published_at",
        "facets": ["type", "state"],
        "columns": {
            **_STATEMENT,
            "title": "Title that stands",
            "published_at": "Time of publication by State’s own date (UTC)",
            "type": "State’s own type, such as Press Statement or Readout",
            "byline": "Author as State names it",
            "state": "current, withdrawn (absent at three checks over a day) or archived (moved to State’s archive)",
            "url": "URL at State",
            "revisions": "Number of revisions, the first included",
            **_TIMES,
        },
    },
    "revision_list": {
        "title": "Revisions",
        "description": "Every wording that a statement ever had, each with its number and its whole text.",
        "facets": ["grade", "is_current"],
        "columns": {
            **_STATEMENT,
            "statement_title": "Title that the statement has now",
            "number": "Number of the revision, from 1",
            "title": "Title of this revision",
            "text": "Whole text, an empty line between paragraphs",
            "words": "Length in words",
            "grade": "Weight of the change to it: cosmetic, minor or material; empty for the first revision",
            "is_current": "1 for the revision that stands",
            **_TIMES,
        },
    },
    "event_list": {
        "title": "Events",
        "description": "What happened to statements and copies since monitoring began. Rows are never changed.",
        "sort_desc": "detected_at",
        "facets": ["kind", "grade", "source"],
        "columns": {
            **_STATEMENT,
            "detected_at": "Time at which statewire noticed it (UTC)",
            "kind": "What happened, such as statement.revised or copy.found",
            "relation": "Of copies: verbatim, excerpt, altered, translated, quoted or unsourced",
            "outdated": "1 if the copy has a revision that State has replaced",
            "grade": "Weight of the difference: cosmetic, minor or material",
            "title": "Title of the statement",
            "reasons": "What differs, or why it was reported",
            "before": "Value before a change",
            "after": "Value after it",
            "page_url": "Page of another site",
            "page_title": "Title of that page",
            "source": "Source that brought it",
            "url": "URL at State",
        },
    },
    "copy_list": {
        "title": "Copies",
        "description": "Pages of other sites that carry a statement, with what they changed in it.",
        "sort_desc": "first_seen_at",
        "facets": ["relation", "source", "outdated"],
        "columns": {
            **_STATEMENT,
            "title": "Title of the statement",
            "url": "URL of the page",
            "relation": "verbatim, excerpt, altered or translated; to the revision in `revision`",
            "outdated": "1 if State has replaced the revision that the page has",
            "revision": "Number of the revision that the page has",
            "coverage": "Share of the statement’s words that are on the page, from 0 to 1",
            "fidelity": "Share of these passages that is word for word, from 0 to 1",
            "grade": "Weight of the differences: cosmetic, minor or material",
            "differences": "What differs",
            "gone_at": "Time since which the page does not carry it; empty while it does (UTC)",
            "source": "Site",
            "page_id": "Number of the page",
            **_TIMES,
        },
    },
}
_QUERIES: Final[dict[str, dict[str, str]]] = {
    "said": {
        "title": "What did State say on …?",
        "description": "Statements with a word, or with words in this order, in any of their wordings; newest first.",
        "sql": """\
SELECT s.id AS statement_id, s.published_at, s.type, s.title, group_concat(r.number, ', ') AS revisions_with_it
FROM revisions_fts f JOIN revisions r ON r.id = f.rowid JOIN statements s ON s.id = r.statement_id
WHERE revisions_fts MATCH '"' || replace(search_text(:words), '"', ' ') || '"'
GROUP BY s.id
ORDER BY s.published_at DESC
LIMIT 200""",
    },
    "changed": {
        "title": "What did State change or withdraw?",
        "description": "Changed texts, changed titles, and statements that are absent at State; newest first.",
        "sql": """\
SELECT detected_at, kind, grade, statement_id, title, reasons
FROM event_list
WHERE kind IN ('statement.revised', 'statement.retitled', 'statement.withdrawn', 'statement.restored')
ORDER BY detected_at DESC
LIMIT 200""",
    },
    "carriers": {
        "title": "Who carries statement …?",
        "description": "Pages with a statement, the earliest first; its number is that in the URL of its page.",
        "sql": f"""\
SELECT c.source, c.url, c.relation, c.outdated, c.revision, c.coverage, c.differences, p.published_at,
       round(({DELAY_S_SQL}) / 60.0) AS minutes_after_state, c.gone_at
FROM copy_list c JOIN pages p ON p.id = c.page_id JOIN statements s ON s.id = c.statement_id
WHERE c.statement_id = CAST(:statement_id AS INTEGER)
ORDER BY ifnull(p.published_at, c.first_seen_at)""",  # noqa: S608
    },
    "altered": {
        "title": "Which copies are altered or outdated?",
        "description": "Pages that stand now with other words than State’s, or with words that State has replaced.",
        "sql": """\
SELECT statement_id, title, url, relation, outdated, revision, grade, differences
FROM copy_list
WHERE (relation = 'altered' OR outdated) AND gone_at IS NULL
ORDER BY relation = 'altered' DESC, first_seen_at DESC
LIMIT 200""",
    },
    "unsourced": {
        "title": "Which pages claim State as their author without a known statement?",
        "description": "The page claims the Department as its author, and no known statement has its text.",
        "sql": """\
SELECT detected_at, page_url, page_title, source
FROM event_list
WHERE kind = 'claim.unsourced'
ORDER BY detected_at DESC
LIMIT 200""",
    },
}


def metadata() -> dict[str, Any]:
    """Return Datasette's metadata of the database: titles, descriptions, columns, default order, facets, queries."""
    tables = {
        name: {**table, "sortable_columns": list(table["columns"]), "size": 50} for name, table in _TABLES.items()
    }
    queries = {name: {**query, "hide_sql": True} for name, query in _QUERIES.items()}
    return {"title": "Data", "description": DESCRIPTION, "tables": tables, "queries": queries}


NAMES: Final = (*_TABLES, *_QUERIES)
"""Names of all tables and queries, which are parts of paths."""
