"""Simulated day of State beside hostile mirrors, a slow mail server and a webhook that hangs, and its verdict."""

from __future__ import annotations

import random
import re
import sqlite3
import threading
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fakes.world import hostile, state_day
from fakes.world.clock import Conductor
from fakes.world.truth import DAY, HOUR, ExpectedEvent, guid
from fakes.world.watch import OPERATOR, READER, Course
from fakes.world.web import START, Document, Scale, Web, address, state_source
from fakes.world.wire import DEADLINE_S, Wire

from scraper.config.alerts import AlertSettings, Watch
from scraper.config.choices import Topic
from scraper.config.settings import Endpoint, FetchSettings, Settings, Source
from scraper.delivery import sending
from scraper.delivery.transports.base import DeliveryAttempt, Transport, down
from scraper.delivery.transports.maildir import MaildirTransport
from scraper.model import Channel, EventKind, Grade, Relation, Role
from scraper.rules import schedule
from scraper.store import EventFilter, Store
from scraper.store.codec import parse_utc
from scraper.urls import is_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from fakes.world.mirror import Mirror
    from fakes.world.wire import Host

    from scraper.clock import Clock
    from scraper.daemon.daemon import Daemon
    from scraper.model import Event

CLAIMS_PER_DAY = 20
_STATE_EVERY, _MIRROR_EVERY = timedelta(minutes=15), timedelta(minutes=30)
# Fewer than by default, as mirrors are polled less often: their claims use up more than that if nothing limits them.
PER_DAY = 1000
_ALIVE_S = HOUR
_GROUP_MINUTES = 5
_MAIL_TAKES_S = 45.0
_HOOK = "https://hooks.example/hangs"
# Work of a run of State's own, and the mails that are being sent when its mail becomes due.
_SLACK = timedelta(minutes=15)
# A mirror without news is polled at a quarter of its rate; each mail of its copies waits for those of the others.
_HONEST_S = 4 * HOUR


SCALE = Scale(("press",), (), (), (), pace=0.5, statements_a_day=0, tick_s=30.0)
"""State's list alone, and a tick in seconds of which the mails' times are exact."""


@dataclass
class HostileWeb(Web):
    """State's hosts, and the mirrors by host."""

    mirrors: Mapping[str, Mirror] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.famous = next(text for text in self.truth.statements if text.number == state_day.FAMOUS)

    def answer(self, url: str, t_s: float) -> Document:
        """See `Web.answer`."""
        host = urlsplit(url).hostname or ""
        if host == hostile.EVIL_SUBDOMAIN:
            return hostile.on_subdomain(url, t_s, self.famous)
        if host == hostile.INNOCENT:
            return hostile.on_innocent_site(url)
        mirror = self.mirrors.get(host)
        return mirror.answer(url, t_s) if mirror else super().answer(url, t_s)


@dataclass
class HostileDay(Course):
    """Course of a day, or a part of it, with some of the mirrors.

    `due` are State's five changes with their times in seconds, `ends` the reasons for which the daemon would have
    ended itself.
    """

    kinds: tuple[type[Mirror], ...] = hostile.MIRRORS
    due: dict[ExpectedEvent, float] = field(default_factory=dict)
    ends: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.some = random.Random(f"hostile day {self.seed}")
        self.truth, self.due = state_day.draw(self.seed, self.days)
        by_number = {text.number: text for text in self.truth.statements}
        self.mirrors = tuple(kind(by_number) for kind in self.kinds)
        state = state_source("press", _STATE_EVERY / timedelta(minutes=30))
        self.sources = (state, *map(_source, self.mirrors))
        self.clock = Conductor(START)
        web = HostileWeb(self.truth, (state,), mirrors={mirror.site: mirror for mirror in self.mirrors})
        state_day.add_other_pages(web, HOUR)
        self.wire = CountingWire(web, self.clock, (), random.Random(f"wire {self.seed}"), PER_DAY)
        self.health = {}
        self.settings = Settings(
            fetch=FetchSettings(contact="https://monitor.invalid/about", requests_per_day=PER_DAY),
            sources=self.sources,
            alerts=AlertSettings(maildir=self.folder / "mail", operator=(OPERATOR,), group_minutes=_GROUP_MINUTES),
            watches=(
                Watch(name="all", to=(READER,), when=tuple(Topic), at_least=Grade.COSMETIC),
                Watch(name="hook", webhook=_HOOK, when=tuple(Topic)),
            ),
        )

    def go(self) -> None:
        """Run the day, with the slow mail server and the webhook in place of real ones."""
        truly = sending.open_transports
        sending.open_transports = self._transports
        try:
            super().go()
        finally:
            sending.open_transports = truly

    @contextmanager
    def _transports(self, settings: Settings, _database: object, clock: Clock) -> Iterator[Mapping[Channel, Transport]]:
        maildir = settings.alerts.maildir
        assert maildir is not None
        yield {Channel.MAIL: _SlowMail(clock, MaildirTransport(maildir)), Channel.WEBHOOK: _Hangs(clock)}

    def _deeds(self) -> list[tuple[float, str | timedelta]]:
        return []

    def _note_run(self, _source: Source) -> None:
        return

    def _tick(self, daemon: Daemon, at_s: float) -> Daemon:
        """Do what timers, watchdog and supervisor do: a daemon that has stalled is replaced by a new one."""
        daemon.tick()
        daemon.send_mail()
        if at_s % HOUR == 0:
            daemon.tidy()
        why = daemon.stalled()
        if why is None and at_s % _ALIVE_S == 0 and not daemon.is_alive():
            why = "the database does not respond"
        if why is None:
            return daemon
        self.ends.append(f"the daemon ended after {at_s / HOUR:.1f} h: {why}")
        self._stop(daemon)
        return self._daemon()

    @property
    def on_time(self) -> timedelta:
        """Longest time from a change to its mail: State's longest interval, the budget of one other run that has the
        last worker, the time in which events are collected.
        """
        wait = schedule.bounds(_STATE_EVERY)[1] + timedelta(seconds=self.settings.daemon.deadline_s)
        return wait + timedelta(minutes=_GROUP_MINUTES) + _SLACK


