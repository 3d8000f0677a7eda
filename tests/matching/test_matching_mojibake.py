"""Tests of pages whose UTF-8 was decoded as Windows-1252: matched as repaired, quoted as published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import match_support as s
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scraper.matching import PageToMatch
from scraper.model import Grade, Relation, Span
from scraper.text.mojibake import repair
from scraper.text.normalize import clean_block

if TYPE_CHECKING:
    from scraper.matching import Matcher

# Characters that are repaired; and characters that represent others, or themselves.
_MEANT = "“”‘’–—…áéíñöüÉ§ćščž"
_ITSELF = "abc é” ÉN àç 7\n"


def garble(text: str) -> str:
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "café – “x”",
        "LIBERTÉ”",
        "à\u00a0« oui »",
        "SÃO PAULO",
        "“SÃO JOÃ”",
        "“HAWAÄ”",
        "BOGOTÂ’S",
        "â",
        "\ufffd",
        "Ã",
        "",
    ],
)  # fmt: skip
def test_a_correct_text_is_left_unchanged(text: str) -> None:
    assert repair(text) is None


@given(st.lists(st.sampled_from([*_MEANT, *_ITSELF]), max_size=30))
def test_each_character_is_found_where_it_stands(characters: list[str]) -> None:
    assume(
        repair("".join(characters)) is None
    )  # "É“" is correct, and is also "ɓ" wrongly decoded: such a text is ambiguous
    written = [garble(c) if c in _MEANT else c for c in characters]
    repaired = repair("".join(written))
    if repaired is None:
        assert not set(characters) & set(_MEANT)
        return
    assert repaired.text == "".join(characters)
    for at in range(len(characters)):
        before = len("".join(written[:at]))
        span = repaired.in_original(Span((0, 1), (at, at + 1)))
        assert span == Span((0, 1), (before, before + len(written[at])))


def test_a_closing_quotation_mark_is_known_without_its_last_byte() -> None:
    assert clean_block(garble("he said,” and")) == "he said,” and"  # cleaning would lose it
    repaired = repair(garble("he said,” and").replace("\x9d", "\ufffd"))
    assert repaired is not None
    assert repaired.text == "he said,” and"


def test_evidence_is_in_the_page_as_quoted(matcher: Matcher) -> None:
    page = garble(f"Début – “news”\n{s.HARBOUR}\nThat’s all")
    (match,) = matcher.trace(PageToMatch(page, garble("L’été")))
    assert (match.relation, match.coverage, match.grade) == (Relation.VERBATIM, 1.0, Grade.COSMETIC)
    (span,) = match.spans
    assert page[slice(*span.page)] == garble(s.HARBOUR).rstrip(".")


def test_damage_elsewhere_on_a_page_is_none_of_the_passage(matcher: Matcher) -> None:
    page = f"{garble('Début – “news”')}\n{s.HARBOUR}"
    (match,) = matcher.trace(PageToMatch(page))
    assert match.grade is None
    assert page[slice(*match.spans[0].page)] == s.HARBOUR.rstrip(".")
