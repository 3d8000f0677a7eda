"""`statewire demo`: an invented statement's history in five rounds, offline, through the code that polls live sites."""

from __future__ import annotations

import shlex
import tempfile
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click
import yaml

from scraper.cli import options
from scraper.cli.format import day_or_time, event_lines, json_array, terminal_safe
from scraper.cli.layout import columns
from scraper.cli.statements import marked
from scraper.clock import SimulatedClock
from scraper.config import loader
from scraper.delivery.sending import open_sender
from scraper.errors import InputError
from scraper.model import EventKind, Relation
from scraper.serialize import event_row
from scraper.store import EventFilter, OutboxFilter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from scraper.cli.app import Invocation
    from scraper.config.settings import Settings, Source
    from scraper.model import Event
    from scraper.pipeline.run import RunReport
    from scraper.store import Store

_WIDTH = 80
# Column of an event's text behind its time, as in `statewire events`.
_INDENT = " " * 22


@dataclass(frozen=True, slots=True)
class Round:
    """Part of the story: the cassette to replay, the times (UTC) of its passes, and the text that introduces it."""

    title: str
    cassette: str
    setting: str
    passes: Sequence[datetime]


@click.command("demo")
@options.as_json
@click.pass_obj
def demo(invocation: Invocation, as_json: bool) -> None:
    """Replay an invented story offline, for a first look.

    A statement is published, carried by other sites, revised and withdrawn; in between its source is blocked.
    The database is a new file in a temporary folder unless --db names another one; it must be empty.
    """
    invocation.db = invocation.db or Path(tempfile.mkdtemp(prefix="statewire-demo-")) / "statewire.db"
    store = invocation.create_store(is_announced=False)
    if store.captures.count() or store.statements.count():
        raise InputError(
            f"{store.path} is in use already; the demo needs an empty database and has changed nothing",
            hint="give a new file with --db, or omit --db",
        )
    story = play(store)
    if as_json:
        for _ in story:
            pass
        json_array(map(event_row, store.events.find(EventFilter())))
        invocation.say(f"the database: {store.path}")
        return
    click.echo(click.style("One statement's life in five rounds", bold=True))
    _print_paragraph(
        "The statement and all who speak in it are invented. Recorded answers take the place of the network, and "
        "time is simulated; the rest is the program that monitors the real site."
    )
    for number, (part, reports) in enumerate(story, start=1):
        click.echo()
        _print_round(number, part, reports, store)
    click.echo()
    _print_summary(store)


def play(store: Store) -> Iterator[tuple[Round, list[RunReport]]]:
    """Run every source at every pass and yield each round with the reports of its runs, in order."""
    from scraper.fetch import Fetcher, MemoryHosts, ReplayTransport
    from scraper.pipeline.run import run_source

    folder, settings = cassettes(), configuration()
    clock, hosts = SimulatedClock(rounds()[0].passes[0]), MemoryHosts()
    for part in rounds():
        reports = []
        tape = ReplayTransport(folder / part.cassette)
        with Fetcher(settings.fetch, clock=clock, hosts=hosts, transport=tape) as fetcher:
            for at in part.passes:
                clock.sleep((at - clock.now()).total_seconds())
                reports += [
                    run_source(source, store=store, fetcher=fetcher, clock=clock, settings=settings)
                    for source in settings.sources
                ]
                with open_sender(store, settings, clock) as sender:
                    sender.send_due(ahead=timedelta(minutes=settings.alerts.group_minutes))
        yield part, reports


@cache
def rounds() -> tuple[Round, ...]:
    """Return the story of the demo, round by round."""
    return tuple(Round(**part) for part in yaml.safe_load((cassettes() / "story.yml").read_text("utf-8")))


@cache
def configuration() -> Settings:
    """Return the configuration of the demo; its first source is State."""
    return loader.load(cassettes() / "config.yml")


def cassettes() -> Path:
    """Return the folder of the demo's cassettes: inside the package in a wheel, beside it in a checkout.

    Raise `InputError` if neither exists.
    """
    package = Path(__file__).parents[1]
    for home in (package, package.parent):
        if (home / "cassettes" / "demo").is_dir():
            return home / "cassettes" / "demo"
    raise InputError(f"the demo's cassettes are not in {package}", hint="install statewire again")


def _print_round(number: int, part: Round, reports: Sequence[RunReport], store: Store) -> None:
    click.echo(click.style(f"{number}. {part.title}", bold=True))
    _print_paragraph(part.setting)
    click.echo()
    state = configuration().sources[0]
    for report in reports:
        lead = at = f"{day_or_time(report.at)}  "
        for line in _other_results(report, state, store) if report.source == state.name else _carried_before(report):
            _print_paragraph(line, lead)
            lead = _INDENT
        for event in _news(report):
            for line in _event(event):
                _print_paragraph(line, lead)
                lead = _INDENT
            if _print_changes(event, store):
                lead = at
    happened = [event for report in reports for event in report.events]
    if happened and all(event.statement_id is None for event in happened):
        _print_paragraph("No event about statements, only about the source.", _INDENT)


