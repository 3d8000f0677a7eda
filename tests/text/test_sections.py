"""Tests of the sections of a text, and of the section that a difference names."""

from __future__ import annotations

import pytest

from scraper.model import Grade
from scraper.text.diff import compare
from scraper.text.normalize import join
from scraper.text.sections import Sections

LEAD = "The two countries have worked together since the year in which their harbours were opened."
TAIWAN = (
    "We do not support the independence of the isle, and we expect that differences are resolved by peaceful talks."
)
AID = "Since 2019 the United States has provided $40 million for the training of the coast guard."
TRADE = "Both countries have signed an agreement on trade, which lets boats of either enter all ports."
HEADINGS = ("Bilateral Relations", "Security Cooperation", "Trade")
TEXT = join([LEAD, "Bilateral Relations", TAIWAN, "Security Cooperation", AID])


def test_a_place_is_below_the_last_heading_before_it() -> None:
    sections = Sections(TEXT, HEADINGS)
    assert sections.at(0) == ""
    assert sections.at(TEXT.index("Bilateral")) == "Bilateral Relations"
    assert sections.at(TEXT.index("peaceful")) == "Bilateral Relations"
    assert sections.at(TEXT.index("coast guard")) == "Security Cooperation"
    assert sections.at(TEXT.index("Security") - 1) == "Bilateral Relations"
    assert sections.at(TEXT.index("Security")) == "Security Cooperation"
    assert sections.at(len(TEXT)) == "Security Cooperation"
    assert Sections(TEXT, ()).at(9) == ""
    assert Sections("", HEADINGS).at(0) == ""


def test_words_inside_a_paragraph_are_no_heading() -> None:
    assert Sections(join(["Trade is free.", "It grows."]), HEADINGS).at(20) == ""


@pytest.mark.parametrize(
    ("after", "label", "section"),
    [
        (TEXT.replace("do not support", "support"), "negation removed", "Bilateral Relations"),
        (TEXT.replace("$40", "$14"), "amount", "Security Cooperation"),
        (join([TEXT, "Trade", TRADE]), "sentence added", "Trade"),
        (TEXT.replace("in which", "when"), "words changed", ""),
        (TEXT.replace(f"\n\n{TAIWAN}", ""), "sentence removed", "Bilateral Relations"),
        (TEXT.replace("$40 million", "40 million dollars"), "same amount, written otherwise", "Security Cooperation"),
    ],
)
def test_each_reason_names_the_section(after: str, label: str, section: str) -> None:
    (reason, *_) = [each for each in compare(TEXT, after, headings=HEADINGS).reasons if each.label == label] or [None]
    assert reason is not None, compare(TEXT, after).reasons
    assert reason.section == section
    assert str(reason).endswith(f" (in “{section}”)" if section else "")
    assert {each.section for each in compare(TEXT, after).reasons} == {""}


def test_a_sentence_that_moved_is_named_where_it_was() -> None:
    after = join([LEAD, "Bilateral Relations", "Security Cooperation", AID, TAIWAN])
    (reason,) = compare(TEXT, after, headings=HEADINGS).reasons
    assert (reason.label, reason.section, reason.grade) == ("sentence moved", "Bilateral Relations", Grade.MATERIAL)


def test_one_sentence_in_two_sections_has_a_reason_for_each() -> None:
    before = join(["Bilateral Relations", LEAD, "Trade", LEAD])
    found = compare(join([before, AID]), join(["Bilateral Relations", "Trade", AID]), headings=HEADINGS).reasons
    assert {each.section for each in found} == {"Bilateral Relations", "Trade"}
