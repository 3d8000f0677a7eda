"""Tests of runs over standing pages: lists, baseline, conditional requests, pages that appear, change and go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from bounded import bounded
from fakes.standing import index, overview, sheet, sitemap, state_page
from samples import BLOCK_PAGE, NOT_FOUND, settings, source

from scraper import parsers
from scraper.config.settings import Endpoint
from scraper.model import EndpointKind, EventKind, Grade, PublicationState
from scraper.pipeline.crawl_pages import PagesCrawl
from scraper.store import EventFilter

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Watch
    from fakes.standing import Sheet

    from scraper.config.settings import Source
    from scraper.model import Event
    from scraper.pipeline.run import RunReport

HOST = "https://www.state.gov"
MAP = f"{HOST}/sitemap.xml"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
K = EventKind


def url_of(number: int) -> str:
    return f"{HOST}/countries/country-{number}/"


@dataclass
class Site:
    """A site of standing pages, and the monitor that watches them."""

    watch: Watch
    shown: dict[int, Sheet] = field(default_factory=dict)
    etags: bool = True

    def shows(self, number: int, page: Sheet | None = None) -> None:
        self.shown[number] = page or sheet(number)
        body = state_page(self.shown[number], url_of(number), 1_000 + number)
        headers = {"etag": f'"{sha256(body).hexdigest()[:12]}"'} if self.etags else {}
        self.watch.site.says(url_of(number), body, **headers)

    def lists(self, *numbers: int) -> None:
        self.watch.site.says(MAP, sitemap(map(url_of, numbers)))

    def is_gone(self, number: int) -> None:
        self.watch.site.says(url_of(number), NOT_FOUND, 404)

    def after(self, wait: timedelta = DAY) -> RunReport:
        return self.watch.after(wait)

    def news(self) -> list[Event]:
        """Return the events that are no backfill, in their order."""
        return list(self.watch.store.events.find(EventFilter(with_backfill=False)))

    def kinds(self) -> list[tuple[EventKind, str]]:
        return [(event.kind, (event.url or "").removeprefix(f"{HOST}/countries/country-")) for event in self.news()]


@pytest.fixture
def site(watch: Watch) -> Site:
    """Three pages that a sitemap names, as they are when watching begins."""
    watch.source = source(name="countries", endpoints=(Endpoint(kind=EndpointKind.PAGES, url=MAP),))
    watch.settings = settings(watch.source, requests_per_day=None)
    found = Site(watch)
    for number in (1, 2, 3):
        found.shows(number)
    found.lists(1, 2, 3)
    assert watch.run().served_by == MAP
    return found


def test_the_first_pages_are_the_baseline(site: Site) -> None:
    assert site.kinds() == []
    statements = list(site.watch.store.statements.find())
    assert {each.url for each in statements} == {url_of(number) for number in (1, 2, 3)}
    assert all(each.standing for each in statements)


@pytest.mark.parametrize("etags", [True, False])
def test_an_unchanged_page_costs_one_request_and_no_parse(site: Site, etags: bool) -> None:
    site.etags = etags
    for number in (1, 2, 3):
        site.shows(number)
    site.after()
    site.after()
    with mock.patch.object(parsers, "read", side_effect=parsers.read) as reading:
        report = site.after(8 * DAY)
    assert sorted(site.watch.asked) == sorted([MAP, *map(url_of, (1, 2, 3))])
    assert [call.args[0].url for call in reading.call_args_list] == [MAP]  # it has no validators
    assert report.problems == ()
    assert site.kinds() == []
    a_minute_ago = site.watch.clock.now() - HOUR / 60
    assert all(each.last_seen_at > a_minute_ago for each in site.watch.store.statements.find())


def test_edits_are_events_of_their_page(site: Site) -> None:
    site.shows(1, site.shown[1].edited("We do not support", "We support"))
    site.shows(2, site.shown[2].edited("$40 million", "$14 million"))
    site.shows(3, site.shown[3].but(related=("Fern", "Gorse")))
    site.after()
    assert sorted(site.kinds()) == [(K.REVISED, "1/"), (K.REVISED, "2/")]
    assert [event.grade for event in site.news()] == [Grade.MATERIAL, Grade.MATERIAL]


def test_a_date_of_update_in_the_text_is_no_event(site: Site) -> None:
    heading, paragraphs = site.shown[1].sections[-1]
    for day in (3, 4):
        last = (heading, (*paragraphs, f"Last updated: March {day}, 2026"))
        site.shows(1, sheet(1).but(sections=(*sheet(1).sections[:-1], last)))
        site.after()
        site.watch.fetch_url(url_of(1))
    assert site.kinds() == []
    assert "updated" not in site.watch.store.statements.text(site.watch.store.statements.by_url(url_of(1))[0])


def test_another_title_date_and_text_is_an_edit_of_the_same_page(site: Site) -> None:
    other = sheet(77)
    site.watch.site.says(url_of(1), state_page(other, url_of(1), 4_711))
    site.after()
    assert sorted(site.kinds()) == [(K.RETITLED, "1/"), (K.REVISED, "1/")]
    assert len(list(site.watch.store.statements.find())) == 3


def test_a_return_to_the_former_text_is_reported_when_it_has_stood_for_a_day(site: Site) -> None:
    former = site.shown[1]
    site.shows(1, former.edited("We do not support", "We support"))
    site.after()
    site.shows(1, former)
    for _ in range(8):
        site.after(7 * HOUR)
    assert site.kinds() == [(K.REVISED, "1/"), (K.REVISED, "1/")]


def test_a_page_that_a_list_names_later_has_appeared(site: Site) -> None:
    site.shows(4)
    site.after()
    assert site.kinds() == []  # no list names it
    site.lists(1, 2, 3, 4)
    site.after()
    assert site.kinds() == [(K.PUBLISHED, "4/")]


def test_a_new_page_that_fails_at_first_has_appeared_when_it_is_read(site: Site) -> None:
    site.lists(1, 2, 3, 4)
    site.after()
    assert site.kinds() == []
    site.shows(4)
    site.after()
    assert site.kinds() == [(K.PUBLISHED, "4/")]


def test_pages_of_the_first_list_that_are_read_later_are_the_baseline(watch: Watch) -> None:
    watch.source = source(name="countries", endpoints=(Endpoint(kind=EndpointKind.PAGES, url=MAP),))
    watch.settings = settings(watch.source, requests_per_day=None, max_pages_per_run=4)
    site = Site(watch)
    numbers = range(1, 11)
    for number in numbers:
        site.shows(number)
    site.is_gone(7)
    site.lists(*numbers)
    report = watch.run()
    assert [str(problem) for problem in report.problems][-1] == f"{MAP}: 6 pages not read yet, the next run goes on"
    for _ in range(4):
        site.after(HOUR)
    assert len(list(watch.store.statements.find())) == 9
    site.shows(7)
    site.after()
    assert len(list(watch.store.statements.find())) == 10
    assert site.kinds() == []


def test_a_list_with_other_patterns_begins_anew(site: Site) -> None:
    site.shows(4)
    site.lists(1, 2, 3, 4)
    endpoint = Endpoint(kind=EndpointKind.PAGES, url=MAP, exclude=("/nothing/*",))
    site.watch.source = source(name="countries", endpoints=(endpoint,))
    site.after()
    assert (len(list(site.watch.store.statements.find())), site.kinds()) == (4, [])


def test_two_sources_read_their_pages_from_one_list(site: Site) -> None:
    watch, first = site.watch, site.watch.source
    second = source(
        name="sheets", endpoints=(Endpoint(kind=EndpointKind.PAGES, url=MAP, include=("/countries/*-[34]/",)),)
    )
    watch.site.says(MAP, sitemap(map(url_of, (1, 2, 3))), etag='"1"')
    for each in (first, second):
        watch.source = each
        site.after()
    site.shows(4)
    site.shows(5)
    watch.site.says(MAP, sitemap(map(url_of, range(1, 6))), etag='"2"')
    watch.source = replace_include(first, "/countries/*[1235]/")
    site.after()
    assert site.kinds() == []  # other patterns: the list was read again, although another source has read it
    assert len(list(watch.store.statements.find())) == 4
    watch.source = second
    site.after()
    assert site.kinds() == [(K.PUBLISHED, "4/")]
    assert len(list(watch.store.statements.find())) == 5
    with mock.patch.object(parsers, "read", side_effect=parsers.read) as reading:
        site.after(HOUR)
    assert (watch.asked, reading.call_count) == ([MAP], 0)


def replace_include(of: Source, *include: str) -> Source:
    endpoint = Endpoint(kind=EndpointKind.PAGES, url=of.endpoints[0].url, include=include)
    return source(name=of.name, endpoints=(endpoint,))


def test_a_process_that_ends_within_a_run_has_not_lost_what_the_list_said(site: Site) -> None:
    site.watch.site.says(MAP, sitemap(map(url_of, (1, 2, 3, 4))), etag='"1"')
    site.shows(4)
    with (
        mock.patch.object(PagesCrawl, "_fetch_unread", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        site.after()
    site.after()
    assert site.kinds() == [(K.PUBLISHED, "4/")]


def test_a_page_is_gone_when_its_answers_and_the_list_say_so(site: Site) -> None:
    site.is_gone(2)
    site.lists(1, 3)
    for _ in range(14):  # its archives do not answer, for which the monitor waits three days
        site.after(7 * HOUR)
    assert site.kinds() == [(K.WITHDRAWN, "2/")]
    site.shows(2)
    site.lists(1, 2, 3)
    site.after()
    assert site.kinds() == [(K.WITHDRAWN, "2/"), (K.RESTORED, "2/")]


def test_a_page_that_is_no_longer_listed_and_answers_is_not_gone(site: Site) -> None:
    site.lists(1, 3)
    report = site.after()
    assert url_of(2) in site.watch.asked  # at once
    for _ in range(20):
        site.after(7 * HOUR)
    assert (site.kinds(), report.problems) == ([], ())


def test_a_page_that_is_still_listed_is_gone_only_after_a_week(site: Site) -> None:
    site.is_gone(2)
    for _ in range(14):
        site.after(12 * HOUR)
    assert site.kinds() == []
    for _ in range(90):
        site.after(12 * HOUR)
    assert site.kinds() == [(K.WITHDRAWN, "2/")]


def test_a_block_page_is_neither_edit_nor_absence(site: Site) -> None:
    site.watch.site.says(url_of(1), BLOCK_PAGE, 403)
    for _ in range(20):
        site.after(7 * HOUR)
    assert site.kinds() == []
    statement = site.watch.store.statements.by_url(url_of(1))[0]
    assert statement.state is PublicationState.CURRENT


def test_a_site_that_refuses_a_page_gets_no_request_for_another_one_in_that_run(site: Site) -> None:
    for number in (1, 2, 3):
        site.watch.site.says(url_of(number), BLOCK_PAGE, 403)
    site.after(8 * DAY)
    assert len([url for url in site.watch.asked if url != MAP]) == 1


def test_a_changed_lastmod_makes_a_page_due_and_is_no_event(site: Site) -> None:
    now = site.watch.clock.now()
    site.watch.site.says(MAP, sitemap(dict.fromkeys(map(url_of, (1, 2, 3)), now - DAY)))
    site.after(HOUR)
    assert site.watch.asked == [MAP]
    site.watch.site.says(MAP, sitemap(dict.fromkeys(map(url_of, (1, 2, 3)), now - DAY) | {url_of(2): now}))
    site.after(HOUR)
    assert site.watch.asked == [MAP, url_of(2)]
    assert site.kinds() == []


def test_a_page_that_leads_to_another_one_is_not_that_page(site: Site) -> None:
    site.watch.site.says(url_of(2), b"", 302, location=url_of(1))
    for _ in range(8):
        report = site.after(7 * HOUR)
    assert site.kinds() == []
    assert report.served_by == MAP


def test_an_index_of_sitemaps_and_patterns(watch: Watch) -> None:
    first, second = f"{HOST}/page-sitemap.xml", f"{HOST}/press-sitemap.xml"
    watch.site.says(MAP, index(first, second))
    endpoint = Endpoint(kind=EndpointKind.PAGES, url=MAP, include=("/countries/*",), exclude=("*-2/",))
    watch.source = source(name="countries", endpoints=(endpoint,))
    watch.settings = settings(watch.source, requests_per_day=None)
    site = Site(watch)
    for number in (1, 2, 3):
        site.shows(number)
    watch.site.says(first, sitemap([url_of(1), url_of(2)]), etag='"1"')
    watch.site.says(second, sitemap([url_of(3), f"{HOST}/press/1/", "https://other.example/countries/9/"]), etag='"2"')
    watch.run()
    assert watch.asked == [MAP, first, second, url_of(1), url_of(3)]
    site.after(HOUR)
    assert watch.asked == [MAP, first, second]
    site.shows(5)
    watch.site.says(second, sitemap([url_of(3), url_of(5)]), etag='"3"')
    site.after(HOUR)
    assert site.kinds() == [(K.PUBLISHED, "5/")]


@pytest.fixture
def large(watch: Watch) -> Site:
    """An index of ten sitemaps of one page each, of which a run can request three."""
    watch.source = source(name="countries", endpoints=(Endpoint(kind=EndpointKind.PAGES, url=MAP),))
    watch.settings = settings(watch.source, requests_per_day=None, max_pages_per_run=4)
    site = Site(watch)
    watch.site.says(MAP, index(*map(part_of, range(10))))
    for number in range(10):
        site.shows(number)
        watch.site.says(part_of(number), sitemap([url_of(number)]))
    return site


def part_of(number: int) -> str:
    return f"{HOST}/part-{number}.xml"


def parts_read(site: Site, runs: int) -> list[list[int]]:
    """Return the numbers of the sitemaps that each of the next runs reads."""
    found = []
    for _ in range(runs):
        site.after(HOUR)
        found.append([number for number in range(10) if part_of(number) in site.watch.asked])
    return found


def test_an_index_that_is_larger_than_a_run_is_read_in_rounds(large: Site) -> None:
    assert parts_read(large, 8) == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]] * 2
    for _ in range(10):
        report = large.after(HOUR)
    assert len(list(large.watch.store.statements.find())) == 10
    assert large.kinds() == []
    assert "the next run goes on" in str(report.problems)
    large.shows(11)
    large.watch.site.says(part_of(8), sitemap([url_of(8), url_of(11)]))
    for _ in range(4):
        large.after(HOUR)
    assert large.kinds() == [(K.PUBLISHED, "11/")]


def test_a_round_in_which_a_sitemap_failed_does_not_make_the_list_whole(large: Site) -> None:
    large.watch.site.says(part_of(4), b"busy", 503)
    for _ in range(8):
        large.after(HOUR)
    large.watch.site.says(part_of(4), sitemap([url_of(4)]))
    for _ in range(8):
        large.after(HOUR)
    assert len(list(large.watch.store.statements.find())) == 10
    assert large.kinds() == []  # it has not appeared: no round had read the list as a whole


def test_a_killed_run_reads_on_where_the_last_one_ended(large: Site) -> None:
    assert parts_read(large, 1) == [[0, 1, 2]]
    with mock.patch.object(PagesCrawl, "_update", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        large.after(HOUR)
    assert parts_read(large, 1) == [[3, 4, 5]]


def test_indexes_that_name_tens_of_thousands_of_sitemaps_take_linear_time(watch: Watch) -> None:
    watch.source = source(name="countries", endpoints=(Endpoint(kind=EndpointKind.PAGES, url=MAP),))
    watch.settings = settings(watch.source, requests_per_day=None)
    parts = [f"{HOST}/part-{number}.xml" for number in range(6)]
    watch.site.says(MAP, index(*parts))
    for part in parts:
        watch.site.says(part, index(*(f"{part}?page={number}" for number in range(5_000)), *parts))
    with bounded():
        report = watch.run()
    assert len(watch.asked) == len(set(watch.asked)) == watch.settings.fetch.max_pages_per_run
    assert report.problems[-1].problem == "29,967 sitemaps not read in this run, the next run goes on"


def test_the_links_of_a_page(watch: Watch) -> None:
    links = f"{HOST}/countries/"
    watch.site.says(links, overview([url_of(1), "/countries/country-2/#top", "https://other.example/x/", links]))
    watch.source = source(name="countries", endpoints=(Endpoint(kind=EndpointKind.PAGES, url=links),))
    watch.settings = settings(watch.source, requests_per_day=None)
    site = Site(watch)
    for number in (1, 2):
        site.shows(number)
    watch.run()
    assert watch.asked == [links, url_of(1), url_of(2)]
    assert site.kinds() == []


def test_patterns_that_leave_nothing_are_a_problem_of_the_source(watch: Watch) -> None:
    watch.site.says(MAP, sitemap([url_of(1)]))
    endpoint = Endpoint(kind=EndpointKind.PAGES, url=MAP, include=("/nothing/*",))
    watch.source = source(name="countries", endpoints=(endpoint,))
    report = watch.run()
    (attempt,) = report.attempts
    assert report.served_by is None
    assert attempt.detail == "the list names no page that `include` and `exclude` leave"


def configured(watch: Watch, count: int) -> Site:
    """A site of so many pages that the configuration names, each of which was read."""
    numbers = range(1, count + 1)
    endpoint = Endpoint(kind=EndpointKind.PAGES, urls=tuple(map(url_of, numbers)))
    watch.source = source(name="countries", endpoints=(endpoint,))
    watch.settings = settings(watch.source, requests_per_day=None)
    site = Site(watch)
    for number in numbers:
        site.shows(number)
    assert watch.run().served_by == url_of(1)
    return site


@pytest.fixture
def listed(watch: Watch) -> Site:
    """Three pages that the configuration names."""
    return configured(watch, 3)


def test_pages_of_the_configuration_are_watched_without_a_list(listed: Site) -> None:
    assert sorted(listed.watch.asked) == sorted(map(url_of, (1, 2, 3)))
    listed.shows(3, listed.shown[3].edited("We do not support", "We support"))
    listed.after()
    assert listed.kinds() == [(K.REVISED, "3/")]
    listed.after(HOUR)
    assert len(listed.watch.asked) == 1  # so that the run says if the site answers
    endpoint = Endpoint(kind=EndpointKind.PAGES, urls=tuple(map(url_of, (1, 2, 3, 4))))
    listed.watch.source = source(name="countries", endpoints=(endpoint,))
    listed.shows(4)
    listed.after()
    assert len(list(listed.watch.store.statements.find())) == 4
    assert listed.kinds() == [(K.REVISED, "3/")]  # the operator named the page, which may be old


def test_one_of_several_pages_of_the_configuration_is_gone(listed: Site) -> None:
    listed.is_gone(1)
    for _ in range(14):
        assert listed.after(7 * HOUR).served_by is not None
    assert listed.kinds() == [(K.WITHDRAWN, "1/")]


def test_a_site_that_has_lost_all_pages_is_broken_and_they_are_not_gone(listed: Site) -> None:
    for number in (1, 2, 3):
        listed.is_gone(number)
    reports = [listed.after(13 * HOUR) for _ in range(8)]
    assert {report.served_by for report in reports} == {None}
    assert listed.kinds() == [(K.BROKEN, "1/")]


def test_three_pages_of_the_configuration_show_if_the_site_answers(watch: Watch) -> None:
    site = configured(watch, 6)
    for number in range(1, 7):
        site.is_gone(number)
    site.after(HOUR)
    assert len(watch.asked) == 3  # no page is due


def test_a_page_that_another_source_had_first_is_watched_as_its_statement(watch: Watch) -> None:
    site = Site(watch)
    site.shows(1)
    watch.settings = settings(watch.source, requests_per_day=None)
    watch.fetch_url(url_of(1))
    (statement,) = watch.store.statements.find()
    assert not statement.standing
    site.lists(1)
    watch.source = source(name="countries", endpoints=(Endpoint(kind=EndpointKind.PAGES, url=MAP),))
    site.after()
    site.after()
    assert watch.asked == [MAP, url_of(1)]
    assert watch.only().id == statement.id


def test_requests_are_spread_over_the_day(watch: Watch) -> None:
    numbers = range(1, 31)
    watch.source = source(name="countries", endpoints=(Endpoint(kind=EndpointKind.PAGES, url=MAP),))
    watch.settings = settings(watch.source, requests_per_day=60)
    site = Site(watch)
    for number in numbers:
        site.shows(number)
    site.lists(*numbers)
    watch.run()  # at noon: 13 of 24 hours of 42 requests
    assert len(watch.site.asked) == 23
    site.after(HOUR)
    assert len(watch.site.asked) == 25
    for _ in range(9):
        site.after(HOUR)
    assert len(watch.site.asked) <= 42
    assert site.kinds() == []


# Faults of the site

NOTICE = sheet(999).but(
    name="Maintenance", sections=(("Notice", ("This site is under maintenance. Come back later.",)),)
)


def notices(site: Site, *numbers: int) -> None:
    """Let pages show a notice in State's own layout, with status 200."""
    for number in numbers:
        site.watch.site.says(url_of(number), state_page(NOTICE, url_of(number), 1_000 + number))


