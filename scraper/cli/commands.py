"""Options of all commands, before and after the verb."""

import os
from pathlib import Path
from typing import Any

import click

from scraper.cli.param_types import Choice, checked

_COLORS: dict[str, bool | None] = {"auto": None, "always": True, "never": False}
_OTHERS = "--config, --db, --color, -v and -q work before and after the command: statewire --help"


def prepare(command: click.Command, *, is_root: bool = False) -> None:
    """Give a command, and those below it, the options of all commands, and types that refuse what cannot be used.

    Only the help of the root lists these options.
    """
    own = {word for param in command.params for word in param.opts}
    for param in command.params:
        param.type = checked(param.type)
    command.params += [option for option in _options(is_hidden=not is_root) if own.isdisjoint(option.opts)]
    if not is_root:
        command.epilog = command.epilog or _OTHERS
    if isinstance(command, click.Group):
        for each in command.commands.values():
            prepare(each)


def _options(*, is_hidden: bool) -> list[click.Option]:
    shared: dict[str, Any] = {"expose_value": False, "is_eager": True, "hidden": is_hidden}
    # A file that may not be read is an error of the configuration or the database, with its exit code.
    file = click.Path(readable=False, path_type=Path)
    return [
        click.Option(
            ["--config", "config_path"],
            metavar="FILE",
            type=file,
            callback=_keep,
            help="Configuration file. Default: ./config.yaml if it has statewire's keys, else that of `init`.",
            **shared,
        ),
        click.Option(
            ["--db"],
            metavar="FILE",
            type=file,
            callback=_keep_db,
            help="Database file. Default: as configured.",
            **shared,
        ),
        click.Option(
            ["--color"],
            type=Choice(list(_COLORS)),
            callback=_set_color,
            help="Use colors: auto (on a terminal, unless NO_COLOR is set), always or never.",
            **shared,
        ),
        click.Option(
            ["-v", "--verbose"],
            is_flag=True,
            callback=_keep,
            help="Print more; show the traceback of an error.",
            **shared,
        ),
        click.Option(["-q", "--quiet"], is_flag=True, callback=_keep, help="Print only data and errors.", **shared),
    ]


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Keep a value for the whole call. The last one counts: what is given after the verb is nearer to it."""
    if value and param.name:
        setattr(ctx.find_root().obj, param.name, value)


def _keep_db(ctx: click.Context, param: click.Parameter, value: Path | None) -> None:
    if value is not None and str(value).startswith((":memory:", "file:")):
        raise click.BadParameter("name a file; a database in memory would end with the command", ctx, param)
    _keep(ctx, param, value)


def _set_color(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    """Decide about colors for this context and those around it: contexts below take it from them."""
    chosen = _COLORS[value] if value else None
    if chosen is None and os.environ.get("NO_COLOR"):
        chosen = False
    around: click.Context | None = ctx if value or ctx.parent is None else None
    while around is not None:
        around.color = chosen
        around = around.parent
