"""Conversion between rows and dataclasses by the types of their fields, and short forms of plain SQL statements.

SQLite gets times and days as text and tuples as JSON, wherever they are values of a statement.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import astuple, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args, get_origin, get_type_hints

from scraper import model
from scraper.serialize import format_utc, parse_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from sqlite_utils import Database

T = TypeVar("T")
# Columns of times end in `_at`; a field of another name has this column.
_COLUMN_OF = {
    "at": "detected_at",
    "clock": "clock_at",
    "missing_since": "missing_since_at",
    "not_before": "not_before_at",
    "reasons": "changes",
    "since": "since_at",
    "until": "until_at",
}

_CACHED_CHARS = 200

sqlite3.register_adapter(datetime, format_utc)
sqlite3.register_adapter(date, date.isoformat)
sqlite3.register_adapter(tuple, json.JSONEncoder(ensure_ascii=False, default=astuple).encode)


def from_row(cls: type[T], row: Mapping[str, Any]) -> T:
    """Build a dataclass from a row, which may have more columns; the types of the fields say how values are read.

    A field whose type is a dataclass is built from the same row.
    """
    given = {}
    for name, column, decode in _fields_of(cls):  # type: ignore[arg-type]  # mypy takes no class for hashable
        value = row if column is None else row[column]
        given[name] = value if decode is None or value is None else decode(value)
    return cls(**given)


def to_row(value: Any, names: Collection[str] | None = None) -> dict[str, Any]:
    """Return the fields of a dataclass, or those of `names`, by column."""
    columns = _fields_of(type(value))  # type: ignore[arg-type]
    return {column: getattr(value, name) for name, column, _ in columns if column and (names is None or name in names)}


@lru_cache
def _fields_of(cls: type) -> tuple[tuple[str, str | None, Callable[[Any], Any] | None], ...]:
    """Return (name, column, reader of values other than NULL, None if they are read as they are) of each field.

    The column is None if the whole row is read.
    """
    # Modules import these types for annotations only.
    types = get_type_hints(cls, localns=vars(model) | {"date": date, "datetime": datetime})
    return tuple(
        (it.name, None if is_dataclass(types[it.name]) else _COLUMN_OF.get(it.name, it.name), _decoder(types[it.name]))
        for it in fields(cls)
    )


def _decoder(annotation: Any) -> Callable[[Any], Any] | None:
    if is_dataclass(annotation):
        return partial(from_row, cast("Any", annotation))
    if get_origin(annotation) is tuple:
        return partial(_from_json, get_args(annotation)[0])
    if options := [option for option in get_args(annotation) if option is not type(None)]:
        return _decoder(options[0])
    if annotation in {datetime, date}:
        return parse_utc if annotation is datetime else date.fromisoformat
    return annotation if annotation is bool or issubclass(annotation, Enum) else None


def _from_json(element: Any, text: str) -> Any:
    # Most rows have the same few short values; hundreds of links are not worth their memory.
    return _cached_json(element, text) if len(text) <= _CACHED_CHARS else _read_json(element, text)


def _read_json(element: Any, text: str) -> Any:
    values = json.loads(text)
    if is_dataclass(element):
        return tuple(_from_values(element, each) for each in values)
    make = getattr(element, "_make", None)  # of a named tuple
    return tuple(map(make, _tuples(values))) if make else _tuples(values)


_cached_json = lru_cache(maxsize=256)(_read_json)


def _from_values(cls: Any, values: Sequence[Any]) -> Any:
    # A row of an earlier version lacks the last fields, which have defaults.
    decoders = (decode for _, _, decode in _fields_of(cls)[: len(values)])
    return cls(*(decode(value) if decode else value for decode, value in zip(decoders, values, strict=True)))


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def rows(db: Database, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Iterator[dict[str, Any]]:
    """Return the rows of a query as dictionaries by column name, without the savepoint of `Database.query`."""
    cursor = db.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


class Table:
    """Base of the classes with the queries of one table or a few. Writes happen inside `Store.unit()`."""

    def __init__(self, db: Database) -> None:
        self._db = db


def load(cls: type[T], db: Database, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[T]:
    """Return the rows of a query as dataclasses."""
    return [from_row(cls, row) for row in rows(db, sql, values)]


def scalar(db: Database, sql: str, values: Sequence[Any] = ()) -> Any:
    """Return the only value of a query of one row and column, None if there is no row."""
    row = db.execute(sql, values).fetchone()
    return row[0] if row else None


def scalar_time(db: Database, sql: str, values: Sequence[Any] = ()) -> datetime | None:
    """Return the only value of a query, a time; None if it is NULL or there is no row."""
    found = scalar(db, sql, values)
    return parse_utc(found) if found else None


def matching(conditions: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Join the SQL conditions whose value is not None with AND; return the whole condition and the values."""
    chosen = {condition: value for condition, value in conditions.items() if value is not None}
    return " AND ".join(chosen) or "1", list(chosen.values())


def insert(db: Database, table: str, row: Mapping[str, Any], *, replace: bool = False, conflict: str = "") -> int:
    """Insert one row and return its rowid, or 0 if `conflict` (`ON CONFLICT …`) prevented it.

    The SQL is plain, because sqlite-utils would first query the schema of the table: a dozen queries a row.
    """
    cursor = db.execute(_insert_sql(table, tuple(row), replace, conflict), list(row.values()))
    return int(cursor.lastrowid or 0) if cursor.rowcount else 0


@lru_cache
def _insert_sql(table: str, columns: tuple[str, ...], replace: bool, conflict: str) -> str:
    verb = "INSERT OR REPLACE" if replace else "INSERT"
    return f"{verb} INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) {conflict}"


def overwrite(*columns: str) -> str:
    """Return the clause for `insert` that changes only these columns of a row whose key exists."""
    return f"ON CONFLICT DO UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in columns)}"


def update(db: Database, table: str, key: Mapping[str, Any], changes: Mapping[str, Any]) -> int:
    """Change the columns of the rows whose columns have the values of `key`, and return their number."""
    return db.execute(_update_sql(table, tuple(key), tuple(changes)), [*changes.values(), *key.values()]).rowcount


@lru_cache
def _update_sql(table: str, key: tuple[str, ...], changes: tuple[str, ...]) -> str:
    assignments = ", ".join(f"{column} = ?" for column in changes)
    where = " AND ".join(f"{column} = ?" for column in key)
    return f"UPDATE {table} SET {assignments} WHERE {where}"  # noqa: S608 - our own names
