"""Tests of URLs relative to a base: `xml:base` of feeds, `<base href>` of pages, hosts without a scheme."""

from __future__ import annotations

import pytest
from parsers_support import capture

from scraper import parsers
from scraper.model import EndpointKind, Item

FEED = "https://feeds.example/atom"


def items(body: str, url: str = FEED, kind: EndpointKind = EndpointKind.FEED) -> tuple[Item, ...]:
    return parsers.read(capture(body, url), kind).items


def atom(
    feed: str = "", entry: str = "", link: str = "", content: str = "", href: str = "lamps/", more: str = ""
) -> str:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {feed}>{more}<entry {entry}><title>Lamps</title><link {link} '
        f'href="{href}"/><id>tag:x,1</id><updated>2026-03-01T10:00:00Z</updated><content type="html" {content}>'
        '&lt;p&gt;Wells were &lt;a href="a"&gt;dug&lt;/a&gt;.&lt;/p&gt;</content></entry></feed>'
    )


BASE = 'xml:base="https://herald.example/news/"'


@pytest.mark.parametrize(
    ("body", "url", "link"),
    [
        (atom(BASE), "https://herald.example/news/lamps/", "https://herald.example/news/a"),
        (atom(BASE, 'xml:base="2026/"'), "https://herald.example/news/2026/lamps/", "https://herald.example/news/2026/a"),
        (atom(BASE, 'xml:base="/2026/"', "xml:base='x/'"), "https://herald.example/2026/x/lamps/", "https://herald.example/2026/a"),
        (atom("xml:base='/news/'"), "https://feeds.example/news/lamps/", "https://feeds.example/news/a"),
        (atom(BASE, content='xml:base="//b.example/"'), "https://herald.example/news/lamps/", "https://b.example/a"),
        (atom("xml:base='mailto:x'"), "https://feeds.example/lamps/", "https://feeds.example/lamps/a"),
        (atom(), "https://feeds.example/lamps/", "https://feeds.example/lamps/a"),
        (atom(BASE, href="https://b.example/l/"), "https://b.example/l/", "https://herald.example/news/a"),
        (
            atom(href="herald.example/l/", more='<link href="https://www.herald.example/"/>'),
            "https://herald.example/l/",
            "https://herald.example/l/a",
        ),
        (atom(BASE).replace("</feed>", "<entry><b></feed>"), "https://herald.example/news/lamps/", "https://herald.example/news/a"),
    ],
)  # fmt: skip
def test_links_of_a_feed_are_relative_to_its_bases(body: str, url: str, link: str) -> None:
    (item,) = items(body)
    assert (item.url, item.links) == (url, (link,))


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("www.herald.example/lamps/", "https://www.herald.example/lamps/"),
        ("herald.example/lamps/", "https://herald.example/lamps/"),
        ("//cdn.example/lamps/", "https://cdn.example/lamps/"),
        ("/lamps/", "https://feeds.example/lamps/"),
    ],
)
def test_links_of_rss_and_json_feeds_may_lack_their_scheme(link: str, expected: str) -> None:
    rss = (
        f"<rss version='2.0'><channel><title>Herald</title><link>https://herald.example/</link><item><title>Lamps</title>"
        f"<link>{link}</link><description>x</description></item></channel></rss>"
    )
    assert items(rss)[0].url == expected
    feed = f'{{"home_page_url": "https://herald.example/", "items": [{{"title": "Lamps", "url": "{link}"}}]}}'
    assert items(feed)[0].url == expected


def test_rss_has_bases_too() -> None:
    rss = (
        f"<rss version='2.0' {BASE}><channel xml:base='lamps/'><item><title>Lamps</title><link>1/</link>"
        "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>"
        "&lt;p&gt;&lt;a href='2'&gt;x&lt;/a&gt;&lt;/p&gt;</content:encoded></item></channel></rss>"
    )
    (item,) = items(rss)
    assert (item.url, item.links) == ("https://herald.example/news/lamps/1/", ("https://herald.example/news/lamps/2",))


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("<base href='https://www.state.gov/'>", "https://www.state.gov/releases/lamps/"),
        ("<base target=_blank><base href='//www.state.gov/x/y'>", "https://www.state.gov/x/releases/lamps/"),
        ("<base href='/deep/'><base href='/late/'>", "https://herald.example/deep/releases/lamps/"),
        ("<base href='data:x'>", "https://herald.example/news/releases/lamps/"),
        ("", "https://herald.example/news/releases/lamps/"),
    ],
)
def test_links_of_a_page_are_relative_to_its_base(base: str, expected: str) -> None:
    words = "The ferry between Karsk and Oren sails again from Monday, with a boat each hour until the autumn. " * 3
    html = (
        f"<html><head>{base}<title>Lamps</title></head><body><article><h1>Lamps</h1><p>{words}</p>"
        f"<p>{words} Source: <a href='releases/lamps/'>State</a></p></article></body></html>"
    )
    reading = parsers.read(
        capture(html, "https://herald.example/news/lamps/".replace("lamps/", "lamps")), EndpointKind.PAGE
    )
    assert reading.items[0].links == (expected,)


def test_links_of_a_list_are_relative_to_its_base() -> None:
    links = "".join(f"<h2><a href='{n}-lamps-for-karsk/'>Lamps for Karsk number {n}</a></h2>" for n in range(3))
    html = f"<html><head><base href='/news/'></head><body>{links}</body></html>"
    found = items(html, "https://herald.example/latest/", EndpointKind.LISTING)
    assert [item.url for item in found] == [f"https://herald.example/news/{n}-lamps-for-karsk/" for n in range(3)]
