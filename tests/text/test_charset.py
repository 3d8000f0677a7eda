"""Tests of bytes to text: labels, wrong labels, byte order marks, and no exception for any input."""

from __future__ import annotations

import codecs

import pytest
from bounded import bounded
from hypothesis import given
from hypothesis import strategies as st
from webencodings.labels import LABELS

from scraper.text.charset import decode

QUOTED = "“Émigré” — naïve"
HTML = f"<html><body>{QUOTED}</body></html>"


def html(charset: str) -> str:
    return f'<html><head><meta charset="{charset}"></head>{QUOTED}</html>'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (HTML.encode(), "text/html; charset=utf-8"),
        (HTML.encode(), "text/html; charset=UTF8"),
        (HTML.encode(), 'text/html; charset = "utf-8"'),
        (HTML.encode(), "text/html"),
        (HTML.encode(), None),
        (HTML.encode("cp1252"), "text/html; charset=windows-1252"),
        (HTML.encode("cp1252"), "text/html; charset=iso-8859-1"),
        (HTML.encode("cp1252"), "text/html; charset=us-ascii"),
        (html("latin-1").encode("cp1252"), None),
        (html("utf-8").encode(), None),
        (f'<?xml version="1.0" encoding="ISO-8859-1"?>{QUOTED}'.encode("cp1252"), "text/xml"),
        (HTML.encode("utf-16-le"), "text/html; charset=utf-16"),
        (HTML.encode("utf-16-be"), "text/html; charset=utf-16be"),
    ],
)
def test_a_true_label_is_believed(body: bytes, content_type: str | None) -> None:
    decoded = decode(body, content_type)
    assert QUOTED in decoded
    assert "\ufffd" not in decoded


@pytest.mark.parametrize(
    ("label", "codec", "sample"),
    [
        ("windows-1251", "cp1251", "Госсекретарь: «Мы ещё раз призываем стороны» — №\xa05"),
        ("CP1251", "cp1251", "Заявление для прессы"),
        ("koi8-r", "koi8-r", "Государственный департамент США"),
        ("KOI8-U", "koi8-u", "Заява речника: їжак, єдність, ґанок"),
        ("iso-8859-5", "iso8859-5", "Заявление представителя"),
        ("ibm866", "cp866", "Заявление представителя"),
        ("x-mac-cyrillic", "mac-cyrillic", "Заявление представителя"),
        ("gb2312", "gb2312", "美国国务院发言人：“我们欢迎这一声明。”"),
        ("gb2312", "gbk", "前总理朱镕基，臺灣"),  # gb2312 lacks three of these, pages labelled so do not
        ("gb2312", "gb18030", "〇㐀𠀀 €"),
        ("gbk", "gbk", "美国国务院发言人"),
        ("x-gbk", "gb18030", "㐀𠀀"),
        ("gb18030", "gb18030", "国务卿 𠀀"),
        ("big5", "cp950", "美國國務院發言人：「我們歡迎這項聲明」"),
        ("big5-hkscs", "big5hkscs", "美國國務院 喺度 㗎"),
        ("shift_jis", "cp932", "米国務省報道官「声明を歓迎する」①㈱～髙橋 ｶﾅ"),
        ("x-sjis", "shift_jis", "米国務省報道官"),
        ("windows-31j", "cp932", "髙橋①"),
        ("euc-jp", "euc_jp", "米国務省報道官「声明を歓迎する」"),
        ("iso-2022-jp", "iso2022_jp", "米国務省報道官「声明を歓迎する」"),
        ("euc-kr", "euc_kr", "미국 국무부 대변인 성명"),
        ("ks_c_5601-1987", "cp949", "똠방각하"),
        ("windows-1256", "cp1256", "بيان المتحدث باسم وزارة الخارجية الأمريكية، گفت پ چ"),
        ("iso-8859-6", "iso8859-6", "بيان المتحدث باسم وزارة الخارجية"),
        ("iso-8859-2", "iso8859-2", "Oświadczenie rzecznika: zażółć gęślą jaźń"),
        ("windows-1250", "cp1250", "„Oświadczenie” – zażółć gęślą jaźń"),
        ("windows-1253", "cp1253", "Δήλωση του εκπροσώπου"),
        ("iso-8859-7", "iso8859-7", "Δήλωση του εκπροσώπου"),
        ("windows-1255", "cp1255", "הודעת דובר מחלקת המדינה"),
        ("iso-8859-8-i", "iso8859-8", "הודעת דובר מחלקת המדינה"),
        ("iso-8859-9", "cp1254", "“Dışişleri Bakanlığı Sözcüsü”"),
        ("windows-1257", "cp1257", "Valstybės departamento pareiškimas žodžiais"),
        ("windows-1258", "cp1258", "Tuyên bô cu\u0309a ngươ\u0300i"),
        ("tis-620", "cp874", "แถลงการณ์ของโฆษก"),
        ("iso-8859-15", "iso8859-15", "Déclaration du porte-parole, 5 € – cœur".replace("–", "-")),
        ("latin2", "iso8859-2", "Oświadczenie"),
        ("macintosh", "mac-roman", "Déclaration “officielle”"),
    ],
)
def test_text_in_a_legacy_encoding_is_read_by_header_and_by_markup(label: str, codec: str, sample: str) -> None:
    page = f'<html><head><meta charset="{label}"></head><p>{sample}</p></html>'
    assert decode(page.encode(codec)) == page
    assert decode(page.encode(codec), "text/html") == page
    feed = f'<?xml version="1.0" encoding="{label}"?><rss>{sample}</rss>'
    assert decode(feed.encode(codec), "text/xml") == feed
    assert decode(sample.encode(codec), f"text/html; charset={label}") == sample
    assert decode(sample.encode(codec), f'text/html;charset="{label}"') == sample


