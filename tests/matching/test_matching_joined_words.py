"""Tests of words that a page joins to a sentence of a statement, and of what sites write in its line."""

from __future__ import annotations

import match_support as s
import pytest
from hypothesis import given
from hypothesis import strategies as st
from match_support import wrapped

from scraper.matching import Matcher, PageToMatch, joined_words
from scraper.matching.model import WordChange
from scraper.model import Grade, Relation
from scraper.text.tokens import Words

FIRST, SECOND, THIRD, FOURTH = s.HARBOUR.split("\n\n")
NEWS = "Rain fell on the harbour all of Friday."


def traced(matcher: Matcher, body: str, title: str = s.HARBOUR_TITLE):
    (match,) = matcher.trace(PageToMatch(wrapped(title, body), title))
    assert match.key == s.HARBOUR_KEY
    return match


@pytest.mark.parametrize(
    ("before", "after", "grade"),
    [
        ("have approved it.", "have approved it, or never.", Grade.MATERIAL),
        ("have approved it.", "have approved it by 2040.", Grade.MATERIAL),
        ("have approved it.", "have approved it; nobody expects them to.", Grade.MATERIAL),
        ("in March 2031.", "in March 2031 unless money runs out.", Grade.MINOR),
        ("in March 2031.", "in March 2031 – or so both sides hope.", Grade.MINOR),
        ("in March 2031.", "in March 2031 unless the United States pays.", Grade.MINOR),
        ("in March 2031.", "in March 2031, as the Department never said.", Grade.MINOR),
        ("in March 2031.", "in March 2031 (and not a day sooner).", Grade.MATERIAL),
        ("long enough,” the", "long enough, and longer than that,” the", Grade.MATERIAL),
        ("The agreement enters", "It is not true that the agreement enters", Grade.MATERIAL),
        ("The agreement enters", "Nobody believes that the agreement enters", Grade.MATERIAL),
        ("The agreement enters", "This is a lie: The agreement enters", Grade.MATERIAL),
        ("The agreement enters", "Allegedly, the agreement enters", Grade.MATERIAL),
        ("The agreement enters", "So it was hoped – the agreement enters", Grade.MINOR),
        ("The agreement enters", "If it snows, the agreement enters", Grade.MINOR),
        ("Secretary Marlow thanked", "The ministry denies that Secretary Marlow thanked", Grade.MATERIAL),
        ("Secretary Marlow thanked", "The king and Secretary Marlow thanked", Grade.MATERIAL),
        (
            "Edda Lorne:\n\nThe United",
            "Edda Lorne:\n\nIt is never the case that the United",
            Grade.MATERIAL,
        ),
    ],
)
def test_words_joined_to_a_sentence_are_an_alteration(matcher: Matcher, before: str, after: str, grade: Grade) -> None:
    assert before in s.HARBOUR
    match = traced(matcher, s.HARBOUR.replace(before, after))
    assert (match.relation, match.coverage) == (Relation.ALTERED, 1.0)
    assert match.grade is not None
    assert match.grade.rank >= grade.rank
    assert match.differences


def test_a_doubt_is_named_and_material(matcher: Matcher) -> None:
    match = traced(matcher, s.HARBOUR.replace("The agreement enters", "The ministry denies that the agreement enters"))
    assert "doubt added: The ministry denies that" in map(str, match.differences)


