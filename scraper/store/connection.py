"""Connection to a database file, as all tables use it."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any


class Database:
    """Open database: what the store needs of sqlite-utils' class, which takes as long to load as the rest of the store.

    sqlite-utils itself sets up new files: see `database.connect`.
    """

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn

    def execute(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """Execute one SQL statement, and return its cursor."""
        return self.conn.execute(sql, values)
