"""Links of an entry: our own page first, then State's statement, then the page of another site."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from scraper.formats import atom

OURS, STATE, SITE = "https://pages.example/statements/4/", "https://www.state.gov/4/", "https://news.example/copy"


@pytest.mark.parametrize(
    ("ours", "statement", "page", "expected"),
    [
        (OURS, STATE, SITE, [(None, OURS), ("via", STATE), ("related", SITE)]),
        (OURS, STATE, "", [(None, OURS), ("via", STATE)]),
        (OURS, "", SITE, [(None, OURS), ("via", SITE)]),
        (OURS, "", "", [(None, OURS)]),
        ("", STATE, SITE, [(None, STATE), ("related", SITE)]),
        ("", STATE, "", [(None, STATE)]),
        ("", "", SITE, [(None, SITE)]),
        ("", "", "", []),
        ("", STATE, STATE, [(None, STATE)]),
        (OURS, "", OURS, [(None, OURS)]),
        (OURS, STATE, OURS, [(None, OURS), ("via", STATE)]),
    ],
)
def test_links_of_an_entry(ours: str, statement: str, page: str, expected: list[tuple[str | None, str]]) -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    entry = atom.entry(
        atom.AtomEntry("urn:x:1", "Title", at, "copy.found", own_url=ours, statement_url=statement, page_url=page)
    )
    links = ElementTree.fromstring(entry).findall("link")
    assert [(link.get("rel"), link.get("href")) for link in links] == expected
