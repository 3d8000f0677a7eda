"""`statewire import`: captures (WARC) and statements (JSON Lines) that were collected elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.alerts import send_mail
from scraper.cli.format import json_object, terminal_safe
from scraper.cli.progress import bar

if TYPE_CHECKING:
    from scraper.cli.app import Invocation

_SHOWN_PROBLEMS = 5


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--alerts", is_flag=True, help="Let the watches hear of what is found; else nobody does.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
@click.pass_obj
def import_(invocation: Invocation, files: tuple[Path, ...], alerts: bool, as_json: bool) -> None:
    """Take in WARC captures (.warc, .warc.gz) or statements as JSON Lines (.jsonl), each at its own time.

    What is kept already changes nothing: an import that was stopped is simply started again.
    """
    from scraper.clock import Clock
    from scraper.pipeline.import_files import import_files

    store = invocation.store()
    with bar(invocation, "captures") as progress:
        report = import_files(
            files, store=store, settings=invocation.settings, clock=Clock(), alerts=alerts, progress=progress
        )
    if alerts:
        send_mail(invocation)
    for problem in report.problems[: None if invocation.verbose else _SHOWN_PROBLEMS]:
        invocation.say(terminal_safe(problem))
    if len(report.problems) > _SHOWN_PROBLEMS and not invocation.verbose:
        invocation.say(f"and {len(report.problems) - _SHOWN_PROBLEMS} more problems; -v shows all")
    if as_json:
        json_object(asdict(report))
        return
    known = f", {report.known} of them kept before" if report.known else ""
    click.echo(f"{report.captures} captures{known}; {report.stale} stale, {report.unread} not readable")
    click.echo(f"{report.published} statements new, {report.statements} known; {report.events} events")
