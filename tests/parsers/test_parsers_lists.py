"""Tests of WordPress, listings and sitemaps: next pages, and bodies that are no valid response."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from parsers_support import capture

from scraper import parsers
from scraper.errors import DriftError, HostileMarkupError, ParseError
from scraper.model import EndpointKind, Reading
from scraper.parsers import sitemap, wordpress
from scraper.parsers.build_item import MAX_ITEMS, MAX_PROBLEMS
from scraper.pipeline import list_urls

REST = "https://www.state.gov/wp-json/wp/v2/state_press_release"


def posts(*found: dict[str, object], url: str = REST, **headers: str) -> Reading:
    return parsers.read(capture(json.dumps(found), url, **headers), EndpointKind.WORDPRESS)


def post(number: int = 1, **fields: object) -> dict[str, object]:
    return {
        "id": number,
        "link": f"https://www.state.gov/s{number}/",
        "title": {"rendered": "Lamps"},
        "content": {"rendered": "<p>Text.</p>"},
    } | fields


def test_first_url() -> None:
    fields = "id,type,status,link,guid,title,content,date_gmt,modified_gmt,class_list"
    assert list_urls.first_url(EndpointKind.WORDPRESS, f"{REST}?x=1&order=asc") == (
        f"{REST}?x=1&per_page=20&orderby=date&order=desc&_fields={fields}"
    )
    since = datetime(2026, 6, 1, 8, tzinfo=timezone(timedelta(hours=-4)))
    assert list_urls.first_url(EndpointKind.WORDPRESS, REST, since=since) == (
        f"{REST}?per_page=50&orderby=modified&order=desc&_fields={fields}&modified_after=2026-06-01T12:00:00Z"
    )
    by_route = "https://gazette.example/?rest_route=/wp/v2/posts&categories=58"
    assert list_urls.first_url(EndpointKind.WORDPRESS, by_route) == (
        f"{by_route}&per_page=20&orderby=date&order=desc&_fields={fields}"
    )
    for kind in set(EndpointKind) - {EndpointKind.WORDPRESS}:
        assert list_urls.first_url(kind, "https://x.example/f?a=b", since=since) == "https://x.example/f?a=b"


def test_the_pages_end_where_the_header_says() -> None:
    assert posts(post(), x_wp_totalpages="2").next_url == f"{REST}?page=2"
    assert posts(post(), url=f"{REST}?page=2", x_wp_totalpages="2").next_url is None
    assert posts(post(), url=f"{REST}?page=x", x_wp_totalpages="2").next_url == f"{REST}?page=2"
    assert posts(post()).next_url is None


def test_an_empty_list_is_drift_only_where_posts_must_be() -> None:
    assert posts(url=f"{REST}?page=9").items == ()
    assert posts(url=f"{REST}?modified_after=2026-01-01T00:00:00Z").items == ()
    with pytest.raises(DriftError, match="empty list"):
        posts()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('{"code": "rest_no_route", "message": "No route", "data": {"status": 404}}', "rest_no_route: No route"),
        ("<html>Technical Difficulties</html>", "markup instead of JSON"),
        ("nonsense", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1, 2]", "without posts"),
        ("3", "without posts"),
    ],
)
def test_bodies_that_are_no_response_of_wordpress(body: str, says: str) -> None:
    with pytest.raises(ParseError, match=says):
        parsers.read(capture(body, REST), EndpointKind.WORDPRESS)


def test_posts_without_the_fields_of_posts_are_drift() -> None:
    with pytest.raises(DriftError, match="1 post, none with title and URL"):
        posts({"id": 1, "headline": "x"})
    assert posts(post(1, status="draft")).items == ()


def test_guids_of_all_sorts() -> None:
    def guid(**fields: object) -> tuple[str | None, bool]:
        found = posts(post(7, **fields)).items[0]
        return found.guid, found.guid_derived

    assert guid(guid={"rendered": "https://www.state.gov/?page_id=7"}) == ("https://www.state.gov/?page_id=7", False)
    assert guid(type="page") == ("https://www.state.gov/?page_id=7", True)
    assert guid(type="state_report") == ("https://www.state.gov/?post_type=state_report&p=7", True)
    assert guid() == ("https://www.state.gov/?p=7", True)
    archived = posts(post(7, link="https://2021-2025.state.gov/s7/", type="post")).items[0]
    assert archived.guid == "https://www.state.gov/?p=7"
    assert posts(post(7, id="", class_list="odd")).items[0].guid is None


def test_a_value_that_is_no_number_is_no_id() -> None:
    for odd in ({"a": [1]}, True, "\ud800", 1.5, "9" * 5_000, None):
        assert posts(post(7, id=odd)).items[0].guid is None
    found = posts(post(7, id="7", guid={"rendered": "\ud800x"}, link="https://www.state.gov/a\udc00b/"))
    assert (found.items[0].guid, found.items[0].url) == ("?x", "https://www.state.gov/a?b/")


def test_numbers_too_long_for_any_page_are_not_read() -> None:
    huge = "9" * 5_000
    assert posts(post(), x_wp_totalpages=huge).next_url is None
    assert posts(post(), url=f"{REST}?page={huge}", x_wp_totalpages="2").next_url == f"{REST}?page=2"
    assert listing(total=huge).next_url is None
    url = "https://www.state.gov/press-releases/"
    assert listing(f"{url}?results={huge}", total="11").next_url == f"{url}page/2/?results={huge}"


def test_no_more_than_so_many_items_are_read() -> None:
    assert len(posts(*map(post, range(MAX_ITEMS + 3))).items) == MAX_ITEMS
    reading = listing(results=MAX_ITEMS + 3)
    assert len(reading.items) == MAX_ITEMS
    assert len(reading.problems) == MAX_PROBLEMS + 1


def test_results_in_results_are_one() -> None:
    nested = RESULT.format(1).removesuffix("</li>").replace("<li", "<div") * 100
    assert len(parsers.read(capture(f'<div id="col_json_result">{nested}</div>'), EndpointKind.LISTING).items) == 1


def test_bodies_past_the_bounds_cost_only_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = posts(post(1, content={"rendered": "<b>" * 60_001}), post(2, content="odd"), post(3))
    assert [found.paragraphs for found in reading.items] == [None, None, ("Text.",)]
    assert "60001 tags" in reading.problems[0]
    monkeypatch.setattr(wordpress, "MAX_BODY_TAGS", 3)
    reading = posts(post(1), post(2))
    assert [found.paragraphs for found in reading.items] == [("Text.",), None]
    assert "its text is not read" in reading.problems[0]


RESULT = '<li class="collection-result"><a class="collection-result__link" href="/s{0}/">S{0}</a></li>'


def listing(
    url: str = "https://www.state.gov/press-releases/", results: int = 10, total: str = "", more: str = ""
) -> Reading:
    info = f'<div class="collection-info__total"><span class="collection-info__number">{total}</span></div>'
    found = "".join(RESULT.format(number) for number in range(results))
    return parsers.read(capture(f'{info}<ul id="col_json_result">{found}</ul>{more}', url))


@pytest.mark.parametrize(
    ("url", "results", "total", "more", "expected"),
    [
        ("/press-releases/", 10, "11", "", "/press-releases/page/2/"),
        ("/press-releases/", 10, "10", "", None),
        ("/press-releases", 10, "1,234", "", "/press-releases/page/2/"),
        ("/press-releases/page/3/", 5, "25", "", None),
        ("/press-releases/page/2", 10, "25", "", "/press-releases/page/3/"),
        ("/press-releases/", 10, "", "", None),
        ("/press-releases/", 10, "", '<a href="/press-releases/page/2/">2</a>', "/press-releases/page/2/"),
        ("/press-releases/", 10, "", '<a href="/press-releases/page/1/">1</a>', None),
        # `?page=` shows page 1 whatever it says: it is dropped, the other filters stay.
        ("/press-releases/?page=7&results=30&x=", 30, "31", "", "/press-releases/page/2/?results=30&x="),
        ("/press-releases/page/2/?results=30", 1, "31", "", None),
    ],
)
def test_the_next_page_of_a_listing(url: str, results: int, total: str, more: str, expected: str | None) -> None:
    reading = listing("https://www.state.gov" + url, results, total, more)
    assert reading.next_url == (expected and "https://www.state.gov" + expected)
    assert reading.parser == "state-listing"


def test_a_listing_without_results_is_drift() -> None:
    with pytest.raises(DriftError, match="without results"):
        listing(results=0)
    with pytest.raises(DriftError, match="none with title"):
        parsers.read(
            capture('<ul id="col_json_result"><li class="collection-result">x</li></ul>'), EndpointKind.LISTING
        )
    with pytest.raises(DriftError, match="a page that lists no articles"):
        parsers.read(capture("<p>x</p>", "https://gazette.example/"), EndpointKind.LISTING)


SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'
URL = "<url><loc>https://www.state.gov/s/</loc></url>"


def test_children_of_an_index() -> None:
    def child(name: str, at: str = "") -> str:
        return f"<sitemap><loc>/{name}.xml</loc>{f'<lastmod>{at}</lastmod>' if at else ''}</sitemap>"

    maps = child("a", "2026-01-01") + child("b") + child("c", "2026-02-01") + child("d", "odd")
    found = parsers.child_sitemaps(
        capture(f"<sitemapindex>{maps}</sitemapindex>", "https://x.example/sitemap_index.xml")
    )
    assert found == tuple(f"https://x.example/{name}.xml" for name in "cabd")
    assert parsers.child_sitemaps(capture(SITEMAP.format(URL))) == ()


def test_a_zipped_map_is_read_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    zipped = gzip.compress(SITEMAP.format(URL).encode())
    assert len(parsers.read(capture(zipped)).items) == 1
    assert parsers.read(capture(zipped[:-9])).problems[0] == "the packed sitemap is cut off"
    with pytest.raises(ParseError, match="damaged"):
        parsers.read(capture(zipped[:12] + b"\xff" * 40))
    monkeypatch.setattr(sitemap, "MAX_BYTES", 20)
    with pytest.raises(HostileMarkupError, match="larger than 20 bytes"):
        parsers.read(capture(zipped))


@pytest.mark.parametrize(
    ("markup", "count", "problem"),
    [
        (f'\n\n<?xml version="1.0"?>{SITEMAP.format(URL * 2)}', 2, ""),
        (f'\ufeff <?xml version="1.0" encoding="UTF-8"?>{SITEMAP.format(URL)}', 1, ""),
        (SITEMAP.format(URL + "<url><loc>https://x.example/?a=1&b=2</loc></url>"), 2, "not well-formed"),
        (SITEMAP.format(URL + "<image:image>x</image:image>" + URL), 2, "not well-formed"),
        (SITEMAP.format(URL * 3)[:-30], 2, "not well-formed"),
        (SITEMAP.format(URL + "\x0b" + URL), 2, "not well-formed"),
        (f'<!-- cached --><?xml version="1.0"?>{SITEMAP.format(URL)}', 1, "not well-formed"),
        (f'<br />\n<b>Notice</b>: x\n<?xml version="1.0"?>{SITEMAP.format(URL * 2)}', 2, "not well-formed"),
    ],
)
def test_row_103_a_broken_or_cut_map_gives_the_entries_that_can_be_read(markup: str, count: int, problem: str) -> None:
    reading = parsers.read(capture(markup, "https://x.example/sitemap.xml"), EndpointKind.SITEMAP)
    assert len(reading.items) == count
    assert problem in "".join(reading.problems)
    assert bool(problem) == bool(reading.problems)


def test_a_map_holds_no_more_than_the_protocol_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MAX_ENTRIES", 3)
    assert len(parsers.read(capture(SITEMAP.format(URL * 9))).items) == 3
    assert len(parsers.read(capture(SITEMAP.format(URL + "<url></url>" * 2 + URL))).items) == 1
    monkeypatch.setattr(sitemap, "_MAX_TAGS", 10)
    with pytest.raises(HostileMarkupError, match="10 tags"):
        parsers.read(capture(SITEMAP.format(URL * 9)))


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        (SITEMAP.format(""), DriftError, "names nothing"),
        (SITEMAP.format("<url><loc> </loc></url>"), DriftError, "names nothing"),
        ("<html><body/></html>", ParseError, "no sitemap but <html>"),
        (SITEMAP.format("<url>"), ParseError, "not well-formed"),
        ('<!DOCTYPE x [<!ENTITY a "b">]>' + SITEMAP.format(URL), ParseError, "entities"),
    ],
)
def test_bodies_that_are_no_sitemap(body: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        parsers.read(capture(body), EndpointKind.SITEMAP)


def test_clock_is_the_newest_change() -> None:
    dated = "<url><loc>/a</loc><lastmod>2026-06-01T10:00:00Z</lastmod></url>"
    assert parsers.read(capture(SITEMAP.format(URL + dated))).clock == datetime(2026, 6, 1, 10, tzinfo=UTC)