def _source(mirror: Mirror) -> Source:
    endpoint = Endpoint(kind=mirror.kind, url=mirror.url)
    return Source(name=mirror.name, role=Role.MIRROR, every=_MIRROR_EVERY, endpoints=(endpoint,))


@dataclass
class CountingWire(Wire):
    """Network that counts the documents that each source requests, by host and day."""

    documents: Counter[tuple[str, str, date]] = field(default_factory=Counter)

    def _watch(self, host: Host, url: str) -> None:
        super()._watch(host, url)
        if not url.endswith("/robots.txt"):
            self.documents[threading.current_thread().name, host.name, self.clock.now().date()] += 1


class _SlowMail(Transport):
    """Mail server that takes its time for each message."""

    def __init__(self, clock: Clock, real: Transport) -> None:
        self._clock, self._real = clock, real

    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        self._clock.sleep(_MAIL_TAKES_S)
        return self._real.deliver(raw, sender=sender, recipient=recipient, message_id=message_id)


class _Hangs(Transport):
    """Webhook that accepts each request and never answers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def deliver(self, raw: bytes, *, sender: str, recipient: str, message_id: str) -> DeliveryAttempt:
        self._clock.sleep(DEADLINE_S)
        return down("timeout: the server stopped sending")


# Verdict


@dataclass(frozen=True)
class Verdict:
    """Faults in words, one for each cause; delays of State's mails in seconds; counts of reported events by kind."""

    faults: tuple[str, ...]
    delays_s: tuple[float, ...]
    reported: Counter[str]


def judge(day: HostileDay) -> Verdict:
    """Compare a day's events, mails, statements and requests with what they should be."""
    with Store(day.database) as store:
        events = list(store.events.find(EventFilter(with_backfill=True)))
        sent = _sent(day)
        news = [event for event in events if not event.backfill]
        delays = {expected: _delay(day, expected, news, sent) for expected in day.due}
        faults = [
            *_counted(map(_without_numbers, day.ends)),
            *_late(day, delays, news, sent),
            *_invented(day, news),
            *_false_statements(day, store),
            *_over_the_cap(day),
            *_honest(day, news, sent),
            *_slandered(news),
            *_counted(_without_numbers(each.partition("Z: ")[2] or each) for each in day.wire.bad_manners),
            *_counted(f"error in the log: {_without_numbers(each.splitlines()[0])}" for each in day.errors),
        ]
    known = tuple(delay.total_seconds() for delay in delays.values() if delay is not None)
    return Verdict(tuple(faults), known, Counter(event.kind.value for event in news))


def _sent(day: HostileDay) -> dict[int, tuple[int, datetime | None]]:
    """Return the mail with each event to the reader, and its time; None if it has not left."""
    query = (
        "SELECT alerts.event_id, messages.id, messages.sent_at FROM alerts JOIN messages ON messages.id = outbox_id"
        " WHERE alerts.recipient = ? AND alerts.channel = 'mail'"
    )
    with closing(sqlite3.connect(day.database)) as connection:
        rows = connection.execute(query, (READER,)).fetchall()
    return {event: (mail, parse_utc(at) if at else None) for event, mail, at in rows}


def _of(expected: ExpectedEvent, news: Sequence[Event]) -> Event | None:
    return next((event for event in news if _key(event) == expected), None)


def _key(event: Event) -> ExpectedEvent:
    return ExpectedEvent(event.kind, event.guid or "", event.grade if event.kind is EventKind.REVISED else None)


def _delay(
    day: HostileDay, expected: ExpectedEvent, news: Sequence[Event], sent: Mapping[int, tuple[int, datetime | None]]
) -> timedelta | None:
    event = _of(expected, news)
    at = sent[event.id][1] if event and event.id in sent else None
    return at - day.clock.start - timedelta(seconds=day.due[expected]) if at else None


