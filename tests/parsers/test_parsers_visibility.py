"""Tests of hidden text: struck out, for screen readers only, lists of other posts; and of text that must stay."""

from __future__ import annotations

import pytest
from bounded import bounded
from lxml import html as lxml_html  # type: ignore[import-untyped]
from parsers_support import capture

from scraper import parsers
from scraper.model import EndpointKind
from scraper.parsers import folded_text, pruning
from scraper.parsers.elements import first, label, one_line, tree_of
from scraper.parsers.html_text import line, read_elements, read_html

PROSE = "The ferry between Karsk and Oren sails again from Monday, with a boat each hour until the autumn."


@pytest.mark.parametrize(
    "html",
    [
        "<p hidden>no</p>",
        "<div hidden=''><p>no</p></div>",
        "<p style='color:red; DISPLAY : none !important'>no</p>",
        "<p style='visibility:hidden'>no</p>",
        "<div style='position:absolute;left:-9999px'>no</div>",
        "<span style='position:absolute;clip:rect(1px, 1px, 1px, 1px)'>no</span>",
        "<span class='link__sr-only'>no</span>",
        "<span class='usa-sr-only'>no</span>",
        "<span class='x Screen-Reader-Text'>no</span>",
        "<span class='visuallyhidden'>no</span>",
        "<span class='govuk-visually-hidden'>no</span>",
        "<span class='screen_reader_text'>no</span>",
        "<span class='element-invisible'>no</span>",
        "<span class='u-hiddenVisually'>no</span>",
        "<span class='off-screen-text'>no</span>",
        "<span class='ui-helper-hidden-accessible'>no</span>",
        "<span style='display: block; text-indent: -9999px'>no</span>",
        "<div style='mso-hide: all; max-height: 0'>no</div>",
        "<dialog>no</dialog>",
        "<div popover>no</div>",
        "<del>no</del>",
        "<s>no</s>",
        "<strike>no</strike>",
        "<span style='text-decoration: line-through red'>no</span>",
    ],
)
def test_text_that_no_reader_sees_is_left_out(html: str) -> None:
    assert read_html(f"<p>{PROSE}</p>{html}").paragraphs == (PROSE,)
    assert line(f"<b>Lamps</b>{html}") == "Lamps"


@pytest.mark.parametrize(
    "html",
    [
        "<p aria-hidden='true'>yes</p>",
        "<p hidden='until-found'>yes</p>",
        "<p style='display:block'>yes</p>",
        "<p style='display:none; display:block'>yes</p>",
        "<p style='overflow:hidden'>yes</p>",
        "<p style='opacity:0'>yes</p>",
        "<p style='left:-100px'>yes</p>",
        "<p style='margin-left:108pt; text-indent:-108.0pt'>yes</p>",
        "<p class='not-sr-only'>yes</p>",
        "<p class='md:sr-only'>yes</p>",
        "<p class='hidden d-none'>yes</p>",
        "<p class='unhidden'>yes</p>",
        "<dialog open>yes</dialog>",
        "<details><summary>yes</summary></details>",
        "<p><ins>yes</ins></p>",
        "<p><u>yes</u></p>",
    ],
)
def test_visible_text_stays(html: str) -> None:
    assert read_html(f"<p>{PROSE}</p>{html}").paragraphs == (PROSE, "yes")


def test_a_text_that_waits_for_a_script_is_shown() -> None:
    menu = "<nav>" + "<a href='/x'>A menu of the site with many words</a> " * 20 + "</nav>"
    page = (
        f"<body><p>Loading.</p>{menu}<div style='visibility:hidden'><p>{PROSE}</p><p class=sr-only>no</p></div></body>"
    )
    assert PROSE in read_elements([tree_of(page, "page")]).paragraphs
    assert "no" not in read_elements([tree_of(page, "page")]).paragraphs
    assert read_html(f"<body style='display:none'><p>{PROSE}</p></body>").paragraphs == (PROSE,)


