"""`statewire status`: state of the monitor and of each source, mail in the outbox, requests of the day."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from scraper import source_status
from scraper.cli import options
from scraper.cli.format import day_or_time, json_object, terminal_safe
from scraper.cli.layout import echo_line, hanging_indent
from scraper.clock import format_duration, format_interval
from scraper.rules import baseline, budgets, guards, source_health, unresponsive_hosts
from scraper.rules.searches import describe_waiting
from scraper.serialize import optional_utc, row_of
from scraper.text.normalize import count
from scraper.web import site_status

if TYPE_CHECKING:
    from scraper.cli.app import Invocation
    from scraper.model import HostState
    from scraper.source_status import MonitorStatus, SourceStatus
    from scraper.store import Store
    from scraper.web.site_status import SiteStatus

_NOT_ALIVE = 1
_SHOWN_SUBJECTS = 10
_LEAST_WORDS = 30


@click.command("status")
@options.as_json_object
@click.pass_obj
def status(invocation: Invocation, as_json: bool) -> int:
    """Show totals, sources, and requests of today.

    Exit code 1 if monitoring does not work: no source was polled for an hour after it was due, or none gives
    anything. Each of them then failed three times in a row or is late, or none has had a success since the first poll.
    """
    store = invocation.store
    found = source_status.read(invocation.settings, store, datetime.now(UTC))
    site = site_status.read(invocation.settings, store, found.at)
    if as_json:
        json_object(_rows(found, store, site))
    else:
        _print(found, store, site)
    return _NOT_ALIVE if found.no_polling or found.no_answers else 0


def _rows(found: MonitorStatus, store: Store, site: SiteStatus | None) -> dict[str, Any]:
    return {
        "database": str(store.path),
        "statements": found.statements,
        "captures": store.captures.count(),
        "pages": store.pages.count(),
        "copies": found.copies,
        "events": found.events,
        "watch": {
            "trouble": _trouble(found) or None,
            "advice": found.advice,
            **row_of(found, "last_attempt_at last_success_at"),
            "daemon": found.daemon,
        },
        "mail": _mail(found),
        "delivery_failures": [
            row_of(each, "channel error waiting refused since next_attempt_at")
            | {"recipient": source_status.shown_recipient(each.channel, each.recipient)}
            for each in found.failures
        ],
        "site": _site_row(site),
        "page_saves": _saves_row(store),
        "withheld": [
            {**row_of(withheld, "guard subject count"), "advice": guards.GUARDS[withheld.guard].advice}
            | {"since": optional_utc(withheld.since), "last_at": optional_utc(withheld.last_at)}
            for withheld in found.withheld
        ],
        "sources": [_row(each, store, found.at) for each in found.sources],
        "requests_today": [_host_row(host, found.requests_per_day) for host in found.hosts],
    }


def _site_row(site: SiteStatus | None) -> dict[str, Any] | None:
    if site is None:
        return None
    row = {"folder": str(site.folder), "completed_at": optional_utc(site.completed_at)}
    return row | {"problem": site.problem or None}


def _saves_row(store: Store) -> dict[str, Any] | None:
    """Return the counts of pages to be saved by the Internet Archive, None if there was none yet."""
    service = store.page_saves.service()
    if service is None:
        return None
    row = store.page_saves.counts()._asdict() | {"requests_today": service.requests_on(datetime.now(UTC))}
    return row | {"problem": service.problem or None, "paused_until": optional_utc(service.not_before)}


def _print_saves(store: Store) -> None:
    row = _saves_row(store)
    if row is None:
        return
    words = f"{row['waiting']} to save, {row['saved']} saved, {row['given_up']} given up"
    problem = f"; the Internet Archive: {row['problem']}" if row["problem"] else ""
    until = f", paused until {row['paused_until']}" if row["paused_until"] else ""
    echo_line(f"  pages at the Internet Archive: {words}{terminal_safe(problem)}{until}")


def _row(status: SourceStatus, store: Store, now: datetime) -> dict[str, Any]:
    stored = status.stored
    hours = store.arrivals.hours(stored.name, now - baseline.HISTORY)
    return {
        "name": stored.name,
        "role": stored.role,
        "enabled": status.source.enabled if status.source else None,
        "incident": status.incident,
        "incident_since_at": optional_utc(stored.incident_since_at),
        "detail": _detail(status) or None,
        "failures": stored.failures,
        "waiting": source_status.describe_pauses(status.pauses) or None,
        "claims": row_of(status.claims, "requested per_day waiting") if status.claims else None,
        "searches": row_of(status.searches, "due due_since waiting answered_at") if status.searches else None,
        "standing": status.standing._asdict() if status.standing else None,
        "unresponsive_hosts": status.unresponsive_hosts,
        **row_of(stored, "serving last_items last_attempt_at last_success_at"),
        "last_news_at": optional_utc(max((hour.at for hour in hours if hour.news), default=None)),
        "usual_week": baseline.weekly_rates(hours) if hours else None,
        "every_s": round(status.interval.total_seconds()) if status.interval else None,
        "next_due_at": optional_utc(status.next_due_at),
    }


def _host_row(host: HostState, per_day: int | None) -> dict[str, Any]:
    row = {"host": host.host, "requests": host.requests, "per_day": per_day}
    waits = budgets.describe_used(host.requests, per_day)
    return row | {"waits": waits} if waits else row


def _print(found: MonitorStatus, store: Store, site: SiteStatus | None) -> None:
    echo_line(
        f"{store.path}: {count(found.statements, 'statement')}, {count(found.events, 'event')}, "
        f"{count(store.captures.count(), 'capture')}; {count(found.copies, 'copy')} on "
        f"{count(store.pages.count(), 'page')} of other sites"
    )
    echo_line(f"  {_monitor_words(found)}")
    if mail := _mail(found):
        # Mails, requests to webhooks and entries of feeds; the key of the JSON output is of the time of mails only.
        echo_line(f"  messages: {', '.join(f'{number} {state}' for state, number in mail.items())}")
    failures = source_status.summarize_failures(found.failures)
    for failure in failures[:_SHOWN_SUBJECTS]:
        first, *lines = map(terminal_safe, source_status.failure_lines(failure))
        echo_line(f"    {click.style(first, bold=True)}")
        following = source_status.describe_next_attempt(failure, found.at, has_daemon=found.daemon is not None)
        for line in (*lines, *following.split("; ")):
            echo_line(f"      {line}")
    if (more := len(failures) - _SHOWN_SUBJECTS) > 0:
        echo_line(f"    and {count(more, 'more error')}: statewire alerts list --state failed")
    if site is not None:
        completed = f"{site.folder} complete {day_or_time(site.completed_at, if_none='never')}"
        words = f"{click.style(terminal_safe(site.problem), bold=True)}: {site_status.ADVICE}"
        echo_line(f"  pages: {words if site.problem else terminal_safe(completed)}")
    _print_saves(store)
    _print_withheld(found)
    width = max((len(each.stored.name) for each in found.sources), default=0)
    for each in found.sources:
        head = f"  {each.stored.name:<{width}}  {each.stored.role:<9}  "
        indent = hanging_indent(head, _LEAST_WORDS)
        echo_line(f"{head}{_words(each, found.at)}", indent - 2)
        unanswered = (
            f"{unresponsive_hosts.describe(host)} in the last run; its other URLs wait for the next"
            for host in each.unresponsive_hosts
        )
        claims = source_status.describe_claims(each.claims)
        found_by = each.searches
        searched = describe_waiting(found_by.due, found_by.due_since, found_by.waiting) if found_by else ""
        detail = "" if _is_off(each) else _detail(each)
        pauses, pages = source_status.describe_pauses(each.pauses), _standing(each)
        for line in filter(None, (detail, pauses, claims, searched, pages, *unanswered)):
            echo_line(f"{'':<{indent}}{terminal_safe(line)}")
    if found.hosts:
        limit = f", of {found.requests_per_day} for each host" if found.requests_per_day else ""
        echo_line(f"Requests since midnight UTC{limit}:")
        for host in found.hosts:
            waits = budgets.describe_used(host.requests, found.requests_per_day)
            echo_line(f"  {host.requests:>6}  {terminal_safe(host.host)}{f'; {waits}' if waits else ''}")


def _print_withheld(found: MonitorStatus) -> None:
    """Print what guards withheld in the last 24 hours: the largest counts of each guard, and its advice."""
    for guard, counts in groupby(found.withheld, key=lambda withheld: withheld.guard):
        rows = list(counts)
        echo_line(f"  {click.style(f'withheld by {guard}', bold=True)}: {guards.GUARDS[guard].advice}")
        for withheld in rows[:_SHOWN_SUBJECTS]:
            span = f"{day_or_time(withheld.since)} to {day_or_time(withheld.last_at)}"
            echo_line(f"    {terminal_safe(guards.describe(withheld))} ({span})")
        if (more := len(rows) - _SHOWN_SUBJECTS) > 0:
            echo_line(f"    and {count(more, 'more subject')}: statewire status --json")


def _mail(found: MonitorStatus) -> dict[str, int]:
    return {state.value: number for state, number in found.messages.items() if number}


def _trouble(found: MonitorStatus) -> str:
    return source_status.describe_trouble(found.no_polling or found.no_answers, found.at)


def _standing(status: SourceStatus) -> str:
    """Return the numbers of standing pages: all, and those that wait, are missing, or were not read yet."""
    counts = status.standing
    if counts is None:
        return ""
    rest = ((counts.due, "due"), (counts.missing, "missing"), (counts.unread, "not read yet"))
    return ", ".join([count(counts.pages, "page"), *(f"{number} {words}" for number, words in rest if number)])


def _is_off(status: SourceStatus) -> bool:
    """Return True if a source of the configuration is disabled: what it had then is no problem now."""
    return status.source is not None and not status.source.enabled


def _detail(status: SourceStatus) -> str:
    return status.stored.incident_detail or source_health.describe_failures(status.failed)


def _monitor_words(found: MonitorStatus) -> str:
    if trouble := _trouble(found):
        return f"{click.style(trouble, bold=True)}: {found.advice}"
    process = "no daemon runs" if found.daemon is None else f"the daemon is process {found.daemon}"
    if found.last_attempt_at is None:
        which = "enabled source" if any(each.stored.last_attempt_at for each in found.sources) else "source"
        return f"no {which} has been polled yet; {process}"
    asked, answered = (
        f"{format_duration(found.at - at)} ago" if at else "never"
        for at in (found.last_attempt_at, found.last_success_at)
    )
    return f"last poll {asked}, last success {answered}; {process}"


def _words(status: SourceStatus, now: datetime) -> str:
    stored = status.stored
    if _is_off(status):
        polled = stored.last_attempt_at or stored.last_success_at
        last = f"; last success {day_or_time(stored.last_success_at, if_none='never')}" if polled else ""
        return f"switched off{last}"
    if stored.last_attempt_at is None and stored.last_success_at is None:
        return "not polled yet"
    words = ["not in the configuration" if status.source is None else "kept waiting" if status.pauses else "well"]
    if status.incident and stored.incident_since_at:
        words = [click.style(f"{status.state} since {day_or_time(stored.incident_since_at)}", bold=True)]
    if stored.failures:
        runs = f"no success in {count(stored.failures, 'run')}"
        words = [*words, runs] if status.incident else [runs]
    words.append(f"last success {day_or_time(stored.last_success_at, if_none='never')}")
    if status.next_due_at and status.interval:
        due = "due now" if status.next_due_at <= now else f"next due {day_or_time(status.next_due_at)}"
        words.append(f"{due}, every {format_interval(status.interval)}")
    return "; ".join(words)
