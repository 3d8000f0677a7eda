"""Rows of the network through the whole pipeline: what is met on the way is trouble of the source and never content."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpcore
import pytest
from faults.places import EDITED, OTHER, QUARTER, XML
from faults.wire import answer
from pipeline.gazette import STATE
from samples import FEED_URL, rss

from scraper.model import EventKind, Outcome

if TYPE_CHECKING:
    from faults.places import Watch

LOOKALIKE = "https://www.state.gov.evil.example/feed/"


@pytest.mark.parametrize(
    ("location", "outcome"),
    [
        pytest.param(FEED_URL, Outcome.REDIRECT, id="row 15: a circle"),
        pytest.param("http://169.254.169.254/latest/", Outcome.OFFSITE, id="row 16: inwards"),
        pytest.param("file:///etc/passwd", Outcome.BAD_SCHEME, id="row 19: another scheme"),
        pytest.param(LOOKALIKE, Outcome.OFFSITE, id="row 21: a lookalike"),
    ],
)
def test_rows_15_to_21_who_leads_away_tells_nothing(faulty: Watch, location: str, outcome: Outcome) -> None:
    faulty.says(LOOKALIKE, rss(EDITED, OTHER, built=faulty.clock.now()), XML)
    faulty.web.answers[FEED_URL] = answer(b"", 302, location=location)
    reports = [faulty.after(QUARTER, STATE) for _ in range(3)]
    assert [attempt.outcome for report in reports for attempt in report.attempts] == [outcome] * 3
    assert [event.kind for report in reports for event in report.events] == [EventKind.BROKEN]
    assert LOOKALIKE not in faulty.web.asked


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        pytest.param(httpcore.ConnectError("refused"), Outcome.CONNECT, id="row 1: refused"),
        pytest.param(httpcore.ReadError("reset"), Outcome.CONNECT, id="row 1: reset"),
        pytest.param(httpcore.ReadTimeout("silent"), Outcome.TIMEOUT, id="row 3: silent"),
        pytest.param(httpcore.RemoteProtocolError("no HTTP"), Outcome.PROTOCOL, id="row 14: no HTTP"),
    ],
)
def test_rows_1_to_14_no_answer_is_weather_and_then_one_incident(
    faulty: Watch, error: Exception, outcome: Outcome
) -> None:
    whole = faulty.web.answers[FEED_URL]
    faulty.web.breaks = error
    reports = [faulty.after(QUARTER, STATE) for _ in range(5)]
    assert {attempt.outcome for report in reports for attempt in report.attempts} == {outcome}
    assert [[event.kind for event in report.events] for report in reports] == [[], [], [EventKind.BROKEN], [], []]
    faulty.web.breaks = None
    faulty.web.answers[FEED_URL] = whole
    assert [event.kind for event in faulty.after(QUARTER, STATE).events] == [EventKind.RECOVERED]
