"""`statewire run`: the daemon, in the foreground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from scraper.cli.app import Invocation


@click.command("run")
@click.option(
    "--log-format",
    "log_format",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to write the log on stderr: for people (default) or as JSON Lines.",
)
@click.pass_context
def run(ctx: click.Context, log_format: str) -> None:
    """Watch until told to stop: ask each source when it is due, send alerts, keep going.

    SIGTERM or Ctrl-C ends it in good order, a second one at once; SIGHUP reads the configuration again. Every other
    command may be used beside it.
    """
    import logging

    from scraper.cli import logs
    from scraper.config.loader import find
    from scraper.daemon.main import serve

    invocation: Invocation = ctx.obj
    level = logging.DEBUG if invocation.verbose else logging.WARNING if invocation.quiet else logging.INFO
    logs.set_up(log_format, level)
    ctx.exit(serve(find(invocation.config_path), invocation.db))
