"""`statewire fetch`: one pass over sources now, or a read of single URLs."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import click

from scraper.cli import options
from scraper.cli.completion import source_names
from scraper.cli.exit_codes import ALL_FAILED, SOME_FAILED
from scraper.cli.format import day_or_time, json_array, print_event, print_facts, print_paragraphs, terminal_safe
from scraper.cli.layout import echo_line, echo_row
from scraper.cli.options import command_line
from scraper.cli.sending import send_mail
from scraper.cli.streams import Output
from scraper.clock import Clock, countdown, unlimited
from scraper.config import loader
from scraper.delivery import operator_mails
from scraper.errors import InputError, StatewireError
from scraper.model import EndpointKind, EventKind, Outcome, Relation
from scraper.rules.source_health import outcome_phrase
from scraper.serialize import event_row, item_row, optional_utc, row_of, statement_row
from scraper.source_status import ALLOW_PRIVATE, UNREACHED
from scraper.text.normalize import count
from scraper.urls import host_key, without_credentials

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scraper.cli.app import Invocation
    from scraper.config.settings import Source
    from scraper.fetch import Fetcher
    from scraper.model import Statement
    from scraper.pages import MirrorPage
    from scraper.pipeline.fetch_url import FetchResult
    from scraper.pipeline.run import RunReport
    from scraper.rules.source_health import EndpointAttempt


# Of a pass over the pages to save: cron waits for the command.
_SAVING_S = 120.0


@click.command("fetch")
@click.argument("targets", nargs=-1, metavar="[SOURCE|URL]...", shell_complete=source_names)
@click.option("--since", type=options.Moment(), metavar="TIME", help="Walk a source's past since then.")
@click.option("--dry-run", is_flag=True, help="With a URL: fetch and parse it, store nothing.")
@click.option("--text", "only_text", is_flag=True, help="With a URL: print its title and text only.")
@click.option(
    "--save-fixture",
    "fixtures",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Also write each document as a fixture for the tests of the parsers.",
)
@options.as_json
@click.pass_obj
def fetch(
    invocation: Invocation,
    targets: tuple[str, ...],
    since: datetime | None,
    dry_run: bool,
    only_text: bool,
    fixtures: Path | None,
    as_json: bool,
) -> int:
    """Poll sources (by default all), or fetch URLs, once.

    Exit code 3 if some sources failed or messages were not delivered, 4 if all sources failed.
    """
    urls = [target for target in targets if "://" in target]
    names = [target for target in targets if "://" not in target]
    for url in urls:
        options.check_url(url)
    if urls and names:
        raise click.UsageError("give either sources or URLs, not both")
    if urls and since:
        raise click.UsageError("--since needs sources, not URLs")
    if (dry_run or only_text) and not urls:
        raise click.UsageError("--dry-run and --text need a URL")
    if urls:
        return _fetch_urls(invocation, urls, fixtures, dry_run=dry_run, only_text=only_text, as_json=as_json)
    return _fetch_sources(invocation, _chosen(invocation, names), since, fixtures, as_json=as_json)


def _chosen(invocation: Invocation, names: Sequence[str]) -> list[Source]:
    sources = invocation.settings.sources
    hint = "a URL begins with https:// or http://"
    chosen = [options.find_named(sources, name, "source", hint) for name in names]
    chosen = chosen or [source for source in sources if source.enabled]
    if not chosen:
        raise InputError("no source is enabled", hint="set `enabled: true` for one in the configuration")
    return chosen


def open_fetcher(invocation: Invocation, *, per_day: bool = True, fixtures: Path | None = None) -> Fetcher:
    """Return a fetcher that keeps its throttle state in the database.

    Without `per_day` the limit of requests a day does not apply. With `fixtures`, a folder, what it fetches is also
    written there as fixtures.
    """
    if fixtures is not None:
        from scraper.pipeline.fixtures import SavingFetcher, check_folder

        check_folder(fixtures)  # before anything is stored or requested
    # Further warnings are those of `config check` and `doctor`: most of what they name is intended.
    for warning in loader.request_warnings(invocation.settings):
        path = terminal_safe(str(loader.find(invocation.config_path)))
        invocation.note(f"warning: {path}: {warning}")
    settings = invocation.settings.fetch
    settings = settings if per_day else settings.model_copy(update={"requests_per_day": None})
    hosts = invocation.create_store().hosts
    if fixtures is not None:
        return SavingFetcher(
            fixtures, lambda words: invocation.say(terminal_safe(words)), settings, clock=Clock(), hosts=hosts
        )
    from scraper.fetch import Fetcher

    return Fetcher(settings, clock=Clock(), hosts=hosts)


def _fetch_sources(
    invocation: Invocation,
    sources: Sequence[Source],
    since: datetime | None,
    fixtures: Path | None,
    *,
    as_json: bool,
) -> int:
    from scraper.pipeline.run import run_source

    # A person asks for a walk through the past and can stop it, so no daily limit applies; its requests still count.
    reports = []
    output = Output()  # sources are polled and mail is sent whether it can be written or not
    with open_fetcher(invocation, per_day=since is None, fixtures=fixtures) as fetcher:
        store = invocation.store
        for source in sources:
            report = run_source(
                source,
                store=store,
                fetcher=fetcher,
                clock=Clock(),
                settings=invocation.settings,
                since=since,
                progress=lambda url: invocation.say(f"requesting {terminal_safe(url)}"),
                time_left_s=unlimited if since else countdown(Clock(), invocation.settings.daemon.deadline_s),
            )
            reports.append(report)
            if not as_json:
                output.write(partial(_print_report, invocation, report))
            if since is not None and _served_by_feed(source, report):
                invocation.note(
                    f"note: {terminal_safe(source.name)}: a feed has only the newest items, so nothing older was read."
                    f" If the site has a REST API, a list or a sitemap, add it: {_discover(invocation, source)}"
                )
    if _is_of_configuration(invocation):
        with store.unit():
            operator_mails.queue_operator_mails(store, invocation.settings, Clock().now())
    # No event follows before the next pass, so send at once what would wait to be grouped with later events.
    undelivered = send_mail(invocation, ahead=timedelta(minutes=invocation.settings.alerts.group_minutes))
    output.check()
    if as_json:
        json_array(_report_row(report) for report in reports)
    if invocation.settings.saves_pages or store.page_saves.counts().waiting:
        _save_pages(invocation)
    attempts = [attempt for report in reports for attempt in report.attempts]
    if attempts and all(attempt.outcome in UNREACHED for attempt in attempts):
        invocation.say("Nothing could be reached. Are you online?", even_if_quiet=True)
    failed = sum(not report.is_good for report in reports)
    return ALL_FAILED if failed == len(reports) else SOME_FAILED if failed or undelivered else 0


def _save_pages(invocation: Invocation) -> None:
    """Ask the Internet Archive to save pages for watches. Its failures are notes: nothing else waits for it."""
    from scraper.pipeline.save_pages import save_pages

    store, settings, clock = invocation.store, invocation.settings, Clock()
    report = save_pages(
        store,
        settings,
        clock,
        progress=lambda url: invocation.say(f"requesting {terminal_safe(url)}"),
        time_left_s=countdown(clock, _SAVING_S),
    )
    parts = ((report.requested, "requested"), (report.saved, "saved"), (report.given_up, "given up"))
    if done := ", ".join(f"{number} {words}" for number, words in parts if number):
        invocation.say(f"pages at the Internet Archive: {done}")
    if report.problem:
        invocation.note(f"note: the Internet Archive: {terminal_safe(report.problem)}")


def _print_report(invocation: Invocation, report: RunReport) -> None:
    # With --quiet a poll that worked and found nothing prints nothing, since cron mails every line.
    if report.is_idle or report.summary:
        if report.events or not invocation.quiet:
            echo_line(f"{report.source}: {report.summary or 'nothing was asked'}")
    elif report.served_by is not None and (report.events or not invocation.quiet):
        is_unmodified = any(attempt.outcome == "not_modified" for attempt in report.attempts)
        what = "nothing changed" if is_unmodified else count(report.items, "item")
        echo_line(f"{report.source}: {what} at {report.served_by}")
    if report.served_by is None and not report.is_idle:
        failures = dict.fromkeys(_failure(attempt, is_whole=invocation.verbose) for attempt in report.attempts)
        head, failure = f"{report.source}: ", f"nothing could be fetched: {'; '.join(failures)}"
        if invocation.verbose:
            echo_line(head + failure)
        else:
            echo_row(head, failure)
        if any(attempt.outcome == Outcome.BLOCKED_ADDRESS for attempt in report.attempts):
            invocation.note(f"  {ALLOW_PRIVATE}")
    _print_backfill(invocation, report)
    for event in report.events:
        if not event.backfill:
            # The line above has explained that its source fails.
            print_event(event, is_short=report.served_by is None and event.kind.is_of_source)
    for problem in (*report.left_over, *report.problems):
        invocation.note(f"  note: {terminal_safe(str(problem))}")


def _is_of_configuration(invocation: Invocation) -> bool:
    """Return False for a database that --db names beside an existing one of the configuration.

    It is a copy or the demo: a report to the operator about its sources would be taken for one about the monitor.
    """
    own = loader.database_path(invocation.settings, None)
    return invocation.db is None or not own.exists() or (invocation.db.exists() and own.samefile(invocation.db))


def _served_by_feed(source: Source, report: RunReport) -> bool:
    return any(each.url == report.served_by and each.kind is EndpointKind.FEED for each in source.endpoints)


def _discover(invocation: Invocation, source: Source) -> str:
    home = urljoin(source.endpoints[0].url, "/")
    return terminal_safe(command_line(invocation, "config", "discover", home))


def _print_backfill(invocation: Invocation, report: RunReport) -> None:
    """Print how many statements, copies and quotations were there when monitoring of their source began."""
    found = [event for event in report.events if event.backfill]
    head = "  already there when monitoring began"
    if already := sum(event.kind is EventKind.PUBLISHED for event in found):
        echo_line(f"{head}: {count(already, 'statement')}")
    of_pages = (
        ("copies", "copy", [event.relation is Relation.ALTERED for event in found if event.kind.subject == "copy"]),
        (
            "quotes",
            "quotation",
            [event.kind is EventKind.QUOTE_ALTERED for event in found if event.kind.subject == "quote"],
        ),
    )
    for verb, noun, altered in of_pages:
        if altered:
            words = f"{count(len(altered), noun)} ({sum(altered)} altered), about which no alert is sent"
            echo_line(f"{head}: {words}: {terminal_safe(command_line(invocation, verb, '--source', report.source))}")


def _failure(attempt: EndpointAttempt, *, is_whole: bool) -> str:
    """Return the failure of an endpoint in words, with its host, or if `is_whole` with its URL."""
    where = attempt.url if is_whole else host_key(attempt.url)
    return (
        f"{where}: {outcome_phrase(attempt.outcome)}{f' ({terminal_safe(attempt.detail)})' if attempt.detail else ''}"
    )


def _report_row(report: RunReport) -> dict[str, Any]:
    return {
        "source": report.source,
        "at": optional_utc(report.at),
        "ok": report.is_good,
        "served_by": report.served_by,
        "items": report.items,
        "captures": report.captures,
        "attempts": [row_of(attempt, "url outcome detail drifted") for attempt in report.attempts],
        "events": [event_row(event) for event in report.events],
        "problems": [*report.left_over, *map(str, report.problems)],
    }


def _fetch_urls(
    invocation: Invocation,
    urls: Sequence[str],
    fixtures: Path | None,
    *,
    dry_run: bool,
    only_text: bool,
    as_json: bool,
) -> int:
    from scraper.pipeline.fetch_url import fetch_url

    results: list[FetchResult] = []
    failed: list[StatewireError] = []
    with open_fetcher(invocation, fixtures=fixtures) as fetcher:
        store = invocation.store
        for given in urls:
            url = without_credentials(given)
            if url != given:
                invocation.say(f"note: user and password are left out of {terminal_safe(url)}")
            try:
                result = fetch_url(url, store=store, fetcher=fetcher, settings=invocation.settings, dry_run=dry_run)
            except StatewireError as error:
                failed.append(error)
                invocation.fail(error)
                continue
            results.append(result)
            if not as_json:
                _print_result(invocation, result, only_text=only_text)
    if as_json:
        json_array(row for result in results for row in _result_rows(result))
    if not failed:
        return 0
    return max(error.exit_code for error in failed) if not results else SOME_FAILED


def _result_rows(result: FetchResult) -> list[dict[str, Any]]:
    return [
        item_row(item)
        | {
            "parser": result.reading.parser,
            "problems": result.reading.problems,
            "captured_at": optional_utc(result.capture.captured_at),
            "known": statement_row(known) if known else None,
            "stored": result.is_stored,
        }
        for item, known in zip(result.reading.items, result.known, strict=True)
    ]


def _print_result(invocation: Invocation, result: FetchResult, *, only_text: bool) -> None:
    is_list = len(result.reading.items) != 1
    for item, known in zip(result.reading.items, result.known, strict=True):
        if only_text:
            click.echo(f"{item.title}\n\n" + "\n\n".join(item.paragraphs or ()))
            continue
        click.echo(click.style(terminal_safe(item.title), bold=True))
        print_facts(
            [
                ("Published", day_or_time(item.published_at, item.precision)),
                ("Type", item.type),
                ("By", item.byline),
                ("Speaker", item.speaker if item.speaker != item.byline else None),
                ("Bureau", item.bureau if item.bureau != item.byline else None),
                ("Place", item.place),
                ("Language", item.language),
                ("Countries", ", ".join(item.countries)),
                ("Subjects", ", ".join(item.subjects)),
                ("URL", item.url),
                ("Known", _known_text(result, known, invocation.store.pages.by_url(item.url))),
            ]
        )
        print_paragraphs(() if is_list else item.paragraphs or ())
        click.echo()
    for event in result.events:
        if not event.backfill:
            print_event(event)
    for problem in result.reading.problems:
        invocation.note(f"note: {terminal_safe(problem)}")


def _known_text(result: FetchResult, known: Statement | None, page: MirrorPage | None) -> str:
    if known is None:
        if result.role == "mirror":
            found = page.relation if page else "nothing is stored"
            return f"not a page of State's or of a canonical source, so no statement; as another site's page: {found}"
        return "not before now" if result.is_stored else "no"
    wordings = count(known.revisions, "wording")
    return f"as statement {known.id} since {day_or_time(known.first_seen_at)}, {wordings}"
