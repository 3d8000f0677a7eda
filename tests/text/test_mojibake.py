"""Tests of wrongly decoded and doubly escaped text: repaired part by part; correct text is unchanged."""

from __future__ import annotations

import re

import pytest
from bounded import bounded

from scraper.model import Span
from scraper.text import mojibake, normalize

SAID = "The States’ $58 million — “a lasting peace” — helps José Peña, it’s said…"
# Real sentences of other languages, which have pairs of letters that are also wrongly decoded UTF-8.
OTHERS = [
    "Заявление Государственного департамента о водных ресурсах. Вода – это жизнь: «РГС» и «ГВ».",
    "Кримський міст: «Ґанок» і Єдність України… №5, ціна 20 €.",
    "Β. Ελλάδα: «Η Αθήνα» — Άγιος Όρος, 5 €, άρθρο 3° και ΐ.",
    "بيان صحفي: تعلن الولايات المتحدة عن مساعدة قدرها ٥٨ مليون دولار، «سلام».",
    "美国国务院声明：支持“和平”——五千八百万美元。",
    "共同声明「平和」を支持する。",
    "São Paulo, 3º andar – «SÃO JOÃ» IRMÃ”, coração à “Âncora” e À ÉPOCA…",
    "Où l’État français paie 5 € à « l’Élysée » ; naïf, Œuvre, cœur – ÉTÉ.",
    "Ångström, Ærø, Übergröße, Straße „Äpfel“ – 20 °C, § 5, © 2026 ®.",
    "Łódź, Kraków: „Żółć” – ŚWIĘTO, Č. Š. Ž. dž; Đorđe, „Ćao”.",
    "Iğdır’da “İstanbul” ŞİŞLİ Ğ; Türkiye’nin ÇAĞRI’sı.",
    "Tiếng Việt: Hợp chủng quốc Hoa Kỳ ủng hộ hòa bình – Ắc Ễ.",
    "AT&T; R&D; fish &chips; x&y; &unknown; a & b",
    "Der Umlaut „Ä“, „Ã“ und „Â”; România: „Â” şi ‘Å’, “Å”, «Å».",
    "Les lettres À Â Ä: Â est une voyelle. VÂN Â ĐÔNG, Ă Â Ê Ô Ơ Ư.",
    "ספר: “אנו פותחים” – אמר. รัฐมนตรีกล่าวว่า “เราเปิดสะพาน” – แล้ว",
    "دولت گفت: «پل را باز می‌کنیم» – گچ، پکن؛ کیک. ٹریک، ڈاک۔",
    "2 × 3 ≥ 5 ± 1 µm ½ ¾ 10 ‰ † ‡ • ‹a› £5 ¥7 ¢2 ¿Qué? ¡Sí!",
]


def garble(text: str, codec: str) -> str:
    """Read UTF-8 as browsers do: a byte that the character set lacks is a control character."""
    return "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in text.encode())


CODECS = ["cp1252", "cp1251", "cp1250", "latin-1", "mac_roman", "cp437", "koi8_r", "cp850", "cp1256"]


@pytest.mark.parametrize("codec", ["utf-8", *CODECS])
def test_a_text_that_is_not_searched_is_right(codec: str) -> None:
    # With a "&" in it, any text is searched as a whole.
    for text in [SAID, *OTHERS, *SAID.split(), *(word for each in OTHERS for word in each.split())]:
        for shown in (garble(text, codec), garble(f"a {text} b", codec), garble(text, codec).replace("\u00a0", " ")):
            assert mojibake.fix_mojibake(shown) + "\n&" == mojibake.fix_mojibake(f"{shown}\n&")


@pytest.mark.parametrize("text", OTHERS)
def test_row_100_a_text_that_is_right_stays_to_the_byte(text: str) -> None:
    assert normalize.clean(text) == text
    assert mojibake.repair(text) is None
    assert mojibake.repair(f"{SAID}\n{text}") is None


