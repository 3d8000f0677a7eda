"""Bytes to text: labels, lies, byte order marks, and no input that raises."""

from __future__ import annotations

import codecs

import pytest
from bounded import bounded
from hypothesis import given
from hypothesis import strategies as st

from scraper.text.charset import Decoded, decode

QUOTED = "“Émigré” — naïve"
HTML = f"<html><body>{QUOTED}</body></html>"


def html(charset: str) -> str:
    return f'<html><head><meta charset="{charset}"></head>{QUOTED}</html>'


@pytest.mark.parametrize(
    ("body", "content_type", "charset"),
    [
        (HTML.encode(), "text/html; charset=utf-8", "utf-8"),
        (HTML.encode(), "text/html; charset=UTF8", "utf-8"),
        (HTML.encode(), 'text/html; charset = "utf-8"', "utf-8"),
        (HTML.encode(), "text/html", "utf-8"),
        (HTML.encode(), None, "utf-8"),
        (HTML.encode("cp1252"), "text/html; charset=windows-1252", "cp1252"),
        (HTML.encode("cp1252"), "text/html; charset=iso-8859-1", "cp1252"),
        (HTML.encode("cp1252"), "text/html; charset=us-ascii", "cp1252"),
        (html("latin-1").encode("cp1252"), None, "cp1252"),
        (html("utf-8").encode(), None, "utf-8"),
        (f'<?xml version="1.0" encoding="ISO-8859-1"?>{QUOTED}'.encode("cp1252"), "text/xml", "cp1252"),
        (HTML.encode("utf-16-le"), "text/html; charset=utf-16", "utf-16-le"),
        (HTML.encode("utf-16-be"), "text/html; charset=utf-16be", "utf-16-be"),
    ],
)
def test_a_true_label_is_believed(body: bytes, content_type: str | None, charset: str) -> None:
    decoded = decode(body, content_type)
    assert QUOTED in decoded.text
    assert (decoded.charset, decoded.replaced) == (charset, 0)


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
    ],
)
def test_a_lying_label_is_not_believed(body: bytes, content_type: str | None) -> None:
    decoded = decode(body, content_type)
    assert QUOTED in decoded.text
    assert decoded.charset == "utf-8"


@pytest.mark.parametrize(
    "charset",
    ["zlib", "punycode", "utf-7", "idna", "rot13", "base64", "hex", "unicode_escape", "undefined", "x" * 90, "ütf"],
)
def test_a_codec_that_a_server_picks_is_never_run_and_empties_nothing(charset: str) -> None:
    for body, content_type in ((HTML.encode(), f"text/html; charset={charset}"), (html(charset).encode(), None)):
        decoded = decode(body, content_type)
        assert QUOTED in decoded.text
        assert (decoded.charset, decoded.replaced) == ("utf-8", 0)


@pytest.mark.parametrize(
    ("bom", "codec"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_outweighs_every_label(bom: bytes, codec: str) -> None:
    assert decode(bom + HTML.encode(codec), "text/html; charset=windows-1252") == Decoded(HTML, codec, 0)


def test_the_header_outweighs_the_markup() -> None:
    body = html("utf-8").encode("cp1252")
    assert decode(body, "text/html; charset=windows-1252").text == html("utf-8")


def test_utf16_of_plain_ascii_is_not_taken_for_utf8() -> None:
    assert decode("<p>plain</p>".encode("utf-16-le"), "text/html; charset=utf-16le").text == "<p>plain</p>"


def test_a_label_beyond_the_first_1024_bytes_is_not_seen() -> None:
    body = (" " * 1024 + html("windows-1252")).encode("cp1252")
    assert decode(body).replaced > 0


def test_what_cannot_be_read_is_replaced_and_counted() -> None:
    assert decode(b"na\xefve caf\xe9!") == Decoded("na\ufffdve caf\ufffd!", "utf-8", 2)
    assert decode(b"\x81!", "text/html; charset=latin1") == Decoded("\ufffd!", "cp1252", 1)


@pytest.mark.parametrize("content_type", [None, "text/html; charset=utf-8", "text/html; charset=latin-1"])
def test_what_others_could_not_read_counts_under_any_label(content_type: str | None) -> None:
    assert decode("caf\ufffd".encode(), content_type) == Decoded("caf\ufffd", "utf-8", 1)


LABELS = st.sampled_from("utf-8|utf-16|utf-16be|latin1|cp1252|us-ascii|zlib|idna|punycode|utf-7|\ud800|".split("|"))


@given(
    st.binary(max_size=80) | st.builds(lambda b, s: b + s.encode("utf-16"), st.binary(max_size=4), st.text(max_size=9)),
    st.none() | st.text(max_size=30) | LABELS.map("text/html; charset={}".format),
)
def test_nothing_raises_and_bytes_that_are_there_give_text(body: bytes, content_type: str | None) -> None:
    decoded = decode(body, content_type)
    assert decoded.replaced == decoded.text.count("\ufffd")
    bom = max(len(mark) for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b"") if body.startswith(mark))
    assert decoded.text or len(body) <= bom or body[:2] == codecs.BOM_UTF16_BE


@given(st.text(st.characters(exclude_characters="\0\ufeff"), max_size=40), st.none() | LABELS)
def test_utf8_is_read_as_such_under_every_label(sample: str, label: str | None) -> None:
    body = sample.encode("utf-8", "replace")
    assert decode(body, label and f"text/html; charset={label}") == decode(body)


@pytest.mark.parametrize("worst", [b"charset" + b" " * 10**6, b"charset=" * 10**5, b"charset=" + b"a" * 10**6])
def test_hostile_labels_are_read_in_no_time(worst: bytes) -> None:
    with bounded():
        decode(worst, worst.decode())
