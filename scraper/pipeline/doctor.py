"""Health checks of `statewire doctor`: each finding names a problem of the setup and what to do about it."""

from __future__ import annotations

import os
import shlex
import shutil
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scraper import parsers, source_status, urls
from scraper.alerts.event_specs import SPECS
from scraper.clock import format_duration
from scraper.config import loader
from scraper.config.alerts import MailTransportKind
from scraper.delivery import watch_report
from scraper.fetch.request import Request
from scraper.model import EndpointKind, EventKind, Outcome, Role
from scraper.pipeline.crawl import page_hosts
from scraper.pipeline.ingest import try_read
from scraper.pipeline.page_lists import single_texts
from scraper.pipeline.page_matching import from_item
from scraper.rules import source_health
from scraper.rules.required_fields import MissingField, missing_fields
from scraper.store import integrity
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from scraper.config.alerts import Smtp
    from scraper.config.settings import Endpoint, Settings, Source
    from scraper.delivery.transports.smtp import SmtpTransport
    from scraper.fetch import Fetcher
    from scraper.model import Reading
    from scraper.source_status import MonitorStatus, SourceStatus
    from scraper.store import Store

_SKEW, _BAD_SKEW = timedelta(minutes=2), timedelta(minutes=10)
_BAD_FREE_BYTES, _LOW_FREE_BYTES = 100_000_000, 1_000_000_000
_LONG_LOG_BYTES = 64 * 1024 * 1024
_MAX_MESSAGE_AGE = timedelta(hours=1)
_MAX_FAILURES = 5


class Level(StrEnum):
    """Severity of a finding."""

    OK = "ok"
    WARNING = "warning"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check: `what` is the state, `advice` says what to do about a problem.

    `missing` are the fields that the responses of a source lack, which `what` names too.
    """

    topic: str
    level: Level
    what: str
    advice: str = ""
    missing: tuple[MissingField, ...] = ()


def examine(settings: Settings, store: Store, now: datetime, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Run all checks that need no network, and yield the findings one by one."""
    yield from check_settings(settings)
    yield from check_mail_transport(settings, store.path, environ)
    yield from check_database(store, now)
    yield from check_names(settings, store)
    status = source_status.read(settings, store, now)
    yield from _of_outbox(status)
    for source in status.enabled:
        yield _of_source(source, now)
    yield from _of_metrics_file(settings)


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Check the configuration for warnings, and for an enabled watch."""
    warnings = loader.warnings(settings)
    for warning in warnings:
        yield _warning("configuration", warning, "if it is not intended, correct it; `statewire config check` shows it")
    if not warnings:
        enabled = sum(source.enabled for source in settings.sources)
        yield _ok("configuration", f"valid; {count(len(settings.sources), 'source')}, {enabled} enabled")
    if not any(watch.enabled for watch in settings.watches):
        yield _warning("watches", watch_report.NO_WATCH, watch_report.ADD_WATCH)


def check_names(settings: Settings, store: Store | None) -> Iterator[Finding]:
    """Check the conditions of enabled watches for names that neither State's menus nor the database have."""
    for unknown in watch_report.find_unknown(settings, store):
        yield _warning("watches", unknown, "correct it; `statewire config check` counts what each condition fits")


def check_database(store: Store, now: datetime) -> Iterator[Finding]:
    """Check the database file, its indexes, its disk, and the clock of the machine that writes it."""
    if found := integrity.damage(store):
        what = f"{store.path} is damaged: {'; '.join(found)}"
        yield _trouble("database", what, "stop the daemon and replace the file with a backup; keep the damaged one")
        return
    yield _ok("database", f"{store.path} is intact")
    if broken := integrity.broken_references(store):
        yield _trouble("database", "; ".join(broken), "replace it with a backup, or report a bug")
    if missing := integrity.missing_triggers(store):
        advice = "`statewire doctor --tidy` rebuilds those of the search; the others need a backup"
        yield _trouble("database", f"triggers are missing: {', '.join(missing)}", advice)
    yield _search(store)
    index = integrity.check_index(store)
    what = (
        f"{index.unindexed} wordings without any, {index.outdated} with those of other words, {index.stray} of no"
        " wording: copies may be missed"
    )
    advice = "`statewire doctor --tidy` rebuilds them"
    yield _check("fingerprints", index.matches_wordings, "consistent with the wordings", what, advice)
    yield from check_disk(store.path)
    yield from _clock(store, now)


