"""Editions of a series: titles without numbers and dates, and what differs between two of them."""

import pytest

from scraper.rules.editions import compare_sentences, describe_difference, edition_key, is_of_series


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Valdovia National Day", "Valdovia’s National Day".replace("’s", "")),
        ("Report on Human Rights 2024", "2025 Report on Human Rights".replace("2025 ", "")),
        ("Department Press Briefing – May 3, 2026", "Department Press Briefing – June 2, 2025"),
        ("Public Schedule – Monday, May 4, 2026", "Public Schedule – Friday, March 6, 2026"),
        ("The 59th Day of the Rivers", "The 60th Day of the Rivers"),
    ],
)
def test_editions_have_one_key(one: str, other: str) -> None:
    assert edition_key(one) == edition_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Valdovia National Day", "Ostravia National Day"),
        ("Remarks on May Day", "Remarks on March Day"),
        ("Call with Foreign Minister Alder", "Call with Foreign Minister Birch"),
    ],
)
def test_other_titles_have_another_key(one: str, other: str) -> None:
    assert edition_key(one) != edition_key(other)


@pytest.mark.parametrize("title", ["", "2026", "Remarks", "On 5 May", "a b", "word " * 60, "\u202e"])
def test_a_title_that_says_little_has_no_key(title: str) -> None:
    assert edition_key(title) == ""


SENTENCES = [f"Harbour {word} has its own lamp." for word in ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir")]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (SENTENCES, SENTENCES, "the same sentences"),
        (SENTENCES, SENTENCES[::-1], "the same sentences"),
        (SENTENCES, SENTENCES[2:], "2 sentences dropped"),
        (SENTENCES[1:], SENTENCES, "1 sentence new"),
        (SENTENCES[:4], SENTENCES[1:], "1 sentence dropped, 2 sentences new"),
        (SENTENCES[:3], SENTENCES[3:], "another text"),
        (SENTENCES[:1], SENTENCES, "5 sentences new"),
    ],
)
def test_what_differs_is_counted_in_sentences(before: list[str], after: list[str], said: str) -> None:
    assert describe_difference(" ".join(before), " ".join(after)) == said


def test_long_texts_are_not_compared() -> None:
    assert describe_difference("word " * 5_000, "word " * 5_000) == ""


def test_sentences_are_compared_in_order() -> None:
    before = "We met in May. The river is low. We will meet again in June."
    after = "We met in May. The river is high today. Boats sail. We will meet again in June."
    changes = [(change.is_new, change.text) for change in compare_sentences(before, after)]
    assert changes == [(False, "The river is low"), (True, "The river is high today"), (True, "Boats sail")]
    assert list(compare_sentences(before, before)) == []


def test_editions_share_sentences() -> None:
    one = "We met in May. The river is low. We will meet again in June."
    assert is_of_series(one, one.replace("low", "high"))
    assert not is_of_series(one, "Another day. Another text. Nothing in common with it.")
    assert not is_of_series(one, "We met in May. " * 5_000)
