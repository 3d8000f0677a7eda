"""Tests of scheduling faults outside the daemon: runs that fail, and the report of a monitor that stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from faults.places import KNOWN, LIST_URL, NEWS, OTHER, QUARTER, Listing, Watch
from samples import Piece, article, listing

from scraper import parsers
from scraper.clock import Clock
from scraper.model import EventKind, Role
from scraper.store import SourceState, Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Said

    from scraper.clock import SimulatedClock
    from scraper.model import Capture, EndpointKind, Reading


@pytest.mark.parametrize("error", [KeyError("a field"), RecursionError("too deep"), MemoryError(), AssertionError()])
def test_rows_49_and_65_a_page_on_which_a_parser_breaks_stops_neither_the_run_nor_the_source(
    store: Store, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    watch, poison, truly = Watch(store, clock), Piece(8), parsers.read
    Listing().begins(watch)

    def read(capture: Capture, kind: EndpointKind | None = None, role: Role | None = None) -> Reading:
        if capture.url == poison.url:
            raise error
        return truly(capture, kind, role)

    monkeypatch.setattr(parsers, "read", read)
    watch.says(LIST_URL, listing(poison, NEWS, KNOWN, OTHER))
    for piece in (poison, NEWS):
        watch.says(piece.url, article(piece))
    report = watch.after(QUARTER, Listing.source)
    assert [(event.kind, event.guid) for event in report.events] == [(EventKind.PUBLISHED, NEWS.guid)]
    assert report.is_good
    assert any(poison.url in problem and type(error).__name__ in problem for problem in map(str, report.problems))
    monkeypatch.undo()
    (event,) = watch.after(QUARTER, Listing.source).events
    assert (event.kind, event.guid) == (EventKind.PUBLISHED, poison.guid)


@pytest.mark.parametrize(("hours", "code"), [(0, 0), (10, 3)])
def test_row_67_doctor_reports_a_monitor_that_stopped_silently(
    run: Callable[..., Said], tmp_path: Path, hours: int, code: int
) -> None:
    then = Clock().now() - timedelta(hours=hours)
    with Store(tmp_path / "statewire.db") as store, store.unit():
        store.sources.save(SourceState("state", Role.CANONICAL, then, then, then, 10, next_due_at=then))
    said = run("doctor", "--json")
    assert said.code == code
    (finding,) = [row for row in said.json if row["topic"] == "source state"]
    assert finding["level"] == ("trouble" if hours else "ok")
