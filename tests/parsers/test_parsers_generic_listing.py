"""Tests of lists of sites without a parser of their own: articles, other links, refused pages."""

from __future__ import annotations

import pytest
from bounded import bounded
from hypothesis import given
from hypothesis import strategies as st
from parsers_support import capture

from scraper import parsers
from scraper.errors import DriftError, HostileMarkupError
from scraper.model import EndpointKind, Reading
from scraper.parsers.build_item import MAX_ITEMS
from scraper.parsers.generic_listing import NAME

URL = "https://gazette.example/world/"
THREE = "".join(f"<li><a href='/lamps-for-harbour-{n}'>Lamps for Harbour {n}</a></li>" for n in range(3))
HOME = [f"https://gazette.example/lamps-for-harbour-{n}" for n in range(3)]


def listing(html: str, url: str = URL) -> Reading:
    return parsers.read(capture(f"<html><body>{html}</body></html>", url), EndpointKind.LISTING)


def found(html: str, url: str = URL) -> list[str]:
    return [item.url for item in listing(html, url).items]


def test_a_plain_list() -> None:
    reading = listing(f"<ul>{THREE}</ul>")
    assert reading.parser == NAME
    assert [(item.url, item.title) for item in reading.items] == [
        (url, f"Lamps for Harbour {n}") for n, url in enumerate(HOME)
    ]
    assert all(item.paragraphs is None and item.published_at is None for item in reading.items)
    assert reading.next_url is None
    assert reading.problems == ()


@pytest.mark.parametrize(
    "html",
    [
        "<p>Nothing</p>",
        "<nav><ul>" + THREE + "</ul></nav>",
        "<aside>" + THREE + "</aside>",
        "<footer>" + THREE + "</footer>",
        # Two may be chance, where nothing says that they are headlines.
        "<ul>" + THREE.partition("</li>")[0] + "<li><a href='/lamps-for-harbour-9'>Lamps for Harbour 9</a></ul>",
        "<h2><a href='/lamps-for-harbour-9'>Lamps for Harbour 9</a></h2>",
        "".join(f"<h2><a href='/tag/lamps-of-{n}/'>The Lamps of {n}</a></h2>" for n in range(9)),
        "".join(f"<li><a rel='tag' href='/lamps-of-{n}/'>The Lamps of {n}</a>" for n in range(9)),
        "".join(f"<li><a href='/world/?page={n}'>The page of number {n}</a>" for n in range(9)),
        "".join(f"<li><a href='https://www.state.gov/lamps-for-{n}/'>The lamps for {n}</a>" for n in range(9)),
        "".join(f"<li><a href='/lamps-for-harbour-{n}'>Read more</a>" for n in range(9)),
        "".join(f"<li><a href='/lamps-for-harbour-{n}'>March {n}, 2026</a>" for n in range(1, 9)),
        "".join(f"<li><a href='/lamps-for-harbour-{n}'><img alt='Lamps for Harbour {n}'></a>" for n in range(9)),
        "".join(f"<li><a href='#lamps-for-harbour-{n}'>Lamps for Harbour {n}</a>" for n in range(9)),
        "".join(f"<li><a href='javascript:go({n})'>Lamps for Harbour {n}</a>" for n in range(9)),
        "".join(f"<li><a href='https://me:{n}@gazette.example/lamps-{n}-at-sea'>Lamps for Harbour {n}</a>"
                for n in range(9)),
        "".join(f"<li><a href='http://[::{n}]/lamps-for-harbour'>Lamps for Harbour {n}</a>" for n in range(9)),
        "".join(f"<li><a href='http://[{n}/lamps-for-harbour'>Lamps for Harbour {n}</a>" for n in range(9)),
    ],
)  # fmt: skip
def test_a_page_without_a_list_of_articles_is_drift(html: str) -> None:
    with pytest.raises(DriftError, match="lists no articles"):
        listing(html)


def test_an_entry_gives_one_article() -> None:
    story, office = (
        "<a href='/stories/{0}000'>Lamps for Harbour {0}</a>",
        "<a href='/our-{1}-of-lamps'>Our {1} of lamps</a>",
    )
    row = f"<tr><td>{story}<td>{office}"
    rows = [row.format(n, "office" if n else "bureau") for n in range(1, 6)]
    assert found(f"<table>{''.join(rows)}</table>") == [f"https://gazette.example/stories/{n}000" for n in range(1, 6)]
    # A page that is one row as a whole is no list of rows.
    assert found(f"<table><tr><td><div>{THREE.replace('li>', 'p>')}</div></table>") == HOME


