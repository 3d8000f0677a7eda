"""Tests of the rule that decides if the body of an item in a feed is only a summary."""

from __future__ import annotations

import pytest

from scraper.parsers.summaries import is_summary

LINE = "x" * 99 + "."


@pytest.mark.parametrize(("lines", "expected"), [(6, True), (7, False)])
def test_a_description_is_the_text_beyond_the_length_of_a_teaser(lines: int, expected: bool) -> None:
    assert is_summary([LINE] * lines, is_content=False, is_state=False) is expected
    assert not is_summary([LINE] * lines, is_content=True, is_state=False)
    assert not is_summary([LINE] * lines, is_content=False, is_state=True)


@pytest.mark.parametrize(("lines", "expected"), [(19, True), (20, False)])
def test_only_a_long_text_ends_with_a_link_to_more(lines: int, expected: bool) -> None:
    assert is_summary([*[LINE] * lines, "Read more"], is_content=True, is_state=False) is expected
    assert is_summary([*[LINE] * lines, "Read more"], is_content=False, is_state=True) is expected


def test_nothing_is_a_summary() -> None:
    assert is_summary([], is_content=True, is_state=False)
    assert is_summary(["Continue reading"], is_content=True, is_state=False)
    assert is_summary(["The post Lamps appeared first on Gazette."], is_content=True, is_state=False)


@pytest.mark.parametrize(("end", "is_cut"), [("[…]", True), ("[...]", True), ("…", False), ("...", False)])
def test_an_ellipsis_ends_a_description_and_may_end_a_text(end: str, is_cut: bool) -> None:
    paragraphs = [LINE] * 30 + [f"And then {end}"]
    assert is_summary(paragraphs, is_content=False, is_state=False)
    assert is_summary(paragraphs, is_content=False, is_state=True)
    assert is_summary(paragraphs, is_content=True, is_state=False) is is_cut
    assert (
        is_summary([*paragraphs, "The post Lamps appeared first on Gazette."], is_content=True, is_state=False)
        is is_cut
    )
