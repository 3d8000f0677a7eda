"""Tests of HTML to paragraphs: boundaries, joined elements, omitted elements, no other loss."""

from __future__ import annotations

import html as entities

import pytest
from bounded import bounded
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.errors import HostileMarkupError
from scraper.parsers import html_text
from scraper.parsers.elements import MAX_DEPTH, first, outermost, tree_of
from scraper.parsers.html_text import absolute_links, line, read_elements, read_html
from scraper.parsers.soup import attr, soup_of


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", ()),
        (" \n ", ()),
        ("plain &amp; simple\ntext", ("plain & simple text",)),
        ("&nbsp;", ()),
        ("w<b>e</b> are<span> here</span>", ("we are here",)),
        ("<p>one\n two<br>three<br/><br>four</p>", ("one two\nthree\nfour",)),
        ("bare<p>inner</p>tail<div>d<p>p</p>e</div>", ("bare", "inner", "tail", "d", "p", "e")),
        ("<h2>Head</h2><ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", ("Head", "a", "b", "c")),
        ("<table><tr><th>a</th><td> b </td></tr><tr><td>c</td></tr></table>", ("a\tb", "c")),
        ("<table><tr><td><p>a</p></td><td></td><td><p>b</p></td></tr></table>", ("a\tb",)),
        ("<table><tr><td><p>menu</p></td><td><p>a</p><p>b</p></td></tr></table>", ("menu", "a", "b")),
        ("<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td><td>c</td></tr></table>", ("a\tb\tc",)),
        ("<table><tr>loose<td>cell</td></tr></table>", ("loose\tcell",)),
        ("<td>no row</td>", ("no row",)),
        ("<pre>a\n b</pre>after\nit", ("a\nb", "after it")),
        ("<script>s</script><style>x</style><noscript>n</noscript><p>t</p>", ("t",)),
        ("<p>a<template>b</template><iframe>c</iframe><svg><text>d</text></svg><button>e</button>f</p>", ("af",)),
        ("<form><p>kept</p><input value=no><select><option>no</select></form><title>t</title>x", ("kept", "x")),
        ("<map name=m><p>kept</p></map>", ("kept",)),
        ("<figure><img alt='no'><figcaption>caption</figcaption></figure>x", ("x",)),
        ("<figure class='wp-block-table'><table><tr><td>kept</td></tr></table></figure>", ("kept",)),
        ("<figure class='wp-block-pullquote x'><blockquote>kept</blockquote></figure>", ("kept",)),
        ("<figure><div><blockquote>kept</blockquote></div></figure>", ("kept",)),
        ("<figure><table><tr><td>kept</td></tr></table></figure>", ("kept",)),
        ("<p>a<!-- comment -->b</p><?php x ?><![CDATA[y]]>", ("ab",)),
        ("<?xml version='1.0'?><p>a\0b</p>", ("a b",)),
        ("<p>lone \ud800 surrogate</p>", ("lone ? surrogate",)),
        ("<div class='bc_hide'>hide</div><div id='breadcrumb__wrapper'>Home</div><p>text</p>", ("text",)),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", ("漢kan",)),
    ],
)
def test_paragraphs_of_html(html: str, expected: tuple[str, ...]) -> None:
    assert read_html(html).paragraphs == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<html><title>t</title><article>a<p>b</p></article></html>", ("a", "b")),
        ("<!DOCTYPE html><title>t</title><main><p>a</p></main>", ("a",)),
        ("<html><meta charset=utf-8><title>t</title><section>a</section>", ("a",)),
        ("<html><style>s</style><article>a</article></html>", ("a",)),
        ("<html><script>s</script><article>a</article><script>s</script><p>b</p></html>", ("a", "b")),
        ("<html><script>s</script>a<p>b</p></html>", ("a", "b")),
        ("<html><link rel=x href=y><my-element>a</my-element></html>", ("a",)),
        ("<html><head><title>t</title><article>a</article></html>", ("a",)),
        ("<html><head><title>t</title><article>a</article></head><body>b</body></html>", ("a", "b")),
        ("<html><head><title>t</title><noscript><p>n</p></noscript></head><body>a</body></html>", ("a",)),
        ("<html><head><template><p>n</p></template><base href=/x></head><article>a</article></html>", ("a",)),
        ("<html>a<p>b</p></html>", ("a", "b")),
        ("<html><body>a</body><body><article>b</article></body></html>", ("a", "b")),
        ("<html><body><p>a</p></body><article>b</article></html><article>c</article>", ("a", "b", "c")),
        ("<html><frameset cols=1><frame src=x></frameset><NOFRAMES><p>a<br>b</p></NOFRAMES></html>", ("a\nb",)),
        ("<frameset><frame src=x><noframes><body><article>a</article></body></noframes></frameset>", ("a",)),
        ("<noframesx>a</noframesx>", ("a",)),
    ],
)
def test_text_that_libxml2_puts_into_the_head_or_a_frame_is_read(html: str, expected: tuple[str, ...]) -> None:
    assert read_html(html).paragraphs == expected


