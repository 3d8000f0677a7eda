"""Health checks of `statewire doctor`: each finding names a problem of the setup and what to do about it."""

from __future__ import annotations

import os
import shlex
from datetime import timedelta
from typing import TYPE_CHECKING

from scraper import source_status, urls
from scraper.alerts.event_specs import SPECS
from scraper.clock import format_duration
from scraper.config import loader
from scraper.config.choices import MailTransportKind
from scraper.delivery import waiting, watch_report
from scraper.fetch.request import Request
from scraper.model import Channel, EndpointKind, EventKind, Outcome, Role
from scraper.pipeline import list_urls
from scraper.pipeline.attempts import page_hosts
from scraper.pipeline.database_checks import check_database
from scraper.pipeline.doctor_save import check_saves
from scraper.pipeline.doctor_search import check_keys, reach_search
from scraper.pipeline.findings import Finding, Level, check, ok, trouble, warning
from scraper.pipeline.page_lists import single_texts
from scraper.pipeline.page_matching import from_item
from scraper.pipeline.reading import try_read
from scraper.rules import source_health, state_hosts
from scraper.rules.required_fields import missing_fields
from scraper.rules.searches import describe_waiting
from scraper.rules.standing import is_included
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from scraper.config.alerts import Smtp
    from scraper.config.settings import Endpoint, Settings, Source
    from scraper.delivery.transports.smtp import SmtpTransport
    from scraper.fetch import Fetcher
    from scraper.model import Reading
    from scraper.source_status import MonitorStatus, SourceStatus
    from scraper.store import Store

_MAX_MESSAGE_AGE = timedelta(hours=1)
_MAX_FAILURES = 5
_CHECK_SERVER = "check host and port under `alerts.smtp`"
# Words of the system where a mail server has another name or port, or does not run.
_NO_CONNECTION = ("Connection refused", "Name or service not known")


def examine(
    settings: Settings,
    store: Store,
    now: datetime,
    environ: Mapping[str, str],
    *,
    full: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Finding]:
    """Run all checks that need no network, and yield the findings one by one. See `check_database` for the last two."""
    yield from check_settings(settings)
    yield from check_mail_transport(settings, store.path, environ)
    yield from check_keys(settings, environ)
    yield from check_saves(settings, store, environ)
    yield from check_database(store, now, full=full, say=say)
    yield from check_names(settings, store)
    status = source_status.read(settings, store, now)
    yield from _of_outbox(status, waiting.describe_waits(store.outbox.planned(now), settings.watches))
    for source in status.enabled:
        yield _of_source(source, now)
    yield from _of_metrics_file(settings)


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Check the configuration for warnings, and for an enabled watch."""
    warnings = loader.warnings(settings)
    for each in warnings:
        yield warning("configuration", each)
    if not warnings:
        enabled = sum(source.enabled for source in settings.sources)
        yield ok("configuration", f"valid; {count(len(settings.sources), 'source')}, {enabled} enabled")
    if not any(watch.enabled for watch in settings.watches):
        yield warning("watches", watch_report.NO_WATCH, watch_report.ADD_WATCH)


def check_names(settings: Settings, store: Store | None) -> Iterator[Finding]:
    """Check the conditions of enabled watches for names that neither State's menus nor the database have."""
    for unknown in watch_report.find_unknown(settings, store):
        yield warning("watches", unknown, "correct it; `statewire config check` counts what each condition fits")


