"""Tests of inline differences: the shown parts give the text after, and omitted parts are counted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.text.diff import compare
from scraper.text.inline_diff import Mark, Passage, compare_renderings, passages, stretches, whole
from scraper.text.normalize import word_key, words

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
        ("We met.", "Then we left. We met.", "[+Then we left. +]We met."),
        ("We met.", "", "[-We met.-]"),
        ("", "We met.", "[+We met.+]"),
        ("“We met.", "", "[-“We met.-]"),
    ],
)
def test_removed_and_added_stand_in_their_place(before: str, after: str, expected: str) -> None:
    assert shown(before, after) == expected


def test_long_unchanged_stretches_are_cut_to_the_words_next_to_a_change() -> None:
    result = shown(f"{LONG} old {LONG} old {LONG}", f"{LONG} new {LONG} new {LONG}")
    assert re.findall(r"<\d+>", result) == ["<88>", "<76>", "<88>"]
    assert "<88>w88 w89" in result
    assert "w99 [-old-][+new+] w0 w1" in result
    assert "w10 w11<76>w88" in result


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
def test_same_added_and_skipped_parts_are_the_text_after(before: str, other: str, at: int) -> None:
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
def test_same_and_removed_parts_are_the_text_before_where_nothing_was_added(before: str, at: int, to: int) -> None:
    after = before[:at] + before[max(at, to) :]
    found = list(stretches(before, after, compare(before, after)))
    if any(s.mark in {Mark.ADDED, Mark.SKIPPED} for s in found):
        return
    if any(s.mark is Mark.REMOVED for s in found):
        assert word_key("".join(s.text for s in found)) == word_key(before)


MARKS = {Mark.SAME: "{}", Mark.REMOVED: "[-{}-]", Mark.ADDED: "[+{}+]"}


def written(passage: Passage) -> str:
    words = "".join(MARKS[s.mark].format(s.text) for s in passage.stretches)
    return ("…" if passage.is_cut_before else "") + words + ("…" if passage.is_cut_after else "")


def changed_passages(before: str, after: str) -> list[str]:
    return [written(passage) for passage in passages(before, after, compare(before, after))]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("gave $80 million", "gave $58 million", ["gave [-$80-][+$58+] million"]),
        ("gave $4.5 to it", "gave $8.5 to it", ["gave [-$4.5-][+$8.5+] to it"]),
        ("rose by 5% then", "rose by 7% then", ["rose by [-5%-][+7%+] then"]),
        ("5% rose", "7% rose", ["[-5%-][+7%+] rose"]),
        ("gave $80 to it", "gave $some to it", ["gave $[-80-][+some+] to it"]),
        ("of 80% here", "of some% here", ["of [-80-][+some+]% here"]),
        ("in aid, too", "in aid to all, too", ["in aid[+ to all+], too"]),
        ("same", "same", []),
    ],
)
def test_a_sign_belongs_to_its_number(before: str, after: str, expected: list[str]) -> None:
    assert changed_passages(before, after) == expected


def test_a_passage_stays_in_its_paragraph() -> None:
    assert changed_passages("One here.\n\nTwo there.\n\nThree.", "One here.\n\nTwo not there.\n\nThree.") == [
        "Two [+not+] there."
    ]
    assert changed_passages("Begin.\n\nGone away now.\n\nGone too far.\n\nEnd.", "Begin.\n\nEnd.") == [
        "[-Gone away now.-]",
        "[-Gone too far.-]",
    ]


def test_a_cut_passage_says_so_where_it_is_cut() -> None:
    (one, two) = changed_passages(f"old {LONG} old {LONG}", f"new {LONG} new {LONG}")
    assert one.startswith("[-old-][+new+] w0")
    assert one.endswith("w11…")
    assert two.startswith("…w88")
    assert two.endswith("w11…")


def test_both_sides_of_a_passage() -> None:
    (passage,) = passages("they are here", "they were here", compare("they are here", "they were here"))
    assert [s.text for s in passage.before] == ["they ", "are", " here"]
    assert [s.text for s in passage.after] == ["they ", "were", " here"]
    (grown,) = passages("they are here", "they are not here", compare("they are here", "they are not here"))
    assert grown.before == ()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("the US and", "the U.S. and", "the[- US-][+ U.S.+] and"),
        ("a b", "a b", "a b"),
        ("", "", ""),
        ("At once", "at once", "[-At-][+at+] once"),
    ],
)
def test_a_touch_is_shown_by_words_between_blanks(before: str, after: str, expected: str) -> None:
    assert written(compare_renderings(before, after)) == expected


@given(TEXTS, TEXTS)
def test_passages_show_every_change(before: str, after: str) -> None:
    difference = compare(before, after)
    found = list(stretches(before, after, difference))
    shown_ = passages(before, after, difference)
    for mark in (Mark.REMOVED, Mark.ADDED):
        whole = word_key(" ".join(s.text for s in found if s.mark is mark))
        assert word_key(" ".join(s.text for p in shown_ for s in p.stretches if s.mark is mark)) == whole
        assert all(s.text for p in shown_ for s in p.stretches)


def whole_marked(before: str, after: str) -> list[str]:
    """Return the paragraphs of the whole text, with [-removed-] and {+added+} words."""
    forms = {Mark.SAME: "{}", Mark.REMOVED: "[-{}-]", Mark.ADDED: "{{+{}+}}"}
    found = whole(before, after, compare(before, after))
    return ["".join(forms[each.mark].format(each.text) for each in paragraph.stretches) for paragraph in found]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("It rains.\n\nIt pours.", "It rains.\n\nIt pours.", ["It rains.", "It pours."]),
        ("It rains. It pours. So it goes.", "It rains. So it goes.", ["It rains. [-It pours.-] So it goes."]),
        ("It rains. So it goes.", "It rains. It pours. So it goes.", ["It rains. {+It pours.+} So it goes."]),
        ("Rain here.\n\nIt pours all day.", "Rain here.", ["Rain here.", "[-It pours all day.-]"]),
        ("Rain here.", "Rain here.\n\nIt pours all day.", ["Rain here.", "{+It pours all day.+}"]),
        ("A.\n\nIt pours all day.\n\nEnd.", "A.\n\nEnd.", ["A.", "[-It pours all day.-]", "End."]),
        ("A.\n\nEnd.", "A.\n\nIt pours all day.\n\nEnd.", ["A.", "{+It pours all day.+}", "End."]),
        ("It costs $80 million.", "It costs $58 million.", ["It costs [-$80-]{+$58+} million."]),
        ("It costs $80 then.", "It costs some then.", ["It costs [-$80-]{+some+} then."]),
        ("A good day came.", "A good day, however, came.", ["A good day{+, however,+} came."]),
        ("In Washington, D.C.\n\nEnd.", "In Washington, DC\n\nEnd.", ["In Washington, [-D.C.-] {+DC+}", "End."]),
        ("", "All of it is new.\n\nYes.", ["{+All of it is new.+}", "{+Yes.+}"]),
    ],
)
def test_whole_text_is_marked_by_paragraph(before: str, after: str, expected: list[str]) -> None:
    assert whole_marked(before, after) == expected


_PIECES = st.sampled_from("the rain falls. pours, $80 58 5% not (a) here; “So” will Ada\n\nmay".split(" "))


@pytest.mark.parametrize(
    ("longer", "shorter"),
    [
        ("They say: “We stand by it.” They will meet in March.", "They say: “We stand by it.”"),
        (
            "They say: “We stand by it.” They will meet in March.\n\nMore of it.",
            "They say: “We stand by it.”\n\nMore of it.",
        ),
        ("He said “Go now,” he added, “to the harbor.”", "He said “Go now, to the harbor.”"),
        ("He left (at noon); then it rained.", "He left; then it rained."),
        ("He left, at noon! Then it rained.", "He left? Then it rained."),
        ("A good day, however, came.", "A good day came."),
        ("We met. Then we left town.", "We met."),
        ("It rains. It pours. It snows.", "It rains. It snows."),
        ("They left. We met.", "We met."),
        ("(Washington) We met.", "We met."),
        ("We met.", ""),
        ("He will go!", "He may stay."),
        ("He said, will; now.", "He said: may, now."),
        ("He left (soon), they said.", "He left: quickly! they said."),
    ],
)
def test_both_texts_have_their_own_signs(longer: str, shorter: str) -> None:
    for before, after in ((longer, shorter), (shorter, longer)):
        found = [
            stretch for paragraph in whole(before, after, compare(before, after)) for stretch in paragraph.stretches
        ]
        for mark, text in ((Mark.REMOVED, before), (Mark.ADDED, after)):
            side = "".join(stretch.text for stretch in found if stretch.mark in {Mark.SAME, mark})
            assert "".join(side.split()) == "".join(text.split())


@given(st.lists(_PIECES, max_size=30), st.lists(_PIECES, max_size=30))
def test_whole_text_loses_no_word_of_either_text(olds: list[str], news: list[str]) -> None:
    before, after = " ".join(olds), " ".join(news)
    found = whole(before, after, compare(before, after))
    sides = {
        mark: "\n\n".join("".join(s.text for s in each.stretches if s.mark in {Mark.SAME, mark}) for each in found)
        for mark in (Mark.REMOVED, Mark.ADDED)
    }
    assert "".join(sides[Mark.ADDED].split()) == "".join(after.split())
    # Of equal words, the signs and the case are those of the new text.
    assert words(sides[Mark.REMOVED]) == words(before)


def test_renderings_of_other_paragraphs_are_compared_as_a_whole() -> None:
    assert whole_marked("In D.C. today.\n\nWe met.", "In DC today. We met.") == ["In [-D.C.-] {+DC+} today. We met."]


def test_renderings_that_are_too_long_to_compare_have_no_marks() -> None:
    before = "In D.C.\n\n" + "we met " * 6_000
    after = before.replace("D.C.\n\n", "DC ")
    assert whole_marked(before, after) == [after]


def test_a_paragraph_knows_if_it_differs() -> None:
    before, after = "The same here.\n\nIt was low.", "The same here.\n\nIt was high."
    assert [each.is_changed for each in whole(before, after, compare(before, after))] == [False, True]
