"""Tests of runs among slow hosts: what is left to the next run, what is stored, and what is never lost or starved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.mirror import GAZETTE, Gazette, page, post
from samples import FEED_URL, LIST_URL, REST_URL, Piece, article, listing, rss, source

from scraper.config.settings import Endpoint
from scraper.model import EndpointKind, Outcome
from scraper.pipeline import list_urls
from scraper.rules.guards import Guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Watch

QUARTER = timedelta(minutes=15)
INDEX = "https://www.state.gov/sitemap_index.xml"
MAP = "https://www.state.gov/sitemap.xml"
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
WHY = "www.state.gov did not answer 2 requests in a row, its other URLs wait for the next run"


def sitemap(*urls: str) -> bytes:
    entries = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    return f'<?xml version="1.0"?><urlset {NAMESPACE}>{entries}</urlset>'.encode()


def sitemap_index(*urls: str) -> bytes:
    entries = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f'<?xml version="1.0"?><sitemapindex {NAMESPACE}>{entries}</sitemapindex>'.encode()


def over(watch: Watch, kind: EndpointKind, url: str) -> Watch:
    watch.source = source(endpoints=(Endpoint(kind=kind, url=url),))
    return watch


@pytest.fixture
def mapped(watch: Watch) -> Watch:
    """A sitemap of eight pages, of which the first four hang."""
    pieces = [Piece(number) for number in range(1, 9)]
    watch.site.says(MAP, sitemap(*(piece.url for piece in pieces)))
    for piece in pieces:
        watch.site.says(piece.url, article(piece))
    watch.site.hanging = {piece.url for piece in pieces[:4]}
    return over(watch, EndpointKind.SITEMAP, MAP)


def pages(watch: Watch) -> list[int]:
    """Return the numbers of the pages that the last run requested."""
    numbers = {Piece(number).url: number for number in range(1, 40)}
    return [numbers[url] for url in watch.asked if url in numbers]


def test_a_host_that_timed_out_twice_in_a_row_is_left_for_the_run(mapped: Watch) -> None:
    # State's pages come in the order of their publication, as far as the list shows it: here the last first.
    mapped.site.hanging = {Piece(number).url for number in range(5, 9)}
    report = mapped.run()
    assert pages(mapped) == [8, 7]
    assert (report.unresponsive_hosts, report.left_over, report.is_cut) == (("www.state.gov",), (WHY,), False)
    assert [problem.problem for problem in report.problems][-1:] == ["6 pages wait for the next run"]
    mapped.after(QUARTER)
    assert pages(mapped) == [6, 5]
    mapped.after(QUARTER)
    assert pages(mapped) == [4, 3, 2, 1, 8, 7]
    assert len(list(mapped.store.statements.find())) == 4


def test_pages_that_failed_before_do_not_fill_the_share_of_a_run(watch: Watch) -> None:
    watch.settings = watch.settings.model_copy(
        update={"fetch": watch.settings.fetch.model_copy(update={"max_pages_per_run": 3})}
    )
    pieces = [Piece(number) for number in range(1, 7)]
    watch.site.says(MAP, sitemap(*(piece.url for piece in pieces)))
    for piece in pieces[:3]:
        watch.site.says(piece.url, b"", 500)
    for piece in pieces[3:]:
        watch.site.says(piece.url, article(piece))
    over(watch, EndpointKind.SITEMAP, MAP).run()
    assert sorted(pages(watch)) == [1, 2, 3]
    watch.after(QUARTER)
    assert sorted(pages(watch)) == [4, 5, 6]


def test_an_answer_in_between_keeps_a_host(mapped: Watch) -> None:
    mapped.site.hanging = {Piece(number).url for number in (8, 6, 4)}
    report = mapped.run()
    assert pages(mapped) == [8, 7, 6, 5, 4, 3, 2, 1]
    assert report.unresponsive_hosts == ()


def test_the_list_of_another_endpoint_is_requested_even_on_a_silent_host(watch: Watch) -> None:
    rest = list_urls.first_url(EndpointKind.WORDPRESS, REST_URL)
    watch.site.hanging = {rest, FEED_URL}
    watch.site.says(LIST_URL, listing(Piece(1)))
    watch.site.says(Piece(1).url, article(Piece(1)))
    report = watch.run()
    assert watch.asked == [rest, FEED_URL, LIST_URL, Piece(1).url]
    assert (report.served_by, report.unresponsive_hosts) == (LIST_URL, ())


def test_rechecks_on_a_silent_host_are_put_off_without_a_request(watch: Watch) -> None:
    pieces = [Piece(number) for number in range(1, 6)]
    watch.site.says(FEED_URL, rss(*pieces))
    over(watch, EndpointKind.FEED, FEED_URL).run()
    watch.site.hanging = {piece.url for piece in pieces}
    report = watch.after(2 * timedelta(hours=1))
    assert len(pages(watch)) == 2
    assert report.left_over == (WHY,)
    # All of them are due again an hour later, so that they are not in the way of others until then.
    assert watch.after(QUARTER).unresponsive_hosts == ()
    assert pages(watch) == []


def test_claims_of_a_mirror_cost_a_silent_state_two_requests(gazette: Gazette) -> None:
    gazette.begins()
    claims = [f"https://www.state.gov/x-{number}/" for number in range(6)]
    items = []
    for number, claim in enumerate(claims):
        words = (f"Story {number}.", f"Official news published at {claim}")
        items.append(post(f"p{number}", f"Story {number}", words))
        gazette.shows(f"p{number}", page(f"Story {number}", words))
    gazette.says(*items)
    gazette.watch.site.hanging = set(claims)
    gazette.poll()
    assert [url for url in gazette.watch.asked if url in claims] == claims[:2]
    assert len([url for url in gazette.watch.asked if url.startswith(f"{GAZETTE}/p")]) == 6


# Lists


def test_a_page_of_a_list_that_hangs_is_read_in_the_next_run(watch: Watch) -> None:
    second = f"{LIST_URL}page/2/"
    old, new = [Piece(1)], [Piece(number) for number in (5, 4, 3, 2)]
    watch.site.says(LIST_URL, listing(*old))
    for piece in (*old, *new):
        watch.site.says(piece.url, article(piece))
    over(watch, EndpointKind.LISTING, LIST_URL).run()
    watch.site.says(LIST_URL, listing(*new[:2], next_url=second))
    watch.site.says(second, listing(*new[2:], *old))
    watch.site.hanging = {second}
    watch.after(QUARTER)
    assert sorted(pages(watch)) == [4, 5]
    watch.site.hanging.clear()
    watch.after(QUARTER)
    assert sorted(pages(watch)) == [2, 3]


def test_a_sitemap_that_hangs_does_not_hide_the_others_of_its_index(watch: Watch) -> None:
    parts = [f"https://www.state.gov/page-sitemap{number}.xml" for number in range(1, 6)]
    watch.site.says(INDEX, sitemap_index(*parts))
    for number, part in enumerate(parts, 1):
        watch.site.says(part, sitemap(Piece(number).url))
        watch.site.says(Piece(number).url, article(Piece(number)))
    watch.site.hanging = {parts[0], parts[1]}
    over(watch, EndpointKind.SITEMAP, INDEX).run()
    assert pages(watch) == []  # its host is silent
    watch.after(QUARTER)
    assert pages(watch) == [3, 4, 5]


# Time


def test_a_run_whose_time_is_used_up_stores_what_it_has_and_goes_on_the_next_time(
    mapped: Watch, left_of: Callable[[float], None]
) -> None:
    mapped.site.hanging.clear()
    left_of(22)  # robots.txt, the list, and then pages at five seconds each
    report = mapped.run()
    assert len(pages(mapped)) == 3
    assert report.is_cut
    assert report.left_over == ("the time of a run (daemon.deadline_s) was used up, the rest waits for the next run",)
    assert len(list(mapped.store.statements.find())) == 3
    seen = set(pages(mapped))
    for _ in range(2):
        left_of(22)
        mapped.after(QUARTER)
        assert not seen & set(pages(mapped))
        seen |= set(pages(mapped))
    assert seen == set(range(1, 9))


def test_a_list_of_many_pages_is_read_on_where_the_time_ended(watch: Watch, left_of: Callable[[float], None]) -> None:
    urls = [LIST_URL, *(f"{LIST_URL}page/{number}/" for number in range(2, 7))]
    watch.site.says(LIST_URL, listing(Piece(1)))
    for number in range(1, 8):
        watch.site.says(Piece(number).url, article(Piece(number)))
    over(watch, EndpointKind.LISTING, LIST_URL).run()
    for number, url in enumerate(urls):
        following = urls[number + 1] if number + 1 < len(urls) else ""
        watch.site.says(url, listing(Piece(7 - number), next_url=following))
    lists: list[str] = []
    for _ in range(6):
        left_of(24)
        watch.after(QUARTER)
        lists += [url for url in watch.asked if url in urls[1:]]
    assert set(lists) == set(urls[1:])
    assert len(list(watch.store.statements.find())) == 7


def test_a_run_without_any_time_requests_its_list_only_where_it_need_not_wait(
    watch: Watch, left_of: Callable[[float], None]
) -> None:
    watch.site.says(FEED_URL, rss(Piece(1)))
    over(watch, EndpointKind.FEED, FEED_URL)
    left_of(0)
    report = watch.run()
    assert [attempt.outcome for attempt in report.attempts] == [Outcome.DEFERRED]
    assert watch.store.sources.get("state", watch.source.role).failures == 0


def test_a_list_that_is_stored_before_the_run_ends_is_read_whole_after_a_kill(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = f"{LIST_URL}page/2/"
    watch.site.says(LIST_URL, listing(Piece(1)))
    for number in range(1, 6):
        watch.site.says(Piece(number).url, article(Piece(number)))
    over(watch, EndpointKind.LISTING, LIST_URL).run()
    watch.site.says(LIST_URL, listing(Piece(5), Piece(4), next_url=second), etag='"v2"')
    watch.site.says(second, listing(Piece(3), Piece(2), Piece(1)))
    monkeypatch.setattr("scraper.pipeline.batch._MAX_CAPTURES", 3)
    truly = watch.asked.append

    class Killed(BaseException):
        pass

    def killed_at_second(url: str) -> None:
        if url == second:
            raise Killed
        truly(url)

    class Asked(list[str]):
        def append(self, url: str) -> None:
            killed_at_second(url)

    asked, watch.asked = watch.asked, Asked()
    with pytest.raises(Killed):
        watch.after(QUARTER)
    watch.asked = asked
    watch.after(QUARTER)
    assert second in watch.asked
    assert len(list(watch.store.statements.find())) == 5


def test_pages_of_a_later_list_page_that_a_silent_host_skips_are_read_by_the_next_runs(watch: Watch) -> None:
    second, third = f"{LIST_URL}page/2/", f"{LIST_URL}page/3/"
    for number in range(1, 10):
        watch.site.says(Piece(number).url, article(Piece(number)))
    watch.site.says(LIST_URL, listing(Piece(1)))
    over(watch, EndpointKind.LISTING, LIST_URL).run()
    watch.site.says(LIST_URL, listing(Piece(9), Piece(8), next_url=second))
    watch.site.says(second, listing(Piece(7), Piece(6), Piece(5), Piece(4), next_url=third))
    watch.site.says(third, listing(Piece(3), Piece(2), Piece(1)))
    watch.site.hanging = {Piece(number).url for number in (4, 5)}
    watch.after(QUARTER)
    watch.site.hanging.clear()
    for _ in range(12):
        watch.after(timedelta(hours=2))
    assert {s.url for s in watch.store.statements.find()} == {Piece(number).url for number in range(1, 10)}


@pytest.mark.parametrize(("requests", "is_paused", "withheld"), [(8, True, 0), (10, False, 1), (7, False, 0)])
def test_only_what_the_limit_of_the_day_withholds_is_counted(
    watch: Watch, requests: int, is_paused: bool, withheld: int
) -> None:
    """A pause that the host asked for, and rechecks of which none is due, are withheld by no limit."""
    limited = watch.settings.fetch.model_copy(update={"requests_per_day": 10})
    watch.settings = watch.settings.model_copy(update={"fetch": limited})
    watch.site.says(FEED_URL, rss(Piece(1)))
    watch.site.says(Piece(1).url, article(Piece(1)))
    over(watch, EndpointKind.FEED, FEED_URL).run()
    until = watch.clock.now() + timedelta(hours=1) if is_paused else None
    watch.store.hosts.change("www.state.gov", lambda state: replace(state, requests=requests, not_before=until))
    watch.after(timedelta(minutes=1))
    assert sum(each.count for each in watch.store.withheld.recent(watch.clock.now())) == withheld


@pytest.mark.parametrize("is_robots_known", [False, True])
def test_a_limit_withholds_from_the_host_that_a_redirect_leads_to(watch: Watch, is_robots_known: bool) -> None:
    apex = "https://state.gov/feed/"
    watch.settings = watch.settings.model_copy(
        update={"fetch": watch.settings.fetch.model_copy(update={"requests_per_day": 10})}
    )
    watch.site.says(apex, b"", status=301, location=FEED_URL)
    watch.site.says(FEED_URL, rss(Piece(1)))
    over(watch, EndpointKind.FEED, apex)
    if is_robots_known:
        watch.run()
    today = watch.clock.now().date()
    watch.store.hosts.change("www.state.gov", lambda state: replace(state, counted_on=today, requests=10))
    watch.after(timedelta(minutes=1))
    (withheld,) = watch.store.withheld.recent(watch.clock.now())
    assert (withheld.guard, withheld.subject, withheld.count) == (Guard.REQUESTS_PER_DAY, "www.state.gov", 1)


def test_waiting_claims_leave_a_mirror_half_of_its_time(gazette: Gazette, left_of: Callable[[float], None]) -> None:
    gazette.begins()
    watch = gazette.watch
    with watch.store.unit():
        for number in range(10):
            watch.store.claims.wait(watch.source.name, f"https://www.state.gov/x-{number}/", watch.clock.now(), 140)
    words = ("Lamps for harbour.", "Official news published at https://www.state.gov/y/")
    gazette.says(post("p1", "Lamps", words))
    gazette.shows("p1", page("Lamps", words))
    left_of(60)
    gazette.poll()
    assert f"{GAZETTE}/p1/" in watch.asked
    assert 0 < len(watch.store.claims.waiting(watch.source.name)) < 10
