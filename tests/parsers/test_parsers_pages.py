"""Tests of pages: their publisher, their identification, and changed shapes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from parsers_support import capture

from scraper import parsers
from scraper.errors import DriftError, HostileMarkupError
from scraper.model import EndpointKind, Item, Precision, Reading
from scraper.parsers import jsonld
from scraper.parsers.document import Document
from scraper.text import normalize

HEADLINE = '<h1 class="featured-content__headline extra">Lamps</h1>'
BODY = '<div class="entry-content"><p>Text.</p></div>'
OLD = "https://2001-2009.state.gov/r/pa/prs/ps/2008/900900.htm"


def page(html: str, url: str = "https://www.state.gov/lamps/") -> Reading:
    return parsers.read(capture(html, url))


def item(html: str, url: str = "https://www.state.gov/lamps/") -> Item:
    return page(html, url).items[0]


@pytest.mark.parametrize(
    ("start", "parser"),
    [
        ("<?xml version='1.0'?><!-- <rss> --><html><body>" + HEADLINE + BODY, "state-article"),
        ("\ufeff<!doctype html>" + HEADLINE + BODY, "state-article"),
        ("<rss><item><link>/a</link></item></rss>", "feed"),
        ("<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:link href='/a'/></a:entry></a:feed>", "feed"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "/a"}]}', "feed"),
        ('[{"link": "/a", "title": {"rendered": "t"}}]', "wordpress"),
        ("<urlset><url><loc>/a</loc></url></urlset>", "sitemap"),
    ],
)
def test_sniffing(start: str, parser: str) -> None:
    assert page(start).parser == parser


@pytest.mark.parametrize(
    "html",
    [
        "<h1>Lamps</h1><main><p>A theme that nobody knows.</p></main>",
        HEADLINE,
        BODY,
        HEADLINE + '<div class="entry-content"><script>x</script></div>',
        "<title> - United States Department of State</title>",
    ],
)
def test_a_page_of_state_in_no_known_shape_is_drift(html: str) -> None:
    for host in ("www", "2021-2025", "2017-2021"):
        with pytest.raises(DriftError):
            page(html, f"https://{host}.state.gov/lamps/")


def test_a_body_that_is_only_chrome_is_drift() -> None:
    chrome = "".join(f"<p>{line}</p>" for line in ("Home", "Press Releases", "hide", "Lamps", "June 4, 2026"))
    with pytest.raises(DriftError, match="without text"):
        page(f'{HEADLINE}<div class="entry-content">{chrome}</div>')


@pytest.mark.parametrize("url", ["https://www.state.gov/lamps/", "https://herald.example/lamps/", OLD])
@pytest.mark.parametrize("body", ["", "  ", "<a " * 3_000, "<p>" * 130_001, "<p>a</p>" * 125_001])
def test_hostile_pages_are_refused(body: str, url: str) -> None:
    for kind in (None, EndpointKind.PAGE, EndpointKind.LISTING):
        with pytest.raises(HostileMarkupError):
            parsers.read(capture(body, url), kind)


def test_only_a_page_of_state_may_have_a_quarter_of_a_million_tags() -> None:
    rows = "<p>Lamps</p>" * 124_900
    assert len(item(f"<title>Lamps of 2007</title>{rows}", OLD).paragraphs or ()) == 124_900
    with pytest.raises(HostileMarkupError, match="60000"):
        page(f"<title>Lamps</title>{rows}", "https://herald.example/lamps/")


def test_titles_in_order_of_trust() -> None:
    og = '<meta property="og:title" content="Og  Lamps - United States Department of State">'
    assert item(HEADLINE + og + BODY).title == "Lamps"
    for site in ("– United States Department of State", "| U.S. Department of State", "- US State Department"):
        assert item(og.replace("- United States Department of State", site) + BODY).title == "Og Lamps"
    assert item(f"{og}<main><h1>Main</h1>{BODY}</main>").title == "Main"
    assert item(og + BODY).title == "Og Lamps"
    assert item(f"<title>T – United States Department of State</title>{BODY}").title == "T"


def test_addresses_and_guids_of_state_only() -> None:
    head = '<link rel="canonical" href="{}"><link rel="alternate" type="application/json" href="{}">'
    found = item(
        head.format(
            "https://web.archive.org/web/1/https://www.state.gov/lamps/", "https://x.example/wp-json/wp/v2/posts/1"
        )
        + HEADLINE
        + BODY,
        "https://2021-2025.state.gov/lamps/?utm_source=x",
    )
    assert (found.url, found.guid) == ("https://2021-2025.state.gov/lamps/", None)
    found = item(
        head.format("/lamps/", "https://2021-2025.state.gov/wp-json/wp/v2/pages/7") + HEADLINE + BODY,
        "https://2021-2025.state.gov/lamps/print/",
    )
    assert (found.url, found.guid) == ("https://2021-2025.state.gov/lamps/", "https://www.state.gov/?page_id=7")
    assert found.guid_derived
    assert item(f'<link rel="shortlink" href="/?p=8">{HEADLINE}{BODY}').guid == "https://www.state.gov/?p=8"


def test_the_bureau_is_in_newer_urls() -> None:
    for path in ("releases/bureau-of-lamps/2026/06/x/", "bureau-of-lamps/releases/2025/01/x/"):
        assert item(HEADLINE + BODY, f"https://www.state.gov/{path}").bureau == "Bureau of Lamps"


def dated(shown: str, said: str) -> tuple[datetime | None, Precision | None]:
    day = f'<p class="article-meta__publish-date">{shown}</p>' if shown else ""
    data = f'<script type="application/ld+json">{{"datePublished": "{said}"}}</script>' if said else ""
    found = item(data + HEADLINE + day + BODY)
    return found.published_at, found.precision


def test_the_day_shown_and_the_time_said() -> None:
    day = datetime(2026, 6, 4, tzinfo=UTC)
    assert dated("June 4, 2026", "") == (day, Precision.DAY)
    assert dated("", "2026-06-04T23:30:00-04:00") == (datetime(2026, 6, 5, 3, 30, tzinfo=UTC), Precision.SECOND)
    assert dated("June 4, 2026", "2026-06-04T23:30-04:00") == (
        datetime(2026, 6, 5, 3, 30, tzinfo=UTC),
        Precision.MINUTE,
    )
    assert dated("June 4, 2026", "2026-06-04T10:00:00") == (datetime(2026, 6, 4, 14, tzinfo=UTC), Precision.SECOND)
    assert dated("June 4, 2026", "2025-01-03T10:00:00Z") == (day, Precision.DAY)
    assert dated("June 4, 2026", "2026-06-05") == (day, Precision.DAY)
    assert dated("", "") == (None, None)


@pytest.mark.parametrize(
    "data", ["", "no json", "[" * 50_000, '[1, {"@graph": 3}, {"@graph": [2]}]', '{"datePublished": 7}']
)
def test_structured_data_may_be_anything(data: str) -> None:
    page = f'<script type="application/ld+json">{data}</script><p>x</p>'
    assert jsonld.read(Document(capture(page)), UTC) == (None, None)


def test_one_text_from_every_endpoint() -> None:
    paragraphs = ("The below is attributable to Spokesperson Tallow:", "Lamps & <ropes>\nfor “all”.")
    html = (
        "<script>x()</script><p>The below is attributable to&nbsp;Spokesperson Tallow:</p>\n"
        "<div class='wp-block-paragraph'><p>Lamps &amp; &lt;<b>r</b>opes&gt;<br />for “all”.</p></div>"
    )
    byline = "<p>Office of the Spokesperson</p>"
    namespace = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    whole = f"<content:encoded {namespace}><![CDATA[{byline}{html}]]></content:encoded>"
    feed = f"<rss><channel><item><title>t</title><link>/a</link>{whole}"
    rest = json.dumps({"id": 1, "link": "/a", "title": {"rendered": "t"}, "content": {"rendered": byline + html}})
    author = '<p class="article-meta__author-bureau">Office of the Spokesperson</p>'
    for answer in (
        f"{feed}</item></channel></rss>",
        rest,
        f'{HEADLINE}{author}<div class="entry-content">{html}</div>',
    ):
        found = item(answer)
        assert found.byline == "Office of the Spokesperson"
        assert normalize.without_byline(found.paragraphs or (), found.byline) == paragraphs


def old(*lines: str, title: str = "Lamps", url: str = OLD) -> Item:
    return item(f"<title>{title}</title>" + "".join(f"<p>{line}</p>" for line in lines), url)


def test_numbered_pages_by_the_shape_of_their_lines() -> None:
    found = old("Press Statement", "Ambrose Tallow", "Spokesman", "Lamps", "Port Merrow", "June 4, 2008", "Text.")
    assert (found.type, found.byline, found.place) == ("Press Statement", "Ambrose Tallow, Spokesman", "Port Merrow")
    assert (found.paragraphs, found.speaker, found.precision) == (("Text.",), "Ambrose Tallow", Precision.DAY)
    assert old("Lamps", "Text without a date, and no place.").paragraphs == ("Text without a date, and no place.",)
    assert old("Lamps", "Port Merrow", "Text.").paragraphs == ("Port Merrow", "Text.")
    assert old("x" * 300, "June 4, 2008").paragraphs == ("x" * 300, "June 4, 2008")
    assert old("First.", "Second.").paragraphs == ("First.", "Second.")
    in_head = item("<html><title>Lamps</title><main><p>June 4, 2008<p>Text.</main><body><p>More.</body>", OLD)
    assert in_head.paragraphs == ("Text.", "More.")
    with pytest.raises(DriftError, match="without text"):
        old("Lamps", "June 4, 2008")
    with pytest.raises(DriftError, match="without title"):
        old("Text.", title="")


def test_the_first_sentences_of_a_numbered_page_are_no_header() -> None:
    ends_with_date = ("We welcome the accord.", "It matters to us", "June 4, 2008")
    assert old(*ends_with_date).paragraphs == ends_with_date
    many = ("One", "Two", "Three", "Four", "June 4, 2008", "Text.")
    assert old(*many).paragraphs == many
    assert old(*many).published_at is None
    # A line that is no known field stays in the text.
    assert old(*many[1:]).paragraphs == ("Two", "Three", "Four", "Text.")
    assert old(*many[1:]).precision is Precision.DAY
    assert old("Lamps", "Port Merrow rejoices with us.", "June 4, 2008", "Text.").place is None
    assert old("Ambrose Tallow, Jr.", "Lamps", "Washington, D.C.", "June 4, 2008", "Text.").paragraphs == ("Text.",)


def test_old_numbers_on_the_present_host() -> None:
    url = "https://www.state.gov/secretary/20172018quill/remarks/2017/10/900901.htm"
    assert page("<h2>Lamps</h2><p>Text.</p>", url).parser == "state-numbered"
    with pytest.raises(DriftError):
        page("<h2>Lamps</h2><p>Text.</p>", url.replace("900901", "index"))


def test_other_pages() -> None:
    url = "https://careers.state.gov/a"
    assert item("<title>T</title><div role='main'><p>In main.</p></div><p>Out.</p>", url).paragraphs == ("In main.",)
    assert item("<title>T</title>no paragraph", url).paragraphs == ("no paragraph",)
    assert item("<title>T</title><article> </article><div><p>a</p></div><div><p>longer</p></div>", url).paragraphs == (
        "longer",
    )
    assert item("<h1></h1><h1>Only heading</h1><p>x</p>", url).title == "Only heading"
    assert item("<title>T</title><p><b>no text of its own</b></p>", url).paragraphs == ("no text of its own",)
    assert page("<h1>Travel</h1><p>x</p>", "https://travel.state.gov/x").parser == "page"
    with pytest.raises(DriftError, match="without title"):
        page("<p>x</p>", url)
    with pytest.raises(DriftError, match="without text"):
        page("<title>T</title>", url)
