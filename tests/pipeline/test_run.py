"""Tests of runs of a source against recorded responses: news, incidents, and neither."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fakes import standing
from samples import (
    BLOCK_PAGE,
    FEED_URL,
    LIST_URL,
    NOON,
    NOT_FOUND,
    REST_URL,
    Piece,
    article,
    listing,
    redesigned,
    rest,
    rss,
    settings,
    source,
)

from scraper.config.settings import Endpoint
from scraper.errors import StoreError
from scraper.model import EndpointKind, EventKind, Grade, Outcome, PublicationState, Role
from scraper.pipeline import list_urls

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Watch

    from scraper.store import Store

REST = list_urls.first_url(EndpointKind.WORDPRESS, REST_URL)
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
K = EventKind


def only_feed() -> object:
    return source(endpoints=(Endpoint(kind=EndpointKind.FEED, url=FEED_URL),))


def only_list() -> object:
    return source(endpoints=(Endpoint(kind=EndpointKind.LISTING, url=LIST_URL),))


@pytest.fixture
def fed(watch: Watch) -> Watch:
    """A watch over the feed alone, which has carried statements 1 and 2 since noon."""
    watch.source = only_feed()  # type: ignore[assignment]
    watch.site.says(FEED_URL, rss(Piece(1), Piece(2)))
    watch.run()
    return watch


# News


def test_the_first_fill_is_history_and_what_comes_later_is_news(watch: Watch) -> None:
    watch.site.says(REST, rest(Piece(1), Piece(2)))
    first = watch.run()
    assert (first.served_by, first.items, first.captures, first.problems) == (REST_URL, 2, 1, ())
    assert [(event.kind, event.backfill) for event in first.events] == [(K.PUBLISHED, True)] * 2
    watch.site.says(REST, rest(Piece(3, published_at=NOON), Piece(1), Piece(2)))
    second = watch.after(QUARTER)
    assert [(event.kind, event.backfill, event.title) for event in second.events] == [
        (K.PUBLISHED, False, "Lamps for Harbour 3")
    ]
    assert watch.after(QUARTER).events == ()


def test_the_state_of_the_source_is_kept(watch: Watch, store: Store) -> None:
    watch.site.says(REST, rest(Piece(1), Piece(2)))
    report = watch.run()
    state = store.sources.get("state", Role.CANONICAL)
    assert (state.first_filled_at, state.last_attempt_at, state.last_success_at) == (report.at,) * 3
    assert (state.last_items, state.serving, state.failures, state.incident) == (2, REST_URL, 0, None)
    assert state.next_due_at is not None
    assert timedelta(minutes=13) < state.next_due_at - report.at <= watch.source.every


def test_an_edit_is_a_revision_with_its_grade_and_reasons(fed: Watch) -> None:
    edited = Piece(1).but(body=(Piece(1).body[0].replace("gives 1 lamps", "gives 7 lamps"), Piece(1).body[1]))
    fed.site.says(FEED_URL, rss(edited, Piece(2), built=NOON + HOUR))
    (event,) = fed.after(HOUR).events
    assert (event.kind, event.grade, event.guid) == (K.REVISED, Grade.MATERIAL, Piece(1).guid)
    assert event.reason_texts
    assert (event.before, event.after) == ("1", "7")


def test_unchanged_answers_cost_one_conditional_request(fed: Watch, store: Store) -> None:
    fed.site.says(FEED_URL, rss(Piece(1), Piece(2), built=NOON + HOUR), etag='"v1"')
    assert fed.after(HOUR).attempts[0].outcome is Outcome.OK
    report = fed.after(HOUR)
    assert [attempt.outcome for attempt in report.attempts] == [Outcome.NOT_MODIFIED]
    assert (report.served_by, report.items, report.events, report.is_good) == (FEED_URL, 0, (), True)
    assert store.sources.get("state", Role.CANONICAL).last_items == 2
    outcomes = {fed.after(QUARTER).attempts[0].outcome for _ in range(25)}
    assert outcomes == {Outcome.OK, Outcome.NOT_MODIFIED}  # now and then the whole document all the same


def test_a_stale_poll_revises_nothing_and_brings_what_was_never_seen(fed: Watch) -> None:
    edited = Piece(1).but(body=("Nothing is given.", "Nothing at all."))
    fed.site.says(FEED_URL, rss(edited, Piece(2), built=NOON + HOUR), etag='"new"')
    assert [event.kind for event in fed.after(HOUR).events] == [K.REVISED]
    fed.site.says(FEED_URL, rss(Piece(1), Piece(2), Piece(9), built=NOON), etag='"old"')
    report = fed.after(HOUR)
    assert [(event.kind, event.guid) for event in report.events] == [(K.PUBLISHED, Piece(9).guid)]
    known = fed.store.statements.by_guid(Piece(1).guid)
    assert known is not None
    assert (known.revision, known.revisions) == (2, 2)
    assert fed.store.endpoints.validators(FEED_URL).etag is None  # of a stale answer nothing is remembered


def test_leaving_the_feed_is_no_withdrawal(fed: Watch) -> None:
    fed.site.says(FEED_URL, rss(Piece(2), built=NOON + HOUR))
    assert fed.after(HOUR).events == ()


# A list that overflowed, and a walk through the past


MODIFIED = list_urls.modified_url(EndpointKind.WORDPRESS, REST_URL) or ""


def page(number: int) -> str:
    return f"{REST}&page={number}"


def pages(*lots: list[Piece]) -> dict[str, bytes]:
    return {REST if number == 1 else page(number): rest(*lot) for number, lot in enumerate(lots, start=1)}


def test_the_first_fill_begins_with_the_present_and_later_runs_go_on_while_all_is_news(watch: Watch) -> None:
    lots = [[Piece(n) for n in range(10 * lot, 10 * lot + 5)] for lot in range(1, 5)]
    for url, body in pages(lots[3], lots[2]).items():
        watch.site.says(url, body, x_wp_totalpages="2")
    assert watch.run().items == 5
    for url, body in pages(lots[0], lots[1], [*lots[2][:2], *lots[3][:1]], lots[3]).items():
        watch.site.says(url, body, x_wp_totalpages="4")
    report = watch.after(HOUR)
    # The third page ends with what was on the first one before, so the fourth is not asked for.
    assert [url for url in watch.asked if url.startswith(REST_URL)] == [REST, page(2), page(3), MODIFIED]
    assert sum(event.kind is K.PUBLISHED for event in report.events) == 12


def test_a_known_item_on_top_does_not_end_the_list(watch: Watch) -> None:
    pinned, old = Piece(99), [Piece(n) for n in (2, 1)]
    watch.site.says(REST, rest(pinned, *old))
    watch.run()
    news = [Piece(n) for n in range(20, 10, -1)]
    for url, body in pages([pinned, *news[:5]], news[5:], old).items():
        watch.site.says(url, body, x_wp_totalpages="3")
    watch.site.says(MODIFIED, rest(*news[:5]))
    watch.after(HOUR)
    assert [url for url in watch.asked if url.startswith(REST_URL)] == [REST, page(2), page(3), MODIFIED]
    assert watch.store.statements.count() == 13
    watch.after(HOUR)
    assert [url for url in watch.asked if url.startswith(REST_URL)] == [REST, MODIFIED]


def test_the_walk_ends_at_a_page_of_which_all_is_stored_though_its_end_moved(watch: Watch) -> None:
    for pieces in ((Piece(2), Piece(1)), (Piece(3), Piece(2))):
        watch.site.says(REST, rest(*pieces))
        watch.after(HOUR)
    # What the run before saw has left the list.
    for url, body in pages([Piece(5)], [Piece(4)], [Piece(1)]).items():
        watch.site.says(url, body, x_wp_totalpages="9")
    watch.site.says(MODIFIED, rest(Piece(4)))
    watch.after(HOUR)
    asked = [url for url in watch.asked if url.startswith(REST_URL)]
    assert asked == [REST, page(2), page(3), MODIFIED]


def test_a_statement_published_under_an_old_date_is_found(watch: Watch) -> None:
    watch.site.says(REST, rest(Piece(9), Piece(8)))
    watch.run()
    backdated = Piece(5).but(published_at=NOON - 400 * DAY)
    watch.site.says(MODIFIED, rest(backdated, Piece(9)))
    report = watch.after(HOUR)
    assert [(event.kind, event.guid) for event in report.events] == [(K.PUBLISHED, backdated.guid)]


def test_the_rest_of_a_limited_list_is_named_and_read_in_the_next_run(watch: Watch) -> None:
    watch.settings = settings(max_pages_per_run=3)
    watch.site.says(REST, rest(Piece(1)))
    watch.site.says(MODIFIED, rest(Piece(1)))
    watch.run()
    lots = [[Piece(n)] for n in range(20, 12, -1)] + [[Piece(1)]]
    for url, body in pages(*lots).items():
        watch.site.says(url, body, x_wp_totalpages=str(len(lots)))
    report = watch.after(HOUR)
    assert any(problem.url == page(4) and "next run" in problem.problem for problem in report.problems)
    known = [watch.store.statements.count()]
    for _ in range(4):
        report = watch.after(HOUR)
        known.append(watch.store.statements.count())
    assert known == [4, 6, 8, 9, 9]
    assert not any("next run" in problem.problem for problem in report.problems)


def test_a_walk_goes_back_to_its_day_in_several_units_and_is_history(watch: Watch) -> None:
    watch.source = only_list()  # type: ignore[assignment]
    pieces = [Piece(n, published_at=NOON - n * DAY) for n in range(1, 81)]
    for lot in range(8):
        url = LIST_URL if lot == 0 else f"{LIST_URL}page/{lot + 1}/"
        following = f"{LIST_URL}page/{lot + 2}/" if lot < 7 else ""
        watch.site.says(url, listing(*pieces[10 * lot : 10 * lot + 10], next_url=following))
    for piece in pieces:
        watch.site.says(piece.url, article(piece))
    assert watch.run().items == 10
    assert watch.store.statements.count() == 10
    since = NOON.replace(hour=0) - 58 * DAY
    report = watch.after(HOUR, since=since)
    assert watch.store.statements.count() == 58
    assert f"{LIST_URL}page/8/" not in watch.asked  # the seventh has nothing young enough any more
    assert report.captures == 7 + 48
    assert watch.kinds(news=True) == []
    assert report.problems == ()
    assert watch.after(HOUR, since=since).captures == 7


def test_statements_of_a_walk_published_after_monitoring_began_are_news(watch: Watch) -> None:
    watch.source = only_list()  # type: ignore[assignment]
    watch.site.says(LIST_URL, listing(Piece(1)))
    watch.site.says(Piece(1).url, article(Piece(1)))
    watch.run()
    new, old = Piece(2, published_at=NOON + 2 * DAY), Piece(3, published_at=NOON - 9 * DAY)
    watch.site.says(LIST_URL, listing(new, Piece(1), old))
    for piece in (new, old):
        watch.site.says(piece.url, article(piece))
    report = watch.after(3 * DAY, since=NOON - 30 * DAY)
    assert {event.guid: event.backfill for event in report.events} == {new.guid: False, old.guid: True}


def test_of_a_list_without_texts_the_pages_are_fetched_once(watch: Watch) -> None:
    watch.source = only_list()  # type: ignore[assignment]
    watch.site.says(LIST_URL, listing(Piece(1), Piece(2), Piece(1)))
    for piece in (Piece(1), Piece(2)):
        watch.site.says(piece.url, article(piece))
    report = watch.run()
    assert watch.asked == [LIST_URL, Piece(2).url, Piece(1).url]
    assert (report.items, report.captures, watch.store.statements.count()) == (3, 3, 2)
    watch.after(QUARTER)
    assert watch.asked == [LIST_URL]
    statement = watch.store.statements.by_guid(Piece(1).guid)
    assert statement is not None
    assert statement.last_seen_at > NOON + QUARTER


def test_a_teaser_in_a_feed_is_not_the_text_of_the_statement(watch: Watch) -> None:
    piece = Piece(1)
    watch.source = source(endpoints=(Endpoint(kind=EndpointKind.FEED, url=FEED_URL),))
    teaser = b"<description>&lt;p&gt;Lamps were given on Monday.&lt;/p&gt;</description>"
    watch.site.says(FEED_URL, re.sub(rb"<content:encoded>.*?</content:encoded>", teaser, rss(piece)))
    watch.site.says(piece.url, article(piece))
    watch.run()
    assert watch.store.statements.text(watch.only()) == "\n\n".join(piece.body)
    assert watch.after(QUARTER).events == ()
    assert watch.asked == [FEED_URL]


def test_of_two_texts_with_the_same_words_in_one_list_the_later_is_the_repost(watch: Watch) -> None:
    watch.source = only_list()  # type: ignore[assignment]
    first, again = Piece(2), Piece(3, "Once more", Piece(2).body)
    for piece in (Piece(1), first, again):
        watch.site.says(piece.url, article(piece))
    watch.site.says(LIST_URL, listing(Piece(1)))
    watch.run()
    watch.site.says(LIST_URL, listing(again, first, Piece(1)))
    events = watch.after(QUARTER).events
    assert watch.asked == [LIST_URL, first.url, again.url]
    assert [(event.kind, event.guid) for event in events] == [
        (EventKind.PUBLISHED, first.guid),
        (EventKind.PUBLISHED, again.guid),
        (EventKind.REPOSTED, again.guid),
    ]


def test_of_two_texts_with_the_same_words_the_one_with_the_later_date_is_the_repost_in_any_order(watch: Watch) -> None:
    watch.source = only_list()  # type: ignore[assignment]
    first = Piece(2, published_at=NOON - DAY)
    again = Piece(3, "Once more", first.body, published_at=NOON)
    for piece in (Piece(1), first, again):
        watch.site.says(piece.url, article(piece))
    watch.site.says(LIST_URL, listing(Piece(1)))
    watch.run()
    watch.site.says(LIST_URL, listing(first, again, Piece(1)))
    events = watch.after(QUARTER).events
    assert watch.asked == [LIST_URL, first.url, again.url]
    assert [event.guid for event in events if event.kind is K.REPOSTED] == [again.guid]


def test_a_run_fetches_only_so_many_pages_and_the_next_one_goes_on_though_the_list_is_unchanged(watch: Watch) -> None:
    watch.source, watch.settings = only_list(), settings(max_pages_per_run=3)  # type: ignore[assignment]
    pieces = [Piece(n) for n in range(1, 6)]
    watch.site.says(LIST_URL, listing(*pieces), etag='"same"')
    for piece in pieces:
        watch.site.says(piece.url, article(piece))
    report = watch.run()
    assert watch.store.statements.count() == 3
    assert any("2 pages wait" in problem for problem in map(str, report.problems))
    watch.after(QUARTER)
    assert watch.store.statements.count() == 5
    assert [attempt.outcome for attempt in watch.after(QUARTER).attempts] == [Outcome.NOT_MODIFIED]


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [(b"Back soon", 503, "error page"), (b"<html><body></body></html>", 200, "unknown structure")],
)
def test_a_problem_of_a_page_names_its_url_once(watch: Watch, body: bytes, status: int, why: str) -> None:
    watch.source = only_list()  # type: ignore[assignment]
    watch.site.says(LIST_URL, listing(Piece(1)))
    watch.site.says(Piece(1).url, body, status)
    [problem] = map(str, watch.run().problems)
    assert problem.count(Piece(1).url) == 1
    assert why in problem


def test_a_page_that_could_not_be_read_is_asked_for_again_though_the_list_is_unchanged(watch: Watch) -> None:
    watch.source = only_list()  # type: ignore[assignment]
    watch.site.says(LIST_URL, listing(Piece(1)), etag='"same"')
    watch.site.says(Piece(1).url, b"<html><body>Back soon</body></html>", 503)
    assert watch.run().problems
    watch.site.says(Piece(1).url, article(Piece(1)))
    watch.after(QUARTER)
    assert watch.only().guid == Piece(1).guid


def test_a_page_that_never_can_be_read_is_asked_for_ever_more_rarely_and_hides_no_other(watch: Watch) -> None:
    watch.source = only_list()  # type: ignore[assignment]
    watch.site.says(LIST_URL, listing(Piece(1)), etag='"same"')
    watch.site.says(Piece(1).url, b"nothing", 404)
    asked = 0
    for _ in range(96):
        watch.after(QUARTER)
        asked += watch.asked.count(Piece(1).url)
    assert 5 < asked < 20
    watch.site.says(LIST_URL, listing(Piece(2), Piece(1)), etag='"other"')
    for piece in (Piece(1), Piece(2)):
        watch.site.says(piece.url, article(piece))
    watch.after(QUARTER)
    assert watch.only().guid == Piece(2).guid
    watch.after(3 * HOUR)
    assert watch.store.statements.count() == 2


def test_a_page_that_failed_under_a_clock_that_was_ahead_is_asked_for_again(watch: Watch) -> None:
    watch.source = only_list()  # type: ignore[assignment]
    watch.site.says(LIST_URL, listing(Piece(1)))
    watch.site.says(Piece(1).url, b"nothing", 404)
    watch.run()
    watch.after(3650 * DAY)
    watch.clock.sleep(-3650 * 86_400)
    watch.site.says(Piece(1).url, article(Piece(1)))
    watch.after(QUARTER)
    assert watch.only().guid == Piece(1).guid


def test_a_page_that_is_blocked_holds_up_no_newer_one(watch: Watch) -> None:
    watch.source = only_list()  # type: ignore[assignment]
    watch.site.says(LIST_URL, listing(Piece(1)))
    watch.site.says(Piece(1).url, BLOCK_PAGE)
    watch.run()
    watch.site.says(LIST_URL, listing(Piece(2), Piece(1)))
    watch.site.says(Piece(2).url, article(Piece(2)))
    watch.after(QUARTER)
    assert watch.only().guid == Piece(2).guid


def test_after_a_block_the_host_is_left_in_peace_until_the_next_run(watch: Watch) -> None:
    watch.source = only_list()  # type: ignore[assignment]
    pieces = [Piece(n) for n in range(1, 6)]
    watch.site.says(LIST_URL, listing(*pieces))
    for piece in pieces:
        watch.site.says(piece.url, BLOCK_PAGE)
    report = watch.run()
    assert watch.asked == [LIST_URL, pieces[-1].url]
    assert any("4 pages wait" in problem for problem in map(str, report.problems))
    assert watch.store.statements.count() == 0


# Trouble of the source


def test_a_fallback_is_reported_once_and_another_parser_makes_no_revision(watch: Watch) -> None:
    piece = Piece(1)
    bodies = {REST: rest(piece), FEED_URL: rss(piece), LIST_URL: listing(piece), piece.url: article(piece)}
    for url, body in bodies.items():
        watch.site.says(url, body)
    assert watch.run().served_by == REST_URL
    watch.site.says(REST, BLOCK_PAGE)
    report = watch.after(QUARTER)
    assert (report.served_by, report.is_good) == (FEED_URL, True)
    (event,) = report.events
    assert (event.kind, event.after) == (K.FALLBACK, FEED_URL)
    assert "blocked" in event.reason_texts[0]
    assert watch.after(QUARTER).events == ()
    watch.site.says(FEED_URL, BLOCK_PAGE, 403)
    report = watch.after(QUARTER)
    assert (report.served_by, report.events) == (LIST_URL, ())
    watch.site.says(REST, bodies[REST])
    (event,) = watch.after(QUARTER).events
    assert event.kind is K.RECOVERED
    assert event.reason_texts == ("after 45 min",)
    assert watch.after(QUARTER).events == ()
    assert watch.kinds() == [K.PUBLISHED, K.FALLBACK, K.RECOVERED]
    assert watch.only().revisions == 1


def test_an_edit_during_a_fallback_is_reported_once(watch: Watch) -> None:
    piece = Piece(1)
    edited = piece.but(body=("Nothing is given.", "Nothing at all."), modified_at=NOON + HOUR)
    watch.site.says(REST, rest(piece))
    watch.site.says(FEED_URL, rss(piece))
    watch.run()
    watch.site.says(REST, BLOCK_PAGE)
    watch.after(QUARTER)
    watch.site.says(FEED_URL, rss(edited, built=NOON + HOUR))
    assert [event.kind for event in watch.after(HOUR).events] == [K.REVISED]
    watch.site.says(REST, rest(edited))
    assert [event.kind for event in watch.after(HOUR).events] == [K.RECOVERED]
    assert watch.only().revisions == 2


def test_a_block_everywhere_is_reported_once_and_changes_no_statement(watch: Watch) -> None:
    watch.site.says(REST, rest(Piece(1)))
    watch.run()
    before = watch.only()
    for url in (REST, FEED_URL, LIST_URL, Piece(1).url):
        watch.site.says(url, BLOCK_PAGE)
    reports = [watch.after(12 * HOUR) for _ in range(6)]
    assert [event.kind for report in reports for event in report.events] == [K.BLOCKED]
    assert not any(report.is_good for report in reports)
    assert watch.asked == [REST, FEED_URL, LIST_URL]  # a source in trouble proves nothing of its statements
    assert watch.only() == before
    state = watch.store.sources.get("state", Role.CANONICAL)
    assert (state.incident, state.failures) == ("source.blocked", 6)
    watch.site.says(REST, rest(Piece(1)))
    assert [event.kind for event in watch.after(HOUR).events] == [K.RECOVERED]
    assert watch.store.sources.get("state", Role.CANONICAL).incident is None
    assert watch.only().state is PublicationState.CURRENT


def test_a_missing_answer_is_ignored_until_the_third_time(watch: Watch) -> None:
    watch.site.says(REST, rest(Piece(1)))
    watch.run()
    watch.site.is_silent(REST)
    reported = [[event.kind for event in watch.after(QUARTER).events] for _ in range(4)]
    assert reported == [[], [], [K.BROKEN], []]


def test_a_host_that_asks_us_to_come_later_is_no_trouble(watch: Watch) -> None:
    watch.site.says(REST, b"later", 503, retry_after="3600")
    report = watch.run()
    assert report.is_good
    assert report.served_by is None
    assert [attempt.outcome for attempt in report.attempts] == [Outcome.BUSY, Outcome.DEFERRED, Outcome.DEFERRED]
    assert report.events == ()
    watch.site.says(REST, rest(Piece(1)))
    assert watch.after(QUARTER).served_by is None
    assert watch.after(HOUR).served_by == REST_URL


@pytest.mark.parametrize(
    ("kind", "url", "body"),
    [
        (EndpointKind.LISTING, LIST_URL, redesigned(Piece(1))),
        (
            EndpointKind.FEED,
            FEED_URL,
            b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>',
        ),
        (EndpointKind.WORDPRESS, REST_URL, b"[]"),
        (EndpointKind.WORDPRESS, REST_URL, b'[{"id": 1, "headline": "renamed"}]'),
    ],
)
def test_a_changed_shape_is_reported_once_and_keeps_the_last_good_state(
    watch: Watch, kind: EndpointKind, url: str, body: bytes
) -> None:
    watch.source = source(endpoints=(Endpoint(kind=kind, url=url),))
    first = list_urls.first_url(kind, url)
    good = {
        EndpointKind.LISTING: listing(Piece(1)),
        EndpointKind.FEED: rss(Piece(1)),
        EndpointKind.WORDPRESS: rest(Piece(1)),
    }[kind]
    watch.site.says(first, good)
    watch.site.says(Piece(1).url, article(Piece(1)))
    watch.run()
    watch.site.says(first, body)
    reported = [[event.kind for event in watch.after(QUARTER).events] for _ in range(3)]
    assert reported == [[K.DRIFTED], [], []]
    assert watch.only().state is PublicationState.CURRENT
    watch.site.says(first, good)
    assert [event.kind for event in watch.after(QUARTER).events] == [K.RECOVERED]


def test_damaged_answers_change_nothing(fed: Watch) -> None:
    whole = rss(Piece(1).but(body=("Cut.",)), Piece(2), built=NOON + HOUR)
    for body, status in ((whole[:-200], 500), (b"", 200), (NOT_FOUND, 404), (b"\x00\x01\x02" * 500, 200)):
        fed.site.says(FEED_URL, body.decode("latin-1").encode(), status)
        assert [e.kind for e in fed.after(QUARTER).events if e.kind.value.startswith("statement")] == []
    assert [statement.revisions for statement in fed.store.statements.find()] == [1, 1]


def test_a_mirror_is_kept_and_makes_no_statement(watch: Watch) -> None:
    url = "https://gazette.example/feed/"
    watch.source = source(name="gazette", role=Role.MIRROR, endpoints=(Endpoint(kind=EndpointKind.FEED, url=url),))
    copy = rss(Piece(1)).replace(b"www.state.gov", b"gazette.example")
    watch.site.says(url, copy)
    report = watch.run()
    assert (report.served_by, report.items, report.events) == (url, 1, ())
    assert watch.store.statements.count() == 0
    assert watch.store.captures.get(1).body == copy


def test_an_archive_is_history_whenever_it_is_read(watch: Watch) -> None:
    url = "https://2021-2025.state.gov/feed/"
    watch.source = source(name="archive", role=Role.ARCHIVE, endpoints=(Endpoint(kind=EndpointKind.FEED, url=url),))
    for number in (1, 2):
        watch.site.says(url, rss(*(Piece(n) for n in range(1, number + 1)), built=NOON + number * HOUR))
        watch.after(HOUR)
    assert watch.kinds() == [K.PUBLISHED] * 2
    assert watch.kinds(news=True) == []


# All or nothing


def test_an_error_in_the_middle_leaves_nothing_half_written(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    watch.source = only_list()  # type: ignore[assignment]
    watch.site.says(LIST_URL, listing(Piece(1), Piece(2)))
    for piece in (Piece(1), Piece(2)):
        watch.site.says(piece.url, article(piece))
    db = watch.store._db
    db.execute(
        "CREATE TEMP TRIGGER no_second BEFORE INSERT ON statements WHEN (SELECT count(*) FROM statements) > 0"
        " BEGIN SELECT raise(ABORT, 'disk trouble'); END"
    )
    with pytest.raises(StoreError, match="disk trouble"):
        watch.run()
    counts = [
        db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("captures", "bodies", "statements", "revisions", "events", "sources", "rechecks", "endpoints")
    ]
    assert counts == [0] * 8
    db.execute("DROP TRIGGER no_second")
    assert len(watch.run().events) == 2


def test_a_sitemap_is_followed_to_its_parts_and_to_the_pages_not_known_yet(watch: Watch) -> None:
    index, part = "https://www.state.gov/sitemap_index.xml", "https://www.state.gov/page-sitemap1.xml"
    watch.source = source(endpoints=(Endpoint(kind=EndpointKind.SITEMAP, url=index),))
    namespace = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    parts = f"<sitemap><loc>{part}</loc></sitemap>"
    watch.site.says(index, f'<?xml version="1.0"?><sitemapindex {namespace}>{parts}</sitemapindex>'.encode())

    def says(*changed: str) -> None:
        rows = "".join(
            f"<url><loc>{Piece(n).url}</loc><lastmod>{at}</lastmod></url>" for n, at in enumerate(changed, start=1)
        )
        watch.site.says(part, f'<?xml version="1.0"?><urlset {namespace}>{rows}</urlset>'.encode())

    says("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z")
    for number in (1, 2):
        watch.site.says(Piece(number).url, article(Piece(number)))
    report = watch.run()
    assert watch.asked == [index, part, Piece(2).url, Piece(1).url]
    assert (report.served_by, watch.store.statements.count()) == (index, 2)
    watch.after(QUARTER)
    assert watch.asked == [index, part]
    says("2026-03-01T12:00:00Z", "2026-03-02T12:30:00Z")
    watch.site.says(Piece(2).url, article(Piece(2).but(body=("Nothing is given.",))))
    assert [event.kind for event in watch.after(QUARTER).events] == [K.REVISED]
    assert watch.asked == [index, part, Piece(2).url]


INDEX = "https://www.state.gov/sitemap_index.xml"


def part_of(number: int) -> str:
    return f"https://www.state.gov/part-{number}.xml"


def large_index(watch: Watch, count: int, *, pages: int = 1, room: int = 4) -> Callable[[int], list[list[int]]]:
    """An index of more sitemaps than a run has room for; return a function that lists those read in the next runs."""
    watch.source = source(endpoints=(Endpoint(kind=EndpointKind.SITEMAP, url=INDEX),))
    watch.settings = settings(watch.source, max_pages_per_run=room + 1)
    watch.site.says(INDEX, standing.index(*map(part_of, range(count))))
    for part in range(count):
        pieces = [Piece(100 * part + number) for number in range(1, pages + 1)]
        watch.site.says(part_of(part), standing.sitemap([piece.url for piece in pieces]))
        for piece in pieces:
            watch.site.says(piece.url, article(piece))

    def read(runs: int) -> list[list[int]]:
        found = []
        for _ in range(runs):
            watch.after(QUARTER)
            found.append([part for part in range(count) if part_of(part) in watch.asked])
        return found

    return read


def test_an_index_with_more_sitemaps_than_a_run_may_request_is_read_in_rounds(watch: Watch) -> None:
    read = large_index(watch, 8)
    assert read(7) == [[0, 1, 2, 3], [0, 1, 4, 5], [0, 1, 6, 7], [0, 1, 2, 3], [0, 1, 4, 5], [0, 1, 6, 7], [0, 1, 2, 3]]
    assert watch.store.statements.count() == 8
    new = Piece(999)
    watch.site.says(new.url, article(new))
    watch.site.says(part_of(6), standing.sitemap([Piece(601).url, new.url]))
    found = [event.title for _ in range(3) for event in watch.after(QUARTER).events]
    assert found == [new.title]


def test_a_sitemap_of_which_pages_were_left_out_is_read_again_before_others(watch: Watch) -> None:
    read = large_index(watch, 8, pages=4)
    read(12)
    assert watch.store.statements.count() == 32


def test_an_index_that_a_run_reads_as_a_whole_has_no_rounds(watch: Watch) -> None:
    read = large_index(watch, 4)
    assert read(3) == [[0, 1, 2, 3]] * 3
    assert watch.store.endpoints.progress(INDEX).unread_until == ()
    assert watch.run().problems == ()


def test_a_later_page_of_a_list_that_fails_is_a_problem_and_no_incident(watch: Watch) -> None:
    watch.site.says(REST, rest(Piece(1)))
    watch.run()
    watch.site.says(REST, rest(Piece(2), Piece(3)), x_wp_totalpages="3")
    watch.site.says(page(2), b"oops", 500)
    report = watch.after(HOUR / 2)
    assert (report.served_by, len(report.events)) == (REST_URL, 2)
    assert any(page(2) in problem and "500" in problem for problem in map(str, report.problems))
    assert watch.store.sources.get("state", Role.CANONICAL).incident is None


def test_the_language_of_a_source_applies_to_texts_without_one(watch: Watch) -> None:
    watch.source = source(language="en")
    watch.site.says(REST, rest(Piece(1)))
    watch.run()
    assert watch.only().language == "en"
