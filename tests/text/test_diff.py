"""Tests of the grade of a difference and its reasons: each kind by example, and properties of any two texts."""

from __future__ import annotations

import random

import pytest
from bounded import bounded
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scraper.model import Grade, Reason
from scraper.text.diff import Difference, compare
from scraper.text.normalize import visible_key, word_key, wording_key
from scraper.text.reasons import MAX_REASONS

MATERIAL, MINOR, COSMETIC = Grade.MATERIAL, Grade.MINOR, Grade.COSMETIC

# Something before and after, so that nothing stands at the start of a sentence by accident.
FRAME = "The people of Harbour agreed to wait. In spring they said that {} and went on. The keepers of Harbour left."


def framed(before: str, after: str) -> Difference:
    return compare(FRAME.format(before), FRAME.format(after))


# Grades


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("We act.", "We act."),
        ("We act.", " We\u00a0act. "),
        ("One.\n\nTwo.", "One. Two."),
        ("co\u00adoperate", "cooperate"),
        ("cafe\u0301", "café"),
        ("w e act", "we act"),
        ("cannot", "can not"),
        ("", ""),
        ("", " \n"),
    ],
)
def test_white_space_and_invisible_characters_are_no_difference(before: str, after: str) -> None:
    assert compare(before, after) == Difference(None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Washington, D.C., today", "Washington, DC, today"),
        ("Remarks At the Harbour", "Remarks at the Harbour"),
        ("“Peace” – now", '"Peace" - now'),
        ("isn’t", "isn't"),
        ("ﬁve", "five"),
        ("One two.", "One, two"),
        ("wait", "“wait”"),
        ("", "***"),
    ],
)
def test_case_punctuation_and_typography_are_cosmetic(before: str, after: str) -> None:
    assert compare(before, after) == compare(after, before) == Difference(COSMETIC)


@pytest.mark.parametrize(
    ("before", "after", "reported"),
    [
        ("they are travelling far", "they are traveling far", "same word, written otherwise: travelling → traveling"),
        ("forces came", "refugees came", "words changed: forces → refugees"),
        ("they came", "they gladly came", "words added: gladly"),
        ("they gladly came", "they came", "words removed: gladly"),
        ("and I welcome it", "and we welcome it", "words changed: I → we"),
        ("bring them to justice", "bring them to account", "words changed: justice → account"),
        ("general elections", "national elections", "words changed: general → national"),
        ("see x.org/Lamps now", "see x.org/Piers now", "words changed: Lamps → Piers"),
        ("one lamp", "a lamp", "words changed: one → a"),
        ("it is not so", "it isn’t so", "same words, written otherwise: is not → isn’t"),
        ("the model T came", "the model t came and", "words added: and"),
        ("a lamp t came", "a lamp x came", "words changed: t → x"),
    ],
)
def test_other_words_are_minor(before: str, after: str, reported: str) -> None:
    difference = framed(before, after)
    assert (difference.grade, difference.reason_lines()) == (MINOR, (reported,))