def _search(store: Store) -> Finding:
    if store.is_read_only:
        return _warning("search", "not checked, because this user may only read the database", "let its owner check it")
    well, fault = "consistent with the wordings", integrity.search_fault(store)
    return _check("search", not fault, well, f"not {well}: {fault}", "`statewire doctor --tidy` rebuilds it")


def check_disk(path: Path) -> Iterator[Finding]:
    """Check the free disk space for a database; the database need not be readable."""
    if not path.parent.is_dir():
        return
    free = shutil.disk_usage(path.parent).free
    level = Level.TROUBLE if free < _BAD_FREE_BYTES else Level.WARNING if free < _LOW_FREE_BYTES else Level.OK
    advice = "" if level is Level.OK else "free some space, or keep bodies for less time (`keep:` in the configuration)"
    size = path.stat().st_size if path.exists() else 0
    yield Finding("disk", level, f"{_size(free)} free; the database has {_size(size)}", advice)
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size > _LONG_LOG_BYTES:
        advice = "close programs that keep the database open (Datasette, sqlite3)"
        yield _warning("disk", f"{log} has grown to {_size(log.stat().st_size)}", advice)


def _clock(store: Store, now: datetime) -> Iterator[Finding]:
    newest = integrity.newest_time(store)
    if newest is not None and newest > now + _SKEW:
        what = f"the database has a time of {newest:%Y-%m-%d %H:%M} UTC, {format_duration(newest - now)} in the future"
        yield _trouble("clock", what, "set the clock of this machine; captures before that time count as old")
        return
    lead = integrity.clock_lead(store, now)
    if lead is None:
        yield _ok("clock", f"{now:%Y-%m-%d %H:%M} UTC; no response of the last week to compare it with")
        return
    if abs(lead) < _SKEW:
        yield _ok("clock", "agrees with the requested servers")
        return
    level = Level.WARNING if abs(lead) < _BAD_SKEW else Level.TROUBLE
    what = f"{format_duration(abs(lead))} {'ahead of' if lead > timedelta(0) else 'behind'} the requested servers"
    yield Finding("clock", level, what, "synchronise the clock (NTP)")


