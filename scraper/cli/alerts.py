"""`statewire alerts`: list, explain, try out, send, retry and mute the messages about events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from scraper import source_status, urls
from scraper.alerts import dry_run, watch_filter
from scraper.cli import options
from scraper.cli.alert_preview import find_event, preview
from scraper.cli.completion import watch_names
from scraper.cli.exit_codes import ALL_FAILED, SOME_FAILED
from scraper.cli.format import day_or_time, event_lines, json_array, print_event, terminal_safe
from scraper.cli.layout import echo_line
from scraper.cli.param_types import quoted
from scraper.cli.sending import SENDERS, send_mail
from scraper.delivery import enqueue, waiting
from scraper.delivery.subjects import SubjectReader
from scraper.delivery.waiting import WaitReason
from scraper.errors import InputError
from scraper.model import Channel, MessageKind, MessageState
from scraper.serialize import event_row, optional_utc, row_of
from scraper.store import EventFilter, Mute, NewMessage, OutboxFilter
from scraper.text.normalize import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scraper.cli.app import Invocation
    from scraper.config.alerts import Watch
    from scraper.store import DeliveryFailure, Store, StoredMessage

_WAITS = {
    WaitReason.QUIET: "waits until then for the end of the quiet hours {}",
    WaitReason.DIGEST: "collects events until then",
    WaitReason.LIMIT: "collects events until then, after many mails about the same statement (alerts.max_per_day)",
    WaitReason.PUT_OFF: "waits until then after a failed delivery",
    WaitReason.GROUPING: "waits until then for further events of the same statement (alerts.group_minutes)",
}
_SHOWN_MESSAGES = 10
_WAITING = (MessageState.QUEUED, MessageState.SENDING, MessageState.RETRYING)
_FAILED = (MessageState.RETRYING, MessageState.REFUSED)
_STATES = {
    **{state.value: (state,) for state in MessageState},
    # Words that people, and earlier versions, use for them.
    **dict.fromkeys(("waiting", "pending"), _WAITING),
    **dict.fromkeys(("failed", "failing", "undelivered"), _FAILED),
    "frozen": (MessageState.SENDING, MessageState.RETRYING),
    **dict.fromkeys(("given-up", "rejected"), (MessageState.REFUSED,)),
    "delivered": (MessageState.SENT,),
}


def _recipient(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Return a recipient as it is stored: a URL of a webhook as given, an e-mail address with its host in ASCII."""
    from scraper.config.fields import mail_address

    try:
        return value if value is None or urls.is_http(value) else mail_address(value)
    except ValueError as error:
        raise click.BadParameter(f"{quoted(value)} {error}") from None


def _recipients(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_recipient(context, parameter, value) or "" for value in values)


@click.group("alerts")
def alerts() -> None:
    """List, preview, test, send, retry and mute alerts."""


alerts.add_command(preview)


@alerts.command("list")
@options.several("--state", "states", tuple(_STATES), f"Only in one of these states: {', '.join(_STATES)}.")
@click.option("--to", "recipient", metavar="ADDRESS", callback=_recipient, help="Only to this recipient.")
@options.since
@options.limit(None)
@options.as_json
@click.pass_obj
def list_(invocation: Invocation, /, states: tuple[str, ...], as_json: bool, **conditions: Any) -> None:
    """List messages with their state and the server's reply.

    A message is queued while it collects events, sending until its first attempt ends, retrying when an attempt failed
    for now, then sent, refused (failed for good) or muted. "waiting" are the first three, "failed" are those that are
    retrying or refused.
    """
    store = invocation.store
    chosen = tuple(dict.fromkeys(state for word in states for state in _STATES[word]))
    found = store.outbox.find(OutboxFilter(chosen, **conditions))
    failures = {(each.channel, each.recipient): each for each in store.outbox.failures()}
    if as_json:
        json_array(_row(message) for message in found)
        return
    for message in found:
        is_waiting = message.state in _WAITING
        when = f"due {day_or_time(waiting.sending_time(message))}" if is_waiting else _closed_at(message)
        head = f"{message.id:>5}  "
        echo_line(f"{head}{message.state:<10}{when:<26}  {terminal_safe(_shown(message))}", len(head.lstrip()))
        echo_line(f"       {terminal_safe(message.subject or _provisional_subject(store, message))}")
        problems = list(_problem(message, failures.get((message.channel, message.recipient))))
        for line in problems or _planned(message, invocation.settings.watches):
            echo_line(f"       {terminal_safe(line)}")
    for mute in store.mutes.active(datetime.now(UTC)):
        what = f"statement {mute.statement_id}" if mute.statement_id is not None else f"source {mute.source}"
        echo_line(f"muted: {terminal_safe(what)} until {day_or_time(mute.until, if_none='unmuted')}")
    if not found:
        invocation.say("No matching messages. The watches in the configuration decide who gets which alerts.")


