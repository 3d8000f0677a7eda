"""Root command: options before the verb, lazy loading of verbs, and errors turned into one line and an exit code.

A verb returns its exit code; None is 0.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scraper import __version__
from scraper.cli import completion
from scraper.cli.format import terminal_safe
from scraper.errors import StatewireError, StoreError, as_disk_error, is_disk_error

if TYPE_CHECKING:
    from scraper.config.settings import Settings
    from scraper.store import Store

# Verbs and their functions. A module is imported on first use, so that a verb does not load all others.
_VERBS = {
    "init": "init:init",
    "run": "run:run",
    "fetch": "fetch:fetch",
    "demo": "demo:demo",
    "import": "files:import_",
    "list": "statements:list_",
    "show": "statements:show",
    "diff": "statements:diff",
    "search": "statements:search",
    "events": "events:events",
    "copies": "copies:copies",
    "trace": "trace:trace",
    "alerts": "alerts:alerts",
    "export": "files:export",
    "status": "status:status",
    "doctor": "doctor:doctor",
    "backup": "files:backup",
    "config": "config:config",
    "watch": "watch:watch",
    "source": "source:source",
    "completion": "completion:completion",
}


@dataclass
class Invocation:
    """Options before the verb, and what follows from them on first use: settings, path of the database, its store."""

    config_path: Path | None = None
    db: Path | None = None
    verbose: bool = False
    quiet: bool = False

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
        from scraper.config import loader

        return self.db or loader.database_path(self.settings, None)

    @cached_property
    def store(self) -> Store:
        """Store of the database, open until the command ends.

        Its files are given to the configured group if the verb, or the path of the database, needs the configuration.
        """
        from scraper.files import Access
        from scraper.store import Store

        database = self.database
        access = Access.of(self.settings.database_group) if "settings" in vars(self) else None
        return click.get_current_context().find_root().with_resource(Store(database, access))

    @property
    def writable_store(self) -> Store:
        """The same store, for a verb that writes: raise `StoreError` before it does anything if it may only read."""
        self.store.check_writable()
        return self.store

    def expected(self, error: Exception) -> StatewireError | None:
        """Return the error with what to do if it is ours, of SQLite, or of a full or read-only disk; else None."""
        try:
            self.check_store()
        except StoreError as changed:  # what was read was not reliable, and the error may follow from that
            return changed
        if isinstance(error, StatewireError):
            return error
        if is_disk_error(error):
            _discard_output()
            return as_disk_error(error)
        if "scraper.store" not in sys.modules:
            return None
        from scraper.store import as_store_error

        return as_store_error(error, self.database)

    def check_store(self) -> None:
        """Raise `StoreError` if another process has changed the database while a verb read it without locks."""
        if "store" in vars(self):
            self.store.check_unchanged()

    def fail(self, error: StatewireError) -> int:
        """Report an error on stderr, with -v after its traceback, and return its exit code."""
        if self.verbose:
            traceback.print_exception(error)
        first, *more = str(error).splitlines()
        for line in [first, *more] if more else [f"statewire: {first}"]:
            self.say(terminal_safe(line), even_if_quiet=True)
        return error.exit_code

    def say(self, words: str, *, even_if_quiet: bool = False) -> None:
        """Write a line to stderr, with --quiet only if `even_if_quiet`."""
        if even_if_quiet or not self.quiet:
            with suppress(OSError):  # stderr is full or closed, and the exit code remains
                click.echo(words, err=True)


def _discard_output() -> None:
    """Discard what stdout still buffers, and what follows: Python would write it at its end, and fail again."""
    with suppress(OSError):  # it has no descriptor if it was replaced
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Verbs(click.Group):
    """Group that imports a verb's module on first use and lists verbs in the order in which people need them.

    A `StatewireError` or SQLite error ends as one line on stderr and an exit code, with -v after its traceback.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb and turn expected errors into an exit code (see `click.Group.invoke`)."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # a full disk is an error of this verb
            if ctx.obj is not None:
                ctx.obj.check_store()
            return result
        except BrokenPipeError:
            _discard_output()  # the reader has closed the pipe (`statewire list | head`)
            return 0
        except Exception as error:  # the top level: expected errors end as one line, all others are raised again
            invocation: Invocation | None = ctx.obj  # None before a verb was found
            known = None if invocation is None else invocation.expected(error)
            if known is None or invocation is None:
                raise
            return invocation.fail(known)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all verbs (see `click.Group.list_commands`)."""
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a verb, or None if there is no such verb (see `click.Group.get_command`)."""
        if cmd_name not in _VERBS:
            return None
        module, _, name = _VERBS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(f"scraper.cli.{module}"), name)
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="statewire")
@click.option(
    "--config",
    "config_path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Configuration file. Default: ./config.yaml if it is statewire's, otherwise the one that `init` writes.",
)
@click.option("--db", metavar="FILE", type=click.Path(path_type=Path), help="Database file. Default: as configured.")
@click.option("-v", "--verbose", is_flag=True, help="Print more; show the traceback of an error.")
@click.option("-q", "--quiet", is_flag=True, help="Print only data and errors.")
@click.pass_context
def cli(ctx: click.Context, config_path: Path | None, db: Path | None, verbose: bool, quiet: bool) -> None:
    """Monitor what the US Department of State publishes: every statement, every wording, every change.

    Exit codes: 0 done, 1 unexpected (status: monitoring does not work), 2 usage or configuration, 3 some sources
    failed (doctor: a problem), 4 all failed, 5 database or disk, 70 the daemon had stalled, 75 another daemon has the
    database.
    """
    ctx.obj = Invocation(config_path, db, verbose, quiet)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal cannot encode is printed as an escape such as \u2019.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if completion.VARIABLE in os.environ:
        completion.register()
    try:
        code = cli.main(arguments, prog_name="statewire", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.Abort:
        click.echo("statewire: stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
