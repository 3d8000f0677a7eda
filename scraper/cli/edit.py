"""Edits of the configuration file by commands: the result is checked, written at once, and the daemon reloads it."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from scraper import files
from scraper.cli import options
from scraper.cli.app import Invocation
from scraper.cli.format import terminal_safe
from scraper.cli.param_types import quoted
from scraper.config import edit as edits
from scraper.config import loader, search, yaml
from scraper.config.settings import Settings
from scraper.daemon.reload_request import ReloadOutcome, request_reload
from scraper.delivery import watch_report
from scraper.errors import ConfigError, InputError, Problem, StatewireError, as_disk_error
from scraper.store import Store

Completion = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
"""Function that completes the beginning of an argument."""
_BOM = b"\xef\xbb\xbf"
_INDEX = re.compile(r"\[\d+\]")


def check_options(values: Mapping[str, object], *, may_be_variable: Sequence[str] = ()) -> None:
    """Raise `InputError` for a value that the configuration would read as an environment variable.

    `values` are by the name of their option or argument. Those of `may_be_variable` may be `${NAME}`.
    """
    for name, given in values.items():
        for value in given if isinstance(given, list | tuple) else [given]:
            mistake = yaml.variable_mistake(value) if isinstance(value, str) else ""
            if mistake and not (name in may_be_variable and yaml.is_variable(str(value))):
                raise InputError(f"{name} {mistake}", hint="leave it out, or edit config.yaml by hand")


def append_entry(
    invocation: Invocation, section: str, lines: Sequence[str], given_as: Mapping[str, str] | None = None
) -> bool:
    """Append an entry to `watches` or `sources` (see `edit_file`); `lines` are those of `config.edit.append`.

    `given_as` has the option of each key of the entry, by the key, and for keys below others by their path
    (`about.words`): a mistake is named by its option. Return True if there was a warning about it.
    """
    return edit_file(invocation, lambda text, _: edits.append(text, section, lines), given_as or {})


def check_new_name(invocation: Invocation, section: str, noun: str, name: str) -> None:
    """Raise `InputError` if an entry of a section of the configuration has a name already."""
    known = options.find_name((each.name for each in getattr(invocation.settings, section)), name)
    if known is not None:
        remove = options.command_line(invocation, noun, "remove", known)
        hint = f"to replace it, remove it first: `{remove}`"
        raise InputError(f"there is a {noun} named {quoted(known)} already", hint=hint)


def add_entry_commands(
    group: click.Group, section: str, noun: str, complete: Completion, *, enabled: str, disabled: str, removed: str
) -> None:
    """Add the commands `enable`, `disable` and `remove` for the entries of a section, whose names `complete` completes.

    `noun` is the word for an entry; the other texts are the sentences of the commands' help about what follows.
    """

    def add(verb: str, follows: str, change: Callable[[str, int], str]) -> None:
        @group.command(verb, help=f"{verb.capitalize()} a {noun}, or several.\n\n{follows}")
        @click.argument("names", metavar="NAME...", nargs=-1, required=True, shell_complete=complete)
        @click.pass_obj
        def command(invocation: Invocation, names: tuple[str, ...]) -> None:
            wanted = {"enable": True, "disable": False}.get(verb)
            entries: Sequence[Any] = getattr(invocation.settings, section)
            found = list({each.name: each for each in (options.find_named(entries, it, noun) for it in names)}.values())
            todo = [each for each in found if verb == "remove" or each.enabled is not wanted]

            def apply(text: str, settings: Settings) -> str:
                current = [each.name for each in getattr(settings, section)]
                # From the last one on, so that the positions of the others stay.
                for at in sorted((current.index(each.name) for each in todo), reverse=True):
                    text = change(text, at)
                return text

            if todo:
                edit_file(invocation, apply)
            for each in found:
                name = terminal_safe(each.name)
                done = f"{verb.rstrip('e')}ed the {noun} {name}"
                invocation.confirm(done if each in todo else f"the {noun} {name} is {verb}d already")

    add("enable", enabled, lambda text, at: edits.assign(text, (section, at, "enabled"), True))
    add("disable", disabled, lambda text, at: edits.assign(text, (section, at, "enabled"), False))
    comments = "The comments directly above it and in it are removed too."
    add("remove", f"{comments} {removed}".strip(), lambda text, at: edits.remove(text, section, at))


def edit_file(
    invocation: Invocation, change: Callable[[str, Settings], str], given_as: Mapping[str, str] | None = None
) -> bool:
    """Change the configuration in force by a function of its text and settings, and ask the daemon to reload it.

    `given_as` is that of `append_entry`. Return True if the change causes a warning, which is printed.

    Raise `ConfigError` if the file has mistakes, `InputError` if the result would have some, or if there is only the
    example that comes with statewire, and `StoreError` if it cannot be written. The file is then as it was.
    """
    path = own_configuration(invocation)
    before = warnings(invocation, invocation.settings)
    try:
        files.edit(path, lambda content: _changed(content, path, change, given_as or {}))
    except OSError as error:
        raise as_disk_error(error, f"{path} cannot be changed") from error
    invocation.say(f"{terminal_safe(str(path))} was changed")
    new = [warning for warning in warnings(invocation, loader.load(path)) if warning not in before]
    for warning in new:
        invocation.say(f"warning: {terminal_safe(warning)}")
    reload_daemon(invocation, invocation.database)
    return bool(new)


def own_configuration(invocation: Invocation) -> Path:
    """Return the path of the configuration in force. Raise `InputError` if it is the example of statewire."""
    path = search.locate(invocation.config_path).path
    if invocation.config_path is None and search.is_example(path) and path.is_absolute():
        raise InputError("there is no configuration of yours yet", hint="`statewire init` writes one")
    return path


def warnings(invocation: Invocation, settings: Settings, *, with_disabled: bool = False) -> tuple[str, ...]:
    """Return a sentence for each setting that is probably not intended, and each name in a watch that nothing fits."""
    store = comparable_store(invocation, settings) if settings.watches else None
    unknown = watch_report.find_unknown(settings, store, with_disabled=with_disabled)
    return (*loader.warnings(settings), *unknown)


def comparable_store(invocation: Invocation, settings: Settings) -> Store | None:
    """Return the store to compare watches with; None if there is none, or if it cannot be read, with a warning."""
    if not loader.database_path(settings, invocation.db).is_file():
        return None
    try:
        return invocation.store
    except StatewireError as error:
        invocation.note(f"warning: watches cannot be compared with the database: {terminal_safe(str(error))}")
        return None


def _changed(content: bytes, path: Path, change: Callable[[str, Settings], str], given_as: Mapping[str, str]) -> bytes:
    """Return the content after a change. Raise `InputError` if it is no valid configuration."""
    mark = _BOM if content.startswith(_BOM) else b""
    text = content[len(mark) :].decode()
    new = change(text, loader.loads(text, path))
    try:
        loader.loads(new, path)
    except ConfigError as error:
        mistakes = "; ".join(_mistake(each, given_as) for each in error.problems)
        raise InputError(f"{path} was not changed, because it would have mistakes: {mistakes}") from None
    return mark + new.encode()


def _mistake(problem: Problem, given_as: Mapping[str, str]) -> str:
    key = _INDEX.sub("", problem.path.partition("].")[2])
    place = given_as.get(key) or problem.place
    return f"{f'{place}: ' if place else ''}{problem.message}"


def reload_daemon(invocation: Invocation, database: Path) -> None:
    """Ask the daemon of a database to read its configuration again; print the result, or what the user has to do."""
    outcome, process = request_reload(database)
    number = f" (process {process})" if process else ""
    kill = f"`sudo kill -HUP {process or 'PROCESS'}`"
    invocation.say(
        {
            ReloadOutcome.REQUESTED: f"The daemon{number} was asked to read its configuration again; its log names the"
            " result.",
            ReloadOutcome.NO_DAEMON: f"No daemon runs on {terminal_safe(str(database))}; the next one reads the file"
            " when it starts.",
            ReloadOutcome.FORBIDDEN: f"The daemon{number} belongs to another user and was not asked to read its"
            f" configuration again. Run `sudo systemctl reload statewire` or {kill}.",
            ReloadOutcome.ELSEWHERE: f"The daemon{number} runs in another container and was not asked to read its"
            " configuration again. Send SIGHUP to it there, such as `podman kill --signal HUP statewire`.",
        }[outcome]
    )