def leads_to_front(site: Site, *numbers: int) -> None:
    site.watch.site.says(f"{HOST}/", state_page(sheet(500), f"{HOST}/"))
    for number in numbers:
        site.watch.site.says(url_of(number), b"", 302, location=f"{HOST}/")


def many(watch: Watch, count: int, **changes: int) -> Site:
    """A site of so many pages that a sitemap names, each of which was read."""
    watch.source = source(name="countries", endpoints=(Endpoint(kind=EndpointKind.PAGES, url=MAP),))
    watch.settings = settings(watch.source, requests_per_day=None, **changes)
    site = Site(watch)
    for number in range(1, count + 1):
        site.shows(number)
    site.lists(*range(1, count + 1))
    watch.run()
    site.after()
    assert len(list(watch.store.statements.find())) == count
    return site


@pytest.mark.parametrize("count", [2, 3, 12])
def test_a_notice_in_place_of_all_pages_is_no_edit_and_the_source_fails(watch: Watch, count: int) -> None:
    site = many(watch, count)
    texts = {each.id: watch.store.statements.text(each) for each in watch.store.statements.find()}
    notices(site, *range(1, count + 1))
    reports = [site.after(wait) for wait in (6 * HOUR, *[2 * HOUR] * 8)]
    assert {report.served_by for report in reports} == {None}
    assert all(len(report.attempts) == 1 for report in reports)
    assert "in place of their own text: each has the title “U.S. Relations With Maintenance”" in str(
        reports[0].attempts
    )
    assert [kind for kind, _ in site.kinds()] == [K.BROKEN]
    assert {each.id: watch.store.statements.text(each) for each in watch.store.statements.find()} == texts
    assert len([url for url in watch.asked if url != MAP]) <= 3  # the rest is not asked in vain
    for number in range(1, count + 1):
        site.shows(number)
    for _ in range(4):
        site.after()
    assert [kind for kind, _ in site.kinds()] == [K.BROKEN, K.RECOVERED]
    site.shows(1, site.shown[1].edited("We do not support", "We support"))
    site.after(8 * DAY)
    assert site.kinds()[2:] == [(K.REVISED, "1/")]


