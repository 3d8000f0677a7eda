"""Tests of lost characters: restored from the known text; other changes stay."""

from __future__ import annotations

import pytest

from scraper.text import damage
from scraper.text.damage import is_mostly_lost, restore_lost

KNOWN = "The United States’ support for Café Noir costs $58 million a year, says Zoë."


@pytest.mark.parametrize(
    ("read", "restored"),
    [
        (KNOWN.replace("’", "\ufffd").replace("é", "\ufffd\ufffd").replace("ë", "\ufffd"), KNOWN),
        (KNOWN.replace("’", "\ufffd").replace("$58", "$28"), KNOWN.replace("$58", "$28")),
        (KNOWN.replace("s’", "s\ufffd?"), KNOWN),
        (KNOWN.replace("’", "â\ufffd\ufffd"), KNOWN),
        (f"{KNOWN} \ufffd", f"{KNOWN} "),
        # What is left of the word does not stand in the known one: it was another word.
        (KNOWN.replace("$58", "$2\ufffd"), KNOWN.replace("$58", "$2\ufffd")),
        (KNOWN.replace("a year", "a \ufffdlong year"), KNOWN.replace("a year", "a \ufffdlong year")),
        (KNOWN.replace("Zoë", "Ana"), KNOWN.replace("Zoë", "Ana")),
    ],
)
def test_lost_characters_come_from_the_known_text(read: str, restored: str) -> None:
    assert restore_lost([read], KNOWN) == (restored,)


def test_a_changed_character_of_a_script_without_spaces_stays() -> None:
    known = "美国将提供五千八百万美元的援助"
    assert restore_lost([known.replace("将", "\ufffd")], known) == (known,)
    changed = known.replace("将", "\ufffd").replace("五", "二")
    assert restore_lost([changed], known) == (changed,)


def test_paragraphs_and_their_spaces_stay() -> None:
    assert restore_lost(["Caf\ufffd  Noir", "costs\nmuch"], "Café Noir costs much") == ("Café  Noir", "costs\nmuch")


def test_texts_past_the_bound_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(damage, "_MAX_PAIRS", 3)
    assert restore_lost(["Caf\ufffd Noir"], "Café Noir") == ("Caf\ufffd Noir",)


def test_a_text_of_lost_words_is_not_compared() -> None:
    assert is_mostly_lost(["\ufffd\ufffd \ufffda", "b"])
    assert not is_mostly_lost(["\ufffd a", "b"])
    assert not is_mostly_lost([])
