"""Helpers of the tests of `scraper.parsers`."""

from __future__ import annotations

from datetime import UTC, datetime

from scraper.model import Capture, Outcome

AT = datetime(2026, 6, 5, 12, 0, tzinfo=UTC)


def capture(body: str | bytes, url: str = "https://www.state.gov/x/", at: datetime = AT, **headers: str) -> Capture:
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Capture(url, at, Outcome.OK, 200, headers=named, body=data)