@pytest.mark.parametrize("count", [2, 3, 12])
def test_a_text_in_place_of_all_pages_that_stays_for_a_day_is_an_edit_of_each(watch: Watch, count: int) -> None:
    site = many(watch, count)
    notices(site, *range(1, count + 1))
    for wait in (6 * HOUR, 6 * HOUR, 6 * HOUR, 6 * HOUR):
        site.after(wait)
    assert [kind for kind, _ in site.kinds()] == [K.BROKEN]
    for _ in range(20):
        site.after(6 * HOUR)
    kinds = site.kinds()
    assert {where for kind, where in kinds if kind is K.REVISED} == {f"{each}/" for each in range(1, count + 1)}
    assert [kind for kind, _ in kinds if kind in {K.BROKEN, K.RECOVERED}] == [K.BROKEN, K.RECOVERED]


def test_a_text_in_place_of_all_pages_that_comes_and_goes_is_no_edit(watch: Watch) -> None:
    site = many(watch, 3)
    for _ in range(6):
        notices(site, 1, 2, 3)
        site.after(6 * HOUR)
        site.after(6 * HOUR)
        for number in (1, 2, 3):
            site.shows(number)
        site.after(6 * HOUR)
    assert {kind for kind, _ in site.kinds()} <= {K.BROKEN, K.RECOVERED}


