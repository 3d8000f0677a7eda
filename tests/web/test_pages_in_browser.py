"""Tests of every page in a real browser: layout, contrast, landmarks, keyboard, print, safety, and without scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from browser import CONTENT_TABS, MAX_TABS, WIDTHS, Visit, context, started, tab_through, visit
from chromium import needs_chromium
from hostile_db import write
from serving import serving
from web_support import STORY_ENDS

from scraper.clock import SimulatedClock
from scraper.store import Audience, Store
from scraper.web.routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from playwright.sync_api import Browser

    from scraper.config.settings import Settings

pytestmark = needs_chromium

LIVE_ONLY = (
    "statements/99/",
    "trace/",
    "phrase/?q=valley",
    "search/?q=valley",
    "search/?q=zzzz",
    "changed/?q=valley",
    "data",
    "data/event_list?_filter_column=kind&_filter_op=contains&_filter_value=copy",
    "data/revision_list?_size=5&_facet=number",
    "data/said?words=valley",
)
"""Paths of pages of which no route lists the paths, and of pages that need a server (with a query, too)."""


def paths(db: Path) -> list[str]:
    """The paths to visit: those of `LIVE_ONLY`, and of those that the routes list the last one of each kind."""
    with Store(db, audience=Audience.PAGES) as store, store.snapshot():
        listed = sorted(path for route in ROUTES if route.addresses for path, _ in route.addresses(store))
    kinds = {next(route for route in ROUTES if re.fullmatch(route.pattern, path)): path for path in listed}
    found = dict.fromkeys((*LIVE_ONLY, *kinds.values()))
    return [path for path in found if path in ("", *LIVE_ONLY) or path.endswith("/")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for this file. Its event loop would be in the way of tests in other files that run one."""
    with started() as browser:
        yield browser


@pytest.fixture(scope="module")
def demo_site(demo_db: Path, settings: Settings) -> Iterator[str]:
    with serving(demo_db, settings, SimulatedClock(STORY_ENDS)) as url:
        yield url


