"""`statewire spread`: which sites had a statement, since when, and from whom they say that they have it."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from scraper.cli import options
from scraper.cli.format import day_or_time, json_array, terminal_safe, write_csv
from scraper.cli.layout import cells, columns, echo_line
from scraper.clock import format_duration
from scraper.model import AUTHORITY, Relation
from scraper.rules.copies import DATED_BEFORE, TimeBasis
from scraper.rules.spread import Origin, SpreadOutlet, SpreadPage, trace_spread
from scraper.serialize import optional_utc, row_of
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scraper.cli.app import Invocation
    from scraper.model import Statement

_KEYS = tuple(
    "statement outlet depth parent origin named conflict unknown_publishers pages page page_url source revision"
    " relation outdated coverage page_published_at is_dated_before_state first_seen_at gone_at carried_since_at"
    " carried_since_is_dated carried_since_basis backfill after_s".split()
)
_HEAD = ("since (UTC)", "by", "delay", "carries", "rev.")
_INDENT = "  "
_GAP = 2
_DEEPEST = 8  # a longer path is no wider


class _Line(NamedTuple):
    """Row of the table, or the beginning of paths, which has no figures; and what is said below it."""

    name: str
    figures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@click.command("spread")
@click.argument("which", metavar="ID")
@click.option("--pages", "with_pages", is_flag=True, help="Print each page, and not each site with its earliest page.")
@click.option(
    "--format", "form", type=click.Choice(["table", "jsonl", "csv"]), help="Default: table. jsonl and csv are flat."
)
@options.as_json
@click.pass_obj
def spread(invocation: Invocation, /, which: str, with_pages: bool, form: str | None, as_json: bool) -> None:
    """Show how a statement spread, from site to site.

    Prints which sites had it, since when, how much of it, and of which revision. ID is its number, guid or URL.

    Each site stands below the one that its page names as the source of the text, if that one had it too, else below
    State if it names the Department. These are claims: a site that had it later than the one that names it is
    marked. A time is that of the page itself ("date"), or else that of its first sight ("seen").
    """
    if as_json and form is not None:
        raise click.UsageError("give one of --json and --format")
    statement = options.find_one(invocation.store, which)
    store = invocation.store
    outlets = trace_spread(statement, store.carriers.all(statement.id), store.searches.names())
    if as_json:
        json_array(_rows(statement, outlets, with_pages))
    elif form == "csv":
        write_csv(_rows(statement, outlets, with_pages), _KEYS)
    elif form == "jsonl":
        for row in _rows(statement, outlets, with_pages):
            click.echo(json.dumps(row, ensure_ascii=False))
    elif outlets:
        _print(statement, outlets, with_pages)
    else:
        invocation.say(
            f"No copy of statement {statement.id} is known. `statewire source add URL` adds a site that republishes"
            " statements; `statewire fetch URL` reads one page now."
        )


def _rows(statement: Statement, outlets: Sequence[SpreadOutlet], with_pages: bool) -> Iterator[dict[str, Any]]:
    for outlet in outlets:
        for page in outlet.pages if with_pages else outlet.pages[:1]:
            yield _row(statement, outlet, page, page if with_pages else outlet.source)


def _row(statement: Statement, outlet: SpreadOutlet, page: SpreadPage, claim: SpreadPage | None) -> dict[str, Any]:
    """Return a page, and its own claim or that of its outlet, as a row; scripts rely on its field names."""
    since = page.since
    return {
        "statement": statement.id,
        "outlet": outlet.outlet,
        "depth": outlet.depth,
        "parent": AUTHORITY if outlet.origin is Origin.STATE else outlet.parent,
        "origin": outlet.origin,
        "named": claim.parent if claim else None,
        "conflict": claim.conflict if claim else None,
        "unknown_publishers": (claim or page).others,
        "pages": len(outlet.pages),
        "page": page.page.id,
        "page_url": page.page.url,
        "source": page.page.source,
        **row_of(page.copy, "revision relation outdated coverage"),
        "page_published_at": optional_utc(page.page.published_at),
        "is_dated_before_state": page.is_dated_before,
        **row_of(page.copy, "first_seen_at gone_at"),
        "carried_since_at": optional_utc(since.at),
        "carried_since_is_dated": since.basis.is_dated,
        "carried_since_basis": since.basis.code,
        "backfill": page.page.backfill,
        "after_s": since.after_s,
    }


def _print(statement: Statement, outlets: Sequence[SpreadOutlet], with_pages: bool) -> None:
    when = day_or_time(statement.published_at, statement.precision)
    echo_line(click.style(f"{statement.id}  {terminal_safe(statement.title)}", bold=True) + f"  {when}")
    lines = [_Line("outlet", _HEAD), *_lines(outlets, with_pages)]
    widths = [max(map(len, column)) for column in zip(*(line.figures for line in lines if line.figures), strict=True)]
    names, width = max(cells(line.name) for line in lines), columns()
    # All rows of a narrow terminal have two lines, the name first.
    is_narrow = width is not None and width < names + sum(widths) + _GAP * len(widths)
    for line in lines:
        figures = (" " * _GAP).join(map(str.ljust, line.figures, widths)).rstrip()
        if is_narrow or not figures:
            echo_line(line.name)
            if figures:
                echo_line(f"{_INDENT * 2}{figures}")
        else:
            click.echo(f"{line.name}{'':{names - cells(line.name) + _GAP}}{figures}")
        depth = len(line.name) - len(line.name.lstrip(" "))
        for note in line.notes:
            echo_line(f"{'':{depth}}{_INDENT * 2}{note}")
    if any(page.since.basis is TimeBasis.BACKFILL for outlet in outlets for page in outlet.pages):
        echo_line("start: it was there when monitoring began, so its delay is not known")


def _lines(outlets: Sequence[SpreadOutlet], with_pages: bool) -> Iterator[_Line]:
    group = None
    for outlet in outlets:
        if outlet.depth == 0 and outlet.origin is not group:
            group = outlet.origin
            yield _Line("State" if group is Origin.STATE else "No source known")
        indent = _INDENT * min(outlet.depth + 1, _DEEPEST)
        if with_pages:
            for page in outlet.pages:
                yield _Line(indent + terminal_safe(page.page.url), _cells(page), tuple(_notes(page, page)))
            continue
        more = _other_pages(outlet)
        notes = (*_notes(outlet.first, outlet.source), *([more] if more else []))
        yield _Line(indent + terminal_safe(outlet.outlet), _cells(outlet.first), notes)


def _cells(page: SpreadPage) -> tuple[str, ...]:
    copy, since = page.copy, page.since
    share = "" if copy.relation is Relation.TRANSLATED else f" {copy.coverage:.0%}"
    return (
        f"{since.at:%Y-%m-%d %H:%M}",
        since.basis.code,
        "–" if since.delay is None else format_duration(since.delay),
        f"{copy.relation}{share}{', outdated' if copy.outdated else ''}",
        str(copy.revision),
    )


def _notes(page: SpreadPage, claim: SpreadPage | None) -> Iterator[str]:
    """Yield what is to be known of the time of a page, and of the claim that is its place in the tree."""
    if page.is_dated_before:
        yield f"{DATED_BEFORE}: {day_or_time(page.page.published_at, page.page.precision)}"
    if page.copy.gone_at:
        yield f"gone since {day_or_time(page.copy.gone_at)}"
    if claim is not None and claim.conflict:
        yield terminal_safe(claim.path)
    for name in (claim or page).others:
        yield f"names {terminal_safe(name)}, which is not known to have had it"


def _other_pages(outlet: SpreadOutlet) -> str:
    """Return the number of the later pages of an outlet, and what is to be known of them."""
    later = [each.copy for each in outlet.pages[1:]]
    if not later:
        return ""
    found = Counter[str]()
    for copy in later:
        found["altered"] += copy.relation is Relation.ALTERED
        found["outdated"] += copy.outdated
        found["gone"] += copy.gone_at is not None
    words = ", ".join(f"{number} {word}" for word, number in found.items() if number)
    return f"and {count(len(later), 'more page')}{f' ({words})' if words else ''}: --pages"