def test_a_menu_that_waits_for_a_click_is_not_shown() -> None:
    menu = "<div style='display:none'>" + "<a href='/x'>A menu of the site with many words</a> " * 20 + "</div>"
    assert read_html(f"<p>{PROSE}</p>{menu}").paragraphs == (PROSE,)


def test_a_text_that_is_struck_out_as_a_whole_is_shown() -> None:
    assert read_html(f"<p>Withdrawn:</p><del><p>{PROSE}</p></del>").paragraphs == ("Withdrawn:", PROSE)


def test_links_and_headings_lose_what_is_for_screen_readers() -> None:
    root = tree_of(
        "<h1>Lamps <span class=sr-only>(new)</span></h1><a href=/x>Oil<s> wax</s></a><h2 hidden>All</h2>", "x"
    )
    assert (one_line(first(root, "h1")), label(first(root, "a")), one_line(first(root, "h2"))) == (
        "Lamps",
        "Oil",
        "All",
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("since 2019<sup>1</sup>.", "since 2019 ¹."),
        ("$58 million<sup>[2]</sup> more", "$58 million ² more"),
        ("1,200<sup><a href='#_ftn3'>3</a></sup> tents", "1,200 ³ tents"),
        ("lamps<a href='#fn12'><sup>12</sup></a> and", "lamps ¹² and"),
        ("lamps<sup>1, 2</sup>", "lamps ¹, ²"),
        ("since 2019<a href='#_ftn1' name='_ftnref1'>[1]</a>.", "since 2019 ¹."),
        ("since 2019<a class='footnote-ref' href='#fn:12'>12</a>.", "since 2019 ¹²."),
        ("since 2019<span style='font-size:8pt; vertical-align: super'>1</span>.", "since 2019 ¹."),
        ("5 km<span style='vertical-align: super'>2</span>", "5 km2"),
        ("the 1<span style='vertical-align:super'>st</span> lamp", "the 1st lamp"),
        ("(<a href='#notes'>see the notes</a>)", "(see the notes)"),
        ("Amendment <a href='#amendment-5'>5</a>", "Amendment 5"),
        ("on June 10<sup>4</sup>", "on June 10 ⁴"),
        ("x<sup class='footnote-ref'>a</sup>", "x a"),
        ("10<sup id=fnref6>6</sup>", "10 ⁶"),
        ("since 2019¹.", "since 2019 ¹."),
        ("the 1<sup>st</sup> lamp", "the 1st lamp"),
        ("5 km<sup>2</sup>", "5 km2"),
        ("x<sup>4</sup>", "x4"),
        ("2 × 10<sup>6</sup>", "2 × 106"),
        ("about 10<sup>6</sup>", "about 106"),
        ("5 m² of land", "5 m² of land"),
        ("Lamp<sup>TM</sup>", "LampTM"),
        ("lamps<sup>*</sup>", "lamps*"),
    ],
)
def test_footnote_marks_are_separated_from_numbers_and_powers_are_not(html: str, expected: str) -> None:
    assert read_html(f"<p>{html}</p>").paragraphs == (expected,)


LINK = "/cdn-cgi/l/email-protection"


def obfuscated(text: str, key: int = 0x4B) -> str:
    return bytes([key, *(byte ^ key for byte in text.encode())]).hex()


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"<a href={LINK} data-cfemail='{obfuscated('a@b.example')}'>[email&#160;protected]</a>", "a@b.example"),
        (f"<i class=__cf_email__ data-cfemail={obfuscated('ö@b.example', 9)}>[email protected]</i>", "ö@b.example"),
        (f"<a href='{LINK}#{obfuscated('a@b.example?subject=x')}'>[email protected]</a>", "a@b.example"),
        (f"<a href='{LINK}#{obfuscated('a@b.example')}'>Write to us</a>", "Write to us"),
        (f"<a href='{LINK}#00'><b data-cfemail={obfuscated('a@b.example')}>x</b></a>", "a@b.example"),
        ("<a href='/cdn-cgi/l/email-protection'>[email protected]</a>", "[email protected]"),
        ("<b data-cfemail='xyz'>as it stands</b>", "as it stands"),
        ("<b data-cfemail='4b4b'>as it stands</b>", "as it stands"),
    ],
)  # fmt: skip
def test_obfuscated_email_addresses_are_read(html: str, expected: str) -> None:
    assert read_html(f"<p>Write: {html}.</p>").paragraphs == (f"Write: {expected}.",)


