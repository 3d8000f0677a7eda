"""Tests of passages in quotation marks, and that a quotation is decided on the whole text."""

from __future__ import annotations

import pytest

from scraper.model import Grade
from scraper.text import quotations
from scraper.text.diff import compare
from scraper.text.tokens import Words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He said “it is done” and “so be it”.", ["it is done", "so be it"]),
        ('He said "it is done" and "so be it".', ["it is done", "so be it"]),
        ("Er sagte „es ist gut“ und »so sei es«.", ["es ist gut", "so sei es"]),
        ("Il a dit « c’est fait » hier.", [" c’est fait "]),
        ("Han sade ”det är bra” igår.", ["det är bra"]),
        ("He said ‘it isn’t done’ there.", ["it isn’t done"]),
        ("He said 'it isn't done' there.", ["it isn't done"]),
        ("The workers’ towns and the towns’ workers.", []),
        ("‘Twas the workers’ town", ["Twas the workers"]),
        ('a 5" pipe and a 6" pipe', []),
        ("“It is done,” she said, “and neither shall we.”", ["It is done,", "and neither shall we."]),
        # Without a partner: to the end of the line, or to a mark that closes it in a later one.
        ("He said “it is done.\nThen he left.", ["it is done."]),
        ("“One line\nand another”, he said.", ["One line\nand another"]),
        ("“First paragraph.\n\n“Second paragraph.” So", ["First paragraph.", "Second paragraph."]),
        ("no opening” here", []),
        ("a ‘b\nc’ d", []),
        ("“" + "a " * 1500 + "\nb” c", ["a " * 1500]),
        ("“x “y” z", ["x ", "y"]),
        ("“He said ‘so’ there”", ["He said ‘so’ there"]),
        ("', ’ and '", []),
        ('"a" b “c"', ["a", "c"]),
        ("‹a› and ›b‹", ["a", "b"]),
    ],
)
def test_passages_in_quotation_marks(text: str, expected: list[str]) -> None:
    assert [text[slice(*span)] for span in quotations.find(text)] == expected


@pytest.mark.parametrize(("opening", "closing"), ["“”", "„“", "«»", "»«", '""', "‘’", "''", "「」"])
def test_words_in_any_quotation_marks_are_material(opening: str, closing: str) -> None:
    before = f"The keepers met. They said {opening}the river feeds us, and neither shall we.{closing}"
    assert compare(before, before.replace("shall we", "shall us")).grade is Grade.MATERIAL
    assert compare(before, before.replace("The keepers", "The wardens")).grade is Grade.MINOR


def test_an_excerpt_is_quoted_as_its_whole_text_is() -> None:
    words = [Words(f"He said “the river feeds us all, and neither shall {last}.” So") for last in ("we", "us")]
    one, other = (each.excerpt(5, 11) for each in words)
    assert one.text == "us all, and neither shall we"
    assert one.quotations == ((0, len(one.text)),)
    assert compare(one, other).grade is Grade.MATERIAL
    assert compare(one.text, other.text).grade is Grade.MINOR
    assert words[0].excerpt(3, 3) == ("", ())
    assert words[0].excerpt(0, 4).quotations == ((9, 18),)


def test_an_excerpt_has_the_signs_at_its_ends() -> None:
    assert Words("They gave $58 million, or 12 %, to it").excerpt(2, 6).text == "$58 million, or 12 %"
    assert Words("They gave “US$58” to it").excerpt(3, 4).text == "$58"
