"""Tests of the dry run of a watch: grouped mails, and a count for every week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from scraper.alerts.dry_run import DryRunMessage, by_week, dry_run
from scraper.alerts.model import FilterFields
from scraper.config.alerts import Watch
from scraper.model import Event, EventKind, Grade

GROUP = timedelta(minutes=5)
MEKONG = FilterFields(title="Mekong")


def watch(**settings: Any) -> Watch:
    return Watch(**{"name": "Desk", "to": ["desk@example.org"]} | settings)


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def event(moment: str, statement: int | None = 1, **more: Any) -> Event:
    return Event(**{"kind": EventKind.PUBLISHED, "at": at(moment), "source": "s", "statement_id": statement} | more)


def sent(asks: Watch, *events: Event) -> list[tuple[datetime, list[Event]]]:
    sendings = dry_run(asks, [(event, MEKONG) for event in events], GROUP)
    return [(sending.due_at, [event for event, _ in sending.events]) for sending in sendings]


def test_events_of_one_statement_go_out_together_until_its_mail_is_sent() -> None:
    first, other = event("2026-03-02 10:00"), event("2026-03-02 10:01", 2)
    together, later = event("2026-03-02 10:04"), event("2026-03-02 10:05")
    assert sent(watch(), first, other, together, later) == [
        (at("2026-03-02 10:05"), [first, together]),
        (at("2026-03-02 10:06"), [other]),
        (at("2026-03-02 10:10"), [later]),
    ]


def test_an_event_of_state_has_a_mail_of_its_own_which_what_others_do_joins() -> None:
    def gone(moment: str) -> Event:
        return event(moment, kind=EventKind.COPY_GONE, page_url="https://m.invalid/1")

    asks = watch(when=["published", "gone"])
    others, own, joins = gone("2026-03-02 10:00"), event("2026-03-02 10:03"), gone("2026-03-02 10:04")
    assert sent(asks, others, own, joins) == [
        (at("2026-03-02 10:05"), [others]),
        (at("2026-03-02 10:08"), [own, joins]),
    ]


def test_a_claim_without_a_statement_goes_by_its_page() -> None:
    one, two = (
        event("2026-03-02 10:00", None, kind=EventKind.UNSOURCED, page_url=f"https://m.invalid/{n}") for n in (1, 2)
    )
    assert [events for _, events in sent(watch(), one, two)] == [[one], [two]]


def test_events_held_in_quiet_hours_are_one_mail_per_statement() -> None:
    first, second, other = event("2026-03-02 23:00"), event("2026-03-03 04:00"), event("2026-03-03 05:00", 2)
    six = at("2026-03-03 06:00")
    assert sent(watch(quiet="22:00-06:00"), first, second, other) == [(six, [first, second]), (six, [other])]


def test_a_digest_takes_the_events_of_its_day() -> None:
    events = [
        event(f"2026-03-0{day} {hour}:00", statement) for day, hour, statement in ((2, 10, 1), (2, 23, 2), (3, 10, 1))
    ]
    assert sent(watch(deliver="daily 07:00"), *events) == [
        (at("2026-03-03 07:00"), events[:2]),
        (at("2026-03-04 07:00"), events[2:]),
    ]


def test_sent_mail_gives_its_reason_and_unmatched_events_are_left_out() -> None:
    asks = watch(about={"words": ["Mekong"]})
    revised = event("2026-03-02 10:00", kind=EventKind.REVISED, grade=Grade.MINOR)
    past = [
        (revised, MEKONG),
        (event("2026-03-02 11:00"), FilterFields(title="Danube")),
        (event("2026-03-02 12:00", backfill=True), MEKONG),
    ]
    because = "selects revised, at least minor; matched the word “Mekong”"
    assert dry_run(asks, past, GROUP) == (DryRunMessage(at("2026-03-02 10:05"), ((revised, because),)),)


def test_a_watch_that_is_switched_off_can_be_tried() -> None:
    assert len(sent(watch(enabled=False), event("2026-03-02 10:00"))) == 1


def test_every_week_is_counted_in_the_readers_time() -> None:
    asks = watch(timezone="America/New_York")
    moments = ("2026-12-20 10:00", "2026-12-21 04:00", "2027-01-08 10:00")
    past = [(event(moment), MEKONG) for moment in moments]
    counts = (("2026-W51", 2), ("2026-W52", 0), ("2026-W53", 0), ("2027-W01", 1))
    assert by_week(asks, dry_run(asks, past, GROUP)) == counts
    assert by_week(asks, ()) == ()