LINKS = (
    "<li><a href='/a-b-c'>Karsk and the wells</a> <time>May 2</time></li>"
    "<li><a href='/d-e-f'>Oren and the wells</a></li>"
)


@pytest.mark.parametrize(
    "control",
    [
        '<button type="button">\n    Read more\n  </button>',
        "<a href='#'><span>Read</span> <span>more</span></a>",
        "<a href='#'>Read&nbsp;more</a>",
        "<button>Read more<span class='sr-only'> about lamps</span></button>",
        "<button>Read more<span style='display:none'>Read less</span></button>",
    ],
)
def test_the_label_of_a_control_is_what_a_reader_sees_of_it(control: str) -> None:
    assert texts_of_both_walks(f"<p>{PROSE}</p><div style='display:none'><p>{LONG}</p></div>{control}") == (True, True)


@pytest.mark.parametrize("inside", ["<script>var lamps = 1;%s</script>", "<select><option>%s</select>"])
def test_what_is_no_text_does_not_make_a_hidden_box_long(inside: str) -> None:
    html = f"<p>{PROSE}</p><div hidden>{inside % (PROSE * 3)}<p>Share this page</p></div><a href='/x'>Read more</a>"
    assert "Share this page" not in " ".join(read_html(html).paragraphs)


@pytest.mark.parametrize(
    "html",
    [
        f"<ul class='wp-block-latest-posts__list wp-block-latest-posts'>{LINKS}</ul>",
        f"<div id=jp-relatedposts class=jp-relatedposts><h3>Related</h3>{LINKS}</div>",
        "<div class='jp-relatedposts'><h3>Related</h3></div>",
        f"<section class='relatedArticles'><h2>More</h2><p>{PROSE}</p>{LINKS}</section>",
        f"<div class='yarpp yarpp-related'>{LINKS}</div>",
        f"<h3>Latest posts</h3><ul>{LINKS}</ul>",
        f"<p><strong>RELATED NEWS:</strong></p><ul>{LINKS}</ul>",
        "<h4>Read next</h4><p><a href='/a-b'>Karsk</a></p><p><a href='/c-d'>Oren</a></p>",
        f"<h3>Похожие записи</h3><ul>{LINKS}</ul>",
        f"<aside><h3>Elsewhere</h3><ul>{LINKS}</ul></aside>",
        f"<div class='widget widget_recent_entries'><ul>{LINKS}</ul></div>",
        f"<nav>{LINKS}</nav>",
        f"<div id='related-posts' class='{' '.join(f'c{n}' for n in range(41))}'><ul>{LINKS}</ul></div>",
    ],
)
def test_lists_of_other_posts_inside_a_text_are_no_text(html: str) -> None:
    assert read_html(f"<p>{PROSE}</p>{html}<p>Lamps.</p>").paragraphs == (PROSE, "Lamps.")


