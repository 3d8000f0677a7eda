"""Tests of the words of a text, its keys, the limits of cleaning, and the end of the byline."""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import TYPE_CHECKING

import pytest
from bounded import bounded
from hypothesis import given
from hypothesis import strategies as st

from scraper.model import Wording
from scraper.text import damage, mojibake, normalize

if TYPE_CHECKING:
    from collections.abc import Callable

ANY = st.text(max_size=60)
# Texts as pages hold them: words, typography, white space of all kinds, invisible characters.
PIECES = st.sampled_from(
    "the|D|C|“Peace”|isn’t|$4.5|é|e\u0301|Ελλάδα|تقریر|ß|ﬁ|½|™|—|.|…|Straße|ǅ| |\n|\t|\u00a0|\u202f|\u2028|\u200b"
    "|\u00ad|\ufeff|\u202e".split("|")
)
TEXTS = st.lists(PIECES, max_size=12).map("".join) | ANY
SENTENCES = st.lists(st.sampled_from(["We", "will", "not", "act", "in 2021.", "“So”", "é"]), min_size=1).map(" ".join)


# Words


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("The U.S. gave $4.5 million.", ["the", "u", "s", "gave", "4", "5", "million"]),
        ("Isn’t it?", ["isn", "t", "it"]),
        ("snake_case", ["snake", "case"]),
        ("STRASSE and Straße", ["strasse", "and", "strasse"]),
        ("ﬁne ½", ["fine", "1", "2"]),
        ("cafe\u0301", ["café"]),
        ("co\u00adoper\u200bation", ["cooperation"]),
        ("e\u200b\u0301", ["é"]),
        ("— … “”", []),
        ("a".join(map(chr, range(0x2190, 0x21FF))), ["a"] * 110),
        ("", []),
    ],
)
def test_words_are_letter_and_digit_runs_after_nfkc_and_case_folding(given_text: str, expected: list[str]) -> None:
    assert normalize.words(given_text) == expected


def test_the_hash_of_a_key_is_that_of_stored_rows() -> None:
    stored = "b0afaa62d7a9dbe410285a9faf5f3f428cb19ab1f57fee585c8a5d4de9804e17"
    assert normalize.key_sha256(normalize.word_key("The D.C. office – now")) == stored
    assert normalize.key_sha256("\ud800") == normalize.key_sha256("?")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Washington, D.C.", "Washington, DC"),
        ("w e", "we"),
        ("“Peace” — now", '"peace" - NOW'),
        ("G\u00a07", "G7"),
        ("10\u202f000", "10000"),
        ("1,000,000 men", "1000000 men"),
        ("2021-22", "2021–22"),
        ("４２", "42"),
    ],
)
def test_wordings_with_equal_joined_words_are_the_same(one: str, other: str) -> None:
    assert normalize.word_key(one) == normalize.word_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("peace", "piece"), ("4.5", "4.6"), ("not", ""), ("é", "e"), ("2.5", "25"), ("9/11", "911"), ("1,00", "100")],
)
def test_other_letters_are_other_words(one: str, other: str) -> None:
    assert normalize.word_key(one) != normalize.word_key(other)


@pytest.mark.parametrize(("one", "other"), [("$2.5 million", "$25 million"), ("9/11", "911"), ("1,00", "100")])
def test_other_numbers_are_other_words(one: str, other: str) -> None:
    assert normalize.word_key(one) != normalize.word_key(other)


@given(TEXTS)
def test_the_word_key_sees_no_normal_form_and_settles_at_once(sample: str) -> None:
    key = normalize.word_key(sample)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert normalize.word_key(unicodedata.normalize(form, sample)) == key
    assert normalize.word_key(key) == key
    assert normalize.words(key) == ([key] if key else [])


@given(SENTENCES)
def test_the_word_key_sees_neither_case_nor_spacing(sample: str) -> None:
    for other in (sample.upper(), sample.casefold(), sample.title(), sample.replace(" ", ""), f"  {sample}\n\n"):
        assert normalize.word_key(other) == normalize.word_key(sample)


@given(TEXTS | st.text(st.sampled_from("a1 .,2B\n"), max_size=12), TEXTS)
@pytest.mark.parametrize("sample", ["\ufdfa", "2.5", "1,000 2", "Call with Laos"])
def test_a_text_has_the_key_that_is_its_own(sample: str, text: str, other: str) -> None:
    for each in (sample, text):
        assert normalize.has_key(each, normalize.word_key(each))
        assert normalize.has_key(each, normalize.word_key(other)) == (
            normalize.word_key(each) == normalize.word_key(other)
        )


