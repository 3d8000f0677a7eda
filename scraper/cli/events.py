"""`statewire events`: stored events in order, filtered by time, kind, grade, statement and source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scraper.cli import options
from scraper.cli.format import day_or_time, event_lines, json_array
from scraper.cli.layout import echo_line
from scraper.model import EventKind, Grade
from scraper.serialize import event_row
from scraper.store import EventFilter

if TYPE_CHECKING:
    from scraper.cli.app import Invocation

_KINDS = sorted({name for kind in EventKind for name in (kind.value, kind.subject)})


@click.command("events")
@options.since
@options.until
@options.several("--kind", "kinds", _KINDS, "Only events of this kind, such as statement.revised.")
@click.option(
    "--at-least",
    type=click.Choice([g.value for g in Grade]),
    callback=lambda _ctx, _param, value: value and Grade(value),
    help="Only changes of this grade or above.",
)
@click.option("--statement", "which", metavar="ID", help="Only events of this statement: number, guid or URL.")
@click.option("--source", help="Only events of this source.")
@click.option("--no-backfill", is_flag=True, help="Leave out what was already there when monitoring began.")
@options.limit(None)
@options.as_json
@click.pass_obj
def events(invocation: Invocation, /, which: str | None, no_backfill: bool, as_json: bool, **conditions: Any) -> None:
    """List events, oldest first; with --limit, only the newest."""
    store = invocation.store
    statement_id = options.find_one(store, which).id if which else None
    found = store.events.find(EventFilter(statement_id=statement_id, with_backfill=not no_backfill, **conditions))
    if as_json:
        json_array(event_row(event) for event in found)
        return
    event = None
    for event in found:
        first, *rest = event_lines(event)
        note = "  (already there when monitoring began)" if event.backfill else ""
        echo_line(f"{day_or_time(event.at)}  {first}{note}", 22)
        for line in rest:
            echo_line(f"{'':<22}{line.strip()}")
    if event is None:
        invocation.say("No matching events. `statewire events` without filters lists all.")
