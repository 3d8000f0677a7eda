"""`statewire demo`: an invented statement's life in five rounds, on the very way that live answers take, offline."""

from __future__ import annotations

import shlex
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli import options
from scraper.cli.present import day_or_time, event_lines, event_row, json_array, shown
from scraper.config import Endpoint, FetchSettings, Settings, Source
from scraper.errors import InputError
from scraper.model import EventKind, Kind, Outcome, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scraper.cli.app import Invocation
    from scraper.model import Event
    from scraper.pipeline import RunReport
    from scraper.store import Store

_WIDTH = 88
# Where what happened stands behind its time, as in `statewire events`.
_INDENT = " " * 22


@dataclass(frozen=True, slots=True)
class Round:
    """One part of the story: what the cassette of that name plays at which passes (UTC), and words around it."""

    title: str
    cassette: str
    setting: str
    passes: tuple[datetime, ...]
    remark: str = ""


def _may(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=UTC)


STATE = Source(
    name="state-press-releases",
    role=Role.CANONICAL,
    endpoints=(
        Endpoint(kind=Kind.WORDPRESS, url="https://www.state.gov/wp-json/wp/v2/state_press_release"),
        Endpoint(kind=Kind.FEED, url="https://www.state.gov/rss-feed/press-releases/feed/"),
        Endpoint(kind=Kind.LISTING, url="https://www.state.gov/press-releases/"),
    ),
)
MIRROR = Source(
    name="jisipnews",
    role=Role.MIRROR,
    endpoints=(Endpoint(kind=Kind.FEED, url="https://jisipnews.com/feed/"),),
)

# Of the passes that a watch makes every quarter of an hour, those that matter.
ROUNDS = (
    Round(
        "Published",
        "1-published.yaml",
        "The watch begins with what stands there. Then State publishes a statement.",
        (_may(12, 14, 45), _may(12, 15, 0)),
    ),
    Round(
        "Carried by a mirror",
        "2-mirrored.yaml",
        "Another site takes the statement over, word for word, and names its address at State.",
        (_may(12, 15, 40),),
        "`statewire trace` says of any page which statement it carries, and how faithfully. The watch does not"
        " do so by itself yet: pages of mirrors are kept as they came.",
    ),
    Round(
        "Revised",
        "3-revised.yaml",
        "State edits the statement in place and says nothing about it.",
        (_may(12, 18, 0),),
    ),
    Round(
        "Blocked",
        "4-blocked.yaml",
        "Next morning state.gov answers with its block page, to the feed and the list page even with status 200."
        " Then it opens again one door at a time: first the list page, then the feed, last the data interface.",
        (_may(13, 9, 0), _may(13, 9, 30), _may(13, 10, 30), _may(13, 11, 15), _may(13, 12, 0)),
    ),
    Round(
        "Withdrawn",
        "5-withdrawn.yaml",
        "No list names the statement any more, and its own page is gone. Leaving a list means nothing, and one 404 may"
        " be an accident: it takes three, over at least a day.",
        (_may(14, 9, 0), _may(14, 21, 15), _may(15, 9, 30)),
    ),
)


@click.command("demo")
@options.as_json
@click.pass_obj
def demo(invocation: Invocation, as_json: bool) -> None:
    """Play a story of invented statements, offline, and leave a database to look around in.

    A statement is published, carried by a mirror, revised and withdrawn; in between its source is blocked.
    The database is a new file in a temporary folder unless --db names another; it has to be empty.
    """
    invocation.db = invocation.db or Path(tempfile.mkdtemp(prefix="statewire-demo-")) / "statewire.db"
    store = invocation.store()
    if store.captures.count() or store.statements.count():
        raise InputError(
            f"{store.path} is in use already; the demo begins with an empty database and has changed nothing",
            hint="name a new file with --db, or leave --db out",
        )
    story = play(store)
    if as_json:
        from scraper.store import EventFilter

        for _ in story:
            pass
        json_array(event_row(event) for event in store.events.find(EventFilter()))
        invocation.say(f"the database: {store.path}")
        return
    click.echo(click.style("One statement's life in five rounds", bold=True))
    _say(
        "The statement and all who speak in it are invented. Recorded answers take the place of the network, and time"
        " is simulated; the rest is the program that watches the real site."
    )
    for number, (part, reports) in enumerate(story, start=1):
        click.echo()
        _tell(number, part, reports, store)
    click.echo()
    _close(store)


