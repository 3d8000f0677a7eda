"""Tests of pages made to cost time or to deceive: bounded time and correct results."""

from __future__ import annotations

import random

import match_support as s
import pytest
from bounded import bounded
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.matching import Matcher, PageToMatch
from scraper.model import Relation


def timed(matcher: Matcher, page: PageToMatch):
    with bounded():
        return matcher.trace(page)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 5_000_000,
        "word " * 1_000_000,
        "the harbour of Port Isling " * 40_000,
        "\n" * 2_000_000,
        "\u200b" * 1_000_000,
        "é\u0301" * 300_000,
    ],
    ids=["one long word", "one word again and again", "one phrase again and again", "lines", "invisible", "accents"],
)
def test_megabytes_of_nothing_are_nothing(matcher: Matcher, text: str) -> None:
    assert not any(match.relation.is_copy for match in timed(matcher, PageToMatch(text, text[:100])))


def test_a_statement_is_found_among_a_hundred_thousand_words(matcher: Matcher) -> None:
    rng = random.Random(1)
    noise = [rng.choice("sea wind boat net reef tide crew deck sail port".split()) for _ in range(100_000)]
    text = f"{' '.join(noise[:60_000])}\n{s.HARBOUR}\n{' '.join(noise[60_000:])}"
    (match,) = timed(matcher, PageToMatch(text))
    assert (match.key, match.relation) == (s.HARBOUR_KEY, Relation.VERBATIM)


def test_a_statement_many_times_over_is_one_copy(matcher: Matcher) -> None:
    (match,) = timed(matcher, PageToMatch("\n\n".join([s.HARBOUR] * 300)))
    assert (match.key, match.relation, match.coverage) == (s.HARBOUR_KEY, Relation.VERBATIM, 1.0)


def test_invisible_characters_between_letters_hide_nothing(matcher: Matcher) -> None:
    hidden = "\u200b\u202e\u200f".join(s.HARBOUR)
    (match,) = timed(matcher, PageToMatch(hidden.replace("\n\u200b\u202e\u200f\n", "\n\n")))
    assert (match.key, match.relation, match.coverage) == (s.HARBOUR_KEY, Relation.VERBATIM, 1.0)


def test_a_page_of_other_statements_sentences_is_none_of_them_whole(matcher: Matcher) -> None:
    bodies = [s.HARBOUR, s.YEAR_31, s.REEF_REVISED, s.VISA, s.GRANT]
    sentences = [sentence for body in bodies for sentence in body.replace("\n\n", " ").split(". ")]
    random.Random(3).shuffle(sentences)
    for match in timed(matcher, PageToMatch(". ".join(sentences) + ".")):
        assert match.relation is not Relation.VERBATIM


def test_thousands_of_statements_sentences_cost_a_bounded_number_of_alignments(tmp_path) -> None:
    rng = random.Random(5)
    words = [f"{a}{b}" for a in "ka lo mi nu re sa to vi".split() for b in "ban dor fel gim hus jat kov lim".split()]
    statements = tuple(
        s.Stored(
            f"Notice number {n} of the harbour office",
            (" ".join(" ".join(rng.choices(words, k=14)).capitalize() + "." for _ in range(6)),),
            s.FIRST_DAY,
        )
        for n in range(300)
    )
    index = s.indexed(tmp_path, statements)
    page = " ".join(stored.texts[0].split(". ")[2] + "." for stored in statements for _ in range(2))
    assert all(match.relation is not Relation.VERBATIM for match in timed(Matcher(index), PageToMatch(page)))
    s.close(index)


@given(st.text(max_size=400), st.text(max_size=60), st.integers(0, 900), st.integers(0, 900))
@settings(max_examples=150, deadline=None)
def test_any_page_gets_an_answer_within_its_measures(noise: str, title: str, cut: int, at: int) -> None:
    body = s.HARBOUR[:at] + noise + s.HARBOUR[cut:]
    for match in MATCHER.trace(PageToMatch(body, title)):
        assert 0 < match.coverage <= 1
        assert 0 < match.fidelity <= 1
        assert match.relation is not Relation.NONE
        for span in match.spans:
            assert 0 <= span.page[0] < span.page[1] <= len(body)
            assert 0 <= span.statement[0] < span.statement[1] <= len(s.REEF) + len(s.HARBOUR)


class _Memory:
    """The statements in plain dictionaries: a third index, for properties that need no file."""

    def __init__(self) -> None:
        from scraper.store.fingerprints import hashes_of

        self._texts = dict(s.revisions())
        self._held: dict[int, list] = {}
        for key, text in self._texts.items():
            for value in hashes_of(text):
                self._held.setdefault(value, []).append(key)

    def postings(self, hashes):
        return {value: self._held[value] for value in hashes if value in self._held}

    def sources(self, statement_ids):
        current = {key.statement_id: key for key, text in self._texts.items() if text.is_current}
        return {each: (self._texts[current[each]].published_at, current[each].revision) for each in statement_ids}

    def same_words(self, digest):
        return [key for key, text in self._texts.items() if text.digest == digest]

    def text(self, key):
        return self._texts[key]


MATCHER = Matcher(_Memory())


@pytest.mark.parametrize(
    "around",
    ["“" * 500_000, "[…] " * 200_000, "a" + "\u0316\u0301" * 100_000 + " ", "\ufffd" * 500_000, "aB" * 500_000 + " "],
    ids=["quotes", "dots", "marks out of order", "damage", "humps"],
)
def test_megabytes_before_a_statement_hide_nothing(matcher: Matcher, around: str) -> None:
    (match,) = timed(matcher, PageToMatch(f"{around}\n{s.HARBOUR}"))
    assert (match.key, match.coverage) == (s.HARBOUR_KEY, 1.0)


def test_a_gap_of_a_hundred_thousand_sentences_is_read_once(matcher: Matcher) -> None:
    _, second, third, fourth = s.HARBOUR.split("\n\n")
    page = f"{second}\n{'Yes. ' * 400_000}\n{third}\n{'No one knows. ' * 100_000}\n{fourth}"
    (match,) = timed(matcher, PageToMatch(page))
    assert match.key == s.HARBOUR_KEY
