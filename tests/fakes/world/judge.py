"""Comparison of the daemon's events and mails with the truth: every true event once, and no other."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from mailbox import Maildir
from typing import TYPE_CHECKING

from fakes.world.truth import HOUR, NEVER, ExpectedEvent, Fate, guid
from fakes.world.web import ARCHIVE, OLD_ARCHIVE, old

from scraper.model import EventKind
from scraper.store import EventFilter, Store

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from fakes.world.watch import Course

    from scraper.model import Event

_GRADED = frozenset({EventKind.REVISED, EventKind.TOUCHED})
_BY_RELATION = frozenset({EventKind.COPY_FOUND, EventKind.COPY_CHANGED, EventKind.COPY_GONE, EventKind.UNSOURCED})


@dataclass(frozen=True)
class Verdict:
    """Faults in words; counts of reported events by kind; number of texts with a version that no client received."""

    faults: tuple[str, ...]
    reported: Counter[str]
    statements: int
    alerts: int
    mails: int
    unseen: int


def judge(course: Course) -> Verdict:
    """Compare a simulation's events, mails, requests and memory with what they should be."""
    with Store(course.database) as store:
        events = list(store.events.find(EventFilter(with_backfill=True)))
        statements = len(list(store.statements.find()))
    content = [event for event in events if not event.kind.value.startswith("source.")]
    faults = [*_content(course, content), *_health(course, events), *course.wire.bad_manners[:20], *course.errors]
    faults += _alerts(course, events)
    faults += _growth(course)
    with closing(sqlite3.connect(course.database)) as connection:
        (alerts,) = connection.execute("SELECT count(*) FROM alerts").fetchone()
    mails = _mails(course)
    reported = Counter(event.kind.value for event in events if not event.backfill)
    return Verdict(tuple(faults), reported, statements, alerts, mails, len(list(_unseen(course))))


def _content(course: Course, events: list[Event]) -> Iterator[str]:
    before = {guid(text.number) for text in course.truth.statements if text.born_s <= 0}
    before |= {c.url for c in course.truth.carriers if c.page.born_s <= 0}
    before |= {guid(release.number) for host in (ARCHIVE, OLD_ARCHIVE) for release in old(host)}
    unseen = set(_unseen(course))
    was = Counter(reported for event in events if (reported := _comparable(event)).about not in unseen)
    should = Counter(expected for expected in _should(course, was) if expected.about not in unseen)
    # A text that was gone, or in no list, before the first poll cannot be known.
    for expected, number in sorted((should - was).items(), key=str):
        if expected.about in before and expected.kind is EventKind.PUBLISHED:
            continue
        yield f"not reported{f' {number} times' if number > 1 else ''}: {_in_words(expected)}"
    for reported, number in sorted((was - should).items(), key=str):
        if not (reported.kind is EventKind.PUBLISHED and reported.about in before and was[reported] == 1):
            yield f"reported{f' {number} times' if number > 1 else ''}, but not true: {_in_words(reported)}"
    for event in events:
        about = _comparable(event).about
        if about in before and event.kind is EventKind.PUBLISHED and not event.backfill:
            yield f"reported as news, but was there before: {_in_words(_comparable(event))}"
        if event.backfill and about not in before:
            yield f"reported as history, but was news: {_in_words(_comparable(event))}"


def _should(course: Course, was: Collection[ExpectedEvent]) -> Iterator[ExpectedEvent]:
    """Yield all events that have to be reported.

    A copy that could be compared only shortly before State's new wording may be found as current or as outdated;
    both are right.
    """
    late = {
        carrier.url
        for carrier in course.truth.carriers
        if carrier.of and carrier.of.fate is Fate.REWORDED and _is_late(course, carrier.url, guid(carrier.of.number))
    }
    for expected in course.truth.expected:
        found = ExpectedEvent(EventKind.COPY_FOUND, expected.about, relation=expected.relation, outdated=True)
        if expected.about not in late or found not in was:
            yield expected
        elif expected.outdated:
            yield found


def _is_late(course: Course, url: str, name: str) -> bool:
    shown = course.wire.shown
    both_s = max(shown.get((url, 0), 0.0), shown.get((name, 0), 0.0))
    # A source without news is polled at a quarter of the rate.
    return both_s + 4 * HOUR * course.scale.pace > shown.get((name, 1), NEVER)


def _unseen(course: Course) -> Iterator[str]:
    """Yield texts with a version that was never served while it was current; their events are ambiguous."""
    texts = {guid(text.number): text for text in course.truth.statements}
    texts |= {c.url: c.page for c in course.truth.carriers}
    for about, text in texts.items():
        ended = len(text.versions) - (text.gone[0] == NEVER)
        if any((about, version) not in course.wire.shown for version in range(ended)):
            yield about


def _comparable(event: Event) -> ExpectedEvent:
    by_page = event.kind in _BY_RELATION
    about = (event.page_url if by_page else event.guid) or ""
    return ExpectedEvent(
        event.kind,
        about,
        event.grade if event.kind in _GRADED else None,
        event.relation if by_page else None,
        by_page and event.outdated,
    )


def _in_words(event: ExpectedEvent) -> str:
    return " ".join(
        str(part)
        for part in (event.kind, event.about, event.grade, event.relation, event.outdated and "outdated")
        if part
    )


def _health(course: Course, events: list[Event]) -> Iterator[str]:
    for name, health in course.health.items():
        was = Counter(event.kind for event in events if event.source == name and event.kind.value.startswith("source."))
        for kind in sorted({*was, *health.expected}):
            if was[kind] != health.expected[kind]:
                yield f"{name}: {kind} reported {was[kind]} times, expected {health.expected[kind]} times"


def _mails(course: Course) -> int:
    folder = course.folder / "mail"  # made with the first mail
    return len(Maildir(folder, create=False)) if folder.is_dir() else 0


def _alerts(course: Course, events: list[Event]) -> Iterator[str]:
    with closing(sqlite3.connect(course.database)) as connection:
        unsent = connection.execute("SELECT count(*) FROM messages WHERE state <> 'sent'").fetchone()[0]
        twice = connection.execute("SELECT count(*) FROM (SELECT 1 FROM alerts GROUP BY event_id HAVING count(*) > 1)")
        alerted = {event for (event,) in connection.execute("SELECT event_id FROM alerts")}
        messages = connection.execute("SELECT count(*) FROM messages").fetchone()[0]
        if many := twice.fetchone()[0]:
            yield f"{many} events were mailed twice"
    mails = _mails(course)
    if unsent or mails != messages:
        yield f"{messages} messages were written, {mails} arrived, {unsent} never left"
    for event in events:
        if (event.id in alerted) is event.backfill:
            yield f"{'alerted' if event.backfill else 'not alerted'}: {_in_words(_comparable(event))}"


def _growth(course: Course) -> Iterator[str]:
    if len(course.gauges) < 3:
        return
    early, late = course.gauges[1], course.gauges[-1]
    is_more = late.rss_mb > 1.1 * early.rss_mb or late.threads > early.threads or late.files > early.files
    if is_more or late.kept > 5 * len(course.wire.hosts):
        yield f"it grew: {early}; {late}"
