"""Tests of titles of a series: another day, number or edition, and the same one written otherwise."""

from __future__ import annotations

from datetime import timedelta

import match_support as s
import pytest

from scraper.matching import Matcher, PageToMatch
from scraper.matching.titles import TitleRelation, compare_titles
from scraper.model import Relation


@pytest.mark.parametrize(
    ("statement", "page"),
    [
        ("Public Schedule – May 12, 2026", "Public Schedule – May 13, 2026 - Herald"),
        ("Public Schedule – May 1", "Public Schedule – May 13"),
        ("Public Schedule – March 30", "Public Schedule – April 2"),
        ("Situation Report 12", "Situation Report 13"),
        ("Situation Report 1 – Floods in Sel", "Situation Report 13 – Floods in Sel"),
        ("Situation Report No. 12 on the Floods", "Situation Report #13 on the Floods"),
        ("Department Press Briefing – Monday, May 11", "Department Press Briefing – Tuesday, May 12"),
        ("Weekly Digest of the Bureau: Monday", "Weekly Digest of the Bureau: Tuesday"),
        ("Report on Trade Part II", "Report on Trade Part III"),
        ("Round Two of the Talks", "Round Three of the Talks"),
        ("On the 75th Anniversary of the Pact", "On the 76th Anniversary of the Pact"),
        ("Seventy-fifth Anniversary of the Pact", "Seventy-sixth Anniversary of the Pact"),
        ("Weekly Digest, Issue 7: Ports", "Weekly Digest, Issue 8: Ports"),
    ],
)
def test_another_day_number_or_edition_is_another_of_the_series(statement: str, page: str) -> None:
    assert compare_titles(statement, page, s.FIRST_DAY) is TitleRelation.OTHER_EDITION
    assert compare_titles(page, statement, s.FIRST_DAY) is TitleRelation.OTHER_EDITION


@pytest.mark.parametrize(
    ("statement", "page"),
    [
        ("$58 Million in Aid for Sel", "$80 Million in Aid for Sel"),
        ("An Increase of 12 Percent in Aid", "An Increase of 15 Percent in Aid"),
        ("Aid for Sel Grows by 12%", "Aid for Sel Grows by 15%"),
        ("Release of 12 Americans in Sel", "Release of 13 Americans in Sel"),
        ("Release of a 12-Year-Old in Sel", "Release of a 13-Year-Old in Sel"),
        ("Secretary May Visits Sel", "Secretary Vane Visits Sel"),
    ],
)
def test_an_amount_or_a_count_is_no_edition(statement: str, page: str) -> None:
    assert compare_titles(statement, page, s.FIRST_DAY) is TitleRelation.OTHER_NAME


@pytest.mark.parametrize(
    ("statement", "page"),
    [
        ("Schedule for May 12, 2026", "Schedule for 12 May 2026"),
        ("Schedule for May 12, 2026", "Schedule for 2026-05-12 - Herald"),
        ("Situation Report Twelve", "Situation Report 12"),
        ("Round II of the Talks", "Round Two of the Talks"),
    ],
)
def test_the_same_edition_written_otherwise_is_the_same(statement: str, page: str) -> None:
    assert compare_titles(statement, page, s.FIRST_DAY) is TitleRelation.SAME


def schedule(guest: str, talk: str, first: str, second: str) -> str:
    return (
        f"SECRETARY MARLOW\n9:00 a.m. Secretary Marlow attends the briefing at the White House. (CLOSED PRESS)\n"
        f"{first} a.m. Secretary Marlow meets with Minister {guest} at the Department of State. (CAMERA SPRAY)\n"
        f"{second} p.m. Secretary Marlow delivers remarks to the {talk} at the Department of State. (OPEN PRESS)\n"
        "BRIEFING SCHEDULE\n1:00 p.m. Department Press Briefing with Spokesperson Edda Lorne."
    )


TODAY = schedule("Oska Brandeis", "council of harbor towns", "10:30", "2:00")
TOMORROW = schedule("Aldo Nuvolari", "league of lighthouse keepers", "11:00", "3:00")


@pytest.fixture(scope="module")
def daily(tmp_path_factory: pytest.TempPathFactory):
    """A matcher over one schedule and one situation report."""
    report = "Water stands in {} towns and {} people sleep in schools. Boats bring bread, blankets and water to all."
    index = s.indexed(
        tmp_path_factory.mktemp("daily"),
        (
            s.Stored("Public Schedule – June 9, 2031", (TODAY,), s.FIRST_DAY),
            s.Stored("Situation Report 12", (report.format(14, 2200),), s.FIRST_DAY),
        ),
    )
    yield Matcher(index)
    s.close(index)


def relations(matcher: Matcher, text: str, title: str | None, *, line: str = "") -> list[Relation]:
    page = PageToMatch(f"{line}\n{text}", title, s.FIRST_DAY + timedelta(hours=20))
    return [match.relation for match in matcher.trace(page)]


def test_the_schedule_of_the_next_day_is_a_sibling(daily: Matcher) -> None:
    title = "Public Schedule – June 10, 2031"
    assert relations(daily, TOMORROW, title) == [Relation.SIBLING]
    assert relations(daily, TOMORROW, None, line=title) == [Relation.SIBLING]


def test_the_next_situation_report_is_a_sibling(daily: Matcher) -> None:
    text = "Water stands in 17 towns and 2600 people sleep in schools. Boats bring bread, blankets and water to all."
    assert relations(daily, text, "Situation Report 13 - Gazette") == [Relation.SIBLING]


@pytest.mark.parametrize("title", ["Public Schedule – June 9, 2031", "Public Schedule – 9 June 2031", None])
def test_copies_of_the_same_day_are_found(daily: Matcher, title: str | None) -> None:
    assert relations(daily, TODAY, title) == [Relation.VERBATIM]
    assert relations(daily, TODAY.replace("10:30", "11:30"), title) == [Relation.ALTERED]


def test_a_whole_copy_under_another_days_title_is_a_copy(daily: Matcher) -> None:
    assert relations(daily, TODAY, "Public Schedule – June 10, 2031") == [Relation.VERBATIM]


def test_an_altered_amount_in_title_and_text_is_an_alteration(tmp_path) -> None:
    body = f"The Department will provide $58 million to repair the pier.\n\n{s.REEF}"
    index = s.indexed(tmp_path, (s.Stored("$58 Million for the Pier of Sel", (body,), s.FIRST_DAY),))
    text = body.replace("$58", "$80")
    assert relations(Matcher(index), text, "$80 Million for the Pier of Sel") == [Relation.ALTERED]
    s.close(index)
