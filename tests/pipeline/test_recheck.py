"""Tests of rechecks at statements' own URLs: withdrawals, and responses that prove nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from samples import BLOCK_PAGE, FEED_URL, NOON, NOT_FOUND, REST_URL, Piece, article, rest, rss, settings, source

from scraper import parsers
from scraper.config.settings import Endpoint
from scraper.model import EndpointKind, EventKind, PublicationState, Role
from scraper.pipeline import list_urls, recheck
from scraper.pipeline.crawl_state import STATEMENT_RECHECKS_PER_RUN
from scraper.rules.withdrawal import Confirmation, ConfirmationSource
from scraper.store import EventFilter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Watch

    from scraper.pipeline.batch import CapturedReading

REST = list_urls.first_url(EndpointKind.WORDPRESS, REST_URL)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PIECE, OTHER = Piece(1), Piece(2)
K = EventKind


@pytest.fixture
def listed(watch: Watch) -> Watch:
    """A statement that the feed carried at noon, and that has left it since; its own page is there."""
    watch.source = source(endpoints=(Endpoint(kind=EndpointKind.FEED, url=FEED_URL),))
    watch.site.says(FEED_URL, rss(PIECE))
    watch.site.says(PIECE.url, article(PIECE))
    watch.site.says(OTHER.url, article(OTHER))
    watch.run()
    leave(watch)
    return watch


def leave(watch: Watch) -> None:
    watch.site.says(FEED_URL, rss(OTHER, built=watch.clock.now()))


def reported_kinds(watch: Watch, *, runs: int, every: timedelta) -> list[EventKind]:
    """Return the kinds of events about statement 1 in some runs."""
    events = [event for _ in range(runs) for event in watch.after(every).events]
    return [event.kind for event in events if event.guid == PIECE.guid]


def state(watch: Watch) -> PublicationState:
    statement = watch.store.statements.by_guid(PIECE.guid)
    assert statement is not None
    return statement.state


def test_an_unchanged_page_is_rechecked_ever_more_rarely(listed: Watch) -> None:
    was_fetched = []
    for _ in range(24 * 4):
        listed.after(HOUR)
        was_fetched.append(PIECE.url in listed.asked)
    assert 4 <= sum(was_fetched) <= 8
    assert sum(was_fetched[:24]) > sum(was_fetched[24:])
    assert listed.kinds(news=True) == [K.PUBLISHED]


def test_known_statements_are_left_alone_where_the_day_is_nearly_spent(listed: Watch) -> None:
    # Seven requests a day: robots.txt and the feed at noon, then the feed; from the fifth on, none for what is known.
    listed.settings = settings(requests_per_day=7)
    asked = []
    for _ in range(6):
        report = listed.after(HOUR + HOUR / 2)
        asked.append((PIECE.url in listed.asked, report.served_by is not None, report.is_good))
    assert [was_fetched for was_fetched, _, _ in asked].count(True) == 1
    assert asked[-1] == (False, False, True)  # nothing more today, and no trouble of the source
    listed.after(6 * HOUR)
    assert PIECE.url in listed.asked


def test_gone_three_times_over_a_day_is_withdrawn_once(listed: Watch) -> None:
    listed.site.says(PIECE.url, NOT_FOUND, 404)
    begin = listed.clock.now()
    events = [event for _ in range(24 * 4) for event in listed.after(2 * HOUR).events if event.guid == PIECE.guid]
    (event,) = events
    assert (event.kind, event.after, event.title) == (K.WITHDRAWN, "gone", PIECE.title)
    assert event.at - begin >= DAY
    assert "3 checks since" in event.reason_texts[0]
    assert state(listed) is PublicationState.WITHDRAWN


def test_a_list_with_damaged_characters_still_names_the_statement(listed: Watch) -> None:
    listed.site.says(PIECE.url, NOT_FOUND, 404)
    for _ in range(24 * 3):
        damaged = PIECE.but(body=(*PIECE.body[:-1], f"{PIECE.body[-1]} \ufffd"))
        listed.site.says(FEED_URL, rss(damaged, built=listed.clock.now()))
        assert [event for event in listed.after(2 * HOUR).events if event.guid == PIECE.guid] == []
    assert state(listed) is PublicationState.CURRENT


def test_a_statement_that_comes_back_is_restored(listed: Watch) -> None:
    listed.site.says(PIECE.url, NOT_FOUND, 410)
    assert reported_kinds(listed, runs=12, every=12 * HOUR) == [K.WITHDRAWN]
    listed.site.says(PIECE.url, article(PIECE))
    assert reported_kinds(listed, runs=3, every=31 * DAY) == [K.RESTORED]
    assert state(listed) is PublicationState.CURRENT


def test_a_page_that_answers_in_between_clears_the_count(listed: Watch) -> None:
    for _ in range(4):
        listed.site.says(PIECE.url, NOT_FOUND, 404)
        assert reported_kinds(listed, runs=1, every=31 * DAY) == []
        assert PIECE.url in listed.asked
        listed.site.says(PIECE.url, article(PIECE))
        assert reported_kinds(listed, runs=1, every=31 * DAY) == []
        assert PIECE.url in listed.asked


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (BLOCK_PAGE, 200),
        (BLOCK_PAGE, 403),
        (b"Internal Server Error", 500),
        (b"<html><head><title>Down for maintenance</title></head><body></body></html>", 200),
        (b"<html><head><title>New look</title></head><body><div class='x'>All is new.</div></body></html>", 200),
        (b"", 200),
        (article(Piece(9, title="Quite another statement", published_at=NOON - timedelta(days=400))), 200),
    ],
)
def test_a_response_that_is_neither_page_nor_absence_proves_nothing(listed: Watch, body: bytes, status: int) -> None:
    # Such an answer between two misses neither counts nor clears the count.
    for answer in ((NOT_FOUND, 404), (body, status), (body, status), (NOT_FOUND, 404)):
        listed.site.says(PIECE.url, *answer)
        assert reported_kinds(listed, runs=1, every=13 * HOUR) == []
        assert PIECE.url in listed.asked
        assert state(listed) is PublicationState.CURRENT
    listed.site.says(PIECE.url, NOT_FOUND, 404)
    assert reported_kinds(listed, runs=1, every=13 * HOUR) == [K.WITHDRAWN]


def test_a_page_that_never_answers_is_never_withdrawn(listed: Watch) -> None:
    listed.site.is_silent(PIECE.url)
    assert reported_kinds(listed, runs=20, every=12 * HOUR) == []


def test_a_statement_that_a_list_still_names_is_not_withdrawn_however_rarely_it_is_asked(listed: Watch) -> None:
    listed.site.says(PIECE.url, NOT_FOUND, 404)
    for _ in range(6):
        # One run in two days: what the list says now counts, not when it was seen before.
        listed.clock.sleep(2 * DAY.total_seconds())
        listed.site.says(FEED_URL, rss(PIECE, OTHER, built=listed.clock.now()))
        assert [event.kind for event in listed.run().events if event.guid == PIECE.guid] == []
    assert state(listed) is PublicationState.CURRENT


def test_an_edit_of_the_page_alone_is_a_revision(listed: Watch) -> None:
    assert reported_kinds(listed, runs=1, every=2 * HOUR) == []  # the first fetch of the page is its baseline
    listed.site.says(PIECE.url, article(PIECE.but(body=("Nothing is given.",))))
    assert reported_kinds(listed, runs=1, every=DAY) == [K.REVISED]


def test_a_run_has_a_limit_of_rechecks(watch: Watch) -> None:
    watch.source = source(endpoints=(Endpoint(kind=EndpointKind.FEED, url=FEED_URL),))
    pieces = [Piece(n) for n in range(1, 16)]
    watch.site.says(FEED_URL, rss(*pieces))
    for piece in pieces:
        watch.site.says(piece.url, article(piece))
    watch.run()
    watch.after(2 * HOUR)
    assert len(watch.asked) == 1 + STATEMENT_RECHECKS_PER_RUN
    watch.after(HOUR / 60)
    assert len(watch.asked) == 1 + 15 - STATEMENT_RECHECKS_PER_RUN


def test_a_mirror_and_a_walk_recheck_nothing(listed: Watch) -> None:
    listed.after(2 * DAY, since=NOON - DAY)
    assert PIECE.url not in listed.asked
    listed.source = source(role=Role.MIRROR, endpoints=listed.source.endpoints)
    listed.after(2 * DAY)
    assert PIECE.url not in listed.asked


def test_a_statement_that_moved_to_an_archive_is_not_withdrawn(listed: Watch) -> None:
    old = Piece(3, published_at=datetime(2019, 5, 6, 15, 0, tzinfo=UTC))
    listed.site.says(FEED_URL, rss(old, built=listed.clock.now()))
    listed.run()
    leave(listed)
    archived = old.url.replace("www.state.gov", "2017-2021.state.gov")
    listed.site.says(old.url, NOT_FOUND, 404)
    listed.site.says(archived, article(old).replace(old.url.encode(), archived.encode()))
    events = [event for _ in range(12) for event in listed.after(12 * HOUR).events if event.guid == old.guid]
    assert [(event.kind, event.before, event.after) for event in events] == [(K.MOVED, old.url, archived)]
    statement = listed.store.statements.by_guid(old.guid)
    assert statement is not None
    assert (statement.state, statement.url) == (PublicationState.CURRENT, archived)
    assert [event.kind for _ in range(4) for event in listed.after(31 * DAY).events] == []


@pytest.fixture
def old(listed: Watch) -> Piece:
    """A statement of an archive's time that is gone from its address."""
    piece = Piece(3, published_at=datetime(2019, 5, 6, 15, 0, tzinfo=UTC))
    listed.site.says(FEED_URL, rss(piece, built=listed.clock.now()))
    listed.run()
    leave(listed)
    listed.site.says(piece.url, NOT_FOUND, 404)
    return piece


