"""Command-line options that several verbs share, and the statement that an argument names."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from scraper.cli.format import day_or_time
from scraper.cli.param_types import quoted
from scraper.config.names import name_key
from scraper.errors import InputError
from scraper.serialize import format_utc
from scraper.text.moments import FORMS, describe_mistake, parse_span
from scraper.text.nearest import question
from scraper.text.normalize import clean
from scraper.urls import is_http

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from scraper.cli.app import Invocation
    from scraper.config.alerts import Watch
    from scraper.config.settings import Settings
    from scraper.model import Statement
    from scraper.store import Store


class _HasName(Protocol):
    """Entry with a name: a watch or a source of the configuration, or a stored source."""

    @property
    def name(self) -> str: ...


_Command = TypeVar("_Command", bound="Callable[..., Any]")
_Named = TypeVar("_Named", bound=_HasName)

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
as_json_object = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


_SHOWN_NAMES = 8
ADD_MIRROR = "`statewire source add URL` adds a site that republishes statements; --gone includes what is gone."
POLL = "`statewire fetch` polls the sources now."


class Moment(click.ParamType[datetime]):
    """Point in time: `2026-11-23`, `2026-11`, `yesterday`, `2026-11-23T21:39`, or `90m`, `7d`, `2w`, `1y` before now.

    A day, month, week or year stands for its start, with `is_end` for its end, so that it is included. Lengths of time
    count from now on if `ahead`. UTC unless it has an offset.
    """

    name = "time"

    def __init__(self, *, ahead: bool = False, is_end: bool = False) -> None:
        self._ahead = ahead
        self._is_end = is_end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return an aware time (see `click.ParamType.convert`)."""
        if isinstance(value, datetime):
            return value
        try:
            span = parse_span(value, datetime.now(UTC), ahead=self._ahead)
        except (ValueError, OverflowError):
            self.fail(describe_mistake(value, quoted(value)), param, ctx)
        return span.stop if self._is_end else span.start


def _check_order(ctx: click.Context, param: click.Parameter, value: datetime | None) -> datetime | None:
    """Refuse a stretch of time without anything in it; called for each of its two ends, in any order."""
    ends = {**ctx.params, param.name: value}
    start, stop = ends.get("since"), ends.get("until")
    if start is not None and stop is not None and start >= stop:
        raise click.UsageError(f"nothing is between --since {format_utc(start)} and --until {format_utc(stop)}", ctx)
    if value is not None and param.name == "since" and value > datetime.now(UTC):
        ctx.find_root().obj.note(f"note: --since {format_utc(value)} is in the future")
    return value


def addresses(_ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what is no e-mail address; return the values as they are."""
    from scraper.config.fields import mail_address

    for value in values:
        try:
            mail_address(value)
        except ValueError as error:
            raise click.BadParameter(f"{quoted(value)} {error}", param=param) from None
    return values


since = click.option(
    "--since", type=Moment(), callback=_check_order, metavar="TIME", help=f"From then on (UTC): {FORMS}."
)
until = click.option(
    "--until",
    type=Moment(is_end=True),
    callback=_check_order,
    metavar="TIME",
    help="Until then; a day or month is included.",
)


def limit(default: int | None) -> Callable[[_Command], _Command]:
    """Return the option --limit: the most rows, without `default` all."""
    words = f"At most this number.{f' Default: {default}.' if default else ''}"
    return click.option("-n", "--limit", type=click.IntRange(1), default=default, help=words)


def several(name: str, field: str, values: Sequence[str], words: str) -> Callable[[_Command], _Command]:
    """Return an option `name` that may be given several times; `field` gets the chosen ones of `values`."""
    what = name.lstrip("-")
    return click.option(name, field, multiple=True, type=click.Choice(values), metavar=what.upper(), help=words)


def command_line(invocation: Invocation, *words: str) -> str:
    """Return a command for people to run, with the options that select the same configuration and database."""
    chosen: list[str] = []
    if invocation.config_path is not None:
        chosen += ["--config", str(invocation.config_path)]
    if invocation.db is not None:
        chosen += ["--db", str(invocation.db)]
    return shlex.join(["statewire", *chosen, *words])


def say_none(invocation: Invocation, what: str, remedy: str) -> None:
    """Print that a list is empty: with filters that it would be longer without them, else what to do."""
    context = click.get_current_context()
    if any(value for name, value in context.params.items() if name not in {"as_json", "limit", "with_gone"}):
        invocation.say(f"No matching {what}. `statewire {context.info_name}` without filters lists all.")
    else:
        invocation.say(f"No {what}. {remedy}")


def check_url(url: str) -> None:
    """Raise `InputError` for a URL with another scheme than those that are fetched."""
    if not is_http(url):
        raise InputError(f"{quoted(url)} cannot be fetched", hint="a URL begins with https:// or http://")


def find_name(names: Iterable[str], name: str) -> str | None:
    """Return a known name as it is spelled there, or None; letter case and outer white space do not count."""
    known = list(names)
    return name if name in known else next((each for each in known if name_key(each) == name_key(name)), None)


def find_named(entries: Iterable[_Named], name: str, what: str, hint: str = "") -> _Named:
    """Return the entry with a name (see `find_name`); `what` is "watch" or "source".

    Raise `InputError` with the nearest names, or with the first ones, if there is none. `hint` is further advice.
    """
    by_name = {entry.name: entry for entry in entries}
    found = find_name(by_name, name)
    if found is None:
        suggestion = question(name, by_name)
        names = ", ".join(list(by_name)[:_SHOWN_NAMES]) or "none"
        others = len(by_name) - _SHOWN_NAMES
        more = f" and {others} more: `statewire {what} list`" if others > 0 else ""
        known = "" if suggestion else f"known: {names}{more}"
        raise InputError(
            f"there is no {what} named {quoted(name)}{suggestion}", hint="; ".join(filter(None, (known, hint)))
        )
    return by_name[found]


def check_site(invocation: Invocation, site: str) -> None:
    """Raise `InputError` with the nearest names if no source, and no stored page, is on a site."""
    store = invocation.store
    names = [*(each.name for each in store.sources.all()), *(each.name for each in invocation.settings.sources)]
    if not (find_name(names, site) or store.pages.has_site(site)):
        suggestion = question(site, (*names, *store.pages.hosts()))
        raise InputError(f"there is no source, and no page of a site, named {quoted(site)}{suggestion}")


def find_watch(settings: Settings, name: str) -> Watch:
    """Return the watch with a name. Raise `InputError` with the nearest name if there is none (see `find_named`)."""
    return find_named(settings.watches, name, "watch")


def find_source(invocation: Invocation, name: str) -> str:
    """Return the name of a source, as the database or the configuration spells it (see `find_named`)."""
    known: list[_HasName] = [*invocation.store.sources.all(), *invocation.settings.sources]
    return find_named(known, name, "source").name


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
            f"there is no statement {quoted(which)}", hint="`statewire list` and `statewire search` print the numbers"
        )
    return statement
