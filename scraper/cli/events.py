"""`statewire events`: stored events in order, filtered by time, kind, grade, statement and source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scraper.cli import filters, options
from scraper.cli.format import backfill_note, json_array, print_event
from scraper.model import Grade
from scraper.serialize import event_row
from scraper.store import EventFilter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.cli.app import Invocation
    from scraper.model import Event

FILTERS = filters.shared(
    "Only events in which State changed the wording: revised, retitled, touched.",
    "Only events about pages of this site: a source, or a host such as stl.news.",
    "Only events about copies of a wording that State has since replaced.",
)
_KIND_HELP = "Only this kind, in the words of watches (revised, altered) or whole (statement.revised)."


@click.command("events")
@options.since
@options.until
@options.several("--kind", "kinds", sorted(filters.KINDS), _KIND_HELP)
@click.option(
    "--at-least",
    type=click.Choice([g.value for g in Grade]),
    callback=lambda _ctx, _param, value: value and Grade(value),
    help="Only changes of this grade or above.",
)
@click.option("--statement", "which", metavar="ID", help="Only events of this statement: number, guid or URL.")
@click.option("--source", metavar="NAME", help="Only events of this source.")
@FILTERS
@click.option("--no-backfill", is_flag=True, help="Leave out what was already there when monitoring began.")
@options.limit(None)
@options.as_json
@click.pass_obj
def events(invocation: Invocation, /, which: str | None, no_backfill: bool, as_json: bool, **conditions: Any) -> None:
    """List events, oldest first; --limit: the newest ones.

    Each line begins with the number of the event, which `alerts why` and `alerts preview` take. Of a watch (--watch),
    its kinds of events and its least grade count too.
    """
    conditions["statement_id"] = options.find_one(invocation.store, which).id if which else None
    found = select(invocation, conditions | {"with_backfill": not no_backfill})
    if as_json:
        json_array(event_row(event) for event in found)
        return
    event = None
    for event in found:
        print_event(event, with_time=True, note=backfill_note(event))
    if event is None:
        options.say_none(invocation, "events", options.POLL)


def select(invocation: Invocation, conditions: dict[str, Any]) -> Iterator[Event]:
    """Return the events that fit the options of a command, among them `kinds` and those of `FILTERS`."""
    chosen = filters.Filters.take(invocation, conditions)
    kinds, changed = conditions.pop("kinds"), conditions.pop("changed")
    return chosen.first_or_fail(chosen.events(EventFilter(**conditions), kinds, changed=changed))