@alerts.command("why")
@click.argument("event_id", metavar="EVENT", type=int)
@click.pass_obj
def why(invocation: Invocation, event_id: int) -> None:
    """Explain which watches select an event.

    EVENT is its number, which `statewire events` prints. Below a watch are its messages with their state.
    """
    store = invocation.store
    event = find_event(store, event_id, None)
    print_event(event)
    messages = store.outbox.of_event(event_id)
    failures = {(each.channel, each.recipient): each for each in store.outbox.failures()}
    for watch, verdict in enqueue.explain(store, invocation.settings, event):
        answer = "yes" if verdict.fires else "no"
        echo_line(f"{answer:<4} {terminal_safe(watch.name)}: {terminal_safe(verdict.reason)}", 5)
        for message in messages:
            if watch.name in message.watches:
                failure = failures.get((message.channel, message.recipient))
                parts = [f"{message.state} {day_or_time(message.sent_at)}" if message.sent_at else message.state]
                parts += _problem(message, failure)
                if message.state is MessageState.QUEUED and len(parts) == 1:
                    due = f"queued, due {day_or_time(waiting.sending_time(message))}"
                    parts = [due, *_planned(message, invocation.settings.watches)]
                words = f"message {message.id} to {_shown(message)}: {'; '.join(parts)}"
                has_more = not message.sent_at and message.state is not MessageState.MUTED
                more = ": statewire alerts list" if has_more else ""
                echo_line(f"{'':<5}{terminal_safe(words)}{more}")
    if not invocation.settings.watches:
        invocation.say("the configuration has no watches")


@alerts.command("replay")
@click.option("--watch", "name", required=True, metavar="NAME", help="Name of the watch.", shell_complete=watch_names)
@options.since
@options.until
@options.as_json
@click.pass_obj
def replay(invocation: Invocation, name: str, since: datetime | None, until: datetime | None, as_json: bool) -> None:
    """Try a watch on stored events. Prints what it would have sent, with a count per week; nothing is sent."""
    store, watch = invocation.store, options.find_watch(invocation.settings, name)
    wanted = EventFilter(since=since, until=until, with_backfill=False)
    subjects = SubjectReader(store, [watch.about.tree])
    past = ((event, subjects.of_event(event)) for event in store.events.find(wanted))
    group = timedelta(minutes=invocation.settings.alerts.group_minutes)
    sendings = dry_run.dry_run(watch, past, group)
    if as_json:
        json_array(
            {
                "due_at": optional_utc(sending.due_at),
                "events": [event_row(event) | {"because": because} for event, because in sending.events],
            }
            for sending in sendings
        )
        return
    for sending in sendings:
        click.echo(click.style(f"{sending.due_at.astimezone(watch.timezone):%Y-%m-%d %H:%M %Z}", bold=True))
        for event, because in sending.events:
            print_event(event, is_short=True)
            echo_line(f"       {terminal_safe(because)}")
    for week, number in dry_run.by_week(watch, sendings):
        click.echo(f"{week}: {count(number, 'mail')}")
    if not sendings:
        _print_history(invocation, watch, wanted)
    total = f"{count(len(sendings), 'mail')} in total"
    click.echo(f"{total}{f' to each of {len(watch.to)}' if len(watch.to) > 1 else ''}")


def _print_history(invocation: Invocation, watch: Watch, wanted: EventFilter) -> None:
    """Print how many events fit a watch and were there when monitoring began, about which no mail is sent."""
    subjects = SubjectReader(invocation.store, [watch.about.tree])
    watch = watch.model_copy(update={"enabled": True})
    found = invocation.store.events.find(replace(wanted, with_backfill=True), lambda event: event.backfill)
    fitting = sum(
        watch_filter.judge(replace(event, backfill=False), subjects.of_event(event), watch).fires for event in found
    )
    if fitting:
        verb = "was" if fitting == 1 else "were"
        words = f"{count(fitting, 'fitting event')} {verb} there already when monitoring began"
        invocation.say(f"{words}; no mail is sent about that.")


