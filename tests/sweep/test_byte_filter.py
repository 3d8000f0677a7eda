"""Tests of the filter of bytes: it admits the markup of what it has learned, and hardly anything else."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweep_support import FRENCH, NEWS, Known, html, pages, sentence

from scraper.matching import thresholds as t
from scraper.sweep.byte_filter import ByteFilter, FilterBuilder, windows_of

KNOWN = [sentence(each * 40 + at * 3 + part) for each in range(12) for at in range(4) for part in range(3)]


@given(st.sampled_from(KNOWN), st.binary(max_size=300), st.binary(max_size=300), st.booleans())
def test_a_sentence_of_plain_text_is_never_lost(
    made: Known, whole: str, before: bytes, after: bytes, shouts: bool
) -> None:
    shown = whole.upper() if shouts else whole
    assert made.index.byte_filter.admits(before + b" " + shown.encode() + b" " + after)


@pytest.mark.parametrize(
    "dress",
    [
        "<p>{}</p>",
        "<li>&ldquo;{}&rdquo;</li>",
        '{{"body": "{}"}}',
        "“{}”",
    ],
)
@given(whole=st.sampled_from(KNOWN), first=st.integers(0, 12))
def test_a_quotation_of_six_words_of_the_usual_length(made: Known, dress: str, whole: str, first: int) -> None:
    words = whole.split()[first : first + t.QUOTED_WORDS + 2]
    assert made.index.byte_filter.admits(html(*NEWS) + dress.format(" ".join(words)).encode())


def test_markup_within_a_sentence_spoils_the_words_beside_it_only(made: Known) -> None:
    words = sentence(131).split()
    for at in range(2, len(words) - 2):
        spoiled = [*words[:at], f"<em>{words[at]}</em>", *words[at + 1 :]]
        assert made.index.byte_filter.admits(" ".join(spoiled).encode())
    assert made.index.byte_filter.admits("\n     ".join([" ".join(words[:9]), " ".join(words[9:])]).encode())


def test_pages_without_a_statement_are_left_out(made: Known) -> None:
    admitted = {url for url, body in pages().items() if made.index.byte_filter.admits(body)}
    assert admitted == pages().keys() - {
        "https://one.example/news",
        "https://two.example/short",  # and no statement has these words
        "https://three.example/en",
        "https://three.example/fr",
    }
    for body in (
        b"",
        b"x",
        b"x" * 30,
        html(*NEWS),
        html(*FRENCH),
        random.Random(1).randbytes(200_000).replace(b"\0", b""),
    ):
        assert not made.index.byte_filter.admits(body)
    assert made.index.byte_filter.admits("x".encode("utf-16"))


def test_windows_of_too_many_statements_are_left_out() -> None:
    builder = FilterBuilder(16)
    texts = [f"{sentence(1)} And {sentence(1_000 + each)}" for each in range(t.COMMON_STATEMENTS + 1)]
    for text in texts:
        builder.count(text)
    for text in texts:
        builder.add(text)
    made = ByteFilter(builder.field, builder.bits)
    assert not made.admits(sentence(1).encode())
    assert made.admits(sentence(1_003).encode())


def test_windows_have_letters_digits_and_plain_signs_only() -> None:
    assert len(windows_of("")) == 0
    assert len(windows_of("too short")) == 0
    assert len(windows_of("the price of bread in the town")) == 2
    assert len(windows_of("the price of bréad in the town")) == 0
    assert (
        windows_of("THE PRICE\nOF BREAD IN THE TOWN").tolist() == windows_of("the price of bread in the town").tolist()
    )