@pytest.mark.parametrize(
    "html",
    [
        f"<ul>{LINKS}</ul>",
        f"<h3>Related documents</h3><ul>{LINKS}</ul>",
        f"<h3>Links</h3><ul>{LINKS}</ul>",
        f"<h3>Related</h3><p>{PROSE}</p>",
        "<h3>Related</h3><p><a href='/x'>The fact sheet</a></p>",
        "<h3>Related</h3><p>Write to <a href='/x'>us</a> or to <a href='/y'>them</a>, who read all letters soon.</p>",
        f"<div class='related-posts'><p>{PROSE * 6}</p></div>",
        f"<div class='widget Blog'><p>{PROSE}</p><p>By <a href='/a'>one</a></p></div>",
        f"<aside><p>{PROSE} <a href='/x'>More</a>.</p></aside>",
        f"<article class='recent-posts'><p>{PROSE}</p></article>",
        f"<div class='related-posts'>{'<i>x</i>' * 2_000}</div>",
        "<h3></h3>",
        f"<div>Related posts <b></b>:<b></b> <i></i> </div><ul>{LINKS}</ul>",
    ],
)
def test_lists_and_blocks_of_the_text_itself_stay(html: str) -> None:
    bare = html.replace(" class='related-posts'", "").replace("<aside>", "<div>").replace("</aside>", "</div>")
    bare = bare.replace("widget Blog", "x").replace("recent-posts", "x").replace("<h3>Related<", "<h3>Lamps<")
    expected = read_html(f"<p>{PROSE}</p>{bare}").paragraphs
    found = read_html(f"<p>{PROSE}</p>{html}").paragraphs
    assert tuple(p.replace("Related", "Lamps") for p in found) == tuple(p.replace("Related", "Lamps") for p in expected)


def page(body: str) -> tuple[tuple[str, ...], str]:
    head = "<html><head><title>Lamps for Karsk - Herald</title></head><body><article><h1>Lamps for Karsk</h1>"
    html = f"{head}{body}</article></body></html>"
    reading = parsers.read(capture(html, "https://herald.example/lamps/"), EndpointKind.PAGE)
    assert isinstance(reading, parsers.PageReading)
    return reading.items[0].paragraphs or (), reading.text


def test_a_page_of_another_site_has_the_same_text_in_both_of_its_readings() -> None:
    more = "Questions go to the office of the harbour, which answers them within a week or two."
    shown = f"<p>{PROSE}</p><p>{more}</p>"
    email = f"<a class=__cf_email__ data-cfemail={obfuscated('a@b.example')}>[email protected]</a>"
    main, text = page(
        f"{shown}<p>We gave <s>58</s> 85 lamps<sup>1</sup> on 6 m<sup>2</sup> and <i class=sr-only>no</i> wrote to "
        f"{email} about the whole of it.</p><p hidden>no hidden sentence is read here.</p>"
    )
    expected = "We gave 85 lamps ¹ on 6 m2 and wrote to a@b.example about the whole of it."
    assert (main[-1], text.splitlines()[-1]) == (expected, expected)
    main, text = page(f"<div style='display:none'>{shown}<del><p>{PROSE}</p></del></div>")
    assert main == (PROSE, more)
    main, text = page(f"<del>{shown}</del>")
    assert main == (PROSE, more)


LONG = "Questions go to the office of the harbour, which answers them within a week, or sometimes within two or three."


def texts_of_both_walks(body: str) -> tuple[bool, bool]:
    """Return whether the long text is read by the walk over a page, and in the page for the main text."""
    tree = lxml_html.document_fromstring(f"<html><body>{body}</body></html>")
    pruning.prune(tree)
    # Other text, more than is hidden: a page that hides most of its text shows it.
    page = tree_of(f"<html><body><p>{PROSE * 9}</p>{body}</body></html>", "page")
    found = read_elements([page]).paragraphs
    return any(LONG in paragraph for paragraph in found), LONG in tree.text_content()


