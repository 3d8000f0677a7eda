"""`statewire events`: stored events in order, filtered by time, kind, grade, statement and source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scraper.cli import options
from scraper.cli.format import day_or_time, event_lines, json_array
from scraper.model import EventKind, Grade
from scraper.serialize import event_row

if TYPE_CHECKING:
    from datetime import datetime

    from scraper.cli.app import Invocation

_KINDS = sorted({name for kind in EventKind for name in (kind.value, kind.subject)})


@click.command("events")
@options.since
@options.until
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(_KINDS),
    metavar="KIND",
    help="Only these, such as statement.revised.",
)
@click.option("--at-least", type=click.Choice([g.value for g in Grade]), help="Only changes of this grade or above.")
@click.option("--statement", "which", metavar="ID", help="Only of this statement: number, guid or address.")
@click.option("--source", help="Only from this source.")
@click.option("--no-backfill", is_flag=True, help="Leave out what was already so when the watch began.")
@options.limit(None)
@options.as_json
@click.pass_obj
def events(
    invocation: Invocation,
    since: datetime | None,
    until: datetime | None,
    kinds: tuple[str, ...],
    at_least: str | None,
    which: str | None,
    source: str | None,
    no_backfill: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """Print what happened, the oldest first; with --limit, the newest of it."""
    from scraper.cli.lookup import find_one
    from scraper.store import EventFilter

    store = invocation.store()
    found = store.events.find(
        EventFilter(
            kinds=kinds,
            since=since,
            until=until,
            statement_id=find_one(store, which).id if which else None,
            source=source,
            at_least=Grade(at_least) if at_least else None,
            with_backfill=not no_backfill,
            limit=limit,
        )
    )
    if as_json:
        json_array(event_row(event) for event in found)
        return
    is_empty = True
    for event in found:
        is_empty = False
        first, *rest = event_lines(event)
        note = "  (already so when the watch began)" if event.backfill else ""
        click.echo(f"{day_or_time(event.at)}  {first}{note}")
        for line in rest:
            click.echo(f"{'':<22}{line.strip()}")
    if is_empty:
        invocation.say("nothing has happened that fits")
