"""First page: what it lists, in which words, and what a reader chooses with its form."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from lists import added, markup, removed, tags, titles
from samples import NOON

from scraper.model import EventKind, Grade, Part, Precision, Reason, Relation
from scraper.text.moments import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from lists import Database

    from scraper.web.page import Response

HOUR = timedelta(hours=1)
SCRIPT = "<script>alert(1)</script>\"' onmouseover=x"


def test_story_of_the_demo_is_told_newest_first(page: Callable[..., Response]) -> None:
    body = page("").body
    assert [word for word in tags(body) if word != "new"] == [
        "withdrawn",
        "revised",
        "material",
        "unsourced",
        "altered copy",
    ]
    assert body.count(">new<") == 4
    assert f"amount: {removed('$80 million')} → {added('$58 million')}" in body
    assert "2 outdated copies" in body
    assert "Absent: 3 checks since 2026-05-14 09:00 UTC did not find it" in body
    assert "pmdnews.example</a> carries this statement with changed wording." in body
    assert body.index("Friday, 15 May 2026") < body.index("Tuesday, 12 May 2026")
    assert "source.blocked" not in body


def test_faithful_copies_are_listed_in_their_own_view_only(page: Callable[..., Response]) -> None:
    assert "herald.example" not in page("").body
    assert "herald.example</a> carries 23% of this statement, word for word." in page("copied/").body


def test_altered_copy_links_to_its_page_and_a_claim_to_the_site(page: Callable[..., Response]) -> None:
    body = page("").body
    assert re.search(r'<a href="\./copies/\d+/4/">pmdnews\.example</a> carries', body)
    claim = '<a href="https://pmdnews.example/assistance-ends/" rel="noreferrer nofollow">pmdnews.example</a> names'
    assert claim in body


def test_statement_stands_at_its_time_of_publication_whenever_it_was_found(
    lists: Database, page: Callable[..., Response]
) -> None:
    lists.add("Found at Once", NOON, number=1)
    lists.add("Found Late", NOON - HOUR, number=2, seen_at=NOON + 5 * HOUR)
    body = page("", db=lists.path).body
    assert titles(body) == ["Found at Once", "Found Late"]
    assert 'data-seen="2026-03-02T17:00:00Z"' in body


def test_day_without_a_time_is_no_midnight(lists: Database, page: Callable[..., Response]) -> None:
    lists.add("On a Day", NOON.replace(hour=0), precision=Precision.DAY)
    body = page("", db=lists.path).body
    assert "day only" in body
    assert "00:00<" not in body
    assert "Monday, 2 March 2026" in body


def test_new_statement_has_type_speaker_and_countries(lists: Database, page: Callable[..., Response]) -> None:
    lists.add("Lamps", countries=("Laos", "Vietnam"))
    lists.add("Lamps Again", number=2, speaker=None, byline="Office of the Spokesperson", type="Media Note")
    body = page("", db=lists.path).body
    assert "Press Statement · Rosalind P. Quill · Laos · Vietnam" in body
    assert "Media Note · Office of the Spokesperson" in body
    lists.add("Many", number=3, countries=("Chad", "Fiji", "Laos", "Mali", "Oman", "Peru", "Togo", "Cuba"))
    assert "Chad · Fiji · Laos · Mali · Oman · Peru · 2 more" in page("", db=lists.path).body


def test_changes_of_one_poll_are_one_item_and_its_outdated_copies_are_counted(
    lists: Database, page: Callable[..., Response]
) -> None:
    number = lists.add("Lamps")
    reason = Reason("amount", "80", "58", Grade.MATERIAL)
    lists.event(EventKind.REVISED, NOON + HOUR, number, grade=Grade.MATERIAL, reasons=(reason,), part=Part.BODY)
    lists.event(EventKind.RETITLED, NOON + HOUR, number, grade=Grade.MINOR, before="Lamps", after="More Lamps")
    for site in "ab":
        copy = {"relation": Relation.VERBATIM, "outdated": True, "page_url": f"https://{site}.example/", "revision": 1}
        lists.event(EventKind.COPY_CHANGED, NOON + HOUR, number, reasons=(reason,), **copy)
    by_state = Reason("amount", "80", "58", Grade.MATERIAL, by_state=True)
    lists.event(EventKind.COPY_CHANGED, NOON + 2 * HOUR, number, reasons=(by_state,), **copy)
    body = page("", db=lists.path).body
    assert titles(body) == ["Lamps"] * 3
    assert "2 outdated copies" in body
    assert f"{removed('Lamps')} → {added('More Lamps')}" in body
    assert "b.example</a> carries revision 1 of this statement; State has since replaced that revision." in body
    assert f"State: amount: {removed('80')} → {added('58')}" in body


def test_what_was_there_at_the_start_is_listed_but_not_as_an_event(
    lists: Database, page: Callable[..., Response]
) -> None:
    number = lists.add("Lamps")
    lists.event(EventKind.WITHDRAWN, NOON, number, backfill=True)
    lists.event(EventKind.BLOCKED, NOON)
    assert tags(page("", db=lists.path).body) == ["new"]


def test_touch_is_quiet_and_in_the_view_of_changes(lists: Database, page: Callable[..., Response]) -> None:
    number = lists.add("Lamps")
    touch = {"before": "Lamps And More", "after": "Lamps and More", "grade": Grade.COSMETIC, "part": Part.TITLE}
    lists.event(EventKind.TOUCHED, NOON, number, **touch)
    assert tags(page("", db=lists.path).body) == ["new"]
    body = page("changed/", db=lists.path).body
    assert tags(body) == ["touched up"]
    words = html.unescape(re.sub(r"<[^>]+>", "", body))
    assert "Lamps removed:  And added:  and More" in words


def test_empty_page_names_the_command_that_fills_it(lists: Database, page: Callable[..., Response]) -> None:
    lists.sql("SELECT 1")
    for path in ("", "changed/", "withdrawn/", "altered/", "copied/", "countries/", "types/", "speakers/", "months/"):
        response = page(path, db=lists.path)
        assert response.status == 200
        assert "<code>statewire fetch</code>" in response.body


def test_first_page_is_bounded_and_links_to_months(lists: Database, page: Callable[..., Response]) -> None:
    for number in range(1, 71):
        lists.add(f"Lamps {number}", NOON - timedelta(days=number), number=number)
    body = page("", db=lists.path).body
    assert titles(body) == [f"Lamps {number}" for number in range(1, 61)]
    assert '<a href="./months/2026-02/">February 2026 (28 entries)</a>' in body
    assert '<a href="./months/">All months</a>' in body
    assert len(body.encode()) < 50_000


@pytest.mark.parametrize("is_live", [True, False])
def test_hostile_texts_are_only_text(lists: Database, page: Callable[..., Response], is_live: bool) -> None:
    number = lists.add(SCRIPT, byline=SCRIPT, speaker=None, type=SCRIPT, countries=(SCRIPT, "\u202eleft"))
    url = 'javascript:alert(1)//"><script>alert(2)</script>'
    reason = Reason(SCRIPT, SCRIPT, "\u202e" + "x" * 10_000, Grade.MATERIAL)
    for kind in EventKind:
        about = {"grade": Grade.MATERIAL, "reasons": (reason,), "before": SCRIPT, "after": SCRIPT, "source": SCRIPT}
        lists.event(kind, NOON + HOUR, None if kind is EventKind.UNSOURCED else number, **about)
        copy = {"relation": Relation.ALTERED, "page_url": url, "page_title": SCRIPT, "outdated": True}
        lists.event(kind, NOON + 2 * HOUR, None if kind is EventKind.UNSOURCED else number, **about, **copy)
    paths = [
        "",
        "changed/",
        "withdrawn/",
        "altered/",
        "copied/",
        "countries/",
        "types/",
        "speakers/",
        "months/2026-03/",
    ]
    found = re.findall(
        r'href="\.\./((?:countries|types|speakers)/[^"]+)"', "".join(page(p, db=lists.path).body for p in paths)
    )
    assert len(found) >= 3
    for path in (*paths, *found):
        response = page(path, db=lists.path, is_live=is_live)
        body = response.body
        assert response.status == 200
        for name, attributes in markup(body):
            assert not any(attribute.startswith("on") or attribute == "style" for attribute in attributes)
            assert name != "script" or str(attributes["src"]).endswith(".js")
            assert "javascript" not in str(attributes.get("href"))
        assert "\u202e" not in body
        assert "x" * 400 not in body
        assert len(body.encode()) < 50_000


def chosen(page: Callable[..., Response], db: Any, **query: str) -> list[str]:
    return titles(page("", db=db, **query).body)


def test_form_combines_filters_in_the_words_of_the_commands(lists: Database, page: Callable[..., Response]) -> None:
    laos = lists.add("Visit to Laos", number=1)
    lists.add("Tagged", number=2, countries=("Laos",), type="Media Note")
    lists.add("Other", number=3, byline="Ada Pim, Deputy Secretary of State", speaker="Ada Pim")
    lists.event(EventKind.REVISED, NOON + HOUR, laos, grade=Grade.MINOR)
    db = lists.path
    assert chosen(page, db, country="laos") == ["Visit to Laos", "Tagged", "Visit to Laos"]
    assert chosen(page, db, country="Laos", type="media note") == ["Tagged"]
    assert chosen(page, db, country="Laos", changed="1") == ["Visit to Laos"]
    assert chosen(page, db, speaker="Pim") == ["Other"]
    assert chosen(page, db, speaker="Secretary of State", type="Press Statement") == ["Visit to Laos"] * 2
    assert chosen(page, db, source="STATE", withdrawn="1") == []
    assert page("", db=db, country="Laos", changed="1").body.count("checked") == 1


def test_form_takes_days_as_the_commands_do(lists: Database, page: Callable[..., Response]) -> None:
    for day in range(1, 6):
        lists.add(f"Day {day}", NOON.replace(day=day), number=day)
    db = lists.path
    assert chosen(page, db, since="2026-03-04") == ["Day 5", "Day 4"]
    assert chosen(page, db, until="2026-03-02") == ["Day 2", "Day 1"]
    assert chosen(page, db, since="2026-03-02", until="2026-03-03") == ["Day 3", "Day 2"]
    assert chosen(page, db, since="2026-03", type="Press Statement") == [f"Day {day}" for day in (5, 4, 3, 2, 1)]
    body = page("", db=db, since="2026-03-04").body
    assert "<h1>since 2026-03-04</h1>" in body
    assert 'name="since" maxlength="200" value="2026-03-04"' in body


@pytest.mark.parametrize("is_live", [True, False])
def test_day_that_is_not_understood_is_named_with_what_is_taken(
    lists: Database, page: Callable[..., Response], is_live: bool
) -> None:
    lists.add("Lamps")
    body = page("", db=lists.path, is_live=is_live, since="foo<b>", until="2026-02-30").body
    if not is_live:  # a file has no queries
        assert titles(body) == ["Lamps"]
        return
    assert titles(body) == []
    words = html.unescape(body)
    assert f"From: “foo<b>” is not a time: write {FORMS}." in words
    assert "To: there is no day or time “2026-02-30”; check the day and the month." in words
    assert 'role="alert"' in body
    assert "<b>" not in body
    assert '<details class="combine" open>' in body
    assert re.search(r'name="since"[^>]* value="foo&lt;b&gt;"[^>]* aria-invalid="true"', body)
    assert re.search(r'name="until"[^>]* value="2026-02-30"[^>]* aria-invalid="true"', body)
    assert "aria-invalid" not in page("", db=lists.path, since="2026").body


def test_time_that_ends_before_it_begins_is_refused(lists: Database, page: Callable[..., Response]) -> None:
    lists.add("Lamps")
    body = page("", db=lists.path, since="2026-05", until="2026-04").body
    assert "To: this is before the beginning, so nothing is between the two." in body


@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize("value", [SCRIPT, "x" * 10_000, "\u202e", "!!", "\ud800", "99999y", "9" * 30])
def test_odd_time_in_the_form_is_no_error(
    lists: Database, page: Callable[..., Response], name: str, value: str
) -> None:
    lists.add("Lamps")
    response = page("", db=lists.path, **{name: value})
    assert response.status == 200
    assert 'role="alert"' in response.body
    assert "<script>" not in response.body
    response.body.encode()


@pytest.mark.parametrize("name", ["country", "type", "speaker", "source"])
@pytest.mark.parametrize("value", ["Nowhere", SCRIPT, "x" * 10_000, "\u202e", "!!", "\ud800", "%", "*"])
def test_unknown_name_in_the_form_is_named_and_nothing_fits(
    lists: Database, page: Callable[..., Response], name: str, value: str
) -> None:
    lists.add("Lamps")
    response = page("", db=lists.path, **{name: value})
    assert response.status == 200
    assert titles(response.body) == []
    assert f"no {name} “" in response.body
    assert "Nothing fits these filters together." in response.body
    assert "<script>" not in response.body
    response.body.encode()


def test_form_leads_to_all_entries_page_by_page(lists: Database, page: Callable[..., Response]) -> None:
    for number in range(1, 131):
        lists.add(f"Lamps {number}", NOON - timedelta(hours=number), number=number)
    seen: list[str] = []
    query = {"type": "Press Statement"}
    for _ in range(5):
        body = page("", db=lists.path, **query).body
        seen += titles(body)
        older = re.search(r'href="\./\?([^"]+)">Older', body)
        if older is None:
            break
        query = dict(pair.split("=") for pair in html.unescape(older[1]).replace("+", " ").split("&"))
    assert seen == [f"Lamps {number}" for number in range(1, 131)]


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30, "9" * 5_000, "²", ""])
def test_odd_number_of_a_page_is_the_first_or_last(lists: Database, page: Callable[..., Response], number: str) -> None:
    lists.add("Lamps")
    assert page("", db=lists.path, type="Press Statement", page=number).status == 200


def test_static_page_has_no_form_and_no_query(lists: Database, page: Callable[..., Response]) -> None:
    lists.add("Lamps")
    body = page("", db=lists.path, is_live=False, country="Laos").body
    assert titles(body) == ["Lamps"]
    assert "Combine filters" not in body
    assert not re.search(r'href="[^"]*\?', body)
