"""Root command: lazy loading of verbs, and errors turned into one line and an exit code.

A verb returns its exit code; None is 0.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from scraper import __version__
from scraper.cli import commands, completion, streams
from scraper.cli.format import terminal_safe
from scraper.cli.layout import columns, echo_line, wrap
from scraper.cli.param_types import quoted
from scraper.errors import StatewireError, StoreError, as_disk_error, is_disk_error

if TYPE_CHECKING:
    from scraper.config.settings import Settings
    from scraper.store import Store


class _Verb(NamedTuple):
    """Function of a verb, as module and name, and the first sentence of its help."""

    function: str
    summary: str


# A module is imported on first use, so that a verb, and the help of all of them, does not load all others.
_VERBS = {
    "init": _Verb("init:init", "Set up configuration and mail, and poll once."),
    "run": _Verb("run:run", "Run as a daemon: poll sources, and send alerts."),
    "fetch": _Verb("fetch:fetch", "Poll sources (by default all), or fetch URLs, once."),
    "demo": _Verb("demo:demo", "Replay an invented story offline, for a first look."),
    "import": _Verb("files:import_", "Import WARC files, evidence bundles or JSON Lines."),
    "list": _Verb("statements:list_", "List statements, newest first."),
    "show": _Verb("statements:show", "Show a statement with all its revisions."),
    "diff": _Verb("statements:diff", "Show the differences between two revisions."),
    "search": _Verb("statements:search", "Search all revisions."),
    "events": _Verb("events:events", "List events, oldest first; --limit: the newest ones."),
    "copies": _Verb("copies:copies", "List copies, oldest first."),
    "spread": _Verb("spread:spread", "Show how a statement spread, from site to site."),
    "quotes": _Verb("quotations:quotes", "List quotations on other sites, newest first."),
    "outlets": _Verb("outlets:outlets", "Compare the sites that carry statements."),
    "phrase": _Verb("phrase:phrase", "Show when and how often State used a phrase."),
    "trace": _Verb("trace:trace", "Trace a page, or a sentence, to its statement."),
    "sweep": _Verb("sweep:sweep", "Find copies and quotations in web archives."),
    "index": _Verb("sweep:index", "Make the index file that `sweep` reads."),
    "alerts": _Verb("alerts:alerts", "List, preview, test, send, retry and mute alerts."),
    "export": _Verb("files:export", "Write statements, copies, events or evidence."),
    "verify": _Verb("evidence:verify", "Check evidence bundles, without a database or network."),
    "web": _Verb("web:web", "Serve pages to read the database with a browser."),
    "site": _Verb("site:site", "Write the pages as files, for any web server."),
    "status": _Verb("status:status", "Show totals, sources, and requests of today."),
    "doctor": _Verb("doctor:doctor", "Check the installation, and print what to do."),
    "backup": _Verb("files:backup", "Copy the database to FILE and check the copy."),
    "config": _Verb("config:config", "Check, show and extend the configuration."),
    "watch": _Verb("watch:watch", "Add, list, enable, disable and remove watches."),
    "source": _Verb("source:source", "Add, suggest, list, enable, disable and remove sources."),
    "completion": _Verb("completion:completion", "Print the script for completion in a shell."),
}


@dataclass
class Invocation:
    """Options of all commands, and what follows from them on first use: settings, path of the database, its store."""

    config_path: Path | None = None
    db: Path | None = None
    verbose: bool = False
    quiet: bool = False
    noted: set[str] = field(default_factory=set)

    @cached_property
    def settings(self) -> Settings:
        """Configuration in force."""
        from scraper.config import loader, search

        found = search.locate(self.config_path)
        if found.ignored:
            self.say(f"note: {found.ignored}; {terminal_safe(str(found.path))} is in force")
        return loader.load(found.path)

    @cached_property
    def database(self) -> Path:
        """Path of the database: --db, else the configured one."""
        if self.db is not None:
            return self.db
        from scraper.config import loader

        return loader.database_path(self.settings, None)

    @cached_property
    def store(self) -> Store:
        """Store of the database, open until the command ends. Raise `StoreError` if there is no database.

        Its files are given to the configured group if the verb, or the path of the database, needs the configuration.
        """
        from scraper.store import paths

        paths.check_existing(self.database)
        return self._open()

    @property
    def writable_store(self) -> Store:
        """The same store, for a verb that writes: raise `StoreError` before it does anything if it may only read."""
        self.store.check_writable()
        return self.store

    def create_store(self, *, is_announced: bool = True) -> Store:
        """Return the writable store, for a verb that may begin a database; create a missing file, and say so.

        Raise `StoreError` if --db names a folder that does not exist: it may be mistyped.
        """
        from scraper.store import paths

        if "store" not in vars(self) and paths.is_missing(self.database):
            if self.db is not None:
                paths.check_folder(self.db)
            self.store = self._open()
            if is_announced:
                self.say(f"created {terminal_safe(str(self.database))}")
        return self.writable_store

    def _open(self) -> Store:
        from scraper.files import Access
        from scraper.store import Store

        database = self.database
        access = Access.of(self.settings.database_group) if "settings" in vars(self) else None
        return click.get_current_context().find_root().with_resource(Store(database, access))

    def expected(self, error: Exception) -> StatewireError | None:
        """Return the error with what to do if it is ours, of SQLite, or of a full or read-only disk; else None."""
        try:
            self.check_store()
        except StoreError as changed:  # what was read was not reliable, and the error may follow from that
            return changed
        if isinstance(error, StatewireError):
            return error
        if is_disk_error(error):
            streams.discard_output()
            return as_disk_error(error)
        if "scraper.store" not in sys.modules:
            return None
        from scraper.store import as_store_error

        # Not the path itself: to find it may read the configuration, which may be what failed.
        return as_store_error(error, vars(self).get("database") or self.db or Path("in use"))

    def check_store(self) -> None:
        """Raise `StoreError` if another process has changed the database while a verb read it without locks."""
        if "store" in vars(self):
            self.store.check_unchanged()

    def fail(self, error: StatewireError) -> int:
        """Report an error on stderr, with -v after its traceback, and return its exit code."""
        if self.verbose:
            with suppress(OSError):
                traceback.print_exception(error)
        first, *more = str(error).splitlines()
        for line in [first, *more] if more else [f"statewire: {first}"]:
            self.say(terminal_safe(line), even_if_quiet=True)
        return error.exit_code

    def say(self, words: str, *, even_if_quiet: bool = False) -> None:
        """Write a line to stderr, with --quiet only if `even_if_quiet`."""
        if even_if_quiet or not self.quiet:
            with suppress(OSError):  # stderr is full or closed, and the exit code remains
                echo_line(words, err=True)

    def confirm(self, words: str, hang: int = 2) -> None:
        """Write a line about what a command has done to stdout, unless --quiet: it is no data."""
        if not self.quiet:
            echo_line(words, hang)

    def note(self, words: str, *, even_if_quiet: bool = False) -> None:
        """Write a warning or a note like `say`, once in a call of the command however often it is found."""
        if words not in self.noted:
            self.noted.add(words)
            self.say(words, even_if_quiet=even_if_quiet)


class Verbs(click.Group):
    """Group that imports a verb's module on first use and lists verbs in the order in which people need them.

    A `StatewireError` or SQLite error ends as one line on stderr and an exit code, with -v after its traceback.
    """

    def make_context(self, *arguments: Any, **extra: Any) -> click.Context:
        """Parse the options before the verb; turn expected errors of --help and --version into an exit code."""
        try:
            return super().make_context(*arguments, **({"obj": Invocation()} | extra))
        except OSError as error:
            raise click.exceptions.Exit(_end(error, Invocation())) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb and turn expected errors into an exit code (see `click.Group.invoke`)."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # a full disk is an error of this verb
            ctx.obj.check_store()
            return result
        except Exception as error:  # the top level: expected errors end as one line, all others are raised again
            return _end(error, ctx.obj)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all verbs (see `click.Group.list_commands`)."""
        return list(_VERBS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of verbs (see `click.Group.format_commands`)."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.summary) for name, verb in _VERBS.items()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a verb, or None if there is no such verb (see `click.Group.get_command`)."""
        if cmd_name not in _VERBS:
            return None
        module, _, name = _VERBS[cmd_name].function.partition(":")
        command: click.Command = getattr(importlib.import_module(f"scraper.cli.{module}"), name)
        commands.prepare(command)
        return command


def _end(error: Exception, invocation: Invocation) -> int:
    """Report an expected error and return the exit code of the command; raise any other error again."""
    if isinstance(error, BrokenPipeError):
        streams.discard_output()  # the reader has closed the pipe (`statewire list | head`)
        return 0
    known = invocation.expected(error)
    if known is None:
        raise error
    return invocation.fail(known)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="statewire")
