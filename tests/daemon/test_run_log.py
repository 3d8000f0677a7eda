"""Tests of the log of a run: lines and levels."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from samples import NOON

from scraper.daemon.run_log import log_run
from scraper.model import Event, EventKind, Outcome
from scraper.pipeline.run import RunReport
from scraper.rules.events import remarks
from scraper.rules.source_health import EndpointAttempt

if TYPE_CHECKING:
    from collections.abc import Callable

FEED, REST = "https://a.example/feed/", "https://a.example/wp-json/wp/v2/posts"
EMPTIED = EndpointAttempt(FEED, Outcome.OK, f"{FEED}: no items", drifted=True, problem="no items")
SILENT = EndpointAttempt(REST, Outcome.TIMEOUT, "no answer within 30 s")

Said = list[tuple[str, str]]


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], Said]:
    """Return the logged lines, each with its level."""
    caplog.set_level(logging.DEBUG)
    return lambda: [(record.levelname, record.getMessage()) for record in caplog.records]


def report(*attempts: EndpointAttempt, events: tuple[Event, ...] = (), served_by: str | None = None) -> RunReport:
    return RunReport("a", NOON, served_by, attempts, captures=1, items=3, events=events)


def test_a_response_that_cannot_be_read_is_logged_with_its_url_once(said: Callable[[], Said]) -> None:
    log_run(report(EMPTIED))
    assert said() == [("WARNING", f"a: nothing could be read: {FEED}: changed shape (no items)")]


def test_a_parse_error_takes_precedence_over_a_missing_response(said: Callable[[], Said]) -> None:
    why = "not JSON (line 1: junk)"
    at_first_page = EndpointAttempt(REST, Outcome.OK, f"{REST}?per_page=20: {why}", drifted=True, problem=why)
    elsewhere = EndpointAttempt(REST, Outcome.OK, "https://b.example/: no JSON", drifted=True)
    log_run(report(SILENT, at_first_page, elsewhere))
    assert said() == [
        (
            "WARNING",
            f"a: nothing could be read: {REST}: timeout (no answer within 30 s); {REST}: changed shape (not JSON "
            f"(line 1: junk)); {REST}: changed shape (https://b.example/: no JSON)",
        )
    ]


def test_a_missing_response_is_logged_as_not_fetched(said: Callable[[], Said]) -> None:
    log_run(report(SILENT))
    assert said() == [("WARNING", f"a: nothing could be fetched: {REST}: timeout (no answer within 30 s)")]


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        (EventKind.BLOCKED, "WARNING"),
        (EventKind.BROKEN, "WARNING"),
        (EventKind.DRIFTED, "WARNING"),
        (EventKind.FALLBACK, "WARNING"),
        (EventKind.SILENT, "WARNING"),
        (EventKind.RECOVERED, "INFO"),
        (EventKind.PUBLISHED, "INFO"),
    ],
)
def test_trouble_is_a_warning_where_it_begins(said: Callable[[], Said], kind: EventKind, level: str) -> None:
    event = Event(kind, NOON, "a", url=FEED, reasons=remarks("one", "two"))
    log_run(report(EndpointAttempt(FEED, Outcome.OK), served_by=FEED, events=(event,)))
    assert said() == [("INFO", f"a: 3 items at {FEED}"), (level, f"a: {kind.value}: one; two")]