def check_mail_transport(settings: Settings, database: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Check the transport of mail, as far as possible without sending any."""
    alerts = settings.alerts
    if alerts.deliver is MailTransportKind.MAILDIR:
        folder = loader.maildir_path(settings, database)
        place = next(each for each in (folder, *folder.parents) if each.exists())
        what, advice = f"the folder {folder} cannot be written", "set a writable one in `alerts.maildir`"
        yield check("mail", _is_writable(place), f"goes into the folder {folder}", what, advice)
    elif alerts.deliver is MailTransportKind.SENDMAIL:
        what = f"{alerts.sendmail} is not an executable program"
        advice = "install a mail system, or use `deliver: smtp`"
        yield check("mail", os.access(alerts.sendmail, os.X_OK), f"goes through {alerts.sendmail}", what, advice)
    elif alerts.smtp is not None:
        yield _password(alerts.smtp, environ)


def _password(smtp: Smtp, environ: Mapping[str, str]) -> Finding:
    variable, file = smtp.password_env, smtp.password_file
    if variable is not None and not environ.get(variable):
        what = f"the password variable {variable} is empty here"
        return trouble("mail", what, "set it in the environment of statewire")
    is_readable = file is None or os.access(file, os.R_OK)
    well = f"goes to {smtp.host}, port {smtp.port}"
    what = f"the password file {file} cannot be read"
    return check("mail", is_readable, well, what, "write it on the first line of that file")


def _of_metrics_file(settings: Settings) -> Iterator[Finding]:
    """Check that the daemon can write its metrics file. No heartbeat is sent: it would falsely report a daemon."""
    if file := settings.daemon.metrics_file:
        what, advice = f"{file} cannot be written", "set one in a writable folder in `daemon.metrics_file`"
        yield check("metrics file", _is_writable(file.parent), f"{file} can be written", what, advice)


def _is_writable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _of_outbox(status: MonitorStatus, waits: str) -> Iterator[Finding]:
    failures = source_status.summarize_failures(status.failures)
    for failure in failures[:_MAX_FAILURES]:
        is_lasting = failure.refused or (failure.since and status.at - failure.since > _MAX_MESSAGE_AGE)
        what = "\n".join(source_status.failure_lines(failure))
        following = source_status.describe_next_attempt(failure, status.at, has_daemon=status.daemon is not None)
        cause = (
            _CHECK_SERVER if failure.channel is Channel.MAIL and _is_unreached(failure.error) else "correct the cause"
        )
        advice = f"{cause}; {following}"
        yield Finding("outbox", Level.TROUBLE if is_lasting else Level.WARNING, what, advice)
    if (more := len(failures) - _MAX_FAILURES) > 0:
        yield trouble("outbox", f"{count(more, 'more error')} of deliveries", "`statewire alerts list --state failed`")
    if status.oldest_waiting > _MAX_MESSAGE_AGE and not any(failure.waiting for failure in status.failures):
        advice = "`statewire alerts list` shows the reason; `statewire alerts send` sends what is due"
        yield warning("outbox", f"a message has waited for {format_duration(status.oldest_waiting)}", advice)
    elif not status.failures:
        yield ok("outbox", f"no overdue messages{waits and f'; {waits}'}")


def _is_unreached(error: str) -> bool:
    return any(words in error for words in _NO_CONNECTION)


def _of_source(status: SourceStatus, now: datetime) -> Finding:
    stored, topic = status.stored, f"source {status.stored.name}"
    if stored.last_attempt_at is None:
        return warning(topic, "not polled yet", f"`statewire fetch {stored.name}` polls it now")
    if status.incident and stored.incident_since_at:
        level = Level.TROUBLE if status.incident in source_health.OUTAGES else Level.WARNING
        what = f"{status.state} since {stored.incident_since_at:%Y-%m-%d %H:%M} UTC: {stored.incident_detail}"
        return Finding(topic, level, what, _remedy(status.incident, (attempt.outcome for attempt in status.failed)))
    waiting, last = source_status.describe_pauses(status.pauses), stored.last_success_at
    if last is not None and status.late_since is None:
        if waiting:
            return warning(topic, waiting, "wait; if this happens often, poll less often (`every:`)")
        left = status.searches and describe_waiting(
            status.searches.due, status.searches.due_since, status.searches.waiting
        )
        return ok(topic, f"last success {last:%Y-%m-%d %H:%M} UTC{f'; {left}' if left else ''}")
    since = f"has had no success for {format_duration(now - last)}" if last else "has never had a success"
    if why := waiting or source_health.describe_failures(status.failed):
        remedy = _remedy(EventKind.BROKEN, (attempt.outcome for attempt in status.failed))
        return trouble(topic, f"{since}; {why}", remedy)
    every = f"; its interval is {format_duration(status.interval)}" if status.interval else ""
    return trouble(topic, since + every, source_status.CHECK_POLLING)


def _remedy(incident: EventKind, outcomes: Iterable[str]) -> str:
    """Return what to do about an incident: if no host was reached, the network comes before the configuration."""
    found = set(outcomes)
    if found == {Outcome.BLOCKED_ADDRESS}:
        return source_status.ALLOW_PRIVATE
    return source_status.CHECK_NETWORK if found and found <= source_status.UNREACHED else SPECS[incident].remedy


def reach_all(sources: Iterable[Source], fetcher: Fetcher, say: Callable[[str], None]) -> Iterator[Finding]:
    """Yield the finding of `reach` on each source, or a single one if none of several sources could be reached."""
    held, is_any_reached = list[Finding](), False
    for source in sources:
        say(f"requesting {source.name}")
        held.append(reach(source, fetcher))
        is_any_reached |= held[-1].level is not Level.TROUBLE or held[-1].advice != source_status.CHECK_NETWORK
        if is_any_reached:
            yield from held
            held.clear()
    if len(held) < 2:
        yield from held
        return
    what = f"none of {count(len(held), 'source')} could be reached; the first: {held[0].what.partition('; ')[0]}"
    yield trouble("reach", what, "check the network of this machine")


# Fields that a page which stands need not have.
_OF_STATEMENTS = frozenset({"date", "type", "guid"})


def reach(source: Source, fetcher: Fetcher) -> Finding:
    """Fetch the endpoints of a source, one after the other until one can be parsed, and one page that it names.

    Report each response, and the fields that a parser should find and does not. The responses are not stored.
    """
    if source.search is not None:
        return reach_search(source, fetcher)
    topic, failed, advice, outcomes = f"reach {source.name}", list[str](), "", list[Outcome]()
    is_put_off = True
    for endpoint in source.endpoints:
        kind = EndpointKind.PAGE if endpoint.urls else endpoint.kind
        request = Request(list_urls.first_url(kind, endpoint.url), kind, source.allowed_hosts)
        capture = fetcher.get(request)
        reading, error = try_read(capture, kind, source.role)
        if reading is None:
            failed.append(f"{endpoint.url}: {error.problem if error else ''}")
            outcomes.append(capture.outcome)
            is_put_off = is_put_off and capture.outcome in {Outcome.BUSY, Outcome.DEFERRED}
            if capture.outcome is Outcome.OK:
                advice = f"{SPECS[EventKind.DRIFTED].remedy}; {_save_advice(source.name)}"
            continue
        parts = [_of_reading(source, endpoint.url, reading, source.name), *_of_page(source, endpoint, reading, fetcher)]
        if failed:
            parts.insert(0, warning(topic, "; ".join(failed), SPECS[EventKind.FALLBACK].remedy))
        return Finding(
            topic,
            max((part.level for part in parts), key=list(Level).index),
            "; ".join(part.what for part in parts),
            "; ".join(dict.fromkeys(part.advice for part in parts if part.advice)),
            tuple(each for part in parts for each in part.missing),
        )
    if is_put_off:
        return warning(topic, "; ".join(failed), "retry later")
    return trouble(topic, "; ".join(failed), advice or _remedy(EventKind.BROKEN, outcomes))


def _of_reading(source: Source, url: str, reading: Reading, target: str) -> Finding:
    """Compare a reading with the fields that it must have. `target` is that of the `fetch` which repeats it."""
    topic, is_mirror = f"reach {source.name}", source.role is Role.MIRROR
    # A feed of another host that gives statements has neither State's guids nor, in many cases, whole texts.
    missing = missing_fields(url, reading, of_state=not is_mirror and state_hosts.namespace(url) is not None)
    if source.has_standing_pages:
        missing = [each for each in missing if each.field not in _OF_STATEMENTS]
    what = f"{url} responds with {count(len(reading.items), 'item')}"
    # Parsers report an item that they leave out, such as one without a title, as a problem.
    lost = [*map(str, missing)] or [f"{reading.parser} reports: {problem}" for problem in reading.problems[:1]]
    if not lost or (is_mirror and not missing):
        return ok(topic, what)
    # A field that no item has shows a change of the site. A single one may lack a type; mirrors have other habits.
    is_changed = not is_mirror and any(each.lacking == each.items for each in missing)
    level = Level.TROUBLE if is_changed else Level.WARNING
    return Finding(topic, level, "; ".join([what, *lost]), _save_advice(target), tuple(missing))


def _of_page(source: Source, endpoint: Endpoint, reading: Reading, fetcher: Fetcher) -> Iterator[Finding]:
    """Fetch the first page that the monitor would fetch of those that a list names, and check it like the list."""
    topic = f"reach {source.name}"
    is_page = endpoint.kind is EndpointKind.PAGE or endpoint.urls
    url = None if is_page else _first_page(source, endpoint, reading)
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
        yield warning(topic, f"{url}: {error.problem if error else ''}", advice)


def _first_page(source: Source, endpoint: Endpoint, reading: Reading) -> str | None:
    """Return the URL of a page that polls fetch: State's to check for withdrawal, a mirror's if it may be a copy."""
    if source.role is not Role.MIRROR:
        listed = (item.url for item in reading.items)
        return next((url for url in listed if is_included(url, endpoint.include, endpoint.exclude)), None)
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
    advice = "check the network and `alerts.smtp` (host, port, security, user, password)"
    return check(
        "mail server",
        not trouble,
        "accepts the login; `statewire alerts test` shows whether mail arrives",
        trouble,
        f"{_CHECK_SERVER if _is_unreached(trouble) else advice}; until then mail waits",
    )
