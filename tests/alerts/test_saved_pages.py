"""Tests of the rows of a mail about pages that the Internet Archive has saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from alerts.alerts_support import NEW_YORK, REVISED_AT, SETTINGS, URL, WATCHES, an_event, details

from scraper.alerts.model import Message, SavedPage
from scraper.alerts.render import MAX_BYTES, render_message
from scraper.alerts.saved_pages import saved_rows
from scraper.model import EventKind, Grade, MessageKind
from scraper.rules.page_saves import PageSave, link_of

SAVED_AT = REVISED_AT + timedelta(minutes=9)
LINK = f"https://web.archive.org/web/20210803053300/{URL}"
EVENT = an_event(EventKind.REVISED, grade=Grade.MATERIAL)
ALTERED = an_event(EventKind.COPY_FOUND, grade=Grade.MATERIAL, page_url="https://merrow.example/lamps/", id=8)


def saved(number: int, url: str = URL, **fields: Any) -> PageSave:
    given = {"saved_at": SAVED_AT} if not fields else {}
    return PageSave(number, url, REVISED_AT, with_errors=False, due_at=None, **given, **fields)


SAVED = (
    SavedPage(saved(1), EVENT),
    SavedPage(saved(2, "https://merrow.example/lamps/", problem="the site blocks the Internet Archive"), ALTERED),
    SavedPage(saved(3), ALTERED),
)


def message(**fields: Any) -> Message:
    given: dict[str, Any] = {
        "kind": MessageKind.INSTANT,
        "recipient": "desk@example.org",
        "made_at": SAVED_AT,
        "timezone": NEW_YORK,
        "events": (details(EVENT),),
        "watches": WATCHES,
        "saved": SAVED,
    }
    return Message(**given | fields)


def test_each_event_has_a_line_and_each_page_its_link_or_the_reason() -> None:
    rows = [(row.label, row.value.text, row.value.url) for row in saved_rows(SAVED, NEW_YORK)]
    title = "Secretary Blinken’s Participation in the Mekong-U.S. Partnership Ministerial"
    when = "3\u00a0Aug\u00a02021, 01:24\u00a0EDT"
    shown = "web.archive.org/web/20210803053300/https://www.state.gov/…"
    assert rows == [
        ("", f"Revised, {when}: {title}", ""),
        ("State’s page", shown, LINK),
        ("", f"Copied, {when}: {title}", ""),
        ("merrow.example", "not saved by the Internet Archive: the site blocks the Internet Archive", ""),
        ("State’s page", shown, LINK),
    ]
    assert saved_rows((), NEW_YORK) == ()


def test_an_event_has_one_line_whatever_stands_between_its_pages() -> None:
    apart = saved_rows((SAVED[1], SAVED[0], SAVED[2]), NEW_YORK)
    labels = [row.label or row.value.text.partition(",")[0] for row in apart]
    assert labels == ["Copied", "merrow.example", "State’s page", "Revised", "State’s page"]


def test_text_and_html_have_the_same_links_and_the_mail_its_ids() -> None:
    rendered = render_message(message(), SETTINGS, "key")
    assert rendered.saves == (1, 2, 3)
    assert "Pages saved by the Internet Archive:" in rendered.text
    assert rendered.text.count(LINK) == 2
    assert rendered.html.count(f'href="{LINK}"') == 2
    without = render_message(message(saved=()), SETTINGS, "key")
    assert without.saves == ()
    assert "Internet Archive" not in without.text + without.html


@pytest.mark.parametrize(("events", "chars", "named"), [(40, 400, 5), (40, 1_500, 2), (1, 400, 10)])
def test_saved_pages_cost_a_long_mail_nothing_that_it_reports(events: int, chars: int, named: int) -> None:
    reported = tuple(
        details(replace(EVENT, id=100 + number, statement_id=number, title=f"Statement {number} {'word ' * 30}"))
        for number in range(1, events + 1)
    )
    pages = tuple(
        SavedPage(saved(number, f"https://merrow.example/{number}/{'%D8%A7' * (chars // 6)}"), ALTERED)
        for number in range(1, 11)
    )
    without = render_message(message(events=reported, saved=()), SETTINGS, "key")
    rendered = render_message(message(events=reported, saved=pages), SETTINGS, "key")
    assert len(rendered.raw) <= MAX_BYTES
    assert rendered.hidden == without.hidden
    assert rendered.saves == tuple(range(1, named + 1))  # the next mail names the others
    assert [link_of(page.save) in rendered.text for page in pages] == [True] * named + [False] * (10 - named)


def test_a_mail_that_could_not_be_rendered_names_none() -> None:
    broken = replace(EVENT, reasons=None)  # type: ignore[arg-type]
    rendered = render_message(message(events=(details(broken),)), SETTINGS, "key")
    assert "could not be rendered" in rendered.subject
    assert rendered.saves == ()