def test_links_beside_the_list_stay_out() -> None:
    beside = "<div class='col sidebar'><h2><a href='/rope-of-the-year'>The Rope of the Year</a></h2></div>"
    assert found(beside + THREE.replace("<a", "<h2><a").replace("</a>", "</a></h2>")) == HOME
    # Without a name, it is distinguished from the list as the smaller part.
    assert found(f"<div>{THREE}</div><div><a href='/rope-of-the-year'>The Rope of the Year</a></div>") == HOME


def test_a_list_that_is_named_a_widget_is_one_all_the_same() -> None:
    assert found(f"<div class='widget'><ul>{THREE}</ul></div>") == HOME
    assert found(f"<div id='content-sidebar-wrap'><main><ul>{THREE}</ul></main></div>") == HOME


def test_a_site_has_subdomains_and_no_others() -> None:
    more = "<li><a href='//news.gazette.example/lamps-for-all-of-us'>Lamps for all of us</a>"
    other = "<li><a href='//othergazette.example/lamps-for-all-of-us'>Lamps for all of us</a>"
    assert found(f"<ul>{THREE}{more}{other}</ul>") == [*HOME, "https://news.gazette.example/lamps-for-all-of-us"]
    assert found(f"<ul>{THREE}</ul>", "https://www.gazette.example/") == [
        url.replace("//", "//www.") for url in HOME
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("<time datetime='2026-03-09T10:00:00Z'>2 hours ago</time>", "2026-03-09T10:00:00+00:00"),
        ("<time>March 9, 2026</time>", "2026-03-09T00:00:00+00:00"),
        ("<span>Posted on Mar. 9, 2026 | by a keeper</span>", "2026-03-09T00:00:00+00:00"),
        ("<span>World — 9 March 2026</span>", "2026-03-09T00:00:00+00:00"),
        ("<meta itemprop=datePublished content=2026-03-09>", "2026-03-09T00:00:00+00:00"),
        ("<abbr class=published title='2026-03-09T10:00Z'>10:00</abbr>", "2026-03-09T10:00:00+00:00"),
        ("<span>March 39, 2026</span>", None),
        ("<time datetime='soon'>soon</time>", None),
        ("<time datetime='2099-01-01'>then</time>", None),
    ],
)
def test_dates(shown: str, expected: str | None) -> None:
    item, *others = listing(f"<ul>{THREE.replace('</li>', shown + '</li>', 1)}</ul>").items
    assert (item.published_at.isoformat() if item.published_at else None) == expected
    assert [other.published_at for other in others] == [None, None]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("<link rel=next href='/world/page/2/'>", "/world/page/2/"),
        ("<a rel='nofollow next' href='?page=2'>x</a>", "/world/?page=2"),
        ("<a href='?start=20'>Next page »</a>", "/world/?start=20"),
        ("<a class='next page-numbers' href='page/2/'><i></i></a>", "/world/page/2/"),
        ("<a href='/world/page/2/'>›</a>", "/world/page/2/"),
        ("<a href='/world/page/2/'>Older posts</a>", "/world/page/2/"),
        ("<a href='/world/page/2/'>2</a>", None),
        ("<a href='/lamps'>Next of kin</a>", None),
        ("<a rel=next href='#'>Next</a>", None),
        ("<a rel=next href='/world'>Next</a>", None),
        ("<a rel=next href='https://elsewhere.example/page/2'>Next</a>", None),
        ("<a rel=next href='https://me:pw@gazette.example/page/2'>Next</a>", None),
        ("<a rel=next href='javascript:next()'>Next</a>", None),
    ],
)
def test_the_next_page(link: str, expected: str | None) -> None:
    assert listing(f"<ul>{THREE}</ul>{link}").next_url == (expected and f"https://gazette.example{expected}")


def test_pages_lead_onward_only() -> None:
    here = "https://gazette.example/world/page/7/"
    for target, expected in (("6", None), ("7", None), ("8", "8"), ("9" * 40, "9" * 40)):
        following = listing(f"{THREE}<a rel=next href='/world/page/{target}/'>Next</a>", here).next_url
        assert following == (expected and f"https://gazette.example/world/page/{expected}/")


def test_titles() -> None:
    title = f"The {'long ' * 100}title of the lamps"
    html = "".join(f"<li><a href='/{n}-lamps-at-sea'>{title}\x01\u202e \ud800{n}</a>" for n in range(3))
    for item in listing(html).items:
        assert item.title.startswith("The long long")
        assert len(item.title) <= 300
        assert item.title.isprintable()


@pytest.mark.parametrize("title", ["See How All Lamps Are Lit", "Full of Lamps", "Comments on the Lamps", "Nextdoor"])
def test_titles_that_begin_like_a_link_to_more(title: str) -> None:
    html = f"<h2><a href='/lamps-at-sea'>{title}</a></h2>" + THREE.replace("<a", "<h3><a").replace("</a>", "</a></h3>")
    assert listing(html).items[0].title == title


