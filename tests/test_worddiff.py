"""A difference in its place: what is shown gives back the text after, and what is left out is counted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.diff import compare
from scraper.text import word_key
from scraper.worddiff import Mark, stretches

LONG = " ".join(f"w{n}" for n in range(100))


def shown(before: str, after: str) -> str:
    marks = {Mark.SAME: "{}", Mark.REMOVED: "[-{}-]", Mark.ADDED: "[+{}+]", Mark.SKIPPED: "<{}>"}
    return "".join(marks[s.mark].format(s.text) for s in stretches(before, after, compare(before, after)))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("they are here", "they were here", "they [-are-][+were+] here"),
        ("they are here", "they are not here", "they are [+not+] here"),
        ("they are not here", "they are here", "they are[- not-] here"),
        ("we gave $4.5 there", "we gave $8.5 there", "we gave $[-4.5-][+8.5+] there"),
        ("We met. Then we left town.", "We met.", "We met[-. Then we left town-]."),
        ("Then we left town. We met.", "We met.", "[-Then we left town. -]We met."),
        ("We met.", "Then we left. We met.", "[+Then we left+]. We met."),
        ("We met.", "", "[-We met.-]"),
        ("", "We met.", "[+We met+]."),
        ("“We met.", "", "[-“We met.-]"),
    ],
)
def test_removed_and_added_stand_in_their_place(before: str, after: str, expected: str) -> None:
    assert shown(before, after) == expected


def test_long_unchanged_stretches_are_cut_to_the_words_next_to_a_change() -> None:
    told = shown(f"{LONG} old {LONG} old {LONG}", f"{LONG} new {LONG} new {LONG}")
    assert re.findall(r"<\d+>", told) == ["<88>", "<76>", "<88>"]
    assert "<88>w88 w89" in told
    assert "w99 [-old-][+new+] w0 w1" in told
    assert "w10 w11<76>w88" in told


@pytest.mark.parametrize(("words", "expected"), [(12, "w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11"), (13, "<13>")])
def test_a_few_words_are_not_worth_leaving_out(words: int, expected: str) -> None:
    same = " ".join(f"w{n}" for n in range(words))
    assert shown(same, same.upper()) == expected.upper()


def test_a_removal_at_the_very_start_is_followed_by_its_context() -> None:
    assert shown(f"gone {LONG} old", f"{LONG} new").startswith("[-gone -]w0 w1")


def test_without_a_change_of_words_only_the_edges_of_a_short_text_are_shown() -> None:
    assert shown("At once", "at once") == "at once"
    assert shown(LONG, LONG.upper()) == "<100>"
    assert shown("***", "—") == "—"
    assert shown("same", "same") == "same"
    assert shown("", "") == ""


VOCABULARY = st.sampled_from("the of we may Dali $80 4.5 “so” D.C. isn’t it. He\n\nIt lamps — ".split(" "))
TEXTS = st.lists(VOCABULARY, max_size=40).map(" ".join)


@given(TEXTS, TEXTS, st.integers(0, 60))
def test_what_is_same_added_and_skipped_is_the_text_after(before: str, other: str, at: int) -> None:
    after = before[:at] + other + before[at:]
    for one, two in ((before, after), (after, before), (before, other)):
        found = list(stretches(one, two, compare(one, two)))
        pattern = "".join(
            rf"\s*(?:\S+\s+){{{int(s.text) - 1}}}\S+\s*" if s.mark is Mark.SKIPPED else re.escape(s.text)
            for s in found
            if s.mark is not Mark.REMOVED
        )
        assert re.fullmatch(pattern, two)
        assert all(s.text for s in found)


@given(TEXTS, st.integers(0, 60), st.integers(0, 60))
def test_what_is_same_and_removed_is_the_text_before_where_nothing_was_added(before: str, at: int, to: int) -> None:
    after = before[:at] + before[max(at, to) :]
    found = list(stretches(before, after, compare(before, after)))
    if any(s.mark in {Mark.ADDED, Mark.SKIPPED} for s in found):
        return
    if any(s.mark is Mark.REMOVED for s in found):
        assert word_key("".join(s.text for s in found)) == word_key(before)