@alerts.command("send")
@click.pass_obj
def send(invocation: Invocation) -> int:
    """Send the messages that are due.

    `fetch` does this at its end. Exit code 3 if some of those that were tried were not delivered, 4 if none was.
    """
    return send_mail(invocation)


@alerts.command("test")
@click.option(
    "--to",
    "recipients",
    multiple=True,
    metavar="ADDRESS",
    callback=_recipients,
    help="Recipient. Default: all recipients, webhooks and feeds of the watches, and the operators.",
)
@click.pass_obj
def test(invocation: Invocation, recipients: tuple[str, ...]) -> int:
    """Send a test message over every configured transport.

    Exit code 3 if some of them were not delivered, 4 if none was.
    """
    settings = invocation.settings
    watches = [watch for watch in settings.watches if watch.enabled]
    configured = (*(address for watch in watches for address in watch.to), *settings.alerts.operator)
    hooks = [] if recipients else [watch.webhook for watch in watches if watch.webhook]
    feeds = [] if recipients else [str(watch.feed) for watch in watches if watch.feed]
    chosen = dict.fromkeys((recipient, Channel.MAIL) for recipient in recipients or configured)
    chosen |= dict.fromkeys((hook, Channel.WEBHOOK) for hook in hooks)
    chosen |= dict.fromkeys((feed, Channel.FEED) for feed in feeds)
    if not chosen:
        raise InputError("neither a watch nor `alerts.operator` names a recipient", hint="give one: --to ADDRESS")
    store, now = invocation.create_store(), datetime.now(UTC)
    ids = []
    with store.unit():
        for recipient, channel in chosen:
            key = f"{MessageKind.TEST} {channel} {recipient} {now.isoformat()}"
            ids.append(store.outbox.announce(NewMessage(key, MessageKind.TEST, recipient, channel=channel), now))
    send_mail(invocation)
    sent = sum(
        message.state is MessageState.SENT for each in ids if each is not None and (message := store.outbox.get(each))
    )
    return 0 if sent == len(ids) else SOME_FAILED if sent else ALL_FAILED


@alerts.command("retry")
@click.argument("ids", nargs=-1, type=int, metavar="[MESSAGE]...")
@click.pass_obj
def retry(invocation: Invocation, ids: tuple[int, ...]) -> int:
    """Retry failed messages now, all or those named.

    Failed are those that wait for their next attempt, and those
    that were given up. A muted message is retried if it is named.
    The bytes of a message do not change.
    """
    store = invocation.writable_store
    for each in ids:
        if store.outbox.get(each) is None:
            raise InputError(f"there is no message {each}", hint="`statewire alerts list` prints the numbers")
    with store.unit():
        number = store.outbox.retry(ids or None, datetime.now(UTC))
    invocation.confirm(f"{count(number, 'message')} to retry")
    if number < len(set(ids)):
        invocation.say("only a message that failed or is muted can be retried: statewire alerts list")
    return send_mail(invocation, honour_quiet=False) if number else 0


def _muted(function: Callable[..., None]) -> Callable[..., None]:
    """Add the argument and the option that name what a verb mutes or unmutes: a statement or a source."""
    function = click.option("--source", metavar="NAME", help="Name of a source, instead of a statement.")(function)
    return click.argument("which", metavar="[ID]", required=False)(function)


@alerts.command("mute")
@_muted
@click.option(
    "--until",
    type=options.Moment(ahead=True, is_end=True),
    metavar="TIME",
    help="End: 2026-11-23, or 90m, 24h, 7d, 2w from now. Default: until unmuted.",
)
@click.pass_obj
def mute(invocation: Invocation, which: str | None, source: str | None, until: datetime | None) -> None:
    """Send no alerts about a statement or a source. ID is a statement's number, guid or URL."""
    store = invocation.writable_store
    if until is not None and until <= datetime.now(UTC):
        raise click.UsageError(f"{day_or_time(until)} is over")
    muted, name = _mute_of(store, which, source and options.find_source(invocation, source))
    with store.unit():
        store.mutes.add(replace(muted, until=until))
    invocation.confirm(f"muted {name}{f' until {day_or_time(until)}' if until else ''}")


