"""Tests of words, fingerprints, alignment and titles by themselves, mostly by properties."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from match_support import FIRST_DAY, HARBOUR, REEF, digest, seeds

from scraper.matching import fingerprints
from scraper.matching.align import Seeds
from scraper.matching.titles import TitleRelation, compare_title_lines, compare_titles
from scraper.model import Wording
from scraper.rules.wordings import wording_keys
from scraper.text import normalize
from scraper.text.tokens import Words, WordsCache

PROSE = st.lists(
    st.sampled_from("the harbour of port isling opens in march and june with four berths".split()), max_size=60
)


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_each_word_has_a_place_with_its_characters(source: str) -> None:
    words = Words(source)
    starts, ends = words.places
    assert len(starts) == len(ends) == len(words.keys) == len(words.ids)
    for key, start, end in zip(words.keys, starts, ends, strict=True):
        assert 0 <= start < end <= len(source)
        assert key in normalize.words(source[start:end])


@pytest.mark.parametrize(
    "source",
    [
        "Plain words, twice: plain words.",
        "Straße zum Hafen – “ﬁne”",
        "har\u00adbour and a\u200bgree\u200fment",
        unicodedata.normalize("NFD", "Café Hernández été"),
        "½ of 10² and №5",
        "مرحبا \u202bبالعالم\u202c",
    ],
)
def test_the_words_are_those_of_the_text_module(source: str) -> None:
    assert Words(source).keys == normalize.words(source)
    assert Words(f"first line\n{source}").keys == ["first", "line", *normalize.words(source)]


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("The U.S. met", ["The", "U", "S", "met"]),
        ("“Isn’t”", ["Isn", "t"]),
        ("cafe\u0301s co\u00adop x", ["cafe\u0301s", "co\u00adop", "x"]),
        ("½ cup", ["½", "½", "cup"]),
        ("a ™", ["a", "™"]),
    ],
)
def test_a_word_is_found_at_its_position(sample: str, expected: list[str]) -> None:
    words = Words(sample)
    assert [sample[slice(*words.span(at, at + 1))] for at in range(len(words))] == expected


def test_sentences_and_lines_begin_where_a_reader_sees_them() -> None:
    words = Words("Mr. Marlow came. He left\nat 5 p.m. Then it rained.")
    opening = [key for at, key in enumerate(words.keys) if words.opens_sentence(at)]
    assert opening == ["mr", "he", "at"]
    assert words.opens_line(len(words))
    assert words.opens_sentence(len(words))
    assert words.sentence_start(4) == 3
    assert words.sentence_start(4, 4) == 4
    assert words.sentence_end(4) == 5
    assert words.sentence_end(4, 4) == 4
    assert words.line_start(3, 0) == 0
    assert words.line_start(7, 0) == 5
    assert words.line_start(7, 6) == 6
    assert words.line_end(2, 99) == 5
    assert words.line_end(2, 4) == 4
    assert words.line_end(7, 99) == len(words)
    assert words.line_start(len(words), 0) == len(words)


def test_stored_hashes_are_the_same_in_every_version() -> None:
    words = Words("The harbour of Port Isling was opened to all ships on Monday")
    assert fingerprints.title_hash("Port Isling Harbour") == 97048394276356
    assert fingerprints.revision_hashes("Port Isling Harbour", words) == [
        -131044272591977,
        -120283836715265,
        -94186040983790,
        -88874581555360,
        97048394276356,
    ]


def test_the_digest_knows_words_and_not_their_typography() -> None:
    assert digest(Words("The D.C. office – now")) == wording_keys(Wording("", "the DC office now")).body_sha256
    assert digest(Words("the office")) != digest(Words("an office"))


SIGNED = st.lists(
    st.sampled_from(
        [
            *"5 2 12 200 2021 May € $ - – − % . , : / … + < ° ½ ﬁ D A é İ ￥ ％ \t \r \n \u00a0 \u202f \u200b".split(
                " "
            ),
            " ",
        ]
    ),
    max_size=12,
)


@given(SIGNED)
def test_the_key_of_a_page_is_that_of_the_index(parts: list[str]) -> None:
    text = "".join(parts)
    assert Words(text).wording_key() == normalize.wording_key(text)


def test_a_title_is_found_with_and_without_a_sites_name() -> None:
    wanted = fingerprints.title_hash("Port Isling Harbour")
    assert wanted in fingerprints.line_hashes(Words("nothing here"), "PORT ISLING HARBOUR – The Gazette")
    assert wanted in fingerprints.line_hashes(Words("Home\n “Port Isling Harbour”\nmore"), None)
    assert fingerprints.title_hash("one") is None
    assert fingerprints.title_hash("word " * 70) is None
    assert fingerprints.title_hash("w" * 5000 + " x") is None


@given(PROSE, PROSE, st.lists(PROSE, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_an_alignment_is_equal_words_in_order(before: list[str], after: list[str], parts: list[list[str]]) -> None:
    source = Words(" ".join(word for part in parts for word in part))
    page = Words("\n".join([" ".join(before), *(" ".join(part) for part in parts[::-1]), " ".join(after)]))
    alignment = Seeds(page, seeds(page)).align(source, seeds(source), b"\1" * len(page))
    at_source = at_page = 0
    for run in alignment.chain:
        assert run.source >= at_source
        assert run.page >= at_page
        assert run.length > 0
        at_source, at_page = run.source_end, run.page_end
    used: set[int] = set()
    for run in (*alignment.chain, *alignment.moved):
        assert source.keys[run.source : run.source_end] == page.keys[run.page : run.page_end]
        places = set(range(run.source, run.source_end))
        assert not places & used
        used |= places
    assert alignment.matched == len(used) <= len(source)


@given(st.integers(0, 30), st.integers(0, 30))
def test_a_statement_in_a_page_is_wholly_aligned(before: int, after: int) -> None:
    page = Words("\n".join([*(f"menu{n}" for n in range(before)), HARBOUR, *(f"ad{n}" for n in range(after))]))
    alignment = Seeds(page, seeds(page)).align(Words(HARBOUR), seeds(Words(HARBOUR)), b"\1" * len(page))
    assert [(run.source, run.length) for run in alignment.chain] == [(0, len(Words(HARBOUR)))]


def test_words_that_are_explained_are_not_aligned_again() -> None:
    page = Words(f"{REEF}\n{HARBOUR}")
    free = bytes(at < len(Words(REEF)) for at in range(len(page)))
    assert Seeds(page, seeds(page)).align(Words(HARBOUR), seeds(Words(HARBOUR)), free).chain == ()
    assert Seeds(page, seeds(page)).align(Words(REEF), seeds(Words(REEF)), free).matched == len(Words(REEF))


@pytest.mark.parametrize(
    ("statement", "page", "wanted"),
    [
        ("Tarvenia National Day", "Tarvenia National Day", TitleRelation.SAME),
        ("Tarvenia National Day", "TARVENIA NATIONAL DAY – The Gazette", TitleRelation.SAME),
        ("Tarvenia National Day", "Tarvenia National Day 2031 | Gazette", TitleRelation.SAME),
        ("Tarvenia National Day", "Tarvenia National Day 2030", TitleRelation.OTHER_EDITION),
        ("Public Schedule – July 1, 2031", "Public Schedule – July 2, 2031", TitleRelation.OTHER_EDITION),
        ("Public Schedule – May 1", "Public Schedule – June 1", TitleRelation.OTHER_EDITION),
        (
            "Secretary Marlow’s Call with Minister Brandeis",
            "Secretary Marlow’s Call with Minister Nuvolari",
            TitleRelation.OTHER_NAME,
        ),
        ("Secretary Marlow’s Call with Minister Brandeis", "Rice prices fall", TitleRelation.UNKNOWN),
        ("Tarvenia National Day", "Tarvenia Day", TitleRelation.UNKNOWN),
        ("Tarvenia National Day", "rain " * 70, TitleRelation.UNKNOWN),
        ("", "Tarvenia", TitleRelation.UNKNOWN),
        ("Tarvenia", "—", TitleRelation.UNKNOWN),
    ],
)
def test_titles(statement: str, page: str, wanted: TitleRelation) -> None:
    assert compare_titles(statement, page, FIRST_DAY) is wanted


def test_the_nearest_line_with_a_result_decides() -> None:
    lines = ["By Staff", "Tarvenia National Day", "Tarvenia National Day 1999"]
    assert compare_title_lines("Tarvenia National Day", lines, FIRST_DAY) == (TitleRelation.SAME, lines[1])
    assert compare_title_lines("Tarvenia National Day", lines[::-1], FIRST_DAY) == (
        TitleRelation.OTHER_EDITION,
        lines[2],
    )
    assert compare_title_lines("Cuba", ["All of Cuba"], FIRST_DAY) == (TitleRelation.UNKNOWN, "")
    assert compare_title_lines("Cuba", ["CUBA"], FIRST_DAY) == (TitleRelation.SAME, "CUBA")


@pytest.mark.parametrize("text", ["Two berths\nin March", "The oﬃce\nof İzmir", "", "\n\n"])
def test_lines_have_the_words_of_each_line(text: str) -> None:
    assert list(Words(text).lines()) == [normalize.words(line) for line in text.split("\n")]


def test_equal_words_have_equal_hashes_whatever_stands_around_them() -> None:
    first, second = Words("One two, ØRSTED four \ud800five one").ids, Words("ørsted\ntwo\u00a0one").ids
    assert second == [first[2], first[1], first[0]]
    assert (first[0], len(first), len(set(first))) == (first[-1], 6, 5)


def test_the_cache_keeps_the_last_used_within_its_room() -> None:
    cache = WordsCache(20)
    first, second = cache.get("one two"), cache.get("three four")
    assert cache.get("one two") is first
    cache.get("five six")  # no room: what was not used for longest goes
    assert cache.get("one two") is first
    assert cache.get("three four") is not second
    long = "seven eight nine ten eleven twelve"
    assert cache.get(long) is not cache.get(long)


def test_the_last_word_can_begin_a_sentence() -> None:
    assert Words("It rained. Stop").sentence_starts() == [0, 2]


def test_words_are_cut_on_first_use() -> None:
    assert not {"keys", "ids", "places"} & set(vars(Words("one two")))


def test_the_cache_keeps_as_many_characters_as_it_has_room() -> None:
    cache = WordsCache(len("one two") + len("three four"))
    first = cache.get("one two")
    cache.get("three four")
    assert cache.get("one two") is first


@pytest.mark.parametrize(
    "text", ["", "Two words", "“Curly” – words", "ﬁrst\u200b and straße", "Der\u00adWeg ① nach ½ Rom"]
)
def test_words_are_the_same_where_their_places_are_not_needed(text: str) -> None:
    assert Words(text).quick_keys == Words(text).keys
