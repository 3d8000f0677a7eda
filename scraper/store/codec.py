"""Rows of the database as Python values, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlite_utils import Database


def rows(db: Database, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Iterator[dict[str, Any]]:
    """The rows of a question by column name. Without the savepoint that `Database.query` puts around each."""
    cursor = db.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def insert(db: Database, table: str, row: Mapping[str, Any], *, replace: bool = False) -> int:
    """Write one row; its rowid. Within a unit.

    Raw, where sqlite-utils would first ask for the schema of the table, a dozen questions a row.
    """
    verb = "INSERT OR REPLACE" if replace else "INSERT"
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    cursor = db.execute(f"{verb} INTO {table} ({names}) VALUES ({marks})", list(row.values()))
    return int(cursor.lastrowid or 0)
