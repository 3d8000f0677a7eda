"""Command-line options that several verbs share: --json, --since, --until, --limit."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_Command = TypeVar("_Command", bound="Callable[..., Any]")

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON array, for programs.")

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
            moment = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no time: write 2026-11-23, 2026-11-23T21:39 or 90m, 24h, 7d, 2w", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


since = click.option(
    "--since", type=Moment(), metavar="TIME", help="From then on: 2026-11-23, or 90m, 24h, 7d, 2w ago."
)
until = click.option("--until", type=Moment(), metavar="TIME", help="Until then.")


def limit(default: int | None) -> Callable[[_Command], _Command]:
    """Return the option --limit: the most rows, without `default` all."""
    words = f"At most so many.{f' Default: {default}.' if default else ''}"
    return click.option("-n", "--limit", type=click.IntRange(1), default=default, help=words)