def test_bytes_as_servers_send_them() -> None:
    """Bytes written out, so that no codec of Python's vouches for itself."""
    assert decode(b"\xcc\xce\xd1\xca\xc2\xc0", "text/html; charset=windows-1251") == "МОСКВА"
    assert decode(b"\xed\xef\xf3\xeb\xf7\xe1", "text/html; charset=koi8-r") == "МОСКВА"
    assert decode(b"\xd6\xd0\xb9\xfa \xe9F", "text/html; charset=gb2312") == "中国 镕"
    assert decode(b"\xa4\xa4\xb0\xea", "text/html; charset=big5") == "中國"
    assert decode(b"\x93\xfa\x96{ \x87@", "text/html; charset=shift_jis") == "日本 ①"
    assert decode(b"\x1b$BF|K\\\x1b(B", "text/html; charset=iso-2022-jp") == "日本"
    assert decode(b"\xc7\xd1\xb1\xb9", "text/html; charset=euc-kr") == "한국"
    assert decode(b"\xdf\xe1\xe3\xc9", "text/html; charset=windows-1256") == "كلمة"
    assert decode(b"\xb1\xb6\xe6", "text/html; charset=iso-8859-2") == "ąść"


def test_no_label_of_the_standard_loses_plain_text() -> None:
    plain = "<p>plain</p>"
    assert len(LABELS) > 200
    for label, encoding in LABELS.items():
        if not encoding.startswith("utf-16"):
            assert decode(plain.encode(), f"text/html; charset={label}") == plain, label
        assert decode(HTML.encode(), f"text/html; charset={label}") == HTML, label


@pytest.mark.parametrize(
    ("label", "body", "expected"),
    [
        ("gb2312", "中国".encode("gbk")[:-1], "中\ufffd"),
        ("gb2312", "中𠀀".encode("gb18030")[:-1], "中\ufffd"),
        ("gb2312", b"\xd6<p>\xd6\xd0</p>", "\ufffd<p>中</p>"),
        ("big5", "中國".encode("big5")[:-1], "中\ufffd"),
        ("shift_jis", "日本".encode("shift_jis")[:-1], "日\ufffd"),
        ("euc-jp", "日本".encode("euc_jp")[:-1], "日\ufffd"),
        ("euc-kr", "한국".encode("euc_kr")[:-1], "한\ufffd"),
        ("utf-8", "中国".encode()[:-1], "中\ufffd"),
        ("utf-16le", "<国".encode("utf-16-le")[:-1], "<\ufffd"),
    ],
)
def test_a_character_that_was_cut_off_takes_no_other_with_it(label: str, body: bytes, expected: str) -> None:
    assert decode(body, f"text/html; charset={label}") == expected


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (HTML.encode(), "text/html; charset=iso-8859-1"),
        (html("windows-1252").encode(), None),
        (html("utf-8").encode(), "text/html; charset=ascii"),
        (HTML.encode(), "text/html; charset=utf-16"),
        (HTML.encode(), "text/html; charset=utf-16be"),
        (html("utf-16").encode(), None),
        (html("utf-16le").encode() + b"\0", None),
        (html("utf-8").encode(), "text/html; charset=utf-16"),
        (html("gb2312").encode(), None),
        (HTML.encode(), "text/html; charset=windows-1251"),
        (HTML.encode(), "text/html; charset=shift_jis"),
        (HTML.encode(), "text/html; charset=iso-2022-jp"),
    ],
)
def test_a_lying_label_is_not_believed(body: bytes, content_type: str | None) -> None:
    assert QUOTED in decode(body, content_type)


@pytest.mark.parametrize("sample", ["Заявление представителя", "美国国务院发言人", "米国務省", "بيان المتحدث"])
@pytest.mark.parametrize("label", ["windows-1251", "gb2312", "big5", "shift_jis", "euc-kr", "iso-8859-2", "koi8-r"])
def test_utf_8_under_a_legacy_label_is_read(sample: str, label: str) -> None:
    assert decode(sample.encode(), f"text/html; charset={label}") == sample


