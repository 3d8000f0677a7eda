"""Access of pages and of Datasette to the database: read-only, and an authorizer denies every table that is private.

Private is what names recipients or holds mail, and what servers and the operator alone should see: messages, alerts,
mutes, what was withheld, searches, saves of pages, headers of responses, validators. SQLite asks the authorizer for
each column of each statement that it compiles, in views and subqueries too, so that no query of any route can reach
around it. Of the events, queries read what a view has: those of sources have URLs of the operator's.
"""

import re
import sqlite3
from collections.abc import Callable
from enum import Enum
from typing import Final

VIEWS: Final = ("statement_list", "revision_list", "event_list", "copy_list")
"""Views that Datasette shows. Their columns and the tables behind them are public."""

_CONTENT = frozenset(
    {"statements", "revisions", "statement_urls", "pages", "page_wordings", "copies", "quotations", "events"}
)
_SEARCH = frozenset(
    {
        "folded_texts",
        "revisions_fts",
        *(f"revisions_fts_{part}" for part in ("config", "content", "data", "docsize", "idx")),
        "search_texts",
    }
)
_CATALOGUE = frozenset({"sqlite_master", "sqlite_schema", "sqlite_temp_master"})
_OF_PAGES = frozenset(
    {
        "arrivals",
        "bodies",
        "captures",
        "fingerprints",
        "hosts",
        "page_urls",
        "rechecks",
        "renderings",
        "searches",
        "sources",
    }
)
PRIVATE: Final = frozenset(
    {
        "alert_cursor",
        "alerts",
        "claim_counts",
        "claims",
        "endpoints",
        "exported_captures",
        "held_texts",
        "imported_records",
        "last_readings",
        "messages",
        "mutes",
        "page_save_readers",
        "page_save_service",
        "page_saves",
        "parsed_texts",
        "search_queries",
        "search_results",
        "standing_pages",
        "withheld",
    }
)
"""Tables that nothing on the web may read. A table in none of the sets is denied; a test requires each to be in one."""
_THROUGH_VIEW: Final = ("events", "event_list")
# SQLite names a common table expression to the authorizer as it names a view, so that no query may define this name.
_MAY_DEFINE = re.compile(rf"(?=.*\b{_THROUGH_VIEW[1]}\b).*\bwith\b", re.ASCII | re.IGNORECASE | re.DOTALL)
PRIVATE_COLUMNS: Final = frozenset({("captures", "headers"), ("hosts", "robots_text")})
"""Columns that read as NULL, of tables that pages may read otherwise."""
# PRAGMAs that only read: Datasette lists columns and keys with them, and FTS5 asks for the version of the data. Not
# among them is database_list, which has the path of the file.
_PRAGMAS = frozenset(
    {
        "application_id",
        "data_version",
        "foreign_key_list",
        "index_info",
        "index_list",
        "index_xinfo",
        "page_count",
        "page_size",
        "schema_version",
        "table_info",
        "table_list",
        "table_xinfo",
        "user_version",
    }
)
_HARMLESS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_TRANSACTION})
# SQLite asks this when it loads a virtual table. The connection is read-only, so that nothing is written.
_LOADED_TABLE = (sqlite3.SQLITE_UPDATE, "sqlite_master")
# Functions that read files, load code, or work long or fill the memory in one call, which no time limit ends.
_DENIED_FUNCTIONS = frozenset(
    "edit format fts3_tokenizer load_extension printf randomblob readfile writefile zeroblob".split()
)

# Bounds of queries that a reader writes, or whose patterns a reader writes. SQLite checks its time limit between
# rows, not within one comparison or one function. The longest wording of State's has 110,000 characters.
_LIMITS = (
    (sqlite3.SQLITE_LIMIT_LENGTH, 2_000_000),
    (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200),
    (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 20_000),
    (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100),
    (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 20),
    (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
    (sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0),
)


class Audience(Enum):
    """Readers of the database, with the tables that they may read."""

    PAGES = _CONTENT | _SEARCH | _CATALOGUE | _OF_PAGES
    """Pages of statewire, whose queries are its own."""
    QUERIES = (_CONTENT - {"events"}) | _SEARCH | _CATALOGUE | frozenset(VIEWS)
    """Datasette, whose queries can be anything."""


def restrict(connection: sqlite3.Connection, audience: Audience) -> None:
    """Let a read-only connection read only what its audience may: SQLite refuses to compile any other statement."""
    connection.set_authorizer(_authorizer(audience.value))
    if audience is Audience.QUERIES:
        for category, limit in _LIMITS:
            connection.setlimit(category, limit)


def may_replace_view(sql: str) -> bool:
    """Return True for SQL that could read a table in the name of a view through which alone it is public."""
    return _MAY_DEFINE.match(sql) is not None


def is_denied(error: Exception) -> bool:
    """Return True for the error of a query that may not read what it names."""
    return isinstance(error, sqlite3.DatabaseError) and getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_AUTH


def is_unfit_value(error: BaseException | None) -> bool:
    """Return True for the error of SQL with a value that SQLite cannot take: a null character, a number too large."""
    return isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError))


def _authorizer(tables: frozenset[str]) -> Callable[[int, str | None, str | None, str | None, str | None], int]:
    def decide(action: int, first: str | None, second: str | None, _database: str | None, by: str | None) -> int:
        name = (first or "").casefold()
        if action in _HARMLESS or (action, name) == _LOADED_TABLE:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ:
            is_public = name in tables or _is_of_function(name) or (name, (by or "").casefold()) == _THROUGH_VIEW
            if is_public and (name, (second or "").casefold()) in PRIVATE_COLUMNS:
                return sqlite3.SQLITE_IGNORE  # reads as NULL, so that a row can be read without it
            return sqlite3.SQLITE_OK if is_public else sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_FUNCTION:
            return sqlite3.SQLITE_DENY if (second or "").casefold() in _DENIED_FUNCTIONS else sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_PRAGMA:
            return sqlite3.SQLITE_OK if name in _PRAGMAS else sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_DENY

    return decide


def _is_of_function(name: str) -> bool:
    """Return True for the table that a function returns, and for a subquery, which has no name."""
    return name in {"", "json_each", "json_tree"} or (name.startswith("pragma_") and name[7:] in _PRAGMAS)
