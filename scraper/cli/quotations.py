"""`statewire quotes`: sentences of statements that pages quote, word for word or with other words."""

from collections.abc import Iterator, Sequence
from typing import Any

import click

from scraper import statement_rows
from scraper.cli import options
from scraper.cli.app import Invocation
from scraper.cli.format import day_or_time, json_array, terminal_safe
from scraper.cli.layout import echo_line
from scraper.model import Reason
from scraper.pages import MirrorPage, QuotationVerdict, QuotedPassage
from scraper.pipeline.trace_report import QuotationReport
from scraper.store import QuotationFilter, Store
from scraper.text.normalize import count, truncate

_MAX_DIFFERENCES = 5
_QUOTE_CHARS = 600
_HEADINGS = {
    QuotationVerdict.VERBATIM: "quoted word for word",
    QuotationVerdict.FITTED: "quoted as in reported speech",
    QuotationVerdict.ALTERED: "quoted with other words",
    QuotationVerdict.SIMILAR: "similar",
}


@click.command("quotes")
@click.argument("which", metavar="[ID]", required=False)
@options.since
@options.until
@click.option("--altered", is_flag=True, help="Only quotations with other words than State's.")
@click.option("--source", metavar="NAME", help="Only quotations on pages of this source.")
@click.option("--site", metavar="SITE", help="Only quotations on this site: a source, or a host such as stl.news.")
@click.option("--gone", "with_gone", is_flag=True, help="Include quotations that are no longer on their pages.")
@options.limit(50)
@options.as_json
@click.pass_obj
def quotes(invocation: Invocation, /, which: str | None, as_json: bool, **conditions: Any) -> None:
    """List quotations on other sites, newest first.

    With ID: those of one statement. Times are those at which a quotation was first seen.
    """
    store = invocation.store
    for name in ("source", "site"):
        if conditions[name] is not None:
            conditions[name] = options.find_name((each.name for each in store.sources.all()), conditions[name]) or (
                options.find_source(invocation, conditions[name]) if name == "source" else conditions[name]
            )
    conditions["statement_id"] = options.find_one(store, which).id if which else None
    found = ((each, store.pages.by_id(each.page_id)) for each in store.quotations.find(QuotationFilter(**conditions)))
    shown = [(each, page) for each, page in found if page is not None]
    if not shown and conditions["site"] is not None:
        options.check_site(invocation, conditions["site"])
    if as_json:
        json_array(statement_rows.quotation_row(store, *each) for each in shown)
        return
    page = None
    for each, page_of_it in shown:
        if page is not None:
            click.echo()
        page = page_of_it
        for line in quotation_lines(store, each, page):
            echo_line(line, 2)
    if page is None:
        options.say_none(invocation, "quotations", options.ADD_MIRROR)


def quotation_lines(store: Store, quotation: QuotedPassage, page: MirrorPage) -> Iterator[str]:
    """Yield the lines that describe a quotation."""
    statement = store.statements.by_id(quotation.statement_id)
    gone = f"  GONE since {day_or_time(quotation.gone_at)}" if quotation.gone_at else ""
    yield f"{quotation.verdict.value:<10}{terminal_safe(page.url)}{gone}"
    yield f"  “{_shown(quotation.quote)}”"
    if statement is not None:
        yield f"  {statement.id}  {terminal_safe(statement.title)}, revision {quotation.revision}"
    yield from _difference_lines(quotation.wording, quotation.changes)
    if statement_rows.is_outdated(store, quotation):
        yield f"  State has since replaced these words: statewire diff {quotation.statement_id}"
    yield from _also_lines(store, quotation.others)


def trace_lines(store: Store, report: QuotationReport) -> Iterator[str]:
    """Yield the lines that describe a quotation that a trace found."""
    found, statement = report.found, report.statement
    heading = "quoted in another spelling" if found.is_spelling else _HEADINGS[found.verdict]
    yield f"{heading}: “{_shown(report.quote)}”"
    when = day_or_time(statement.published_at, statement.precision)
    yield f"  {terminal_safe(statement.title)}"
    yield f"  statement {statement.id}, revision {found.key.revision} of {statement.revisions}, {when}"
    yield from _difference_lines(report.wording, found.reasons)
    if found.outdated:
        yield f"  State has since replaced these words: statewire diff {statement.id}"
    yield from _also_lines(store, found.others)


def _also_lines(store: Store, others: Sequence[int]) -> Iterator[str]:
    if others:
        times = statement_rows.times_of(store, others)
        when = f", first on {min(times):%Y-%m-%d}, last on {max(times):%Y-%m-%d}" if times else ""
        yield f"  also in {count(len(others), 'other statement')}{when}"


def _difference_lines(wording: str, changes: Sequence[Reason]) -> Iterator[str]:
    if not changes:
        return
    yield f"  State: “{_shown(wording)}”"
    yield from (f"  {terminal_safe(str(reason))}" for reason in changes[:_MAX_DIFFERENCES])
    if len(changes) > _MAX_DIFFERENCES:
        yield f"  and {count(len(changes) - _MAX_DIFFERENCES, 'more difference')}"


def _shown(words: str) -> str:
    return terminal_safe(truncate(" ".join(words.split()), _QUOTE_CHARS))
