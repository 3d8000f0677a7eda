"""Facts of events and messages from the store, and the renderer of messages."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from scraper import source_status
from scraper.alerts.event_specs import SPECS
from scraper.alerts.format import linkable
from scraper.alerts.model import CopyOnPage, EventDetails, Message, SavedPage, SourceHealth, SourceLine
from scraper.alerts.selection import Limits, select
from scraper.config.choices import Cadence, WebhookFormat
from scraper.formats.atom import AtomEntry, event_id
from scraper.formats.atom import entry as atom_entry
from scraper.model import INCIDENTS, Channel, EventKind, MessageKind, MessageState, RenderedMessage
from scraper.rules import editions
from scraper.rules.actors import Actor
from scraper.serialize import event_row
from scraper.store import CopyFilter, EventFilter, OutboxFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    from scraper.config.settings import Settings
    from scraper.model import Event
    from scraper.pages import Copy, MirrorPage, QuotedPassage
    from scraper.rules.editions import Edition
    from scraper.source_status import MonitorStatus
    from scraper.store import QueuedAlert, Store, StoredMessage

_WEEK = timedelta(days=7)
_MAX_UNDELIVERED = 20
_MAX_SAVED = 10


def event_details(store: Store, event: Event) -> EventDetails:
    """Return an event with all facts that a message needs, as currently known."""
    return details_reader(store)(event)


def details_reader(store: Store) -> Callable[[Event], EventDetails]:
    """Return a function that does as `event_details`, and reads what events about one statement share only once."""

    @cache
    def statement_facts(statement_id: int) -> dict[str, Any]:
        copies = list(store.copies.find(CopyFilter(statement_id)))
        pages = {copy.page_id: store.pages.by_id(copy.page_id) for copy in copies}
        carriers = ((copy, pages[copy.page_id]) for copy in copies)
        return {
            "statement": store.statements.by_id(statement_id),
            "revisions": tuple(store.statements.revisions(statement_id)),
            "aliases": tuple(store.statements.aliases(statement_id)),
            "copies": tuple(CopyOnPage(copy, page) for copy, page in carriers if page is not None),
        }

    def read(event: Event) -> EventDetails:
        page = _page(store, event)
        if event.statement_id is None:
            text = _text(store, page)
            return EventDetails(event, page=page, page_text=text) if page else _source_details(store, event)
        return EventDetails(
            event,
            **statement_facts(event.statement_id),
            page=page,
            copy=_copy_of(store, page, event.statement_id),
            page_text=_text(store, page),
            quotations=_quotations(store, page, event),
            edition=_edition(store, event),
            since=_withdrawn_since(store, event),
        )

    return read


def message_renderer(
    settings: Settings, now: Callable[[], datetime]
) -> Callable[[Store, StoredMessage], RenderedMessage | None]:
    """Return a function that renders a message of the outbox: a mail, a request to a webhook, or an entry of a feed."""
    formats = {watch.webhook: watch.format for watch in settings.watches}

    def write(store: Store, queued: StoredMessage) -> RenderedMessage | None:
        from scraper.alerts.chat import render_chat
        from scraper.alerts.render import render_message

        form = formats.get(queued.recipient, WebhookFormat.JSON)
        if queued.channel is Channel.WEBHOOK and form is WebhookFormat.JSON:
            return _webhook_request(store, queued)
        if queued.channel is Channel.FEED and queued.kind is MessageKind.TEST:
            # A test writes the feed as it is: an entry would stay in it.
            return RenderedMessage("", "", "", f"feed-{queued.id}", b"")
        message = gather_facts(store, settings, queued, now())
        if message.kind in {MessageKind.INSTANT, MessageKind.DIGEST, MessageKind.HEALTH} and not message.events:
            return None
        if queued.channel is Channel.WEBHOOK:
            return render_chat(message, form, f"hook-{queued.id}")
        if queued.channel is Channel.FEED:
            return _feed_entry(message, f"feed-{queued.id}")
        return render_message(message, settings.alerts, queued.key)

    return write


def gather_facts(store: Store, settings: Settings, queued: StoredMessage, now: datetime) -> Message:
    """Return all facts of a message of the outbox, as currently known."""
    alerts = store.outbox.alerts(queued.id)
    events = store.events.by_ids(alert.event_id for alert in alerts)
    details = details_reader(store)
    bare = [EventDetails(event) for event in events]
    # A digest may have thousands of events and shows some of them; of the others only the kind matters.
    shown = {each.event.id for group in select(bare, Limits()).groups for each in group.shown}
    reasons_by_watch: dict[str, dict[str, None]] = {}
    # The operator is not a watch, even if a watch has that name.
    for alert in alerts if queued.kind is not MessageKind.HEALTH else ():
        for name, reason in alert.reasons_by_watch:
            reasons_by_watch.setdefault(name, {})[reason] = None
    zone = next(
        (watch.timezone for watch in settings.watches if watch.name in reasons_by_watch),
        settings.alerts.operator_timezone,
    )
    message = Message(
        kind=queued.kind,
        recipient=queued.recipient,
        made_at=now,
        timezone=zone,
        events=tuple(details(each.event) if each.event.id in shown else each for each in bare),
        watches=tuple((name, "; ".join(reasons)) for name, reasons in reasons_by_watch.items()),
        statement_id=queued.statement_id,
        note=queued.note or "",
        base_url=settings.web.base_url or "",
        saved=_saved_pages(store, queued, reasons_by_watch) if queued.channel is Channel.MAIL else (),
    )
    if queued.kind is MessageKind.DIGEST:
        began = min([queued.due_at - _period(settings, alerts), *(event.at for event in events)])
        # A digest with a note covers no day: it holds the events beyond the limit of instant mails.
        since = None if queued.note else began
        lines = _source_lines(source_status.read(settings, store, now))
        return replace(message, since=since, until=queued.due_at, lines=lines)
    if queued.kind is MessageKind.WITHHELD:
        return replace(message, withheld=tuple(store.withheld.closed(queued.created_at)))
    if queued.kind is MessageKind.REFUSED:
        return replace(message, queue=_undelivered(store))
    return _still_watching(store, settings, message) if queued.kind is MessageKind.STILL_WATCHING else message


def _saved_pages(store: Store, queued: StoredMessage, watches: Collection[str]) -> tuple[SavedPage, ...]:
    """Return pages of earlier events that the Internet Archive has saved for these watches, or that were given up."""
    found = store.page_saves.unnamed(queued.recipient, watches, _MAX_SAVED) if watches else []
    events = {event.id: event for event in store.events.by_ids({event_id for event_id, _ in found})}
    return tuple(SavedPage(save, events[event_id]) for event_id, save in found)


def _period(settings: Settings, alerts: Sequence[QueuedAlert]) -> timedelta:
    """Return the period of a digest: that of a watch which asked for every event in it."""
    names = set.intersection(*(set(dict(alert.reasons_by_watch)) for alert in alerts)) if alerts else set[str]()
    cadences = {watch.deliver.cadence for watch in settings.watches if watch.name in names}
    return _WEEK if Cadence.WEEKLY in cadences and Cadence.DAILY not in cadences else timedelta(days=1)


def _webhook_request(store: Store, queued: StoredMessage) -> RenderedMessage | None:
    events = store.events.by_ids(alert.event_id for alert in store.outbox.alerts(queued.id))
    body: dict[str, Any] = {"watches": queued.watches, "events": [event_row(event) for event in events]}
    if queued.kind is MessageKind.TEST:
        body["test"] = True
    elif not events:
        return None
    return RenderedMessage(
        "", "", "", f"hook-{queued.id}", json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    )


def _feed_entry(message: Message, key: str) -> RenderedMessage:
    """Return the entry of a feed about the event of a message, with its texts and differences."""
    from scraper.alerts.render import render_entry

    (details,) = message.events
    event, (title, html, ours) = details.event, render_entry(message)
    statement = linkable(details.statement.url if details.statement else event.url)
    given = AtomEntry(event_id(event), title, event.at, event.kind, html=html, own_url=ours)
    entry = atom_entry(replace(given, statement_url=statement, page_url=linkable(event.page_url)))
    return RenderedMessage(title, "", html, key, entry.encode())


def _page(store: Store, event: Event) -> MirrorPage | None:
    return store.pages.by_url(event.page_url) if event.page_url else None


def _text(store: Store, page: MirrorPage | None) -> str:
    return store.pages.stored(page.id).shown if page else ""


def _copy_of(store: Store, page: MirrorPage | None, statement_id: int) -> Copy | None:
    found = store.copies.on_page(page.id) if page else []
    return next((copy for copy in found if copy.statement_id == statement_id), None)


def _quotations(store: Store, page: MirrorPage | None, event: Event) -> tuple[QuotedPassage, ...]:
    """Return the quotations that an event reports, verbatim or altered."""
    if page is None or event.kind not in {EventKind.QUOTE_FOUND, EventKind.QUOTE_ALTERED}:
        return ()
    is_altered = event.kind is EventKind.QUOTE_ALTERED
    return tuple(
        each
        for each in store.quotations.on_page(page.id)
        if each.statement_id == event.statement_id and each.is_altered is is_altered and each.gone_at is None
    )


def _edition(store: Store, event: Event) -> Edition | None:
    """Return the edition before a new statement of a series, if it is of one text."""
    if event.kind is not EventKind.PUBLISHED or event.statement_id is None:
        return None
    statement = store.statements.by_id(event.statement_id)
    before = store.editions.around(statement)[0] if statement else None
    is_of_series = statement and before and editions.is_of_series(before.text, store.statements.text(statement))
    return before if is_of_series else None


def _withdrawn_since(store: Store, event: Event) -> datetime | None:
    """Return the start of the condition that an event reports or ends.

    It is the first failed check for a withdrawal, and the time of the withdrawal for a restored statement.
    """
    if event.kind is EventKind.WITHDRAWN and event.statement_id is not None:
        return store.rechecks.missing_since(event.statement_id)
    if event.kind is EventKind.RESTORED:
        return _last_before(store, event, EventFilter(kinds=(EventKind.WITHDRAWN,), statement_id=event.statement_id))
    return None


def _last_before(store: Store, event: Event, wanted: EventFilter) -> datetime | None:
    return next((found.at for found in store.events.find(replace(wanted, before_id=event.id, limit=1))), None)


def _source_details(store: Store, event: Event) -> EventDetails:
    state = next((state for state in store.sources.all() if state.name == event.source), None)
    since = event.at
    if event.kind is EventKind.RECOVERED:
        since = _last_before(store, event, EventFilter(kinds=INCIDENTS, source=event.source)) or event.at
    if state is None:
        return EventDetails(event, since=since)
    health = SourceHealth(state.last_success_at, state.serving, state.failures, state.last_items)
    return EventDetails(event, health=health, since=since)


def _undelivered(store: Store) -> tuple[str, ...]:
    """Return the newest messages that failed for good, one line each: those about State first, the newest first."""
    newest = OutboxFilter((MessageState.REFUSED,), limit=_MAX_UNDELIVERED)
    of_state = store.outbox.find(replace(newest, actor=Actor.STATE))[::-1]
    others = [m for m in reversed(store.outbox.find(newest)) if m.actor is not Actor.STATE]
    # The URL of a webhook is a secret, so it is not shown.
    found = (*of_state, *others)[:_MAX_UNDELIVERED]
    return tuple(f"{m.id}: {m.subject or f'{m.kind} to a webhook'}" for m in found)


def _still_watching(store: Store, settings: Settings, message: Message) -> Message:
    """Return the weekly mail: every source with its number of events, the events by kind, and the queue's state."""
    since = message.made_at - _WEEK
    events = list(store.events.find(EventFilter(since=since, with_backfill=False)))
    counts = Counter(event.kind for event in events)
    found = tuple(f"{SPECS[kind].weekly}: {counts[kind]}" for kind in EventKind if counts[kind] and SPECS[kind].weekly)
    status = source_status.read(settings, store, message.made_at)
    queue = status.messages
    states = (MessageState.QUEUED, MessageState.SENDING, MessageState.RETRYING, MessageState.REFUSED)
    waiting = tuple(f"{state.capitalize()}: {queue[state]}" for state in states if queue[state])
    return replace(
        message,
        since=since,
        until=message.made_at,
        lines=_source_lines(status, events),
        found=found or ("Events: none",),
        queue=(*(waiting or ("Waiting: none",)), *_failing(status)),
    )


def _failing(status: MonitorStatus) -> Iterator[str]:
    for failure in source_status.summarize_failures(status.failures):
        yield "; ".join(source_status.failure_lines(failure))


def _source_lines(status: MonitorStatus, events: Sequence[Event] = ()) -> tuple[SourceLine, ...]:
    """Return the enabled sources by name, each with its trouble and with the number of the events that came from it."""
    return tuple(
        SourceLine(
            each.stored.name,
            each.stored.role,
            each.stored.last_success_at,
            sum(event.source == each.stored.name and not event.kind.is_of_source for event in events),
            each.state if each.incident else "",
        )
        for each in sorted(status.enabled, key=lambda each: each.stored.name)
        if each.is_stored
    )