def archived(piece: Piece) -> str:
    return piece.url.replace("www.state.gov", "2017-2021.state.gov")


def test_while_its_archive_cannot_be_asked_nothing_is_withdrawn(listed: Watch, old: Piece) -> None:
    events = [event for _ in range(6) for event in listed.after(12 * HOUR).events if event.guid == old.guid]
    assert events == []
    assert archived(old) in listed.asked
    url = archived(old)
    listed.site.says(url, article(old).replace(old.url.encode(), url.encode()))
    events = [event for event in listed.after(HOUR).events if event.guid == old.guid]
    assert [(event.kind, event.after) for event in events] == [(K.MOVED, url)]


def test_an_archive_that_never_answers_holds_a_withdrawal_up_for_three_days(listed: Watch, old: Piece) -> None:
    begin = listed.clock.now()
    events = [event for _ in range(10) for event in listed.after(12 * HOUR).events if event.guid == old.guid]
    (event,) = events
    assert event.kind is K.WITHDRAWN
    assert event.at - begin >= 3 * DAY
    assert event.reason_texts[-1] == "the archive 2017-2021.state.gov gave no answer (connect)"


@pytest.mark.parametrize("at_first", [None, NOT_FOUND])
def test_a_withdrawn_statement_that_an_archive_adds_later_has_moved(
    listed: Watch, old: Piece, at_first: bytes | None
) -> None:
    url = archived(old)
    if at_first:
        listed.site.says(url, at_first)
    events = [event.kind for _ in range(10) for event in listed.after(12 * HOUR).events if event.guid == old.guid]
    assert events == [K.WITHDRAWN]
    listed.site.says(url, article(old).replace(old.url.encode(), url.encode()))
    events = [event for _ in range(4) for event in listed.after(10 * DAY).events if event.guid == old.guid]
    assert [(event.kind, event.before, event.after, event.reason_texts) for event in events] == [
        (K.MOVED, old.url, url, ("it was reported as withdrawn",))
    ]
    statement = listed.store.statements.by_guid(old.guid)
    assert statement is not None
    assert (statement.state, statement.url) == (PublicationState.CURRENT, url)
    kinds = {event.kind for event in listed.store.events.find(EventFilter(statement_id=statement.id))}
    assert kinds == {K.PUBLISHED, K.WITHDRAWN, K.MOVED}


