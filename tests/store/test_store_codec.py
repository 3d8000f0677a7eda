"""Rows and dataclasses: what is written comes back, by the types of the fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from samples import NOON

from scraper.model import Grade, HostState, Relation, Span
from scraper.pages import Copy
from scraper.store.codec import from_row, to_row

COPY = Copy(1, 2, 3, Relation.ALTERED, 0.5, 0.75, NOON, NOON, outdated=True)


def test_what_is_written_comes_back() -> None:
    spans = (Span((0, 5), (7, 12)), Span((6, 9), (13, 16)))
    for copy in (COPY, replace(COPY, grade=Grade.MATERIAL, differences=("“Übel”",), spans=spans, gone_at=NOON)):
        row = to_row(copy)
        assert "missing_since_at" in row.keys() - {"missing_since"}
        back = from_row(Copy, row | {"a column more": 1})
        assert back == copy
        assert (type(back.relation), type(back.spans)) == (Relation, tuple)
        assert all(isinstance(span, Span) for span in back.spans)


def test_values_as_they_are_stored() -> None:
    row = to_row(replace(COPY, differences=("“Übel”",), spans=(Span((0, 5), (7, 12)),)))
    assert (row["page_id"], row["first_seen_at"], row["gone_at"]) == (1, "2026-03-02T12:00:00Z", None)
    assert (row["differences"], row["spans"]) == ('["“Übel”"]', "[[[0, 5], [7, 12]]]")
    state = HostState("a.example", counted_on=date(2026, 3, 2))
    assert to_row(state, ["host", "counted_on"]) == {"host": "a.example", "counted_on": "2026-03-02"}
    assert from_row(HostState, to_row(state)) == state
