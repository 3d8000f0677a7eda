"""Checks before a comparison: False only if the unit cannot be there."""

import pytest

from scraper.matching.quick_checks import has_text, has_words, may_align
from scraper.text.tokens import Words

FAR = " xyz" * 60
UNIT = Words("our pilots share charts of northern shoals")


@pytest.mark.parametrize(
    ("text", "keys", "expected"),
    [
        ("Our Pilots rest", ["pilots", "rest"], True),
        ("Our pilots rest", ["pilots", "work"], False),
        ("In der Straße", ["strasse"], True),
        ("the cafe\u0301 there", ["café"], True),  # not normal: no certainty
        ("the Ｃａｆｅ there", ["cafe"], True),
    ],
)
def test_words_that_a_text_lacks(text: str, keys: list[str], expected: bool) -> None:
    assert has_words(text, keys) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("our pilots rest", True),
        ("“our pilots rest”", True),
        ("our pilots rested", False),
        ("four pilots rest", False),
        ("our pilots  rest", False),
        ("", False),
    ],
)
def test_a_text_has_a_part_between_other_words(text: str, expected: bool) -> None:
    assert has_text(text, "our pilots rest") is expected


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        (f"{FAR} share charts of northern {FAR}", 2, False),
        (f"{FAR} our pilots share charts of northern {FAR}", 2, True),  # six words are enough
        (f"{FAR} pilots share charts of northern {FAR}", 2, False),
        (f"{FAR} our pilots share charts of northern shoals", 0, True),  # words after the run
        (f"our pilots share charts of northern shoals {FAR}", 3, True),  # words before it
        (f"our pilots share charts {'xyz ' * 10} of northern shoals", 0, True),  # words left out between
        (f"pilots {FAR} Our Pilots share charts of northern shoals", 0, True),  # a capital; the second place
        (f"OUR PILOTS SHARE CHARTS {FAR}", 0, False),
        (f"OUR PILOTS SHARE CHARTS OF NORTHERN SHOALS {FAR}", 0, True),
        (f"our pi\u00adlots share charts {FAR}", 0, True),  # written otherwise: only an alignment can decide
        (f"our pi\u00adlots share charts {FAR} copilots rest", 0, True),  # ... and its longest word elsewhere
        (f"{FAR} share charts of northern {FAR}" * 5, 2, True),  # too many places to examine
    ],
)
def test_a_statement_may_have_a_unit(text: str, at: int, expected: bool) -> None:
    assert may_align(text, UNIT.keys, UNIT.ids, at) is expected


def test_the_longest_word_of_a_run_is_searched() -> None:
    unit = Words("a chart of shoals and then nothing more")
    assert not may_align(f"a b a c a d a e a f a chart of shoals {FAR}", unit.keys, unit.ids, 0)