@pytest.fixture(scope="module")
def hostile_db(demo_db: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "hostile.db"
    write(demo_db, path)
    return path


@pytest.fixture(scope="module")
def hostile_site(hostile_db: Path, settings: Settings) -> Iterator[str]:
    with serving(hostile_db, settings, SimulatedClock(STORY_ENDS)) as url:
        yield url


@pytest.fixture(scope="module")
def demo(browser: Browser, demo_site: str, demo_db: Path) -> list[Visit]:
    """A visit in full to each page over the database of the demo."""
    with context(browser) as visitor:
        page = visitor.new_page()
        return [visit(page, demo_site, path, in_full=True) for path in paths(demo_db)]


@pytest.fixture(scope="module")
def hostile(browser: Browser, hostile_site: str, hostile_db: Path) -> list[Visit]:
    """A visit to each page over the hostile database."""
    with context(browser) as visitor:
        page = visitor.new_page()
        return [visit(page, hostile_site, path, in_full=False) for path in paths(hostile_db)]


@pytest.fixture(scope="module")
def visits(demo: list[Visit], hostile: list[Visit]) -> list[Visit]:
    return [*demo, *hostile]


def test_every_page_responds(visits: Sequence[Visit]) -> None:
    wrong = [(each.path, each.status) for each in visits if each.status != (404 if "/99/" in each.path else 200)]
    assert wrong == []


def test_nothing_is_wider_than_the_screen(visits: Sequence[Visit]) -> None:
    assert all(measured["edge"] == width for each in visits for width, measured in each.layout.items())
    assert all(tuple(each.layout) == WIDTHS for each in visits)
    scrolling = {
        (each.path, width): measured["wide"] or measured["scrolled"]
        for each in visits
        for width, measured in each.layout.items()
        if measured["wide"] or measured["scrolled"] > width
    }
    assert scrolling == {}


@pytest.mark.parametrize("path", ["sources/", "outlets/"])
def test_tables_fit_a_tablet_without_scrolling(browser: Browser, demo_site: str, path: str) -> None:
    with context(browser) as visitor:
        page = visitor.new_page()
        for width in (800, 900, 1_000):
            page.set_viewport_size({"width": width, "height": 600})
            page.goto(f"{demo_site}{path}")
            sizes = page.evaluate("[...document.querySelectorAll('.table')].map(e => [e.scrollWidth, e.clientWidth])")
            assert sizes
            assert all(needed <= room for needed, room in sizes), (width, sizes)


def test_browser_reports_no_error_and_no_violation_of_the_policy(visits: Sequence[Visit]) -> None:
    reported = {each.path: each.console for each in visits if each.console and each.status != 404}
    assert reported == {}
    assert {each.path: each.failed for each in visits if each.failed and each.status != 404} == {}


def test_nothing_is_requested_from_another_host(visits: Sequence[Visit]) -> None:
    assert {each.path: each.other_hosts for each in visits if each.other_hosts} == {}


def test_axe_finds_no_violation(demo: Sequence[Visit]) -> None:
    """WCAG 2.1 AA with the contrast of the light scheme, landmarks, and the order of headings."""
    assert [(each.path, each.axe) for each in demo if each.axe] == []


def test_every_text_contrasts_with_its_background_in_the_dark_scheme(demo: Sequence[Visit]) -> None:
    assert [(each.path, each.pale_in_dark) for each in demo if each.pale_in_dark] == []


def test_skip_link_is_the_first_stop_of_the_keyboard_and_leads_to_the_content(demo: Sequence[Visit]) -> None:
    for each in demo:
        first, content, *_ = each.tabs
        assert (first["href"], first["inside"]) == ("#content", True), each.path
        assert content["tag"].startswith('<main id="content"'), each.path


def test_keyboard_goes_on_through_the_content_in_order(demo: Sequence[Visit]) -> None:
    for each in demo:
        stops = [stop["index"] for stop in each.tabs[2:]]
        assert stops == list(range(len(each.places))[each.first_place :][:CONTENT_TABS]), (each.path, each.places)


def test_keyboard_reaches_every_link_and_control_of_the_first_page(browser: Browser, demo_site: str) -> None:
    found = Visit("")
    with context(browser) as visitor:
        page = visitor.new_page()
        page.goto(demo_site)
        tab_through(page, found, from_content=False)
    assert [stop["index"] for stop in found.tabs] == list(range(len(found.places))[: MAX_TABS + 1])
    assert all(stop["marked"] and stop["inside"] for stop in found.tabs)


def test_times_of_the_first_page_have_those_of_the_reader_beside_them(browser: Browser, demo_site: str) -> None:
    with browser.new_context(timezone_id="Asia/Tokyo", locale="en-GB") as visitor:
        page = visitor.new_page()
        page.goto(demo_site)
        assert page.locator("time", has_text="18:00").get_attribute("title") == "13/05/2026, 03:00:00 (your time)"


def test_focus_is_visible_at_every_stop(demo: Sequence[Visit]) -> None:
    hidden = [
        (each.path, stop["tag"])
        for each in demo
        for stop in each.tabs
        if stop["index"] >= 0 and not (stop["marked"] and stop["inside"])  # the content itself needs no mark
    ]
    assert hidden == []


def test_printed_page_is_dark_text_on_white_without_navigation(demo: Sequence[Visit]) -> None:
    for each in demo:
        assert each.printed["ink"] == "rgb(0, 0, 0)", each.path
        assert each.printed["paper"] == "rgba(0, 0, 0, 0)", each.path
        assert each.printed["shown"] == [], each.path
        assert each.pale_in_print == [], each.path


def test_no_script_of_the_content_runs(visits: Sequence[Visit]) -> None:
    assert {each.path: each.ran for each in visits if each.ran} == {}
    assert {each.path for each in visits if each.content["loads"] or each.content["inline"]} == set()


def test_links_are_of_the_web_only(visits: Sequence[Visit]) -> None:
    schemes = {(each.path, urlsplit(url).scheme) for each in visits for url in each.content["hrefs"]}
    assert {
        (path, scheme) for path, scheme in schemes if scheme not in {"", "http", "https", "data", "mailto"}
    } == set()
    data = {url for each in visits for url in each.content["hrefs"] if url.startswith("data:")}
    assert data <= {"data:,"}


def test_pages_read_whole_without_scripts(browser: Browser, demo_site: str, demo: Sequence[Visit]) -> None:
    with context(browser, scripts=False) as visitor:
        page = visitor.new_page()
        for each in (each for each in demo if each.content["scripts"]):
            page.goto(demo_site + each.path)
            headings = page.locator("h1, h2, h3").all_inner_texts()
            words = len(page.locator("main").inner_text().split())
            assert len(headings) >= 1, each.path
            assert len(headings) >= len(each.content["headings"]), each.path
            assert words >= 0.9 * each.content["words"], each.path


BAD_PAGE = """<!doctype html><html><head><title>Bad</title>
<style>:focus {outline: none} .pale {color: #bbb}
.dim {color: #555}
@media (prefers-color-scheme: dark) {body {background: #000; color: #fff}}
</style></head><body><nav><a href="javascript:window.ran=1">first</a></nav><button tabindex="3">before the link</button>
<button>reached</button><p class="pale">pale</p><p class="dim">dim</p>
<div style="width: 2000px; overflow: visible">wide</div>
<h1>Bad</h1><h4>late</h4>
<img src="http://other.example/pixel.png"><script>window.ran = 2; console.error("no")</script></body></html>"""


def test_visit_notices_every_fault(browser: Browser) -> None:
    """The other tests prove something only as long as a page with faults fails them."""
    with context(browser) as visitor:
        page = visitor.new_page()
        page.route("http://bad.example/", lambda route: route.fulfill(body=BAD_PAGE, content_type="text/html"))
        page.route("http://other.example/**", lambda route: route.fulfill(status=404))
        bad = visit(page, "http://bad.example/", "", in_full=True)
        page.goto("http://bad.example/")
        tab_through(page, bad, from_content=False)
    assert {measured["scrolled"] > width for width, measured in bad.layout.items()} == {True}
    assert all(any("wide" in element for element in measured["wide"]) for measured in bad.layout.values())
    assert "no" in bad.console
    assert bad.other_hosts == ["http://other.example/pixel.png"]
    assert bad.failed == ["404 http://other.example/pixel.png"]
    assert "dim" in [text for *_, text in bad.pale_in_dark]
    assert {rule for rule, _, _ in bad.axe} >= {
        "color-contrast",
        "html-has-lang",
        "image-alt",
        "region",
        "heading-order",
    }
    assert [stop["index"] for stop in bad.tabs] == [1, 0, 2]
    assert [stop["marked"] for stop in bad.tabs] == [False] * 3
    assert (bad.printed["ink"], bad.printed["paper"]) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)")
    assert len(bad.printed["shown"]) == 1
    assert "wide" in [text for *_, text in bad.pale_in_print]
    assert (bad.ran, bad.content["inline"] > 0) == ("2", True)
    assert "javascript:window.ran=1" in bad.content["hrefs"]