@pytest.mark.parametrize(
    ("before", "after", "reported"),
    [
        ("a gift of $80 million came", "a gift of $58 million came", "amount: $80 million → $58 million"),
        ("4.5 million lamps", "8.5 million lamps", "amount: 4.5 million → 8.5 million"),
        ("five million lamps", "six million lamps", "amount: five million → six million"),
        ("5% of it", "6% of it", "amount: 5% → 6%"),
        ("5 percent of it", "6 percent of it", "amount: 5 percent → 6 percent"),
        ("1,000 lamps", "1,500 lamps", "number: 1,000 → 1,500"),
        ("10 of the 20 lamps", "20 of the 10 lamps", "number: 10 → 20 / number: 20 → 10"),
        ("three lamps", "four lamps", "number: three → four"),
        ("the 210th time", "the 211th time", "ordinal: 210th → 211th"),
        ("the second time", "the third time", "ordinal: second → third"),
        ("the year 2020", "the year 2021", "date: 2020 → 2021"),
        ("on March 4", "on March 5", "date: March 4 → March 5"),
        ("on March 4", "on June 4", "date: March 4 → June 4"),
        ("on Monday", "on Friday", "date: Monday → Friday"),
        ("in May", "in June", "date: May → June"),
        ("the G7 met", "the G20 met", "number: G7 → G20"),
        ("Keeper Dali spoke", "Keeper Dalai spoke", "name: Dali → Dalai"),
        ("Ana and Bea spoke", "Bea and Ana spoke", "name: Ana and Bea → Bea and Ana"),
        ("Ohrid, Macedonia, was", "Ohrid, North Macedonia, was", "name: Macedonia → North Macedonia"),
        (
            "the foreign minister spoke",
            "the prime minister spoke",
            "title of office: foreign minister → prime minister",
        ),
        ("the ambassador spoke", "the keeper spoke", "title of office: ambassador → keeper"),
        ("it is not so", "it is so", "negation removed: not"),
        ("it isn’t so", "it is so", "negation: isn’t → is"),
        ("no lamp came", "a lamp came", "negation: no → a"),
        ("they will come", "they may come", "modal: will → may"),
        ("they can come", "they must come", "modal: can → must"),
        ("some 5 may come", "some 5 can come", "modal: may → can"),
        ("Ana Quill and Bea spoke", "Cora Marsh and Dora spoke", "name: Ana Quill, Bea → Cora Marsh, Dora"),
        ("Ana and Ana spoke", "Bea and Bea spoke", "name: Ana → Bea"),
        ("he said “it is done” there", "he said “it is dead” there", "quotation: done → dead"),
        ('he said "it is done" there', 'he said "it was done" there', "quotation: is → was"),
    ],
)
def test_significant_words_are_material_and_reported_on_both_sides(before: str, after: str, reported: str) -> None:
    difference = framed(before, after)
    assert (difference.grade, " / ".join(difference.reason_lines())) == (MATERIAL, reported)
    assert framed(after, before).grade is MATERIAL


@pytest.mark.parametrize(
    ("before", "after", "label"),
    [
        (
            "Blinking lamps. Ana Dali left. So Dali slept well.",
            "Blinking lamps. Ana Dali left. So Kuba slept well.",
            "name",
        ),
        ("He met Dali. Dali slept on board.", "He met Dali. Kuba slept on board.", "name"),
        ("USAID gave lamps to them.", "UNESCO gave lamps to them.", "name"),
        ("Together they gave lamps.", "Jointly they gave lamps.", "words changed"),
        ("Will they go to sea?", "May they go to sea?", "modal"),
        ("May 5 was a day at sea.", "June 5 was a day at sea.", "date"),
        ("Must they go to sea?", "Can they go to sea?", "modal"),
        ("they met Will there", "they met Bea there", "name"),
    ],
)
def test_a_capital_at_the_start_of_a_sentence_is_a_name_only_if_it_is_one_elsewhere(
    before: str, after: str, label: str
) -> None:
    difference = compare(before, after)
    assert difference.reason_lines()[0].startswith(f"{label}: ")
    assert difference.grade is (MINOR if label == "words changed" else MATERIAL)


@pytest.mark.parametrize(
    ("before", "after", "reported"),
    [
        ("Lamps for the Harbour", "Boats for the Harbour", "words changed: Lamps → Boats"),
        ("State Will Act on Lamps", "State May Act on Lamps", "modal: Will → May"),
        ("The 210th Day with Harbour", "The 211th Day with Harbour", "ordinal: 210th → 211th"),
        ("Lamps, May 5", "Lamps, June 5", "date: May 5 → June 5"),
        (
            "Call with Foreign Minister",
            "Call with Prime Minister",
            "title of office: Foreign Minister → Prime Minister",
        ),
        ("Keeper Dali meets the people", "Keeper Kuba meets the people", "name: Dali → Kuba"),
    ],
)
def test_in_a_headline_capitals_are_no_names(before: str, after: str, reported: str) -> None:
    assert compare(before, after).reason_lines() == (reported,)


# Sentences

ONE, TWO, SIX = "The keepers went home.", "Nobody came to see the lamps.", "It rained on the pier for days."


@pytest.mark.parametrize(
    ("before", "after", "reported"),
    [
        (f"{ONE} {TWO} {SIX}", f"{ONE} {SIX}", f"sentence removed: “{TWO[:-1]}”"),
        (f"{ONE} {SIX}", f"{ONE} {TWO} {SIX}", f"sentence added: “{TWO[:-1]}”"),
        (f"{ONE}\n\n{TWO}\n\n{SIX}", f"{ONE}\n\n{SIX}", f"sentence removed: “{TWO[:-1]}”"),
        (f"{ONE} {TWO}", f"{TWO}", f"sentence removed: “{ONE[:-1]}”"),
        (f"{ONE} {TWO}", f"{ONE}", f"sentence removed: “{TWO[:-1]}”"),
        ("", ONE, f"sentence added: “{ONE[:-1]}”"),
        (f"{ONE} It was late.", ONE, "sentence removed: “It was late”"),
        (f"{ONE} Not now.", ONE, "negation removed: Not now"),
        (f"{ONE} {ONE} {SIX}", SIX, f"sentence removed: “{ONE[:-1]}”"),
    ],
)
def test_a_whole_sentence_removed_or_added_is_material(before: str, after: str, reported: str) -> None:
    assert (compare(before, after).grade, compare(before, after).reason_lines()) == (MATERIAL, (reported,))


