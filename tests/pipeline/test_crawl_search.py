"""Tests of search sources: planted copies among other results, limits, and services that refuse, break or lie."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from fakes.mirror import MIRROR, STATE, page
from fakes.searching import (
    CLOUD_URL,
    GDELT_URL,
    JSON,
    TOO_SHORT,
    NewsWeb,
    cloud_answer,
    gdelt_answer,
    nested_answer,
    search_source,
)
from fakes.web import answer
from matching import match_support as texts
from samples import FEED_URL, Piece, rss, settings

from scraper import source_status
from scraper.model import EventKind, Relation
from scraper.pipeline.doctor import examine
from scraper.rules import searches
from scraper.rules.guards import Guard
from scraper.store import CopyFilter, EventFilter

if TYPE_CHECKING:
    from pipeline.conftest import Watch

    from scraper.model import Event
    from scraper.pages import Copy
    from scraper.pipeline.run import RunReport

DAY, WEEK = timedelta(days=1), timedelta(days=7)
GDELT = search_source()
BODIES = {
    "Port Isling Harbour": texts.HARBOUR,
    "Tarvenia National Day": texts.YEAR_32,
    "Call with Foreign Minister Brandeis": texts.CALL_BRANDEIS,
    "Call with Prime Minister Nuvolari": texts.CALL_NUVOLARI,
    "Reefs": texts.REEF,
    "Visas": texts.VISA,
    "Grants": texts.GRANT,
}
PIECES = [Piece(100 + number, title, tuple(body.split("\n\n"))) for number, (title, body) in enumerate(BODIES.items())]
WEATHER = ("Rain is expected over the hills until Thursday, say the forecasters of the valley, who have been wrong.",)
NEWS = "https://news.example"


class Search:
    """State, a search source, and the web that it searches."""

    def __init__(self, watch: Watch, **changes: Any) -> None:
        self.watch = watch
        self.web = watch.site = NewsWeb()
        self.source = search_source(**changes)
        watch.settings = settings(STATE, MIRROR, self.source)
        self.state_says(Piece(1, published_at=watch.clock.now() - 100 * DAY))
        self.run_state()
        self.run()

    def state_says(self, *pieces: Piece) -> None:
        self.web.says(FEED_URL, rss(*pieces, built=self.watch.clock.now()))

    def run_state(self) -> None:
        self.watch.source = STATE
        self.watch.run()

    def publish(self, *pieces: Piece) -> None:
        """State publishes statements now."""
        self.watch.clock.sleep(900)
        now = self.watch.clock.now()
        self.state_says(*(piece.but(published_at=now) for piece in pieces))
        self.run_state()

    def run(self, wait: timedelta = timedelta(0)) -> RunReport:
        self.watch.clock.sleep(wait.total_seconds())
        self.watch.source = self.source
        return self.watch.run()

    def finish(self, runs: int = 8) -> list[Event]:
        """Run until no result waits; all events."""
        return [event for _ in range(runs) for event in self.run(timedelta(minutes=15)).events]

    def copies(self) -> list[Copy]:
        return list(self.watch.store.copies.find(CopyFilter()))

    def urls(self) -> set[str]:
        """The URLs of the pages with a copy."""
        return {self.watch.store.pages.by_id(copy.page_id).url for copy in self.copies()}  # type: ignore[union-attr]

    def queries(self) -> int:
        """Requests to the service so far."""
        return sum(url.startswith(GDELT_URL) for url in self.web.asked)


@pytest.fixture
def search(watch: Watch) -> Search:
    return Search(watch)


def plant(web: NewsWeb, piece: Piece) -> set[str]:
    """Plant five copies of a statement on as many sites: whole, among other text, cut, altered, behind a short link."""
    number, body = piece.number, piece.body
    half = body[: max(1, len(body) // 2 + 1)]
    changed = tuple(each.replace("The", "This", 1).replace("two", "three") for each in body)
    planted = {
        f"https://whole{number}.example/2026/lamps-{number}/": body,
        f"https://among{number}.example/world/{number}": (*WEATHER, *body, *WEATHER),
        f"https://cut{number}.example/a/?p={number}": half,
        f"https://altered{number}.example/story-{number}.html": changed,
    }
    for url, paragraphs in planted.items():
        web.publishes(url, f"{piece.title} today", *paragraphs)
    linked = f"https://linked{number}.example/news/{number}/"
    web.publishes(linked, piece.title, *body, named=f"https://short.example/{number}")
    return {*planted, linked}


def noise(web: NewsWeb) -> list[str]:
    """Add what services name beside articles, and articles that carry nothing."""
    for number in range(3):
        web.publishes(f"{NEWS}/weather-{number}/", f"Weather {number}", *WEATHER)
    web.says(f"{NEWS}/lamps.pdf", b"%PDF-1.7 lamps", kind="application/pdf")
    web.says(f"{NEWS}/gone/", b"Not here", 404)
    web.noise = [
        *(f"{NEWS}/weather-{number}/" for number in range(3)),
        f"{NEWS}/",
        f"{NEWS}/tag/lamps/",
        f"{NEWS}/?s=lamps",
        f"{NEWS}/lamps.pdf",
        f"{NEWS}/gone/",
        "https://www.state.gov/releases/lamps/",
        "https://gazette.example/lamps/",
        "javascript:alert(1)",
        "",
        f"{NEWS}/weather-1/?utm_source=x&PHPSESSID=5",
    ]
    return web.noise


def test_planted_copies_are_found_among_other_results_and_none_without_a_trace(search: Search) -> None:
    planted = {url for piece in PIECES for url in plant(search.web, piece)}
    noise(search.web)
    search.publish(*PIECES)
    events = search.finish()
    found = search.urls()
    assert len(planted) == 35
    assert len(found & planted) >= 0.9 * len(planted)
    assert found <= planted
    for copy in search.copies():
        page_ = search.watch.store.pages.by_id(copy.page_id)
        assert page_ is not None
        assert (page_.source, page_.backfill) == ("gdelt", False)
        assert copy.relation is Relation.TRANSLATED or copy.spans
    reported = {event.page_url for event in events if event.kind is EventKind.COPY_FOUND}
    assert reported == found
    assert search.watch.store.pages.count() == len(found)


def test_each_phrase_is_asked_once_and_again_after_a_day_and_a_week(search: Search) -> None:
    noise(search.web)
    search.publish(PIECES[4])
    search.finish()
    first = search.queries()
    assert 2 <= first <= 3
    assert len(set(search.web.phrases)) == first
    search.run(DAY)
    assert search.queries() == 2 * first
    planted = plant(search.web, PIECES[4])
    search.run(WEEK)
    search.finish()
    assert search.queries() == 3 * first
    assert search.urls() == planted
    search.run(4 * WEEK)
    assert search.queries() == 3 * first


def test_a_page_is_requested_once_whatever_phrases_name_it(search: Search) -> None:
    planted = plant(search.web, PIECES[0])
    noise(search.web)
    search.publish(PIECES[0], PIECES[4])
    search.finish()
    for url in (*planted, f"{NEWS}/weather-0/"):
        assert search.web.asked.count(url) in ({1, 2} if "weather" in url else {1})  # once for each statement
    for url in (f"{NEWS}/", f"{NEWS}/tag/lamps/", "https://gazette.example/lamps/"):
        assert url not in search.web.asked


def test_what_is_no_article_is_left_out_and_counted(search: Search) -> None:
    named = noise(search.web)
    search.publish(PIECES[4])
    notes = " ".join(str(problem) for problem in search.run().problems)
    number = search.queries()
    for reason, each in (
        (searches.FRONT_PAGE, 1),
        (searches.LIST, 2),
        (searches.OF_STATE, 1),
        (searches.OF_SOURCE, 1),
        (searches.NO_URL, 2),
    ):
        assert f"{each * number} result{'s' * (each * number > 1)} left out: {reason}" in notes
    assert f"2 results left out: {searches.NO_ARTICLE}" in notes
    assert len(named) == 13
    assert search.copies() == []
    assert search.watch.store.pages.count() == 0


def test_statements_from_before_the_source_was_enabled_are_not_searched_for(watch: Watch) -> None:
    search = Search(watch)
    old = [piece.but(published_at=watch.clock.now() - 3 * DAY) for piece in PIECES]
    search.state_says(*old)
    search.run_state()
    assert search.run(timedelta(hours=1)).summary == ""
    assert search.queries() == 0


def test_a_walk_into_the_past_asks_within_the_daily_limit_and_goes_on_the_next_day(watch: Watch) -> None:
    search = Search(watch, queries_per_day=6)
    planted = {url for piece in PIECES for url in plant(search.web, piece)}
    at = watch.clock.now()
    search.state_says(*(p.but(published_at=at - (10 + n) * DAY) for n, p in enumerate(PIECES)))
    search.run_state()
    watch.source = search.source
    report = watch.run(since=at - 30 * DAY)
    first = search.queries()
    assert 1 <= first <= 6
    assert any("queries_per_day" in str(problem) for problem in report.problems)
    assert all(event.backfill for event in report.events)
    search.run(timedelta(hours=1))
    assert search.queries() == first
    (withheld,) = watch.store.withheld.recent(watch.clock.now())
    assert (withheld.guard, withheld.subject) == (Guard.QUERIES_PER_DAY, "gdelt")
    for _ in range(8):
        search.run(DAY)
        search.finish(2)
    assert search.urls() == planted
    events = watch.store.events.find(EventFilter())
    assert all(event.backfill for event in events if event.kind is EventKind.COPY_FOUND)
    asked = len(set(search.web.phrases))
    assert search.queries() == asked  # each once, for the past has no later rounds


def test_the_newest_statements_come_first(watch: Watch) -> None:
    search = Search(watch, queries_per_day=4)
    at = watch.clock.now()
    search.state_says(*(p.but(published_at=at - (10 + n) * DAY) for n, p in enumerate(PIECES)))
    search.run_state()
    watch.source = search.source
    watch.run(since=at - 30 * DAY)
    text = " ".join(PIECES[0].body)
    assert search.web.phrases[0] in text


def test_queries_to_the_service_are_five_seconds_apart(search: Search) -> None:
    times = []
    search.web.replies = lambda _: times.append(search.watch.clock.now())
    search.publish(*PIECES)
    search.run()
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    assert len(gaps) > 5
    assert min(gaps) >= 5


# Services that refuse, break or lie


def test_a_service_that_asks_for_a_pause_gets_it_and_is_asked_later(search: Search) -> None:
    search.web.replies = lambda _: answer(b"Please limit requests", 429, "text/html")
    planted = plant(search.web, PIECES[0])
    search.publish(PIECES[0])
    report = search.run()
    assert report.is_good
    assert search.queries() == 1
    search.run(timedelta(minutes=15))
    assert search.queries() == 1
    search.run(timedelta(minutes=16))
    assert search.queries() == 2
    search.run(timedelta(minutes=31))
    assert search.queries() == 2  # the pause has doubled
    search.web.replies = lambda _: None
    search.run(timedelta(hours=2))
    search.finish()
    assert search.urls() == planted


def test_status_and_doctor_name_what_waits(search: Search) -> None:
    search.web.replies = lambda _: answer(b"Slowly", 429, "text/html")
    plant(search.web, PIECES[4])
    search.publish(PIECES[4])
    search.run()
    watch = search.watch
    status = source_status.read(watch.settings, watch.store, watch.clock.now())
    (found,) = (each.searches for each in status.sources if each.stored.name == "gdelt")
    assert found is not None
    assert (found.due in {2, 3}, found.waiting, found.answered_at) == (True, 0, None)
    findings = examine(watch.settings, watch.store, watch.clock.now(), {})
    (finding,) = (each for each in findings if each.topic == "source gdelt")
    assert f"{found.due} queries to ask, the longest since" in finding.what


def test_retry_after_is_kept(search: Search) -> None:
    search.web.replies = lambda _: answer(b"Slowly", 429, "text/html", retry_after="7200")
    search.publish(PIECES[0])
    search.run()
    search.web.replies = lambda _: None
    search.run(timedelta(minutes=90))
    assert search.queries() == 1
    search.run(timedelta(minutes=31))
    assert search.queries() > 1


@pytest.mark.parametrize(
    "reply",
    [
        answer(TOO_SHORT),
        answer(b"<!doctype html><html><body><h1>Error</h1></body></html>"),
        answer(gdelt_answer(f"{NEWS}/a/")[:-20], kind=JSON),
        answer(b'{"articles": {"no": "list"}}', kind=JSON),
        answer(b'{"articles": [{"title": "no url"}]}', kind=JSON),
        answer(b"[" * 100_000, kind=JSON),
        answer(b"[]", kind=JSON),
        answer(b"", 500, "text/html"),
        answer(b"", 403, "text/html"),
        answer(b"", 404, "text/html"),
    ],
    ids=["too short", "html", "cut", "no list", "no urls", "deep", "list", "500", "403", "404"],
)
def test_a_broken_answer_costs_only_its_query_which_is_asked_later(search: Search, reply: bytes) -> None:
    planted = plant(search.web, PIECES[0])
    search.web.replies = lambda _: reply
    search.publish(PIECES[0])
    report = search.run()
    assert not report.is_good
    assert report.events == () or {event.kind.subject for event in report.events} == {"source"}
    assert search.copies() == []
    search.web.replies = lambda _: None
    search.run(timedelta(hours=25))
    search.finish()
    assert search.urls() == planted
    state = search.watch.store.sources.get("gdelt", search.source.role)
    assert (state.failures, state.incident) == (0, None)


def test_one_phrase_that_the_service_refuses_does_not_stop_the_others(search: Search) -> None:
    planted = plant(search.web, PIECES[4])
    refused: list[str] = []

    def reply(phrase: str) -> bytes | None:
        if not refused:
            refused.append(phrase)
        return answer(TOO_SHORT) if phrase in refused else None

    search.web.replies = reply
    search.publish(PIECES[4])
    report = search.run()
    assert report.is_good
    assert any("a query was not answered" in str(problem) for problem in report.problems)
    search.finish()
    assert len(search.urls()) >= len(planted) - 1
    asked = search.web.phrases.count(refused[0])
    assert asked <= 3  # half an hour later, then an hour
    for _ in range(60):
        search.run(timedelta(hours=12))
    # Ten requests in each of the three rounds at most.
    assert search.web.phrases.count(refused[0]) <= 3 * searches.MAX_ATTEMPTS
    assert search.watch.store.searches.counts("gdelt", search.watch.clock.now()).due == 0


def test_three_answers_in_a_row_that_cannot_be_used_end_the_queries_of_a_run(search: Search) -> None:
    search.web.replies = lambda _: answer(TOO_SHORT)
    before = search.queries()
    search.publish(*PIECES[:3])
    report = search.run()
    assert search.queries() - before == 3
    assert any("all queries wait until" in str(problem) for problem in report.problems)


def test_a_service_that_lies_adds_no_copy_and_no_page(search: Search) -> None:
    lies = [f"https://lie{number}.example/a{number}/" for number in range(100)]
    for url in lies:
        search.web.says(url, page("Lies", WEATHER))
    search.web.replies = lambda _: answer(gdelt_answer(*lies), kind=JSON)
    search.publish(PIECES[0])
    report = search.run()
    assert search.copies() == []
    assert search.watch.store.pages.count() == 0
    assert any(searches.TOO_MANY in str(problem) for problem in report.problems)
    most = GDELT.search.results_per_query if GDELT.search else 0
    search.finish()
    # Each of the two or three phrases may name others of them.
    assert sum(url in lies for url in search.web.asked) <= 3 * most


def test_a_service_that_names_one_site_only_burdens_it_no_more_than_others(search: Search) -> None:
    urls = [f"https://victim.example/a{number}/" for number in range(25)]
    for url in urls:
        search.web.says(url, page("Lies", WEATHER))
    search.web.replies = lambda _: answer(gdelt_answer(*urls), kind=JSON)
    search.publish(PIECES[0])
    report = search.run()
    assert sum(url in urls for url in search.web.asked) == 5
    assert any("wait for the next run" in str(problem) for problem in report.problems)


def test_private_addresses_are_not_fetched(search: Search) -> None:
    named = ["http://127.0.0.1:8080/admin/a", "http://[::1]/admin/a", "http://192.168.0.1/router/a"]
    inside = "https://short.example/inside"
    search.web.says(inside, b"", 302, location="http://10.0.0.1/admin/b")
    search.web.replies = lambda _: answer(gdelt_answer(*named, inside), kind=JSON)
    search.publish(PIECES[0])
    search.run()
    assert inside in search.web.asked
    assert not {*named, "http://10.0.0.1/admin/b"} & set(search.web.asked)
    assert search.watch.store.pages.count() == 0


def test_slow_sites_do_not_hold_a_run_longer_than_its_limit(search: Search) -> None:
    urls = [f"https://slow{number}.example/a/" for number in range(25)]
    search.web.hanging.update(urls)
    search.web.replies = lambda _: answer(gdelt_answer(*urls), kind=JSON)
    search.publish(PIECES[0])
    began = search.watch.clock.monotonic()
    search.run()
    assert search.watch.clock.monotonic() - began < 400
    search.finish()
    # One that does not respond is asked three times at most.
    assert max(map(search.web.asked.count, urls)) <= searches.MAX_TRIES
    assert search.watch.store.searches.waiting("gdelt") == []


def test_a_page_of_a_site_that_becomes_a_source_is_left_to_it(search: Search) -> None:
    planted = plant(search.web, PIECES[4])
    search.publish(PIECES[4])
    search.finish()
    assert search.urls() == planted
    whole = next(url for url in planted if "whole" in url)
    store = search.watch.store
    page_ = store.pages.by_url(whole)
    assert page_ is not None
    with store.unit():
        store.pages.adopt("whole", ["whole104.example"], ["gazette", "state"])
    assert store.pages.by_id(page_.id).source == "whole"  # type: ignore[union-attr]


def test_a_known_page_is_rechecked_and_its_change_reported(search: Search) -> None:
    planted = plant(search.web, PIECES[4])
    search.publish(PIECES[4])
    search.finish()
    whole = next(url for url in planted if "whole" in url)
    search.web.says(whole, page("Reefs today", WEATHER))
    for _ in range(6):
        search.run(DAY)
    events = [event for event in search.watch.store.events.find(EventFilter()) if event.page_url == whole]
    assert {event.kind for event in events} >= {EventKind.COPY_FOUND}
    assert EventKind.COPY_GONE in {event.kind for event in events}


def test_a_run_without_anything_to_ask_is_well(search: Search) -> None:
    report = search.run(timedelta(hours=1))
    assert (report.is_good, report.is_idle, report.captures) == (True, True, 0)
    state = search.watch.store.sources.get("gdelt", search.source.role)
    assert state.last_success_at == report.at


# Keys and other services

KEY = "lamps-3f9c-secret"


def everything(watch: Watch) -> str:
    """All text that the database has."""
    return "\n".join(watch.store.database.conn.iterdump())


def test_media_cloud_gets_its_key_and_nothing_keeps_it(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_KEY", KEY)
    search = Search(watch, name="cloud", url=CLOUD_URL, service="mediacloud", key_env="CLOUD_KEY")
    search.web.url, search.web.shape = CLOUD_URL, cloud_answer
    planted = plant(search.web, PIECES[4])
    search.publish(PIECES[4])
    reports = [search.run(timedelta(minutes=15)) for _ in range(4)]
    assert search.urls() == planted
    assert {fields["authorization"] for fields in search.web.sent} == {f"Token {KEY}"}
    assert KEY not in everything(watch)
    assert KEY not in repr(reports)


@pytest.mark.parametrize("status", [401, 429, 500])
def test_an_answer_that_repeats_the_key_is_kept_without_it(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("CLOUD_KEY", KEY)
    search = Search(watch, name="cloud", url=CLOUD_URL, service="mediacloud", key_env="CLOUD_KEY")
    search.web.url = CLOUD_URL
    search.web.replies = lambda _: answer(f'{{"detail": "Token {KEY} is not known"}}'.encode(), status, JSON)
    search.publish(PIECES[4])
    report = search.run()
    assert search.web.sent
    assert KEY not in repr(report)
    ids = [number for (number,) in watch.store.database.execute("SELECT id FROM captures")]
    bodies = b"".join(watch.store.captures.get(number).body for number in ids)
    assert b"is not known" in bodies
    assert KEY.encode() not in bodies


@pytest.mark.parametrize("key", [None, "", "lämps", "lamps\nX-Other: 5"])
def test_without_a_usable_key_no_request_is_sent(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    monkeypatch.delenv("CLOUD_KEY", raising=False)
    if key is not None:
        monkeypatch.setenv("CLOUD_KEY", key)
    search = Search(watch, name="cloud", url=CLOUD_URL, service="mediacloud", key_env="CLOUD_KEY")
    search.web.url = CLOUD_URL
    search.publish(PIECES[4])
    report = search.run()
    assert not report.is_good
    assert "key" in report.attempts[0].detail
    assert search.web.sent == []


def test_any_service_with_json_is_described_by_paths(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINDER_KEY", KEY)
    url = "https://finder.example/api?n=50&q={phrase}"
    given = {"items": "data.items", "link": "page.link", "key_env": "FINDER_KEY", "key_header": "X-Api-Key"}
    search = Search(watch, name="finder", url=url, service="json", **given)
    search.web.url, search.web.shape = "https://finder.example/api", nested_answer
    planted = plant(search.web, PIECES[4])
    search.publish(PIECES[4])
    search.finish()
    assert search.urls() == planted
    assert {fields["x-api-key"] for fields in search.web.sent} == {KEY}
