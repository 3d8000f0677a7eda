"""Tests of the table of event kinds: the package cannot be imported if a row is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from alerts_support import every_kind
from samples import NOON

from scraper.alerts import sections
from scraper.alerts.copy_specs import OUTDATED, RELATIONS
from scraper.alerts.event_specs import SPECS, check, listed_label
from scraper.model import Event, EventKind


def test_a_kind_without_a_row_is_named() -> None:
    rows = {kind: spec for kind, spec in SPECS.items() if kind is not EventKind.TOUCHED}
    with pytest.raises(
        LookupError, match=r"lacks a row, or a text of an incident, for statement\.touched: add it there"
    ):
        check(rows)


@pytest.mark.parametrize("text", ["problem", "advice", "remedy"])
def test_an_incident_without_one_of_its_texts_is_named(text: str) -> None:
    silent = replace(SPECS[EventKind.SILENT], **{text: ""})
    with pytest.raises(LookupError, match=r"for source\.silent: add it there"):
        check({**SPECS, EventKind.SILENT: silent})


def test_a_kind_without_a_writer_is_named() -> None:
    without = {kind: writer for kind, writer in sections.WRITERS.items() if kind is not EventKind.SILENT}
    with pytest.raises(LookupError, match=r"WRITERS has no row for source\.silent: add it there"):
        sections.check(without)


def test_a_watch_can_ask_for_each_kind_that_is_not_of_a_source() -> None:
    without = {kind for kind in EventKind if SPECS[kind].topic is None and not kind.is_of_source}
    assert without == {EventKind.COPY_FOUND, EventKind.COPY_CHANGED}  # theirs depends on the relation


def test_each_kind_is_rendered_in_the_tests_of_mails() -> None:
    assert {details.event.kind for message in every_kind().values() for details in message.events} == set(EventKind)


def test_a_page_of_the_baseline_is_not_new() -> None:
    page = Event(EventKind.PUBLISHED, NOON, "countries", statement_id=1, standing=True)
    assert [listed_label(each) for each in (page, replace(page, backfill=True))] == ["New page", "Page"]
    edited = replace(page, kind=EventKind.REVISED)
    assert listed_label(edited) == listed_label(replace(edited, backfill=True)) == "Page changed"


def test_labels_stand_in_their_tables_only(pytestconfig: pytest.Config) -> None:
    """A label of several words names nothing else, so a second one in the code is a copy that would not follow."""
    labels = {spec.label for spec in SPECS.values()}
    labels |= {spec.label.label for spec in (*RELATIONS.values(), OUTDATED) if spec.label}
    assert "Outdated copy" in labels
    package = pytestconfig.rootpath / "scraper"
    copied = {
        (path.name, label)
        for path in package.rglob("*.py")
        if path.name not in {"event_specs.py", "copy_specs.py"}
        for label in labels
        if " " in label and f'"{label}"' in path.read_text("utf-8")
    }
    assert copied == set()
