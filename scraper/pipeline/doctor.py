"""Health checks of `statewire doctor`: each finding names a problem of the setup and what to do about it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scraper import parsers
from scraper.alerts.event_specs import SPECS
from scraper.clock import format_duration
from scraper.config import loader
from scraper.config.alerts import MailTransportKind
from scraper.fetch.request import Request
from scraper.model import EventKind, MessageState, Outcome
from scraper.pipeline import source_status
from scraper.pipeline.ingest import try_read
from scraper.rules import schedule, source_health
from scraper.store import integrity
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from scraper.config.settings import Settings, Source
    from scraper.delivery.transports.smtp import SmtpTransport
    from scraper.fetch import Fetcher
    from scraper.store import SourceState, Store

_SKEW, _BAD_SKEW = timedelta(minutes=2), timedelta(minutes=10)
_BAD_FREE_BYTES, _LOW_FREE_BYTES = 100_000_000, 1_000_000_000
_LONG_LOG_BYTES = 64 * 1024 * 1024
_MAX_MESSAGE_AGE = timedelta(hours=1)


class Level(StrEnum):
    """Severity of a finding."""

    OK = "ok"
    WARNING = "warning"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check: `what` is the state, `advice` says what to do about a problem."""

    topic: str
    level: Level
    what: str
    advice: str = ""


