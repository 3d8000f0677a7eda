"""Tests with the real feed and the real report pages, if these are beside the repository."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from fastwarc.warc import ArchiveIterator
from parsers_support import capture

from scraper import parsers
from scraper.model import Capture, EndpointKind, Outcome

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
PAGES = sorted((DATA / "report-pages").glob("*.html"))
POLLS = sorted((DATA / "press-feed").glob("*.warc.gz"))
SKIPPED = ["script", "style", "svg", "figure", "iframe", "button", "noscript"]


@pytest.mark.skipif(not PAGES, reason="the real report pages are not beside the repository")
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_report_page(path: Path) -> None:
    _, year, country = path.stem.split("_")
    reading = parsers.read(capture(path.read_bytes(), f"https://www.state.gov/reports/{year}/{country}/"))
    (item,) = reading.items
    assert (reading.parser, reading.problems, item.type) == ("state-report", (), "Report")
    assert item.title == f"{year} Country Reports on Human Rights Practices: {country.title()}"
    assert item.countries == (country.title(),)
    assert "Human Rights" in item.subjects
    assert item.guid is not None
    assert item.guid_derived
    assert item.url.startswith("https://www.state.gov/reports/")
    assert (item.published_at is not None) == (year != "2024")  # those of 2024 carry no structured data
    # An independent count: every visible character of every section, in order, and nothing else.
    soup = BeautifulSoup(path.read_bytes(), "lxml")
    sections = soup.select(".report__content__inner")
    for section in sections:
        for tag in section.find_all(SKIPPED):
            tag.extract()
    visible = "".join("".join(section.get_text() for section in sections).split())
    assert len(sections) >= 4
    assert len(visible) > 8_000
    assert "".join("".join(item.paragraphs or ()).split()) == visible
    assert not {"hide", "Tags", "Share", "Back to Top", "Home"} & set(item.paragraphs or ())


@pytest.mark.skipif(not POLLS, reason="the real polls of the feed are not beside the repository")
def test_every_poll_of_the_real_feed() -> None:
    count, guids = 0, set()
    with POLLS[0].open("rb") as file:
        for record in ArchiveIterator(file, parse_http=True):
            at = datetime.fromisoformat(record.headers["WARC-Date"])
            body = Capture(record.headers["WARC-Target-URI"], at, Outcome.OK, 200, body=record.reader.read())
            reading = parsers.read(body, EndpointKind.FEED)
            count += 1
            assert (len(reading.items), reading.problems) == (10, ())
            assert reading.clock is not None
            for item in reading.items:
                guids.add(item.guid)
                assert item.paragraphs
                assert item.title
                assert item.byline
                assert item.published_at
                assert not item.guid_derived
                assert "jQuery" not in item.paragraphs[0]
    assert (count, len(guids)) == (705, 587)
