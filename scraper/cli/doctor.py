"""`statewire doctor`: problems with advice; `--tidy` removes old data, `--reparse` parses stored bodies again."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from scraper.cli.exit_codes import SOME_FAILED
from scraper.cli.format import bar, json_array, terminal_safe
from scraper.cli.layout import echo_line, echo_text
from scraper.cli.options import as_json
from scraper.cli.statements import marked
from scraper.clock import Clock
from scraper.config.choices import MailTransportKind
from scraper.delivery.transports.smtp import SmtpTransport
from scraper.errors import NotADatabaseError, SchemaVersionError, StatewireError
from scraper.text.normalize import count
from scraper.web import site_status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.cli.app import Invocation
    from scraper.pipeline.findings import Finding

_SHOWN = 3


@click.command("doctor")
@click.option(
    "--online",
    is_flag=True,
    help="Also request each enabled source, a list and a page, name fields that are missing, and try the mail server.",
)
@click.option(
    "--reparse", is_flag=True, help="Instead: parse stored responses again; show the wordings that would differ."
)
@click.option("--apply", "applies", is_flag=True, help="With --reparse: correct those wordings, without alerts.")
@click.option("--full", is_flag=True, help="Also check all of a database of more than 64 MB, which takes minutes.")
@click.option("--tidy", is_flag=True, help="First delete what is too old (`keep:`), and rebuild damaged indexes.")
@as_json
@click.pass_obj
def doctor(
    invocation: Invocation, online: bool, full: bool, tidy: bool, reparse: bool, applies: bool, as_json: bool
) -> int:
    """Check the installation, and print what to do.

    Checks configuration, clock, disk, database, search, mail and sources. Of a database of more than 64 MB only the
    newest rows, without --full.

    Exit code 0 without a problem (warnings are none), 3 with one. Mail that fails is a warning for an hour, then a
    problem.
    """
    if applies and not reparse:
        raise click.UsageError("--apply goes with --reparse")
    if reparse:
        if online or full or tidy:
            raise click.UsageError("--reparse goes with nothing but --apply and --json")
        _reparse(invocation, applies=applies, as_json=as_json)
        return 0
    found: list[Finding] = []
    for finding in _findings(invocation, online=online, full=full, tidy=tidy):
        found.append(finding)
        if not as_json:
            _print(finding)
    if as_json:
        json_array(asdict(finding) for finding in found)
    return SOME_FAILED if any(finding.level == "trouble" for finding in found) else 0


def _findings(invocation: Invocation, *, online: bool, full: bool, tidy: bool) -> Iterator[Finding]:
    from scraper.pipeline import database_checks
    from scraper.pipeline import doctor as checks
    from scraper.pipeline.findings import Finding, Level

    settings = store = None
    stored: dict[str, Finding] = {}
    now = datetime.now(UTC)
    try:
        settings = invocation.settings
    except StatewireError as error:
        yield Finding("configuration", Level.TROUBLE, str(error), "correct it, then run `statewire doctor` again")
        if invocation.db is None:
            return
    try:
        if invocation.database.exists():
            store = invocation.store
        else:
            what = f"{invocation.database} does not exist yet"
            yield Finding(
                "database",
                Level.WARNING,
                what,
                "`statewire init` creates it for a new user, `statewire fetch` with a configuration that exists",
            )
    except (NotADatabaseError, SchemaVersionError) as error:  # any other error of the database ends the command
        yield Finding("database", Level.TROUBLE, error.what, error.hint or "replace it with a backup")
        yield from database_checks.check_disk(invocation.database)
    if settings is not None and store is not None:
        if tidy:
            _tidy(invocation, now)
        requested = {f"source {source.name}": source.name for source in settings.sources if online and source.enabled}
        for finding in checks.examine(settings, store, now, os.environ, full=full, say=invocation.say):
            if finding.topic in requested:
                stored[requested[finding.topic]] = finding
            else:
                yield finding
        if (site := site_status.read(settings, store, now)) is not None:
            if site.problem:
                yield Finding("pages", Level.TROUBLE, site.problem, site_status.ADVICE)
            else:
                yield Finding("pages", Level.OK, f"{site.folder} is up to date")
    elif store is not None:
        yield from database_checks.check_database(store, now, full=full, say=invocation.say)
    elif settings is not None:
        yield from checks.check_settings(settings)
        yield from checks.check_names(settings, None)
        yield from checks.check_mail_transport(settings, invocation.database, os.environ)
    if online and settings is not None:
        yield from _check_online(invocation, stored)


def _tidy(invocation: Invocation, now: datetime) -> None:
    from scraper.store import integrity, retention

    store = invocation.store
    if integrity.damage(store):
        invocation.say("the database is damaged: nothing was deleted")
        return
    for repair in integrity.repair(store):
        invocation.say(repair)
    done = retention.run(store, invocation.settings.keep, now)
    invocation.say(
        f"deleted {count(done.bodies, 'body')} ({count(done.bytes, 'byte')}), {count(done.mails, 'sent message')} and "
        f"the records of {count(done.captures, 'request')}"
    )


def _check_online(invocation: Invocation, stored: dict[str, Finding]) -> Iterator[Finding]:
    """Request the mail server, each enabled source, and Save Page Now if a watch uses it.

    `stored` are the findings on the last polls of these sources, by name. That of a source which fails now is left out,
    so that it is named once.
    """
    from scraper.fetch import Fetcher, MemoryHosts
    from scraper.fetch.service import ServiceClient
    from scraper.pipeline.doctor import reach_all, reach_mail
    from scraper.pipeline.doctor_save import reach_save_page_now
    from scraper.pipeline.findings import Level

    alerts = invocation.settings.alerts
    if alerts.deliver is MailTransportKind.SMTP and alerts.smtp is not None:
        invocation.say(f"connecting to {alerts.smtp.host}")
        with closing(SmtpTransport(alerts.smtp)) as server:
            yield reach_mail(server, invocation.settings)
    hosts = invocation.store.hosts if invocation.database.exists() else MemoryHosts()
    with Fetcher(invocation.settings.fetch, clock=Clock(), hosts=hosts) as fetcher:
        enabled = [source for source in invocation.settings.sources if source.enabled]
        for finding in reach_all(enabled, fetcher, invocation.say):
            polled = stored.get(finding.topic.removeprefix("reach "))
            if polled is not None and finding.level is not Level.TROUBLE:
                yield polled
            yield finding
    if invocation.settings.saves_pages:
        invocation.say("requesting Save Page Now")
        with ServiceClient(invocation.settings.fetch, clock=Clock(), hosts=hosts) as client:
            yield reach_save_page_now(invocation.settings, client, Clock(), os.environ)


def _reparse(invocation: Invocation, *, applies: bool, as_json: bool) -> None:
    from scraper.pipeline import reparse

    store = invocation.store
    with bar("answers", invocation.say, is_quiet=invocation.quiet) as progress:
        result = reparse.find_differences(store, progress)
    if applies:
        reparse.apply(store, result.found, datetime.now(UTC))
    if as_json:
        rows = map(asdict, result.found)
        json_array({"statement": row.pop("statement_id"), **row} for row in rows)
        return
    echo_line(f"{count(result.captures, 'response')} parsed again; wordings that differ: {len(result.found)}")
    if result.found:
        echo_line("they were corrected" if applies else "nothing was changed; --apply corrects them")
    if result.unread:
        echo_line(
            f"unchanged: {count(result.unread, 'response')} that no parser reads now, or another one than at first"
        )
    for wording in result.found[:_SHOWN]:
        number = f"statement {wording.statement_id}, wording {wording.number}, by {wording.parser}"
        click.echo()
        echo_line(f"{terminal_safe(wording.title)}: {number}")
        for before, after in ((wording.before.title, wording.after.title), (wording.before.text, wording.after.text)):
            if before != after:
                echo_text(marked(before, after))
    if len(result.found) > _SHOWN:
        click.echo(f"\nand {len(result.found) - _SHOWN} more; --json has all")


def _print(finding: Finding) -> None:
    level = click.style(f"{finding.level:<7}", bold=finding.level != "ok")
    first, *more = finding.what.splitlines()
    echo_line(f"{level}  {finding.topic}: {terminal_safe(first)}", 9)
    for line in more:
        echo_line(f"         {terminal_safe(line)}")
    if finding.advice:
        echo_line(f"         → {terminal_safe(finding.advice)}")
