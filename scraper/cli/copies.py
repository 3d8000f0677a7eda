"""`statewire copies`: pages that carry a statement, since when, how much of it, and how faithfully."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from scraper.cli import filters, options
from scraper.cli.format import day_or_time, json_array, terminal_safe
from scraper.cli.layout import echo_line
from scraper.clock import format_duration
from scraper.model import Relation
from scraper.rules import copies as copy_rules
from scraper.statement_rows import copy_row
from scraper.store import CopyFilter
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scraper.cli.app import Invocation
    from scraper.model import Statement
    from scraper.pages import Copy, MirrorPage
    from scraper.store import Store

_COPIES = [relation.value for relation in Relation if relation.is_copy]
_MAX_DIFFERENCES = 5


FILTERS = filters.shared(
    "Only copies of statements with more than one wording.",
    "Only copies on this site: a source, or a host such as stl.news.",
    "Only copies of a wording that State has since replaced.",
)


@click.command("copies")
@click.argument("which", metavar="[ID]", required=False)
@options.since
@options.until
@click.option("--source", metavar="NAME", help="Only copies on this mirror.")
@FILTERS
@options.several("--relation", "relations", _COPIES, f"Only copies with this relation: {', '.join(_COPIES)}.")
@click.option("--gone", "with_gone", is_flag=True, help="Include copies that are gone.")
@options.limit(None)
@options.as_json
@click.pass_obj
def copies(invocation: Invocation, /, which: str | None, as_json: bool, **conditions: Any) -> None:
    """List copies, oldest first. With ID (its number, guid or URL): those of one statement.

    Times are those at which a copy was first seen. --country, --speaker and --type are those of the statement.
    """
    conditions["statement_id"] = options.find_one(invocation.store, which).id if which else None
    found = select(invocation, conditions | {"by_statement": not as_json})
    if as_json:
        json_array(copy_row(*each) for each in found)
        return
    statement = None
    for _, group in groupby(found, key=lambda each: each[2].id):
        by_age = sorted(group, key=lambda each: copy_rules.known_since(*each).at)
        statement = by_age[0][2]
        when = day_or_time(statement.published_at, statement.precision)
        echo_line(click.style(f"{statement.id}  {terminal_safe(statement.title)}", bold=True) + f"  {when}")
        for each in by_age:
            for line in copy_lines(*each):
                echo_line(f"  {line}")
        if quoted := invocation.store.quotations.count(statement.id):
            echo_line(f"  and {count(quoted, 'quotation')}: statewire quotes {statement.id}")
    if statement is None:
        options.say_none(invocation, "copies", options.ADD_MIRROR)


def select(invocation: Invocation, conditions: dict[str, Any]) -> Iterator[tuple[Copy, MirrorPage, Statement]]:
    """Return the copies that fit the options of a command, among them those of `FILTERS`, with page and statement."""
    chosen = filters.Filters.take(invocation, conditions)
    return chosen.first_or_fail(join_pages(invocation.store, chosen.copies(CopyFilter(**conditions))))


def copy_lines(copy: Copy, page: MirrorPage, statement: Statement) -> Iterator[str]:
    """Yield the lines that describe a copy: relation and URL, then since when, then what differs."""
    since = copy_rules.known_since(copy, page, statement)
    delay = f", {format_duration(since.delay)} after State" if since.delay is not None else ""
    gone = f"  GONE since {day_or_time(copy.gone_at)}" if copy.gone_at else ""
    share = "" if copy.relation is Relation.TRANSLATED else f" {copy.coverage:>4.0%}"
    yield f"{copy.relation:<10}{share}  {terminal_safe(page.url)}{gone}"
    yield f"    {day_or_time(since.at)} ({since.basis}{delay})"
    if copy_rules.is_dated_before(page, statement):
        yield f"    {copy_rules.DATED_BEFORE}: {day_or_time(page.published_at, page.precision)}"
    if copy.outdated:
        yield f"    carries revision {copy.revision}, which State has replaced: statewire diff {statement.id}"
    if copy.relation is Relation.ALTERED:
        yield from (f"    {terminal_safe(difference)}" for difference in copy.differences[:_MAX_DIFFERENCES])
        if len(copy.differences) > _MAX_DIFFERENCES:
            yield f"    and {count(len(copy.differences) - _MAX_DIFFERENCES, 'more difference')}"
    if page.via:
        yield f"    by way of {', '.join(map(terminal_safe, page.via))}"


def join_pages(store: Store, found: Iterable[Copy]) -> Iterator[tuple[Copy, MirrorPage, Statement]]:
    """Yield copies with their pages and statements; a copy whose page or statement is missing is left out."""
    for copy in found:
        page, statement = store.pages.by_id(copy.page_id), store.statements.by_id(copy.statement_id)
        if page is not None and statement is not None:
            yield copy, page, statement