@pytest.mark.parametrize(
    "label",
    [
        "Read more", "READ MORE »", "Read more...", "Show more", "See all", "More",
        "Click here to read more", "Continue reading →", "Expand", "Full story", "Weiterlesen", "Mehr anzeigen",
        "Lire la suite", "Voir plus", "Leer más", "Ver mais", "Leggi tutto", "Читать далее", "Читати далі",
        "اقرأ المزيد", "阅读全文", "続きを読む", "더보기", "Devamını oku", "Xem thêm", "और पढ़ें",
    ],
)  # fmt: skip
def test_a_text_that_a_control_unfolds_is_read_in_both_trees(label: str) -> None:
    assert folded_text.unfolds(label)
    for control in (f"<button>{label}</button>", f"<p><a href='#'>{label}</a></p>", f"<label>{label}</label>"):
        assert texts_of_both_walks(f"<div><p hidden>{LONG}</p>{control}</div>") == (True, True)
        assert texts_of_both_walks(f"<div>{control}<div style='display:none'><p>{LONG}</p></div></div>") == (True, True)
        assert texts_of_both_walks(f"<div>\n<p hidden>{LONG}</p>\n<i>x</i>\n{control}\n</div>") == (True, True)


@pytest.mark.parametrize("label", ["Read more about lamps", "Share", "Menu", "", "More lamps", "Close", "more " * 20])
def test_another_label_unfolds_nothing(label: str) -> None:
    assert not folded_text.unfolds(label)
    assert texts_of_both_walks(f"<div><p hidden>{LONG}</p><button>{label}</button></div>") == (False, False)


@pytest.mark.parametrize(
    "html",
    [
        f"<p hidden>{LONG}</p>",
        f"<div><p hidden>{LONG}</p><p>Read more</p></div>",
        f"<div><p hidden>{LONG}</p><i>1</i><i>2</i><i>3</i><i>4</i><i>5</i><button>Read more</button></div>",
        f"<div><p hidden>{LONG}</p></div><div><button>Read more</button></div>",
        f"<div><p class=sr-only>{LONG}</p><button>Read more</button></div>",
        f"<div><del>{LONG}</del><button>Read more</button></div>",
    ],
)
def test_a_hidden_text_without_such_a_control_beside_it_stays_hidden(html: str) -> None:
    assert texts_of_both_walks(html) == (False, False)


def test_a_short_hidden_text_beside_a_control_stays_hidden() -> None:
    html = f"<p>{PROSE}</p><div><p hidden>Lamps, ropes and oil.</p><button>Read more</button></div>"
    assert "Lamps" not in " ".join(read_html(html).paragraphs)
    tree = lxml_html.document_fromstring(html)
    pruning.prune(tree)
    assert "Lamps" not in tree.text_content()


def test_hidden_links_beside_a_control_stay_hidden() -> None:
    menu = "<a href=/x>A menu of the site with many words</a> " * 9
    html = f"<p>{PROSE}</p><div><div hidden>{menu}</div><button>More</button></div>"
    tree = lxml_html.document_fromstring(html)
    pruning.prune(tree)
    assert "menu" not in " ".join(read_html(html).paragraphs)
    assert "menu" not in tree.text_content()


def test_hostile_controls_end_in_bounded_time() -> None:
    hidden = "<p hidden>x</p><button>Read more</button>" * 10_000
    nested = "<div hidden><i>x</i>" * 120 + f"<p>{LONG}</p>" * 5_000 + "</div><a>x</a>" * 120
    for html in (hidden, nested):
        tree = lxml_html.document_fromstring(html)
        with bounded(5.0):
            pruning.prune(tree)
            read_html(html)


def test_hostile_blocks_end_in_bounded_time() -> None:
    deep = "<div class='related-posts'>" * 280 + "<b>x</b>" * 20_000 + "</div>" * 280
    with bounded():
        assert len(read_html(deep).paragraphs) == 1
        read_html("<h3>Related</h3><p><a href=/x>x</a></p>" * 9_000)
        read_html("<p style='" + "-999" * 1_000 + ";'>x</p>" * 900)
        read_html("<sup>1</sup>" * 20_000)
        read_html(f"<b class='{'-a' * 5_000}'>x</b>" * 300)