@pytest.mark.parametrize("codec", ["cp1252", "cp1251", "cp1250", "cp1253", "mac_roman", "latin-1"])
def test_row_100_utf_8_read_in_any_single_byte_character_set_is_read_again(codec: str) -> None:
    assert mojibake.fix_mojibake(normalize.clean(garble(SAID, codec))) == SAID


@pytest.mark.parametrize("codec", ["cp1252", "cp1251", "mac_roman", "latin-1"])
@pytest.mark.parametrize("text", OTHERS[:6])
def test_row_100_so_is_another_script(codec: str, text: str) -> None:
    original = f"“{text}” — it’s said"
    garbled = normalize.clean(garble(original, codec))
    assert mojibake.fix_mojibake(garbled) == original


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("koi8_r", SAID),
        ("koi8_r", "Министр заявил: «Мы открываем мост» — и уехал в Киев."),
        ("koi8_r", "外交部长说：“我们开放桥梁”——然后离开。"),
        ("cp1256", "L’Église a protesté : « C’est inacceptable », a déclaré le ministre."),
        ("cp1256", "وزير الخارجية: “نفتح الجسر” – قال"),
        ("cp1255", SAID.replace("“", "‘").replace("”", "’")),
        ("cp850", SAID),
        ("cp866", "Министр заявил: «Мы открываем мост» — и уехал в Киев."),
    ],
)
def test_row_100_a_line_that_is_utf_8_in_another_character_set_as_a_whole(codec: str, text: str) -> None:
    garbled = text.encode().decode(codec)
    before = f"Plain words.\n{normalize.clean(garbled)}\nMore of them."
    repaired = mojibake.repair(before)
    assert repaired is not None
    assert repaired.text == f"Plain words.\n{text}\nMore of them."
    assert repaired.in_original(Span((0, 5), (0, 5))).page == (0, 5)


def test_many_garbled_lines_take_linear_time() -> None:
    line = "Мы открываем мост".encode().decode("koi8_r").replace("\u00a0", " ")
    with bounded():
        assert mojibake.fix_mojibake("\n".join([line, "cafÃ©"] * 5_000)).startswith("Мы открываем мост\ncafé")


@pytest.mark.parametrize("times", [2, 3])
def test_row_100_so_is_text_that_was_wrongly_decoded_more_than_once(times: int) -> None:
    garbled = SAID
    for _ in range(times):
        garbled = garble(garbled, "cp1252")
    assert mojibake.fix_mojibake(garbled) == SAID


@pytest.mark.parametrize("codec", ["cp1252", "cp1251"])
def test_row_100_so_is_a_quotation_mark_that_lost_a_byte(codec: str) -> None:
    said = "He said “peace,” and ‘water.’ It’s “so”"
    garbled = said.encode().decode(codec, "replace").replace("\ufffd", "?")
    assert mojibake.fix_mojibake(garbled) == said


def test_row_100_a_letter_that_lost_a_byte_is_named_as_lost() -> None:
    assert mojibake.fix_mojibake("Ávila, itâ€™s Ã?vila".replace("Á", "Ã�")) == "\ufffdvila, it’s \ufffdvila"


@pytest.mark.parametrize(
    ("escaped", "meant"),
    [
        ("The States&#8217; aid&nbsp;of $58&#xA0;million", "The States’ aid of $58 million"),
        ("&amp;#8217;&amp;amp;mdash; R&amp;D", "’— R&D"),
        ("it&acirc;&euro;&trade;s", "it’s"),
        ("it&#146;s &ldquo;so&rdquo; &lt;b&gt;", "it’s “so” <b>"),
        ("a&#10;b", "a b"),
    ],
)
def test_row_101_entities_escaped_twice_are_undone_until_nothing_changes(escaped: str, meant: str) -> None:
    assert mojibake.fix_mojibake(escaped) == meant


