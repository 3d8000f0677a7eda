"""Changes by which a quotation fits the sentence around it."""

import pytest

from scraper.text.fitting import is_quoting


@pytest.mark.parametrize(
    ("before", "after", "is_cut"),
    [
        ("we", "it", False),
        ("our", "their", False),
        ("will", "would", False),
        ("shall", "should", False),
        ("may", "might", False),
        ("harbor", "harbour", False),
        ("condemn", "condemned", False),
        ("supplies", "supply", False),
        ("use", "used", False),
        ("planned", "planning", False),
        ("withdrew", "withdraw", False),
        ("stands", "stood", False),
        ("say", "said", False),
        ("come", "came", False),
        ("the", "", False),
        ("", "a", False),
        ("not", "", True),
        ("with all our friends", "", False),
    ],
)
def test_other_forms_and_cuts_are_quoting(before: str, after: str, is_cut: bool) -> None:
    assert is_quoting(before.split(), after.split(), is_cut)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("thirty", "nine"),
        ("will", "shall"),
        ("will", "may"),
        ("would", "will"),
        ("might", "may"),
        ("could", "can"),
        ("not", ""),
        ("with not one friend", ""),
        ("unless they leave the strait", ""),
        ("if and only if they leave", ""),
        ("except in time of war", ""),
        ("only in the gravest cases", ""),
        ("until they leave the strait", ""),
        ("in 30 days", ""),
        ("friends", "enemies"),
        ("support", "oppose"),
        ("give", "take"),
        ("gave", "took"),
        ("make", "take"),
        ("stood", "gave"),
        ("come", "go"),
        ("said", "told"),
        ("united", "unity"),
        ("party", "parts"),
        ("county", "counted"),
        ("", "never"),
        ("large", "very small"),
        ("friends", ""),
        ("old friends", ""),
        ("condemn", "condemnation"),
        ("support", "supportless"),
    ],
)
def test_other_words_are_not(before: str, after: str) -> None:
    assert not is_quoting(before.split(), after.split(), False)


def test_a_cut_does_not_excuse_a_new_word() -> None:
    assert not is_quoting(["thirty"], ["nine"], True)