def test_a_wrong_legacy_label_gives_wrong_text_and_no_error() -> None:
    assert decode("Заявление".encode("cp1251"), "text/html; charset=iso-8859-2") == "Çŕ˙âëĺíčĺ"
    assert decode("Заявление".encode("cp1251"), "text/html; charset=gb2312") != "Заявление"


@pytest.mark.parametrize(
    "charset",
    [
        *(
            "zlib",
            "punycode",
            "utf-7",
            "idna",
            "rot13",
            "base64",
            "hex",
            "unicode_escape",
            "undefined",
            "x" * 90,
            "ütf",
        ),
        *("mbcs", "utf-32", "cp037", "hz-gb-2312", "iso-2022-kr", "iso-2022-cn", "replacement", "x-user-defined"),
    ],
)
def test_a_codec_that_a_server_picks_is_never_run_and_empties_nothing(charset: str) -> None:
    for body, content_type in ((HTML.encode(), f"text/html; charset={charset}"), (html(charset).encode(), None)):
        decoded = decode(body, content_type)
        assert QUOTED in decoded
        assert "\ufffd" not in decoded
    assert decode(b"+ADw-script+AD4-", f"text/html; charset={charset}") == "+ADw-script+AD4-"


def test_a_label_outside_the_standard_leaves_the_word_to_the_next() -> None:
    body = html("windows-1251").replace(QUOTED, "Заявление").encode("cp1251")
    assert "Заявление" in decode(body, "text/html; charset=utf-7")


@pytest.mark.parametrize(
    ("bom", "codec"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
@pytest.mark.parametrize("label", ["windows-1252", "windows-1251", "gb2312", "iso-2022-jp", "utf-16be", "zlib"])
def test_a_byte_order_mark_outweighs_every_label(bom: bytes, codec: str, label: str) -> None:
    assert decode(bom + HTML.encode(codec), f"text/html; charset={label}") == HTML


def test_the_header_outweighs_the_markup() -> None:
    body = html("utf-8").encode("cp1252")
    assert decode(body, "text/html; charset=windows-1252") == html("utf-8")
    chinese = html("gb2312").replace(QUOTED, "声明")
    assert decode(chinese.encode("big5", "replace"), "text/html; charset=big5") == chinese.replace("声", "?")


def test_utf16_of_plain_ascii_is_not_taken_for_utf8() -> None:
    assert decode("<p>plain</p>".encode("utf-16-le"), "text/html; charset=utf-16le") == "<p>plain</p>"


def test_a_label_beyond_the_first_1024_bytes_is_not_seen() -> None:
    body = (" " * 1024 + html("windows-1252")).encode("cp1252")
    assert "\ufffd" in decode(body)


def test_undecodable_bytes_are_replaced() -> None:
    assert decode(b"na\xefve caf\xe9!") == "na\ufffdve caf\ufffd!"
    assert decode(b"\x81!", "text/html; charset=latin1") == "\ufffd!"


@pytest.mark.parametrize("content_type", [None, "text/html; charset=utf-8", "text/html; charset=latin-1"])
def test_replacement_characters_of_a_publisher_stay_under_any_label(content_type: str | None) -> None:
    assert decode("caf\ufffd".encode(), content_type) == "caf\ufffd"


LABELLED = st.sampled_from([*LABELS, "latin-1", "zlib", "idna", "punycode", "utf-7", "\ud800", ""])


@given(
    st.binary(max_size=80) | st.builds(lambda b, s: b + s.encode("utf-16"), st.binary(max_size=4), st.text(max_size=9)),
    st.none() | st.text(max_size=30) | LABELLED.map("text/html; charset={}".format),
)
def test_nothing_raises_and_bytes_that_are_there_give_text(body: bytes, content_type: str | None) -> None:
    decoded = decode(body, content_type)
    bom = max(len(mark) for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b"") if body.startswith(mark))
    assert decoded or b"\x1b" in body or len(body) <= bom or body[:2] == codecs.BOM_UTF16_BE


@given(st.text(st.characters(exclude_characters="\0\ufeff\x0e\x0f\x1b"), max_size=40), st.none() | LABELLED)
def test_utf8_is_read_as_such_under_every_label(sample: str, label: str | None) -> None:
    body = sample.encode("utf-8", "replace")
    assert decode(body, label and f"text/html; charset={label}") == decode(body)


@pytest.mark.parametrize("worst", [b"charset" + b" " * 10**6, b"charset=" * 10**5, b"charset=" + b"a" * 10**6])
def test_hostile_labels_are_read_in_no_time(worst: bytes) -> None:
    with bounded():
        decode(worst, worst.decode())