@alerts.command("unmute")
@_muted
@click.pass_obj
def unmute(invocation: Invocation, which: str | None, source: str | None) -> None:
    """Send alerts about a statement or a source again.

    What was muted until now stays muted; `alerts retry` with its number sends it.
    """
    store = invocation.writable_store
    names = (each.source for each in store.mutes.active(datetime.now(UTC)) if each.source)
    muted, name = _mute_of(store, which, source and (options.find_name(names, source) or source))
    with store.unit():
        was_muted = store.mutes.end(muted, datetime.now(UTC))
    if not was_muted:
        raise InputError(f"{name} is not muted")
    invocation.confirm(f"unmuted {name}")
    if stopped := store.mutes.stopped_messages(muted):
        stay, which = ("stays", "it") if len(stopped) == 1 else ("stay", "them")
        which = f"the first {_SHOWN_MESSAGES}" if len(stopped) > _SHOWN_MESSAGES else which
        numbers = " ".join(map(str, stopped[:_SHOWN_MESSAGES]))
        messages = f"{count(len(stopped), 'message')} about it {stay} muted"
        invocation.say(f"{messages}; to send {which}: statewire alerts retry {numbers}")


def _mute_of(store: Store, which: str | None, source: str | None) -> tuple[Mute, str]:
    """Return a mute of a statement or a source that begins now, and the words that name it."""
    if (which is None) == (source is None):
        raise click.UsageError("name either a statement or, with --source, a source")
    if which is None:
        return Mute(datetime.now(UTC), None, source), f"source {terminal_safe(source or '')}"
    statement = options.find_one(store, which)
    return Mute(datetime.now(UTC), statement.id, None), f"statement {statement.id}: {terminal_safe(statement.title)}"


def _provisional_subject(store: Store, message: StoredMessage) -> str:
    """Return a subject for a message that is not rendered yet: its kind, first event and number of further events."""
    events = store.events.by_ids(alert.event_id for alert in store.outbox.alerts(message.id))
    first = f"event {events[0].id}, {event_lines(events[0])[0]}" if events else ""
    more = f" and {len(events) - 1} more" if len(events) > 1 else ""
    kind = "" if message.kind is MessageKind.INSTANT else message.kind.value
    return f"{': '.join(filter(None, (kind, first)))}{more}"


def _closed_at(message: StoredMessage) -> str:
    """Return the time at which a message was sent, or that of its first event if it is not sent any more."""
    return day_or_time(message.sent_at) if message.sent_at else f"of {day_or_time(message.created_at)}"


def _shown(message: StoredMessage) -> str:
    return source_status.shown_recipient(message.channel, message.recipient)


def _problem(message: StoredMessage, failure: DeliveryFailure | None) -> Iterator[str]:
    """Yield what is known of a failure of a message, or of another one for which it waits."""
    if message.last_error is not None:
        since = f" since {day_or_time(message.first_failed_at)}" if message.first_failed_at else ""
        following = f"; next {day_or_time(message.next_attempt_at)}" if message.next_attempt_at else ""
        yield f"{count(message.attempts, 'attempt')}{since}{following}"
        yield message.last_error
        if message.state is MessageState.MUTED:
            yield f"to try it again: statewire alerts retry {message.id}"
    elif failure and message.state in _WAITING and message.next_attempt_at:
        yield f"waits, because others fail: {failure.error}"


def _planned(message: StoredMessage, watches: Sequence[Watch]) -> Iterator[str]:
    """Yield what a message that is queued waits for."""
    if message.state is not MessageState.QUEUED:
        return
    if waiting.sending_time(message) <= datetime.now(UTC):
        yield f"is due: {SENDERS} send it"
    else:
        reason = waiting.wait_reason(message, watches)
        hours = waiting.quiet_hours(message, watches) if reason is WaitReason.QUIET else ""
        yield _WAITS[reason].format(hours)


def _row(message: StoredMessage) -> dict[str, Any]:
    return row_of(
        replace(message, recipient=_shown(message)),
        "id kind channel recipient actor watches statement_id subject state due_at created_at rendered_at sent_at"
        " attempts first_failed_at next_attempt_at last_error message_id note",
    )
