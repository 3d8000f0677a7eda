"""Tests of the words and phrases of a search."""

from __future__ import annotations

import pytest

from scraper.text.search_terms import describe, has_phrase, parse, quote


@pytest.mark.parametrize(
    ("query", "terms", "words"),
    [
        ("lamps", ["lamps"], "the word “lamps”"),
        ('"the boats"', ["the boats"], "the words “the boats” in a row"),
        ("“the boats”", ["the boats"], "the words “the boats” in a row"),
        ("«the boats» lamps lamps", ["the boats", "lamps"], "all of “the boats” (in a row) and “lamps”"),
        ('a „b c“ - "d', ["a", "b c", "d"], "all of “a”, “b c” (in a row) and “d”"),
        ("a b c d e f g", list("abcdefg"), "all of “a”, “b”, “c”, “d”, “e” and 2 more terms"),
    ],
)
def test_words_and_phrases_are_named(query: str, terms: list[str], words: str) -> None:
    assert parse(query) == terms
    assert describe(terms) == words
    assert has_phrase(terms) is any(" " in term for term in terms)


def test_an_argument_with_a_blank_is_a_phrase_unless_it_has_one() -> None:
    assert [quote(term) for term in ("a", "a b", '"a b" c', "“a b” c")] == ["a", '"a b"', '"a b" c', "“a b” c"]


@pytest.mark.parametrize("query", ["", "…", '""', "“”"])
def test_signs_are_no_terms(query: str) -> None:
    assert parse(query) == []