def test_pages_that_get_one_text_are_edited_a_day_later_at_most(watch: Watch) -> None:
    site = many(watch, 6)
    notices(site, 1, 2, 3, 4)
    for _ in range(40):
        site.after(6 * HOUR)
    edited = [where for kind, where in site.kinds() if kind is K.REVISED]
    assert sorted(edited) == ["1/", "2/", "3/", "4/"]
    times = [event.at for event in site.news() if event.kind is K.REVISED]
    assert times[1] - times[0] < HOUR  # two are no placeholder
    assert DAY <= times[2] - times[1] <= 2 * DAY


def test_a_page_that_shows_its_own_text_between_shows_no_edit(watch: Watch) -> None:
    site = many(watch, 6)
    notices(site, 1, 2)
    site.after(8 * DAY)
    edited = site.kinds()
    assert {where for _, where in edited} == {"1/", "2/"}
    for _ in range(4):
        notices(site, 3)
        site.after(8 * DAY)
        site.shows(3)
        site.after(8 * DAY)
    assert site.kinds() == edited


def test_new_pages_with_one_text_stop_no_other_page(watch: Watch) -> None:
    site = many(watch, 3)
    notices(site, 11, 12, 13)
    site.lists(1, 2, 3, 11, 12, 13)
    site.shows(1, site.shown[1].edited("We do not support", "We support"))
    for _ in range(8):
        report = site.after(6 * HOUR)
        assert report.served_by == MAP
    assert (K.REVISED, "1/") in site.kinds()
    assert sorted(where for kind, where in site.kinds() if kind is K.PUBLISHED) == ["11/", "12/", "13/"]


