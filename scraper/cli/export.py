"""`statewire export`: statements, copies and events as JSON Lines, CSV or an Atom feed for other programs."""

from __future__ import annotations

import csv
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from scraper.cli import options
from scraper.cli.format import event_lines, terminal_safe
from scraper.serialize import event_row, statement_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scraper.cli.app import Invocation
    from scraper.store import Store

_WHAT = ("statements", "copies", "events")
_FEED = "tag:statewire.invalid,2026:events"
_NEWEST = 100
# First characters by which a spreadsheet takes a cell for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@click.command("export")
@click.argument("what", type=click.Choice(_WHAT), metavar="statements|copies|events")
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv", "atom"]),
    default="jsonl",
    help="Default: jsonl.",
)
@options.since
@options.limit(None)
@click.pass_obj
def export(invocation: Invocation, what: str, form: str, since: datetime | None, limit: int | None) -> None:
    """Write all that is known of statements, copies or events to stdout.

    jsonl and csv have the field names of --json; statements come with the text that stands. atom is a feed of the
    newest 100 events (--limit), for feed readers.
    """
    store = invocation.store()
    if form == "atom":
        if what != "events":
            raise click.UsageError("an Atom feed is made of events")
        click.echo(_atom(store, since, limit or _NEWEST), nl=False)
        return
    rows = _READERS[what](store, since, limit)
    if form == "jsonl":
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    _write_csv(rows)


def _statements(store: Store, since: datetime | None, limit: int | None) -> Iterator[dict[str, Any]]:
    for statement in store.statements.find(since=since, limit=limit):
        wording = store.statements.revisions(statement.id)[statement.revision - 1].wording
        yield statement_row(statement) | {"text": wording.text}


def _copies(store: Store, since: datetime | None, limit: int | None) -> Iterator[dict[str, Any]]:
    from scraper.cli.copies import copy_row, join_pages
    from scraper.store import CopyFilter

    found = store.copies.find(CopyFilter(since=since, with_gone=True, limit=limit))
    yield from (copy_row(*each) for each in join_pages(store, found))


def _events(store: Store, since: datetime | None, limit: int | None) -> Iterator[dict[str, Any]]:
    from scraper.store import EventFilter

    yield from (event_row(event) for event in store.events.find(EventFilter(since=since, limit=limit)))


_READERS: dict[str, Callable[[Store, datetime | None, int | None], Iterator[dict[str, Any]]]] = {
    "statements": _statements,
    "copies": _copies,
    "events": _events,
}


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
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _atom(store: Store, since: datetime | None, limit: int) -> str:
    from scraper.formats.atom import AtomEntry, feed
    from scraper.store import EventFilter

    events = list(store.events.find(EventFilter(since=since, with_backfill=False, limit=limit)))[::-1]
    entries = [
        AtomEntry(
            f"{_FEED}:{event.id}",
            event_lines(event)[0],
            event.at,
            tuple(line.strip() for line in event_lines(event)[1:]),
            event.page_url or event.url,
            event.kind,
        )
        for event in events
    ]
    updated_at = events[0].at if events else datetime.fromtimestamp(0, UTC)
    return feed(_FEED, terminal_safe("statewire: what happened"), updated_at, entries)
