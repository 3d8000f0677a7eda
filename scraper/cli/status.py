"""`statewire status`: state of the monitor and of each source, mail in the outbox, requests of the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.format import day_or_time, json_object, terminal_safe
from scraper.clock import format_duration
from scraper.daemon.due import next_start
from scraper.pipeline import source_status
from scraper.rules import baseline, schedule
from scraper.serialize import optional_utc
from scraper.store import SourceState
from scraper.store.locks import holder
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.cli.app import Invocation
    from scraper.config.settings import Source
    from scraper.store import Store

_NOT_ALIVE = 1
_UNASKED_ADVICE = "see that `statewire run`, or your timer for `statewire fetch`, is running"
_UNANSWERED_ADVICE = "`statewire doctor --online` says how they answer now"
_QUEUED = {"pending": "gathering or held", "frozen": "waiting to be sent"}


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Say what is known, how each source is doing and when it is next due, and how often each host was asked today.

    Exit code 1 where the watch does not live: an hour after a source was due nobody has asked, or none gives anything.
    """
    invocation: Invocation = ctx.obj
    store = invocation.store()
    asked = {state.name: state for state in store.sources.all()}
    configured = {source.name: source for source in invocation.settings.sources}
    states = [asked.get(name) or SourceState(name, source.role) for name, source in configured.items()]
    states += [state for name, state in asked.items() if name not in configured]
    now = datetime.now(UTC)
    rows = [_row(state, configured.get(state.name), store, now) for state in states]
    hosts, per_day = store.hosts.asked_on(now.date()), invocation.settings.fetch.requests_per_day
    counts = {
        "database": str(store.path),
        "statements": store.statements.count(),
        "captures": store.captures.count(),
        "pages": store.pages.count(),
        "copies": store.copies.count(),
        "events": store.events.last_id(),
    }
    watch = _watch(invocation.settings.sources, asked, now) | {"daemon": holder(store.path)}
    mail = {state.value: number for state, number in store.outbox.counts().items() if number}
    if as_json:
        requests = [{"host": host.host, "requests": host.requests, "per_day": per_day} for host in hosts]
        json_object(counts | {"watch": watch, "mail": mail, "sources": rows, "requests_today": requests})
        ctx.exit(_NOT_ALIVE if watch["trouble"] else 0)
    click.echo(
        f"{store.path}: {counts['statements']} statements, {counts['events']} events, {counts['captures']} captures;"
        f" {counts['copies']} copies on {counts['pages']} pages of others"
    )
    click.echo(f"  {_watch_words(watch, now)}")
    if mail:
        failed = ": statewire alerts list --state failed" if "failed" in mail else ""
        click.echo(
            f"  mail: {', '.join(f'{number} {_QUEUED.get(state, state)}' for state, number in mail.items())}{failed}"
        )
    width = max((len(state.name) for state in states), default=0)
    for state, row in zip(states, rows, strict=True):
        click.echo(f"  {state.name:<{width}}  {state.role:<9}  {_words(state, row)}")
        for line in (row["detail"], row["waiting"]):
            if line:
                click.echo(f"  {'':<{width}}  {'':<9}  {terminal_safe(line)}")
    if hosts:
        click.echo(f"Requests since midnight UTC{f', of {per_day} for each host' if per_day else ''}:")
        for host in hosts:
            click.echo(f"  {host.requests:>6}  {terminal_safe(host.host)}")
    ctx.exit(_NOT_ALIVE if watch["trouble"] else 0)


def _watch(sources: Sequence[Source], states: dict[str, SourceState], now: datetime) -> dict[str, Any]:
    """Return the row of the monitor as a whole: its trouble with advice, or None, and its last attempt and success."""
    ours = [states[source.name] for source in sources if source.enabled and source.name in states]
    unasked, unanswered = (
        source_status.stopped_polling(sources, states, now),
        source_status.no_answers(sources, states, now),
    )
    return {
        "trouble": unasked or unanswered or None,
        "advice": _UNASKED_ADVICE if unasked else _UNANSWERED_ADVICE if unanswered else None,
        "last_attempt_at": optional_utc(source_status.newest_of(state.last_attempt_at for state in ours)),
        "last_success_at": optional_utc(source_status.newest_of(state.last_success_at for state in ours)),
    }


def _watch_words(watch: dict[str, Any], now: datetime) -> str:
    if watch["trouble"]:
        return f"{click.style(watch['trouble'], bold=True)}: {watch['advice']}"
    if watch["last_attempt_at"] is None:
        return "no source has been asked yet"
    asked, answered = (
        f"{format_duration(now - datetime.fromisoformat(at))} ago" if at else "never"
        for at in (watch["last_attempt_at"], watch["last_success_at"])
    )
    daemon = f"; the daemon is process {watch['daemon']}" if watch["daemon"] else ""
    return f"last asked a source {asked}, last heard from one {answered}{daemon}"


def _row(state: SourceState, source: Source | None, store: Store, now: datetime) -> dict[str, Any]:
    following = next_start(source, state, now) if source and source.enabled else None
    every = schedule.current_interval(source.every, state.interval) if source else None
    hours = store.arrivals.hours(state.name, now - baseline.HISTORY)
    return {
        "name": state.name,
        "role": state.role,
        "enabled": source.enabled if source else None,
        "incident": state.incident,
        "incident_since_at": optional_utc(state.incident_since_at),
        "detail": state.incident_detail or source_status.last_failure(state, store) or None,
        "failures": state.failures,
        "waiting": (source and source_status.waiting_for(source, store, now)) or None,
        "serving": state.serving,
        "last_items": state.last_items,
        "last_attempt_at": optional_utc(state.last_attempt_at),
        "last_success_at": optional_utc(state.last_success_at),
        "last_news_at": optional_utc(max((hour.at for hour in hours if hour.news), default=None)),
        "usual_week": baseline.weekly_rates(hours) if hours else None,
        "every_s": round(every.total_seconds()) if every else None,
        "next_due_at": optional_utc(following),
    }


def _words(state: SourceState, row: dict[str, Any]) -> str:
    if row["enabled"] is False and state.last_attempt_at is None:
        return "switched off"
    if state.last_attempt_at is None and state.last_success_at is None:
        return "not asked yet"
    words = ["not in the configuration" if row["enabled"] is None else "kept waiting" if row["waiting"] else "well"]
    runs = f"no answer in {count(state.failures, 'run')}"
    if state.incident and state.incident_since_at:
        words = [click.style(f"{state.incident.verb} since {day_or_time(state.incident_since_at)}", bold=True)]
    if state.failures:
        words = [*words, runs] if state.incident else [runs]
    words.append(f"last gave something {day_or_time(state.last_success_at) if state.last_success_at else 'never'}")
    if row["next_due_at"]:
        words.append(_next_words(row))
    return "; ".join(words)


def _next_words(row: dict[str, Any]) -> str:
    due_at = datetime.fromisoformat(row["next_due_at"])
    due = "due now" if due_at <= datetime.now(UTC) else f"next due {day_or_time(due_at)}"
    return f"{due}, every {format_duration(timedelta(seconds=row['every_s']))}"