def test_many_new_pages_with_one_text_appear_a_day_later(watch: Watch) -> None:
    site = many(watch, 3)
    notices(site, 11, 12, 13, 14)
    site.lists(1, 2, 3, 11, 12, 13, 14)
    site.after(6 * HOUR)
    assert len(site.kinds()) == 2
    for _ in range(8):
        site.after(6 * HOUR)
    assert sorted(where for kind, where in site.kinds() if kind is K.PUBLISHED) == ["11/", "12/", "13/", "14/"]


def test_a_site_of_one_text_becomes_the_baseline_a_day_later(watch: Watch) -> None:
    watch.source = source(name="countries", endpoints=(Endpoint(kind=EndpointKind.PAGES, url=MAP),))
    watch.settings = settings(watch.source, requests_per_day=None)
    site = Site(watch)
    notices(site, 1, 2, 3)
    site.lists(1, 2, 3)
    watch.run()
    for _ in range(3):
        site.after(7 * HOUR)
    assert list(watch.store.statements.find()) == []
    for _ in range(6):
        site.after(7 * HOUR)
    assert len(list(watch.store.statements.find())) == 3


def test_a_notice_in_place_of_some_pages_is_at_first_an_edit_of_two_at_most(watch: Watch) -> None:
    site = many(watch, 12)
    notices(site, *range(1, 8))
    for _ in range(3):
        site.after(7 * HOUR)
    edited = {where for kind, where in site.kinds() if kind in {K.REVISED, K.RETITLED}}
    assert len(edited) == 2
    for number in range(1, 8):
        site.shows(number)
    for _ in range(6):
        site.after()
    assert {where for kind, where in site.kinds()} == edited


