"""Tests of header values from outside: they read back unchanged."""

from __future__ import annotations

import email
import unicodedata
from email import policy

import pytest
from hostile import HOSTILE
from hypothesis import example, given
from hypothesis import strategies as st

from scraper.alerts import headers

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=400)
TRICKY = st.lists(
    st.sampled_from(
        ["=?", "?=", "utf-8?q?", "=0A", "Bcc: e", "\n", "\u2028", "\ud800", "é", "声", " ", "x" * 80, "\u200b"]
    ),
    max_size=30,
).map("".join)


@pytest.mark.parametrize(
    ("words", "cleaned"),
    [
        ("Revised: Title", "Revised: Title"),
        ("  two   blanks ", "two blanks"),
        ("a\r\nBcc: b", "a Bcc: b"),
        ("a\u2028b\u2029c\x85d\x0be", "a b c d e"),
        ("a\ud800b", "a?b"),
        ("\u202eturned\u200b\ufeff", "turned"),
        ("pri\ue000vate \uffff", "private"),
        ("=?utf-8?q?hi?=", "= ?utf-8?q?hi?="),
        ("=\u200b?utf-8?q?hi?=", "= ?utf-8?q?hi?="),
        ("x" * 201, "x" * 199 + "…"),
        ("", ""),
    ],
)
def test_a_value_is_cleaned(words: str, cleaned: str) -> None:
    assert headers.header_value(words) == cleaned


@given(ANY_TEXT | TRICKY)
@example("=?" * 200)
@example("=\u200b?")
def test_a_cleaned_value_is_one_short_line_without_anything_unseen(words: str) -> None:
    cleaned = headers.header_value(words)
    assert len(cleaned) <= headers.MAX_CHARS
    assert "=?" not in cleaned
    assert cleaned == " ".join(cleaned.split())
    assert not {unicodedata.category(c) for c in cleaned} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert headers.header_value(cleaned) == cleaned


@given(ANY_TEXT | TRICKY)
@example("x" * 150 + " é")
@example("x" * 67 + ": y")
@example(HOSTILE["wide letters"])
@example("")
def test_a_folded_value_reads_back_as_it_was(words: str) -> None:
    value = headers.header_value(words)
    sent = headers.fold("Subject", value)
    assert sent.isascii()
    lines = sent.removesuffix("\r\n").split("\r\n")
    assert all(line.startswith(" ") for line in lines[1:])
    assert all(len(line) <= 78 or " " not in line.strip().removeprefix("Subject: ") for line in lines)
    mail = email.message_from_bytes(f"{sent}To: a@example.org\r\n\r\n".encode(), policy=policy.default)
    assert mail.keys() == ["Subject", "To"]
    assert mail["Subject"] == value


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("Mekong and ASEAN desk", "List-Id: Mekong and ASEAN desk <mekong-and-asean-desk.statewire.example.org>\r\n"),
        ('Desk: "Asia", etc.', 'List-Id: "Desk: \\"Asia\\", etc." <desk-asia-etc.statewire.example.org>\r\n'),
        ("Büro", "List-Id: =?utf-8?b?QsO8cm8=?=\r\n <buro-1f6b3a0a.statewire.example.org>\r\n"),
    ],
)
def test_the_identifier_of_a_list_stays_readable(name: str, sent: str) -> None:
    slug = headers.slug(name)
    found = headers.fold("List-Id", f"{headers.phrase(name)} <{slug}.statewire.example.org>")
    assert found == sent.replace("buro-1f6b3a0a", headers.slug("Büro"))


def test_an_odd_value_in_brackets_is_encoded_altogether() -> None:
    assert headers.fold("X", "a <é>") == "X: =?utf-8?b?YSA8w6k+?=\r\n"


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_slug_is_part_of_a_host_name(one: str, two: str) -> None:
    for name in (one, two):
        slug = headers.slug(name)
        assert 0 < len(slug) <= 40
        assert slug.strip("-") == slug
        assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_names_that_lose_letters_have_slugs_of_their_own() -> None:
    assert headers.slug("Mekong and ASEAN desk") == "mekong-and-asean-desk"
    assert len({headers.slug(name) for name in ("日本", "中国", "", "é", "e", "x" * 50, "x" * 60)}) == 7


@pytest.mark.parametrize(
    ("sender", "host"),
    [
        ("statewire@example.org", "example.org"),
        ("a@B.Example.org", "b.example.org"),
        ("nobody", "nobody"),
        ("a@b>\r\nBcc: c", "bbccc"),
        ("", "localhost"),
    ],
)
def test_the_host_of_a_sender(sender: str, host: str) -> None:
    assert headers.domain(sender) == host


def test_identifiers_hang_on_the_alert_and_the_recipient_alone() -> None:
    one = headers.message_id("key", "a@example.org", "example.org")
    assert one == headers.message_id("key", "a@example.org", "example.org")
    assert (
        len({one, *(headers.message_id(*pair, "example.org") for pair in (("key", "b@example.org"), ("k", "a")))}) == 3
    )
    assert headers.message_id("\ud800\r\n", "a", "example.org").isprintable()
    assert headers.root_id(265079, "example.org") == "<statement-265079@example.org>"
