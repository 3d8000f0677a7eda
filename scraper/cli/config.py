"""`statewire config`: check the configuration, print it, print its JSON Schema, and discover how to watch a site."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
import yaml

from scraper import urls
from scraper.cli import options
from scraper.cli.edit import comparable_store, warnings
from scraper.cli.format import bar, json_object, terminal_safe
from scraper.cli.layout import echo_line
from scraper.config import loader as configuration
from scraper.config import search
from scraper.delivery import watch_report
from scraper.errors import ConfigError
from scraper.store.locks import holder
from scraper.text.normalize import count, truncate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scraper.cli.app import Invocation
    from scraper.config.settings import Settings
    from scraper.delivery.watch_report import WatchCount

_MAX_ENTRY_CHARS = 50


@click.group("config")
def config() -> None:
    """Check, show and extend the configuration."""


@config.command("check")
@click.pass_obj
def check(invocation: Invocation) -> None:
    """Check the configuration and its watches.

    Prints every mistake with its line, then how many stored statements each watch fits, and each of its conditions by
    itself. Warnings, such as a
    name that State does not use, are no mistakes.
    """
    path, settings = _load(invocation)
    total, enabled = len(settings.sources), sum(source.enabled for source in settings.sources)
    invocation.confirm(f"{path}: ok, {count(total, 'source')} ({enabled} enabled)")
    database = configuration.database_path(settings, invocation.db)
    if (process := holder(database)) is not None:
        invocation.say(f"A daemon runs (process {process}); it reads an edited file again after: kill -HUP {process}")
    if settings.watches and not database.is_file():
        echo_line(f"watches: no database {database} to compare them with; `statewire fetch` creates it")
    for warning in warnings(invocation, settings, with_disabled=True):
        invocation.note(f"{path}: warning: {terminal_safe(warning)}", even_if_quiet=True)
    store = comparable_store(invocation, settings) if settings.watches else None
    if store is not None:
        with bar("statements", lambda _: None, is_quiet=invocation.quiet) as progress:  # on a terminal only
            counts = watch_report.count_statements(store, settings, progress)
        _print_counts(counts, settings, store.statements.count())


def _print_counts(counts: Sequence[WatchCount], settings: Settings, statements: int) -> None:
    total = count(statements, "stored statement")
    for watch, found in zip(settings.watches, counts, strict=True):
        state = "" if watch.enabled else " (disabled)"
        echo_line(f"watch {terminal_safe(found.name)}{state}: fits {found.statements:,} of {total}")
        for place, entry, number in found.conditions:
            words = f"{place}: {terminal_safe(truncate(entry, _MAX_ENTRY_CHARS))}"
            echo_line(f"{number:>9,}  {words}", 11 - (9 - len(f"{number:,}")))


@config.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of YAML.")
@click.pass_obj
def show(invocation: Invocation, as_json: bool) -> None:
    """Print the file in force and all settings.

    Defaults are included. The YAML is a valid configuration.

    Of the URLs of webhooks and of the heartbeat only the host is shown, because anyone with the URL can use it; such a
    URL has to be filled in before the configuration loads again.
    """
    path, settings = _load(invocation)
    in_force = f"{terminal_safe(str(path.absolute()))} is in force: {search.locate(invocation.config_path).origin}"
    database = configuration.database_path(settings, None)
    resolved = settings.model_dump(mode="json") | {"database": str(database)}
    resolved["alerts"]["maildir"] = str(configuration.maildir_path(settings, database))
    for section, key in [*((watch, "webhook") for watch in resolved["watches"]), (resolved["daemon"], "heartbeat_url")]:
        if url := section[key]:
            section[key] = f"{urlsplit(url).scheme}://{urls.redact(url, url)}/ (hidden)"
    if as_json:
        json_object(resolved)
        invocation.note(in_force)
    else:
        click.echo(f"# {in_force}")
        click.echo(yaml.safe_dump(resolved, sort_keys=False, allow_unicode=True, width=120), nl=False)


@config.command("schema")
def schema() -> None:
    """Print the JSON Schema of the configuration, for editors."""
    json_object(configuration.schema())


@config.command("discover")
@click.argument("url")
@options.as_json_object
@click.pass_obj
def discover(invocation: Invocation, url: str, as_json: bool) -> None:
    """Find the endpoints of a site.

    Prints the lines to put under `sources:`. Looks at one page (the front page, a section, an article, or a feed) and
    tries at most three of the ways that it offers: what answers comes first, what failed is commented out with the
    reason. Nothing is configured by this; the captures are kept.
    """
    from scraper.cli.discover import print_entry

    print_entry(invocation, url, as_json=as_json)


def _load(invocation: Invocation) -> tuple[Path, Settings]:
    """Return the configuration file and its settings. Print a `ConfigError` and end the command with its exit code."""
    try:
        found = search.locate(invocation.config_path)
        if found.ignored:
            invocation.note(f"note: {found.ignored}", even_if_quiet=True)
        return found.path, configuration.load(found.path)
    except ConfigError as error:
        invocation.say(str(error), even_if_quiet=True)
        raise click.exceptions.Exit(error.exit_code) from error