def test_a_notice_is_no_baseline(watch: Watch) -> None:
    watch.source = source(name="countries", endpoints=(Endpoint(kind=EndpointKind.PAGES, url=MAP),))
    watch.settings = settings(watch.source, requests_per_day=None)
    site = Site(watch)
    notices(site, 1, 2, 3, 4)
    site.lists(1, 2, 3, 4)
    assert watch.run().served_by is None
    assert list(watch.store.statements.find()) == []
    for number in (1, 2, 3, 4):
        site.shows(number)
    site.after()
    site.after()
    assert len(list(watch.store.statements.find())) == 4
    assert site.kinds() == []


def test_a_page_that_is_listed_while_the_site_shows_a_notice_has_appeared_later(site: Site) -> None:
    notices(site, 1, 2, 3, 4)
    site.lists(1, 2, 3, 4)
    for _ in range(2):
        site.after()
    assert site.kinds() == []
    for number in (1, 2, 3, 4):
        site.shows(number)
    for _ in range(3):
        site.after()
    assert site.kinds() == [(K.PUBLISHED, "4/")]


@pytest.mark.parametrize("fault", [leads_to_front, lambda site, *numbers: [site.is_gone(each) for each in numbers]])
def test_all_pages_of_a_list_that_are_missing_at_once_are_not_gone(watch: Watch, fault: Callable[..., object]) -> None:
    site = many(watch, 12)
    fault(site, *range(1, 13))
    for _ in range(12):
        site.after(12 * HOUR)
    assert [kind for kind, _ in site.kinds()] == [K.BROKEN]
    assert watch.store.sources.get("countries", watch.source.role).incident is K.BROKEN
    for number in range(1, 13):
        site.shows(number)
    for _ in range(4):
        site.after()
    assert [kind for kind, _ in site.kinds()] == [K.BROKEN, K.RECOVERED]