def test_unchanged_bodies_are_read_once() -> None:
    html = "<p>" + "cached body " * 50 + "</p>"
    assert read_html(html) is read_html("".join(list(html)))
    long = f"<p>{'x' * 200_000}</p>"
    assert read_html(long) == read_html(long)
    assert read_html(long) is not read_html(long)


def test_bounds_hold_for_bodies_too() -> None:
    with pytest.raises(HostileMarkupError, match="limit is 60000"):
        read_html("<b>" * 60_001)
    with pytest.raises(HostileMarkupError, match="never closed"):
        read_html("<a " * 3_000)
    with pytest.raises(HostileMarkupError, match="empty"):
        tree_of(" ", "here")


@pytest.mark.parametrize(
    "deep",
    [
        "<div>x" * 29_500 + "</div>y" * 29_500,
        "<b>" * (MAX_DEPTH + 1),
        "<div></q>" * 14_000 + "<i></i>x" * 15_000,
        "<noframes>" * (MAX_DEPTH + 1),
        "<p " + " ".join(f"a{number}" for number in range(80_000)) + ">x</p>",
    ],
)
def test_nesting_past_the_bound_is_refused_before_it_is_parsed(deep: str) -> None:
    with bounded(), pytest.raises(HostileMarkupError, match=r"nested more than|attributes"):
        tree_of(deep, "deep")


@pytest.mark.parametrize(
    "flat",
    [
        "<svg>" + "<path d='M0 0'/>" * 2_100 + "</svg>",
        "<script>" + "s+='<div>';" * 2_100 + "</script>",
        "<!--" + "<div>" * 2_100 + "-->",
    ],
)
def test_markup_that_resembles_deep_nesting_is_read(flat: str) -> None:
    assert read_html(f"{flat}<p>Lamps.</p>").paragraphs == ("Lamps.",)


def test_tags_with_optional_end_tags_are_no_depth() -> None:
    flat = tree_of("<ul>" + "<li>one<br>" * 1_900 + "</ul>" + "<span>x</span>" * 5_000, "flat")
    assert len(first(flat, "ul")) == 1_900


def test_deep_nesting_costs_neither_recursion_nor_much_time() -> None:
    deep = "<div>" * (MAX_DEPTH - 10) + "core" + "</div>" * (MAX_DEPTH - 10)
    assert read_html(deep).paragraphs == ("core",)
    assert len(outermost(tree_of(deep, "deep"), lambda each: each.tag == "div")) == 1


def test_links_are_http_absolute_unique_and_capped() -> None:
    hrefs = read_html(
        "<p><a href=' /a '>1</a><a href='https://x.example/b'>2</a><a href='mailto:x@y.z'>3</a><a>4</a>"
        "<a href='/a'>5</a><a href='#top'>6</a><a href='javascript:x()'>7</a></p>"
    ).hrefs
    assert absolute_links(hrefs, "https://www.state.gov/p/") == (
        "https://www.state.gov/a",
        "https://x.example/b",
        "https://www.state.gov/p/#top",
    )
    assert len(absolute_links([f"/{n}" for n in range(500)], "https://www.state.gov/")) == html_text.MAX_LINKS


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Salt &#8211; Rope", "Salt – Rope"),
        ("Salt &amp; Rope", "Salt & Rope"),
        ("5 < 6 > 4", "5 < 6 > 4"),
        ("<em>Salt</em>  Rope", "Salt Rope"),
        ("A B", "A B"),
        ("", ""),
    ],
)
def test_line(written: str, expected: str) -> None:
    assert line(written) == expected


