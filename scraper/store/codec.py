"""Conversion between rows and dataclasses by the types of their fields, and plain inserts of one row."""

from __future__ import annotations

import json
from dataclasses import astuple, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

from scraper import model
from scraper.serialize import format_utc, parse_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlite_utils import Database

T = TypeVar("T")
# Columns of times end in `_at`; a field of another name has this column.
_COLUMN_OF = {
    "at": "detected_at",
    "clock": "clock_at",
    "missing_since": "missing_since_at",
    "not_before": "not_before_at",
    "since": "since_at",
    "until": "until_at",
}
_ENCODERS: dict[type, Callable[[Any], str]] = {
    datetime: format_utc,
    date: date.isoformat,
    tuple: partial(json.dumps, ensure_ascii=False, default=astuple),
}


def from_row(cls: type[T], row: Mapping[str, Any]) -> T:
    """Build a dataclass from a row, which may have more columns; the types of the fields say how values are read."""
    given = {}
    for name, column, decode in _fields_of(cls):  # type: ignore[arg-type]  # mypy takes no class for hashable
        value = row[column]
        given[name] = value if decode is None or value is None else decode(value)
    return cls(**given)


def to_row(value: Any, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Return the fields of a dataclass, or those of `names`, by column: times as text, tuples as JSON."""
    row = {}
    for name, column, _ in _fields_of(type(value)):  # type: ignore[arg-type]
        if names is None or name in names:
            given = getattr(value, name)
            encode = _ENCODERS.get(type(given))
            row[column] = encode(given) if encode else given
    return row


@lru_cache
def _fields_of(cls: type) -> tuple[tuple[str, str, Callable[[Any], Any] | None], ...]:
    """Return (name, column, reader of values other than NULL, None if they are read as they are) of each field."""
    # Modules import these types for annotations only.
    types = get_type_hints(cls, localns=vars(model) | {"date": date, "datetime": datetime})
    return tuple((it.name, _COLUMN_OF.get(it.name, it.name), _decoder(types[it.name])) for it in fields(cls))


def _decoder(annotation: Any) -> Callable[[Any], Any] | None:
    if get_origin(annotation) is tuple:
        element = get_args(annotation)[0]
        if is_dataclass(element):
            return lambda text: tuple(_from_values(element, values) for values in json.loads(text))
        make = getattr(element, "_make", None)  # of a named tuple
        return lambda text: tuple(map(make, _tuples(json.loads(text)))) if make else _tuples(json.loads(text))
    if options := [option for option in get_args(annotation) if option is not type(None)]:
        return _decoder(options[0])
    if annotation in {datetime, date}:
        return parse_utc if annotation is datetime else date.fromisoformat
    return annotation if annotation is bool or issubclass(annotation, Enum) else None


def _from_values(cls: Any, values: Sequence[Any]) -> Any:
    decoders = (decode for _, _, decode in _fields_of(cls))
    return cls(*(decode(value) if decode else value for decode, value in zip(decoders, values, strict=True)))


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


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