@pytest.mark.parametrize("fault", [leads_to_front, lambda site, *numbers: [site.is_gone(each) for each in numbers]])
@pytest.mark.parametrize("count", [1, 2, 12])
def test_all_pages_of_a_list_that_are_missing_for_a_week_are_gone(
    watch: Watch, fault: Callable[..., object], count: int
) -> None:
    site = many(watch, count)
    fault(site, *range(1, count + 1))
    start = watch.clock.now()
    for _ in range(30):
        site.after(12 * HOUR)
    gone = [event for event in site.news() if event.kind is K.WITHDRAWN]
    assert sorted(event.url for event in gone) == sorted(url_of(number) for number in range(1, count + 1))
    assert all(event.at - start > 7 * DAY for event in gone)


@pytest.mark.parametrize("count", [1, 2, 12])
def test_all_pages_of_the_configuration_that_are_missing_for_a_week_are_gone(watch: Watch, count: int) -> None:
    numbers = range(1, count + 1)
    site = configured(watch, count)
    for number in numbers:
        site.is_gone(number)
    for _ in range(24):
        site.after(12 * HOUR)
    gone = [where for kind, where in site.kinds() if kind is K.WITHDRAWN]
    assert sorted(gone) == sorted(f"{number}/" for number in numbers)


def test_pages_that_lead_to_an_error_page_of_their_own_are_not_gone_for_a_week(watch: Watch) -> None:
    numbers = range(1, 13)
    site = configured(watch, 12)
    for number in numbers:
        error_page = f"{HOST}/404?aspxerrorpath=/countries/country-{number}/"
        watch.site.says(url_of(number), b"", 302, location=error_page)
        watch.site.says(error_page, NOT_FOUND, 404)
    for _ in range(13):
        site.after(12 * HOUR)
    assert [kind for kind, _ in site.kinds()] == [K.BROKEN]
    for _ in range(12):
        site.after(12 * HOUR)
    assert len([where for kind, where in site.kinds() if kind is K.WITHDRAWN]) == len(numbers)