def test_a_moved_sentence_is_reported_once() -> None:
    (reason,) = compare(f"{ONE} {TWO} {SIX}", f"{TWO} {SIX} {ONE}").reasons
    assert reason == Reason("sentence moved", f"“{ONE[:-1]}”", "", MATERIAL)


def test_a_sentence_moved_and_doubled_is_reported_as_both() -> None:
    labels = [r.label for r in compare(f"{ONE} {TWO} {SIX}", f"{TWO} {SIX} {ONE} x. {ONE}").reasons]
    assert labels[:2] == ["sentence moved", "sentence added"]


def test_a_sentence_in_place_of_another_is_removed_and_added() -> None:
    assert [r.label for r in compare(f"{ONE} {TWO}", f"{ONE} {SIX}").reasons] == ["sentence removed", "sentence added"]


def test_words_in_place_of_a_sentence_are_reported_as_changed_words() -> None:
    assert compare(f"{ONE} She was very right. {SIX}", f"{ONE} Yes indeed. {SIX}").reason_lines() == (
        "words changed: She was very right → Yes indeed",
    )
    assert compare(f"{ONE} She was very right. {SIX}", f"{ONE} Yes. {SIX}").grade is MINOR
    assert compare(f"{ONE} Yes indeed. {SIX}", f"{ONE} She was very right. {SIX}").reason_lines() == (
        "words changed: Yes indeed → She was very right",
    )


def test_a_heading_is_no_sentence() -> None:
    assert compare(f"{ONE}\n\nThe lamps\n\n{SIX}", f"{ONE}\n\n{SIX}").reason_lines() == ("words removed: The lamps",)


def test_stray_equal_words_do_not_hide_a_removed_sentence() -> None:
    before = f"{ONE} The lamp of the pier of Harbour was lit by a guest of the keepers at dusk. Then a storm came."
    assert compare(before, f"{ONE} Then a storm came.").reason_lines()[0].startswith("sentence removed: “The lamp")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("We met in the U.S. Lamps were lit there.", "We met in the U.S. Boats were lit there."),
        ("We met with Mr. Dali and left.", "We met with Mr. Kuba and left."),
        ("We met J. Dali and left.", "We met J. Kuba and left."),
    ],
)
def test_the_full_stop_of_an_abbreviation_ends_no_sentence(before: str, after: str) -> None:
    assert compare(before, after).reason_lines()[0].startswith("name: ")


def test_a_digit_ends_a_sentence() -> None:
    assert compare("We read Article 5. Then they left town.", "We read Article 5.").reason_lines() == (
        "sentence removed: “Then they left town”",
    )


def test_words_beside_a_reported_sentence_are_no_reason_of_their_own() -> None:
    difference = compare("He D.C. Quill will May will 58! 2021 It May $80?", "may 2021 It May $80?")
    assert [reason.label for reason in difference.reasons] == ["sentence removed"]
    before = "In Quill said June second second the travelling. The U.S. travelling million lamps?"
    reported = compare(before, "The U.S. travelling keepers lamps? “peace”").reason_lines()
    assert not any(line.endswith("The → The") for line in reported)


# Hunks