def check_mail_transport(settings: Settings, database: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Check the transport of mail, as far as possible without sending any."""
    alerts = settings.alerts
    if alerts.deliver is MailTransportKind.MAILDIR:
        folder = loader.maildir_path(settings, database)
        place = next(each for each in (folder, *folder.parents) if each.exists())
        what, advice = f"the folder {folder} cannot be written", "set a writable one in `alerts.maildir`"
        yield _check("mail", _is_writable(place), f"goes into the folder {folder}", what, advice)
    elif alerts.deliver is MailTransportKind.SENDMAIL:
        what = f"{alerts.sendmail} is not an executable program"
        advice = "install a mail system, or use `deliver: smtp`"
        yield _check("mail", os.access(alerts.sendmail, os.X_OK), f"goes through {alerts.sendmail}", what, advice)
    elif alerts.smtp is not None:
        yield _password(alerts.smtp, environ)


def _password(smtp: Smtp, environ: Mapping[str, str]) -> Finding:
    variable, file = smtp.password_env, smtp.password_file
    if variable is not None and not environ.get(variable):
        what = f"the password variable {variable} is empty here"
        return _trouble("mail", what, "set it in the environment of statewire")
    is_readable = file is None or os.access(file, os.R_OK)
    well = f"goes to {smtp.host}; `statewire alerts test` shows whether it arrives"
    what = f"the password file {file} cannot be read"
    return _check("mail", is_readable, well, what, "write it on the first line of that file")


def _of_metrics_file(settings: Settings) -> Iterator[Finding]:
    """Check that the daemon can write its metrics file. No heartbeat is sent: it would falsely report a daemon."""
    if file := settings.daemon.metrics_file:
        what, advice = f"{file} cannot be written", "set one in a writable folder in `daemon.metrics_file`"
        yield _check("metrics file", _is_writable(file.parent), f"{file} can be written", what, advice)


def _is_writable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _of_outbox(status: MonitorStatus) -> Iterator[Finding]:
    failures = source_status.summarize_failures(status.failures)
    for failure in failures[:_MAX_FAILURES]:
        is_lasting = failure.refused or (failure.since and status.at - failure.since > _MAX_MESSAGE_AGE)
        what = "\n".join(source_status.failure_lines(failure))
        following = source_status.describe_next_attempt(failure, status.at, has_daemon=status.daemon is not None)
        advice = f"correct the cause; {following}"
        yield Finding("outbox", Level.TROUBLE if is_lasting else Level.WARNING, what, advice)
    if (more := len(failures) - _MAX_FAILURES) > 0:
        yield _trouble("outbox", f"{count(more, 'more error')} of deliveries", "`statewire alerts list --state failed`")
    if status.oldest_waiting > _MAX_MESSAGE_AGE and not any(failure.waiting for failure in status.failures):
        advice = "`statewire alerts list` shows the reason; `statewire alerts send` sends what is due"
        yield _warning("outbox", f"a message has waited for {format_duration(status.oldest_waiting)}", advice)
    elif not status.failures:
        yield _ok("outbox", "no overdue messages")


def _of_source(status: SourceStatus, now: datetime) -> Finding:
    stored, topic = status.stored, f"source {status.stored.name}"
    if stored.last_attempt_at is None:
        return _warning(topic, "not polled yet", f"`statewire fetch {stored.name}` polls it now")
    if status.incident and stored.incident_since_at:
        level = Level.TROUBLE if status.incident in source_health.OUTAGES else Level.WARNING
        what = f"{status.state} since {stored.incident_since_at:%Y-%m-%d %H:%M} UTC: {stored.incident_detail}"
        return Finding(topic, level, what, _remedy(status.incident, (attempt.outcome for attempt in status.failed)))
    waiting, last = source_status.describe_pauses(status.pauses), stored.last_success_at
    if last is not None and status.late_since is None:
        if waiting:
            return _warning(topic, waiting, "wait; if this happens often, poll less often (`every:`)")
        return _ok(topic, f"last success {last:%Y-%m-%d %H:%M} UTC")
    since = f"has had no success for {format_duration(now - last)}" if last else "has never had a success"
    if why := waiting or source_health.describe_failures(status.failed):
        remedy = _remedy(EventKind.BROKEN, (attempt.outcome for attempt in status.failed))
        return _trouble(topic, f"{since}; {why}", remedy)
    every = f"; its interval is {format_duration(status.interval)}" if status.interval else ""
    return _trouble(topic, since + every, source_status.CHECK_POLLING)


def _remedy(incident: EventKind, outcomes: Iterable[str]) -> str:
    """Return what to do about an incident: if no host was reached, the network comes before the configuration."""
    found = set(outcomes)
    if found == {Outcome.BLOCKED_ADDRESS}:
        return source_status.ALLOW_PRIVATE
    return source_status.CHECK_NETWORK if found and found <= source_status.UNREACHED else SPECS[incident].remedy


def reach(source: Source, fetcher: Fetcher) -> Finding:
    """Fetch the endpoints of a source, one after the other until one can be parsed, and one page that it names.

    Report each response, and the fields that a parser should find and does not. The responses are not stored.
    """
    topic, failed, advice, outcomes = f"reach {source.name}", list[str](), "", list[Outcome]()
    is_put_off = True
    for endpoint in source.endpoints:
        request = Request(parsers.first_url(endpoint.kind, endpoint.url), endpoint.kind, source.allowed_hosts)
        capture = fetcher.get(request)
        reading, error = try_read(capture, endpoint.kind, source.role)
        if reading is None:
            failed.append(f"{endpoint.url}: {error.problem if error else ''}")
            outcomes.append(capture.outcome)
            is_put_off = is_put_off and capture.outcome in {Outcome.BUSY, Outcome.DEFERRED}
            if capture.outcome is Outcome.OK:
                advice = f"{SPECS[EventKind.DRIFTED].remedy}; {_save_advice(source.name)}"
            continue
        parts = [_of_reading(source, endpoint.url, reading, source.name), *_of_page(source, endpoint, reading, fetcher)]
        if failed:
            parts.insert(0, _warning(topic, "; ".join(failed), SPECS[EventKind.FALLBACK].remedy))
        return Finding(
            topic,
            max((part.level for part in parts), key=list(Level).index),
            "; ".join(part.what for part in parts),
            "; ".join(dict.fromkeys(part.advice for part in parts if part.advice)),
            tuple(each for part in parts for each in part.missing),
        )
    if is_put_off:
        return _warning(topic, "; ".join(failed), "retry later")
    return _trouble(topic, "; ".join(failed), advice or _remedy(EventKind.BROKEN, outcomes))


def _of_reading(source: Source, url: str, reading: Reading, target: str) -> Finding:
    """Compare a reading with the fields that it must have. `target` is that of the `fetch` which repeats it."""
    topic, is_mirror = f"reach {source.name}", source.role is Role.MIRROR
    missing = missing_fields(url, reading, of_state=not is_mirror)
    what = f"{url} responds with {count(len(reading.items), 'item')}"
    # Parsers report an item that they leave out, such as one without a title, as a problem.
    lost = [*map(str, missing)] or [f"{reading.parser} reports: {problem}" for problem in reading.problems[:1]]
    if not lost or (is_mirror and not missing):
        return _ok(topic, what)
    # A field that no item has shows a change of the site. A single one may lack a type; mirrors have other habits.
    is_changed = not is_mirror and any(each.lacking == each.items for each in missing)
    level = Level.TROUBLE if is_changed else Level.WARNING
    return Finding(topic, level, "; ".join([what, *lost]), _save_advice(target), tuple(missing))


def _of_page(source: Source, endpoint: Endpoint, reading: Reading, fetcher: Fetcher) -> Iterator[Finding]:
    """Fetch the first page that the monitor would fetch of those that a list names, and check it like the list."""
    topic = f"reach {source.name}"
    url = None if endpoint.kind is EndpointKind.PAGE else _first_page(source, reading)
    if url is None:
        return
    capture = fetcher.get(Request(url, EndpointKind.PAGE, page_hosts(source, url)))
    page, error = try_read(capture, EndpointKind.PAGE, source.role)
    if page is not None:
        yield _of_reading(source, url, page, url)
    elif capture.outcome is Outcome.OK:
        level = Level.WARNING if source.role is Role.MIRROR else Level.TROUBLE
        yield Finding(topic, level, f"{url}: {error.problem if error else ''}", _save_advice(url))
    else:
        # One page may be gone; a site that refuses all of them is an incident of its polls.
        kind = EventKind.BLOCKED if capture.outcome is Outcome.BLOCKED else EventKind.BROKEN
        is_put_off = capture.outcome in {Outcome.BUSY, Outcome.DEFERRED}
        advice = "retry later" if is_put_off else _remedy(kind, [capture.outcome])
        yield _warning(topic, f"{url}: {error.problem if error else ''}", advice)


def _first_page(source: Source, reading: Reading) -> str | None:
    """Return the URL of a page that polls fetch: State's to check for withdrawal, a mirror's if it may be a copy."""
    if source.role is not Role.MIRROR:
        return next((item.url for item in reading.items), None)
    items = (item for item in single_texts(reading) if not urls.is_state(urls.host(item.url)))
    return next((i.url for i in items if i.paragraphs is None or from_item(i).attribution.claims_department), None)


def _save_advice(target: str) -> str:
    return (
        f"`statewire fetch {shlex.quote(target)} --save-fixture DIR` writes the response as a fixture: add it to "
        "tests/parsers/fixtures and correct the parser, or send it to the maintainers"
    )


def reach_mail(server: SmtpTransport, settings: Settings) -> Finding:
    """Check that a connection to the mail server, with its login, works as for a delivery. No mail is sent."""
    watches = [watch for watch in settings.watches if watch.enabled]
    recipients = dict.fromkeys((*settings.alerts.operator, *(each for watch in watches for each in watch.to)))
    trouble = server.reach(recipients)
    return _check(
        "mail server",
        not trouble,
        "accepts the login; `statewire alerts test` shows whether mail arrives",
        trouble,
        "check the network and `alerts.smtp` (host, port, security, user, password); until then mail waits",
    )


def _check(topic: str, is_well: bool, well: str, trouble: str, advice: str) -> Finding:
    return _ok(topic, well) if is_well else _trouble(topic, trouble, advice)


def _ok(topic: str, what: str) -> Finding:
    return Finding(topic, Level.OK, what)


def _warning(topic: str, what: str, advice: str) -> Finding:
    return Finding(topic, Level.WARNING, what, advice)


def _trouble(topic: str, what: str, advice: str) -> Finding:
    return Finding(topic, Level.TROUBLE, what, advice)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
