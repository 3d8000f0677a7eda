"""Command-line options that several verbs share, and the statement that an argument names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from scraper.cli.format import day_or_time
from scraper.errors import InputError
from scraper.serialize import parse_iso
from scraper.text.normalize import clean
from scraper.urls import is_http

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scraper.model import Statement
    from scraper.store import Store

_Command = TypeVar("_Command", bound="Callable[..., Any]")

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
as_json_object = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")

_AGO = re.compile(r"(\d{1,5})([mhdw])")
_AGO_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Moment(click.ParamType[datetime]):
    """Point in time: `2026-11-23`, `2026-11-23T21:39`, or `90m`, `24h`, `7d`, `2w` before now (`ahead`: from now on).

    UTC unless it has an offset.
    """

    name = "time"

    def __init__(self, *, ahead: bool = False) -> None:
        self._ahead = ahead

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return an aware time (see `click.ParamType.convert`)."""
        if isinstance(value, datetime):
            return value
        ago = _AGO.fullmatch(value)
        try:
            if ago:
                length = timedelta(**{_AGO_UNITS[ago[2]]: int(ago[1])})
                return datetime.now(UTC) + (length if self._ahead else -length)
            return parse_iso(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not a time: write 2026-11-23, 2026-11-23T21:39 or 90m, 24h, 7d, 2w", param, ctx)


since = click.option("--since", type=Moment(), metavar="TIME", help="Start: 2026-11-23, or 90m, 24h, 7d, 2w ago.")
until = click.option("--until", type=Moment(), metavar="TIME", help="Until then.")


def limit(default: int | None) -> Callable[[_Command], _Command]:
    """Return the option --limit: the most rows, without `default` all."""
    words = f"At most this number.{f' Default: {default}.' if default else ''}"
    return click.option("-n", "--limit", type=click.IntRange(1), default=default, help=words)


def several(name: str, field: str, values: Sequence[str], words: str) -> Callable[[_Command], _Command]:
    """Return an option `name` that may be given several times; `field` gets the chosen ones of `values`."""
    metavar = name.lstrip("-").upper()
    return click.option(name, field, multiple=True, type=click.Choice(values), metavar=metavar, help=words)


def find_one(store: Store, which: str) -> Statement:
    """Return the statement that a number, guid or URL names. Raise `InputError` if there is none, or several."""
    which = clean(which)
    if which.isascii() and which.isdigit():
        statement = store.statements.by_id(int(which[:18]))
    else:
        statement = store.statements.by_spelled_guid(which)
    if statement is None and is_http(which):
        found = store.statements.by_url(which)
        if len(found) > 1:
            names = ", ".join(f"{s.id} ({day_or_time(s.published_at, s.precision)})" for s in found)
            raise InputError(f"{which} had several statements: {names}", hint="give the number of one")
        statement = next(iter(found), None)
    if statement is None:
        raise InputError(
            f"there is no statement {which!r}", hint="`statewire list` and `statewire search` print the numbers"
        )
    return statement
