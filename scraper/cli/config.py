"""`statewire config`: check the configuration, print it, print its JSON Schema, and discover how to watch a site."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
import yaml

from scraper import urls
from scraper.cli import options
from scraper.cli.format import json_object
from scraper.config import loader as configuration
from scraper.config import settings
from scraper.errors import ConfigError
from scraper.text.normalize import count

if TYPE_CHECKING:
    from pathlib import Path

    from scraper.cli.app import Invocation


@click.group("config")
def config() -> None:
    """Check, show and extend the configuration."""


@config.command("check")
@click.pass_obj
def check(invocation: Invocation) -> None:
    """Check the configuration and print every mistake with its line."""
    path, settings = _load(invocation)
    total, enabled = len(settings.sources), sum(source.enabled for source in settings.sources)
    click.echo(f"{path}: ok, {count(total, 'source')} ({enabled} enabled)")
    for warning in configuration.warnings(settings):
        invocation.note(f"{path}: warning: {warning}", even_if_quiet=True)


@config.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of YAML.")
@click.pass_obj
def show(invocation: Invocation, as_json: bool) -> None:
    """Print every effective setting, defaults included. The YAML is itself a valid configuration.

    Of the URLs of webhooks and of the heartbeat only the host is shown, because anyone with the URL can use it; such a
    URL has to be filled in before the configuration loads again.
    """
    _, settings = _load(invocation)
    database = configuration.database_path(settings, None)
    resolved = settings.model_dump(mode="json") | {"database": str(database)}
    resolved["alerts"]["maildir"] = str(configuration.maildir_path(settings, database))
    for section, key in [*((watch, "webhook") for watch in resolved["watches"]), (resolved["daemon"], "heartbeat_url")]:
        if url := section[key]:
            section[key] = f"{urlsplit(url).scheme}://{urls.redact(url, url)}/ (hidden)"
    if as_json:
        json_object(resolved)
    else:
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
    """Find the endpoints of a site; print the lines to put under `sources:`.

    Looks at one page (the front page, a section, an article, or a feed) and tries at most three of the ways
    that it offers: what answers comes first, what failed is commented out with the reason. Nothing is
    configured by this; the captures are kept.
    """
    from scraper.cli.discover import print_entry

    print_entry(invocation, url, as_json=as_json)


def _load(invocation: Invocation) -> tuple[Path, settings.Settings]:
    """Return the configuration file and its settings. Print a `ConfigError` and end the command with its exit code."""
    try:
        path = configuration.find(invocation.config_path)
        return path, configuration.load(path)
    except ConfigError as error:
        invocation.say(str(error), even_if_quiet=True)
        raise click.exceptions.Exit(error.exit_code) from error