def test_an_archive_that_has_it_not_holds_up_nothing(listed: Watch, old: Piece) -> None:
    listed.site.says(archived(old), NOT_FOUND)
    begin = listed.clock.now()
    (event,) = (event for _ in range(6) for event in listed.after(12 * HOUR).events if event.guid == old.guid)
    assert event.kind is K.WITHDRAWN
    assert event.at - begin < 2 * DAY


def test_after_a_fallback_the_rest_api_counts_again(watch: Watch) -> None:
    watch.site.says(REST, rest(PIECE))
    watch.site.says(PIECE.url, article(PIECE))
    watch.run()
    watch.site.says(REST, BLOCK_PAGE)
    watch.site.says(FEED_URL, rss(PIECE, built=NOON + HOUR / 2))
    watch.after(HOUR / 2)
    watch.site.says(REST, rest(PIECE))
    watch.site.says(PIECE.url, NOT_FOUND, 404)
    # The feed's own clock ran on while the interface's stands where the last edit was: neither is behind.
    assert [event.kind for _ in range(12) for event in watch.after(12 * HOUR).events] == [K.RECOVERED]
    assert watch.only().last_seen_at > watch.clock.now() - HOUR


# The second path: the REST API, by number

SINGLE = parsers.post_url(REST_URL, PIECE.guid) or ""
NO_SUCH_POST = b'{"code": "rest_post_invalid_id", "message": "Invalid post ID.", "data": {"status": 404}}'
NO_ROUTE = b'{"code": "rest_no_route", "message": "No route was found.", "data": {"status": 404}}'
LOCKED = b'{"code": "rest_forbidden", "message": "Sorry, you are not allowed to do that.", "data": {"status": 401}}'


