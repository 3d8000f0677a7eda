"""Types of the values of options and arguments: each refuses as a usage error what no command can use."""

from __future__ import annotations

from typing import Any, Final

import click
from click.types import IntParamType, StringParamType

from scraper.cli.format import terminal_safe

_MOST: Final = 2**63 - 1
"""Greatest whole number of SQLite."""


def checked(kind: click.ParamType[Any]) -> click.ParamType[Any]:
    """Return the type to use instead of one of click's: with the nearest known word, and with bounds."""
    if type(kind) is click.Choice:
        return Choice(kind.choices)
    if type(kind) is click.IntRange:
        return _Range(kind.min, kind.max, kind.min_open, kind.max_open, kind.clamp)
    replaced: dict[type, click.ParamType[Any]] = {StringParamType: _Text(), IntParamType: _Number()}
    return replaced.get(type(kind), kind)


def quoted(value: object) -> str:
    """Return a value from the command line in quotation marks, safe to print."""
    # A byte that is no UTF-8 is half of a surrogate pair in Python, which a stream may refuse.
    return f"“{terminal_safe(str(value).encode(errors='backslashreplace').decode())}”"


class Choice(click.Choice[str]):
    """One of several words, in any letter case. An unknown word is refused with the nearest known one."""

    def __init__(self, choices: Any) -> None:
        super().__init__(choices, case_sensitive=False)

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """Return the message about an unknown word (see `click.Choice`)."""
        from scraper.text.nearest import question  # only after a mistake

        parts = [part.strip() for part in str(value).split(",")]
        if len(parts) > 1 and set(map(str.lower, parts)) <= set(map(str.lower, self.choices)):
            return f"{quoted(value)} are several; repeat the option for each"
        suggestion = question(str(value), self.choices) or f"; known: {', '.join(self.choices)}"
        return f"{quoted(value)} is unknown{suggestion}"


class _Text(StringParamType):
    """Text that can be written as UTF-8."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = super().convert(value, param, ctx)
        try:
            text.encode()
        except UnicodeEncodeError:
            self.fail(f"{quoted(text)} is not UTF-8", param, ctx)
        return text


class _Number(IntParamType):
    """Whole number that the database can compare."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        return _bounded(self, super().convert(_number(self, value, param, ctx), param, ctx), param, ctx)


class _Range(click.IntRange):
    """Whole number of a range that the database can compare."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        return _bounded(self, super().convert(_number(self, value, param, ctx), param, ctx), param, ctx)


def _number(kind: click.ParamType[int], value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
    try:
        return int(value)
    except ValueError:
        kind.fail(f"{quoted(value)} is no whole number", param, ctx)


def _bounded(kind: click.ParamType[int], number: int, param: click.Parameter | None, ctx: click.Context | None) -> int:
    if abs(number) > _MOST:
        kind.fail(f"{number} is too large; at most {_MOST} is possible", param, ctx)
    return number
