"""`statewire site`: the pages of the database as files, for any web server."""

from dataclasses import asdict
from pathlib import Path

import click

from scraper.cli import options
from scraper.cli.app import Invocation
from scraper.cli.format import json_object, terminal_safe
from scraper.clock import Clock
from scraper.store import paths
from scraper.text.normalize import count
from scraper.web import site as writer

_FAILED = 1
_SHOWN = 5


@click.command("site")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@options.as_json_object
@click.pass_obj
def site(invocation: Invocation, folder: Path, as_json: bool) -> int:
    """Write the pages as files, for any web server.

    DIR is a new folder, or one that this command has written; then only what has changed is written. Exit code 1 if a
    page could not be rendered.
    """
    paths.check_existing(invocation.database)
    report = writer.write_site(invocation.database, folder, invocation.settings, Clock())
    if as_json:
        json_object(asdict(report))
    else:
        invocation.confirm(
            f"{count(report.written, 'file')} written, {report.unchanged:,} unchanged, {report.removed:,} removed;"
            f" the first page is {terminal_safe(str(folder / 'index.html'))}"
        )
    for problem, lines in (("no name of a file", report.left_out), ("not rendered", report.failed)):
        for line in lines[:_SHOWN]:
            invocation.say(f"left out, {problem}: {terminal_safe(line)}")
        if len(lines) > _SHOWN:
            invocation.say(f"left out, {problem}: {len(lines) - _SHOWN:,} more; --json lists all")
    return _FAILED if report.failed else 0
