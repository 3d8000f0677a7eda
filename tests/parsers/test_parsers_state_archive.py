"""Tests of the pages of State's archives: fields by class, header lines, and the real pages beside the project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bounded import bounded
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from parsers_support import capture

from scraper import parsers
from scraper.errors import DriftError
from scraper.model import EndpointKind, Item, Precision
from scraper.parsers import archive_header

PAGES = Path(__file__).parents[2] / ".." / "shared" / "data" / "archive-pages"
needs_pages = pytest.mark.skipif(not PAGES.is_dir(), reason="the real pages of State's archives are not beside it")
REPORT_FOLDER = "https://2009-2017.state.gov/t/pm/rls/rpt/fmtrpt/2007/"
OF_2007 = {"Africa": "92084", "Europe": "92086", "Near_East": "92087", "Western_Hemisphere": "92089"}
OF_1997 = "https://1997-2001.state.gov/briefings/statements/2000/ps000104.html"


def item(html: str, url: str) -> Item:
    (found,) = parsers.read(capture(html, url)).items
    return found


def lines(*shown: str, title: str = "Lamps", url: str = OF_1997) -> Item:
    return item(f"<title>{title}</title>" + "".join(f"<p>{line}</p>" for line in shown), url)


@needs_pages
@pytest.mark.parametrize("name", OF_2007)
def test_a_real_report_of_2007(name: str) -> None:
    body = (PAGES / f"{name}.html").read_bytes()
    (found,) = parsers.read(capture(body, f"{REPORT_FOLDER}{OF_2007[name]}.htm")).items
    assert found.title == f"IV. Country Training Activities--{name.replace('_', ' ')}"
    assert (found.type, found.bureau) == ("Report", "Bureau of Political-Military Affairs")
    assert (str(found.published_at), found.precision) == ("2007-08-01 00:00:00+00:00", Precision.MONTH)
    assert found.guid is None
    # An independent count: every visible character of the text's own block, and nothing else.
    visible = html.fromstring(body).get_element_by_id("centerblock").text_content()
    assert "".join("".join(found.paragraphs or ()).split()) == "".join(visible.split())


@needs_pages
def test_a_real_page_of_2000() -> None:
    url = "https://1997-2001.state.gov/global/arms/fmtrain/cta_sasia_all.html"
    (found,) = parsers.read(capture((PAGES / "cta_sasia_all.html").read_bytes(), url)).items
    assert (found.title, found.type) == ("Foreign Military Training Report FY 1999 and 2000", "Report")
    assert (str(found.published_at)[:10], found.precision) == ("2000-03-01", Precision.DAY)
    text = found.paragraphs or ()
    assert text[:3] == (
        "Foreign Military Training and DoD\nEngagement Activities of Interest, Volume I",
        "South Asia Region",
        "Bangladesh, International Military Education And",
    )
    assert text[-1] == "Country Totals:\t310\t$687,249"
    assert not any("permanent electronic archive" in paragraph for paragraph in text)
    assert (found.byline, found.place) == (None, None)


@needs_pages
def test_a_statement_in_the_theme_of_2015() -> None:
    url = "https://2009-2017.state.gov/secretary/remarks/2015/05/900241.htm"
    (found,) = parsers.read(capture((PAGES / "archive_2015_press_statement.html").read_bytes(), url)).items
    assert (found.title, found.type, found.place) == ("Japan's Children's Day", "Press Statement", "Washington, DC")
    assert (found.byline, found.speaker) == ("John Kerry, Secretary of State", "John Kerry")
    assert (str(found.published_at)[:10], found.precision) == ("2015-05-04", Precision.DAY)
    assert [paragraph[:12] for paragraph in found.paragraphs or ()] == ["On behalf of", "On this spec"]


def test_fields_count_wherever_they_stand() -> None:
    fields = (
        '<div id="templateFields"><span class="releasing_office_-_other">Office of Lamps<br></span></div>'
        '<div id="templateFields"><span class="unknown_field">Something</span></div>'
        '<div id="templateFields"><span class="document_type_-_x">Fact Sheet</span></div>'
        '<div id="templateFields"><span class="date_of_release">June 4, 2012</span></div>'
    )
    url = "https://2009-2017.state.gov/p/lamps/900001.htm"
    outside = item(f'<h2 id="page-title">Lamps</h2>{fields}<div id="centerblock"><p>Text.</p></div>', url)
    inside = item(f'<h2 id="page-title">Lamps</h2><div id="centerblock">{fields}<p>Text.</p></div>', url)
    assert outside == inside
    assert (inside.type, inside.bureau, inside.paragraphs) == ("Fact Sheet", "Office of Lamps", ("Text.",))
    assert str(inside.published_at)[:10] == "2012-06-04"
    both = item(f'<title>Lamps</title>{fields}<p id="date_long">June 5, 2012</p><div id="centerblock">Text.</div>', url)
    assert str(both.published_at)[:10] == "2012-06-05"
    bare = item('<h1>U.S. Department of State</h1><title>Lamps</title><div id="centerblock"><p>Text.</p></div>', url)
    assert (bare.title, bare.published_at, bare.byline) == ("Lamps", None, None)


def test_a_page_of_2001_to_2009() -> None:
    page = (
        "<title>Lamps</title><table><tr><td>Menu</td><td class='content-font-style'><h1>Lamps of Valdovia</h1>"
        "<p>Ambrose Tallow, Spokesman</p><p>Washington, DC</p><font size=-1>June 4, 2008</font><p>Text.</p>"
        "<p>Released on June 4, 2008</p></td></tr></table>"
    )
    found = item(page, "https://2001-2009.state.gov/r/pa/prs/ps/2008/900901.htm")
    assert (found.title, found.speaker, found.place) == ("Lamps of Valdovia", "Ambrose Tallow", "Washington, DC")
    assert found.paragraphs == ("Text.", "Released on June 4, 2008")


@pytest.mark.parametrize(
    ("shown", "field", "expected"),
    [
        (("Press Statement by Ambrose Tallow, Spokesman", "January 4, 2000"), "type", "Press Statement"),
        (("Press Statement by Ambrose Tallow, Spokesman", "January 4, 2000"), "speaker", "Ambrose Tallow"),
        (("Lamps", "Washington, D.C., January 5, 2000"), "place", "Washington, D.C."),
        (("Joint Report to Congress, March 1, 2000",), "type", "Report"),
        (("Fact Sheet, March 1, 2000",), "type", "Fact Sheet"),
        (("Lamps", "Released by the Bureau of Lamps", "March 8, 2006"), "bureau", "Bureau of Lamps"),
        (("Lamps", "Released by the Office of Lamps, March 8, 2006"), "bureau", "Office of Lamps"),
        (("Lamps", "March 8, 2006", "As released by the Office of the Spokesman"), "bureau", "Office of the Spokesman"),
        (("Lamps", "Released March 8, 2006"), "precision", Precision.DAY),
        (("Lamps", "August 2007"), "precision", Precision.MONTH),
        (("Lamps", "Maytember 2007"), "precision", None),
        (("Lamps", "Maytember 4, 2007"), "precision", None),
        (("Department of State seal", "Lamps", "Sept. 2007"), "precision", Precision.MONTH),
        (("Press Statement", "Ambrose Tallow, Spokesman", "June 4, 2008", "Lamps"), "speaker", "Ambrose Tallow"),
        (("Press Statement", "Port Merrow, Valdovia", "June 4, 2008", "Lamps"), "place", "Port Merrow, Valdovia"),
        (("Lamps", "Ambrose Tallow", "Secretary of State", "June 4, 2008"), "speaker", "Ambrose Tallow"),
        (("Lamps", "Secretary Ambrose Tallow", "June 4, 2008"), "speaker", "Ambrose Tallow"),
        (
            ("Lamps", "Secretary Ambrose Tallow", "June 4, 2008", "Released by the Office of Lamps"),
            "bureau",
            "Office of Lamps",
        ),
        (("STATEMENT BY AMBROSE TALLOW, SPOKESMAN", "JANUARY 4, 2000", "LAMPS"), "type", "Statement"),
        (("LAMPS", "PORT MERROW, VALDOVIA, JANUARY 4, 2000"), "place", "PORT MERROW, VALDOVIA"),
        (("Lamps", "Tuesday, January 4, 2000", "Briefer: Ambrose Tallow, Spokesman"), "speaker", "Ambrose Tallow"),
        (("Lamps", "On-the-Record Briefing", "August 3 - 5, 2007"), "precision", Precision.MONTH),
        (("Lamps", "June 4, 2008, 12:50 p.m."), "precision", Precision.DAY),
        (("Lamps", "Port Merrow, Valdovia, June 4, 2008, 9 a.m. (EST)"), "place", "Port Merrow, Valdovia"),
        (("For Immediate Release June 4, 2008", "Lamps"), "place", None),
        (("Special Briefing", "2008/501", "June 4, 2008", "Lamps"), "type", "Special Briefing"),
    ],
)
def test_header_lines(shown: tuple[str, ...], field: str, expected: object) -> None:
    found = lines(*shown, "The lamps are lit.")
    assert getattr(found, field) == expected
    if expected is not None:
        assert found.paragraphs == ("The lamps are lit.",)


def test_the_first_lines_of_a_text_are_no_header() -> None:
    body = ("South Asia Region", "Bangladesh", "The lamps are lit.")
    assert lines("Lamps", "March 1, 2000", *body).paragraphs == body
    assert lines("Lamps", "We met again on March 3, 2000", "Text.").paragraphs == (
        "We met again on March 3, 2000",
        "Text.",
    )
    body = ("about the lamps of Valdovia", "March 3, 2000", "Text.")
    assert lines("Lamps", *body).paragraphs == body
    assert lines("Lamps", *body).published_at is None
    assert lines("Lamps", "In May 2001 lamps", "Text.").paragraphs == ("In May 2001 lamps", "Text.")


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        # A subtitle stands among the header lines; of two places the upper one may be a room or a name.
        (
            (
                "Lamps",
                "Secretary Ambrose Tallow",
                "Remarks to the Council on Lamps",
                "Oak Room",
                "Port Merrow, Valdovia",
            ),
            2,
        ),
        (("Lamps", "Press Briefing", "Ambrose Tallow", "Port Merrow, Valdovia"), 1),
        (("Lamps", "Report on the lamps of Valdovia", "Released by the Bureau of Lamps"), 1),
        (("Lamps", "Oak Room", "Secretary Ambrose Tallow", "Port Merrow, Valdovia"), 1),
        (("Fact Sheet", "I N D E X"), 1),
        (("Fact Sheet", "Secretary Tallow's Trip", "Remarks With Foreign Minister Quill"), 2),
    ],
)
def test_a_header_line_of_no_known_kind_is_text(shown: tuple[str, ...], kept: int) -> None:
    found = lines(*shown, "June 4, 2008", "The lamps are lit.")
    assert str(found.published_at)[:10] == "2008-06-04"
    assert len(found.paragraphs or ()) == kept + 1
    assert set(found.paragraphs or ()) <= {*shown, "The lamps are lit."}
    assert found.place in {None, "Port Merrow, Valdovia"}
    assert found.byline in {None, "Secretary Ambrose Tallow", "Bureau of Lamps"}


def test_a_chronology_is_no_header() -> None:
    days = ("January 4, 1990", "The lamps are lit.", "June 4, 1991", "They go out.")
    found = lines("Lamps", *days)
    assert (found.published_at, found.paragraphs) == (None, ("Lamps", *days))
    url = "https://2009-2017.state.gov/p/lamps/900001.htm"
    text = f'<div id="centerblock"><p>{days[0]}</p><p>Lit.</p></div>'
    dated = item(f'<title>Lamps</title><div id="date_long">June 4, 2012</div>{text}', url)
    assert (str(dated.published_at)[:10], dated.paragraphs) == ("2012-06-04", (days[0], "Lit."))


def test_a_page_of_preformatted_lines() -> None:
    text = (
        "U.S. DEPARTMENT OF STATE\nOffice of the Spokesman\n\nFor Immediate Release     January 4, 2000\n\n"
        "    STATEMENT BY AMBROSE TALLOW, SPOKESMAN\n\nThe lamps of Valdovia are lit since\nJanuary 4, 2000 again.\n"
        "[end of document]\nReturn to 2000 Press Statements"
    )
    found = item(f"<title>Lamps</title><pre>{text}</pre>", OF_1997)
    assert (str(found.published_at)[:10], found.bureau, found.place) == ("2000-01-04", "Office of the Spokesman", None)
    assert found.paragraphs == (
        "STATEMENT BY AMBROSE TALLOW, SPOKESMAN\nThe lamps of Valdovia are lit since\nJanuary 4, 2000 again.",
    )


def test_a_heading_may_begin_as_a_link_of_the_site_does() -> None:
    body = ("Return to Peace", "Back to the Lamps of Valdovia", "Text.")
    assert lines("Lamps", "March 1, 2000", *body, "Return to the lamps list").paragraphs == body


def test_all_blocks_of_the_text_are_read() -> None:
    head = '<title>Lamps</title><div id="date_long">June 4, 2012</div>'
    url = "https://2009-2017.state.gov/p/lamps/900001.htm"
    twice = '<div id="centerblock"><p>One.</p></div><p>Menu</p><div id="centerblock"><p>Two.</p></div>'
    assert item(head + twice, url).paragraphs == ("One.", "Two.")
    empty = '<div id="centerblock"> </div><div class="content-font-style"><p>One.</p></div><p>Menu</p>'
    assert item(head + empty, url).paragraphs == ("One.",)


def test_all_names_and_places_in_fields_count() -> None:
    fields = "".join(
        f'<div id="templateFields"><span class="{name}_-_speaker_writer">{text}</span></div>'
        for name, text in [
            ("official_s_name", "Ambrose Tallow"),
            ("official_s_title", "Secretary of State"),
            ("official_s_name", "Maren Quill"),
            ("official_s_title", "Foreign Minister"),
            ("releasing_office", "Office of Lamps"),
            ("location", "Oak Room"),
            ("city", "Port Merrow"),
            ("city", "Port Merrow"),
        ]
    )
    text = '<div id="date_long">June 4 - July 6, 2012</div><div id="centerblock"><p>Text.</p></div>'
    page = f'<h2 id="page-title">Lamps</h2>{fields}{text}'
    found = item(page, "https://2009-2017.state.gov/p/lamps/900001.htm")
    assert found.byline == "Ambrose Tallow, Secretary of State, Maren Quill, Foreign Minister"
    assert (found.speaker, found.bureau, found.place) == ("Ambrose Tallow", "Office of Lamps", "Oak Room, Port Merrow")
    assert found.published_at is None


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<h1>Press Statement</h1><h2>Lamps</h2><title>Site</title>", "Lamps"),
        ("<h2>Press Statement</h2><title>Lamps</title>", "Lamps"),
        ("<h2>Press Statement</h2><title>U.S. Department of State</title>", "Press Statement"),
        ("<h3>Lamps</h3><title>U.S. Department of State</title>", "Lamps"),
    ],
)
def test_a_type_is_no_title_beside_another(head: str, title: str) -> None:
    assert item(f"{head}<p>June 4, 2008</p><p>Text.</p>", OF_1997).title == title


def test_the_text_ends_where_the_page_says_so() -> None:
    shown = ("Lamps", "March 1, 2000", "Text.", "[end of document]", "Return to the Lamps page", "More")
    assert lines(*shown).paragraphs == ("Text.",)
    assert lines("Lamps", "March 1, 2000", "Text.", "Back to Top").paragraphs == ("Text.",)
    assert lines("Lamps", "March 1, 2000", "The end of the document is near.").paragraphs is not None


def test_lists_of_an_archive_and_other_sites_are_read_by_others() -> None:
    html = "<title>Lamps of the sea</title><p>Text.</p>"
    with pytest.raises(DriftError):
        parsers.read(capture(html, "https://1997-2001.state.gov/briefings/index.html"))
    assert parsers.read(capture(html, "https://careers.state.gov/lamps.htm")).parser == "page"


def days(page: str, url: str = "https://2001-2009.state.gov/r/pa/prs/ps/2006/index.htm") -> list[str]:
    """Return title and day of each row; "[Lamps]" is a link of `page`, and "{05/31/06}" a day with its own class."""
    page = re.sub(
        r"\[(.+?)\]", lambda m: f'<a class="lftnavbelow" href="{re.sub("[^a-z0-9]", "", m[1])}.htm">{m[1]}</a>', page
    )
    page = re.sub(r"\{(.+?)\}", r'<span class="date-display-single">\1</span>', page)
    items = parsers.read(capture(f"<body>{page}", url), EndpointKind.LISTING).items
    return [f"{item.title} {item.published_at:%m/%d}" if item.published_at else item.title for item in items]


ROWS = ["One 05/31", "Two", "Three 05/29"]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        # A row without a day does not take that of another row.
        ("<p>05/31/06 [One]</p><p>[Two]</p><p>05/29/06 [Three]</p>", ROWS),
        ("<p>[One] 05/31/06</p><p>[Two]</p><p>[Three] 05/29/06</p>", ROWS),
        ("[One] (05/31/06)<br>[Two]<br>[Three] (May 29, 2006)<br>", ROWS),
        ("<p>[05/31/06 One]</p><p>[Two]</p><p>[Three (05/29/06)]</p>", ROWS),
        ("<tr><td>05/31/06<td>[One]</tr><tr><td><td>[Two]</tr><tr><td>05/29/06<td>[Three]</tr>", ROWS),
        ("<div><p>05/31/06</p><p>[One]</p></div><div>[Two]</div><div><p>[Three]</p><p>05/29/06</p></div>", ROWS),
        ("<p>[Zero]</p><p>05/31/06 [One]</p>", ["Zero", "One 05/31"]),
        # A heading dates all rows below it.
        (
            "<h3>05/31/06</h3><p>[One]</p><p>[Two]</p><h3>05/30/06</h3><p>[Three]</p>",
            ["One 05/31", "Two 05/31", "Three 05/30"],
        ),
        (
            "<div><h3>05/31/06</h3><p>[One]</p><p>[Two]</p></div><div><h3>05/30/06</h3><p>[Three]</p></div>",
            ["One 05/31", "Two 05/31", "Three 05/30"],
        ),
        ("<p>[Zero]</p><h3>05/31/06</h3><p>[One]</p><h3>05/30/06</h3><p>[Two]</p>", ["Zero", "One 05/31", "Two 05/30"]),
        ("<p>05/31/06: [One], [Two]</p><p>05/30/06: [Three]</p>", ["One 05/31", "Two 05/31", "Three 05/30"]),
        # Days of the page, or in a text.
        ("<p>Updated 06/01/06</p><p>[One] 05/31/06</p><p>[Two]</p>", ["One 05/31", "Two"]),
        ("<p>06/01/06</p><p>[One] 05/31/06</p><p>[Two]</p>", ["One 05/31", "Two"]),
        ("<p>Updated 06/01/06</p><div><p>05/31/06</p>[One]</div><div>[Two]</div>", ["One 05/31", "Two"]),
        ("<p>[One]</p><p>[Two]</p><p>Updated 06/01/06</p>", ["One", "Two"]),
        ("<p>06/01/06</p><p>[One]</p><p>[Two]</p>", ["One", "Two"]),
        ("<p>[One] Attack of January 4, 2000 (05/31/06)</p><p>[Two]</p>", ["One", "Two"]),
        ("<p>[One] Attack of January 4, 2000 <i>05/31/06</i></p><p>[Two]</p>", ["One 05/31", "Two"]),
        ("<p>[One][Two] 05/31/06</p>", ["One", "Two"]),
        ("<p>[05/31/06] [05/30/06]</p>", ["05/31/06 05/31", "05/30/06 05/30"]),
        ("<p>[One] 05/32/06</p>", ["One"]),
        # One document with two links, and one that two rows list.
        ("<div><p>05/31/06</p>[One][One]</div><div>[Two]</div>", ["One 05/31", "Two"]),
        ("<p>[One] 05/31/06</p><p>[One] 05/30/06</p>", ["One 05/31"]),
        (
            "<div class='l-wrap'><div class='l-wrap'>{05/31/06} [One]</div><p>[Two]</p></div><p>[No]</p>",
            ["One 05/31", "Two"],
        ),
    ],
)
def test_days_of_a_list(page: str, expected: list[str]) -> None:
    assert days(page) == expected


def test_a_list_without_links_has_drifted() -> None:
    for page in ("<div class='l-wrap'>{05/31/06}</div>", "{05/31/06}", "<div class='l-wrap'>{05/31/06} [ ]</div>"):
        with pytest.raises(DriftError):
            days(page)


@pytest.mark.parametrize(
    "page",
    [
        '<div class="l-wrap">' + '<span class="date-display-single">' * 250 + "<b>t</b>" * 12_500,
        '<div class="l-wrap">{05/31/06}' + '<a href="%d.htm">' * 250 + "<img>" * 12_500,
        '<div class="l-wrap">' * 250 + "{05/31/06}" + "<a>t</a>" * 15_000,
        '<div class="l-wrap">{05/31/06}<a href="%d.htm">t</a></div>' * 4_000,
        "<b>" * 250 + '<a class="lftnavbelow" href="%d.htm">t</a> 05/31/06<br>' * 2_500,
    ],
)
def test_a_huge_list_takes_linear_time(page: str) -> None:
    page = page.replace("{05/31/06}", '<span class="date-display-single">05/31/06</span>')
    numbers = iter(range(100_000))
    page = re.sub("%d", lambda _: str(next(numbers)), page) + '<a href="last.htm" class="lftnavbelow">Last</a>'
    with bounded(5.0):
        parsers.read(capture(page, "https://2009-2017.state.gov/r/index.htm"), EndpointKind.LISTING)


HEADER_LINES = st.sampled_from(
    ["Lamps", "Press Statement", "Ambrose Tallow, Spokesman", "Washington, DC", "June 4, 2008", "August 2007", "Home"]
)
SENTENCES = st.from_regex(r"\A[A-Z][a-z]{1,9}( [a-z]{1,9}){0,12} [a-z]{4,9}[.!?]\Z")


@given(st.lists(st.one_of(HEADER_LINES, SENTENCES), max_size=20))
def test_every_sentence_is_kept_in_order(shown: list[str]) -> None:
    sentences = [line for line in shown if line.endswith((".", "!", "?"))]
    _, text = archive_header.read(shown, "Lamps")
    assert [line for line in text if line in sentences] == sentences
    # The same lines as one paragraph with line breaks.
    joined = tuple("\n".join(text).split("\n")) if text else ()
    _, as_one = archive_header.read(["\n".join(shown)], "Lamps") if shown else (None, ())
    assert [line for line in "\n".join(as_one).split("\n") if line in sentences] == [
        line for line in joined if line in sentences
    ]


@given(st.lists(st.text(max_size=300), max_size=20), st.text(max_size=50))
def test_any_lines_are_read(shown: list[str], title: str) -> None:
    header, text = archive_header.read(shown, title)
    assert all(line in "\n".join(shown) for line in text)
    assert header.dated is None or header.dated.at.tzinfo is not None
