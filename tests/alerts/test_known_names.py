"""Tests of names that State uses, and of the nearest one for a name that it does not."""

from __future__ import annotations

import unicodedata

import pytest

from scraper.alerts.conditions import Condition, checker
from scraper.alerts.known_names import (
    describe_other_form,
    describe_spelling,
    describe_unknown,
    is_known,
    is_list_of_names,
    is_probably_mistaken,
)
from scraper.alerts.model import FilterFields
from scraper.rules.state_menus import COUNTRIES, MENUS, OTHER_NAMES, Labels

QUILL = Labels(("Cable",), ("Antony J. Quill, Secretary of State",), ("Zembla",))


def test_every_name_of_a_menu_is_known_and_every_other_name_leads_to_one() -> None:
    for kind, names in (("countries", MENUS.countries), ("types", MENUS.types), ("speakers", MENUS.bylines)):
        assert all(is_known(Condition(kind, name), Labels()) for name in names)
    assert is_known(Condition("countries", "Türkiye"), Labels())
    assert is_known(Condition("countries", "bahamas"), Labels())
    assert set(OTHER_NAMES.values()) <= set(COUNTRIES)
    assert is_known(Condition("words", "Xyzzy"), Labels())
    assert not is_known(Condition("countries", "Zembla"), Labels())
    assert is_known(Condition("countries", "Zembla"), Labels(countries=("Zembla",)))
    assert describe_unknown(Condition("speakers", "Zyx"), Labels()) == ""


@pytest.mark.parametrize(
    ("kind", "names"), [("countries", MENUS.countries), ("types", MENUS.types), ("speakers", MENUS.bylines)]
)
def test_a_name_of_a_menu_is_known_as_any_keyboard_writes_it(kind: str, names: tuple[str, ...]) -> None:
    for name in names:
        plain = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode() if "’" not in name else ""
        for written in filter(None, (plain, plain.upper(), _typed(name), unicodedata.normalize("NFD", name))):
            assert is_known(Condition(kind, written), Labels()), written


def _typed(name: str) -> str:
    """Return a name with the letters and the apostrophe that every keyboard has."""
    letters = (letter for letter in unicodedata.normalize("NFD", name) if not unicodedata.combining(letter))
    return "".join(letters).replace("’", "'")


@pytest.mark.parametrize("written", ["Turkiye", "turkiye", "Cote d'Ivoire", "COTE D'IVOIRE", "cote d’ivoire"])
def test_a_country_is_found_in_tags_and_titles_without_its_accents(written: str) -> None:
    tagged = FilterFields(countries=("Turkey (Türkiye)", "Côte d’Ivoire"))
    in_title = FilterFields(title="Türkiye’s National Day and Côte d’Ivoire’s Independence Day")
    for fields in (tagged, in_title):
        assert checker(fields)(Condition("countries", written))
    assert not checker(FilterFields(title="Ivory and Turks"))(Condition("countries", written))


def test_types_and_speakers_are_compared_without_accents() -> None:
    fields = FilterFields(type="Joint Communiqué", byline="José Muñoz, Deputy Secretary of State")
    assert checker(fields)(Condition("types", "joint communique"))
    assert checker(fields)(Condition("speakers", "Jose Munoz"))
    assert checker(FilterFields(byline="Jose Munoz"))(Condition("speakers", "José Muñoz"))
    assert not checker(fields)(Condition("speakers", "Secretary of State"))
    assert checker(FilterFields(text="the cafe"))(Condition("words", "café")) is False  # words are State's own


@pytest.mark.parametrize(
    ("kind", "entry", "stored", "problem"),
    [
        ("countries", "Loas", Labels(), "State’s site has no country “Loas”; did you mean “Laos”?"),
        ("countries", "Turky", Labels(), "State’s site has no country “Turky”; did you mean “Turkey”?"),
        ("countries", "Burkino Faso", QUILL, "did you mean “Burkina Faso”?"),
        ("countries", "Zemblaa", QUILL, "no country “Zemblaa”, nor has a stored statement; did you mean “Zembla”?"),
        ("countries", "People's Republic of China", Labels(), "did you mean “China”?"),
        ("types", "Cables", QUILL, "no type “Cables”, nor has a stored statement; did you mean “Cable”?"),
        ("types", "Xyzzy", Labels(), "State’s site has no type “Xyzzy”"),
        ("speakers", "Antony Quill", QUILL, "no known byline has “Antony Quill”; did you mean “Antony J. Quill”?"),
        ("speakers", "Quil", QUILL, "no known byline has “Quil”; did you mean “Quill”?"),
        ("speakers", "Xyzzy", QUILL, "no known byline has “Xyzzy”"),
        ("speakers", "Bureau of Consullar Affairs", Labels(), "did you mean “Bureau of Consular Affairs”?"),
        ("speakers", "Antony Quill", Labels(), ""),
    ],
)
def test_an_unknown_name_is_described(kind: str, entry: str, stored: Labels, problem: str) -> None:
    assert not is_known(Condition(kind, entry), stored)
    described = describe_unknown(Condition(kind, entry), stored)
    assert described.endswith(problem) if problem else described == ""
    is_new = kind == "speakers" and "did you mean" not in problem
    assert is_probably_mistaken(Condition(kind, entry), stored) is not is_new


@pytest.mark.parametrize(
    ("kind", "entry", "expected"),
    [
        ("countries", "Cambodia, Laos", True),
        ("countries", "Cambodia,Laos,Burma", True),
        ("countries", "Bahamas, The", False),  # one name
        ("countries", "Laos", False),
        ("countries", "Laos, Xyzzy", False),
        ("types", "Readout, Remarks", True),
        ("types", "Readout", False),
    ],
)
def test_known_names_with_commas_between_them_are_a_list(kind: str, entry: str, expected: bool) -> None:
    assert is_list_of_names(kind, entry) is expected


@pytest.mark.parametrize(
    ("entry", "meant"),
    [("Kenyan", "Kenya"), ("Myanmar", "Burma"), ("Valdovia", ""), ("Kenya", ""), ("Kosova", "Kosovo")],
)
def test_a_word_of_titles_is_a_form_of_a_known_country(entry: str, meant: str) -> None:
    said = describe_other_form(Condition("countries", entry), Labels())
    assert said == (
        f"State’s site has no country “{entry}”, and only titles with this word fit; did you mean “{meant}”?"
        if meant
        else ""
    )


@pytest.mark.parametrize(("number", "others"), [(0, "none has “labour”"), (1_200, "“labour” is in 1,200")])
def test_a_word_that_state_spells_otherwise(number: int, others: str) -> None:
    ends = "and a watch finds a word only as it is written; name both"
    said = describe_spelling("labour", "labor", number, 2_400)
    assert said == f"State writes “labor” (2,400 stored statements; {others}), {ends}"
