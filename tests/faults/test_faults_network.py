"""Tests of network faults through the pipeline: they are incidents of the source and never content."""

from __future__ import annotations

import gzip
import ssl
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpcore
import pytest
from fakes.mirror import STATE
from fakes.web import answer
from faults.places import EDITED, HOUR, KNOWN, OTHER, QUARTER, XML, Listing
from samples import FEED_URL, LIST_URL, listing, rss

from scraper.model import EventKind, Outcome

if TYPE_CHECKING:
    from faults.places import Watch

INSIDE, OUTSIDE = "10.0.0.1", "93.184.215.14"
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
def test_rows_15_to_21_forbidden_redirects_change_nothing(faulty: Watch, location: str, outcome: Outcome) -> None:
    faulty.says(LOOKALIKE, rss(EDITED, OTHER, built=faulty.clock.now()), XML)
    faulty.web.answers[FEED_URL] = answer(b"", 302, location=location)
    reports = [faulty.after(QUARTER, STATE) for _ in range(3)]
    assert [attempt.outcome for report in reports for attempt in report.attempts] == [outcome] * 3
    assert [event.kind for report in reports for event in report.events] == [EventKind.BROKEN]
    assert LOOKALIKE not in faulty.web.asked


def _untrusted() -> Exception:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        pytest.param({"breaks": httpcore.ConnectError("refused")}, Outcome.CONNECT, id="row 1: refused"),
        pytest.param({"breaks": httpcore.ReadError("reset")}, Outcome.CONNECT, id="row 1: reset"),
        pytest.param({"addresses": ()}, Outcome.DNS, id="row 2: no such host"),
        pytest.param({"breaks": httpcore.ReadTimeout("silent")}, Outcome.TIMEOUT, id="row 3: silent"),
        pytest.param({"drip_s": 0.02}, Outcome.TIMEOUT, id="rows 4 and 5: a drip"),
        pytest.param({"breaks": httpcore.RemoteProtocolError("no HTTP")}, Outcome.PROTOCOL, id="row 14: no HTTP"),
        pytest.param({"addresses": (INSIDE,)}, Outcome.BLOCKED_ADDRESS, id="row 17: elsewhere the second time"),
        pytest.param({"addresses": (OUTSIDE, INSIDE)}, Outcome.BLOCKED_ADDRESS, id="row 18: mixed addresses"),
        pytest.param(
            {"breaks": _untrusted()},
            Outcome.TLS,
            id="row 22: no trusted certificate",
        ),
    ],
)
def test_rows_1_to_22_no_answer_is_ignored_and_then_one_incident(
    faulty: Watch, trouble: dict[str, Any], outcome: Outcome
) -> None:
    well = {name: getattr(faulty.web, name) for name in trouble}
    if "drip_s" in trouble:  # the others end at once, however slow the machine is
        faulty.fetch = {"deadline_s": 0.1}
    vars(faulty.web).update(trouble)
    reports = [faulty.after(QUARTER, STATE) for _ in range(5)]
    assert {attempt.outcome for report in reports for attempt in report.attempts} == {outcome}
    assert [[event.kind for event in report.events] for report in reports] == [[], [], [EventKind.BROKEN], [], []]
    vars(faulty.web).update(well)
    faulty.fetch = {}
    assert [event.kind for event in faulty.after(QUARTER, STATE).events] == [EventKind.RECOVERED]


def test_row_9_a_body_of_several_gzip_members_is_read_whole(faulty: Watch) -> None:
    whole = rss(EDITED, OTHER, built=faulty.clock.now() + QUARTER)
    packed = gzip.compress(whole[:500]) + gzip.compress(whole[500:])
    faulty.web.answers[FEED_URL] = answer(packed, kind=XML, content_encoding="gzip")
    assert [event.kind for event in faulty.after(QUARTER, STATE).events] == [EventKind.REVISED]


def test_row_25_one_answer_with_retry_after_counts_for_every_source_of_its_host(faulty: Watch) -> None:
    faulty.web.answers[FEED_URL] = answer(b"later", 429, retry_after="7200")
    faulty.after(QUARTER, STATE)
    faulty.says(LIST_URL, listing(KNOWN, OTHER))
    assert faulty.after(HOUR, Listing.source).events == ()
    assert faulty.web.asked == []
    faulty.after(HOUR, Listing.source)
    assert LIST_URL in faulty.web.asked


def test_row_26_urls_that_robots_txt_forbids_are_not_requested(faulty: Watch) -> None:
    robots = "https://www.state.gov/robots.txt"
    faulty.says(robots, b"User-agent: *\nDisallow: /\n", kind="text/plain")
    reports = [faulty.after(timedelta(days=2), STATE) for _ in range(3)]
    assert faulty.web.asked == [robots]
    assert [event.kind for report in reports for event in report.events] == [EventKind.BROKEN]
    faulty.says(robots, b"User-agent: *\nDisallow: /private/\n", kind="text/plain")
    assert [event.kind for event in faulty.after(timedelta(days=2), STATE).events] == [EventKind.RECOVERED]
