"""Tests of discovery on a site: named feeds, usual URLs, and a configuration that loads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bounded import bounded
from hypothesis import example, given
from hypothesis import strategies as st
from parsers_support import capture
from test_parsers_fixtures import FIXTURES

from scraper.config import loader
from scraper.config.fields import EXAMPLE_CONTACT
from scraper.errors import HostileMarkupError
from scraper.model import EndpointKind
from scraper.parsers.discover import Discovery, FoundEndpoint, discover, name_of, yaml_for

if TYPE_CHECKING:
    from pathlib import Path

    from scraper.config.settings import Settings

URL = "https://www.gazette.example/world/lamps/"
API = '<link rel="https://api.w.org/" href="/wp-json/">'
RSS = '<link rel="alternate" type="application/rss+xml" title="{}" href="{}">'


def found(html: str, url: str = URL, **headers: str) -> list[tuple[str, str, bool]]:
    """(kind, address, sure) of each endpoint but the guessed sitemap."""
    endpoints = discover(capture(html, url, **headers)).endpoints
    return [(str(one.kind), one.url, not one.doubt) for one in endpoints if "guess" not in one.doubt]


def settings(tmp_path: Path, discovery: Discovery, name: str = "gazette") -> Settings:
    path = tmp_path / "config.yaml"
    head = f"fetch:\n  contact: {EXAMPLE_CONTACT}\nsources:\n"
    path.write_text(head + yaml_for(discovery, name), encoding="utf-8")
    return loader.load(path)


def test_a_wordpress_article_with_its_feeds(tmp_path: Path) -> None:
    body = (FIXTURES / "mirror-page" / "synthetic-2026-03-09-jisip-news.html").read_bytes()
    discovery = discover(capture(body, "https://jisipnews.example/politics/secretary-roes-meeting/"))
    assert (discovery.title, discovery.language) == ("JISIP NEWS", "en-US")
    assert [(one.kind, one.url) for one in discovery.endpoints] == [
        (EndpointKind.WORDPRESS, "https://jisipnews.example/wp-json/wp/v2/posts"),
        (EndpointKind.FEED, "https://jisipnews.example/feed/"),
        (EndpointKind.SITEMAP, "https://jisipnews.example/wp-sitemap.xml"),
    ]
    assert yaml_for(discovery, "jisipnews") == (
        "  # JISIP NEWS\n"
        "  - name: jisipnews\n"
        "    role: mirror\n"
        "    # Try it with `statewire fetch jisipnews`, then enable it.\n"
        "    enabled: false\n"
        "    every: 1h\n"
        '    language: "en-US"\n'
        "    hosts: [www.jisipnews.example]\n"
        "    endpoints:\n"
        "      # the site's REST API: exact, with whole texts\n"
        "      - kind: wordpress\n"
        "        url: https://jisipnews.example/wp-json/wp/v2/posts\n"
        "      # JISIP NEWS » Feed\n"
        "      - kind: feed\n"
        "        url: https://jisipnews.example/feed/\n"
        "      # a guess: the usual place of a sitemap\n"
        "      # - kind: sitemap\n"
        "      #   url: https://jisipnews.example/wp-sitemap.xml\n"
    )
    [source] = settings(tmp_path, discovery, "jisipnews").sources
    assert (source.name, source.enabled, source.language) == ("jisipnews", False, "en-US")
    assert [one.kind for one in source.endpoints] == [EndpointKind.WORDPRESS, EndpointKind.FEED]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (API, [("wordpress", "https://www.gazette.example/wp-json/wp/v2/posts", True)]),
        (
            API + '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/categories/58">',
            [
                ("wordpress", "https://www.gazette.example/wp-json/wp/v2/posts?categories=58", True),
                ("wordpress", "https://www.gazette.example/wp-json/wp/v2/posts", False),
            ],
        ),
        (
            API + '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/press_item/58">',
            [("wordpress", "https://www.gazette.example/wp-json/wp/v2/press_item", True)],
        ),
        (
            API + '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">',
            [("wordpress", "https://www.gazette.example/wp-json/wp/v2/posts", True)],
        ),
        (
            '<link rel="https://api.w.org/" href="/?rest_route=/"><link rel="alternate" type="application/json" '
            'href="/?rest_route=/wp/v2/tags/58">',
            [
                ("wordpress", "https://www.gazette.example/?rest_route=/wp/v2/posts&tags=58", True),
                ("wordpress", "https://www.gazette.example/?rest_route=/wp/v2/posts", False),
            ],
        ),
        ('<link rel="https://api.w.org/" href="mailto:x">', []),
        (
            RSS.format("Gazette", "/feed/") + RSS.format("Gazette Comments Feed", "/comments/feed/")
            + RSS.format("World", "/world/feed/") + RSS.format("Again", "/feed/") + RSS.format("No", "javascript:x"),
            [
                ("feed", "https://www.gazette.example/feed/", True),
                ("feed", "https://www.gazette.example/world/feed/", False),
            ],
        ),
        (
            '<link rel="alternate" type="Application/Atom+XML; charset=utf-8" href="https://feeds.example/g">'
            '<link rel="alternate" type="application/feed+json" href="/feed.json">'
            '<link rel="alternate" type="text/html" href="/m">',
            [("feed", "https://feeds.example/g", True), ("feed", "https://www.gazette.example/feed.json", False)],
        ),
        ('<link rel="sitemap" href="/map.xml">', [("sitemap", "https://www.gazette.example/map.xml", True)]),
        (
            RSS.format("", "/feed/") + '<link rel="sitemap" href="/map.xml"><link rel="sitemap">',
            [
                ("feed", "https://www.gazette.example/feed/", True),
                ("sitemap", "https://www.gazette.example/map.xml", False),
            ],
        ),
        (
            RSS.format("x", "https://user:secret@gazette.example/feed")
            + RSS.format("x", "https://gazette.example:99999/f"),
            [],
        ),
        ("<p>Nothing</p>", []),
    ],
)  # fmt: skip
def test_what_a_page_names(html: str, expected: list[tuple[str, str, bool]], tmp_path: Path) -> None:
    assert found(f"<html><head><title>Gazette</title>{html}</head><body></body></html>") == expected
    [source] = settings(tmp_path, discover(capture(f"<title>Gazette</title>{html}", URL))).sources
    sure = [(str(one.kind), one.url) for one in source.endpoints]
    assert sure == [(kind, url) for kind, url, is_sure in expected if is_sure] or sure == [("page", URL)]


def test_the_rest_api_named_in_a_header() -> None:
    header = '<https://www.gazette.example/wp-json/>; rel="https://api.w.org/", <https://x.example/>; rel=shortlink'
    assert found("<p>x</p>", link=header) == [("wordpress", "https://www.gazette.example/wp-json/wp/v2/posts", True)]
    assert found("<p>x</p>", link="<https://x.example/>; rel=shortlink") == []


@pytest.mark.parametrize(
    ("html", "guess"),
    [
        ("<p>x</p>", "sitemap.xml"),
        (API, "wp-sitemap.xml"),
        (f"<!-- This site is optimized with the Yoast SEO plugin v24 -->{API}", "sitemap_index.xml"),
    ],
)
def test_the_usual_sitemap_is_only_a_guess(html: str, guess: str) -> None:
    *_, last = discover(capture(html, URL)).endpoints
    assert (last.kind, last.url) == (EndpointKind.SITEMAP, f"https://www.gazette.example/{guess}")
    assert "guess" in last.doubt


def test_sitemaps_that_robots_name() -> None:
    robots = (
        "crawl-delay: 5\nUser-agent: *\nDisallow:\n sitemap : /news.xml\nSitemap: https://www.gazette.example/all.xml\n"
    )
    discovery = discover(capture("<p>x</p>", URL), robots)
    assert [one.url for one in discovery.endpoints] == [
        "https://www.gazette.example/news.xml",
        "https://www.gazette.example/all.xml",
    ]
    assert not any(one.doubt for one in discovery.endpoints)


def test_a_feed_is_what_it_is(tmp_path: Path) -> None:
    for body in ("<?xml version='1.0'?><rss><channel><item><link>/a</link></item></channel></rss>",
                 '{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "/a"}]}'):  # fmt: skip
        discovery = discover(capture(body, "https://gazette.example/feed"))
        assert discovery.endpoints == (
            FoundEndpoint(EndpointKind.FEED, "https://gazette.example/feed", "the given feed"),
        )
        assert settings(tmp_path, discovery).sources[0].endpoints[0].kind is EndpointKind.FEED
    xhtml = f"<?xml version='1.0'?><html><head>{API}</head></html>"
    assert found(xhtml) == [("wordpress", "https://www.gazette.example/wp-json/wp/v2/posts", True)]


def test_titles_and_languages() -> None:
    for language, expected in (("en_US", "en-US"), ("no", "no"), ("", None), ("x", None), ("en; drop", None)):
        assert discover(capture(f"<html lang='{language}'><p>x</p></html>", URL)).language == expected
    assert discover(capture("<title>Lamps |\n Gazette</title><p>x</p>", URL)).title == "Lamps | Gazette"


def test_norwegian_is_not_false(tmp_path: Path) -> None:
    assert settings(tmp_path, discover(capture("<html lang='no'><p>x</p></html>", URL))).sources[0].language == "no"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.harbour-gazette.example/x", "harbour-gazette"),
        ("https://news.gazette.example/", "news-gazette"),
        ("https://localhost:8080/", "localhost"),
        ("https://[::1]/", "1"),
        ("no address", "source"),
    ],
)
def test_names(url: str, name: str) -> None:
    assert name_of(url) == name


@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40)), max_size=4),
    st.sampled_from(["https://www.gazette.example/a", "https://gazette.example/${HOME}/#x", "http://127.0.0.1:8080/"]),
)
@example("", [(":", "")], "https://www.gazette.example/a")
def test_the_entry_loads_for_any_site(
    tmp_path_factory: pytest.TempPathFactory, title: str, feeds: list[tuple[str, str]], url: str
) -> None:
    endpoints = tuple(
        FoundEndpoint(EndpointKind.FEED, f"https://gazette.example/{path}", label, label if number else "")
        for number, (path, label) in enumerate(feeds)
        if path.isprintable() and " " not in path
    )
    [source] = settings(tmp_path_factory.mktemp("c"), Discovery(url, title, "en", endpoints)).sources
    assert source.name == "gazette"
    assert len(source.endpoints) == max(1, sum(not one.doubt for one in endpoints))


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)", "data:text/xml,<rss/>", "//user:pw@gazette.example/feed", "http://[::1]:80/feed",
        "http://[::1/feed", "https://münchen.example/feed", "https://a\x01b.example/feed", "/feed\x01", "/feed\u202e",
        "https://gazette.example:99999/feed", "https://gazette.example:0/feed", "https://a b.example/feed", "/a feed",
        "/${HOME}", "/{{x}}", "/feed: x", "/#", "/" + "x" * 5_000_000, "https://" + "a." * 1_000 + "example/feed",
    ],
)  # fmt: skip
def test_whatever_addresses_a_page_names_the_entry_loads(href: str, tmp_path: Path) -> None:
    for html in (RSS.format("x", href), f"<link rel='https://api.w.org/' href='{href}'>"):
        discovery = discover(capture(f"<html><head>{html}</head><body>x", URL), f"Sitemap: {href[:400]}\n")
        [source] = settings(tmp_path, discovery).sources
        assert all(endpoint.url.startswith(("http://", "https://")) for endpoint in source.endpoints)


def test_a_page_that_names_endless_feeds_ends_in_bounded_time() -> None:
    feeds = "".join(RSS.format("x", f"/feed/{n}") for n in range(8_000))
    html = feeds + "<a href='/lamps-at-sea'>The lamps</a>" * 8_000
    with bounded():
        assert len(discover(capture(html, URL)).endpoints) < 100


def test_hostile_pages_are_refused() -> None:
    with pytest.raises(HostileMarkupError):
        discover(capture("<p>" * 60_001, URL))
