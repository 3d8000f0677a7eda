"""`statewire import`, `export` and `backup`: files in and out."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from scraper.alerts.format import linkable
from scraper.cli import copies, events, filters, options
from scraper.cli.evidence import export_evidence
from scraper.cli.exit_codes import SOME_FAILED
from scraper.cli.format import bar, event_lines, json_object, terminal_safe, write_csv
from scraper.cli.layout import echo_line
from scraper.clock import Clock
from scraper.errors import InputError
from scraper.formats import atom
from scraper.formats.atom import AtomEntry
from scraper.serialize import EVENT_KEYS, STATEMENT_KEYS, event_row, statement_row
from scraper.statement_rows import COPY_KEYS, copy_row
from scraper.store import StatementFilter, paths
from scraper.store.backup import backup as write_backup
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.cli.app import Invocation
    from scraper.model import Event

_SHOWN_PROBLEMS = 5
_NEWEST = 100
_FORMAT = "Default: jsonl."
_ABOUT_ROWS = (
    "jsonl and csv have the field names of --json; statements have their current text. atom is a feed of the newest 100"
    " events (--limit), for feed readers. The filters are those of `list`, `copies` and `events`."
)
_CSV_FIELDS = {"statements": (*STATEMENT_KEYS, "text"), "copies": COPY_KEYS, "events": EVENT_KEYS}


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--alerts", is_flag=True, help="Queue alerts for the imported events. Default: no alerts.")
@options.as_json_object
@click.pass_obj
def import_(invocation: Invocation, files: tuple[Path, ...], alerts: bool, as_json: bool) -> int:
    """Import WARC files, evidence bundles or JSON Lines.

    The names end with .warc, .warc.gz, .wacz or .jsonl. Each capture counts at its own time.

    Known captures change nothing, so an interrupted import can simply be started again. Exit code 3 if messages of
    --alerts were not delivered.
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
    undelivered = 0
    if alerts:
        from scraper.cli.sending import send_mail

        undelivered = send_mail(invocation)
    for problem in report.problems[: None if invocation.verbose else _SHOWN_PROBLEMS]:
        invocation.note(terminal_safe(problem))
    if len(report.problems) > _SHOWN_PROBLEMS and not invocation.verbose:
        invocation.say(f"and {count(len(report.problems) - _SHOWN_PROBLEMS, 'more problem')}; -v shows all")
    code = SOME_FAILED if undelivered else 0
    if as_json:
        json_object(asdict(report))
        return code
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
    return code


@click.group("export")
@click.pass_context
def export(ctx: click.Context, /, **_: Any) -> None:
    """Write statements, copies, events or evidence."""
    # The options of rows also work before the kind of rows: they are the defaults of its command.
    given = {name: value for name, value in ctx.params.items() if _is_given(ctx, name)}
    if given and ctx.invoked_subcommand not in _CSV_FIELDS:
        name = next(param.opts[0] for param in ctx.command.params if param.name in given)
        raise click.UsageError(f"{name} is for {', '.join(_CSV_FIELDS)}, and not for {ctx.invoked_subcommand}")
    ctx.default_map = {str(ctx.invoked_subcommand): given}


def _is_given(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _rows_command(what: str) -> click.Command:
    @click.command(what, help=f"Write {what} to stdout.\n\n{_ABOUT_ROWS}")
    @click.option("--format", "form", type=click.Choice(["jsonl", "csv", "atom"]), default="jsonl", help=_FORMAT)
    @options.since
    @options.until
    @click.option("--source", metavar="NAME", help="Only what this source brought.")
    @filters.shared(
        "Only statements, or copies of statements, with more than one wording; only events in which State changed it.",
        "Only what is on this site, or carried by it: a source, or a host such as stl.news.",
        "Only what has a copy of a wording that State has since replaced.",
    )
    @options.several("--kind", "kinds", sorted(filters.KINDS), "Only events of this kind, such as revised.")
    @options.limit(None)
    @click.pass_obj
    def command(invocation: Invocation, /, form: str, **conditions: Any) -> None:
        _export(invocation, what, form, conditions)

    return command


def _export(invocation: Invocation, what: str, form: str, conditions: dict[str, Any]) -> None:
    if conditions["kinds"] and what != "events":
        raise click.UsageError(f"--kind is for events, and not for {what}")
    if form == "atom":
        if what != "events":
            raise click.UsageError("an Atom feed has events only: statewire export events --format atom")
        conditions |= {"limit": conditions["limit"] or _NEWEST, "with_backfill": False}
        newest = list(events.select(invocation, conditions))[::-1]
        click.echo(_atom(invocation.store.events.first(), newest), nl=False)
        return
    rows = _rows(invocation, what, conditions)
    if form == "csv":
        write_csv(rows, _CSV_FIELDS[what])
        return
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False))


for _what in _CSV_FIELDS:
    export.add_command(_rows_command(_what))
for _param in export.commands["events"].params:
    _option = copy(_param)
    _option.hidden = True  # type: ignore[attr-defined]  # all parameters there are options
    export.params.append(_option)
export.add_command(export_evidence)


def _rows(invocation: Invocation, what: str, conditions: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if what == "events":
        yield from map(event_row, events.select(invocation, conditions))
        return
    del conditions["kinds"]
    if what == "copies":
        for each in copies.select(invocation, conditions | {"with_gone": True}):
            yield copy_row(*each)
        return
    chosen, limit = filters.Filters.take(invocation, conditions), conditions.pop("limit")
    statements = invocation.store.statements
    for statement in chosen.first_or_fail(chosen.statements(StatementFilter(**conditions), limit)):
        yield statement_row(statement) | {"text": statements.text(statement)}


def _atom(first: Event | None, newest: list[Event]) -> str:
    """Return a feed of events. `first` is the first one of the database."""
    entries = []
    for event in newest:
        title, *lines = event_lines(event)
        given = AtomEntry(atom.event_id(event), title, event.at, event.kind, tuple(map(str.strip, lines)))
        entries.append(replace(given, statement_url=linkable(event.url), page_url=linkable(event.page_url)))
    updated_at = newest[0].at if newest else datetime.fromtimestamp(0, UTC)
    return atom.feed(atom.feed_id(first, "events"), "statewire: events", updated_at, map(atom.entry, entries))


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
    invocation.confirm(f"{file}: {count(size, 'byte')}, intact")
