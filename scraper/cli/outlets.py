"""`statewire outlets`: sites that carry statements, how many, how faithfully and how fast."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

import click

from scraper.cli import options
from scraper.cli.app import Invocation
from scraper.cli.format import json_array, terminal_safe, write_csv
from scraper.cli.layout import columns, echo_line, echo_row
from scraper.clock import format_duration
from scraper.serialize import optional_utc
from scraper.store.outlets import RANKED_FROM, Outlet, figures_sql

_COLUMNS = ("rank", "copies", "verbatim", "altered", "outdated", "median delay", "unsourced", "outlet")
_MOST_NAME = 24


@click.command("outlets")
@options.since
@options.until
@options.as_json
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with the same fields.")
@click.option("--sql", "as_sql", is_flag=True, help="Print the SQL query that gives these figures.")
@click.pass_obj
def outlets(
    invocation: Invocation,
    /,
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
    as_csv: bool,
    as_sql: bool,
) -> None:
    """Compare the sites that carry statements.

    Times are those at which a copy was first seen. Copies that are gone do not count. "Verbatim" is the number of
    copies word for word among those whose words were compared, which translations are not. The median delay after State
    is over the copies of which page and State both give the time of day.
    """
    if as_json + as_csv + as_sql > 1:
        raise click.UsageError("give one of --json, --csv and --sql")
    if as_sql:
        click.echo(figures_sql(since, until), nl=False)
        return
    found = invocation.store.outlets.all(since, until)
    if as_json:
        json_array(map(_row, found))
    elif as_csv:
        write_csv(map(_row, found), [field.name for field in fields(Outlet)])
    elif found:
        _print(found)
    else:
        invocation.say("No copies. `statewire source add` adds a site that republishes statements.")


def _row(outlet: Outlet) -> dict[str, Any]:
    return asdict(outlet) | {"latest_at": optional_utc(outlet.latest_at)}


def _print(found: Iterable[Outlet]) -> None:
    rows = [_cells(outlet) for outlet in found]
    lines = [_COLUMNS, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_COLUMNS) - 1)]
    # All rows of a narrow terminal have two lines, the name first.
    width = columns()
    room = min(_MOST_NAME, max(len(line[-1]) for line in lines))
    is_narrow = width is not None and width < sum(widths) + 2 * len(widths) + room
    for *figures, name in lines:
        head = "  ".join(cell.rjust(size) for cell, size in zip(figures, widths, strict=True))
        if is_narrow:
            echo_row("", name)
            echo_line(head)
        else:
            echo_row(f"{head}  ", name)
    if any(row[0] == "–" for row in rows):
        echo_line(f"Without a rank: fewer than {RANKED_FROM} copies whose words were compared, too few to rank.")


def _cells(outlet: Outlet) -> tuple[str, ...]:
    delay = format_duration(timedelta(seconds=outlet.median_delay_s)) if outlet.median_delay_s is not None else "–"
    return (
        "–" if outlet.rank is None else str(outlet.rank),
        str(outlet.copies),
        "–" if outlet.share_verbatim is None else f"{outlet.verbatim} of {outlet.compared}",
        str(outlet.altered),
        str(outlet.outdated),
        f"{delay} (of {outlet.delays})" if outlet.delays else delay,
        str(outlet.unsourced),
        terminal_safe(outlet.outlet),
    )