def play(store: Store) -> Iterator[tuple[Round, list[RunReport]]]:
    """Run every source at every pass, round by round: what each run reported, in order."""
    from scraper.clock import SimulatedClock
    from scraper.fetch import Fetcher, MemoryHosts, ReplayTransport
    from scraper.pipeline import run_source

    folder = cassettes()
    clock, hosts = SimulatedClock(ROUNDS[0].passes[0]), MemoryHosts()
    settings = Settings(fetch=FetchSettings(contact="https://example.org/statewire-demo"), sources=(STATE, MIRROR))
    for part in ROUNDS:
        reports = []
        tape = ReplayTransport(folder / part.cassette)
        with Fetcher(settings.fetch, clock=clock, hosts=hosts, transport=tape) as fetcher:
            for at in part.passes:
                clock.sleep((at - clock.now()).total_seconds())
                reports += [
                    run_source(source, store=store, fetcher=fetcher, clock=clock, settings=settings)
                    for source in (STATE, MIRROR)
                ]
        yield part, reports


def cassettes() -> Path:
    """The folder of the demo's cassettes: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).parents[1]
    for home in (package, package.parent):
        if (home / "cassettes" / "demo").is_dir():
            return home / "cassettes" / "demo"
    raise InputError(f"the demo's cassettes are not in {package}", hint="install statewire again")


def _tell(number: int, part: Round, reports: Sequence[RunReport], store: Store) -> None:
    click.echo(click.style(f"{number}. {part.title}", bold=True))
    _say(part.setting)
    click.echo()
    for report in reports:
        when = f"{day_or_time(report.at)}  "
        for line in _lines(report, store):
            _say(line, when)
            when = _INDENT
        for event in report.events:
            if event.kind is EventKind.REVISED:
                _show_change(event, store)
    happened = [event for report in reports for event in report.events]
    if happened and all(event.statement is None for event in happened):
        _say("Nothing about statements: no alarm but the source's.", _INDENT)
    if part.remark:
        _say(part.remark, _INDENT)


def _lines(report: RunReport, store: Store) -> list[str]:
    """What one run found, in the words of `statewire events` where it is an event."""
    if report.source == MIRROR.name:
        is_unmodified = any(attempt.outcome is Outcome.NOT_MODIFIED for attempt in report.attempts)
        return [] if is_unmodified else [f"{report.source} carries {report.items} pages"]
    lines = []
    news = [event for event in report.events if not event.backfill]
    if backfill := len(report.events) - len(news):
        lines.append(f"{report.source}: already there before the watch: {backfill} statements")
    for problem in report.problems:
        address, _, what = problem.rpartition(": ")
        is_own_page = bool(store.statements.by_address(address))
        lines.append(f"Checked its own page: {what}" if is_own_page else shown(problem))
    for event in news:
        for line in event_lines(event):
            # What several endpoints answered is one reason; each reads better on a line of its own.
            lines += line.replace("; https://", ";\n  https://").split("\n")
    if not lines and report.served_by is None:
        lines.append(f"{report.source}: still {report.attempts[0].outcome}; told already")
    elif not lines:
        by = "" if report.served_by == STATE.endpoints[0].url else f", served by {report.served_by}"
        lines.append(f"{report.source}: nothing new{by}")
    return lines


def _show_change(event: Event, store: Store) -> None:
    """The revision that an event tells of, as `statewire diff` shows it."""
    from scraper import diff
    from scraper.cli.statements import marked

    old, new = (revision.wording.text for revision in store.statements.revisions(event.statement or 0)[-2:])
    click.echo()
    for line in marked(old, new, diff.compare(old, new)).splitlines():
        _say(line.strip(), "  ")


def _close(store: Store) -> None:
    from scraper.store import EventFilter

    _say("Alert mails are not built yet; they will be told from these events.")
    click.echo()
    which = next(event.statement for event in store.events.find(EventFilter(kinds=(EventKind.REVISED,))))
    click.echo(f"The database stays: {store.path}\nTo look around in it:\n")
    for verb in ("list", f"show {which}", f"diff {which}", "events"):
        click.echo(f"  statewire --db {shlex.quote(str(store.path))} {verb}")
    click.echo("\nTo ask the live sources: statewire fetch")


def _say(words: str, lead: str = "") -> None:
    """A paragraph behind its lead, below which its further lines begin; colours take no room."""
    lead += " " * (len(words) - len(words.lstrip()))
    line, room = "", _WIDTH - len(lead)
    for word in words.split():
        if line and len(click.unstyle(f"{line} {word}")) > room:
            click.echo(lead + line)
            lead, line = " " * len(lead), ""
        line = f"{line} {word}".strip()
    click.echo(lead + line if line else "")