def one(piece: Piece, **changes: object) -> bytes:
    (post,) = json.loads(rest(piece))
    return json.dumps(post | changes).encode()


@pytest.fixture
def ill(listed: Watch) -> Watch:
    """The page of statement 1 is gone; the site has a data interface, which another source knows."""
    listed.settings = settings(listed.source, source(name="rest"))
    listed.site.says(PIECE.url, NOT_FOUND, 404)
    return listed


def test_a_statement_that_the_rest_api_still_has_is_not_withdrawn(ill: Watch) -> None:
    ill.site.says(SINGLE, one(PIECE))
    assert reported_kinds(ill, runs=12, every=12 * HOUR) == []
    assert state(ill) is PublicationState.CURRENT
    ill.site.says(SINGLE, NO_SUCH_POST, 404)
    assert reported_kinds(ill, runs=40, every=12 * HOUR) == [K.WITHDRAWN]


@pytest.mark.parametrize(("body", "status"), [(NO_SUCH_POST, 404), (one(PIECE, status="draft"), 200)])
def test_a_statement_that_the_rest_api_also_lacks_is_withdrawn(ill: Watch, body: bytes, status: int) -> None:
    ill.site.says(SINGLE, body, status)
    events = [event for _ in range(6) for event in ill.after(12 * HOUR).events if event.kind is K.WITHDRAWN]
    assert [event.reason_texts[1:] for event in events] == [("the REST API no longer lists it",)]


@pytest.mark.parametrize(
    ("body", "status"),
    [(BLOCK_PAGE, 403), (LOCKED, 401), (NO_ROUTE, 404), (NOT_FOUND, 404), (one(OTHER), 200), (b"[]", 200)],
)
def test_without_a_usable_answer_of_the_rest_api_the_page_decides(ill: Watch, body: bytes, status: int) -> None:
    ill.site.says(SINGLE, body, status)
    events = [event for _ in range(6) for event in ill.after(12 * HOUR).events if event.guid == PIECE.guid]
    assert [event.kind for event in events] == [K.WITHDRAWN]
    assert events[0].reason_texts[1].startswith("the REST API gave no answer (")
    assert events[0].reason_texts[2] == "its page, fetched a second time, no longer lists it"
    other = ill.store.statements.by_guid(OTHER.guid)
    assert other is not None
    assert other.revisions == 1


def test_the_rest_api_is_asked_only_before_a_withdrawal_is_reported(ill: Watch) -> None:
    ill.site.says(SINGLE, NO_SUCH_POST, 404)
    asked = 0
    for _ in range(20):
        ill.after(6 * HOUR)
        asked += SINGLE in ill.asked
    assert asked == 1


@pytest.mark.parametrize(
    ("guid", "path"),
    [
        ("https://www.state.gov/?post_type=state_press_release&p=12", "/wp-json/wp/v2/state_press_release/12"),
        ("https://www.state.gov/?post_type=state_briefing&p=12", None),
        ("https://www.state.gov/?p=12", None),
        ("https://other.example/?post_type=state_press_release&p=12", None),
        ("https://www.state.gov/?post_type=state_press_release&p=x", None),
        ("https://www.state.gov/lamps/", None),
    ],
)
def test_a_guid_names_a_post_of_one_collection(guid: str, path: str | None) -> None:
    found = parsers.post_url(REST_URL, guid)
    assert (urlsplit(found).path if found else None) == path


def test_plain_posts_and_pages_have_collections_of_their_own() -> None:
    base = "https://www.state.gov/wp-json/wp/v2"
    assert (parsers.post_url(f"{base}/posts", "https://www.state.gov/?p=7") or "").startswith(f"{base}/posts/7?")
    assert (parsers.post_url(f"{base}/pages/", "https://state.gov/?page_id=7") or "").startswith(f"{base}/pages/7?")


def test_without_a_second_path_nothing_is_reported_and_the_recheck_is_repeated_soon(
    ill: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> Iterator[CapturedReading]:
        yield from ()
        return [ConfirmationSource("its page", Confirmation.UNKNOWN)]

    monkeypatch.setattr(recheck, "_confirmations", unknown)
    assert reported_kinds(ill, runs=6, every=12 * HOUR) == []
    assert state(ill) is PublicationState.CURRENT
    asked = []
    for _ in range(3):
        ill.after(HOUR)
        asked.append(PIECE.url in ill.asked)
    assert asked == [True, True, True]