def _news(report: RunReport) -> list[Event]:
    return [event for event in report.events if not event.backfill]


def _carried_before(report: RunReport) -> Iterator[str]:
    """Yield lines about the statements that a mirror carried before the watch; its other results are no news."""
    for event in report.events:
        if event.backfill:
            yield f"{report.source} carries one of them: {terminal_safe(event.title or '')}"


def _other_results(report: RunReport, state: Source, store: Store) -> Iterator[str]:
    """Yield lines about results of State's run that are not news: statements of before, problems, an empty run."""
    news = _news(report)
    if known := len(report.events) - len(news):
        yield f"There when monitoring began: {known} statements"
    for problem in report.problems:
        is_own_page = bool(problem.url and store.statements.by_url(problem.url))
        yield f"Checked its own page: {problem.problem}" if is_own_page else terminal_safe(str(problem))
    if report.served_by is None and not news:
        yield f"{report.source}: still {report.attempts[0].outcome}; already reported"
    elif not (report.events or report.problems):
        by = "" if report.served_by == state.endpoints[0].url else f", served by {report.served_by}"
        yield f"{report.source}: nothing new{by}"


def _event(event: Event) -> Iterator[str]:
    """Yield an event's lines as `statewire events` prints them, without reasons that the event before has given."""
    if event.outdated:
        event = replace(event, reasons=())
    for line in event_lines(event):
        # The answers of several endpoints are one reason; each reads better on a line of its own.
        yield from line.replace("; https://", ";\n  https://").split("\n")


def _print_changes(event: Event, store: Store) -> bool:
    """Print the wordings that an event changed, as `statewire diff` and `trace` do; return True if there are any."""
    changes = list(_changes(event, store))
    for before, after in changes:
        click.echo()
        for line in marked(before, after).splitlines():
            _print_paragraph(line.strip(), "  ")
    if changes:
        click.echo()
    return bool(changes)


def _changes(event: Event, store: Store) -> Iterator[tuple[str, str]]:
    """Yield texts before and after: a revision's last two wordings; State's words and those of an altered copy."""
    wordings = [revision.wording.text for revision in store.statements.revisions(event.statement_id or 0)]
    if event.kind is EventKind.REVISED:
        yield wordings[-2], wordings[-1]
    page = store.pages.by_url(event.page_url or "")
    if event.kind is EventKind.COPY_FOUND and event.relation is Relation.ALTERED and page is not None:
        theirs = store.pages.stored(page.id).shown
        for copy in store.copies.on_page(page.id):
            for span in copy.spans:
                yield wordings[copy.revision - 1][slice(*span.statement)], theirs[slice(*span.page)]


def _print_summary(store: Store) -> None:
    sent = store.outbox.find(OutboxFilter())
    _print_paragraph(
        f"A reader who watches everything, and is the operator of this monitor, received {len(sent)} mails. They "
        "are in a Maildir, which any mail program opens; those about changes show what changed, word by word:"
    )
    click.echo(f"\n  {loader.maildir_path(configuration(), store.path)}\n")
    for message in sent:
        _print_paragraph(terminal_safe(message.subject or ""), f"  {day_or_time(message.sent_at)}  ")
    click.echo()
    which = next(event.statement_id for event in store.events.find(EventFilter(kinds=(EventKind.REVISED,))))
    click.echo(f"The database stays: {store.path}\nTo explore it:\n")
    for verb in ("list", f"show {which}", f"diff {which}", f"copies {which}", "events", "alerts preview"):
        click.echo(f"  statewire --db {shlex.quote(str(store.path))} {verb}")
    click.echo("\nTo poll the live sources once: statewire fetch\nTo monitor them, with mail: statewire init")


def _print_paragraph(words: str, lead: str = "") -> None:
    """Print a paragraph behind `lead`, with further lines indented by its width. Colour codes count as no width."""
    lead += " " * (len(words) - len(words.lstrip()))
    line, width = "", min(columns() or _WIDTH, _WIDTH)
    room = width - len(lead)
    for word in words.split():
        if line and len(click.unstyle(f"{line} {word}")) > room:
            click.echo(lead + line)
            lead, line = " " * min(len(lead), width // 3), ""
            room = width - len(lead)
        line = f"{line} {word}".strip()
    click.echo(lead + line if line else "")
