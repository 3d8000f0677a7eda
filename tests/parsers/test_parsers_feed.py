"""Tests of broken, hostile or sparse feeds: good items are kept, losses are named, no entity is followed."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from bounded import bounded
from hypothesis import given, settings
from hypothesis import strategies as st
from parsers_support import capture

from scraper import parsers
from scraper.errors import DriftError, HostileMarkupError, ParseError
from scraper.model import EndpointKind, Reading
from scraper.parsers import feed, xml
from scraper.parsers.build_item import MAX_ITEMS, MAX_PROBLEMS

HEAD = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'


def item(number: int, title: str = "Lamps", body: str = "<p>Text.</p>") -> str:
    return (
        f"<item><title>{title}</title><link>https://www.state.gov/s{number}/</link>"
        f'<guid isPermaLink="false">https://www.state.gov/?page_id={number}</guid>'
        f"<content:encoded><![CDATA[{body}]]></content:encoded></item>"
    )


def read(body: str | bytes, url: str = "https://www.state.gov/rss-feed/x/feed/") -> Reading:
    return parsers.read(capture(body, url), EndpointKind.FEED)


def rss(*items: str) -> str:
    return f"{HEAD}{''.join(items)}</channel></rss>"


@pytest.mark.parametrize(
    "attack",
    [
        '<!DOCTYPE rss [<!ENTITY lol "lol"><!ENTITY l2 "&lol;&lol;">]>',
        '<!DOCTYPE rss [<!entity x SYSTEM "file:///etc/passwd">]>',
        '<!-- <![CDATA[ --><!DOCTYPE rss [<!ENTITY late "x">]>',
    ],
)
def test_entities_are_refused(attack: str) -> None:
    with pytest.raises(ParseError, match="entity '"):
        read(attack + rss(item(1, "&lol;" if "lol" in attack else "x")))


def test_a_doctype_without_entities_is_no_matter() -> None:
    assert len(read("<!DOCTYPE rss>" + rss(item(1))).items) == 1


def test_text_that_speaks_of_entities_is_no_attack() -> None:
    reading = read(rss(item(1, body="<p>&lt;!ENTITY x&gt; and <code><!ENTITY y></code></p>")))
    assert not reading.problems


def test_repairs_are_reported_and_change_no_text() -> None:
    reading = read(
        rss(item(1, "Salt & Rope&nbsp;&hellip; &#8211; &#x8; &#99999999; &lt;5 &unknown; &bne;\x08"), item(2))
    )
    assert reading.items[0].title == "Salt & Rope … – \ufffd <5 &unknown; =⃥"
    assert len(reading.items) == 2
    assert "not well-formed" in reading.problems[0]
    assert read(rss(item(1, body="a & b &nbsp; c\x08"))).items[0].paragraphs == ("a & b c",)


@pytest.mark.parametrize(
    ("body", "kept", "lost"),
    [
        (HEAD + item(1) + item(2) + "<item><title>cut", 2, 1),
        (HEAD + item(1) + "<item><title>cut" + item(2), 2, 1),
        (HEAD + item(1, "<b>unclosed") + item(2), 2, 0),
        (HEAD + item(1).replace("</item>", "<x></item>") + item(2), 1, 1),
        ("<rss><channel>" + item(1) + "</channel></rss>", 1, 0),
        (
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>x</id><link href='/a'/></entry><entry>",
            1,
            1,
        ),
    ],
)
def test_salvage_keeps_the_good_items(body: str, kept: int, lost: int) -> None:
    reading = read(body)
    assert len(reading.items) == kept
    assert any(f"{lost} of {kept + lost} items" in problem for problem in reading.problems) == bool(lost)


def test_salvage_keeps_the_feeds_own_time() -> None:
    body = HEAD + "<lastBuildDate>Thu, 04 Jun 2026 10:00:00 GMT</lastBuildDate>" + item(1) + "<item>"
    assert read(body).clock == datetime(2026, 6, 4, 10, tzinfo=UTC)


def test_salvage_of_hostile_text_is_linear() -> None:
    with bounded():
        for body in ("<item>" * 300_000, "<item>" * 300_000 + "</item>", "<" * 2_000):
            with pytest.raises((ParseError, HostileMarkupError)):
                read(HEAD + body)


@pytest.mark.parametrize(
    ("body", "error", "says"),
    [
        ("", HostileMarkupError, "empty"),
        ("<rss><channel></channel></rss>", DriftError, "without items"),
        ("<html><body><p>Technical Difficulties</p></body></html>", ParseError, "not a feed but <html>"),
        ("just text", ParseError, "not well-formed"),
        ("{not json", ParseError, "not JSON"),
        ('{"title": "x"}', ParseError, "not a JSON Feed"),
        ('{"items": []}', DriftError, "without items"),
        ("<a>" * 600_001, HostileMarkupError, "600001 tags"),
    ],
)
def test_bodies_that_are_no_feed(body: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        read(body)


@pytest.mark.parametrize(
    ("guid", "expected"),
    [
        ('<guid isPermaLink="true">https://gazette.example/a</guid>', None),
        ("<guid>https://gazette.example/a</guid>", None),
        ("<guid>https://gazette.example/?p=7</guid>", "https://gazette.example/?p=7"),
        ("<guid>urn:7</guid>", "urn:7"),
        ('<guid isPermaLink="false">https://gazette.example/a</guid>', "https://gazette.example/a"),
        ("", None),
    ],
)
def test_an_address_is_no_identity(guid: str, expected: str | None) -> None:
    found = read(rss(f"<item><title>x</title>{guid}<link>https://gazette.example/a</link></item>")).items[0]
    assert (found.guid, found.url) == (expected, "https://gazette.example/a")


def test_an_item_without_link_has_its_permalink() -> None:
    reading = read(rss("<item><guid>https://gazette.example/a</guid></item><item><title>lost</title></item>"))
    assert reading.items[0].url == "https://gazette.example/a"
    assert reading.problems == ("https://gazette.example/a: no title", "item 2 has no URL and is skipped")


LONG = "word " * 500


STATE, GAZETTE = "https://www.state.gov/feed/", "https://gazette.example/feed"


CREDIT = "<p>The post A appeared first on B.</p>"
# Fifty-five words, as WordPress cuts them, and the 600 characters of Drupal's teasers, both without a sign of the cut.
EXCERPT, TEASER = (
    " ".join(["words"] * 55),
    "<p>" + "</p><p>".join(["Ten of these sentences make a teaser of a site."] * 12),
)


def described(html: str) -> str:
    return f"<description><![CDATA[{html}]]></description>"


def encoded(html: str) -> str:
    return f"<content:encoded><![CDATA[{html}]]></content:encoded>"


@pytest.mark.parametrize("url", [STATE, GAZETTE])
@pytest.mark.parametrize(
    ("body", "whole"),
    [
        (described(LONG), True),
        (described(f"<p>{LONG}</p>{CREDIT}"), True),
        (described(f"<p>{LONG}</p><p>Cut off…</p>"), False),
        (described(f"<p>{LONG} [&hellip;]</p>{CREDIT}"), False),
        (described("<p>Cut</p><p>Read more about it</p>"), False),
        (described(f"<p>{LONG}</p><p>View full report here.</p>"), True),
        (described("<p>Teaser.</p>") + encoded("<p>Whole.</p>"), True),
        (encoded("<p>Read more about our policy.</p><p>Text.</p>"), True),
        (encoded("Plain but meant whole…"), True),
        (encoded(f"<p>Whole.</p>{CREDIT}"), True),
        (encoded("Plain [...]"), False),
        (encoded(f"<p>Plain [...]</p>{CREDIT}"), False),
        (encoded(f"<p>{EXCERPT}</p><p>Continue reading “The Lamps”</p>"), False),
        (encoded(f"<p>{EXCERPT}</p><p>Continue reading “The Lamps”</p>{CREDIT}"), False),
        (encoded(f"<p>{LONG}</p><p>Read more here on the assistance.</p>"), True),
    ],
)
def test_a_summary_is_no_text(body: str, url: str, whole: bool) -> None:
    found = read(rss(f"<item><title>x</title><link>/a</link>{body}</item>"), url).items[0]
    assert (found.paragraphs is not None) is whole


@pytest.mark.parametrize(
    "body",
    [
        described("Short and plain."),
        described("<p>Short text here.</p>"),
        described(f"<p>{EXCERPT}</p>"),
        described(f"<p>{EXCERPT}</p>{CREDIT}"),
        described(TEASER),
        described(TEASER) + encoded(" "),
    ],
)
def test_a_short_description_without_a_cut_is_a_text_of_state_alone(body: str) -> None:
    item = f"<item><title>x</title><link>/a</link>{body}</item>"
    assert read(rss(item), GAZETTE).items[0].paragraphs is None
    assert read(rss(item), STATE).items[0].paragraphs is not None


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        ("<summary type='html'>&lt;p&gt;Short.&lt;/p&gt;</summary>", False),
        ("<summary>Short.</summary><content>Whole.</content>", True),
        ("<content type='html'>&lt;p&gt;Short.&lt;/p&gt;&lt;p&gt;Read more&lt;/p&gt;</content>", False),
    ],
)
def test_the_summary_of_an_atom_entry_is_no_text(body: str, whole: bool) -> None:
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/a"/>{body}</entry></feed>'
    assert (read(atom, GAZETTE).items[0].paragraphs is not None) is whole


@pytest.mark.parametrize(
    ("fields", "whole"),
    [({"summary": "Short."}, False), ({"content_text": "Whole."}, True), ({"content_html": "<p>Whole.</p>"}, True)],
)
def test_the_summary_of_an_item_of_json_feed_is_no_text(fields: dict[str, str], whole: bool) -> None:
    found = read(json.dumps({"items": [{"url": "/a", "title": "x", **fields}]}), GAZETTE).items[0]
    assert (found.paragraphs is not None) is whole


def test_a_hostile_body_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = read(rss(item(1, body="<b>" * 60_001), item(2)))
    assert [found.paragraphs for found in reading.items] == [None, ("Text.",)]
    assert "60001 tags" in reading.problems[0]
    monkeypatch.setattr(feed, "MAX_BODY_TAGS", 3)
    reading = read(rss(item(1), item(2)))
    assert [found.paragraphs for found in reading.items] == [("Text.",), None]
    assert "its text is not read" in reading.problems[0]


def test_dates_out_of_range_are_named_and_dropped() -> None:
    body = (
        HEAD
        + "<lastBuildDate>Mon, 01 Jan 2103 10:00:00 GMT</lastBuildDate>"
        + item(1).replace("<guid", "<pubDate>Mon, 01 Jan 1900 10:00:00 GMT</pubDate><guid")
        + "</channel></rss>"
    )
    reading = read(body)
    assert (reading.clock, reading.items[0].published_at, reading.items[0].precision) == (None, None, None)
    assert len(reading.problems) == 2


def test_authors_and_older_dialects() -> None:
    reading = read(
        rss(
            "<item><title>x</title><link>/a</link><author>i@x.example (Ida Marlow)</author></item>"
            '<item xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:m="urn:m"><title>x<!-- c --></title>'
            "<link>/b</link><m:title>no</m:title><dc:creator>A, B</dc:creator><dc:creator>C, D</dc:creator>"
            "<dc:date>2026-06-01</dc:date></item>"
        )
    )
    assert [found.byline for found in reading.items] == ["Ida Marlow", "A, B, C, D"]
    assert reading.items[1].title == "x"
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel/>'
        "<item><title>Old</title><link>https://gazette.example/old</link></item></rdf:RDF>"
    )
    assert parsers.read(capture(rdf)).items[0].title == "Old"


def test_atom_variants() -> None:
    reading = read(
        '<feed xmlns="http://www.w3.org/2005/Atom">'
        "<entry><id>https://x.example/1</id><content>One &lt; two</content></entry>"
        '<entry><id>https://x.example/2</id><content type="html">&lt;p&gt;h&lt;/p&gt;</content></entry></feed>'
    )
    assert [(found.url, found.guid, found.paragraphs) for found in reading.items] == [
        ("https://x.example/1", None, ("One < two",)),
        ("https://x.example/2", None, ("h",)),
    ]


def test_lone_surrogates_are_not_passed_on() -> None:
    [found] = read('{"items": [{"id": "\\ud800x", "url": "https://x.example/a\\udc00b/", "title": "t"}]}').items
    assert (found.guid, found.url) == ("?x", "https://x.example/a?b/")


@pytest.mark.parametrize("broken", ["", "<item>"])
def test_items_and_problems_are_bounded(broken: str) -> None:
    in_json = '{"items": [' + ", ".join(f'{{"url": "/{number}"}}' for number in range(MAX_ITEMS + 5)) + "]}"
    in_xml = rss("".join(f"<item><link>/{number}</link></item>" for number in range(MAX_ITEMS + 5)) + broken)
    for body in (in_json, in_xml):
        reading = read(body, STATE)
        assert len(reading.items) == MAX_ITEMS
        assert f"{STATE}: {MAX_ITEMS + 5} items, the first {MAX_ITEMS} are read" in reading.problems
        assert len(reading.problems) == MAX_PROBLEMS + 1


def test_json_feed_variants() -> None:
    reading = read(
        '{"items": [{"id": "https://x.example/1", "author": {"name": "Ida"}}, 7, {"id": "9", "authors": 3}]}'
    )
    assert [(found.url, found.guid, found.byline) for found in reading.items] == [("https://x.example/1", None, "Ida")]
    assert reading.problems == ("https://x.example/1: no title", "item 2 has no URL and is skipped")
    with pytest.raises(DriftError, match="none with a URL"):
        read('{"items": [{"id": "9", "authors": 3}]}')


@settings(deadline=None)
@given(st.text(max_size=80))
def test_repaired_is_stable(text: str) -> None:
    once = xml.repair(text)
    assert xml.repair(once) == once


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_nothing_but_our_errors_is_raised(body: bytes) -> None:
    for kind in EndpointKind:
        with suppress(ParseError):
            assert parsers.read(capture(body), kind).parser


def test_of_an_unknown_zone_the_day_is_kept_with_a_problem() -> None:
    body = (
        "<rss version='2.0'><channel><title>Herald</title><item><title>Lamps</title><link>https://herald.example/l/</link>"
        "<pubDate>Wed, 01 Jul 2026 05:00:00 IST</pubDate></item></channel></rss>"
    )
    reading = parsers.read(capture(body, "https://herald.example/feed/", datetime(2026, 7, 2, tzinfo=UTC)))
    assert (reading.items[0].published_at, reading.items[0].precision) == (
        datetime(2026, 7, 1, tzinfo=UTC),
        "day",
    )
    assert [problem for problem in reading.problems if "time zone" in problem]


@pytest.mark.parametrize(
    "extra",
    [
        '<media:thumbnail url="x"/>',
        '<media:group><media:content media:url="x" /></media:group><georss:point>1</georss:point>',
        '<enclosure itunes:length="3"/>',
        "<slash:comments>AT&T</slash:comments>",
    ],
)
def test_row_103_undeclared_prefixes_make_no_feed_unreadable(extra: str) -> None:
    body = rss(item(1), item(2)).replace("</item>", f"{extra}</item>")
    reading = read(f"\n \n{body}")
    assert [each.title for each in reading.items] == ["Lamps", "Lamps"]
    assert "not well-formed" in reading.problems[0]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Rule if x&lt;y then z&gt;w applies", "Rule if x<y then z>w applies"),
        ("Use &lt;a&gt; as &lt;area&gt;", "Use <a> as <area>"),
        ("Aid &lt; $5 and &lt;i&gt;Lamps&lt;/i&gt;", "Aid < $5 and Lamps"),
        ("Lamps&lt;br/&gt;and wells", "Lamps and wells"),
    ],
)
def test_row_103_a_title_with_angle_brackets_keeps_its_words(written: str, title: str) -> None:
    assert read(rss(item(1, written))).items[0].title == title


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Aid <$5 million for <country>", "Aid <$5 million for <country>"),
        ("Lamps < 5 > 3 & more", "Lamps < 5 > 3 & more"),
        ("<b>Lamps</b> < wells", "Lamps < wells"),
        ("<![CDATA[Lamps & wells", "Lamps & wells"),
    ],
)
def test_row_103_tags_that_are_not_escaped_lose_no_item(written: str, title: str) -> None:
    raw = re.sub("(<content:encoded>).*(</content:encoded>)", r"\1<p>The <br> wells.\2", item(2))
    reading = read(rss(item(1, written), raw))
    assert [each.title for each in reading.items] == [title, "Lamps"]
    assert reading.items[1].paragraphs == ("The\nwells.",)
    assert "not well-formed" in reading.problems[0]


@pytest.mark.parametrize("before", ["<!-- cached -->\n", "<br />\n<b>Notice</b>: x in <b>/a.php</b><br />\n"])
def test_row_103_what_stands_before_the_declaration_is_cut(before: str) -> None:
    code = "&lt;?xml version='1.0'?>"
    body = f"{before}<?xml version='1.0'?>{rss(item(1, body=f'<p>Text of {code} here.</p>'))}"
    assert read(body).items[0].paragraphs == ("Text of <?xml version='1.0'?> here.",)


def test_a_declaration_inside_an_item_cuts_nothing() -> None:
    shown = item(2).replace("</item>", "<x><![CDATA[<?xml version='1.0'?>]]></x>&nbsp;</item>")
    assert len(read(rss(item(1), shown)).items) == 2


def test_row_100_many_lost_characters_are_named() -> None:
    lost = read(rss(item(1, "Заявление о воде")).encode("cp1251"))
    assert "cannot be decoded" in lost.problems[0]
    assert read(rss(item(1, "One \ufffd"))).problems == ()
