"""Tests of checks that only delay an event: clocks, lost characters, missing texts."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from samples import FEED_URL, NOON, REST_URL, Piece, record, rest, rss, settings, warc

from scraper.clock import SimulatedClock
from scraper.model import Event, EventKind, PublicationState
from scraper.pipeline.import_files import import_files
from scraper.store import EventFilter, Store

if TYPE_CHECKING:
    from pathlib import Path

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG = (
    "The United States gives 40 lamps and $58 million to the keepers of Harbour, who have waited since the storm.",
    *(
        f"Keeper {n} said that each of the lamps of pier {n} will be lit before the winter of that year."
        for n in "abcdef"
    ),
)
OLD = Piece(1, body=LONG, modified_at=None)
NEW = OLD.but(body=(LONG[0].replace("$58", "$28"), *LONG[1:]))
JSON = (("Content-Type", "application/json"),)
OTHER_FEED = "https://www.state.gov/rss-feed/other/feed/"
K = EventKind


class Polls:
    """Answers of the feed, in the order in which they are imported."""

    def __init__(self, store: Store, tmp_path: Path) -> None:
        self.store, self.path, self.records = store, tmp_path / "x.warc.gz", list[bytes]()

    def feed(self, hours: float, *pieces: Piece, built: datetime | None, url: str = FEED_URL, **change: Any) -> None:
        body = rss(*pieces, Piece(9), built=built)
        for pattern, text in change.items():
            body = re.sub(PATTERNS[pattern], text, body, count=1, flags=re.DOTALL)
        self.records.append(record(NOON + hours * HOUR, body, url))

    def reported(self) -> list[Event]:
        import_files(
            [warc(self.path, *self.records)],
            store=self.store,
            settings=settings(),
            clock=SimulatedClock(NOON + 365 * DAY),
        )
        found = self.store.events.find(EventFilter())
        return [event for event in found if event.kind is not K.PUBLISHED]


PATTERNS = {
    "text": rb"<content:encoded>.*?</content:encoded>",
    "title": rb"(?<=<item>)<title>.*?</title>",
}


@pytest.fixture
def polled(store: Store, tmp_path: Path) -> Polls:
    """The feed at noon, then polls that the test adds."""
    polls = Polls(store, tmp_path)
    polls.feed(0, OLD, built=NOON)
    return polls


def kinds(events: list[Event]) -> list[EventKind]:
    return [event.kind for event in events]


# Clocks


@pytest.mark.parametrize("ahead", [timedelta(seconds=1), 2 * HOUR, 20 * DAY])
def test_a_feed_date_in_the_future_of_its_capture_is_ignored(polled: Polls, ahead: timedelta) -> None:
    polled.feed(1, OLD, built=NOON + HOUR + ahead)
    polled.feed(2, NEW, built=NOON + 2 * HOUR - timedelta(minutes=1))
    (event,) = polled.reported()
    assert (event.kind, event.at) == (K.REVISED, NOON + 2 * HOUR)


def test_a_stored_clock_in_the_future_is_ignored(polled: Polls) -> None:
    polled.reported()
    with polled.store.unit():
        polled.store.endpoints.set_clock(FEED_URL, NOON + 30 * DAY)
        polled.store.database.execute("UPDATE statements SET clock_at = '2027-01-01T00:00:00Z'")
    polled.feed(2, NEW, built=NOON + HOUR)
    assert kinds(polled.reported()) == [K.REVISED]


def test_a_new_wording_under_an_old_clock_is_reported_after_a_day(polled: Polls) -> None:
    for hours in (5, 20, 28, 30, 40, 90):
        polled.feed(hours, NEW, built=NOON - HOUR)
    (event,) = polled.reported()
    assert (event.kind, event.at) == (K.REVISED, NOON + 30 * HOUR)
    assert event.reason_texts[0] == "held back: 4 checks since 2026-03-02 17:00 UTC"


def test_an_earlier_wording_under_an_old_clock_is_a_stale_cache_for_ever(polled: Polls) -> None:
    polled.feed(1, NEW, built=NOON + HOUR)
    for hours in range(2, 200, 12):
        polled.feed(hours, OLD, built=NOON)
    assert [event.at for event in polled.reported()] == [NOON + HOUR]


def test_a_new_wording_that_a_newer_clock_contradicts_is_a_stale_cache(polled: Polls) -> None:
    for hours in range(1, 100, 6):
        polled.feed(hours, NEW, built=NOON - HOUR, url=OTHER_FEED)
        polled.feed(hours + 3, OLD, built=NOON + (hours + 3) * HOUR)
    assert polled.reported() == []


def test_two_checks_and_checks_within_a_day_release_nothing(polled: Polls) -> None:
    for hours in (1, 2, 3, 4, 23):
        polled.feed(hours, NEW, built=NOON - HOUR)
    assert polled.reported() == []


# Lost characters


def lost(piece: Piece, word: str, damaged: str) -> Piece:
    return piece.but(body=tuple(p.replace(word, damaged) for p in piece.body))


@pytest.mark.parametrize("damaged", ["kee\ufffdpers", "\ufffd\ufffdepers", "k\ufffdepers"])
def test_a_change_beside_lost_characters_is_reported_after_a_day(polled: Polls, damaged: str) -> None:
    for hours in (6, 18, 30, 42, 54):
        polled.feed(hours, lost(NEW, "keepers", damaged), built=NOON + hours * HOUR)
    (event,) = polled.reported()
    assert (event.kind, event.at) == (K.REVISED, NOON + 30 * HOUR)
    assert [str(reason) for reason in event.reasons[1:]] == ["amount: $58 million → $28 million"]


def test_lost_characters_alone_are_no_change_however_long(polled: Polls) -> None:
    for hours in range(1, 100, 9):
        polled.feed(hours, lost(lost(OLD, "e", "\ufffd"), "40", "4\ufffd?"), built=NOON + hours * HOUR)
    assert polled.reported() == []
    assert polled.store.statements.by_guid(OLD.guid).last_seen_at == NOON + 91 * HOUR  # type: ignore[union-attr]


# Texts that are not there

BLANK = b"<content:encoded></content:encoded>"
FILE = (
    b"<content:encoded><![CDATA[<object data='/x.pdf'></object><p><a href='/x.pdf'>Lamps</a></p>]]></content:encoded>"
)
FRAME = b"<content:encoded><![CDATA[<iframe src='https://docs.example/x'></iframe>]]></content:encoded>"
FORM = b"<content:encoded><![CDATA[<p>This content is password protected.</p>]]></content:encoded>"


@pytest.mark.parametrize(("text", "after"), [(BLANK, "blank"), (FILE, "file"), (FRAME, "file"), (FORM, "locked")])
def test_a_text_that_is_gone_for_a_day_is_reported_once_and_its_return_too(
    polled: Polls, text: bytes, after: str
) -> None:
    for hours in (6, 18, 30, 42, 54):
        polled.feed(hours, OLD, built=NOON + hours * HOUR, text=text)
    polled.feed(60, OLD, built=NOON + 60 * HOUR)
    withdrawn, restored = polled.reported()
    assert (withdrawn.kind, withdrawn.at, withdrawn.after) == (K.WITHDRAWN, NOON + 30 * HOUR, after)
    assert "3 checks since 2026-03-02 18:00 UTC" in withdrawn.reason_texts[0]
    assert (restored.kind, restored.at) == (K.RESTORED, NOON + 60 * HOUR)
    (statement, _) = polled.store.statements.find()
    assert (statement.revisions, statement.state) == (1, PublicationState.CURRENT)


def test_a_text_that_another_endpoint_shows_is_not_gone(polled: Polls) -> None:
    for hours in range(1, 100, 6):
        polled.feed(hours, OLD, built=NOON + hours * HOUR, text=BLANK)
        at = NOON + (hours + 1) * HOUR
        polled.records.append(record(at, rest(OLD), REST_URL, headers=JSON))
    assert K.WITHDRAWN not in kinds(polled.reported())


def test_a_list_without_any_text_proves_no_missing_text(polled: Polls) -> None:
    for hours in range(1, 100, 6):
        body = re.sub(PATTERNS["text"], BLANK, rss(OLD, Piece(9), built=NOON + hours * HOUR), flags=re.DOTALL)
        polled.records.append(record(NOON + hours * HOUR, body))
    assert polled.reported() == []


# Titles that are none


@pytest.mark.parametrize("title", [b"", b"Auto Draft", b"(no title)", b"Protected: Lamps for Harbour 1"])
def test_a_title_that_is_none_changes_nothing_and_the_text_still_counts(polled: Polls, title: bytes) -> None:
    polled.feed(1, OLD, built=NOON + HOUR, title=b"<title>" + title + b"</title>")
    polled.feed(2, NEW, built=NOON + 2 * HOUR, title=b"<title>" + title + b"</title>")
    assert kinds(polled.reported()) == [K.REVISED]
    assert polled.store.statements.by_guid(OLD.guid).title == OLD.title  # type: ignore[union-attr]


def test_a_title_that_comes_after_all_is_no_retitling(store: Store, tmp_path: Path) -> None:
    polls = Polls(store, tmp_path)
    polls.feed(0, OLD, built=NOON, title=b"<title></title>")
    polls.feed(1, OLD, built=NOON + HOUR)
    assert polls.reported() == []
    assert store.statements.by_guid(OLD.guid).title == OLD.title  # type: ignore[union-attr]


def test_a_locked_post_is_not_published(store: Store, tmp_path: Path) -> None:
    polls = Polls(store, tmp_path)
    polls.feed(0, OLD, built=NOON, title=b"<title>Protected: Lamps</title>", text=FORM)
    polls.feed(1, OLD, built=NOON + HOUR)
    polls.reported()
    published = [event for event in store.events.find(EventFilter()) if event.kind is K.PUBLISHED]
    assert [event.at for event in published if event.guid == OLD.guid] == [NOON + HOUR]