def _late(
    day: HostileDay,
    delays: Mapping[ExpectedEvent, timedelta | None],
    news: Sequence[Event],
    sent: Mapping[int, tuple[int, datetime | None]],
) -> Iterator[str]:
    for expected, delay in delays.items():
        event = _of(expected, news)
        about = f"{expected.kind.value} {expected.about}, {day.due[expected] / HOUR:.1f} h"
        if event is None:
            yield f"not reported: {about}"
        elif delay is None:
            noticed = f"{(event.at - day.clock.start) / timedelta(hours=1):.1f} h"
            yield f"noticed after {noticed}, but not mailed: {about}"
        elif delay > day.on_time:
            noticed = (event.at - day.clock.start).total_seconds() - day.due[expected]
            yield f"mailed after {delay}, of which {timedelta(seconds=round(noticed))} to notice: {about}"
    mails = {sent[event.id][0] for event in news if event.kind.subject == "statement" and event.id in sent}
    if len(mails) != len(day.due):
        yield f"{len(mails)} mails with events of State's, expected {len(day.due)}"


def _invented(day: HostileDay, news: Sequence[Event]) -> Iterator[str]:
    was = Counter(event for event in map(_key, news) if event.kind.subject == "statement")
    for event, number in sorted((was - Counter(list(day.due))).items(), key=str):
        source = next(each.source for each in news if _key(each) == event)
        yield (
            f"reported{f' {number} times' if number > 1 else ''}, but State did nothing: {event.kind} {event.about}"
            + (f" (source {source})")
        )
    yield from _counted(
        f"State's source was reported as {event.kind}: {event.reason_texts or event.after}"
        for event in news
        if event.kind.is_of_source and event.source == "press"
    )


def _false_statements(day: HostileDay, store: Store) -> Iterator[str]:
    """Yield statements, wordings and addresses in the database that are not State's."""
    true = {guid(text.number): text for text in day.truth.statements}
    for statement in store.statements.find():
        text = true.get(statement.guid)
        if text is None:
            if statement.url not in state_day.OTHER_URLS:
                yield f"a statement that State has not: {statement.guid} at {statement.url}"
            continue
        wordings = [" ".join(version.body) for version in text.versions]
        for revision in store.statements.revisions(statement.id):
            read = " ".join(revision.wording.text.split())
            if not any(wording in read for wording in wordings):
                yield f"a wording of {statement.guid} that State has not: number {revision.number}"
        urls = {address(version.slug) for version in text.versions} | {guid(text.number)}
        false = [alias.url for alias in store.statements.aliases(statement.id) if alias.url not in urls]
        if false or statement.url not in urls:
            yield f"{len(false)} addresses of {statement.guid} that State has not: {(*false, statement.url)[0]}"


def _over_the_cap(day: HostileDay) -> Iterator[str]:
    mirrors = {mirror.name for mirror in day.mirrors}
    for (source, host, _), number in sorted(day.wire.documents.items()):
        if source in mirrors and is_state(host) and number > CLAIMS_PER_DAY:
            yield f"{source}: {number} requests to {host} in a day, the cap is {CLAIMS_PER_DAY}"


def _honest(day: HostileDay, news: Sequence[Event], sent: Mapping[int, tuple[int, datetime | None]]) -> Iterator[str]:
    """Yield copies of the honest mirror that were not reported, of those that it made early enough."""
    honest = next(mirror for mirror in day.mirrors if isinstance(mirror, hostile.CopiesHonestly))
    found = {event.page_url: event for event in news if event.kind is EventKind.COPY_FOUND}
    for number in honest.copied(day.days * DAY - _HONEST_S):
        if honest.statements[number].born_s < 0:
            continue
        url = honest.story(number).url
        event = found.get(url)
        if event is None or event.relation is not Relation.VERBATIM:
            yield f"the honest copy was not reported: {url} ({event.relation if event else 'no event'})"
        elif sent.get(event.id, (0, None))[1] is None:
            yield f"the honest copy was not mailed: {url}"
    yield from _counted(
        f"the honest copy was reported as {event.relation}: {event.page_url}"
        for event in news
        if urlsplit(event.page_url or "").hostname == honest.site and event.relation is not Relation.VERBATIM
    )


def _slandered(news: Sequence[Event]) -> Iterator[str]:
    """Yield reports about pages that have nothing to do with State."""
    yield from _counted(
        f"a page was reported that has nothing to do with State: {event.kind} {event.page_url}"
        for event in news
        if urlsplit(event.page_url or "").hostname == hostile.INNOCENT
    )


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+(\.\d+)?", "N", text)


def _counted(texts: Iterable[str]) -> Iterator[str]:
    return (f"{number} times: {text}" if number > 1 else text for text, number in sorted(Counter(texts).items()))