def test_row_100_one_wrong_decoding_applies_to_a_whole_document() -> None:
    parts = ["JosГ© PeГ±a", "", "The StatesвЂ™ aid", "Right", "Привет"]
    assert mojibake.fix_mojibake(parts[0]) == parts[0]
    assert mojibake.fix_parts(parts) == ["José Peña", "", "The States’ aid", "Right", "Привет"]
    assert mojibake.fix_parts([]) == []


def test_a_piece_that_would_become_a_control_character_stays() -> None:
    assert mojibake.fix_mojibake("itвЂ™s\nВ\x81") == "it’s\nВ\x81"


@pytest.mark.parametrize(
    "garbled",
    [garble(SAID, "cp1251"), SAID.replace("’", "&amp;#8217;"), garble(garble(SAID, "cp1252"), "cp1252")],
)
def test_each_word_is_found_where_it_stands(garbled: str) -> None:
    page = f"Before\n{garbled}\nAfter it\n{garbled}"
    repaired = mojibake.repair(page)
    assert repaired is not None
    assert repaired.text == f"Before\n{SAID}\nAfter it\n{SAID}"
    for word in ("Before", "$58", "million", "lasting", "helps", "said", "After"):
        at = repaired.text.rindex(word)
        _, (start, end) = repaired.in_original(Span((0, 1), (at, at + len(word))))
        assert page[start:end] == word


def test_a_removed_character_belongs_to_its_neighbour() -> None:
    aligned = mojibake._aligned("xxab", "ab")
    assert aligned.in_original(Span((0, 1), (0, 1))).page == (0, 3)
    assert aligned.in_original(Span((0, 1), (1, 2))).page == (3, 4)
    cut = mojibake._aligned("abxx", "ab")
    assert cut.in_original(Span((0, 1), (1, 2))).page == (1, 4)


@pytest.mark.parametrize("piece", ["вЂ™", "Ã¢â‚¬â„¢ ", "Ð°", "&amp;", "a â€", "Ã ", "é»", "&#", "’É"])
def test_a_hostile_text_takes_linear_time(piece: str) -> None:
    with bounded():
        mojibake.fix_mojibake(piece * (200_000 // len(piece)))


def test_no_text_of_ascii_is_examined_for_character_sets() -> None:
    assert not re.search(r"[\x00-\x1f]", mojibake._SUSPECT.pattern)
    assert mojibake.repair("plain words; of $5 & more") is None


def test_a_sign_far_into_a_line_is_repaired() -> None:
    assert mojibake.fix_mojibake("word " * 200 + "donâ€™t") == "word " * 200 + "don’t"


def test_entities_are_unescaped_a_few_times_only() -> None:
    escaped = "&lt;"
    for _ in range(8):
        escaped = escaped.replace("&", "&amp;")
    assert mojibake.fix_mojibake(f"a {escaped}").count("amp;") == 4


def test_bytes_that_would_become_a_control_stay_beside_repaired_text() -> None:
    assert mojibake.fix_mojibake("donâ\x80\x99t go\n\nwell Â\x81 yes") == "don’t go\n\nwell Â\x81 yes"


def test_a_character_set_that_makes_controls_or_nothing_is_not_that_of_a_piece() -> None:
    assert mojibake._by_charset("Â\x81", {"latin-1": None, "ascii": None}) is None
    assert mojibake._by_charset("plain", {"latin-1": None}) is None


@pytest.mark.parametrize(
    ("garbled", "meant"),
    [
        ("Ã‰â€œàÅ¡", "É“àš"),
        ("àâ€œÃ¡â€œÃ¡ Ã‰â€œ", "à“á“á É“"),
        ("çâ€\x9dÃ‰â€¦ â€\x9dâ€\x9d", "ç”É… ””"),
        ("Ã‰tat â€œvodàÅ¡â€\x9d", "État “vodàš”"),
    ],
)
def test_a_garbled_letter_beside_one_that_is_right_is_repaired(garbled: str, meant: str) -> None:
    assert mojibake.fix_mojibake(garbled) == meant