def hunks(before: str, after: str) -> list[tuple[str, str]]:
    return [(before[slice(*h.before)], after[slice(*h.after)]) for h in compare(before, after).hunks]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("we gave $4.5 there", "we gave $8.5 there", [("4.5", "8.5")]),
        ("we gave $4.5 there", "we gave $4.7 there", [("4.5", "4.7")]),
        ("we gave 1,000,000 there", "we gave 1,500,000 there", [("1,000,000", "1,500,000")]),
        ("5. Five went", "6. Five went", [("5", "6")]),
        ("we gave 4.5 there", "we gave 4 6 there", [("4.5", "4 6")]),
        ("very very far", "very very very far", [("", "very")]),
        ("a b c d e f g", "a x y d e u v", [("b c d e f g", "x y d e u v")]),
        ("a b c d e f g", "a x y d e u g", [("b c", "x y"), ("f", "u")]),
        ("no lamps", "no new lamps", [("", "new")]),
        ("no new lamps", "no lamps", [("new", "")]),
        ("a b c d e f g", "a x c d e y g", [("b", "x"), ("f", "y")]),
        ("a b c d e", "a x c y e", [("b c d", "x c y")]),
        ("in D.C. we met", "in DC we sat", [("met", "sat")]),
        ("one", "", [("one", "")]),
    ],
)
def test_hunks_are_whole_numbers_and_what_a_reader_takes_for_one_change(
    before: str, after: str, expected: list[tuple[str, str]]
) -> None:
    assert hunks(before, after) == expected


# Tokens


# What holds for any two texts