def examine(settings: Settings, store: Store, now: datetime, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Run all checks that need no network, and yield the findings one by one."""
    yield from check_settings(settings)
    yield from check_mail_transport(settings, store.path, environ)
    yield from check_database(store, now)
    yield from _of_outbox(store, now)
    states = {state.name: state for state in store.sources.all()}
    for source in settings.sources:
        if source.enabled:
            yield _of_source(source, states.get(source.name), store, now)
    yield from _of_metrics_file(settings)


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Check the configuration for warnings, and for an enabled watch."""
    warnings = loader.warnings(settings)
    for warning in warnings:
        yield _warning("configuration", warning, "change that line; `statewire config check` names it")
    if not warnings:
        enabled = sum(source.enabled for source in settings.sources)
        yield _ok("configuration", f"in order; {enabled} of {len(settings.sources)} sources enabled")
    if not any(watch.enabled for watch in settings.watches):
        yield _warning("watches", "nobody hears of anything: no watch is enabled", "switch one on under `watches:`")


def check_database(store: Store, now: datetime) -> Iterator[Finding]:
    """Check the database file, its indexes, its disk, and the clock of the machine that writes it."""
    found = integrity.damage(store)
    if found:
        yield _trouble(
            "database",
            f"{store.path} is damaged: {'; '.join(found)}",
            "stop the watch and put a backup in its place; keep the damaged file",
        )
        return
    yield _ok("database", f"{store.path} is whole")
    if broken := integrity.broken_references(store):
        yield _trouble("database", "; ".join(broken), "put a backup in its place, or report it as a bug")
    if missing := integrity.missing_triggers(store):
        yield _trouble(
            "database",
            f"triggers are missing: {', '.join(missing)}",
            "`statewire doctor --tidy` builds those of search anew; the others come with a backup",
        )
    yield _search(store)
    yield _index(store)
    yield from check_disk(store.path)
    yield from _clock(store, now)


def _search(store: Store) -> Finding:
    fault = integrity.search_fault(store)
    if not fault:
        return _ok("search", "in step with the wordings")
    return _trouble("search", f"not in step with the wordings: {fault}", "`statewire doctor --tidy` builds it anew")


def _index(store: Store) -> Finding:
    index = integrity.check_index(store)
    if index.matches_wordings:
        return _ok("fingerprints", "in step with the wordings")
    return _trouble(
        "fingerprints",
        f"{index.unindexed} wordings without any, {index.outdated} with those of other words, {index.stray} of no"
        " wording: copies may be missed",
        "`statewire doctor --tidy` builds them anew",
    )


def check_disk(path: Path) -> Iterator[Finding]:
    """Check the free disk space for a database; the database need not be readable."""
    if not path.parent.is_dir():
        return
    free = shutil.disk_usage(path.parent).free
    level = Level.TROUBLE if free < _BAD_FREE_BYTES else Level.WARNING if free < _LOW_FREE_BYTES else Level.OK
    advice = "" if level is Level.OK else "make room, or keep bodies for less long (`keep:` in the configuration)"
    size = path.stat().st_size if path.exists() else 0
    yield Finding("disk", level, f"{_size(free)} free; the database has {_size(size)}", advice)
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size > _LONG_LOG_BYTES:
        yield _warning(
            "disk",
            f"{log} has grown to {_size(log.stat().st_size)}",
            "close programs that have had the database open for long (Datasette, sqlite3)",
        )


def _clock(store: Store, now: datetime) -> Iterator[Finding]:
    newest = integrity.newest_time(store)
    if newest is not None and newest > now + _SKEW:
        yield _trouble(
            "clock",
            f"the database holds something of {newest:%Y-%m-%d %H:%M} UTC, {format_duration(newest - now)} from now",
            "set the clock of this machine; what comes before that time counts as old",
        )
        return
    lead = integrity.clock_lead(store, now)
    if lead is None:
        yield _ok("clock", f"{now:%Y-%m-%d %H:%M} UTC; no answer of the last week to compare it with")
        return
    level = Level.OK if abs(lead) < _SKEW else Level.WARNING if abs(lead) < _BAD_SKEW else Level.TROUBLE
    if level is Level.OK:
        yield Finding("clock", level, "agrees with the servers that were asked")
    else:
        way = "ahead of" if lead > timedelta(0) else "behind"
        yield Finding(
            "clock",
            level,
            f"{format_duration(abs(lead))} {way} the servers that were asked",
            "let the system keep the time (NTP)",
        )


def check_mail_transport(settings: Settings, database: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Check the transport of mail, as far as possible without sending any."""
    alerts = settings.alerts
    if alerts.deliver is MailTransportKind.MAILDIR:
        folder = loader.maildir_path(settings, database)
        place = next(each for each in (folder, *folder.parents) if each.exists())
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            yield _trouble("mail", f"the folder {folder} cannot be written", "name one that can under `alerts.maildir`")
            return
        yield _ok("mail", f"goes into the folder {folder}")
    elif alerts.deliver is MailTransportKind.SENDMAIL:
        if not os.access(alerts.sendmail, os.X_OK):
            yield _trouble(
                "mail",
                f"{alerts.sendmail} is no program that can be run",
                "install a mail system, or use `deliver: smtp`",
            )
            return
        yield _ok("mail", f"goes through {alerts.sendmail}")
    elif alerts.smtp is not None:
        yield _password(alerts.smtp.password_env, alerts.smtp.password_file, alerts.smtp.host, environ)


def _password(variable: str | None, file: Path | None, host: str, environ: Mapping[str, str]) -> Finding:
    if variable is not None and not environ.get(variable):
        return _trouble(
            "mail", f"the password is to come from {variable}, which is empty here", "set it where statewire is started"
        )
    if file is not None and not os.access(file, os.R_OK):
        return _trouble(
            "mail",
            f"the password is to come from {file}, which cannot be read",
            "write it on the first line of that file",
        )
    return _ok("mail", f"goes to {host}; `statewire alerts test` shows whether it arrives")


def _of_metrics_file(settings: Settings) -> Iterator[Finding]:
    """Check that the daemon can write its metrics file. No heartbeat is sent: it would falsely report a daemon."""
    file = settings.daemon.metrics_file
    if file is None:
        return
    if file.parent.is_dir() and os.access(file.parent, os.W_OK | os.X_OK):
        yield _ok("metrics file", f"{file} can be written")
    else:
        yield _trouble(
            "metrics file", f"{file} cannot be written", "name one in a folder that can under `daemon.metrics_file`"
        )


def _of_outbox(store: Store, now: datetime) -> Iterator[Finding]:
    counts = store.outbox.counts()
    failed = counts.get(MessageState.FAILED, 0)
    if failed:
        yield _trouble(
            "outbox",
            f"{count(failed, 'message')} could not be delivered",
            "`statewire alerts list` says why; `statewire alerts retry` sends again",
        )
    oldest = store.outbox.oldest_pending()
    if oldest is not None and now - oldest > _MAX_MESSAGE_AGE:
        yield _warning(
            "outbox",
            f"a message has waited for {format_duration(now - oldest)}",
            "`statewire alerts list` says why; `statewire alerts send` sends what is due",
        )
    elif not failed:
        yield _ok("outbox", "nothing waits that should have left")


def _of_source(source: Source, state: SourceState | None, store: Store, now: datetime) -> Finding:
    topic = f"source {source.name}"
    if state is None or state.last_attempt_at is None:
        return _warning(topic, "not asked yet", f"`statewire fetch {source.name}` asks it now")
    if state.incident and state.incident_since_at:
        level = Level.TROUBLE if state.incident in source_health.OUTAGES else Level.WARNING
        what = f"{state.incident.verb} since {state.incident_since_at:%Y-%m-%d %H:%M} UTC: {state.incident_detail}"
        return Finding(topic, level, what, SPECS[state.incident].remedy)
    waiting, last = source_status.waiting_for(source, store, now), state.last_success_at
    if last is not None and not source_status.is_late(source, state, now):
        if waiting:
            return _warning(topic, waiting, "wait; where that comes often, ask it more rarely (`every:`)")
        return _ok(topic, f"gave something {last:%Y-%m-%d %H:%M} UTC")
    since = f"has given nothing for {format_duration(now - last)}" if last else "has never given anything"
    why = waiting or source_status.last_failure(state, store)
    if why:
        return _trouble(topic, f"{since}; {why}", SPECS[EventKind.BROKEN].remedy)
    return _trouble(
        topic,
        f"{since}; it is to be asked every {format_duration(schedule.current_interval(source.every, state.interval))}",
        "see that the daemon, or your timer for `statewire fetch`, is running",
    )


def reach(source: Source, fetcher: Fetcher) -> Finding:
    """Fetch the endpoints of a source, one after the other until one can be parsed, and report each answer.

    The answers are not stored.
    """
    topic, failed = f"reach {source.name}", list[str]()
    is_put_off = True
    for endpoint in source.endpoints:
        request = Request(parsers.first_url(endpoint.kind, endpoint.url), endpoint.kind, source.allowed_hosts)
        capture = fetcher.get(request)
        reading, error = try_read(capture, endpoint.kind)
        if reading is None:
            failed.append(f"{endpoint.url}: {error}")
            is_put_off = is_put_off and capture.outcome in {Outcome.BUSY, Outcome.DEFERRED}
            continue
        what = f"{endpoint.url} answers with {len(reading.items)} items"
        if not failed:
            return _ok(topic, what)
        return _warning(topic, "; ".join([*failed, what]), SPECS[EventKind.FALLBACK].remedy)
    if is_put_off:
        return _warning(topic, "; ".join(failed), "try again later")
    return _trouble(topic, "; ".join(failed), SPECS[EventKind.BROKEN].remedy)


def reach_mail(server: SmtpTransport) -> Finding:
    """Check that a connection to the mail server, with its login, works as for a delivery. No mail is sent."""
    trouble = server.reach()
    if not trouble:
        return _ok("mail server", "lets us in as for a delivery; `statewire alerts test` shows whether mail arrives")
    return _trouble(
        "mail server",
        trouble,
        "set that right under `alerts.smtp` (host, port, security, user, password); meanwhile mail waits, none is lost",
    )


def _ok(topic: str, what: str) -> Finding:
    return Finding(topic, Level.OK, what)


def _warning(topic: str, what: str, advice: str) -> Finding:
    return Finding(topic, Level.WARNING, what, advice)


def _trouble(topic: str, what: str, advice: str) -> Finding:
    return Finding(topic, Level.TROUBLE, what, advice)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