def cli() -> None:
    """Monitor what the US Department of State publishes: every statement, every wording, every change.

    Exit codes: 0 done, 1 unexpected (status: monitoring does not work), 2 usage or configuration, 3 some sources or
    messages failed (doctor, verify: a problem), 4 all failed, 5 database, disk or output, 70 the daemon had stalled,
    75 another daemon has the database, 130 stopped by Ctrl-C.
    """


commands.prepare(cli, is_root=True)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its exit code."""
    streams.prepare()
    if completion.VARIABLE in os.environ:
        completion.register()
    try:
        code = cli.main(arguments, prog_name="statewire", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.Abort:
        _show("statewire: stopped")
        sys.exit(130)
    except click.ClickException as error:
        with suppress(OSError):  # as in `Invocation.say`
            _within_terminal(_described(error)).show()
        sys.exit(error.exit_code)


def _described(error: click.ClickException) -> click.ClickException:
    """Describe an unknown command like other unknown names, with the nearest one, also below a group (`alerts why`)."""
    if not isinstance(error, click.NoSuchCommand) or error.ctx is None:
        return error
    from scraper.text.nearest import did_you_mean, nearest  # only after a mistake

    name = error.command_name
    group = error.ctx.command
    own = {each: each for each in (group.commands if isinstance(group, click.Group) and group is not cli else _VERBS)}
    # Below a group, `show` alone would be taken for a command of that group.
    begin = "" if group is cli else "statewire "
    everywhere = {verb: [f"{begin}{verb}"] for verb in _VERBS} | {"help": ["--help"], "version": ["--version"]}
    for verb in _VERBS:
        if isinstance(below := cli.get_command(error.ctx, verb), click.Group):
            for each in below.commands:
                everywhere[each] = [*everywhere.get(each, []), f"{begin}{verb} {each}"]
    # A whole name is meant where it exists, such as `why` of `alerts`.
    meant = everywhere.get(name) or [own[each] for each in nearest(name, own)]
    meant = meant or next((everywhere[each] for each in nearest(name, everywhere)), [])
    return click.UsageError(f"there is no command {quoted(name)}{did_you_mean(meant)}", error.ctx)


def _within_terminal(error: click.ClickException) -> click.ClickException:
    width = columns(err=True)
    if width is None or not isinstance(error, click.UsageError):
        return error
    label = "Error: "  # click puts it before the message
    lines = wrap(label + error.format_message(), width)
    return click.UsageError("\n".join(lines).removeprefix(label), error.ctx)


def _show(words: str) -> None:
    with suppress(OSError):
        click.echo(words, err=True)