@given(TEXTS, st.data())
def test_invisible_characters_change_neither_key(sample: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(sample)))
    hidden = data.draw(st.sampled_from("\u200b\u200d\u00ad\u2060\ufeff\u202a\u200f\U000e0041"))
    inserted = sample[:at] + hidden + sample[at:]
    assert normalize.word_key(inserted) == normalize.word_key(sample)
    assert normalize.visible_key(inserted) == normalize.visible_key(sample)


@given(TEXTS)
def test_white_space_changes_no_look(sample: str) -> None:
    assert normalize.visible_key(f"  {sample}\u2028 ") == normalize.visible_key(sample)
    assert normalize.visible_key(sample.replace(" ", "\u00a0")) == normalize.visible_key(sample)
    assert not re.search(r"\s", normalize.visible_key(sample))


@given(SENTENCES, st.sampled_from(["", "\n", "\u00a0", "  ", "\u200b", " \u00ad"]))
def test_texts_with_equal_renderings_have_equal_words(sample: str, blank: str) -> None:
    other = blank.join(sample.split())
    assert normalize.visible_key(other) == normalize.visible_key(sample)
    assert normalize.word_key(other) == normalize.word_key(sample)


@pytest.mark.parametrize(("one", "other"), [("D.C.", "DC"), ("At", "at"), ("“a”", '"a"'), ("a b", "a, b")])
def test_case_and_punctuation_change_only_the_rendering(one: str, other: str) -> None:
    assert normalize.word_key(one) == normalize.word_key(other)
    assert normalize.visible_key(one) != normalize.visible_key(other)


def test_the_class_of_invisible_characters_is_unicodes_own() -> None:
    listed = re.compile(normalize.FORMAT)
    for point in range(0x110000):
        category = unicodedata.category(chr(point))
        # A later Unicode assigns some of what this Python does not know.
        assert (listed.match(chr(point)) is not None) == (category == "Cf") or category == "Cn", hex(point)


# Cleaning


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("  a\t b\n\nc ", "a b c"),
        ("a\x00b\x07", "a b"),
        ("a\ud800b", "a b"),
        ("a\ue000b", "a b"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("Ne\u00a0w\u202fs", "Ne w s"),
        ("\x1b[31mred", "[31mred"),
        ("a\r\nb", "a b"),
        ("“é” – ½", "“é” – ½"),
    ],
)
def test_a_line_has_no_control_characters_and_single_blanks(dirty: str, expected: str) -> None:
    assert normalize.clean(dirty) == expected


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("a  b \n\n\n c", "a b\nc"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\u2028b", "a\nb"),
        ("\n \n", ""),
        ("a\x00\tb", "a b"),
        ("plain", "plain"),
    ],
)
def test_a_block_keeps_its_lines_and_loses_empty_ones(dirty: str, expected: str) -> None:
    assert normalize.clean_block(dirty) == expected


