"""Tests of values in any spelling: the same value is never material, another one always is, in both orders."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from bounded import bounded
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scraper.model import Grade
from scraper.text import values
from scraper.text.diff import compare
from scraper.text.tokens import Words

MATERIAL = Grade.MATERIAL
# Words before and after, so that nothing stands at the edge of the text or at the start of a sentence.
FRAME = "The keepers met in spring. In the end they agreed on {} and went on with the lamps. Then all of them left."


def keys(text: str) -> list[str]:
    words = Words(text)
    return [value.key for value in values.find(words, 0, len(words))]


def grade(before: str, after: str) -> Grade | None:
    """The grade of a difference, which has to be the same in the other order."""
    one, other = FRAME.format(before), FRAME.format(after)
    found = compare(one, other).grade
    assert compare(other, one).grade is found, (before, after)
    return found


BLOCKS = [
    block.splitlines()
    for block in (Path(__file__).parent / "data" / "spellings.txt").read_text(encoding="utf-8").split("\n\n")[1:]
]
SAME = [
    ([line for line in block if not line.startswith("not: ")], [line[5:] for line in block if line.startswith("not: ")])
    for block in BLOCKS
]
SPELLINGS = [(one, other) for same, _ in SAME for one in same for other in same if one != other]
CHANGES = [(one, other) for same, others in SAME for one in same for other in others]


# One test for all pairs: a test of its own for each takes longer than the comparison.
def test_the_same_value_in_another_spelling_is_not_material() -> None:
    assert len(SPELLINGS) > 500
    assert [pair for pair in SPELLINGS if grade(*pair) is MATERIAL] == []


def test_another_value_is_material() -> None:
    assert len(CHANGES) > 500
    assert [pair for pair in CHANGES if grade(*pair) is not MATERIAL] == []


def test_words_in_brackets_are_the_editors_only_if_the_other_text_lacks_them() -> None:
    assert grade("the lamps", "the lamps which stand in Oren") is MATERIAL
    assert grade("the lamps", "the lamps 1") is MATERIAL
    assert grade("the [Russian] lamps", "the [Ukrainian] lamps") is MATERIAL
    assert grade("the lamps", "the lamps [5] million") is MATERIAL
    assert grade("5 lamps of Oren", "five lamps [of Oren]") is Grade.MINOR
    assert grade("the lamps", "the lamps (WFP)") is MATERIAL
    assert grade("of the " * 20, f"{'of the ' * 20} (WFP)") is MATERIAL


def test_digits_in_groups_of_two_with_letters_behind_them_are_no_indian_number() -> None:
    assert keys("5,00,000x")[:1] != ["500000 "]


def test_a_number_after_the_end_of_a_sentence_is_no_end_of_a_range() -> None:
    assert keys("They gave $5. To 10 men they gave more.") == keys("They gave $5.\nTo 10 men they gave more.")
    assert keys("It cost $5 – 10 men paid.") == keys("It cost $5, 10 men paid.")


# Generated values

NUMBERS = st.integers(1, 10**9)
SMALL_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS_WORDS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()


def below_thousand(number: int, conjunction: str) -> str:
    hundreds, rest = divmod(number, 100)
    parts = [f"{SMALL_WORDS[hundreds]} hundred"] if hundreds else []
    if rest:
        tens, unit = divmod(rest, 10)
        small = SMALL_WORDS[rest] if rest < 20 else TENS_WORDS[tens] + (f"-{SMALL_WORDS[unit]}" if unit else "")
        parts.append(small)
    return conjunction.join(parts)


def in_words(number: int, conjunction: str = " ") -> str:
    parts = []
    for weight, name in ((10**9, " billion"), (10**6, " million"), (10**3, " thousand"), (1, "")):
        count, number = divmod(number, weight)
        if count:
            parts.append(below_thousand(count, conjunction) + name)
    return " ".join(parts)


@st.composite
def number_spellings(draw: st.DrawFn, number: int, *, digits: bool) -> str:
    separator = draw(st.sampled_from([",", " ", "\u202f", "'", ""]))
    forms = [f"{number:,}".replace(",", separator)]
    forms += [] if digits else [in_words(number), in_words(number, " and ")]
    for weight, names in ((10**6, ("million", "mn")), (10**9, ("billion", "bn"))):
        if number >= weight:
            amount = f"{number / weight:.9f}".rstrip("0").rstrip(".")
            forms += [f"{amount} {name}" for name in names]
    return draw(st.sampled_from(forms))


CURRENCIES = {
    "USD": ("${}", "US${}", "US ${}", "USD {}", "{} dollars", "{} U.S. dollars", "{} USD"),
    "EUR": ("€{}", "EUR {}", "{} euros", "{} €", "{} EUR"),
    "GBP": ("£{}", "GBP {}", "{} pounds sterling"),
    "JPY": ("JPY {}", "{} yen"),
    "percent": ("{} percent", "{} per cent", "{}%", "{} %"),
    "permille": ("{}‰", "{} per mille"),
    "kilometer": ("{} km", "{} kilometers", "{} kilometres"),
    "": ("{}",),
}
SIGNS = {
    "": "",
    "-": ("-{}", "−{}", "minus {}"),
    "<": ("<{}", "less than {}", "fewer than {}"),
    "≥": ("≥{}", "at least {}"),
}


@st.composite
def quantity_spellings(draw: st.DrawFn, number: int, currency: str, sign: str) -> str:
    form = draw(st.sampled_from(CURRENCIES[currency]))
    if sign:
        # A sign stands beside digits or the sign of a currency, not before its code.
        marks = [
            mark for mark in SIGNS[sign] if not form[:3].isupper() or mark[0].isalpha() or "$" in form.split(" ")[0]
        ]
        assume(marks)
        form = draw(st.sampled_from(marks)).format(form)
    # Signs stand beside digits.
    has_sign = re.search(r"[^\w\s{}.]", form) is not None
    is_share = not {"%", "‰"}.isdisjoint(form)
    return form.format(f"{number:,}" if is_share else draw(number_spellings(number, digits=has_sign)))


QUANTITIES = st.tuples(NUMBERS, st.sampled_from(list(CURRENCIES)), st.sampled_from(list(SIGNS)))


@settings(max_examples=150)
@given(QUANTITIES, st.data())
def test_a_quantity_in_any_of_its_spellings_is_the_same(quantity: tuple[int, str, str], data: st.DataObject) -> None:
    one, other = (data.draw(quantity_spellings(*quantity)) for _ in range(2))
    assert grade(f"{one} lamps", f"{other} lamps") is not MATERIAL, (one, other)


@settings(max_examples=150)
@given(QUANTITIES, QUANTITIES, st.data())
def test_another_quantity_in_any_spelling_is_material(
    quantity: tuple[int, str, str], changed: tuple[int, str, str], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, 3))
    mixed = tuple(
        new if at in {place, 3} else old for place, (old, new) in enumerate(zip(quantity, changed, strict=True))
    )
    assume(mixed != quantity)
    one, other = data.draw(quantity_spellings(*quantity)), data.draw(quantity_spellings(*mixed))
    assert grade(f"{one} lamps", f"{other} lamps") is MATERIAL, (one, other)


@st.composite
def date_spellings(draw: st.DrawFn, day: dt.date) -> str:
    month = draw(st.sampled_from([f"{day:%B}", f"{day:%b}."])) if day.month != 5 else "May"
    ordinal = f"{day.day}{'th' if 10 < day.day < 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day.day % 10, 'th')}"
    number = draw(st.sampled_from([str(day.day), ordinal]))
    return draw(
        st.sampled_from(
            [
                f"{month} {number}, {day.year}",
                f"{number} {month} {day.year}",
                f"the {ordinal} of {month} {day.year}",
                f"{day.isoformat()}",
                f"{day:%d.%m.%Y}",
            ]
        )
    )


DATES = st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31))


@given(DATES, st.data())
def test_a_date_in_any_of_its_spellings_is_the_same(day: dt.date, data: st.DataObject) -> None:
    one, other = (data.draw(date_spellings(day)) for _ in range(2))
    assert grade(f"on {one} there", f"on {other} there") is not MATERIAL, (one, other)


@given(DATES, DATES, st.data())
def test_another_date_is_material(day: dt.date, changed: dt.date, data: st.DataObject) -> None:
    assume(day != changed)
    one, other = data.draw(date_spellings(day)), data.draw(date_spellings(changed))
    assert grade(f"on {one} there", f"on {other} there") is MATERIAL


@st.composite
def time_spellings(draw: st.DrawFn, time: dt.time) -> str:
    hour, half = time.hour % 12 or 12, "am" if time.hour < 12 else "pm"
    minute = f"{time.minute:02}"
    forms = [f"{time.hour}:{minute}", f"{time.hour:02}:{minute}", f"{time.hour}h{minute}"]
    forms += [
        f"{hour}{by}{minute}{space}{end}"
        for by in ":."
        for space in ("", " ")
        for end in (half, f"{half[0]}.m.", half.upper())
    ]
    return draw(st.sampled_from(forms))


TIMES = st.times().map(lambda time: time.replace(second=0, microsecond=0))


@given(TIMES, TIMES, st.data())
def test_a_time_is_the_same_only_in_its_own_spellings(time: dt.time, changed: dt.time, data: st.DataObject) -> None:
    one, other, third = (data.draw(time_spellings(t)) for t in (time, time, changed))
    assert grade(f"at {one} there", f"at {other} there") is not MATERIAL
    assert (grade(f"at {one} there", f"at {third} there") is MATERIAL) is (time != changed)


# Cost

LONG = 50_000
LIMIT_S = 5.0  # linear time is less than a second, quadratic time more than half a minute


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("1" * 10_000, "2" * 10_000, id="a number of ten thousand digits"),
        pytest.param("$1" + "0" * 10_000 + " million", "€1" + "0" * 10_000 + " million", id="amounts"),
        pytest.param("1," + ",".join(["000"] * 15_000), "2," + ",".join(["000"] * 15_000), id="groups"),
        pytest.param("million " * 6_000, "5 " + "million " * 6_000, id="magnitudes"),
        pytest.param("one hundred and " * 3_000, "two hundred and " * 3_000, id="number words"),
        pytest.param("May 12 " * 7_000, "12 May " * 7_000, id="dates"),
        pytest.param("3:30 p.m. " * 5_000, "15:30 " * 5_000, id="times"),
        pytest.param("[1] a " * 8_000, "a [2] " * 8_000, id="note marks"),
        pytest.param("[" * LONG + "a", "[" * LONG + "b", id="brackets"),
        pytest.param("A(A" * 15_000, "A(B" * 15_000, id="acronyms"),
        pytest.param("Aa " * 15_000 + "(AAAA)", "Aa " * 15_000 + "(AAAAA) b", id="initials"),
        pytest.param("don’t " * 8_000, "do not " * 8_000, id="contractions"),
        pytest.param("“‘" * (LONG // 2) + "a", "“‘" * (LONG // 2) + "b", id="open quotations"),
        pytest.param("‘a’s " * 10_000 + "a", "‘a’s " * 10_000 + "b", id="apostrophes"),
        pytest.param("-" * LONG + "5", "-" * LONG + "6", id="minus signs"),
        pytest.param("<" * LONG + "5", "<" * LONG + "6", id="comparisons"),
        pytest.param("$" * LONG, "€" * LONG, id="currency signs"),
        pytest.param("1.1" * 15_000, "1.2" * 15_000, id="points"),
        pytest.param("less than " * 5_000 + "5", "less than " * 5_000 + "6", id="phrases"),
        pytest.param("u s " * 12_000, "u k " * 12_000, id="letters"),
    ],
)
def test_hostile_texts_cost_no_more_than_seconds(before: str, after: str) -> None:
    with bounded(LIMIT_S):
        assert compare(before, after).grade is not None


# Readings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020/21", ["2020", "21 "]),
        ("5/0", ["5", "0 "]),
        ("1.2.3", ["6/5 ", "3 "]),
        ("zero", ["0 "]),
        ("one point five", ["3/2 "]),
        ("one point of it", ["1 ", "point", "of", "it"]),
        ("one thousandth", ["ordinal 1000"]),
        ("two hundredth", ["ordinal 200"]),
        ("two hundred and fifth", ["ordinal 205"]),
        ("five thousand million", ["5000000000 "]),
        ("five million thousand", ["5000000000 "]),
        ("a hundred", ["100 "]),
        ("half of it", ["1/2 ", "of", "it"]),
        ("half a lamp", ["1/2 ", "a", "lamp"]),
        ("twenty third", ["ordinal 23"]),
        ("three hundred third", ["ordinal 303"]),
        ("5g", ["5g"]),
        ("5t", ["5t"]),
        ("5km", ["5 kilometer"]),
        ("58m wide", ["58000000 ", "wide"]),
        ("since 2019 ²", ["since", "2019 ", "2"]),
        ("5 °C", ["5 celsius"]),
        ("5° north", ["5 degree", "north"]),
        ("5,00,000 lamps", ["500000 ", "lamps"]),
        ("5 to 6th", ["5 ", "to", "ordinal 6"]),
        ("5 hundred thousand million lamps", ["500000000000 ", "lamps"]),
        ("5 hundred thousand million dozen", ["500000000000 ", "dozen"]),
        ("12-May flights", ["12 ", "may", "flights"]),
        ("12-May-b flights", ["12 ", "may", "b", "flights"]),
        ("on Sat. night", ["on", "saturday", "night"]),
        ("May the 4 of us", ["may", "the", "4 ", "of", "us"]),
        ("USD$5", ["5 USD"]),
        ("US$5", ["5 USD"]),
        ("the US 5", ["the", "name us", "5 "]),
        ("RMB 5", ["5 CNY"]),
        ("Rs. 5", ["5 INR"]),
        ("₠5", ["5 ₠"]),
        ("5 ₠", ["5 ₠"]),
        ("$5 euros", ["5 USD", "euro" + "s"]),
        ("5 u.s lamps", ["5 ", "u", "s", "lamps"]),
        ("25:30", ["25 ", "30 "]),
        ("13 p.m.", ["13 ", "p", "m"]),
        ("11 noon", ["11 ", "time 12:00:00"]),
        ("3 o’clock", ["time 03:00:00"]),
        ("in 1:30:5", ["in", "1 ", "30 ", "5 "]),
        ("May 5 million", ["may", "5000000 "]),
        ("May 5%", ["may", "5 percent"]),
        ("May 5,000", ["may", "5000 "]),
        ("May 32", ["may", "32 "]),
        ("May the", ["may", "the"]),
        ("may 5", ["may", "5 "]),
        ("the 5 May", ["the", "date *-05-05"]),
        ("13/13/2026", ["1 ", "2026 "]),
        ("2026-13-01", ["2026 ", "13 ", "1 "]),
        ("13.13.2026", ["1313/100 ", "2026 "]),
        ("under 3:30 p.m.", ["under", "time 15:30:00"]),
        ("over May 5", ["over", "date *-05-05"]),
        ("over the lamp", ["over", "the", "lamp"]),
        ("the first of all", ["the", "ordinal 1", "of", "all"]),
        ("more than the first", ["more", "than", "the", "ordinal 1"]),
        ("more than first", ["more", "than", "ordinal 1"]),
        ("a lamp", ["a", "lamp"]),
        ("let’s go", ["let", "us", "go"]),
        ("State’s", ["state", "s"]),
        ("ain’t", ["ain", "t"]),
        ("U\nS", ["u", "s"]),
        ("the U, S", ["the", "u", "s"]),
        ("5\nmillion", ["5 ", "million"]),
        ("five, six", ["5 ", "6 "]),
        ("Sec. 5", ["sec", "5 "]),
        ("the Gen.", ["the", "general"]),
        ("a gen", ["a", "gen"]),
        ("Gen z", ["gen", "z"]),
        ("Sun. the", ["sunday", "the"]),
        ("sun. the", ["sun", "the"]),
        ("Mon, the", ["mon", "the"]),
        ("turkey", ["turkey"]),
        ("5 US, dollars", ["5 ", "name us", "dollars"]),
    ],
)
def test_values_and_what_is_none(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


def test_values_at_the_ends_of_a_stretch_are_the_same_by_their_other_keys() -> None:
    assert grade("¥500 lamps", "500 yen boats") is Grade.MINOR
    assert grade("lamps of ¥500", "boats for 500 yen") is Grade.MINOR
    assert grade("lamps of ¥500", "boats for 501 yen") is MATERIAL


def test_the_reasons_say_what_is_the_same_and_how_it_is_written() -> None:
    before, after = FRAME.format("$58 million on May 12"), FRAME.format("USD 58m on 12 May")
    assert compare(before, after).reason_lines() == (
        "same amount, written otherwise: $58 million → USD 58m",
        "same date, written otherwise: May 12 → 12 May",
    )
    assert compare(FRAME.format("$58 million"), FRAME.format("€58 million")).reason_lines() == (
        "amount: $58 million → €58 million",
    )
    assert compare(FRAME.format("it"), FRAME.format("it [sic]")).reason_lines() == ("editor’s note added: sic",)
    assert compare(FRAME.format("it [1]"), FRAME.format("it [2]")).reason_lines() == ("note mark changed: 1 → 2",)


def test_a_number_that_is_too_long_to_quote_has_a_reason_still() -> None:
    (reason,) = compare("7" + "0" * 400 + ".50", "7" + "0" * 400 + ".5").reasons
    assert (reason.label, reason.before != reason.after) == ("words changed", True)


def test_round_hundreds_and_their_ordinals() -> None:
    assert grade("It is the two hundredth lamp.", "It is the 200th lamp.") is not Grade.MATERIAL
    assert grade("It is the two hundredth lamp.", "It is the 300th lamp.") is Grade.MATERIAL
    assert grade("They lit two hundred lamps.", "They lit 200 lamps.") is not Grade.MATERIAL
