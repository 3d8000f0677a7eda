"""Tests of the places at which a text may be cut."""

from __future__ import annotations

import pytest
import regex
from bounded import bounded
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.text.cuts import first_place, last_place, places, shorten

TEXT = (
    "The United States is providing $58 million in assistance, on top of help. On May 12, 2026, Sec. Blinken went to "
    "D.C. with 4.5 million doses of “vaccine”. Next sentence here."
)
CHINESE = "美国正在提供5800万美元的援助，以及更多的帮助。" * 30


def test_a_text_is_cut_before_values_and_sentences() -> None:
    found = [TEXT[at:].split()[0] for at, _ in places(TEXT)]
    assert {"million", "12,", "2026,", "4.5"}.isdisjoint(found)
    assert {"$58", "May", "with", "“vaccine”.", "Next"} <= set(found)
    assert [TEXT[at:].split()[0] for at, opens in places(TEXT) if opens] == ["On", "Next"]


@pytest.mark.parametrize(
    ("most", "end"),
    [(36, "providing "), (43, "$58 million "), (80, "of help. "), (1_000, "here."), (0, "")],
)
def test_the_last_place(most: int, end: str) -> None:
    kept = TEXT[: last_place(TEXT, most)]
    assert len(kept) <= most
    assert kept.endswith(end)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("They are providing $ 58 million to help", "$ 58 million"),
        ("Under the resolution UNSCR 2231 they said more", "UNSCR 2231"),
        ("Please call them at (202) 555-0123 for more", "(202) 555-0123"),
        ("Il a dit que le 15 août 2026 il y aura", "15 août 2026"),
        ("They are said to have 12 345 678 people there", "12 345 678"),
    ],
)
def test_a_number_stays_with_what_belongs_to_it(text: str, kept: str) -> None:
    start = text.index(kept)
    for at in range(10, len(text)):
        for cut in (last_place(text, at), first_place(text, at)):
            # Only a rest that holds no other place is cut between characters.
            assert not start < cut < start + len(kept), text[:cut]


def test_a_table_is_cut_between_its_numbers() -> None:
    table = "Words before. " + " ".join(str(number) for number in range(1000, 1400))
    for at in range(400, 420):
        assert table[last_place(table, at) - 1] == table[first_place(table, at) - 1] == " "


def test_the_first_place() -> None:
    assert TEXT[first_place(TEXT, 36) :].startswith("On May 12, 2026")
    assert TEXT[first_place(TEXT, TEXT.index("Next") - 3) :] == "Next sentence here."
    assert TEXT[first_place(TEXT, len(TEXT) - 9) :] == "here."
    assert first_place(TEXT, -1) == 0


def test_scripts_without_blanks_are_cut_after_their_stops() -> None:
    assert CHINESE[: last_place(CHINESE, 50)].endswith("。")
    assert CHINESE[first_place(CHINESE, 50) :].startswith("美国")
    unstopped = "美国正在提供5800万美元的援助" * 30
    for at in range(60, 90):
        for place in (last_place(unstopped, at), first_place(unstopped, at)):
            assert not any(c.isdigit() for c in unstopped[place - 1 : place + 1])


def test_a_word_without_end_is_cut_between_its_characters() -> None:
    assert last_place("x" * 500, 10) == first_place("x" * 500, 10) == 10
    assert last_place("e\u0301" * 300, 11) == 10
    assert first_place("e\u0301" * 300, 11) == 12
    assert last_place("a" + "\u0301" * 500, 200) == first_place("a" + "\u0301" * 500, 200) == 200
    assert last_place("7" * 500, 10) == first_place("7" * 500, 10) == 10


def test_flags_are_cut_between_two_of_them_whatever_their_number() -> None:
    for before in ("", "x"):
        text = before + "\U0001f1fa\U0001f1f8" * 50_000
        with bounded(2.0):
            for at in range(70_000, 70_100):
                assert last_place(text, at) % 2 == first_place(text, at) % 2 == len(before)


def test_a_short_text_stays() -> None:
    assert shorten("two words", 9) == "two words"
    assert shorten("two words", 8) == "two…"


@settings(max_examples=30)
@given(st.text(max_size=300), st.integers(1, 250))
def test_any_text_is_cut_within_the_limit(text: str, most: int) -> None:
    at, following = last_place(text, most), first_place(text, min(most, len(text)))
    assert 0 <= at <= most
    assert following >= min(most, len(text))
    assert len(shorten(text, most)) <= most
    assert "".join(regex.findall(r"\X", text)) == text