VOCABULARY = st.sampled_from(
    "the of and to in we will may not no Dali Kuba Secretary Minister $80 million 58 4.5 1,000 210th second June May 4 "
    "2021 “peace” said travelling D.C. DC U.S. isn’t He It Harbour Quill lamps keepers \u00adlit é "
    "12 twelve € % -5 < 3:30 p.m. Sec. don’t do not [1] [sic] ½ 2/3 percent euros at least before after "
    "’ ” ( WFP )".split()
)
SENTENCES = st.builds(
    lambda parts, mark: " ".join(parts) + mark, st.lists(VOCABULARY, min_size=1, max_size=8), st.sampled_from(".?!")
)
TEXTS = st.builds(lambda parts, glue: glue.join(parts), st.lists(SENTENCES, max_size=5), st.sampled_from([" ", "\n\n"]))


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and what a few edits of words make of it."""
    before = draw(TEXTS)
    after = before.split(" ")
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(after) - 1))
        after[at : at + draw(st.integers(0, 3))] = draw(st.lists(VOCABULARY, max_size=3)) or [""]
    return before, " ".join(after)


PAIRS = edits() | st.tuples(TEXTS, TEXTS) | st.tuples(st.text(max_size=20), st.text(max_size=20))


@pytest.mark.parametrize(("before", "after"), [("", "€."), ("€", "$"), ("«€»", "«$»")])
def test_a_sign_of_a_value_without_a_word_has_a_reason_and_a_hunk(before: str, after: str) -> None:
    difference = compare(before, after)
    assert difference.reasons
    (hunk,) = difference.hunks
    assert before[slice(*hunk.before)] != after[slice(*hunk.after)]


@given(PAIRS)
def test_the_keys_decide_between_none_cosmetic_and_a_change_of_words(pair: tuple[str, str]) -> None:
    before, after = pair
    grade = compare(before, after).grade
    assert (grade is None) == (visible_key(before) == visible_key(after))
    if grade is not None:
        assert (grade is COSMETIC) == (wording_key(before) == wording_key(after))


@given(PAIRS)
def test_every_change_of_words_has_reasons_in_words_of_the_texts(pair: tuple[str, str]) -> None:
    before, after = pair
    difference = compare(before, after)
    if difference.grade in {None, COSMETIC}:
        assert not difference.reasons
        assert not difference.hunks
        return
    assert difference.reasons
    assert difference.hunks
    assert difference.grade is max((reason.grade for reason in difference.reasons), key=lambda grade: grade.rank)
    for reason in difference.reasons:
        assert reason.label
        assert reason.before or reason.after
        assert reason.before != reason.after
    assert len(difference.reason_lines()) <= MAX_REASONS + 1


@given(edits() | st.tuples(TEXTS, TEXTS))
@example(("the lamp [1].", "the lamp ½"))
def test_hunks_in_order_turn_one_text_into_the_other(pair: tuple[str, str]) -> None:
    before, after = pair
    difference = compare(before, after)
    if not difference.hunks:
        return
    result, at, then = [], 0, 0
    for hunk in difference.hunks:
        assert at <= hunk.before[0] <= hunk.before[1] <= len(before)
        assert then <= hunk.after[0] <= hunk.after[1] <= len(after)
        assert hunk.before[0] < hunk.before[1] or hunk.after[0] < hunk.after[1]
        assert word_key(before[at : hunk.before[0]]) == word_key(after[then : hunk.after[0]])
        result += [before[at : hunk.before[0]], after[slice(*hunk.after)]]
        at, then = hunk.before[1], hunk.after[1]
    assert word_key(" ".join([*result, before[at:]])) == word_key(after)


@given(st.lists(VOCABULARY, min_size=3, max_size=12), st.integers(0, 11), VOCABULARY)
def test_one_word_for_another_has_one_grade_both_ways(parts: list[str], at: int, other: str) -> None:
    changed = list(parts)
    changed[at % len(parts)] = other
    before, after = f"So they {' '.join(parts)} went.", f"So they {' '.join(changed)} went."
    assert compare(before, after).grade == compare(after, before).grade


@settings(max_examples=200)
@given(PAIRS)
def test_both_orders_of_two_texts_have_one_grade(pair: tuple[str, str]) -> None:
    before, after = pair
    assert compare(before, after).grade is compare(after, before).grade


def test_reasons_are_bounded_and_the_most_important_comes_first() -> None:
    before = ". ".join(f"The lamp of w{n}a was lit here by {'x' * 300}y on day {n} of that year" for n in range(40))
    after = before.replace("lit", "put out").replace(" of that", "7 of that")
    difference = compare(before, after)
    reported = difference.reason_lines()
    assert len(reported) == MAX_REASONS + 1
    assert reported[-1] == f"and {len(difference.reasons) - MAX_REASONS} more"
    assert reported[0] == "number: 0 → 07"
    assert [line.startswith("number: ") for line in reported[:-1]] == [True] * MAX_REASONS
    assert "words changed: lit → put out" in [str(reason) for reason in difference.reasons]


def test_a_reason_is_cut_where_it_is_long() -> None:
    (reported,) = compare("They met.", f"They met {'x' * 500} and {'y' * 500}.").reason_lines()
    assert reported.startswith("words added: xxx")
    assert reported.endswith("…")
    assert len(reported) < 200


def test_a_long_list_of_names_is_cut() -> None:
    names = "\n\n".join(f"of N{n}am" for n in range(500))
    reported = compare(f"We met them. {names}", "We met them.").reason_lines()
    assert reported
    assert all(len(line) < 400 for line in reported)


# Cost


def unrelated(count: int, seed: int) -> str:
    rng = random.Random(seed)
    vocabulary = [f"{rng.choice('abcdefghij')}{n:x}" for n in range(3000)]
    marks = [". ", " ", " ", " ", " ", ", ", " “", "” ", ".\n\n", " $5 million "]
    return "".join(rng.choice(vocabulary).capitalize() + rng.choice(marks) for _ in range(count))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(unrelated(8000, 1), unrelated(8000, 2), id="unrelated"),
        pytest.param("same " * 30_000, "same " * 29_000 + "other", id="one word over and over"),
        pytest.param("a" * 300_000, "b" * 300_000, id="one long word"),
        pytest.param("1" * 300_000, "2" * 300_000, id="one long number"),
        pytest.param("x" + "." * 500_000 + "y", "x" + "." * 500_000 + "z", id="full stops"),
        pytest.param("x" + "“" * 150_000 + "y", "x" + "“" * 150_000 + "z", id="quotation marks"),
        pytest.param("Word. " * 10_000, "Other. " * 10_000, id="short sentences"),
        pytest.param("“Yes” " * 10_000, "“No” " * 10_000, id="quotations"),
        pytest.param("$5 " * 5_000, "$6 " * 5_000, id="amounts"),
        pytest.param(unrelated(12_000, 3), unrelated(12_000, 4), id="more of it"),
    ],
)
def test_no_text_costs_more_than_seconds(before: str, after: str) -> None:
    with bounded(5.0):
        assert compare(before, after).grade is not None


def test_a_small_edit_at_both_ends_of_a_long_text_is_found() -> None:
    text = unrelated(12_000, 5)
    before, after = f"We gave $80 million. {text} They will go.", f"We gave $58 million. {text} They may go."
    with bounded():
        assert set(compare(before, after).reason_lines()) == {"amount: $80 million → $58 million", "modal: will → may"}


def test_a_text_that_is_too_long_to_align_counts_as_changed() -> None:
    before = " ".join(["Kept.", *(f"a{n}" for n in range(9000)), "same", *(f"b{n}" for n in range(9000))])
    after = before.replace(" a", " c").replace(" b", " d")
    assert [before[slice(*hunk.before)] for hunk in compare(before, after).hunks] == [before.removeprefix("Kept. ")]
    assert [before[slice(*hunk.before)] for hunk in compare(before, after.replace(" c", " a")).hunks] == [
        before.partition(" same ")[2]
    ]