def test_attr_joins_what_html_lists() -> None:
    paragraph = soup_of('<p class="a b" id="i">x</p>', "here").p
    assert (attr(paragraph, "class"), attr(paragraph, "id"), attr(paragraph, "href"), attr(None, "x")) == (
        "a b",
        "i",
        None,
        None,
    )


INLINE, BLOCK = ["b", "span", "a", "em", "sup"], ["p", "div", "li", "h3", "blockquote", "td"]
DROPPED = ["script", "style", "noscript", "button", "svg", "figure"]
words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn"), exclude_characters="<>&"), max_size=12)


def element(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    inside = st.lists(children, max_size=4).map("".join)
    return st.builds(lambda name, body: f"<{name}>{body}</{name}>", st.sampled_from(INLINE + BLOCK), inside)


trees = st.recursive(
    st.one_of(
        words.map(entities.escape),
        st.sampled_from(["<br>", "<hr>", "<!-- c -->", "\n"]),
        st.builds(lambda name: f"<{name}>gone</{name}>", st.sampled_from(DROPPED)),
    ),
    element,
    max_leaves=25,
)


@settings(deadline=None)
@given(trees)
def test_no_visible_character_is_lost_or_invented(html: str) -> None:
    soup = BeautifulSoup(f"<body>{html}</body>", "lxml")
    for tag in soup.find_all(DROPPED):
        tag.extract()
    seen = "".join(soup.get_text().split())
    assert "".join("".join(read_html(f"<body>{html}</body>").paragraphs).split()) == seen


@settings(deadline=None)
@given(st.lists(words.map(str.strip).filter(lambda w: w.split()), min_size=1, max_size=6))
def test_each_block_is_one_paragraph(texts: list[str]) -> None:
    root = tree_of("".join(f"<p>{entities.escape(t)}</p>" for t in texts), "here")
    found = read_elements([root]).paragraphs
    assert len(found) <= len(texts)
    # Without blanks: one stands before a footnote mark, so that it is no part of a number.
    assert ["".join(p.split()) for p in found] == ["".join(t.split()) for t in texts if t.split()]


@pytest.mark.parametrize(
    ("html", "headings"),
    [
        ("<h2>Trade</h2><p>Boats.</p><h3>Ports <em>and</em> piers</h3><p>Piers.</p>", ("Trade", "Ports and piers")),
        ("<p>Trade</p><p>Boats.</p>", ()),
        ("<p><strong>Trade</strong></p><p>Boats.</p>", ("Trade",)),
        ("<p> <b>Trade</b> </p><p>Boats.</p>", ("Trade",)),
        ("<p><strong>Boats are free.</strong></p><p>Boats.</p>", ()),
        ("<p><strong>Trade:</strong> boats</p><p>Of <b>boats</b></p>", ()),
        (f"<p><strong>{'Trade ' * 40}</strong></p><p>Boats.</p>", ()),
        ("<details><summary>Trade</summary><p>Boats.</p></details>", ("Trade",)),
        ("<h3><button>Trade</button></h3><div><p>Boats.</p></div>", ()),  # labels of controls are no text
        ("<h2>Trade</h2><p>Boats.</p><h2>Trade</h2><p>Ropes.</p>", ("Trade",)),
        ("<h2></h2><p>Boats.</p>", ()),
    ],
)
def test_headings_are_named_beside_the_paragraphs(html: str, headings: tuple[str, ...]) -> None:
    markup = read_html(html)
    assert markup.headings == headings
    assert set(headings) <= set(markup.paragraphs)
