"""Tests of the measures of text in elements: borders of blocks, prose, titles, links."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html  # type: ignore[import-untyped]

from scraper.parsers import text_blocks
from scraper.parsers.text_blocks import Measure, Measurer

PROSE = "The ferry between Karsk and Oren sails again from Monday, with a boat each hour."
THAI = "เรือข้ามฟากระหว่างเมืองแล่นอีกครั้งตั้งแต่วันจันทร์"
CHINESE = "渡轮从星期一起恢复航行，每小时一班，直到秋天，大家都很高兴看到它。"


def div(inner: str) -> Any:
    return lxml_html.fragment_fromstring(inner, create_parent="div")


def prose(inner: str) -> list[str]:
    return list(text_blocks.prose(div(inner)))


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (PROSE, [PROSE]),
        (f"<p>{PROSE}</p>{PROSE}", [PROSE, PROSE]),
        (f"{PROSE}<br>{PROSE}", [PROSE, PROSE]),
        (f"<span><b>The ferry</b>{PROSE[9:]}</span>", [f"The ferry {PROSE[9:].strip()}"]),
        (f"<h2>{PROSE}</h2>", []),
        (f"<h2><div>{PROSE}</div></h2>", []),
        (f"<h2>Lamps<br>{PROSE}</h2>", [PROSE]),
        (f"<a href=/x>{PROSE}</a>", []),
        (f"<a href=/x><div>{PROSE}</div></a>", []),
        (f"<form>{PROSE}</form><nav>{PROSE}</nav><script>{PROSE}</script>", []),
        (PROSE[:50], []),
        (PROSE.replace(",", "").rstrip("."), []),
        (f"<!-- {PROSE} -->", []),
        (THAI, [THAI]),
        (CHINESE, [CHINESE]),
        ("渡轮恢复航行。", []),
    ],
)  # fmt: skip
def test_prose(inner: str, expected: list[str]) -> None:
    assert prose(inner) == expected


def test_prose_of_an_element_of_the_frame_is_none() -> None:
    assert list(text_blocks.prose(div(f"<footer>{PROSE}</footer>")[0])) == []


def test_measure_counts_titles_and_links() -> None:
    card = f"<h3><a href=/x>The lamps of Karsk</a></h3><p>{PROSE}</p>"
    size = Measurer().measure(div(card * 3))
    assert size == Measure(3 * len(PROSE), 3 * len(PROSE), 3 * 18, 3, 3, begins_with_title=True)
    assert size.is_teasers
    assert not size.is_links
    assert not Measurer().measure(div(f"<p>{PROSE}</p>{card * 3}")).is_teasers
    assert not Measurer().measure(div(card * 2)).is_teasers
    assert Measurer().measure(div("<a href=/x>The lamps of Karsk</a> soon")).is_links
    assert Measurer().measure(div("")) == Measure()


def test_a_line_that_begins_with_a_long_link_is_a_title() -> None:
    assert Measurer().measure(div("<a href=/x>The lamps of Karsk</a>")).begins_with_title
    assert not Measurer().measure(div("<a href=/x>Photo</a> of lamps")).begins_with_title
    assert not Measurer().measure(div(f"<a href=/x>The lamps of Karsk</a> {PROSE}")).begins_with_title


def test_a_measure_stays_when_elements_inside_are_removed() -> None:
    sizes, element = Measurer(), div(f"<p>{PROSE}</p>")
    before = sizes.measure(element)
    element[0].drop_tree()
    assert sizes.measure(element) is before


TREES = st.recursive(
    st.sampled_from(["Lamps burn. ", "x ", PROSE, "<br>"]),
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>",
        st.sampled_from(["div", "p", "a", "span", "h2", "b", "form", "ul", "li", "article"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=60)
@given(TREES)
def test_measures_do_not_depend_on_what_was_measured_before(markup: str) -> None:
    element = div(markup)
    shared = Measurer()
    for each in element.iter("*"):
        size = shared.measure(each)
        assert size == Measurer().measure(each)
        assert size.prose <= size.plain
        assert bool(size.prose) == bool(list(text_blocks.prose(each)))
