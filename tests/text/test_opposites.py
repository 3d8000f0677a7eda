"""Tests of words that give way to their opposites, in any inflection."""

from __future__ import annotations

import pytest

from scraper.model import Grade
from scraper.text.diff import compare
from scraper.text.names import find_opposites

FRAME = "The keepers met in spring. In the end they {} it and went on with the lamps."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("an increase of", "a decrease of"),
        ("increased", "decreased"),
        ("increasing", "decreasing"),
        ("left before", "left after"),
        ("released", "arrested"),
        ("supported", "opposed"),
        ("supports", "opposes"),
        ("accepted", "rejected"),
        ("allowed", "banned"),
        ("permits", "prohibits"),
        ("won", "lost"),
        ("to the north of", "to the south of"),
        ("the northern part of", "the southern part of"),
        ("strengthened", "weakened"),
        ("came to", "went from"),
        ("lifted", "imposed"),
        ("condemned", "welcomed"),
        ("extended", "ended"),
        ("denied", "confirmed"),
        ("bought", "sold"),
        ("above", "below"),
        ("the enemies of", "the allies of"),
        ("were guilty of", "were innocent of"),
        ("legal", "illegal"),
        ("always left", "never left"),
        ("the majority of", "the minority of"),
    ],
)
def test_an_opposite_is_material_in_both_orders(one: str, other: str) -> None:
    before, after = FRAME.format(one), FRAME.format(other)
    if (one, other) == ("came to", "went from"):
        assert find_opposites(["came"], ["went"])
    for pair in ((before, after), (after, before)):
        difference = compare(*pair)
        assert difference.grade is Grade.MATERIAL
        assert [reason.label for reason in difference.reasons] in (["opposite"], ["negation"])


@pytest.mark.parametrize(("one", "other"), [("forces", "refugees"), ("welcomed", "greeted"), ("took", "carried")])
def test_other_words_are_no_opposites(one: str, other: str) -> None:
    assert find_opposites([one], [other]) is None
    assert compare(FRAME.format(one), FRAME.format(other)).grade is Grade.MINOR


def test_the_reason_names_both_words() -> None:
    (reason,) = compare(FRAME.format("have quickly increased"), FRAME.format("have slowly cut")).reasons
    assert (reason.label, reason.before, reason.after) == ("opposite", "quickly", "slowly")


def test_two_opposites_in_a_rewritten_passage_are_chance() -> None:
    one = " ".join(f"a{n}" for n in range(20)) + " increase"
    other = " ".join(f"b{n}" for n in range(20)) + " decrease"
    before, after = (f"They left. {words} it." for words in (one, other))
    assert all(reason.label != "opposite" for reason in compare(before, after).reasons)
