"""`statewire alerts preview`: the mail about an event, as it was or would be sent."""

from __future__ import annotations

import webbrowser
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper import files
from scraper.alerts import watch_filter
from scraper.alerts.model import Message
from scraper.cli import filters, options
from scraper.cli.completion import watch_names
from scraper.cli.format import day_or_time, terminal_safe
from scraper.delivery import context
from scraper.delivery.subjects import SubjectReader
from scraper.errors import InputError, is_disk_full
from scraper.model import MessageKind, MessageState
from scraper.store import EventFilter
from scraper.text.normalize import count

if TYPE_CHECKING:
    from scraper.cli.app import Invocation
    from scraper.config.alerts import Watch
    from scraper.model import Event
    from scraper.store import Store, StoredMessage


@click.command("preview")
@click.argument("event_id", metavar="[EVENT]", type=int, required=False)
@click.option(
    "--kind",
    type=click.Choice(sorted(filters.KINDS)),
    metavar="KIND",
    help="Kind of the event, in the words of watches (revised) or whole (statement.revised).",
)
@click.option("--watch", "name", metavar="NAME", help="The mail of this watch.", shell_complete=watch_names)
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path(), help="Folder for the files. Default: the current one."
)
@click.option("--open", "opens", is_flag=True, help="Open the HTML in a browser.")
@click.pass_obj
def preview(
    invocation: Invocation, event_id: int | None, kind: str | None, name: str | None, folder: Path, opens: bool
) -> None:
    """Write the mail about an event to files.

    It is the mail as it was or would be sent, as .eml and .html. EVENT is the number of an event, which
    `statewire events` prints; default: the newest.
    """
    event = find_event(invocation.store, event_id, kind)
    watch = options.find_watch(invocation.settings, name) if name else None
    raw = _stored_mail(invocation, event, watch) or _single_mail(invocation, event, watch)
    html = message_from_bytes(raw, policy=policy.default).get_body(("html",))
    stem = folder / f"event-{event.id}"
    for path, content in (
        (stem.with_suffix(".eml"), raw),
        (stem.with_suffix(".html"), html.get_content().replace("\r\n", "\n").encode() if html else b""),
    ):
        try:
            files.write_whole(path, content)
        except OSError as error:
            if is_disk_full(error):
                raise
            raise InputError(
                f"{path} cannot be written: {error.strerror or error}", hint="give another --folder"
            ) from error
        click.echo(str(path))
    invocation.say("The .html opens in a browser (--open does it), the .eml in a mail program.")
    if opens:
        webbrowser.open(stem.with_suffix(".html").absolute().as_uri())


def find_event(store: Store, event_id: int | None, kind: str | None) -> Event:
    """Return the event of a number, else the newest of a kind (a word of `--kind`) or of all; backfill comes last."""
    if event_id is not None:
        if not (found := store.events.by_ids([event_id])):
            raise InputError(f"no event has the number {event_id}", hint="`statewire events` prints the numbers")
        return found[0]
    for with_backfill in (False, True):
        wanted = EventFilter(kinds=filters.KINDS[kind] if kind else (), with_backfill=with_backfill, limit=1)
        if found := list(store.events.find(wanted, lambda event: kind is None or filters.is_called(event, kind))):
            break
    else:
        raise InputError(f"there is no event{f' of the kind {kind}' if kind else ''} yet", hint="statewire fetch")
    return found[0]


def _stored_mail(invocation: Invocation, event: Event, watch: Watch | None) -> bytes | None:
    """Return the mail of the outbox with an event: its bytes if it was rendered, else as it would be rendered now."""
    store = invocation.store
    mails = store.outbox.with_event(event.id or 0)
    message = next((mail for mail in mails if watch is None or watch.name in mail.watches), None)
    if message is None:
        return None
    raw = store.outbox.raw(message.id)
    if message.state is MessageState.QUEUED:
        rendered = context.message_renderer(invocation.settings, lambda: datetime.now(UTC))(store, message)
        raw = rendered.raw if rendered else None
    if raw:
        number = len(store.outbox.alerts(message.id))
        others = f", with {count(number - 1, 'other event')}" if number > 1 else ""
        invocation.say(f"message {message.id} to {terminal_safe(message.recipient)}, {_standing(message)}{others}")
    return raw or None


def _standing(message: StoredMessage) -> str:
    if message.sent_at:
        return f"sent {day_or_time(message.sent_at)}"
    at = day_or_time(message.next_attempt_at or message.due_at)
    return "not delivered" if message.state is MessageState.REFUSED else f"to be sent {at}"


def _single_mail(invocation: Invocation, event: Event, watch: Watch | None) -> bytes:
    """Return a mail about an event alone, for one of which the outbox has no mail."""
    from scraper.alerts.render import render_message

    store, settings = invocation.store, invocation.settings.alerts
    is_health = event.kind.is_of_source
    because = ""
    if watch and not is_health:
        verdict = watch_filter.judge(
            event, SubjectReader(store).of_event(event), watch.model_copy(update={"enabled": True})
        )
        because = verdict.reason
        if not verdict.fires:
            invocation.say(f"note: this watch would not send it: {terminal_safe(because)}")
    message = Message(
        kind=MessageKind.HEALTH if is_health else MessageKind.INSTANT,
        recipient=watch.to[0] if watch and watch.to else "reader@example.org",
        made_at=datetime.now(UTC),
        timezone=watch.timezone if watch else settings.operator_timezone,
        events=(context.event_details(store, event),),
        watches=((watch.name, because),) if watch and not is_health else (),
        why="" if watch or is_health else "This is a preview: no watch was named, and nothing is sent.",
        statement_id=event.statement_id,
        base_url=invocation.settings.web.base_url or "",
    )
    return render_message(message, settings, f"preview {event.id}").raw
