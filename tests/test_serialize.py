"""Tests of `scraper.serialize`: field names of the model, machine-readable times, no field left out by accident."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest

from scraper.model import Alias, Event, EventKind, Grade, Item, PublicationState, Reason, Revision, Statement, Wording
from scraper.serialize import alias_row, event_row, item_row, optional_utc, parse_iso, revision_row, statement_row

AT = datetime(2026, 3, 2, 7, 4, 5, 600_000, timezone(timedelta(hours=-5)))
SAID = "2026-03-02T12:04:05Z"


@pytest.mark.parametrize(("moment", "said"), [(AT, SAID), (AT.astimezone(UTC), SAID), (None, None)])
def test_a_time_is_written_in_utc_to_the_second(moment: datetime | None, said: str | None) -> None:
    assert optional_utc(moment) == said


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T12:04:05Z", AT.replace(microsecond=0)),
        ("2026-03-02T07:04:05-05:00", AT.replace(microsecond=0)),
        ("2026-03-02T12:04", datetime(2026, 3, 2, 12, 4, tzinfo=UTC)),
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
    ],
)
def test_a_time_of_another_program_is_utc_unless_it_has_an_offset(text: str, moment: datetime) -> None:
    assert parse_iso(text) == moment


def test_a_revision_with_its_text() -> None:
    assert revision_row(Revision(2, Wording("Lamps", "Two words"), 2, AT, AT, Grade.MINOR)) == {
        "number": 2,
        "title": "Lamps",
        "text": "Two words",
        "words": 2,
        "first_seen_at": SAID,
        "last_seen_at": SAID,
        "grade": "minor",
    }


def test_an_address() -> None:
    assert alias_row(Alias("https://x.example/", AT, AT)) == {
        "url": "https://x.example/",
        "first_seen_at": SAID,
        "last_seen_at": SAID,
    }


@pytest.mark.parametrize(("paragraphs", "text"), [(None, None), ((), ""), (("One.", "Two."), "One.\n\nTwo.")])
def test_an_item_has_its_text_joined(paragraphs: tuple[str, ...] | None, text: str | None) -> None:
    row = item_row(Item("https://x.example/", "Lamps", paragraphs=paragraphs, published_at=AT))
    assert (row["text"], row["published_at"], row["modified_at"]) == (text, SAID, None)
    assert row.keys() == {field.name for field in fields(Item)} - {"paragraphs", "absence", "headings"} | {"text"}
    assert item_row(Item("https://x.example/", "Lamps", absence="blank"))["absence"] == "blank"


def test_an_event_with_every_field_and_its_reasons_in_words() -> None:
    added = Reason("sentence added", "", "Lamps.", section="Trade")
    row = event_row(Event(EventKind.PUBLISHED, AT, "state", reasons=(added, Reason("", "x"), added)))
    assert row.keys() == {field.name for field in fields(Event)} - {"statement_id"} | {"statement", "sections"}
    said = json.loads(json.dumps(row))
    assert said["reasons"] == ["sentence added: Lamps. (in “Trade”)", "x", "sentence added: Lamps. (in “Trade”)"]
    assert said["sections"] == ["Trade"]


def test_a_statement_without_what_only_the_program_needs() -> None:
    row = statement_row(Statement(7, "x-7", "https://x.example/", "Lamps", PublicationState.CURRENT, 1, 1, 2, AT, AT))
    ours = {"revision", "guid_derived", "source", "modified_at", "clock", "links", "claimed"}
    assert row.keys() == {field.name for field in fields(Statement)} - ours
    assert json.loads(json.dumps(row))["state"] == "current"