@given(TEXTS)
def test_cleaning_settles_at_once_and_leaves_nothing_that_harms(sample: str) -> None:
    for cleaner in (normalize.clean, normalize.clean_block):
        cleaned = cleaner(sample)
        assert cleaner(cleaned) == cleaned
        assert cleaned == cleaned.strip()
        assert not {unicodedata.category(c) for c in cleaned.replace("\n", "")} & {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
        cleaned.encode("utf-8")
    assert "\n" not in normalize.clean(sample)
    assert "\n\n" not in normalize.clean_block(sample)


@given(TEXTS.filter(lambda sample: not re.search(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff]", sample)))
def test_cleaning_takes_no_words_away(sample: str) -> None:
    known = "".join(c for c in sample if unicodedata.category(c) not in {"Cn", "Co", "Cs"})
    assert (
        normalize.word_key(normalize.clean(known))
        == normalize.word_key(known)
        == normalize.word_key(normalize.clean_block(known))
    )


# Paragraphs


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        *(
            (cell, True)
            for cell in ("=1", "+1", "-1", "@x", "\t1", "\r1", "\n1", " =1", "\u00ad=1", "\ufeff＝1", "₌1", "⁻1")
        ),
        *((cell, False) for cell in ("", " ", "1=1", "a-b", "“=1”", "–1", "'=1", "\u200b")),
    ],
)
def test_what_a_spreadsheet_takes_for_a_formula(cell: str, expected: bool) -> None:
    assert normalize.is_formula(cell) is expected


@given(st.lists(TEXTS.map(normalize.clean_block).filter(bool), max_size=6))
def test_paragraphs_are_what_was_joined(parts: list[str]) -> None:
    assert normalize.paragraphs(normalize.join(parts)) == tuple(parts)


def test_blank_paragraphs_are_none() -> None:
    assert normalize.paragraphs("one\n \n\t\n\ntwo\nlines\n\n ") == ("one", "two\nlines")
    assert normalize.paragraphs("") == ()


# The byline


@pytest.mark.parametrize(
    ("body", "byline", "expected"),
    [
        (["Office of the Spokesperson", "We act."], "Office of the Spokesperson", ("We act.",)),
        (["OFFICE OF THE SPOKESPERSON:", "We act."], "Office of the Spokesperson", ("We act.",)),
        (["Ana Sample,", "Secretary of State", "We act."], "Ana Sample, Secretary of State", ("We act.",)),
        (["—", "Ana Sample", "We act."], "Ana Sample", ("We act.",)),
        (["Ana Sample"], "Ana Sample", ()),
        (["Ana Sample welcomes you."], "Ana Sample", ("Ana Sample welcomes you.",)),
        (["Ana", "We act."], "Ana Sample", ("Ana", "We act.")),
        (["We act.", "Ana Sample"], "Ana Sample", ("We act.", "Ana Sample")),
        (["Ana Sample", "Ana Sample", "We act."], "Ana Sample", ("Ana Sample", "We act.")),
        (["We act."], None, ("We act.",)),
        (["—", "We act."], "", ("—", "We act.")),
        ([], "Ana Sample", ()),
    ],
)
def test_leading_paragraphs_that_are_the_byline_are_no_wording(
    body: list[str], byline: str | None, expected: tuple[str, ...]
) -> None:
    assert normalize.without_byline(body, byline) == expected


# Excerpts


def test_a_short_text_stays_and_a_long_one_is_cut_with_an_ellipsis() -> None:
    assert normalize.truncate("four", 4) == "four"
    assert normalize.truncate("one two three", 5) == "one…"
    assert len(normalize.truncate("a" * 900, 400)) == 400


def test_the_first_unlike_paragraphs_are_shown() -> None:
    assert normalize.first_difference("same\n\nD.C.\n\nx", "same\n\nDC\n\ny") == ("D.C.", "DC")


def test_a_late_difference_in_a_long_paragraph_is_in_sight() -> None:
    opening = "word " * 300
    before, after = normalize.first_difference(f"{opening}end.", f"{opening}end!")
    assert before.startswith("…")
    assert before.endswith("end.")
    assert after.endswith("end!")
    assert len(before) == len(after) == len("…") + 200 + 1


def test_text_that_only_one_body_has_is_shown() -> None:
    assert normalize.first_difference("a\n\nb", "a\n\nb\n\n***") == ("", "***")
    assert normalize.first_difference("a\n\nb\n\n***\n\n—", "a\n\nb") == ("***\n\n—", "")


@pytest.mark.parametrize(
    "worst", ["\n" + " " * 10**6, "\n \n" * 300_000, "\n" * 10**6, "\u200b" * 10**6, "a\u200b" * 500_000]
)
def test_hostile_white_space_is_read_in_no_time(worst: str) -> None:
    with bounded():
        normalize.paragraphs(worst + "a")
        re.sub(normalize.FORMAT, "", worst)


@pytest.mark.parametrize(
    "read", [normalize.words, normalize.word_key, normalize.visible_key, normalize.clean, normalize.clean_block]
)
def test_a_hundred_thousand_combining_marks_cost_little(read: Callable[[str], object]) -> None:
    hostile = "a" + "\u0315\u0300" * 50_000 + "b"
    with bounded():
        read(hostile)


def test_thirty_marks_stay_and_no_mark_is_a_word_character() -> None:
    assert len(normalize.clean("a" + "\u0301" * 40)) == 31
    assert normalize.clean("a" + "\u0301" * 30) == "a" + "\u0301" * 30
    assert normalize.clean("—" * 40) == "—" * 40
    marks = [chr(c) for c in range(sys.maxunicode + 1) if unicodedata.combining(chr(c))]
    assert not re.search(r"[\w\s]", "".join(marks))


def test_damage_is_what_could_be_read_before() -> None:
    clean, damaged = Wording("A", "b"), Wording("A", "\ufffd")
    assert damage.is_damaged(damaged, clean)
    assert not damage.is_damaged(damaged, damaged)
    assert not damage.is_damaged(clean, damaged)
    long = "lamp " * 25_000  # past what is cached
    assert damage.is_damaged(Wording("A", f"{long}\ufffd"), Wording("A", long))
    assert not damage.is_damaged(Wording("A", long), Wording("A", f"{long}\ufffd"))


@pytest.mark.parametrize("letter", ["’", "“", "”", "–", "…", "é", "Á", "ü", "ñ", "£", "«"])
@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
def test_row_37_a_letter_read_in_the_wrong_character_set_is_damage(letter: str, codec: str) -> None:
    known = f"Keepers {letter} of Tern"
    # As browsers do it, a byte that Windows-1252 lacks is a control character.
    garbled = "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in known.encode())
    before, now = Wording("A", known), Wording("A", normalize.clean(garbled))
    # A control character is no part of a text: cleaning repairs what has one, since it would be lost after it.
    repaired_at_once = bool(mojibake.C1_CONTROL.search(garbled))
    assert damage.is_damaged(now, before) is not repaired_at_once
    assert now == before or not repaired_at_once
    assert not damage.is_damaged(before, now)


@pytest.mark.parametrize("said", ["IRMÃ”", "NÃO", "Â»", "crème “brûlée”", "5 €", "Ångström…", "Tern\x85Wren"])
def test_row_37_letters_that_look_like_it_are_none(said: str) -> None:
    assert not damage.is_damaged(Wording(normalize.clean(said), said.replace("\x85", " ")), Wording("A", "b"))


@pytest.mark.parametrize("letter", ["’", "“", "”", "–", "…", "é", "ñ", "Ö", "š", "ğ", "\u00a0"])
@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
def test_row_37_wrongly_decoded_text_is_repaired(letter: str, codec: str) -> None:
    meant = f"keepers {letter}of{letter} Tern"
    garbled = "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in meant.encode())
    assert mojibake.fix_mojibake(garbled) == meant
    assert mojibake.fix_mojibake(meant) == meant


@pytest.mark.parametrize("said", ["", "Tern", "Â\x81", "âÂÃÄÅ", "â€", "NÃO"])
def test_sequences_that_decode_to_no_usual_character_stay(said: str) -> None:
    assert mojibake.fix_mojibake(said) == said


@given(st.text(st.sampled_from("âÂÃÄÅ€\x80\x81\x9d\xa0»”“™é \ufffdaA"), max_size=8))
def test_any_suspicious_text_can_be_repaired(said: str) -> None:
    once = mojibake.fix_mojibake(said)
    assert len(once) <= len(said)
    assert (once == said) == (mojibake.repair(said) is None)


def test_of_a_closing_quotation_mark_the_last_byte_is_lost_and_of_a_no_break_space_its_kind() -> None:
    assert mojibake.fix_mojibake("so,â€\ufffd theyÂ say") == "so,” they say"


def test_a_number_with_its_noun() -> None:
    assert [normalize.count(number, "item") for number in (0, 1, 2_000)] == ["0 items", "1 item", "2,000 items"]
    assert [normalize.count(number, "copy") for number in (1, 2)] == ["1 copy", "2 copies"]
    assert normalize.count(2, "day") == "2 days"
    assert normalize.count(2, "watch") == "2 watches"


@given(st.text(max_size=300))
def test_words_are_the_runs_of_letters_and_digits(text: str) -> None:
    assert normalize.words(text) == re.findall(r"[^\W_]+", normalize.fold(text))


def test_many_different_signs_are_no_words_either() -> None:
    signs = "".join(map(chr, range(0x2200, 0x2300)))
    assert normalize.blank_signs(f"lamp_{signs}\nbell") == f"lamp {' ' * len(signs)}\nbell"


def test_texts_without_marks_and_invisible_characters_are_known_by_cheaper_signs() -> None:
    characters = list(map(chr, range(sys.maxunicode + 1)))
    assert all(normalize._MAY_BE_MARK.match(c) for c in characters if unicodedata.combining(c))
    assert not any(c.isprintable() for c in characters if normalize._FORMAT.match(c))


def test_a_group_of_digits_is_looked_for_wherever_there_may_be_one() -> None:
    assert normalize.word_key("1 000 and 5 2021 and 12 345 678") == "1000and5ʘ2021and12345678"
    assert normalize.word_key("5 2021") == "5ʘ2021"