def test_odd_addresses() -> None:
    hrefs = (
        "/a\x01b-lamps-one",
        "/ünïcode-lamps-two",
        "/%zz-lamps-three",
        " /lamps-four-of\n-them ",
        "/x" * 1_001 + "-y-z-z",
    )
    html = "".join(f"<li><a href='{href}'>Lamps for Harbour {n}</a>" for n, href in enumerate(hrefs))
    assert found(f"<ul>{html}</ul>") == [
        "https://gazette.example/a%01b-lamps-one",
        "https://gazette.example/%C3%BCn%C3%AFcode-lamps-two",
        "https://gazette.example/%25zz-lamps-three",
        "https://gazette.example/lamps-four-of-them",
    ]
    html = THREE.replace("href='", "href='https://münchen.example")
    assert found(html, "https://münchen.example/") == [
        url.replace("gazette", "münchen") for url in HOME
    ]  # fmt: skip


N = 4_000
LINK = "<a href='/lamps-for-harbour-{0}'>Lamps for Harbour {0}</a>"
BORNE = {
    "many": "".join(f"<li>{LINK.format(n)}" for n in range(N)),
    "many headings": "".join(f"<h2>{LINK.format(n)}</h2>" for n in range(N // 2)),
    "one address": THREE + LINK.format(1) * N,
    "one entry": f"<article>{''.join(LINK.format(n) for n in range(N))}</article>",
    "deep": "<div>" * 250 + "".join(LINK.format(n) for n in range(N)) + "</div>" * 250,
    "deep chains": ("<div>" * 280 + LINK.format("9") + "</div>" * 280) * 50 + THREE,
    "links in links": THREE + ("<a href='/lamps-at-sea-{0}'>The lamps<div>" * 140 + "</div></a>" * 140) * 35,
    "nodes in links": f"<a href='/lamps-for-harbour-1'>{'<b>x</b>' * N}</a>" + THREE,
    "nodes in entries": f"<li>{LINK.format(8)}{'<i>March</i>' * N}" + THREE,
    "long words": f"<li><a href='/lamps-for-harbour-8'>{'lamps ' * 900_000}</a>" + THREE,
    "a long class": f"<div class='{'x y ' * 1_250_000}'>{THREE}</div>",
    "a long address": f"<li><a href='/{'lamps-' * 800_000}'>Lamps for all of us</a>{THREE}",
    "a long date": f"<ul>{THREE}<li>{LINK.format(7)}<time datetime='{'2026-' * 900_000}'>x</time></ul>",
    "next links": "<a rel=next href='?page=0'>Next</a><a class=next href='/?page=0'>Next</a>" * 4_500 + THREE,
    "control characters": "".join(
        f"<li><a href='/\x01{n}-lamps-at-sea'>\x02Lamps \x1bfor\x00 {n}</a>" for n in range(N)
    ),
}
REFUSED = {
    "links": "".join(LINK.format(n) for n in range(100_000)),
    "nested": "<div>" * 50_000 + THREE,
    "attributes": f"<div {' '.join(f'a{n}=b' for n in range(50_000))}>{THREE}",
}


@pytest.mark.parametrize("name", [*BORNE, *REFUSED])
def test_hostile_pages_end_in_bounded_time(name: str) -> None:
    page = capture((BORNE | REFUSED)[name], URL)
    with bounded(5.0):
        if name in REFUSED:
            with pytest.raises(HostileMarkupError):
                parsers.read(page, EndpointKind.LISTING)
        else:
            assert 3 <= len(parsers.read(page, EndpointKind.LISTING).items) <= MAX_ITEMS


_PIECES = st.sampled_from(
    [
        "<a href=", "'/lamps-for-us'", "'/ropes-for-all'", ">", "<li>", "</a>", "<h2>", "</h2>", "<article>", "<nav>",
        "<time datetime=2026-03-09>", "The lamps of all", "next", " rel=bookmark", " rel=next", " ", "//[", "?page=2",
    ]
)  # fmt: skip


@given(st.lists(_PIECES | st.text(max_size=8), max_size=60).map("".join))
def test_whatever_a_page_holds(html: str) -> None:
    try:
        reading = listing(html + " ")
    except DriftError:
        return
    assert reading.items
    assert len({item.url for item in reading.items}) == len(reading.items)
    for item in reading.items:
        assert item.title
        assert item.url.startswith("https://gazette.example/")
    assert reading.next_url is None or "gazette.example" in reading.next_url
