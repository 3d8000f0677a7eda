"""Tests of words of every script: for watches, search and the index."""

from __future__ import annotations

import re
import sqlite3

import pytest
from bounded import bounded
from hypothesis import example, given
from hypothesis import strategies as st

from scraper.text import normalize, scripts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mekong-U.S. Partnership, 2026", ["mekong", "u", "s", "partnership", "2026"]),
        ("İstanbul’da ve DİYARBAKIR", ["istanbul", "da", "ve", "diyarbakir"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("Ἀθήνα ΑΘΗΝΑ ελληνικός ΕΛΛΗΝΙΚΟΣ", ["αθηνα", "αθηνα", "ελληνικοσ", "ελληνικοσ"]),
        ("Viet Nam: mà má ma\u0301", ["viet", "nam", "mà", "má", "má"]),
        ("Кита\u0301й Йемен", ["китай", "йемен"]),
        ("مُحَمَّدٌ والســلام", ["محمد", "والسلام"]),
        ("שָׁלוֹם", ["שלום"]),
        ("हिन्दी में दिन", ["हिन्दी", "में", "दिन"]),
        ("ＡＳＥＡＮ\u200b②", ["asean2"]),
        ("湄公河与ASEAN国家，2026年", [*"湄公河与", "asean", *"国家", "2026", "年"]),
        ("中国 美国", ["中", "国", "·", "美", "国"]),
        ("ﾄﾞﾅﾙﾄﾞ・トランプ", [*"ドナルド", "·", *"トランプ"]),
        ("ข้าวกับข่าว", ["ข้", "า", "ว", "กั", "บ", "ข่", "า", "ว"]),
        ("ລາວ", ["ລ", "າ", "ວ"]),
        ("ភ្នំពេញ", ["ភ្", "នំ", "ពេ", "ញ"]),
        ("မြန်\u200bမာ", ["မြ", "န်", "မာ"]),
        ("", []),
        ("—!?…，。", []),
    ],
)  # fmt: skip
def test_words(text: str, words: list[str]) -> None:
    assert scripts.words(text) == words


def test_the_two_ways_of_writing_a_thai_vowel_with_a_tone_are_one() -> None:
    assert scripts.words("น้ำ") == scripts.words("น\u0e4d\u0e49า") == scripts.words("น\u0e49\u0e4dา")
    assert scripts.words("น้ำ") != scripts.words("นำ")


@pytest.mark.parametrize(
    ("text", "stored", "wanted", "is_beginning"),
    [
        ("湄公河", "湄公 公河 河", "湄公 公河", False),
        ("关税", "关税 税", "关税", False),
        ("河", "河", "河", True),
        ("中美G7峰会", "中美 美 g7 峰会 会", "中美 美 g7 峰会", False),
        ("G7峰", "g7 峰", "g7 峰", True),
        ("峰会。", "峰会 会", "峰会", False),
        ("ข้าว", "ข้า าว ว", "ข้า าว", False),
        ("กุ", "กุ", "กุ", True),
        ("مُحَمَّد", "محمد", "محمد", False),
        ("Lower Mekong", "Lower Mekong", "Lower Mekong", False),
        ("\uf0b7Laos,\U00100000Lao\U000e0fff", "laos lao", "laos lao", False),
        ("", "", "", False),
    ],
)
def test_a_phrase_is_searched_in_the_form_that_the_index_has(
    text: str, stored: str, wanted: str, is_beginning: bool
) -> None:
    assert scripts.index_text(text).split() == stored.split()
    phrase, beginning = scripts.index_phrase(text)
    assert (phrase.split(), beginning) == (wanted.split(), is_beginning)


def test_plain_characters_are_to_sqlite_what_they_are_folded() -> None:
    db = sqlite3.connect(":memory:")
    tokenizer = """tokenize = "unicode61 remove_diacritics 2 categories 'L* M* N* Co'" """
    for table in ("plain", "folded"):
        db.execute(f"CREATE VIRTUAL TABLE {table} USING fts5 (text, {tokenizer})")
        db.execute(f"CREATE VIRTUAL TABLE {table}_words USING fts5vocab ({table}, instance)")
    plain = [char for char in map(chr, range(0x3000)) if scripts.is_plain(char)]
    assert len(plain) > 600
    db.executemany("INSERT INTO plain (text) VALUES (?)", [(f"a{char}b",) for char in plain])
    db.executemany("INSERT INTO folded (text) VALUES (?)", [(scripts.fold_marks(f"a{char}b"),) for char in plain])
    found = [db.execute(f"SELECT doc, offset, term FROM {table}_words ORDER BY 1, 2") for table in ("plain", "folded")]
    assert found[0].fetchall() == found[1].fetchall()


def test_places_are_those_of_the_text_as_it_is_written() -> None:
    text = "«İstanbul» naïve مُحَمَّد 湄公河 ﾄﾞﾅ น้ำ co\u00adop"
    assert [(place.key, text[place.start : place.end]) for place in scripts.places(text)] == [
        ("istanbul", "İstanbul"), ("naive", "naïve"), ("محمد", "مُحَمَّد"), ("湄", "湄"), ("公", "公"), ("河", "河"),
        ("ト\u3099", "ﾄﾞ"), ("ナ", "ﾅ"), ("น้", "น้"), ("\u0e4dา", "ำ"), ("coop", "co\u00adop"),
    ]  # fmt: skip


def test_korean_nouns_have_particles_and_other_words_have_none() -> None:
    assert {"미국", "미국은", "미국에서"} <= set(scripts.inflections("미국"))
    assert "미국인" not in scripts.inflections("미국")
    assert scripts.inflections("mekong") == ("mekong",)


def test_blanks_take_the_place_of_scripts_without_any() -> None:
    assert scripts.without_unspaced("与US国家") == " US  "
    assert scripts.without_unspaced("US") == "US"


@given(text=st.text(max_size=60))
def test_no_text_raises_and_folding_is_stable(text: str) -> None:
    assert scripts.words(scripts.fold_marks(text)) == scripts.words(text)
    scripts.index_phrase(text)
    assert all(place.start < place.end for place in scripts.places(text))


@given(text=st.text(alphabet="ab é’-湄公河カ", max_size=60))
def test_texts_without_other_marks_keep_their_words(text: str) -> None:
    assert "".join(scripts.words(text)).replace("·", "") == "".join(normalize.words(text))


@pytest.mark.parametrize("part", ["a\u0301", "\u0e31", "湄", "湄\u0e31", "ก\u0e49", "\u200b", "한", "ｶﾞ"])
def test_long_runs_of_anything_take_time_that_grows_with_their_length(part: str) -> None:
    text = part * (50_000 // len(part))
    with bounded(5.0):
        scripts.index_text(text)
        scripts.index_phrase(text)
        scripts.words(text)
        list(scripts.places(text))


def test_a_mark_without_a_letter_is_no_word() -> None:
    assert list(scripts.places("a \u0640 b")) == [("a", 0, 1), ("b", 4, 5)]


@given(text=st.text(alphabet="aB1._ é国", max_size=24))
@example(text="U.S.-Japan, the U.S.A. and a.m.b1 of ab.c.d")
def test_points_are_left_out_of_abbreviations_only(text: str) -> None:
    pointed = re.compile(scripts.POINTED)
    assert scripts.without_points(text) == pointed.sub(lambda found: found[0].replace(".", ""), text)


@pytest.mark.parametrize(("text", "expected"), [("“a”", True), ("7", True), ("…—!", False), ("", False), ("美", True)])
def test_a_text_has_a_word_of_a_letter_or_a_digit(text: str, expected: bool) -> None:
    assert scripts.has_word(text) is expected