@pytest.mark.parametrize("gone", [1, 5])
def test_pages_that_lead_to_the_front_page_are_withdrawn_while_others_are_there(watch: Watch, gone: int) -> None:
    site = many(watch, 12)
    leads_to_front(site, *range(1, gone + 1))
    for _ in range(20):
        assert site.after(12 * HOUR).served_by == MAP or gone > 1
    kinds = site.kinds()
    assert sorted(kinds) == sorted((K.WITHDRAWN, f"{number}/") for number in range(1, gone + 1))


def test_a_page_costs_no_other_request_after_one_that_shows_its_own_text(watch: Watch) -> None:
    site = many(watch, 6)
    notices(site, 6)
    site.after(8 * DAY)
    assert sorted(watch.asked) == sorted([MAP, *map(url_of, range(1, 7))])
    assert {where for _, where in site.kinds()} == {"6/"}


def test_a_site_that_cannot_be_compared_withdraws_nothing_for_a_week(watch: Watch) -> None:
    site = many(watch, 5)
    leads_to_front(site, 1)
    for number in (2, 3, 4, 5):
        watch.site.says(url_of(number), b"busy", 503)
    for _ in range(12):
        site.after(12 * HOUR)
    assert [kind for kind, _ in site.kinds()] == [K.BROKEN]
    for _ in range(40):
        site.after(12 * HOUR)
    assert [page for kind, page in site.kinds() if kind is K.WITHDRAWN] == ["1/"]


def test_a_single_page_is_judged_by_itself(watch: Watch) -> None:
    site = many(watch, 1)
    notices(site, 1)
    site.after()
    assert sorted(site.kinds()) == [(K.RETITLED, "1/"), (K.REVISED, "1/")]