@pytest.mark.parametrize(
    "body",
    [
        f"It is not true that {SECOND[0].lower()}{SECOND[1:]}",
        f"{SECOND[:-1]} if ever they do.",
    ],
)
def test_a_quoted_paragraph_with_words_joined_to_it_is_an_altered_part(matcher: Matcher, body: str) -> None:
    match = traced(matcher, f"{NEWS}\n{body}\nFishermen slept through it.", "Rain on the coast")
    assert (match.relation, match.fidelity < 1) == (Relation.ALTERED, True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The United States and", "WASHINGTON (Gazette) – The United States and"),
        ("The United States and", "Port Isling, Tarvenia, July 9 /PRNewswire/ -- The United States and"),
        ("The United States and", "BERLIN (dpa) - The United States and"),
        ("The United States and", "July 9, 2031 | The United States and"),
        ("The United States and", "The text in full: The United States and"),
        ("The United States and", "… The United States and"),
        ("The following", "By John Smith and the staff of the Gazette The following"),
        ("The following", f"{s.HARBOUR_TITLE} The following"),
        ("The following", f"The Gazette: {s.HARBOUR_TITLE} The following"),
        ("The following", f"{s.HARBOUR_TITLE}The following"),
        ("Secretary Marlow thanked", "News Politics Secretary Marlow thanked"),
        ("approved it.", "approved it. Read more"),
        ("approved it.", "approved it Read more »"),
        ("approved it.", "approved it read more on page two."),
        ("approved it.", "approved it | Share this on Facebook"),
        ("approved it.", "approved it. (Source: State Department)"),
        ("approved it.", "approved it — State Department"),
        ("approved it.", "approved it… and more below"),
        ("approved it.", "approved it Tarvenia Trade Ports"),
        ("in March 2031.", "in March 2031 [1]."),
    ],
)
def test_what_sites_write_in_the_line_of_a_text_alters_nothing(matcher: Matcher, before: str, after: str) -> None:
    assert before in s.HARBOUR
    match = traced(matcher, s.HARBOUR.replace(before, after))
    assert (match.relation, match.differences) == (Relation.VERBATIM, ())


@pytest.mark.parametrize(
    "body",
    [
        f"The Department said on Tuesday that {SECOND[0].lower()}{SECOND[1:]}",
        f"According to the Department, {SECOND[0].lower()}{SECOND[1:]}",
        f"{SECOND[:-1]}, the Department said on Tuesday.",
        f"The Department states on Tuesday that {SECOND[0].lower()}{SECOND[1:]}",
        f"{SECOND[:-1]}, the Department states on Tuesday.",
        f"“{SECOND[:-1]},” the Department said.",
        f"The statement reads “{SECOND}” and was long.",
        f"Nobody was surprised at the news. It also said: “{SECOND}”",
    ],
)
def test_the_words_of_a_reporter_alter_nothing(matcher: Matcher, body: str) -> None:
    match = traced(matcher, f"{NEWS}\n{body}\nFishermen slept through it.", "Rain on the coast")
    assert (match.relation, match.differences) == (Relation.EXCERPT, ())


@pytest.mark.parametrize("between", ["", " ", ": "])
def test_a_title_that_denies_something_is_a_title(tmp_path, between: str) -> None:
    title = "The Department Rejects False Claims About the Reefs"
    index = s.indexed(tmp_path, (s.Stored(title, (s.REEF,), s.FIRST_DAY),))
    (match,) = Matcher(index).trace(PageToMatch(wrapped(title, f"{title}{between}{s.REEF}"), title))
    s.close(index)
    assert (match.relation, match.differences) == (Relation.VERBATIM, ())


def test_a_heading_is_continued_by_a_sentence_only() -> None:
    source, place = Words("Opening of the lamp room\nIt was lit."), WordChange(0, 5, 0, 5)
    assert joined_words.find_after(source, Words("Opening of the lamp room until nightfall."), place, 9) == 7
    assert joined_words.find_after(source, Words("Opening of the lamp room more lamps\n"), place, 9) == 5
    assert joined_words.find_after(source, Words("Opening of the lamp room on the left\n"), place, 9) == 5


def test_a_line_of_a_hundred_words_without_a_full_stop_is_no_sentence() -> None:
    lamps = " ".join(["lamp"] * 100)
    source, place = Words("It was lit."), WordChange(0, 3, 100, 103)
    page = Words(f"{lamps} it was lit {lamps}")
    assert joined_words.find_before(source, page, place, 0, ()) == 100
    assert joined_words.find_after(source, page, place, len(page)) == 103


@given(st.text("ab .,:;–\n“”()|…", max_size=60), st.text("ab .,:;–\n“”()|…", max_size=60))
def test_joined_words_stand_beside_the_passage_in_its_line(before: str, after: str) -> None:
    source = Words("Every lamp was lit.")
    page = Words(f"{before} Every lamp was lit {after}")
    at = page.keys.index("every")
    place = WordChange(0, 4, at, at + 4)
    start, end = (
        joined_words.find_before(source, page, place, 0, ()),
        joined_words.find_after(source, page, place, len(page)),
    )
    assert 0 <= start <= at
    assert at + 4 <= end <= len(page)
    assert "\n" not in page.written(start, end)
