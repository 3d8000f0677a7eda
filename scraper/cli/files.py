"""`statewire import`, `export` and `backup`: files in and out."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scraper.cli import options
from scraper.cli.copies import copy_row, join_pages
from scraper.cli.format import bar, event_lines, json_object, terminal_safe
from scraper.cli.layout import echo_line
from scraper.clock import Clock
from scraper.errors import InputError
from scraper.formats.atom import AtomEntry, feed
from scraper.serialize import event_row, statement_row
from scraper.store import CopyFilter, EventFilter, paths
from scraper.store.backup import backup as write_backup
from scraper.text.normalize import count, is_formula

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scraper.cli.app import Invocation
    from scraper.store import Store

_SHOWN_PROBLEMS = 5
_FEED = "tag:statewire.invalid,2026:events"
_NEWEST = 100


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--alerts", is_flag=True, help="Queue alerts for the imported events. Default: no alerts.")
@options.as_json_object
@click.pass_obj
def import_(invocation: Invocation, files: tuple[Path, ...], alerts: bool, as_json: bool) -> None:
    """Import WARC or JSON Lines files.

    The names end with .warc, .warc.gz or .jsonl. Each capture counts at its own time.

    Known captures change nothing, so an interrupted import can simply be started again.
    """
    from scraper.pipeline.import_files import import_files

    absent = next((path for path in files if not path.exists()), None)
    if absent is not None and paths.is_missing(invocation.database):  # else a new database would be left behind
        raise InputError(f"{absent} does not exist", hint="check the path")
    store = invocation.create_store()
    with bar("captures", invocation.say, is_quiet=invocation.quiet) as progress:
        report = import_files(
            files, store=store, settings=invocation.settings, clock=Clock(), alerts=alerts, progress=progress
        )
    if alerts:
        from scraper.cli.alerts import send_mail

        send_mail(invocation)
    for problem in report.problems[: None if invocation.verbose else _SHOWN_PROBLEMS]:
        invocation.note(terminal_safe(problem))
    if len(report.problems) > _SHOWN_PROBLEMS and not invocation.verbose:
        invocation.say(f"and {count(len(report.problems) - _SHOWN_PROBLEMS, 'more problem')}; -v shows all")
    if as_json:
        json_object(asdict(report))
        return
    skipped = sum(report.skipped.values())
    read = f"{count(report.captures, 'capture')} read: {report.new:,} new, {report.known:,} known before"
    echo_line(
        f"{read}, {skipped:,} skipped"
        + (f" ({', '.join(f'{number:,} {why}' for why, number in report.skipped.items())})" if skipped else "")
    )
    if report.stale:
        echo_line(f"{count(report.stale, 'capture')} older than what was known then, so they revise nothing")
    statements = f"{count(report.published, 'new statement')}, {count(report.events, 'event')}"
    echo_line(f"{statements}; the database has {count(report.statements, 'statement')}")


@click.command("export")
@click.argument("what", type=click.Choice(["statements", "copies", "events"]), metavar="statements|copies|events")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv", "atom"]), default="jsonl", help="Default: jsonl.")
@options.since
@options.limit(None)
@click.pass_obj
def export(invocation: Invocation, what: str, form: str, since: datetime | None, limit: int | None) -> None:
    """Write all statements, copies or events to stdout.

    jsonl and csv have the field names of --json; statements have their current text. atom is a feed of the
    newest 100 events (--limit), for feed readers.
    """
    store = invocation.store
    if form == "atom":
        if what != "events":
            raise click.UsageError("an Atom feed has events only: statewire export events --format atom")
        click.echo(_atom(store, since, limit or _NEWEST), nl=False)
        return
    rows = _rows(store, what, since, limit)
    if form == "csv":
        _write_csv(rows)
        return
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False))


def _rows(store: Store, what: str, since: datetime | None, limit: int | None) -> Iterator[dict[str, Any]]:
    if what == "statements":
        for statement in store.statements.find(since=since, limit=limit):
            wording = store.statements.revisions(statement.id)[statement.revision - 1].wording
            yield statement_row(statement) | {"text": wording.text}
    elif what == "copies":
        for each in join_pages(store, store.copies.find(CopyFilter(since=since, with_gone=True, limit=limit))):
            yield copy_row(*each)
    else:
        yield from map(event_row, store.events.find(EventFilter(since=since, limit=limit)))


def _write_csv(rows: Iterable[dict[str, Any]]) -> None:
    """Write rows as CSV: lists and objects as JSON, an apostrophe before what a spreadsheet takes for a formula."""
    writer = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(sys.stdout, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: Any) -> Any:
    if isinstance(value, tuple | list | dict):
        value = json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and is_formula(value) else value


def _atom(store: Store, since: datetime | None, limit: int) -> str:
    events = list(store.events.find(EventFilter(since=since, with_backfill=False, limit=limit)))[::-1]
    entries = []
    for event in events:
        title, *lines = event_lines(event)
        url = event.page_url or event.url
        entries.append(AtomEntry(f"{_FEED}:{event.id}", title, event.at, tuple(map(str.strip, lines)), url, event.kind))
    updated_at = events[0].at if events else datetime.fromtimestamp(0, UTC)
    return feed(_FEED, terminal_safe("statewire: events"), updated_at, entries)


@click.command("backup")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@options.as_json_object
@click.pass_obj
def backup(invocation: Invocation, file: Path, force: bool, as_json: bool) -> None:
    """Copy the database to FILE and check the copy. Use it with --db FILE."""
    size = write_backup(invocation.store, file, replace=force)
    if as_json:
        json_object({"file": str(file), "bytes": size})
        return
    click.echo(f"{file}: {count(size, 'byte')}, intact")
