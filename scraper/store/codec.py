"""Helpers that read rows as dictionaries and insert one row, without the overhead of sqlite-utils."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlite_utils import Database


def rows(db: Database, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Iterator[dict[str, Any]]:
    """Return the rows of a query as dictionaries by column name, without the savepoint of `Database.query`."""
    cursor = db.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def insert(db: Database, table: str, row: Mapping[str, Any], *, replace: bool = False) -> int:
    """Insert one row and return its rowid. Call inside a unit of work.

    The SQL is plain, because sqlite-utils would first query the schema of the table: a dozen queries a row.
    """
    verb = "INSERT OR REPLACE" if replace else "INSERT"
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    cursor = db.execute(f"{verb} INTO {table} ({names}) VALUES ({marks})", list(row.values()))
    return int(cursor.lastrowid or 0)
